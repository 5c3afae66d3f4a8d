"""Who joined by a link, and by which links a person came."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, func, insert, or_, select, update

from ledger.errors import UnknownLink
from ledger.joins import EARLY, Joiner, Joiners, SeenJoiner, Visit
from ledger.secrets import Secrets
from ledger.store.engine import Engines, Hold, Now
from ledger.store.moves import now_of
from ledger.store.rows import BY_ID, Writing
from ledger.store.statements import Row
from ledger.tables import join as joins
from ledger.tables import link, person

SAME = 60  # seconds between two words of one join
VISITS_AT_MOST = 20

_approver = person.alias("approver")
_creator = person.alias("creator")
_PAGE = (
    select(joins, person.c.name, person.c.username, _approver.c.name.label("approver"))
    .select_from(
        joins.outerjoin(person, person.c.id == joins.c.person_id).outerjoin(
            _approver, _approver.c.id == joins.c.approved_by
        )
    )
    .where(joins.c.link_id == bindparam("link_id"))
    .order_by(joins.c.at.desc(), joins.c.id.desc())
)
_LEFT_EARLY = joins.c.left_at - joins.c.at <= EARLY
_KNOWN = select(func.count(), func.count().filter(_LEFT_EARLY)).where(joins.c.link_id == bindparam("link_id"))
_VISITS = (
    select(joins, link.c.number, link.c.title, _creator.c.name.label("creator"), _approver.c.name.label("approver"))
    .select_from(
        joins.outerjoin(link, link.c.id == joins.c.link_id)
        .outerjoin(_creator, _creator.c.id == func.coalesce(link.c.asked_by, link.c.creator_id))
        .outerjoin(_approver, _approver.c.id == joins.c.approved_by)
    )
    .where(joins.c.chat_id == bindparam("chat_id"), joins.c.person_id == bindparam("person_id"))
    .order_by(joins.c.at.desc(), joins.c.id.desc())
    .limit(VISITS_AT_MOST)
)
_SAME = select(joins).where(
    joins.c.chat_id == bindparam("chat_id"),
    joins.c.person_id == bindparam("person_id"),
    joins.c.at.between(bindparam("from_at"), bindparam("to_at")),
    or_(joins.c.link_id == bindparam("link_id"), joins.c.link_id.is_(None)),
)
_ROW = update(joins).where(joins.c.id == bindparam("row_id"))


class JoinerBook:
    def __init__(self, engines: Engines, secrets: Secrets, now: Now) -> None:
        self._engines, self._secrets, self._now = engines, secrets, now

    async def page(self, link_id: int, *, page: int = 0, size: int = 10, early_only: bool = False) -> Joiners:
        """Latest first; `page` counts from 0, one beyond the last is the last. `early_only`: of those who left
        early."""
        async with self._engines.reading() as connection:
            these = {"link_id": link_id}
            known, early = (await connection.execute(_KNOWN, these)).one()
            pages = max(1, -(-(early if early_only else known) // size))
            page = min(max(0, page), pages - 1)
            wanted = _PAGE.where(_LEFT_EARLY) if early_only else _PAGE
            rows = (await connection.execute(wanted.limit(size).offset(page * size), these)).mappings().all()
        return Joiners([_joiner(row) for row in rows], known, page, pages, early, early_only)

    async def visits(self, chat_id: int, person_id: int) -> list[Visit]:
        """When and by which link a person came, latest first."""
        async with self._engines.reading() as connection:
            these = {"chat_id": await now_of(connection, chat_id), "person_id": person_id}
            rows = (await connection.execute(_VISITS, these)).mappings().all()
        return [
            Visit(row["at"], row["left_at"], row["number"], row["title"] or "", row["creator"], row["approver"],
                  row["how"], row["by_request"])
            for row in rows
        ]  # fmt: skip

    async def read(self, link_id: int, found: Sequence[SeenJoiner]) -> int:
        """As the account read them (messages.getChatInviteImporters): how many the book did not know. A join that an
        update told within a minute is the same one. Raises UnknownLink."""
        async with self._engines.writing() as connection:
            row = (await connection.execute(BY_ID, {"id": link_id})).mappings().first()
            if row is None:
                raise UnknownLink
            met = [(one, await _known(connection, row, one)) for one in found]
            new = [one for one, known in met if known is None]
            named = [known for _, known in met if known is not None and known["link_id"] is None]
            if new:
                await connection.execute(
                    insert(joins),
                    [
                        {"chat_id": row["chat_id"], "person_id": one.person_id, "link_id": link_id, "at": one.at,
                         "update_id": None, "how": "account", "by_request": one.approved_by is not None,
                         "approved_by": one.approved_by, "left_at": None}
                        for one in new
                    ],
                )  # fmt: skip
            dates = [*(one.at for one in new), *(known["at"] for known in named)]
            if not dates:
                return 0
            read_at = row["usage_read"]
            uncounted = sum(read_at is None or at > read_at for at in dates)
            writing = await Writing.begin(
                connection, self._secrets, row["chat_id"], row["creator_id"], self._now(None)
            )  # fmt: skip
            left = sum(known["left_at"] is not None for known in named)
            last = max(row["last_join"] or 0, *dates)
            writing.set(row, joined=row["joined"] + uncounted, leavers=row["leavers"] + left, last_join=last)
            await writing.write()
            return len(new)


async def _known(connection: Hold, of: Row, one: SeenJoiner) -> Row | None:
    """The row of this very join, as it was before it was told of more."""
    near = {"from_at": one.at - SAME, "to_at": one.at + SAME}
    these = {"chat_id": of["chat_id"], "person_id": one.person_id, "link_id": of["id"], **near}
    row = (await connection.execute(_SAME, these)).mappings().first()
    if row is None:
        return None
    if row["link_id"] is None or (row["approved_by"] is None and one.approved_by is not None):
        await connection.execute(
            _ROW.values(link_id=of["id"], approved_by=row["approved_by"] or one.approved_by), {"row_id": row["id"]}
        )
    return row


def _joiner(row: Row) -> Joiner:
    return Joiner(
        person_id=row["person_id"], name=row["name"] or str(row["person_id"]), username=row["username"],
        at=row["at"], left_at=row["left_at"], approver=row["approver"], by_request=row["by_request"], how=row["how"],
    )  # fmt: skip

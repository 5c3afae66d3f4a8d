"""Join requests: seen, read, answered. A person has one that waits in a chat at most, as at Telegram."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import and_, bindparam, case, func, insert, select, update

from ledger.changes import differences
from ledger.requests import Request, RequestState, SeenRequest, Waiting
from ledger.secrets import Secrets
from ledger.store.engine import Engines, Hold, Now
from ledger.store.keys import row_of
from ledger.store.moves import now_of
from ledger.store.rows import Writing, known_link
from ledger.store.statements import Row
from ledger.tables import join as joins
from ledger.tables import link, person, request

_BIO = "bio"  # the purpose bios are sealed for

_decider = person.alias("decider")
_BEFORE = and_(joins.c.chat_id == request.c.chat_id, joins.c.person_id == request.c.person_id)
_SHOWN = select(
    request,
    link.c.number,
    person.c.name,
    person.c.username,
    _decider.c.name.label("decider"),
    select(func.count()).where(_BEFORE, joins.c.at < request.c.at).scalar_subquery().label("visits"),
    select(func.count())
    .where(_BEFORE, joins.c.at < request.c.at, joins.c.left_at.is_not(None))
    .scalar_subquery()
    .label("left"),
).select_from(
    request.outerjoin(link, link.c.id == request.c.link_id)
    .outerjoin(person, person.c.id == request.c.person_id)
    .outerjoin(_decider, _decider.c.id == request.c.decided_by)
)
_BY_ID = _SHOWN.where(request.c.id == bindparam("id"))
_OF_CHAT = (request.c.chat_id == bindparam("chat_id"), request.c.state == RequestState.WAITING)
_LATEST = (request.c.at.desc(), request.c.id.desc())
_COUNTS = (
    select(link.c.number, func.count())
    .select_from(request.outerjoin(link, link.c.id == request.c.link_id))
    .where(*_OF_CHAT)
    .group_by(link.c.number)
)
_HIS = select(request).where(*_OF_CHAT, request.c.person_id == bindparam("person_id"))
_KNOWN = select(request.c.id).where(request.c.update_id == bindparam("update_id"))
_ROW = update(request).where(request.c.id == bindparam("row_id"))
_LET_IN = (
    update(joins)
    .where(
        joins.c.chat_id == bindparam("of_chat"), joins.c.person_id == bindparam("of_person"),
        joins.c.at >= bindparam("since"), joins.c.approved_by.is_(None),
    )
    .values(approved_by=bindparam("by"))
)  # fmt: skip
_APPROVER = (
    select(request.c.decided_by)
    .where(
        request.c.chat_id == bindparam("chat_id"), request.c.person_id == bindparam("person_id"),
        request.c.state == RequestState.APPROVED, request.c.at <= bindparam("at"),
        request.c.decided_at >= bindparam("at") - 60,
    )
    .order_by(request.c.id.desc())
    .limit(1)
)  # fmt: skip
_PEND = (
    update(link)
    .where(
        link.c.id == bindparam("of_link"), func.coalesce(link.c.usage_read, 0) < bindparam("at")
    )  # a reading after that has counted it
    .values(
        pending=case((link.c.pending + bindparam("more") > 0, link.c.pending + bindparam("more")), else_=0), print=None
    )
)


class Requests:
    def __init__(self, engines: Engines, secrets: Secrets, now: Now) -> None:
        self._engines, self._secrets, self._now = engines, secrets, now

    async def seen(self, one: SeenRequest) -> None:
        """As an update told it; a second time changes nothing. The link is found by its whole or its cut form, by
        a key it had before, or is new to the book. Raises UnknownChat."""
        async with self._engines.writing() as connection:
            if (await connection.execute(_KNOWN, {"update_id": one.update_id})).first() is not None:
                return
            chat_id, link_id = await now_of(connection, one.chat_id), None
            if one.link is not None:
                writing = await Writing.begin(
                    connection, self._secrets, chat_id, one.link.creator_id, self._now(None)
                )  # fmt: skip
                link_id = await _link(writing, one)
            await self._put(connection, chat_id, link_id, one, how="update")

    async def read(
        self, chat_id: int, link_id: int | None, found: Sequence[SeenRequest], *, before: int
    ) -> tuple[int, int]:  # fmt: skip
        """As the account read all who wait (by that link, or in the chat): how many are new, and how many Telegram
        lists no more, whose answer nobody saw. Of who asked after `before` the reading says nothing."""
        async with self._engines.writing() as connection:
            chat_id, new = await now_of(connection, chat_id), 0
            for one in found:
                new += await self._put(connection, chat_id, link_id, one, how="account")
            these = [*_OF_CHAT] if link_id is None else [*_OF_CHAT, request.c.link_id == link_id]
            listed = {one.person_id for one in found}
            rows = (await connection.execute(select(request).where(*these), {"chat_id": chat_id})).mappings().all()
            gone = [row for row in rows if row["person_id"] not in listed and row["at"] < before]
            for row in gone:
                await _end(connection, row, RequestState.WITHDRAWN, None, self._now(None))
        return new, len(gone)

    async def answered(
        self, chat_id: int, link_id: int | None, state: RequestState, *, by: int, until: int, but: Collection[int]
    ) -> int:
        """Everybody who waited by that link, or in the chat, got this answer at once: who asked until then, but for
        those whom Telegram lists still. How many the book knows to have got it since."""
        these = [*_OF_CHAT] if link_id is None else [*_OF_CHAT, request.c.link_id == link_id]
        async with self._engines.writing() as connection:
            of_chat = {"chat_id": await now_of(connection, chat_id)}
            rows = (await connection.execute(select(request).where(*these), of_chat)).mappings().all()
            done = [row for row in rows if row["at"] <= until and row["person_id"] not in but]
            for row in done:
                await _end(connection, row, state, by, self._now(None))
                if state == RequestState.APPROVED:
                    his = {"of_chat": row["chat_id"], "of_person": row["person_id"], "since": row["at"], "by": by}
                    await connection.execute(_LET_IN, his)
            got = [request.c.chat_id == bindparam("chat_id"), request.c.state == state, request.c.at <= until]
            of_link = [] if link_id is None else [request.c.link_id == link_id]
            counted = select(func.count()).where(*got, *of_link, request.c.decided_at >= until)
            return int((await connection.execute(counted, of_chat)).scalar_one())

    async def waiting(self, chat_id: int, link_id: int | None = None, *, page: int = 0, size: int = 5) -> Waiting:
        async with self._engines.reading() as connection:
            these: dict[str, Any] = {"chat_id": await now_of(connection, chat_id)}
            counts = [(number, n) for number, n in (await connection.execute(_COUNTS, these)).all()]
            where = [*_OF_CHAT] if link_id is None else [*_OF_CHAT, request.c.link_id == link_id]
            total = (await connection.execute(select(func.count()).where(*where), these)).scalar_one()
            pages = max(1, -(-total // size))
            page = min(max(0, page), pages - 1)
            shown = _SHOWN.where(*where).order_by(*_LATEST).limit(size).offset(page * size)
            rows = (await connection.execute(shown, these)).mappings().all()
        by_link = sorted(((n, number) for number, n in counts if number is not None), key=lambda pair: -pair[0])
        return Waiting([self._of(row) for row in rows], total, [(number, n) for n, number in by_link], page, pages)

    async def ids(self, chat_id: int, link_id: int | None) -> list[tuple[int, int]]:
        """Of all who wait by that link, or in the chat: request and person, who asked first first."""
        where = [*_OF_CHAT] if link_id is None else [*_OF_CHAT, request.c.link_id == link_id]
        wanted = select(request.c.id, request.c.person_id).where(*where).order_by(request.c.at, request.c.id)
        async with self._engines.reading() as connection:
            rows = (await connection.execute(wanted, {"chat_id": await now_of(connection, chat_id)})).all()
        return [(row_id, person_id) for row_id, person_id in rows]

    async def get(self, request_id: int) -> Request | None:
        async with self._engines.reading() as connection:
            row = (await connection.execute(_BY_ID, {"id": request_id})).mappings().first()
        return self._of(row) if row else None

    async def decided(self, request_id: int, state: RequestState, *, by: int | None) -> Request | None:
        """The request as it is then. An answer is final: a second one changes nothing."""
        async with self._engines.writing() as connection:
            row = (await connection.execute(select(request).where(request.c.id == request_id))).mappings().first()
            if row is not None and row["state"] == RequestState.WAITING:
                await _end(connection, row, state, by, self._now(None))
            elif row is not None and row["state"] == state and row["decided_by"] is None:
                await connection.execute(_ROW.values(decided_by=by), {"row_id": row["id"]})
            if row is not None and state == RequestState.APPROVED and by is not None:
                his = {"of_chat": row["chat_id"], "of_person": row["person_id"], "since": row["at"], "by": by}
                await connection.execute(_LET_IN, his)
        return await self.get(request_id)

    async def approver(self, chat_id: int, person_id: int, *, at: int) -> int | None:
        """Who let this person in at that time, where he had asked."""
        async with self._engines.reading() as connection:
            these = {"chat_id": await now_of(connection, chat_id), "person_id": person_id, "at": at}
            by: int | None = (await connection.execute(_APPROVER, these)).scalar_one_or_none()
        return by

    async def joined(self, chat_id: int, person_id: int, *, at: int, by: int | None) -> None:
        """Who is in waits no more; `by` let him in, where that is known."""
        async with self._engines.writing() as connection:
            await let_in(connection, await now_of(connection, chat_id), person_id, at=at, by=by)

    async def wrote(self, request_id: int) -> None:
        """The one message was sent."""
        async with self._engines.writing() as connection:
            await connection.execute(_ROW.values(private_id=None), {"row_id": request_id})

    async def _put(
        self, connection: Hold, chat_id: int, link_id: int | None, one: SeenRequest, *, how: str
    ) -> bool:  # fmt: skip
        """Whether it is new: who asks again while he waits is the same request, told of more."""
        these = {"chat_id": chat_id, "person_id": one.person_id}
        known = (await connection.execute(_HIS, these)).mappings().first()
        sealed = self._secrets.seal(_BIO, one.bio) if one.bio else None
        if known is None:
            await connection.execute(
                insert(request),
                {**these, "link_id": link_id, "at": one.at, "bio": sealed, "private_id": one.private_id,
                 "state": RequestState.WAITING, "decided_by": None, "decided_at": None, "how": how,
                 "update_id": one.update_id},
            )  # fmt: skip
            await _pend(connection, link_id, 1, one.at)
            return True
        more: dict[str, Any] = {"link_id": known["link_id"] or link_id, "bio": sealed or known["bio"]}
        if how == "update":
            more |= {"private_id": one.private_id, "update_id": one.update_id, "at": one.at}
        await connection.execute(_ROW.values(more), {"row_id": known["id"]})
        return False

    def _of(self, row: Row) -> Request:
        return Request(
            id=row["id"], chat_id=row["chat_id"], person_id=row["person_id"],
            name=row["name"] or str(row["person_id"]), username=row["username"], link_id=row["link_id"],
            number=row["number"], at=row["at"],
            bio=self._secrets.open(_BIO, row["bio"]) if row["bio"] is not None else "",
            private_id=row["private_id"], state=RequestState(row["state"]), decided_by=row["decided_by"],
            decider=row["decider"], how=row["how"], visits=row["visits"], left=row["left"],
        )  # fmt: skip


async def let_in(connection: Hold, chat_id: int, person_id: int, *, at: int, by: int | None) -> None:
    """Whoever came in then waits no more, by whichever way that is heard of first."""
    for row in (await connection.execute(_HIS, {"chat_id": chat_id, "person_id": person_id})).mappings().all():
        if row["at"] <= at:
            await _end(connection, row, RequestState.APPROVED, by, at)


async def _end(connection: Hold, row: Row, state: RequestState, by: int | None, at: int) -> None:
    """What was only for the answer goes with it."""
    ended = {"state": state, "decided_by": by, "decided_at": at, "bio": None, "private_id": None}
    await connection.execute(_ROW.values(ended), {"row_id": row["id"]})
    await _pend(connection, row["link_id"], -1, at)


async def _pend(connection: Hold, link_id: int | None, more: int, at: int) -> None:
    if link_id is not None:
        await connection.execute(_PEND, {"of_link": link_id, "more": more, "at": at})


async def _link(writing: Writing, one: SeenRequest) -> int:
    """The row of the link that a request names."""
    seen = one.link
    assert seen is not None
    row, is_former = await row_of(writing, seen)
    if row is None:
        number = writing.add(seen)["number"]
        await writing.write()
        wanted = select(link.c.id).where(link.c.chat_id == writing.chat_id, link.c.number == number)
        return int((await writing.connection.execute(wanted)).scalar_one())
    if not is_former and row["last_seen"] <= one.at:
        writing.read(row, seen)
        writing.note_changes(row["id"], differences(known_link(row), seen), "update")
        await writing.write()
    return int(row["id"])

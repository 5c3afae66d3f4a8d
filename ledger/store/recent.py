"""What the account reads in Telegram's admin log, written: each action once, however often it is read."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, bindparam, exists, func, insert, or_, select, update

from ledger.actions import Action, Did
from ledger.changes import differences
from ledger.joins import SeenJoin
from ledger.links import CutLink, SeenLink
from ledger.secrets import Secrets
from ledger.store.engine import TURN, Engines, Hold, Now
from ledger.store.moves import unmoved
from ledger.store.requests import let_in
from ledger.store.rows import Writing, known_link
from ledger.store.statements import Row
from ledger.tables import chat, event, former, link
from ledger.tables import join as joins

AT_ONCE = 50  # actions in a transaction: each is a few statements
NEAR = 60  # seconds in which the bot's update and the log may tell one join

_CURSOR = select(chat.c.log_event, chat.c.log_read).where(chat.c.id == bindparam("chat_id"))
_TWIN = (
    select(
        joins.c.id,
        joins.c.link_id,
        joins.c.update_id,
        link.c.start_digest,
        exists()
        .where(former.c.link_id == joins.c.link_id, former.c.start_digest == bindparam("start"))
        .label("by_former"),
    )
    .select_from(joins.outerjoin(link, link.c.id == joins.c.link_id))
    .where(
        joins.c.chat_id == bindparam("chat_id"),
        joins.c.person_id == bindparam("person_id"),
        joins.c.at.between(bindparam("since"), bindparam("until")),
    )
    .order_by(joins.c.id)
)
_LINK = select(link.c.id).where(link.c.chat_id == bindparam("chat_id"), link.c.number == bindparam("number"))
# A reading saw that it was done, but not by whom.
_NAMELESS = select(func.max(event.c.id)).where(
    event.c.link_id == bindparam("link_id"),
    event.c.what.in_(bindparam("whats", expanding=True)),
    event.c.by.is_(None),
    event.c.at >= bindparam("at"),
)


async def twin_of(connection: Hold, writing: Writing, join: SeenJoin) -> Row | None:
    """The row of this join, if another way of hearing of it was faster."""
    start = writing.marks(text_of(join.link))[1] if join.link else None
    of = {"chat_id": join.chat_id, "person_id": join.person_id, "start": start}
    near = of | {"since": join.at - NEAR, "until": join.at + NEAR}
    for row in (await connection.execute(_TWIN, near)).mappings():
        if None in (start, row["start_digest"]) or row["start_digest"] == start or row["by_former"]:
            return row
    return None


def text_of(seen: SeenLink | CutLink) -> str:
    return seen.link if isinstance(seen, SeenLink) else seen.start


class Recent(ABC):
    _engines: Engines
    _secrets: Secrets
    _now: Now

    @abstractmethod
    async def _seen_by_join(self, writing: Writing, seen: SeenLink | CutLink, join: SeenJoin) -> int: ...

    async def log_cursor(self, chat_id: int) -> tuple[int | None, int | None]:
        """The last action of the admin log that was read (None: never read), and when it was last read."""
        async with self._engines.reading() as connection:
            row = (await connection.execute(_CURSOR, {"chat_id": chat_id})).first()
        return (row[0], row[1]) if row else (None, None)

    async def acted(self, chat_id: int, actions: Sequence[Action], *, last: int) -> None:
        """All actions since the last one read, oldest first, of which `last` is the last one Telegram has. The
        cursor moves with what is written. Raises ChatMoved, UnknownChat."""
        for start in range(0, len(actions), AT_ONCE):
            some = actions[start : start + AT_ONCE]
            async with self._engines.writing() as connection:
                await unmoved(connection, chat_id)
                for action in some:
                    await self._write(connection, chat_id, action)
                await _move(connection, chat_id, log_event=some[-1].id)
            await asyncio.sleep(TURN)
        async with self._engines.writing() as connection:
            await unmoved(connection, chat_id)
            await _move(connection, chat_id, log_event=last, log_read=self._now(None))

    async def _write(self, connection: Hold, chat_id: int, action: Action) -> None:
        creator = action.link.creator_id if action.link else 0
        writing = await Writing.begin(connection, self._secrets, chat_id, creator, self._now(None))
        if action.did is Did.JOINED:
            await self._log_join(connection, writing, action)
        elif action.link is not None and (row := await _row_of(writing, action.link)) is not None:
            _CHANGE[action.did](writing, row, action, action.link)
            await writing.write()
            await _name(connection, row["id"], action)

    async def _log_join(self, connection: Hold, writing: Writing, action: Action) -> None:
        join = SeenJoin(
            writing.chat_id, action.by, action.at, None, action.link, by_request=action.by_request,
            approved_by=action.approved_by,
        )  # fmt: skip
        twin = await twin_of(connection, writing, join)
        link_id = None
        if action.link is not None and (twin is None or twin["link_id"] is None):
            number = await self._seen_by_join(writing, action.link, join)
            await writing.write()
            found = await connection.execute(_LINK, {"chat_id": writing.chat_id, "number": number})
            link_id = found.scalar_one()
        if twin is None:
            await connection.execute(insert(joins), join_row(join, link_id, how="account"))
        else:
            told: dict[str, Any] = {"link_id": link_id} if link_id is not None else {}
            if action.by_request:
                told |= {"by_request": True, "approved_by": action.approved_by}
            if told:
                await connection.execute(update(joins).where(joins.c.id == twin["id"]).values(told))
        if action.by_request:
            await let_in(connection, writing.chat_id, action.by, at=action.at, by=action.approved_by)


def join_row(join: SeenJoin, link_id: int | None, *, how: str) -> dict[str, Any]:
    return {
        "chat_id": join.chat_id, "person_id": join.person_id, "link_id": link_id, "at": join.at,
        "update_id": join.update_id, "how": how, "by_request": join.by_request, "approved_by": join.approved_by,
    }  # fmt: skip


async def _row_of(writing: Writing, seen: SeenLink | CutLink) -> Row | None:
    whole, cut = await writing.rows_of([text_of(seen)])
    digest, start = writing.marks(text_of(seen))
    if isinstance(seen, SeenLink) and digest in whole:
        return whole[digest]
    if isinstance(seen, CutLink):
        for row in whole.values():
            if row["creator_id"] == seen.creator_id:
                return row
    return cut.get((start, seen.creator_id))


def _edited(writing: Writing, row: Row, action: Action, seen: SeenLink | CutLink) -> None:
    """What was read of the link after that knows better."""
    if action.at < row["last_seen"]:
        return
    fields = differences(known_link(row), seen)
    if fields:
        writing.read(row, seen, last_seen=action.at)
        writing.note_changes(row["id"], fields, "log", by=action.by)


def _revoked(writing: Writing, row: Row, action: Action, _seen: SeenLink | CutLink) -> None:
    if not row["revoked"]:
        writing.set(row, revoked=True)
        writing.note(row["id"], "revoked", by=action.by, how="log", detail={})


def _deleted(writing: Writing, row: Row, action: Action, _seen: SeenLink | CutLink) -> None:
    if row["gone_at"] is None:
        writing.set(row, revoked=True, gone_at=action.at)
        writing.note(row["id"], "deleted", by=action.by, how="log", detail={})


_CHANGE = {Did.EDITED: _edited, Did.REVOKED: _revoked, Did.DELETED: _deleted}
_SEEN_AS = {Did.EDITED: ["edited"], Did.REVOKED: ["revoked", "replaced"], Did.DELETED: ["gone", "deleted"]}


async def _name(connection: Hold, link_id: int, action: Action) -> None:
    """Says in the history who did what a reading found done."""
    of = {"link_id": link_id, "whats": _SEEN_AS[action.did], "at": action.at}
    if (found := (await connection.execute(_NAMELESS, of)).scalar()) is not None:
        await connection.execute(update(event).where(event.c.id == found).values(by=action.by))


async def _move(connection: Hold, chat_id: int, **cursor: int) -> None:
    """An action read twice moves nothing back."""
    last = cursor["log_event"]
    behind = and_(chat.c.id == chat_id, or_(chat.c.log_event.is_(None), chat.c.log_event <= last))
    await connection.execute(update(chat).where(behind).values(cursor))

"""Invite links: found, shown, made, revoked, joined by."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import RowMapping, Select, bindparam, case, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from ledger.changes import differences
from ledger.errors import NotWhole, UnknownLink
from ledger.joins import SeenJoin
from ledger.links import UNREVOKED, CutLink, Link, SeenLink, State
from ledger.listing import Creator, Event, Listing, Query, Reveal
from ledger.secrets import Secrets
from ledger.store.engine import AT_ONCE, Engines, Hold, Now
from ledger.store.pages import SHOWN, USABLE, link_of, page
from ledger.store.rows import BY_ID, COLUMNS, LINK, Writing, known_link
from ledger.tables import event, link, person, tally
from ledger.tables import join as joins

_TAIL = 3  # characters of a link shown at its end

_BY_ID = SHOWN.where(link.c.id == bindparam("id"))
_BY_NUMBER = SHOWN.where(link.c.chat_id == bindparam("chat_id"), link.c.number == bindparam("number"))
_BY_DIGEST = SHOWN.where(link.c.chat_id == bindparam("chat_id"), link.c.digest == bindparam("digest"))
_BY_TAIL = SHOWN.where(link.c.chat_id == bindparam("chat_id"), link.c.tail == bindparam("tail")).order_by(link.c.number)
_AFTER_NUMBER = (
    SHOWN.where(link.c.chat_id == bindparam("chat_id"), link.c.number > bindparam("number"))
    .order_by(link.c.number)
    .limit(AT_ONCE)
)
_OTHER_PRIMARIES = select(*COLUMNS).where(
    link.c.chat_id == bindparam("chat_id"),
    link.c.creator_id == bindparam("creator_id"),
    link.c.is_primary,
    ~link.c.revoked,
    link.c.gone_at.is_(None),
    link.c.digest.is_distinct_from(bindparam("digest")),
)
_CIPHERS = select(link.c.id, link.c.chat_id, link.c.cipher).where(link.c.id.in_(bindparam("ids", expanding=True)))
_EVENT = insert(event)
_DUE = (
    select(*COLUMNS)
    .where(link.c.state.in_(USABLE), link.c.expires <= bindparam("at"))
    .order_by(link.c.chat_id)
    .limit(AT_ONCE)
)
_CREATORS = (
    select(
        tally.c.whose,
        person.c.name,
        person.c.is_bot,
        func.sum(case((tally.c.state.in_(UNREVOKED), tally.c.links), else_=0)).label("unrevoked"),
        func.sum(case((tally.c.state == State.REVOKED, tally.c.links), else_=0)).label("revoked"),
    )
    .select_from(tally.outerjoin(person, person.c.id == tally.c.whose))
    .where(tally.c.chat_id == bindparam("chat_id"))
    .group_by(tally.c.whose)
    .having(func.sum(tally.c.links) > 0)
)
_JOINED = upsert(joins).on_conflict_do_nothing(index_elements=[joins.c.update_id])
_JOINED_BY = SHOWN.where(
    link.c.id == select(joins.c.link_id).where(joins.c.update_id == bindparam("update_id")).scalar_subquery()
)
_HERE = select(joins.c.id, joins.c.link_id).where(
    joins.c.chat_id == bindparam("chat_id"),
    joins.c.person_id == bindparam("person_id"),
    joins.c.at <= bindparam("at"),
    joins.c.left_at.is_(None),
)
_REVEALS = (
    select(link.c.number, event.c.by, event.c.at, event.c.how)
    .join_from(event, link, link.c.id == event.c.link_id)
    .where(event.c.chat_id == bindparam("chat_id"), event.c.what == "revealed")
    .order_by(event.c.id)
)
_HISTORY = select(event).where(event.c.link_id == bindparam("link_id")).order_by(event.c.id)


class Links:
    def __init__(self, engines: Engines, secrets: Secrets, now: Now) -> None:
        self._engines, self._secrets, self._now = engines, secrets, now

    async def page(self, query: Query, at: int | None = None) -> Listing:
        """Two reading statements, unless a link's end has passed that no tick has seen. Raises UnknownChat."""
        at = self._now(at)
        while (listing := await page(self._engines, query, at)) is None:
            await self.expire(at=at)
        return listing

    async def find(self, chat_id: int, number: int) -> Link | None:
        return await self._one(_BY_NUMBER, chat_id=chat_id, number=number)

    async def get(self, link_id: int) -> Link | None:
        return await self._one(_BY_ID, id=link_id)

    async def find_by_link(self, chat_id: int, text: str) -> Link | None:
        """By the full link, in any of the forms people paste."""
        return await self._one(_BY_DIGEST, chat_id=chat_id, digest=self._secrets.digest(text))

    async def find_by_tail(self, chat_id: int, tail: str) -> list[Link]:
        """By the last characters as screens show them: `…k9Q` or `k9Q`."""
        return await self._many(_BY_TAIL, chat_id=chat_id, tail=tail.lstrip(".…")[-_TAIL:])

    async def creators(self, chat_id: int) -> list[Creator]:
        """Whose links the book holds, most links first."""
        async with self._engines.reading() as connection:
            rows = (await connection.execute(_CREATORS, {"chat_id": chat_id})).all()
        found = [
            Creator(whose, name or str(whose), bool(is_bot), unrevoked, revoked)
            for whose, name, is_bot, unrevoked, revoked in rows
        ]
        return sorted(found, key=lambda creator: (-creator.unrevoked, -creator.revoked, creator.person_id))

    async def secret(self, link_id: int) -> str:
        """The full link, to act on it; never to show it. Raises UnknownLink, NotWhole."""
        async with self._engines.reading() as connection:
            row = (await connection.execute(_CIPHERS, {"ids": [link_id]})).mappings().first()
        return self._opened(row)

    async def reveal(self, link_id: int, person_id: int | None, how: str) -> str:
        """The full link, to be shown to this person (None: at the host's console); the history says so from
        the same moment. Raises UnknownLink, NotWhole."""
        async with self._engines.writing() as connection:
            row = (await connection.execute(_CIPHERS, {"ids": [link_id]})).mappings().first()
            text = self._opened(row)
            await self._log_reveals(connection, [row] if row else [], person_id, how)
            return text

    async def reveal_many(self, link_ids: Sequence[int], person_id: int | None, how: str) -> dict[int, str]:
        """The same for many; those not whole are left out."""
        texts: dict[int, str] = {}
        for start in range(0, len(link_ids), AT_ONCE):
            async with self._engines.writing() as connection:
                some = link_ids[start : start + AT_ONCE]
                rows = (await connection.execute(_CIPHERS, {"ids": some})).mappings().all()
                whole = [row for row in rows if row["cipher"] is not None]
                texts |= {row["id"]: self._opened(row) for row in whole}
                await self._log_reveals(connection, whole, person_id, how)
        return texts

    async def reveals(self, chat_id: int) -> list[Reveal]:
        async with self._engines.reading() as connection:
            rows = (await connection.execute(_REVEALS, {"chat_id": chat_id})).all()
        return [Reveal(number, by, at, how) for number, by, at, how in rows]

    async def made(
        self, chat_id: int, seen: SeenLink, *, asked_by: int, update_id: int, how: str = "bot", at: int | None = None
    ) -> Link:
        """This bot's new link as createChatInviteLink returned it, and the end of the intent of that update.
        A second time changes nothing. Raises UnknownChat."""
        async with self._engines.writing() as connection:
            writing = await Writing.begin(connection, self._secrets, chat_id, seen.creator_id, self._now(at))
            row = (await writing.rows_of([seen.link]))[0].get(writing.marks(seen.link)[0])
            known = row is not None and row["asked_by"] is not None
            if row is None:
                number = writing.add(seen, asked_by=asked_by, by_this_bot=True)["number"]
            else:
                number = row["number"]
                if not known:
                    writing.set(row, asked_by=asked_by, by_this_bot=True)
            writing.granted[update_id] = number
            await writing.write()
            made = await _shown(connection, _BY_NUMBER, chat_id=chat_id, number=number)
            if not known:
                await connection.execute(_EVENT, [_event(chat_id, made.id, writing.at, "made", by=asked_by, how=how)])
            return made

    async def noticed(self, chat_id: int, seen: SeenLink, *, how: str = "bot") -> Link:
        """This bot's own primary link as getChat told it, which tells the text alone. A creator has one
        primary link at a time, so an older one is revoked. Raises UnknownChat."""
        async with self._engines.writing() as connection:
            writing = await Writing.begin(connection, self._secrets, chat_id, seen.creator_id, self._now(None))
            row = (await writing.rows_of([seen.link]))[0].get(writing.marks(seen.link)[0])
            if row is None:
                number = writing.add(seen, by_this_bot=True)["number"]
            else:
                number = row["number"]
                if not (row["by_this_bot"] and row["is_primary"]):
                    writing.set(row, by_this_bot=True, is_primary=True)
            older = {"chat_id": chat_id, "creator_id": seen.creator_id, "digest": writing.marks(seen.link)[0]}
            for other in (await connection.execute(_OTHER_PRIMARIES, older)).mappings().all():
                writing.set(other, revoked=True)
                writing.note(other["id"], "revoked", by=None, how=how, detail={})
            await writing.write()
            return await _shown(connection, _BY_NUMBER, chat_id=chat_id, number=number)

    async def revoked(self, link_id: int, *, by: int | None, how: str, at: int | None = None) -> Link:
        """Telegram has revoked it. A second time changes nothing. Raises UnknownLink."""
        async with self._engines.writing() as connection:
            row = (await connection.execute(BY_ID, {"id": link_id})).mappings().first()
            if row is None:
                raise UnknownLink
            if not row["revoked"]:
                writing = await Writing.begin(
                    connection, self._secrets, row["chat_id"], row["creator_id"], self._now(at)
                )  # fmt: skip
                writing.set(row, revoked=True, last_seen=writing.at)
                writing.note(link_id, "revoked", by=by, how=how, detail={})
                await writing.write()
            return await _shown(connection, _BY_ID, id=link_id)

    async def seen_in_update(self, join: SeenJoin) -> Link | None:
        """Someone joined. The link, if Telegram named one, is found by its full or its cut form, or is new
        to the book; the join counts once per update, and only if dated after the link's last reading.
        Returns the link. Raises UnknownChat."""
        seen = join.link
        async with self._engines.writing() as connection:
            if seen is None:
                await connection.execute(_JOINED, [_join(join, None)])
                return None
            known = await connection.execute(_JOINED_BY, {"update_id": join.update_id})
            if (row := known.mappings().first()) is not None:
                return link_of(row)
            writing = await Writing.begin(connection, self._secrets, join.chat_id, seen.creator_id, self._now(None))
            number = await self._seen_by_join(writing, seen, join)
            await writing.write()
            shown = await _shown(connection, _BY_NUMBER, chat_id=join.chat_id, number=number)
            await connection.execute(_JOINED, [_join(join, shown.id)])
            return shown

    async def _seen_by_join(self, writing: Writing, seen: SeenLink | CutLink, join: SeenJoin) -> int:
        text = seen.link if isinstance(seen, SeenLink) else seen.start
        whole, cut = await writing.rows_of([text])
        digest, start = writing.marks(text)
        row = whole.get(digest) if isinstance(seen, SeenLink) else None
        if row is None and isinstance(seen, CutLink):
            row = next((one for one in whole.values() if one["creator_id"] == seen.creator_id), None)
        row = row or cut.get((start, seen.creator_id))
        if row is None:
            return int(writing.add(seen, joined=1, last_join=join.at)["number"])
        later = row["usage_read"] is None or join.at > row["usage_read"]
        joined = {"joined": row["joined"] + later, "last_join": max(row["last_join"] or 0, join.at)}
        if row["last_seen"] > join.at:
            writing.set(row, **joined)  # an update that waited: its picture of the link is an old one
        else:
            fields = differences(known_link(row), seen)
            writing.read(row, seen, **joined)
            writing.note_changes(row["id"], fields, "update")
        return int(row["number"])

    async def left(self, chat_id: int, person_id: int, at: int) -> None:
        """Someone is out, by any way: he counts as a leaver of each link he was seen to join by."""
        async with self._engines.writing() as connection:
            here = (
                await connection.execute(_HERE, {"chat_id": chat_id, "person_id": person_id, "at": at})
            ).all()  # fmt: skip
            if not here:
                return
            await connection.execute(update(joins).where(joins.c.id.in_([one for one, _ in here])).values(left_at=at))
            if links := [link_id for _, link_id in here if link_id is not None]:
                await connection.execute(
                    update(link).where(link.c.id == bindparam("of_link")).values(leavers=link.c.leavers + 1),
                    [{"of_link": link_id} for link_id in links],
                )

    async def expire(self, *, at: int | None = None) -> int:
        """Gives each link whose end has passed its state; returns how many."""
        at, ended = self._now(at), 0
        while True:
            async with self._engines.writing() as connection:
                rows = (await connection.execute(_DUE, {"at": at})).mappings().all()
                by_chat: dict[int, list[RowMapping]] = {}
                for row in rows:
                    by_chat.setdefault(row["chat_id"], []).append(row)
                for chat_id, some in by_chat.items():
                    writing = await Writing.begin(connection, self._secrets, chat_id, 0, at)
                    for row in some:
                        writing.set(row)
                    await writing.write()
            ended += len(rows)
            if len(rows) < AT_ONCE:
                return ended

    async def history(self, link_id: int) -> list[Event]:
        async with self._engines.reading() as connection:
            rows = (await connection.execute(_HISTORY, {"link_id": link_id})).mappings().all()
        return [Event(row["at"], row["what"], row["by"], row["how"], json.loads(row["detail"])) for row in rows]

    async def export(self, chat_id: int, *, every: bool) -> list[Link]:
        """In the order of numbers: the unrevoked ones, or every row."""
        await self.expire()
        links: list[Link] = []
        while some := await self._many(_AFTER_NUMBER, chat_id=chat_id, number=links[-1].number if links else 0):
            links += some
        return links if every else [one for one in links if one.state in UNREVOKED]

    async def _one(self, statement: Select[Any], **of: Any) -> Link | None:
        found = await self._many(statement, **of)
        if found and found[0].state in USABLE and 0 < (found[0].expires or 0) <= self._now(None):
            await self.expire()
            found = await self._many(statement, **of)
        return found[0] if found else None

    async def _many(self, statement: Select[Any], **of: Any) -> list[Link]:
        async with self._engines.reading() as connection:
            return [link_of(row) for row in (await connection.execute(statement, of)).mappings().all()]

    def _opened(self, row: RowMapping | None) -> str:
        if row is None:
            raise UnknownLink
        if row["cipher"] is None:
            raise NotWhole
        return self._secrets.open(LINK, row["cipher"])

    async def _log_reveals(self, connection: Hold, rows: Sequence[RowMapping], person_id: int | None, how: str) -> None:
        at = self._now(None)
        events = [_event(row["chat_id"], row["id"], at, "revealed", by=person_id, how=how) for row in rows]
        if events:
            await connection.execute(_EVENT, events)


async def _shown(connection: Hold, statement: Select[Any], **of: Any) -> Link:
    return link_of((await connection.execute(statement, of)).mappings().one())


def _event(chat_id: int, link_id: int, at: int, what: str, *, by: int | None, how: str) -> dict[str, Any]:
    return {"chat_id": chat_id, "link_id": link_id, "at": at, "what": what, "by": by, "how": how, "detail": "{}"}


def _join(join: SeenJoin, link_id: int | None) -> dict[str, Any]:
    return {
        "chat_id": join.chat_id, "person_id": join.person_id, "link_id": link_id, "at": join.at,
        "update_id": join.update_id, "how": "update", "by_request": join.by_request,
    }  # fmt: skip

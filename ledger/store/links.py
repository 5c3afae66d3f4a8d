"""Invite links: found, shown, made, revoked, joined by."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, bindparam, case, func, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from ledger.changes import differences
from ledger.errors import UnknownLink
from ledger.joins import SeenJoin
from ledger.links import UNREVOKED, CutLink, Link, SeenLink, State
from ledger.listing import Creator, Listing, Query
from ledger.secrets import Secrets
from ledger.shelves import REVOKED
from ledger.store import keys
from ledger.store.engine import AT_ONCE, TURN, Engines, Hold, Now
from ledger.store.keys import Keys
from ledger.store.moves import now_of
from ledger.store.pages import SHOWN, find, link_of, listing_of
from ledger.store.recent import Recent, join_row, twin_of
from ledger.store.reveals import EVENT, Reveals, event_of
from ledger.store.rows import BY_ID, COLUMNS, Writing, known_link
from ledger.store.searches import Searches
from ledger.store.statements import Row
from ledger.store.tidying import Tidying
from ledger.store.wishes import Wishes, kept_of
from ledger.tables import former, intent, link, person, tally
from ledger.tables import join as joins

_TAIL = 3  # characters of a link shown at its end

_BY_ID = SHOWN.where(link.c.id == bindparam("id"))
_BY_NUMBER = SHOWN.where(link.c.chat_id == bindparam("chat_id"), link.c.number == bindparam("number"))
_REVOKED_COUNT = select(func.coalesce(func.sum(tally.c.links), 0)).where(
    tally.c.chat_id == bindparam("chat_id"), tally.c.creator_id == bindparam("creator_id"), tally.c.kind == REVOKED
)
_BY_DIGEST = SHOWN.where(
    link.c.chat_id == bindparam("chat_id"),
    or_(
        link.c.digest == bindparam("digest"),
        link.c.id.in_(
            select(former.c.link_id).where(
                former.c.chat_id == bindparam("chat_id"), former.c.digest == bindparam("digest")
            )
        ),
    ),
)
_BY_TAIL = SHOWN.where(
    link.c.chat_id == bindparam("chat_id"),
    or_(
        link.c.tail == bindparam("tail"),
        link.c.id.in_(
            select(former.c.link_id).where(former.c.chat_id == bindparam("chat_id"), former.c.tail == bindparam("tail"))
        ),
    ),
).order_by(link.c.number)
_AFTER_NUMBER = (
    SHOWN.where(link.c.chat_id == bindparam("chat_id"), link.c.number > bindparam("number"))
    .order_by(link.c.number)
    .limit(AT_ONCE)
)
_CLOSING = SHOWN.where(link.c.closing).order_by(link.c.id).limit(AT_ONCE)
_INTENT = select(intent).where(intent.c.update_id == bindparam("update_id"))
_DUE = select(*COLUMNS).where(link.c.turns <= bindparam("at")).order_by(link.c.chat_id).limit(AT_ONCE)
_REVOKED_OF = (
    select(*COLUMNS)
    .where(
        link.c.chat_id == bindparam("chat_id"), link.c.creator_id == bindparam("creator_id"),
        link.c.revoked, link.c.gone_at.is_(None),
    )
    .limit(AT_ONCE)
)  # fmt: skip
_CREATORS = (
    select(
        tally.c.whose,
        person.c.name,
        person.c.is_bot,
        func.sum(case((tally.c.kind >= 0, tally.c.links), else_=0)).label("unrevoked"),
        func.sum(case((tally.c.kind == REVOKED, tally.c.links), else_=0)).label("revoked"),
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


class Links(Searches, Reveals, Recent, Keys, Tidying):
    def __init__(self, engines: Engines, secrets: Secrets, now: Now) -> None:
        self._engines, self._secrets, self._now = engines, secrets, now

    async def page(self, query: Query, at: int | None = None) -> Listing:
        """Two reading statements, unless a link's end has passed that no tick has seen. Raises UnknownChat."""
        at = self._now(at)
        while (found := await self._engines.at_once(lambda steps: find(steps, query, at))) is None:
            await self.expire(at=at)
        return listing_of(found, at)

    async def find(self, chat_id: int, number: int) -> Link | None:
        return await self._one(_BY_NUMBER, chat_id=chat_id, number=number)

    async def get(self, link_id: int) -> Link | None:
        return await self._one(_BY_ID, id=link_id)

    async def find_by_link(self, chat_id: int, text: str) -> Link | None:
        """By the full link, in any of the forms people paste; a key it had before finds it, too."""
        return await self._one(_BY_DIGEST, chat_id=chat_id, digest=self._secrets.digest(text))

    async def find_by_tail(self, chat_id: int, tail: str) -> list[Link]:
        """By the last characters as screens show them: `…k9Q` or `k9Q`."""
        return await self._many(_BY_TAIL, chat_id=chat_id, tail=tail.lstrip(".…")[-_TAIL:])

    async def creators(self, chat_id: int) -> list[Creator]:
        """Whose links the book holds, most links first."""
        async with self._engines.reading() as connection:
            chat_id = await now_of(connection, chat_id)
            rows = (await connection.execute(_CREATORS, {"chat_id": chat_id})).all()
        found = [
            Creator(whose, name or str(whose), bool(is_bot), unrevoked, revoked)
            for whose, name, is_bot, unrevoked, revoked in rows
        ]
        return sorted(found, key=lambda creator: (-creator.unrevoked, -creator.revoked, creator.person_id))

    async def revoked_of(self, chat_id: int, creator_id: int) -> int:
        """How many revoked links of this maker's Telegram still lists, as far as is known."""
        async with self._engines.reading() as connection:
            these = {"chat_id": await now_of(connection, chat_id), "creator_id": creator_id}
            return int((await connection.execute(_REVOKED_COUNT, these)).scalar_one())

    async def made(
        self, chat_id: int, seen: SeenLink, *, asked_by: int, update_id: int, how: str = "bot", at: int | None = None
    ) -> Link:
        """This bot's new link as createChatInviteLink returned it, and the end of the intent of that update.
        A second time changes nothing. Raises UnknownChat."""
        async with self._engines.writing() as connection:
            writing = await Writing.begin(connection, self._secrets, chat_id, seen.creator_id, self._now(at))
            row = (await writing.rows_of([seen.link]))[0].get(writing.marks(seen.link)[0])
            known = row is not None and row["asked_by"] is not None
            wish = (await connection.execute(_INTENT, {"update_id": update_id})).mappings().first()
            ours = {"asked_by": asked_by, "by_this_bot": True, "price": seen.price, **kept_of(writing, wish)}
            if row is None:
                number = writing.add(seen, **ours)["number"]
            else:
                number = row["number"]
                if not known:
                    writing.set(row, **ours)
            writing.granted[update_id] = number
            await writing.write()
            made = await _shown(connection, _BY_NUMBER, chat_id=writing.chat_id, number=number)
            if not known:
                done = event_of(writing.chat_id, made.id, writing.at, "made", by=asked_by, how=how)
                await connection.execute(EVENT, [done])
            return made

    async def noticed(self, chat_id: int, seen: SeenLink, *, how: str = "bot") -> Link:
        """This bot's own primary link as getChat told it, which tells the text alone. An older one is
        revoked; where this bot was about to replace it, it did. Raises UnknownChat."""
        async with self._engines.writing() as connection:
            writing = await Writing.begin(connection, self._secrets, chat_id, seen.creator_id, self._now(None))
            row = (await writing.rows_of([seen.link]))[0].get(writing.marks(seen.link)[0])
            if row is None:
                number = writing.add(seen, by_this_bot=True)["number"]
            else:
                number = row["number"]
                if not (row["by_this_bot"] and row["is_primary"]):
                    writing.set(row, by_this_bot=True, is_primary=True)
            wish = (await Wishes.of(writing)).granted(seen, row)
            if wish:
                writing.granted[wish["update_id"]] = number
            by = wish["asked_by"] if wish else None
            await writing.retire_primaries(seen, number, by=by, how=how, replaced=wish is not None)
            await writing.write()
            return await _shown(connection, _BY_NUMBER, chat_id=writing.chat_id, number=number)

    async def replaced(
        self, chat_id: int, new: SeenLink, *, old: SeenLink | None, by: int | None, how: str, update_id: int | None
    ) -> Link:
        """A primary link was replaced, and the intent of that update is done: the old one (known or told) is
        revoked, the new one a row of its own. exportChatInviteLink and messages.exportChatInvite tell the new
        one alone, messages.editExportedChatInvite both. A second time changes nothing. Raises UnknownChat."""
        async with self._engines.writing() as connection:
            writing = await Writing.begin(connection, self._secrets, chat_id, new.creator_id, self._now(None))
            whole, _ = await writing.rows_of([one.link for one in (new, old) if one])
            row = whole.get(writing.marks(new.link)[0])
            is_new_to_us = old is not None and writing.marks(old.link)[0] not in whole
            was = writing.add(old._replace(revoked=True))["number"] if old and is_new_to_us else None
            if row is None:
                number = writing.add(new._replace(primary=True))["number"]
            else:
                number = row["number"]
                if not row["is_primary"]:
                    writing.set(row, is_primary=True)
            await writing.retire_primaries(new, number, by=by, how=how, replaced=True)
            if update_id is not None:
                writing.granted[update_id] = number
            await writing.write()
            made = await _shown(connection, _BY_NUMBER, chat_id=writing.chat_id, number=number)
            events = [event_of(writing.chat_id, made.id, writing.at, "made", by=by, how=how)] if row is None else []
            if was is not None:
                gone = await _shown(connection, _BY_NUMBER, chat_id=writing.chat_id, number=was)
                detail = json.dumps({"number": [was, number]})
                event_of_old = event_of(writing.chat_id, gone.id, writing.at, "replaced", by=by, how=how)
                events.append(event_of_old | {"detail": detail})
            if events:
                await connection.execute(EVENT, events)
            return made

    async def edited(
        self, link_id: int, seen: SeenLink, *, by: int | None, how: str, update_id: int | None
    ) -> Link:  # fmt: skip
        """As editChatInviteLink returned it, and the end of the intent of that update; what the Bot API does not
        tell, its usage, stays as known. A second time changes nothing. Raises UnknownLink."""
        async with self._engines.writing() as connection:
            row = (await connection.execute(BY_ID, {"id": link_id})).mappings().first()
            if row is None:
                raise UnknownLink
            at = self._now(None)
            writing = await Writing.begin(connection, self._secrets, row["chat_id"], row["creator_id"], at)
            wish = (await connection.execute(_INTENT, {"update_id": update_id})).mappings().first()
            ours = kept_of(writing, wish)
            writing.read(row, seen, **ours)
            changed = differences(known_link(row), seen)
            changed |= {name: (row[name], value) for name, value in ours.items() if value != row[name]}
            writing.note_changes(link_id, changed, how, by=by)
            if update_id is not None:
                writing.granted[update_id] = row["number"]
            await writing.write()
            return await _shown(connection, _BY_ID, id=link_id)

    async def noted(self, link_id: int, note: str, *, by: int) -> Link:
        """What admins are to know of it; empty takes the note away. A second time changes nothing. Raises
        UnknownLink."""
        async with self._engines.writing() as connection:
            row = (await connection.execute(BY_ID, {"id": link_id})).mappings().first()
            if row is None:
                raise UnknownLink
            if row["note"] != note:
                at = self._now(None)
                writing = await Writing.begin(connection, self._secrets, row["chat_id"], row["creator_id"], at)
                writing.set(row, note=note)
                writing.note(link_id, "noted", by=by, how="bot", detail={"note": [row["note"], note]})
                await writing.write()
            return await _shown(connection, _BY_ID, id=link_id)

    async def closing(self) -> list[Link]:
        """This bot's links that whom they were for has joined by, and that are not revoked yet."""
        return await self._many(_CLOSING)

    async def revoked(
        self, link_id: int, *, by: int | None, how: str, at: int | None = None, why: str = ""
    ) -> Link:  # fmt: skip
        """Telegram has revoked it; `why` is for the history: `once` or `for`, where nobody asked for it. A second
        time changes nothing. Raises UnknownLink."""
        async with self._engines.writing() as connection:
            row = (await connection.execute(BY_ID, {"id": link_id})).mappings().first()
            if row is None:
                raise UnknownLink
            if not row["revoked"]:
                writing = await Writing.begin(
                    connection, self._secrets, row["chat_id"], row["creator_id"], self._now(at)
                )  # fmt: skip
                writing.set(row, revoked=True, last_seen=writing.at)
                writing.note(link_id, "revoked", by=by, how=how, detail={"closed": ["", why]} if why else {})
                await writing.write()
            return await _shown(connection, _BY_ID, id=link_id)

    async def deleted(self, link_id: int, *, by: int | None, how: str) -> Link:
        """Telegram has taken the revoked link from its listing. A second time changes nothing. Raises UnknownLink."""
        async with self._engines.writing() as connection:
            row = (await connection.execute(BY_ID, {"id": link_id})).mappings().first()
            if row is None:
                raise UnknownLink
            await self._delete(connection, row["chat_id"], [row], by=by, how=how)
            return await _shown(connection, _BY_ID, id=link_id)

    async def cleared(self, chat_id: int, creator_id: int, *, by: int | None, how: str) -> int:
        """The same for every revoked link of a creator; returns how many."""
        cleared = 0
        while True:
            async with self._engines.writing() as connection:
                chat_id = await now_of(connection, chat_id)
                rows = (
                    await connection.execute(_REVOKED_OF, {"chat_id": chat_id, "creator_id": creator_id})
                ).mappings().all()  # fmt: skip
                await self._delete(connection, chat_id, rows, by=by, how=how)
            cleared += len(rows)
            if len(rows) < AT_ONCE:
                return cleared
            await asyncio.sleep(TURN)

    async def _delete(
        self, connection: Hold, chat_id: int, rows: Sequence[Row], *, by: int | None, how: str
    ) -> None:  # fmt: skip
        writing = await Writing.begin(connection, self._secrets, chat_id, 0, self._now(None))
        for row in rows:
            if row["gone_at"] is None:
                writing.set(row, revoked=True, gone_at=writing.at)
                writing.note(row["id"], "deleted", by=by, how=how, detail={})
        await writing.write()

    async def seen_in_update(self, join: SeenJoin) -> Link | None:
        """Someone joined. The link, if Telegram named one, is found by its full or its cut form, or is new
        to the book; the join counts once per update, and only if dated after the link's last reading.
        Returns the link. Raises UnknownChat."""
        seen = join.link
        async with self._engines.writing() as connection:
            join = replace(join, chat_id=await now_of(connection, join.chat_id))
            if seen is None:
                await connection.execute(_JOINED, [join_row(join, None, how="update")])
                return None
            known = await connection.execute(_JOINED_BY, {"update_id": join.update_id})
            if (row := known.mappings().first()) is not None:
                return link_of(row)
            writing = await Writing.begin(connection, self._secrets, join.chat_id, seen.creator_id, self._now(None))
            twin = await twin_of(connection, writing, join)
            if twin is not None and twin["link_id"] is not None and twin["update_id"] is None:
                heard = update(joins).where(joins.c.id == twin["id"]).values(update_id=join.update_id)
                await connection.execute(heard)
                return await _shown(connection, _BY_ID, id=twin["link_id"])
            number = await self._seen_by_join(writing, seen, join)
            await writing.write()
            shown = await _shown(connection, _BY_NUMBER, chat_id=join.chat_id, number=number)
            await connection.execute(_JOINED, [join_row(join, shown.id, how="update")])
            return shown

    async def _seen_by_join(self, writing: Writing, seen: SeenLink | CutLink, join: SeenJoin) -> int:
        text = seen.link if isinstance(seen, SeenLink) else seen.start
        number = await keys.joined_by_former(writing, text, seen.creator_id, join)
        if number is not None:
            return number
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
        named = row["for_name"] and row["for_name"] == (join.username or "").lower()
        if named or row["for_person"] == join.person_id:
            joined |= {"for_person": join.person_id, "for_name": "", "closing": True}
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
            these = {"chat_id": await now_of(connection, chat_id), "person_id": person_id, "at": at}
            here = (await connection.execute(_HERE, these)).all()
            if not here:
                return
            await connection.execute(update(joins).where(joins.c.id.in_([one for one, _ in here])).values(left_at=at))
            if links := [link_id for _, link_id in here if link_id is not None]:
                await connection.execute(
                    update(link).where(link.c.id == bindparam("of_link")).values(leavers=link.c.leavers + 1),
                    [{"of_link": link_id} for link_id in links],
                )

    async def expire(self, *, at: int | None = None) -> int:
        """Gives each link whose end has passed its state, and marks those whose end is near; returns how many."""
        at, ended = self._now(at), 0
        while True:
            async with self._engines.writing() as connection:
                rows = (await connection.execute(_DUE, {"at": at})).mappings().all()
                by_chat: dict[int, list[Row]] = {}
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
            await asyncio.sleep(TURN)

    async def export(self, chat_id: int, *, every: bool) -> list[Link]:
        """In the order of numbers: the unrevoked ones, or every row."""
        await self.expire()
        async with self._engines.reading() as connection:
            chat_id = await now_of(connection, chat_id)
        links: list[Link] = []
        while some := await self._many(_AFTER_NUMBER, chat_id=chat_id, number=links[-1].number if links else 0):
            links += some
        return links if every else [one for one in links if one.state in UNREVOKED]

    async def _one(self, statement: Select[Any], **of: Any) -> Link | None:
        found = await self._many(statement, **of)
        if found and found[0].state in (State.LIVE, State.FULL) and 0 < (found[0].expires or 0) <= self._now(None):
            await self.expire()
            found = await self._many(statement, **of)
        return found[0] if found else None

    async def _many(self, statement: Select[Any], **of: Any) -> list[Link]:
        async with self._engines.reading() as connection:
            rows = (await connection.execute(statement, of)).mappings().all()
            if not rows and "chat_id" in of and (now := await now_of(connection, of["chat_id"])) != of["chat_id"]:
                rows = (await connection.execute(statement, of | {"chat_id": now})).mappings().all()
        return [link_of(row) for row in rows]


async def _shown(connection: Hold, statement: Select[Any], **of: Any) -> Link:
    return link_of((await connection.execute(statement, of)).mappings().one())

"""Chats and people."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from sqlalchemy import and_, bindparam, delete, exists, func, insert, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from ledger.chats import Chat, ReplyPlace, Role, SeenChat, Served
from ledger.errors import ChatMoved, UnknownChat
from ledger.secrets import Secrets
from ledger.store.engine import AT_ONCE, TURN, Engines, Now
from ledger.store.forgetting import Forgetting
from ledger.store.freshness import CHAT, chat_of
from ledger.store.moves import now_of, unmoved
from ledger.store.people import People
from ledger.store.rows import COLUMNS, Writing
from ledger.store.supergroups import move
from ledger.tables import admin, chat, link

_WATCHING = (Role.OWNER, Role.ADMIN, Role.POWERLESS)  # Telegram sends chat_member to any admin bot

_CHATS = select(*CHAT)
_BY_ID = _CHATS.where(chat.c.id == bindparam("id"))
_ADMINS = select(admin.c.person_id).where(
    admin.c.chat_id == bindparam("of_chat"), admin.c.told_by == bindparam("of_teller")
)
_BY_USERNAME = _CHATS.where(func.lower(chat.c.username) == bindparam("username")).limit(1)
_told = admin.alias()
_IS_ADMIN = exists().where(
    _told.c.chat_id == link.c.chat_id, _told.c.person_id == link.c.creator_id, _told.c.told_by == "bot"
)
# Rows whose maker_left is not what the bot was told.
_MISJUDGED = (
    select(*COLUMNS)
    .where(
        link.c.chat_id == bindparam("chat_id"),
        or_(and_(link.c.maker_left, _IS_ADMIN), and_(~link.c.maker_left, ~_IS_ADMIN)),
    )
    .limit(AT_ONCE)
)


class Chats(People, Forgetting):
    def __init__(self, engines: Engines, secrets: Secrets, now: Now, time_zone: str) -> None:
        self._engines, self._secrets, self._now, self._time_zone = engines, secrets, now, time_zone

    async def saw(self, seen: SeenChat, *, added_by: int | None = None, trusted: bool = False) -> Chat:
        """A chat new to the book waits for the host's yes, unless all are `trusted`. Costs a write only
        where something is otherwise than known. A group that became a supergroup is that one."""
        known = await self.get(seen.id)
        if known is not None:
            if known.id != seen.id:
                return known  # the group it was tells nothing of the supergroup it is
            same = (known.title, known.kind, known.username) == (seen.title, seen.kind, seen.username)
            if same and (known.added_by or not added_by) and not (trusted and known.served is Served.ASKED):
                return known
        row = {
            "id": seen.id, "title": seen.title, "kind": seen.kind, "username": seen.username, "added_by": added_by,
            "time_zone": self._time_zone, "served": Served.SERVED if trusted else Served.ASKED,
            "bot_role": Role.UNKNOWN, "bot_deletes": False, "account_role": Role.UNKNOWN,
            "first_seen": self._now(None), "next_number": 1, "pass_number": 0, "pass_whole": True,
            "sweep_calls": 0, "sweep_new": 0, "sweep_changed": 0, "sweep_gone": 0,
            "reply_place": ReplyPlace.HERE, "zone_chosen": False, "account_acts": False,
        }  # fmt: skip
        again: dict[str, Any] = {"title": seen.title, "kind": seen.kind, "username": seen.username}
        if added_by:
            again["added_by"] = added_by
        async with self._engines.writing() as connection:
            await connection.execute(upsert(chat).values(row).on_conflict_do_update(index_elements=["id"], set_=again))
            if trusted:
                await connection.execute(
                    update(chat).where(chat.c.id == seen.id, chat.c.served == Served.ASKED).values(served=Served.SERVED)
                )
            return chat_of((await connection.execute(_BY_ID, {"id": seen.id})).mappings().one())

    async def get(self, chat_id: int) -> Chat | None:
        async with self._engines.reading() as connection:
            row = (await connection.execute(_BY_ID, {"id": chat_id})).mappings().first()
            if row is None and (now := await now_of(connection, chat_id)) != chat_id:
                row = (await connection.execute(_BY_ID, {"id": now})).mappings().first()
        return chat_of(row) if row else None

    async def every(self) -> list[Chat]:
        """In the order they were first seen."""
        async with self._engines.reading() as connection:
            rows = (await connection.execute(_CHATS.order_by(chat.c.first_seen, chat.c.id))).mappings().all()
        return [chat_of(row) for row in rows]

    async def served(self) -> list[Chat]:
        return [one for one in await self.every() if one.served is Served.SERVED]

    async def serve(self, chat_id: int, served: Served) -> None:
        """The host's word. Raises UnknownChat."""
        await self._change(chat_id, served=served)

    async def bot_place(self, chat_id: int, role: Role, *, deletes: bool, restricts: bool = False) -> None:
        """What this bot is there, and whether it may delete messages and ban people. Joins are watched while it is any
        kind of admin. Raises UnknownChat, ChatMoved."""
        async with self._engines.reading() as connection:
            row = (await connection.execute(_BY_ID, {"id": chat_id})).mappings().first()
            if row is None:
                await unmoved(connection, chat_id)
                raise UnknownChat
        since = (row["watched_since"] or self._now(None)) if role in _WATCHING else None
        place = {"bot_role": role, "bot_deletes": deletes, "bot_restricts": restricts, "watched_since": since}
        if any(row[name] != value for name, value in place.items()):
            await self._change(chat_id, **place)

    async def account_place(self, chat_id: int, role: Role, access_hash: int | None = None) -> None:
        """What the account is there; a known access hash stays where none is given. Raises UnknownChat, ChatMoved."""
        known = await self.get(chat_id)
        if known is None:
            raise UnknownChat
        if known.id != chat_id:
            raise ChatMoved(known.id)
        fields: dict[str, Any] = {}
        if known.account_role is not role:
            fields |= {"account_role": role, "account_since": self._now(None)}
        if access_hash is not None and access_hash != known.account_hash:
            fields["account_hash"] = access_hash
        if fields:
            await self._change(chat_id, **fields)

    async def set_admins(self, chat_id: int, people: Iterable[int], *, told_by: str) -> None:
        """Replaces what this teller ("bot" or "account") said. The bot's word decides whose maker has left.
        Raises UnknownChat, ChatMoved."""
        now = set(people)
        async with self._engines.reading() as connection:
            await unmoved(connection, chat_id)
            before = set((await connection.execute(_ADMINS, {"of_chat": chat_id, "of_teller": told_by})).scalars())
        if now == before:
            return
        async with self._engines.writing() as connection:
            writing = await Writing.begin(connection, self._secrets, chat_id, 0, self._now(None))
            await connection.execute(delete(admin).where(admin.c.chat_id == chat_id, admin.c.told_by == told_by))
            if now:
                await connection.execute(
                    insert(admin), [{"chat_id": chat_id, "person_id": one, "told_by": told_by} for one in sorted(now)]
                )
            judged = await _judge_makers(writing) if told_by == "bot" and now else 0
        while judged == AT_ONCE:
            await asyncio.sleep(TURN)
            async with self._engines.writing() as connection:
                judged = await _judge_makers(
                    await Writing.begin(connection, self._secrets, chat_id, 0, self._now(None))
                )  # fmt: skip

    async def now(self, chat_id: int) -> int:
        """The id a chat has now: a basic group that became a supergroup has another."""
        async with self._engines.reading() as connection:
            return await now_of(connection, chat_id)

    async def migrated(self, old_id: int, new_id: int) -> None:
        """Every row of `old_id` under `new_id`, also where that was met first: numbers of `old_id` stay, links
        of `new_id` whose number it gave out get new ones. From then on the old id leads to the new one. A
        second time changes nothing."""
        async with self._engines.reading() as connection:
            if await now_of(connection, old_id) == await now_of(connection, new_id):
                return
        async with self._engines.writing() as connection:
            await move(connection, old_id, new_id, self._now(None))

    async def by_username(self, username: str) -> Chat | None:
        """With or without `@`."""
        wanted = username.strip().removeprefix("@").lower()
        async with self._engines.reading() as connection:
            row = (await connection.execute(_BY_USERNAME, {"username": wanted})).mappings().first()
        return chat_of(row) if row else None

    async def set_zone(self, chat_id: int, zone: str) -> None:
        """As an owner chose it: an IANA name. Raises UnknownChat."""
        await self._change(chat_id, time_zone=zone, zone_chosen=True)

    async def let_account_act(self, chat_id: int, acts: bool) -> None:
        """The host's word. Raises UnknownChat."""
        await self._change(chat_id, account_acts=acts)

    async def set_reply_place(self, chat_id: int, place: ReplyPlace) -> None:
        """Raises UnknownChat."""
        await self._change(chat_id, reply_place=place)

    async def set_discussion(self, chat_id: int, other_id: int | None) -> None:
        """A channel and its discussion group know of each other: both sides are written, as far as the book
        has them, and whoever was linked to one of them is not any more. Raises UnknownChat."""
        known = await self.get(chat_id)
        if known is not None and known.discussion_id == other_id:
            other = await self.get(other_id) if other_id is not None else None
            if other is None or other.discussion_id == chat_id:
                return
        async with self._engines.writing() as connection:
            chat_id = await now_of(connection, chat_id, known=True)
            pair = [one for one in (chat_id, other_id) if one is not None]
            await connection.execute(update(chat).where(chat.c.discussion_id.in_(pair)).values(discussion_id=None))
            for one, its in ((chat_id, other_id), (other_id, chat_id)):
                await connection.execute(update(chat).where(chat.c.id == one).values(discussion_id=its))

    async def _change(self, chat_id: int, **fields: Any) -> None:
        async with self._engines.writing() as connection:
            if (await connection.execute(update(chat).where(chat.c.id == chat_id).values(fields))).rowcount == 0:
                await unmoved(connection, chat_id)
                raise UnknownChat


async def _judge_makers(writing: Writing) -> int:
    """Sets maker_left where it is not what the bot was told, for AT_ONCE links at most."""
    rows = (await writing.connection.execute(_MISJUDGED, {"chat_id": writing.chat_id})).mappings().all()
    for row in rows:
        writing.set(row, maker_left=not row["maker_left"])
    await writing.write()
    return len(rows)

"""Chats and people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import and_, bindparam, delete, exists, insert, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from ledger.chats import Chat, Role, SeenChat, SeenPerson, Served
from ledger.errors import UnknownChat
from ledger.secrets import Secrets
from ledger.store.engine import AT_ONCE, Engines, Hold, Now
from ledger.store.freshness import CHAT, chat_of
from ledger.store.rows import COLUMNS, Writing
from ledger.tables import admin, chat, link, person

_WATCHING = (Role.OWNER, Role.ADMIN, Role.POWERLESS)  # Telegram sends chat_member to any admin bot

_CHATS = select(*CHAT, chat.c.watched_since)
_BY_ID = _CHATS.where(chat.c.id == bindparam("id"))
_PERSON = select(person).where(person.c.id == bindparam("id"))
_PEOPLE = select(person).where(person.c.id.in_(bindparam("ids", expanding=True)))
_AMONG = (
    select(person).where(person.c.id.in_(select(admin.c.person_id).where(admin.c.chat_id == bindparam("chat_id"))))
).order_by(person.c.id)
_ADMINS = select(admin.c.person_id).where(
    admin.c.chat_id == bindparam("of_chat"), admin.c.told_by == bindparam("of_teller")
)
_person = upsert(person)
_SEEN = _person.on_conflict_do_update(
    index_elements=[person.c.id],
    set_={
        "name": _person.excluded.name, "username": _person.excluded.username, "is_bot": _person.excluded.is_bot,
        "account_hash": _person.excluded.account_hash,
    },
)  # fmt: skip
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


class Chats:
    def __init__(self, engines: Engines, secrets: Secrets, now: Now, time_zone: str) -> None:
        self._engines, self._secrets, self._now, self._time_zone = engines, secrets, now, time_zone

    async def saw(self, seen: SeenChat, *, added_by: int | None = None, trusted: bool = False) -> Chat:
        """A chat new to the book waits for the host's yes, unless all are `trusted`. Costs a write only
        where something is otherwise than known."""
        known = await self.get(seen.id)
        if known is not None:
            same = (known.title, known.kind, known.username) == (seen.title, seen.kind, seen.username)
            if same and (known.added_by or not added_by) and not (trusted and known.served is Served.ASKED):
                return known
        row = {
            "id": seen.id, "title": seen.title, "kind": seen.kind, "username": seen.username, "added_by": added_by,
            "time_zone": self._time_zone, "served": Served.SERVED if trusted else Served.ASKED,
            "bot_role": Role.UNKNOWN, "bot_deletes": False, "account_role": Role.UNKNOWN,
            "first_seen": self._now(None), "next_number": 1, "pass_number": 0,
            "sweep_calls": 0, "sweep_new": 0, "sweep_changed": 0, "sweep_gone": 0,
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

    async def bot_place(self, chat_id: int, role: Role, *, deletes: bool) -> None:
        """What this bot is there, and whether it may delete messages. Joins are watched while it is any
        kind of admin. Raises UnknownChat."""
        async with self._engines.reading() as connection:
            row = (await connection.execute(_BY_ID, {"id": chat_id})).mappings().first()
        if row is None:
            raise UnknownChat
        since = (row["watched_since"] or self._now(None)) if role in _WATCHING else None
        if (row["bot_role"], row["bot_deletes"], row["watched_since"]) != (role, deletes, since):
            await self._change(chat_id, bot_role=role, bot_deletes=deletes, watched_since=since)

    async def account_place(self, chat_id: int, role: Role, access_hash: int | None = None) -> None:
        """What the account is there; a known access hash stays where none is given. Raises UnknownChat."""
        known = await self.get(chat_id)
        if known is None:
            raise UnknownChat
        fields: dict[str, Any] = {}
        if known.account_role is not role:
            fields |= {"account_role": role, "account_since": self._now(None)}
        if access_hash is not None and access_hash != known.account_hash:
            fields["account_hash"] = access_hash
        if fields:
            await self._change(chat_id, **fields)

    async def saw_people(self, people: Iterable[SeenPerson], *, hashes: Mapping[int, int] | None = None) -> None:
        """`hashes` are the account's access hashes by person. Costs a write only where something is new."""
        by_id = {one.id: one for one in people}
        async with self._engines.reading() as connection:
            rows = (await connection.execute(_PEOPLE, {"ids": list(by_id)})).mappings().all()
        known = {row["id"]: row for row in rows}
        changed = []
        for one in by_id.values():
            row = known.get(one.id)
            access = (hashes or {}).get(one.id, row["account_hash"] if row else None)
            now = (one.name, one.username, one.is_bot, access)
            if row is None or now != (row["name"], row["username"], row["is_bot"], row["account_hash"]):
                changed.append(
                    {"id": one.id, "name": one.name, "username": one.username, "is_bot": one.is_bot,
                     "account_hash": access, "private_open": False}
                )  # fmt: skip
        if changed:
            async with self._engines.writing() as connection:
                await connection.execute(_SEEN, changed)

    async def person(self, person_id: int) -> SeenPerson | None:
        async with self._engines.reading() as connection:
            row = (await connection.execute(_PERSON, {"id": person_id})).mappings().first()
        return _person_of(row) if row else None

    async def find_person(self, chat_id: int, text: str) -> list[SeenPerson]:
        """Among those who have or may have links in the chat: the one with this username, else those whose
        name, or a word of it, begins so."""
        wanted = text.strip().removeprefix("@").casefold()
        async with self._engines.reading() as connection:
            rows = (await connection.execute(_AMONG, {"chat_id": chat_id})).mappings().all()
        people = [_person_of(row) for row in rows]
        exact = [one for one in people if one.username and one.username.casefold() == wanted]
        if exact or not wanted or text.strip().startswith("@"):
            return exact
        return [one for one in people if any(part.startswith(wanted) for part in _parts(one.name.casefold()))]

    async def set_admins(self, chat_id: int, people: Iterable[int], *, told_by: str) -> None:
        """Replaces what this teller ("bot" or "account") said. The bot's word decides whose maker has left.
        Raises UnknownChat."""
        now = set(people)
        async with self._engines.reading() as connection:
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
            async with self._engines.writing() as connection:
                judged = await _judge_makers(
                    await Writing.begin(connection, self._secrets, chat_id, 0, self._now(None))
                )  # fmt: skip

    async def choose(self, person_id: int, chat_id: int | None) -> None:
        """The chat his private commands are about."""
        await self._of_person(person_id, chosen_chat=chat_id)

    async def chosen(self, person_id: int) -> int | None:
        async with self._engines.reading() as connection:
            row = (await connection.execute(_PERSON, {"id": person_id})).mappings().first()
        return row["chosen_chat"] if row else None

    async def set_private_open(self, person_id: int, is_open: bool) -> None:
        """Whether the bot may write to him: he pressed Start, and has not blocked it since."""
        await self._of_person(person_id, private_open=is_open)

    async def private_open(self, person_id: int) -> bool:
        async with self._engines.reading() as connection:
            row = (await connection.execute(_PERSON, {"id": person_id})).mappings().first()
        return bool(row and row["private_open"])

    async def _change(self, chat_id: int, **fields: Any) -> None:
        async with self._engines.writing() as connection:
            if (await connection.execute(update(chat).where(chat.c.id == chat_id).values(fields))).rowcount == 0:
                raise UnknownChat

    async def _of_person(self, person_id: int, **fields: Any) -> None:
        async with self._engines.reading() as connection:
            row = (await connection.execute(_PERSON, {"id": person_id})).mappings().first()
        if row is not None and all(row[name] == value for name, value in fields.items()):
            return
        async with self._engines.writing() as connection:
            await _upsert_person(connection, person_id, fields)


async def _judge_makers(writing: Writing) -> int:
    """Sets maker_left where it is not what the bot was told, for AT_ONCE links at most."""
    rows = (await writing.connection.execute(_MISJUDGED, {"chat_id": writing.chat_id})).mappings().all()
    for row in rows:
        writing.set(row, maker_left=not row["maker_left"])
    await writing.write()
    return len(rows)


async def _upsert_person(connection: Hold, person_id: int, fields: Mapping[str, Any]) -> None:
    row = {"id": person_id, "name": "", "is_bot": False, "private_open": False, **fields}
    await connection.execute(upsert(person).values(row).on_conflict_do_update(index_elements=["id"], set_=dict(fields)))


def _person_of(row: Mapping[Any, Any]) -> SeenPerson:
    return SeenPerson(row["id"], row["name"], row["username"], row["is_bot"])


def _parts(name: str) -> list[str]:
    return [name, *name.split()]

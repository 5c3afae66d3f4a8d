"""People, and what an owner lets named admins do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, or_, select
from sqlalchemy.dialects.sqlite import insert as upsert

from ledger.chats import Grant, SeenPerson
from ledger.store.engine import Engines, Hold, Now
from ledger.store.moves import now_of
from ledger.tables import admin, event, grant, person

_PERSON = select(person).where(person.c.id == bindparam("id"))
_PEOPLE = select(person).where(person.c.id.in_(bindparam("ids", expanding=True)))
_AMONG = (
    select(person).where(person.c.id.in_(select(admin.c.person_id).where(admin.c.chat_id == bindparam("chat_id"))))
).order_by(person.c.id)
_person = upsert(person)
_SEEN = _person.on_conflict_do_update(
    index_elements=[person.c.id],
    set_={
        "name": _person.excluded.name, "username": _person.excluded.username, "is_bot": _person.excluded.is_bot,
        "account_hash": _person.excluded.account_hash,
    },
)  # fmt: skip
_BY_USERNAME = (
    select(person).where(func.lower(person.c.username) == bindparam("username")).order_by(person.c.id.desc()).limit(1)
)
_TOLD_ADMINS = (
    select(admin.c.person_id.label("id"), person.c.name, person.c.username, person.c.is_bot)
    .select_from(admin.outerjoin(person, person.c.id == admin.c.person_id))
    .where(
        admin.c.chat_id == bindparam("chat_id"),
        admin.c.told_by == "bot",
        or_(person.c.is_bot.is_(None), ~person.c.is_bot),
    )
)
_GRANTS = select(grant.c.person_id, grant.c.what).where(grant.c.chat_id == bindparam("chat_id"))
_ONE_GRANT = delete(grant).where(
    grant.c.chat_id == bindparam("chat_id"),
    grant.c.person_id == bindparam("person_id"),
    grant.c.what == bindparam("what"),
)
_GIVE = upsert(grant).on_conflict_do_nothing()


class People:
    _engines: Engines
    _now: Now

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

    async def account_hash(self, person_id: int) -> int | None:
        """The account's access hash of a person, by which it may ask about his links."""
        async with self._engines.reading() as connection:
            found = select(person.c.account_hash).where(person.c.id == person_id)
            known: int | None = (await connection.execute(found)).scalar()
        return known

    async def find_person(self, chat_id: int, text: str) -> list[SeenPerson]:
        """Among those who have or may have links in the chat: the one with this username, else those whose
        name, or a word of it, begins so."""
        wanted = text.strip().removeprefix("@").casefold()
        async with self._engines.reading() as connection:
            chat_id = await now_of(connection, chat_id)
            rows = (await connection.execute(_AMONG, {"chat_id": chat_id})).mappings().all()
        people = [_person_of(row) for row in rows]
        exact = [one for one in people if one.username and one.username.casefold() == wanted]
        if exact or not wanted or text.strip().startswith("@"):
            return exact
        return [one for one in people if any(part.startswith(wanted) for part in _parts(one.name.casefold()))]

    async def person_by_username(self, username: str) -> SeenPerson | None:
        """With or without `@`. A username can pass from one person to another: who was met last is it."""
        wanted = username.strip().removeprefix("@").lower()
        async with self._engines.reading() as connection:
            row = (await connection.execute(_BY_USERNAME, {"username": wanted})).mappings().first()
        return _person_of(row) if row else None

    async def admins(self, chat_id: int) -> list[SeenPerson]:
        """The people (no bots) the bot was told are admins there, by name."""
        async with self._engines.reading() as connection:
            chat_id = await now_of(connection, chat_id)
            rows = (await connection.execute(_TOLD_ADMINS, {"chat_id": chat_id})).mappings().all()
        people = [SeenPerson(row["id"], row["name"] or str(row["id"]), row["username"]) for row in rows]
        return sorted(people, key=lambda one: (one.name.casefold(), one.id))

    async def grants(self, chat_id: int) -> dict[int, frozenset[Grant]]:
        """By person."""
        async with self._engines.reading() as connection:
            chat_id = await now_of(connection, chat_id)
            rows = (await connection.execute(_GRANTS, {"chat_id": chat_id})).all()
        given: dict[int, frozenset[Grant]] = {}
        for person_id, what in rows:
            given[person_id] = given.get(person_id, frozenset()) | {Grant(what)}
        return given

    async def grants_of(self, chat_id: int, person_id: int) -> frozenset[Grant]:
        return (await self.grants(chat_id)).get(person_id, frozenset())

    async def grant(self, chat_id: int, person_id: int, what: Grant, *, on: bool, by: int | None) -> None:
        """Gives or takes back; the history says who did. What is so already is no event. `by` None: it ended
        by itself. Raises UnknownChat."""
        async with self._engines.writing() as connection:
            chat_id = await now_of(connection, chat_id, known=True)
            these = {"chat_id": chat_id, "person_id": person_id, "what": what}
            if (await connection.execute(_GIVE if on else _ONE_GRANT, these)).rowcount > 0:
                note = {
                    "chat_id": chat_id, "link_id": None, "at": self._now(None), "by": by, "how": "bot",
                    "what": "granted" if on else "withdrawn",
                    "detail": json.dumps({"person": person_id, "grant": what}),
                }  # fmt: skip
                await connection.execute(insert(event), note)

    async def await_words(self, person_id: int, what: str | None) -> None:
        """What this person's next words in private are the answer to, in the bot's own form; None for nothing."""
        await self._of_person(person_id, awaits=what)

    async def awaited_words(self, person_id: int) -> str | None:
        async with self._engines.reading() as connection:
            row = (await connection.execute(_PERSON, {"id": person_id})).mappings().first()
        return row["awaits"] if row else None

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

    async def _of_person(self, person_id: int, **fields: Any) -> None:
        async with self._engines.reading() as connection:
            row = (await connection.execute(_PERSON, {"id": person_id})).mappings().first()
        if row is not None and all(row[name] == value for name, value in fields.items()):
            return
        async with self._engines.writing() as connection:
            await _upsert_person(connection, person_id, fields)


async def _upsert_person(connection: Hold, person_id: int, fields: Mapping[str, Any]) -> None:
    row = {"id": person_id, "name": "", "is_bot": False, "private_open": False, **fields}
    await connection.execute(upsert(person).values(row).on_conflict_do_update(index_elements=["id"], set_=dict(fields)))


def _person_of(row: Mapping[Any, Any]) -> SeenPerson:
    return SeenPerson(row["id"], row["name"], row["username"], row["is_bot"])


def _parts(name: str) -> list[str]:
    return [name, *name.split()]

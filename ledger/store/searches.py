"""What people look for in a chat: the words of a search, and the list they get when they ask for none."""

from __future__ import annotations

import json

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from ledger.listing import Order, Query, Shelf, Whose
from ledger.store.engine import Engines
from ledger.store.moves import now_of
from ledger.tables import preference, search

_KEPT = 200  # searches of a person in a chat; the oldest are forgotten, and their buttons with them

_SAME = select(search.c.id).where(
    search.c.chat_id == bindparam("chat_id"),
    search.c.person_id == bindparam("person_id"),
    search.c.words == bindparam("words"),
)
_WORDS = select(search.c.words, search.c.person_id).where(
    search.c.id == bindparam("id"), search.c.chat_id == bindparam("chat_id")
)
_preference = upsert(preference)
_SAVE = _preference.on_conflict_do_update(
    index_elements=[preference.c.chat_id, preference.c.person_id], set_={"list": _preference.excluded.list}
)
_SAVED = select(preference.c.list).where(
    preference.c.chat_id == bindparam("chat_id"), preference.c.person_id == bindparam("person_id")
)


class Searches:
    _engines: Engines

    async def search_id(self, chat_id: int, person_id: int, words: str) -> int:
        """The same for the same words of this person in this chat, as they were written."""
        async with self._engines.reading() as connection:
            these = {"chat_id": await now_of(connection, chat_id), "person_id": person_id, "words": words}
            if (known := (await connection.execute(_SAME, these)).scalar()) is not None:
                return int(known)
        async with self._engines.writing() as connection:
            if (known := (await connection.execute(_SAME, these)).scalar()) is not None:
                return int(known)
            made = (await connection.execute(insert(search).returning(search.c.id), these)).scalar_one()
            of_person = (search.c.chat_id == these["chat_id"], search.c.person_id == person_id)
            latest = select(search.c.id).where(*of_person).order_by(search.c.id.desc()).limit(_KEPT)
            await connection.execute(delete(search).where(*of_person, search.c.id.not_in(latest)))
            return int(made)

    async def search_words(self, chat_id: int, search_id: int, *, person_id: int | None = None) -> str | None:
        """None where there is none of this id in this chat, or it is not this person's."""
        async with self._engines.reading() as connection:
            these = {"chat_id": await now_of(connection, chat_id), "id": search_id}
            row = (await connection.execute(_WORDS, these)).first()
        return row[0] if row and person_id in (None, row[1]) else None

    async def default_list(self, chat_id: int, person_id: int) -> Query | None:
        async with self._engines.reading() as connection:
            chat_id = await now_of(connection, chat_id)
            found = (await connection.execute(_SAVED, {"chat_id": chat_id, "person_id": person_id})).scalar()
        if found is None:
            return None
        saved = json.loads(found)
        return Query(
            chat_id, person_id, whose=Whose(saved["whose"]), person_id=saved["person_id"],
            shelf=Shelf(saved["shelf"]), order=Order(saved["order"]), words=saved["words"],
        )  # fmt: skip

    async def save_default(self, query: Query) -> None:
        """The list `query.viewer_id` gets in this chat when he asks for none in particular. Raises UnknownChat."""
        saved = {
            "whose": query.whose, "person_id": query.person_id, "shelf": query.shelf, "order": query.order,
            "words": query.words,
        }  # fmt: skip
        async with self._engines.writing() as connection:
            chat_id = await now_of(connection, query.chat_id, known=True)
            await connection.execute(
                _SAVE, {"chat_id": chat_id, "person_id": query.viewer_id, "list": json.dumps(saved)}
            )  # fmt: skip

"""Where a chat's rows are: a basic group that became a supergroup has them under its new id."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from ledger.errors import ChatMoved, UnknownChat
from ledger.store.engine import Hold, Steps
from ledger.tables import chat, moved

_NOW = select(moved.c.new_id).where(moved.c.old_id == bindparam("old_id"))
_KNOWN = select(chat.c.id).where(chat.c.id == bindparam("id"))


async def now_of(connection: Hold, chat_id: int, *, known: bool = False) -> int:
    """The id the chat has now; with `known`, raises UnknownChat where the book has no such chat."""
    new_id = (await connection.execute(_NOW, {"old_id": chat_id})).scalar()
    chat_id = chat_id if new_id is None else int(new_id)
    if known and (await connection.execute(_KNOWN, {"id": chat_id})).first() is None:
        raise UnknownChat
    return chat_id


def now_at_once(steps: Steps, chat_id: int) -> int:
    """As `now_of`, on SQLite's thread."""
    new_id = steps.execute(_NOW, {"old_id": chat_id}).scalar()
    return chat_id if new_id is None else int(new_id)


async def unmoved(connection: Hold, chat_id: int) -> None:
    """Raises ChatMoved where this is the id of a basic group that is a supergroup now."""
    if (new_id := await now_of(connection, chat_id)) != chat_id:
        raise ChatMoved(new_id)

"""What was done with links, and the one way to a full one: who is shown it stands in the history."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, insert, select

from ledger.errors import NotWhole, UnknownLink
from ledger.listing import Event, Reveal
from ledger.secrets import Secrets
from ledger.store.engine import AT_ONCE, Engines, Hold, Now
from ledger.store.moves import now_of
from ledger.store.rows import LINK
from ledger.store.statements import Row
from ledger.tables import event, link

EVENT = insert(event)
_CIPHERS = select(link.c.id, link.c.chat_id, link.c.cipher).where(link.c.id.in_(bindparam("ids", expanding=True)))
_REVEALS = (
    select(link.c.number, event.c.by, event.c.at, event.c.how)
    .join_from(event, link, link.c.id == event.c.link_id)
    .where(event.c.chat_id == bindparam("chat_id"), event.c.what == "revealed")
    .order_by(event.c.id)
)
_HISTORY = select(event).where(event.c.link_id == bindparam("link_id")).order_by(event.c.id)


class Reveals:
    _engines: Engines
    _secrets: Secrets
    _now: Now

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
            chat_id = await now_of(connection, chat_id)
            rows = (await connection.execute(_REVEALS, {"chat_id": chat_id})).all()
        return [Reveal(number, by, at, how) for number, by, at, how in rows]

    async def history(self, link_id: int) -> list[Event]:
        async with self._engines.reading() as connection:
            rows = (await connection.execute(_HISTORY, {"link_id": link_id})).mappings().all()
        return [Event(row["at"], row["what"], row["by"], row["how"], json.loads(row["detail"])) for row in rows]

    def _opened(self, row: Row | None) -> str:
        if row is None:
            raise UnknownLink
        if row["cipher"] is None:
            raise NotWhole
        return self._secrets.open(LINK, row["cipher"])

    async def _log_reveals(self, connection: Hold, rows: Sequence[Row], person_id: int | None, how: str) -> None:
        at = self._now(None)
        events = [event_of(row["chat_id"], row["id"], at, "revealed", by=person_id, how=how) for row in rows]
        if events:
            await connection.execute(EVENT, events)


def event_of(chat_id: int, link_id: int, at: int, what: str, *, by: int | None, how: str) -> dict[str, Any]:
    return {"chat_id": chat_id, "link_id": link_id, "at": at, "what": what, "by": by, "how": how, "detail": "{}"}

"""What acts on many are drafted from: links that look dead, this bot's own, who came by one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, bindparam, func, or_, select

from ledger.chats import SeenPerson
from ledger.links import Link, State
from ledger.store.engine import Engines
from ledger.store.pages import SHOWN
from ledger.tables import join as joins
from ledger.tables import link, person
from ledger.tidying import Rule, dead_by

_NOBODY = 0  # who was forgotten

_AMONG = SHOWN.where(link.c.id.in_(bindparam("ids", expanding=True)))
_MAYBE_DEAD = SHOWN.where(
    link.c.chat_id == bindparam("chat_id"),
    link.c.kind >= 0,
    or_(link.c.state.in_((State.EXPIRED, State.FULL)), link.c.maker_left, link.c.joined == 0),
).order_by(link.c.number)
_OF_THIS_BOT = SHOWN.where(
    link.c.chat_id == bindparam("chat_id"), link.c.kind >= 0, link.c.by_this_bot, link.c.digest.is_not(None)
).order_by(link.c.is_primary, link.c.number)
_CAME_BY = (
    select(joins.c.person_id, func.max(person.c.name), func.max(person.c.is_bot))
    .select_from(joins.outerjoin(person, person.c.id == joins.c.person_id))
    .where(
        joins.c.link_id == bindparam("link_id"),
        joins.c.at >= bindparam("since"),
        joins.c.left_at.is_(None),
        joins.c.person_id != _NOBODY,
    )
    .group_by(joins.c.person_id)
    .order_by(func.max(joins.c.at), joins.c.person_id)
)


class Tidying(ABC):
    _engines: Engines

    @abstractmethod
    async def expire(self, *, at: int | None = None) -> int: ...

    @abstractmethod
    async def _many(self, statement: Select[Any], **of: Any) -> list[Link]: ...

    async def many(self, link_ids: Sequence[int]) -> dict[int, Link]:
        """By their ids; some hundred at most."""
        return {one.id: one for one in await self._many(_AMONG, ids=list(link_ids))} if link_ids else {}

    async def dead(self, chat_id: int, at: int) -> list[tuple[Link, Rule]]:
        """The unrevoked links that look dead at that time (Unix seconds), by number, and by which rule."""
        await self.expire(at=at)
        found = await self._many(_MAYBE_DEAD, chat_id=chat_id)
        return [(one, rule) for one in found if (rule := dead_by(one, at)) is not None]

    async def of_this_bot(self, chat_id: int) -> list[Link]:
        """Its unrevoked links, by number; a primary one comes last."""
        return await self._many(_OF_THIS_BOT, chat_id=chat_id)

    async def came_by(self, link_id: int, since: int = 0) -> list[SeenPerson]:
        """Who was seen to join by it since then (Unix seconds) and not to leave, in that order; a name is empty where
        none is kept."""
        async with self._engines.reading() as connection:
            rows = (await connection.execute(_CAME_BY, {"link_id": link_id, "since": since})).all()
        return [SeenPerson(one, name or "", is_bot=bool(is_bot)) for one, name, is_bot in rows]

"""Batches and their items."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, or_, select, update

from ledger.batches import OPEN, Batch, BatchState, Item, ItemState, NewItem, Report
from ledger.errands import Place
from ledger.secrets import Secrets
from ledger.store.engine import Engines, Hold, Now
from ledger.store.moves import now_of
from ledger.tables import batch, batch_item, event

_WISH = "batch"  # the purpose wishes are sealed for

_BY_ID = select(batch).where(batch.c.id == bindparam("id"))
_OPEN = select(batch).where(batch.c.state.in_(OPEN)).order_by(batch.c.id)
_NEXT = (
    select(batch_item)
    .where(batch_item.c.batch_id == bindparam("id"), batch_item.c.state == ItemState.WAITING)
    .order_by(batch_item.c.id)
    .limit(1)
)
_DOING = (
    select(batch_item)
    .where(batch_item.c.batch_id == bindparam("id"), batch_item.c.state == ItemState.DOING)
    .order_by(batch_item.c.id)
)
_ITEMS = select(batch_item).where(batch_item.c.batch_id == bindparam("id")).order_by(batch_item.c.id)
_COUNTS = (
    select(batch_item.c.state, batch_item.c.reason, func.count())
    .where(batch_item.c.batch_id == bindparam("id"), batch_item.c.state != ItemState.UNCHOSEN)
    .group_by(batch_item.c.state, batch_item.c.reason)
)
_ITEM = update(batch_item).where(batch_item.c.id == bindparam("of_item"))
_CHOOSE = update(batch_item).where(
    batch_item.c.id == bindparam("of_item"),
    batch_item.c.batch_id == bindparam("of_batch"),
    or_(batch_item.c.state == ItemState.WAITING, batch_item.c.state == ItemState.UNCHOSEN),
    select(batch.c.state).where(batch.c.id == bindparam("of_batch")).scalar_subquery() == BatchState.DRAFT,
)


class Batches:
    """One program runs them: the bot."""

    def __init__(self, engines: Engines, secrets: Secrets, now: Now) -> None:
        self._engines, self._secrets, self._now = engines, secrets, now

    async def draft(
        self, what: str, chat_id: int, *, asked_by: int, items: Sequence[NewItem], wish: Mapping[str, Any] | None = None
    ) -> Batch:
        """What is going to be asked about, with its items, in one transaction; nothing is done before it is begun.
        It takes the place of this person's earlier drafts of the same kind in this chat. Raises UnknownChat."""
        async with self._engines.writing() as connection:
            chat_id = await now_of(connection, chat_id, known=True)
            mine = select(batch.c.id).where(
                batch.c.chat_id == chat_id, batch.c.what == what, batch.c.asked_by == asked_by,
                batch.c.state == BatchState.DRAFT,
            )  # fmt: skip
            earlier = list((await connection.execute(mine)).scalars())
            await connection.execute(delete(batch_item).where(batch_item.c.batch_id.in_(earlier)))
            no_more = {"state": BatchState.STOPPED, "reason": "later"}  # deleted, its id would be given to another
            await connection.execute(update(batch).where(batch.c.id.in_(earlier)).values(no_more))
            made = await connection.execute(
                insert(batch).returning(batch.c.id),
                {"chat_id": chat_id, "what": what, "asked_by": asked_by, "asked_at": self._now(None),
                 "state": BatchState.DRAFT, "place": None, "cipher": self._sealed(wish), "ended_at": None,
                 "reason": ""},
            )  # fmt: skip
            batch_id = int(made.scalar_one())
            rows = [
                {"batch_id": batch_id, "link_id": one.link_id, "person_id": one.person_id, "reason": one.reason,
                 "cipher": self._sealed(one.wish), "sent_at": None,
                 "state": ItemState.WAITING if one.chosen else ItemState.UNCHOSEN}
                for one in items
            ]  # fmt: skip
            if rows:
                await connection.execute(insert(batch_item), rows)
            return self._batch_of((await connection.execute(_BY_ID, {"id": batch_id})).mappings().one())

    async def choose(self, batch_id: int, item_ids: Sequence[int], *, chosen: bool) -> None:
        """Of a draft. A batch once begun stays as it is."""
        state = ItemState.WAITING if chosen else ItemState.UNCHOSEN
        async with self._engines.writing() as connection:
            these = [{"of_batch": batch_id, "of_item": one} for one in item_ids]
            if these:
                await connection.execute(_CHOOSE.values(state=state), these)

    async def begin(self, batch_id: int, *, place: Place | None, what: str | None = None) -> bool:
        """A draft was confirmed, once: False where it was before, or is no more. What is not chosen goes; the history
        says who asked, in the same transaction. `what` takes the place of the draft's kind."""
        async with self._engines.writing() as connection:
            fields: dict[str, Any] = {
                "state": BatchState.RUNNING, "place": json.dumps(asdict(place)) if place else None,
                "asked_at": self._now(None),
            }  # fmt: skip
            if what is not None:
                fields["what"] = what
            begun = update(batch).where(batch.c.id == batch_id, batch.c.state == BatchState.DRAFT).values(fields)
            if (await connection.execute(begun)).rowcount != 1:
                return False
            left_out = (batch_item.c.batch_id == batch_id, batch_item.c.state == ItemState.UNCHOSEN)
            await connection.execute(delete(batch_item).where(*left_out))
            await self._note(connection, batch_id, "asked")
            return True

    async def get(self, batch_id: int) -> Batch | None:
        async with self._engines.reading() as connection:
            row = (await connection.execute(_BY_ID, {"id": batch_id})).mappings().first()
        return self._batch_of(row) if row else None

    async def running(self) -> list[Batch]:
        """Begun and not ended, oldest first."""
        async with self._engines.reading() as connection:
            return [self._batch_of(row) for row in (await connection.execute(_OPEN)).mappings().all()]

    async def items(self, batch_id: int, *states: ItemState, limit: int | None = None) -> list[Item]:
        """In the order they were drafted in; all, or those of these states."""
        statement = _ITEMS.where(batch_item.c.state.in_(states)) if states else _ITEMS
        async with self._engines.reading() as connection:
            rows = (await connection.execute(statement.limit(limit), {"id": batch_id})).mappings().all()
        return [self._item_of(row) for row in rows]

    async def take(self, batch_id: int) -> Item | None:
        """The next item, now doing: the book says so before the call, so that a kill leaves it to be looked at."""
        async with self._engines.writing() as connection:
            row = (await connection.execute(_NEXT, {"id": batch_id})).mappings().first()
            if row is None:
                return None
            now = {"state": ItemState.DOING, "sent_at": self._now(None)}
            await connection.execute(_ITEM.values(now), {"of_item": row["id"]})
        return self._item_of({**row, **now})

    async def doing(self, batch_id: int) -> list[Item]:
        """Taken, and not ended yet."""
        async with self._engines.reading() as connection:
            return [self._item_of(row) for row in (await connection.execute(_DOING, {"id": batch_id})).mappings()]

    async def put_back(self, item_id: int) -> None:
        """Telegram has surely not done it: it waits again."""
        await self._end(item_id, {"state": ItemState.WAITING, "sent_at": None})

    async def end(self, item_id: int, state: ItemState, reason: str = "") -> None:
        """An end is final: a second one changes nothing."""
        await self._end(item_id, {"state": state, "reason": reason})

    async def stop(self, batch_id: int) -> bool:
        """No further item is taken; False where it has ended, or is stopping already."""
        async with self._engines.writing() as connection:
            stopping = update(batch).where(batch.c.id == batch_id, batch.c.state == BatchState.RUNNING)
            return (await connection.execute(stopping.values(state=BatchState.STOPPING))).rowcount == 1

    async def finish(self, batch_id: int, state: BatchState, reason: str = "") -> None:
        """Its end, with the figures in the history; final."""
        async with self._engines.writing() as connection:
            ended = update(batch).where(batch.c.id == batch_id, batch.c.state.in_(OPEN))
            values = {"state": state, "reason": reason, "ended_at": self._now(None)}
            if (await connection.execute(ended.values(values))).rowcount == 1:
                await self._note(connection, batch_id, state)

    async def report(self, batch_id: int) -> Report | None:
        async with self._engines.reading() as connection:
            row = (await connection.execute(_BY_ID, {"id": batch_id})).mappings().first()
            counts = await _counts(connection, batch_id)
        return _report(self._batch_of(row), counts) if row else None

    async def purge(self, *, drafts_before: int, ended_before: int) -> None:
        """Drafts and ended batches asked for earlier than that, in Unix seconds; the history keeps their figures."""
        ended = (BatchState.STOPPED, BatchState.DONE)
        for before, states in ((drafts_before, (BatchState.DRAFT,)), (ended_before, ended)):
            old = select(batch.c.id).where(batch.c.asked_at < before, batch.c.state.in_(states)).limit(10)
            while True:
                async with self._engines.writing() as connection:
                    ids = (await connection.execute(old)).scalars().all()
                    await _drop(connection, ids)
                if not ids:
                    break

    async def _end(self, item_id: int, values: Mapping[str, Any]) -> None:
        async with self._engines.writing() as connection:
            doing = _ITEM.where(batch_item.c.state == ItemState.DOING)
            await connection.execute(doing.values(dict(values)), {"of_item": item_id})

    async def _note(self, connection: Hold, batch_id: int, what: str) -> None:
        row = (await connection.execute(_BY_ID, {"id": batch_id})).mappings().one()
        counts = await _counts(connection, batch_id)
        told = _report(self._batch_of(row), counts)
        detail = {"batch": batch_id, "what": row["what"], "items": told.total}
        if what != "asked":
            detail |= {"done": told.done, "refused": sum(told.refused.values()), "unknown": told.unknown}
        await connection.execute(
            insert(event),
            {"chat_id": row["chat_id"], "link_id": None, "at": self._now(None), "what": what, "how": "batch",
             "by": row["asked_by"] if what == "asked" else None, "detail": json.dumps(detail)},
        )  # fmt: skip

    def _sealed(self, wish: Mapping[str, Any] | None) -> bytes | None:
        return self._secrets.seal(_WISH, json.dumps(dict(wish))) if wish else None

    def _opened(self, cipher: bytes | None) -> dict[str, Any]:
        return dict(json.loads(self._secrets.open(_WISH, cipher))) if cipher is not None else {}

    def _batch_of(self, row: Mapping[Any, Any]) -> Batch:
        return Batch(
            row["id"], row["chat_id"], row["what"], row["asked_by"], row["asked_at"], BatchState(row["state"]),
            row["reason"], Place(**json.loads(row["place"])) if row["place"] else None, self._opened(row["cipher"]),
        )  # fmt: skip

    def _item_of(self, row: Mapping[Any, Any]) -> Item:
        return Item(
            row["id"], row["batch_id"], row["link_id"], row["person_id"], ItemState(row["state"]), row["reason"],
            row["sent_at"], self._opened(row["cipher"]),
        )  # fmt: skip


async def _counts(connection: Hold, batch_id: int) -> Sequence[Any]:
    return (await connection.execute(_COUNTS, {"id": batch_id})).all()


async def _drop(connection: Hold, ids: Sequence[int]) -> None:
    for batch_id in ids:
        await connection.execute(delete(batch_item).where(batch_item.c.batch_id == batch_id))
        await connection.execute(delete(batch).where(batch.c.id == batch_id))


def _report(of: Batch, counts: Sequence[Any]) -> Report:
    by_state = {state: sum(n for one, _, n in counts if one == state) for state in ItemState}
    refused: dict[str, int] = {}
    for state, reason, n in counts:
        if state == ItemState.REFUSED:
            refused[reason] = refused.get(reason, 0) + n
    return Report(
        of, total=sum(by_state.values()), done=by_state[ItemState.DONE], waiting=by_state[ItemState.WAITING],
        doing=by_state[ItemState.DOING], unknown=by_state[ItemState.UNKNOWN], refused=refused,
    )  # fmt: skip

"""Updates received, calls intended, and what is due later. Their texts are sealed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from ledger.errors import LedgerBusy
from ledger.inbox import Due, Intent, Received
from ledger.secrets import Secrets
from ledger.store.engine import AT_ONCE, TURN, Engines, Now, Steps
from ledger.store.moves import now_of
from ledger.store.rows import INTENT
from ledger.tables import due, fact, inbox, intent, search

REST = 0.05  # seconds the end of an update may wait for a commit that is made anyway
T = TypeVar("T")
_INBOX, _DUE = "inbox", "due"  # the purposes texts are sealed for

_PUT = upsert(inbox).on_conflict_do_nothing()
_KNOWN = select(inbox.c.update_id).where(inbox.c.update_id.in_(bindparam("ids", expanding=True)))
_WAITING = (
    select(inbox).where(inbox.c.done.is_(None)).order_by(inbox.c.update_id).limit(bindparam("limit"))
)  # fmt: skip
_DONE = update(inbox).where(inbox.c.update_id == bindparam("of_update"))
_END = _DONE.values(done=bindparam("at"), cipher=None, quarantined=bindparam("why"))
_PURGE = delete(inbox).where(
    inbox.c.update_id.in_(
        select(inbox.c.update_id).where(inbox.c.done < bindparam("before")).limit(AT_ONCE)
    )
)  # fmt: skip
_COUNTS = select(
    select(func.count()).where(inbox.c.done.is_(None)).scalar_subquery(),
    select(func.count()).where(inbox.c.quarantined.is_not(None)).scalar_subquery(),
)
_INTENTION = select(intent).where(intent.c.update_id == bindparam("update_id"))
_OPEN = (
    select(intent).where(intent.c.chat_id == bindparam("chat_id"), intent.c.state == "open").order_by(intent.c.asked_at)
)
_ACTED = (
    select(intent)
    .where(
        intent.c.here == bindparam("here"), intent.c.message_id == bindparam("message_id"), intent.c.state != "failed"
    )
    .order_by(intent.c.asked_at.desc())
    .limit(1)
)
_fact = upsert(fact)
_TELL = _fact.on_conflict_do_update(index_elements=[fact.c.name], set_={"value": _fact.excluded.value})
_TOLD = select(fact.c.value).where(fact.c.name == bindparam("name"))
_DUES = insert(due).returning(due.c.id)
_READY = select(due).where(due.c.at <= bindparam("now")).order_by(due.c.at, due.c.id).limit(AT_ONCE)


@dataclass(slots=True, eq=False)
class _Ends:
    """Updates that are to be marked as done in one commit; while `resting` the first of them waits for one."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    written: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    resting: bool = False

    def settle(self, error: BaseException | None) -> None:
        if error is None:
            self.written.set_result(None)
        else:
            self.written.set_exception(error if isinstance(error, Exception) else LedgerBusy())
            self.written.exception()  # is heard of by whoever waits, if anybody does


def _and_ends(work: Callable[[Steps], T], ends: Sequence[dict[str, Any]], steps: Steps) -> T:
    done = work(steps)
    if ends:
        steps.execute(_END, ends)
    return done


class Inbox:
    def __init__(self, engines: Engines, secrets: Secrets, now: Now) -> None:
        self._engines, self._secrets, self._now = engines, secrets, now
        self._ends = _Ends()

    async def put(self, rows: Sequence[Received]) -> set[int]:
        """One commit for all of them, and for the ends that wait for one; returns the ids not known before. A
        quarantined one is kept without its body."""
        at = self._now(None)
        values = [
            {
                "update_id": one.update_id, "lane": one.lane, "kind": one.kind, "received": at, "attempts": 0,
                "cipher": None if one.body is None or one.quarantined else self._secrets.seal(_INBOX, one.body),
                "quarantined": one.quarantined, "done": at if one.quarantined else None,
            }
            for one in rows
        ]  # fmt: skip
        if not values:
            return set()
        ids = {one.update_id for one in rows}

        def unknown(steps: Steps) -> set[int]:
            known = set(steps.execute(_KNOWN, {"ids": list(ids)}).scalars())
            steps.execute(_PUT, values)
            return ids - known

        return await self._with_ends(unknown)

    async def waiting(self, limit: int = 1000) -> list[Received]:
        """Not done yet, in the order of update ids."""
        async with self._engines.reading() as connection:
            rows = (await connection.execute(_WAITING, {"limit": limit})).mappings().all()
        return [
            Received(
                row["update_id"], row["lane"], row["kind"],
                self._secrets.open(_INBOX, row["cipher"]) if row["cipher"] is not None else None,
                row["quarantined"], row["received"], row["attempts"],
            )
            for row in rows
        ]  # fmt: skip

    async def begun(self, update_id: int) -> int:
        """How often this update was begun, this time included: one that kills the program is known by it."""
        async with self._engines.writing() as connection:
            await connection.execute(_DONE.values(attempts=inbox.c.attempts + 1), {"of_update": update_id})
            attempts = select(inbox.c.attempts).where(inbox.c.update_id == update_id)
            return int((await connection.execute(attempts)).scalar_one())

    async def done(self, update_id: int, quarantined: str | None = None, *, at_once: bool = True) -> None:
        """Its body is erased (from WAL's log with the next `Ledger.empty_log`); the id stays, so that it is not taken
        again. Returns once that is on the disk: with the next batch that is `put`, where one comes within `REST`
        seconds. `at_once` where somebody waits for it; even so one commit does for all that end while the one before is
        written."""
        ends = self._ends
        ends.rows.append({"of_update": update_id, "at": self._now(None), "why": quarantined})
        leads = len(ends.rows) == 1 or (at_once and ends.resting)
        if leads:
            ends.resting = not at_once
        try:
            if leads and ends.resting:
                await asyncio.wait({ends.written}, timeout=REST)
                leads = ends.resting  # nobody came who could not wait
            if leads and ends is self._ends:
                await self._with_ends(lambda _: None)
        except BaseException as error:
            if leads and ends is self._ends:
                self._ends = _Ends()
                ends.settle(error)
            raise
        await asyncio.shield(ends.written)

    async def _with_ends(self, work: Callable[[Steps], T]) -> T:
        """In one transaction with what has ended when its turn comes."""
        ends = None
        try:
            async with self._engines.turn() as write:
                ends, self._ends = self._ends, _Ends()
                done = await write(partial(_and_ends, work, ends.rows))
        except BaseException as error:
            if ends is not None:
                ends.settle(error)
            raise
        ends.settle(None)
        return done

    async def purge(self, before: int) -> int:
        """Forgets the ids of updates done before that time; returns how many."""
        forgotten = 0
        while True:
            async with self._engines.writing() as connection:
                count = (await connection.execute(_PURGE, {"before": before})).rowcount
            forgotten += count
            if count < AT_ONCE:
                return forgotten
            await asyncio.sleep(TURN)

    async def counts(self) -> tuple[int, int]:
        """Waiting, quarantined."""
        async with self._engines.reading() as connection:
            waiting, quarantined = (await connection.execute(_COUNTS)).one()
        return waiting, quarantined


class Intents:
    def __init__(self, engines: Engines, secrets: Secrets, now: Now) -> None:
        self._engines, self._secrets, self._now = engines, secrets, now

    async def intend(
        self, update_id: int, act: str, chat_id: int, asked_by: int, wish: Mapping[str, Any], *,
        here: int | None = None, message_id: int | None = None, draft: int | None = None,
    ) -> tuple[Intent, bool]:  # fmt: skip
        """The intent of this update, and whether it is new: if it is not, the call may have been made. `here`
        and `message_id` are the command's, for `acted`; `draft` is the row of `search` that kept the wish: it goes
        in the same moment."""
        row = {
            "update_id": update_id, "act": act, "asked_by": asked_by, "state": "open", "here": here,
            "message_id": message_id, "asked_at": self._now(None),
            "cipher": self._secrets.seal(INTENT, json.dumps(dict(wish))),
        }  # fmt: skip
        async with self._engines.writing() as connection:
            row["chat_id"] = await now_of(connection, chat_id)
            found = (await connection.execute(_INTENTION, {"update_id": update_id})).mappings().first()
            if found is None:
                await connection.execute(insert(intent), row)
                if draft is not None:
                    await connection.execute(delete(search).where(search.c.id == draft))
                found = (await connection.execute(_INTENTION, {"update_id": update_id})).mappings().one()
                return self._intent_of(found), True
        return self._intent_of(found), False

    async def handed_on(self, update_id: int) -> None:
        """What comes of it is told elsewhere: by the account that was asked, in the row of a request."""
        async with self._engines.writing() as connection:
            await connection.execute(
                update(intent).where(intent.c.update_id == update_id, intent.c.state == "open").values(state="done")
            )

    async def failed(self, update_id: int) -> None:
        """Telegram refused: nothing was made."""
        async with self._engines.writing() as connection:
            await connection.execute(
                update(intent).where(intent.c.update_id == update_id, intent.c.state == "open").values(state="failed")
            )

    async def of(self, update_id: int) -> Intent | None:
        async with self._engines.reading() as connection:
            row = (await connection.execute(_INTENTION, {"update_id": update_id})).mappings().first()
        return self._intent_of(row) if row else None

    async def anew(self, update_id: int) -> bool:
        """What failed is about to be asked again; False where it may have been done."""
        async with self._engines.writing() as connection:
            failed = (intent.c.update_id == update_id, intent.c.state == "failed")
            return (await connection.execute(update(intent).where(*failed).values(state="open"))).rowcount == 1

    async def acted(self, here: int, message_id: int) -> Intent | None:
        """What the command in that message did, or may have done: an edit of it does nothing again."""
        async with self._engines.reading() as connection:
            row = (await connection.execute(_ACTED, {"here": here, "message_id": message_id})).mappings().first()
        return self._intent_of(row) if row else None

    async def open(self, chat_id: int) -> list[Intent]:
        async with self._engines.reading() as connection:
            chat_id = await now_of(connection, chat_id)
            rows = (await connection.execute(_OPEN, {"chat_id": chat_id})).mappings().all()
        return [self._intent_of(row) for row in rows]

    def _intent_of(self, row: Mapping[Any, Any]) -> Intent:
        return Intent(
            row["update_id"], row["act"], row["chat_id"], row["asked_by"], row["asked_at"],
            json.loads(self._secrets.open(INTENT, row["cipher"])), row["state"], row["link_id"],
            row["here"], row["message_id"],
        )  # fmt: skip


class Dues:
    def __init__(self, engines: Engines, secrets: Secrets, now: Now) -> None:
        self._engines, self._secrets, self._now = engines, secrets, now

    async def put(self, at: int, what: str, body: Mapping[str, Any]) -> int:
        sealed = self._secrets.seal(_DUE, json.dumps(dict(body)))
        async with self._engines.writing() as connection:
            done = await connection.execute(_DUES, {"at": at, "what": what, "cipher": sealed})
            return int(done.scalar_one())

    async def put_once(self, about: str, since: int, at: int, what: str, body: Mapping[str, Any]) -> int | None:
        """The first time for what has been so since then, over restarts too; later None, and nothing is due."""
        name, value = f"told {about}", str(since)
        sealed = self._secrets.seal(_DUE, json.dumps(dict(body)))
        async with self._engines.writing() as connection:
            if (await connection.execute(_TOLD, {"name": name})).scalar() == value:
                return None
            await connection.execute(_TELL, {"name": name, "value": value})
            done = await connection.execute(_DUES, {"at": at, "what": what, "cipher": sealed})
            return int(done.scalar_one())

    async def ready(self, now: int | None = None) -> list[Due]:
        """What is due by then, oldest first."""
        async with self._engines.reading() as connection:
            rows = (await connection.execute(_READY, {"now": self._now(now)})).mappings().all()
        return [
            Due(row["id"], row["at"], row["what"], json.loads(self._secrets.open(_DUE, row["cipher"]))) for row in rows
        ]

    async def done(self, due_id: int) -> None:
        async with self._engines.writing() as connection:
            await connection.execute(delete(due).where(due.c.id == due_id))

    async def next_at(self) -> int | None:
        async with self._engines.reading() as connection:
            at: int | None = (await connection.execute(select(func.min(due.c.at)))).scalar_one()
        return at

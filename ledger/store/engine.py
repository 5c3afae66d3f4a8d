"""The database: how it is read and written.

One connection writes, two read, each with its own thread, which aiosqlite gives it. A deferred transaction
that reads and then writes fails at once with "database is locked", whatever the timeout, so the writer begins
IMMEDIATE; the readers begin none: each of their statements is whole in itself, and waits for no writer.
"""

from __future__ import annotations

import asyncio
import math
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite
from sqlalchemy import Executable

from ledger.errors import CannotWrite, LedgerBusy
from ledger.store.copies import drop_kept
from ledger.store.file import EMPTY_LOG, PRAGMAS, journal_mode
from ledger.store.sqlite import sqlite3
from ledger.store.statements import Answer, Values, worded

T = TypeVar("T")
Now = Callable[[int | None], int]  # the time given, else the clock's, in whole seconds
AT_ONCE = 2000  # rows a transaction may change, or a statement bring, before others get their turn
TURN = 0.12  # seconds that turn lasts: between transactions back to back another program waits for seconds
_HAND_OVER = 0.0005  # seconds a busy thread keeps Python from those of the connections; 5 ms by default, at each step
_ROWS = 100  # rows an INSERT of many takes at once
_PREPARED = 512  # statements a connection keeps ready, by their text


async def _whole(work: Coroutine[Any, Any, T]) -> T:
    """Waits until it is done, and only then lets a cancellation through: a connection whose statement was
    abandoned half-way is thrown away, and keeps its lock for as long as anything refers to its cursor."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait({task})
        if not task.cancelled():
            task.exception()
        raise


class Steps:
    """Statements on the thread of a connection: none of them goes there and back by itself."""

    def __init__(self, connection: sqlite3.Connection, heard: Callable[[], None] | None = None) -> None:
        self._connection, self._heard = connection, heard

    def execute(self, statement: Executable, values: Values | Sequence[Values] | None = None) -> Answer:
        """A list of values runs it once for each, and brings nothing but how many rows were changed."""
        if self._heard is not None:
            self._heard()
        if values is not None and not isinstance(values, Mapping):
            text = worded(statement, tuple(values[0]))
            return Answer([], text.names, self._connection.executemany(text.text, text.with_many(values)).rowcount)
        text = worded(statement, tuple(values) if values else ())
        cursor = self._connection.execute(*text.with_one(values or {}))
        return Answer(text.brought(cursor.fetchall()) if text.names else [], text.names, cursor.rowcount)

    def insert(self, statement: Executable, rows: Sequence[Values]) -> None:
        """Many rows, each with the same values. SQLite steps once for a hundred of them, not for each: a step gives up
        Python's lock, and waits for it while another thread is busy."""
        # What no row has is left to be null: SQLite is given it more cheaply by not being given it.
        text = worded(statement, tuple(name for name in rows[0] if any(row[name] is not None for row in rows)))
        given, whole = text.with_many(rows), len(rows) - len(rows) % _ROWS
        many = text.repeated(_ROWS) if whole else ""
        for at in range(0, whole, _ROWS):
            self._connection.execute(many, [*chain.from_iterable(given[at : at + _ROWS])])
        if rest := given[whole:]:
            self._connection.executemany(text.text, rest)


class _Threaded(aiosqlite.Connection):
    async def trip(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Hands its thread more than one step. Who is cancelled meanwhile leaves nothing half-way behind."""
        done: T = await self._execute(work, self._conn)  # type: ignore[no-untyped-call]
        return done


class _Wire:
    """A connection to the file, opened when first used. `busy` counts the trips under way: its thread makes one after
    the other."""

    def __init__(self, path: Path, pragmas: Sequence[str]) -> None:
        self.busy = 0
        self._path, self._pragmas = path, pragmas
        self._opening = asyncio.Lock()
        self._connection: _Threaded | None = None

    async def open(self) -> _Threaded:
        if self._connection is None:
            async with self._opening:
                if self._connection is None:
                    await _whole(self._connect())
        assert self._connection is not None
        return self._connection

    async def _connect(self) -> None:
        """Kept here and not handed over: whoever waits for it may be cancelled, and it must be closed all the same."""
        connect = partial(sqlite3.connect, self._path, isolation_level=None, cached_statements=_PREPARED)
        connection = _Threaded(connect, iter_chunk_size=0)  # all rows come in one go
        connection._thread.daemon = True  # a program that fails before it closes must end all the same
        await connection
        try:
            await connection.executescript("".join(f"PRAGMA {pragma};" for pragma in self._pragmas))
        except BaseException:
            await connection.close()
            raise
        self._connection = connection

    async def trip(self, work: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._connection or await self.open()
        self.busy += 1
        try:
            return await connection.trip(work)
        finally:
            self.busy -= 1

    async def close(self) -> None:
        async with self._opening:
            if self._connection is not None:
                connection, self._connection = self._connection, None
                await _whole(connection.close())


class Hold:
    """A connection, held for one transaction or a few readings."""

    def __init__(self, wire: _Wire, heard: Callable[[], None] | None = None) -> None:
        self._wire, self._heard = wire, heard

    async def execute(self, statement: Executable, values: Values | Sequence[Values] | None = None) -> Answer:
        """As of Steps, a trip for each."""
        return await self._wire.trip(lambda connection: Steps(connection, self._heard).execute(statement, values))

    async def insert(self, statement: Executable, rows: Sequence[Values]) -> None:
        """As of Steps."""
        await self._wire.trip(lambda connection: Steps(connection, self._heard).insert(statement, rows))


def _transaction(connection: sqlite3.Connection, work: Callable[[Steps], T]) -> T:
    connection.execute("BEGIN IMMEDIATE")
    try:
        done = work(Steps(connection))
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    return done


class Engines:
    """`statements` counts what the readers were asked, for those who promise how little they ask. `wait` is how
    long a statement waits for other programs' locks, in seconds."""

    def __init__(self, path: Path, *, wait: float) -> None:
        self.statements = 0
        self._path = path
        sys.setswitchinterval(_HAND_OVER)
        pragmas = (*PRAGMAS, f"busy_timeout={round(wait * 1000)}")
        self._writer = _Wire(path, (*pragmas, f"journal_mode={journal_mode()}"))
        self._readers = [_Wire(path, (*pragmas, "query_only=ON")) for _ in range(2)]
        self._turn = asyncio.Lock()

    def _count(self) -> None:
        self.statements += 1

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Hold]:
        """One transaction. Raises LedgerBusy where others write for longer than `wait`, CannotWrite
        where the disk refuses."""
        with _translated():
            async with self._turn:
                connection = await self._writer.open()
                try:
                    await connection.execute("BEGIN IMMEDIATE")
                    yield Hold(self._writer)
                    await _whole(connection.commit())
                except BaseException:
                    # after what a cancellation left in the thread's queue, were it the BEGIN itself
                    await _whole(connection.rollback())
                    raise

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Callable[[Callable[[Steps], T]], Awaitable[T]]]:
        """The writer's turn: what it hands out makes work of a few statements one transaction, in one trip. Raises as
        `writing`."""
        with _translated():
            async with self._turn:
                connection = await self._writer.open()
                yield lambda work: _whole(connection.trip(lambda raw: _transaction(raw, work)))

    async def at_once(self, work: Callable[[Steps], T]) -> T:
        """What is read in one trip; each statement sees the latest commit."""
        with _translated():
            return await self._reader().trip(lambda connection: work(Steps(connection, self._count)))

    def _reader(self) -> _Wire:
        return min(self._readers, key=lambda wire: wire.busy)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Hold]:
        """Each statement sees the latest commit."""
        with _translated():
            yield Hold(self._reader(), self._count)

    async def version(self) -> int:
        """Asked of the writer's own connection, so that it moves by others' commits only. Raises LedgerBusy."""
        with _translated():
            connection = await self._writer.open()
            ((version,),) = await connection.execute_fetchall("PRAGMA data_version")
            return int(version)

    async def empty_log(self) -> bool:
        """What was deleted stands in no file after this: WAL keeps pages as they were in its log, until that is
        emptied. False where another program read on and on meanwhile (a copy being made): then it is for the next
        time. Raises LedgerBusy, CannotWrite."""
        for pause in (TURN, 1.0, 0.0):
            with _translated():
                async with self._turn:
                    ((busy, _, _),) = await (await self._writer.open()).execute_fetchall(EMPTY_LOG)
            if not busy:
                return True
            await asyncio.sleep(pause)
        return False

    async def drop_kept(self, before: float = math.inf) -> None:
        """Copies made before an upgrade, and before then (Unix seconds). Raises CannotWrite."""
        await asyncio.to_thread(drop_kept, self._path, before)

    async def close(self) -> None:
        """A connection left open keeps its thread, and the program, alive."""
        for wire in self._readers:
            await wire.close()
        async with self._turn:
            await self._writer.close()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        name = getattr(error, "sqlite_errorname", "")  # absent in what Python's own module refuses
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise LedgerBusy from None
        if name.startswith(("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN")):
            raise CannotWrite from None
        raise

"""The ledger as programs use it. SQL stands in this package only.

Each method that writes is one transaction (a mass change: one for each 2,000 rows), so a program may be
killed between any two.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

from ledger.secrets import Keyring, Secrets
from ledger.settings import LedgerSettings
from ledger.store.batches import Batches
from ledger.store.chats import Chats
from ledger.store.checks import Checks
from ledger.store.copies import copy_whole
from ledger.store.engine import Engines
from ledger.store.errands import Errands
from ledger.store.file import path_of, unlocked
from ledger.store.inbox import Dues, Inbox, Intents
from ledger.store.joiners import JoinerBook
from ledger.store.links import Links
from ledger.store.programs import Host, Programs
from ledger.store.requests import Requests
from ledger.store.sweeps import Sweeps

__all__ = ["Ledger"]


class Ledger:
    def __init__(self, path: Path, secrets: Secrets, settings: LedgerSettings, clock: Callable[[], float]) -> None:
        self.clock = clock
        self._path = path
        self._engines = engines = Engines(path, wait=settings.ledger_wait)

        def now(at: int | None) -> int:
            return int(clock()) if at is None else at

        self.chats = Chats(engines, secrets, now, settings.tz)
        self.links = Links(engines, secrets, now)
        self.joiners = JoinerBook(engines, secrets, now)
        self.requests = Requests(engines, secrets, now)
        self.sweeps = Sweeps(engines, secrets, now)
        self.checks = Checks(engines, now)
        self.errands = Errands(engines, secrets, now)
        self.batches = Batches(engines, secrets, now)
        self.inbox = Inbox(engines, secrets, now)
        self.intents = Intents(engines, secrets, now)
        self.dues = Dues(engines, secrets, now)
        self.programs = Programs(engines, now)
        self.host = Host(engines, secrets, now)

    @classmethod
    async def open(cls, settings: LedgerSettings, *, clock: Callable[[], float] = time.time) -> Ledger:
        """Makes or migrates the ledger if need be; whoever comes first does, others wait.

        Raises NoKey, BadKey, WrongKey, NewerLedger, NotALedger, TooOpen or LedgerBusy; a ledger that is
        refused keeps every byte.
        """
        path = path_of(settings.ledger_url)
        secrets = await asyncio.to_thread(lambda: unlocked(path, Keyring.of(settings)))
        return cls(path, secrets, settings, clock)

    async def close(self) -> None:
        await self._engines.close()

    async def backup(self, to: Path) -> None:
        """A whole copy in a new file, 0600, while programs go on writing. Raises FileExistsError, LedgerBusy,
        CannotWrite, or LedgerError where the copy is not whole (it is removed)."""
        await asyncio.to_thread(copy_whole, self._path, to)

    async def empty_log(self) -> bool:
        """Whether what was deleted stands in no file any more, also not in the log that SQLite keeps in WAL mode.
        Raises LedgerBusy, CannotWrite."""
        return await self._engines.empty_log()

    @property
    def statements(self) -> int:
        """Reading statements so far."""
        return self._engines.statements

    async def version(self) -> int:
        """Changes when another connection than this ledger's has committed."""
        return await self._engines.version()

    async def watch(self, every: float = 0.25) -> AsyncGenerator[None, None]:
        """Once at the start, then after each commit of another program; `every` is in seconds."""
        seen = await self.version()
        yield
        while True:
            await asyncio.sleep(every)
            now = await self.version()
            if now != seen:
                seen = now
                yield

"""The one gate every call of the account passes: the budget, and the waits Telegram imposed."""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

from userclient.errors import TryLater


class Waits(Protocol):
    """Where waits outlive the program: `ledger.programs`."""

    async def waits(self) -> dict[str, int]: ...
    async def set_wait(self, method: str, until: int) -> None: ...


CREDIT = 3  # calls that people who wait are let through ahead of their time: with the one that is due a whole act

_for_people: ContextVar[bool] = ContextVar("for_people", default=False)


class Spacing:
    """When the next call may be sent, by any clock that only goes forward: evenly spaced, `gap` seconds. What people
    wait for may come up to `CREDIT` calls early; whatever follows waits that much longer, so that no span of time
    has more than its share and `CREDIT` calls."""

    def __init__(self, gap: float) -> None:
        self._gap = gap
        self._due = float("-inf")

    def next(self, now: float, *, for_people: bool = False) -> float:
        """Takes the place, `now` or later."""
        slot = max(now, self._due - CREDIT * self._gap if for_people else self._due)
        self._due = max(slot, self._due) + self._gap
        return slot


class Gate:
    """At most `calls_per_second`, spaced, and no call of a method before its wait is over.

    `clock` gives Unix seconds. `calls` counts what was let through, by method. (throttled-py would do
    the spacing, but it never waits less than 0.2 s, which caps any budget at five calls a second.)
    """

    def __init__(self, waits: Waits, *, calls_per_second: float, clock: Callable[[], float]) -> None:
        self.calls: Counter[str] = Counter()
        self._waits = waits
        self._clock = clock
        self._spacing = Spacing(1 / calls_per_second)
        self._until: dict[str, int] | None = None

    async def enter(self, method: str) -> None:
        """Returns when the call may be sent. Raises TryLater at once while the method must wait."""
        await self.check(method)
        now = time.monotonic()
        slot = self._spacing.next(now, for_people=_for_people.get())
        if slot > now:
            await asyncio.sleep(slot - now)
        self.calls[method] += 1

    @contextmanager
    def for_people(self) -> Iterator[None]:
        """What is called within, somebody waits for."""
        before = _for_people.set(True)
        try:
            yield
        finally:
            _for_people.reset(before)

    async def check(self, method: str) -> None:
        """Raises TryLater while the method must wait."""
        if self._until is None:
            self._until = await self._waits.waits()
        if self._until.get(method, 0) > self._clock():
            raise TryLater(method, self._until[method])

    async def flooded(self, method: str, seconds: int) -> TryLater:
        """Keeps a FLOOD_WAIT that was answered just now."""
        until = math.ceil(self._clock()) + max(1, seconds)
        self._until = {**(self._until or await self._waits.waits()), method: until}
        await self._waits.set_wait(method, until)
        return TryLater(method, until)

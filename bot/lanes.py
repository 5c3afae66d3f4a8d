"""Work in order within a lane, lanes side by side, never more than so much at once."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Lanes(Generic[T]):
    """`work` must not raise: what it raises ends in `failure`, which whoever runs the lanes awaits."""

    def __init__(self, work: Callable[[T], Awaitable[None]], *, most: int = 50, waiting: int = 1000) -> None:
        self._work = work
        self._slots = asyncio.Semaphore(most)
        self._most_waiting = waiting
        self._lanes: dict[int, deque[T]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting = 0
        self._changed = asyncio.Condition()
        self.failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def add(self, lane: int, item: T) -> None:
        self._waiting += 1
        if lane in self._lanes:
            self._lanes[lane].append(item)
            return
        self._lanes[lane] = deque([item])
        task = asyncio.create_task(self._run(lane))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def more(self, lane: int) -> bool:
        """Whether something waits in this lane for what is worked on."""
        return bool(self._lanes.get(lane))

    async def room(self) -> None:
        """Returns once fewer wait than the bound."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._waiting < self._most_waiting)

    async def drain(self, seconds: float) -> int:
        """Lets what was added end, for so long, or until work failed; then cancels the rest. Returns how
        many were left undone."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: not self._waiting or self.failure.done())
        left = self._waiting
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        return left

    async def _run(self, lane: int) -> None:
        items = self._lanes[lane]
        while items:
            async with self._slots:
                await self._work(items.popleft())
            async with self._changed:
                self._waiting -= 1
                self._changed.notify_all()
        del self._lanes[lane]

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None and not self.failure.done():
            self.failure.set_exception(error)

"""The account's program in a process of its own, forked from a warm parent, that kills itself at a named point."""

from __future__ import annotations

import asyncio
import gc
import itertools
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from multiprocessing.context import ForkServerProcess
from typing import Any

import structlog

from ledger.store import Ledger
from tests.bot.killer import WARM, watch_commits
from userclient.account import Account
from userclient.errands import UserClient
from userclient.settings import UserClientSettings

WARM.set_forkserver_preload(["bot.late_types", "tests.bot.killer", "tests.together.killer", "pytest"])


class SharedClock:
    """Of several processes; moves only when told."""

    def __init__(self, seconds: Any) -> None:
        self._seconds = seconds

    def __call__(self) -> float:
        return self.now

    @property
    def now(self) -> float:
        return float(self._seconds.value)

    @now.setter
    def now(self, now: float) -> None:
        self._seconds.value = now


def start(settings: dict[str, Any], clock: Callable[[], float], *, nth: int) -> ForkServerProcess:
    """Runs the userclient until its `nth` point: before or after a call or a commit."""
    process = WARM.Process(target=_live, args=(settings, clock, nth), daemon=True)
    process.start()
    return process


def _live(settings: dict[str, Any], clock: Callable[[], float], nth: int) -> None:
    gc.freeze()
    counting = itertools.count(1)

    def at(_name: str) -> None:
        if next(counting) == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    watch_commits(at)
    _watch_calls(at)
    asyncio.run(_run(UserClientSettings(_env_file=None, **settings), clock))


async def _run(settings: UserClientSettings, clock: Callable[[], float]) -> None:
    ledger = await Ledger.open(settings, clock=clock)
    await UserClient(settings, ledger, clock=clock, limit=2.0, pause=0.02).run()


def _watch_calls(at: Callable[[str], None]) -> None:
    call = Account.call

    async def watched(self: Account, request: Any, just_before: Callable[[], Awaitable[None]] | None = None) -> Any:
        at("before a call")
        answer = await call(self, request, just_before)
        at("after a call")
        return answer

    Account.call = watched  # type: ignore[method-assign]

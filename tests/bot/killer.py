"""The bot in a process of its own, forked from a warm parent, that kills itself at a named point.

Points are found from outside: `before`/`after` each Bot API call, and `before`/`after` each commit,
which is named by the last statement it holds.
"""

from __future__ import annotations

import asyncio
import functools
import gc
import itertools
import multiprocessing
import os
import re
import signal
import ssl
import time
from collections.abc import Callable
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.methods import TelegramMethod

from bot.__main__ import main
from bot.app import Pace, run
from bot.settings import BotSettings
from ledger.store.sqlite import sqlite3

TRUST = ssl.create_default_context()  # all of the world's certificates, read once: on loopback none of them is used
CHANGES = re.compile(r"(INSERT|UPDATE|DELETE)(?: OR \w+)?(?: INTO| FROM)? (\w+)")
WARM = multiprocessing.get_context("forkserver")
WARM.set_forkserver_preload(["bot.late_types", "tests.bot.killer", "pytest"])


@functools.cache
def warm() -> None:
    """Returns once the parent that all are forked from has imported what they need: seconds, on a busy machine many,
    which are no part of any life."""
    first = WARM.Process(target=_nothing)
    first.start()
    first.join()


def _nothing() -> None: ...


def start(
    settings: dict[str, Any], pace: Pace, *, point: str = "", nth: int = 0, points: Any = None,
    clock: Callable[[], float] = time.time,
) -> ForkServerProcess:  # fmt: skip
    """Runs the bot until it reaches `point` the first time, or its `nth` point of any name; `points` (a
    queue) is told the name of each one met."""
    process = WARM.Process(target=_live, args=(settings, pace, point, nth, points, clock), daemon=True)
    process.start()
    return process


def program(environment: dict[str, str], folder: Path) -> ForkServerProcess:
    """`python -m bot` in `folder` with that environment alone; what it says goes to `said` there."""
    process = WARM.Process(target=_main, args=(environment, folder), daemon=True)
    process.start()
    return process


def _main(environment: dict[str, str], folder: Path) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    with (folder / "said").open("w") as said:
        os.dup2(said.fileno(), 2)
    os._exit(main())


def _live(settings: dict[str, Any], pace: Pace, point: str, nth: int, points: Any, clock: Callable[[], float]) -> None:
    gc.freeze()
    ssl.create_default_context = lambda *_given, **_more: TRUST
    met: set[str] = set()
    counting = itertools.count(1)

    def at(name: str) -> None:
        if next(counting) == nth or name == point:
            os.kill(os.getpid(), signal.SIGKILL)
        if points is not None and name not in met:
            met.add(name)
            points.put(name)

    watch_commits(at)
    _watch_calls(at)
    asyncio.run(run(BotSettings(_env_file=None, **settings), stop=asyncio.Event(), clock=clock, pace=pace))


def _watch_calls(at: Callable[[str], None]) -> None:
    send = AiohttpSession.make_request

    async def make_request(self: AiohttpSession, bot: Bot, method: TelegramMethod[Any], *rest: Any, **more: Any) -> Any:
        at(f"before {method.__api_method__}")
        answer = await send(self, bot, method, *rest, **more)
        at(f"after {method.__api_method__}")
        return answer

    AiohttpSession.make_request = make_request  # type: ignore[method-assign]


def watch_commits(at: Callable[[str], None]) -> None:
    class Watched(sqlite3.Connection):
        """Knows the last statement of its transaction."""

        last = ""

        def execute(self, statement: str, *rest: Any) -> sqlite3.Cursor:
            self._note(statement)
            return super().execute(statement, *rest)

        def executemany(self, statement: str, *rest: Any) -> sqlite3.Cursor:
            self._note(statement)
            return super().executemany(statement, *rest)

        def commit(self) -> None:
            if self.last:
                at(f"before commit of {self.last}")
            super().commit()
            if self.last:
                at(f"after commit of {self.last}")
            self.last = ""

        def _note(self, statement: str) -> None:
            if statement.startswith("BEGIN"):
                self.last = ""
            elif changes := CHANGES.match(statement):
                self.last = f"{changes[1]} {changes[2]}"

    sqlite3.connect = functools.partial(sqlite3.connect, factory=Watched)  # type: ignore[assignment]

"""The whole sandbox: one world with both faces, in the running event loop."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from sandbox import state
from sandbox.bot_api import BotApi
from sandbox.chats import Person
from sandbox.log import Log
from sandbox.mtproto.server import MtprotoServer
from sandbox.people import Actor
from sandbox.world import World


class Sandbox:
    """`folder` receives the MTProto face's keys (a temporary one by default); port 0 takes a free one;
    `clock` gives Unix seconds to both faces; `log_file` receives the world's log as JSON lines.

    With `keep` the folder holds the world too, and the next sandbox on it goes on with all of it: people,
    chats, links, messages, what bots are owed, sign-ins, and the ports where none is given. `beside` is
    kept with it for whoever runs the sandbox. Raises `state.UnreadableState`.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        bot_api_port: int = 0,
        mtproto_port: int = 0,
        clock: Callable[[], float] = time.time,
        log_file: Path | None = None,
        keep: bool = False,
    ) -> None:
        self._temporary = None if folder else tempfile.TemporaryDirectory(prefix="sandbox-")
        self.folder = folder or Path(self._temporary.name if self._temporary else "")
        self.log = Log(log_file)
        self.world = World(clock=clock, log=self.log)
        self.faults = self.world.faults
        self.beside: dict[str, Any] = {}
        kept = state.read(self.folder) if keep else None
        self.bot_api = BotApi(self.world, port=bot_api_port or (kept.bot_api_port if kept else 0))
        self.mtproto = MtprotoServer(self.world, self.folder, port=mtproto_port)
        if kept:
            kept.put_into(self)
        self._keeper = state.Keeper(self) if keep else None
        self._actors: dict[int, Actor] = {}

    async def __aenter__(self) -> Sandbox:
        await self.bot_api.start()
        try:
            await self.mtproto.start()
        except BaseException:
            await self.bot_api.stop()
            raise
        if self._keeper:
            self._keeper.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.bot_api.stop()
        await self.mtproto.stop()
        if self._keeper:
            self._keeper.stop()
        self.log.close()
        if self._temporary:
            self._temporary.cleanup()

    def save(self) -> None:
        """Writes the kept world at once; by itself that happens soon after each change, and at the end."""
        if self._keeper:
            self._keeper.save()

    def person(self, who: str | int | Person) -> Actor:
        """The actor of a person by id, first name, full name or username. Raises KeyError."""
        found = who if isinstance(who, Person) else self._find(who)
        if found.id not in self._actors:
            self._actors[found.id] = Actor(self.world, found)
        return self._actors[found.id]

    def _find(self, who: str | int) -> Person:
        for person in self.world.people.values():
            if not person.is_bot and who in (person.id, person.first_name, person.name, person.username):
                return person
        raise KeyError(who)

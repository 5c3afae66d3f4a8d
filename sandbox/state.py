"""The world in a file, so that the next start goes on where this one ended, by kill -9 too."""

from __future__ import annotations

import asyncio
import os
import pickle
import time
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.mtproto.server import KeptServer
    from sandbox.telegram import Sandbox

FILE = "world.pickle"
SOON = 0.05  # seconds from a change to the file
VERSION = 2  # of what the file holds; another is refused
SHARE = 10  # writing takes one part in so many of the time, however large the world has grown

# What belongs to the running process: its clock, listeners and faces, scripted faults (they hold functions),
# and presses, whose clients have gone.
_LIVE = frozenset(
    {
        "admin_log", "app", "bans", "clock", "faults", "invites", "listeners", "log", "messages", "port", "requests",
        "updates", "world", "_closing", "_host", "_knows_ephemeral", "_presses", "_runner", "_world",
    }
)  # fmt: skip


class UnreadableState(Exception):
    """The kept world was written by another version of the sandbox, or not by it."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is no world of this version: remove it to begin a new one")


@dataclass(slots=True)
class Kept:
    """`owners` holds the plain attributes of the world, its parts, the Bot API face and its updates."""

    version: int
    owners: list[dict[str, Any]]
    bot_api_port: int
    mtproto: KeptServer
    beside: dict[str, Any]

    def put_into(self, telegram: Sandbox) -> None:
        for owner, values in zip(_owners(telegram), self.owners, strict=True):
            for name, value in values.items():
                present = getattr(owner, name)
                if isinstance(present, dict):  # it may have a factory of defaults, which no file can hold
                    present.clear()
                    present.update(value)
                else:
                    setattr(owner, name, value)
        telegram.mtproto.restore(self.mtproto)
        telegram.beside.update(self.beside)


def read(folder: Path) -> Kept | None:
    """None where nothing was kept yet. Raises UnreadableState."""
    path = folder / FILE
    if not path.exists():
        return None
    try:
        with path.open("rb") as file:
            kept = _Unpickler(file).load()
    except (pickle.UnpicklingError, AttributeError, EOFError, ImportError, IndexError, TypeError, ValueError):
        raise UnreadableState(path) from None
    if not isinstance(kept, Kept) or getattr(kept, "version", 1) != VERSION:
        raise UnreadableState(path)
    return kept


class Keeper:
    """Writes the world after changes: whole, to a file that then takes the old one's place. The log and
    scripted faults are not kept."""

    def __init__(self, telegram: Sandbox) -> None:
        self._telegram = telegram
        self._path = telegram.folder / FILE
        self._timer: asyncio.TimerHandle | None = None
        self._pause = SOON

    def start(self) -> None:
        """From now on each change is written, within the running loop."""
        self._telegram.world.subscribe(self._changed)
        self._telegram.log.watchers.append(self._changed)
        self.save()

    def stop(self) -> None:
        if self._timer:
            self._timer.cancel()
        self.save()

    def save(self) -> None:
        self._timer = None
        started = time.monotonic()
        new = self._path.with_suffix(".new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(_pickled(self._telegram))
        new.replace(self._path)
        self._pause = max(SOON, SHARE * (time.monotonic() - started))

    def _changed(self, _news: Any) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._pause, self.save)


def _owners(telegram: Sandbox) -> list[Any]:
    world, bot_api = telegram.world, telegram.bot_api
    return [world, world.invites, world.requests, world.admin_log, world.messages, bot_api, bot_api.updates]


def _pickled(telegram: Sandbox) -> bytes:
    """One graph, so that what is shared within the world is shared again afterwards."""
    owners = [
        {name: dict(v) if isinstance(v, dict) else v for name, v in vars(owner).items() if name not in _LIVE}
        for owner in _owners(telegram)
    ]
    kept = Kept(VERSION, owners, telegram.bot_api.port, telegram.mtproto.kept(), telegram.beside)
    into = BytesIO()
    _Pickler(into, pickle.HIGHEST_PROTOCOL).dump(kept)
    return into.getvalue()


class _Pickler(pickle.Pickler):
    """A future somebody awaits, as of a long poll, is None to the next process."""

    def persistent_id(self, what: Any) -> str | None:
        return "awaited" if isinstance(what, asyncio.Future) else None


class _Unpickler(pickle.Unpickler):
    def persistent_load(self, _id: Any) -> None:
        return None

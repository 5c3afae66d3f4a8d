"""What happened in the world, in the order it happened: calls, effects and views.

Tests judge exactly-once and leaks by this log and never by a program's own database.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TextIO


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it arrived. `method` is Telegram's name: `sendMessage`, `messages.getHistory`."""

    face: str  # "bot_api" or "mtproto"
    who: int | None  # the caller's id, where known
    method: str
    at: float
    key: str = ""  # MTProto: the auth key's id, one per signed-in program
    fault: str = ""  # the scripted fault that met it


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that changed in the world. `kind` is for example `link.created`, `message.sent`."""

    kind: str
    by: int | None
    chat_id: int | None
    at: float
    what: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class View:
    """What one person came to see: a message, its buttons with their data, or an alert.

    `text` holds the rendered text or caption followed by every URL hidden behind it and by what a
    document says; `buttons` holds, per button, all that it carries (text, callback_data, copy_text, url);
    `picture` is the file of the picture shown.
    """

    person: int
    chat_id: int
    message_id: int
    kind: str  # "message", "edit", "ephemeral", "alert"
    text: str
    buttons: tuple[Mapping[str, Any], ...] = ()
    by: int | None = None
    at: float = 0.0
    ephemeral_id: int | None = None  # where `message_id` is 0
    picture: bytes = field(default=b"", repr=False)


def as_json(entry: Call | Effect | View) -> dict[str, Any]:
    """An entry as JSON values, a picture in base64."""
    found = {"entry": type(entry).__name__.lower(), **asdict(entry)}
    return found | {"picture": b64encode(found["picture"]).decode()} if "picture" in found else found


class Log:
    """Kept in memory; `file` also receives one JSON line an entry."""

    def __init__(self, file: Path | None = None) -> None:
        self.calls: list[Call] = []
        self.effects: list[Effect] = []
        self.views: list[View] = []
        self.watchers: list[Callable[[Call | Effect | View], None]] = []
        self._file: TextIO | None = file.open("a", encoding="utf-8") if file else None

    def add(self, entry: Call | Effect | View) -> None:
        match entry:
            case Call():
                self.calls.append(entry)
            case Effect():
                self.effects.append(entry)
            case View():
                self.views.append(entry)
        if self._file:
            self._file.write(json.dumps(as_json(entry), default=str) + "\n")
            self._file.flush()
        for watcher in list(self.watchers):
            watcher(entry)

    def close(self) -> None:
        if self._file:
            self._file.close()

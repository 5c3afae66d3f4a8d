"""Updates on their way through the bot, what it is about to do, and what it must do later."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Received:
    """An update as it came. Updates of one `lane` (a chat, a person) are handled in order. `body` is its
    JSON, None once done or where it was quarantined; `quarantined` says why."""

    update_id: int
    lane: int
    kind: str
    body: str | None = field(default=None, repr=False)
    quarantined: str | None = None
    received: int = 0
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Intent:
    """What the bot is about to ask of Telegram and must not ask twice. `state` is open, done or failed.

    By its `wish` a sweep knows what came of it where Telegram's answer was lost. For act "create" it holds
    title, expires (Unix seconds or None), limit and approval; for "edit" these as they shall be, and the
    link's number; for "replace" nothing is needed. `here` and `message_id` are the command that did it."""

    update_id: int
    act: str
    chat_id: int
    asked_by: int
    asked_at: int
    wish: dict[str, Any]
    state: str
    link_id: int | None
    here: int | None = None
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class Due:
    id: int
    at: int
    what: str
    body: dict[str, Any] = field(repr=False)

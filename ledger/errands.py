"""What a person asked the account to do: a row, never a call."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Act(StrEnum):
    SYNC = "sync"


class ErrandState(StrEnum):
    ASKED = "asked"
    DOING = "doing"
    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"


OPEN = (ErrandState.ASKED, ErrandState.DOING)


def open_key(act: str, chat_id: int, link_id: int | None) -> str:
    """The same for all who want the same: one errand of theirs is open at most."""
    return f"{act} {chat_id} {link_id or ''}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message of the bot stands, so that it can be edited later. An ephemeral message has a
    receiver and an ephemeral id, and `message_id` 0."""

    chat_id: int
    message_id: int
    receiver_id: int | None = None
    ephemeral_id: int | None = None


@dataclass(frozen=True, slots=True)
class Errand:
    """`result` is the act's figures: for a sync calls, pages, links, new, changed, gone. `place` is
    the message to edit with the outcome; `reason` is one word of why not, such as `no-session`."""

    id: int
    act: Act
    chat_id: int
    link_id: int | None
    asked_by: int | None
    asked_at: int
    state: ErrandState
    reason: str
    result: dict[str, Any]
    place: Place | None

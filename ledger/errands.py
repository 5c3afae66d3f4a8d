"""What a person asked the account to do: a row, never a call."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Act(StrEnum):
    """SYNC, JOINERS and WAITING read; the others change something, and are carried out where the account may act.
    CLEAR deletes all revoked links of one creator, APPROVE and DECLINE answer everybody who waits by one link."""

    SYNC = "sync"
    JOINERS = "joiners"
    WAITING = "waiting"
    EDIT = "edit"
    REVOKE = "revoke"
    REPLACE = "replace"
    DELETE = "delete"
    CLEAR = "clear"
    APPROVE = "approve"
    DECLINE = "decline"


READING = frozenset({Act.SYNC, Act.JOINERS, Act.WAITING})


class ErrandState(StrEnum):
    ASKED = "asked"
    DOING = "doing"
    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"


OPEN = (ErrandState.ASKED, ErrandState.DOING)


def open_key(act: str, chat_id: int, link_id: int | None, about: int | None = None) -> str:
    """The same for all who want the same: one errand of theirs is open at most."""
    return f"{act} {chat_id} {link_id or ''}" + (f" {about}" if about is not None else "")


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
    the message to edit with the outcome; `reason` is one word of why not, such as `no-session`. `about` is whose
    links, for CLEAR. `wish` is what is to become: for EDIT title, expires (Unix seconds, None never), limit and
    approval, all four. `sent_at`: since then Telegram may have done it, so it is read before it is sent again."""

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
    about: int | None = None
    wish: dict[str, Any] = field(default_factory=dict, repr=False)
    sent_at: int | None = None

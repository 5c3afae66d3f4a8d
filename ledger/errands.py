"""What a person asked the account to do: a row, never a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
REVOKING = frozenset({Act.REVOKE, Act.REPLACE, Act.DELETE, Act.CLEAR})  # what is capped
ACTS = frozenset(Act) - {Act.SYNC}  # what goes before any sweep

ACTS_PER_HOUR, ACTS_PER_DAY = 30, 200
STANDS_OPEN = 86_400  # seconds after which an errand that could not be begun is given up


class Held(StrEnum):
    """Why an open errand waits, as the account said when it last tried."""

    FLOOD = "flood"  # Telegram makes the account wait
    CAP = "cap"  # enough was revoked for this hour, or day
    OFF = "off"  # the host switched the acting off
    CHECKING = "checking"  # Telegram may have done it: it is read back


class ErrandState(StrEnum):
    ASKED = "asked"
    DOING = "doing"
    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"


OPEN = (ErrandState.ASKED, ErrandState.DOING)


TIDYING = "tidying"  # in a wish: asked as part of a confirmed tidy-up, so that the right to clean up is enough


def alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two wishes come to the same, by whatever right they are asked."""
    return {**one, TIDYING: None} == {**other, TIDYING: None}


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
    links, for CLEAR. `wish` is what is to become: for EDIT what of title, expires (Unix seconds, None never), limit
    and approval shall be otherwise. `sent_at`: since then Telegram may have done it, so it is read before it is sent
    again. `held`: why it waits, and `held_until` when it is tried again (Unix seconds; None: once that is over)."""

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
    held: Held | None = None
    held_until: int | None = None

    @property
    def open(self) -> bool:
        return self.state in OPEN

    @classmethod
    def about_to_be(
        cls, act: Act, chat_id: int, link_id: int | None, asked_by: int | None, at: int, *, about: int | None = None
    ) -> Errand:
        """As it will stand once it is asked."""
        return cls(0, act, chat_id, link_id, asked_by, at, ErrandState.ASKED, "", {}, None, about)


@dataclass(frozen=True, slots=True)
class Power:
    """Whether the account acts at all: `mode` is its ACCOUNT_MODE as it last said, `off_since` is set while the
    host has switched acting off by command, `off_by_file` while a file beside the session does."""

    mode: str = "read"
    off_since: int | None = None
    off_by_file: bool = False

    @property
    def off(self) -> bool:
        return self.off_since is not None or self.off_by_file


def next_free(sent: Sequence[int], now: int) -> int:
    """When the next revoking act may be sent, those of the last day having been sent at these times (Unix
    seconds, oldest first): `now`, or later where a cap is reached."""
    free = now
    for span, most in ((3600, ACTS_PER_HOUR), (86_400, ACTS_PER_DAY)):
        within = [at for at in sent if at > now - span]
        if len(within) >= most:
            free = max(free, within[-most] + span)
    return free

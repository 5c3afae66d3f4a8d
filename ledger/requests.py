"""Who asked to join, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from ledger.links import CutLink, SeenLink

WRITABLE = 300  # seconds in which the bot may write to who asked, unless the request is answered sooner


class RequestState(StrEnum):
    """`withdrawn`: Telegram knows the request no more; whoever answered it, or took it back, is unknown."""

    WAITING = "waiting"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class SeenRequest:
    """A join request as a `chat_join_request` update told it, or as the account read it (`update_id` None).
    `private_id` is the chat in which the bot may write to the person for five minutes."""

    chat_id: int
    person_id: int
    at: int
    update_id: int | None = None
    link: SeenLink | CutLink | None = None
    bio: str = field(default="", repr=False)
    private_id: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """`number` is of the link, None where none was named; `visits` counts the times the person was seen to join
    before, `left` those that ended. `decider` is who answered it, where that is known."""

    id: int
    chat_id: int
    person_id: int
    name: str
    username: str | None
    link_id: int | None
    number: int | None
    at: int
    bio: str = field(repr=False)
    private_id: int | None
    state: RequestState
    decided_by: int | None
    decider: str | None
    how: str
    visits: int
    left: int

    @property
    def handle(self) -> str:
        """`@kim`, else the name."""
        return f"@{self.username}" if self.username else self.name

    def writable(self, now: int) -> int:
        """Seconds left in which the bot may write to the person."""
        if self.state != RequestState.WAITING or self.private_id is None:
            return 0
        return max(0, self.at + WRITABLE - now)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A page of who waits, latest first. `by_link` counts them by the number of their link, most first; `page`
    counts from 0."""

    rows: list[Request]
    total: int
    by_link: list[tuple[int, int]]
    page: int
    pages: int

"""What a person asks of the list of invite links, and the answer a screen is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ledger.chats import Chat, Freshness
from ledger.links import Link


class Whose(StrEnum):
    """Whose links: a person's are those he made and those he asked this bot for; BOTS are those a
    bot made that no person asked for."""

    ALL = "all"
    MINE = "mine"
    PERSON = "person"
    BOTS = "bots"


class Shelf(StrEnum):
    """Which links: those of one state, or of the unrevoked ones some that have something in common."""

    UNREVOKED = "unrevoked"  # live, expired, full
    LIVE = "live"
    EXPIRING = "expiring"  # live, and ends within SOON
    FULL = "full"
    UNUSED = "unused"  # nobody joined
    EXPIRED = "expired"
    APPROVAL = "approval"
    PAID = "paid"
    PRIMARY = "primary"
    REVOKED = "revoked"
    GONE = "gone"


class Order(StrEnum):
    """Rows alike in this follow by their age in the book, in the same direction."""

    JOINS = "joins"  # most joined first
    NEW = "new"  # youngest first: by when it was created, else first seen
    ENDS = "ends"  # soonest end first, those without an end last


class Toward(StrEnum):
    FIRST = "first"
    AFTER = "after"
    BEFORE = "before"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the list. `key` is what the query's order goes by (joins; seconds of birth; seconds of the
    end, NEVER without one), and with `id` that of the row the page begins after (or ends before); `page` is
    the number of the page meant, from 1. The default is the first page."""

    kind: Toward = Toward.FIRST
    key: int = 0
    id: int = 0
    page: int = 1


@dataclass(frozen=True, slots=True)
class Query:
    """`viewer_id` is who asks (for MINE), `person_id` who is asked about (for PERSON). Of `words` each must
    stand in the title, or in the maker's or asker's name or username, or be the number (`#12`) or the tail
    (`…k9Q`); case and width do not matter."""

    chat_id: int
    viewer_id: int | None = None
    whose: Whose = Whose.ALL
    person_id: int | None = None
    shelf: Shelf = Shelf.UNREVOKED
    size: int = 10
    position: Position = field(default_factory=Position)
    order: Order = Order.JOINS
    words: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """One page. `total` counts what the query selects; `counts`, and with them `live`, `warned`, `unrevoked`,
    `revoked` and `gone`, count the same persons' links on every shelf, whatever words were asked for."""

    query: Query
    chat: Chat
    rows: list[Link]
    total: int
    live: int
    warned: int
    unrevoked: int
    revoked: int
    gone: int
    page: int
    pages: int
    next: Position | None
    previous: Position | None
    last: Position | None
    freshness: Freshness
    counts: Mapping[Shelf, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Creator:
    """Someone whose links the book holds (made by him, or by this bot for him), and how many."""

    person_id: int
    name: str
    is_bot: bool
    unrevoked: int
    revoked: int


@dataclass(frozen=True, slots=True)
class Event:
    """`what` is made, edited, noted, revoked, replaced, gone, back, revealed, granted, withdrawn, asked, done, refused
    or unknown; `how` is bot, sweep, update, console or account; `detail` maps a field to what it was and
    what it is."""

    at: int
    what: str
    by: int | None
    how: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reveal:
    """A full link was shown: of which number, to whom (None at the host's console), when, how."""

    number: int
    person_id: int | None
    at: int
    how: str

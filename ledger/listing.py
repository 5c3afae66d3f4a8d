"""What a person asks of the list of invite links, and the answer a screen is made of."""

from __future__ import annotations

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
    UNREVOKED = "unrevoked"  # live, expired, full
    REVOKED = "revoked"
    GONE = "gone"


class Toward(StrEnum):
    FIRST = "first"
    AFTER = "after"
    BEFORE = "before"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the list: by joins, most first, then the youngest row first. `joined` and `id` are
    those of the row the page begins after (or ends before); `page` is the number of the page meant,
    from 1. The default is the first page."""

    kind: Toward = Toward.FIRST
    joined: int = 0
    id: int = 0
    page: int = 1


@dataclass(frozen=True, slots=True)
class Query:
    """`viewer_id` is who asks (for MINE), `person_id` who is asked about (for PERSON)."""

    chat_id: int
    viewer_id: int | None = None
    whose: Whose = Whose.ALL
    person_id: int | None = None
    shelf: Shelf = Shelf.UNREVOKED
    size: int = 10
    position: Position = field(default_factory=Position)


@dataclass(frozen=True, slots=True)
class Listing:
    """One page. `total` counts what the query selects; `live`, `warned`, `unrevoked`, `revoked` and
    `gone` count the same persons' links on every shelf."""

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
    """`what` is made, edited, revoked, gone, back, revealed, asked, done, refused or unknown; `how` is
    bot, sweep, update, console or account; `detail` maps a field to what it was and what it is."""

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

"""Who came in by which link."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.links import CutLink, SeenLink

EARLY = 3600  # seconds: who left within so many of joining left early


@dataclass(frozen=True, slots=True)
class SeenJoin:
    """A join as a `chat_member` update told it, or, without an `update_id`, Telegram's admin log; `link` is None where
    Telegram named none. `approved_by` let the person in, where that is told."""

    chat_id: int
    person_id: int
    at: int
    update_id: int | None
    link: SeenLink | CutLink | None = None
    by_request: bool = False
    username: str | None = None
    approved_by: int | None = None


@dataclass(frozen=True, slots=True)
class SeenJoiner:
    """A join as messages.getChatInviteImporters told it."""

    person_id: int
    at: int
    approved_by: int | None = None


@dataclass(frozen=True, slots=True)
class Joiner:
    """One who joined by a link. `how` is `update` where it was seen as it happened, `account` where it was read
    later: then a leaving before that is not known. `approver` let him in."""

    person_id: int
    name: str
    username: str | None
    at: int
    left_at: int | None
    approver: str | None
    by_request: bool
    how: str


@dataclass(frozen=True, slots=True)
class Joiners:
    """A page of those known, latest first; `page` counts from 0. `early` of them left early; with `early_only`
    the pages are of these."""

    rows: list[Joiner]
    known: int
    page: int
    pages: int
    early: int = 0
    early_only: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """A person came: `number`, `title` and `creator` are of the link, None and empty where Telegram named none."""

    at: int
    left_at: int | None
    number: int | None
    title: str
    creator: str | None
    approver: str | None
    how: str
    by_request: bool

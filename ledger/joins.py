"""Who came in by which link."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.links import CutLink, SeenLink


@dataclass(frozen=True, slots=True)
class SeenJoin:
    """A join as a `chat_member` update told it, or, without an `update_id`, Telegram's admin log; `link` is None where
    Telegram named none."""

    chat_id: int
    person_id: int
    at: int
    update_id: int | None
    link: SeenLink | CutLink | None = None
    by_request: bool = False
    username: str | None = None
    approved_by: int | None = None

"""Who came in by which link."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.links import CutLink, SeenLink


@dataclass(frozen=True, slots=True)
class SeenJoin:
    """A join as a `chat_member` update told it; `link` is None where Telegram named none."""

    chat_id: int
    person_id: int
    at: int
    update_id: int
    link: SeenLink | CutLink | None = None
    by_request: bool = False
    username: str | None = None

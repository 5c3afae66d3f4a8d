"""What Telegram's admin log tells of a chat's links: who changed one, who joined by one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ledger.links import CutLink, SeenLink

KEPT = 48 * 3600  # seconds Telegram keeps its admin log


class Did(StrEnum):
    EDITED = "edited"
    REVOKED = "revoked"
    DELETED = "deleted"
    JOINED = "joined"


@dataclass(frozen=True, slots=True)
class Action:
    """`id` grows with time; `by` did it at `at`, or joined. `link` is as it was then, its usage not told; cut where
    Telegram cuts another's; None for a join by request that came by no link."""

    id: int
    at: int
    by: int
    did: Did
    link: SeenLink | CutLink | None
    by_request: bool = False
    approved_by: int | None = None

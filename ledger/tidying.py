"""Which unrevoked links look dead, and why: rules that need no database."""

from __future__ import annotations

from enum import StrEnum

from ledger.links import Link, State

UNUSED_FOR = 30 * 86_400  # seconds


class Rule(StrEnum):
    """A link is dead by the first that holds."""

    EXPIRED = "expired"
    FULL = "full"
    MAKER_LEFT = "maker-left"
    UNUSED = "unused"  # nobody ever joined, for UNUSED_FOR


def dead_by(link: Link, at: int) -> Rule | None:
    """None for a link that is used, still young, or unrevoked no more. Whoever waits for approval uses a link. `at`
    in Unix seconds."""
    if link.state == State.EXPIRED:
        return Rule.EXPIRED
    if link.state == State.FULL:
        return Rule.FULL
    if link.state != State.LIVE:
        return None
    if link.maker_left:
        return Rule.MAKER_LEFT
    born = link.created or link.first_seen
    return Rule.UNUSED if not link.joined and not link.pending and at - born >= UNUSED_FOR else None

"""What `console doctor` finds, one value for each precondition."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    FINE = "fine"
    WRONG = "wrong"
    OPEN = "open"  # not set up, or not to be known now: no fault by itself


@dataclass(frozen=True, slots=True)
class Finding:
    """`what` names the precondition, `mend` what to do, in words that can be typed or clicked."""

    what: str
    verdict: Verdict
    says: str
    mend: str = ""
    chat: int | None = None


def fine(what: str, says: str, *, chat: int | None = None) -> Finding:
    return Finding(what, Verdict.FINE, says, chat=chat)


def wrong(what: str, says: str, mend: str, *, chat: int | None = None) -> Finding:
    return Finding(what, Verdict.WRONG, says, mend, chat)


def left_open(what: str, says: str, mend: str = "", *, chat: int | None = None) -> Finding:
    return Finding(what, Verdict.OPEN, says, mend, chat)

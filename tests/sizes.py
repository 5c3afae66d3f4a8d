"""How far the long proofs go. `make test FULL=1` plays each to the count that was promised; without it a part of
each is played, as the suite runs at every change."""

from __future__ import annotations

import os

FULL = os.environ.get("FULL") == "1"


def size(full: int, part: int) -> int:
    return full if FULL else part

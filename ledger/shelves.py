"""What kind of link a row is: one number that says on which shelves it stands.

Rows are kept in the order of each kind, and counted by kind; a shelf is then a few kinds, however large
the chat is and however rare what is asked for.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from enum import IntFlag
from functools import cache

from ledger.links import NEVER, SOON, UNREVOKED, State
from ledger.listing import Order, Shelf

REVOKED, GONE = -1, -2  # an unrevoked link's kind is a Mark, 0 or more


class Mark(IntFlag):
    EXPIRED = 1
    FULL = 2
    EXPIRING = 4
    UNUSED = 8
    APPROVAL = 16
    PAID = 32
    PRIMARY = 64


# What orders go by, as columns of a link.
KEYS: Mapping[Order, str] = {Order.JOINS: "joined", Order.NEW: "born", Order.ENDS: "ends"}

# Plain numbers: of flags a sum takes ten times as long.
_BY_STATE = {State.LIVE: 0, State.EXPIRED: Mark.EXPIRED.value, State.FULL: Mark.FULL.value}
_EXPIRING, _UNUSED, _APPROVAL, _PAID, _PRIMARY = (
    mark.value for mark in (Mark.EXPIRING, Mark.UNUSED, Mark.APPROVAL, Mark.PAID, Mark.PRIMARY)
)
_MARKED = {shelf: Mark[shelf.name] for shelf in Shelf if shelf.name in Mark.__members__}


def kind_of(
    *, state: State, expires: int | None, joined: int, approval: bool, price: int, primary: bool, at: int
) -> int:
    """`at` decides what is expiring, Unix seconds."""
    if state not in UNREVOKED:
        return GONE if state == State.GONE else REVOKED
    kind = _BY_STATE[state]
    for mark, is_so in (
        (_EXPIRING, state == State.LIVE and expires and expires - SOON <= at), (_UNUSED, joined == 0),
        (_APPROVAL, approval), (_PAID, price > 0), (_PRIMARY, primary),
    ):  # fmt: skip
        if is_so:
            kind |= mark
    return kind


@cache
def stands_on(shelf: Shelf, kind: int) -> bool:
    match shelf:
        case Shelf.REVOKED:
            return kind == REVOKED
        case Shelf.GONE:
            return kind == GONE
        case Shelf.UNREVOKED:
            return kind >= 0
        case Shelf.LIVE:
            return kind >= 0 and not kind & (Mark.EXPIRED | Mark.FULL)
    return kind >= 0 and bool(kind & _MARKED[shelf])


def turns_at(*, state: State, expires: int | None, at: int) -> int | None:
    """When time alone makes it of another kind, in Unix seconds; None for never."""
    if not expires or state not in (State.LIVE, State.FULL):
        return None
    return expires - SOON if state == State.LIVE and expires - SOON > at else expires


def ends_at(expires: int | None) -> int:
    return expires or NEVER


def folded(text: str) -> str:
    """As words are compared: without case and width."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()

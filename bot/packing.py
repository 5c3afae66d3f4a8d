"""How a question about the list fits into a button (64 bytes with all else) and a start link.

`pack` writes whose links, which, in what order, whose person and which kept search words by their row's
number: a letter each, then base 36. Nothing here is a right: whoever presses is looked up.
"""

from __future__ import annotations

import re
from typing import TypeVar

from ledger.listing import Order, Position, Query, Shelf, Toward, Whose

_T = TypeVar("_T")

BACK = "k"  # the list that stood on this message before
NUMBER = "[0-9a-z]{1,12}"  # base 36, below 2**63

_WHOSE = {Whose.ALL: "a", Whose.MINE: "m", Whose.PERSON: "p", Whose.BOTS: "b"}
_SHELVES = {
    Shelf.UNREVOKED: "u", Shelf.LIVE: "l", Shelf.EXPIRING: "e", Shelf.FULL: "f", Shelf.UNUSED: "n",
    Shelf.EXPIRED: "x", Shelf.APPROVAL: "a", Shelf.PAID: "p", Shelf.PRIMARY: "y", Shelf.REVOKED: "r", Shelf.GONE: "g",
}  # fmt: skip
_ORDERS = {Order.JOINS: "j", Order.NEW: "n", Order.ENDS: "e"}
_TOWARD = {toward: toward.value[0] for toward in Toward}

QUESTION = (
    f"(?P<whose>[{''.join(_WHOSE.values())}])(?P<shelf>[{''.join(_SHELVES.values())}])"
    f"(?P<order>[{''.join(_ORDERS.values())}])(?P<person>{NUMBER})?(?:-(?P<search>{NUMBER}))?"
)
PLACE = f"{BACK}|(?P<toward>[{''.join(_TOWARD.values())}])(?P<key>{NUMBER})-(?P<id>{NUMBER})-(?P<page>{NUMBER})"
_QUESTION, _PLACE = re.compile(QUESTION), re.compile(PLACE)
PLAIN = "auj"  # all, unrevoked, by joins
MINE = "muj"


def base36(number: int) -> str:
    """Of a number that is not negative."""
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
    return digits or "0"


def pack(query: Query, search: int = 0) -> str:
    """The question without its place; `search` is the row that keeps its words."""
    person = base36(query.person_id) if query.whose is Whose.PERSON and query.person_id else ""
    words = f"-{base36(search)}" if search else ""
    return f"{_WHOSE[query.whose]}{_SHELVES[query.shelf]}{_ORDERS[query.order]}{person}{words}"


def unpack(ask: str, chat_id: int, viewer_id: int) -> tuple[Query, int]:
    """The question, without its words, and the row that keeps these (0 is none), asked by `viewer_id`.
    What is no question asks for all."""
    found = _QUESTION.fullmatch(ask) or _QUESTION.fullmatch(PLAIN)
    assert found is not None
    person = int(found["person"], 36) if found["person"] else None
    whose = _of(_WHOSE, found["whose"])
    if whose is Whose.PERSON and not person:
        whose = Whose.ALL
    query = Query(
        chat_id,
        viewer_id,
        whose=whose,
        person_id=person if whose is Whose.PERSON else None,
        shelf=_of(_SHELVES, found["shelf"]),
        order=_of(_ORDERS, found["order"]),
    )
    return query, int(found["search"] or "0", 36)


def pack_place(position: Position) -> str:
    numbers = "-".join(base36(max(0, n)) for n in (position.key, position.id, position.page))
    return _TOWARD[position.kind] + numbers


def unpack_place(at: str) -> Position:
    """What is no place is the first page."""
    found = _PLACE.fullmatch(at)
    if found is None or found["toward"] is None:
        return Position()
    key, row, page = (int(found[name], 36) for name in ("key", "id", "page"))
    return Position(_of(_TOWARD, found["toward"]), key, row, page)


def _of(letters: dict[_T, str], letter: str) -> _T:
    return next(value for value, known in letters.items() if known == letter)

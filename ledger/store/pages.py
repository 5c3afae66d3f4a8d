"""One page of the list of invite links, in two statements whatever the chat's size.

Rows are sought by the last one shown, never by counting off. An index holds each kind of link in each
order; a page merges those of its shelf, so that no row is looked at which is not shown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    UnaryExpression,
    bindparam,
    cast,
    column,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
    union,
    union_all,
)

from ledger.errors import UnknownChat
from ledger.links import Link, State
from ledger.listing import Listing, Order, Position, Query, Shelf, Toward, Whose
from ledger.shelves import KEYS, folded, stands_on
from ledger.store.engine import Steps
from ledger.store.freshness import ACCOUNT, CHAT, PICTURE, USERCLIENT, account_of, chat_of, freshness_of
from ledger.store.moves import now_at_once
from ledger.store.statements import Row
from ledger.tables import admin, chat, former, link, person, program, tally

_creator, _asker = person.alias("creator"), person.alias("asker")
_BEFORE = (
    select(former.c.head + "…" + former.c.tail)
    .where(former.c.link_id == link.c.id)
    .order_by(former.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
_BEFORE_OPEN = exists().where(former.c.link_id == link.c.id, former.c.closed.is_(None))
# What a Link is made of, and the keys of the orders.
_OF_LINK = (
    "id", "chat_id", "number", "creator_id", "asked_by", "by_this_bot", "is_primary", "approval", "title", "created",
    "edited", "expires", "member_limit", "joined", "leavers", "last_join", "pending", "price", "state", "born", "ends",
    "maker_left", "first_seen", "last_seen", "head", "tail", "carried", "note", "once", "for_person", "for_name",
    "closing",
)  # fmt: skip
SHOWN = select(
    *(link.c[name] for name in _OF_LINK),
    link.c.digest.is_not(None).label("whole"),
    _BEFORE.label("before"),
    _BEFORE_OPEN.label("before_open"),
    _creator.c.name.label("creator"),
    _asker.c.name.label("asker"),
).select_from(
    link.outerjoin(_creator, _creator.c.id == link.c.creator_id).outerjoin(_asker, _asker.c.id == link.c.asked_by)
)
_NAMES = tuple(SHOWN.selected_columns.keys())
_BOTS = select(person.c.id).where(person.c.is_bot)
# SQLite merges 500 at most, and most pages need two for each. A chat whose bots have more kinds is sorted instead.
_MOST_ARMS = 128
_NOWHERE = -9  # no kind
_PEOPLE = select(person.c.id, person.c.name, person.c.username).where(
    person.c.id.in_(
        union(
            select(admin.c.person_id).where(admin.c.chat_id == bindparam("chat_id")),
            select(tally.c.whose).where(tally.c.chat_id == bindparam("chat_id")),
        )
    )
)


def link_of(row: Mapping[Any, Any]) -> Link:
    return Link(
        id=row["id"], chat_id=row["chat_id"], number=row["number"], creator_id=row["creator_id"],
        creator=row["creator"] or str(row["creator_id"]), asked_by=row["asked_by"],
        asker=row["asker"] or (str(row["asked_by"]) if row["asked_by"] else None), by_this_bot=bool(row["by_this_bot"]),
        primary=bool(row["is_primary"]), approval=bool(row["approval"]), title=row["title"], created=row["created"],
        edited=row["edited"], expires=row["expires"], limit=row["member_limit"], joined=row["joined"],
        leavers=row["leavers"], pending=row["pending"], state=State(row["state"]),
        first_seen=row["first_seen"], last_seen=row["last_seen"], last_join=row["last_join"],
        masked=f"{row['head']}…{row['tail']}", whole=bool(row["whole"]), maker_left=bool(row["maker_left"]),
        price=row["price"], note=row["note"], once=bool(row["once"]), for_person=row["for_person"],
        for_name=row["for_name"], closing=bool(row["closing"]), carried=row["carried"], before=row["before"] or "",
        before_open=bool(row["before_open"]),
    )  # fmt: skip


@cache
def head_statement(whose: Whose) -> Select[Any]:
    """`kinds` is all counts in one text: `whose:kind:warned:links` with spaces between, `whose` told for BOTS
    only. `overdue` where time alone has made a link of another kind, and its row does not say so yet."""
    of = {Whose.ALL: [], Whose.BOTS: [tally.c.whose.in_(_BOTS)]}.get(whose, [tally.c.whose == bindparam("person_id")])
    who = tally.c.whose if whose is Whose.BOTS else literal(0)
    counts = (
        select(who.label("whose"), tally.c.kind, tally.c.warned, func.sum(tally.c.links).label("links"))
        .where(tally.c.chat_id == bindparam("chat_id"), tally.c.links > 0, *of)
        .group_by(*([tally.c.whose] if whose is Whose.BOTS else []), tally.c.kind, tally.c.warned)
        .subquery()
    )
    parts = [cast(part, String) for part in (counts.c.whose, counts.c.kind, cast(counts.c.warned, Integer))]
    each = parts[0] + ":" + parts[1] + ":" + parts[2] + ":" + cast(counts.c.links, String)
    return (
        select(
            *CHAT, *PICTURE, *ACCOUNT,
            select(func.aggregate_strings(each, " ")).scalar_subquery().label("kinds"),
            exists().where(link.c.turns <= bindparam("at")).label("overdue"),
        )
        .select_from(chat.outerjoin(program, program.c.name == USERCLIENT))
        .where(chat.c.id == bindparam("chat_id"))
    )  # fmt: skip


@cache
def rows_statement(order: Order, toward: Toward, *, by_whose: bool, arms: int, most: int) -> Select[Any]:
    """The rows of so many kinds, with `by_whose` each of one person's. In no order, `_in_one`."""
    some = [
        select(link.c.id, _key(order).label("key")).where(
            link.c.chat_id == bindparam("chat_id"),
            *([link.c.whose == bindparam(f"whose_{arm}")] if by_whose else []),
            link.c.kind == bindparam(f"kind_{arm}"),
            *beyond,
        )
        for arm in range(arms)
        for beyond in _ways_beyond(order, toward)
    ]
    these = union_all(*some) if len(some) > 1 else some[0]
    page = these.order_by(*_sorted(order, toward, column("key"), column("id"))).limit(most)
    return _in_one(SHOWN.where(link.c.id.in_(select(page.subquery().c.id))))


@cache
def search_statement(order: Order, toward: Toward, words: int, *, by_whose: bool, most: int) -> Select[Any]:
    """The rows that have so many words, in no order, `_in_one`, and with each how many there are in `total`. All rows
    of the chat are looked at once, by number: as they lie in the file. The index by kind would lead there too,
    and takes twice as long, so it is kept out of it (`kind + 0`)."""
    which = [
        link.c.chat_id == bindparam("chat_id"),
        link.c.number > 0,
        (link.c.kind + 0).in_(bindparam("kinds", expanding=True)),
        *([link.c.whose.in_(bindparam("people", expanding=True))] if by_whose else []),
        *(
            or_(
                link.c.words.like(bindparam(f"text_{n}"), escape="\\"),
                link.c.creator_id.in_(bindparam(f"named_{n}", expanding=True)),
                link.c.asked_by.in_(bindparam(f"named_{n}", expanding=True)),
                link.c.number == bindparam(f"numbered_{n}"),
                link.c.tail == bindparam(f"tail_{n}"),
            )
            for n in range(words)
        ),
    ]
    these = select(link.c.id, _key(order).label("key")).where(*which).cte("these")
    page = (
        select(these.c.id)
        .where(*_beyond(order, toward, these.c.key, these.c.id))
        .order_by(*_sorted(order, toward, these.c.key, these.c.id))
        .limit(most)
    )
    total = select(func.count()).select_from(these).scalar_subquery()
    return _in_one(SHOWN.add_columns(total.label("total")).where(link.c.id.in_(page)))


def _in_one(rows: Select[Any]) -> Select[Any]:
    """All rows as one text. SQLite steps once for it: at each step Python's lock is given up, and waited for while the
    program is busy."""
    these = rows.subquery()
    return select(func.json_group_array(func.json_array(*these.c)))


def _apart(text: str, *more: str) -> list[Row]:
    names = (*_NAMES, *more)
    return [dict(zip(names, row, strict=True)) for row in json.loads(text)]


def _key(order: Order) -> ColumnElement[int]:
    return link.c[KEYS[order]]


def _down(order: Order, toward: Toward) -> bool:
    """Whether the rows are read from the highest key down."""
    return (order is not Order.ENDS) == (toward in (Toward.FIRST, Toward.AFTER))


def _beyond(
    order: Order, toward: Toward, key: ColumnElement[int], row_id: ColumnElement[int]
) -> list[ColumnElement[bool]]:
    if toward in (Toward.FIRST, Toward.LAST):
        return []
    place, here = tuple_(key, row_id), tuple_(bindparam("key"), bindparam("id"))
    return [place < here if _down(order, toward) else place > here]


def _ways_beyond(order: Order, toward: Toward) -> list[list[ColumnElement[bool]]]:
    """The same as two ways an index leads: SQLite seeks a pair by its key alone where the second is the row's id, and
    would look at all that have the same key."""
    if toward in (Toward.FIRST, Toward.LAST):
        return [[]]
    key, row_id = _key(order), link.c.id
    if _down(order, toward):
        return [[key == bindparam("key"), row_id < bindparam("id")], [key < bindparam("key")]]
    return [[key == bindparam("key"), row_id > bindparam("id")], [key > bindparam("key")]]


def _sorted(order: Order, toward: Toward, *by: ColumnElement[Any]) -> list[UnaryExpression[Any]]:
    return [one.desc() if _down(order, toward) else one.asc() for one in by]


@dataclass(frozen=True, slots=True)
class _Pile:
    """How many links of a kind, and whose where it was asked for by person."""

    whose: int
    kind: int
    warned: bool
    links: int


@dataclass(frozen=True, slots=True)
class _Piles:
    """All there are of whom it was asked for, and what they come to: `counts` by shelf."""

    all: Sequence[_Pile]
    counts: Mapping[Shelf, int]
    warned: int

    def on(self, shelf: Shelf) -> list[_Pile]:
        return [pile for pile in self.all if stands_on(shelf, pile.kind)]


@dataclass(frozen=True, slots=True)
class Found:
    """What the book says of a query; `rows` in no order, one more than a page where there are more."""

    query: Query
    head: Row
    piles: _Piles
    rows: Sequence[Row]
    total: int


def find(steps: Steps, query: Query, at: int) -> Found | None:
    """None where a link turned meanwhile: the tick must run first. Raises UnknownChat."""
    toward = query.position.kind
    who = query.viewer_id if query.whose is Whose.MINE else query.person_id
    these = {"chat_id": query.chat_id, "person_id": who, "at": at}
    head = steps.execute(head_statement(query.whose), these).mappings().first()
    if head is None:
        now = now_at_once(steps, query.chat_id)
        if now == query.chat_id:
            raise UnknownChat
        return find(steps, replace(query, chat_id=now), at)
    if head["overdue"]:
        return None
    piles = _piles(head["kinds"], 0 if who is None else who, query.whose)
    wanted, total = piles.on(query.shelf), piles.counts[query.shelf]
    these |= {"key": query.position.key, "id": query.position.id}
    by_whose = query.whose is not Whose.ALL
    arms = sorted({(pile.whose, pile.kind) for pile in wanted})
    found: Sequence[Row] = []
    if query.words.split() or len(arms) > _MOST_ARMS:
        found = _search(steps, query, these, arms)
        total = found[0]["total"] if found else 0
    elif total:
        shape = 1 << (len(arms) - 1).bit_length()  # few shapes, so that each is prepared but once
        for number, (whose, kind) in enumerate([*arms, *[(0, _NOWHERE)] * (shape - len(arms))]):
            these |= {f"whose_{number}": whose, f"kind_{number}": kind}
        statement = rows_statement(query.order, toward, by_whose=by_whose, arms=shape, most=query.size + 1)
        found = _apart(steps.execute(statement, these).scalar_one())
    if not found and toward in (Toward.AFTER, Toward.BEFORE):  # all that stood there is gone
        end = Position(Toward.LAST if toward is Toward.AFTER else Toward.FIRST)
        return find(steps, replace(query, position=end), at)
    return Found(query, head, piles, found, total)


def listing_of(page: Found, at: int) -> Listing:
    query, total, size, toward = page.query, page.total, page.query.size, page.query.position.kind
    key = KEYS[query.order]
    found = sorted(page.rows, key=lambda row: (row[key], row["id"]), reverse=_down(query.order, toward))
    more = len(found) > size
    rows = found[: (total % size or size) if toward is Toward.LAST else size]
    if toward in (Toward.BEFORE, Toward.LAST):
        rows.reverse()
        earlier, later = (more, True) if toward is Toward.BEFORE else (total > len(rows), False)
    else:
        earlier, later = toward is Toward.AFTER, more
    return _listing(page, rows, earlier=earlier, later=later, at=at)


def _search(steps: Steps, query: Query, these: dict[str, Any], arms: Sequence[tuple[int, int]]) -> Sequence[Row]:
    words = query.words.split()
    these = these | {"kinds": sorted({kind for _, kind in arms}), "people": sorted({whose for whose, _ in arms})}
    people = steps.execute(_PEOPLE, {"chat_id": query.chat_id}).all() if words else []
    for number, word in enumerate(words):
        these |= _wanted(number, word, people)
    shape = search_statement(
        query.order, query.position.kind, len(words), by_whose=query.whose is not Whose.ALL, most=query.size + 1
    )  # fmt: skip
    return _apart(steps.execute(shape, these).scalar_one(), "total") if arms else []


def _wanted(number: int, word: str, people: Sequence[Any]) -> dict[str, Any]:
    """What this word may be. A tail is compared as it is written: case tells links apart."""
    text = folded(word)
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    name, digits = text.removeprefix("@"), text.removeprefix("#")
    named = [one for one, *names in people if any(name in folded(known or "") for known in names)]
    is_number = digits.isascii() and digits.isdecimal() and len(digits) <= 9
    return {
        f"text_{number}": f"%{escaped}%", f"named_{number}": named if name else [],
        f"numbered_{number}": int(digits) if is_number else -1, f"tail_{number}": word.lstrip(".…") or "…",
    }  # fmt: skip


@lru_cache(256)
def _piles(text: str | None, who: int, whose: Whose) -> _Piles:
    piles = []
    for pile in (text or "").split():
        person_id, kind, warned, links = map(int, pile.split(":"))
        piles.append(_Pile(person_id if whose is Whose.BOTS else who, kind, bool(warned), links))
    counts = {shelf: sum(pile.links for pile in piles if stands_on(shelf, pile.kind)) for shelf in Shelf}
    return _Piles(piles, counts, sum(pile.links for pile in piles if pile.warned))


def _listing(page: Found, rows: Sequence[Row], *, earlier: bool, later: bool, at: int) -> Listing:
    query, total, head, piles, counts = page.query, page.total, page.head, page.piles, page.piles.counts
    pages = max(1, -(-total // query.size))
    number = min(max(query.position.page, 2), pages - 1)
    if not later:
        number = pages
    if not earlier:
        number = 1
    key = KEYS[query.order]
    first, last = (rows[0], rows[-1]) if rows else (None, None)
    return Listing(
        query=query, chat=chat_of(head), rows=[link_of(row) for row in rows], total=total, live=counts[Shelf.LIVE],
        warned=piles.warned, unrevoked=counts[Shelf.UNREVOKED],
        revoked=counts[Shelf.REVOKED], gone=counts[Shelf.GONE], page=number, pages=pages,
        next=Position(Toward.AFTER, last[key], last["id"], number + 1) if last and later else None,
        previous=Position(Toward.BEFORE, first[key], first["id"], number - 1) if first and earlier else None,
        last=Position(Toward.LAST, page=pages) if later else None,
        freshness=freshness_of(head, account_of(head, at)), counts=counts,
    )  # fmt: skip

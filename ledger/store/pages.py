"""One page of the list of invite links, in two statements whatever the chat's size.

Rows are sought by the last one shown, never by counting off: each of these has an index in its order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, exists, func, select, true, tuple_

from ledger.errors import UnknownChat
from ledger.links import UNREVOKED, Link, State
from ledger.listing import Listing, Position, Query, Shelf, Toward, Whose
from ledger.store.engine import Engines
from ledger.store.freshness import ACCOUNT, CHAT, PICTURE, USERCLIENT, account_of, chat_of, freshness_of
from ledger.tables import chat, link, person, program, tally

_creator, _asker = person.alias("creator"), person.alias("asker")
SHOWN = select(
    *(column for column in link.c if column.name not in {"cipher", "digest", "start_digest"}),
    link.c.digest.is_not(None).label("whole"),
    _creator.c.name.label("creator"),
    _asker.c.name.label("asker"),
).select_from(
    link.outerjoin(_creator, _creator.c.id == link.c.creator_id).outerjoin(_asker, _asker.c.id == link.c.asked_by)
)
USABLE = (State.LIVE, State.FULL)  # what an end makes expired


def link_of(row: Mapping[Any, Any]) -> Link:
    return Link(
        id=row["id"], chat_id=row["chat_id"], number=row["number"], creator_id=row["creator_id"],
        creator=row["creator"] or str(row["creator_id"]), asked_by=row["asked_by"],
        asker=row["asker"] or (str(row["asked_by"]) if row["asked_by"] else None), by_this_bot=row["by_this_bot"],
        primary=row["is_primary"], approval=row["approval"], title=row["title"], created=row["created"],
        edited=row["edited"], expires=row["expires"], limit=row["member_limit"], joined=row["joined"],
        still_here=max(0, row["joined"] - row["leavers"]), pending=row["pending"], state=State(row["state"]),
        first_seen=row["first_seen"], last_seen=row["last_seen"], last_join=row["last_join"],
        masked=f"{row['head']}…{row['tail']}", whole=row["whole"], maker_left=row["maker_left"],
    )  # fmt: skip


def overdue(at: ColumnElement[int]) -> ColumnElement[bool]:
    """Some link's end has passed, and its state does not say so yet."""
    return exists().where(link.c.state.in_(USABLE), link.c.expires <= at)


def _whose(column: ColumnElement[int], whose: Whose) -> list[ColumnElement[bool]]:
    match whose:
        case Whose.ALL:
            return []
        case Whose.BOTS:
            return [column.in_(select(person.c.id).where(person.c.is_bot))]
        case _:
            return [column == bindparam("person_id")]


def _counted(*states: State) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((tally.c.state.in_(states), tally.c.links), else_=0)), 0)


@cache
def head_statement(whose: Whose) -> Select[Any]:
    counts = (
        select(
            _counted(*UNREVOKED).label("unrevoked"),
            _counted(State.LIVE).label("live"),
            _counted(State.REVOKED).label("revoked_links"),
            _counted(State.GONE).label("gone"),
            func.coalesce(func.sum(case((tally.c.warned, tally.c.links), else_=0)), 0).label("warned"),
        )
        .where(tally.c.chat_id == bindparam("chat_id"), *_whose(tally.c.whose, whose))
        .subquery()
    )
    return (
        select(*CHAT, *PICTURE, *ACCOUNT, *counts.c, overdue(bindparam("at")).label("overdue"))
        .select_from(chat.outerjoin(program, program.c.name == USERCLIENT).join(counts, true()))
        .where(chat.c.id == bindparam("chat_id"))
    )


@cache
def rows_statement(whose: Whose, shelf: Shelf, toward: Toward) -> Select[Any]:
    by_person = whose in (Whose.MINE, Whose.PERSON)
    place = tuple_(link.c.joined, link.c.id)
    here = tuple_(bindparam("joined"), bindparam("id"))
    statement = SHOWN.where(link.c.chat_id == bindparam("chat_id"), *_whose(link.c.whose, whose))
    if shelf is Shelf.UNREVOKED:
        statement = statement.where(link.c.shown == true())
    elif by_person:
        statement = statement.where(link.c.shown != true(), link.c.state == shelf.value)
    else:
        statement = statement.where(link.c.state == shelf.value)
    if toward is Toward.AFTER:
        statement = statement.where(place < here)
    elif toward is Toward.BEFORE:
        statement = statement.where(place > here)
    if toward in (Toward.FIRST, Toward.AFTER):
        return statement.order_by(link.c.joined.desc(), link.c.id.desc()).limit(bindparam("limit"))
    return statement.order_by(link.c.joined, link.c.id).limit(bindparam("limit"))


async def page(engines: Engines, query: Query, at: int) -> Listing | None:
    """None where some link's end has passed meanwhile: the tick must run first. Raises UnknownChat."""
    toward, size = query.position.kind, query.size
    who = query.viewer_id if query.whose is Whose.MINE else query.person_id
    these = {"chat_id": query.chat_id, "person_id": who, "at": at}
    async with engines.reading() as connection:
        head = (await connection.execute(head_statement(query.whose), these)).mappings().first()
        if head is None:
            raise UnknownChat
        if head["overdue"]:
            return None
        total = head[{Shelf.UNREVOKED: "unrevoked", Shelf.REVOKED: "revoked_links", Shelf.GONE: "gone"}[query.shelf]]
        these |= {"joined": query.position.joined, "id": query.position.id}
        these["limit"] = (total % size or size) if toward is Toward.LAST else size + 1
        statement = rows_statement(query.whose, query.shelf, toward)
        found = (await connection.execute(statement, these)).mappings().all() if total else []
    if not found and total and toward in (Toward.AFTER, Toward.BEFORE):  # all that stood there is gone
        end = Position(Toward.LAST if toward is Toward.AFTER else Toward.FIRST)
        return await page(engines, replace(query, position=end), at)
    rows = [link_of(row) for row in found[:size]]
    more = len(found) > size
    if toward in (Toward.BEFORE, Toward.LAST):
        rows.reverse()
        earlier, later = (more, True) if toward is Toward.BEFORE else (total > len(rows), False)
    else:
        earlier, later = toward is Toward.AFTER, more
    return _listing(query, head, rows, total, earlier=earlier, later=later, at=at)


def _listing(
    query: Query, head: Mapping[Any, Any], rows: list[Link], total: int, *, earlier: bool, later: bool, at: int
) -> Listing:
    pages = max(1, -(-total // query.size))
    number = min(max(query.position.page, 2), pages - 1)
    if not later:
        number = pages
    if not earlier:
        number = 1
    return Listing(
        query=query, chat=chat_of(head), rows=rows, total=total, live=head["live"], warned=head["warned"],
        unrevoked=head["unrevoked"], revoked=head["revoked_links"], gone=head["gone"], page=number, pages=pages,
        next=Position(Toward.AFTER, rows[-1].joined, rows[-1].id, number + 1) if rows and later else None,
        previous=Position(Toward.BEFORE, rows[0].joined, rows[0].id, number - 1) if rows and earlier else None,
        last=Position(Toward.LAST, page=pages) if later else None,
        freshness=freshness_of(head, account_of(head, at)),
    )  # fmt: skip

"""A basic group becomes a supergroup: another chat for Telegram, the same one in the book."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table, and_, bindparam, case, delete, func, insert, select, tuple_, update
from sqlalchemy.dialects.sqlite import insert as upsert

from ledger.chats import ReplyPlace, Role, Served
from ledger.errands import OPEN, ErrandState, open_key
from ledger.store.engine import Hold
from ledger.store.moves import now_of
from ledger.store.rows import settle
from ledger.tables import (
    admin,
    batch,
    batch_item,
    chat,
    errand,
    errand_answer,
    event,
    former,
    grant,
    inbox,
    intent,
    link,
    listing,
    moved,
    person,
    preference,
    request,
    search,
    tally,
)
from ledger.tables import join as joins

_CHAT = select(chat).where(chat.c.id == bindparam("id"))
_moved = upsert(moved)
_REMEMBER = _moved.on_conflict_do_update(index_elements=[moved.c.old_id], set_={"new_id": _moved.excluded.new_id})

_LINKS = select(link).where(link.c.chat_id == bindparam("chat_id")).order_by(link.c.number)
_FORMERS = select(former.c.digest, former.c.link_id).where(former.c.chat_id == bindparam("chat_id"))
_JOINS = select(
    func.coalesce(func.sum(case((joins.c.at > bindparam("since"), 1), else_=0)), 0),
    func.coalesce(func.sum(case((joins.c.left_at.is_not(None), 1), else_=0)), 0),
).where(joins.c.link_id == bindparam("link_id"))

# What one reading tells of a link.
_READ = (
    "is_primary", "approval", "title", "edited", "expires", "member_limit", "usage", "usage_read", "pending", "price",
)  # fmt: skip

# Kept for a chat and something else: where both ids have a row, the new one's says what is so now.
_KEYED: tuple[tuple[Table, tuple[str, ...]], ...] = (
    (admin, ("person_id", "told_by")),
    (grant, ("person_id", "what")),
    (preference, ("person_id",)),
)


async def move(connection: Hold, old_id: int, new_id: int, at: int) -> None:
    """Every row of the old id under the new one, and the old id remembered. A second time changes nothing."""
    new_id = await now_of(connection, new_id)
    if new_id == old_id or await now_of(connection, old_id) == new_id:
        return
    await connection.execute(_REMEMBER, {"old_id": old_id, "new_id": new_id})
    await connection.execute(update(moved).where(moved.c.new_id == old_id).values(new_id=new_id))
    old = (await connection.execute(_CHAT, {"id": old_id})).mappings().first()
    if old is not None:
        new = (await connection.execute(_CHAT, {"id": new_id})).mappings().first()
        if new is None:
            as_new = {**old, "id": new_id, "kind": "supergroup", "account_hash": None}
            await connection.execute(insert(chat), as_new)
        else:
            both = await _as_one(connection, old, new)
            await connection.execute(update(chat).where(chat.c.id == new_id).values(both))
            await _merge_links(connection, old, new, at)
        await _take_over(connection, old_id, new_id, at)
        await connection.execute(delete(chat).where(chat.c.id == old_id))
    for table, column in ((inbox, inbox.c.lane), (person, person.c.chosen_chat), (chat, chat.c.discussion_id)):
        await connection.execute(update(table).where(column == old_id).values({column: new_id}))


async def _as_one(connection: Hold, old: Mapping[Any, Any], new: Mapping[Any, Any]) -> dict[str, Any]:
    """The chat both rows tell of. Of two sweeps the one under way goes on, else the later one is the last; the
    pass numbers of one are raised by the other's, so that no reading of either is taken for one of this pass."""
    under_way = [row["pass_number"] > 0 and row["pass_ended"] is None for row in (old, new)]
    old_leads = under_way[0] or (not under_way[1] and (old["pass_ended"] or 0) >= (new["pass_ended"] or 0))
    lead, other = (old, new) if old_leads else (new, old)
    number = old["pass_number"] + new["pass_number"]
    same = and_(listing.c.chat_id == other["id"], tuple_(listing.c.creator_id, listing.c.revoked).in_(
        select(listing.c.creator_id, listing.c.revoked).where(listing.c.chat_id == lead["id"])
    ))  # fmt: skip
    await connection.execute(delete(listing).where(same))
    for table, column in ((listing, "pass_number"), (link, "last_pass")):
        raised = {column: table.c[column] + other["pass_number"]}
        await connection.execute(update(table).where(table.c.chat_id == lead["id"]).values(raised))
    if any(under_way):  # what was already read of it told nothing of these
        await connection.execute(update(link).where(link.c.chat_id == other["id"]).values(last_pass=number))
    served = Served.SERVED if Served.SERVED in (old["served"], new["served"]) else old["served"]
    told = new if new["bot_role"] != Role.UNKNOWN else old
    looked_up = new if new["account_role"] != Role.UNKNOWN else old
    zoned = new if new["zone_chosen"] and not old["zone_chosen"] else old
    return {
        **{name: lead[name] for name in ("pass_started", "pass_ended", "sweep_calls", "sweep_new", "sweep_changed",
                                         "sweep_gone")},
        "pass_number": number,
        "pass_whole": bool(old["pass_whole"] or new["pass_whole"]),
        **{name: max((row[name] for row in (old, new) if row[name] is not None), default=None)
           for name in ("swept_at", "whole_ended", "checked_at")},
        "log_event": new["log_event"], "log_read": new["log_read"],
        "served": new["served"] if served == Served.ASKED else served,
        "bot_role": told["bot_role"], "bot_deletes": told["bot_deletes"],
        "bot_restricts": told["bot_restricts"],
        "watched_since": told["watched_since"] and (old["watched_since"] or told["watched_since"]),
        "account_role": looked_up["account_role"], "account_since": looked_up["account_since"],
        "added_by": old["added_by"] or new["added_by"], "first_seen": min(old["first_seen"], new["first_seen"]),
        "time_zone": zoned["time_zone"], "zone_chosen": zoned["zone_chosen"],
        "reply_place": new["reply_place"] if old["reply_place"] == ReplyPlace.HERE else old["reply_place"],
        "discussion_id": new["discussion_id"] or old["discussion_id"],
    }  # fmt: skip


async def _merge_links(connection: Hold, old: Mapping[Any, Any], new: Mapping[Any, Any], at: int) -> None:
    """What was met under the new id first: a link the group has already is that one, any other takes a number
    the group has not given out."""
    own, met = [(await connection.execute(_LINKS, {"chat_id": one["id"]})).mappings().all() for one in (old, new)]
    ours = {row["digest"]: row for row in own if row["digest"] is not None}
    starts = {(row["start_digest"], row["creator_id"]): row for row in own}
    next_number = max(old["next_number"], new["next_number"])
    rotated = dict((await connection.execute(_FORMERS, {"chat_id": old["id"]})).all())
    ours |= {digest: row for digest, of in rotated.items() for row in own if row["id"] == of}
    for row in met:
        twin = ours.get(row["digest"])
        alike = starts.get((row["start_digest"], row["creator_id"]))
        if twin is None and alike is not None and None in (row["digest"], alike["digest"]):
            twin = alike
        if twin is not None and row["digest"] in rotated:
            await _hand_over(connection, twin["id"], row["id"])
        elif twin is not None:
            await _merge(connection, twin, row, at)
        elif row["number"] < old["next_number"]:
            await connection.execute(update(link).where(link.c.id == row["id"]).values(number=next_number))
            next_number += 1
    await connection.execute(update(chat).where(chat.c.id == new["id"]).values(next_number=next_number))


async def _merge(connection: Hold, ours: Mapping[Any, Any], theirs: Mapping[Any, Any], at: int) -> None:
    """Two rows of one link: the group's keeps its id and number, the later reading its word."""
    await _hand_over(connection, ours["id"], theirs["id"])
    read, other = sorted((theirs, ours), key=lambda row: (row["usage_read"] or 0, row["last_seen"]), reverse=True)
    seen = max((ours, theirs), key=lambda row: row["last_seen"])
    whole = ours if ours["digest"] is not None else theirs
    row: dict[str, Any] = {**ours}
    row |= {name: read[name] for name in _READ}
    row |= {name: whole[name] for name in ("cipher", "digest", "head", "tail")}
    if read is theirs and row["member_limit"]:  # met under the new id, it was not known to have had other keys
        row["member_limit"] += ours["carried"]
    row |= {
        "created": read["created"] or other["created"], "asked_by": ours["asked_by"] or theirs["asked_by"],
        "by_this_bot": ours["by_this_bot"] or theirs["by_this_bot"], "revoked": ours["revoked"] or theirs["revoked"],
        "gone_at": seen["gone_at"], "maker_left": seen["maker_left"], "last_seen": seen["last_seen"],
        "first_seen": min(ours["first_seen"], theirs["first_seen"]),
        "last_pass": max(ours["last_pass"], theirs["last_pass"]),
        "last_join": max(ours["last_join"] or 0, theirs["last_join"] or 0) or None, "print": None,
    }  # fmt: skip
    counted = {"link_id": ours["id"], "since": -1 if row["usage_read"] is None else row["usage_read"]}
    since, row["leavers"] = (await connection.execute(_JOINS, counted)).one()
    row["joined"] = row["usage"] + since + row["carried"]
    await connection.execute(update(link).where(link.c.id == ours["id"]).values(settle(row, at)))


async def _hand_over(connection: Hold, ours: int, theirs: int) -> None:
    """All that hangs on that row of a link hangs on this one; the row goes."""
    tables = (joins, event, errand, intent, request, former, batch_item)
    for column in (table.c.link_id for table in tables):
        await connection.execute(update(column.table).where(column == theirs).values({column: ours}))
    await connection.execute(delete(link).where(link.c.id == theirs))


async def _take_over(connection: Hold, old_id: int, new_id: int, at: int) -> None:
    tellers = select(admin.c.told_by).where(admin.c.chat_id == new_id, admin.c.told_by != "book")
    await connection.execute(delete(admin).where(admin.c.chat_id == old_id, admin.c.told_by.in_(tellers)))
    for table, names in _KEYED:
        key = tuple_(*(table.c[name] for name in names))
        taken = select(*(table.c[name] for name in names)).where(table.c.chat_id == new_id)
        await connection.execute(delete(table).where(table.c.chat_id == old_id, key.in_(taken)))
    await _merge_errands(connection, old_id, new_id, at)
    # Messages of the group are no messages of the supergroup, and ids are given out anew there.
    await connection.execute(update(intent).where(intent.c.here == old_id).values(here=None, message_id=None))
    mine = (link, listing, joins, event, errand, intent, search, request, former, batch)
    for table in (*mine, *(table for table, _ in _KEYED)):
        await connection.execute(update(table).where(table.c.chat_id == old_id).values(chat_id=new_id))
    await connection.execute(delete(tally).where(tally.c.chat_id.in_([old_id, new_id])))
    by = ["chat_id", "whose", "kind", "warned", "creator_id"]
    columns = [link.c[name] for name in by]
    counted = select(*columns, func.count()).where(link.c.chat_id == new_id).group_by(*columns)
    await connection.execute(insert(tally).from_select([*by, "links"], counted))


async def _merge_errands(connection: Hold, old_id: int, new_id: int, at: int) -> None:
    """Of two open errands for the same the one under way, else the group's, answers all who asked."""
    still_open = select(errand).where(errand.c.chat_id.in_([old_id, new_id]), errand.c.state.in_(OPEN))
    rows = (await connection.execute(still_open.order_by(errand.c.chat_id == new_id, errand.c.id))).mappings().all()
    kept: dict[str, Mapping[Any, Any]] = {}
    for row in sorted(rows, key=lambda one: one["state"] != ErrandState.DOING):
        key = open_key(row["act"], new_id, row["link_id"], row["about"])
        stays = kept.setdefault(key, row)
        if stays is not row:
            answers = update(errand_answer).where(errand_answer.c.errand_id == row["id"])
            await connection.execute(answers.values(errand_id=stays["id"]))
            ended = {"state": ErrandState.REFUSED, "reason": "same", "ended_at": at, "open_key": None}
            await connection.execute(update(errand).where(errand.c.id == row["id"]).values(ended))
    for key, stays in kept.items():
        await connection.execute(update(errand).where(errand.c.id == stays["id"]).values(open_key=key))

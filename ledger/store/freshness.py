"""How whole and how fresh the book's picture of a chat is, as columns of one statement over `chat`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, select

from ledger.chats import Account, AccountState, Chat, Coverage, Freshness, Progress, ReplyPlace, Role, Served
from ledger.tables import admin, chat, listing, program

USERCLIENT = "userclient"
SILENT_AFTER = 60  # seconds without a word from a program that claims to live

_live, _revoked, _any = listing.alias(), listing.alias(), listing.alias()
_told = admin.alias()

# In the sweep under way, or the last one.
_this_pass = and_(listing.c.chat_id == chat.c.id, listing.c.pass_number == chat.c.pass_number)
_was_read = [and_(part.c.read_at.is_not(None), part.c.unreadable_since.is_(None)) for part in (_live, _revoked)]

# Both listings were read to their end when last tried.
_both_read = (
    select(func.count())
    .select_from(_live.join(_revoked, and_(
        _revoked.c.chat_id == _live.c.chat_id, _revoked.c.creator_id == _live.c.creator_id, _revoked.c.revoked,
    )))
    .where(_live.c.chat_id == chat.c.id, ~_live.c.revoked, *_was_read)
    .correlate(chat)
    .scalar_subquery()
)  # fmt: skip

# The owner is told everyone who has links (getAdminsWithInvites): an admin not named there has none to read.
_linkless = (
    select(func.count(admin.c.person_id.distinct()))
    .where(
        admin.c.chat_id == chat.c.id,
        ~exists().where(_any.c.chat_id == admin.c.chat_id, _any.c.creator_id == admin.c.person_id),
        exists().where(_told.c.chat_id == admin.c.chat_id, _told.c.told_by == "account"),
    )
    .correlate(chat)
    .scalar_subquery()
)
_owner_swept = and_(chat.c.account_role == Role.OWNER, chat.c.swept_at.is_not(None))
_readable = _both_read + case((_owner_swept, _linkless), else_=0)


def _of_pass(what: ColumnElement[Any], *conditions: ColumnElement[bool]) -> ColumnElement[Any]:
    return select(what).select_from(listing).where(_this_pass, *conditions).correlate(chat).scalar_subquery()


CHAT = [
    chat.c.id.label("chat_id"), chat.c.title, chat.c.kind, chat.c.username, chat.c.time_zone, chat.c.served,
    chat.c.bot_role, chat.c.bot_deletes, chat.c.account_role, chat.c.account_hash, chat.c.added_by,
    chat.c.first_seen.label("chat_first_seen"), chat.c.reply_place, chat.c.discussion_id, chat.c.zone_chosen,
    chat.c.account_acts, chat.c.watched_since, chat.c.bot_restricts,
]  # fmt: skip

PICTURE: list[ColumnElement[Any]] = [
    chat.c.swept_at,
    chat.c.checked_at,
    chat.c.log_read,
    chat.c.pass_number,
    chat.c.pass_started,
    chat.c.pass_ended,
    _readable.label("readable"),
    select(func.count(admin.c.person_id.distinct()))
    .where(admin.c.chat_id == chat.c.id).correlate(chat).scalar_subquery().label("known"),
    _of_pass(func.count(), listing.c.ended).label("ended"),
    _of_pass(func.count()).label("listings"),
    _of_pass(func.coalesce(func.sum(listing.c.seen), 0)).label("seen"),
    _of_pass(func.coalesce(func.sum(listing.c.pages), 0)).label("read_pages"),
    select(func.min(_any.c.unreadable_since))
    .where(_any.c.chat_id == chat.c.id, _any.c.read_at.is_not(None)).correlate(chat).scalar_subquery()
    .label("unreadable_since"),
]  # fmt: skip

ACCOUNT = [
    program.c.state.label("account_state"), program.c.since, program.c.until, program.c.seen.label("account_seen"),
    program.c.person_id, program.c.person_name, program.c.detail, program.c.calls,
]  # fmt: skip


def chat_of(row: Mapping[Any, Any]) -> Chat:
    return Chat(
        id=row["chat_id"], title=row["title"], kind=row["kind"], username=row["username"], time_zone=row["time_zone"],
        served=Served(row["served"]), bot_role=Role(row["bot_role"]), bot_deletes=row["bot_deletes"],
        account_role=Role(row["account_role"]), account_hash=row["account_hash"], added_by=row["added_by"],
        first_seen=row["chat_first_seen"], reply_place=ReplyPlace(row["reply_place"]),
        discussion_id=row["discussion_id"], zone_chosen=row["zone_chosen"], account_acts=row["account_acts"],
        watched_since=row["watched_since"], bot_restricts=row["bot_restricts"],
    )  # fmt: skip


def coverage_of(row: Mapping[Any, Any]) -> Coverage | None:
    """None where no sweep ever began."""
    return Coverage(row["readable"], row["known"]) if row["pass_number"] else None


def progress_of(row: Mapping[Any, Any]) -> Progress | None:
    if not row["pass_number"] or row["pass_ended"] is not None:
        return None
    return Progress(row["ended"], row["listings"], row["seen"], row["pass_started"])


def account_of(row: Mapping[Any, Any] | None, now: int) -> Account:
    if row is None or row["account_state"] is None:
        return Account(AccountState.ABSENT, since=0)
    state, since = AccountState(row["account_state"]), row["since"]
    if state not in (AccountState.ABSENT, AccountState.LOST) and row["account_seen"] < now - SILENT_AFTER:
        state, since = AccountState.STALE, row["account_seen"]
    return Account(
        state, since, row["until"], row["person_id"], row["person_name"], row["detail"], json.loads(row["calls"])
    )


def freshness_of(row: Mapping[Any, Any], account: Account) -> Freshness:
    return Freshness(
        as_of=row["swept_at"], coverage=coverage_of(row), account=account, account_role=Role(row["account_role"]),
        progress=progress_of(row), unreadable_since=row["unreadable_since"], watched_since=row["watched_since"],
        checked_at=row["checked_at"], log_read=row["log_read"],
    )  # fmt: skip

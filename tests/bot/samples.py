"""Reports as the ledger gives them, and the screens made of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot import screens
from bot.access import Asker, Executor, Standing, executors, may_change, may_rotate
from bot.screens.base import Screen
from ledger.chats import (
    Account,
    AccountState,
    Chat,
    Coverage,
    Freshness,
    Role,
    Served,
)
from ledger.errands import Act, Errand, ErrandState
from ledger.links import Link, State
from ledger.listing import Listing, Query

DAY = 86_400
NOW = 1_795_000_000  # Wed 18 Nov 2026 11:06:40 UTC
CHAT = Chat(
    id=-1009999999999, title="Chess club", kind="supergroup", username=None, time_zone="Europe/Berlin",
    served=Served.SERVED, bot_role=Role.ADMIN, bot_deletes=True, account_role=Role.OWNER, account_hash=None,
    added_by=None, first_seen=NOW - DAY, watched_since=NOW - 9 * DAY,
)  # fmt: skip
READY = Account(AccountState.READY, NOW - 600, person_id=9, name="Vera")
FRESH = Freshness(NOW - 120, Coverage(3, 5), READY, Role.OWNER, None, None, NOW - 9 * DAY)
LINK = Link(
    id=12, chat_id=CHAT.id, number=12, creator_id=5, creator="Ann", asked_by=None, asker=None, by_this_bot=False,
    primary=False, approval=False, title="spring-ads", created=NOW - 10 * DAY, edited=None, expires=NOW + 3 * DAY,
    limit=100, joined=84, leavers=11, pending=0, state=State.LIVE, first_seen=NOW - DAY, last_seen=NOW,
    last_join=NOW - 720, masked="t.me/+AbC…k9Q", whole=True,
)  # fmt: skip
KEY = "https://t.me/+AbCdEfGhIjKlMk9Q"
LONG = replace(
    LINK, number=99_999, title="W" * 32, creator="Maximilian Alexander the Great", limit=99_999, joined=91_204,
    leavers=1_203, pending=12_345, expires=NOW + 999 * DAY, maker_left=True,
)  # fmt: skip
WIDE = replace(LINK, title="春の広告" * 8, creator="アン" * 20)


def text_of(screen: Screen) -> str:
    return str(screen.text.as_kwargs()["text"])


def labels(screen: Screen) -> list[str]:
    return [button.text for row in screen.keyboard for button in row]


def report(*rows: Link, **changed: object) -> Listing:
    base = Listing(
        query=Query(CHAT.id, 7), chat=CHAT, rows=list(rows), total=len(rows), live=14, warned=3, unrevoked=25,
        revoked=2, gone=0, page=1, pages=1, next=None, previous=None, last=None, freshness=FRESH,
    )  # fmt: skip
    return replace(base, **changed)  # type: ignore[arg-type]


def listed(*rows: Link, in_group: bool = False, no_tables: bool = False, **changed: object) -> Screen:
    held = report(*rows, **changed)
    return screens.listing(held, now=NOW, bot_username="ledger_bot", in_group=in_group, no_tables=no_tables)


def card_of(link: Link, *, may_show: bool = True, viewer_id: int = 7, **more: Any) -> Screen:
    """As an admin sees it; what is not said follows from the rules."""
    asker = Asker(viewer_id, CHAT.id, Standing.ADMIN)
    by_rule: dict[str, Any] = {"may_change": may_change(asker, link), "may_rotate": may_rotate(asker, link)}
    by_rule["executors"] = executors(link, asker, maker_is_bot=False, owner_id=None)
    return screens.card(link, CHAT, now=NOW, viewer_id=viewer_id, may_show=may_show, **{**by_rule, **more})


def revealed(*, copying: bool) -> Screen:
    return screens.revealed(
        LINK, CHAT, KEY, now=NOW, viewer_id=7, executors=[Executor.MAKER, Executor.OWNER], copying=copying, hides=True
    )


def errand(state: ErrandState, **changed: object) -> Errand:
    base = Errand(1, Act.SYNC, CHAT.id, None, 7, NOW, state, "", {}, None)
    return replace(base, **changed)  # type: ignore[arg-type]

"""Every screen of the bot, in its states."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bot import screens
from bot.access import Executor
from bot.drafts import Draft, Field
from bot.screens import added, around, filter, hosting, picture
from bot.screens.base import Picture, Screen
from bot.screens.settings import (
    admin,
    admins,
    asks_erase,
    asks_forget,
    erased,
    forgotten,
    settings,
    test_alert,
    with_settings,
    zone_set,
    zones,
)
from bot.wishes import Choice, NewLink, Question, Series
from ledger.batches import Batch, BatchState, Item, ItemState, Report
from ledger.chats import (
    Account,
    AccountState,
    ChatStatus,
    Coverage,
    Erased,
    Forgotten,
    Grant,
    Progress,
    ReplyPlace,
    Role,
    SeenPerson,
    Status,
)
from ledger.errands import Act, Errand, ErrandState, Held, Power
from ledger.inbox import Intent
from ledger.joins import Joiner, Joiners, Visit
from ledger.links import Link, State
from ledger.listing import Creator, Event, Order, Position, Query, Shelf, Toward, Whose
from ledger.requests import Request, RequestState, Waiting
from ledger.sweeps import Read
from tests.bot import problems
from tests.bot.samples import CHAT, DAY, FRESH, KEY, LINK, NOW, READY, card_of, errand, listed, report, revealed

MINE = replace(LINK, number=34, title="Spring ads", creator_id=99, creator="Invite Ledger", asked_by=7, asker="Ann",
               by_this_bot=True, joined=0, leavers=0, limit=10, expires=NOW + 7 * DAY, last_join=None)  # fmt: skip
PRIMARY = replace(MINE, number=15, primary=True, title="", expires=None, limit=0, joined=1204, leavers=104,
                  asked_by=None, asker=None)  # fmt: skip
TURNS: dict[str, Any] = {"next": Position(Toward.AFTER, 9, 9, 6), "previous": Position(Toward.BEFORE, 9, 9, 4)}
ABSENT = Account(AccountState.ABSENT, 0)
DONE = Intent(1, "create", CHAT.id, 7, NOW, {"title": "Spring ads"}, "done", 34)
LATE = replace(READY, state=AccountState.WAITING, until=NOW + 3600)
HOST = Status(
    replace(READY, calls={"getConfig": 1, "getUsers": 2}), SeenPerson(99, "Invite Ledger"), NOW, "ready", 7,
    {"messages.getExportedChatInvites": NOW + 60}, [ChatStatus(CHAT, Coverage(3, 5), NOW, None, None, 0, 14)], 1, 2, 14,
)  # fmt: skip


ANN, BOB = SeenPerson(5, "Ann", "ann"), SeenPerson(6, "Bob")
CHANNEL = replace(CHAT, id=-1008888888888, title="Chess news", kind="channel", discussion_id=CHAT.id)
CREATORS = [Creator(5, "Ann", False, 5, 2), Creator(6, "Door Keeper", True, 3, 0)]
HOST_NOTICES = (
    "conflict", "webhook", "session-lost", "clock", "ledger-busy", "ledger-full", "demoted", "removed",
    "owner-changed", "unreadable",
)  # fmt: skip
COUNTS = {Shelf.UNREVOKED: 25, Shelf.LIVE: 14, Shelf.EXPIRING: 2, Shelf.FULL: 1, Shelf.APPROVAL: 3, Shelf.REVOKED: 2}
MEANING = Question("full", "x50", (Choice("choice-full-more", {"limit": 134, "more": 50}, "/invite 12 x134"),
                                   Choice("choice-full-all", {"limit": 50}, "/invite 12 x50 in all")))  # fmt: skip

SERIES = Series(NewLink("Flyer", lasts=7 * DAY, limit=1), 1, 50)
EVENTS = [
    Event(NOW - 3 * DAY, "made", 7, "bot", {}),
    Event(NOW - 2 * DAY, "revealed", 5, "copy", {}),
    Event(NOW - DAY, "edited", 5, "bot", {"limit": [10, 50], "expires": [NOW + DAY, None], "title": ["Spring", ""]}),
    Event(NOW - 3600, "noted", 7, "bot", {"note": ["", "ask Bob"]}),
    Event(NOW, "revoked", None, "bot", {"closed": ["", "once"]}),
]


REFUSALS = (
    "already", "changed", "gone", "left", "admin", "not-yours", "no-right", "out-of-reach", "cancelled", "too-late",
    "telegram",
)  # fmt: skip
RAIDERS = [SeenPerson(101, "Kim Long"), SeenPerson(102, ""), SeenPerson(103, "Zed")]
STOPS = ("asked", "not-admin", "not-allowed", "no-ban-right", "powerless", "unserved", "version")
DEAD = [
    Item(1, 1, 34, None, ItemState.WAITING, "unused", None), Item(2, 1, 12, None, ItemState.UNCHOSEN, "full", None),
    Item(3, 1, 15, None, ItemState.UNCHOSEN, "unused", None),
]  # fmt: skip
DEAD_LINKS = {34: MINE, 12: LINK, 15: PRIMARY}
BEYOND = {
    "beyond": [
        {"name": "Bob", "bot": False, "n": 12, "numbers": [7, 9, 12]},
        {"name": "@otherbot", "bot": True, "n": 3, "numbers": [31, 40, 41]},
        {"name": "", "bot": False, "n": 2, "numbers": [8, 44], "primary": 8},
        {"name": "Christopher Longfellow-Smith", "bot": False, "n": 2, "numbers": [1, 2]},
        {"name": "Pat", "bot": False, "n": 1, "numbers": [50]},
        {"name": "Zed", "bot": False, "n": 1, "numbers": [51]},
    ]
}


def draft(wish: dict[str, Any] | None = None) -> Batch:
    return Batch(1, CHAT.id, "clean", 7, NOW, BatchState.DRAFT, "", None, wish or {})


def many(state: BatchState, *, reason: str = "", **figures: Any) -> Report:
    counts: dict[str, Any] = {"done": 12, "waiting": 28, "doing": 0, "unknown": 0, "refused": {}, **figures}
    total = counts["done"] + counts["waiting"] + counts["unknown"] + sum(counts["refused"].values())
    return Report(replace(draft(), state=state, reason=reason), total=total, **counts)


NEW = {Act.REPLACE: {"number": 35}}
NOT_AT_WORK = (AccountState.OFFLINE, AccountState.LOST, AccountState.ABSENT, AccountState.STALE)
NOT_DONE = (
    "cancelled", "only-that-bot", "not-owner", "no-right", "not-let", "read-only", "not-served", "not-in-chat",
    "revoked", "primary", "not-primary", "not-revoked", "no-such-link", "too-late", "past", "channels-too-much",
    "gone", "other",
)  # fmt: skip


def asked_of_account(**changed: Any) -> Errand:
    told: dict[str, Any] = {"id": 3, "act": Act.REVOKE, "link_id": LINK.id, **changed}
    return replace(errand(ErrandState.ASKED), **told)


def act_open(*, account: Account = READY, first: str = "", **changed: Any) -> Screen:
    return screens.act_open(
        asked_of_account(**changed), LINK, CHAT, account=account, power=Power("act"), now=NOW, first=first,
        may_cancel=not first,
        viewer_id=7,
    )  # fmt: skip


def act_ended(*, link: Link = LINK, viewer_id: int = 7, first: str = "", **changed: Any) -> Screen:
    return screens.act_ended(asked_of_account(**changed), link, CHAT, viewer_id=viewer_id, first=first)


def accounts(power: Power) -> Screen:
    return screens.accounts([replace(CHAT, account_acts=True), CHANNEL], READY, power, zone=CHAT.time_zone, now=NOW)


JOINERS = [
    Joiner(21, "Kim", "kim", NOW - 720, None, "Ann", True, "update"),
    Joiner(22, "Zed", None, NOW - 5 * DAY, NOW - 5 * DAY + 180, None, False, "update"),
    Joiner(23, "Pat", None, NOW - 90 * DAY, None, None, False, "account"),
]
VISITS = [
    Visit(NOW - 9 * DAY, None, 12, "spring-ads", "Ann", None, "update", False),
    Visit(NOW - 99 * DAY, NOW - 99 * DAY + 180, 4, "", "Bob", "Vera", "account", True),
    Visit(NOW - 199 * DAY, None, None, "", None, None, "update", False),
]
KIM = Request(
    id=1, chat_id=CHAT.id, person_id=21, name="Kim Lee", username="kim", link_id=19, number=19, at=NOW - 120,
    bio="I play the Dutch", private_id=21, state=RequestState.WAITING, decided_by=None, decider=None, how="update",
    visits=0, left=0,
)  # fmt: skip
ZED = replace(KIM, id=2, person_id=22, name="Zed", username=None, at=NOW - 5 * 3600, bio="", visits=2, left=2)


def every_screen() -> Iterator[Screen]:
    for shown in states().values():
        yield from shown.values()


def states() -> dict[str, dict[str, Screen]]:
    """By the function that makes them, in the order of the page."""
    return {
        "listing": {
            "in a group": listed(
                LINK, replace(PRIMARY, creator_id=7, creator="Ann"),
                replace(LINK, number=19, title="partner-x", expires=None, limit=0, joined=7, creator="Bob"),
                in_group=True,
            ),
            "a page of many": listed(*[LINK] * 10, page=5, pages=9, last=Position(Toward.LAST), **TURNS),
            "nothing known": listed(),
            "revoked": listed(replace(LINK, state=State.REVOKED), query=Query(CHAT.id, 7, shelf=Shelf.REVOKED)),
            "Ann's revoked ones": screens.listing(
                report(
                    replace(LINK, state=State.REVOKED),
                    query=Query(CHAT.id, 7, whose=Whose.PERSON, person_id=5, shelf=Shelf.REVOKED),
                ),
                now=NOW, bot_username="ledger_bot", in_group=False, person="Ann", clears=(5, "Ann", 12),
            ),
            "while reading": listed(LINK, freshness=replace(FRESH, as_of=None, progress=Progress(3, 20, 90, NOW))),
            "account lost": listed(
                LINK, freshness=replace(FRESH, account=Account(AccountState.LOST, NOW), unreadable_since=NOW - DAY)
            ),
            "the bot without its right": listed(LINK, chat=replace(CHAT, bot_role=Role.POWERLESS)),
            "on a server without tables": listed(LINK, no_tables=True),
            "public chat": listed(LINK, chat=replace(CHAT, username="chess")),
        },
        "table": {
            "": screens.table(
                report(LINK, replace(PRIMARY, creator_id=7, creator="Ann"), replace(LINK, state=State.FULL)), now=NOW
            ),
        },
        "filters": {
            "in a group": filtered(in_group=True),
            "Ann's full ones, saved": filtered(
                Query(CHAT.id, 7, whose=Whose.PERSON, person_id=5, shelf=Shelf.FULL, order=Order.NEW),
                saved=True, own=True,
            ),
            "of words": filtered(Query(CHAT.id, 7, words="spring"), search=9),
        },
        "whose": {"": screens.whose(Query(CHAT.id, 7), CHAT, CREATORS, page=0)},
        "asks_meaning": {"": filter.asks_meaning(MEANING, CHAT, [1, 2], now=NOW)},
        "cancelled": {
            "": filter.cancelled(something=True, chat_id=CHAT.id), "nothing": filter.cancelled(something=False),
        },
        "asks_series": {
            "": screens.asks_series(SERIES, CHAT, row=9, now=NOW),
            "for one join each, by a date": screens.asks_series(
                Series(NewLink("Flyer", until=NOW + DAY, limit=1, once=True), 7, 9), CHAT, row=9, now=NOW
            ),
        },
        "series_given": {"": screens.series_given(SERIES, CHAT, n=50)},
        "draft": {
            "new": screens.draft(Draft(), None, CHAT, 9, now=NOW),
            "chosen": screens.draft(
                Draft(name="Spring ads", lasts=DAY, limit=1, once=True, approval=False), None, CHAT, 9, now=NOW
            ),
            "a change": screens.draft(Draft(34, limit=50), MINE, CHAT, 9, now=NOW),
            "longer, with approval": screens.draft(
                Draft(34, lasts=7 * DAY, extend=True, limit=0, approval=True), replace(MINE, joined=3), CHAT, 9, now=NOW
            ),
            "in a channel": screens.draft(Draft(name="Course"), None, CHANNEL, 9, now=NOW),
            "in a channel, paid": screens.draft(Draft(name="Course", price=100), None, CHANNEL, 9, now=NOW),
            "of a paid link": screens.draft(Draft(34), replace(MINE, price=100, limit=0), CHAT, 9, now=NOW),
        },
        "draft_asks": {
            **{field.name.lower(): asked_for(field) for field in Field},
            "in a group": asked_for(Field.NAME, in_group=True),
        },
        "draft_full": {"": screens.draft_full(Draft(12, limit=50), LINK, CHAT, 9, [10, 11])},
        "draft_meaning": {"": screens.draft_meaning(MEANING, CHAT, [1, 2], now=NOW)},
        "draft_below": {"": screens.draft_below()},
        "card": {
            "one's own": card_of(replace(LINK, creator_id=7)),
            "another's": card_of(LINK, may_show=False, read=Read(NOW - 120)),
            "another's, readable no more": card_of(LINK, may_show=False, read=Read(NOW - 120, NOW - DAY)),
            "this bot's": card_of(MINE),
            "this bot's primary link": card_of(PRIMARY, may_replace=True),
            "with requests, its maker gone": card_of(replace(LINK, approval=True, limit=0, pending=4, maker_left=True)),
            "seen by a join only": card_of(replace(LINK, whole=False, masked="t.me/+AbC…"), may_show=False),
            "for one person, with a note": card_of(
                replace(MINE, for_person=5, note="ask Bob before sharing"), whom="@max"
            ),
            "for one join": card_of(replace(MINE, once=True, limit=1)),
            "paid": card_of(replace(MINE, price=100, limit=0, expires=None)),
            "revoked": card_of(replace(MINE, state=State.REVOKED), note="revoked-now"),
            "with a way to remove who came": card_of(MINE, may_remove=True),
            "what cannot be done": card_of(
                LINK, may_show=False, note="by-hand", executors=[Executor.MAKER, Executor.OWNER]
            ),
            "what its maker does": card_of(LINK, note="by-hand", executors=[Executor.YOU, Executor.OWNER]),
            "what the owner does, or lets be done": card_of(
                LINK, note="by-hand-account", executors=[Executor.YOU, Executor.MAKER]
            ),
            "what only the owner does": card_of(
                replace(LINK, maker_left=True), may_show=False, note="by-hand", executors=[Executor.OWNER]
            ),
            "another's primary": card_of(
                replace(PRIMARY, by_this_bot=False, creator_id=5, creator="Ann"), note="primary-by-hand-account",
                executors=[Executor.YOU, Executor.MAKER],
            ),
            "another's primary, which nobody edits": card_of(
                replace(PRIMARY, by_this_bot=False, creator_id=5, creator="Ann"), note="others-primary-by-hand",
                executors=[Executor.YOU, Executor.MAKER],
            ),
            "another's primary, which the account replaces": card_of(
                replace(PRIMARY, by_this_bot=False, creator_id=5, creator="Ann"), note="others-primary",
                executors=[Executor.ACCOUNT, Executor.YOU, Executor.MAKER], may_replace=True,
            ),
            "another's, which nobody rotates": card_of(LINK, note="rotate-others"),
            "another bot's": card_of(LINK, may_show=False, note="by-other-bot", executors=[Executor.OTHER_BOT]),
            "its QR code elsewhere": card_of(replace(LINK, creator_id=7), note="qr-private"),
            "its QR code nowhere": card_of(replace(LINK, creator_id=7), note="qr-unsent"),
            "revoked, and could be deleted": card_of(replace(LINK, state=State.REVOKED), may_delete=True),
            "works still": card_of(MINE, note="delete-unrevoked"),
            "no bot deletes": card_of(
                replace(MINE, state=State.REVOKED), note="delete-by-hand", by_hand=[Executor.OWNER]
            ),
            "what the owner deletes, or lets be deleted": card_of(
                replace(MINE, state=State.REVOKED), note="delete-by-hand-account", by_hand=[Executor.YOU]
            ),
            "with another key": card_of(
                replace(MINE, joined=84, limit=100, carried=84, before="t.me/+ZyX…7Qa"), note="rotated-now"
            ),
            "whose old key still works": card_of(
                replace(MINE, before="t.me/+ZyX…7Qa", before_open=True), note="rotated-open"
            ),
            "replaced": card_of(PRIMARY, may_replace=True, note="replaced-now", old=4),
        },
        "revealed": {"Show": revealed(copying=False), "Copy": revealed(copying=True)},
        "qr": {"the picture's caption": captioned(screens.qr(LINK, CHAT, KEY, hides=True))},
        "blank": {
            "before it": captioned(picture.blank("ledger_bot")),
            "after ten minutes": captioned(picture.blank("ledger_bot", was_shown=True)),
        },
        "history": {
            "": screens.history(MINE, CHAT, EVENTS, {5: "Ann"}, page=0, now=NOW, viewer_id=7),
            "nothing": screens.history(MINE, CHAT, [], {}, page=0, now=NOW, viewer_id=7),
        },
        "came_instead": {"": screens.came_instead(MINE, CHAT, "@max", SeenPerson(8, "Kim"))},
        "hidden": {"": screens.hidden(CHAT.id, 12, "spring-ads")},
        "asks_revoke": {
            "": screens.asks_revoke(LINK, CHAT, viewer_id=7, once="x" * 12, undo=False),
            "undo of a new link": screens.asks_revoke(MINE, CHAT, viewer_id=7, once="x" * 12, undo=True),
            "again": screens.asks_revoke(MINE, CHAT, viewer_id=7, once="x" * 12, undo=False, again=True),
        },
        "asks_replace": {"": screens.asks_replace(PRIMARY, CHAT, viewer_id=7, once="x" * 12)},
        "asks_act": {
            act.value: screens.asks_act(act, replace(PRIMARY if act == Act.REPLACE else LINK, pending=4), CHAT,
                                        viewer_id=7, once="x" * 12, again=act == Act.DELETE)
            for act in (Act.REVOKE, Act.REPLACE, Act.DELETE, Act.APPROVE, Act.DECLINE)
        } | {
            f"{act.value}, all of the chat": screens.asks_act(act, None, CHAT, viewer_id=7, once="x" * 12)
            for act in (Act.APPROVE, Act.DECLINE)
        },
        "act_open": {
            "": act_open(),
            "another asked first": act_open(first="Ann"),
            **{f"waits: {held.value}": act_open(held=held, held_until=NOW + 600) for held in Held},
            **{f"account: {state.value}": act_open(account=replace(READY, state=state)) for state in NOT_AT_WORK},
        },
        "act_other": {"": screens.act_other(asked_of_account(act=Act.EDIT), LINK, CHAT, first="Ann")},
        "act_ended": {
            **{
                act.value: act_ended(act=act, state=ErrandState.DONE, result={"n": 3} | NEW.get(act, {}))
                for act in Act
                if act not in (Act.SYNC, Act.EDIT)
            },
            "of the chat": screens.act_ended(
                asked_of_account(act=Act.WAITING, link_id=None, state=ErrandState.DONE, result={"n": 3, "new": 1}),
                None, CHAT, viewer_id=7,
            ),
            "so already": act_ended(state=ErrandState.DONE, result={"already": 1}, first="Ann"),
            **{f"refused: {reason}": act_ended(state=ErrandState.REFUSED, reason=reason) for reason in NOT_DONE},
            "refused, to its maker": act_ended(viewer_id=5, state=ErrandState.REFUSED, reason="not-owner"),
            "refused, its maker gone": act_ended(
                link=replace(LINK, maker_left=True), state=ErrandState.REFUSED, reason="not-owner"
            ),
            "unknown": act_ended(state=ErrandState.UNKNOWN, reason="not-seen"),
        },
        "accounts": {
            "": accounts(Power("act")),
            "switched off": accounts(Power("act", NOW - 60, off_by_file=True)),
            "reads only": accounts(Power()),
            "no chat": screens.accounts([], READY, Power("act"), zone=CHAT.time_zone, now=NOW),
        },
        "asks_account": {"": screens.asks_account(CHAT)},
        "batch_going": {
            "": screens.batch_going(many(BatchState.RUNNING), CHAT, until=None, now=NOW),
            "made to wait": screens.batch_going(many(BatchState.RUNNING), CHAT, until=NOW + 600, now=NOW),
            "the account waits": screens.batch_going(
                many(BatchState.RUNNING), CHAT, until=None, account=(Held.CAP, NOW + 1800), now=NOW
            ),
            "to stop": screens.batch_going(many(BatchState.STOPPING), CHAT, until=None, now=NOW),
        },
        "batch_ended": {
            "": screens.batch_ended(many(BatchState.DONE, done=9, waiting=0), CHAT),
            "with all that may be": screens.batch_ended(
                many(BatchState.DONE, done=9, waiting=0, unknown=7, refused=dict.fromkeys(REFUSALS, 2)), CHAT,
                named=["#31 Posters", "#32 Flyer 2"],
            ),
            **{
                f"stopped: {reason}": screens.batch_ended(many(BatchState.STOPPED, reason=reason), CHAT)
                for reason in STOPS
            },
        },
        "tidy": {
            "": screens.tidy(draft(BEYOND), CHAT, DEAD, DEAD_LINKS, fresh=FRESH, now=NOW, page=0),
            "a page of many": screens.tidy(draft(), CHAT, DEAD * 9, DEAD_LINKS, fresh=FRESH, now=NOW, page=1),
            "nothing": screens.tidy(draft(), CHAT, [], {}, fresh=FRESH, now=NOW, page=0),
        },
        "asks_tidy": {
            "": screens.asks_tidy(draft(), CHAT, [MINE, PRIMARY], once="x" * 12),
            "many, again": screens.asks_tidy(draft(), CHAT, [MINE] * 12, once="x" * 12, again=True),
            "others' too": screens.asks_tidy(draft(), CHAT, [MINE, LINK], once="x" * 12),
            "many of others": screens.asks_tidy(draft(), CHAT, [LINK] * 34, once="x" * 12),
            "new links": screens.asks_tidy(replace(draft(), what="again"), CHAT, [MINE] * 3, once="x" * 12),
        },
        "retire": {
            "": screens.retire(draft(), CHAT, [MINE, PRIMARY], able=True),
            "without its right": screens.retire(draft(), CHAT, [MINE] * 12, able=False),
            "no link": screens.retire(draft(), CHAT, [], able=True),
        },
        "left_behind": {
            "": screens.left_behind(CHAT, [MINE, PRIMARY], n=2),
            "to the host": screens.left_behind(CHAT, [], n=14),
        },
        "came_by": {
            "": screens.came_by(draft(), CHAT, LINK, RAIDERS * 4, staying=2, since=0, now=NOW),
            "since a day, in a basic group": screens.came_by(
                draft(), replace(CHAT, kind="group"), LINK, RAIDERS, staying=1, since=NOW - DAY, now=NOW
            ),
            "nobody": screens.came_by(draft(), CHAT, LINK, [], staying=0, since=NOW - DAY, now=NOW),
        },
        "asks_remove": {
            "": screens.asks_remove(draft(), CHAT, LINK, n=39, ban=False, once="x" * 12),
            "of a link that works no more": screens.asks_remove(
                draft(), CHAT, replace(LINK, state=State.REVOKED), n=39, ban=False, once="x" * 12
            ),
            "ban, again": screens.asks_remove(draft(), CHAT, LINK, n=1, ban=True, once="x" * 12, again=True),
        },
        "joiners": {
            "": screens.joiners(Joiners(JOINERS, 42, 0, 5, early=1), LINK, CHAT, now=NOW, viewer_id=7),
            "left early": screens.joiners(
                Joiners(JOINERS[1:2], 42, 0, 1, early=1, early_only=True), LINK, CHAT, now=NOW, viewer_id=7
            ),
            "nobody": screens.joiners(Joiners([], 0, 0, 1), replace(LINK, joined=0), CHAT, now=NOW, viewer_id=7),
            "the account can read more": screens.joiners(
                Joiners(JOINERS, 3, 0, 1), LINK, CHAT, now=NOW, viewer_id=7, older=True
            ),
        },
        "visits": {
            "": screens.visits(CHAT, "@max", VISITS, now=NOW, all_by=12, early=3),
            "never": screens.visits(CHAT, "@max", [], now=NOW, all_by=None),
            "never, and no joins are seen": screens.visits(
                replace(CHAT, watched_since=None), "@max", [], now=NOW, all_by=None
            ),
        },
        "waiting": {
            "": screens.waiting(Waiting([KIM, ZED], 4, [(19, 3)], 0, 2), CHAT, number=0, now=NOW, in_group=False),
            "of a link, one answered": screens.waiting(
                Waiting([ZED], 1, [(19, 1)], 0, 1), CHAT, number=19, now=NOW, in_group=True, note="approved", of="@kim"
            ),
            "nobody": screens.waiting(Waiting([], 0, [], 0, 1), CHAT, number=0, now=NOW, in_group=False),
            "of a link, the account answers all": screens.waiting(
                Waiting([ZED], 1, [(19, 1)], 0, 1), CHAT, number=19, now=NOW, in_group=True, older=True, at_once=True,
                unseen=3,
            ),
            "of a link, some not seen": screens.waiting(
                Waiting([], 0, [], 0, 1), CHAT, number=19, now=NOW, in_group=False, unseen=4, whole=True
            ),
            "the bot sees none now": screens.waiting(
                Waiting([], 0, [], 0, 1), replace(CHAT, watched_since=None), number=0, now=NOW, in_group=False
            ),
            "the account answers all": screens.waiting(
                Waiting([KIM, ZED], 4, [(19, 3)], 0, 1), replace(CHAT, bot_role=Role.POWERLESS), number=0, now=NOW,
                in_group=False, older=True, at_once=True,
            ),
            "the account can read": screens.waiting(
                Waiting([], 0, [], 0, 1), CHAT, number=0, now=NOW, in_group=False, older=True
            ),
            **{
                note: screens.waiting(
                    Waiting([], 0, [], 0, 1), CHAT, number=0, now=NOW, in_group=False, note=note, of="@kim"
                )
                for note in (
                    "declined", "approved-before", "declined-before", "gone", "unknown", "written", "unwritten",
                )
            },
        },
        "asks_all": {
            "": screens.asks_all(CHAT, number=19, count=3, yes=True, once="x" * 12, again=False),
            "of the chat, again": screens.asks_all(CHAT, number=0, count=4, yes=False, once="x" * 12, again=True),
        },
        "asks_words": {
            "": screens.asks_words(KIM, CHAT, now=NOW), "too late": screens.asks_words(ZED, CHAT, now=NOW),
        },
        "relayed": {"": screens.relayed(CHAT, "Who told you of us?")},
        "asks_clear": {
            "": screens.asks_clear(CHAT, 5, "Ann", n=12, once="x" * 12),
            "nothing": screens.asks_clear(CHAT, 5, "Ann", n=0, once="x" * 12),
        },
        "asks_rotate": {"": screens.asks_rotate(MINE, CHAT, viewer_id=7, nth=0, once="x" * 12)},
        "created": {
            "by a span": screens.created(MINE, CHAT, asked_at=NOW),
            "by a date": screens.created(
                replace(MINE, approval=True, limit=0, expires=NOW + 300 * DAY), CHAT, asked_at=NOW, relative=False
            ),
            "for one join of one person": screens.created(
                replace(MINE, once=True, limit=1), CHAT, asked_at=NOW, whom="@max"
            ),
            "for ever": screens.created(replace(MINE, expires=None, limit=0), CHAT, asked_at=NOW),
        },
        "changed": {
            "": screens.changed(
                replace(MINE, limit=50), CHAT, at=NOW, relative=False, may_show=True, change=2
            )
        },
        "changed_by_account": {
            "": screens.changed_by_account(LINK, CHAT, at=NOW, may_show=True, change=2, first=""),
            "another asked first": screens.changed_by_account(LINK, CHAT, at=NOW, may_show=True, change=3, first="Ann"),
        },
        "may_exist": {"": screens.may_exist(CHAT, "Spring ads")},
        "may_have_changed": {"": screens.may_have_changed(MINE, CHAT)},
        "may_have_rotated": {"": screens.may_have_rotated(MINE, CHAT)},
        "acted_already": {"": screens.acted_already(DONE, MINE), "outcome unknown": screens.acted_already(DONE, None)},
        "chats": {
            "": screens.chats([CHAT, CHANNEL], CHAT.id, {CHAT.id: 14, CHANNEL.id: 2}, bot_username="ledger_bot"),
            "none": screens.chats([], None, {}, bot_username="ledger_bot"),
        },
        "chosen": {"": screens.chosen(CHAT)},
        "other_chat": {"": screens.other_chat()},
        "add_me": {
            "to a group or a channel": screens.add_me("ledger_bot", channel=None),
            "to a channel": screens.add_me("ledger_bot", channel=True),
        },
        "sync_open": {
            "asked": screens.sync_open(CHAT, READY, NOW),
            "under way, and waiting": screens.sync_open(CHAT, LATE, NOW, Progress(3, 20, 90, NOW)),
            "no account": screens.sync_open(CHAT, ABSENT, NOW),
        },
        "sync_ended": {
            "done": screens.sync_ended(CHAT, errand(ErrandState.DONE, result={
                "links": 250, "new": 1, "changed": 0, "gone": 2, "readable": 5, "known": 5}), NOW),
            "refused": screens.sync_ended(CHAT, errand(ErrandState.REFUSED, reason="not-in-chat"), NOW),
            "unknown": screens.sync_ended(CHAT, errand(ErrandState.UNKNOWN), NOW),
        },
        "status": {
            "": screens.status(report(LINK), now=NOW, reading=errand(ErrandState.ASKED)),
            "for the host": screens.status(report(LINK), now=NOW, hosts=HOST),
            "the account was asked": screens.status(report(LINK), now=NOW, acts=[
                (screens.open_line(one, LINK, account=READY, power=Power("act"), zone="Asia/Tokyo", now=NOW), one, True)
                for one in (asked_of_account(held=Held.FLOOD, held_until=NOW + 600), asked_of_account(act=Act.EDIT))
            ]),
            "with its channel": screens.status(report(LINK), now=NOW, linked=CHANNEL),
        },
        "host_status": {"": screens.host_status(HOST, zone="Europe/Berlin", now=NOW)},
        "start": {"": screens.start("ledger_bot")},
        "help_": {"": screens.help_()},
        "not_understood": {"": screens.not_understood()},
        "one_moment": {"": around.one_moment()},
        "answered_privately": {"": around.answered_privately("ledger_bot", "list_1")},
        "press_start": {"": around.press_start("ledger_bot", "list_1")},
        "asks_to_serve": {
            "": screens.asks_to_serve(CHAT, SeenPerson(5, "Ann", "ann")),
            "adder unknown": screens.asks_to_serve(CHAT, None),
        },
        "now_served": {"": screens.now_served(CHAT)},
        "chat_left": {"": screens.chat_left(CHAT)},
        "claimed": {"": screens.claimed([]), "chats wait": screens.claimed([CHAT])},
        "claim_refused": {"": screens.claim_refused()},
        "host_notice": {
            kind: hosting.host_notice(kind, since=NOW - 600, now=NOW, zone="UTC", chat="Chess club")
            for kind in HOST_NOTICES
        },
        "alerts_reach": {"": hosting.alerts_reach()},
        "saving_waits": {"": hosting.saving_waits()},
        "asked_as_group": {
            "": screens.asked_as_group(CHAT.id, [(1, "/invites"), (2, "/invite new Party"), (3, "/invite 12")])
        },
        "added_line": {
            "at work": added.added_line(report(LINK), now=NOW, bot_username="ledger_bot"),
            "reading": added.added_line(
                report(freshness=replace(FRESH, as_of=None, progress=Progress(6, 40, 90, NOW - 60))), now=NOW,
                bot_username="ledger_bot",
            ),
            "without rights and account": added.added_line(
                report(chat=replace(CHAT, bot_role=Role.MEMBER), freshness=replace(FRESH, account=ABSENT)), now=NOW,
                bot_username="ledger_bot",
            ),
        },
        "added_privately": {
            "": added.added_privately(replace(CHAT, bot_deletes=False), bot_username="ledger_bot"),
            "a channel": added.added_privately(CHANNEL, bot_username="ledger_bot"),
        },
        "added_waits": {"": added.added_waits(CHAT)},
        "settings": {
            "": settings(CHAT, now=NOW, named=2, host=ANN),
            "all chosen": settings(
                replace(CHAT, zone_chosen=True, reply_place=ReplyPlace.PRIVATE), now=NOW, named=0, host=None,
                alerted=True, changed=True,
            ),
            "a channel": settings(CHANNEL, now=NOW, named=0, host=ANN, alerted=False),
        },
        "with_settings": {"": with_settings(screens.chosen(CHAT), CHAT)},
        "admins": {"": admins(CHAT, [ANN, BOB], {5: frozenset({Grant.SEE, Grant.ACT})}, page=0)},
        "admin": {
            "": admin(CHAT, ANN, frozenset({Grant.SEE, Grant.ACT}), may_invite=True),
            "without the right to invite": admin(CHAT, BOB, frozenset(), may_invite=False),
        },
        "zones": {"": zones(CHAT, now=NOW), "of a name": zones(CHAT, now=NOW, among=["America/Lima"])},
        "zone_set": {"": zone_set(CHAT, now=NOW)},
        "test_alert": {"": test_alert(CHAT), "the host's": test_alert(None)},
        "asks_erase": {
            "": asks_erase(CHAT, links=14, once="x" * 12, again=False),
            "again": asks_erase(CHAT, links=14, once="x" * 12, again=True),
        },
        "erased": {"": erased("Chess club", Erased(14, 250))},
        "asks_forget": {"": asks_forget(CHAT, 5, "@ann", Forgotten(3, name_kept=True), once="x" * 12)},
        "forgotten": {
            "": forgotten(CHAT, Forgotten(3, name_kept=False)),
            "the name stays": forgotten(CHAT, Forgotten(1, name_kept=True)),
        },
        "problem": problems.every(),
    }  # fmt: skip


def captioned(shown: Picture) -> Screen:
    return Screen(shown.caption, shown.keyboard)


def asked_for(field: Field, *, in_group: bool = False) -> Screen:
    number = 0 if field == Field.PRICE else 34
    return screens.draft_asks(field, Draft(number), CHAT, 9, in_group=in_group, bot_username="ledger_bot")


def filtered(query: Query | None = None, *, search: int = 0, in_group: bool = False, **saved: bool) -> Screen:
    held = report(LINK, query=query or Query(CHAT.id, 7), counts=COUNTS)
    return filter.filters(held, CREATORS, search=search, in_group=in_group, **{"own": False, **saved})

"""Screens fit a phone, say what is true, and make strangers' names harmless."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bot
from bot import screens
from bot.access import Executor
from bot.callbacks import (
    CardAct,
    CardPress,
    ConfirmPress,
    Hosting,
    ListPress,
    Press,
    Replay,
    WhosePress,
    read_press,
    read_replay,
)
from bot.commands import COMMANDS
from bot.errors import (
    BotError,
    NoChatChosen,
    NotAdmin,
    NotHost,
    NotYours,
    Stale,
    TelegramRefused,
    UnknownNumber,
    WrongOption,
)
from bot.grammar import read_invite
from bot.screens.base import WIDTH, Screen, clean, columns
from bot.screens.listing import query_of
from bot.screens.words import ENGLISH, LOCALES, Unworded, Words, ago, exactly, moment, span
from ledger.chats import (
    Account,
    AccountState,
    Chat,
    ChatStatus,
    Coverage,
    Freshness,
    Progress,
    Role,
    SeenPerson,
    Served,
    Status,
)
from ledger.errands import Act, Errand, ErrandState
from ledger.links import Link, State
from ledger.listing import Creator, Listing, Position, Query, Shelf, Toward, Whose

DAY = 86_400
NOW = 1_795_000_000  # Wed 18 Nov 2026 11:06:40 UTC
CHAT = Chat(
    id=-1009999999999, title="Chess club", kind="supergroup", username=None, time_zone="Europe/Berlin",
    served=Served.SERVED, bot_role=Role.ADMIN, bot_deletes=True, account_role=Role.OWNER, account_hash=None,
    added_by=None, first_seen=NOW - DAY,
)  # fmt: skip
READY = Account(AccountState.READY, NOW - 600, person_id=9, name="Vera")
FRESH = Freshness(NOW - 120, Coverage(3, 5), READY, Role.OWNER, None, None, NOW - 9 * DAY)
LINK = Link(
    id=12, chat_id=CHAT.id, number=12, creator_id=5, creator="Ann", asked_by=None, asker=None, by_this_bot=False,
    primary=False, approval=False, title="spring-ads", created=NOW - 10 * DAY, edited=None, expires=NOW + 3 * DAY,
    limit=100, joined=84, still_here=73, pending=0, state=State.LIVE, first_seen=NOW - DAY, last_seen=NOW,
    last_join=NOW - 720, masked="t.me/+AbC…k9Q", whole=True,
)  # fmt: skip
KEY = "https://t.me/+AbCdEfGhIjKlMk9Q"
LONG = replace(
    LINK, number=99_999, title="W" * 32, creator="Maximilian Alexander the Great", limit=99_999, joined=91_204,
    still_here=90_001, pending=12_345, expires=NOW + 999 * DAY, maker_left=True,
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


def listed(*rows: Link, in_group: bool = False, **changed: object) -> Screen:
    return screens.listing(report(*rows, **changed), now=NOW, bot_username="ledger_bot", in_group=in_group)


def card_of(link: Link, *, may_show: bool = True, may_revoke: bool = False, viewer_id: int = 7) -> Screen:
    return screens.card(
        link, CHAT, now=NOW, viewer_id=viewer_id, may_show=may_show, may_revoke=may_revoke, executors=[Executor.MAKER]
    )


def revealed(*, copying: bool) -> Screen:
    return screens.revealed(
        LINK, CHAT, KEY, now=NOW, viewer_id=7, executors=[Executor.MAKER], copying=copying, hides=True
    )


def errand(state: ErrandState, **changed: object) -> Errand:
    base = Errand(1, Act.SYNC, CHAT.id, None, 7, NOW, state, "", {}, None)
    return replace(base, **changed)  # type: ignore[arg-type]


def test_a_list_reads_as_two_short_lines_a_link() -> None:
    primary = replace(LINK, number=15, primary=True, title="", expires=None, limit=0, joined=40, creator_id=7)
    endless = replace(LINK, number=19, title="partner-x", expires=None, limit=0, joined=7, creator="Bob")
    assert text_of(listed(LINK, primary, endless)).splitlines() == [
        "Chess club · 14 live · 3 ⚠",
        "as of 2 min ago · 3 of 5 admins",
        "",
        "#12 spring-ads · Ann",
        "    84 joined · 16 places · 3 d",
        "#15 primary · you",
        "    40 joined · no limit",
        "#19 partner-x ⚠ · Bob",
        "    7 joined · never ends",
    ]


@pytest.mark.parametrize("link", [LINK, LONG, WIDE, replace(LONG, state=State.FULL), replace(LONG, approval=True)])
def test_lines_of_figures_fit_a_phone(link: Link) -> None:
    chat = replace(CHAT, title="The very long name of a chess club")
    wide = [text_of(listed(link, chat=chat)), text_of(card_of(link))]
    wide.append(text_of(screens.created(replace(link, title="a" * 24), CHAT, asked_at=NOW, in_group=True)))
    prose = ("can be changed by", "⚠ its maker", "Public chat")
    lines = [line for text in wide for line in text.splitlines() if not line.startswith(prose)]
    assert [line for line in lines if columns(line) > WIDTH] == []


def every_screen() -> Iterator[Screen]:
    pages = {"next": Position(Toward.AFTER, 9, 9, 6), "previous": Position(Toward.BEFORE, 9, 9, 4)}
    yield listed(*[LINK] * 10, in_group=True, page=5, pages=9, last=Position(Toward.LAST), **pages)
    yield from (card_of(LINK, may_revoke=True), revealed(copying=False), revealed(copying=True))
    yield screens.created(LINK, CHAT, asked_at=NOW, in_group=False)
    yield screens.asks_revoke(LINK, CHAT, viewer_id=7, once="x" * 12, undo=True)
    yield screens.whose(CHAT, [Creator(n, "W" * 40, True, n, n) for n in range(1, 30)], revoked=False, page=1)
    yield screens.problem(NoChatChosen([CHAT]))
    yield screens.asks_to_serve(CHAT, None)


def test_rows_of_buttons_fit_a_thumb() -> None:
    for screen in every_screen():
        for row in screen.keyboard:
            numbers = all(re.fullmatch(r"\d+(/\d+)?|[◀▶⏮⏭]", button.text) for button in row)
            assert len(row) <= (5 if numbers else 3), [button.text for button in row]


def test_a_button_does_one_thing_and_its_data_fits_telegram() -> None:
    for screen in every_screen():
        for button in (button for row in screen.keyboard for button in row):
            assert [button.data, button.url, button.copy].count(None) == 2
            assert len((button.data or "").encode()) <= 64


def test_the_longest_callback_data_fits_telegram() -> None:
    chat, person = -1_009_999_999_999, 9_999_999_999
    longest = [
        ListPress(
            chat=chat, whose="p", person=person, revoked=True, kind="b", joined=999_999, id=9_999_999, page=9_999
        ),
        WhosePress(chat=chat, revoked=True, page=99_999),
        CardPress(act=CardAct.SHOW, chat=chat, number=9_999_999),
        ConfirmPress(chat=chat, number=9_999_999, person=person, once="x" * 12),
        Hosting(act="leave", chat=chat),
    ]
    assert max(len(press.pack().encode()) for press in longest) <= 64


@pytest.mark.parametrize("whose", list(Whose))
@pytest.mark.parametrize("kind", list(Toward))
def test_a_page_button_brings_the_very_question_back(whose: Whose, kind: Toward) -> None:
    query = Query(CHAT.id, 7, whose, 5 if whose == Whose.PERSON else None, Shelf.REVOKED, 10, Position(kind, 3, 4, 2))
    screen = listed(LINK, query=query, page=2, pages=2)
    data = next(b.data for row in screen.keyboard for b in row if b.text == "2/2")
    assert data is not None
    assert query_of(ListPress.unpack(data), 7) == query


@given(st.sampled_from(["list", "card", "status"]), st.integers(1, 10**13), st.integers(1, 10**9 - 1))
def test_a_start_link_carries_its_question_there_and_back(what: str, chat: int, number: int) -> None:
    replay = Replay(what, -chat, number if what == "card" else 0, mine=what == "list", revoked=what == "list")
    assert read_replay(replay.payload()) == replay
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", replay.payload())


@pytest.mark.parametrize(
    "forged", ["", "list", "list_", "card_abc", "list_-5", "chat_1", "list_" + "z" * 60, "card_1_x"]
)
def test_a_forged_start_payload_is_no_question(forged: str) -> None:
    assert read_replay(forged) is None


def test_first_and_last_page_are_one_press_away() -> None:
    after, before, last = Position(Toward.AFTER), Position(Toward.BEFORE), Position(Toward.LAST)
    middle = labels(listed(LINK, page=5, pages=9, next=after, previous=before, last=last))
    first = labels(listed(LINK, page=1, pages=9, next=after, last=last))
    assert [b for b in middle if b in "⏮◀5/9▶⏭"] == ["⏮", "◀", "5/9", "▶", "⏭"]
    assert [b for b in first if b in "⏮◀1/9▶⏭"] == ["1/9", "▶", "⏭"]
    assert "1/1" not in labels(listed(LINK))


def test_an_empty_list_says_how_to_make_a_link() -> None:
    assert "/invite new" in text_of(listed())
    assert "revoked" in text_of(listed(query=Query(CHAT.id, 7, shelf=Shelf.REVOKED)))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "as of 2 min ago · 3 of 5 admins"),
        ({"coverage": Coverage(1, 1)}, "1 of 1 admin"),
        ({"as_of": None, "progress": Progress(3, 20, 90, NOW)}, "reading… 3 of 20 listings"),
        (
            {"progress": Progress(3, 20, 90, NOW), "account": Account(AccountState.STALE, NOW - 3600)},
            "3 of 20 listings read so far",
        ),
        ({"as_of": None}, "/sync"),
        ({"as_of": None, "account": Account(AccountState.ABSENT, 0)}, "others: those used since 9 Nov"),
        ({"as_of": None, "account": Account(AccountState.ABSENT, 0), "watched_since": None}, "once they are used"),
        (
            {"account": Account(AccountState.WAITING, NOW, until=NOW + 3600)},
            "Telegram makes the account wait until 13:06",
        ),
        ({"account": Account(AccountState.OFFLINE, NOW - 3600)}, "no connection since 11:06"),
        ({"account": Account(AccountState.STALE, NOW - 3600)}, "No word from the account since 11:06"),
        ({"account": Account(AccountState.LOST, NOW)}, "signed out"),
        ({"unreadable_since": NOW - 30 * DAY}, "not readable since 19 Oct"),
        ({"account_role": Role.OUTSIDE, "as_of": None}, "not in this chat"),
        ({"account_role": Role.ADMIN}, "only its own links"),
    ],
)
def test_a_list_says_how_fresh_and_how_whole_it_is(changed: dict[str, object], said: str) -> None:
    fresh = replace(FRESH, **changed)  # type: ignore[arg-type]
    assert said in text_of(listed(LINK, freshness=fresh))


def test_a_public_chats_counts_are_called_a_minimum() -> None:
    assert "minimum" in text_of(listed(LINK, chat=replace(CHAT, username="chess")))


def test_a_card_tells_all_that_is_known_of_a_link() -> None:
    assert text_of(card_of(LINK)).splitlines() == [
        "Chess club",
        "#12 spring-ads · live",
        "t.me/+AbC…k9Q",
        "by Ann",
        "84 joined · 73 still here",
        "16 of 100 places left",
        "ends Sat 12:06 (in 3 d)",
        "last join 12 min ago",
        "created 8 Nov",
        "can be changed by: Ann, in the app",
    ]


def test_a_card_has_only_the_buttons_this_person_may_use() -> None:
    assert labels(card_of(LINK, may_show=False)) == ["◀ List"]
    assert labels(card_of(LINK, may_revoke=True)) == ["Show", "Copy", "Revoke", "◀ List"]
    assert labels(card_of(replace(LINK, whole=False))) == ["◀ List"]


def test_a_refused_key_is_said_with_whose_it_is() -> None:
    assert "only for Ann and the owner" in text_of(card_of(LINK, may_show=False))


@pytest.mark.parametrize("executor", list(Executor))
def test_each_executor_has_a_name(executor: Executor) -> None:
    screen = screens.card(
        LINK, CHAT, now=NOW, viewer_id=5, may_show=True, may_revoke=False, executors=[executor]
    )  # fmt: skip
    assert "can be changed by: " in text_of(screen)


def test_show_holds_the_link_as_text_and_copy_in_its_button_alone() -> None:
    shown, copied = revealed(copying=False), revealed(copying=True)
    assert KEY in text_of(shown)
    assert KEY not in text_of(copied)
    for screen in (shown, copied):
        assert screen.secret
        assert [b.copy for row in screen.keyboard for b in row if b.copy] == [KEY]
        assert KEY not in repr(screen)


def test_no_other_screen_is_secret() -> None:
    for screen in every_screen():
        assert screen.secret == (
            KEY in str(screen.text.as_kwargs()) or any(b.copy for row in screen.keyboard for b in row)
        )


def test_a_new_link_echoes_what_was_understood() -> None:
    made = replace(
        LINK, number=34, title="Spring ads", asked_by=7, by_this_bot=True, joined=0, limit=10, expires=NOW + 7 * DAY
    )
    screen = screens.created(made, CHAT, asked_at=NOW, in_group=True)
    assert text_of(screen).splitlines()[:4] == [
        "#34 ‘Spring ads’",
        "by you, via this bot",
        "7 d (until Wed 25 Nov 12:06)",
        "10 members · no approval",
    ]
    assert labels(screen)[:3] == ["Show", "Copy", "Undo"]


def test_in_private_every_answer_names_its_chat() -> None:
    private = [
        listed(LINK),
        card_of(LINK),
        screens.created(LINK, CHAT, asked_at=NOW, in_group=False),
        screens.sync_open(CHAT, READY, NOW),
        screens.status(report(LINK), now=NOW),
        screens.asks_revoke(LINK, CHAT, viewer_id=7, once="x", undo=False),
        screens.may_exist(CHAT, "Promo"),
    ]
    assert [screen for screen in private if "Chess club" not in text_of(screen)] == []


def test_a_revoke_is_asked_with_what_will_happen_and_that_nothing_undoes_it() -> None:
    text = text_of(screens.asks_revoke(LINK, CHAT, viewer_id=7, once="x", undo=False))
    assert "#12 ‘spring-ads’" in text
    assert "The 84 who joined by it stay" in text
    assert "cannot be undone" in text


def test_an_ended_sync_tells_its_figures_or_why_not() -> None:
    result = {"links": 250, "new": 1, "changed": 0, "gone": 2, "readable": 5, "known": 5}
    done = text_of(screens.sync_ended(CHAT, errand(ErrandState.DONE, result=result), NOW))
    assert "250 links · 1 new · 0 changed · 2 gone" in done
    assert "5 of 5 admins" in done
    reasons = {"not-in-chat": "not in this chat", "no-session": "console login", "input-user-invalid": "Telegram said"}
    for reason, said in reasons.items():
        assert said in text_of(screens.sync_ended(CHAT, errand(ErrandState.REFUSED, reason=reason), NOW))
    assert "/sync" in text_of(screens.sync_ended(CHAT, errand(ErrandState.UNKNOWN), NOW))


def test_a_sync_under_way_says_how_far_and_why_it_waits() -> None:
    waiting = Account(AccountState.WAITING, NOW, until=NOW + 60)
    screen = screens.sync_open(CHAT, waiting, NOW, Progress(3, 20, 90, NOW))
    assert "3 of 20 listings, 90 links" in text_of(screen)
    assert "12:07" in text_of(screen)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (AccountState.ABSENT, "no account is signed in"),
        (AccountState.LOST, "no account is signed in"),
        (AccountState.OFFLINE, "no connection since"),
        (AccountState.STALE, "No word from the account since"),
    ],
)
def test_a_sync_that_nobody_can_do_now_says_why(state: AccountState, said: str) -> None:
    account = Account(state, NOW - 600)
    assert said in text_of(screens.sync_open(CHAT, account, NOW))
    fresh = replace(FRESH, account=account)
    asked = text_of(screens.status(report(LINK, freshness=fresh), now=NOW, reading=errand(ErrandState.ASKED)))
    assert "New reading asked just now: waits for " in asked


PRESS = CardPress(act=CardAct.REVOKE, chat=CHAT.id, number=12)


@pytest.mark.parametrize(
    ("problem", "press", "ways"),
    [
        (TelegramRefused(), PRESS, ["Try again", "◀ List"]),
        (NotYours(), PRESS, ["◀ List"]),
        (NotAdmin(), PRESS, []),
        (Stale(), Hosting(act="serve", chat=CHAT.id), ["Try again"]),
        (NotHost(), Hosting(act="serve", chat=CHAT.id), []),
        (TelegramRefused(), None, []),
    ],
)
def test_after_a_problem_there_is_a_way_on(problem: BotError, press: Press | None, ways: list[str]) -> None:
    screen = screens.problem(problem, press)
    assert labels(screen) == ways
    if "Try again" in ways:
        assert read_press(screen.keyboard[0][0].data) == press


def test_the_host_is_told_more_than_an_admin() -> None:
    account = replace(READY, calls={"getConfig": 1, "getUsers": 2}, detail="one line")
    every = Status(
        account, None, NOW, "ready", 7, {"getExportedChatInvites": NOW + 60},
        [ChatStatus(CHAT, Coverage(3, 5), NOW, None, None, 0, 14)], 1, 2, 14,
    )  # fmt: skip
    more = text_of(screens.status(report(LINK), now=NOW, hosts=every))
    for said in (
        "getExportedChatInvites: wait until 12:07",
        "0 waiting · 2 set aside",
        "Vera",
        "Calls of the account: 3",
    ):
        assert said in more
        assert said not in text_of(screens.status(report(LINK), now=NOW))


@given(st.text(max_size=60))
def test_any_name_becomes_one_harmless_line(name: str) -> None:
    title = clean(name)
    assert title == title.strip() != ""
    assert not re.search(r"[\x00-\x1f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", title)
    link = replace(LINK, title=name, creator=name)
    for screen in (listed(link, chat=replace(CHAT, title=name)), card_of(link)):
        text_of(screen).encode("utf-16-le")


@given(st.sampled_from(["<b>x</b>", "&amp;", "*x*", "_x_", "[a](http://b)", "`code`"]))
def test_markup_in_a_name_stays_text(name: str) -> None:
    plain, marked = (card_of(replace(LINK, title=title)).text.as_kwargs() for title in ("x" * len(name), name))
    assert name in marked["text"]
    assert [(e.type, e.length) for e in marked["entities"]] == [(e.type, e.length) for e in plain["entities"]]


def test_a_link_in_a_title_is_no_key_on_a_screen() -> None:
    sly = replace(LINK, title="t.me/+AbCdEfGhIjKlMnOp")
    for screen in (listed(sly), card_of(sly)):
        assert "AbCdEfGh" not in text_of(screen)


def errors_of(kind: type[BotError]) -> Iterator[type[BotError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from errors_of(narrower)


def test_every_error_has_its_words() -> None:
    for kind in errors_of(BotError):
        assert f"{kind.key} =" in (LOCALES / "en.ftl").read_text()


@pytest.mark.parametrize("typed", ["new Course 3m", "new Club ask x10", "12 x50", "new"])
def test_wrong_input_gets_a_reason_and_one_right_example(typed: str) -> None:
    with pytest.raises(WrongOption) as wrong:
        read_invite(typed)
    reason, example = text_of(screens.problem(wrong.value)).splitlines()
    assert reason
    assert example == f"For example: {wrong.value.example}"


def test_numbers_that_are_names_are_not_grouped() -> None:
    assert "#1234 " in text_of(screens.problem(UnknownNumber(1234)))
    assert "#1234 " in text_of(listed(replace(LINK, number=1234, joined=1204)))
    assert "1,204 joined" in text_of(listed(replace(LINK, joined=1204)))


def test_a_missing_word_or_argument_raises() -> None:
    words = Words("en", "greeting = Hello { $name }")
    assert words.say("greeting", name="Ann") == "Hello Ann"
    for key, arguments in (("greeting", {}), ("farewell", {"name": "Ann"})):
        with pytest.raises(Unworded):
            words.say(key, **arguments)


def said_in_code() -> set[str]:
    """Every text constant of the bot, f-strings as patterns: `state-{…}` is `state-.*`."""
    said: set[str] = set()
    for path in Path(bot.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.JoinedStr):
                parts = [re.escape(str(p.value)) if isinstance(p, ast.Constant) else "[a-z-]+" for p in node.values]
                said.add("".join(parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                said.add(re.escape(node.value))
    return said


def test_every_message_of_the_locale_is_used_and_every_one_used_is_there() -> None:
    keys = set(re.findall(r"^([a-z][a-z-]*) =", (LOCALES / "en.ftl").read_text(), re.MULTILINE))
    said = re.compile("|".join(said_in_code()))
    assert [key for key in keys if not said.fullmatch(key)] == []
    asked = [
        re.findall(r'(?<![.\w])say\(\s*"([a-z-]+)"', path.read_text()) for path in Path(bot.__path__[0]).rglob("*.py")
    ]
    assert {key for found in asked for key in found} | {c.description_key for c in COMMANDS} <= keys


def test_times_are_said_in_the_chats_zone_and_as_near_as_they_are() -> None:
    assert moment(NOW + 60, "Europe/Berlin", NOW) == "12:07"
    assert moment(NOW + 3 * DAY, "Asia/Tokyo", NOW) == "Sat 20:06"
    assert moment(NOW + 30 * DAY, "UTC", NOW) == "Fri 18 Dec 11:06"
    assert moment(NOW + 400 * DAY, "UTC", NOW) == "23 Dec 2027"
    assert (span(90), span(3 * DAY), span(0), exactly(9_000), exactly(7 * DAY)) == (
        "2 min",
        "3 d",
        "1 min",
        "2 h 30 min",
        "7 d",
    )
    assert (ago(NOW - 5, NOW), ago(NOW - 720, NOW)) == ("just now", "12 min ago")


def test_the_public_chat_and_the_host_are_asked_by_name() -> None:
    added_by = SeenPerson(5, "Ann", "ann_chess")
    assert "‘Chess club’ waits, added by @ann_chess" in text_of(screens.asks_to_serve(CHAT, added_by))
    assert ENGLISH.language == "en"

"""Screens fit a phone and say what is true."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from bot import screens
from bot.access import Executor
from bot.callbacks import (
    CardAct,
    CardPress,
    Hosting,
    Press,
    read_press,
)
from bot.commands import rest
from bot.drafts import Draft
from bot.errors import (
    BotError,
    NotAdmin,
    NotHost,
    NotYours,
    Stale,
    TelegramRefused,
)
from bot.grammar import read_invite
from bot.screens.base import WIDTH, columns
from bot.wishes import Question
from ledger.chats import (
    Account,
    AccountState,
    ChatStatus,
    Coverage,
    Progress,
    Role,
    Status,
)
from ledger.errands import ErrandState
from ledger.links import Link, State
from ledger.listing import Position, Query, Shelf, Toward
from ledger.sweeps import Read
from tests.bot.samples import (
    CHAT,
    DAY,
    FRESH,
    KEY,
    LINK,
    LONG,
    NOW,
    READY,
    WIDE,
    card_of,
    errand,
    labels,
    listed,
    report,
    revealed,
    text_of,
)
from tests.bot.states import every_screen, states


def test_a_list_reads_as_two_short_lines_a_link() -> None:
    primary = replace(LINK, number=15, primary=True, title="", expires=None, limit=0, joined=40, creator_id=7)
    endless = replace(LINK, number=19, title="partner-x", expires=None, limit=0, joined=7, creator="Bob")
    assert text_of(listed(LINK, primary, endless)).splitlines() == [
        "Chess club · 14 of 25 live · 3 ⚠",
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
    wide.append(text_of(screens.created(replace(link, title="a" * 24), CHAT, asked_at=NOW)))
    prose = ("can be changed by", "⚠ its maker", "Public chat")
    lines = [line for text in wide for line in text.splitlines() if not line.startswith(prose)]
    assert [line for line in lines if columns(line) > WIDTH] == []


def test_rows_of_buttons_fit_a_thumb() -> None:
    for screen in every_screen():
        for row in screen.keyboard:
            numbers = all(re.fullmatch(r"\d+(/\d+)?|[◀▶⏮⏭]", button.text) for button in row)
            assert len(row) <= (5 if numbers else 3), [button.text for button in row]


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
        ({"as_of": NOW - 3600, "checked_at": NOW - 120}, "as of 2 min ago · 3 of 5 admins"),
        ({"as_of": NOW - 7200, "checked_at": NOW - 120, "watched_since": None}, "joins as of 2 h ago"),
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
        "84 joined · 11 seen to leave",
        "16 of 100 places left",
        "ends Sat 12:06 (in 3 d)",
        "last join 12 min ago",
        "created 8 Nov",
        "can be changed by: Ann, in the app · the owner, in the app",
    ]


def test_a_link_this_bot_made_is_changed_by_this_bot_alone() -> None:
    texts = [text_of(card) for card in states()["card"].values()]
    ours = [text for text in texts if "via this bot" in text and "can be changed by" in text]
    assert ours
    assert [text for text in ours if "can be changed by: this bot" not in text] == []


def test_a_card_says_nothing_of_leavers_where_none_were_seen() -> None:
    assert text_of(card_of(replace(LINK, leavers=0))).splitlines()[4] == "84 joined"


@pytest.mark.parametrize(
    ("read", "said"),
    [
        (Read(NOW - 120), "as of 2 min ago"),
        (Read(NOW - 120, NOW - 30 * DAY), "not readable since 19 Oct"),
    ],
)
def test_a_card_says_how_old_what_it_tells_is(read: Read, said: str) -> None:
    assert text_of(card_of(LINK, read=read)).splitlines()[-2] == said


def test_a_card_has_only_the_buttons_this_person_may_use() -> None:
    always = ["History", "◀ List"]
    assert labels(card_of(LINK, may_show=False)) == always
    assert labels(card_of(LINK, may_change=True)) == ["Show", "Copy", "QR", "Change", "Revoke", *always]
    both = card_of(LINK, may_change=True, may_rotate=True)
    assert labels(both) == ["Show", "Copy", "QR", "Change", "Rotate", "Revoke", *always]
    assert labels(card_of(LINK, may_replace=True)) == ["Show", "Copy", "QR", "Replace", *always]
    assert labels(card_of(replace(LINK, whole=False))) == always


def test_a_refused_key_is_said_with_whose_it_is() -> None:
    assert "only for Ann and the owner" in text_of(card_of(LINK, may_show=False))


@pytest.mark.parametrize("executor", list(Executor))
def test_each_executor_has_a_name(executor: Executor) -> None:
    assert "can be changed by: " in text_of(card_of(LINK, executors=[executor]))


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
    screen = screens.created(made, CHAT, asked_at=NOW)
    assert text_of(screen).splitlines()[:5] == [
        "Chess club",
        "#34 ‘Spring ads’",
        "by you, via this bot",
        "7 d (until Wed 25 Nov 12:06)",
        "10 members · no approval",
    ]
    assert labels(screen) == ["Show", "Copy", "QR", "Change", "Undo", "◀ List"]


def test_an_end_in_another_year_names_the_year_and_fits_a_phone() -> None:
    made = replace(LINK, title="Spring ads", expires=NOW + 300 * DAY + 3723)
    for relative in (True, False):
        lines = text_of(screens.created(made, CHAT, asked_at=NOW, relative=relative)).splitlines()
        assert any("14 Sep 2027" in line for line in lines)
        assert max(map(columns, lines)) <= WIDTH


@pytest.mark.parametrize("state", [State.REVOKED, State.GONE])
def test_the_card_of_a_link_that_works_no_more_tells_no_end_and_no_places(state: State) -> None:
    for limit, expires in ((0, None), (100, NOW + DAY)):
        text = text_of(card_of(replace(LINK, state=state, limit=limit, expires=expires)))
        assert not re.search("ends|limit|places", text)


def test_every_line_a_screen_shows_to_be_sent_is_right() -> None:
    for screen in every_screen():
        said = screen.text.as_kwargs()
        for entity in said["entities"]:
            line = entity.extract_from(said["text"]) if entity.type == "code" else ""
            if line.startswith("/invite "):
                assert not isinstance(read_invite(rest(line), now=NOW, zone="UTC"), Question)


def test_in_private_every_answer_names_its_chat() -> None:
    private = [
        listed(LINK),
        card_of(LINK),
        screens.created(LINK, CHAT, asked_at=NOW),
        screens.sync_open(CHAT, READY, NOW),
        screens.status(report(LINK), now=NOW),
        screens.asks_revoke(LINK, CHAT, viewer_id=7, once="x", undo=False),
        screens.may_exist(CHAT, "Promo"),
        screens.asks_replace(LINK, CHAT, viewer_id=7, once="x"),
        screens.asks_rotate(LINK, CHAT, viewer_id=7, nth=0, once="x"),
        screens.may_have_rotated(LINK, CHAT),
        screens.changed(LINK, CHAT, at=NOW, relative=True, may_show=True, change=1),
        screens.draft(Draft(), None, CHAT, 9, now=NOW),
        screens.history(LINK, CHAT, [], {}, page=0, now=NOW, viewer_id=7),
        screens.may_have_changed(LINK, CHAT),
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
        account, None, NOW, "ready", 7, {"messages.getExportedChatInvites": NOW + 60},
        [ChatStatus(CHAT, Coverage(3, 5), NOW, None, None, 0, 14)], 1, 2, 14,
    )  # fmt: skip
    more = text_of(screens.status(report(LINK), now=NOW, hosts=every))
    for said in (
        "Reading links: wait until 12:07",
        "0 waiting · 2 set aside",
        "Vera",
        "Calls of the account: 3",
    ):
        assert said in more
        assert said not in text_of(screens.status(report(LINK), now=NOW))

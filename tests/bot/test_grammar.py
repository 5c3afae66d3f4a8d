"""What people type after `/invite` and `/invites`, and what was meant."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.commands import ALIASES, for_this_bot, in_full, rest
from bot.errors import BotError, WrongOption
from bot.grammar import changes, holds_link, makes_link, read_invite, read_invites
from bot.wishes import (
    CardWish,
    DeleteWish,
    DraftWish,
    EditWish,
    HistoryWish,
    ListWish,
    NewLink,
    NoteWish,
    Question,
    RemoveWish,
    ReplaceWish,
    RequestsWish,
    RevokeWish,
    RotateWish,
    Series,
    WhoWish,
    Wish,
)
from ledger.listing import Order, Shelf, Whose

MINUTE, HOUR, DAY = 60, 3600, 86_400
BERLIN = ZoneInfo("Europe/Berlin")
NOW = int(datetime(2026, 11, 18, 12, 0, tzinfo=BERLIN).timestamp())  # a Wednesday
KEY = "https://t.me/+AbCdEfGhIjKlMnOp"


def at(*when: int) -> int:
    return int(datetime(*when, tzinfo=BERLIN).timestamp())  # type: ignore[misc, arg-type]


def read(text: str) -> Wish:
    return read_invite(text, now=NOW, zone="Europe/Berlin")


def choices(text: str) -> list[tuple[str, Wish]]:
    """Each meaning a question offers, and what its line is read as."""
    question = read(text)
    assert isinstance(question, Question)
    return [(choice.label_key, read(choice.command.removeprefix("/invite "))) for choice in question.choices]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Ask me anything", NewLink("Ask me anything")),
        ("Once upon a time", NewLink("Once upon a time")),
        ("Paid course", NewLink("Paid course")),
        ("12 monkeys", NewLink("12 monkeys")),
        ("Promo 7 days 10 people", NewLink("Promo", 7 * DAY, limit=10)),
        ("VIP х10 7д", NewLink("VIP", 7 * DAY, limit=10)),
        ("VIP ×10", NewLink("VIP", limit=10)),
        ("VIP 10х", NewLink("VIP", limit=10)),
        ("“Bob’s list” —uses=5", NewLink("Bob’s list", limit=5)),
    ],
)
def test_the_table_of_the_product_holds(typed: str, meant: NewLink) -> None:
    assert read(f"new {typed}") == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Wait until dark", NewLink("Wait until dark")),
        ("Fair for 7 days for 10 people", NewLink("Fair", 7 * DAY, limit=10)),
        ("Ярмарка на 7 дней", NewLink("Ярмарка", 7 * DAY)),
        ("Cooking for ten", NewLink("Cooking for ten")),
        ("Until the next time", NewLink("Until the next time")),
        ("Club forever", NewLink("Club forever")),
        ("No limit", NewLink("No limit")),
        ('"7d x10"', NewLink("7d x10")),
        ('"a "b" c" 7d', NewLink('a "b" c', 7 * DAY)),
        ("'til dawn 2h30m", NewLink("'til dawn", 2 * HOUR + 30 * MINUTE)),
        ("Spring ads 7d x10", NewLink("Spring ads", 7 * DAY, limit=10)),
        ("Spring ads x10 7d", NewLink("Spring ads", 7 * DAY, limit=10)),
        ("Club ask", NewLink("Club", approval=True)),
        ("VIP once", NewLink("VIP", limit=1, once=True)),
        ("VIP x1 once 7d", NewLink("VIP", 7 * DAY, limit=1, once=True)),
        ("Once more once", NewLink("Once more", limit=1, once=True)),
        ("Course paid 100", NewLink("Course", price=100)),
        ("Course paid 1 star", NewLink("Course", price=1)),
        ("Max's door for @max", NewLink("Max's door", whom="@max")),
        ("Door for @Kim_Go ask 7d", NewLink("Door", 7 * DAY, approval=True, whom="@kim_go")),
        ("Door for @424242", NewLink("Door", whom="@424242")),
        ("Cooking for @ll", NewLink("Cooking for @ll")),
        ('"Door for @max"', NewLink("Door for @max")),
        ("", DraftWish()),
        ("Flyer 1..50 x1 7d", Series(NewLink("Flyer", 7 * DAY, limit=1), 1, 50)),
        ("Flyer 7…9", Series(NewLink("Flyer"), 7, 9)),
        ('"Fair 2026" 1...3 once', Series(NewLink("Fair 2026", limit=1, once=True), 1, 3)),
        ('"Flyer 1..50"', NewLink("Flyer 1..50")),
        ("1..50", NewLink("1..50")),
        ("v1..2", NewLink("v1..2")),
        ("Club 90m 10 members", NewLink("Club", 90 * MINUTE, limit=10)),
        ("Club 2w", NewLink("Club", 14 * DAY)),
        ("Club 3min", NewLink("Club", 3 * MINUTE)),
        ("Club 3 months", NewLink("Club", 90 * DAY)),
        ("Club 1 year", NewLink("Club", 365 * DAY)),
        ("Club 24hrs 10 ppl", NewLink("Club", DAY, limit=10)),
        ("Club 2wks", NewLink("Club", 14 * DAY)),
        ("Wait until dark x10", NewLink("Wait until dark", limit=10)),
        ("Club 2 h 30 min", NewLink("Club", 2 * HOUR + 30 * MINUTE)),
        ("Level 7dx", NewLink("Level 7dx")),
        ("Club 1.5h", NewLink("Club 1.5h")),
        ("7d Club", NewLink("7d Club")),
        ("Клуб 7 дней 10 человек", NewLink("Клуб", 7 * DAY, limit=10)),
        ("春のクラブ 🎉 --limit=5", NewLink("春のクラブ 🎉", limit=5)),
    ],
)
def test_a_new_link_is_understood_as_its_writer_meant_it(typed: str, meant: Wish) -> None:
    assert read(f"new {typed}") == meant


@pytest.mark.parametrize(
    ("typed", "until"),
    [
        ("until 2026-12-31", at(2026, 12, 31, 23, 59, 59)),
        ("until fri 18:00", at(2026, 11, 20, 18)),
        ("until fri", at(2026, 11, 20, 23, 59, 59)),
        ("until wed 18:00", at(2026, 11, 18, 18)),
        ("until wed", at(2026, 11, 18, 23, 59, 59)),
        ("until Fri 27 Nov 18:00", at(2026, 11, 27, 18)),  # as the bot itself says it
        ("until fri 27 nov", at(2026, 11, 27, 23, 59, 59)),
        ("until wed 11:00", at(2026, 11, 25, 11)),
        ("until tomorrow", at(2026, 11, 19, 23, 59, 59)),
        ("until tonight", at(2026, 11, 18, 23, 59, 59)),
        ("until 18:00", at(2026, 11, 18, 18)),
        ("until 11:00", at(2026, 11, 19, 11)),
        ("until 31.12. 18:00", at(2026, 12, 31, 18)),
        ("until 17.11.", at(2027, 11, 17, 23, 59, 59)),
        ("until 29.2.", at(2028, 2, 29, 23, 59, 59)),
        ("until 12/31", at(2026, 12, 31, 23, 59, 59)),
        ("until 5/5", at(2027, 5, 5, 23, 59, 59)),
        ("until 2026-12-01T18:30", at(2026, 12, 1, 18, 30)),
        ("until Dec 31, 2026 at 6 pm", at(2026, 12, 31, 18)),
        ("until 1 july noon", at(2027, 7, 1, 12)),
        ("till tomorrow 18.30", at(2026, 11, 19, 18, 30)),
        ("до пт 18:00", at(2026, 11, 20, 18)),
        ("until 25 декабря", at(2026, 12, 25, 23, 59, 59)),
    ],
)
def test_a_date_is_read_in_the_chats_zone_and_a_day_to_its_end(typed: str, until: int) -> None:
    assert read(f"new Fair x5 {typed}") == NewLink("Fair", until=until, limit=5)
    assert read(f"12 {typed}") == EditWish(CardWish(12), until=until)


def test_the_chats_zone_decides_which_moment_a_date_is() -> None:
    tokyo = read_invite("new Fair until 2026-12-31 18:00", now=NOW, zone="Asia/Tokyo")
    assert tokyo == NewLink("Fair", until=at(2026, 12, 31, 10))


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("Club x0", "zero"),
        ("Club 0 people", "zero"),
        ("Club 0d", "zero"),
        ("Club x100000", "too-many"),
        ("Club x" + "9" * 30, "too-many"),
        ("Club 5000d", "too-long"),
        ("Club 99999d", "too-long"),
        ("Club until 2099-01-01", "too-long"),
        ("Club 7d 2h 3d", "twice"),
        ("Club x5 10 people", "twice"),
        ("Club ask ask", "twice"),
        ("Club 7d until fri", "twice"),
        ("Club ask x10", "approval-limit"),
        ("Club x10 ask", "approval-limit"),
        ("7d", "name-missing"),
        ("“” 7d", "name-missing"),
        ("Flyer 5..1", "series"),
        ("Flyer 1..201", "series"),
        ("Flyer 1..5 for @max", "series-alike"),
        ("n" * 30 + " 1..50", "name-long"),
        ("n" * 33, "name-long"),
        ("春" * 33, "name-long"),
        ('"' + "x0 " * 12 + '"', "name-long"),
        ("Fair until yesterday", "past"),
        ("Fair until 2020-01-01", "past"),
        ("Fair until 35.12.", "date"),
        ("Fair until 2026-02-30", "date"),
        ("Fair until 10", "date"),
        ("Fair until fri 9", "date"),
        ("Fair until may", "date"),
        ("Fair until 18:00 utc", "date"),
        ("Fair until 3 days", "date"),
        ("Fair until in 3 days", "date"),
        ("Скидки до 10 человек", "date"),
        ("Promo ask once", "approval-limit"),
        ("Promo once x5", "once-limit"),
        ("Promo once once", "twice"),
        ("Promo paid 0", "price"),
        ("Promo paid 10001", "price"),
        ("Promo paid 100 paid 100", "twice"),
        ("Promo paid 100 7d", "paid-alone"),
        ("Promo for @max for @kim", "twice"),
        ("once", "name-missing"),
    ],
)
def test_what_cannot_be_meant_is_said_with_one_right_example(typed: str, why: str) -> None:
    with pytest.raises(WrongOption) as asked:
        read(f"new {typed}")
    assert asked.value.arguments["why"] == why
    assert isinstance(read(asked.value.example.removeprefix("/invite ")), (NewLink, Series))


CLUB = CardWish(12)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("12 7d", EditWish(CLUB, lasts=7 * DAY)),
        ("12 +7d", EditWish(CLUB, lasts=7 * DAY, extend=True)),
        ("12 + 2 weeks", EditWish(CLUB, lasts=14 * DAY, extend=True)),
        ("#12 forever", EditWish(CLUB, forever=True)),
        ("12 no end", EditWish(CLUB, forever=True)),
        ("12 no limit", EditWish(CLUB, limit=0)),
        ("12 x50", EditWish(CLUB, limit=50)),
        ("12 x50 in all", EditWish(CLUB, limit=50, in_all=True)),
        ("12 ask", EditWish(CLUB, approval=True)),
        ("12 ask on", EditWish(CLUB, approval=True)),
        ("12 ask off", EditWish(CLUB, approval=False)),
        ("12 with approval", EditWish(CLUB, approval=True)),
        ("12 never ends no limit no approval", EditWish(CLUB, forever=True, limit=0, approval=False)),
        ('12 "new name"', EditWish(CLUB, name="new name")),
        ('12 7d "ask on" x50', EditWish(CLUB, lasts=7 * DAY, limit=50, name="ask on")),
        ("12 “x” forever no limit ask", EditWish(CLUB, forever=True, limit=0, approval=True, name="x")),
        ("12 edit 7d", EditWish(CLUB, lasts=7 * DAY)),
        ("edit 12 7d", EditWish(CLUB, lasts=7 * DAY)),
        ("12 edit", EditWish(CLUB)),
        ("…k9Q 7d", EditWish(CardWish(tail="k9Q"), lasts=7 * DAY)),
        ("12", CLUB),
        ("12 show", CLUB),
        ("copy #12", CLUB),
        ("t.me/+AbC…k9Q", CardWish(tail="k9Q")),
        ("...k9Q", CardWish(tail="k9Q")),
        (KEY, CardWish(link=KEY)),
        ("12 once", EditWish(CLUB, limit=1, once=True)),
        ("12 note ask Bob before  sharing", NoteWish(CLUB, "ask Bob before sharing")),
        ("12 note Off the record", NoteWish(CLUB, "Off the record")),
        ("note 12 off", NoteWish(CLUB, "")),
        ("12 history", HistoryWish(CLUB)),
        ("revoke 12", RevokeWish(CLUB)),
        ("12 revoke", RevokeWish(CLUB)),
        ("15 replace", ReplaceWish(CardWish(15))),
        ("replace #15", ReplaceWish(CardWish(15))),
        ("12 rotate", RotateWish(CardWish(12))),
        ("12 who", WhoWish(CardWish(12))),
        ("delete 12", DeleteWish(CardWish(12))),
        ("requests #12", RequestsWish(CardWish(12))),
    ],
)
def test_a_link_is_named_and_what_to_do_with_it(typed: str, meant: Wish) -> None:
    assert read(typed) == meant


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("12 foo", "edit-other"),
        ("12 foo 10", "edit-other"),
        ("12 Spring ads 7d", "edit-other"),
        ("12 x0", "zero"),
        ("12 99999d", "too-long"),
        ("12 until yesterday", "past"),
        ("12 until 35.12.", "date"),
        ("12 forever 7d", "twice"),
        ("12 ask x10", "approval-limit"),
        ("12 paid 100", "not-here"),
        ("12 once x5", "once-limit"),
        ("12 once ask", "approval-limit"),
        ('12 ""', "name-missing"),
        (f'12 "{"n" * 33}"', "name-long"),
        ("stats 12", "no-act"),
        ("12 note", "note-missing"),
        (f"12 note {'n' * 201}", "note-long"),
        (f"12 note {KEY}", "note-link"),
        ("12 history now", "no-act"),
        ("12 revoke now", "no-act"),
        ("12 remove them all", "since"),
        ("12 remove since 0d", "since"),
        ("12 remove since the fair", "since"),
        ("revoke", "other"),
        ("revoke Spring", "other"),
        ("Spring ads 7d", "other"),
        (f"Spring {KEY}", "other"),
    ],
)
def test_what_no_link_can_be_told_is_said_with_one_right_example(typed: str, why: str) -> None:
    with pytest.raises(WrongOption) as asked:
        read(typed)
    assert asked.value.arguments["why"] == why
    assert KEY not in asked.value.example + asked.value.text
    assert not isinstance(read(asked.value.example.removeprefix("/invite ")), Question)


@pytest.mark.parametrize(
    ("typed", "since"),
    [
        ("12 remove", 0),
        ("remove #12", 0),
        ("12 remove 24h", NOW - 86_400),
        ("12 remove since 2h30m", NOW - 9000),
        ("12 remove since 7 days ago", NOW - 7 * 86_400),
        ("12 remove since 3m", NOW - 180),
        ("12 remove since today", at(2026, 11, 18)),
        ("12 remove since yesterday", at(2026, 11, 17)),
        ("12 remove since 3 May", at(2026, 5, 3)),
        ("12 remove since 20 Nov", at(2025, 11, 20)),
        ("12 remove since 2026-11-01", at(2026, 11, 1)),
        ("12 remove from wed 10:00", at(2026, 11, 18, 10)),
        ("12 remove since fri", at(2026, 11, 13)),
    ],
)
def test_since_is_a_time_behind_and_a_day_from_its_beginning(typed: str, since: int) -> None:
    assert read(typed) == RemoveWish(CardWish(12), since)


@pytest.mark.parametrize("typed", ["0", "#0", "99999999999"])
def test_a_number_no_link_can_have_is_no_link(typed: str) -> None:
    with pytest.raises(BotError, match="problem-unknown-number"):
        read(typed)


def test_minutes_or_months_is_asked() -> None:
    minutes, months = ("choice-minutes", 3 * MINUTE), ("choice-months", 90 * DAY)
    assert choices("new Course 3m ask") == [(key, NewLink("Course", n, approval=True)) for key, n in (minutes, months)]
    assert choices('12 "A b" +3m x5') == [
        (key, EditWish(CLUB, lasts=n, extend=True, limit=5, name="A b")) for key, n in (minutes, months)
    ]
    assert read("new Course 30m") == NewLink("Course", 30 * MINUTE)


def test_a_number_alone_is_asked_about() -> None:
    ten = [("choice-members", NewLink("10 members", limit=10)), ("choice-days", NewLink("10 days", 10 * DAY))]
    assert choices("new 10") == [*ten, ("choice-name", NewLink("10"))]
    assert choices("new 10 7d") == [
        ("choice-members", NewLink("10 members", 7 * DAY, limit=10)),
        ("choice-name", NewLink("10", 7 * DAY)),
    ]
    assert choices("12 10 7d") == [("choice-members", EditWish(CLUB, lasts=7 * DAY, limit=10))]
    assert choices("12 10") == [
        ("choice-members", EditWish(CLUB, limit=10)),
        ("choice-days", EditWish(CLUB, lasts=10 * DAY)),
    ]


def test_day_or_month_is_asked() -> None:
    june, may = at(2027, 6, 5, 18), at(2027, 5, 6, 18)
    assert [wish for _, wish in choices("new Fair until 5/6 18:00")] == [NewLink("Fair", until=n) for n in (june, may)]
    assert [wish for _, wish in choices("12 until 5/6/2028")] == [
        EditWish(CLUB, until=n) for n in (at(2028, 6, 5, 23, 59, 59), at(2028, 5, 6, 23, 59, 59))
    ]


def test_what_is_still_unclear_after_a_choice_is_asked_next() -> None:
    [(_, minutes), (_, months)] = choices("new 10 3m")[:2]
    assert [type(wish) for wish in (minutes, months)] == [Question, Question]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", ListWish(default=True)),
        ("all", ListWish()),
        ("mine", ListWish(Whose.MINE)),
        ("Bots revoked", ListWish(Whose.BOTS, shelf=Shelf.REVOKED)),
        ("revoked mine", ListWish(Whose.MINE, shelf=Shelf.REVOKED)),
        ("@ann", ListWish(Whose.PERSON, "@ann")),
        ("@ann full spring by new", ListWish(Whose.PERSON, "@ann", Shelf.UNREVOKED, Order.NEW, "full spring")),
        ("ann", ListWish(Whose.PERSON, "ann")),
        ("Ann Lee revoked", ListWish(Whose.PERSON, "Ann Lee", Shelf.REVOKED)),
        ("mine expiring by end", ListWish(Whose.MINE, "", Shelf.EXPIRING, Order.ENDS)),
        ("live", ListWish(shelf=Shelf.LIVE)),
        ("primary by joins", ListWish(shelf=Shelf.PRIMARY)),
        ("all spring ads", ListWish(words="spring ads")),
        ("“full house”", ListWish(words="full house")),
        ("12 monkeys", ListWish(Whose.PERSON, "12 monkeys")),
        ("stand by me", ListWish(Whose.PERSON, "stand by me")),
        ("12", CLUB),
        (f"spring {KEY}", CardWish(link=KEY)),
    ],
)
def test_a_list_is_asked_for_by_whose_and_which(typed: str, meant: ListWish | CardWish) -> None:
    assert read_invites(typed) == meant


SHORTER = {
    "/link": ListWish(default=True),
    "/links 12": CLUB,
    "/mine full": ListWish(Whose.MINE, shelf=Shelf.FULL),
    "/primary": ListWish(shelf=Shelf.PRIMARY),
    "/new Spring 7d": NewLink("Spring", 7 * DAY),
    "/edit 12 x50": EditWish(CLUB, limit=50),
    "/revoke 12": RevokeWish(CLUB),
    "/replace 15": ReplaceWish(CardWish(15)),
    "/rotate 15": RotateWish(CardWish(15)),
}


def test_what_is_said_shorter_in_private_means_the_same_and_in_groups_nothing() -> None:
    assert {typed.split()[0].removeprefix("/") for typed in SHORTER} == set(ALIASES)
    for typed, meant in SHORTER.items():
        assert (read_invites if in_full(typed).startswith("/invites") else read)(rest(typed)) == meant, typed
        assert for_this_bot(typed, "our_bot", in_group=False)
        assert not for_this_bot(typed, "our_bot", in_group=True)


@pytest.mark.parametrize("shelf", [shelf for shelf in Shelf if shelf is not Shelf.UNREVOKED])
@pytest.mark.parametrize("order", list(Order))
def test_each_state_and_order_has_its_word(shelf: Shelf, order: Order) -> None:
    assert read_invites(f"{shelf} by {order}") == ListWish(shelf=shelf, order=order)
    assert read(f"{shelf} by {order}") == ListWish(shelf=shelf, order=order)


def test_a_pasted_link_does_not_show_in_a_repr() -> None:
    with pytest.raises(WrongOption) as wrong:
        read(f"new {KEY} Spring ads")
    assert "MnOp" not in wrong.value.example
    for wish in (read(KEY), read(f"{KEY} 7d"), read(f"revoke {KEY}"), read(f"{KEY} 3m")):
        assert "MnOp" not in repr(wish)


def test_a_text_that_tells_a_link_is_known_from_one_that_does_not() -> None:
    assert holds_link("/invite t.me/joinchat/AbCdEfGhIjKlMnOp")
    assert holds_link("tg://join?invite=AbCdEfGhIjKlMnOp")
    assert not holds_link("/invite t.me/+AbC…k9Q")
    assert makes_link("New Club 7d")
    assert not makes_link("newer Club")
    assert changes("12 7d")
    assert not changes("12")

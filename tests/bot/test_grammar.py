"""What people type after `/invite` and `/invites`, and what was meant."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import WrongOption
from bot.grammar import CardWish, ListWish, NewLink, holds_link, makes_link, read_invite, read_invites, read_new
from ledger.listing import Whose

MINUTE, HOUR, DAY = 60, 3600, 86_400


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Ask me anything", NewLink("Ask me anything")),
        ("Once upon a time", NewLink("Once upon a time")),
        ("Paid course", NewLink("Paid course")),
        ("12 monkeys", NewLink("12 monkeys")),
        ("Wait until dark", NewLink("Wait until dark")),
        ("Promo 7 days 10 people", NewLink("Promo", 7 * DAY, 10)),
        ("VIP х10 7д", NewLink("VIP", 7 * DAY, 10)),
        ("VIP ×10", NewLink("VIP", limit=10)),
        ("VIP 10х", NewLink("VIP", limit=10)),
        ("“Bob’s list” —uses=5", NewLink("Bob’s list", limit=5)),
        ('"7d x10"', NewLink("7d x10")),
        ("'til dawn 2h30m", NewLink("'til dawn", 2 * HOUR + 30 * MINUTE)),
        ("Spring ads 7d x10", NewLink("Spring ads", 7 * DAY, 10)),
        ("Spring ads x10 7d", NewLink("Spring ads", 7 * DAY, 10)),
        ("Club ask", NewLink("Club", approval=True)),
        ("Club 90m 10 members", NewLink("Club", 90 * MINUTE, 10)),
        ("Club 2w", NewLink("Club", 14 * DAY)),
        ("Club 3min", NewLink("Club", 3 * MINUTE)),
        ("Club 2 h 30 min", NewLink("Club", 2 * HOUR + 30 * MINUTE)),
        ("Level 7dx", NewLink("Level 7dx")),
        ("Club 1.5h", NewLink("Club 1.5h")),
        ("7d Club", NewLink("7d Club")),
    ],
)
def test_a_new_link_is_understood_as_its_writer_meant_it(typed: str, meant: NewLink) -> None:
    assert read_invite(f"new {typed}") == meant


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("Course 3m", "ambiguous"),
        ("Course 12 m", "ambiguous"),
        ("Club x0", "zero"),
        ("Club 0 people", "zero"),
        ("Club 0d", "zero"),
        ("Club x100000", "too-many"),
        ("Club 5000d", "too-long"),
        ("Club 7d 2h 3d", "twice"),
        ("Club x5 10 people", "twice"),
        ("Club ask ask", "twice"),
        ("Club ask x10", "approval-limit"),
        ("Club x10 ask", "approval-limit"),
        ("", "name-missing"),
        ("7d", "name-missing"),
        ("10", "name-missing"),
        ("“” 7d", "name-missing"),
        ("n" * 33, "name-long"),
        ("Fair until 5/6 18:00", "not-here"),
        ("Fair until fri", "not-here"),
        ("Promo once", "not-here"),
        ("Promo paid 100", "not-here"),
        ("Course 3 months", "not-here"),
    ],
)
def test_what_cannot_be_meant_is_asked_about_with_one_right_example(typed: str, why: str) -> None:
    with pytest.raises(WrongOption) as asked:
        read_invite(f"new {typed}")
    assert asked.value.arguments["why"] == why
    assert isinstance(read_invite(asked.value.example.removeprefix("/invite ")), NewLink)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", ListWish()),
        ("all", ListWish()),
        ("mine", ListWish(Whose.MINE)),
        ("bots revoked", ListWish(Whose.BOTS, revoked=True)),
        ("revoked", ListWish(revoked=True)),
        ("@ann", ListWish(Whose.PERSON, "@ann")),
        ("Ann Marie Revoked", ListWish(Whose.PERSON, "Ann Marie", revoked=True)),
        ("12", CardWish(12)),
        ("#12", CardWish(12)),
        ("…k9Q", CardWish(tail="k9Q")),
    ],
)
def test_a_list_is_asked_for_by_whose_and_which(typed: str, meant: object) -> None:
    assert read_invites(typed) == meant


@pytest.mark.parametrize("typed", ["12", "#12", "revoke 12", "12 show"])
def test_a_number_is_a_card(typed: str) -> None:
    assert read_invite(typed) == CardWish(12)


@pytest.mark.parametrize("typed", ["12 x50", "12 7d", "ann", "12 13"])
def test_words_that_ask_for_nothing_here_are_named(typed: str) -> None:
    with pytest.raises(WrongOption, match="problem-wrong-option"):
        read_invite(typed)


def test_a_pasted_link_is_a_card_and_does_not_show_in_a_repr() -> None:
    wish = read_invite("https://t.me/+AbCdEfGhIjKlMnOp")
    assert isinstance(wish, CardWish)
    assert wish.link.endswith("MnOp")
    assert "MnOp" not in repr(wish)


def test_a_text_that_tells_a_link_is_known_from_one_that_does_not() -> None:
    assert holds_link("/invite t.me/joinchat/AbCdEfGhIjKlMnOp")
    assert not holds_link("/invite t.me/+AbC…k9Q")
    assert makes_link("new Club 7d")
    assert not makes_link("newer Club")


OPTION = st.sampled_from(["7d", "2h30m", "x10", "10x", "ask", "10 people", "7 days", "2w"])
WORD = st.text(st.characters(codec="utf-8", exclude_categories=("Z", "C")), min_size=1, max_size=6)
PLAIN = WORD.filter(
    lambda w: not w[0].isdigit() and w.casefold() not in ("ask", "once") and w[0] not in "\"'“„«‘xXхХ×-–—"
)
NAME = (
    st.lists(PLAIN, min_size=1, max_size=4).map(" ".join).filter(lambda name: len(name) <= 32 and "until" not in name)
)


def read_or_asked(text: str) -> NewLink | None:
    try:
        return read_new(text)
    except WrongOption:
        return None


@given(NAME, st.lists(OPTION, max_size=3))
def test_a_name_is_never_eaten_whatever_options_follow(name: str, options: list[str]) -> None:
    wish = read_or_asked(" ".join([name, *options]))
    assert wish is None or wish.name == name
    assert wish is not None or options


@given(st.lists(st.one_of(WORD, OPTION), min_size=1, max_size=4).map(" ".join), st.lists(OPTION, max_size=2))
def test_quotes_make_all_of_it_a_name(name: str, options: list[str]) -> None:
    if '"' in name or len(name) > 32:
        return
    wish = read_or_asked(" ".join([f'"{name}"', *options]))
    assert wish is None or wish.name == " ".join(name.split())
    assert wish is not None or options


@given(NAME, st.text("zqj", min_size=1, max_size=3), st.lists(OPTION, max_size=1))
def test_a_word_that_is_not_wholly_an_option_belongs_to_the_name(name: str, rest: str, options: list[str]) -> None:
    for half in (f"7d{rest}", f"{rest}x10", f"ask{rest}", f"x10{rest}", f"2h30m{rest}"):
        wish = read_or_asked(" ".join([name, half, *options]))
        assert wish is None or wish.name == f"{name} {half}"
        assert wish is not None or len(name) + len(half) > 31


@given(st.text(max_size=80))
def test_any_text_is_a_wish_or_a_question_never_a_crash(text: str) -> None:
    for read in (read_invite, read_invites, read_new):
        with contextlib.suppress(WrongOption):
            assert read(text)

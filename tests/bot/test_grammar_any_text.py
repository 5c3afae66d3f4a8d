"""Whatever is typed after `/invite` is a wish, a question or a mistake with one right example."""

from __future__ import annotations

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BotError, WrongOption
from bot.grammar import read_invite, read_invites
from bot.screens.words import date_and_time
from bot.wishes import CardWish, EditWish, NewLink, Question, Wish
from tests.letters import ANY

DAY = 86_400
CLUB = CardWish(12)
NOW, ZONE = 1_795_000_000, "Asia/Kolkata"  # its clocks show no hour twice
KEY = "https://t.me/+AbCdEfGhIjKlMnOp"


def read(text: str) -> Wish:
    return read_invite(text, now=NOW, zone=ZONE)


LASTING = st.sampled_from([("7d", 7 * DAY), ("2h30m", 9000), ("7 days", 7 * DAY), ("2w", 14 * DAY), ("3min", 180)])
LIMIT = st.sampled_from(["x10", "10x", "10 people", "×10", "х10", "--uses=10", "—limit=10"])
WORD = st.text(st.characters(exclude_categories=("Z", "C")), min_size=1, max_size=6)
OPTION_WORDS = ("for", "на", "ask", "once", "until", "till", "до", "paid", "on", "off", "people", "members")
PLAIN = WORD.filter(
    lambda w: not w[0].isdigit() and w.casefold() not in OPTION_WORDS and w[0] not in "\"'“„«‘xXхХ×-–—+"
)
NAME = st.lists(PLAIN, min_size=1, max_size=4).map(" ".join).filter(lambda name: len(name) <= 32)


LIMIT_OR_ONCE = LIMIT | st.just("once")


@given(NAME, st.none() | LASTING, st.none() | LIMIT_OR_ONCE, st.booleans(), st.randoms())
def test_options_in_any_order_after_any_name_come_out_as_they_went_in(
    name: str, lasting: tuple[str, int] | None, limit: str | None, quoted: bool, random: object
) -> None:
    options = [said for said in (lasting[0] if lasting else None, limit) if said is not None]
    if limit is None:
        options.append("ask")
    random.shuffle(options)  # type: ignore[attr-defined]
    said = f'"{name}"' if quoted else name
    wish = read(" ".join(["new", said, *options]))
    once, places = limit == "once", {None: 0, "once": 1}.get(limit, 10)
    assert wish == NewLink(name, lasting[1] if lasting else None, limit=places, approval=limit is None, once=once)
    edit = EditWish(CLUB, wish.lasts, limit=places or None, approval=not places or None, name=name, once=once or None)
    assert read(" ".join(["12", *options, f'"{name}"'])) == edit


def read_or_asked(text: str) -> NewLink | None:
    try:
        wish = read(f"new {text}")
    except WrongOption:
        return None
    return wish if isinstance(wish, NewLink) else None


@given(NAME, st.text("zqj", min_size=1, max_size=3))
def test_a_word_that_is_not_wholly_an_option_belongs_to_the_name(name: str, rest: str) -> None:
    for half in (f"7d{rest}", f"{rest}x10", f"ask{rest}", f"x10{rest}", f"2h30m{rest}", f"until {rest}"):
        wish = read_or_asked(f"{name} {half}")
        assert wish is None or wish == NewLink(f"{name} {half}")
        assert wish is not None or len(name) + len(half) > 31


@given(
    st.lists(
        WORD | st.sampled_from(["7d", "x10", "ask", "once", "paid", "100", "for", "@max", "until", "fri", "12"]),
        min_size=1,
        max_size=5,
    )
)
def test_a_name_is_never_eaten(words: list[str]) -> None:
    wish = read_or_asked(" ".join(words))
    if wish is not None and words[0][0] not in "\"'“„«‘":
        taken = len(wish.name.split())
        assert wish.name.split() == words[:taken]
        assert (taken == len(words)) == (wish == NewLink(wish.name))


@given(st.lists(WORD, min_size=1, max_size=4).map(" ".join).filter(lambda name: '"' not in name and len(name) <= 32))
def test_quotes_make_all_of_it_a_name(name: str) -> None:
    assert read(f'new "{name}" 7d') == NewLink(name, 7 * DAY)


TYPED = st.text(ANY, max_size=40) | st.lists(
    st.sampled_from(["new", "12", "until", "5/6", "31.12.", "fri", "18:00", "3m", "+7d", "x50", "ask", "off", "no",
                     "limit", '"a', 'b"', "forever", "once", "paid", "100", "for", "@max", "1..50",
                     "note", "history", "edit", "revoke", "@ann", "by", "10", "…k9Q", KEY, "0", "x0"]),
    max_size=7,
).map(" ".join)  # fmt: skip


@given(TYPED)
def test_any_text_is_a_wish_a_question_or_one_right_example(text: str) -> None:
    for command in (read, read_invites):
        example = ""
        with contextlib.suppress(BotError):
            try:
                wish = command(text)
                assert not isinstance(wish, Question) or len(wish.choices) in (1, 2, 3)
            except WrongOption as wrong:
                example = wrong.example
        if not example.startswith("/invites"):  # which takes any words
            assert not isinstance(read(example.removeprefix("/invite ")), Question)


@given(st.integers(NOW // 60 + 1, NOW // 60 + 1500 * 1440))
def test_an_end_as_the_bot_says_it_is_read_as_that_end(minute: int) -> None:
    assert read(f"new Fair until {date_and_time(minute * 60, ZONE, NOW)}") == NewLink("Fair", until=minute * 60)

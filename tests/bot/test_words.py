"""Every word stands in the locale, and strangers' names are harmless."""

from __future__ import annotations

import ast
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bot
from bot import screens
from bot.commands import COMMANDS
from bot.errors import (
    BotError,
    UnknownNumber,
    WrongOption,
)
from bot.grammar import read_invite
from bot.screens.base import clean
from bot.screens.words import ENGLISH, LOCALES, Unworded, Words, ago, exactly, moment, span
from bot.wishes import Unclear
from ledger.chats import (
    SeenPerson,
)
from tests.bot.samples import CHAT, DAY, LINK, NOW, card_of, listed, text_of
from tests.letters import ANY


@given(st.text(ANY, max_size=60))
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


LEADS = ("t.me/+", "https://t.me/+", "telegram.me/joinchat/", "tg://join?invite=", "tg:join?invite=", "t.me/%2B")


@given(st.sampled_from(LEADS), st.binary(min_size=12, max_size=16))
def test_a_link_in_a_title_or_in_words_not_understood_is_no_key_on_a_screen(lead: str, secret: bytes) -> None:
    key = urlsafe_b64encode(secret).decode().rstrip("=")
    sly = replace(LINK, title=lead + key)
    with pytest.raises(Unclear) as wrong:
        read_invite(f"new Club 7d x5 until {lead}{key}", now=NOW, zone="UTC")
    for said in (text_of(listed(sly)), text_of(card_of(sly)), text_of(screens.problem(wrong.value)), clean(lead + key)):
        assert key[:8] not in said


def errors_of(kind: type[BotError]) -> Iterator[type[BotError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from errors_of(narrower)


def test_every_error_has_its_words() -> None:
    for kind in errors_of(BotError):
        assert f"{kind.key} =" in (LOCALES / "en.ftl").read_text()


@pytest.mark.parametrize("typed", ["new Club x0", "new Club ask x10", "12 foo", "new 7d", "new Fair until yesterday"])
def test_wrong_input_gets_a_reason_and_one_right_example(typed: str) -> None:
    with pytest.raises(WrongOption) as wrong:
        read_invite(typed, now=NOW, zone="UTC")
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

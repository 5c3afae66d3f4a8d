from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.mistyped import Mistyped
from console.speech import EXAMPLES, Acts, Happens, Presses, Says, Speech, read
from tests.letters import ANY


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("ann> /invites", Says("ann", "/invites", private=False)),
        ("Ann: /invite new Ads: 7d", Says("Ann", "/invite new Ads: 7d", private=False)),
        ("ann@bot: /invites", Says("ann", "/invites", private=True)),
        ("ann @bot > /status", Says("ann", "/status", private=True)),
        ("ann in private: hello", Says("ann", "hello", private=True)),
        ("ann presses Show", Presses("ann", "Show")),
        ("ann press [◀ List]", Presses("ann", "◀ List")),
        ("ann clicks on “Serve it”", Presses("ann", "Serve it")),
        ("world: kim joins 12", Acts("joins", "kim", "12")),
        ("kim joins by link #12", Acts("joins", "kim", "#12")),
        ("kim leave", Acts("leaves", "kim")),
        ("bob revokes 12 in the app", Acts("revokes", "bob", "12")),
        ("bob deletes Summer fair", Acts("deletes", "bob", "Summer fair")),
        ("vera approves iva", Acts("approve", "iva")),
        ("ban max", Acts("ban", "max")),
        ("bob makes Summer fair", Acts("makes", "bob", "Summer fair")),
        ("world> promote bob", Acts("promote", "bob")),
        ("vera demotes bob", Acts("demote", "bob")),
        ("flood 60", Happens("flood", "60")),
        ("Flood", Happens("flood", "")),
        ("old server", Happens("server", "old")),
        ("wait 3s", Happens("wait", "3")),
        ("in Chess club", Happens("in", "Chess club")),
        ("?", Happens("help")),
        ("exit", Happens("quit")),
    ],
)
def test_the_prompt_understands(line: str, meant: Speech) -> None:
    assert read(line) == meant


def test_every_example_the_help_shows_is_a_right_one() -> None:
    for example, _ in EXAMPLES:
        for each in example.split(" · "):
            read(each)


@pytest.mark.parametrize(
    ("line", "example"),
    [
        ("kim jions Summer fair", "kim joins Summer fair"),
        ("presses", "ann presses Show"),
        ("flod server", "old server"),
    ],
)
def test_a_mistake_gets_one_line_with_the_nearest_example(line: str, example: str) -> None:
    with pytest.raises(Mistyped) as mistake:
        read(line)
    assert "\n" not in str(mistake.value)
    assert str(mistake.value).endswith(f"Example: {example}")


@given(st.text(ANY, max_size=60).filter(lambda line: "\n" not in line))
def test_no_line_ends_the_play_but_by_its_words(line: str) -> None:
    with suppress(Mistyped):
        assert isinstance(read(line), Speech)

"""Buttons and start links carry their question there and back."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.callbacks import (
    CardAct,
    CardPress,
    ConfirmPress,
    Hosting,
    ListPress,
    Replay,
    WhosePress,
    read_replay,
)
from bot.screens.listing import query_of
from ledger.listing import Position, Query, Shelf, Toward, Whose
from tests.bot.samples import CHAT, LINK, every_screen, listed


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

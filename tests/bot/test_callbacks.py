"""Buttons and start links carry their question there and back."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.callbacks import (
    CONFIRM_WITHIN,
    AccountPress,
    ActPress,
    AnswerAllPress,
    AnswerPress,
    AskPress,
    CancelPress,
    CardAct,
    CardPress,
    ChatPress,
    ClearPress,
    Confirmations,
    ConfirmPress,
    DraftAct,
    DraftPress,
    ErasePress,
    FilterPress,
    ForgetPress,
    HistoryPress,
    Hosting,
    ListPress,
    ManyAct,
    ManyPress,
    NewPress,
    OtherChatPress,
    Press,
    ProvePress,
    RemoveAct,
    RemovePress,
    ReplacePress,
    RotatePress,
    SeriesAct,
    SeriesPress,
    SettingsAct,
    SettingsPress,
    TablePress,
    TidyAct,
    TidyPress,
    UndoPress,
    WaitingPress,
    WhoPress,
    WhosePress,
    WritePress,
    read_press,
)
from bot.packing import MINE, unpack, unpack_place
from bot.start_links import Replay, read_replay
from ledger.errands import Act
from ledger.listing import Position, Query, Shelf, Toward, Whose
from tests.bot.samples import CHAT, LINK, listed
from tests.bot.states import every_screen

# They name no more than a chat, or are measured with the list they carry.
SHORT = {AccountPress, ChatPress, FilterPress, ListPress, NewPress, OtherChatPress, TablePress, WhosePress}


def test_a_button_does_one_thing_and_its_data_fits_telegram() -> None:
    for screen in every_screen():
        for button in (button for row in screen.keyboard for button in row):
            assert [button.data, button.url, button.copy].count(None) == 2
            assert len((button.data or "").encode()) <= 64


def test_the_longest_callback_data_fits_telegram_and_is_read_back() -> None:
    chat, person, once = -1_997_852_516_352, 2**52 - 1, "x" * 12
    longest: list[Press] = [
        CardPress(act=CardAct.SHOW, chat=chat, number=9_999_999),
        ConfirmPress(chat=chat, number=9_999_999, person=person, once=once),
        ReplacePress(chat=chat, number=9_999_999, person=person, once=once),
        ActPress(chat=chat, act=Act.APPROVE, number=9_999_999, person=person, once=once),
        CancelPress(chat=chat, errand=2**40),
        RotatePress(chat=chat, number=9_999_999, person=person, nth=999, once=once),
        AnswerAllPress(chat=chat, number=9_999_999, yes=False, count=99_999, once=once),
        AnswerPress(chat=chat, row=2**40, yes=False, number=9_999_999),
        ClearPress(chat=chat, whose=person, once=once),
        WhoPress(chat=chat, number=9_999_999, page=99_999, early=True, older=True),
        WaitingPress(chat=chat, number=9_999_999, page=99_999, older=True),
        WritePress(chat=chat, row=2**40),
        UndoPress(chat=chat, number=9_999_999, change=9_999_999),
        Hosting(act="leave", chat=chat),
        SettingsPress(chat=chat, act=SettingsAct.ZONE, what="America/Argentina/Buenos_Aires"),
        SettingsPress(chat=chat, act=SettingsAct.GIVE, person=person, what="lockdown"),
        ErasePress(chat=chat, links=9_999_999, once=once),
        ForgetPress(chat=chat, person=person, once=once),
        ProvePress(chat=chat, question=2**31),
        AskPress(chat=chat, row=2**40),
        RemovePress(act=RemoveAct.YES, chat=chat, row=9_999_999, once=once),
        ManyPress(act=ManyAct.STOP, chat=chat, row=2**40),
        TidyPress(act=TidyAct.YES, chat=chat, row=9_999_999, once=once),
        TidyPress(act=TidyAct.ONE, chat=chat, row=9_999_999, number=2**40),
        DraftPress(act=DraftAct.END, chat=chat, row=2**40, value=604_800),
        SeriesPress(act=SeriesAct.FILE, chat=chat, row=2**40),
        HistoryPress(chat=chat, number=9_999_999, page=99),
    ]
    assert {type(press) for press in longest} | SHORT == set(Press.__subclasses__())
    for press in longest:
        assert len(press.pack().encode()) <= 64
        assert read_press(press.pack()) == press


def test_a_yes_counts_once_for_whom_and_what_it_was_asked() -> None:
    asked = Confirmations()
    once = asked.ask(7, CHAT.id, "revoke 12", now=0)
    for who, what in ((8, "revoke 12"), (7, "revoke 13"), (7, "replace 12")):
        assert not asked.answer(once, who, CHAT.id, what, now=1)
    assert not asked.answer(once, 7, CHAT.id - 1, "revoke 12", now=1)
    assert asked.answer(once, 7, CHAT.id, "revoke 12", now=CONFIRM_WITHIN)
    assert not asked.answer(once, 7, CHAT.id, "revoke 12", now=CONFIRM_WITHIN)
    late = asked.ask(7, CHAT.id, "revoke 12", now=0)
    assert not asked.answer(late, 7, CHAT.id, "revoke 12", now=CONFIRM_WITHIN + 1)


@pytest.mark.parametrize("whose", list(Whose))
@pytest.mark.parametrize("kind", list(Toward))
def test_a_page_button_brings_the_very_question_back(whose: Whose, kind: Toward) -> None:
    query = Query(CHAT.id, 7, whose, 5 if whose == Whose.PERSON else None, Shelf.REVOKED, 10, Position(kind, 3, 4, 2))
    screen = listed(LINK, query=query, page=2, pages=2)
    data = next(b.data for row in screen.keyboard for b in row if b.text == "2/2")
    assert data is not None
    press = ListPress.unpack(data)
    asked, _ = unpack(press.ask, press.chat, 7)
    assert replace(asked, position=unpack_place(press.at)) == query


@given(st.sampled_from(["list", "card", "draft", "file", "status"]), st.integers(1, 10**13), st.integers(1, 10**9 - 1))
def test_a_start_link_carries_its_question_there_and_back(what: str, chat: int, number: int) -> None:
    replay = Replay(what, -chat, number if what in ("card", "draft", "file") else 0, ask=MINE if what == "list" else "")
    assert read_replay(replay.payload()) == replay
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", replay.payload())


@pytest.mark.parametrize(
    "forged", ["", "list", "list_", "card_abc", "list_-5", "chat_1", "list_" + "z" * 60, "card_1_x"]
)
def test_a_forged_start_payload_is_no_question(forged: str) -> None:
    assert read_replay(forged) is None

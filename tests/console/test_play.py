from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.long
ROOT = Path(__file__).resolve().parents[2]
LINES = """\
ann: /invites
ann presses Show
nonsense
ann: /status
zoe: /invites
ann: /invite new Spring ads 7d x10
kim joins Spring ads
kim joins 99999
ann@bot: /invite 251
ann presses show
ann presses nothing
ann looks
kim joins Spring ads
old server
bob: /invites
new server
in talk
ann: /invites
who
"""


@pytest.fixture(scope="module")
def said() -> str:
    """What a play of LINES says, to the end of standard input."""

    async def play() -> str:
        program = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "console", "play",
            cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        told, _ = await program.communicate(LINES.encode())
        assert program.returncode == 0, told.decode()
        return told.decode()

    return asyncio.run(play())


def after(said: str, words: str) -> str:
    assert words in said, said
    return said[said.index(words) :]


def test_each_line_shows_what_that_person_sees(said: str) -> None:
    answer = after(said, "│ /invites")
    assert "only Ann sees this" in answer
    assert "#" in answer


def test_people_act_on_links_by_name_and_number(said: str) -> None:
    card = after(after(said, "Kim is in."), "private chat with Invite Ledger")
    assert "1 joined" in card
    assert "There is no link 99999" in said


def test_a_press_shows_the_edit_that_follows(said: str) -> None:
    card = after(after(said, "private chat with Invite Ledger"), "Ann presses [Show].")
    assert "t.me/+" in card.partition("The server is old")[0]


def test_private_questions_are_about_the_chat_of_the_play(said: str) -> None:
    card = after(said, "│ /invite 251").partition("Ann presses")[0]
    assert "│ Chess club " in card
    assert "Which chat" not in card


def test_a_button_that_is_not_there_is_answered_with_those_that_are(said: str) -> None:
    assert "Ann sees no button “nothing”; the newest are: " in said
    assert "＋ New" in after(said, "Ann sees no button “Show”; the newest are: ")[:200]  # the list in the group
    assert "[[" not in said


def test_a_look_shows_who_wrote_what(said: str) -> None:
    looked = after(after(said, "Ann sees no button"), "private chat with Invite Ledger")
    mine = looked.partition("/invite 251")[0]
    assert "─ Ann ─╮" in mine.splitlines()[-2]


def test_what_telegram_refuses_is_said_in_words(said: str) -> None:
    assert "USER_ALREADY_PARTICIPANT (that person is in the chat" in said


def test_mistakes_end_nothing(said: str) -> None:
    assert "“nonsense” is nothing that can happen here. Example: " in said
    assert "There is no zoe here." in said


def test_a_command_other_bots_own_is_met_with_silence_that_is_explained(said: str) -> None:
    assert "The bot says nothing." in after(said, "│ /status").partition("There is no zoe")[0]


def test_the_talk_moves_to_another_chat(said: str) -> None:
    answer = after(said, "Now about “Chess talk”.")
    assert "│ Chess talk · " in answer
    assert "People: Vera, Ann" in answer


def test_an_old_server_lets_all_see_that_somebody_asked(said: str) -> None:
    assert "for all to see" in after(said, "The server is old now.")

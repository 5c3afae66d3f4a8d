"""The page that shows every screen is what the screens are."""

from __future__ import annotations

from bot.screens.base import WIDTH, columns
from tests.bot.states import every_screen, states
from tests.bot.transcripts import PAGE, makers, page


def test_every_screen_stands_on_the_page() -> None:
    assert makers() == set(states())


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "make screens"


def test_no_line_of_a_transcript_is_wider_than_a_phone() -> None:
    shown = [part for number, part in enumerate(page().split("```")) if number % 2]
    assert [line for part in shown for line in part.splitlines() if columns(line) > WIDTH] == []


def test_every_button_can_be_read_whole() -> None:
    for screen in every_screen():
        for row in screen.keyboard:
            assert all(columns(button.text) <= WIDTH - 2 for button in row), [button.text for button in row]

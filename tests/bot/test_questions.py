"""Whatever goes wrong behind a question, the person reads one line, and the log no secret."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
import structlog
from aiogram.exceptions import TelegramRetryAfter
from aiogram.methods import GetMe
from aiogram.types import Update

from bot.errors import CannotSave, Failed, NotYours, TelegramRefused, TelegramWaits
from bot.meeting import Meeting
from bot.questions import PRESS_LIVES, Questions, problem_of
from ledger.errors import LedgerBusy
from ledger.inbox import Received
from tests.bot.conftest import Club, RunningBot, Start
from tests.bot.desks import desk_beside

SECRET = "https://t.me/+Secret0123456789"


async def test_a_handler_that_fails_is_a_line_with_a_number_and_no_leak(club: Club, bot: RunningBot) -> None:
    await club.ann.starts(club.bot)
    await club.ann.reads(in_=club.bot)
    sender = {"id": club.ann.person.id, "is_bot": False, "first_name": "Ann"}
    message = {"message_id": 9, "date": 1, "chat": {"id": sender["id"], "type": "private"}, "from": sender, "text": "x"}
    update = Update.model_validate({"update_id": 7, "message": message})
    assert update.message is not None

    async def fail(event: Any, data: dict[str, Any]) -> None:
        raise RuntimeError(SECRET)

    async with desk_beside(club, bot) as desk:
        with structlog.testing.capture_logs() as said:
            await Questions(desk, Meeting(desk))(fail, update.message, {"event_update": update, "received": 0})
    failure = next(line for line in said if line["event"] == "a handler failed")
    assert failure["number"] in (await club.ann.reads(in_=club.bot)).text
    assert (failure["why"], failure["update"]) == ("RuntimeError", 7)
    assert SECRET not in json.dumps(said)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (NotYours(), NotYours),
        (TelegramRetryAfter(method=GetMe(), message="", retry_after=344), TelegramWaits),
        (LedgerBusy(), CannotSave),
        (ValueError(SECRET), Failed),
    ],
)
def test_each_kind_of_error_has_its_line(error: Exception, line: type[Exception]) -> None:
    assert isinstance(problem_of(error, 7), line)
    assert not isinstance(problem_of(error, 7), TelegramRefused)


@pytest.mark.parametrize(("waited", "revoked"), [(PRESS_LIVES + 1, False), (PRESS_LIVES - 1, True)])
async def test_a_press_that_waited_too_long_acts_on_nothing(
    club: Club, bot: RunningBot, start_bot: Start, clock: Any, waited: int, revoked: bool
) -> None:
    await club.ann.sends("/invite new Spring ads", to=club.bot)
    card = await club.ann.reads(in_=club.bot)
    number = card.text.partition("#")[2].split()[0]
    await bot.ends()
    press = club.telegram.world.messages.press(club.ann.person, card.message, card.button("Undo")["callback_data"])
    queue = club.telegram.bot_api.updates.queue(club.bot)
    update = next(update for _, update in queue.waiting if "callback_query" in update)
    row = Received(update["update_id"], club.ann.person.id, "callback_query", json.dumps(update))
    await bot.ledger.inbox.put([row])
    clock.now += waited
    await start_bot()
    await asyncio.wait_for(asyncio.shield(press.answer), 40)
    answer = await club.ann.reads(in_=club.bot)
    assert (f"Revoke #{number}" in answer.labels) == revoked


async def test_an_owner_who_hands_the_chat_over_is_looked_up_anew(club: Club, bot: RunningBot) -> None:
    await club.bob.asks("/invites", in_=club.chat, bot=club.bot)
    await club.bob.reads(in_=club.chat, until="Chess club")
    looked = club.calls("getChatAdministrators")
    await club.vera.hands_over(club.chat, to=club.bob.person)
    await club.called("getChatAdministrators", looked + 1)
    asked = club.calls("getChatMember")
    await club.bob.asks("/invites", in_=club.chat, bot=club.bot)
    await club.bob.reads(in_=club.chat, until="Chess club")
    assert club.calls("getChatMember") > asked

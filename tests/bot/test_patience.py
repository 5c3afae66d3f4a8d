"""429 is waited out without an early call; a lost answer is asked for again only where that is harmless."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from aiogram import Bot
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramBadRequest, TelegramNetworkError, TelegramRetryAfter

from bot.app import Wire
from bot.patience import PAUSES, Patience
from bot.sending import EditText, SendText
from sandbox.faults import Fault, Kind
from tests.bot.conftest import Club


@pytest.fixture
async def calling(club: Club) -> AsyncIterator[Bot]:
    await club.ann.starts(club.bot)
    await club.kim.starts(club.bot)
    await club.vera.promotes(club.bot, in_=club.chat)
    session = Wire(api=TelegramAPIServer.from_base(club.telegram.bot_api.url))
    session.middleware(Patience(pauses=(0.01,) * len(PAUSES)))
    yield Bot(club.bot.token or "", session=session)
    await session.close()


async def test_a_short_429_is_waited_out_for_all_calls_to_that_chat(club: Club, calling: Bot) -> None:
    ann, kim = club.ann.person.id, club.kim.person.id
    club.telegram.faults.plan(Fault(Kind.FLOOD, "sendMessage", value=1))
    loop, times = asyncio.get_running_loop(), {}
    first = asyncio.create_task(calling.send_message(ann, "one"))
    await club.called("sendMessage")
    begun = loop.time()
    await calling.send_message(kim, "elsewhere")
    times["elsewhere"] = loop.time() - begun
    await calling.send_message(ann, "two")
    times["same chat"] = loop.time() - begun
    await first
    assert times["elsewhere"] < 0.5 < times["same chat"]
    assert club.calls("sendMessage") == 4


async def test_a_429_of_more_than_a_minute_is_for_the_person_to_hear(club: Club, calling: Bot) -> None:
    club.telegram.faults.plan(Fault(Kind.FLOOD, "sendMessage", value=344))
    for _ in range(3):
        with pytest.raises(TelegramRetryAfter) as waits:
            await calling(SendText(chat_id=club.ann.person.id, text="one"))
        assert waits.value.retry_after in (344, 345)
    assert club.calls("sendMessage") == 1


LOSSES = [
    Fault(Kind.ERROR, value=502, name="html"),
    Fault(Kind.ERROR, value=500, name="Internal Server Error"),
    Fault(Kind.CUT),
    Fault(Kind.GARBLE),
    Fault(Kind.DROP_AFTER),
]


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: f"{loss.kind}-{loss.value}")
async def test_an_answer_to_a_person_survives_lost_connections(club: Club, calling: Bot, loss: Fault) -> None:
    club.telegram.faults.plan(Fault(loss.kind, "sendMessage", loss.value, loss.name, times=len(PAUSES)))
    sent = await calling(SendText(chat_id=club.ann.person.id, text="one"))
    assert club.calls("sendMessage") == len(PAUSES) + 1
    club.telegram.faults.plan(Fault(loss.kind, "editMessageText", loss.value, loss.name, times=len(PAUSES)))
    with contextlib.suppress(TelegramBadRequest):  # it stands there already, where only the answer was lost
        await calling(EditText(chat_id=club.ann.person.id, text="two", message_id=sent["message_id"]))
    assert club.calls("editMessageText") == len(PAUSES) + 1


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: f"{loss.kind}-{loss.value}")
async def test_a_call_that_makes_a_link_is_never_repeated(club: Club, calling: Bot, loss: Fault) -> None:
    club.telegram.faults.plan(Fault(loss.kind, "createChatInviteLink", loss.value, loss.name))
    with pytest.raises(Exception) as lost:
        await calling.create_chat_invite_link(club.chat.id, "Spring ads")
    assert club.calls("createChatInviteLink") == 1
    assert "t.me" not in str(lost.value)


async def test_a_lost_connection_ends_as_one_kind_of_error(club: Club, calling: Bot) -> None:
    club.telegram.faults.plan(Fault(Kind.GARBLE, "sendMessage", times=0))
    with pytest.raises(TelegramNetworkError):
        await calling(SendText(chat_id=club.ann.person.id, text="one"))

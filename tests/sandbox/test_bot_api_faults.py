"""Scripted faults as a bot meets them, and the log that judges what they did."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from aiogram.exceptions import TelegramRetryAfter, TelegramServerError

from sandbox.faults import Fault, Kind
from tests.sandbox.room import Room
from tests.sandbox.stock_aiogram import aiogram


def sent(room: Room) -> list[str]:
    """What was sent since Ann pressed Start."""
    return [effect.what["text"] for effect in room.world.log.effects if effect.kind == "message.sent"][1:]


async def say(room: Room) -> int:
    return (await room.ask("sendMessage", chat_id=room.chat.id, text="hi"))[0]


@pytest.mark.fact("B-23")
async def test_a_flood_names_the_seconds_to_wait(room: Room) -> None:
    room.world.faults.plan(Fault(Kind.FLOOD, "getMe", value=7))
    async with aiogram(room.api, room.bot) as client:
        with pytest.raises(TelegramRetryAfter) as raised:
            await client.get_me()
    assert raised.value.retry_after == 7
    room.world.faults.plan(Fault(Kind.FLOOD, "getMe", value=7))
    assert await room.ask("getMe") == (429, "Too Many Requests: retry after 7")


async def test_a_server_error_has_the_scripted_status_and_words(room: Room) -> None:
    room.world.faults.plan(Fault(Kind.ERROR, "getMe", value=500, name="Internal Server Error"))
    async with aiogram(room.api, room.bot) as client:
        with pytest.raises(TelegramServerError, match="Internal Server Error"):
            await client.get_me()


async def test_a_gateway_answers_with_a_page(room: Room) -> None:
    room.world.faults.plan(Fault(Kind.ERROR, "getMe", name="html"))
    async with aiohttp.ClientSession() as http, http.get(f"{room.api.url}/bot{room.bot.token}/getMe") as response:
        assert (response.status, response.content_type) == (502, "text/html")


async def test_a_garbled_answer_is_no_json(room: Room) -> None:
    room.world.faults.plan(Fault(Kind.GARBLE, "getMe"))
    with pytest.raises(ValueError):
        await room.ask("getMe")


@pytest.mark.parametrize("kind", [Kind.CUT, Kind.DROP_BEFORE])
async def test_a_call_dropped_before_its_effect_did_nothing(room: Room, kind: Kind) -> None:
    room.world.faults.plan(Fault(kind, "sendMessage"))
    with pytest.raises(aiohttp.ClientError):
        await say(room)
    assert sent(room) == []
    assert await say(room) == 200


async def test_a_call_dropped_after_its_effect_did_all(room: Room) -> None:
    room.world.faults.plan(Fault(Kind.DROP_AFTER, "sendMessage"))
    with pytest.raises(aiohttp.ClientError):
        await say(room)
    assert sent(room) == ["hi"]


async def test_a_silent_call_never_answers_has_no_effect_and_holds_up_no_other(room: Room) -> None:
    room.world.faults.plan(Fault(Kind.SILENCE, "sendMessage", who=room.bot.id))
    silent = asyncio.create_task(say(room))
    await room.ann.waits(lambda: room.world.log.calls[-1:] != [], "the call")
    assert await say(room) == 200
    assert (silent.done(), sent(room)) == (False, ["hi"])
    silent.cancel()
    await asyncio.gather(silent, return_exceptions=True)


async def test_stopping_ends_polls_and_silences_at_once(room: Room) -> None:
    room.world.faults.plan(Fault(Kind.SILENCE, "getMe"))
    waiting = [asyncio.create_task(room.ask("getMe")), asyncio.create_task(room.ask("getUpdates", timeout=50))]
    await room.ann.waits(lambda: room.api.updates.queue(room.bot).poll is not None, "the poll")
    async with asyncio.timeout(40):
        await room.api.stop()
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_each_call_is_logged_with_its_caller_and_fault(room: Room) -> None:
    room.world.faults.plan(Fault(Kind.FLOOD, "sendMessage", value=1))
    await say(room)
    await room.ask("getme", bot=room.other_bot)
    assert [(call.face, call.who, call.method, call.fault) for call in room.world.log.calls] == [
        ("bot_api", room.bot.id, "sendMessage", "flood"),
        ("bot_api", room.other_bot.id, "getMe", ""),
    ]


async def test_the_log_tells_who_saw_which_words_buttons_and_links(room: Room) -> None:
    keyboard = {"inline_keyboard": [[{"text": "Copy", "copy_text": {"text": "canary"}}]]}
    to_max = {"receiver_user_id": room.max.person.id}
    text = '<a href="https://t.me/+hidden">here</a>'
    await room.gives(
        "sendMessage", chat_id=room.chat.id, text=text, parse_mode="HTML", reply_markup=keyboard,
        ephemeral_message_parameters=to_max,
    )  # fmt: skip
    views = [view for view in room.world.log.views if view.by == room.bot.id]
    assert [(view.person, view.kind, view.text) for view in views] == [
        (room.max.person.id, "ephemeral", "here https://t.me/+hidden")
    ]
    assert views[0].buttons[0]["copy_text"] == {"text": "canary"}

"""The host: the claim by a one-time link, and his yes or no to each chat."""

from __future__ import annotations

import contextlib

from aiogram import F, Router
from aiogram.exceptions import TelegramAPIError
from aiogram.types import CallbackQuery, Message

from bot import screens
from bot.asked import Asked
from bot.callbacks import Hosting
from bot.commands import IN_PRIVATE, Asks, rest
from bot.desk import Desk
from bot.errors import NotHost, Unserved
from bot.handlers import added
from bot.meeting import ask_about_waiting, take_up
from ledger.chats import Role, Served

CLAIM = "claim_"


async def is_claim(message: Message) -> bool:
    return rest(message.text or "").startswith(CLAIM)


async def claim(message: Message, asked: Asked, desk: Desk) -> None:
    """A token works once; the same host's update run again, after a kill, is answered as the first time."""
    token = rest(asked.text).removeprefix(CLAIM)
    claimed = await desk.ledger.host.claim(token, asked.person.id)
    desk.access.forget_host()
    if not claimed and await desk.access.host() != asked.person.id:
        await desk.delivery.show(screens.claim_refused(), asked)
        return
    waiting = [chat for chat in await desk.ledger.chats.every() if chat.served == Served.ASKED]
    await desk.delivery.show(screens.claimed(waiting), asked)
    await ask_about_waiting(desk)


async def serve(query: CallbackQuery, callback_data: Hosting, asked: Asked, desk: Desk) -> None:
    if not await desk.delivery.ack(asked):
        return
    await _demand_host(desk, asked)
    known = await desk.ledger.chats.get(callback_data.chat)
    if known is None:
        raise Unserved
    again = known.served == Served.SERVED
    await desk.ledger.chats.serve(known.id, Served.SERVED)
    await take_up(desk, known.id)
    chat = await desk.access.served_chat(known.id)
    await desk.delivery.show(screens.now_served(chat), asked)
    if not again and chat.bot_role not in (Role.UNKNOWN, Role.OUTSIDE):
        await added.say_served(desk, chat.id)


async def leave(query: CallbackQuery, callback_data: Hosting, asked: Asked, desk: Desk) -> None:
    if not await desk.delivery.ack(asked):
        return
    await _demand_host(desk, asked)
    chat = await desk.ledger.chats.get(callback_data.chat)
    if chat is None:
        raise Unserved
    await desk.ledger.chats.serve(chat.id, Served.REFUSED)
    desk.access.forget(chat.id)
    with contextlib.suppress(TelegramAPIError):  # left already, or thrown out
        await desk.bot.leave_chat(chat.id)
    await desk.delivery.show(screens.chat_left(chat), asked)


async def test_alert(query: CallbackQuery, callback_data: Hosting, asked: Asked, desk: Desk) -> None:
    """To the host's private chat, where the button stands too: pressing it shows that alerts come through."""
    if await desk.delivery.ack(asked):
        await _demand_host(desk, asked)
        await desk.delivery.show(screens.alerts_reach(), asked)
        await desk.delivery.tell(asked.person.id, screens.test_alert(None))


async def _demand_host(desk: Desk, asked: Asked) -> None:
    if await desk.access.host() != asked.person.id:
        raise NotHost


def register(routes: Router) -> None:
    routes.message.register(claim, IN_PRIVATE, Asks("start"), is_claim)
    routes.callback_query.register(serve, Hosting.filter(F.act == "serve"))
    routes.callback_query.register(leave, Hosting.filter(F.act == "leave"))
    routes.callback_query.register(test_alert, Hosting.filter(F.act == "test"))

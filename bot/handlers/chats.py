"""`/chats`: which chat a private question is about, kept per person."""

from __future__ import annotations

from dataclasses import replace

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot import screens
from bot.asked import Asked
from bot.callbacks import ChatPress
from bot.commands import Asks
from bot.desk import Desk
from bot.handlers import entry
from bot.meeting import ask_about_waiting


async def chats(message: Message, asked: Asked, desk: Desk) -> None:
    """The host is asked again about chats that wait."""
    every = await desk.access.chats_of(asked.person.id)
    chosen = await desk.ledger.chats.chosen(asked.person.id)
    screen = replace(screens.chats(every, chosen), quiet=asked.in_group and not every)
    await desk.delivery.show(screen, asked)
    if not asked.in_group and await desk.access.host() == asked.person.id:
        await ask_about_waiting(desk)


async def choose(query: CallbackQuery, callback_data: ChatPress, asked: Asked, desk: Desk) -> None:
    if await desk.delivery.ack(asked):
        chat, _ = await entry.by_number(asked, desk, callback_data.chat)
        await desk.access.choose(asked.person.id, chat.id)
        await desk.delivery.show(screens.chosen(chat), asked)


def router() -> Router:
    choosing = Router(name="chats")
    choosing.message.register(chats, Asks("chats"))
    choosing.callback_query.register(choose, ChatPress.filter())
    return choosing

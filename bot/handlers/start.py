"""`/start`, also with a question a group's line sent along, and `/help`."""

from __future__ import annotations

from dataclasses import replace

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot import screens
from bot.asked import Asked
from bot.commands import IN_PRIVATE, Asks, Has, rest
from bot.desk import Desk
from bot.handlers import card, drafting, entry, listing, series, status
from bot.screens.base import Screen
from bot.start_links import read_replay
from bot.wishes import CardWish


async def start(message: Message, asked: Asked, desk: Desk) -> None:
    """A start link's question is asked anew, after a fresh look at what this person may do there."""
    replay = read_replay(rest(asked.text)) if not asked.in_group else None
    if replay is None:
        await _tell(screens.start(desk.me.username or ""), asked, desk)
        return
    chat, asker = await entry.by_number(asked, desk, replay.chat, fresh=True)
    await desk.access.choose(asked.person.id, chat.id)
    if replay.what == "card":
        await card.open_card(CardWish(replay.number), chat, asker, asked, desk)
    elif replay.what == "draft":
        await drafting.open_kept(replay.number, chat, asker, asked, desk)
    elif replay.what == "file":
        await series.open_report(replay.number, chat, asked, desk)
    elif replay.what == "status":
        await status.show_status(chat, asker, asked, desk)
    else:
        await listing.open_packed(replay.ask, chat, asked, desk)


async def help_(message: Message, asked: Asked, desk: Desk) -> None:
    await _tell(screens.help_(), asked, desk)


async def not_understood(message: Message, asked: Asked, desk: Desk) -> None:
    """A stranger hears it once an hour; whoever asks about a chat each time."""
    known = await desk.ledger.chats.chosen(asked.person.id) is not None
    await desk.delivery.show(replace(screens.not_understood(), quiet=not known), asked)


async def no_button_of_ours(query: CallbackQuery, asked: Asked, desk: Desk) -> None:
    """Forged, or of another version of this bot."""
    await desk.delivery.decline(asked)


async def _tell(screen: Screen, asked: Asked, desk: Desk) -> None:
    await desk.delivery.show(replace(screen, quiet=not await entry.lets_in(asked, desk)), asked)


def register(routes: Router) -> None:
    routes.message.register(start, Asks("start"))
    routes.message.register(help_, Asks("help"))


def register_last(routes: Router) -> None:
    """What no other took: words in private, and buttons."""
    routes.callback_query.register(no_button_of_ours)
    routes.message.register(not_understood, IN_PRIVATE, Has(lambda message: message.text))

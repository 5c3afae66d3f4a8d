"""`/status` and `/sync`: how fresh the ledger is, and the wish to read anew."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import Message

from bot import screens
from bot.access import Asker, may_settle
from bot.asked import Asked
from bot.commands import Asks
from bot.desk import Desk
from bot.errors import BotError
from bot.handlers import acting, entry
from bot.meeting import look_at
from ledger.chats import Chat
from ledger.errands import Act
from ledger.listing import Query


async def status(message: Message, asked: Asked, desk: Desk) -> None:
    """The host is told how all stands also where no chat is his to ask about: that may be what is wrong."""
    try:
        chat, asker = await entry.by_command(asked, desk)
    except BotError:
        if asked.in_group or await desk.access.host() != asked.person.id:
            raise
        hosts = await desk.ledger.host.status()
        screen = screens.host_status(hosts, zone=desk.settings.tz, now=int(desk.clock()))
        await desk.delivery.show(screen, asked)
    else:
        await show_status(chat, asker, asked, desk)


async def show_status(chat: Chat, asker: Asker, asked: Asked, desk: Desk) -> None:
    report = await desk.ledger.links.page(Query(chat.id, asked.person.id, size=1))
    is_host = not asked.in_group and await desk.access.host() == asked.person.id
    hosts = await desk.ledger.host.status() if is_host else None
    here = [errand for errand in await desk.ledger.errands.open() if errand.chat_id == chat.id]
    reading = next((errand for errand in here if errand.act == Act.SYNC), None)
    acts = await acting.open_acts([errand for errand in here if errand.act != Act.SYNC], chat, asker, desk)
    linked = await entry.linked(chat, asked, desk)
    screen = screens.status(report, now=int(desk.clock()), reading=reading, hosts=hosts, linked=linked, acts=acts)
    await desk.delivery.show(screens.with_settings(screen, chat) if may_settle(asker) else screen, asked)


async def sync(message: Message, asked: Asked, desk: Desk) -> None:
    """The answer stands before the errand, which keeps its place to be edited with the outcome. What the Bot
    API tells is read at once."""
    chat, _ = await entry.by_command(asked, desk, fresh=True)
    await look_at(desk, chat.id)
    screen = screens.sync_open(chat, await desk.ledger.programs.account(), int(desk.clock()))
    place = await desk.delivery.show(screen, asked)
    await desk.ledger.errands.ask(Act.SYNC, chat.id, asked_by=asked.person.id, place=place)


def register(routes: Router) -> None:
    routes.message.register(status, Asks("status"))
    routes.message.register(sync, Asks("sync"))

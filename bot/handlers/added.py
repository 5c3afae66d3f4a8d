"""The bot comes into a chat, or a chat it stands in begins to be served: one line to all of a group, and a word
to whoever added it. In a channel nobody but them hears anything."""

from __future__ import annotations

from bot import screens
from bot.desk import Desk
from bot.screens.base import Screen
from bot.watch import is_to_all
from ledger.chats import Chat
from ledger.errands import Act
from ledger.listing import Query


async def say_served(desk: Desk, chat_id: int) -> None:
    """The line becomes the place where the first reading's progress and end are shown."""
    chat = await desk.access.served_chat(chat_id)
    if chat.kind != "channel":
        place = await desk.delivery.post(chat_id, await _line(desk, chat_id))
        if place is not None:
            await desk.ledger.errands.ask(Act.SYNC, chat_id, asked_by=None, place=place)
    await _tell_adder(desk, chat, screens.added_privately(chat, bot_username=desk.me.username or ""))


async def say_rights(desk: Desk, chat_id: int) -> None:
    """The line that still follows the first reading, with the rights the bot has now."""
    errands = desk.ledger.errands
    waiting = [(one.chat_id, place) for _, one, place, _ in await errands.unanswered()]
    waiting += [(one.chat_id, one.place) for one in await errands.open() if one.place is not None]
    for of_chat, place in waiting:
        if of_chat == chat_id and is_to_all(place):
            line = await _line(desk, chat_id)
            await desk.delivery.edit(place, line)
            if (later := await _line(desk, chat_id)) != line:  # the watch may have told of that before
                await desk.delivery.edit(place, later)


async def say_waits(desk: Desk, chat: Chat) -> None:
    """Nothing to all: the host has not said yes."""
    await _tell_adder(desk, chat, screens.added_waits(chat))


async def _line(desk: Desk, chat_id: int) -> Screen:
    report = await desk.ledger.links.page(Query(chat_id, size=1))
    return screens.added_line(report, now=int(desk.clock()), bot_username=desk.me.username or "")


async def _tell_adder(desk: Desk, chat: Chat, screen: Screen) -> None:
    """Only where he may be written to; the host has a question of his own to answer."""
    adder = chat.added_by
    if adder is None or adder == await desk.access.host() or not await desk.ledger.chats.private_open(adder):
        return
    await desk.delivery.tell(adder, screen)

"""What is written beside a link: its note, and what was done with it."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery

from bot import screens
from bot.access import Asker, may_note
from bot.asked import Asked
from bot.callbacks import HistoryPress
from bot.desk import Desk
from bot.errors import NotYours
from bot.handlers import entry
from bot.handlers.card import by_number, find, show_card
from bot.wishes import HistoryWish, NoteWish
from ledger.chats import Chat
from ledger.links import Link


async def note(wish: NoteWish, chat: Chat, asker: Asker, asked: Asked, desk: Desk) -> None:
    """Raises UnknownNumber, Unclear, NotYours."""
    link = await find(wish.card, chat.id, desk)
    if not may_note(asker, link):
        raise NotYours(link.number)
    link = await desk.ledger.links.noted(link.id, wish.note, by=asked.person.id)
    await show_card(link, chat, asker, asked, desk, note="noted" if wish.note else "note-off")


async def open_history(wish: HistoryWish, chat: Chat, asked: Asked, desk: Desk) -> None:
    """Raises UnknownNumber, Unclear."""
    await _show(await find(wish.card, chat.id, desk), 0, chat, asked, desk)


async def page(query: CallbackQuery, callback_data: HistoryPress, asked: Asked, desk: Desk) -> None:
    if await desk.delivery.ack(asked):
        chat, _ = await entry.by_number(asked, desk, callback_data.chat)
        await _show(await by_number(callback_data.number, chat.id, desk), callback_data.page, chat, asked, desk)


async def _show(link: Link, number: int, chat: Chat, asked: Asked, desk: Desk) -> None:
    events = await desk.ledger.links.history(link.id)
    people = {by: await desk.ledger.chats.person(by) for by in {event.by for event in events} if by is not None}
    names = {by: person.name for by, person in people.items() if person is not None and person.name}
    screen = screens.history(
        link, chat, events, names, page=number, now=int(desk.clock()), viewer_id=asked.person.id
    )  # fmt: skip
    await desk.delivery.show(screen, asked)


def register(routes: Router) -> None:
    routes.callback_query.register(page, HistoryPress.filter())

"""`/invite 12 who`: who joined by a link. `/who @kim`: by which links one person came, and when he left."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot import screens
from bot.access import Asker, may_see_joiners
from bot.asked import Asked
from bot.callbacks import WhoPress
from bot.commands import Asks
from bot.desk import Desk
from bot.errors import NotYours
from bot.handlers import acting, entry
from bot.handlers.card import by_number, find
from bot.handlers.forget import whom
from bot.wishes import WhoWish
from ledger.chats import Chat
from ledger.errands import Act
from ledger.links import Link


async def open_who(wish: WhoWish, chat: Chat, asker: Asker, asked: Asked, desk: Desk) -> None:
    """Raises UnknownNumber, Unclear, NotYours."""
    await _show(await find(wish.card, chat.id, desk), chat, asker, asked, desk, page=0)


async def turn(query: CallbackQuery, callback_data: WhoPress, asked: Asked, desk: Desk) -> None:
    """Raises UnknownNumber, NotYours."""
    if await desk.delivery.ack(asked):
        chat, asker = await entry.by_number(asked, desk, callback_data.chat)
        link = await by_number(callback_data.number, chat.id, desk)
        if callback_data.older and await acting.offered(link, chat, asker, asked, desk, act=Act.JOINERS):
            return
        await _show(link, chat, asker, asked, desk, page=callback_data.page, early=callback_data.early)


async def who(message: Message, asked: Asked, desk: Desk) -> None:
    """Raises Unclear."""
    chat, asker = await entry.by_command(asked, desk)
    person_id, name = await whom(message, asked, desk, example="/who @kim")
    visits = await desk.ledger.joiners.visits(chat.id, person_id)
    known = await desk.ledger.chats.person(person_id)
    if known is not None and known.username is None and known.name:
        name = known.name
    number, early = next((visit.number for visit in visits if visit.number is not None), None), 0
    link = await desk.ledger.links.find(chat.id, number) if number is not None else None
    if link is None or not may_see_joiners(asker, link):
        number = None
    else:
        early = (await desk.ledger.joiners.page(link.id, size=1)).early
    screen = screens.visits(chat, name, visits, now=int(desk.clock()), all_by=number, early=early)
    await desk.delivery.show(screen, asked)


async def _show(
    link: Link, chat: Chat, asker: Asker, asked: Asked, desk: Desk, *, page: int, early: bool = False
) -> None:  # fmt: skip
    if not may_see_joiners(asker, link):
        raise NotYours(link.number)
    report = await desk.ledger.joiners.page(link.id, page=page, early_only=early)
    older = not early and report.known < link.joined and await acting.can(Act.JOINERS, link, chat, asker, desk)
    screen = screens.joiners(
        report, link, chat, now=int(desk.clock()), viewer_id=asked.person.id, older=older
    )  # fmt: skip
    await desk.delivery.show(screen, asked)


def register(routes: Router) -> None:
    routes.message.register(who, Asks("who"))
    routes.callback_query.register(turn, WhoPress.filter())

"""`/invites` and what `/invite` shares with it: the list, its pages and filters."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot import grammar, screens
from bot.asked import Asked
from bot.callbacks import BACK, ListPress, NewPress, WhosePress
from bot.commands import Asks, rest
from bot.desk import Desk
from bot.errors import UnknownPerson
from bot.handlers import card, creating, entry
from bot.screens.listing import query_of
from ledger.chats import Chat
from ledger.listing import Query, Shelf, Whose

LISTS_KEPT = 10_000


async def invites(message: Message, asked: Asked, desk: Desk) -> None:
    await _answer(grammar.read_invites(rest(asked.text)), asked, desk)


async def invite(message: Message, asked: Asked, desk: Desk) -> None:
    await _answer(grammar.read_invite(rest(asked.text)), asked, desk)


async def page(query: CallbackQuery, callback_data: ListPress, asked: Asked, desk: Desk) -> None:
    if await desk.delivery.ack(asked):
        await entry.by_number(asked, desk, callback_data.chat)
        wanted = query_of(callback_data, asked.person.id)
        if callback_data.kind == BACK and asked.place is not None:
            before = desk.lists.get(asked.place, wanted)
            if (before.chat_id, before.viewer_id) == (wanted.chat_id, wanted.viewer_id):
                wanted = before
        await _show(wanted, asked, desk)


async def whose(query: CallbackQuery, callback_data: WhosePress, asked: Asked, desk: Desk) -> None:
    if await desk.delivery.ack(asked):
        chat, _ = await entry.by_number(asked, desk, callback_data.chat)
        creators = await desk.ledger.links.creators(chat.id)
        screen = screens.whose(chat, creators, revoked=callback_data.revoked, page=callback_data.page)
        await desk.delivery.show(screen, asked)


async def new_how(query: CallbackQuery, callback_data: NewPress, asked: Asked, desk: Desk) -> None:
    if await desk.delivery.ack(asked):
        chat, _ = await entry.by_number(asked, desk, callback_data.chat)
        await desk.delivery.show(screens.new_how(chat), asked)


async def show_list(wish: grammar.ListWish, chat: Chat, asked: Asked, desk: Desk) -> None:
    """Raises UnknownPerson."""
    shelf = Shelf.REVOKED if wish.revoked else Shelf.UNREVOKED
    person_id = None
    if wish.whose == Whose.PERSON:
        found = await desk.ledger.chats.find_person(chat.id, wish.name)
        if not found:
            raise UnknownPerson(wish.name)
        ids = {person.id for person in found}
        if len(found) > 1:
            creators = [c for c in await desk.ledger.links.creators(chat.id) if c.person_id in ids]
            if not creators:
                raise UnknownPerson(wish.name)
            if len(creators) > 1:
                await desk.delivery.show(screens.whose(chat, creators, revoked=wish.revoked, page=0), asked)
                return
            ids = {creators[0].person_id}
        [person_id] = ids
    await _show(Query(chat.id, asked.person.id, whose=wish.whose, person_id=person_id, shelf=shelf), asked, desk)


async def _answer(wish: grammar.Wish, asked: Asked, desk: Desk) -> None:
    if isinstance(wish, grammar.NewLink):
        await creating.make(wish, asked, desk)
        return
    chat, asker = await entry.by_command(asked, desk)
    if isinstance(wish, grammar.CardWish):
        await card.open_card(wish, chat, asker, asked, desk)
    else:
        await show_list(wish, chat, asked, desk)


async def _show(query: Query, asked: Asked, desk: Desk) -> None:
    report = await desk.ledger.links.page(query)
    now, username = int(desk.clock()), desk.me.username or ""
    screen = screens.listing(report, now=now, bot_username=username, in_group=asked.in_group)
    place = await desk.delivery.show(screen, asked)
    if place is not None:
        desk.lists[place] = query
        desk.lists.move_to_end(place)
        while len(desk.lists) > LISTS_KEPT:
            desk.lists.popitem(last=False)


def router() -> Router:
    listing = Router(name="listing")
    listing.message.register(invites, Asks("invites"))
    listing.message.register(invite, Asks("invite"))
    listing.callback_query.register(page, ListPress.filter())
    listing.callback_query.register(whose, WhosePress.filter())
    listing.callback_query.register(new_how, NewPress.filter())
    return listing

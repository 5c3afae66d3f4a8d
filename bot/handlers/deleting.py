"""`/invite 12 delete`, and all revoked links of one creator: gone from Telegram for good, kept in the ledger.

No bot can delete: the account does it, as owner or with its own links; else the way by hand is named.
"""

from __future__ import annotations

from dataclasses import replace

from aiogram import F, Router
from aiogram.types import CallbackQuery

from bot import screens
from bot.access import Asker
from bot.asked import Asked
from bot.callbacks import CardAct, CardPress, ClearPress
from bot.desk import Desk
from bot.errors import NotYours
from bot.handlers import acting, entry
from bot.handlers.card import by_number, find, show_card
from bot.wishes import DeleteWish
from ledger.chats import Chat, Role
from ledger.errands import Act
from ledger.links import Link, State
from ledger.listing import Query, Shelf, Whose
from ledger.rights import Deed, Standing, by_account, deleters, may_clear, may_have


async def ask_delete(wish: DeleteWish, chat: Chat, asker: Asker, asked: Asked, desk: Desk) -> None:
    """The question, or on the card why there is none. Raises UnknownNumber, Unclear, NotYours."""
    await _ask(await find(wish.card, chat.id, desk), chat, asker, asked, desk)


async def ask(query: CallbackQuery, callback_data: CardPress, asked: Asked, desk: Desk) -> None:
    if await desk.delivery.ack(asked):
        chat, asker = await entry.by_number(asked, desk, callback_data.chat)
        await _ask(await by_number(callback_data.number, chat.id, desk), chat, asker, asked, desk)


async def clear(query: CallbackQuery, callback_data: ClearPress, asked: Asked, desk: Desk) -> None:
    """Asks first, with the count; a yes is for exactly so many. Raises NotYours."""
    if not await desk.delivery.ack(asked):
        return
    chat, asker = await entry.by_number(asked, desk, callback_data.chat, fresh=True)
    whose = callback_data.whose
    if not await clears(whose, chat, asker, desk):
        raise NotYours
    if await desk.ledger.errands.of_update(asked.update_id) is not None:
        await acting.put(Act.CLEAR, None, chat, asked, desk, about=whose)
        return
    count = await desk.ledger.links.revoked_of(chat.id, whose)
    what = f"clear {whose} {count}"
    if count and desk.confirmations.answer(callback_data.once, asked.person.id, chat.id, what, now=desk.clock()):
        await acting.put(Act.CLEAR, None, chat, asked, desk, about=whose)
        return
    once = desk.confirmations.ask(asked.person.id, chat.id, what, now=desk.clock())
    creator = await desk.ledger.chats.person(whose)
    name = creator.name if creator is not None else str(whose)
    screen = screens.asks_clear(chat, whose, name, n=count, once=once, again=bool(callback_data.once))
    await desk.delivery.show(screen, asked)


async def whose_to_clear(query: Query, chat: Chat, asked: Asked, desk: Desk) -> tuple[int, str, int] | None:
    """On the shelf of somebody's revoked links: whose they are and how many, where they can be deleted together."""
    whose = {Whose.PERSON: query.person_id, Whose.MINE: query.viewer_id, Whose.BOTS: desk.me.id}.get(query.whose)
    if query.shelf != Shelf.REVOKED or whose is None or query.words:
        return None
    asker = await desk.access.asker(chat.id, asked.person.id)
    if not await clears(whose, chat, asker, desk):
        return None
    count, person = await desk.ledger.links.revoked_of(chat.id, whose), await desk.ledger.chats.person(whose)
    return (whose, person.name if person is not None else str(whose), count) if count else None


async def clears(creator_id: int, chat: Chat, asker: Asker, desk: Desk) -> bool:
    """Whether the account deletes all revoked links of this creator for this asker."""
    here = await acting.account_here(chat.id, desk)
    reaches = here.role == Role.OWNER or (here.role == Role.ADMIN and creator_id == here.person_id)
    maker = await desk.ledger.chats.person(creator_id)
    is_bot = maker is not None and maker.is_bot
    return here.acts and reaches and may_clear(asker, creator_id, creator_is_bot=is_bot)


async def _ask(link: Link, chat: Chat, asker: Asker, asked: Asked, desk: Desk) -> None:
    if await acting.offered(link, chat, asker, asked, desk, act=Act.DELETE):
        return
    if link.state != State.REVOKED:
        note = "gone" if link.state == State.GONE else "delete-unrevoked"
    else:
        await _by_hand(link, chat, asker, asked, desk)
        return
    await show_card(link, chat, asker, asked, desk, note=note)


async def _by_hand(link: Link, chat: Chat, asker: Asker, asked: Asked, desk: Desk) -> None:
    """Raises NotYours."""
    maker, here = await desk.ledger.chats.person(link.creator_id), await acting.account_here(chat.id, desk)
    is_bot = maker is not None and maker.is_bot
    if not may_have(asker, Deed.DELETE, link, maker_is_bot=is_bot):
        raise NotYours(link.number)
    lets = replace(here, acts=True)
    could = asker.standing == Standing.OWNER and by_account(Act.DELETE, asker, link, lets, maker_is_bot=is_bot)
    note = "delete-by-hand-account" if could and not here.acts else "delete-by-hand"
    owner_id = here.person_id if here.role == Role.OWNER else None
    by_hand = deleters(link, asker, maker_is_bot=is_bot, owner_id=owner_id)
    await show_card(link, chat, asker, asked, desk, note=note, by_hand=by_hand)


def register(routes: Router) -> None:
    routes.callback_query.register(ask, CardPress.filter(F.act == CardAct.DELETE))
    routes.callback_query.register(clear, ClearPress.filter())

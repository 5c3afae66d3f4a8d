"""`/settings`: what a chat's owner settles, each press with a fresh look at who presses it; and the erasing
of all that is kept of the chat."""

from __future__ import annotations

import contextlib

from aiogram import Router
from aiogram.exceptions import TelegramAPIError
from aiogram.types import CallbackQuery, Message

from bot import screens
from bot.access import Asker, may_ask, may_settle
from bot.asked import Asked
from bot.callbacks import ErasePress, SettingsAct, SettingsPress
from bot.commands import Asks, rest
from bot.desk import Desk
from bot.errors import OwnerOnly, Stale
from bot.handlers import entry
from bot.wishes import Unclear
from bot.zones import zones_like
from ledger.chats import Chat, Grant, ReplyPlace, SeenPerson
from ledger.listing import Query

ZONE_EXAMPLE = "/settings zone Europe/Berlin"


async def settings(message: Message, asked: Asked, desk: Desk) -> None:
    chat, asker = await entry.by_command(asked, desk, fresh=True)
    demand_owner(asker)
    name, _, value = rest(asked.text).partition(" ")
    if not name:
        await _show_main(chat, asked, desk)
    elif name.casefold() != "zone":
        raise Unclear("unknown-setting", name, ZONE_EXAMPLE)
    elif not value.strip():
        await desk.delivery.show(screens.zones(chat, now=int(desk.clock())), asked)
    else:
        await _set_zone(chat, value, asked, desk)


async def press(query: CallbackQuery, callback_data: SettingsPress, asked: Asked, desk: Desk) -> None:
    """Raises OwnerOnly, Stale where a button names what is no more."""
    if not await desk.delivery.ack(asked):
        return
    chat, asker = await entry.by_number(asked, desk, callback_data.chat, fresh=True)
    demand_owner(asker)
    match callback_data.act:
        case SettingsAct.ADMINS:
            await _show_admins(chat, asked, desk, page=callback_data.person)
        case SettingsAct.ADMIN | SettingsAct.GIVE | SettingsAct.TAKE:
            await _admin(callback_data, chat, asked, desk)
        case SettingsAct.ZONES:
            await desk.delivery.show(screens.zones(chat, now=int(desk.clock())), asked)
        case SettingsAct.ZONE:
            await _set_zone(chat, callback_data.what, asked, desk)
        case SettingsAct.REPLIES:
            if callback_data.what not in set(ReplyPlace):
                raise Stale
            await desk.ledger.chats.set_reply_place(chat.id, ReplyPlace(callback_data.what))
            await _show_main(await _anew(chat, desk), asked, desk, changed=True)
        case SettingsAct.ALERT:
            alerted = await desk.delivery.tell(asked.person.id, screens.test_alert(chat))
            await _show_main(chat, asked, desk, alerted=alerted)
        case SettingsAct.MAIN:
            await _show_main(chat, asked, desk)


async def erase(query: CallbackQuery, callback_data: ErasePress, asked: Asked, desk: Desk) -> None:
    """Asks once, naming how many links go; a yes to another number than there are now is asked anew."""
    if not await desk.delivery.ack(asked):
        return
    chat, asker = await entry.by_number(asked, desk, callback_data.chat, fresh=True)
    demand_owner(asker)
    report = await desk.ledger.links.page(Query(chat.id, asked.person.id, size=1))
    links, now = report.unrevoked + report.revoked + report.gone, desk.clock()
    yes = bool(callback_data.once) and desk.confirmations.answer(
        callback_data.once, asked.person.id, chat.id, f"erase {callback_data.links}", now=now
    )
    if not yes or callback_data.links != links:
        once = desk.confirmations.ask(asked.person.id, chat.id, f"erase {links}", now=now)
        again = bool(callback_data.once)
        await desk.delivery.show(screens.asks_erase(chat, links=links, once=once, again=again), asked)
        return
    gone = await desk.ledger.chats.erase(chat.id)
    desk.access.forget(chat.id)
    await desk.delivery.show(screens.erased(chat.title, gone), asked)
    if asked.in_group and await desk.ledger.chats.private_open(asked.person.id):
        await desk.delivery.tell(asked.person.id, screens.erased(chat.title, gone))
    with contextlib.suppress(TelegramAPIError):  # thrown out meanwhile
        await desk.bot.leave_chat(chat.id)


def demand_owner(asker: Asker) -> None:
    if not may_settle(asker):
        raise OwnerOnly


async def _show_main(
    chat: Chat, asked: Asked, desk: Desk, *, alerted: bool | None = None, changed: bool = False
) -> None:
    host_id = await desk.access.host()
    host = await desk.ledger.chats.person(host_id) if host_id is not None else None
    named = sum(1 for grants in (await desk.ledger.chats.grants(chat.id)).values() if grants)
    screen = screens.settings(
        chat, now=int(desk.clock()), named=named, host=host, alerted=alerted, changed=changed
    )  # fmt: skip
    await desk.delivery.show(screen, asked)


async def _show_admins(chat: Chat, asked: Asked, desk: Desk, *, page: int = 0) -> None:
    people, grants = await _others(chat, asked, desk), await desk.ledger.chats.grants(chat.id)
    await desk.delivery.show(screens.admins(chat, people, grants, page=page), asked)


async def _admin(wish: SettingsPress, chat: Chat, asked: Asked, desk: Desk) -> None:
    """Who is no admin any more is in the list no more: the list is shown."""
    person = next((one for one in await _others(chat, asked, desk) if one.id == wish.person), None)
    if person is None:
        await _show_admins(chat, asked, desk)
        return
    if wish.act != SettingsAct.ADMIN:
        if wish.what not in set(Grant):
            raise Stale
        on = wish.act == SettingsAct.GIVE
        await desk.ledger.chats.grant(chat.id, person.id, Grant(wish.what), on=on, by=asked.person.id)
        desk.access.forget(chat.id, person.id)
    grants = await desk.ledger.chats.grants_of(chat.id, person.id)
    theirs = await desk.access.asker(chat.id, person.id, fresh=True)
    await desk.delivery.show(screens.admin(chat, person, grants, may_invite=may_ask(theirs)), asked)


async def _others(chat: Chat, asked: Asked, desk: Desk) -> list[SeenPerson]:
    return [one for one in await desk.ledger.chats.admins(chat.id) if one.id != asked.person.id]


async def _set_zone(chat: Chat, text: str, asked: Asked, desk: Desk) -> None:
    """Raises Unclear."""
    found = zones_like(text)
    if not found:
        raise Unclear("unknown-zone", text.strip()[:32], ZONE_EXAMPLE)
    if len(found) > 1:
        await desk.delivery.show(screens.zones(chat, now=int(desk.clock()), among=found), asked)
        return
    await desk.ledger.chats.set_zone(chat.id, found[0])
    await desk.delivery.show(screens.zone_set(await _anew(chat, desk), now=int(desk.clock())), asked)


async def _anew(chat: Chat, desk: Desk) -> Chat:
    desk.access.forget(chat.id)
    return await desk.access.served_chat(chat.id)


def register(routes: Router) -> None:
    routes.message.register(settings, Asks("settings"))
    routes.callback_query.register(press, SettingsPress.filter())
    routes.callback_query.register(erase, ErasePress.filter())

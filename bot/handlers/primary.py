"""`/invite 15 replace`: a new primary link of this bot's in the place of the one that stands.

Looking never replaces: what stands is read by getChat where an answer was lost, and before the next call after that.
"""

from __future__ import annotations

from aiogram import F, Router
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramForbiddenError
from aiogram.types import CallbackQuery

from bot import screens
from bot.access import Asker, may_replace
from bot.asked import Asked
from bot.callbacks import CardAct, CardPress, ReplacePress
from bot.desk import Desk
from bot.errors import BotPowerless, NotYours, TelegramRefused
from bot.handlers import acting, entry
from bot.handlers.card import by_number, powerless, show_card, why_not
from bot.patience import UNANSWERED
from ledger.chats import Chat
from ledger.errands import Act
from ledger.links import UNREVOKED, Link, SeenLink


async def ask_about(link: Link, chat: Chat, asker: Asker, asked: Asked, desk: Desk) -> None:
    """The question, or on the card why there is none. Raises NotYours."""
    await _ask(link, chat, asker, asked, desk)


async def ask(query: CallbackQuery, callback_data: CardPress, asked: Asked, desk: Desk) -> None:
    if await desk.delivery.ack(asked):
        chat, asker = await entry.by_number(asked, desk, callback_data.chat)
        await _ask(await by_number(callback_data.number, chat.id, desk), chat, asker, asked, desk)


async def confirm(query: CallbackQuery, callback_data: ReplacePress, asked: Asked, desk: Desk) -> None:
    """A yes counts one time, from the person who was asked; run again it replaces nothing, but shows what
    the first run came to. Raises NotYours, BotPowerless, TelegramRefused."""
    if not await desk.delivery.ack(asked):
        return
    chat, asker = await entry.by_number(asked, desk, callback_data.chat, fresh=True)
    link = await by_number(callback_data.number, chat.id, desk)
    now, what = desk.clock(), _replacing(link)
    fresh_yes = desk.confirmations.answer(callback_data.once, asked.person.id, chat.id, what, now=now)
    if link.state not in UNREVOKED:
        await _show_standing(link, chat, asker, asked, desk)
        return
    if callback_data.person != asked.person.id or not may_replace(asker, link):
        raise NotYours(link.number)
    begun = any(intent.update_id == asked.update_id for intent in await desk.ledger.intents.open(chat.id))
    if fresh_yes or begun:
        await _replace(link, chat, asker, asked, desk)
    else:
        await _ask(link, chat, asker, asked, desk, again=True)


async def _ask(link: Link, chat: Chat, asker: Asker, asked: Asked, desk: Desk, *, again: bool = False) -> None:
    if not may_replace(asker, link):
        if await acting.offered(link, chat, asker, asked, desk, act=Act.REPLACE):
            return
        await show_card(link, chat, asker, asked, desk, note=await _why_not(link, chat, asker, desk))
        return
    once = desk.confirmations.ask(asked.person.id, chat.id, _replacing(link), now=desk.clock())
    screen = screens.asks_replace(link, chat, viewer_id=asked.person.id, once=once, again=again)
    await desk.delivery.show(screen, asked)


async def _why_not(link: Link, chat: Chat, asker: Asker, desk: Desk) -> str:
    """Raises NotYours."""
    if link.state in UNREVOKED and not link.primary:
        return "not-primary"
    if link.state in UNREVOKED and link.by_this_bot:
        raise NotYours(link.number)
    note = await why_not(link, chat, asker, desk, own_primary="primary")
    return note.removeprefix("others-")


async def _replace(link: Link, chat: Chat, asker: Asker, asked: Asked, desk: Desk) -> None:
    """Asks for a new one only after this update's intent was written for the first time. Where another's came to an
    unknown end, or the link stands no more, what getChat tells comes before that, and may be the outcome."""
    old = await desk.ledger.links.secret(link.id)
    wish = {"number": link.number}
    _, is_new = await desk.ledger.intents.intend(asked.update_id, "replace", chat.id, asked.person.id, wish)
    try:
        sure = is_new and await _surely_stands(link, asked, desk)
        standing = old if sure else await _standing(chat, desk)
        meanwhile = standing != old
        if is_new and not meanwhile:
            standing = await _exported(chat, desk)
        if standing == old:
            raise TelegramRefused
    except UNANSWERED:
        await desk.delivery.show(screens.may_have_changed(link, chat), asked)
        return
    except (TelegramAPIError, BotPowerless, TelegramRefused):
        await desk.ledger.intents.failed(asked.update_id)
        raise
    new = await desk.ledger.links.replaced(
        chat.id, SeenLink(standing, desk.me.id, primary=True), old=SeenLink(old, desk.me.id, primary=True),
        by=asked.person.id, how="bot", update_id=asked.update_id,
    )  # fmt: skip
    note = "replaced-meanwhile" if is_new and meanwhile else "replaced-now"
    await show_card(new, chat, asker, asked, desk, note=note, old=link.number)


async def _surely_stands(link: Link, asked: Asked, desk: Desk) -> bool:
    """Only this bot can replace its primary link: where the book holds it for standing and no other press is open, so
    it is. Read after this press's intent was written, so that of two at once one sees the other."""
    every = await desk.ledger.intents.open(link.chat_id)
    if any(one.act == "replace" and one.update_id != asked.update_id for one in every):
        return False
    now = await desk.ledger.links.get(link.id)
    return now is not None and now.state in UNREVOKED


async def _exported(chat: Chat, desk: Desk) -> str:
    """The primary link that stands after one exportChatInviteLink, whose answer may be lost. Raises as
    `_standing`."""
    try:
        return await desk.bot.export_chat_invite_link(chat.id)
    except UNANSWERED:
        return await _standing(chat, desk)
    except TelegramForbiddenError:
        raise BotPowerless("present") from None
    except TelegramBadRequest as refusal:
        raise (BotPowerless("invite") if powerless(refusal) else TelegramRefused) from None


async def _standing(chat: Chat, desk: Desk) -> str:
    """This bot's primary link now. Raises BotPowerless, and what getChat raises where its answer is lost."""
    try:
        full = await desk.bot.get_chat(chat.id)
    except (TelegramForbiddenError, TelegramBadRequest):
        raise BotPowerless("present") from None
    if not full.invite_link:
        raise BotPowerless("invite")
    return full.invite_link


async def _show_standing(old: Link, chat: Chat, asker: Asker, asked: Asked, desk: Desk) -> None:
    """After a yes for a link that does not stand any more: the one that does."""
    standing = await desk.ledger.links.find_by_link(chat.id, await _standing(chat, desk))
    if standing is None or not old.by_this_bot:
        await show_card(old, chat, asker, asked, desk, note="revoked-already")
    else:
        await show_card(standing, chat, asker, asked, desk, note="replaced-now", old=old.number)


def _replacing(link: Link) -> str:
    return f"replace {link.number}"


def register(routes: Router) -> None:
    routes.callback_query.register(ask, CardPress.filter(F.act == CardAct.REPLACE))
    routes.callback_query.register(confirm, ReplacePress.filter())

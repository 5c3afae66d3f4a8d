"""`/invite 12 rotate`: a link this bot made gets a new key under its number, then the old key is revoked.

First new, then old: nothing lets nobody in meanwhile. Both are in the book before the next step, so that what a
kill or a lost answer left undone is known: a new key is found by the next sweep, an old one is revoked by `Formers`.
"""

from __future__ import annotations

import structlog
from aiogram import F, Router
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramForbiddenError
from aiogram.types import CallbackQuery

from bot import screens
from bot.access import Asker, may_rotate
from bot.asked import Asked
from bot.callbacks import CardAct, CardPress, RotatePress
from bot.desk import Desk
from bot.errors import BotPowerless, NotYours, TelegramRefused
from bot.handlers import entry, primary
from bot.handlers.card import ALREADY, by_number, find, powerless, show_card, why_not
from bot.handlers.creating import PAST, call_for
from bot.meeting import seen_whole
from bot.patience import UNANSWERED
from bot.wishes import ReplaceWish, RotateWish
from ledger.chats import Chat, Role
from ledger.inbox import Intent
from ledger.links import UNREVOKED, FormerKey, Link, SeenLink, State

TRIED_AFTER, TRIED_AT_MOST = 30, 3600  # seconds between two tries to revoke an old key

log = structlog.get_logger("bot.rotating")


async def ask_rotate(wish: RotateWish | ReplaceWish, chat: Chat, asker: Asker, asked: Asked, desk: Desk) -> None:
    """The question, or on the card why there is none; a primary link is replaced. Raises UnknownNumber, Unclear,
    NotYours."""
    link = await find(wish.card, chat.id, desk)
    if link.primary or (isinstance(wish, ReplaceWish) and not link.by_this_bot):
        await primary.ask_about(link, chat, asker, asked, desk)
    else:
        await _ask(link, chat, asker, asked, desk)


async def ask(query: CallbackQuery, callback_data: CardPress, asked: Asked, desk: Desk) -> None:
    if await desk.delivery.ack(asked):
        chat, asker = await entry.by_number(asked, desk, callback_data.chat)
        await _ask(await by_number(callback_data.number, chat.id, desk), chat, asker, asked, desk)


async def confirm(query: CallbackQuery, callback_data: RotatePress, asked: Asked, desk: Desk) -> None:
    """A yes counts one time, from the person who was asked, and for the key he was asked about. Run again it makes
    no other key, but ends what the first run began. Raises NotYours, BotPowerless, TelegramRefused."""
    if not await desk.delivery.ack(asked):
        return
    chat, asker = await entry.by_number(asked, desk, callback_data.chat, fresh=True)
    link = await by_number(callback_data.number, chat.id, desk)
    now, what = desk.clock(), _rotating(link, callback_data.nth)
    fresh_yes = desk.confirmations.answer(callback_data.once, asked.person.id, chat.id, what, now=now)
    begun = await desk.ledger.intents.of(asked.update_id)
    if begun is None:
        if callback_data.person != asked.person.id or not may_ask_for_it(asker, link):
            raise NotYours(link.number)
        if len(await desk.ledger.links.former_keys(link.id)) != callback_data.nth:
            await _show(link, chat, asker, asked, desk)
            return
        if not may_rotate(asker, link) or not fresh_yes:
            await _ask(link, chat, asker, asked, desk, again=True)
            return
    await _rotate(link, chat, asker, asked, desk)


class Formers:
    """Revokes the old keys of rotated links that nobody has revoked yet: after a kill, a lost answer, a refusal."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._next: dict[int, tuple[float, float]] = {}  # by key: when it is tried again, and after how long then

    async def run(self) -> None:
        now = self._desk.clock()
        for key in await self._desk.ledger.links.keys_to_close():
            due, wait = self._next.get(key.id, (0.0, TRIED_AFTER))
            chat = await self._desk.ledger.chats.get(key.chat_id)
            if due > now or chat is None or chat.bot_role not in (Role.OWNER, Role.ADMIN):
                continue
            self._next[key.id] = now + wait, min(2 * wait, TRIED_AT_MOST)
            if await close(key, self._desk):
                del self._next[key.id]


async def close(key: FormerKey, desk: Desk) -> bool:
    """Whether Telegram has revoked the old key: now, or before."""
    if key.closed is not None:
        return True
    try:
        await desk.bot.revoke_chat_invite_link(key.chat_id, await desk.ledger.links.former_secret(key.id))
    except TelegramAPIError as refusal:
        if not isinstance(refusal, TelegramBadRequest) or ALREADY not in refusal.message:
            log.warning("an old key is not revoked yet", chat=key.chat_id, why=type(refusal).__name__)
            return False
    await desk.ledger.links.key_closed(key.id)
    return True


def may_ask_for_it(asker: Asker, link: Link) -> bool:
    """Whether the link was this asker's to rotate, whatever became of it since."""
    return may_rotate(asker, link) or link.state != State.LIVE


async def _ask(link: Link, chat: Chat, asker: Asker, asked: Asked, desk: Desk, *, again: bool = False) -> None:
    if not may_rotate(asker, link):
        await show_card(link, chat, asker, asked, desk, note=await _why_not(link, chat, asker, desk))
        return
    nth = len(await desk.ledger.links.former_keys(link.id))
    once = desk.confirmations.ask(asked.person.id, chat.id, _rotating(link, nth), now=desk.clock())
    screen = screens.asks_rotate(link, chat, viewer_id=asked.person.id, nth=nth, once=once, again=again)
    await desk.delivery.show(screen, asked)


async def _why_not(link: Link, chat: Chat, asker: Asker, desk: Desk) -> str:
    """Raises NotYours."""
    if link.by_this_bot and not link.primary and link.state in UNREVOKED and link.state != State.LIVE:
        return "rotate-closed"  # a key for nobody cannot be made
    if not link.by_this_bot and link.state in UNREVOKED:
        return "rotate-others"
    return await why_not(link, chat, asker, desk, own_primary="primary")


async def _rotate(link: Link, chat: Chat, asker: Asker, asked: Asked, desk: Desk) -> None:
    """Asks for a new key only after this update's intent was written for the first time; else the book tells what
    came of that."""
    wish = {
        "number": link.number, "title": link.title, "expires": link.expires, "limit": link.places or 0,
        "approval": link.approval,
    }  # fmt: skip
    intent, is_new = await desk.ledger.intents.intend(asked.update_id, "rotate", chat.id, asked.person.id, wish)
    if intent.state == "failed":
        raise TelegramRefused
    new = await _created(intent, link, chat, asked, desk) if is_new else None
    if new is not None:
        await desk.ledger.links.rotated(link.id, new, by=asked.person.id, how="bot", update_id=asked.update_id)
        for earlier in await desk.ledger.intents.open(chat.id):  # what those came to would be another link
            if earlier.act == "rotate" and earlier.wish["number"] == link.number:
                await desk.ledger.intents.failed(earlier.update_id)
    elif intent.state == "open":
        await desk.delivery.show(screens.may_have_rotated(link, chat), asked)
        return
    for key in await desk.ledger.links.former_keys(link.id):
        await close(key, desk)
    await _show(link, chat, asker, asked, desk)


async def _created(intent: Intent, link: Link, chat: Chat, asked: Asked, desk: Desk) -> SeenLink | None:
    """The new key; None where Telegram's answer was lost. Raises BotPowerless, TelegramRefused."""
    try:
        made = await call_for({**intent.wish, "price": link.price}, chat.id, desk)
    except UNANSWERED:
        return None
    except TelegramAPIError as refusal:
        await desk.ledger.intents.failed(asked.update_id)
        if isinstance(refusal, TelegramForbiddenError):
            raise BotPowerless("present") from None
        if not isinstance(refusal, TelegramBadRequest) or PAST in refusal.message:
            raise
        raise (BotPowerless("invite") if powerless(refusal) else TelegramRefused) from None
    return seen_whole(made)


async def _show(link: Link, chat: Chat, asker: Asker, asked: Asked, desk: Desk) -> None:
    """The link as it is now, and whether its old key still works."""
    now = await by_number(link.number, chat.id, desk)
    keys = await desk.ledger.links.former_keys(link.id)
    note = "rotated-open" if any(key.closed is None for key in keys) else "rotated-now"
    await show_card(now, chat, asker, asked, desk, note=note)


def _rotating(link: Link, nth: int) -> str:
    return f"rotate {link.number} {nth}"


def register(routes: Router) -> None:
    routes.callback_query.register(ask, CardPress.filter(F.act == CardAct.ROTATE))
    routes.callback_query.register(confirm, RotatePress.filter())

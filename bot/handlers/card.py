"""One link: its card, the reveal of its key, its revoke."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import CallbackQuery

from bot import screens
from bot.access import Asker, Executor, executors, may_reveal, may_revoke
from bot.asked import Asked
from bot.callbacks import CardAct, CardPress, Confirmations, ConfirmPress
from bot.desk import Desk
from bot.errors import BotPowerless, NotYours, UnknownNumber
from bot.grammar import CardWish, Unclear
from bot.handlers import entry
from bot.screens.listing import name_of
from ledger.chats import Chat, Role
from ledger.links import Link, State

ALREADY = ("INVITE_HASH_EXPIRED",)


async def open_card(wish: CardWish, chat: Chat, asker: Asker, asked: Asked, desk: Desk) -> None:
    """Raises UnknownNumber, Unclear."""
    if wish.number:
        link = await _by_number(desk, chat.id, wish.number)
    else:
        link = await _by_text(desk, chat.id, wish)
    await _show_card(link, chat, asker, asked, desk)


async def card(query: CallbackQuery, callback_data: CardPress, asked: Asked, desk: Desk) -> None:
    if await desk.delivery.ack(asked):
        chat, asker = await entry.by_number(asked, desk, callback_data.chat)
        await _show_card(await _by_number(desk, chat.id, callback_data.number), chat, asker, asked, desk)


async def reveal(query: CallbackQuery, callback_data: CardPress, asked: Asked, desk: Desk) -> None:
    """Show and Copy: rights are asked afresh, the reveal is in the book before the key is on a screen."""
    if not await desk.delivery.ack(asked):
        return
    chat, asker = await entry.by_number(asked, desk, callback_data.chat, fresh=True)
    link = await _by_number(desk, chat.id, callback_data.number)
    if not link.whole or not may_reveal(asker, link):
        raise NotYours
    copying = callback_data.act == CardAct.COPY
    whole = await desk.ledger.links.reveal(link.id, asked.person.id, "copy" if copying else "show")
    screen = screens.revealed(
        link, chat, whole, now=int(desk.clock()), viewer_id=asked.person.id, copying=copying,
        executors=await _executors(link, chat, asker, desk), hides=not asked.in_group,
    )  # fmt: skip
    await desk.delivery.reveal(screen, asked, chat_id=chat.id, number=link.number, name=name_of(link))


class Revoking:
    """Asks once, then revokes: a yes counts one time, from the person who was asked."""

    def __init__(self) -> None:
        self._confirmations: Confirmations | None = None

    async def ask(self, query: CallbackQuery, callback_data: CardPress, asked: Asked, desk: Desk) -> None:
        if not await desk.delivery.ack(asked):
            return
        chat, asker = await entry.by_number(asked, desk, callback_data.chat)
        link = await _by_number(desk, chat.id, callback_data.number)
        if not may_revoke(asker, link):
            raise NotYours
        await self._ask(link, chat, asked, desk, undo=callback_data.act == CardAct.UNDO)

    async def confirm(self, query: CallbackQuery, callback_data: ConfirmPress, asked: Asked, desk: Desk) -> None:
        if not await desk.delivery.ack(asked):
            return
        chat, asker = await entry.by_number(asked, desk, callback_data.chat, fresh=True)
        link = await _by_number(desk, chat.id, callback_data.number)
        fresh_yes = self._asked(desk).answer(callback_data, asked.person.id)
        if link.state == State.REVOKED:  # by this very press, before a restart, or by another's
            await _show_card(link, chat, asker, asked, desk)
            return
        if callback_data.person != asked.person.id or not may_revoke(asker, link):
            raise NotYours
        if not fresh_yes:
            await self._ask(link, chat, asked, desk, again=True)
            return
        await _revoke(link, chat, asked, desk)
        link = await desk.ledger.links.revoked(link.id, by=asked.person.id, how="bot")
        await _show_card(link, chat, asker, asked, desk, just_revoked=True)

    async def _ask(
        self, link: Link, chat: Chat, asked: Asked, desk: Desk, *, undo: bool = False, again: bool = False
    ) -> None:
        once = self._asked(desk).ask(asked.person.id, chat.id, link.number)
        screen = screens.asks_revoke(link, chat, viewer_id=asked.person.id, once=once, undo=undo, again=again)
        await desk.delivery.show(screen, asked)

    def _asked(self, desk: Desk) -> Confirmations:
        if self._confirmations is None:
            self._confirmations = Confirmations(desk.clock)
        return self._confirmations


async def _revoke(link: Link, chat: Chat, asked: Asked, desk: Desk) -> None:
    """Raises BotPowerless. A link that is revoked already is what was wanted."""
    secret = await desk.ledger.links.secret(link.id)
    try:
        await desk.bot.revoke_chat_invite_link(chat.id, secret)
    except TelegramForbiddenError:
        raise BotPowerless("present") from None
    except TelegramBadRequest as refusal:
        if "not enough rights" in refusal.message or "CHAT_ADMIN_REQUIRED" in refusal.message:
            raise BotPowerless("invite") from None
        if not any(said in refusal.message for said in ALREADY):
            raise


async def _show_card(
    link: Link, chat: Chat, asker: Asker, asked: Asked, desk: Desk, *, just_revoked: bool = False
) -> None:
    screen = screens.card(
        link, chat, now=int(desk.clock()), viewer_id=asked.person.id, may_show=may_reveal(asker, link),
        may_revoke=may_revoke(asker, link), executors=await _executors(link, chat, asker, desk),
        just_revoked=just_revoked,
    )  # fmt: skip
    await desk.delivery.show(screen, asked)


async def _executors(link: Link, chat: Chat, asker: Asker, desk: Desk) -> tuple[Executor, ...]:
    maker = await desk.ledger.chats.person(link.creator_id)
    now_known = await desk.ledger.chats.get(chat.id)  # `chat` may be a minute old, the account quicker
    account = await desk.ledger.programs.account()
    owns = (now_known or chat).account_role == Role.OWNER
    return executors(
        link, asker, maker_is_bot=maker is not None and maker.is_bot, owner_id=account.person_id if owns else None
    )


async def _by_number(desk: Desk, chat_id: int, number: int) -> Link:
    link = await desk.ledger.links.find(chat_id, number)
    if link is None:
        raise UnknownNumber(number)
    return link


async def _by_text(desk: Desk, chat_id: int, wish: CardWish) -> Link:
    """By a pasted link, or by its last three characters where they are one link's alone."""
    if wish.link:
        link = await desk.ledger.links.find_by_link(chat_id, wish.link)
        found = [link] if link else []
    else:
        found = await desk.ledger.links.find_by_tail(chat_id, wish.tail)
    if len(found) != 1:
        raise Unclear("several-links" if found else "unknown-link", f"…{wish.tail or wish.link[-3:]}", "/invite 12")
    return found[0]


def router() -> Router:
    cards, revoking = Router(name="card"), Revoking()
    cards.callback_query.register(card, CardPress.filter(F.act == CardAct.CARD))
    cards.callback_query.register(reveal, CardPress.filter(F.act.in_({CardAct.SHOW, CardAct.COPY})))
    cards.callback_query.register(revoking.ask, CardPress.filter(F.act.in_({CardAct.REVOKE, CardAct.UNDO})))
    cards.callback_query.register(revoking.confirm, ConfirmPress.filter())
    return cards

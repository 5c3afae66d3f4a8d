"""One link: its card, the reveal of its key, its revoke."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aiogram import F, Router
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import CallbackQuery, Message

from bot import screens
from bot.access import (
    Asker,
    Executor,
    Standing,
    executors,
    may_remove,
    may_replace,
    may_reveal,
    may_revoke,
    may_rotate,
    may_see_joiners,
)
from bot.asked import Asked
from bot.callbacks import CardAct, CardPress, ConfirmPress
from bot.desk import Desk
from bot.errors import BotPowerless, NotYours, UnknownNumber
from bot.handlers import acting, entry
from bot.screens.listing import name_of
from bot.wishes import CardWish, RevokeWish, Unclear
from ledger.chats import Chat, Role
from ledger.errands import Act
from ledger.links import UNREVOKED, Link, SeenLink, State
from ledger.rights import by_account
from ledger.sweeps import Read

ALREADY = "INVITE_HASH_EXPIRED"


async def open_card(wish: CardWish, chat: Chat, asker: Asker, asked: Asked, desk: Desk) -> None:
    """Raises UnknownNumber, Unclear."""
    await show_card(await find(wish, chat.id, desk), chat, asker, asked, desk)


async def card(query: CallbackQuery, callback_data: CardPress, asked: Asked, desk: Desk) -> None:
    if await desk.delivery.ack(asked):
        chat, asker = await entry.by_number(asked, desk, callback_data.chat)
        await show_card(await by_number(callback_data.number, chat.id, desk), chat, asker, asked, desk)


async def reveal(query: CallbackQuery, callback_data: CardPress, asked: Asked, desk: Desk) -> None:
    """Show and Copy: rights are asked afresh, the reveal is in the book before the key is on a screen."""
    if not await desk.delivery.ack(asked):
        return
    link, chat, asker = await _to_reveal(callback_data, asked, desk)
    copying = callback_data.act == CardAct.COPY
    whole = await desk.ledger.links.reveal(link.id, asked.person.id, "copy" if copying else "show")
    screen = screens.revealed(
        link, chat, whole, now=int(desk.clock()), viewer_id=asked.person.id, copying=copying,
        executors=await _executors(link, chat, asker, desk), hides=not asked.in_group, whom=await whom_of(link, desk),
        read=await _read_of(link, desk),
    )  # fmt: skip
    await desk.delivery.reveal(screen, asked, chat_id=chat.id, number=link.number, name=name_of(link))


async def reveal_qr(query: CallbackQuery, callback_data: CardPress, asked: Asked, desk: Desk) -> None:
    """As Show, by a picture beside the card. Where it cannot stand there, the card says so."""
    if not await desk.delivery.ack(asked):
        return
    link, chat, asker = await _to_reveal(callback_data, asked, desk)
    whole = await desk.ledger.links.reveal(link.id, asked.person.id, "qr")
    place = await desk.delivery.reveal_picture(screens.qr(link, chat, whole, hides=not asked.in_group), asked)
    if place is None or place.chat_id != asked.here:
        await show_card(link, chat, asker, asked, desk, note="qr-private" if place else "qr-unsent")


async def hide_qr(query: CallbackQuery, callback_data: CardPress, asked: Asked, desk: Desk) -> None:
    """Takes the picture away, whoever may still see its key; on any other message it is the card."""
    if not isinstance(query.message, Message) or not query.message.photo:
        await card(query, callback_data, asked, desk)
    elif await desk.delivery.ack(asked):
        await desk.delivery.hide_picture(asked)


async def ask_revoke(wish: RevokeWish, chat: Chat, asker: Asker, asked: Asked, desk: Desk) -> None:
    """`/invite revoke 12`: the question, or on the card why there is none. Raises UnknownNumber, Unclear, NotYours."""
    await _ask(await find(wish.card, chat.id, desk), chat, asker, asked, desk)


async def revoke(query: CallbackQuery, callback_data: CardPress, asked: Asked, desk: Desk) -> None:
    if await desk.delivery.ack(asked):
        chat, asker = await entry.by_number(asked, desk, callback_data.chat)
        link = await by_number(callback_data.number, chat.id, desk)
        await _ask(link, chat, asker, asked, desk, undo=callback_data.act == CardAct.UNDO)


async def confirm_revoke(query: CallbackQuery, callback_data: ConfirmPress, asked: Asked, desk: Desk) -> None:
    """A yes counts one time, from the person who was asked."""
    if not await desk.delivery.ack(asked):
        return
    chat, asker = await entry.by_number(asked, desk, callback_data.chat, fresh=True)
    link = await by_number(callback_data.number, chat.id, desk)
    now, what = desk.clock(), _revoking(link)
    fresh_yes = desk.confirmations.answer(callback_data.once, asked.person.id, chat.id, what, now=now)
    if link.state == State.REVOKED:  # by this very press, before a restart, or by another's
        await show_card(link, chat, asker, asked, desk)
        return
    if callback_data.person != asked.person.id or not may_revoke(asker, link):
        raise NotYours(link.number)
    if not fresh_yes:
        await _ask(link, chat, asker, asked, desk, again=True)
        return
    link = await revoke_link(link, chat, desk, by=asked.person.id)
    await show_card(link, chat, asker, asked, desk, note="revoked-now")


async def show_card(
    link: Link, chat: Chat, asker: Asker, asked: Asked, desk: Desk, *, note: str = "", old: int = 0,
    by_hand: Sequence[Executor] = (),
) -> None:  # fmt: skip
    """`note`, `old` and `by_hand` as the screen takes them."""
    screen = screens.card(
        link, chat, now=int(desk.clock()), viewer_id=asked.person.id, may_show=may_reveal(asker, link),
        may_change=await acting.changeable(link, chat, asker, desk),
        may_replace=may_replace(asker, link) or await acting.can(Act.REPLACE, link, chat, asker, desk),
        may_rotate=may_rotate(asker, link), may_remove=await _removable(link, chat, asker, desk),
        may_who=may_see_joiners(asker, link), may_delete=await acting.can(Act.DELETE, link, chat, asker, desk),
        executors=await _executors(link, chat, asker, desk), note=note, old=old, whom=await whom_of(link, desk),
        read=await _read_of(link, desk), by_hand=by_hand,
    )  # fmt: skip
    await desk.delivery.show(screen, asked)


async def _removable(link: Link, chat: Chat, asker: Asker, desk: Desk) -> bool:
    """Whether this bot would put out for the asker anyone it knows to have come by the link."""
    if not may_remove(asker, link) or chat.bot_restricts is False or link.joined <= link.leavers:
        return False
    return (await desk.ledger.joiners.page(link.id, size=1)).known > link.leavers


async def why_not(link: Link, chat: Chat, asker: Asker, desk: Desk, *, own_primary: str) -> str:
    """The note of why nothing of the link can be changed here, `own_primary` where it is this bot's, with the
    way to replace it for who may. Raises NotYours where the link could be, but not for this asker."""
    if link.state not in UNREVOKED:
        return "revoked-already" if link.state == State.REVOKED else "gone"
    if not link.by_this_bot:
        makers = await _executors(link, chat, asker, desk)
        if Executor.OTHER_BOT in makers:
            return "by-other-bot"
        account = await acting.account_here(chat.id, desk)
        act, let = Act.REPLACE if link.primary else Act.EDIT, replace(account, acts=True)
        could = asker.standing == Standing.OWNER and by_account(act, asker, link, let, maker_is_bot=False)
        by_hand = "by-hand-account" if could and account.role == Role.OWNER and not account.acts else "by-hand"
        if not link.primary:
            return by_hand
        replaces = await acting.can(Act.REPLACE, link, chat, asker, desk)
        return "others-primary" if replaces else f"others-primary-{by_hand}"
    if link.primary:
        return f"own-{own_primary}" if may_replace(asker, link) else own_primary
    raise NotYours(link.number)


async def find(wish: CardWish, chat_id: int, desk: Desk) -> Link:
    """By number, by a pasted link, or by its last three characters where they are one link's alone. Raises
    UnknownNumber, Unclear."""
    if wish.number:
        return await by_number(wish.number, chat_id, desk)
    if wish.link:
        link = await desk.ledger.links.find_by_link(chat_id, wish.link)
        found = [link] if link else []
    else:
        found = await desk.ledger.links.find_by_tail(chat_id, wish.tail)
    if len(found) != 1:
        raise Unclear("several-links" if found else "unknown-link", f"…{wish.tail or wish.link[-3:]}", "/invite 12")
    return found[0]


async def by_number(number: int, chat_id: int, desk: Desk) -> Link:
    """Raises UnknownNumber."""
    link = await desk.ledger.links.find(chat_id, number)
    if link is None:
        raise UnknownNumber(number)
    return link


async def whom_of(link: Link, desk: Desk) -> str:
    """Whom a link is for, as people say it; empty where it is for anyone."""
    if link.for_person is None:
        return f"@{link.for_name}" if link.for_name else ""
    person = await desk.ledger.chats.person(link.for_person)
    if person is None:
        return str(link.for_person)
    return f"@{person.username}" if person.username else person.name or str(person.id)


def powerless(refusal: TelegramBadRequest) -> bool:
    """Whether Telegram says that the bot lacks the right to invite."""
    return "not enough rights" in refusal.message or "CHAT_ADMIN_REQUIRED" in refusal.message


async def _to_reveal(press: CardPress, asked: Asked, desk: Desk) -> tuple[Link, Chat, Asker]:
    """Raises NotYours where this person may not see the key now, and UnknownNumber."""
    chat, asker = await entry.by_number(asked, desk, press.chat, fresh=True)
    link = await by_number(press.number, chat.id, desk)
    if not link.whole or not may_reveal(asker, link):
        raise NotYours(link.number)
    return link, chat, asker


async def _ask(
    link: Link, chat: Chat, asker: Asker, asked: Asked, desk: Desk, *, undo: bool = False, again: bool = False
) -> None:
    if not may_revoke(asker, link):
        if await acting.offered(link, chat, asker, asked, desk, act=Act.REVOKE):
            return
        note = await why_not(link, chat, asker, desk, own_primary="primary-revoke")
        await show_card(link, chat, asker, asked, desk, note=note)
        return
    once = desk.confirmations.ask(asked.person.id, chat.id, _revoking(link), now=desk.clock())
    screen = screens.asks_revoke(link, chat, viewer_id=asked.person.id, once=once, undo=undo, again=again)
    await desk.delivery.show(screen, asked)


async def revoke_link(link: Link, chat: Chat, desk: Desk, *, by: int) -> Link:
    """The link as it is then. A link that is revoked already is what was wanted, so it may be asked for again.
    Raises BotPowerless."""
    secret = await desk.ledger.links.secret(link.id)
    try:
        told = await desk.bot.revoke_chat_invite_link(chat.id, secret)
    except TelegramForbiddenError:
        raise BotPowerless("present") from None
    except TelegramBadRequest as refusal:
        if powerless(refusal):
            raise BotPowerless("invite") from None
        if ALREADY not in refusal.message:
            raise
        told = None
    if link.primary or (told is not None and told.is_primary):
        # Telegram put another in its place and names only the old, which the book may have taken for an ordinary one.
        full = await desk.bot.get_chat(chat.id)
        if full.invite_link:
            new = SeenLink(full.invite_link, desk.me.id, primary=True)
            old = SeenLink(secret, desk.me.id, primary=True)
            await desk.ledger.links.replaced(chat.id, new, old=old, by=by, how="bot", update_id=None)
    return await desk.ledger.links.revoked(link.id, by=by, how="bot")


def _revoking(link: Link) -> str:
    return f"revoke {link.number}"


async def _read_of(link: Link, desk: Desk) -> Read | None:
    """None for what this bot knows by itself, and for what is listed no more."""
    return None if link.by_this_bot or link.state == State.GONE else await desk.ledger.sweeps.read_of(link)


async def _executors(link: Link, chat: Chat, asker: Asker, desk: Desk) -> tuple[Executor, ...]:
    maker = await desk.ledger.chats.person(link.creator_id)
    account = await acting.account_here(chat.id, desk)
    return executors(
        link, asker, maker_is_bot=maker is not None and maker.is_bot, account=account,
        owner_id=account.person_id if account.role == Role.OWNER else None,
    )  # fmt: skip


def register(routes: Router) -> None:
    routes.callback_query.register(card, CardPress.filter(F.act == CardAct.CARD))
    routes.callback_query.register(reveal, CardPress.filter(F.act.in_({CardAct.SHOW, CardAct.COPY})))
    routes.callback_query.register(reveal_qr, CardPress.filter(F.act == CardAct.QR))
    routes.callback_query.register(hide_qr, CardPress.filter(F.act == CardAct.HIDE))
    routes.callback_query.register(revoke, CardPress.filter(F.act.in_({CardAct.REVOKE, CardAct.UNDO})))
    routes.callback_query.register(confirm_revoke, ConfirmPress.filter())

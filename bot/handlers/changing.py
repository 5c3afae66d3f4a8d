"""`/invite 12 7d`: a link this bot made gets another name, end, limit or approval, and goes back again.

Telegram resets what an edit leaves out, so all four are sent each time. The Bot API reads no single link:
what an edit without an answer came to stays unknown until a sweep.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from aiogram import Router
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramForbiddenError
from aiogram.types import CallbackQuery, ChatInviteLink

from bot import screens
from bot.access import Asker, may_change, may_reveal
from bot.asked import Asked, Way
from bot.callbacks import UndoPress
from bot.desk import Desk
from bot.errors import BotPowerless, TelegramRefused
from bot.handlers import acting, entry
from bot.handlers.asking import ask
from bot.handlers.card import ALREADY, by_number, find, powerless, show_card, why_not
from bot.handlers.creating import PAST
from bot.meeting import seen_whole
from bot.patience import UNANSWERED
from bot.wishes import LIMIT_AT_MOST, EditWish, Unclear
from ledger.chats import Chat
from ledger.errands import Act
from ledger.inbox import Intent
from ledger.links import Link, SeenLink
from ledger.listing import Event

PERMANENT = "CHAT_INVITE_PERMANENT"


@dataclass(frozen=True, slots=True)
class Terms:
    """All that an edit sets: `expires` in Unix seconds, None never; `limit` 0 is none; `once` is the book's alone."""

    title: str
    expires: int | None
    limit: int
    approval: bool
    once: bool = False


class Unchangeable(Exception):
    """Telegram refuses every change of this link; `note` is the card's word for why."""

    def __init__(self, note: str) -> None:
        super().__init__(note)
        self.note = note


async def edit(wish: EditWish, chat: Chat, asker: Asker, asked: Asked, desk: Desk, *, draft: int | None = None) -> None:
    """`draft` is the row that kept the wish: it ends with the intent. Raises UnknownNumber, Unclear, NotYours,
    BotPowerless, TelegramRefused."""
    link = await find(wish.card, chat.id, desk)
    if await acting.asked_before(link, chat, asked, desk):
        return
    if not await acting.changeable(link, chat, asker, desk):
        note = await why_not(link, chat, asker, desk, own_primary="primary")
        await show_card(link, chat, asker, asked, desk, note=note)
        return
    if 0 < (wish.limit or 0) <= link.carried and (wish.in_all or link.joined + (wish.limit or 0) > LIMIT_AT_MOST):
        raise Unclear("below-former", str(link.carried), f"/invite {link.number} x{link.joined + 10}")
    if wish.limit and not wish.in_all and not wish.once and wish.limit <= link.joined:
        await ask(screens.full_already(link, wish.limit), chat, asked, desk)
        return
    terms = meant(wish, link, await _unsure(link, desk), now=int(desk.clock()))
    relative = wish.lasts is not None and not wish.extend
    await _change(link, chat, asker, asked, desk, terms=terms, relative=relative, draft=draft)


async def undo(query: CallbackQuery, callback_data: UndoPress, asked: Asked, desk: Desk) -> None:
    """An edit back to what was. Raises as `edit`."""
    if not await desk.delivery.ack(asked):
        return
    chat, asker = await entry.by_number(asked, desk, callback_data.chat, fresh=True)
    link = await by_number(callback_data.number, chat.id, desk)
    if await acting.asked_before(link, chat, asked, desk):
        return
    if not await acting.changeable(link, chat, asker, desk):
        note = await why_not(link, chat, asker, desk, own_primary="primary")
        await show_card(link, chat, asker, asked, desk, note=note)
        return
    edits, nth = await _edits(link, desk), callback_data.change
    detail = edits[nth - 1].detail if 0 < nth <= len(edits) else {}
    was = {name: values[0] for name, values in detail.items() if name in Terms.__slots__}
    terms = Terms(**{**asdict(_of(link)), **was})
    if not was or (len(edits) != nth and terms != _of(link)):  # undone already, where this update ran before
        await show_card(link, chat, asker, asked, desk, note="changed-since")
    else:
        await _change(link, chat, asker, asked, desk, terms=terms, relative=False)


def meant(wish: EditWish, link: Link, unsure: Terms | None, *, now: int) -> Terms:
    """What the link is to be. `unsure` is what an edit asked before whose answer was lost: it stands where the
    wish says nothing, except that a span is added to the end that is known. Raises Unclear."""
    base, example = unsure or _of(link), f"/invite {link.number}"
    if link.price and replace(wish, name=None) != EditWish(wish.card):
        raise Unclear("paid-name", "", f'{example} "New name"')
    if wish.once and not link.by_this_bot:  # nobody would revoke it after the first
        raise Unclear("once-other", "", f"{example} x{link.joined + 1}")
    if wish.once and link.joined:
        raise Unclear("once-used", "", f'/invite new "{link.title or "New name"}" once')
    limit = base.limit if wish.limit is None else wish.limit
    once = bool(wish.once) if wish.limit is not None else base.once
    approval = base.approval if wish.approval is None else wish.approval
    if limit and approval:
        if wish.limit:
            raise Unclear("limit-asked", "", f"{example} x{limit} ask off")
        raise Unclear("approval-limited", "", f"{example} ask on no limit")
    expires = base.expires
    if wish.forever:
        expires = None
    elif wish.until is not None:
        expires = wish.until
    elif wish.lasts is not None and not wish.extend:
        expires = now + wish.lasts
    elif wish.lasts is not None:
        if not link.expires:
            raise Unclear("endless", "", f"{example} 7d")
        expires = link.expires + wish.lasts
    if expires and expires <= now:
        raise Unclear("changed-end-past", "", f"{example} 7d")
    return Terms(base.title if wish.name is None else wish.name, expires, limit, approval, once)


async def _change(
    link: Link, chat: Chat, asker: Asker, asked: Asked, desk: Desk, *, terms: Terms, relative: bool,
    draft: int | None = None,
) -> None:  # fmt: skip
    """The intent, in values that mean the same at any time, is in the book before the call. An update run again
    repeats nothing. What this bot did not make, the account changes."""
    line = asked.place if asked.way in (Way.OPEN, Way.PRIVATE) else None  # others are never edited
    if not may_change(asker, link):
        wish = _otherwise(link, terms)
        if not wish:
            await show_card(link, chat, asker, asked, desk, note="same")
            return
        await desk.ledger.intents.intend(
            asked.update_id, "account", chat.id, asked.person.id, {"number": link.number},
            here=line.chat_id if line else None, message_id=line.message_id if line else None, draft=draft,
        )  # fmt: skip
        await acting.offered(link, chat, asker, asked, desk, act=Act.EDIT, wish=wish)
        await desk.ledger.intents.handed_on(asked.update_id)
        return
    if terms == _of(link) and await _unsure(link, desk) is None:
        await show_card(link, chat, asker, asked, desk, note="same")
        return
    intent, is_new = await desk.ledger.intents.intend(
        asked.update_id, "edit", chat.id, asked.person.id, {"number": link.number, **asdict(terms)},
        here=line.chat_id if line else None, message_id=line.message_id if line else None, draft=draft,
    )  # fmt: skip
    if intent.state == "failed":
        raise TelegramRefused
    try:
        now = await _edited(link, terms, chat, asked, desk) if is_new else await _of_first_run(intent, desk)
    except Unchangeable as why:
        await show_card(await by_number(link.number, chat.id, desk), chat, asker, asked, desk, note=why.note)
        return
    if now is None:
        await desk.delivery.show(screens.may_have_changed(link, chat), asked)
        return
    screen = screens.changed(
        now, chat, at=intent.asked_at, relative=relative, may_show=may_reveal(asker, now),
        change=len(await _edits(now, desk)),
    )  # fmt: skip
    await desk.delivery.show(screen, asked)


async def _edited(link: Link, terms: Terms, chat: Chat, asked: Asked, desk: Desk) -> Link | None:
    """None where the answer was lost. Raises Unchangeable, BotPowerless, Unclear, TelegramRefused."""
    secret = await desk.ledger.links.secret(link.id)
    try:
        told = await _told(link, secret, terms, desk)
    except UNANSWERED:
        return None
    except TelegramAPIError as refusal:
        await desk.ledger.intents.failed(asked.update_id)
        if isinstance(refusal, TelegramForbiddenError):
            raise BotPowerless("present") from None
        if not isinstance(refusal, TelegramBadRequest):
            raise
        if powerless(refusal):
            raise BotPowerless("invite") from None
        if ALREADY in refusal.message:
            await desk.ledger.links.revoked(link.id, by=None, how="bot")
            raise Unchangeable("revoked-meanwhile") from None
        if PERMANENT in refusal.message:  # the book took it for an ordinary one
            await desk.ledger.links.noticed(chat.id, SeenLink(secret, desk.me.id, primary=True))
            raise Unchangeable("primary") from None
        if PAST in refusal.message:
            raise Unclear("changed-end-past", "", f"/invite {link.number} 7d") from None
        raise TelegramRefused from None
    now = await desk.ledger.links.edited(
        link.id, seen_whole(told), by=asked.person.id, how="bot", update_id=asked.update_id
    )
    for earlier in await _unanswered(link, desk):  # this edit set all four: what those came to is over
        await desk.ledger.intents.failed(earlier.update_id)
    return now


async def _told(link: Link, secret: str, terms: Terms, desk: Desk) -> ChatInviteLink:
    """A subscription takes a name and nothing else. Raises what Telegram answers."""
    if link.price:
        return await desk.bot.edit_chat_subscription_invite_link(link.chat_id, secret, name=terms.title)
    return await desk.bot.edit_chat_invite_link(
        link.chat_id,
        secret,
        name=terms.title,
        expire_date=terms.expires or 0,
        member_limit=link.limit_at_telegram(terms.limit),
        creates_join_request=terms.approval,
    )


async def _of_first_run(intent: Intent, desk: Desk) -> Link | None:
    """What an earlier run of the same update made of the link; None where that is unknown."""
    return await by_number(intent.wish["number"], intent.chat_id, desk) if intent.state == "done" else None


async def _unsure(link: Link, desk: Desk) -> Terms | None:
    """What the latest edit of the link meant whose answer was lost."""
    lost = await _unanswered(link, desk)
    return Terms(**{name: lost[-1].wish[name] for name in Terms.__slots__ if name in lost[-1].wish}) if lost else None


async def _unanswered(link: Link, desk: Desk) -> list[Intent]:
    every = await desk.ledger.intents.open(link.chat_id)
    return [one for one in every if one.act == "edit" and one.wish["number"] == link.number]


async def _edits(link: Link, desk: Desk) -> list[Event]:
    return [event for event in await desk.ledger.links.history(link.id) if event.what == "edited"]


def _otherwise(link: Link, terms: Terms) -> dict[str, Any]:
    """What the account is asked to change: what nobody spoke of its maker may have changed in the app meanwhile."""
    known = asdict(_of(link))
    return {name: value for name, value in asdict(terms).items() if value != known[name] and name != "once"}


def _of(link: Link) -> Terms:
    return Terms(link.title, link.expires, link.limit, link.approval, link.once)


def register(routes: Router) -> None:
    routes.callback_query.register(undo, UndoPress.filter())

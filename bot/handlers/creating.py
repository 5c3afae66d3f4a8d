"""`/invite new`: a link by this bot, made once however often its update is run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
)
from aiogram.types import ChatInviteLink

from bot import screens
from bot.asked import Asked, Way
from bot.desk import Desk
from bot.errors import BotPowerless, TelegramRefused
from bot.handlers.card import powerless, whom_of
from bot.meeting import seen_whole
from bot.patience import UNANSWERED
from bot.wishes import NewLink, Unclear
from ledger.chats import Chat
from ledger.inbox import Intent
from ledger.links import Link

PAST = "EXPIRE_DATE_INVALID"
SUBSCRIPTION_SECONDS = 2_592_000  # the only period Telegram takes; as a timedelta it would be sent as a date


async def make(wish: NewLink, chat: Chat, asked: Asked, desk: Desk, *, draft: int | None = None) -> None:
    """The intent is in the book before the call, the link the moment Telegram returned it. Telegram has no
    idempotency key, so an update run again repeats nothing: it shows what came of the first run. `draft` is the
    row that kept the wish: it goes with the intent. Raises BotPowerless, TelegramRefused, Unclear."""
    if wish.price and chat.kind != "channel":
        raise Unclear("paid-group", "", f'/invite new "{wish.name}"')
    expires = int(desk.clock()) + wish.lasts if wish.lasts else wish.until
    line = asked.place if asked.way in (Way.OPEN, Way.PRIVATE) else None  # others are never edited
    intent, is_new = await desk.ledger.intents.intend(
        asked.update_id, "create", chat.id, asked.person.id,
        {"title": wish.name, "expires": expires, "limit": wish.limit, "approval": wish.approval,
         **await _ours(wish, asked, desk)},
        here=line.chat_id if line else None, message_id=line.message_id if line else None, draft=draft,
    )  # fmt: skip
    link = await _created(intent, chat, asked, desk) if is_new else await _of_first_run(intent, desk)
    if link is None:
        await desk.delivery.show(screens.may_exist(chat, wish.name), asked)
        return
    screen = screens.created(
        link, chat, asked_at=intent.asked_at, relative=wish.until is None, whom=await whom_of(link, desk)
    )
    await desk.delivery.show(screen, asked)


async def _ours(wish: NewLink, asked: Asked, desk: Desk) -> dict[str, Any]:
    """What a link is besides its plain terms. Whom it is for goes by id where the book knows who has that
    username now, else by the username until he joins."""
    said: dict[str, Any] = {"once": True} if wish.once else {}
    if wish.price:
        said["price"] = wish.price
    name = wish.whom.removeprefix("@")
    await desk.ledger.chats.saw_people([one for one in asked.mentioned if str(one.id) == name])
    if name.isdecimal():
        return said | {"for_person": int(name)}
    person = await desk.ledger.chats.person_by_username(name) if name else None
    if person is not None:
        return said | {"for_person": person.id}
    return said | ({"for_name": name} if name else {})


async def _created(intent: Intent, chat: Chat, asked: Asked, desk: Desk) -> Link | None:
    """The new link; None where Telegram's answer was lost."""
    wish = intent.wish
    try:
        made = await call_for(wish, chat.id, desk)
    except UNANSWERED:
        return None
    except TelegramAPIError as refusal:
        await desk.ledger.intents.failed(asked.update_id)
        if isinstance(refusal, TelegramForbiddenError):
            raise BotPowerless("present") from None
        if isinstance(refusal, TelegramBadRequest):
            if PAST in refusal.message:
                raise Unclear("past", "") from None
            raise (BotPowerless("invite") if powerless(refusal) else TelegramRefused) from None
        raise
    seen = seen_whole(made)
    return await desk.ledger.links.made(chat.id, seen, asked_by=asked.person.id, update_id=asked.update_id)


async def call_for(wish: Mapping[str, Any], chat_id: int, desk: Desk) -> ChatInviteLink:
    """The one call that makes the link an intent of this bot means. Raises what Telegram answers."""
    if price := wish.get("price"):
        return await desk.bot.create_chat_subscription_invite_link(
            chat_id, subscription_period=SUBSCRIPTION_SECONDS, subscription_price=price, name=wish["title"]
        )
    return await desk.bot.create_chat_invite_link(
        chat_id,
        name=wish["title"],
        expire_date=wish["expires"],
        member_limit=wish["limit"] or None,
        creates_join_request=wish["approval"] or None,
    )


async def _of_first_run(intent: Intent, desk: Desk) -> Link | None:
    """What an earlier run of the same update came to; None where that is unknown. Raises TelegramRefused."""
    if intent.state == "failed":
        raise TelegramRefused
    return await desk.ledger.links.get(intent.link_id) if intent.link_id is not None else None

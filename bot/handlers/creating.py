"""`/invite new`: a link by this bot, made once however often its update is run."""

from __future__ import annotations

from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramServerError,
)

from bot import screens
from bot.asked import Asked, Way
from bot.desk import Desk
from bot.errors import BotPowerless, TelegramRefused
from bot.handlers.card import powerless
from bot.meeting import seen_whole
from bot.wishes import NewLink, Unclear
from ledger.chats import Chat
from ledger.inbox import Intent
from ledger.links import Link

# Telegram may have made the link although no answer came.
UNKNOWN_OUTCOME = (TelegramNetworkError, TelegramServerError)
PAST = "EXPIRE_DATE_INVALID"


async def make(wish: NewLink, chat: Chat, asked: Asked, desk: Desk) -> None:
    """The intent is in the book before the call, the link the moment Telegram returned it. Telegram has no
    idempotency key, so an update run again repeats nothing: it shows what came of the first run.
    Raises BotPowerless, TelegramRefused."""
    expires = int(desk.clock()) + wish.lasts if wish.lasts else wish.until
    line = asked.place if asked.way in (Way.OPEN, Way.PRIVATE) else None  # others are never edited
    intent, is_new = await desk.ledger.intents.intend(
        asked.update_id, "create", chat.id, asked.person.id,
        {"title": wish.name, "expires": expires, "limit": wish.limit, "approval": wish.approval},
        here=line.chat_id if line else None, message_id=line.message_id if line else None,
    )  # fmt: skip
    link = await _created(intent, chat, asked, desk) if is_new else await _of_first_run(intent, desk)
    if link is None:
        await desk.delivery.show(screens.may_exist(chat, wish.name), asked)
        return
    await desk.delivery.show(screens.created(link, chat, asked_at=intent.asked_at, relative=wish.until is None), asked)


async def _created(intent: Intent, chat: Chat, asked: Asked, desk: Desk) -> Link | None:
    """The new link; None where Telegram's answer was lost."""
    wish = intent.wish
    try:
        made = await desk.bot.create_chat_invite_link(
            chat.id,
            name=wish["title"],
            expire_date=wish["expires"],
            member_limit=wish["limit"] or None,
            creates_join_request=wish["approval"] or None,
        )
    except UNKNOWN_OUTCOME:
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


async def _of_first_run(intent: Intent, desk: Desk) -> Link | None:
    """What an earlier run of the same update came to; None where that is unknown. Raises TelegramRefused."""
    if intent.state == "failed":
        raise TelegramRefused
    return await desk.ledger.links.get(intent.link_id) if intent.link_id is not None else None

"""The way into a chat's book: which chat is meant, and whether this person may ask there now."""

from __future__ import annotations

from typing import Any

import structlog
from aiogram import Router
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.exceptions import TelegramAPIError
from aiogram.types import CallbackQuery, Message

from bot import moving
from bot.access import Asker
from bot.asked import Asked
from bot.commands import asks_for
from bot.desk import Desk
from bot.errors import BotError, NoChatChosen, NoInviteRight, NotAdmin, NotYours, Unserved
from ledger.chats import Chat

log = structlog.get_logger("bot.entry")


async def by_command(asked: Asked, desk: Desk, *, fresh: bool = False) -> tuple[Chat, Asker]:
    """Raises NoChatChosen, Unserved, NotAdmin, NoInviteRight. Who has lost his way into the chat he chose is
    offered the others he may ask about."""
    try:
        chat = await desk.access.chat_for(asked)
        return chat, await desk.access.admit(chat.id, asked.person.id, fresh=fresh)
    except (Unserved, NotAdmin, NoInviteRight):
        others = [] if asked.in_group else await desk.access.chats_of(asked.person.id)
        if not others:
            raise
        raise NoChatChosen(others) from None


async def lets_in(asked: Asked, desk: Desk) -> bool:
    """Whether the asker may ask here; in private anyone may talk to the bot."""
    if not asked.in_group:
        return True
    try:
        await by_command(asked, desk)
    except BotError:
        return False
    return True


async def by_number(asked: Asked, desk: Desk, chat_id: int, *, fresh: bool = False) -> tuple[Chat, Asker]:
    """The chat a button or start link names. In a group it can only be that group or the channel whose
    discussion it is: what else is named there was forged. Raises NotYours, Unserved, NotAdmin,
    NoInviteRight."""
    chat_id = await moving.now(desk.ledger, chat_id)
    if asked.in_group and chat_id != asked.here:
        here = await desk.access.served_chat(asked.here)
        if here.discussion_id != chat_id:
            raise NotYours
    chat = await desk.access.served_chat(chat_id)
    return chat, await desk.access.admit(chat.id, asked.person.id, fresh=fresh)


async def linked(chat: Chat, asked: Asked, desk: Desk) -> Chat | None:
    """The channel whose discussion this group is, or the group that discusses this channel, where it is
    served too and the asker may ask about it."""
    if chat.discussion_id is None:
        return None
    try:
        await desk.access.admit(chat.discussion_id, asked.person.id)
        return await desk.access.served_chat(chat.discussion_id)
    except (BotError, TelegramAPIError):  # a button less is no reason for no answer
        return None


async def as_typed(query: CallbackQuery, asked: Asked, data: dict[str, Any]) -> None:
    """Has the command in `asked.text` answered as if the presser had typed it. `data` is what aiogram gave
    to the handler of the press. Raises what the command's handler raises."""
    routes: Router = data["event_router"]
    said = {"text": asked.text, "from_user": query.from_user, "sender_chat": None}
    assert isinstance(query.message, Message)
    message = query.message.model_copy(update=said)
    given = data | {"asked": asked, "asks": asks_for(asked.text, in_private=message.chat.type == "private")}
    if await routes.message.trigger(message, **given) is UNHANDLED:
        log.info("a kept command has no handler", update=asked.update_id)

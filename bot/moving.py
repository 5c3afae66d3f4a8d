"""A group that became a supergroup has a new id; whatever still names the old one goes on under the new.

Telegram says so in two service messages, and refuses every call that names the old id with
`migrate_to_chat_id`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.exceptions import TelegramBadRequest, TelegramMigrateToChat
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType

from ledger.store import Ledger

OF_SUPERGROUPS = -(10**12)  # their ids and channels' are below it
OF_A_MESSAGE = ("message_id", "ephemeral_message_id")


async def now(ledger: Ledger, chat_id: int) -> int:
    """The id this chat has now; only a basic group's ever changes, so nothing else costs a statement."""
    return await ledger.chats.now(chat_id) if OF_SUPERGROUPS < chat_id < 0 else chat_id


class Moving(BaseRequestMiddleware):
    """Makes a call that Telegram refused for the old id again for the new one, once `moved(old, new)`
    noted it. Not one about a message: in the supergroup its number is another message's. That one
    is answered as Telegram answers for a message that is gone."""

    def __init__(self, moved: Callable[[int, int], Awaitable[None]]) -> None:
        self._moved = moved

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        try:
            return await make_request(bot, method)
        except TelegramMigrateToChat as refusal:
            old, new = getattr(method, "chat_id", None), refusal.migrate_to_chat_id
            if not isinstance(old, int) or old == new:
                raise
        await self._moved(old, new)
        if any(getattr(method, name, None) is not None for name in OF_A_MESSAGE):
            raise TelegramBadRequest(method=method, message="message not found: its group became a supergroup")
        return await make_request(bot, method.model_copy(update={"chat_id": new}))

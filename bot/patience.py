"""Telegram's 429 and lost connections, waited out once for every call of the bot.

No call goes to a chat before the time Telegram named. Calls that change invite links are never
repeated here when their answer was lost: Telegram knows no idempotency key, so that is for whoever
wrote the intent to decide.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import (
    AnswerCallbackQuery,
    DeleteEphemeralMessage,
    DeleteMessage,
    EditEphemeralMessageText,
    EditMessageText,
    GetChat,
    GetChatAdministrators,
    GetChatMember,
    GetMe,
    GetWebhookInfo,
    Response,
    SetMyCommands,
    TelegramMethod,
)
from aiogram.methods.base import TelegramType

from bot.sending import Says

LONGEST_WAIT = 60

# The ways an answer gets lost between Telegram and aiogram: a dead connection, a 5xx, HTML or cut JSON,
# bytes that are no text (ValueError), a 5xx without a description (TypeError inside aiogram).
LOST = (TelegramNetworkError, TelegramServerError, ClientDecodeError, OSError, ValueError, TypeError)
# What they come to for who called: Telegram may have done it.
UNANSWERED = (TelegramNetworkError, TelegramServerError)
REPEATED = (
    AnswerCallbackQuery,
    DeleteEphemeralMessage,
    DeleteMessage,
    EditEphemeralMessageText,
    EditMessageText,
    GetChat,
    GetChatAdministrators,
    GetChatMember,
    GetMe,
    GetWebhookInfo,
    Says,
    SetMyCommands,
)
PAUSES = (0.3, 1.0, 3.0)
_longest_wait: ContextVar[float] = ContextVar("longest_wait", default=LONGEST_WAIT)


@contextmanager
def waiting_for_nothing() -> Iterator[None]:
    """Inside, a 429 is raised at once: the caller waits, and may be stopped meanwhile."""
    token = _longest_wait.set(0.0)
    try:
        yield
    finally:
        _longest_wait.reset(token)


class Patience(BaseRequestMiddleware):
    """Waits as long as a 429 says and repeats, up to a minute in all; above that TelegramRetryAfter
    is raised and the person told. Of `REPEATED` methods a lost answer is asked for again, three times;
    in the end, and of the others at once, every lost answer is a TelegramNetworkError or
    TelegramServerError. getUpdates has patience of its own."""

    def __init__(self, pauses: tuple[float, ...] = PAUSES) -> None:
        self._pauses = pauses
        self._not_before: dict[Any, float] = {}  # chat -> the loop's time

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        if method.__api_method__ == "getUpdates":
            return await make_request(bot, method)
        where = getattr(method, "chat_id", None)
        pauses = iter(self._pauses if isinstance(method, REPEATED) else ())
        patience = _longest_wait.get()
        while True:
            patience -= await self._wait_for(where, method, patience)
            try:
                return await make_request(bot, method)
            except TelegramRetryAfter as wait:
                self._not_before[where] = _now() + wait.retry_after
            except LOST as error:
                pause = next(pauses, None)
                if pause is not None:
                    await asyncio.sleep(pause)
                elif isinstance(error, TelegramAPIError):
                    raise
                else:  # its text may quote the answer
                    raise TelegramNetworkError(method=method, message="the answer was lost") from None

    async def _wait_for(self, where: Any, method: TelegramMethod[Any], patience: float) -> float:
        waited = self._not_before.get(where, 0.0) - _now()
        if waited <= 0:
            self._not_before.pop(where, None)
            return 0.0
        if waited > patience:
            raise TelegramRetryAfter(method=method, message="Telegram asks to wait", retry_after=int(waited) + 1)
        await asyncio.sleep(waited)
        return waited


def _now() -> float:
    return asyncio.get_running_loop().time()

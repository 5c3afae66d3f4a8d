"""Whether this machine's clock is Telegram's: each message the bot sends comes back dated by Telegram."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType

from bot.sending import SendText

TOLERATED = 20  # seconds; a call may take as long as that by itself


class Skew(BaseRequestMiddleware):
    """`seconds`: how far our clock is ahead of Telegram's, negative where it is behind, 0 within what is
    `TOLERATED`; `since` is our time when that was first seen."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.seconds = 0
        self.since = 0

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        asked = self._clock()
        result: Any = await make_request(bot, method)
        if isinstance(method, SendText) and isinstance(result, dict) and "date" in result:
            self._compare(asked, result["date"])
        return cast("Response[TelegramType]", result)

    def words(self) -> str:
        """For the host; empty where all is well."""
        way = "ahead of" if self.seconds > 0 else "behind"
        return f"the clock here is {abs(self.seconds)} s {way} Telegram's" if self.seconds else ""

    def _compare(self, asked: float, dated: float) -> None:
        """It was dated between our asking and now, so a slow answer alone is no skew."""
        now = self._clock()
        ahead = asked - dated if asked > dated else min(0.0, now - dated)
        if abs(ahead) <= TOLERATED:
            self.seconds = 0
        else:
            self.since = self.since if self.seconds else int(now)
            self.seconds = int(ahead)

"""The Bot API as the host's commands ask it: a few calls that change nothing, without the seconds aiogram costs."""

from __future__ import annotations

import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self

from aiohttp import ClientError, ClientSession, ClientTimeout

LIMIT = 15.0  # seconds for one answer


class Unreachable(Exception):
    """No answer that is Telegram's."""


class Refusal(Exception):
    """Telegram's refusal: the HTTP status, and Telegram's own words."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(f"{code} {words}")
        self.code = code
        self.words = words


class BotApi:
    """`url` is the server's address. After an answer `ahead` says by how many seconds `clock` is ahead of that
    server's (the `Date` of its answer: whole seconds), negative where it is behind."""

    def __init__(self, url: str, token: str, *, clock: Callable[[], float] = time.time) -> None:
        self.ahead: float | None = None
        self._path = f"{url}/bot{token}/"
        self._clock = clock

    async def __aenter__(self) -> Self:
        self._session = ClientSession(timeout=ClientTimeout(LIMIT))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def ask(self, method: str, **arguments: str | int) -> Any:
        """The result of a method. Raises Refusal and Unreachable."""
        try:
            asked = self._clock()
            async with self._session.post(self._path + method, data=arguments) as response:
                if date := response.headers.get("Date"):
                    self.ahead = (asked + self._clock()) / 2 - parsedate_to_datetime(date).timestamp() - 0.5
                answer = await response.json(content_type=None)
            if answer["ok"]:
                return answer["result"]
            refusal = Refusal(int(answer["error_code"]), str(answer["description"]))
        except (ClientError, TimeoutError, OSError, ValueError, KeyError, TypeError) as error:
            # The error itself may name the address, and the token in it.
            raise Unreachable(type(error).__name__) from None
        raise refusal

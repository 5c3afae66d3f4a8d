"""The bot turn by turn, over the sandbox without a socket: an act of somebody, then all that comes of it.

The bot's own handlers, middlewares and delivery, aiogram's own (de)serialising and the sandbox's own rules;
what is left out is the polling and the wire, so that thousands of acts take seconds and none is waited for.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.methods import TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import InputFile, Update

from bot.access import Access
from bot.app import handler
from bot.batches import BatchPace, Engine
from bot.delivery import Delivery
from bot.desk import Desk
from bot.handlers import kinds
from bot.intake import ALLOWED, sort
from bot.meeting import Meeting
from bot.moving import Moving
from bot.settings import BotSettings
from ledger.chats import Role, SeenChat, SeenPerson
from ledger.settings import LedgerSettings
from ledger.store import Ledger
from sandbox.bot_api.calls import METHODS, ApiError, Call, Upload, worded
from sandbox.bot_api.face import BotApi
from sandbox.chats import Chat, Refusal
from sandbox.log import Call as LoggedCall
from sandbox.messages import Message
from sandbox.people import Actor
from tests.bot.conftest import Club
from tests.conftest import Clock

AT_ONCE = BatchPace(between=0, shown=0, lost=(), elsewhere=0)


class Straight(BaseSession):
    """Calls go to the sandbox's methods themselves."""

    def __init__(self, face: BotApi) -> None:
        super().__init__()
        self._face = face

    async def close(self) -> None:
        """Nothing is open."""

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: int | None = None,  # noqa: ASYNC109 - aiogram's own name
    ) -> TelegramType:
        files: dict[str, InputFile] = {}
        values = {name: self.prepare_value(v, bot, files) for name, v in method.model_dump(warnings=False).items()}
        given = {name: value for name, value in values.items() if value is not None}
        for name, file in files.items():
            content = b"".join([part async for part in file.read(bot)])
            given[name] = Upload(file.filename or name, "application/octet-stream", content)
        status, answer = await self._answer(method.__api_method__, bot.id, given)
        return self.check_response(bot, method, status, json.dumps(answer)).result  # type: ignore[return-value]

    async def _answer(self, asked: str, bot_id: int, given: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        name, method = METHODS[asked.lower()]
        self._face.world.log.add(LoggedCall("bot_api", bot_id, name, self._face.world.clock()))
        try:
            here = Call(
                self._face, self._face.world.people[bot_id], name, {k: v for k, v in given.items() if v is not None}
            )
            return 200, {"ok": True, "result": method(here)}
        except Refusal as refusal:
            error = worded(refusal)
        except ApiError as refusal:
            error = refusal
        return error.code, {"ok": False, "error_code": error.code, "description": error.description}

    async def stream_content(self, *given: Any, **more: Any) -> AsyncGenerator[bytes, None]:
        raise AssertionError("nothing is downloaded")
        yield b""


class Turns:
    """`act(…)`, then `await turns.all_come()`: every update the act and its answers brought was worked on."""

    def __init__(self, club: Club, ledger: Ledger, settings: BotSettings, clock: Clock) -> None:
        self.club, self.ledger, self.settings, self.clock = club, ledger, settings, clock
        self.telegram = Bot(str(club.bot.token), Straight(club.telegram.bot_api))
        self.queue = club.telegram.bot_api.updates.queue(club.bot)
        self.queue.allow(ALLOWED)
        self.starts_anew()

    def starts_anew(self) -> None:
        """As after a restart: all that was kept in memory is lost."""
        clock = self.clock
        me = SeenPerson(self.club.bot.id, "Bot", self.club.bot.username, is_bot=True)
        access = Access(self.telegram, self.ledger, clock=clock)
        delivery = Delivery(self.telegram, self.ledger, me, server="sandbox", clock=clock)
        self.desk = Desk(self.ledger, self.telegram, me, access, delivery, clock, self.settings)
        meeting = Meeting(self.desk)
        self.telegram.session.middleware.register(Moving(meeting.moved))
        self._handle = handler(self.desk, meeting)
        self._engine = Engine(self.desk, kinds(), pace=AT_ONCE)

    async def all_come(self) -> None:
        while self.queue.waiting or self.desk.batch_news.is_set():
            while self.queue.waiting:
                _, raw = self.queue.waiting.pop(0)
                await self.works_on(raw)
            if self.desk.batch_news.is_set():
                self.desk.batch_news.clear()
                while await self._engine.round():
                    pass

    async def works_on(self, raw: dict[str, Any], *, received: int | None = None) -> None:
        """`received` is when intake stored it, now as a rule."""
        row = sort(json.loads(json.dumps(raw)), self.club.bot.username or "", now=int(self.desk.clock()))
        if row is not None and row.body is not None:
            update = Update.model_validate_json(row.body, context={"bot": self.telegram})
            await self._handle(update, received or row.received)

    async def presses(self, who: Actor, message: Message, data: str) -> str:
        """The text of the answer that ended the spinner."""
        press = who.world.messages.press(who.person, message, data)
        await self.all_come()
        assert press.answer.done(), f"the spinner of {data} never ends"
        return str(press.answer.result().get("text", ""))

    async def serves(self, chat: Chat) -> None:
        """The host said yes to a chat in which the bot stands."""
        await self.ledger.chats.saw(SeenChat(chat.id, chat.title, chat.kind.value, chat.username), trusted=True)
        await self.ledger.chats.bot_place(chat.id, Role.ADMIN, deletes=True)
        self.desk.access.forget(chat.id)


@asynccontextmanager
async def turns_of(club: Club, ledger_settings: LedgerSettings, clock: Clock) -> AsyncIterator[Turns]:
    """A bot of the club that serves nothing yet; Vera is its host."""
    ledger = await Ledger.open(ledger_settings, clock=clock)
    values = ledger_settings.model_dump() | {"bot_token": club.bot.token}
    turns = Turns(club, ledger, BotSettings(_env_file=None, **values), clock)
    await ledger.programs.set_bot_identity(turns.desk.me)
    await ledger.chats.saw_people([turns.desk.me])
    yield turns
    await ledger.close()

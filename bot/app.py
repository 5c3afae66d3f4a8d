"""The bot, put together: ledger, Bot API client, handlers, intake and watch."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import structlog
from aiogram import Bot, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramAPIError, TelegramNotFound, TelegramUnauthorizedError
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    Update,
)
from aiogram.utils.backoff import Backoff, BackoffConfig
from aiohttp import BytesPayload, FormData

from bot.access import Access
from bot.batches import STEADY, BatchPace, Engine
from bot.commands import COMMANDS
from bot.delivery import Delivery
from bot.desk import Desk
from bot.handlers import kinds, register
from bot.intake import CONFLICT, UNREACHABLE, UNSAVED, Intake
from bot.meeting import Meeting, seen_person
from bot.moving import Moving
from bot.notices import Unsaved, tell_host
from bot.patience import PAUSES, Patience
from bot.questions import Questions, problem_of
from bot.screens.words import say
from bot.sending import Says
from bot.settings import REFUSED_BY_TELEGRAM, BotSettings, WrongSettings
from bot.skew import Skew
from bot.watch import DUE_LOOKED_FOR_EVERY, Watch
from ledger.chats import SeenPerson
from ledger.errors import ChatMoved, LedgerError
from ledger.store import Ledger

log = structlog.get_logger("bot.app")

CALL_SECONDS = 30
HEARTBEAT_SECONDS = 15
CLOSING_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Pace:
    """The waits of a running bot, in seconds; tests run it faster."""

    poll: int = 50
    due: float = DUE_LOOKED_FOR_EVERY
    pauses: tuple[float, ...] = PAUSES
    unreachable: BackoffConfig = UNREACHABLE
    conflict: BackoffConfig = CONFLICT
    batches: BatchPace = STEADY


class Wire(AiohttpSession):
    _answers: ClassVar[dict[Any, type[Response[Any]]]] = {}

    def check_response(
        self, bot: Bot, method: TelegramMethod[TelegramType], status_code: int, content: str
    ) -> Response[TelegramType]:  # fmt: skip
        """pydantic forgets the type of an answer that nobody holds, and builds it anew in some 15 ms."""
        if method.__returning__ not in self._answers:
            self._answers[method.__returning__] = Response[method.__returning__]  # type: ignore[name-defined]
        return super().check_response(bot, method, status_code, content)

    def build_form_data(self, bot: Bot, method: TelegramMethod[TelegramType]) -> FormData | BytesPayload:  # type: ignore[override]
        """aiohttp takes either."""
        if isinstance(method, Says):
            return BytesPayload(method.body(), content_type="application/json")
        return super().build_form_data(bot, method)

    async def close(self) -> None:
        """aiogram waits another quarter of a second for TLS to end, which aiohttp has awaited itself since 3.12."""
        if self._session is not None:
            await self._session.close()


async def run(
    settings: BotSettings,
    *,
    stop: asyncio.Event,
    clock: Callable[[], float] = time.time,
    pace: Pace = Pace(),
) -> None:
    """Until `stop` is set; then lets handlers end, for 20 s at most. Raises WrongSettings where Telegram
    refuses the token, LedgerError where the ledger cannot be used, and whatever nobody foresaw."""
    ledger = await Ledger.open(settings, clock=clock)
    session = Wire(api=TelegramAPIServer.from_base(settings.bot_api_url), timeout=CALL_SECONDS)
    session.middleware(Patience(pace.pauses))
    bot = Bot(settings.token(), session=session)
    try:
        state = State(ledger)
        await state.say("starting")
        me = await _who_am_i(bot, state, pace, stop)
        if me is not None:
            await _serve(settings, ledger, bot, me, state, stop=stop, clock=clock, pace=pace)
            await state.say("stopped")
    finally:
        for close in (session.close, ledger.close):
            try:
                async with asyncio.timeout(CLOSING_SECONDS):
                    await close()
            except TimeoutError:
                log.error("closing took too long")


class State:
    """What this program says of itself: written when it changes, and again as a heartbeat."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._now = ""
        self.me: SeenPerson | None = None
        self.detail: Callable[[], str] = str  # one line for the host

    async def say(self, state: str) -> None:
        if state != self._now:
            self._now = state
            log.info("state", state=state)
            await self.beat()

    async def beat(self) -> None:
        """A ledger that cannot be written now is no reason to end: the next beat says the same."""
        try:
            await self._ledger.programs.say(
                "bot",
                self._now,
                person_id=self.me.id if self.me else None,
                name_of_person=self.me.name if self.me else None,
                detail=self.detail(),
            )
        except UNSAVED as error:
            log.warning("a sign of life was not saved", why=type(error).__name__)

    async def keep_beating(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            await self.beat()


async def _who_am_i(bot: Bot, state: State, pace: Pace, stop: asyncio.Event) -> SeenPerson | None:
    """getMe, asked until Telegram answers; None when stopped before it did."""
    backoff = Backoff(pace.unreachable)
    while not stop.is_set():
        try:
            return seen_person(await bot.get_me())
        except (TelegramUnauthorizedError, TelegramNotFound):
            await state.say("refused")
            raise WrongSettings(REFUSED_BY_TELEGRAM) from None
        except TelegramAPIError as error:
            log.warning("Telegram does not say who this bot is", why=type(error).__name__)
            await state.say("offline")
            await backoff.asleep()
    return None


async def _serve(
    settings: BotSettings,
    ledger: Ledger,
    bot: Bot,
    me: SeenPerson,
    state: State,
    *,
    stop: asyncio.Event,
    clock: Callable[[], float],
    pace: Pace,
) -> None:
    skew = Skew(clock)
    state.me, state.detail = me, skew.words
    await ledger.chats.saw_people([me])
    await ledger.programs.set_bot_identity(me)
    access = Access(bot, ledger, clock=clock)
    delivery = Delivery(bot, ledger, me, server=settings.bot_api_url, clock=clock)
    desk = Desk(ledger, bot, me, access, delivery, clock, settings)
    meeting = Meeting(desk)
    for middleware in (Moving(meeting.moved), skew):
        bot.session.middleware(middleware)

    async def conflicted() -> None:
        """Somebody else reads this bot's updates: by a webhook, or as a second copy."""
        try:
            webhook = (await bot.get_webhook_info()).url
        except TelegramAPIError:
            webhook = ""
        log.error("another program reads this bot's updates", webhook=bool(webhook))
        await tell_host(desk, "webhook" if webhook else "conflict", since=int(clock()))

    intake = Intake(
        bot,
        ledger,
        handler(desk, meeting),
        username=me.username or "",
        clock=clock,
        say=state.say,
        conflicted=conflicted,
        unsaved=Unsaved(desk),
        unreachable=pace.unreachable,
        conflict=pace.conflict,
        poll_seconds=pace.poll,
    )
    await _set_menus(bot)
    refused: WrongSettings | None = None
    async with asyncio.TaskGroup() as group:
        beside = [
            group.create_task(state.keep_beating()),
            group.create_task(Watch(desk, skew=skew, every=pace.due).run()),
            group.create_task(Engine(desk, kinds(), pace=pace.batches).run()),
        ]
        try:
            await intake.run(stop)
        except WrongSettings as refusal:
            refused = refusal  # from inside the group it would come out as a group of one
        for task in beside:
            task.cancel()
    if refused is not None:
        raise refused


def handler(desk: Desk, meeting: Meeting) -> Callable[[Update, int], Awaitable[None]]:
    """What works on one update: its chat is met, then its handler has it. What goes wrong behind a
    question is answered there; elsewhere what the ledger raises is the caller's, as the update must be
    done again, and the rest is logged. An edited message is a message.

    One router, and no dispatcher: aiogram asks each router anew what stands around a handler, and its dispatcher
    looks up for each update who and where, which `asked` holds."""
    routes = Router(name="all")
    for observer in (routes.message, routes.callback_query):
        observer.outer_middleware(Questions(desk, meeting))
    register(routes)

    async def handle(update: Update, received: int) -> None:
        if update.edited_message is not None:
            update = update.model_copy(update={"message": update.edited_message, "edited_message": None})
        try:
            try:
                await work(update, received)
            except ChatMoved:  # what was asked of Telegram meanwhile told the new id
                await work(update, received)
        except ChatMoved:
            log.info("a word about the group that a supergroup was", update=update.update_id)
        except LedgerError:
            raise
        except Exception as error:
            problem_of(error, update.update_id)

    async def work(update: Update, received: int) -> None:
        await meeting.chat_of(update)
        await routes.propagate_event(
            update.event_type, update.event, event_update=update, received=received, desk=desk, meeting=meeting
        )

    return handle


async def _set_menus(bot: Bot) -> None:
    """In groups only commands that nobody but their sender sees; a bot without menus works all the same."""
    private = [BotCommand(command=c.name, description=say(c.description_key)) for c in COMMANDS]
    groups = [
        BotCommand(command=c.name, description=say(c.description_key), is_ephemeral=True)
        for c in COMMANDS
        if c.in_groups
    ]
    try:
        await bot.set_my_commands(private, BotCommandScopeAllPrivateChats())
        await bot.set_my_commands(groups, BotCommandScopeAllGroupChats())
    except TelegramAPIError as refusal:
        log.warning("the menus could not be set", why=type(refusal).__name__)

"""What the bot does unasked: it follows the ledger for errands that moved and an account that was lost,
carries out what is due, and keeps house."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from aiogram.exceptions import TelegramAPIError, TelegramNetworkError, TelegramServerError

from bot import screens
from bot.desk import Desk
from bot.screens.base import Screen
from ledger.chats import AccountState, Progress
from ledger.errands import Act, ErrandState, Place

log = structlog.get_logger("bot.watch")

IDS_KEPT = 48 * 3600
HOUSEKEEPING_EVERY = 3600
EXPIRY_EVERY = 60
PROGRESS_EVERY = 4  # seconds between two edits of one message
DUE_LOOKED_FOR_EVERY = 20  # what is put down later than this is at least as far ahead


class Watch:
    """`every` is how often due rows are looked for, in seconds."""

    def __init__(self, desk: Desk, *, every: float = DUE_LOOKED_FOR_EVERY) -> None:
        self._desk = desk
        self._every = every
        self._lost_told: int | None = None
        self._progress: dict[int, tuple[float, tuple[Progress | None, AccountState | None, int | None]]] = {}

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow())
            group.create_task(self._carry_out())
            group.create_task(self._each(EXPIRY_EVERY, self._expire))
            group.create_task(self._each(HOUSEKEEPING_EVERY, self._purge))

    async def _follow(self) -> None:
        async for _ in self._desk.ledger.watch():
            await self._answer_ended()
            await self._show_progress()
            await self._tell_of_loss()

    async def _answer_ended(self) -> None:
        """Each who asked for the same errand gets the outcome; a message that is no more is let go."""
        ledger, now = self._desk.ledger, int(self._desk.clock())
        for answer_id, errand, place, _ in await ledger.errands.unanswered():
            chat = await ledger.chats.get(errand.chat_id)
            if chat is not None and not await self._edit(place, screens.sync_ended(chat, errand, now)):
                continue
            await ledger.errands.answered(answer_id)
            self._progress.pop(errand.id, None)

    async def _show_progress(self) -> None:
        ledger, now = self._desk.ledger, int(self._desk.clock())
        for errand in await ledger.errands.open():
            if errand.act != Act.SYNC or errand.place is None:
                continue
            shown_at, shown = self._progress.get(errand.id, (0.0, (None, None, None)))
            account = await ledger.programs.account()
            if now - shown_at < PROGRESS_EVERY and (account.state, account.until) == shown[1:]:
                continue  # figures may be a little late, a wait is told at once
            doing = errand.state == ErrandState.DOING
            progress = await ledger.sweeps.progress(errand.chat_id) if doing else None
            said = (progress, account.state, account.until)
            chat = await ledger.chats.get(errand.chat_id)
            if chat is None or said == shown or (progress is None and account.state == AccountState.READY):
                continue
            self._progress[errand.id] = (now, said)
            await self._edit(errand.place, screens.sync_open(chat, account, now, progress))

    async def _tell_of_loss(self) -> None:
        """The host hears of a lost session once, not at each word of the program."""
        account = await self._desk.ledger.programs.account()
        if account.state != AccountState.LOST:
            self._lost_told = None
        elif self._lost_told != account.since:
            self._lost_told = account.since
            await tell_host(self._desk, "session-lost")

    async def _carry_out(self) -> None:
        """Due rows at their time, those of an earlier run too. One whose message is no more is let go;
        where Telegram could not be reached it is tried again."""
        dues = self._desk.ledger.dues
        while True:
            for due in await dues.ready(int(self._desk.clock())):
                try:
                    await self._desk.delivery.due(due.what, due.body)
                except (TelegramNetworkError, TelegramServerError):
                    continue
                except TelegramAPIError as refusal:
                    log.info("a due act was refused", what=due.what, why=type(refusal).__name__)
                await dues.done(due.id)
            next_at = await dues.next_at()
            wait = self._every if next_at is None else next_at - self._desk.clock()
            await asyncio.sleep(min(max(wait, self._every / 20), self._every))

    async def _expire(self) -> None:
        await self._desk.ledger.links.expire()

    async def _purge(self) -> None:
        await self._desk.ledger.inbox.purge(int(self._desk.clock()) - IDS_KEPT)

    async def _each(self, seconds: float, act: Callable[[], Awaitable[None]]) -> None:
        while True:
            await act()
            await asyncio.sleep(seconds)

    async def _edit(self, place: Place, screen: Screen) -> bool:
        """Whether the message is settled: edited, or refused for good."""
        try:
            await self._desk.delivery.edit(place, screen)
        except (TelegramNetworkError, TelegramServerError):
            return False
        except TelegramAPIError as refusal:
            log.info("a message could not be edited", why=type(refusal).__name__)
        return True


async def tell_host(desk: Desk, kind: str) -> None:
    host = await desk.access.host()
    if host is None:
        return
    try:
        await desk.delivery.tell(host, screens.host_notice(kind))
    except TelegramAPIError as refusal:
        log.warning("the host could not be told", what=kind, why=type(refusal).__name__)

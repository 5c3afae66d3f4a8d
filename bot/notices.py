"""What the host must mend is told to him once, in private. Where that is closed it waits as a due row; a ledger
that cannot be written is told of at once, as nothing can wait there."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from aiogram.exceptions import TelegramAPIError
from aiogram.types import CallbackQuery, Message, Update
from pydantic import ValidationError

from bot import screens
from bot.desk import Desk
from bot.questions import asked_by_message, asked_by_press
from bot.recent import Recent
from bot.screens.words import say
from ledger.chats import Chat
from ledger.errors import LedgerBusy, LedgerError
from ledger.inbox import Received

log = structlog.get_logger("bot.notices")

WAITS_AS = "tell-host"  # the due row
TRIED_AGAIN = 300  # seconds
TOLD_AGAIN = 6 * 3600
LOGGED_AGAIN = 60
A_DAY = 86_400
BEGUN_ANEW = ("conflict", "webhook", "clock")  # a restart sees these begin again: told once a day at most


async def tell_host(desk: Desk, kind: str, *, since: int, chat: Chat | None = None) -> None:
    """Once for this `kind`, chat and `since`, over restarts too; `since` is when it began, in Unix seconds.
    `kind` as in `screens.host_notice`."""
    begun = since // A_DAY if kind in BEGUN_ANEW else since
    if not await desk.ledger.host.tell_once(kind if chat is None else f"{kind} {chat.id}", begun):
        return
    log.warning("for the host", what=kind, chat=chat.id if chat else None)
    body = {"kind": kind, "since": since, "chat": chat.title if chat else ""}
    due = await desk.ledger.dues.put(int(desk.clock()) + TRIED_AGAIN, WAITS_AS, body)
    if await deliver(desk, body):
        await desk.ledger.dues.done(due)


async def deliver(desk: Desk, body: Mapping[str, Any]) -> bool:
    """Whether the host has it now. Nothing is sent to a private chat that is known to be closed."""
    host = await desk.access.host()
    if host is None or not await desk.ledger.chats.private_open(host):
        return False
    screen = screens.host_notice(
        body["kind"], since=body["since"], now=int(desk.clock()), zone=desk.settings.tz, chat=body["chat"]
    )
    try:
        return await desk.delivery.tell(host, screen)
    except TelegramAPIError as refusal:
        log.warning("the host could not be told", what=body["kind"], why=type(refusal).__name__)
        return False


class Unsaved:
    """Told of each update that cannot be worked on because the ledger cannot be written. Says so to who asked,
    once an update, and to the host, once in six hours; both without the ledger's help."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._told: Recent[int, None] = Recent()
        self._host_told: dict[str, float] = {}
        self._logged: dict[str, float] = {}

    async def __call__(self, error: LedgerError, rows: Sequence[Received]) -> None:
        """Never raises."""
        kind = "ledger-busy" if isinstance(error, LedgerBusy) else "ledger-full"
        if self._desk.clock() - self._logged.get(kind, -LOGGED_AGAIN) >= LOGGED_AGAIN:
            self._logged[kind] = self._desk.clock()
            log.error("the ledger cannot be written; updates wait", why=type(error).__name__)
        for row in rows:
            if row.update_id not in self._told:
                self._told[row.update_id] = None
                with contextlib.suppress(LedgerError, TelegramAPIError, ValidationError):
                    await self._tell_asker(row)
        with contextlib.suppress(LedgerError, TelegramAPIError):
            await self._tell_host(kind)

    async def _tell_asker(self, row: Received) -> None:
        update = Update.model_validate_json(row.body or "", context={"bot": self._desk.bot})
        event: Message | CallbackQuery | None = update.message or update.callback_query
        if isinstance(event, CallbackQuery):
            pressed = asked_by_press(event, row.update_id, row.received)
            if pressed is not None:
                await self._desk.delivery.decline(pressed, say("problem-saving-waits"))
        elif event is not None:
            asked = asked_by_message(event, row.update_id, row.received, me=self._desk.me.id)
            if asked is not None:
                await self._desk.delivery.show(screens.saving_waits(), asked)

    async def _tell_host(self, kind: str) -> None:
        now, host = self._desk.clock(), await self._desk.access.host()
        if host is None or now - self._host_told.get(kind, -TOLD_AGAIN) < TOLD_AGAIN:
            return
        self._host_told[kind] = now
        screen = screens.host_notice(kind, since=int(now), now=int(now), zone=self._desk.settings.tz)
        await self._desk.delivery.tell(host, screen)

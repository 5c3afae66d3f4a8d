"""What is told unasked, once, in private: to the host what he must mend, to who may see them the links that a bot
without rights leaves behind. It is a due row before it is sent, and waits as one for the host's private chat to open;
a ledger that cannot be written is told of at once, as nothing can wait there."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from aiogram.exceptions import TelegramAPIError
from aiogram.types import CallbackQuery, Message, Update
from pydantic import ValidationError

from bot import screens
from bot.desk import Desk
from bot.patience import UNANSWERED
from bot.questions import asked_by_message, asked_by_press
from bot.recent import Recent
from bot.screens.words import say
from ledger.chats import Chat
from ledger.errors import LedgerBusy, LedgerError
from ledger.inbox import Received

log = structlog.get_logger("bot.notices")

WAITS_AS, LEFT = "tell-host", "tell-left"  # the due rows
TRIED_AGAIN = 300  # seconds
TOLD_AGAIN = 6 * 3600
LOGGED_AGAIN = 60
A_DAY = 86_400
BEGUN_ANEW = ("conflict", "webhook", "clock")  # a restart sees these begin again: told once a day at most


@dataclass(frozen=True, slots=True)
class Owed:
    """A notice that stands in the ledger and is still to be sent."""

    due: int
    what: str
    body: Mapping[str, Any]


async def tell_host(desk: Desk, kind: str, *, since: int, chat: Chat | None = None) -> None:
    """Once for this `kind`, chat and `since`, over restarts too; `since` is when it began, in Unix seconds.
    `kind` as in `screens.host_notice`."""
    await send(desk, await owe_host(desk, kind, since=since, chat=chat))


async def owe_host(desk: Desk, kind: str, *, since: int, chat: Chat | None = None) -> list[Owed]:
    """As `tell_host`, for `send` to send; none where the host was told."""
    begun = since // A_DAY if kind in BEGUN_ANEW else since
    body = {"kind": kind, "since": since, "chat": chat.title if chat else ""}
    owed = await _owe(desk, kind if chat is None else f"{kind} {chat.id}", begun, WAITS_AS, body)
    if owed:
        log.warning("for the host", what=kind, chat=chat.id if chat else None)
    return owed


async def owe_left(desk: Desk, chat: Chat, person_id: int, *, since: int, named: bool) -> list[Owed]:
    """For `send`: that links of this bot work on in a chat where it can do nothing since then; `named` to who may see
    them."""
    body = {"to": person_id, "chat": chat.id, "named": named}
    return await _owe(desk, f"left {chat.id} {person_id}", since, LEFT, body)


async def _owe(desk: Desk, about: str, since: int, what: str, body: Mapping[str, Any]) -> list[Owed]:
    due = await desk.ledger.dues.put_once(about, since, int(desk.clock()) + TRIED_AGAIN, what, body)
    return [Owed(due, what, body)] if due is not None else []


async def send(desk: Desk, owed: Sequence[Owed]) -> None:
    """What cannot be sent now stays due."""
    for one in owed:
        if await deliver(desk, one.what, one.body):
            await desk.ledger.dues.done(one.due)


async def deliver(desk: Desk, what: str, body: Mapping[str, Any]) -> bool:
    """Whether that ends a due row of WAITS_AS or LEFT. Nothing is sent to a private chat that is known to be
    closed."""
    return await (_to_host(desk, body) if what == WAITS_AS else _left(desk, body))


async def _left(desk: Desk, body: Mapping[str, Any]) -> bool:
    """Whoever can read it no more is told nothing."""
    chat = await desk.ledger.chats.get(body["chat"])
    links = await desk.ledger.links.of_this_bot(body["chat"])
    if chat is None or not links or not await desk.ledger.chats.private_open(body["to"]):
        return True
    screen = screens.left_behind(chat, links if body["named"] else [], n=len(links))
    try:
        await desk.delivery.tell(body["to"], screen)
    except UNANSWERED:
        return False
    except TelegramAPIError as refusal:
        log.info("nobody was told of links that stay", why=type(refusal).__name__)
    return True


async def _to_host(desk: Desk, body: Mapping[str, Any]) -> bool:
    """Whether the host has it now."""
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

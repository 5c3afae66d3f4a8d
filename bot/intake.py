"""No update lost, none done twice: Telegram → inbox rows, one commit a batch → offset → handlers → done.

getUpdates is read as raw JSON, so that one update nobody can parse stops no other. An admin bot is sent
every message of its groups: what cannot matter is told from the raw JSON and confirmed unread. Bodies
are never logged.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramConflictError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import TelegramMethod
from aiogram.types import Update
from aiogram.utils.backoff import Backoff, BackoffConfig
from pydantic import ValidationError

from bot.access import ANONYMOUS
from bot.commands import for_this_bot
from bot.lanes import Lanes
from bot.patience import LOST
from bot.settings import REFUSED_BY_TELEGRAM, WrongSettings
from ledger.errors import CannotWrite, LedgerBusy, LedgerError
from ledger.inbox import Received
from ledger.store import Ledger

log = structlog.get_logger("bot.intake")

ALLOWED = ["message", "edited_message", "callback_query", "my_chat_member", "chat_member", "chat_join_request"]
NEVER_PEOPLE = frozenset({777000, 136817688})  # a channel's posts in its discussion group, and posts as a channel
SERVICE = ("new_chat_title", "migrate_to_chat_id", "migrate_from_chat_id", "chat_owner_changed", "chat_owner_left")
TIMES_BEGUN = 12  # an update that was under way so often when the program died is set aside
DRAIN_SECONDS = 20
CONFLICT_TOLD_AFTER = 120
CONFLICT_OVER = 30  # two copies end each other's polls in turn: a poll that went well is not yet the end of it
_MAX_ID = 2**63 - 1
UNSAVED = (LedgerBusy, CannotWrite)  # what passes: another program lets go, or there is room on the disk again
T = TypeVar("T")

UNREACHABLE = BackoffConfig(min_delay=1, max_delay=30, factor=2, jitter=0.2)
CONFLICT = BackoffConfig(min_delay=3, max_delay=30, factor=2, jitter=0.2)


class GetRaw(TelegramMethod[list[Any]]):
    """getUpdates, unparsed."""

    __returning__ = list[Any]
    __api_method__ = "getUpdates"

    offset: int | None = None
    limit: int = 100
    timeout: int = 50
    allowed_updates: list[str] = ALLOWED


def sort(raw: Any, username: str, *, now: int) -> Received | None:
    """The inbox row of one raw update: its lane is the chat; None where it cannot matter. What is not
    shaped as Telegram shapes it is quarantined, without its body."""
    update_id = raw["update_id"]
    kind = next((name for name in ALLOWED if name in raw), None)
    if kind is None:
        return None
    try:
        event = raw[kind]
        if kind in ("message", "edited_message") and not _matters(event, username, edited=kind == "edited_message"):
            return None
        chat = event["message"]["chat"] if kind == "callback_query" else event["chat"]
        lane = chat["id"]
        if not isinstance(lane, int):
            raise TypeError
        return Received(update_id=update_id, lane=lane, kind=kind, body=json.dumps(raw), received=now)
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        return Received(
            update_id=update_id, lane=0, kind=kind, body=None, quarantined=type(error).__name__, received=now
        )


def _matters(message: dict[str, Any], username: str, *, edited: bool) -> bool:
    where = message["chat"]["type"]
    if where == "private":
        return _asks_in_private(message, username, edited=edited)
    if where not in ("group", "supergroup") or "forward_origin" in message:
        return False
    if any(kind in message for kind in SERVICE):
        return not edited
    to_all = message.get("ephemeral_message_id") is None
    return _of_a_person(message) and for_this_bot(message.get("text", ""), username, in_group=to_all)


def _asks_in_private(message: dict[str, Any], username: str, *, edited: bool) -> bool:
    """Words, or a chat that is to be chosen: shared by the button for it, or by a post forwarded from it."""
    text, origin = message.get("text", ""), message.get("forward_origin")
    if edited:
        return origin is None and for_this_bot(text, username, in_group=False)
    if origin is not None:
        return bool(origin["type"] == "channel")
    return bool(text) or "chat_shared" in message


def _of_a_person(message: dict[str, Any]) -> bool:
    """Somebody's own word, or an admin's as the group itself; not a channel's, and not another bot's."""
    sender, voice = message.get("from", {}), message.get("sender_chat", message["chat"])
    if sender.get("id") in NEVER_PEOPLE or voice["id"] != message["chat"]["id"]:
        return False
    return not sender.get("is_bot") or sender.get("id") in ANONYMOUS


def _upgraded(row: Received) -> tuple[int, int] | None:
    """The ids of a basic group and of the supergroup it became, where this update says so."""
    if row.kind != "message" or row.body is None or "migrate_" not in row.body:
        return None
    message = json.loads(row.body)["message"]
    to, from_ = message.get("migrate_to_chat_id"), message.get("migrate_from_chat_id")
    if isinstance(to, int):
        return row.lane, to
    return (from_, row.lane) if isinstance(from_, int) else None


def _has_id(raw: Any) -> bool:
    return isinstance(raw, dict) and isinstance(raw.get("update_id"), int) and 0 <= raw["update_id"] < _MAX_ID


class Intake:
    """`handle(update, received)` works on one update; what it raises ends the program, so it words its
    own failures. `say(state)` hears "ready", "offline" or "conflict"; `conflicted()` is awaited once
    when another program has read this bot's updates for two minutes. While the ledger cannot be
    written nothing is confirmed and nothing done twice over: `unsaved(error, updates)` hears of it, and
    all goes on by itself."""

    def __init__(
        self,
        bot: Bot,
        ledger: Ledger,
        handle: Callable[[Update, int], Awaitable[None]],
        *,
        username: str,
        clock: Callable[[], float],
        say: Callable[[str], Awaitable[None]],
        conflicted: Callable[[], Awaitable[None]],
        unsaved: Callable[[LedgerError, Sequence[Received]], Awaitable[None]],
        unreachable: BackoffConfig = UNREACHABLE,
        conflict: BackoffConfig = CONFLICT,
        poll_seconds: int = 50,
        drain_seconds: float = DRAIN_SECONDS,
    ) -> None:
        self._bot = bot
        self._ledger = ledger
        self._handle = handle
        self._username = username
        self._clock = clock
        self._say = say
        self._conflicted = conflicted
        self._unsaved = unsaved
        self._unreachable = Backoff(unreachable)
        self._conflict = Backoff(conflict)
        self._poll_seconds = poll_seconds
        self._drain_seconds = drain_seconds
        self._conflict_since: float | None = None
        self._conflict_last: float | None = None
        self._conflict_told = False
        self._reads = False  # whether the last getUpdates was answered
        self._was: dict[int, int] = {}  # supergroup -> the group it was

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`: replays what waits, then polls. On stop lets handlers end for `drain_seconds`; what
        did not end is done again at the next start. Raises WrongSettings where Telegram refuses the
        token, and what the ledger or `handle` raised."""
        lanes: Lanes[tuple[Received, bool]] = Lanes(lambda item: self._work(item, lanes))
        polling = asyncio.create_task(self._poll(lanes, stop))
        try:
            await asyncio.wait({polling, lanes.failure}, return_when=asyncio.FIRST_COMPLETED)
            if polling.done():
                polling.result()
        finally:
            polling.cancel()
            await asyncio.gather(polling, return_exceptions=True)
            left = await lanes.drain(self._drain_seconds)
            if left:
                log.warning("stopped with updates undone: they are done at the next start", left=left)
            if lanes.failure.done():
                lanes.failure.result()

    async def _poll(self, lanes: Lanes[tuple[Received, bool]], stop: asyncio.Event) -> None:
        for left in await self._ledger.inbox.waiting(limit=100_000):
            lanes.add(self._lane(left), (left, True))
        offset: int | None = None
        while not stop.is_set():
            await lanes.room()
            batch = await self._fetch(offset, stop)
            if batch is None:
                continue
            named = [raw for raw in batch if _has_id(raw)]
            if batch and not named:
                log.error("updates without an id: cannot confirm them", count=len(batch))
                await self._rest(self._unreachable, stop)
                continue
            now = int(self._clock())
            rows = [row for raw in named if (row := sort(raw, self._username, now=now)) is not None]
            try:
                fresh = await self._ledger.inbox.put(rows) if rows else set()
            except UNSAVED as error:
                offset = None
                await self._unsaved(error, rows)
                await self._rest(self._unreachable, stop)
                continue
            # The ids of an update queue can start anew, lower, after a quiet week: an offset is sent
            # once, to confirm; without one Telegram starts at the first unconfirmed update.
            offset = max((raw["update_id"] for raw in named), default=-1) + 1 or None
            for row in rows:
                if row.update_id in fresh and row.body is not None:
                    fresh.discard(row.update_id)
                    lanes.add(self._lane(row), (row, False))

    def _lane(self, row: Received) -> int:
        """A group and the supergroup it became are one: what was said before is answered before."""
        if (ids := _upgraded(row)) is not None:
            self._was[ids[1]] = ids[0]
        return self._was.get(row.lane, row.lane)

    async def _fetch(self, offset: int | None, stop: asyncio.Event) -> list[Any] | None:
        """One batch, or None where there is none to be had now."""
        # After a failure the first answer comes at once, so that what was wrong is not told of any longer.
        method = GetRaw(offset=offset, timeout=self._poll_seconds if self._reads else 0)
        self._reads = False
        call = asyncio.create_task(self._bot(method, request_timeout=self._poll_seconds + 10))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({call, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not call.done():
                return None
            batch = call.result()
        except (TelegramUnauthorizedError, TelegramNotFound):
            await self._say("refused")
            raise WrongSettings(REFUSED_BY_TELEGRAM) from None
        except TelegramConflictError:
            await self._meet_conflict(stop)
            return None
        except TelegramRetryAfter as wait:
            await _sleep(wait.retry_after, stop)
            return None
        except (TelegramAPIError, *LOST) as error:
            log.warning("no updates from Telegram", why=type(error).__name__)
            await self._say("offline")
            await self._rest(self._unreachable, stop)
            return None
        finally:
            for task in (call, stopping):
                task.cancel()
            await asyncio.gather(call, stopping, return_exceptions=True)
        self._reads = True
        self._unreachable.reset()
        self._conflict.reset()
        if self._conflict_last is not None and self._clock() - self._conflict_last > CONFLICT_OVER:
            self._conflict_since, self._conflict_last, self._conflict_told = None, None, False
        await self._say("ready")
        return batch

    async def _meet_conflict(self, stop: asyncio.Event) -> None:
        now = self._clock()
        self._conflict_since, self._conflict_last = self._conflict_since or now, now
        await self._say("conflict")
        if now - self._conflict_since >= CONFLICT_TOLD_AFTER and not self._conflict_told:
            self._conflict_told = True
            await self._conflicted()
        await self._rest(self._conflict, stop)

    async def _rest(self, backoff: Backoff, stop: asyncio.Event) -> None:
        await _sleep(next(backoff), stop)

    async def _work(self, item: tuple[Received, bool], lanes: Lanes[tuple[Received, bool]]) -> None:
        row, again = item
        inbox = self._ledger.inbox
        if again and await self._saved(lambda: inbox.begun(row.update_id)) > TIMES_BEGUN:
            await self._saved(lambda: inbox.done(row.update_id, "ended the program"))
            return
        try:
            update = Update.model_validate_json(row.body or "", context={"bot": self._bot})
        except ValidationError:
            await self._saved(lambda: inbox.done(row.update_id, "unparsed"))
            return
        await self._saved(lambda: self._handle(update, row.received))
        await self._saved(lambda: inbox.done(row.update_id, at_once=lanes.more(self._lane(row))))

    async def _saved(self, step: Callable[[], Awaitable[T]]) -> T:
        """Waits with this step, and so with its lane, while the ledger cannot be written. Whoever asked has had
        an answer by now, or none was due."""
        backoff = Backoff(self._unreachable.config)
        while True:
            try:
                return await step()
            except UNSAVED as error:
                await self._unsaved(error, [])
            await backoff.asleep()


async def _sleep(seconds: float, stop: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return

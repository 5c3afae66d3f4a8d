"""Confirmed acts on many links or people, done one by one beside all else.

An item is marked as doing before its call, so that after a kill it is looked at and never done blindly again. All
batches share one pace, an item each in turn. Telegram's waits are waited out here, where a stop still counts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

import structlog
from aiogram.exceptions import TelegramAPIError, TelegramRetryAfter

from bot import screens
from bot.access import Asker, may_ask
from bot.desk import Desk
from bot.errors import BotPowerless, Unserved
from bot.patience import UNANSWERED, waiting_for_nothing
from bot.screens.base import Rows, Screen
from bot.screens.listing import name_of
from ledger.batches import Batch, BatchState, Item, ItemState, Report
from ledger.chats import Chat
from ledger.errors import CannotWrite, LedgerBusy, LedgerError, UnknownChat

log = structlog.get_logger("bot.batches")

PAUSE = 5.0  # seconds, after the ledger refused or a report could not be shown
NAMED = 5  # of what was not done, so many are named


@dataclass(frozen=True, slots=True)
class BatchPace:
    """In seconds: from call to call; from one edit of the message to the next; how long a look at the asker's rights
    holds; the waits before what was not answered is looked at again; how often what others do is looked at, and how
    often while it is known to wait; how long a stop still waits for them."""

    between: float = 0.07
    shown: float = 3.0
    rights: float = 10.0
    lost: tuple[float, ...] = (1.0, 5.0, 15.0, 35.0)
    elsewhere: float = 0.5
    hindered: float = 5.0
    ends: float = 3.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an item: DONE, REFUSED or UNKNOWN, and one word of why, or the number of what came of it."""

    state: ItemState
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Waits:
    """The account is at an item. `why` nothing comes of it yet, one word, and until when it is known to wait, in Unix
    seconds; empty while it is simply on its way."""

    why: str = ""
    until: int | None = None


STEADY = BatchPace()
DONE = Outcome(ItemState.DONE)
NO_ANSWER = Outcome(ItemState.UNKNOWN, "no-answer")


def refused(reason: str) -> Outcome:
    return Outcome(ItemState.REFUSED, reason)


class Halt(Exception):
    """No item of this batch can be done now, and this one surely was not; `reason` is one word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class HalfDone(Exception):
    """Something of the item was done, and Telegram asks to wait: it is settled after so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


Act = Callable[[Item, Batch, Desk], Awaitable[Outcome | Waits | None]]


async def _always(asker: Asker, batch: Batch, desk: Desk) -> str:
    return ""


async def _never(item: Item, batch: Batch, desk: Desk) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of batch is done.

    `act` does one item. `settle` says what became of one begun before: by a run that was killed, by a call whose
    answer was lost, or by others; it reads, or repeats what is harmless to repeat. Either returns None or Waits while
    others are at it, and raises Halt, or what aiogram raises. `recall` takes back what they were asked for an item, and
    returns whether it surely will not be done. `may` returns why the asker may not have it done any more, or nothing.
    `after` is what stands below the last report.
    """

    act: Act
    settle: Act
    recall: Callable[[Item, Batch, Desk], Awaitable[bool]] = _never
    may: Callable[[Asker, Batch, Desk], Awaitable[str]] = _always
    after: Callable[[Report, Chat, Desk], Awaitable[Rows]] | None = None


async def _unknown(item: Item, batch: Batch, desk: Desk) -> Outcome:
    raise Halt("version")


_UNKNOWN_KIND = Kind(_unknown, _unknown)  # of another version of this program


@dataclass(slots=True)
class _Going:
    """A batch in this run: the item begun and not ended, how often it was asked for in vain, and what it waits for
    (the loop's time; `until` in Unix seconds, where Telegram said so; `account` for what the account waits). `ends_by`
    is when a stop waits no more."""

    batch: Batch
    kind: Kind
    chat: Chat
    item: Item | None = None
    tries: int = 0
    not_before: float = 0.0
    until: int | None = None
    account: Waits = Waits()
    ends_by: float | None = None
    looked: float | None = None
    shown: float | None = None
    text: str = ""
    waits_shown: tuple[int | None, Waits] = (None, Waits())

    def waits(self, seconds: float, until: int | None = None) -> None:
        self.not_before, self.until = _now() + seconds, until


class Engine:
    def __init__(self, desk: Desk, kinds: Mapping[str, Kind], *, pace: BatchPace) -> None:
        self._desk, self._kinds, self._pace = desk, kinds, pace
        self._going: dict[int, _Going] = {}
        self._next_call = 0.0
        self._look_again: float | None = None  # the loop's time

    async def run(self) -> None:
        while True:
            self._desk.batch_news.clear()
            try:
                busy = await self.round()
            except (LedgerBusy, CannotWrite) as error:
                log.error("the ledger cannot be written", why=type(error).__name__)
                await asyncio.sleep(PAUSE)
                continue
            if not busy:
                await self._news()

    async def round(self) -> bool:
        """One step of each batch that runs; whether there is more to do at once."""
        running = await self._desk.ledger.batches.running()
        for gone in self._going.keys() - {batch.id for batch in running}:
            del self._going[gone]
        busy, self._look_again = False, None
        for batch in running:
            try:
                busy = await self._step(batch) or busy
            except UnknownChat:  # nothing else tells that its rows are under the new id now
                log.info("a chat went or moved meanwhile")
                self._look_again = _now() + PAUSE
        return busy

    async def _news(self) -> None:
        """Until something is begun or stopped, or what a batch waits for has come."""
        ends = [going.not_before for going in self._going.values()]
        ends += [self._look_again] if self._look_again is not None else []
        wait = max(min(ends) - _now(), self._pace.between) if ends else None
        try:
            async with asyncio.timeout(wait):
                await self._desk.batch_news.wait()
        except TimeoutError:
            pass

    async def _step(self, batch: Batch) -> bool:
        """Whether this batch goes on at once. Raises UnknownChat."""
        chat = await self._desk.ledger.chats.get(batch.chat_id)
        if chat is None:
            raise UnknownChat
        going = self._going.get(batch.id)
        if going is None:
            left = await self._desk.ledger.batches.doing(batch.id)
            kind = self._kinds.get(batch.what, _UNKNOWN_KIND)
            going = self._going[batch.id] = _Going(batch, kind, chat, left[0] if left else None)
        going.batch, going.chat = batch, chat
        if batch.state == BatchState.RUNNING and _now() < going.not_before:
            return False
        going.until = None
        try:
            with waiting_for_nothing():
                return await self._one(going)
        except TelegramRetryAfter as wait:
            self._told_to_wait(going, wait.retry_after)
        except UNANSWERED:
            going.waits(self._pace.lost[0])
        await self._show(going)
        return False

    async def _one(self, going: _Going) -> bool:
        """Does the next item, or settles the one begun. Raises TelegramRetryAfter and UNANSWERED where nothing of an
        item hangs on them."""
        if going.batch.state == BatchState.STOPPING:
            return await self._close(going, BatchState.STOPPED, "asked")
        # The account itself looks at the asker's rights before it acts: none are asked for while it waits.
        if not going.account.why and (why := await self._may_not(going)):
            return await self._close(going, BatchState.STOPPED, why)
        await self._show(going)
        begun = going.item is not None
        if not begun:
            going.item = await self._desk.ledger.batches.take(going.batch.id)
        if going.item is None:
            return await self._close(going, BatchState.DONE, "")
        try:
            outcome = await self._outcome(going, going.item, begun=begun)
        except Halt as halt:
            await self._put_back(going)
            return await self._close(going, BatchState.STOPPED, halt.reason)
        if outcome is None:
            await self._show(going)
            return False
        await self._end(going, outcome)
        return True

    async def _outcome(self, going: _Going, item: Item, *, begun: bool) -> Outcome | None:
        """None while it is to be waited. Raises Halt."""
        await asyncio.sleep(max(0.0, self._next_call - _now()))
        self._next_call = _now() + self._pace.between
        try:
            outcome = await (going.kind.settle if begun else going.kind.act)(item, going.batch, self._desk)
        except (Halt, LedgerError):
            raise
        except TelegramRetryAfter as wait:
            self._told_to_wait(going, wait.retry_after)
            if not begun:
                await self._put_back(going)
            return None
        except HalfDone as wait:
            self._told_to_wait(going, wait.seconds)
            return None
        except UNANSWERED:
            return self._lost(going)
        except Exception as error:
            return _failed(error)
        if isinstance(outcome, Outcome):
            return outcome
        going.account = outcome or Waits()
        going.waits(self._pace.hindered if going.account.why else self._pace.elsewhere)
        return None

    def _lost(self, going: _Going) -> Outcome | None:
        if going.tries == len(self._pace.lost):
            return NO_ANSWER
        going.waits(self._pace.lost[going.tries])
        going.tries += 1
        return None

    def _told_to_wait(self, going: _Going, seconds: float) -> None:
        going.waits(seconds, int(self._desk.clock() + seconds))

    async def _may_not(self, going: _Going) -> str:
        """Why the asker may not have it done now; asked of Telegram before the first item, and then now and then."""
        batch, fresh = going.batch, going.looked is None or _now() - going.looked > self._pace.rights
        try:
            await self._desk.access.served_chat(batch.chat_id)
            asker = await self._desk.access.asker(batch.chat_id, batch.asked_by, fresh=fresh)
            why = "" if may_ask(asker) else "not-admin"
            why = why or (await going.kind.may(asker, batch, self._desk) if fresh else "")
        except Unserved:
            return "unserved"
        except BotPowerless:
            return "powerless"
        if fresh:
            going.looked = _now()
        return why

    async def _put_back(self, going: _Going) -> None:
        assert going.item is not None
        await self._desk.ledger.batches.put_back(going.item.id)
        going.item, going.account = None, Waits()

    async def _end(self, going: _Going, outcome: Outcome) -> None:
        assert going.item is not None
        await self._desk.ledger.batches.end(going.item.id, outcome.state, outcome.reason)
        going.item, going.tries, going.account = None, 0, Waits()

    async def _close(self, going: _Going, state: BatchState, reason: str) -> bool:
        """The end: what was begun is called back, or looked at once more; the report stands in the message, then in
        the ledger."""
        batch = going.batch
        if going.item is not None and await going.kind.recall(going.item, batch, self._desk):
            await self._put_back(going)
        elif going.item is not None:
            outcome = await self._last_look(going.item, batch, going.kind)
            going.ends_by = going.ends_by or _now() + self._pace.ends
            if not isinstance(outcome, Outcome) and _now() < going.ends_by:
                going.waits(self._pace.elsewhere)
                return False
            await self._end(going, outcome if isinstance(outcome, Outcome) else NO_ANSWER)
        report = await self._desk.ledger.batches.report(batch.id)
        assert report is not None
        report = replace(report, batch=replace(report.batch, state=state, reason=reason))
        rows = await going.kind.after(report, going.chat, self._desk) if going.kind.after else ()
        screen = screens.batch_ended(report, going.chat, named=await self._named(batch), rows=rows)
        if not await self._put(batch, screen):
            going.waits(PAUSE)
            return False
        await self._desk.ledger.batches.finish(batch.id, state, reason)
        self._going.pop(batch.id, None)
        return False

    async def _last_look(self, item: Item, batch: Batch, kind: Kind) -> Outcome | Waits | None:
        try:
            return await kind.settle(item, batch, self._desk)
        except (TelegramAPIError, Halt, HalfDone):
            return NO_ANSWER

    async def _named(self, batch: Batch) -> list[str]:
        """What it is unknown of, by number or first name."""
        items = await self._desk.ledger.batches.items(batch.id, ItemState.UNKNOWN, limit=NAMED)
        links = await self._desk.ledger.links.many([one.link_id for one in items if one.link_id is not None])
        named = [f"#{link.number} {name_of(link)}" for link in links.values()]
        for one in items:
            person = await self._desk.ledger.chats.person(one.person_id) if one.person_id else None
            if person is not None:
                named.append(person.name.split(" ")[0])
        return named

    async def _show(self, going: _Going) -> None:
        """How far it is; a wait at once, figures now and then."""
        late = going.shown is None or _now() - going.shown >= self._pace.shown
        waits = going.until, going.account
        if going.batch.place is None or not (late or waits != going.waits_shown):
            return
        report = await self._desk.ledger.batches.report(going.batch.id)
        assert report is not None
        account = going.account.why, going.account.until
        screen = screens.batch_going(
            report, going.chat, until=going.until, account=account, now=int(self._desk.clock())
        )
        text = screen.text.as_html()
        if text != going.text:
            await self._put(going.batch, screen, again=False)
        going.shown, going.text, going.waits_shown = _now(), text, waits

    async def _put(self, batch: Batch, screen: Screen, *, again: bool = True) -> bool:
        """Whether it was shown, or never can be. A report whose message is gone goes to the asker's private chat."""
        delivery, chats = self._desk.delivery, self._desk.ledger.chats
        try:
            shown = batch.place is not None and await delivery.edit(batch.place, screen)
            if not shown and again and await chats.private_open(batch.asked_by):
                await delivery.tell(batch.asked_by, screen)
        except (*UNANSWERED, TelegramRetryAfter):
            return False
        except TelegramAPIError as refusal:
            log.info("a report could not be shown", why=type(refusal).__name__)
        return True


def _failed(error: Exception) -> Outcome:
    """What Telegram refused was not done; of a fault of ours nobody knows."""
    log.error("an item failed", why=type(error).__name__)
    return refused("telegram") if isinstance(error, TelegramAPIError) else Outcome(ItemState.UNKNOWN, "failed")


def _now() -> float:
    return asyncio.get_running_loop().time()

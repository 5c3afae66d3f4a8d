"""What the bot does unasked: it follows the ledger for errands that moved and for what the host must mend,
carries out what is due, and keeps house. A ledger that cannot be written just now ends none of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from aiogram.exceptions import TelegramAPIError

from bot import screens
from bot.desk import Desk
from bot.handlers import acting
from bot.handlers.closing import Closing
from bot.handlers.rotating import Formers
from bot.notices import LEFT, TRIED_AGAIN, WAITS_AS, deliver, tell_host
from bot.patience import UNANSWERED
from bot.screens.added import lacks_rights
from bot.screens.base import Screen
from bot.skew import Skew
from ledger.chats import Account, AccountState, Chat, Role, Served
from ledger.errands import ACTS, STANDS_OPEN, Act, Errand, ErrandState, Place
from ledger.errors import CannotWrite, LedgerBusy, UnknownChat
from ledger.inbox import Due
from ledger.listing import Query

log = structlog.get_logger("bot.watch")

IDS_KEPT = 48 * 3600
NAMES_KEPT = 365 * 86_400
DRAFTS_KEPT = 86_400
REPORTS_KEPT = 30 * 86_400
HOUSEKEEPING_EVERY = 3600
NAMES_EVERY = 86_400
EXPIRY_EVERY = 60
PROGRESS_EVERY = 4  # seconds between two edits of one message
RIGHTS_AWAITED = 86_400  # so long the line on being added follows the rights the bot is given
PAUSE = 5  # seconds, after the ledger refused
DUE_LOOKED_FOR_EVERY = 20  # what is put down later than this is at least as far ahead


class Watch:
    """`every` is how often due rows are looked for, in seconds."""

    def __init__(self, desk: Desk, *, skew: Skew, every: float = DUE_LOOKED_FOR_EVERY) -> None:
        self._desk = desk
        self._skew = skew
        self._every = every
        self._answering = asyncio.Lock()
        self._told: set[tuple[str, int, int]] = set()
        self._waits: dict[int, tuple[object, ...]] = {}  # by answer: what an act waits for, as its asker was told
        self._shown: dict[int, tuple[float, object, str]] = {}  # by errand: when, how things stood, the text

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._on_and_on(self._follow))
            group.create_task(self._on_and_on(self._carry_out))
            group.create_task(self._each(EXPIRY_EVERY, self._expire))
            group.create_task(self._each(self._every, Closing(self._desk).run))
            group.create_task(self._each(self._every, Formers(self._desk).run))
            group.create_task(self._each(6 * self._every, self._tell_of_trouble))
            group.create_task(self._each(HOUSEKEEPING_EVERY, self._purge))
            group.create_task(self._each(NAMES_EVERY, self._purge_names))

    async def _follow(self) -> None:
        async for _ in self._desk.ledger.watch():
            await self._answer_ended()
            await self._show_progress()
            await self._show_waits()
            await self._tell_of_loss()

    async def _answer_ended(self) -> None:
        """Each who asked for the same errand gets the outcome; a message that is no more is let go."""
        async with self._answering:
            await self._answer_each()

    async def _answer_each(self) -> None:
        ledger, now = self._desk.ledger, int(self._desk.clock())
        for answer_id, errand, place, who in await ledger.errands.unanswered():
            chat = await ledger.chats.get(errand.chat_id)
            if errand.act in ACTS:
                if chat is not None and not await self._end_act(errand, chat, place, who):
                    continue
                self._waits.pop(answer_id, None)
            elif chat is not None and is_to_all(place):
                if not await self._end_line(errand, place, now):
                    continue
            elif chat is not None and not await self._edit(place, screens.sync_ended(chat, errand, now)):
                continue
            await ledger.errands.answered(answer_id)
            self._shown.pop(errand.id, None)

    async def _end_act(self, errand: Errand, chat: Chat, place: Place, who: int | None) -> bool:
        return await self._edit(place, await acting.outcome(errand, chat, who, self._desk))

    async def _end_line(self, errand: Errand, place: Place, now: int) -> bool:
        """Whether the line on being added has its last words: where a right is missing it follows that."""
        screen, lacking = await self._line(errand.chat_id)
        text = screen.text.as_html()
        if text != self._shown.get(errand.id, (0.0, None, ""))[2]:
            if not await self._edit(place, screen):
                return False
            self._shown[errand.id] = (now, None, text)
        return not lacking or now - errand.asked_at > RIGHTS_AWAITED

    async def _line(self, chat_id: int) -> tuple[Screen, bool]:
        report = await self._desk.ledger.links.page(Query(chat_id, size=1))
        username, now = self._desk.me.username or "", int(self._desk.clock())
        return screens.added_line(report, now=now, bot_username=username), lacks_rights(report.chat)

    async def _show_progress(self) -> None:
        ledger, now = self._desk.ledger, int(self._desk.clock())
        for errand in await ledger.errands.open():
            if errand.act != Act.SYNC or errand.place is None:
                continue
            shown_at, stood, text = self._shown.get(errand.id, (0.0, None, ""))
            chat, account = await ledger.chats.get(errand.chat_id), await ledger.programs.account()
            if chat is None:
                continue
            state = (account.state, account.until, chat.account_role)
            if now - shown_at < PROGRESS_EVERY and state == stood:
                continue  # figures may be a little late, what does not go on changing is told at once
            screen = await self._open_screen(errand, errand.place, chat, account)
            if screen is None or screen.text.as_html() == text:
                continue
            self._shown[errand.id] = (now, state, screen.text.as_html())
            await self._edit(errand.place, screen)

    async def _show_waits(self) -> None:
        """What an act waits for, and until when, is told to each who waits for it as it changes."""
        ledger = self._desk.ledger
        answers = await ledger.errands.open_answers()
        if not answers:
            return
        account, power = await ledger.programs.account(), await ledger.errands.power()
        for answer_id, errand, place, who in answers:
            now = screens.waits_for(errand, account, power)
            chat = await ledger.chats.get(errand.chat_id)
            if now == self._waits.get(answer_id, ("", None)) or chat is None:
                continue
            link = await ledger.links.get(errand.link_id) if errand.link_id is not None else None
            if await self._edit(place, await acting.open_screen(errand, link, chat, who, self._desk)):
                self._waits[answer_id] = now

    async def _open_screen(self, errand: Errand, place: Place, chat: Chat, account: Account) -> Screen | None:
        """What is to be said of an errand not yet ended; None where the answer it began with still holds."""
        if is_to_all(place):
            return (await self._line(chat.id))[0]
        doing = errand.state == ErrandState.DOING
        progress = await self._desk.ledger.sweeps.progress(chat.id) if doing else None
        if progress is None and account.state == AccountState.READY:
            return None
        return screens.sync_open(chat, account, int(self._desk.clock()), progress)

    async def _tell_of_loss(self) -> None:
        account = await self._desk.ledger.programs.account()
        if account.state == AccountState.LOST:
            await self._tell("session-lost", account.since)

    async def _tell_of_trouble(self) -> None:
        """Listings that could be read and cannot be any more, and a clock that is not Telegram's."""
        for one in (await self._desk.ledger.host.status()).chats:
            if one.chat.served == Served.SERVED and one.unreadable_since and one.chat.account_role != Role.OWNER:
                await self._tell("unreadable", one.unreadable_since, one.chat)
        if self._skew.seconds:
            await self._tell("clock", self._skew.since)

    async def _tell(self, kind: str, since: int, chat: Chat | None = None) -> None:
        """Asks the ledger whether it was told already only where this run has not."""
        about = (kind, chat.id if chat else 0, since)
        if about not in self._told:
            await tell_host(self._desk, kind, since=since, chat=chat)
            self._told.add(about)

    async def _carry_out(self) -> None:
        """Due rows at their time, those of an earlier run too. One whose message is no more is let go;
        where Telegram could not be reached it is tried again."""
        dues = self._desk.ledger.dues
        while True:
            for due in await dues.ready(int(self._desk.clock())):
                try:
                    await self._do(due)
                except UNANSWERED:
                    continue
                except TelegramAPIError as refusal:
                    log.info("a due act was refused", what=due.what, why=type(refusal).__name__)
                await dues.done(due.id)
            next_at = await dues.next_at()
            wait = self._every if next_at is None else next_at - self._desk.clock()
            await asyncio.sleep(min(max(wait, self._every / 20), self._every))

    async def _do(self, due: Due) -> None:
        if due.what not in (WAITS_AS, LEFT):
            await self._desk.delivery.due(due)
        elif not await deliver(self._desk, due.what, due.body):
            await self._desk.ledger.dues.put(int(self._desk.clock()) + TRIED_AGAIN, due.what, due.body)

    async def _expire(self) -> None:
        await self._desk.ledger.links.expire()
        await self._desk.ledger.errands.give_up(int(self._desk.clock()) - STANDS_OPEN)
        await self._answer_ended()  # its own commits, and edits that were lost, wake `_follow` at another's word only

    async def _purge(self) -> None:
        now = int(self._desk.clock())
        await self._desk.ledger.inbox.purge(now - IDS_KEPT)
        await self._desk.ledger.batches.purge(drafts_before=now - DRAFTS_KEPT, ended_before=now - REPORTS_KEPT)
        await self._desk.ledger.empty_log()

    async def _purge_names(self) -> None:
        await self._desk.ledger.chats.purge_names(int(self._desk.clock()) - NAMES_KEPT)

    async def _each(self, seconds: float, act: Callable[[], Awaitable[object]]) -> None:
        async def once() -> None:
            await act()
            await asyncio.sleep(seconds)

        await self._on_and_on(once)

    async def _on_and_on(self, act: Callable[[], Awaitable[object]]) -> None:
        while True:
            try:
                await act()
            except UnknownChat:
                log.info("a chat went or moved meanwhile")
                await asyncio.sleep(PAUSE)
            except (LedgerBusy, CannotWrite) as error:
                log.error("the ledger cannot be written", why=type(error).__name__)
                await asyncio.sleep(PAUSE)

    async def _edit(self, place: Place, screen: Screen) -> bool:
        """Whether the message is settled: edited, or refused for good."""
        try:
            await self._desk.delivery.edit(place, screen)
        except UNANSWERED:
            return False
        except TelegramAPIError as refusal:
            log.info("a message could not be edited", why=type(refusal).__name__)
        return True


def is_to_all(place: Place) -> bool:
    """The line on being added: no other answer of an errand stands where all can read it."""
    return place.chat_id < 0 and place.ephemeral_id is None

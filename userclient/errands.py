"""What the account does all day: errands first, then the chats whose turn it is to be read, one after another."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager, suppress

import structlog

from ledger.chats import AccountState
from ledger.errands import READING, Act, Errand, ErrandState
from ledger.errors import LedgerError, UnknownChat
from ledger.store import Ledger
from ledger.sweeps import SweepResult
from userclient.account import Account
from userclient.acting import Acting
from userclient.errors import Offline, SessionHeld, SessionLost, TryLater, UnknownType, Unreadable
from userclient.gate import Gate
from userclient.leave import CHANGING, off_switch
from userclient.place import UNKNOWN_TYPE, NotInChat
from userclient.session import SessionFile, holding, put_aside
from userclient.settings import UserClientSettings
from userclient.sync import sweep
from userclient.turns import LISTINGS, Interrupted, Turns, noting, why_not
from userclient.voice import NAME, Voice

log = structlog.get_logger(__name__)

BEAT = 15.0  # seconds between two signs of life
SWITCH = 1.0  # seconds between two looks for the file that ends all acting
TICK = 0.25  # seconds between two looks at the clock, the connection and the session file
LOOK = 5  # seconds of the clock between two looks for sweeps that came due
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 25.0  # between connects: with the 30 s one may take it is back within a minute
STEADY = 60.0  # a connection that lasted this long starts the pauses anew
LISTED = READING - {Act.SYNC}  # who joined, and who waits
HANDOVER = 5.0  # seconds a sign-in that has just written the session may still hold it


def figures(result: SweepResult) -> dict[str, int]:
    """What an errand keeps of a sweep, and `console sync` prints."""
    return {
        "calls": result.calls,
        "pages": result.pages,
        "links": result.links,
        "new": result.new,
        "changed": result.changed,
        "gone": result.gone,
        "readable": result.coverage.readable,
        "known": result.coverage.known,
    }


class Pauses:
    """1 s doubling to 25 s, with jitter: at most 20 connects in any minute."""

    def __init__(self, first: float = FIRST_PAUSE) -> None:
        self._first = self._next = first

    def steady(self) -> None:
        self._next = self._first

    def next(self) -> float:
        pause, self._next = self._next, min(LONGEST_PAUSE, self._next * 2)
        return pause * random.uniform(0.75, 1.0)  # noqa: S311


class UserClient:
    """The program without its process: run() works until stop() or cancellation.

    `limit` is the time limit of a call, `pause` the wait before a second connect, both in seconds. run()
    raises SessionHeld where another program has the session, SessionFileError and BadSetting where it
    cannot be read.
    """

    def __init__(
        self,
        settings: UserClientSettings,
        ledger: Ledger,
        *,
        clock: Callable[[], float] = time.time,
        limit: float = 30.0,
        pause: float = FIRST_PAUSE,
    ) -> None:
        self._settings = settings
        self._ledger = ledger
        self._clock = clock
        self._limit = limit
        self._first_pause = pause
        self._gate = Gate(ledger.programs, calls_per_second=settings.calls_per_second, clock=clock)
        self._voice = Voice(ledger, self._gate)
        self._news = asyncio.Event()  # another program wrote to the ledger
        self._stopping = False
        self._waited = False  # for a session to appear
        self._acting = Acting(settings, ledger, clock=clock)
        self._again = 0.0  # when an act that is held may be tried again; 0 where none is
        self._doing: dict[int, Errand] = {}  # sweeps asked for, taken and not ended
        self._helpers: list[asyncio.Task[None]] = []
        self._turns = Turns(settings, ledger, self._gate, clock)

    def stop(self) -> None:
        """Ends run() at the next page or pause."""
        self._stopping = True

    async def run(self) -> None:
        try:
            await self._ledger.errands.set_mode(self._settings.account_mode)
            async with self._living():
                while not self._stopping:
                    if not self._settings.session_file.exists():
                        await self._wait_for_session()
                        continue
                    file = SessionFile(self._settings.session_file, self._settings.session_keys())
                    with ExitStack() as stack:
                        await self._hold(stack)
                        await self._serve(file)
        except LedgerError:
            raise  # nothing can be written, so nothing is said either
        except BaseException:
            await self._farewell()
            raise
        else:
            await self._farewell()

    async def _farewell(self) -> None:
        if self._voice.state not in (AccountState.ABSENT, AccountState.LOST):
            with suppress(LedgerError):
                await self._voice.say(AccountState.OFFLINE, detail="the program was stopped")

    @asynccontextmanager
    async def _living(self) -> AsyncIterator[None]:
        """Hears of other programs' commits and gives signs of life. An error in either ends run()."""

        async def listen() -> None:
            async for _ in self._ledger.watch():
                self._news.set()

        async def beat() -> None:
            while True:
                await asyncio.sleep(BEAT)
                await self._voice.repeat()

        async def look_at_switch() -> None:
            """The file that ends all acting is in the ledger too, where the bot sees it."""
            while True:
                off = off_switch(self._settings).exists()
                if off != (await self._ledger.errands.power()).off_by_file:
                    await self._ledger.errands.switch(not off, by_file=True)
                    self._news.set()
                await asyncio.sleep(SWITCH)

        self._helpers = [asyncio.create_task(one()) for one in (listen, beat, look_at_switch)]
        try:
            yield
        finally:
            for task in self._helpers:
                task.cancel()
            await asyncio.gather(*self._helpers, return_exceptions=True)

    async def _until(self, done: Callable[[], bool]) -> None:
        while not (self._stopping or done()):
            for task in self._helpers:
                if task.done():
                    task.result()
            await asyncio.sleep(TICK)

    async def _wait_for_session(self) -> None:
        """Nobody is signed in: a sweep asked meanwhile is refused, an act waits. A lost session stays known as
        lost."""
        before = await self._ledger.programs.account()
        lost = before.state == AccountState.LOST
        await self._voice.say(AccountState.LOST if lost else AccountState.ABSENT, detail=before.detail if lost else "")
        self._waited = True
        self._doing.clear()
        while not self._stopping and not self._settings.session_file.exists():
            self._news.clear()
            for errand in await self._ledger.errands.open():
                if errand.act == Act.SYNC:
                    await self._ledger.errands.finish(errand.id, ErrandState.REFUSED, reason="no-session")
            await self._until(lambda: self._news.is_set() or self._settings.session_file.exists())

    async def _hold(self, stack: ExitStack) -> None:
        """Holds the session. A sign-in that has just written it gets a moment to let go of it."""
        deadline = time.monotonic() + (HANDOVER if self._waited else 0)
        while True:
            try:
                stack.enter_context(holding(self._settings.session_file, NAME))
            except SessionHeld:
                if time.monotonic() >= deadline:
                    raise
                await asyncio.sleep(TICK)
            else:
                return

    async def _serve(self, file: SessionFile) -> None:
        """Works until the session is lost or the program stops."""
        account = Account(self._settings, file.read(), self._gate, clock=self._clock, limit=self._limit)
        self._voice.is_now(account.id, account.name)
        await self._voice.say(AccountState.STARTING)
        try:
            await self._keep_connected(account)
        except SessionLost as lost:
            put_aside(file.path)
            await self._voice.say(AccountState.LOST, detail=str(lost))
        finally:
            await account.disconnect()

    async def _keep_connected(self, account: Account) -> None:
        pauses = Pauses(self._first_pause)
        while not self._stopping:
            since = time.monotonic()
            try:
                await account.connect()
                self._voice.is_now(account.id, account.name)
                await self._work(account)
            except TryLater as wait:
                await self._voice.say(AccountState.WAITING, until=wait.until, detail=str(wait))
                await self._until_time(wait.until)
            except Offline as why:
                await self._voice.say(AccountState.OFFLINE, detail=str(why))
                if time.monotonic() - since > STEADY:
                    pauses.steady()
                await self._pause(pauses.next())

    async def _until_time(self, until: float) -> None:
        await self._until(lambda: self._clock() >= until)

    async def _pause(self, seconds: float) -> None:
        over = time.monotonic() + seconds
        await self._until(lambda: time.monotonic() >= over)

    async def _work(self, account: Account) -> None:
        """Rounds of errands and due sweeps as long as the connection lasts. Raises Offline at its end."""
        while not self._stopping:
            self._news.clear()
            waits = await self._round(account)
            if waits:
                method, until = min(waits.items(), key=lambda wait: wait[1])
                await self._voice.say(AccountState.WAITING, until=until, detail=str(TryLater(method, until)))
            else:
                unread = await self._ledger.sweeps.unreadable_for(UNKNOWN_TYPE)
                await self._voice.say(AccountState.READY, detail=str(UnknownType()) if unread else "")
            again = [self._again] if self._again else []
            await self._idle(account, min([self._clock() + LOOK, *waits.values(), *again]))
            if not account.connected:
                raise Offline("the connection to Telegram was lost")
            if account.clock_in_doubt:
                await account.check_clock()

    async def _idle(self, account: Account, until: float) -> None:
        await self._until(
            lambda: self._news.is_set() or not account.connected or account.clock_in_doubt or self._clock() >= until
        )

    async def _round(self, account: Account) -> dict[str, int]:
        """One go at all there is to do. Returns the methods that must wait, and until when."""
        if self._voice.state != AccountState.READY and (self._voice.until or 0) <= self._clock():
            await self._voice.say(AccountState.READY)
        waits: dict[str, int] = {}
        with suppress(Interrupted):
            await self._act(account, waits)
            for errand in list(self._doing.values()):
                with noting(waits):
                    await self._carry_out(account, errand, waits)
            while taken := await self._ledger.errands.take({Act.SYNC}):
                self._doing[taken.id] = taken
                with noting(waits):
                    await self._carry_out(account, taken, waits)
            await self._read(account, waits)
        return waits

    async def _read(self, account: Account, waits: dict[str, int]) -> None:
        """All chats whose turn it is. Raises Interrupted where somebody asks for a sweep meanwhile."""

        async def on_page() -> None:
            if await self._between_pages(account, waits) and await self._is_asked_to_sweep():
                self._news.set()
                raise Interrupted

        await self._turns.take(account, waits, on_page)

    async def _act(self, account: Account, waits: dict[str, int]) -> None:
        """All that people wait for and that can be done now: acts first, also between two pages of a reading."""

        async def changes() -> None:
            if self._stopping:
                raise Interrupted
            await self._take(account, waits, CHANGING, never)

        async def never() -> None: ...

        await changes()
        await self._take(account, waits, LISTED, changes)
        self._again = await self._ledger.errands.next_try() or 0.0

    async def _take(
        self, account: Account, waits: dict[str, int], acts: frozenset[Act], on_page: Callable[[], Awaitable[None]]
    ) -> None:
        while not self._stopping and (taken := await self._ledger.errands.take(acts)):
            with noting(waits), self._gate.for_people():
                await self._acting.carry_out(account, taken, on_page)
            await on_page()

    async def _carry_out(self, account: Account, errand: Errand, waits: dict[str, int]) -> None:
        """A sweep somebody asked for. Left open where Telegram makes it wait or the connection ends."""

        async def on_page() -> None:
            await self._between_pages(account, waits)

        try:
            result = await self._sweep(account, errand.chat_id, on_page)
        except UnknownChat:
            pass  # and the errand is erased with it
        except (NotInChat, Unreadable, UnknownType) as why:
            await self._ledger.errands.finish(errand.id, ErrandState.REFUSED, reason=why_not(why))
        else:
            await self._ledger.errands.finish(errand.id, ErrandState.DONE, result=figures(result))
        del self._doing[errand.id]

    async def _sweep(self, account: Account, chat_id: int, on_page: Callable[[], Awaitable[None]]) -> SweepResult:
        """Raises UnknownChat where the chat was erased meanwhile, also while it waited its turn: a sweep would
        bring it back into the book."""
        if await self._ledger.chats.get(chat_id) is None:
            raise UnknownChat
        await self._gate.check(LISTINGS)
        return await sweep(account, self._ledger, chat_id, on_page)

    async def _between_pages(self, account: Account, waits: dict[str, int]) -> bool:
        """People who wait for an act go before the rest of a sweep. Returns whether there was news. Raises
        Interrupted at the program's end."""
        if self._stopping:
            raise Interrupted
        news = self._news.is_set()
        if news or 0 < self._again <= self._clock():
            self._news.clear()
            await self._act(account, waits)
        return news

    async def _is_asked_to_sweep(self) -> bool:
        return any(
            errand.act == Act.SYNC and errand.state == ErrandState.ASKED for errand in await self._ledger.errands.open()
        )

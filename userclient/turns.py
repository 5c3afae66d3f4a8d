"""Reads the chats whose turn it is: one check or one stretch of a sweep after another, until nothing is due."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import structlog

from ledger.errors import UnknownChat
from ledger.store import Ledger
from userclient.account import Account
from userclient.answers import CHANNELS
from userclient.checking import check
from userclient.errors import AccountError, TryLater, UnknownType, Unreadable
from userclient.gate import Gate
from userclient.place import UNKNOWN_TYPE, NotInChat, in_words, resolve
from userclient.schedule import SLICE, Schedule, Turn, What
from userclient.settings import UserClientSettings
from userclient.sync import sweep

log = structlog.get_logger(__name__)

LISTINGS, PROBE = "messages.getExportedChatInvites", "messages.getAdminsWithInvites"
LOOK_AROUND = 30  # seconds until chats that are new, and what others read, get their turn
_NEEDS = {What.CHECK: PROBE, What.SWEEP: LISTINGS}


class Interrupted(Exception):
    """A sweep stops at this page: a person asked for something else, others' turn has come, or the program is
    to end."""


class Turns:
    def __init__(
        self, settings: UserClientSettings, ledger: Ledger, gate: Gate, clock: Callable[[], float]
    ) -> None:  # fmt: skip
        self._ledger = ledger
        self._gate = gate
        self._clock = clock
        self._again = settings.sync_every  # seconds until a chat that could not be read is tried again
        self._schedule = Schedule(check_every=settings.sync_every, sweep_every=settings.sweep_every)
        self._looked = 0.0  # when the ages of all chats were last taken up
        self._closed: dict[int, float] = {}  # chats that cannot be read now, and until when

    async def take(
        self, account: Account, waits: dict[str, int], unless_asked: Callable[[], Awaitable[None]]
    ) -> None:  # fmt: skip
        """All turns that are due. `unless_asked` raises Interrupted where something goes before them; `waits` takes
        up the methods that must wait, and until when."""
        await self._look_around()
        with noting(waits):
            await self._look_up(account)
        while turn := self._schedule.next(self._clock(), [what for what in What if _NEEDS[what] in waits]):
            await unless_asked()
            with noting(waits):
                await self._gate.check(_NEEDS[turn.what])
            if _NEEDS[turn.what] in waits:
                continue  # before a call is spent on what leads nowhere
            before = self._gate.calls.total()
            try:
                await self._read(account, turn, unless_asked)
            except TryLater as wait:
                waits[wait.method] = wait.until
                self._close(turn.chat_id, wait.until)
            else:
                await self._look_again(turn.chat_id)
            finally:
                self._schedule.spent(turn.what, self._gate.calls.total() - before)

    def waiting(self) -> dict[What, int]:
        """How many chats are due for what."""
        return self._schedule.waiting(self._clock())

    async def _look_around(self) -> None:
        """Takes up how old every chat's picture is."""
        self._looked = now = self._clock()
        self._closed = {chat_id: until for chat_id, until in self._closed.items() if until > now}
        self._schedule.know(one for one in await self._ledger.checks.ages() if one.chat_id not in self._closed)

    async def _look_again(self, chat_id: int) -> None:
        """After its turn."""
        found = await self._ledger.checks.ages(chat_id)
        if not found or self._clock() - self._looked > LOOK_AROUND:
            await self._look_around()
        elif chat_id not in self._closed:
            self._schedule.update(found[0])

    async def _read(self, account: Account, turn: Turn, unless_asked: Callable[[], Awaitable[None]]) -> None:
        pages = 0

        async def on_page() -> None:
            nonlocal pages
            await unless_asked()
            pages += 1
            if pages % SLICE == 0 and turn.what is What.SWEEP and self._schedule.checks_wait(self._clock()):
                raise _Stretch

        # One that was erased meanwhile, also while it waited its turn, is not brought back into the book.
        try:
            if await self._ledger.chats.get(turn.chat_id) is None:
                raise UnknownChat
            await (check if turn.what is What.CHECK else sweep)(account, self._ledger, turn.chat_id, on_page)
        except _Stretch:
            pass
        except UnknownChat:
            log.info("chat erased before it was read", chat=turn.chat_id)
        except (NotInChat, Unreadable, UnknownType) as why:
            log.warning("chat not read", chat=turn.chat_id, what=turn.what.value, why=why_not(why))
            self._close(turn.chat_id, self._clock() + self._again)

    async def _look_up(self, account: Account) -> None:
        """Finds the chats it has no access hash for by one walk through the dialogs."""
        rows = [await self._ledger.chats.get(chat_id) for chat_id in self._schedule.never_read() if chat_id < CHANNELS]
        unknown = [row.id for row in rows if row and row.account_hash is None]
        if len(unknown) < 2:
            return  # its sweep looks for a single one
        try:
            absent = set(unknown) - set(await resolve(account, self._ledger, unknown))
        except UnknownType:
            return  # each sweep meets it, and its chat says so
        except Unreadable as why:
            log.warning("dialogs not read", why=why_not(why))
            absent = set(unknown)
        for chat_id in absent:
            self._close(chat_id, self._clock() + self._again)

    def _close(self, chat_id: int, until: float) -> None:
        self._closed[chat_id] = until
        self._schedule.drop(chat_id)


class _Stretch(Exception):
    """Enough of a sweep for one turn."""


def why_not(why: AccountError) -> str:
    match why:
        case Unreadable():
            return in_words(why.reason)
        case UnknownType():
            return UNKNOWN_TYPE
    return "not-in-chat"


@contextmanager
def noting(waits: dict[str, int]) -> Iterator[None]:
    try:
        yield
    except TryLater as wait:
        waits[wait.method] = wait.until

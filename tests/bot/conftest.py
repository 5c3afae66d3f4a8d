"""A chess club on the sandbox and the real bot running over it, in one event loop."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiogram.utils.backoff import BackoffConfig

from bot.app import Pace, run
from bot.batches import BatchPace
from bot.settings import BotSettings
from ledger.chats import SeenChat
from ledger.errands import Act
from ledger.listing import Query
from ledger.settings import LedgerSettings
from ledger.store import Ledger
from sandbox import Sandbox, state
from sandbox.chats import Chat, Member, Person, Status
from sandbox.leaks import holds_whole_link, leaked_views, whole_links_in
from sandbox.people import Actor
from tests.conftest import Clock, ledger_in
from tests.pictures import qr_in

QUICK = BackoffConfig(min_delay=0.01, max_delay=0.05, factor=2, jitter=0.0)
MANY = BatchPace(between=0.005, shown=0.02, rights=0.05, lost=(0.01, 0.02, 0.04), elsewhere=0.02, hindered=0.05)
PACE = Pace(poll=20, due=0.15, pauses=(0.01, 0.02, 0.04), unreachable=QUICK, conflict=QUICK, batches=MANY)

PEOPLE = ("Vera", "Ann", "Bob", "Max", "Kim")


@dataclass(frozen=True)
class Club:
    """Vera owns the Chess club; Ann and Bob are admins with the right to invite, as are both bots;
    Max is a member; Kim is in no chat."""

    telegram: Sandbox
    vera: Actor
    ann: Actor
    bob: Actor
    max: Actor
    kim: Actor
    bot: Person
    other_bot: Person
    chat: Chat

    def calls(self, method: str) -> int:
        """How often our bot called it."""
        return sum(1 for call in self.telegram.log.calls if (call.who, call.method) == (self.bot.id, method))

    async def called(self, method: str, times: int = 1) -> None:
        await self.vera.waits(lambda: self.calls(method) >= times, f"{times} × {method}")


def first_club(telegram: Sandbox) -> Club:
    world = telegram.world
    vera, ann, bob, max_, _ = (world.add_person(name) for name in PEOPLE)
    world.add_bot("Invite Ledger", "invite_ledger_bot")
    other_bot = world.add_bot("Door Keeper", "door_keeper_bot")
    chat = world.add_chat("Chess club", vera)
    world.join(chat, max_)
    for admin in (ann, bob, other_bot):
        world.promote(chat, admin, by=vera)
    return club_of(telegram)


def club_of(telegram: Sandbox) -> Club:
    bot, other_bot = (each for each in telegram.world.people.values() if each.is_bot)
    (chat,) = (each for each in telegram.world.chats.values() if each.title == "Chess club")
    vera, ann, bob, max_, kim = map(telegram.person, PEOPLE)
    return Club(telegram, vera, ann, bob, max_, kim, bot, other_bot, chat)


@dataclass(frozen=True)
class Met:
    """A club whose bot was made an admin, was claimed by Vera and has met the chat, with no program running."""

    world: Path
    ledger: Path


@pytest.fixture(scope="session")
def met(
    server_folder: Path, migrated: tuple[LedgerSettings, Path], tmp_path_factory: pytest.TempPathFactory
) -> Met:  # fmt: skip
    """As it came about once in this worker: each test that begins there would spend a third of its time on it."""
    folder = tmp_path_factory.mktemp("met")
    found = Met(folder, folder / "ledger.db")
    shutil.copy(migrated[1], found.ledger)
    settings = migrated[0].model_copy(update={"ledger_url": f"sqlite:///{found.ledger}"})

    async def meet() -> None:
        async with Sandbox(server_folder, clock=Clock()) as telegram:
            club = first_club(telegram)
            async with started(club, settings, Clock()) as bot:
                await bot.ledger.host.claim(await bot.ledger.host.new_claim(), club.vera.person.id)
                await bot.serves(club, club.chat, owner=club.vera)
                await bot.rests()
            state.Keeper(telegram).save()
            (server_folder / state.FILE).rename(found.world / state.FILE)

    asyncio.run(meet())
    return found


def _begins_met(request: pytest.FixtureRequest) -> bool:
    return "bot" in request.fixturenames


@pytest.fixture
def ledger_settings(
    tmp_path: Path, migrated: tuple[LedgerSettings, Path], met: Met, request: pytest.FixtureRequest
) -> LedgerSettings:
    settings, file = migrated
    return ledger_in(tmp_path, settings, met.ledger if _begins_met(request) else file)


@pytest.fixture
async def club(
    server_folder: Path,
    tmp_path: Path,
    clock: Callable[[], float],
    said: Callable[[], str],
    met: Met,
    request: pytest.FixtureRequest,
) -> AsyncIterator[Club]:
    """After each test nobody but an asker has seen a whole link, and none lies in a file or a log line."""
    telegram = Sandbox(server_folder, clock=clock)
    if _begins_met(request) and (kept := state.read(met.world)):
        kept.mtproto.ports.update(dict.fromkeys(kept.mtproto.ports, 0))  # others may listen there by now
        kept.put_into(telegram)
        club = club_of(telegram)
    else:
        club = first_club(telegram)
    async with telegram:
        telegram.bot_api.conflict_pause = 0.05
        yield club
        assert leaked_views(telegram.world, club.bot.id, qr_in) == []
        assert whole_links_in(tmp_path, telegram.world) == []
        assert not holds_whole_link(said(), telegram.world)
        assert str(club.bot.token) not in said()


@dataclass
class RunningBot:
    """`ledger` is the test's own connection to the bot's ledger."""

    club: Club
    ledger: Ledger
    settings: BotSettings
    task: asyncio.Task[None]
    stop: asyncio.Event

    async def until(self, holds: Callable[[], Awaitable[Any]], *, within: float = 40) -> Any:
        """What `holds` returns once that is true, looked at after each of the bot's commits."""
        async with asyncio.timeout(within):
            async for _ in self.ledger.watch(0.02):
                if found := await holds():
                    return found
        raise AssertionError("the ledger's watch ended")

    async def rests(self) -> None:
        """Until all that was said to the bot so far is done: what is read on a screen may be the middle of it."""
        updates = self.club.telegram.bot_api.updates
        await self.club.vera.waits(lambda: not updates.pending(self.club.bot), "the bot to take its updates")

        async def nothing_open() -> bool:
            return not await self.ledger.inbox.waiting(limit=1)

        await self.until(nothing_open)

    async def serves(self, club: Club, chat: Chat, *, owner: Actor) -> None:
        """Has `owner` make the bot an admin of a chat it serves, and returns once the bot knows that. It was
        there before, so nothing is said of its coming."""
        seen = SeenChat(chat.id, chat.title, chat.kind.value, chat.username)
        await self.ledger.chats.saw(seen, trusted=True)
        chat.members[club.bot.id] = Member(club.bot.id, Status.MEMBER)
        await owner.promotes(club.bot, in_=chat)

        async def met() -> bool:
            known = await self.ledger.chats.get(chat.id)
            rows = (await self.ledger.links.page(Query(chat.id))).rows if known is not None else []
            return known is not None and known.bot_role == "admin" and any(link.by_this_bot for link in rows)

        await self.until(met)
        await self.ledger.errands.ask(Act.SYNC, chat.id, asked_by=None)

    async def ends(self) -> None:
        self.stop.set()
        await self.task


Start = Callable[..., Any]


@pytest.fixture
async def start_bot(club: Club, ledger_settings: LedgerSettings, clock: Callable[[], float]) -> AsyncIterator[Start]:
    """`await start_bot(**settings)`: a bot of the club, reading updates when it returns."""
    async with AsyncExitStack() as stack:

        async def start(*, pace: Pace = PACE, **more: Any) -> RunningBot:
            return await stack.enter_async_context(started(club, ledger_settings, clock, pace=pace, **more))

        yield start


@asynccontextmanager
async def started(
    club: Club, ledger_settings: LedgerSettings, clock: Callable[[], float], *, pace: Pace = PACE, **more: Any
) -> AsyncIterator[RunningBot]:
    values = ledger_settings.model_dump() | more
    values |= {"bot_token": club.bot.token, "bot_api_url": club.telegram.bot_api.url}
    settings = BotSettings(_env_file=None, **values)
    ledger = await Ledger.open(settings, clock=clock)
    stop = asyncio.Event()
    polled = club.calls("getUpdates")
    task = asyncio.create_task(run(settings, stop=stop, clock=clock, pace=pace))
    reading = asyncio.create_task(club.called("getUpdates", polled + 1))
    try:
        await asyncio.wait({task, reading}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
        await reading
        yield RunningBot(club, ledger, settings, task, stop)
    finally:
        reading.cancel()
        stop.set()
        try:
            await task
        finally:
            await ledger.close()


@pytest.fixture
async def bot(club: Club, start_bot: Start) -> RunningBot:
    """The bot, an admin of the Chess club, which it serves, with Vera as the host; it has met the chat."""
    running: RunningBot = await start_bot()
    return running

"""kill -9 while updates flow: every update is answered, and nothing is done to a link twice.

Judged by the sandbox's log of effects and views, never by our database.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.app import Pace
from ledger.chats import SeenChat
from ledger.settings import LedgerSettings
from ledger.store import Ledger
from sandbox.chats import Member, Status
from sandbox.messages import Message
from sandbox.people import Actor
from tests.bot import killer
from tests.bot.conftest import QUICK, Club
from tests.sizes import size

RANDOM_KILLS = size(50, 10)
POINTS_OF_A_LIFE = 80  # some 16 of them before the first update
STEPS = ("Revoke #", "Undo", "Revoke", "Back", "Card")  # what a person who wants a link undone presses, best first
PACE = Pace(poll=20, pauses=(0.01, 0.02, 0.04), unreachable=QUICK, conflict=QUICK)


@pytest.fixture
def clock() -> Callable[[], float]:
    """The bot runs in processes of its own, by the machine's clock."""
    return time.time


@dataclass
class Traffic:
    """What people asked and what came of it. Each question names itself, so that its answer does."""

    club: Club
    settings: dict[str, Any]
    made: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    kills: int = 0
    point: str = ""  # where the bot was killed, or the seed of where: said when a test fails
    processes: list[Any] = field(default_factory=list)
    settled: dict[str, int] = field(default_factory=dict)  # how often it was answered when a kill found it done

    def start(self, **how: Any) -> Any:
        self.processes.append(killer.start(self.settings, PACE, **how))
        return self.processes[-1]

    def asks(self, who: Actor) -> str:
        """The card of a link that is not, and a new link, whose name is returned."""
        self.asked.append(f"#{100_000 + len(self.asked)}")
        self._sends(who, f"/invite {self.asked[-1]}")
        self.made.append(f"Ad{len(self.made)}x")
        self._sends(who, f"/invite new {self.made[-1]} 7d x10")
        return self.made[-1]

    def _sends(self, who: Actor, text: str) -> None:
        chat = self.club.telegram.world.dialog(who.person, self.club.bot)
        self.club.telegram.world.messages.send(chat, who.person, text)

    async def undoes(self, who: Actor, name: str) -> None:
        """Undo and yes, and all over again where the bot lost the thread, until the screen says so."""
        await who.waits(lambda: bool(self.answers(name)), f"the echo of {name}")
        message = self._newest(who, name)
        if "may exist" in message.text:
            return
        number = message.text.partition("#")[2].split()[0]
        for _ in range(10):
            screen = next(screen for screen in who.sees(self.club.bot) if screen.message is message)
            if "revoked" in screen.text:
                return
            label = next((label for wanted in STEPS for label in screen.labels if wanted in label), None)
            seen = message.text
            if label is None:
                self._sends(who, f"/invite {number}")
                await who.waits(partial(self._is_newer, who, name, message), f"the card of {name}")
                message = self._newest(who, name)
            else:
                await who.presses(label, on=screen)
                await who.waits(partial(_changed, message, seen), f"what {label} does")
        raise AssertionError(f"{self.point}: never undone: {message.text}")

    def _is_newer(self, who: Actor, name: str, old: Message) -> bool:
        return self._newest(who, name) is not old

    def _newest(self, who: Actor, name: str) -> Message:
        """The bot's last message that names the link, or that did before it was edited."""
        seen = [screen.message for screen in who.sees(self.club.bot)]
        views = {view.message_id for view in self.club.telegram.log.views if name in view.text}
        return next(m for m in reversed(seen) if m.sender_id == self.club.bot.id and m.id in views)

    def answers(self, mark: str) -> int:
        """How many messages of the bot name it."""
        views = self.club.telegram.log.views
        return sum(1 for view in views if view.kind == "message" and view.by == self.club.bot.id and mark in view.text)

    async def all_answered(self) -> None:
        """And nothing is owed any more."""
        marks = {*self.asked, *self.made}
        queue = self.club.telegram.bot_api.updates.queue(self.club.bot)

        def done() -> bool:
            marks.difference_update([mark for mark in marks if self.answers(mark)])
            return not marks

        try:
            await self.club.vera.waits(done, "answers to all", within=60)
        except AssertionError:
            said = [view.text for view in self.club.telegram.log.views if view.by == self.club.bot.id]
            other = [text for text in said if not any(mark in text for mark in (*self.asked, *self.made))]
            raise AssertionError(f"{self.point}: never answered: {sorted(marks)}; said besides: {other}") from None
        async with asyncio.timeout(40):
            while queue.waiting:  # noqa: ASYNC110 - the sandbox tells of no confirmation
                await asyncio.sleep(0.01)

    async def killed(self, marks: list[str]) -> None:
        """Notes what was answered and marked done before this kill: only what fell between may be answered again."""
        self.kills += 1
        ledger = await Ledger.open(LedgerSettings(_env_file=None, **self.settings))
        undone = [row.body or "" for row in await ledger.inbox.waiting()]
        await ledger.close()
        for mark in marks:
            if (times := self.answers(mark)) and not any(mark in body for body in undone):
                self.settled.setdefault(mark, times)

    def judge(self, *, lanes: int) -> None:
        """Everything once; of answers one more a kill in each of the `lanes` people asked in, and none more
        where the update was done."""
        effects = self.club.telegram.log.effects
        mine = [e for e in effects if e.kind == "link.created" and e.by == self.club.bot.id]
        created = Counter(e.what["title"] for e in mine if not e.what.get("primary"))
        assert set(created) <= set(self.made), self.point
        assert max(created.values()) == 1, self.point
        changed = Counter(
            (e.kind, str(e.what.get("link"))) for e in effects if e.kind in ("link.edited", "link.revoked")
        )
        assert not [change for change, times in changed.items() if times > 1], self.point
        again = sum(self.answers(mark) - 1 for mark in (*self.asked, *self.made))
        assert again <= self.kills * lanes, (self.point, again)
        assert self.settled
        assert {mark: self.answers(mark) for mark in self.settled} == self.settled, self.point


def _changed(message: Message, seen: str) -> bool:
    return message.text != seen


@pytest.fixture
async def traffic(club: Club, ledger_settings: LedgerSettings) -> AsyncIterator[Traffic]:
    """Over a ledger that serves the club; the bot was never started."""
    await asyncio.to_thread(killer.warm)
    settings = ledger_settings.model_dump()
    settings["ledger_key"] = settings["ledger_key"].get_secret_value()
    settings |= {"bot_token": club.bot.token, "bot_api_url": club.telegram.bot_api.url}
    ledger = await Ledger.open(ledger_settings)
    await ledger.chats.saw(SeenChat(club.chat.id, club.chat.title, "supergroup"), trusted=True)
    await ledger.close()
    club.chat.members[club.bot.id] = Member(club.bot.id, Status.MEMBER)  # each round promotes it, none adds it
    await club.vera.promotes(club.bot, in_=club.chat)
    traffic = Traffic(club, settings)
    yield traffic
    for process in traffic.processes:
        process.kill()


def death(process: Any) -> asyncio.Task[None]:
    """Ends once it was killed. One to each process: of two who wait at once, one takes the news from the other."""

    async def comes() -> None:
        await asyncio.to_thread(process.join)
        assert process.exitcode == -9, process.exitcode

    return asyncio.create_task(comes())


async def a_round(traffic: Traffic, folder: Path, **how: Any) -> bool:
    """The same traffic on a ledger of its own: the bot is started, killed at a point, and started again. Whether it
    came to that point: some depend on what else happens just then."""
    club, world = traffic.club, traffic.club.telegram.world
    await asyncio.to_thread(shutil.copytree, folder.parent / "data", folder)
    rights = world.member(club.chat, club.bot).rights
    await club.vera.promotes(club.bot, in_=club.chat, rights=replace(rights, pin_messages=not rights.pin_messages))
    await club.telegram.person(world.add_person("Joiner")).joins(world.invites.primary(club.chat, club.ann.person))
    traffic.settings["ledger_url"] = f"sqlite:///{folder}/ledger.db"
    first = traffic.start(**how)
    name = traffic.asks(traffic.club.ann)

    async def all_said() -> None:
        await traffic.undoes(traffic.club.ann, name)
        await traffic.all_answered()

    said, died = asyncio.create_task(all_said()), death(first)
    await asyncio.wait({died, said}, return_when=asyncio.FIRST_COMPLETED)
    if met := not said.done():
        await died
        await traffic.killed(traffic.asked)  # a link's name stands on its card too, which is asked for again
        first = traffic.start()
        died = death(first)
    await said
    first.kill()
    await died
    return met


@pytest.mark.long
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_killed_before_and_after_each_call_and_each_commit(traffic: Traffic, tmp_path: Path, moment: str) -> None:
    queue = killer.WARM.Queue()
    await a_round(traffic, tmp_path / "first", points=queue)
    points = [queue.get(timeout=1) for _ in range(queue.qsize())]
    assert {"before createChatInviteLink", "after revokeChatInviteLink", "after sendMessage"} <= set(points)
    assert len(points) == 2 * len([point for point in points if point.startswith(moment)])
    begin = size(0, 1) if moment == "after" else 0  # in part: each call and commit from one side
    mine = [point for point in points if point.startswith(moment)][begin :: size(1, 2)]
    missed = set()
    for number, point in enumerate(mine):
        traffic.point = point
        if not await a_round(traffic, tmp_path / str(number), point=point):
            missed.add(point)
    assert not [point for point in missed if "InviteLink" in point or "intent" in point]
    assert len(missed) < len(mine) / 4
    traffic.judge(lanes=1)


@pytest.mark.long
async def test_killed_at_random_points(traffic: Traffic) -> None:
    seed = int(os.environ.get("KILL_SEED") or random.randrange(10**6))
    print(f"KILL_SEED={seed}")  # noqa: T201
    traffic.point, chance = f"seed {seed}", random.Random(seed)
    for _ in range(RANDOM_KILLS):
        process = traffic.start(nth=chance.randint(1, POINTS_OF_A_LIFE))
        for who in (traffic.club.ann, traffic.club.bob):
            traffic.asks(who)
        answered = asyncio.create_task(traffic.all_answered())
        died = death(process)
        await asyncio.wait({answered, died}, return_when=asyncio.FIRST_COMPLETED)
        answered.cancel()
        process.kill()
        await died
        await traffic.killed([*traffic.asked, *traffic.made])
    traffic.start()
    await traffic.all_answered()
    traffic.judge(lanes=2)

"""kill -9 of either program again and again while errands run: none lost, none done twice, none told wrongly.

Judged by the sandbox's log of effects and by what the askers' messages say in the end.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import SecretStr
from pydantic_settings import BaseSettings

from sandbox.people import Actor
from sandbox.screens import Screen
from tests.bot import killer as bots
from tests.bot.test_killed_changes import PACE
from tests.sizes import size
from tests.together import killer
from tests.together.conftest import Both

KILLS = {"bot": size(100, 8), "account": size(100, 8)}
LIVES = {"bot": (20, 70), "account": (15, 45)}  # in points; the first 20 or so come before there is anything to do
WISHES = size(800, 80)  # more than are asked while so many are killed
AT_ONCE = 4  # asked and not ended
ASKED = "Asked"
OF_TWENTY = [  # what is typed, the yes to the question, the effect, what is told of it
    *[('/invite {} "Autumn"', "", "link.edited", "changed just now, by the account")] * 12,
    *[("/invite revoke {}", "Revoke #", "link.revoked", "Revoked by the account")] * 5,
    *[("/invite {} delete", "Delete #", "link.deleted", "Deleted by the account")] * 3,
]


@dataclass(frozen=True)
class Wish:
    """What somebody wants done with one link."""

    who: Actor
    link: str
    number: int
    line: str
    yes: str
    effect: str
    told: str

    def is_of(self, screen: Screen) -> bool:
        return f"#{self.number} " in screen.text

    def waits_for_yes(self, screen: Screen) -> bool:
        return bool(self.yes) and any(self.yes in label for label in screen.labels)

    def is_told(self, screen: Screen) -> bool:
        """Also where what was pressed in vain was asked of a link that it was done to by then."""
        return any(words in screen for words in (self.told, "That was so already"))


@dataclass
class Lives:
    """Of both programs, one process of each at a time."""

    both: Both
    clock: Callable[[], float]
    running: dict[str, Any] = field(default_factory=dict)
    amid: int = 0  # kills while something was asked and not ended

    def starts(self, which: str, *, nth: int = 0) -> None:
        if which == "bot":
            self.running[which] = bots.start(plain(self.both.bot.settings), PACE, nth=nth, clock=self.clock)
        else:
            self.running[which] = killer.start(plain(self.both.bench.settings), self.clock, nth=nth)

    async def dies_often(self, which: str, seed: int) -> None:
        """Each time at a point of its own choice; then one lives on."""
        chance = random.Random(f"{which} {seed}")
        for _ in range(KILLS[which]):
            self.starts(which, nth=chance.randint(*LIVES[which]))
            process = self.running[which]
            while process.exitcode is None:
                await asyncio.to_thread(process.join, 0.05)
                await self.skips_waits()
            assert process.exitcode == -9, (which, process.exitcode)
            self.amid += bool(await self.both.bench.ledger.errands.open())
        self.starts(which)

    async def skips_waits(self) -> None:
        """As time goes by until what is held may be gone at again."""
        assert isinstance(self.clock, killer.SharedClock)
        every = await self.both.bench.ledger.errands.open()
        if every and all(one.held_until for one in every):
            self.clock.now = max(self.clock.now, *(one.held_until or 0 for one in every))

    async def all_told(self) -> bool:
        """An answer that stands may be of an update that the next bot works on again."""
        await self.skips_waits()
        club, ledger = self.both.club, self.both.bench.ledger
        if club.telegram.bot_api.updates.pending(club.bot) or await ledger.inbox.waiting(limit=1):
            return False
        errands = ledger.errands
        return not await errands.open() and not await errands.unanswered()


@pytest.fixture
def clock() -> killer.SharedClock:
    return killer.SharedClock(bots.WARM.Value("d", 1_800_000_000.0))


@contextmanager
def lives_of(both: Both, clock: Callable[[], float]) -> Iterator[Lives]:
    lives = Lives(both, clock)
    try:
        yield lives
    finally:
        for process in lives.running.values():
            process.kill()


@pytest.mark.long
@pytest.mark.timeout(900)  # all two hundred of them
async def test_each_act_is_done_once_and_told_rightly_however_often_either_program_is_killed(
    both: Both, clock: killer.SharedClock
) -> None:
    await asyncio.to_thread(bots.warm)
    seed = int(os.environ.get("KILL_SEED") or random.randrange(10**6))
    print(f"KILL_SEED={seed}")  # noqa: T201
    club, wishes, asked = both.club, await wanted(both), list[Wish]()
    await both.bot.ends()
    with lives_of(both, clock) as lives:
        askers: list[asyncio.Future[Any]] = [
            asyncio.create_task(keeps_asking(both, [one for one in wishes if one.who is who], asked))
            for who in (club.vera, club.bob)
        ]
        dying: asyncio.Future[Any] = asyncio.gather(*(lives.dies_often(which, seed) for which in KILLS))
        await asyncio.wait({dying, *askers}, return_when=asyncio.FIRST_COMPLETED)
        for asker in askers:
            assert not asker.done(), (asker.exception(), "or too few wishes for so many kills")
            asker.cancel()
        dying.result()
        await both.bot.until(lives.all_told, within=90)
    kills = sum(KILLS.values())
    print(f"{len(asked)} acts, {kills} kills, {lives.amid} of them amid some")  # noqa: T201
    assert lives.amid > kills / 2
    effects = Counter(f"{one.kind} {one.what.get('link')}" for one in club.telegram.log.effects)
    for one in asked:
        said = [screen for screen in one.who.sees(club.bot) if one.is_of(screen)]
        seen = f"seed {seed}, #{one.number}: {[screen.text for screen in said]}"
        assert effects[f"{one.effect} {one.link}"] == 1, seen
        assert any(one.is_told(screen) for screen in said), seen
        # A kill may cost an answer told twice: then one of them stays as it was.
        left = [screen for screen in said if not one.is_told(screen)]
        assert all(ASKED in screen or one.waits_for_yes(screen) for screen in left), seen


async def wanted(both: Both) -> list[Wish]:
    """Links of Bob's, read by the account, and what he and Vera want done with them."""
    club, made = both.club, []
    for n in range(WISHES):
        kind = OF_TWENTY[n % 20]
        link = await club.bob.makes_link(club.chat, f"Poster {n}")
        if kind[2] == "link.deleted":
            await club.bob.revokes(link)
        made.append((club.vera if n % 2 else club.bob, link.link, kind))
    async with both.account(club.vera):
        pass
    rows = await both.bench.secrets()
    return [
        Wish(who, link, rows[link].number, line.format(rows[link].number), yes, effect, told)
        for who, link, (line, yes, effect, told) in made
    ]


async def keeps_asking(both: Both, wishes: list[Wish], asked: list[Wish]) -> None:
    for wish in wishes:
        await has_asked(both, wish)
        asked.append(wish)

        async def few() -> bool:
            return len(await both.bench.ledger.errands.open()) < AT_ONCE

        await both.bot.until(few, within=60)


async def has_asked(both: Both, wish: Wish) -> None:
    """Types the line, says yes as often as it is asked, and types it again where the bot lost the thread."""
    world, bot = both.club.telegram.world, both.club.bot
    await wish.who.sends(wish.line, to=bot)
    while True:
        screen = await wish.who.reads(in_=bot, until=wish.is_of, within=60)
        if ASKED in screen or wish.is_told(screen):
            return
        if wish.waits_for_yes(screen):
            world.messages.press(wish.who.person, screen.message, str(screen.button(wish.yes)["callback_data"]))
        else:
            await wish.who.sends(wish.line, to=bot)


def plain(settings: BaseSettings) -> dict[str, Any]:
    told = settings.model_dump()
    return {name: one.get_secret_value() if isinstance(one, SecretStr) else one for name, one in told.items()}

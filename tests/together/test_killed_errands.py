"""kill -9 of the account's program again and again while errands run: none lost, none done twice, none told wrongly.

Judged by the sandbox's log of effects and by what each person's message says in the end.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from typing import Any

import pytest
from pydantic import SecretStr

from tests.bot import killer as bots
from tests.sizes import size
from tests.together import killer
from tests.together.conftest import Both
from userclient.settings import UserClientSettings

KILLS = size(200, 20)
POINTS_OF_A_LIFE = 40  # some 20 of them before the first errand, 16 in each
EDITS, REVOKES, DELETES = size(170, 14), size(20, 4), size(10, 2)


@pytest.fixture
def clock() -> killer.SharedClock:
    return killer.SharedClock(bots.WARM.Value("d", 1_800_000_000.0))


@pytest.mark.timeout(900)  # all two hundred of them
async def test_each_act_is_done_once_and_told_rightly_however_often_the_account_is_killed(
    both: Both, clock: killer.SharedClock
) -> None:
    seed = int(os.environ.get("KILL_SEED") or random.randrange(10**6))
    print(f"KILL_SEED={seed}")  # noqa: T201
    chance, club, world = random.Random(seed), both.club, both.club.telegram.world
    edited, revoked, deleted = [
        [await club.bob.makes_link(club.chat, f"{kind} {n}") for n in range(number)]
        for kind, number in (("Edit", EDITS), ("Revoke", REVOKES), ("Delete", DELETES))
    ]
    for link in deleted:
        await club.bob.revokes(link)
    primary = world.invites.primary(club.chat, club.bob.person)
    async with both.account(club.vera):
        pass
    asked: dict[str, tuple[int, str]] = {}  # by what was to be done: the link's number, and what is told of it
    for kind, links, line, yes, told in (
        ("link.edited", edited, '{} "Autumn"', "Change #", "changed just now, by the account"),
        ("link.revoked", revoked, "revoke {}", "Revoke #", "Revoked by the account"),
        ("link.deleted", deleted, "{} delete", "Delete #", "Deleted by the account"),
        ("link.revoked", [primary], "{} replace", "Replace #", "Replaced by the account"),
    ):
        for link in links:
            number = await both.number(link)
            await club.vera.sends("/invite " + line.format(number), to=club.bot)
            screen = await both.sees(club.vera, f"{yes}{number}")
            if kind != "link.edited":
                await club.vera.presses(yes, on=screen)
            asked[f"{kind} {link.link}"] = (number, told)
    both.bench.settings = both.bench.settings.model_copy(update={"account_mode": "act"})
    for _ in range(KILLS):
        process = killer.start(plain(both.bench.settings), clock, nth=chance.randint(15, POINTS_OF_A_LIFE))
        await dies(process, both, clock)
    assert await both.bench.ledger.errands.open(), "too few errands for so many kills"
    async with both.bench.userclient(limit=2.0):

        async def all_told() -> bool:
            await skip_waits(both, clock)
            return not await both.bench.ledger.errands.open() and not await both.bench.ledger.errands.unanswered()

        await both.bot.until(all_told, within=60)
    effects = Counter(f"{one.kind} {one.what.get('link')}" for one in club.telegram.log.effects)
    assert {what: effects[what] for what in asked if effects[what] != 1} == {}, seed
    said = [screen.text for screen in club.vera.sees(club.bot)]
    for number, told in asked.values():
        assert [f"#{number} " in text for text in said if told in text].count(True) == 1, (seed, number, told)


def plain(settings: UserClientSettings) -> dict[str, Any]:
    told = settings.model_dump()
    return {name: one.get_secret_value() if isinstance(one, SecretStr) else one for name, one in told.items()}


async def skip_waits(both: Both, clock: killer.SharedClock) -> None:
    """As time goes by until what is held may be gone at again."""
    every = await both.bench.ledger.errands.open()
    if every and all(one.held_until for one in every):
        clock.now = max(clock.now, *(one.held_until or 0 for one in every))


async def dies(process: Any, both: Both, clock: killer.SharedClock) -> None:
    """At its point."""
    while process.exitcode is None:
        await asyncio.to_thread(process.join, 0.05)
        await skip_waits(both, clock)
        assert await both.bench.ledger.errands.open(), "too few errands for so many kills"
    assert process.exitcode == -9

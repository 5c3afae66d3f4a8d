"""kill -9 again and again while links are revoked and people removed: nothing is done twice, none is left out."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.batches import BatchPace
from ledger.batches import NewItem
from ledger.chats import SeenPerson
from ledger.links import SeenLink
from sandbox.chats import Status
from tests.bot.test_killed_changes import PACE, Life, life
from tests.sizes import size

__all__ = ["life"]

KILLS = size(40, 8)
REMOVING_KILLS = size(10, 6)
SWIFT = replace(PACE, batches=BatchPace(between=0, shown=0.05, lost=(0.01, 0.02, 0.04)))


@pytest.fixture
def clock() -> Callable[[], float]:
    """The bot runs in processes of its own, by the machine's clock."""
    return time.time


async def dies_until_done(life: Life, batch_id: int, *, kills: int) -> int:
    """Bots that live for some points each, until they were killed so often; then one that may end it."""
    chance, killed = random.Random(7), 0
    while killed < kills and await life.ledger.batches.running():
        life.starts(nth=chance.randint(30, 60), pace=SWIFT)
        await life.dies()
        killed += 1
    life.starts(pace=SWIFT)
    async with asyncio.timeout(60):
        async for _ in life.ledger.watch(0.02):
            if not await life.ledger.batches.running():
                break
    return killed


@pytest.mark.long
async def test_kills_revoke_each_link_once(life: Life) -> None:
    club, ledger, world = life.club, life.ledger, life.club.telegram.world
    items = []
    for n in range(100):
        key = world.invites.export(club.chat, club.bot, title=f"Flyer {n}").link
        made = await ledger.links.made(
            club.chat.id, SeenLink(key, club.bot.id, title=f"Flyer {n}"), asked_by=club.vera.person.id, update_id=n + 1
        )
        items.append(NewItem(made.id))
    life.says(club.vera, "/start")
    draft = await ledger.batches.draft("retire", club.chat.id, asked_by=club.vera.person.id, items=items)
    await ledger.batches.begin(draft.id, place=None)
    assert await dies_until_done(life, draft.id, kills=KILLS) == KILLS
    effects = Counter(e.what["link"] for e in club.telegram.log.effects if e.kind == "link.revoked")
    assert len(effects) == 100
    assert set(effects.values()) == {1}
    report = await ledger.batches.report(draft.id)
    assert report is not None
    assert (report.done, report.refused, report.unknown) == (100, {}, 0)
    await life.sees(club.vera, "100 of 100 revoked.")


@pytest.mark.long
async def test_who_is_removed_is_removed_once_and_not_banned(life: Life) -> None:
    club, ledger, world = life.club, life.ledger, life.club.telegram.world
    people = [world.add_person(f"Raider {n}") for n in range(30)]
    for person in people:
        world.join(club.chat, person)
    await ledger.chats.saw_people([SeenPerson(one.id, one.first_name) for one in people])
    key = world.invites.export(club.chat, club.bot).link
    link = await ledger.links.made(club.chat.id, SeenLink(key, club.bot.id), asked_by=club.vera.person.id, update_id=1)
    draft = await ledger.batches.draft(
        "remove", club.chat.id, asked_by=club.vera.person.id, wish={"number": link.number},
        items=[NewItem(person_id=one.id) for one in people],
    )  # fmt: skip
    await ledger.batches.begin(draft.id, place=None)
    assert await dies_until_done(life, draft.id, kills=REMOVING_KILLS) == REMOVING_KILLS
    bans = Counter(e.what["person"] for e in club.telegram.log.effects if e.kind == "member.banned")
    assert set(bans) == {one.id for one in people}
    assert set(bans.values()) == {1}
    assert {world.member(club.chat, one).status for one in people} == {Status.LEFT}
    report = await ledger.batches.report(draft.id)
    assert report is not None
    assert report.done == 30

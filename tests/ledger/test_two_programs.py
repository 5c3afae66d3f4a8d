"""Two programs on one ledger."""

from __future__ import annotations

import asyncio
import multiprocessing
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ledger.chats import SeenChat
from ledger.errors import LedgerBusy
from ledger.inbox import Received
from ledger.settings import LedgerSettings
from ledger.store import Ledger
from ledger.store.engine import AT_ONCE
from ledger.store.file import path_of
from ledger.store.sqlite import sqlite3
from tests.ledger.listings import CLUB, Listings, ask_file, invite, open_club, sweep

SECONDS = 2.0


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """On the disk, where a commit takes its time and others wait for it."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def write_for_a_while(settings: LedgerSettings, first_id: int) -> int:
    """What a program does all day, as fast as it can; returns how many updates it stored."""

    async def work() -> int:
        ledger = await Ledger.open(settings)
        try:
            until, count = time.monotonic() + SECONDS, 0
            while time.monotonic() < until:
                await ledger.inbox.put([Received(first_id + count, 1, "message", "body")])
                await ledger.chats.get(CLUB)
                await ledger.inbox.done(first_id + count)
                count += 1
            return count
        finally:
            await ledger.close()

    return asyncio.run(work())


async def test_two_programs_that_write_all_the_time_never_meet_a_busy_ledger(
    club: Ledger, ledger_settings: LedgerSettings
) -> None:
    listings = Listings()
    listings.put(*(invite(number) for number in range(1000)))
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        running = pool.starmap_async(write_for_a_while, [(ledger_settings, 10**6), (ledger_settings, 2 * 10**6)])
        sweeps = 0
        while not running.ready():
            await sweep(club, listings)
            sweeps += 1
        stored = running.get()
    assert min(stored) > 0
    assert sweeps > 0
    assert ask_file(ledger_settings, "SELECT count(*), count(done) FROM inbox") == [(sum(stored), sum(stored))]
    assert ask_file(ledger_settings, "PRAGMA integrity_check") == [("ok",)]


async def test_a_program_waits_as_long_as_it_was_set_to(ledger_settings: LedgerSettings) -> None:
    impatient = await Ledger.open(ledger_settings.model_copy(update={"ledger_wait": 0.2}))
    with closing(sqlite3.connect(path_of(ledger_settings.ledger_url), isolation_level=None)) as stray:
        stray.execute("BEGIN IMMEDIATE")
        since = time.monotonic()
        with pytest.raises(LedgerBusy):
            await impatient.programs.say("bot", "ready")
        assert 0.2 <= time.monotonic() - since < 9  # left to itself it waits ten
    await impatient.programs.say("bot", "ready")
    await impatient.close()


async def test_another_program_writes_between_the_steps_of_a_large_erasure(
    club: Ledger, ledger_settings: LedgerSettings
) -> None:
    other, steps = await Ledger.open(ledger_settings), 5
    listings = Listings()
    listings.put(*(invite(number) for number in range(steps * AT_ONCE)))
    await sweep(club, listings, size=AT_ONCE)
    erasing = asyncio.ensure_future(club.chats.erase(CLUB))
    left = set()
    while not erasing.done():
        await other.programs.say("bot", "ready")
        left.add(ask_file(ledger_settings, "SELECT count(*) FROM link")[0])
    await erasing
    assert left - {(0,), (steps * AT_ONCE,)}
    await other.close()


async def test_a_program_hears_of_anothers_commits_and_not_of_its_own(ledger_settings: LedgerSettings) -> None:
    bot, account = await Ledger.open(ledger_settings), await Ledger.open(ledger_settings)
    await open_club(bot)
    before = await bot.version()
    await bot.chats.saw(SeenChat(-7, "Its own", "group"))
    assert await bot.version() == before
    watching = bot.watch(every=0.01)
    await anext(watching)
    news = asyncio.ensure_future(anext(watching))
    await account.chats.saw(SeenChat(-8, "Another's", "group"))
    await asyncio.wait_for(news, 30)
    await watching.aclose()
    await asyncio.gather(bot.close(), account.close())


async def test_who_is_cancelled_while_a_connection_is_opened_leaves_none_open(ledger_settings: LedgerSettings) -> None:
    def threads() -> set[threading.Thread]:
        return {one for one in threading.enumerate() if not one.name.startswith("asyncio")}

    before = threads()
    for steps in range(1, 9):
        ledger = await Ledger.open(ledger_settings)
        for ask in (ledger.chats.every, ledger.version):
            asking = asyncio.ensure_future(ask())
            for _ in range(steps):
                await asyncio.sleep(0)
            asking.cancel()
            await asyncio.wait({asking})
        await ledger.close()
        for left in threads() - before:
            await asyncio.to_thread(left.join, 30)
            assert not left.is_alive()


async def test_a_write_that_is_cancelled_leaves_the_ledger_usable(club: Ledger) -> None:
    listings = Listings()
    listings.put(*(invite(number) for number in range(200)))
    for delay in range(12):
        task = asyncio.ensure_future(sweep(club, listings, size=20))
        await asyncio.wait({task}, timeout=delay / 300)
        task.cancel()
        await asyncio.wait({task})
    result = await sweep(club, listings, size=20)
    assert result.links == 200
    assert len(await club.links.export(CLUB, every=True)) == 200

"""Two programs on one ledger."""

from __future__ import annotations

import asyncio
import multiprocessing
import time

from ledger.chats import SeenChat
from ledger.inbox import Received
from ledger.settings import LedgerSettings
from ledger.store import Ledger
from tests.ledger.listings import CLUB, Listings, ask_file, invite, open_club, sweep

SECONDS = 2.0


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
    await asyncio.wait_for(news, 5)
    await watching.aclose()
    await asyncio.gather(bot.close(), account.close())


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

"""A filtered, sorted page with its count, whatever the number of links, beside the same question asked live."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack
from cProfile import Profile
from dataclasses import replace
from heapq import nlargest
from pstats import Stats
from time import perf_counter, process_time
from typing import Any

from bench.anchors import kurigram_loop, telethon_loop
from bench.books import Book
from bench.plan import Plan
from bench.profiled import shares
from bench.report import Row, Section, count, middle, ms, percentile
from bench.stage import Stage, sandbox
from ledger.listing import Order, Position, Query, Shelf, Toward, Whose
from ledger.store import Ledger

TITLE = "4. A page of the list"
GROWTH_GOAL, P99_GOAL = 1.5, 0.005
PAGE = 10


async def measure(plan: Plan) -> Section:
    sizes = sorted(set(plan.sizes.values()))
    section = Section(TITLE)
    took: dict[int, list[float]] = {links: [] for links in sizes}
    worked: dict[int, list[float]] = {links: [] for links in sizes}  # of these seconds, those of a processor
    async with AsyncExitStack() as stack:
        books = {links: await plan.book(links) for links in sizes}
        ledgers = {links: await Ledger.open(book.settings) for links, book in books.items()}
        for ledger in ledgers.values():
            stack.push_async_callback(ledger.close)
        for at in range(-plan.pick(20, 2), plan.pick(700, 20)):
            for links in sizes:
                for query in _questions(books[links], at):
                    since, cpu = perf_counter(), process_time()
                    page = await ledgers[links].links.page(query)
                    if at >= 0:
                        took[links].append(perf_counter() - since)
                        worked[links].append(process_time() - cpu)
                    assert page.pages
        profile = Profile()
        for at in range(plan.pick(200, 5)):
            for query in _questions(books[sizes[-1]], at):
                profile.enable()
                await ledgers[sizes[-1]].links.page(query)
                profile.disable()
    small = percentile(took[sizes[0]], 50)
    for links in sizes:
        p50, p99 = percentile(took[links], 50), percentile(took[links], 99)
        last = links == sizes[-1]
        section.rows += [
            Row(f"page and count, {count(links)} links, p50", ms(p50), f"{count(sizes[0])} links: {ms(small)}",
                f"{p50 / small:.2f}", f"≤ {GROWTH_GOAL}" if last else "", p50 / small <= GROWTH_GOAL if last else None),
            Row("p99", ms(p99), "", "", f"≤ {ms(P99_GOAL)}", p99 <= P99_GOAL),
        ]  # fmt: skip
    if plan.quick or any(row.met is False for row in section.rows):
        section.notes.append(_why(sizes[-1], took[sizes[-1]], worked[sizes[-1]], profile))
    async with sandbox(plan.sandbox, sizes[:2]) as stage:
        for links in sizes[:2]:
            section.rows += await _live(stage, links, percentile(took[links], 50), plan)
    section.notes.append(
        "In turns: an admin's live links, youngest first; all live ones, most joined first; all unrevoked ones by "
        "their end; each page somewhere in the list. Live, the second is listed whole, filtered, counted and sorted; "
        f"{count(sizes[-1])} links would be {count(sizes[-1] / 100)} calls."
    )
    return section


def _why(links: int, took: list[float], worked: list[float], profile: Profile) -> str:
    """What the time of a page is spent on."""
    slow = sorted(zip(took, worked, strict=True))[-max(1, len(took) // 100) :]
    wall, cpu = (middle(values) for values in zip(*slow, strict=True))
    return (
        f"With {count(links)} links: of the slowest hundredth the median took {ms(wall)}, of which a processor worked "
        f"{ms(cpu)}, both threads together; of all pages it worked {ms(middle(worked))}. Where the main thread's own "
        f"time goes, by cProfile: {shares(Stats(profile))}."
    )


def _questions(book: Book, at: int) -> Iterable[Query]:
    """Three, a page somewhere: a key of a row is as good as any value between."""
    chance = random.Random(at)
    who, _ = chance.choice(book.admins)
    now = int(time.time())
    yield replace(
        Query(book.chat_id, whose=Whose.PERSON, person_id=who, shelf=Shelf.LIVE, order=Order.NEW),
        position=Position(Toward.AFTER, now - 59 * 86_400, 0, page=3) if at % 2 else Position(),
    )
    live = Query(book.chat_id, shelf=Shelf.LIVE, order=Order.JOINS)
    yield replace(live, position=Position(Toward.AFTER, chance.randrange(4, 8), 0, page=3)) if at % 2 else live
    ends = Query(book.chat_id, shelf=Shelf.UNREVOKED, order=Order.ENDS)
    yield replace(ends, position=Position(Toward.LAST)) if at % 3 else ends


async def _live(stage: Stage, links: int, ours: float, plan: Plan) -> list[Row]:
    """The live links, most joined first, with their number, as a client without a book answers it."""
    chat_id = stage.told.chats[links]
    runs = plan.pick(3, 1)
    rows = []
    async with telethon_loop.signed_in(stage.told) as client:
        peer = await telethon_loop.peer_of(client, chat_id)
        answers = [
            await _answer(telethon_loop.every(client, peer, revoked=[False]), telethon_loop) for _ in range(runs)
        ]
        rows.append(_row("Telethon", links, ours, [took for took, _ in answers]))
        expected = answers[0][1]
    try:
        async with kurigram_loop.signed_in(stage.told) as client:
            answers = [
                await _answer(kurigram_loop.every(client, chat_id, revoked=[False]), kurigram_loop) for _ in range(runs)
            ]
            assert all(found == expected for _, found in answers)
            rows.append(_row("Kurigram", links, ours, [took for took, _ in answers]))
    except ImportError:
        rows.append(Row(f"the same answered live, {count(links)} links", ms(ours), "Kurigram: not installed here"))
    return rows


async def _answer(pages: AsyncIterator[list[Any]], how: Any) -> tuple[float, int]:
    """How long it took, and how many there are."""
    since, now = perf_counter(), time.time()
    found = [invite async for page in pages for invite in page if how.is_live(invite, now)]
    nlargest(PAGE, found, key=lambda invite: invite.usage or 0)
    return perf_counter() - since, len(found)


def _row(name: str, links: int, ours: float, took: list[float]) -> Row:
    theirs = middle(took)
    what = f"the same answered live, {count(links)} links"
    return Row(what, ms(ours), f"{name}: {ms(theirs)}", f"{theirs / ours:,.0f} × faster")

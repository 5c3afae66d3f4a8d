"""A chat read whole, and again unchanged, beside a bare loop that only lists it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from cProfile import Profile
from dataclasses import dataclass
from pstats import Stats
from time import perf_counter, process_time, thread_time

from bench.accounts import reader
from bench.anchors import telethon_loop
from bench.books import commit_takes
from bench.plan import Plan
from bench.profiled import shares
from bench.report import Row, Section, count, middle, ms
from bench.stage import Stage, sandbox
from userclient.sync import TOGETHER

TITLE = "2. A sweep into the ledger"
FIRST_GOAL, AGAIN_GOAL = 0.5, 0.8
ENOUGH_SECONDS = 70  # after so long no further run is begun


@dataclass(frozen=True, slots=True)
class Took:
    """Links a second, and microseconds of CPU a link: in all, and of the main thread."""

    rate: float
    cpu: float
    main: float

    def words(self) -> str:
        sqlite = self.cpu - self.main
        return f"{1e6 / self.rate:.0f} µs, of them {self.main:.0f} of work on the main thread, {sqlite:.0f} on SQLite's"


async def _timed(work: Callable[[], Awaitable[None]], links: int) -> Took:
    since, cpu, main = perf_counter(), process_time(), thread_time()
    await work()
    took, cpu, main = perf_counter() - since, process_time() - cpu, thread_time() - main
    return Took(links / took, cpu / links * 1e6, main / links * 1e6)


async def measure(plan: Plan) -> Section:
    links = plan.sizes["large"]
    some = links // 10
    runs: list[tuple[Took, Took, Took, Took]] = []  # bare, first sweep, bare, sweep again
    async with sandbox(plan.sandbox, [links, some]) as stage:
        since = perf_counter()
        for run in range(plan.pick(3, 1)):
            if perf_counter() - since > ENOUGH_SECONDS:
                break
            bare = await _bare(stage, links)
            async with reader(stage.told, plan.folder / f"sweeps-{run}", links) as mine:
                first = await _timed(mine.sweep, links)
                runs.append((bare, first, await _bare(stage, links), await _timed(mine.sweep, links)))
        section = _section(runs, links)
        if any(row.met is False for row in section.rows) or plan.quick:
            bare, first, _, again = runs[-1]
            section.notes.append(
                f"In the last run a link took, first, {first.words()}; again, {again.words()}; the bare loop "
                f"{1e6 / bare.rate:.0f} µs, of them {bare.main:.0f} of work. The limit is one core: both threads want "
                "Python's lock, SQLite's for what it binds, and so the one hardly works while the other does. A new "
                "row goes into a dozen indexes, which is half of SQLite's share."
            )
            section.notes.append(await _why(stage, plan, some))
    return section


async def _bare(stage: Stage, links: int) -> Took:
    async with telethon_loop.signed_in(stage.told) as client:
        peer = await telethon_loop.peer_of(client, stage.told.chats[links])

        async def listing() -> None:
            listed = 0
            async for page in telethon_loop.every(client, peer):
                listed += len(page)
            assert listed == links

        return await _timed(listing, links)


def _section(runs: list[tuple[Took, Took, Took, Took]], links: int) -> Section:
    section = Section(TITLE)
    for what, at, goal in (("first sweep", 0, FIRST_GOAL), ("sweep again, nothing changed", 2, AGAIN_GOAL)):
        pairs = [(run[at], run[at + 1]) for run in runs]
        ratio = middle(mine.rate / bare.rate for bare, mine in pairs)
        section.rows.append(
            Row(f"{what} of {count(links)} links, links a second", count(middle(mine.rate for _, mine in pairs)),
                f"Telethon, listing only: {count(middle(bare.rate for bare, _ in pairs))}",
                f"{ratio:.2f}", f"≥ {goal}", ratio >= goal)
        )  # fmt: skip
        section.rows.append(
            Row("CPU of a link", f"{middle(mine.cpu for _, mine in pairs):.0f} µs",
                f"Telethon: {middle(bare.cpu for bare, _ in pairs):.0f} µs")
        )  # fmt: skip
    return section


async def _why(stage: Stage, plan: Plan, links: int) -> str:
    """What the time of a sweep is spent on."""
    async with reader(stage.told, plan.folder / "sweeps-profile", links) as mine:
        found = []
        for _ in range(2):
            profile = Profile()
            since, cpu = perf_counter(), process_time()
            profile.enable()
            await mine.sweep()
            profile.disable()
            busy = (process_time() - cpu) / (perf_counter() - since)
            found.append(f"{shares(Stats(profile))} ({busy:.2f} of a core busy)")
    commit = await commit_takes(plan.folder / "sweeps-commit")
    return (
        f"Where the main thread's own time goes in a sweep of {count(links)} links, by cProfile. "
        f"First: {found[0]}. Again: {found[1]}. Beside it works the thread that writes; the "
        f"smallest of its commits takes {ms(commit)}, which up to {TOGETHER} pages share."
    )

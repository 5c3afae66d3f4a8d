"""`/invites` in private: updates a second, CPU each, and the wait at a steady rate, beside bare bots."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.util import find_spec

from bench import profiled
from bench.books import Book, build, commit_takes
from bench.plan import Plan
from bench.report import Row, Section, count, middle, ms, percentile
from bench.stage import BotOf, Program, Stage, Told, running, sandbox
from ledger.store.file import journal_mode

TITLE = "1. `/invites` from a large ledger"
GOAL, STEADY_GOAL = 0.7, 0.010
EACH = 0.02  # seconds between two updates of the steady rate: 50 a second
ANCHORS = {"aiogram": "bench.anchors.aiogram_bot", "ptb": "bench.anchors.ptb_bot"}
NAMES = {"ledger": "Invite Ledger", "aiogram": "aiogram", "ptb": "python-telegram-bot"}
NEEDS = {"ledger": "aiogram", "aiogram": "aiogram", "ptb": "telegram"}  # the package, by its module


def present() -> list[str]:
    """Those that can be run here: only the bench's own lock holds python-telegram-bot."""
    return [name for name, module in NEEDS.items() if find_spec(module) is not None]


async def measure(plan: Plan) -> Section:
    links = plan.sizes["large"]
    section = Section(TITLE)
    async with sandbox(plan.sandbox, [plan.sizes["small"]]) as stage:
        told = stage.told
        chat_id = told.chats[plan.sizes["small"]]
        book = await build(plan.folder / "updates-book", links, chat_id=chat_id, admins=told.admins)
        names = present()
        figures: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
        waits: dict[str, list[float]] = {}
        async with AsyncExitStack() as stack:
            programs = {name: await stack.enter_async_context(_bot(name, stage, book)) for name in names}
            for name in names:  # each meets its askers, and imports what it imports late
                await _burst(stage, told.bots[name], programs[name], plan.pick(200, 40))
            rate, _ = await _burst(stage, told.bots["ledger"], programs["ledger"], plan.pick(200, 40))
            updates = min(2000, max(40, round(rate * plan.pick(4, 1))))
            for _ in range(plan.pick(5, 1)):
                for name, program in programs.items():
                    figures[name].append(await _burst(stage, told.bots[name], program, updates))
            for name in names:
                took = await stage.ask("steady", bot=told.bots[name].id, each=EACH, updates=plan.pick(500, 25))
                waits[name] = took["took"]
        _fill(section, figures, waits, links)
        if any(row.met is False for row in section.rows) and not plan.quick:
            section.notes.append(await _why(stage, book, plan))
    return section


async def _burst(stage: Stage, bot: BotOf, program: Program, updates: int) -> tuple[float, float]:
    """Updates a second, and CPU seconds each."""
    before = program.cpu()
    took = await stage.ask("burst", bot=bot.id, updates=updates)
    return updates / took["seconds"], (program.cpu() - before) / updates


@asynccontextmanager
async def _bot(name: str, stage: Stage, book: Book) -> AsyncIterator[Program]:
    """A bot that reads updates."""
    bot = stage.told.bots[name]
    if name == "ledger":
        started = running(name, "bot", environment=environment(stage.told, book))
    else:
        started = running(name, ANCHORS[name], stage.told.bot_api_url, bot.token)
    async with started as program:
        await stage.polled(bot, program)
        yield program


def environment(told: Told, book: Book) -> dict[str, str]:
    return book.environment | as_bot(told)


def as_bot(told: Told) -> dict[str, str]:
    return {"BOT_TOKEN": told.bots["ledger"].token, "BOT_API_URL": told.bot_api_url}


def _fill(
    section: Section, figures: dict[str, list[tuple[float, float]]], waits: dict[str, list[float]], links: int
) -> None:  # fmt: skip
    ours = middle(rate for rate, _ in figures["ledger"])
    cpu = middle(each for _, each in figures["ledger"])
    for name, goal in (("aiogram", f"≥ {GOAL}"), ("ptb", "ahead")):
        if name not in figures:
            section.rows.append(Row(f"updates a second, {count(links)} links", count(ours), f"{NAMES[name]}: not here"))
            continue
        ratio = middle(mine / its for (mine, _), (its, _) in zip(figures["ledger"], figures[name], strict=True))
        its_rate, its_cpu = (middle(values) for values in zip(*figures[name], strict=True))
        met = ratio >= GOAL if name == "aiogram" else ratio > 1
        section.rows += [
            Row(f"updates a second, {count(links)} links", count(ours), f"{NAMES[name]}: {count(its_rate)}",
                f"{ratio:.2f}", goal, met),
            Row("CPU of an update", ms(cpu), f"{NAMES[name]}: {ms(its_cpu)}", f"{cpu / its_cpu:.2f}"),
        ]  # fmt: skip
    mine = percentile(waits["ledger"], 95)
    theirs = ", ".join(f"{NAMES[name]}: {ms(percentile(waits[name], 95))}" for name in ANCHORS if name in waits)
    section.rows.append(
        Row("from question to answer at 50 a second, p95", ms(mine), theirs, "",
            f"≤ {ms(STEADY_GOAL)}", mine <= STEADY_GOAL)
    )  # fmt: skip
    section.notes.append(
        f"p50 of the wait: {ms(percentile(waits['ledger'], 50))}. Every update is in the ledger, on the disk, before "
        "it is confirmed, and its end before the next of its chat; the bare bots keep nothing."
    )


async def _why(stage: Stage, book: Book, plan: Plan) -> str:
    """What the time of an update is spent on."""
    file = plan.folder / "bot.profile"
    polls = await stage.ask(f"polls?bot={stage.told.bots['ledger'].id}")
    updates = plan.pick(1000, 40)
    async with running("ledger", "bench.profiled", str(file), "bot", environment=environment(stage.told, book)) as bot:
        while await stage.ask(f"polls?bot={stage.told.bots['ledger'].id}") == polls:
            bot.demand_life()
        await stage.ask("burst", bot=stage.told.bots["ledger"].id, updates=updates)
        bot.process.send_signal(signal.SIGUSR1)
        before = bot.cpu()
        took = await stage.ask("burst", bot=stage.told.bots["ledger"].id, updates=updates)
        busy = (bot.cpu() - before) / took["seconds"]
    commit = await commit_takes(plan.folder / "updates-commit")
    return (
        f"Where the main thread's own time goes, by cProfile: {profiled.of_file(file)}. "
        f"The process kept {busy:.2f} of a core busy meanwhile: the limit is Python's one lock, under which a chat, "
        "its freshness and ten links become a screen of fifteen buttons, where the bare bots send a constant. "
        f"One commit of an update takes {ms(commit)} "
        f"({journal_mode()}: the disk is waited for {'once' if journal_mode() == 'wal' else 'four times'}), and an "
        "answer begins after it."
    )

"""From a wish to its end; and what each program alone needs, to start and to be."""

from __future__ import annotations

import asyncio
from time import perf_counter

from bench import updates
from bench.accounts import environment, signed_in
from bench.books import open_chat
from bench.plan import Plan
from bench.report import Row, Section, count, middle, ms, percentile
from bench.stage import Program, Stage, running, sandbox
from ledger.chats import AccountState
from ledger.errands import OPEN, Act, Errand
from ledger.store import Ledger

TITLE = "5. Errands, start and memory"
LOOK = 0.002  # seconds between two looks at an errand
PATIENCE = 60  # seconds


async def measure(plan: Plan) -> Section:
    section = Section(TITLE)
    links = plan.sizes["small"]
    async with sandbox(plan.sandbox, [links]) as stage:
        section.rows += await _errands(stage, plan, links)
        for size in [0, plan.sizes["huge"]][plan.quick :]:
            section.rows += await _alone(stage, plan, size)
    section.notes.append(
        "Idle: nothing else to do, and no bound on calls. Both programs look for the other's commits four times a "
        "second, so half a look is in every figure. Ready: the bot asks for updates, the account may be asked."
    )
    return section


async def _errands(stage: Stage, plan: Plan, links: int) -> list[Row]:
    """Edits of others' links, one after another."""
    settings = await signed_in(stage.told, plan.folder / "errands-account")
    chat_id = stage.told.chats[links]
    took: list[float] = []
    ledger = await Ledger.open(settings)
    try:
        await open_chat(ledger, chat_id, stage.told.admins)
        await ledger.chats.let_account_act(chat_id, acts=True)
        async with running("userclient", "userclient", environment=environment(settings)) as program:
            read, _ = await ledger.errands.ask(Act.SYNC, chat_id, asked_by=None)
            await _ended(ledger, read, program)
            rows = [row for row in await ledger.links.export(chat_id, every=False) if not row.primary]
            for row in rows[: plan.pick(40, 2)]:
                await asyncio.sleep(0.3)  # until the program is idle again
                wish = {
                    "title": f"Now {row.number}",
                    "expires": row.expires,
                    "limit": row.limit,
                    "approval": row.approval,
                }
                since = perf_counter()
                errand, _ = await ledger.errands.ask(
                    Act.EDIT, chat_id, asked_by=stage.told.owner.id, link_id=row.id, wish=wish
                )
                done = await _ended(ledger, errand, program)
                took.append(perf_counter() - since)
                if done.state != "done":
                    raise RuntimeError(f"the errand ended {done.state}: {done.reason}")
    finally:
        await ledger.close()
    return [Row(f"errand asked → done, p{at}", ms(percentile(took, at))) for at in (50, 95)]


async def _ended(ledger: Ledger, errand: Errand, program: Program) -> Errand:
    async with asyncio.timeout(PATIENCE):
        while (now := await ledger.errands.get(errand.id)) is None or now.state in OPEN:
            program.demand_life()
            await asyncio.sleep(LOOK)
    return now


async def _alone(stage: Stage, plan: Plan, links: int) -> list[Row]:
    """Each program by itself, on a ledger of so many links."""
    names = ["bot", "userclient"][plan.quick :]
    starts: dict[str, list[float]] = {name: [] for name in names}
    memory: dict[str, list[float]] = {name: [] for name in names}
    book = await plan.book(links) if links else None
    for run in range(plan.pick(3, 1)):
        folder = plan.folder / f"alone-{links}-{run}"
        settings = await signed_in(stage.told, folder, book.settings if book else None)
        around = environment(settings) | updates.as_bot(stage.told)
        for name in names:
            ledger = await Ledger.open(settings)
            try:
                await ledger.programs.say("userclient", AccountState.ABSENT)
                since = perf_counter()
                async with running(name, name, environment=around) as program:
                    await _ready(ledger, program)
                    starts[name].append(perf_counter() - since)
                    await asyncio.sleep(plan.pick(2, 0))
                    memory[name].append(program.memory())
            finally:
                await ledger.close()
    of = f"{count(links)} links in the ledger" if links else "an empty ledger"
    return [
        Row(f"{name}, {of}: start → ready, memory", f"{middle(starts[name]):.1f} s, {middle(memory[name]):.0f} MB")
        for name in starts
    ]


async def _ready(ledger: Ledger, program: Program) -> None:
    deadline = perf_counter() + PATIENCE
    while True:
        program.demand_life()
        status = await ledger.host.status()
        state = status.account.state if program.name == "userclient" else status.bot_state
        if state == AccountState.READY:
            return
        if perf_counter() > deadline:
            raise RuntimeError(f"{program.name} says {state} after {PATIENCE} s")
        await asyncio.sleep(0.02)

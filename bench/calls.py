"""Telegram's calls: of an idle cycle, of ten changes, of a first sweep, beside a loop that can only list all."""

from __future__ import annotations

from itertools import pairwise

from bench.accounts import Reader, reader
from bench.anchors import telethon_loop
from bench.plan import Plan
from bench.report import Row, Section, count
from bench.stage import Stage, sandbox

TITLE = "3. Telegram's calls"
CHANGES = 10
IDLE_GOAL = 2


async def cycle(mine: Reader) -> None:
    """What the account does when a chat's turn comes."""
    await mine.check()


async def measure(plan: Plan) -> Section:
    sizes = [100] if plan.quick else [1_000, 10_000, 100_000]
    section = Section(TITLE)
    async with sandbox(plan.sandbox, sizes) as stage:
        for links in sizes:
            chat_id = stage.told.chats[links]
            bare = await _bare(stage, chat_id)
            async with reader(stage.told, plan.folder / f"calls-{links}", links) as mine:
                first, idle, changed = await _calls(stage, mine, chat_id)
            of = f"a chat of {count(links)} links"
            section.rows += [
                Row(f"first sweep, {of}", count(first), f"bare loop: {count(bare)}", f"{first / bare:.2f}"),
                Row(f"idle cycle, {of}", count(idle), f"bare loop: {count(bare)}", f"{idle / bare:.3f}",
                    f"≤ {IDLE_GOAL}", idle <= IDLE_GOAL),
                Row(f"{CHANGES} changes, {of}", count(changed), f"bare loop: {count(bare)}", f"{changed / bare:.3f}"),
            ]  # fmt: skip
    section.notes.append("Ten changes: four new links, the others edits and revocations, by two admins of twenty.")
    return section


async def _calls(stage: Stage, mine: Reader, chat_id: int) -> tuple[int, int, int]:
    """Of the first sweep, of a cycle in which nothing had moved, and of one after ten changes."""
    marks = [await stage.calls()]
    await mine.sweep()
    marks.append(await stage.calls())
    await cycle(mine)
    marks.append(await stage.calls())
    await stage.ask("move", chat=chat_id, changes=CHANGES)
    await cycle(mine)
    marks.append(await stage.calls())
    first, idle, changed = (after - before for before, after in pairwise(marks))
    return first, idle, changed


async def _bare(stage: Stage, chat_id: int) -> int:
    async with telethon_loop.signed_in(stage.told) as client:
        peer = await telethon_loop.peer_of(client, chat_id)
        before = await stage.calls()
        async for _ in telethon_loop.every(client, peer):
            pass
        return await stage.calls() - before

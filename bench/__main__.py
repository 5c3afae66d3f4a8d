"""`python -m bench [PART…] [--quick] [--out FILE]`: measures, prints a table and writes docs/bench.md, where the
sections of the parts measured are replaced. Quick figures are worth nothing and are not written."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import shutil
import sys
import tempfile
import traceback
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

from rich.console import Console

from bench import calls, errands, pages, sweeps, updates, week
from bench.plan import Plan
from bench.report import Section, show, write
from bench.stage import ROOT
from ledger.store.file import journal_mode
from ledger.store.sqlite import sqlite3

PARTS: dict[str, Callable[[Plan], Awaitable[Section]]] = {
    "updates": updates.measure,
    "sweeps": sweeps.measure,
    "calls": calls.measure,
    "pages": pages.measure,
    "errands": errands.measure,
    "week": week.measure,
}
PART_SECONDS = 240


def machine(folder: Path) -> str:
    """What the figures hang on."""
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, SQLite "
        f"{sqlite3.sqlite_version} ({journal_mode()}), {_fsync(folder) * 1000:.1f} ms an fsync, load {load:.1f} before"
    )


def _fsync(folder: Path) -> float:
    """Seconds until 4 KB are on the disk, the median of a hundred."""
    took = []
    with (folder / "fsync").open("wb", buffering=0) as file:
        for _ in range(100):
            since = perf_counter()
            file.write(bytes(4096))
            os.fsync(file.fileno())
            took.append(perf_counter() - since)
    return median(took)


async def measure(names: Sequence[str], plan: Plan, console: Console) -> list[Section]:
    """A part that fails is named, and the others go on."""
    sections = []
    for name in names:
        since = perf_counter()
        try:
            async with asyncio.timeout(PART_SECONDS):
                section = await PARTS[name](plan)
        except Exception:
            console.print(f"{name} failed after {perf_counter() - since:.0f} s", style="red")
            traceback.print_exc()
            continue
        show(console, section)
        console.print(f"{name} took {perf_counter() - since:.0f} s\n", style="dim")
        sections.append(section)
    return sections


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="all of them by default")
    parser.add_argument("--quick", action="store_true", help="small sizes: shows that the bench works")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/bench.md")
    given = parser.parse_args()
    names = given.parts or list(PARTS)
    console = Console()
    folder = Path(tempfile.mkdtemp(prefix="invite-ledger-bench-"))
    try:
        about = machine(folder)
        console.print(f"On {about}\n", highlight=False)
        sections = asyncio.run(measure(names, Plan(folder, given.quick), console))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if not given.quick and sections:
        write(given.out, about, sections)
        console.print(f"written to {given.out}")
    return 0 if len(sections) == len(names) else 1


if __name__ == "__main__":
    sys.exit(main())

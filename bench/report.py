"""What was measured, as a table for the terminal and as a section of docs/bench.md."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

from rich.console import Console
from rich.table import Table

HEAD = "# Bench\n"
ABOUT = (
    "`make bench` writes each section anew: medians of several runs on the sandbox, which is a process of its own. "
    "What stands side by side was measured in turns in one run; ratios travel between machines, figures do not.\n"
)


@dataclass(frozen=True, slots=True)
class Row:
    """`met` is None where there is no goal."""

    what: str
    figure: str
    anchor: str = ""
    ratio: str = ""
    goal: str = ""
    met: bool | None = None

    @property
    def verdict(self) -> str:
        return "" if self.met is None else "met" if self.met else "missed"

    @property
    def cells(self) -> tuple[str, ...]:
        return self.what, self.figure, self.anchor, self.ratio, self.goal, self.verdict


COLUMNS = ("what", "ours", "anchor", "ratio", "goal", "")


@dataclass(slots=True)
class Section:
    """`body` is a table of another shape, in Markdown."""

    title: str
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    body: str = ""

    def table(self) -> Table:
        table = Table(title=self.title, title_justify="left")
        for name in COLUMNS:
            table.add_column(name, overflow="fold")
        for row in self.rows:
            table.add_row(*row.cells)
        return table

    def markdown(self) -> str:
        lines = [f"## {self.title}", ""]
        lines += [self.body] if self.body else [_line(COLUMNS), _line(["---"] * len(COLUMNS))]
        lines += [_line(row.cells) for row in self.rows]
        lines += [line for note in self.notes for line in ("", note)]
        return "\n".join(lines) + "\n"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def show(console: Console, section: Section) -> None:
    if section.body:
        console.print(section.title, section.body, sep="\n", markup=False, highlight=False)
    else:
        console.print(section.table())
    for note in section.notes:
        console.print(note, markup=False, highlight=False)
    console.print()


def write(path: Path, machine: str, sections: Sequence[Section]) -> None:
    """Replaces the sections of the same title and keeps the others; each says on what it was measured."""
    found = re.split(r"^(?=## )", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:] if path.exists() else []
    kept = {text.splitlines()[0].removeprefix("## "): text.rstrip("\n") + "\n" for text in found}
    for section in sections:
        kept[section.title] = section.markdown() + f"\nMeasured on {machine}.\n"
    ours = sorted(title for title in kept if title[0].isdigit())
    others = [title for title in kept if title not in ours]
    path.write_text("\n".join([HEAD, ABOUT, *(kept[title] for title in [*ours, *others])]), encoding="utf-8")


# figures


def middle(values: Iterable[float]) -> float:
    return median(values)


def percentile(values: Sequence[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else values[0]


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.{2 if seconds < 0.01 else 1 if seconds < 0.1 else 0}f} ms"


def count(number: float) -> str:
    return f"{number:,.0f}"

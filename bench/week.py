"""A week of the account's reading, on a clock of its own: who has his turn when, and how old the book gets.

`python -m bench.week` prints the table. Nothing random and nothing timed: the same figures on every machine.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.plan import Plan
from bench.report import Section
from ledger.sweeps import Ages
from userclient.schedule import SLICE, Schedule, What

DAY = 86_400
START = 1_800_000_000
SAMPLE = 1800  # seconds between two looks at every chat's ages


@dataclass(frozen=True, slots=True)
class Case:
    """`creators` have `links` each. `moved`: every so-manieth check finds a creator whose count moved; `asked`:
    somebody asks for a reading of a whole chat so often, in seconds, and waits. `check_every` and `sweep_every` are
    what is wished for, in seconds."""

    chats: int = 1000
    creators: int = 50
    links: int = 20
    days: float = 7
    calls_per_second: float = 1
    check_every: int = 900
    sweep_every: int = DAY
    moved: int = 10
    asked: int = 3600

    @property
    def sweep_pages(self) -> int:
        """Each creator's unrevoked links, and one page for the revoked."""
        return self.creators * (max(1, math.ceil(self.links / 100)) + 1)


@dataclass(slots=True)
class Week:
    """Ages are in seconds, each chat's at every sample after all were read once; `longest` are the longest times
    any chat waited between two of its turns; `asked_longest` what a person waited for his first page."""

    case: Case
    calls: dict[str, int] = field(default_factory=lambda: {"check": 0, "sweep": 0, "asked": 0})
    all_read: float = math.inf
    first_hour: int = 0  # chats read to their end in the first hour
    links_age: list[float] = field(default_factory=list)
    swept_age: list[float] = field(default_factory=list)
    longest: dict[str, float] = field(default_factory=lambda: {"check": 0.0, "sweep": 0.0})
    asked_longest: float = 0.0

    @property
    def calls_a_day(self) -> float:
        return sum(self.calls.values()) / self.case.days


def simulate(case: Case) -> Week:
    """Runs the schedule for so many days. A check costs the probe and the admin log, and two calls more where a
    count moved."""
    week = Week(case)
    schedule = Schedule(check_every=case.check_every, sweep_every=case.sweep_every)
    chats = {-n: Ages(-n, None, None, under_way=False) for n in range(1, case.chats + 1)}
    schedule.know(chats.values())
    read_to = dict.fromkeys(chats, 0)  # pages of the sweep under way
    now, end, call = float(START), START + case.days * DAY, 1 / case.calls_per_second
    sample, ask, checks = START + SAMPLE, START + case.asked, 0
    persons = _persons(case.chats)
    while now < end:
        if now >= ask:
            week.asked_longest = max(week.asked_longest, now - ask)
            chat_id = next(persons)
            week.calls["asked"] += case.sweep_pages + 1
            now += (case.sweep_pages + 1) * call
            _end_sweep(week, schedule, chats, chat_id, now)
            read_to[chat_id] = 0
            ask += case.asked
        elif turn := schedule.next(now):
            chat_id, before = turn.chat_id, chats[turn.chat_id]
            if turn.what is What.CHECK:
                checks += 1
                cost = 2 + 2 * (checks % case.moved == 0)
                now += cost * call
                _longest(week, "check", before.checked_at, now)
                chats[chat_id] = Ages(chat_id, int(now), before.swept_at, under_way=False)
            else:
                pages = min(SLICE, case.sweep_pages - read_to[chat_id], max(1, math.ceil((ask - now) / call)))
                cost = 1 + pages
                now += cost * call
                read_to[chat_id] += pages
                chats[chat_id] = Ages(chat_id, before.checked_at, before.swept_at, under_way=True)
            week.calls[turn.what.value] += cost
            schedule.spent(turn.what, cost)
            schedule.update(chats[chat_id])
            if read_to[chat_id] >= case.sweep_pages:
                read_to[chat_id] = 0
                _end_sweep(week, schedule, chats, chat_id, now)
        else:
            now += call
        while now >= sample:
            _look(week, chats, sample)
            sample += SAMPLE
        if week.all_read == math.inf and all(one.swept_at is not None for one in chats.values()):
            week.all_read = now - START
    for one in chats.values():
        _longest(week, "sweep", one.swept_at, now)
        _longest(week, "check", one.checked_at, now)
    return week


def _end_sweep(week: Week, schedule: Schedule, chats: dict[int, Ages], chat_id: int, now: float) -> None:
    if chats[chat_id].swept_at is None and now - START <= 3600:
        week.first_hour += 1
    _longest(week, "sweep", chats[chat_id].swept_at, now)
    _longest(week, "check", chats[chat_id].checked_at, now)
    chats[chat_id] = Ages(chat_id, int(now), int(now), under_way=False)
    schedule.update(chats[chat_id])


def _longest(week: Week, what: str, since: int | None, now: float) -> None:
    if since is not None:
        week.longest[what] = max(week.longest[what], now - since)


def _look(week: Week, chats: dict[int, Ages], at: float) -> None:
    if week.all_read < math.inf:
        for one in chats.values():
            week.links_age.append(max(0.0, at - max(one.checked_at or 0, one.swept_at or 0)))
            week.swept_age.append(max(0.0, at - (one.swept_at or 0)))


def _persons(chats: int) -> Iterator[int]:
    """The chats people ask about, all over the place and the same in every run."""
    n = 0
    while True:
        n = (n * 1103515245 + 12345) % 2**31
        yield -(1 + n % chats)


def share(ages: list[float], part: float) -> float:
    """The age that this part of them is not above."""
    return sorted(ages)[min(len(ages) - 1, int(len(ages) * part))] if ages else math.nan


CASES = (
    Case(chats=1, creators=20, links=5000, asked=DAY),
    Case(chats=20),
    Case(chats=100),
    Case(chats=1000),
    Case(chats=1000, calls_per_second=3),
)
TITLE = "6. A week of reading, simulated"
NOTE = "A check wished for every 15 minutes, a sweep every day; the same figures on every machine."
HEAD = (
    "| chats × creators | calls/s | calls a day | all read first after | links as of, p50 | p99 | longest "
    "| swept, p50 | p99 | longest | a person waits |"
)


async def measure(plan: Plan) -> Section:
    quick = (Case(chats=5, creators=3, days=1),)
    return Section(TITLE, body=table(quick if plan.quick else CASES), notes=[NOTE])


def table(cases: tuple[Case, ...] = CASES) -> str:
    """In Markdown."""
    lines = [HEAD, "|" + "---|" * 11]
    for case in cases:
        week = simulate(case)
        cells = [
            f"{case.chats:,} × {case.creators}", f"{case.calls_per_second:g}", f"{week.calls_a_day:,.0f}",
            span(week.all_read), span(share(week.links_age, 0.5)), span(share(week.links_age, 0.99)),
            span(week.longest["check"]), span(share(week.swept_age, 0.5)), span(share(week.swept_age, 0.99)),
            span(week.longest["sweep"]), span(week.asked_longest),
        ]  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def span(seconds: float) -> str:
    if not math.isfinite(seconds):
        return "–"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")

"""`python -m bench.profiled FILE PROGRAM`: a program of ours under cProfile from SIGUSR1 on, so that its start is left
out; the figures go to FILE. And what they come to, library by library. Of several threads only the main one is seen."""

from __future__ import annotations

import importlib
import pstats
import re
import signal
import sys
from collections import Counter
from cProfile import Profile
from pathlib import Path

OURS = re.compile(r"/(bot|userclient|ledger|sandbox|bench)/[^:]*$")
INSTALLED = re.compile(r"/site-packages/([^/]+)")
STANDARD = re.compile(r"/python3[^/]*/([a-z_]+)")
WAITS = ("select.epoll", "'poll'", "_queue", "acquire", "sleep")  # time nobody works in


def shares(stats: pstats.Stats, most: int = 8) -> str:
    """Own time by library, in percent of what was worked."""
    found: Counter[str] = Counter()
    for (file, _, name), (_, _, own, *_) in stats.stats.items():  # type: ignore[attr-defined]
        if not any(word in name for word in WAITS):
            found[_owner(file, name)] += own
    whole = sum(found.values()) or 1.0
    return ", ".join(f"{owner} {own / whole:.0%}" for owner, own in found.most_common(most))


def _owner(file: str, name: str) -> str:
    if found := OURS.search(file):
        return found[1]
    if found := INSTALLED.search(file):
        return found[1].removesuffix(".py")
    if found := STANDARD.search(file):
        return found[1]
    if found := re.search(r"built-in method (_?[a-z0-9_]+)|of '(_?[a-z0-9_]+)", name):
        return found[1] or found[2]
    return "built in"


def of_file(path: Path) -> str:
    return shares(pstats.Stats(str(path)))


def main(file: str, program: str) -> None:
    run = importlib.import_module(f"{program}.__main__").main
    profile = Profile()
    signal.signal(signal.SIGUSR1, lambda *_: profile.enable())
    try:
        run()
    finally:
        profile.disable()
        profile.dump_stats(file)


if __name__ == "__main__":
    main(*sys.argv[1:])

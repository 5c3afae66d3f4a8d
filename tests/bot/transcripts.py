"""The page of docs that shows every screen: `python -m tests.bot.transcripts` writes it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from pathlib import Path

import bot.screens
from bot.screens.base import WIDTH, Button, Screen, columns, cut
from tests.bot.samples import text_of
from tests.bot.states import states

PAGE = Path(__file__).parents[2] / "docs/screens.md"
HEAD = """# Screens

Every screen of the bot in its states, as a phone shows it: 32 columns, longer lines broken. `[…]` is a button.
Made from `tests/bot/states.py`, and held against it by a test; after a change of words or screens:
`make screens`.
"""


def makers() -> set[str]:
    """The public functions of bot.screens that make a screen of what is known."""
    found = set()
    for module in pkgutil.iter_modules(bot.screens.__path__):
        held = importlib.import_module(f"bot.screens.{module.name}")
        for name, function in inspect.getmembers(held, inspect.isfunction):
            mine = function.__module__ == held.__name__ and not name.startswith("_")
            if mine and inspect.get_annotations(function).get("return") in ("Screen", "Picture"):
                found.add(name)
    return found


def page() -> str:
    lines = [HEAD]
    for maker, shown in states().items():
        lines.append(f"## {maker.rstrip('_')}\n")
        for state, screen in shown.items():
            lines += [*([f"{state}:\n"] if state else []), "```", *drawn(screen), "```\n"]
    return "\n".join(lines)


def drawn(screen: Screen) -> list[str]:
    """A phone's lines of text, and its rows of buttons."""
    text = [part for line in text_of(screen).splitlines() for part in broken(line)]
    return text + [part for row in screen.keyboard for part in _row(row)]


def broken(line: str) -> list[str]:
    """At spaces; a word longer than a line is broken within."""
    words = line.lstrip(" ").split(" ")
    lines = [" " * (len(line) - len(line.lstrip(" "))) + words[0]]
    for word in words[1:]:
        if columns(f"{lines[-1]} {word}") <= WIDTH:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
        while columns(lines[-1]) > WIDTH:
            kept = cut(lines[-1], WIDTH + 1)[:-1]
            lines[-1:] = [kept, lines[-1][len(kept) :]]
    return lines


def _row(row: tuple[Button, ...]) -> list[str]:
    return broken(" ".join(f"[{button.text}]".replace(" ", "\u00a0") for button in row))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

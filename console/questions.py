"""How the wizard asks: a person at a terminal, or lines on standard input."""

from __future__ import annotations

import os
import select
import sys

from rich.console import Console
from rich.prompt import Confirm, Prompt

PATIENCE = 10.0  # seconds for a line where nobody sits at a terminal: an open pipe that says nothing is no answer


class Terminal:
    """`hidden` answers are not shown as they are typed."""

    live = True
    ended = False

    def __init__(self, console: Console) -> None:
        self._console = console

    def ask(self, question: str, *, default: str = "", hidden: bool = False) -> str:
        return Prompt.ask(
            question, console=self._console, default=default, show_default=bool(default), password=hidden
        ).strip()

    def agree(self, question: str) -> bool:
        return Confirm.ask(question, console=self._console, default=True)


class Lines:
    """An answer a line. A line that is empty, or does not come, is the default. `ended`: one did not come."""

    live = False

    def __init__(self, descriptor: int = 0, patience: float = PATIENCE) -> None:
        self._descriptor = descriptor
        self._patience = patience
        self._read = b""
        self.ended = False

    def ask(self, _question: str, *, default: str = "", hidden: bool = False) -> str:
        while b"\n" not in self._read and not self.ended:
            ready, _, _ = select.select([self._descriptor], [], [], self._patience)
            more = os.read(self._descriptor, 4096) if ready else b""
            self.ended = not more
            self._read += more
        line, _, self._read = self._read.partition(b"\n")
        return line.decode(errors="replace").strip() or default

    def agree(self, _question: str) -> bool:
        return False


Answers = Terminal | Lines


def answers(console: Console) -> Answers:
    return Terminal(console) if sys.stdin.isatty() else Lines()

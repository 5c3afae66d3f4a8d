"""A chat as its readers saw it, printed as one reads a chat on a phone."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from sandbox.people import Screen

WIDTH = 44


class Transcript:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._place = ""

    def step(self, number: int, title: str) -> None:
        self._place = ""
        self._console.print()
        self._console.rule(f"[bold]{number}. {title}", align="left")

    def says(self, who: str, where: str, words: str) -> None:
        """`who` types into `where`."""
        self._move(where)
        self._console.print(Padding(Panel(Text(words), title=who, title_align="right", width=WIDTH), (0, 0, 0, 24)))

    def presses(self, who: str, where: str, button: str) -> None:
        self._move(where)
        self._console.print(Padding(Text(f"{who} presses [{button}]", style="italic"), (0, 0, 0, 24)))

    def shows(self, bot: str, where: str, screen: Screen) -> None:
        """What the bot's message says now."""
        self._move(where)
        lines = Text(screen.text)
        for row in screen.buttons:
            lines.append("\n" + " ".join(f"[{button['text']}]" for button in row), style="cyan")
        title = f"{bot} (edited)" if screen.edited else bot
        subtitle = f"only {self._reader} sees this" if screen.ephemeral else None
        self._console.print(Panel(lines, title=title, title_align="left", subtitle=subtitle, width=WIDTH))

    def tells(self, words: str) -> None:
        """What happens outside the chats."""
        self._place = ""
        self._console.print(Text(f"· {words}", style="dim"))

    def sees_nothing(self, who: str, where: str) -> None:
        self._move(where)
        self._console.print(Text(f"{who} sees none of it", style="dim italic"))

    def _move(self, where: str) -> None:
        self._reader = where.partition("'")[0]
        if where != self._place:
            self._place = where
            self._console.print(Text(f"\n{where}", style="bold"))

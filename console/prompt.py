"""The prompt of `make play`: lines from a terminal, or from a pipe, one after another."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

from rich.console import Console
from rich.text import Text

from console.play import STARTED, Play
from console.programs import ProgramsEnded
from console.transcript import Transcript

PROMPT = "> "

T = TypeVar("T")


def main() -> int:
    """Until `quit`, Ctrl-C or the end of standard input. Returns 1 where the programs do not come to work."""
    console = Console(width=80, highlight=False)
    live = sys.stdin.isatty()
    play = Play(console, Transcript(console))
    play.prompt = PROMPT if live else ""
    with _loop() as run:
        console.print("One moment: a Telegram on loopback, the bot and the account start …", style="dim")
        try:
            run(play.start())
            console.print("Type help to see what can happen here. Example: ann: /invites", style="bold")
            for line in _typed(play) if live else sys.stdin:
                if not run(play.does(line)):
                    break
        except (ProgramsEnded, TimeoutError) as why:
            console.print(Text(str(why) or f"The programs did not come to work within {STARTED:.0f} s."))
            return 1
        except KeyboardInterrupt:
            console.print()
        finally:
            run(play.stop())
    return 0


def _typed(play: Play) -> Iterator[str]:
    words = play.words()

    def complete(begun: str, place: int) -> str | None:
        fitting = [word for word in words if word.startswith(begun.lower())]
        return fitting[place] if place < len(fitting) else None

    with contextlib.suppress(ImportError):  # not every Python has it
        import readline

        readline.set_completer_delims("")
        readline.set_completer(complete)
        readline.parse_and_bind("tab: complete")
    while True:
        try:
            yield input(PROMPT)
        except EOFError:
            return


@contextlib.contextmanager
def _loop() -> Iterator[Any]:
    """Runs coroutines in a thread of their own: the prompt keeps the main one, where Ctrl-C is heard."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def run(work: Coroutine[Any, Any, T]) -> T:
        doing = asyncio.run_coroutine_threadsafe(work, loop)
        try:
            return doing.result()
        except KeyboardInterrupt:
            doing.cancel()
            raise

    try:
        yield run
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

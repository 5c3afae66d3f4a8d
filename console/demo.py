"""`make demo`: the whole story on a Telegram of its own, with the real programs."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.text import Text

from console.evening import Evening, WrongAnswer
from console.mistyped import Mistyped
from console.programs import Programs, ProgramsEnded
from console.story import STEPS, claim, keeps_secrets, steps_to
from console.transcript import Transcript
from sandbox import Sandbox
from sandbox.chats import Refusal
from sandbox.people import NothingCame
from sandbox.seed import story_world


async def main(corrupt: str | None = None) -> int:
    """Plays the story; returns 0, or 1 at the first wrong answer. `corrupt` is the name of a step in
    which Telegram lies: that step is played, with what it builds on. Raises Mistyped for a name that is no step."""
    if corrupt is not None and corrupt not in [step.name for step in STEPS]:
        raise Mistyped(f"There is no step {corrupt}. Steps: {', '.join(step.name for step in STEPS)}.")
    screen = Console(width=80, highlight=False)
    began = time.monotonic()
    where = "the start"
    with tempfile.TemporaryDirectory(prefix="invite-ledger-demo-") as name:
        async with Sandbox(Path(name) / "telegram") as telegram:
            story = story_world(telegram.world)
            programs = Programs(Path(name) / "host", telegram, story.bot)
            evening = Evening(telegram, story, programs, Transcript(screen))
            try:
                async with programs.running() as claim_link:
                    await claim(evening, claim_link)
                    for number, step in steps_to(corrupt or ""):
                        where = f"step {number} ({step.name})"
                        evening.transcript.step(number, step.title)
                        if step.name == corrupt:
                            step.lie(evening)
                        await step.play(evening)
                where = "the end"
                keeps_secrets(evening)
            except (WrongAnswer, NothingCame, ProgramsEnded, Refusal) as wrong:
                screen.print(f"\n{where} went wrong", style="bold red")
                screen.print(Text(str(wrong)))
                return 1
    took = time.monotonic() - began
    screen.print(f"\nAll {len(STEPS)} steps are as they should be ({took:.0f} s).", style="bold green")
    return 0

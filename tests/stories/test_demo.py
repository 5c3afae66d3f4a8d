"""The demo plays the story to its end, and ends at any step whose answer is wrong."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from console.story import STEPS

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.timeout(600)  # the first to be run waits for all the plays
AT_ONCE = 4  # plays; each is four programs, which wait for each other half of the time


async def play(*arguments: str) -> tuple[int, str]:
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "console", "demo", *arguments,
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await program.communicate()
    assert program.returncode is not None
    return program.returncode, said.decode()


@pytest.fixture(scope="module")
def plays() -> dict[str, tuple[int, str]]:
    """By the step that was corrupted, "" where none was: how the play ended, and what was printed."""

    async def play_all() -> dict[str, tuple[int, str]]:
        room = asyncio.Semaphore(AT_ONCE)

        async def play_one(step: str) -> tuple[int, str]:
            async with room:
                return await play(*(("--break", step) if step else ()))

        names = ["", *(step.name for step in STEPS)]
        return dict(zip(names, await asyncio.gather(*map(play_one, names)), strict=True))

    return asyncio.run(play_all())


def test_the_story_is_as_it_should_be_to_its_end(plays: dict[str, tuple[int, str]]) -> None:
    code, said = plays[""]
    assert code == 0, said
    assert f"All {len(STEPS)} steps" in said


@pytest.mark.parametrize(("number", "name"), [(number, step.name) for number, step in enumerate(STEPS, 1)])
def test_a_wrong_answer_anywhere_ends_the_story_at_its_step(
    plays: dict[str, tuple[int, str]], number: int, name: str
) -> None:
    code, said = plays[name]
    assert code == 1, said
    end = said[said.rindex("went wrong") - 40 :]
    assert f"step {number} ({name}) went wrong" in end
    assert "expected: " in end
    assert "seen: " in end
    assert " within " not in end, "ended by a time-out"


async def test_an_unknown_step_is_named() -> None:
    code, said = await play("--break", "nowhere")
    assert code == 2
    assert "alone" in said

"""The demo plays the story to its end, and ends at any step whose answer is wrong."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from console.story import STEPS

ROOT = Path(__file__).resolve().parents[2]
TURNS = 4


async def play(*arguments: str) -> tuple[int, str]:
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "console", "demo", *arguments,
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await program.communicate()
    assert program.returncode is not None
    return program.returncode, said.decode()


async def test_the_story_is_as_it_should_be_to_its_end() -> None:
    code, said = await play()
    assert code == 0, said
    assert f"All {len(STEPS)} steps" in said


@pytest.mark.timeout(90)
@pytest.mark.parametrize("first", range(TURNS))
async def test_a_wrong_answer_anywhere_ends_the_story_at_its_step(first: int) -> None:
    numbered = list(enumerate(STEPS, 1))[first::TURNS]
    plays = await asyncio.gather(*(play("--break", step.name) for _, step in numbered))
    for (number, step), (code, said) in zip(numbered, plays, strict=True):
        end = said[said.rindex("went wrong") - 40 :]
        assert code == 1, said
        assert f"step {number} ({step.name}) went wrong" in end
        assert "expected: " in end
        assert "seen: " in end
        assert " within " not in end, f"{step.name} ended by a time-out"


async def test_an_unknown_step_is_named() -> None:
    code, said = await play("--break", "nowhere")
    assert code == 2
    assert "alone" in said

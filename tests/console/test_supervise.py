from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from console.supervise import STEADY, WAITS, WRONG_SETTINGS, JoinedLog, Program, Supervisor

PATIENT = """
    import pathlib, signal, sys
    def finish(*_):
        print("finished", flush=True)
        sys.exit(0)
    signal.signal(signal.SIGTERM, finish)
    print("ready", flush=True)
    while True: signal.pause()
"""
DEAF = """
    import signal
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("ready", flush=True)
    while True: signal.pause()
"""


def program(source: str, name: str = "bot", *arguments: str) -> Program:
    return Program(name, (sys.executable, "-c", textwrap.dedent(source), *arguments))


class Heard:
    """What programs said; stops the supervisor once `last` was said `times` times."""

    def __init__(self, last: str, times: int = 1) -> None:
        self.lines: list[str] = []
        self.supervisor: Supervisor | None = None
        self._last, self._times = last, times

    def __call__(self, name: str, line: str) -> None:
        self.lines.append(line)
        if self.supervisor and self.lines.count(self._last) == self._times:
            self.supervisor.stop()


async def run(heard: Heard, *programs: Program, pause: float = 0.05, patience: float = 20.0) -> int:
    heard.supervisor = Supervisor(programs, heard, waits=(pause,), patience=patience)
    return await heard.supervisor.run()


async def test_a_program_that_ends_is_started_again_after_a_pause() -> None:
    heard, loop = Heard("here", times=3), asyncio.get_running_loop()
    began = loop.time()
    assert await run(heard, program("print('here')"), pause=0.3) == 0
    assert heard.lines == ["here"] * 3
    assert loop.time() - began > 2 * 0.3


def test_no_restart_comes_sooner_than_five_seconds() -> None:
    assert min(WAITS) >= 5
    assert list(WAITS) == sorted(WAITS)
    assert max(WAITS) < STEADY


async def test_wrong_settings_are_not_tried_again() -> None:
    heard = Heard("never said")
    assert await run(heard, program(f"print('once'); raise SystemExit({WRONG_SETTINGS})")) == 1
    assert heard.lines == ["once"]


async def test_one_program_goes_on_without_the_other() -> None:
    heard = Heard("here", times=3)
    wrong = program(f"raise SystemExit({WRONG_SETTINGS})", "userclient")
    assert await run(heard, wrong, program("print('here')")) == 0


async def test_a_stop_lets_programs_finish() -> None:
    heard = Heard("ready", times=2)
    assert await run(heard, program(PATIENT), program(PATIENT, "userclient")) == 0
    assert sorted(heard.lines) == ["finished", "finished", "ready", "ready"]


async def test_a_program_that_will_not_stop_is_killed_and_the_exit_code_says_so() -> None:
    assert await run(Heard("ready"), program(DEAF), patience=0.2) == 1


async def test_a_line_without_end_does_not_stop_the_log() -> None:
    heard = Heard("after")
    assert await run(heard, program("print('x' * 3_000_000); print('after')")) == 0
    assert "after" in heard.lines


def test_each_program_gets_only_its_own_settings() -> None:
    around = {"PATH": "/bin", "LC_ALL": "C", "BOT_TOKEN": "1", "SESSION_KEY": "2", "LEDGER_KEY": "3", "SECRET": "4"}
    bot = Program("bot", (), frozenset({"BOT_TOKEN", "LEDGER_KEY"}))
    assert set(bot.environment(around)) == {"PATH", "LC_ALL", "BOT_TOKEN", "LEDGER_KEY"}


@pytest.mark.parametrize(
    ("line", "printed"),
    [
        ("joined by https://t.me/+AbCdEfGhIjKlMnOp", "bot        | joined by https://t.me/+…"),
        ("", "bot        | "),
    ],
)
def test_a_line_stands_under_its_program_and_is_clean(line: str, printed: str) -> None:
    stream = io.StringIO()
    JoinedLog(stream, ["bot", "userclient"]).line("bot", line)
    assert stream.getvalue() == printed + "\n"


def test_json_lines_stay_json_and_name_their_program() -> None:
    stream = io.StringIO()
    JoinedLog(stream, ["bot"]).under("bot").write('{"event": "ready", "at": 1}\n')
    assert json.loads(stream.getvalue()) == {"program": "bot", "event": "ready", "at": 1}


def test_a_killed_supervisor_leaves_no_program_behind(tmp_path: Path) -> None:
    held = tmp_path / "held"
    os.mkfifo(held)
    source = """
        import asyncio, sys
        from console.supervise import Program, Supervisor
        child = "import signal, sys; pipe = open(sys.argv[1], 'w'); pipe.write('here'); pipe.flush(); signal.pause()"
        program = Program("bot", (sys.executable, "-c", child, sys.argv[1]))
        asyncio.run(Supervisor([program], lambda name, line: None).run())
    """
    parent = subprocess.Popen([sys.executable, "-c", textwrap.dedent(source), str(held)])
    with held.open() as pipe:
        assert pipe.read(4) == "here"
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        assert pipe.read() == ""  # the end of the pipe comes when the last holder is gone

"""Runs programs side by side as child processes, starts them again when they end, and joins what they log."""

from __future__ import annotations

import asyncio
import ctypes
import io
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TextIO, cast

import structlog

from ledger.logs import redact

WRONG_SETTINGS = 2  # the exit code of a program that starting again cannot help
WAITS = (5.0, 10.0, 20.0, 40.0, 60.0)  # seconds before a start again, after ends in a row
STEADY = 120.0  # seconds after which an end counts as the first one again
PATIENCE = 25.0  # seconds a program has to stop: the bot finishes what it began
LONGEST_LINE = 1 << 20

# What any program needs of its surroundings; nothing of this is ours.
SURROUNDINGS = frozenset(
    {"HOME", "LANG", "LANGUAGE", "PATH", "SSL_CERT_DIR", "SSL_CERT_FILE", "TMPDIR", "USER"}
    | {f"{kind}_proxy" for kind in ("http", "https", "no", "all")}
    | {f"{kind}_PROXY" for kind in ("HTTP", "HTTPS", "NO", "ALL")}
)

log = structlog.get_logger("run")
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Program:
    """`settings` are the environment variables that are this program's own."""

    name: str
    command: Sequence[str]
    settings: frozenset[str] = frozenset()

    def environment(self, around: Mapping[str, str]) -> dict[str, str]:
        return {
            name: value
            for name, value in around.items()
            if name in self.settings or name in SURROUNDINGS or name.startswith(("LC_", "PYTHON"))
        }


class JoinedLog:
    """One stream for the lines of many programs, each line under its program's name and cleaned once more:
    what an interpreter prints as it dies has passed no redactor."""

    def __init__(self, stream: TextIO, names: Sequence[str]) -> None:
        self._stream = stream
        self._width = max(map(len, names))

    def line(self, name: str, text: str) -> None:
        text = redact(text)
        if text.startswith('{"'):
            self._stream.write(f'{{"program": "{name}", {text[1:]}\n')
        else:
            self._stream.write(f"{name:<{self._width}} | {text}\n")
        self._stream.flush()

    def under(self, name: str) -> TextIO:
        """A stream whose lines come under that name."""
        return cast("TextIO", _Under(self, name))


class _Under(io.TextIOBase):
    def __init__(self, joined: JoinedLog, name: str) -> None:
        self._joined = joined
        self._name = name

    def write(self, text: str) -> int:
        for line in text.splitlines():
            self._joined.line(self._name, line)
        return len(text)


class Supervisor:
    """`waits`, `steady` and `patience` are seconds, as the constants above."""

    def __init__(
        self,
        programs: Sequence[Program],
        say: Callable[[str, str], None],
        *,
        waits: Sequence[float] = WAITS,
        steady: float = STEADY,
        patience: float = PATIENCE,
    ) -> None:
        self._programs = programs
        self._say = say
        self._waits = waits
        self._steady = steady
        self._patience = patience
        self._stopping = asyncio.Event()
        self._killed = False

    def stop(self) -> None:
        """Asks every program to end; `run` returns when they have."""
        self._stopping.set()

    async def run(self) -> int:
        """Until stopped by SIGTERM, SIGINT or `stop`, or until no program can run. Returns the exit code:
        0, or 1 where a program had to be killed or none can run."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        await asyncio.gather(*(self._keep(program) for program in self._programs))
        return 0 if self._stopping.is_set() and not self._killed else 1

    async def _keep(self, program: Program) -> None:
        loop = asyncio.get_running_loop()
        ends = 0
        while not self._stopping.is_set():
            started = loop.time()
            code = await self._once(program)
            if self._stopping.is_set():
                return
            if code == WRONG_SETTINGS:
                log.error("cannot run with these settings; not started again", which=program.name)
                return
            ends = 1 if loop.time() - started >= self._steady else ends + 1
            wait = self._waits[min(ends, len(self._waits)) - 1]
            log.warning("ended; to be started again", which=program.name, exit=code, seconds=wait)
            try:
                await asyncio.wait_for(self._stopping.wait(), wait)
            except TimeoutError:
                continue

    async def _once(self, program: Program) -> int:
        child = await asyncio.create_subprocess_exec(
            *program.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**program.environment(os.environ), "PYTHONUNBUFFERED": "1"},
            limit=LONGEST_LINE,
            # Its own session: Ctrl-C reaches it once, by us, and not by the terminal as well.
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )
        log.info("started", which=program.name, pid=child.pid)
        ended, stopping = asyncio.create_task(child.wait()), asyncio.create_task(self._stopping.wait())
        reading = asyncio.create_task(self._read(program, child))
        try:
            await asyncio.wait({ended, stopping}, return_when=asyncio.FIRST_COMPLETED)
            with suppress(ProcessLookupError):  # it ended by itself a moment ago
                if not ended.done():
                    child.terminate()
                    await asyncio.wait({ended}, timeout=self._patience)
                if not ended.done():
                    child.kill()
                    log.error("did not stop in time; killed", which=program.name, seconds=self._patience)
                    self._killed = True
            code = await ended
            # A grandchild may hold the pipe open after the child is gone.
            await asyncio.wait({reading}, timeout=1)
            return code
        finally:
            stopping.cancel()
            reading.cancel()

    async def _read(self, program: Program, child: asyncio.subprocess.Process) -> None:
        assert child.stdout is not None
        while True:
            try:
                line = await child.stdout.readline()
            except ValueError:  # longer than LONGEST_LINE: asyncio has dropped it
                line = b"(a line too long to print)\n"
            if not line:
                return
            self._say(program.name, line.decode(errors="replace").rstrip())


def _end_with_parent() -> None:
    # A bot left behind by a killed supervisor would take the next one's updates.
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)

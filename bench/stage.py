"""The processes of the bench: the sandbox, and what is measured on it, each with its CPU time and its memory."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
START_SECONDS = 60
END_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Owner:
    id: int
    name: str
    phone: str
    login_code: str


@dataclass(frozen=True, slots=True)
class BotOf:
    id: int
    token: str
    username: str


@dataclass(frozen=True, slots=True)
class Told:
    """What the sandbox says of itself; `chats` by their number of links."""

    bot_api_url: str
    mtproto_host: str
    mtproto_port: int
    public_key: Path
    api_id: int
    api_hash: str
    bots: Mapping[str, BotOf]
    owner: Owner
    admins: Sequence[tuple[int, str]]
    chats: Mapping[int, int]

    @classmethod
    def of(cls, line: bytes) -> Told:
        said = json.loads(line)
        host, _, port = said["mtproto_server"].partition(":")
        return cls(
            said["bot_api_url"], host, int(port), Path(said["mtproto_public_key"]), said["api_id"], said["api_hash"],
            {name: BotOf(**bot) for name, bot in said["bots"].items()}, Owner(**said["owner"]),
            [(one["id"], one["name"]) for one in said["admins"]],
            {int(links): chat for links, chat in said["chats"].items()},
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stage:
    """A sandbox that runs."""

    told: Told
    http: aiohttp.ClientSession

    async def ask(self, what: str, **given: Any) -> Any:
        """Raises RuntimeError with what the sandbox says where it refuses."""
        url = f"{self.told.bot_api_url}/bench/{what}"
        async with self.http.post(url, json=given) if given else self.http.get(url) as answer:
            said = await answer.json()
        if answer.status != 200:
            raise RuntimeError(f"{what}: {said}")
        return said

    async def calls(self) -> int:
        return sum((await self.ask("calls")).values())

    async def polled(self, bot: BotOf, program: Program) -> None:
        """Returns once the bot has asked for updates. Raises RuntimeError where its process ended before."""
        async with asyncio.timeout(START_SECONDS):
            while not await self.ask(f"polls?bot={bot.id}"):
                program.demand_life()
                await asyncio.sleep(0.01)


@dataclass(frozen=True, slots=True)
class Program:
    """A process that is measured, by /proc."""

    name: str
    process: asyncio.subprocess.Process
    said: list[bytes]  # the last lines of its output

    def cpu(self) -> float:
        """Seconds of user and system time so far, of all its threads."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self) -> float:
        """Resident memory, in MB."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        (resident,) = [line for line in lines if line.startswith("VmRSS:")]
        return int(resident.split()[1]) / 1024

    def demand_life(self) -> None:
        if self.process.returncode is not None:
            said = b"".join(self.said).decode(errors="replace")
            raise RuntimeError(f"{self.name} ended with {self.process.returncode}: {said}")


@asynccontextmanager
async def running(name: str, *command: str, environment: Mapping[str, str] = {}) -> AsyncIterator[Program]:
    """A Python program of this tree, ended by SIGTERM."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *command, cwd=tempfile.gettempdir(), env=_around(environment),
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said: list[bytes] = []
    reading = asyncio.create_task(_keep_last(process, said))
    try:
        yield Program(name, process, said)
    finally:
        await _end(process)
        await reading


async def _keep_last(process: asyncio.subprocess.Process, said: list[bytes]) -> None:
    """A pipe nobody reads stops the program that writes into it."""
    assert process.stdout is not None
    async for line in process.stdout:
        said.append(line)
        del said[:-20]


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(END_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
    await process.wait()


@asynccontextmanager
async def sandbox(folder: Path, links: Sequence[int]) -> AsyncIterator[Stage]:
    """Its world is made before it says where it is."""
    sizes = [str(each) for each in links]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.world", str(folder), "--links", *sizes, cwd=tempfile.gettempdir(), env=_around({}),
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, limit=2**22,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        async with asyncio.timeout(START_SECONDS):
            line = await process.stdout.readline()
        if not line:
            raise RuntimeError("the sandbox did not start")
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=120)) as http:
            yield Stage(Told.of(line), http)
    finally:
        await _end(process)


def _around(environment: Mapping[str, str]) -> dict[str, str]:
    """Nothing of a bot of whoever runs the bench: no variable, and no `.env` where it works. Bytecode is kept, or
    each start would compile anew."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return kept | {"PYTHONPATH": str(ROOT)} | dict(environment)

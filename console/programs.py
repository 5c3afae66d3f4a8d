"""The programs of a host, as processes of their own in a folder of their own, for a Telegram on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from ledger.secrets import new_key
from ledger.settings import LedgerSettings
from ledger.store import Ledger
from sandbox import Sandbox
from sandbox.chats import Person

ROOT = Path(__file__).resolve().parent.parent
CLAIM = re.compile(rb"https://t\.me/\S+start=claim_\S+")


class ProgramsEnded(Exception):
    """`console run` or `console login` ended where it should not; the text is the end of what it said."""


class Programs:
    """`folder` receives data, keys, session and log. The log is kept at DEBUG."""

    def __init__(self, folder: Path, telegram: Sandbox, bot: Person) -> None:
        self.folder = folder
        self.log = folder / "run.log"
        keys = folder / "keys"
        keys.mkdir(mode=0o700, parents=True)
        world = telegram.world
        for name, secret in (
            ("ledger.key", new_key()),
            ("session.key", new_key()),
            ("bot.token", bot.token or ""),
            ("api.hash", world.api_hash),
        ):
            (keys / name).touch(mode=0o600)
            (keys / name).write_text(secret, encoding="utf-8")
        self.environment = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")} | {
            "PYTHONPATH": str(ROOT),
            "BOT_TOKEN_FILE": str(keys / "bot.token"),
            "BOT_API_URL": telegram.bot_api.url,
            "API_ID": str(world.api_id),
            "API_HASH_FILE": str(keys / "api.hash"),
            "MTPROTO_SERVER": telegram.mtproto.address,
            "MTPROTO_PUBLIC_KEY": str(telegram.mtproto.public_key_path),
            "LEDGER_KEY_FILE": str(keys / "ledger.key"),
            "SESSION_KEY_FILE": str(keys / "session.key"),
            "ACCOUNT_MODE": "act",
            "CALLS_PER_SECOND": "50",
            "LOG_LEVEL": "DEBUG",
        }

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """`console run`: bot and account, until the end of the block. Gives the claim link it prints.
        Raises ProgramsEnded where it prints none."""
        with self.log.open("wb") as log:
            run = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "console", "run",
                cwd=self.folder, env=self.environment, stdout=asyncio.subprocess.PIPE, stderr=log,
            )  # fmt: skip
        try:
            yield await self._claim_link(run)
        finally:
            if run.returncode is None:
                run.terminate()
                await run.wait()

    async def _claim_link(self, run: asyncio.subprocess.Process) -> str:
        assert run.stdout is not None
        async for line in run.stdout:
            if found := CLAIM.search(line):
                return found.group().decode()
        raise ProgramsEnded(self.log.read_text(encoding="utf-8")[-2000:])

    async def sign_in(self, person: Person) -> None:
        """`console login`, its questions answered from standard input. Raises ProgramsEnded."""
        login = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "console", "login",
            cwd=self.folder, env=self.environment, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await login.communicate(f"yes\n+{person.phone}\n{person.login_code}\n".encode())
        if login.returncode != 0:
            raise ProgramsEnded(said.decode())

    @contextlib.asynccontextmanager
    async def ledger(self) -> AsyncIterator[Ledger]:
        """The book itself, as the programs keep it."""
        book = await Ledger.open(
            LedgerSettings(
                ledger_url=f"sqlite:///{self.folder}/data/ledger.db", ledger_key_file=self.folder / "keys/ledger.key"
            )
        )
        try:
            yield book
        finally:
            await book.close()

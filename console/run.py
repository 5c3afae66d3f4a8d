"""`console run`: bot and account as two processes, and the claim link while there is no host."""

from __future__ import annotations

import asyncio
import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import structlog
from pydantic_settings import BaseSettings

from bot.settings import BotSettings
from bot.settings import read_settings as read_bot_settings
from console.book import Refused, opened
from console.claim import bot_of, new_claim_link, output_is_kept
from console.supervise import JoinedLog, Program, Supervisor
from ledger.logs import configure
from ledger.store import Ledger
from ledger.store.file import path_of
from userclient.settings import UserClientSettings
from userclient.settings import load as read_account_settings

CLAIM_WAIT = 60.0  # seconds for the bot to tell its name, which the claim link needs

log = structlog.get_logger("run")


async def run() -> int:
    """Until SIGTERM or SIGINT. Opens the ledger first, so that it is migrated and a wrong key or setting is
    named here, once, and not by each program in turn. Returns the exit code."""
    settings = read_bot_settings()
    programs = [_program("bot", BotSettings)]
    with_account = read_account_settings().api_id is not None
    if with_account:
        programs.append(_program("userclient", UserClientSettings))
    joined = JoinedLog(sys.stderr, ["run", *(program.name for program in programs)])
    configure(settings.log_level, settings.log_format, joined.under("run"))
    if not with_account:
        log.info("API_ID is not set: the bot runs alone and sees its own links only")
    supervisor = Supervisor(programs, joined.line)
    with ExitStack() as stack:
        async with opened(new=True) as ledger:
            stack.enter_context(_only_one(path_of(settings.ledger_url)))
            running = asyncio.create_task(supervisor.run())
            if await ledger.host.id() is None:
                inviting = asyncio.create_task(_invite_host(ledger, int(settings.token().partition(":")[0])))
                await asyncio.wait({running, inviting}, return_when=asyncio.FIRST_COMPLETED)
                inviting.cancel()
        return await running


@contextmanager
def _only_one(ledger: Path) -> Iterator[None]:
    """Two would take each other's updates in turn. Raises Refused. The kernel's lock ends with the process."""
    lock = os.open(ledger.with_name(ledger.name + ".run"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused("Another `console run` works with this ledger already: stop it first.") from None
        yield
    finally:
        os.close(lock)


def _program(name: str, settings: type[BaseSettings]) -> Program:
    return Program(name, (sys.executable, "-m", name), frozenset(field.upper() for field in settings.model_fields))


async def _invite_host(ledger: Ledger, bot_id: int) -> None:
    if await ledger.host.claim_waits():
        log.info("there is no host yet: open the claim link made before, or `python -m console claim` for a new one")
        return
    if output_is_kept():
        log.info("there is no host yet: type `python -m console claim` on a terminal")
        return
    try:
        link = await new_claim_link(ledger, await bot_of(ledger, bot_id, within=CLAIM_WAIT))
    except Refused as why:
        log.warning(str(why))
        return
    print(f"\nOpen this once to become the host of this bot:\n  {link}\n", flush=True)

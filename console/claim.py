"""The one-time link that makes whoever opens it the host."""

from __future__ import annotations

import asyncio
import os
import stat
import sys

from console.book import Refused
from ledger.chats import SeenPerson
from ledger.store import Ledger


async def bot_of(ledger: Ledger, bot_id: int | None, *, within: float) -> SeenPerson:
    """The bot as it introduced itself to the ledger, waiting up to `within` seconds for it. `bot_id` guards
    against the name of another bot that used this ledger before. Raises Refused where it has not come."""
    try:
        async with asyncio.timeout(within):
            async for _ in ledger.watch():
                bot = await ledger.programs.bot_identity()
                if bot and bot.username and bot_id in (None, bot.id):
                    return bot
    except TimeoutError:
        pass
    raise Refused("The bot has not told its name yet. Start it with `make run`, then: python -m console claim")


async def new_claim_link(ledger: Ledger, bot: SeenPerson) -> str:
    """Ends an unused link made before."""
    return f"https://t.me/{bot.username}?start=claim_{await ledger.host.new_claim()}"


def output_is_kept() -> bool:
    """Whether standard output goes into a file or a journal, where the claim link must not stand."""
    if sys.stdout.isatty():
        return False
    return "JOURNAL_STREAM" in os.environ or stat.S_ISREG(os.fstat(sys.stdout.fileno()).st_mode)

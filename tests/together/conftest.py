"""Bot and account over one ledger, as in life: the club's bot, and the account of whoever signs in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from ledger.errands import Act, ErrandState
from ledger.settings import LedgerSettings
from sandbox.invites import InviteLink
from sandbox.people import Actor
from sandbox.screens import Screen
from tests.bot.conftest import Club, RunningBot, bot, club, ledger_settings, met, start_bot
from tests.conftest import Clock
from tests.userclient.conftest import Bench, settings_of_account
from userclient.wire import allowed_names

__all__ = ["bot", "club", "ledger_settings", "met", "start_bot"]


@dataclass
class Both:
    """`bench` is the account's side of the same world and ledger."""

    club: Club
    bot: RunningBot
    bench: Bench

    @asynccontextmanager
    async def account(self, who: Actor, *, acts: bool = True, limit: float = 20.0) -> AsyncIterator[None]:
        """The account of that person at work, everything read; with `acts` it may act here."""
        if acts:
            await self.bench.lets_account_act()
        if not self.bench.settings.session_file.exists():
            await self.bench.signs_in(who.person)
        async with self.bench.userclient(limit=limit):
            await self.reads_all()
            yield

    async def reads_all(self) -> None:
        errand, _ = await self.bench.ledger.errands.ask(Act.SYNC, self.club.chat.id, asked_by=None)
        assert (await self.bench.ended(errand)).state == ErrandState.DONE

    async def number(self, link: InviteLink) -> int:
        found = await self.bot.ledger.links.find_by_link(self.club.chat.id, link.link)
        assert found is not None
        return found.number

    async def says(self, who: Actor, text: str) -> Screen:
        await who.sends(text, to=self.club.bot)
        return await who.reads(in_=self.club.bot)

    async def asks(self, who: Actor, text: str, yes: str) -> None:
        """Sends a line and says yes to the question."""
        await who.presses(yes, on=await self.says(who, text))

    async def sees(self, who: Actor, words: str) -> Screen:
        return await who.reads(in_=self.club.bot, until=words)


@pytest.fixture
async def both(
    club: Club,
    bot: RunningBot,
    clock: Clock,
    ledger_settings: LedgerSettings,
    tmp_path: Path,
    said: Callable[[], str],
) -> AsyncIterator[Both]:
    settings = settings_of_account(club.telegram, ledger_settings, tmp_path)
    bench = Bench(club.telegram, bot.ledger, settings, clock, club.vera.person, club.chat)
    yield Both(club, bot, bench)
    called = {call.method for call in club.telegram.log.calls if call.face == "mtproto" and call.key}
    assert {one for one in called if not one.startswith(("auth.", "account.", "ping"))} <= {*allowed_names("act")}
    assert "never retrieved" not in said()

"""The program: it names what is wrong with its settings, stops when told, and dies rather than hangs."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from ledger.settings import LedgerSettings
from tests.bot import killer
from tests.bot.conftest import Club

Start = Callable[..., ForkServerProcess]


@pytest.fixture
async def program(club: Club, ledger_settings: LedgerSettings, tmp_path: Path) -> Start:
    await asyncio.to_thread(killer.warm)
    assert ledger_settings.ledger_key is not None
    right = {
        "LEDGER_URL": ledger_settings.ledger_url,
        "LEDGER_KEY": ledger_settings.ledger_key.get_secret_value(),
        "BOT_TOKEN": club.bot.token or "",
        "BOT_API_URL": club.telegram.bot_api.url,
    }
    return lambda **more: killer.program(right | more, tmp_path)


async def exit_code(process: ForkServerProcess) -> int | None:
    await asyncio.to_thread(process.join, 30)
    return process.exitcode


async def test_it_stops_when_told(club: Club, program: Start) -> None:
    bot = program()
    await club.called("getUpdates")
    os.kill(bot.pid or 0, signal.SIGTERM)
    assert await exit_code(bot) == 0


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("BOT_TOKEN", "sesame"),
        ("BOT_TOKEN", "123456789:" + "A" * 35),  # of the right form, and nobody's
        ("LEDGER_KEY", "sesame"),
        ("LOG_FORMAT", "sesame"),
    ],
)
async def test_a_wrong_setting_is_one_line_and_exit_code_2(
    program: Start, tmp_path: Path, setting: str, value: str
) -> None:
    assert await exit_code(program(**{setting: value})) == 2
    said = (tmp_path / "said").read_text()
    assert [setting in line for line in said.splitlines() if line.startswith("bot: ")] == [True]
    assert setting == "LOG_FORMAT" or value not in said


async def test_a_token_refused_while_it_runs_is_one_line_and_exit_code_2(
    club: Club, program: Start, tmp_path: Path
) -> None:
    bot = program()
    await club.called("getUpdates", 2)
    club.bot.token = f"{club.bot.id}:{'A' * 35}"  # as after @BotFather's revoke
    await club.ann.sends("/help", to=club.bot)  # ends the poll under way
    assert await exit_code(bot) == 2
    assert "bot: BOT_TOKEN is refused by Telegram" in (tmp_path / "said").read_text()


async def test_a_ledger_that_breaks_ends_the_program(
    club: Club, program: Start, ledger_settings: LedgerSettings, tmp_path: Path
) -> None:
    bot = program()
    await club.called("getUpdates")
    os.truncate(ledger_settings.ledger_url.removeprefix("sqlite:///"), 100)
    await club.ann.sends("/help", to=club.bot)
    assert await exit_code(bot) == 1
    assert "bot: the bot ended" in (tmp_path / "said").read_text()

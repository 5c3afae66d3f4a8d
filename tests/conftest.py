"""A ledger in a file of its own, and a clock that moves only when told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from ledger.secrets import new_key
from ledger.settings import LedgerSettings
from ledger.store import Ledger


class Clock:
    """Seconds since the epoch; `clock.now += 60` is a minute later."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger_settings(tmp_path: Path) -> LedgerSettings:
    return LedgerSettings(
        _env_file=None, ledger_url=f"sqlite:///{tmp_path}/data/ledger.db", ledger_key=SecretStr(new_key())
    )


@pytest.fixture
async def ledger(ledger_settings: LedgerSettings, clock: Clock) -> AsyncIterator[Ledger]:
    opened = await Ledger.open(ledger_settings, clock=clock)
    yield opened
    await opened.close()

from __future__ import annotations

import pytest

from ledger.store import Ledger
from tests.ledger.listings import open_club


@pytest.fixture
async def club(ledger: Ledger) -> Ledger:
    """A ledger that serves one chat with three people in it."""
    await open_club(ledger)
    return ledger

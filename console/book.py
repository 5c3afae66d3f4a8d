"""The ledger as the host's commands open it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ledger.settings import LedgerSettings
from ledger.store import Ledger
from ledger.store.file import path_of


class Refused(Exception):
    """What the host asked for cannot be done; the text is one line that says why and names what to type."""


def refuse_without_ledger(settings: LedgerSettings) -> None:
    path = path_of(settings.ledger_url)
    if not path.exists():
        raise Refused(f"There is no ledger at {path} yet. `make run` starts one.")


@asynccontextmanager
async def opened(*, new: bool = False) -> AsyncIterator[Ledger]:
    """The ledger of LEDGER_URL. Raises Refused where there is none yet and `new` is not set, LedgerError
    where it cannot be opened."""
    settings = LedgerSettings()
    if not new:
        refuse_without_ledger(settings)
    ledger = await Ledger.open(settings)
    try:
        yield ledger
    finally:
        await ledger.close()

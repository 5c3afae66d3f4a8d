"""A ledger looked at without touching it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from ledger.errors import BadKey, LedgerBusy, LedgerError, NewerLedger, NoKey, NotALedger, WrongKey
from ledger.secrets import new_key
from ledger.settings import LedgerSettings
from ledger.store import Ledger
from ledger.store.checkup import examine
from ledger.store.file import path_of, revisions
from tests.ledger.listings import Listings, files_of, invite, sweep


def everything(settings: LedgerSettings) -> dict[Path, tuple[bytes, int]]:
    """But for the marks in `-shm` of who reads just now, which is memory that two programs share."""
    kept = [path for path in files_of(settings) if not path.name.endswith("-shm")]
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in kept}


async def test_a_whole_ledger_is_told_as_such_and_not_touched(club: Ledger, ledger_settings: LedgerSettings) -> None:
    before = everything(ledger_settings)
    found = examine(ledger_settings)
    assert (found.exists, found.integrity, found.key, found.error) == (True, "ok", None, None)
    assert found.revision == found.newest == revisions()[-1]
    assert everything(ledger_settings) == before


def test_where_none_is_none_is_made(new_settings: LedgerSettings) -> None:
    found = examine(new_settings)
    assert (found.exists, found.revision, found.error, found.key) == (False, None, None, None)
    assert not path_of(new_settings.ledger_url).parent.exists()


@pytest.mark.parametrize(
    ("key", "error"), [("", NoKey), ("nonsense", BadKey), (new_key(), WrongKey)], ids=["none", "no-key", "other"]
)
async def test_a_key_that_does_not_open_it_is_named(
    club: Ledger, ledger_settings: LedgerSettings, key: str, error: type[LedgerError]
) -> None:
    found = examine(ledger_settings.model_copy(update={"ledger_key": SecretStr(key)}))
    assert (type(found.key), found.integrity) == (error, "ok")


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", NewerLedger),
        ("DROP TABLE fact", NotALedger),
        ("PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE", LedgerBusy),
    ],
)
async def test_why_it_cannot_be_used_is_named(
    ledger_settings: LedgerSettings, statement: str, error: type[LedgerError]
) -> None:
    from contextlib import closing

    from ledger.store.sqlite import sqlite3

    with closing(sqlite3.connect(path_of(ledger_settings.ledger_url), isolation_level=None)) as other:
        other.executescript(statement)
        assert type(examine(ledger_settings).error) is error


async def test_damage_is_found(club: Ledger, ledger_settings: LedgerSettings) -> None:
    listings = Listings()
    listings.put(*map(invite, range(500)))
    await sweep(club, listings)
    path = path_of(ledger_settings.ledger_url)
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b"\xff" * 20_000)
    found = examine(ledger_settings)
    assert found.integrity not in {"", "ok"} or found.error is not None
    path.write_bytes(b"dear diary" * 100)
    assert type(examine(ledger_settings).error) is NotALedger


def test_an_url_that_names_no_file_is_told(ledger_settings: LedgerSettings) -> None:
    found = examine(ledger_settings.model_copy(update={"ledger_url": "postgresql://me:secret@host/book"}))
    assert (found.exists, "secret" in str(found.error)) == (False, False)
    assert found.error is not None

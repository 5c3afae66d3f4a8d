"""What can be told of a ledger's file without changing anything in it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from ledger.errors import LedgerBusy, LedgerError, NewerLedger, NotALedger
from ledger.secrets import Keyring
from ledger.settings import LedgerSettings
from ledger.store.copies import plain, quick_check
from ledger.store.file import DATA_KEY, journal_mode, path_of, revisions
from ledger.store.sqlite import sqlite3


@dataclass(frozen=True, slots=True)
class Checkup:
    """`journal_mode` (`wal`, or `delete` for any other) and `revision` are the file's; `integrity` is `ok` or the
    first thing wrong in it. Empty or None where they could not be read, and `error` says why. `key` is what is
    wrong with LEDGER_KEY, None where it opens this ledger, or there is none yet."""

    path: Path
    exists: bool
    sqlite: str
    journal_wanted: str
    newest: str
    journal_mode: str = ""
    revision: str | None = None
    key: LedgerError | None = None
    integrity: str = ""
    error: LedgerError | None = None


def examine(settings: LedgerSettings) -> Checkup:
    """Raises nothing, creates nothing and changes nothing."""
    path, error = Path(), None
    try:
        path = path_of(settings.ledger_url)
    except LedgerError as refused:
        error = refused
    exists = error is None and path.is_file()
    found = Checkup(path, exists, sqlite3.sqlite_version, journal_mode(), revisions()[-1], error=error)
    wrapped = None
    if exists:
        found, wrapped = _read(found)
    try:
        keys = Keyring.of(settings)
        if wrapped is not None:
            keys.unwrap(wrapped)
    except LedgerError as wrong:
        found = replace(found, key=wrong)
    return found


def _read(found: Checkup) -> tuple[Checkup, str | None]:
    try:
        with closing(plain(found.path, "ro", timeout=2)) as connection:
            found = replace(found, journal_mode=connection.execute("PRAGMA journal_mode").fetchone()[0])
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if not {"alembic_version", "fact"} <= tables:
                return replace(found, integrity=quick_check(found.path), error=NotALedger() if tables else None), None
            (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            row = connection.execute("SELECT value FROM fact WHERE name = ?", (DATA_KEY,)).fetchone()
        found = replace(found, revision=revision, integrity=quick_check(found.path))
        return replace(found, error=None if revision in revisions() else NewerLedger()), row[0] if row else None
    except sqlite3.OperationalError:
        return replace(found, error=LedgerBusy()), None
    except sqlite3.DatabaseError:
        return replace(found, error=NotALedger()), None

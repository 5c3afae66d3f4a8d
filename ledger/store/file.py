"""The ledger's file: where it is, who may read it, its version and its key, before anything is asked of it."""

from __future__ import annotations

import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from ledger.errors import LedgerBusy, LedgerError, NewerLedger, NotALedger, TooOpen, WrongKey
from ledger.secrets import Keyring, Secrets, refuse_if_open
from ledger.store.copies import copy_whole, kept_as, plain, remove
from ledger.store.sqlite import sqlite3

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
DATA_KEY = "data-key"
EMPTY_LOG = "PRAGMA wal_checkpoint(TRUNCATE)"  # outside of WAL it does nothing
PRAGMAS = ("busy_timeout=10000", "foreign_keys=ON", "synchronous=FULL", "secure_delete=ON", "cache_size=-16000")
_PATIENCE = 30.0  # seconds for another program to end its migration


def journal_mode(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> str:
    """SQLite 3.7.0 to 3.51.2 can corrupt a WAL file that two processes write and checkpoint, and two
    programs are what we are."""
    return "wal" if version >= (3, 51, 3) else "truncate"


def revisions() -> list[str]:
    """Oldest first. A revision is named by the four digits its file begins with: asking Alembic costs
    half a second at each start."""
    return sorted(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9][0-9][0-9][0-9]_*.py"))


def path_of(url: str) -> Path:
    """The file LEDGER_URL names. Raises LedgerError for anything but a file of SQLite's."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is None or parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise LedgerError("LEDGER_URL names no file: it looks like sqlite:///data/ledger.db")
    return Path(parsed.database)


def make_private(path: Path) -> None:
    """Creates what is missing: folder 0700, file 0600, whatever the umask. SQLite gives a journal its
    database's mode. Raises TooOpen where others may read the file, or swap it in its folder."""
    folder = path.parent
    for parent in reversed([folder, *folder.parents]):
        if not parent.exists():
            parent.mkdir(mode=0o700, exist_ok=True)
    mode = folder.stat().st_mode
    if mode & 0o022 and not mode & stat.S_ISVTX:
        raise TooOpen(f"Others can write in {folder}. Nothing was opened: `chmod 700 {folder}` first.")
    refuse_if_open(path)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))


@dataclass(frozen=True, slots=True)
class _Found:
    """What stands in the file: its revision (None in an empty one), the wrapped data key, and whether it
    is in WAL mode."""

    revision: str | None
    wrapped: str | None
    wal: bool


def unlocked(path: Path, keys: Keyring) -> Secrets:
    """Brings the file to this version, after a copy of the older one, and opens its data key; a file that is
    refused keeps every byte.

    Raises WrongKey, NewerLedger, NotALedger, TooOpen, LedgerBusy.
    """
    make_private(path)
    found = _look(path)
    data_key = keys.unwrap(found.wrapped)[0] if found.wrapped else None
    if found.revision != revisions()[-1] or data_key is None:
        with _alone(path):
            older = _look(path).revision
            if older not in (None, revisions()[-1]):
                _copy_first(path)
            if older != revisions()[-1]:
                _migrate(path)
            data_key = _first_data_key(path, keys)
    elif not keys.unwrap(found.wrapped or "")[1]:
        with _alone(path):
            _rewrap(path, keys)
    if found.wal != (journal_mode() == "wal"):
        with _alone(path), closing(_plain(path)) as connection:
            _set_journal(connection)
    return Secrets(data_key)


def _look(path: Path) -> _Found:
    try:
        with closing(_plain(path)) as connection:
            wal = connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if not tables:
                return _Found(None, None, wal)
            if not {"alembic_version", "fact"} <= tables:
                raise NotALedger
            (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            if revision not in revisions():
                raise NewerLedger
            row = connection.execute("SELECT value FROM fact WHERE name = ?", (DATA_KEY,)).fetchone()
            return _Found(revision, row[0] if row else None, wal)
    except sqlite3.OperationalError:
        raise LedgerBusy from None
    except sqlite3.DatabaseError:
        raise NotALedger from None


def _first_data_key(path: Path, keys: Keyring) -> bytes:
    with closing(_plain(path)) as connection:
        row = connection.execute("SELECT value FROM fact WHERE name = ?", (DATA_KEY,)).fetchone()
        if row:
            return keys.unwrap(row[0])[0]
        if connection.execute("SELECT EXISTS (SELECT 1 FROM link) OR EXISTS (SELECT 1 FROM inbox)").fetchone()[0]:
            raise WrongKey("This ledger has lost its data key: what it holds cannot be read. Restore a backup.")
        data_key = Secrets.new_data_key()
        connection.execute("INSERT INTO fact (name, value) VALUES (?, ?)", (DATA_KEY, keys.wrap(data_key)))
        return data_key


def _rewrap(path: Path, keys: Keyring) -> None:
    with closing(_plain(path)) as connection:
        (wrapped,) = connection.execute("SELECT value FROM fact WHERE name = ?", (DATA_KEY,)).fetchone()
        fresh = keys.wrap(keys.unwrap(wrapped)[0])
        connection.execute("UPDATE fact SET value = ? WHERE name = ?", (fresh, DATA_KEY))
        connection.execute(EMPTY_LOG)


def _set_journal(connection: sqlite3.Connection) -> None:
    """Stays in the file only where it is, or was, WAL: and then nobody else may have the file open."""
    try:
        connection.execute(f"PRAGMA journal_mode={journal_mode()}")
    except sqlite3.OperationalError:
        raise LedgerBusy("Another program has the ledger open with another version of SQLite: stop it first.") from None


def _plain(path: Path) -> sqlite3.Connection:
    connection = plain(path)
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    return connection


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Holds the lock file beside the database: the program that starts first migrates, others wait."""
    descriptor = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise LedgerBusy from None
                time.sleep(0.05)
        yield
    finally:
        os.close(descriptor)


def _copy_first(path: Path) -> None:
    """The ledger as the version before left it, beside it: whoever goes back a version starts from that."""
    kept = kept_as(path, revisions()[-1])
    fresh = kept.with_name(kept.name + ".new")
    remove(fresh)  # of a start that was killed
    copy_whole(path, fresh)
    fresh.replace(kept)


def _migrate(path: Path) -> None:
    """One transaction for all revisions, foreign keys off: with them on, Alembic's way to alter a table
    of SQLite's (copy, drop, rename) deletes what refers to it."""
    from alembic import command  # noqa: PLC0415  half a second, and seldom needed
    from alembic.config import Config  # noqa: PLC0415

    engine = create_engine(URL.create("sqlite", database=str(path)), module=sqlite3, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in (*PRAGMAS, "foreign_keys=OFF", f"journal_mode={journal_mode()}"):
            connection.execute(f"PRAGMA {pragma}").close()

    event.listen(engine, "begin", _begin_immediate)
    try:
        with engine.begin() as connection:
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
                raise LedgerError(f"This version does not fit the ledger ({len(broken)} rows). Nothing was changed.")
    finally:
        engine.dispose()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")

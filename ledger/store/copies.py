"""A whole copy of the ledger's file, made while programs write in it."""

from __future__ import annotations

import os
from contextlib import closing, suppress
from glob import escape
from pathlib import Path
from urllib.parse import quote

from ledger.errors import CannotWrite, LedgerBusy, LedgerError
from ledger.store.sqlite import sqlite3


def plain(path: Path, mode: str = "rw", timeout: float = 10) -> sqlite3.Connection:
    """A connection of sqlite3's own, each statement a transaction; never creates the file. `mode` is `ro` or `rw`,
    `timeout` how many seconds it waits for others."""
    file = f"file:{quote(str(path.resolve()))}?mode={mode}"
    return sqlite3.connect(file, uri=True, isolation_level=None, timeout=timeout)


def copy_whole(path: Path, to: Path) -> None:
    """Makes `to`, 0600, and reads the copy through: one that is not whole is removed again.

    Raises FileExistsError, LedgerBusy, CannotWrite, LedgerError.
    """
    os.close(os.open(to, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    whole = False
    try:
        with closing(plain(path, "ro")) as source, closing(plain(to)) as target:
            source.backup(target)  # in one step: begun anew after each write of others, it might never end
            target.execute("PRAGMA journal_mode=DELETE")  # a copy is one file
        whole = quick_check(to) == "ok"
    except sqlite3.OperationalError as error:
        raise (LedgerBusy if error.sqlite_errorname.startswith("SQLITE_BUSY") else CannotWrite) from None
    except sqlite3.DatabaseError:
        pass
    finally:
        if not whole:
            remove(to)
    if not whole:
        raise LedgerError("The copy is not whole, and was removed: the ledger's file or the disk is damaged.")


def remove(path: Path) -> None:
    """With what SQLite left beside it: a journal would be played into the next file of that name."""
    for beside in ("", "-journal", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + beside).unlink()


def kept_as(path: Path, revision: str) -> Path:
    """Where the ledger is kept as it was before it came to that revision."""
    return path.with_name(f"{path.name}.before-{revision}")


def drop_kept(path: Path, before: float) -> None:
    """Removes those made before then (Unix seconds). Raises CannotWrite."""
    try:
        for kept in path.parent.glob(kept_as(Path(escape(path.name)), "*").name):
            if kept.stat().st_mtime < before:
                kept.unlink()
    except OSError:
        raise CannotWrite from None


def quick_check(path: Path) -> str:
    """`ok`, else the first thing SQLite finds wrong with the file."""
    with closing(plain(path, "ro")) as connection:
        return str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])

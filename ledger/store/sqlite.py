"""The SQLite of the ledger: Python's own, or the one that stands ready-made beside it where that is newer.

Two programs write one file, and WAL is safe for two only from 3.51.3 on (see `engine.journal_mode`), which few Pythons
come with. Never both in one process on one file: what one closes lets go of the other's locks.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING

__all__ = ["sqlite3"]

if not TYPE_CHECKING:
    with suppress(ImportError):  # no ready-made one for this machine
        from pysqlite3 import dbapi2

        if dbapi2.sqlite_version_info > sqlite3.sqlite_version_info:
            sqlite3 = dbapi2

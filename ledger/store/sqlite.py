"""The SQLite of the ledger: Python's own, or the one that stands ready-made beside it where that is newer.

Two programs write one file, and WAL is safe for two only from 3.51.3 on (see `file.journal_mode`), which few Pythons
come with. Never both in one process on one file: what one closes lets go of the other's locks.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING

from ledger.links import State

__all__ = ["sqlite3"]

if not TYPE_CHECKING:
    with suppress(ImportError):  # no ready-made one for this machine
        from pysqlite3 import dbapi2

        if dbapi2.sqlite_version_info > sqlite3.sqlite_version_info:
            sqlite3 = dbapi2

# Python asks of each value that is none of int, float, str and bytearray what it is to be for SQLite, in vain for those
# it can bind as they are: that takes up to thirty times as long as the binding. These it finds at once.
sqlite3.register_adapter(bool, int)
sqlite3.register_adapter(bytes, bytearray)
sqlite3.register_adapter(type(None), lambda none: none)
sqlite3.register_adapter(State, str.__str__)

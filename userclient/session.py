"""The session at rest, and who may hold it: one encrypted file, one holder."""

from __future__ import annotations

import fcntl
import json
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from userclient.errors import SessionFileError, SessionHeld
from userclient.settings import BadSetting


@dataclass(frozen=True, slots=True, repr=False)
class Session:
    """A signed-in account: its id and Telethon's session string, which is the whole account."""

    account_id: int
    string: str


class SessionFile:
    """The session, encrypted with SESSION_KEY: file 0600 in a folder 0700. It exists exactly as long
    as the session is believed to live; a dead one is put aside as `….ended`."""

    def __init__(self, path: Path, keys: Sequence[str]) -> None:
        """Raises BadSetting where a key is none."""
        self.path = path
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError:
            raise BadSetting("SESSION_KEY is not a key: `python -m console key` prints a new one") from None

    def read(self) -> Session:
        """Raises SessionFileError: others can read it, or another key wrote it."""
        _refuse_open(self.path.parent, "700")
        _refuse_open(self.path, "600")
        try:
            held = json.loads(self._fernet.decrypt(self.path.read_bytes()))
            return Session(held["account_id"], held["session"])
        except (InvalidToken, ValueError, KeyError):
            raise SessionFileError("SESSION_KEY is not the key this session file was written with") from None

    def write(self, session: Session) -> None:
        """Replaces the file as a whole; modes hold under any umask."""
        make_private(self.path.parent)
        sealed = self._fernet.encrypt(
            json.dumps({"account_id": session.account_id, "session": session.string}).encode()
        )
        new = self.path.with_name(self.path.name + ".new")
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.path)


def make_private(folder: Path) -> None:
    """Makes the folder 0700 where there is none, under any umask."""
    if not folder.exists():
        folder.mkdir(parents=True, mode=0o700)
        folder.chmod(0o700)


def put_aside(path: Path) -> None:
    """A session that is over: never tried again, never in the way of the next sign-in."""
    if path.exists():
        path.replace(path.with_name(path.name + ".ended"))


@contextmanager
def holding(path: Path, name: str) -> Iterator[None]:
    """Holds the session at `path` as its one user. Raises SessionHeld at once where another does.

    The lock is the kernel's and ends with the process, kill -9 too.
    """
    make_private(path.parent)
    lock = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.fchmod(lock, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(lock, 100, 0).decode(errors="replace").strip() or "another program"
            raise SessionHeld(f"The account is in use by {holder}") from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{name} (process {os.getpid()})".encode(), 0)
        yield
    finally:
        os.close(lock)


def _refuse_open(path: Path, wanted: str) -> None:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        raise SessionFileError("there is no session: sign in with `python -m console login`") from None
    if mode & 0o077:
        raise SessionFileError(f"others can read the account's session: chmod {wanted} {path}")

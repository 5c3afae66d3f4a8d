"""What `console doctor` looks at on this machine: settings, keys, folders, the ledger, the session file."""

from __future__ import annotations

import difflib
import fcntl
import os
import re
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.settings import BotSettings, WrongSettings
from bot.settings import read_settings as read_bot_settings
from console.findings import Finding, fine, left_open, wrong
from ledger.errors import LedgerError
from ledger.settings import LedgerSettings
from ledger.store.checkup import Checkup
from ledger.store.file import path_of
from userclient.errors import SessionFileError
from userclient.session import SessionFile
from userclient.settings import BadSetting, UserClientSettings
from userclient.settings import load as read_account_settings

LEAST_SPACE = 200 * 2**20  # bytes
KEY_FILES = ("ledger_key_file", "session_key_file", "bot_token_file", "api_hash_file")


class Settings:
    """What the two programs would read here. `bot` or `account` is None where it would refuse to start."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.bot: BotSettings | None = None
        self.account: UserClientSettings | None = None
        self.ledger = LedgerSettings()
        try:
            self.bot = read_bot_settings()
        except WrongSettings as why:
            if Path(".env").exists():
                self._wrong(str(why))
            else:
                self.findings.append(wrong("settings", "there is no .env here", "make setup"))
        try:
            self.account = read_account_settings()
            if self.account.api_id is not None:
                self.account.api()
        except BadSetting as why:
            self._wrong(str(why))
        try:
            ZoneInfo(self.ledger.tz)
        except (ValueError, OSError, KeyError):
            self._wrong(f"TZ names no time zone: {self.ledger.tz}. Example: TZ=Europe/Berlin")
        self._look_for_slips(Path(".env"))
        if not self.findings:
            self.findings.append(fine("settings", "readable"))

    def _wrong(self, line: str) -> None:
        self.findings.append(wrong("settings", line, "put it right in .env: .env.example explains each"))

    def _look_for_slips(self, file: Path) -> None:
        known = {name.upper() for each in (BotSettings, UserClientSettings) for name in each.model_fields}
        written = file.read_text(encoding="utf-8") if file.exists() else ""
        for name in re.findall(r"^(?:export )?([A-Z_]+)=", written, re.MULTILINE):
            if name not in known and (close := difflib.get_close_matches(name, known, 1, 0.8)):
                self._wrong(f"{name} in .env is no setting: {close[0]} is one")

    def files(self) -> Iterator[Path]:
        for settings in (self.ledger, self.bot, self.account):
            for name in KEY_FILES:
                if (path := getattr(settings, name, None)) is not None:
                    yield path


def files(settings: Settings) -> Iterator[Finding]:
    """Who may read what holds secrets, and whether ledger and keys lie apart."""
    ledger = path_of(settings.ledger.ledger_url)
    keys = sorted(set(settings.files()))
    secrets = [Path(".env"), ledger, *keys]
    folders = [ledger.parent, *(key.parent for key in keys)]
    if settings.account is not None:
        secrets.append(settings.account.session_file)
        folders.append(settings.account.session_file.parent)
    open_ones = [*_open_to_others(secrets, "600"), *_open_to_others(sorted(set(folders) - {Path()}), "700")]
    for path, mode in open_ones:
        yield wrong("modes", f"others can get at {path}", f"chmod {mode} {path}")
    if not open_ones:
        yield fine("modes", "what holds secrets is this user's alone")
    for key in keys:
        if not key.exists():
            yield wrong("keys", f"{key} is missing", "put your copy of it back; without one: make setup")
        elif ledger.parent.resolve() in key.resolve().parents:
            yield wrong(
                "keys", f"{key} lies beside the ledger: one copied folder gives both away", "move it; name it in .env"
            )
        else:
            yield fine("keys", f"{key} stands")
    near = next(folder for folder in (ledger.parent.resolve(), *ledger.parent.resolve().parents) if folder.exists())
    free = shutil.disk_usage(near).free
    least = LEAST_SPACE + (2 * ledger.stat().st_size if ledger.exists() else 0)  # an upgrade copies the ledger first
    words = f"{free // 2**20:,} MB free"
    mend = f"make room: at least {least // 2**20:,} MB"
    yield fine("disk", words) if free >= least else wrong("disk", words, mend)


def ledger(found: Checkup) -> Iterator[Finding]:
    yield fine("sqlite", _sqlite_words(found))
    if not found.exists:
        yield left_open("ledger", f"there is none at {found.path} yet", "make run")
        return
    broken = found.key or found.error
    if broken is not None:
        yield wrong("ledger", str(broken), _mend_of(broken))
    elif found.integrity != "ok":
        yield wrong(
            "ledger", f"{found.path} is damaged: {found.integrity or 'it cannot be read'}", "restore the last backup"
        )
    elif found.revision != found.newest:
        words = f"of revision {found.revision}, this version's is {found.newest}"
        yield left_open("ledger", words, "make run upgrades it, after a copy")
    else:
        yield fine("ledger", f"{found.path} is whole, and LEDGER_KEY opens it")


def session(settings: UserClientSettings) -> Iterator[Finding]:
    """The file alone: whether it stands, opens, and who holds it."""
    path = settings.session_file
    if not path.exists():
        ended = path.with_name(path.name + ".ended").exists()
        says = "Telegram has ended the account's session" if ended else "the account is not signed in"
        yield wrong("session", says, "python -m console login")
        return
    try:
        SessionFile(path, settings.session_keys()).read()
    except SessionFileError as why:
        yield wrong("session", str(why), "put the right key back; without it: python -m console login")
    except BadSetting as why:
        yield wrong("session", str(why), "make setup")
    else:
        held = f", held by {now}" if (now := holder(path)) else ""
        yield fine("session", f"{path} opens{held}")


def _open_to_others(paths: list[Path], mode: str) -> list[tuple[Path, str]]:
    return [(path, mode) for path in paths if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077]


def _sqlite_words(found: Checkup) -> str:
    why = "" if found.journal_wanted == "wal" else " (WAL is safe for two programs from 3.51.3 on)"
    return f"{found.sqlite}, journal mode {found.journal_wanted.upper()}{why}"


def _mend_of(error: LedgerError) -> str:
    return {
        "WrongKey": "put the key this ledger was written with into LEDGER_KEY_FILE",
        "BadKey": "put the key this ledger was written with into LEDGER_KEY_FILE",
        "NoKey": "put your copy of keys/ledger.key back; without a ledger: make setup",
        "TooOpen": "chmod 600 the file it names",
        "NewerLedger": "git pull",
        "LedgerBusy": "end whatever else has the ledger open: an sqlite3 shell, a copy, a second installation",
    }.get(type(error).__name__, "restore the last backup, or set LEDGER_URL right")


def holder(path: Path) -> str:
    """Who holds the session now, or nothing. A shared lock, tried and dropped, disturbs no holder."""
    try:
        lock = os.open(path.with_name(path.name + ".lock"), os.O_RDONLY)
    except OSError:
        return ""
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.pread(lock, 100, 0).decode(errors="replace").strip() or "another program"
    finally:
        os.close(lock)
    return ""

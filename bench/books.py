"""Ledgers of a given size, made fast: a thousand links are read in as a sweep does, then their rows are copied.

Only here and in the ledger's own store stands SQL (`_copy_rows`): a million links by sweep would take an hour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

from pydantic import SecretStr

from ledger.chats import AccountState, Role, SeenChat, SeenPerson
from ledger.inbox import Received
from ledger.links import SeenLink
from ledger.secrets import new_key
from ledger.settings import LedgerSettings
from ledger.store import Ledger
from ledger.store.file import path_of
from ledger.store.sqlite import sqlite3

MODELS = 1000  # links that are read in; the others are copies of their rows
DAY = 86_400
BOT_ID = 7_000_000_001
CHAT_ID = -1_001_234_567_890
PEOPLE = [(510_000_000 + number, f"Admin{number:02d}") for number in range(20)]


@dataclass(frozen=True, slots=True)
class Book:
    """A ledger's file and key, with one chat that is served."""

    settings: LedgerSettings
    chat_id: int
    admins: Sequence[tuple[int, str]]

    @property
    def environment(self) -> dict[str, str]:
        assert self.settings.ledger_key is not None
        url, key = self.settings.ledger_url, self.settings.ledger_key.get_secret_value()
        return {"LEDGER_URL": url, "LEDGER_KEY": key, "LOG_LEVEL": "WARNING"}


def empty(folder: Path) -> LedgerSettings:
    """Of a ledger that is not made yet."""
    folder.mkdir(parents=True, mode=0o700)
    url = f"sqlite:///{folder}/data/ledger.db"
    return LedgerSettings(_env_file=None, ledger_url=url, ledger_key=SecretStr(new_key()))


async def open_chat(ledger: Ledger, chat_id: int, admins: Sequence[tuple[int, str]]) -> None:
    """The chat is served, and the account its owner's."""
    await ledger.chats.saw(SeenChat(chat_id, "Chess club", "supergroup"), trusted=True)
    await ledger.chats.saw_people([SeenPerson(who, name) for who, name in admins])


async def build(
    folder: Path, links: int, *, chat_id: int = CHAT_ID, admins: Sequence[tuple[int, str]] = PEOPLE
) -> Book:  # fmt: skip
    """A swept chat of so many links, an equal number by each admin."""
    book = Book(empty(folder), chat_id, admins)
    models = min(links, MODELS)
    ledger = await Ledger.open(book.settings)
    try:
        await open_chat(ledger, chat_id, admins)
        ids = [who for who, _ in admins]
        for told_by in ("account", "bot"):
            await ledger.chats.set_admins(chat_id, ids, told_by=told_by)
        await ledger.chats.account_place(chat_id, Role.OWNER, 1)
        await ledger.chats.bot_place(chat_id, Role.ADMIN, deletes=True)
        owner, name = admins[0]
        await ledger.host.claim(await ledger.host.new_claim(), owner)
        await ledger.programs.say("userclient", AccountState.READY, person_id=owner, name_of_person=name)
        await ledger.sweeps.begin(chat_id, ids)
        now = int(ledger.clock())
        for at, who in enumerate(ids):
            own = [_model(number, who, now) for number in range(at, models, len(ids))]
            for revoked in (False, True):
                page = [one for one in own if one.revoked == revoked]
                await ledger.sweeps.page_read(chat_id, who, revoked, page, count=len(page), ended=True)
        await ledger.sweeps.finish(chat_id)
    finally:
        await ledger.close()
    if links > models:
        _copy_rows(path_of(book.settings.ledger_url), models, links // models)
    return book


async def commit_takes(folder: Path) -> float:
    """Seconds until one update is in a ledger, on the disk: the median of thirty."""
    ledger = await Ledger.open(empty(folder))
    took = []
    try:
        for update_id in range(30):
            since = perf_counter()
            await ledger.inbox.put([Received(update_id, BOT_ID, "message", "{}" * 150)])
            took.append(perf_counter() - since)
    finally:
        await ledger.close()
    return median(took)


def _model(number: int, creator_id: int, now: int) -> SeenLink:
    """As in the sandbox's world of the bench."""
    limit = 0 if number % 2 else 10 + number % 90
    return SeenLink(
        f"https://t.me/+{number:016d}", creator_id, title=f"Campaign {number}", created=now - 60 * DAY + number,
        expires=now + 30 * DAY if number % 7 == 3 else None, limit=limit, revoked=number % 10 == 9,
        usage=limit if limit and number % 5 == 2 else number % 8,
    )  # fmt: skip


def _copy_rows(path: Path, models: int, times: int) -> None:
    """Each copy has a number, an age and hashes of its own. What counts rows is multiplied with them."""
    own = {
        "number": f"number + n * {models}", "digest": "lower(hex(randomblob(16)))", "born": "born - n * 60",
        "start_digest": "lower(hex(randomblob(16)))", "created": "created - n * 60",
        "print": "random()",
    }  # fmt: skip
    with closing(sqlite3.connect(path)) as connection, connection:
        for pragma in ("synchronous=OFF", "journal_mode=MEMORY", "cache_size=-400000", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        indexes = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'link' AND sql IS NOT NULL"
        ).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        names = [row[1] for row in connection.execute("PRAGMA table_info(link)") if row[1] != "id"]
        values = ", ".join(own.get(name, f'"{name}"') for name in names)
        connection.execute(
            f"WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < {times - 1}) "
            f"INSERT INTO link ({', '.join(names)}) SELECT {values} FROM many CROSS JOIN link ORDER BY n, number"
        )
        for _, statement in indexes:
            connection.execute(statement)
        for table, columns in _counted(connection).items():
            connection.execute(f"UPDATE {table} SET " + ", ".join(f"{one} = {one} * {times}" for one in columns))
        connection.execute("UPDATE chat SET next_number = (SELECT max(number) + 1 FROM link)")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=TRUNCATE").fetchall()


def _counted(connection: sqlite3.Connection) -> Mapping[str, Sequence[str]]:
    """The columns that count links, by table."""
    tallies = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%tally'")
    return {name: ["links"] for (name,) in tallies} | {"listing": ["seen", "count"]}

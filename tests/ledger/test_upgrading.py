"""From the first version to this one and back, with rows in it."""

from __future__ import annotations

import asyncio
import shutil
import time
from contextlib import suppress
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from ledger.errors import LedgerError
from ledger.joins import SeenJoin
from ledger.listing import Order, Query, Shelf
from ledger.settings import LedgerSettings
from ledger.store import Ledger
from ledger.store.copies import copy_whole
from ledger.store.file import MIGRATIONS, path_of, revisions
from ledger.store.sqlite import sqlite3
from tests.bot.killer import WARM
from tests.conftest import Clock
from tests.ledger.listings import ANN, BOB, CLUB, Listings, ask_file, files_of, invite, sweep, whole_book

FIRST = "0001"
_ROWS = "SELECT id, number, whose, digest, title, joined, state, warned, first_seen, expires FROM link ORDER BY id"
_TALLY = "SELECT whose, state, warned, count(*) FROM link GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"


@pytest.fixture
async def old(club: Ledger, ledger_settings: LedgerSettings, clock: Clock) -> LedgerSettings:
    """A ledger as the first version wrote it, with 3,000 links of every state."""
    listings, now = Listings(), int(clock.now)
    listings.put(
        *(
            invite(
                n, (ANN, BOB)[n % 2], usage=n % 7, limit=(0, 5)[n % 3 == 0], revoked=n % 11 == 0, title=f"Tür {n}",
                expires=(None, now + 60, now + 86400 * 30, now + 86400 * 3)[n % 4], approval=n % 50 == 1,
                price=n % 70 == 1,
            )
            for n in range(3000)
        )
    )  # fmt: skip
    await sweep(club, listings, size=1000)
    await club.links.seen_in_update(SeenJoin(CLUB, 77, now, 5, invite(1, BOB, usage=None, title="Tür 1")))
    clock.now += 60
    await club.links.expire()
    await club.close()
    migrate(path_of(ledger_settings.ledger_url), FIRST)
    return ledger_settings


def migrate(path: Path, revision: str) -> None:
    """Down, as somebody who goes back would."""
    engine = create_engine(f"sqlite:///{path}", module=sqlite3)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
    engine.dispose()


async def test_an_upgrade_keeps_every_row_and_puts_each_on_its_shelves(old: LedgerSettings, clock: Clock) -> None:
    before = ask_file(old, _ROWS)
    assert ask_file(old, "SELECT whose, state, warned, links FROM tally ORDER BY 1, 2, 3") == ask_file(old, _TALLY)
    ledger = await Ledger.open(old, clock=clock)
    assert ask_file(old, _ROWS) == before
    assert len(await whole_book(ledger)) == 3000
    for shelf in Shelf:
        page = await ledger.links.page(Query(CLUB, shelf=shelf, size=3000, order=Order.ENDS, words="tür"))
        plain = await ledger.links.page(Query(CLUB, shelf=shelf, size=3000, order=Order.ENDS))
        assert page.total == plain.total == plain.counts[shelf] == len(plain.rows)
        assert [row.id for row in page.rows] == [row.id for row in plain.rows]
        assert plain.rows or shelf in {Shelf.GONE, Shelf.PRIMARY}
    await ledger.close()


async def test_the_ledger_of_an_earlier_version_is_kept_beside_it(old: LedgerSettings) -> None:
    before = ask_file(old, _ROWS)
    await (await Ledger.open(old)).close()
    (kept,) = [path for path in files_of(old) if path.name.endswith(f".before-{revisions()[-1]}")]
    copy = old.model_copy(update={"ledger_url": f"sqlite:///{kept}"})
    assert ask_file(copy, _ROWS) == before
    assert ask_file(copy, "SELECT version_num FROM alembic_version") == [(FIRST,)]
    assert kept.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("act", ["erase", "forget", "a year of names"])
async def test_what_goes_out_of_the_ledger_goes_out_of_that_copy(old: LedgerSettings, clock: Clock, act: str) -> None:
    ledger = await Ledger.open(old, clock=clock)
    (kept,) = [path for path in files_of(old) if ".before-" in path.name]
    made = int(kept.stat().st_mtime)
    assert b"Bob Stone" in kept.read_bytes()
    await ledger.chats.purge_names(made)
    assert kept.exists()
    match act:
        case "erase":
            await ledger.chats.erase(CLUB)
        case "forget":
            await ledger.chats.forget(77)
        case _:
            await ledger.chats.purge_names(made + 1)
    assert not kept.exists()
    await ledger.close()


def open_once(settings: LedgerSettings, begins: Event) -> None:
    async def start() -> None:
        await (await Ledger.open(settings)).close()

    begins.set()
    asyncio.run(start())


@pytest.mark.long
async def test_an_upgrade_killed_at_any_moment_starts_again_and_loses_no_row(
    old: LedgerSettings, tmp_path: Path
) -> None:
    before, kills = ask_file(old, _ROWS), 8
    took = 0.0
    for kill in range(kills + 1):
        folder = tmp_path / f"kill {kill}"
        (folder / "data").mkdir(mode=0o700, parents=True)
        shutil.copy(path_of(old.ledger_url), folder / "data/ledger.db")
        settings = old.model_copy(update={"ledger_url": f"sqlite:///{folder}/data/ledger.db"})
        begins = WARM.Event()
        program = WARM.Process(target=open_once, args=(settings, begins))
        program.start()
        begins.wait()
        since = time.monotonic()
        program.join(took * kill / kills if kill else None)  # the first one tells how long it takes
        took = took or time.monotonic() - since
        program.kill()
        program.join()
        ledger = await Ledger.open(settings)
        assert ask_file(settings, _ROWS) == before
        assert (await ledger.links.page(Query(CLUB))).unrevoked + (await ledger.links.page(Query(CLUB))).revoked == 3000
        await ledger.close()
        assert not list(folder.glob("data/*.new*"))


async def test_a_copy_made_while_others_write_is_whole_and_never_overwrites(
    club: Ledger, ledger_settings: LedgerSettings, tmp_path: Path
) -> None:
    listings = Listings()
    listings.put(*map(invite, range(400)))
    writing = asyncio.ensure_future(sweep(club, listings, size=20))
    for number in range(5):
        copy = tmp_path / f"copy {number}.db"
        await club.backup(copy)
        assert copy.stat().st_mode & 0o777 == 0o600
        there = ledger_settings.model_copy(update={"ledger_url": f"sqlite:///{copy}"})
        assert ask_file(there, "PRAGMA integrity_check") == [("ok",)]
        assert ask_file(there, "SELECT count(*) - (SELECT coalesce(sum(links), 0) FROM tally) FROM link") == [(0,)]
    await writing
    with pytest.raises(FileExistsError):
        await club.backup(copy)


async def test_a_copy_that_is_not_whole_is_none(club: Ledger, ledger_settings: LedgerSettings, tmp_path: Path) -> None:
    listings = Listings()
    listings.put(*map(invite, range(500)))
    await sweep(club, listings)
    path, copy = path_of(ledger_settings.ledger_url), tmp_path / "copy.db"
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b"\xff" * 20_000)
    with suppress(FileNotFoundError), pytest.raises(LedgerError, match="not whole"):
        copy_whole(path, copy)
    assert not copy.exists()

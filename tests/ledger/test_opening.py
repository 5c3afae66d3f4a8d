from __future__ import annotations

import asyncio
import os
import stat
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from pydantic import SecretStr
from sqlalchemy import create_engine

from ledger.errors import BadKey, CannotWrite, LedgerError, NewerLedger, NoKey, NotALedger, TooOpen, WrongKey
from ledger.secrets import new_key
from ledger.settings import LedgerSettings
from ledger.store import Ledger
from ledger.store.file import MIGRATIONS, journal_mode, path_of, revisions
from ledger.store.sqlite import sqlite3
from ledger.tables import metadata
from tests.ledger.listings import CLUB, Listings, ask_file, files_of, invite, open_club, sweep


@pytest.fixture
def ledger_settings(new_settings: LedgerSettings) -> LedgerSettings:
    """Here nothing stands on the disk before the first start."""
    return new_settings


async def open_and_close(settings: LedgerSettings) -> None:
    await (await Ledger.open(settings)).close()


def keyed(settings: LedgerSettings, *keys: str) -> LedgerSettings:
    return settings.model_copy(update={"ledger_key": SecretStr(",".join(keys))})


def bytes_of(settings: LedgerSettings) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in files_of(settings)}


def execute(settings: LedgerSettings, statement: str) -> None:
    with closing(sqlite3.connect(path_of(settings.ledger_url))) as connection, connection:
        connection.execute(statement)


async def test_a_second_start_migrates_nothing(ledger_settings: LedgerSettings) -> None:
    await open_and_close(ledger_settings)
    before = bytes_of(ledger_settings)
    await open_and_close(ledger_settings)
    assert bytes_of(ledger_settings) == before


async def test_a_migrated_ledger_has_the_tables_the_code_believes_in(ledger_settings: LedgerSettings) -> None:
    await open_and_close(ledger_settings)
    engine = create_engine(ledger_settings.ledger_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_a_revision_is_named_by_its_file() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    script = ScriptDirectory.from_config(config)
    assert [revision.revision for revision in script.walk_revisions()][::-1] == revisions()


async def test_many_programs_starting_at_once_make_one_ledger(ledger_settings: LedgerSettings) -> None:
    opened = await asyncio.gather(*(Ledger.open(ledger_settings) for _ in range(4)))
    await open_club(opened[0])
    await sweep(opened[0], Listings({one.link: one for one in [invite(1)]}))
    row = await opened[3].links.find(CLUB, 1)
    assert row is not None
    assert await opened[3].links.secret(row.id) == invite(1).link
    await asyncio.gather(*(one.close() for one in opened))


async def test_a_ledger_of_a_newer_version_is_refused_untouched(ledger_settings: LedgerSettings) -> None:
    await open_and_close(ledger_settings)
    execute(ledger_settings, "UPDATE alembic_version SET version_num = '9999'")
    before = bytes_of(ledger_settings)
    with pytest.raises(NewerLedger, match="newer version"):
        await Ledger.open(ledger_settings)
    assert bytes_of(ledger_settings) == before


async def test_a_wrong_key_is_named_and_nothing_is_written(ledger_settings: LedgerSettings) -> None:
    await open_and_close(ledger_settings)
    before = bytes_of(ledger_settings)
    with pytest.raises(WrongKey, match="LEDGER_KEY is not the key"):
        await Ledger.open(keyed(ledger_settings, new_key(), new_key()))
    assert bytes_of(ledger_settings) == before


async def test_a_ledger_with_rows_never_gets_a_second_data_key(ledger_settings: LedgerSettings) -> None:
    ledger = await Ledger.open(ledger_settings)
    await open_club(ledger)
    await sweep(ledger, Listings({one.link: one for one in [invite(1)]}))
    await ledger.close()
    execute(ledger_settings, "DELETE FROM fact WHERE name = 'data-key'")
    with pytest.raises(WrongKey, match="lost its data key"):
        await Ledger.open(ledger_settings)
    assert ask_file(ledger_settings, "SELECT count(*) FROM fact WHERE name = 'data-key'") == [(0,)]


async def test_a_new_first_key_takes_over_from_the_old_one(ledger_settings: LedgerSettings) -> None:
    ledger = await Ledger.open(ledger_settings)
    await open_club(ledger)
    await sweep(ledger, Listings({one.link: one for one in [invite(1)]}))
    await ledger.close()
    assert ledger_settings.ledger_key is not None
    old, new = ledger_settings.ledger_key.get_secret_value(), new_key()
    await open_and_close(keyed(ledger_settings, new, old))
    ledger = await Ledger.open(keyed(ledger_settings, new))
    row = await ledger.links.find(CLUB, 1)
    assert row is not None
    assert await ledger.links.secret(row.id) == invite(1).link
    await ledger.close()
    with pytest.raises(WrongKey):
        await Ledger.open(ledger_settings)


@pytest.mark.parametrize(("key", "error"), [("", NoKey), (" , \n", NoKey), ("not a key", BadKey), ("x" * 44, BadKey)])
async def test_what_is_no_key_is_refused_before_a_file_is_made(
    ledger_settings: LedgerSettings, key: str, error: type[LedgerError]
) -> None:
    with pytest.raises(error) as caught:
        await Ledger.open(keyed(ledger_settings, key))
    assert "not a key" not in str(caught.value).removeprefix("LEDGER_KEY is not a key")
    assert not path_of(ledger_settings.ledger_url).exists()


async def test_the_key_may_stand_in_a_file_that_only_its_owner_reads(
    ledger_settings: LedgerSettings, tmp_path: Path
) -> None:
    file = tmp_path / "ledger.key"
    file.write_text(f"{new_key()}\n")
    settings = ledger_settings.model_copy(update={"ledger_key": None, "ledger_key_file": file})
    file.chmod(0o640)
    with pytest.raises(TooOpen, match="chmod 600"):
        await Ledger.open(settings)
    file.chmod(0o600)
    await open_and_close(settings)


async def test_another_kind_of_file_is_refused_untouched(ledger_settings: LedgerSettings) -> None:
    path = path_of(ledger_settings.ledger_url)
    path.parent.mkdir(mode=0o700)
    path.write_text("dear diary" * 100)
    path.chmod(0o600)
    with pytest.raises(NotALedger):
        await Ledger.open(ledger_settings)
    path.unlink()
    path.touch(mode=0o600)
    execute(ledger_settings, "CREATE TABLE diary (day TEXT)")
    before = bytes_of(ledger_settings)
    with pytest.raises(NotALedger):
        await Ledger.open(ledger_settings)
    assert bytes_of(ledger_settings) == before


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "postgresql://me:secret@host/book", "ledger.db"])
async def test_an_url_that_names_no_file_is_refused_without_repeating_it(
    ledger_settings: LedgerSettings, url: str
) -> None:
    with pytest.raises(LedgerError, match=r"sqlite:///data/ledger\.db") as caught:
        await Ledger.open(ledger_settings.model_copy(update={"ledger_url": url}))
    assert "secret" not in str(caught.value)


async def test_under_any_umask_only_the_owner_can_read(ledger_settings: LedgerSettings) -> None:
    before = os.umask(0)
    try:
        ledger = await Ledger.open(ledger_settings)
        await open_club(ledger)
        modes = {stat.S_IMODE(path.stat().st_mode) for path in files_of(ledger_settings)}
        folder = path_of(ledger_settings.ledger_url).parent
        assert len(files_of(ledger_settings)) >= 3  # database, journal, lock
        assert (modes, stat.S_IMODE(folder.stat().st_mode)) == ({0o600}, 0o700)
        await ledger.close()
    finally:
        os.umask(before)


async def test_a_ledger_that_others_can_read_or_swap_is_refused(ledger_settings: LedgerSettings) -> None:
    await open_and_close(ledger_settings)
    path = path_of(ledger_settings.ledger_url)
    for loose, tight, target in ((0o644, 0o600, path), (0o770, 0o700, path.parent)):
        target.chmod(loose)
        with pytest.raises(TooOpen, match="chmod"):
            await Ledger.open(ledger_settings)
        target.chmod(tight)
    await open_and_close(ledger_settings)


def test_wal_is_for_versions_of_sqlite_that_two_programs_cannot_corrupt() -> None:
    assert [journal_mode(version) for version in ((3, 40, 1), (3, 51, 2))] == ["truncate", "truncate"]
    assert [journal_mode(version) for version in ((3, 51, 3), (3, 53, 0))] == ["wal", "wal"]


async def test_a_ledger_left_in_the_other_journal_mode_opens(ledger_settings: LedgerSettings) -> None:
    await open_and_close(ledger_settings)
    execute(ledger_settings, f"PRAGMA journal_mode={'delete' if journal_mode() == 'wal' else 'wal'}")
    ledger = await Ledger.open(ledger_settings)
    await open_club(ledger)
    assert (ask_file(ledger_settings, "PRAGMA journal_mode") == [("wal",)]) == (journal_mode() == "wal")
    await ledger.close()


async def test_a_full_disk_is_told_as_such_and_what_was_saved_stays(
    ledger_settings: LedgerSettings, club: Ledger
) -> None:
    import resource  # not everywhere

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path_of(ledger_settings.ledger_url).stat().st_size, hard))
    try:
        with pytest.raises(CannotWrite):
            await sweep(club, Listings({one.link: one for one in map(invite, range(2000))}), size=2000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (await sweep(club, Listings({one.link: one for one in [invite(1)]}))).new == 1

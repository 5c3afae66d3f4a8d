from __future__ import annotations

import asyncio
import io
import stat
from pathlib import Path

import pytest

from console.__main__ import main
from ledger.chats import SeenChat, SeenPerson
from ledger.joins import SeenJoin
from ledger.links import SeenLink
from ledger.settings import LedgerSettings
from ledger.store import Ledger
from ledger.store.sqlite import sqlite3

CHAT, MAKER, MAX = -1001234567890, 5, 9
LINK = "https://t.me/+" + "a" * 16


async def write_book() -> None:
    """Max joined twice by Ann's link."""
    ledger = await Ledger.open(LedgerSettings())
    try:
        await ledger.chats.saw(SeenChat(CHAT, "Chess club", "supergroup"), trusted=True)
        people = [SeenPerson(MAKER, "Ann", "ann"), SeenPerson(MAX, "Max", "max_chess")]
        await ledger.chats.saw_people(people)
        for update in (1, 2):
            await ledger.links.seen_in_update(
                SeenJoin(CHAT, MAX, 1_700_000_000 + update, update, SeenLink(LINK, MAKER))
            )
    finally:
        await ledger.close()


async def known(person_id: int, settings: LedgerSettings | None = None) -> tuple[str, int]:
    """The name the ledger has for a person, and how many joined by the link."""
    ledger = await Ledger.open(settings or LedgerSettings())
    try:
        found = await ledger.chats.person(person_id)
        (link,) = await ledger.links.export(CHAT, every=True)
        return found.name if found else "", link.joined
    finally:
        await ledger.close()


@pytest.fixture
def book(home: Path) -> Path:
    asyncio.run(write_book())
    return home


def test_a_copy_is_a_ledger_that_only_its_owner_reads(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backup", "copy.db"]) == 0
    assert "copy.db" in capsys.readouterr().out
    copy = book / "copy.db"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    settings = LedgerSettings(ledger_url=f"sqlite:///{copy}")
    assert asyncio.run(known(MAX, settings)) == asyncio.run(known(MAX))


def test_a_copy_is_made_while_another_program_writes(book: Path) -> None:
    writer = sqlite3.connect(book / "data/ledger.db", isolation_level=None)
    writer.execute("PRAGMA busy_timeout=5000")
    writer.execute("CREATE TABLE busy (at)")
    assert main(["backup", "copy.db"]) == 0
    writer.execute("INSERT INTO busy VALUES (1)")
    writer.close()
    copy = sqlite3.connect(book / "copy.db")
    assert copy.execute("SELECT count(*) FROM busy").fetchone() == (0,)
    copy.close()


def test_no_copy_is_written_over(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (book / "copy.db").write_text("mine", encoding="utf-8")
    assert main(["backup", "copy.db"]) == 1
    assert "left as it is" in capsys.readouterr().err
    assert (book / "copy.db").read_text(encoding="utf-8") == "mine"


@pytest.mark.usefixtures("book")
def test_a_copy_to_nowhere_is_refused_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backup", "nowhere/copy.db"]) == 1
    assert capsys.readouterr().err == "There is no folder nowhere to put the copy in.\n"


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize("who", ["@max_chess", "max_chess", str(MAX)])
def test_a_person_is_forgotten_and_the_counts_stay(who: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = asyncio.run(known(MAX))
    assert before[0] == "Max"
    assert main(["forget", who, "--yes"]) == 0
    assert "2 joins" in capsys.readouterr().out
    assert asyncio.run(known(MAX)) == ("", before[1])


@pytest.mark.usefixtures("book")
def test_without_a_typed_yes_nobody_is_forgotten(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = asyncio.run(known(MAX))
    monkeypatch.setattr("sys.stdin", io.StringIO("perhaps\n"))
    assert main(["forget", "@max_chess"]) == 1
    assert "Nothing was changed." in capsys.readouterr().out
    assert asyncio.run(known(MAX)) == before
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\n"))
    assert main(["forget", "@max_chess"]) == 0
    assert asyncio.run(known(MAX))[0] == ""
    assert "cannot be undone" in capsys.readouterr().out


@pytest.mark.usefixtures("book")
def test_a_maker_of_links_keeps_the_name_and_the_host_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forget", "@ann", "--yes"]) == 0
    assert "The name itself stays" in capsys.readouterr().out
    assert asyncio.run(known(MAKER))[0] == "Ann"


@pytest.mark.usefixtures("book")
def test_nobody_of_that_name_is_said_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forget", "@nobody", "--yes"]) == 1
    assert "The ledger knows nobody called @nobody. Example: " in capsys.readouterr().err

"""Whoever has the files and not the key reads no link."""

from __future__ import annotations

import logging
import re

import pytest
from cryptography.exceptions import InvalidTag
from pydantic import SecretStr
from sqlalchemy import update

from ledger.errors import LedgerError, WrongKey
from ledger.inbox import Received
from ledger.secrets import Secrets, new_key
from ledger.settings import LedgerSettings
from ledger.store import Ledger
from ledger.tables import link
from tests.ledger.listings import (
    ANN,
    BOT,
    CLUB,
    Listings,
    all_of,
    ask_file,
    files_of,
    invite,
    open_club,
    read_page,
    sweep,
)

LINKS = [invite(number) for number in range(1000)]
HASHES = [link.link.rpartition("+")[2].encode() for link in LINKS]
SHOWN = 8  # characters of a hash, all that screens show of it


def found_in(settings: LedgerSettings) -> list[bytes]:
    """The links any part of which, longer than what screens show, stands in the files."""
    runs = re.findall(rb"[A-Za-z0-9_-]{%d,}" % SHOWN, all_of(settings))
    there = {run[at : at + SHOWN] for run in runs for at in range(len(run) - SHOWN + 1)}
    return [secret for secret in HASHES if secret[:SHOWN] in there]


async def write_links_everywhere(ledger: Ledger) -> None:
    listings = Listings({one.link: one for one in LINKS})
    await ledger.sweeps.begin(CLUB, [ANN])
    for _ in range(5):
        await read_page(ledger, listings, 100)  # leaves a cursor that holds a link
    text = f'{{"text": "/invite {LINKS[7].link}"}}'
    await ledger.inbox.put([Received(1, 1, "message", text), Received(2, 1, "message", text, quarantined="odd")])
    await ledger.intents.intend(1, "create", CLUB, ANN, {"title": LINKS[8].link})
    await ledger.dues.put(1, "hide", {"text": LINKS[9].link})
    await ledger.links.made(CLUB, invite(999, BOT), asked_by=ANN, update_id=1)
    await ledger.inbox.done(1)
    await sweep(ledger, listings)
    for row in (await ledger.links.export(CLUB, every=True))[:20]:
        await ledger.links.reveal(row.id, ANN, "bot")
        await ledger.links.revoked(row.id, by=ANN, how="bot")


async def test_no_file_holds_a_link_while_open_mid_write_or_closed(
    ledger_settings: LedgerSettings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ledger = await Ledger.open(ledger_settings)
    await open_club(ledger)
    await write_links_everywhere(ledger)
    assert found_in(ledger_settings) == []
    async with ledger._engines.writing() as connection:
        await connection.execute(update(link).values(title="changed", cipher=b"x" * 400, tail="x" * 2000))
        assert any(path.name.endswith(("-journal", "-wal")) for path in files_of(ledger_settings))
        assert found_in(ledger_settings) == []
    await ledger.close()
    assert found_in(ledger_settings) == []
    said = caplog.text
    assert [secret for secret in HASHES if secret.decode() in said] == []


async def test_the_scan_finds_a_link_that_stands_there(ledger_settings: LedgerSettings, club: Ledger) -> None:
    await sweep(club, Listings({one.link: one for one in [invite(1, title=LINKS[3].link)]}))
    assert found_in(ledger_settings) == [HASHES[3]]


async def test_of_a_body_nothing_is_left_once_its_update_is_done(club: Ledger, ledger_settings: LedgerSettings) -> None:
    await club.inbox.put([Received(1, 1, "message", "body" * 99)])
    ((sealed,),) = ask_file(ledger_settings, "SELECT cipher FROM inbox")
    assert isinstance(sealed, bytes)
    assert sealed[20:120] in all_of(ledger_settings)
    await club.inbox.done(1)
    assert await club.empty_log()
    assert sealed[20:120] not in all_of(ledger_settings)


def test_a_value_opens_only_with_its_key_and_for_its_purpose() -> None:
    secrets, others = Secrets(b"1" * 32), Secrets(b"2" * 32)
    sealed = secrets.seal("link", "https://t.me/+x")
    assert secrets.open("link", sealed) == "https://t.me/+x"
    altered = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for who, purpose, value in ((secrets, "inbox", sealed), (others, "link", sealed), (secrets, "link", altered)):
        with pytest.raises(WrongKey) as caught:
            who.open(purpose, value)
        assert not isinstance(caught.value.__cause__, InvalidTag)
    assert secrets.seal("link", "x") != secrets.seal("link", "x")
    assert secrets.digest("x") != others.digest("x")


def test_no_key_shows_in_settings_or_errors(ledger_settings: LedgerSettings) -> None:
    key = new_key()
    settings = ledger_settings.model_copy(update={"ledger_key": SecretStr(key)})
    assert key not in f"{settings!r} {settings.model_dump()}"
    assert all(re.search(r"[.:]$", str(error())) for error in LedgerError.__subclasses__())


async def test_an_error_of_the_database_repeats_no_value(club: Ledger) -> None:
    with pytest.raises(Exception, match="FOREIGN KEY") as caught:
        await club.intents.intend(1, "create", -5, ANN, {"title": LINKS[1].link})
    assert "-5" not in str(caught.value)

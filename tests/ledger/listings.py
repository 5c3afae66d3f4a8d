"""Telegram's listings in memory, and a sweep that reads them into a ledger page by page."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from ledger.changes import Changes
from ledger.chats import SeenChat, SeenPerson
from ledger.links import Link, SeenLink
from ledger.settings import LedgerSettings
from ledger.store import Ledger
from ledger.store.file import path_of
from ledger.store.sqlite import sqlite3
from ledger.sweeps import SweepResult

CLUB = -1001234567890
ANN, BOB, BOT = 11, 12, 13
BORN = 1_790_000_000


def invite(number: int, creator: int = ANN, **fields: object) -> SeenLink:
    seen = SeenLink(f"https://t.me/+{number:06d}{creator:04d}canary", creator, created=BORN + number, usage=0)
    return seen._replace(**fields)  # type: ignore[arg-type]


@dataclass
class Listings:
    """Each creator's links; a listing holds the revoked ones or the others, the youngest first."""

    links: dict[str, SeenLink] = field(default_factory=dict)

    def put(self, *links: SeenLink) -> None:
        self.links |= {link.link: link for link in links}

    def change(self, link: SeenLink, **fields: object) -> None:
        self.put(self.links[link.link]._replace(**fields))  # type: ignore[arg-type]

    def listing(self, creator: int, revoked: bool) -> list[SeenLink]:
        own = [one for one in self.links.values() if one.creator_id == creator and one.revoked == revoked]
        return sorted(own, key=lambda one: (one.created or 0, one.link), reverse=True)

    @property
    def creators(self) -> list[int]:
        return sorted({one.creator_id for one in self.links.values()})


async def open_club(ledger: Ledger) -> None:
    await ledger.chats.saw(SeenChat(CLUB, "Chess club", "supergroup"), trusted=True)
    await ledger.chats.saw_people(
        [SeenPerson(ANN, "Ann", "ann_a"), SeenPerson(BOB, "Bob Stone"), SeenPerson(BOT, "Ledger", "ledger_bot", True)]
    )


async def read_page(ledger: Ledger, listings: Listings, size: int, chat_id: int = CLUB) -> Changes | None:
    """Reads the next page of the pass; None when there is none."""
    cursors = await ledger.sweeps.unread(chat_id)
    if not cursors:
        return None
    cursor = cursors[0]
    links = listings.listing(cursor.creator_id, cursor.revoked)
    start = next((at + 1 for at, one in enumerate(links) if one.link == cursor.offset_link), 0)
    page = links[start : start + size]
    return await ledger.sweeps.page_read(
        chat_id, cursor.creator_id, cursor.revoked, page, count=len(links), ended=start + size >= len(links)
    )


async def sweep(
    ledger: Ledger, listings: Listings, creators: Sequence[int] | None = None, *, size: int = 100, chat_id: int = CLUB
) -> SweepResult:
    await ledger.sweeps.begin(chat_id, listings.creators if creators is None else creators)
    while await read_page(ledger, listings, size, chat_id) is not None:
        pass
    return await ledger.sweeps.finish(chat_id)


async def whole_book(ledger: Ledger, chat_id: int = CLUB) -> dict[str, Link]:
    """Every row by its full link."""
    links = await ledger.links.export(chat_id, every=True)
    texts = await ledger.links.reveal_many([one.id for one in links if one.whole], None, "test")
    return {texts[one.id]: one for one in links if one.whole}


def ask_file(settings: LedgerSettings, statement: str, *values: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path_of(settings.ledger_url))) as connection:
        return connection.execute(statement, values).fetchall()


def files_of(settings: LedgerSettings) -> list[Path]:
    return sorted(path_of(settings.ledger_url).parent.iterdir())


def all_of(settings: LedgerSettings) -> bytes:
    """What its files hold, one after the other."""
    return b"\0".join(path.read_bytes() for path in files_of(settings))

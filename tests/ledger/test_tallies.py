"""Whatever is written in whatever order, the counts kept are the counts counted."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from ledger.chats import SeenChat
from ledger.joins import SeenJoin
from ledger.links import CutLink
from ledger.listing import Query, Shelf
from ledger.secrets import new_key
from ledger.settings import LedgerSettings
from ledger.store import Ledger
from tests.conftest import Clock
from tests.ledger.listings import ANN, BOB, BOT, Listings, ask_file, invite, read_page, sweep
from tests.sizes import size

_COUNTED = """SELECT whose, kind, warned, creator_id, count(*) FROM link WHERE chat_id = ?
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"""
_KEPT = """SELECT whose, kind, warned, creator_id, links FROM tally WHERE chat_id = ? AND links != 0
    ORDER BY 1, 2, 3, 4"""
_ORDERED = """SELECT count(*) FROM link WHERE chat_id = ? AND (
    born != coalesce(created, first_seen) OR ends != coalesce(expires, 8589934592) OR words != title)"""
_ON_SHELVES = """SELECT state, expires, joined, approval, price, is_primary FROM link WHERE chat_id = ?"""
_WRONG_JOINED = """SELECT id, joined, usage FROM link WHERE chat_id = ? AND joined != usage + (
    SELECT count(*) FROM "join" WHERE link_id = link.id AND (usage_read IS NULL OR at > usage_read))"""
_WRONG_LEAVERS = """SELECT id FROM link WHERE chat_id = ? AND leavers != (
    SELECT count(*) FROM "join" WHERE link_id = link.id AND left_at IS NOT NULL)"""
_NUMBERS = "SELECT count(*), count(DISTINCT number), max(number), (SELECT next_number - 1 FROM chat WHERE id = ?1) "
_NUMBERS += "FROM link WHERE chat_id = ?1"


def _from(start: int) -> st.SearchStrategy[int]:
    return st.integers(1_800_000_000 + start, 1_800_000_400 + start)


numbers = st.integers(0, 2)
makers = st.sampled_from([ANN, BOT])
fields = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(["a", "b"]), "expires": st.sampled_from([0, 7 * 86400]).flatmap(_from) | st.none(),
        "limit": st.integers(0, 3), "usage": st.integers(0, 3), "revoked": st.just(True), "approval": st.booleans(),
        "price": st.integers(0, 1),
    },
)  # fmt: skip
steps = st.lists(
    st.one_of(
        st.tuples(st.just("app"), numbers, makers, fields),
        st.tuples(st.just("delete"), numbers, makers),
        st.tuples(st.just("sweep"), st.integers(1, 3)),
        st.tuples(st.just("cut sweep"), st.integers(1, 5)),
        st.tuples(st.just("made"), numbers, st.sampled_from([ANN, BOB])),
        st.tuples(st.just("revoked"), numbers, makers),
        st.tuples(st.just("edited"), numbers, makers, fields),
        st.tuples(st.just("replaced"), numbers, st.booleans()),
        st.tuples(st.just("met under the new id"), numbers, makers, st.booleans()),
        st.tuples(st.just("moves")),
        st.tuples(st.just("join"), numbers, makers, st.integers(-3, 3), st.booleans()),
        st.tuples(st.just("left"), st.integers(0, 3)),
        st.tuples(st.just("admins"), st.sets(makers, min_size=1)),
        st.tuples(st.just("later"), st.integers(1, 3) | st.just(200) | st.just(7 * 86400)),
        st.tuples(st.just("tick")),
    ),
    max_size=20,
)


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@dataclass
class Bench:
    ledger: Ledger
    settings: LedgerSettings
    clock: Clock
    examples: int = 0
    chat_id: int = 0
    merges: bool = False
    listings: Listings = field(default_factory=Listings)

    def world(self, step: Any) -> None:
        match step:
            case "app", number, maker, changes:
                link = invite(number, maker)
                self.listings.put(self.listings.links.get(link.link, link)._replace(**changes))
            case "delete", number, maker:
                self.listings.links.pop(invite(number, maker).link, None)
            case "later", seconds:
                self.clock.now += seconds

    async def account(self, step: Any) -> None:
        match step:
            case "sweep", size:
                await sweep(self.ledger, self.listings, size=size, chat_id=self.chat_id)
            case "cut sweep", pages:
                await self.ledger.sweeps.begin(self.chat_id, self.listings.creators)
                for _ in range(pages):
                    await read_page(self.ledger, self.listings, 2, self.chat_id)

    async def bot(self, step: Any, update_id: int) -> None:
        links, at = self.ledger.links, int(self.clock.now)
        match step:
            case "made", number, asker:
                seen = self.listings.links.setdefault(invite(number, BOT).link, invite(number, BOT))
                await links.made(self.chat_id, seen._replace(usage=None), asked_by=asker, update_id=update_id)
            case "revoked", number, maker:
                if found := await links.find_by_link(self.chat_id, invite(number, maker).link):
                    await links.revoked(found.id, by=maker, how="bot")
            case "edited", number, maker, changes:
                if found := await links.find_by_link(self.chat_id, invite(number, maker).link):
                    seen = invite(number, maker)._replace(**changes)._replace(usage=None)
                    await links.edited(found.id, seen, by=maker, how="bot", update_id=None)
            case "replaced", number, knows_old:
                new, old = (invite(10 + n, BOT)._replace(primary=True, usage=None) for n in (number + 1, number))
                told = old if knows_old else None
                await links.replaced(self.chat_id, new, old=told, by=ANN, how="bot", update_id=None)
            case "join", number, maker, when, cut:
                await self.joined(self.chat_id, number, maker, at + when, update_id, cut=cut)
            case "left", person:
                await links.left(self.chat_id, person, at)
            case "admins", people:
                await self.ledger.chats.set_admins(self.chat_id, people, told_by="bot")
            case ("tick",):
                await links.expire()

    async def joined(self, chat_id: int, number: int, maker: int, at: int, update_id: int, *, cut: bool) -> None:
        seen = invite(number, maker)._replace(usage=None)
        link = CutLink(seen.link[: len("https://t.me/+") + 8], maker) if cut else seen
        await self.ledger.links.seen_in_update(SeenJoin(chat_id, update_id % 4, at, update_id, link))

    async def group(self, step: Any, update_id: int) -> None:
        new_id = self.chat_id - 1_000_000
        match step:
            case "met under the new id", number, maker, cut:
                self.merges = True
                await self.ledger.chats.saw(SeenChat(new_id, "Another", "supergroup"), trusted=True)
                await self.joined(new_id, number, maker, int(self.clock.now), update_id, cut=cut)
            case ("moves",):
                old_id, self.chat_id = self.chat_id, new_id
                await self.ledger.chats.migrated(old_id, new_id)
                for table in ("link", "tally", "listing", "admin", "event", '"join"'):
                    assert ask_file(self.settings, f"SELECT * FROM {table} WHERE chat_id = ?", old_id) == []

    async def example(self, steps: list[Any]) -> None:
        """In a chat of its own."""
        self.examples += 1
        self.chat_id = -1000 - self.examples
        self.merges = False
        self.clock.now = 1_800_000_000
        self.listings.links.clear()
        await self.ledger.chats.saw(SeenChat(self.chat_id, "Another", "supergroup"), trusted=True)
        for count, step in enumerate(steps):
            update_id = self.examples * 100 + count
            self.world(step)
            await self.account(step)
            await self.bot(step, update_id)
            await self.group(step, update_id)
            assert self.ask(_KEPT) == self.ask(_COUNTED)
            assert self.ask(_WRONG_JOINED) == []
            assert self.ask(_WRONG_LEAVERS) == []
            assert self.ask(_ORDERED) == [(0,)]
            ((rows, distinct, highest, given_out),) = self.ask(_NUMBERS)
            assert rows == distinct
            assert {highest or 0, rows} == {given_out} or self.merges
            assert int(str(highest or 0)) <= int(str(given_out))
        page = await self.ledger.links.page(Query(self.chat_id))
        assert page.counts == {shelf: len(list(self.on_shelf(shelf))) for shelf in Shelf}

    def on_shelf(self, shelf: Shelf) -> Iterator[tuple[object, ...]]:
        """Judged from what the rows say, without the marks kept of it."""
        for row in self.ask(_ON_SHELVES):
            state, expires, joined, approval, price, primary = row
            unrevoked = state in ("live", "expired", "full")
            near = state == "live" and isinstance(expires, int) and expires <= self.clock.now + 7 * 86400
            stands = {
                Shelf.UNREVOKED: unrevoked, Shelf.EXPIRING: near, Shelf.UNUSED: unrevoked and joined == 0,
                Shelf.APPROVAL: unrevoked and approval, Shelf.PAID: unrevoked and price,
                Shelf.PRIMARY: unrevoked and primary,
            }  # fmt: skip
            if stands.get(shelf, state == shelf.value):
                yield row

    def ask(self, statement: str) -> list[tuple[object, ...]]:
        return ask_file(self.settings, statement, self.chat_id)


@pytest.fixture(scope="module")
def bench(runner: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    clock = Clock()
    url = f"sqlite:///{tmp_path_factory.mktemp('tallies')}/data/ledger.db"
    settings = LedgerSettings(_env_file=None, ledger_url=url, ledger_key=SecretStr(new_key()))
    opened = runner.run(Ledger.open(settings, clock=clock))
    yield Bench(opened, settings, clock)
    runner.run(opened.close())


@settings(max_examples=size(60, 25))
@given(steps)
def test_counts_kept_are_counts_counted(runner: asyncio.Runner, bench: Bench, steps: list[Any]) -> None:
    runner.run(bench.example(steps))

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy.dialects import sqlite

from ledger.chats import Coverage, SeenChat, SeenPerson
from ledger.errors import UnknownChat
from ledger.links import NEVER, Link, SeenLink, State
from ledger.listing import Listing, Order, Position, Query, Shelf, Toward, Whose
from ledger.secrets import new_key
from ledger.settings import LedgerSettings
from ledger.shelves import KEYS
from ledger.store import Ledger
from ledger.store.file import path_of
from ledger.store.pages import head_statement, rows_statement
from ledger.store.sqlite import sqlite3
from tests.conftest import Clock
from tests.ledger.listings import ANN, BOB, BORN, BOT, CLUB, Listings, ask_file, invite, open_club, sweep, whole_book
from tests.sizes import size

OTHER = 14  # a bot of somebody else's


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def shelves(runner: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """A ledger for many examples, each in a chat of its own."""
    url = f"sqlite:///{tmp_path_factory.mktemp('shelves')}/data/ledger.db"
    settings = LedgerSettings(_env_file=None, ledger_url=url, ledger_key=SecretStr(new_key()))
    opened = runner.run(Ledger.open(settings, clock=lambda: NOW))
    runner.run(open_club(opened))
    runner.run(opened.chats.saw_people([SeenPerson(OTHER, "Guard", "guard_bot", True)]))
    yield opened
    runner.run(opened.close())


async def walk(ledger: Ledger, query: Query) -> list[Listing]:
    """Every page from the first to the last, then back; the way back must show the same pages."""
    there = [await ledger.links.page(query)]
    while (position := there[-1].next) is not None:
        there.append(await ledger.links.page(replace(query, position=position)))
    back = [await ledger.links.page(replace(query, position=Position(Toward.LAST)))]
    while (position := back[-1].previous) is not None:
        back.append(await ledger.links.page(replace(query, position=position)))
    assert [(page.page, page.rows) for page in reversed(back)] == [(page.page, page.rows) for page in there]
    return there


NOW = 1_795_000_000
DAY = 86400
bare = st.builds(
    SeenLink, link=st.just(""), creator_id=st.sampled_from([ANN, BOB, BOT, OTHER]), usage=st.integers(0, 3),
    revoked=st.booleans(), approval=st.booleans(), primary=st.booleans(), price=st.sampled_from([0, 100]),
    limit=st.sampled_from([0, 2]), created=st.integers(BORN, BORN + 2), title=st.sampled_from(["Spring ads", "ＶＩＰ"]),
    expires=st.sampled_from([None, NOW - DAY, NOW + DAY, NOW + 2 * DAY, NOW + 30 * DAY]),
    edited=st.none(), pending=st.just(0),
)  # fmt: skip
links = st.lists(bare, max_size=25).map(
    lambda some: [one._replace(link=invite(n, one.creator_id).link) for n, one in enumerate(some)]
)
queries = st.builds(
    Query, st.just(0), viewer_id=st.just(ANN), person_id=st.just(BOB), whose=st.sampled_from(Whose),
    shelf=st.sampled_from(Shelf), size=st.integers(1, 7), order=st.sampled_from(Order),
    words=st.sampled_from(["", "", "spring", "vip", "ads bob", "#3", "nobody"]),
)  # fmt: skip


def asked_for(query: Query, link: Link, seen: SeenLink) -> bool:
    """The question as a person means it."""
    creators = {Whose.ALL: {ANN, BOB, BOT, OTHER}, Whose.MINE: {ANN}, Whose.PERSON: {BOB}, Whose.BOTS: {BOT, OTHER}}
    unrevoked = not seen.revoked
    ended = seen.expires is not None and seen.expires <= NOW
    full = not ended and seen.limit > 0 and (seen.usage or 0) >= seen.limit
    live = unrevoked and not ended and not full
    stands = {
        Shelf.UNREVOKED: unrevoked, Shelf.LIVE: live, Shelf.FULL: unrevoked and full, Shelf.REVOKED: seen.revoked,
        Shelf.EXPIRING: live and seen.expires is not None and seen.expires <= NOW + 7 * DAY,
        Shelf.UNUSED: unrevoked and seen.usage == 0, Shelf.EXPIRED: unrevoked and ended,
        Shelf.APPROVAL: unrevoked and seen.approval, Shelf.PAID: unrevoked and seen.price > 0,
        Shelf.PRIMARY: unrevoked and seen.primary, Shelf.GONE: False,
    }[query.shelf]  # fmt: skip
    text = f"{seen.title} {link.creator} #{link.number}".casefold().replace("ｖｉｐ", "vip").split()
    says = all(word in text for word in query.words.split())
    return stands and says and seen.creator_id in creators[query.whose]


def place(query: Query, link: Link) -> tuple[int, int]:
    key = {
        Order.JOINS: -link.joined, Order.NEW: -(link.created or 0), Order.ENDS: link.expires or NEVER,
    }[query.order]  # fmt: skip
    return key, link.id if query.order is Order.ENDS else -link.id


@settings(max_examples=size(40, 20))
@given(links, queries)
def test_walking_the_pages_shows_each_link_asked_for_once_and_in_order(
    runner: asyncio.Runner, shelves: Ledger, links: list[SeenLink], query: Query
) -> None:
    async def example() -> None:
        chat_id = min(chat.id for chat in await shelves.chats.every()) - 1
        await shelves.chats.saw(SeenChat(chat_id, "Another", "supergroup"), trusted=True)
        listings = Listings()
        listings.put(*links)
        await sweep(shelves, listings, chat_id=chat_id)
        pages = await walk(shelves, replace(query, chat_id=chat_id))
        book = await whole_book(shelves, chat_id)
        wanted = [link for text, link in book.items() if asked_for(query, link, listings.links[text])]
        rows = [row for page in pages for row in page.rows]
        assert [row.number for row in rows] == [one.number for one in sorted(wanted, key=lambda one: place(query, one))]
        assert pages[0].total == len(rows)
        assert [page.page for page in pages] == list(range(1, pages[0].pages + 1))

    runner.run(example())


async def test_a_hundred_thousand_links_take_the_same_two_statements_on_the_index(
    club: Ledger, ledger_settings: LedgerSettings
) -> None:
    await sweep(club, Listings({one.link: one for one in [invite(1, limit=5)]}))
    copy_link(ledger_settings, 100_000)
    before = club.statements
    first = await club.links.page(Query(CLUB))
    assert club.statements - before == 2
    assert (first.total, first.live, first.pages, first.page) == (100_000, 100_000, 10_000, 1)
    in_order = [row_id for (row_id,) in ask_file(ledger_settings, "SELECT id FROM link ORDER BY joined DESC, id DESC")]
    assert [row.id for row in first.rows] == in_order[:10]
    last = await club.links.page(Query(CLUB, position=Position(Toward.LAST)))
    assert ([row.id for row in last.rows], last.page, last.next) == (in_order[-10:], 10_000, None)
    ((joined,),) = ask_file(ledger_settings, "SELECT joined FROM link WHERE id = ?", in_order[49_999])
    half = Position(Toward.AFTER, int(str(joined)), int(str(in_order[49_999])), page=5_001)
    middle = await club.links.page(Query(CLUB, position=half))
    assert ([row.id for row in middle.rows], middle.page) == (in_order[50_000:50_010], 5_001)
    assert club.statements - before == 6


def copy_link(ledger_settings: LedgerSettings, links: int) -> None:
    """Copies the one link until there are so many, each with counts of its own."""
    with closing(sqlite3.connect(path_of(ledger_settings.ledger_url))) as connection, connection:
        names = [row[1] for row in connection.execute("PRAGMA table_info(link)") if row[1] != "id"]
        own = {"number": "n", "digest": "n", "start_digest": "n", "joined": "n * 7919 % 1000"}
        values = ", ".join(own.get(name, name) for name in names)
        connection.execute(
            f"WITH RECURSIVE many(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM many WHERE n < {links}) "
            f"INSERT INTO link ({', '.join(names)}) SELECT {values} FROM link, many"
        )
        connection.execute("UPDATE tally SET links = ?", (links,))


@pytest.mark.parametrize("by_whose", [False, True])
@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("toward", Toward)
@pytest.mark.parametrize("arms", [1, 2, 16])
async def test_no_page_needs_a_sort(
    club: Ledger, ledger_settings: LedgerSettings, by_whose: bool, order: Order, toward: Toward, arms: int
) -> None:
    statement = rows_statement(order, toward, by_whose=by_whose, arms=arms, most=11).compile(dialect=sqlite.dialect())
    values = [0 for _ in statement.positiontup or ()]
    plan = [str(row[3]) for row in ask_file(ledger_settings, f"EXPLAIN QUERY PLAN {statement}", *values)]
    index = f"ix_link_{'whose_' if by_whose else ''}{KEYS[order]}"
    found = [step for step in plan if f"SEARCH link USING COVERING INDEX {index} " in step]
    if toward in (Toward.FIRST, Toward.LAST):
        assert len(found) == arms, plan
    else:  # those with the key of the last row shown, and those beyond it
        assert [f"{KEYS[order]}=? AND id" in step for step in found].count(True) == arms, plan
        assert len(found) == 2 * arms, plan
    assert not [step for step in plan if "TEMP B-TREE" in step or step.startswith("SCAN link")], plan


@pytest.mark.parametrize("whose", Whose)
async def test_the_head_of_a_page_counts_no_links(club: Ledger, ledger_settings: LedgerSettings, whose: Whose) -> None:
    head = head_statement(whose).params(at=0, chat_id=0, person_id=0)
    text = head.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    plan = [str(row[3]) for row in ask_file(ledger_settings, f"EXPLAIN QUERY PLAN {text}")]
    (of_link,) = [line for line in plan if " link " in f"{line} "]
    assert "ix_link_turns (turns<?)" in of_link


async def test_a_link_that_ended_since_is_shown_as_ended_before_any_tick(club: Ledger, clock: Clock) -> None:
    ending = invite(1, expires=int(clock.now) + 60, limit=5)
    await sweep(club, Listings({one.link: one for one in [ending, invite(2)]}))
    assert (await club.links.page(Query(CLUB))).live == 2
    clock.now += 60
    row = await club.links.find_by_link(CLUB, ending.link)
    assert row is not None
    assert row.state is State.EXPIRED
    clock.now += 1
    page = await club.links.page(Query(CLUB))
    assert (page.live, page.total, {one.state for one in page.rows}) == (1, 2, {State.LIVE, State.EXPIRED})
    assert await club.links.expire() == 0


async def test_pages_stay_whole_while_links_come_and_go(club: Ledger, clock: Clock) -> None:
    listings = Listings()
    listings.put(*(invite(n, usage=n) for n in range(1, 26)))
    await sweep(club, listings)
    second = await club.links.page(Query(CLUB, position=(await club.links.page(Query(CLUB))).next or Position()))
    for row in second.rows:
        await club.links.revoked(row.id, by=None, how="bot")
    third = await club.links.page(Query(CLUB, position=second.next or Position()))
    assert ([row.joined for row in third.rows], third.page, third.pages) == ([5, 4, 3, 2, 1], 2, 2)
    for row in third.rows:
        await club.links.revoked(row.id, by=None, how="bot")
    beyond = await club.links.page(Query(CLUB, position=second.next or Position()))
    assert ([row.joined for row in beyond.rows], beyond.page) == (list(range(25, 15, -1)), 1)


async def test_a_listing_says_what_it_is_worth(club: Ledger, clock: Clock) -> None:
    page = await club.links.page(Query(CLUB))
    assert (page.rows, page.total, page.pages, page.freshness.coverage) == ([], 0, 1, None)
    await club.sweeps.begin(CLUB, [ANN, BOB])
    assert (await club.links.page(Query(CLUB))).freshness.progress is not None
    listings = Listings()
    listings.put(invite(1), invite(2, BOB, expires=5), invite(3, BOB, revoked=True))
    await sweep(club, listings)
    page = await club.links.page(Query(CLUB))
    assert (page.unrevoked, page.live, page.warned, page.revoked, page.gone) == (2, 1, 1, 1, 0)
    assert (page.freshness.as_of, page.freshness.coverage) == (clock.now, Coverage(2, 2))
    assert [(one.name, one.unrevoked, one.revoked) for one in await club.links.creators(CLUB)] == [
        ("Bob Stone", 1, 1),
        ("Ann", 1, 0),
    ]
    with pytest.raises(UnknownChat):
        await club.links.page(Query(-5))

from __future__ import annotations

import pytest

from ledger.chats import Erased, Forgotten, Grant, SeenChat, SeenPerson
from ledger.errands import Act, Place
from ledger.errors import UnknownChat
from ledger.joins import SeenJoin
from ledger.listing import Query
from ledger.settings import LedgerSettings
from ledger.store import Ledger
from ledger.tables import metadata
from tests.conftest import Clock
from tests.ledger.listings import ANN, BOB, CLUB, Listings, all_of, ask_file, invite, sweep

MAX, OTHER = 77, CLUB - 1
MONTHS_12 = 365 * 86400


@pytest.fixture
async def met(club: Ledger, clock: Clock) -> Ledger:
    """Two chats; Max joined both, and was given and chose things in the first."""
    await club.chats.saw(SeenChat(OTHER, "Go", "supergroup"), trusted=True)
    await club.chats.saw_people([SeenPerson(MAX, "Max Canary", "max_canary")])
    await sweep(club, Listings({one.link: one for one in [invite(1), invite(2, BOB)]}))
    for update_id, chat_id in enumerate((CLUB, CLUB, OTHER)):
        clock.now += 1
        await club.links.seen_in_update(SeenJoin(chat_id, MAX, int(clock.now), update_id, invite(1, usage=None)))
    await club.chats.grant(CLUB, MAX, Grant.SEE, on=True, by=ANN)
    await club.links.save_default(Query(CLUB, MAX))
    await club.links.search_id(CLUB, MAX, "spring")
    await club.chats.choose(MAX, CLUB)
    return club


async def test_whoever_is_forgotten_leaves_counts_and_no_name(met: Ledger, ledger_settings: LedgerSettings) -> None:
    before = [one.joined for one in await met.links.export(CLUB, every=True)]
    assert await met.chats.traces(MAX) == Forgotten(3, name_kept=False)
    assert b"Max Canary" in all_of(ledger_settings)
    assert await met.chats.forget(MAX) == Forgotten(3, name_kept=False)
    assert b"Max Canary" not in all_of(ledger_settings)
    assert [one.joined for one in await met.links.export(CLUB, every=True)] == before
    assert await met.chats.person(MAX) is None
    assert (await met.chats.grants(CLUB), await met.links.default_list(CLUB, MAX)) == ({}, None)
    for table, column in (("join", "person_id"), ("search", "person_id"), ("person", "id")):
        assert ask_file(ledger_settings, f'SELECT * FROM "{table}" WHERE {column} = ?', MAX) == []
    assert await met.chats.forget(MAX) == Forgotten(0, name_kept=False)


async def test_one_chat_forgets_for_itself(met: Ledger) -> None:
    assert await met.chats.forget(MAX, chat_id=CLUB) == Forgotten(2, name_kept=True)
    assert await met.chats.person(MAX) == SeenPerson(MAX, "Max Canary", "max_canary")
    assert (await met.chats.chosen(MAX), await met.chats.grants(CLUB)) == (None, {})
    assert await met.chats.forget(MAX, chat_id=OTHER) == Forgotten(1, name_kept=False)
    assert await met.chats.person(MAX) is None


async def test_the_name_of_a_maker_and_of_the_host_stays(met: Ledger) -> None:
    assert (await met.chats.forget(ANN)).name_kept
    assert await met.chats.person(ANN) == SeenPerson(ANN, "Ann")
    await met.host.claim(await met.host.new_claim(), MAX)
    assert (await met.chats.forget(MAX)).name_kept


async def test_names_go_a_year_after_the_last_trace_and_counts_stay(met: Ledger, clock: Clock) -> None:
    await met.chats.saw_people([SeenPerson(78, "Eve")])
    clock.now += 1
    await met.links.seen_in_update(SeenJoin(CLUB, 78, int(clock.now), 9, invite(1, usage=None)))
    clock.now += MONTHS_12
    await met.links.left(CLUB, 78, int(clock.now))
    assert await met.chats.purge_names(int(clock.now) - MONTHS_12) == 1
    assert [(await met.chats.person(one)) for one in (MAX, 78, ANN)] == [
        SeenPerson(MAX, ""), SeenPerson(78, "Eve"), SeenPerson(ANN, "Ann", "ann_a"),
    ]  # fmt: skip
    assert await met.chats.purge_names(int(clock.now) - MONTHS_12) == 0
    assert (await met.chats.traces(MAX)).joins == 3


async def test_an_erased_chat_leaves_no_row_and_the_others_whole(
    met: Ledger, ledger_settings: LedgerSettings, clock: Clock
) -> None:
    await met.chats.set_discussion(CLUB, OTHER)
    await met.chats.migrated(-5, CLUB)
    await met.errands.ask(Act.SYNC, CLUB, asked_by=ANN, place=Place(CLUB, 1))
    await met.intents.intend(70, "create", CLUB, ANN, {}, here=CLUB, message_id=1)
    await met.links.reveal(1, ANN, "bot")
    listings = Listings()
    listings.put(*map(invite, range(2, 4500)))
    await sweep(met, listings, size=2000)
    elsewhere = await met.links.export(OTHER, every=True)
    assert await met.chats.erase(CLUB) == Erased(links=4500, joins=2)
    for table in metadata.sorted_tables:
        for column in ("chat_id", "here", "chosen_chat", "discussion_id", "new_id"):
            if column in table.c:
                assert ask_file(ledger_settings, f'SELECT * FROM "{table.name}" WHERE {column} = ?', CLUB) == []
    assert ask_file(ledger_settings, "SELECT count(*) FROM errand_answer") == [(0,)]
    assert [await met.chats.get(CLUB), await met.chats.get(-5)] == [None, None]
    assert await met.chats.person(BOB) == SeenPerson(BOB, "")
    assert await met.links.export(OTHER, every=True) == elsewhere
    assert (await met.chats.person(MAX)) == SeenPerson(MAX, "Max Canary", "max_canary")
    with pytest.raises(UnknownChat):
        await met.chats.erase(CLUB)

"""What the book makes a probe's answer mean, and how old it says its picture is."""

from __future__ import annotations

from ledger.chats import Coverage, SeenChat, Served
from ledger.joins import SeenJoin
from ledger.links import CutLink, SeenLink
from ledger.store import Ledger
from ledger.sweeps import Ages, Held
from tests.conftest import Clock
from tests.ledger.listings import ANN, BOB, BOT, CLUB, Listings, invite, read_page, sweep


def listings_of(*links: SeenLink) -> Listings:
    listings = Listings()
    listings.put(*links)
    return listings


async def test_the_ages_of_served_chats_are_told(club: Ledger, clock: Clock) -> None:
    chats = [CLUB - n for n in range(3)]
    for chat_id in chats[1:]:
        await club.chats.saw(SeenChat(chat_id, "Another", "supergroup"), trusted=True)
    await sweep(club, Listings(), [], chat_id=chats[0])
    read = clock.now
    clock.now += 900
    await club.checks.ended(chats[0])
    await club.sweeps.begin(chats[1], [ANN])
    never, under_way, checked = await club.checks.ages()
    assert checked == Ages(chats[0], int(clock.now), int(read), under_way=False)
    assert under_way == Ages(chats[1], None, None, under_way=True)
    assert never == Ages(chats[2], None, None, under_way=False)
    await club.checks.ended(chats[0], gap=True)
    assert [one.swept_at for one in await club.checks.ages(chats[0])] == [0]
    await club.chats.serve(chats[1], Served.REFUSED)
    assert [one.chat_id for one in await club.checks.ages()] == [chats[2], chats[0]]


async def test_what_a_probe_should_tell_is_counted_by_creator(club: Ledger) -> None:
    listings = listings_of(*map(invite, range(5)), invite(7, BOB, revoked=True))
    await sweep(club, listings)
    assert await club.checks.held(CLUB) == {ANN: Held(5, 0, read=True), BOB: Held(0, 1, read=True)}
    await club.checks.settle(CLUB, {ANN: (4, 2), BOB: (0, 1)})
    assert await club.checks.held(CLUB) == {ANN: Held(4, 2, read=True), BOB: Held(0, 1, read=True)}
    seen = invite(9)
    await club.links.made(CLUB, seen, asked_by=BOB, update_id=1)
    cut = CutLink(invite(11, BOT).link[:21], BOT)
    await club.links.seen_in_update(SeenJoin(CLUB, 77, 1, 2, cut))
    held = await club.checks.held(CLUB)
    assert (held[ANN].counts, held[BOT]) == ((5, 2), Held(0, 0, read=False))


async def test_a_pass_of_one_creator_leaves_the_others_and_the_age_of_the_whole(club: Ledger, clock: Clock) -> None:
    listings = listings_of(invite(1), invite(2), invite(3, BOB))
    await sweep(club, listings)
    [before] = await club.checks.ages()
    clock.now += 60
    for gone in (invite(1), invite(3, BOB)):
        del listings.links[gone.link]
    await club.sweeps.begin(CLUB, [ANN], whole=False)
    assert await club.checks.ages() == [before]
    while await read_page(club, listings, 100) is not None:
        pass
    assert (await club.sweeps.finish(CLUB)).gone == 1
    assert await club.checks.ages() == [before]
    assert (await club.checks.held(CLUB))[BOB].counts == (1, 0)


async def test_a_whole_pass_takes_over_one_of_some_creators(club: Ledger) -> None:
    listings = listings_of(invite(1), invite(3, BOB))
    await club.sweeps.begin(CLUB, [ANN], whole=False)
    await read_page(club, listings, 100)
    result = await sweep(club, listings)
    assert (result.links, result.coverage) == (2, Coverage(2, 2))
    assert (await club.checks.ages())[0].swept_at is not None

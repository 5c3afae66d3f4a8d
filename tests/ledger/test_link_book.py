"""Links made, revoked, joined by, shown in full."""

from __future__ import annotations

import pytest

from ledger.chats import SeenPerson
from ledger.errors import NotWhole, UnknownLink
from ledger.joins import SeenJoin
from ledger.links import CutLink, SeenLink, State
from ledger.listing import Reveal
from ledger.store import Ledger
from tests.conftest import Clock
from tests.ledger.listings import ANN, BOB, BOT, CLUB, Listings, invite, sweep


def own(number: int, **fields: object) -> SeenLink:
    """A link of this bot's as the Bot API returns it."""
    return invite(number, BOT, usage=None, created=None, **fields)


async def test_a_link_made_twice_by_one_update_is_one_row_with_one_history(club: Ledger) -> None:
    await club.intents.intend(7, "create", CLUB, ANN, {"title": "Spring ads"})
    first = await club.links.made(CLUB, own(1, title="Spring ads"), asked_by=ANN, update_id=7)
    assert await club.links.made(CLUB, own(1, title="Spring ads"), asked_by=ANN, update_id=7) == first
    assert (first.number, first.by_this_bot, first.asker, first.whose) == (1, True, "Ann", ANN)
    assert [(event.what, event.by, event.how) for event in await club.links.history(first.id)] == [("made", ANN, "bot")]
    assert await club.intents.open(CLUB) == []
    assert await club.links.get(first.id) == first


async def test_a_revoke_told_twice_is_one_event_with_its_author(club: Ledger) -> None:
    made = await club.links.made(CLUB, own(1), asked_by=ANN, update_id=7)
    for _ in range(2):
        assert (await club.links.revoked(made.id, by=ANN, how="bot")).state is State.REVOKED
    events = await club.links.history(made.id)
    assert [(event.what, event.by) for event in events] == [("made", ANN), ("revoked", ANN)]
    with pytest.raises(UnknownLink):
        await club.links.revoked(99, by=ANN, how="bot")


async def test_noticing_the_primary_link_again_changes_nothing_and_a_new_one_ends_the_old(club: Ledger) -> None:
    first = await club.links.noticed(CLUB, own(1, primary=True))
    assert await club.links.noticed(CLUB, own(1, primary=True)) == first
    assert (first.by_this_bot, first.primary, first.asked_by) == (True, True, None)
    second = await club.links.noticed(CLUB, own(2, primary=True))
    old = await club.links.get(first.id)
    assert old is not None
    assert (old.state, second.state) == (State.REVOKED, State.LIVE)


async def test_noticing_the_primary_link_forgets_nothing_a_sweep_read(club: Ledger) -> None:
    await sweep(club, Listings({one.link: one for one in [invite(1, BOT, primary=True, approval=True, usage=40)]}))
    seen = await club.links.noticed(CLUB, own(1, primary=True))
    assert (seen.joined, seen.approval) == (40, True)


async def test_a_join_counts_once_however_often_its_update_comes(club: Ledger, clock: Clock) -> None:
    made = await club.links.made(CLUB, own(1, limit=2), asked_by=ANN, update_id=7)
    for _ in range(3):
        joined = await club.links.seen_in_update(SeenJoin(CLUB, 77, int(clock.now), 8, own(1, limit=2)))
    assert joined is not None
    assert (joined.id, joined.joined, joined.leavers, joined.last_join) == (made.id, 1, 0, clock.now)
    full = await club.links.seen_in_update(SeenJoin(CLUB, 78, int(clock.now), 9, own(1, limit=2)))
    assert full is not None
    assert (full.joined, full.state) == (2, State.FULL)


async def test_a_cut_link_in_an_update_finds_the_whole_row_by_start_and_maker(club: Ledger, clock: Clock) -> None:
    await sweep(club, Listings({one.link: one for one in [invite(1), invite(2, BOB)]}))
    clock.now += 1
    start = invite(2, BOB).link[: len("https://t.me/+") + 8]
    seen = await club.links.seen_in_update(SeenJoin(CLUB, 77, int(clock.now), 8, CutLink(start, BOB)))
    assert seen is not None
    assert (seen.whole, seen.creator, seen.joined) == (True, "Bob Stone", 1)
    assert len(await club.links.export(CLUB, every=True)) == 2


async def test_a_join_dated_before_the_reading_is_kept_and_not_counted_again(club: Ledger, clock: Clock) -> None:
    await sweep(club, Listings({one.link: one for one in [invite(1, usage=5)]}))
    seen = await club.links.seen_in_update(SeenJoin(CLUB, 77, int(clock.now) - 9, 8, invite(1, usage=None)))
    assert seen is not None
    assert seen.joined == 5
    await club.links.left(CLUB, 77, int(clock.now))
    row = await club.links.get(seen.id)
    assert row is not None
    assert row.leavers == 1


async def test_whoever_leaves_is_counted_once_and_only_by_the_links_he_came_by(club: Ledger, clock: Clock) -> None:
    await club.links.seen_in_update(SeenJoin(CLUB, 77, int(clock.now), 8, own(1)))
    await club.links.seen_in_update(SeenJoin(CLUB, 78, int(clock.now), 9, own(1)))
    await club.links.seen_in_update(SeenJoin(CLUB, 79, int(clock.now), 10))
    clock.now += 5
    for person in (77, 77, 79, 80):
        await club.links.left(CLUB, person, int(clock.now))
    (row,) = await club.links.export(CLUB, every=True)
    assert (row.joined, row.leavers) == (2, 1)


async def test_an_old_update_tells_of_its_join_and_not_how_the_link_is_now(club: Ledger, clock: Clock) -> None:
    await sweep(club, Listings({one.link: one for one in [invite(1, title="Summer")]}))
    late = SeenJoin(CLUB, 77, int(clock.now) - 50, 8, invite(1, title="Spring", usage=None))
    seen = await club.links.seen_in_update(late)
    assert seen is not None
    assert seen.title == "Summer"
    assert await club.links.history(seen.id) == []


async def test_a_full_link_is_shown_only_with_a_trace_of_who_saw_it(club: Ledger, clock: Clock) -> None:
    made = await club.links.made(CLUB, own(1), asked_by=ANN, update_id=7)
    assert await club.links.secret(made.id) == own(1).link
    assert await club.links.reveals(CLUB) == []
    assert await club.links.reveal(made.id, BOB, "bot") == own(1).link
    assert await club.links.reveal_many([made.id], None, "console") == {made.id: own(1).link}
    assert await club.links.reveals(CLUB) == [
        Reveal(1, BOB, int(clock.now), "bot"),
        Reveal(1, None, int(clock.now), "console"),
    ]


async def test_a_cut_link_cannot_be_shown_in_full(club: Ledger, clock: Clock) -> None:
    cut = await club.links.seen_in_update(SeenJoin(CLUB, 77, int(clock.now), 8, CutLink("https://t.me/+AbCdEfGh", BOB)))
    assert cut is not None
    for call in (club.links.secret(cut.id), club.links.reveal(cut.id, ANN, "bot")):
        with pytest.raises(NotWhole):
            await call
    assert await club.links.reveal_many([cut.id], None, "console") == {}
    assert await club.links.reveals(CLUB) == []
    with pytest.raises(UnknownLink):
        await club.links.secret(99)


async def test_a_link_is_found_by_what_people_paste(club: Ledger) -> None:
    made = await club.links.made(CLUB, own(1), asked_by=ANN, update_id=7)
    secret = own(1).link.rpartition("+")[2]
    for text in (own(1).link, f"t.me/+{secret}", f"tg://join?invite={secret}"):
        assert await club.links.find_by_link(CLUB, text) == made
    assert await club.links.find_by_link(-5, own(1).link) is None
    assert await club.links.find_by_tail(CLUB, "…ary") == await club.links.find_by_tail(CLUB, "ary") == [made]
    assert await club.links.find_by_tail(CLUB, "arY") == []


async def test_when_a_maker_is_no_admin_any_more_his_links_say_so(club: Ledger) -> None:
    await club.chats.set_admins(CLUB, [ANN, BOB], told_by="bot")
    listings = Listings()
    listings.put(invite(1, expires=2**31), invite(2, BOB, expires=2**31))
    await sweep(club, listings)
    assert not any(one.warned for one in await club.links.export(CLUB, every=True))
    await club.chats.set_admins(CLUB, [BOB], told_by="bot")
    listings.put(invite(3, expires=2**31))
    await sweep(club, listings)
    marked = sorted((one.creator_id, one.warned) for one in await club.links.export(CLUB, every=False))
    assert marked == [(ANN, True), (ANN, True), (BOB, False)]
    await club.chats.set_admins(CLUB, [ANN, BOB], told_by="bot")
    assert not any(one.maker_left for one in await club.links.export(CLUB, every=True))


async def test_makers_without_a_known_name_are_called_by_their_id(club: Ledger) -> None:
    await sweep(club, Listings({one.link: one for one in [invite(1, 555)]}))
    (row,) = await club.links.export(CLUB, every=False)
    assert row.creator == "555"
    await club.chats.saw_people([SeenPerson(555, "Eve")])
    (row,) = await club.links.export(CLUB, every=False)
    assert row.creator == "Eve"

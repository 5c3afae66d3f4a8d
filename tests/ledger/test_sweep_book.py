"""What sweeps leave in the book."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ledger.chats import Coverage, Role, SeenPerson
from ledger.errors import UnknownChat
from ledger.joins import SeenJoin
from ledger.links import CutLink, SeenLink, State
from ledger.requests import SeenRequest
from ledger.settings import LedgerSettings
from ledger.store import Ledger
from tests.conftest import Clock
from tests.ledger.listings import ANN, BOB, BORN, BOT, CLUB, Listings, ask_file, invite, read_page, sweep, whole_book


def club_of(*links: SeenLink) -> Listings:
    listings = Listings()
    listings.put(*links)
    return listings


async def what_happened(ledger: Ledger, link_id: int) -> list[str]:
    return [event.what for event in await ledger.links.history(link_id)]


async def test_250_links_of_one_second_are_250_rows_and_the_second_sweep_changes_nothing(
    club: Ledger, ledger_settings: LedgerSettings, clock: Clock
) -> None:
    listings = club_of(*(invite(n, (ANN, BOB)[n % 2], created=BORN, revoked=n % 5 == 0) for n in range(250)))
    first = await sweep(club, listings)
    assert (first.new, first.changed, first.gone, first.links) == (250, 0, 0, 250)
    before = ask_file(ledger_settings, "SELECT id, number, title, joined, state, first_seen, digest FROM link")
    clock.now += 60
    second = await sweep(club, listings)
    assert (second.new, second.changed, second.gone, second.links) == (0, 0, 0, 250)
    assert ask_file(ledger_settings, "SELECT id, number, title, joined, state, first_seen, digest FROM link") == before
    assert sorted(await whole_book(club)) == sorted(listings.links)
    assert [one.number for one in await club.links.export(CLUB, every=True)] == list(range(1, 251))


@pytest.mark.parametrize("cut_after", range(8))
async def test_a_sweep_cut_after_any_page_loses_no_row_and_goes_on_where_it_was(
    ledger_settings: LedgerSettings, club: Ledger, clock: Clock, cut_after: int
) -> None:
    listings = club_of(*(invite(n, (ANN, BOB)[n % 2], created=BORN, revoked=n % 5 == 0) for n in range(50)))
    await sweep(club, listings)
    listings.put(*(invite(n) for n in range(50, 60)))
    listings.change(invite(1, BOB), title="renamed")
    del listings.links[invite(2, created=BORN).link]
    before = {text: (one.number, one.id) for text, one in (await whole_book(club)).items()}

    await club.sweeps.begin(CLUB, [ANN, BOB])
    for _ in range(cut_after):
        await read_page(club, listings, 10)
    again = await Ledger.open(ledger_settings, clock=clock)
    shown = await whole_book(again)
    assert {text: (one.number, one.id) for text, one in shown.items() if text in before} == before
    resumed = await again.sweeps.begin(CLUB, [ANN, BOB])
    assert resumed.resumed
    pages = 0
    while await read_page(again, listings, 10) is not None:
        pages += 1
    result = await again.sweeps.finish(CLUB)
    assert pages == result.pages - cut_after
    assert (result.new, result.changed, result.gone) == (10, 1, 1)
    book = await whole_book(again)
    assert {text for text, one in book.items() if one.state is not State.GONE} == set(listings.links)
    await again.close()


async def test_a_link_is_gone_only_when_both_listings_of_its_creator_were_read(club: Ledger) -> None:
    listings = club_of(invite(1), invite(2), invite(3, BOB))
    await sweep(club, listings)
    listings.links.clear()
    await club.sweeps.begin(CLUB, [])
    await read_page(club, listings, 100)
    assert {one.state for one in await club.links.export(CLUB, every=True)} == {State.LIVE}
    changes = await read_page(club, listings, 100)
    assert changes is not None
    assert len(changes.gone) == 2
    await club.sweeps.unreadable(CLUB, BOB, "CHAT_ADMIN_REQUIRED")
    result = await club.sweeps.finish(CLUB)
    assert (result.gone, result.coverage) == (2, Coverage(1, 2))
    assert [one.state for one in await club.links.export(CLUB, every=True)] == [State.GONE, State.GONE, State.LIVE]
    assert await what_happened(club, 1) == ["gone"]


async def test_a_listing_that_turned_unreadable_half_way_makes_nothing_gone(club: Ledger) -> None:
    await sweep(club, club_of(invite(1)))
    await club.sweeps.begin(CLUB, [])
    await read_page(club, Listings(), 100)
    await club.sweeps.unreadable(CLUB, ANN, "CHAT_ADMIN_REQUIRED")
    await club.sweeps.page_read(CLUB, ANN, True, [], count=0, ended=True)
    assert (await club.sweeps.finish(CLUB)).gone == 0


async def test_a_gone_link_that_is_listed_again_is_back_under_its_number(club: Ledger) -> None:
    await sweep(club, club_of(invite(1)))
    await sweep(club, Listings(), [ANN])
    result = await sweep(club, club_of(invite(1)))
    assert (result.new, result.changed) == (0, 1)
    assert await what_happened(club, 1) == ["gone", "back"]


async def test_a_deleted_revoked_link_is_gone(club: Ledger) -> None:
    await sweep(club, club_of(invite(1, revoked=True)))
    assert (await sweep(club, Listings(), [ANN])).gone == 1
    assert (await club.links.export(CLUB, every=True))[0].state is State.GONE


async def test_a_mass_of_gone_links_is_marked_in_full(club: Ledger) -> None:
    await sweep(club, club_of(*map(invite, range(4500))), size=2000)
    assert (await sweep(club, Listings(), [ANN])).gone == 4500
    assert {one.state for one in await club.links.export(CLUB, every=True)} == {State.GONE}


async def test_what_was_made_or_joined_by_during_a_sweep_is_not_gone_by_it(club: Ledger, clock: Clock) -> None:
    await sweep(club, club_of(invite(1, BOT)))
    await club.sweeps.begin(CLUB, [BOT, BOB])
    await read_page(club, Listings(), 100)
    await club.links.made(CLUB, invite(2, BOT, usage=None, created=None), asked_by=ANN, update_id=1)
    cut = CutLink("https://t.me/+AbCdEfGh", BOT)
    await club.links.seen_in_update(SeenJoin(CLUB, 77, int(clock.now), 2, cut))
    while await read_page(club, Listings(), 100) is not None:
        pass
    states = {one.number: one.state for one in await club.links.export(CLUB, every=True)}
    assert states == {1: State.GONE, 2: State.LIVE, 3: State.LIVE}


async def test_a_change_in_the_app_is_history_and_a_count_is_not(club: Ledger) -> None:
    listings = club_of(invite(1, title="Spring"), invite(2))
    await sweep(club, listings)
    listings.change(invite(1), title="Summer", limit=5, usage=3)
    listings.change(invite(2), usage=9)
    assert (await sweep(club, listings)).changed == 2
    (event,) = await club.links.history(1 if (await club.links.secret(1)) == invite(1).link else 2)
    assert (event.what, event.how, event.by) == ("edited", "sweep", None)
    assert event.detail == {"title": ["Spring", "Summer"], "limit": [0, 5]}


async def test_a_link_revoked_in_the_app_shows_as_revoked_after_the_next_sweep(club: Ledger) -> None:
    listings = club_of(invite(1))
    await sweep(club, listings)
    listings.change(invite(1), revoked=True)
    assert (await sweep(club, listings)).changed == 1
    assert (await club.links.export(CLUB, every=True))[0].state is State.REVOKED
    assert await what_happened(club, 1) == ["revoked"]


async def test_a_page_read_before_a_revoke_and_written_after_it_revokes_nothing_back(club: Ledger) -> None:
    listings = club_of(invite(1))
    await sweep(club, listings)
    await club.links.revoked(1, by=ANN, how="bot")
    assert (await sweep(club, listings)).changed == 0
    assert (await club.links.export(CLUB, every=True))[0].state is State.REVOKED


async def test_a_cut_link_keeps_its_number_and_joins_when_its_full_form_is_read(club: Ledger, clock: Clock) -> None:
    full = invite(7, BOB)
    cut = CutLink(full.link[: len("https://t.me/+") + 8], BOB, title="partner")
    seen = await club.links.seen_in_update(SeenJoin(CLUB, 77, int(clock.now), 1, cut))
    assert seen is not None
    assert (seen.whole, seen.number, seen.joined, seen.masked) == (False, 1, 1, f"{full.link[8:17]}…")
    clock.now += 10
    result = await sweep(club, club_of(invite(1, BOB), full._replace(title="partner", usage=1), invite(9, ANN)))
    assert (result.new, result.changed) == (2, 1)
    found = await club.links.find_by_link(CLUB, full.link)
    assert found is not None
    assert (found.whole, found.number, found.joined, found.id) == (True, 1, 1, seen.id)


async def test_the_links_of_another_maker_with_the_same_first_characters_stay_apart(club: Ledger, clock: Clock) -> None:
    full = invite(7, BOB)
    cut = CutLink(full.link[: len("https://t.me/+") + 8], ANN)
    await club.links.seen_in_update(SeenJoin(CLUB, 77, int(clock.now), 1, cut))
    assert (await sweep(club, club_of(full))).new == 1


async def test_a_reading_replaces_the_joins_counted_since_the_last_one(club: Ledger, clock: Clock) -> None:
    listings = club_of(invite(1, usage=5, limit=8))
    await sweep(club, listings)
    for update in range(3):
        clock.now += 1
        await club.links.seen_in_update(
            SeenJoin(CLUB, 70 + update, int(clock.now), update, invite(1, usage=None, limit=8))
        )
    row = await club.links.find(CLUB, 1)
    assert row is not None
    assert (row.joined, row.state, row.places) == (8, State.FULL, 0)
    listings.change(invite(1), usage=7)
    clock.now += 1
    await sweep(club, listings)
    row = await club.links.find(CLUB, 1)
    assert row is not None
    assert (row.joined, row.state) == (7, State.LIVE)


async def test_a_reading_that_confirms_the_joins_counted_is_no_change_and_replaces_them(
    club: Ledger, ledger_settings: LedgerSettings, clock: Clock
) -> None:
    listings = club_of(invite(1))
    await sweep(club, listings)
    clock.now += 1
    await club.links.seen_in_update(SeenJoin(CLUB, 77, int(clock.now), 1, invite(1, usage=None)))
    listings.change(invite(1), usage=1)
    assert (await sweep(club, listings)).changed == 0
    assert ask_file(ledger_settings, "SELECT usage, joined, usage_read FROM link") == [(1, 1, clock.now)]


@pytest.mark.parametrize("told", ["a join", "a request", "an edit", "a deletion"])
async def test_what_the_book_was_told_is_put_right_by_a_listing_that_is_as_it_was(
    club: Ledger, clock: Clock, told: str
) -> None:
    listings = club_of(*(invite(n, revoked=n == 1, approval=True) for n in range(1, 4)))
    await sweep(club, listings)
    before = await whole_book(club)
    clock.now += 1
    seen = invite(2, usage=None, approval=True)
    match told:
        case "a join":
            await club.links.seen_in_update(SeenJoin(CLUB, 77, int(clock.now), 1, seen))
        case "a request":
            await club.requests.seen(SeenRequest(CLUB, 77, int(clock.now), 1, seen))
        case "an edit":
            edited = seen._replace(title="Spring")
            await club.links.edited(before[seen.link].id, edited, by=ANN, how="account", update_id=None)
        case _:
            await club.links.deleted(before[invite(1).link].id, by=ANN, how="account")
    assert await whole_book(club) != before
    clock.now += 1
    await sweep(club, listings)
    now = {text: replace(one, last_seen=0, last_join=None) for text, one in (await whole_book(club)).items()}
    assert now == {text: replace(one, last_seen=0) for text, one in before.items()}


async def test_a_join_dated_after_the_reading_is_added_even_when_it_was_written_first(
    club: Ledger, clock: Clock
) -> None:
    await sweep(club, club_of(invite(1)))
    await club.links.seen_in_update(SeenJoin(CLUB, 77, int(clock.now) + 5, 1, invite(1, usage=None)))
    clock.now += 2
    result = await sweep(club, club_of(invite(1, usage=3)))
    row = await club.links.find(CLUB, 1)
    assert row is not None
    assert (row.joined, result.changed) == (4, 1)
    assert (await sweep(club, club_of(invite(1, usage=3)))).changed == 0


async def test_a_link_made_whose_answer_was_lost_is_known_again_by_its_wish(club: Ledger, clock: Clock) -> None:
    await club.programs.set_bot_identity(SeenPerson(BOT, "Ledger", "ledger_bot", True))
    wish = {"title": "Spring ads", "expires": 1_900_000_000, "limit": 10, "approval": False}
    await club.intents.intend(501, "create", CLUB, ANN, wish)
    meant = invite(1, BOT, title="Spring ads", expires=1_900_000_000, limit=10, created=int(clock.now) + 2)
    others = [
        invite(2, BOT, title="Spring ads", expires=1_900_000_000, limit=10)._replace(created=int(clock.now) - 900),
        invite(3, BOT, title="Spring ads", limit=10)._replace(created=int(clock.now) + 2),
        invite(4, BOB, title="Spring ads", expires=1_900_000_000, limit=10)._replace(created=int(clock.now) + 2),
    ]
    await sweep(club, club_of(meant, *others))
    book = await whole_book(club)
    assert {text: one.asked_by for text, one in book.items()} == {meant.link: ANN} | {one.link: None for one in others}
    intent, is_new = await club.intents.intend(501, "create", CLUB, ANN, wish)
    assert (is_new, intent.state, intent.link_id) == (False, "done", book[meant.link].id)


async def test_the_bots_own_new_link_is_the_row_the_next_sweep_finds(club: Ledger) -> None:
    made = await club.links.made(
        CLUB, invite(1, BOT, usage=None, created=None, title="Spring ads", limit=10), asked_by=ANN, update_id=1
    )
    result = await sweep(club, club_of(invite(1, BOT, title="Spring ads", limit=10)))
    assert (result.new, result.changed) == (0, 0)
    row = await club.links.find(CLUB, made.number)
    assert row is not None
    assert (row.id, row.whose, row.by_this_bot, row.created) == (made.id, ANN, True, BORN + 1)


async def test_coverage_counts_whoever_may_have_links_and_progress_what_is_read(club: Ledger) -> None:
    assert await club.sweeps.coverage(CLUB) is None
    await club.chats.set_admins(CLUB, [ANN, BOB, BOT], told_by="bot")
    listings = club_of(invite(1), invite(2, BOB))
    await club.sweeps.begin(CLUB, [ANN, BOB])
    await read_page(club, listings, 100)
    progress = await club.sweeps.progress(CLUB)
    assert progress is not None
    assert (progress.ended, progress.listings, progress.links) == (1, 4, 1)
    while await read_page(club, listings, 100) is not None:
        pass
    assert (await club.sweeps.finish(CLUB)).coverage == Coverage(2, 3)
    assert await club.sweeps.progress(CLUB) is None


async def test_an_admin_the_owner_was_told_no_links_of_lowers_no_coverage(club: Ledger) -> None:
    await club.chats.set_admins(CLUB, [ANN, BOB], told_by="bot")
    await club.chats.account_place(CLUB, Role.OWNER)
    await club.chats.set_admins(CLUB, [ANN], told_by="account")
    assert (await sweep(club, club_of(invite(1)))).coverage == Coverage(2, 2)


async def test_listings_that_can_no_more_be_read_keep_their_links_and_say_since_when(
    club: Ledger, clock: Clock
) -> None:
    await sweep(club, club_of(invite(1)))
    for _ in range(2):
        clock.now += 100
        await club.sweeps.begin(CLUB, [])
        await club.sweeps.unreadable(CLUB, None, "CHANNEL_PRIVATE")
        assert await club.sweeps.unread(CLUB) == []
        result = await club.sweeps.finish(CLUB)
    status = (await club.host.status()).chats[0]
    assert (result.gone, result.coverage) == (0, Coverage(0, 1))
    assert (status.as_of, status.unreadable_since) == (clock.now - 200, clock.now - 100)
    await sweep(club, club_of(invite(1)))
    assert (await club.host.status()).chats[0].unreadable_since is None


async def test_a_chat_nobody_knows_is_not_swept(club: Ledger) -> None:
    for call in (
        club.sweeps.begin(-5, [1]),
        club.sweeps.finish(-5),
        club.sweeps.page_read(-5, 1, False, [], count=0, ended=True),
    ):
        with pytest.raises(UnknownChat):
            await call

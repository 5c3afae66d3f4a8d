"""Links replaced and edited, and what is known of a call whose answer was lost."""

from __future__ import annotations

import pytest

from ledger.chats import SeenPerson
from ledger.errors import UnknownLink
from ledger.links import Link, SeenLink, State
from ledger.store import Ledger
from tests.conftest import Clock
from tests.ledger.listings import ANN, BOB, BOT, CLUB, Listings, invite, sweep


@pytest.fixture
async def bots(club: Ledger) -> Ledger:
    await club.programs.set_bot_identity(SeenPerson(BOT, "Ledger", "ledger_bot", True))
    return club


def own(number: int, **fields: object) -> SeenLink:
    """A link of this bot's as the Bot API returns it."""
    return invite(number, BOT, usage=None, created=None, **fields)


async def told(ledger: Ledger, link: Link) -> list[tuple[str, int | None, str]]:
    return [(event.what, event.by, event.how) for event in await ledger.links.history(link.id)]


async def state(ledger: Ledger, link: Link) -> State:
    row = await ledger.links.get(link.id)
    assert row is not None
    return row.state


async def test_a_replaced_primary_keeps_its_row_revoked_and_the_new_one_has_its_own(bots: Ledger) -> None:
    old = await bots.links.noticed(CLUB, own(1, primary=True))
    await bots.intents.intend(7, "replace", CLUB, ANN, {})
    for _ in range(2):
        new = await bots.links.replaced(CLUB, own(2, primary=True), old=None, by=ANN, how="bot", update_id=7)
    assert (new.number, new.primary, new.state, await state(bots, old)) == (2, True, State.LIVE, State.REVOKED)
    assert (await told(bots, old), await told(bots, new)) == ([("replaced", ANN, "bot")], [("made", ANN, "bot")])
    assert (await bots.links.history(old.id))[0].detail == {"number": [1, 2]}
    intent, _ = await bots.intents.intend(7, "replace", CLUB, ANN, {})
    assert (intent.state, intent.link_id) == ("done", new.id)


async def test_an_old_primary_the_book_never_saw_is_a_row_too(bots: Ledger) -> None:
    known, fresh = invite(1, BOB, primary=True, usage=9), invite(2, BOB, primary=True)
    new = await bots.links.replaced(CLUB, fresh, old=known, by=BOB, how="account", update_id=None)
    old = await bots.links.find_by_link(CLUB, known.link)
    assert old is not None
    assert (old.state, old.joined, new.state) == (State.REVOKED, 9, State.LIVE)
    assert await told(bots, old) == [("replaced", BOB, "account")]


async def test_an_edit_keeps_the_usage_and_says_what_changed(bots: Ledger, clock: Clock) -> None:
    await sweep(bots, Listings({one.link: one for one in [invite(1, BOT, usage=5, limit=5, title="Spring")]}))
    full = await bots.links.find(CLUB, 1)
    assert full is not None
    await bots.intents.intend(7, "edit", CLUB, ANN, {"number": 1})
    seen = own(1, title="Spring", limit=50, expires=int(clock.now) + 60)
    for _ in range(2):
        edited = await bots.links.edited(full.id, seen, by=ANN, how="bot", update_id=7)
    assert (full.state, edited.state, edited.joined, edited.places) == (State.FULL, State.LIVE, 5, 45)
    (event,) = await bots.links.history(full.id)
    assert (event.what, event.by, event.how) == ("edited", ANN, "bot")
    assert event.detail == {"limit": [5, 50], "expires": [None, clock.now + 60]}
    assert await bots.intents.open(CLUB) == []
    with pytest.raises(UnknownLink):
        await bots.links.edited(99, seen, by=ANN, how="bot", update_id=8)


async def test_a_replace_whose_answer_was_lost_is_seen_in_the_next_listing(bots: Ledger, clock: Clock) -> None:
    old = await bots.links.noticed(CLUB, own(1, primary=True))
    await bots.intents.intend(7, "replace", CLUB, ANN, {})
    listings, now = Listings(), int(clock.now)
    listings.put(invite(1, BOT)._replace(primary=True, created=now - 99))
    await sweep(bots, listings)
    assert len(await bots.intents.open(CLUB)) == 1  # it stands as before: nothing was replaced
    listings.change(invite(1, BOT), revoked=True)
    listings.put(invite(2, BOT)._replace(primary=True, created=now + 2))
    await sweep(bots, listings)
    new = await bots.links.find_by_link(CLUB, invite(2, BOT).link)
    assert new is not None
    assert (await state(bots, old), await told(bots, old)) == (State.REVOKED, [("replaced", ANN, "sweep")])
    assert (await bots.intents.open(CLUB), new.primary) == ([], True)


async def test_a_replace_whose_answer_was_lost_is_seen_when_the_bot_looks_itself(bots: Ledger) -> None:
    old = await bots.links.noticed(CLUB, own(1, primary=True))
    await bots.intents.intend(7, "replace", CLUB, ANN, {})
    await bots.links.noticed(CLUB, own(1, primary=True))
    assert len(await bots.intents.open(CLUB)) == 1
    await bots.links.noticed(CLUB, own(2, primary=True))
    assert (await bots.intents.open(CLUB), await told(bots, old)) == ([], [("replaced", ANN, "bot")])


async def test_an_edit_whose_answer_was_lost_is_known_once_the_link_is_as_wished(bots: Ledger) -> None:
    made = await bots.links.made(CLUB, own(1, title="Spring"), asked_by=BOB, update_id=1)
    wish = {"number": made.number, "title": "Summer", "expires": None, "limit": 9, "approval": False}
    await bots.intents.intend(7, "edit", CLUB, ANN, wish)
    listings = Listings()
    listings.put(invite(1, BOT, title="Spring"), invite(2, BOT, title="Summer", limit=9))
    await sweep(bots, listings)
    assert len(await bots.intents.open(CLUB)) == 1  # another link that is so, is not this one
    listings.change(invite(1, BOT), title="Summer", limit=9)
    await sweep(bots, listings)
    row = await bots.links.get(made.id)
    assert row is not None
    assert (row.title, row.asked_by, await bots.intents.open(CLUB)) == ("Summer", BOB, [])
    assert (await told(bots, made))[-1] == ("edited", ANN, "sweep")


async def test_a_command_that_acted_is_known_by_its_message(bots: Ledger, clock: Clock) -> None:
    intent, _ = await bots.intents.intend(7, "create", CLUB, ANN, {}, here=ANN, message_id=40)
    assert (intent.here, intent.message_id) == (ANN, 40)
    assert await bots.intents.acted(ANN, 40) == intent
    assert [await bots.intents.acted(*place) for place in ((ANN, 41), (BOB, 40))] == [None, None]
    await bots.intents.failed(7)
    assert await bots.intents.acted(ANN, 40) is None  # nothing was done: an edit of it may

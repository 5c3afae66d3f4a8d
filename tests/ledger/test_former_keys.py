"""A rotated link is one link: its number, its row and its figures run through all the keys it ever had."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from ledger.actions import Action, Did
from ledger.chats import SeenChat, SeenPerson
from ledger.joins import SeenJoin
from ledger.links import CutLink, Link, SeenLink, State
from ledger.secrets import new_key
from ledger.settings import LedgerSettings
from ledger.store import Ledger
from tests.conftest import Clock
from tests.ledger.listings import ANN, BOB, BOT, CLUB, Listings, ask_file, invite, sweep
from tests.sizes import size


def key(number: int, **fields: object) -> SeenLink:
    """As the Bot API returns it."""
    return invite(number, BOT, usage=None, created=None, title="Spring", **fields)


def cut(seen: SeenLink) -> CutLink:
    return CutLink(seen.link[: len("https://t.me/+") + 8], seen.creator_id, title=seen.title, limit=seen.limit)


@pytest.fixture
async def bots(club: Ledger) -> Ledger:
    await club.programs.set_bot_identity(SeenPerson(BOT, "Ledger", "ledger_bot", True))
    return club


async def number(ledger: Ledger, number: int = 1) -> Link:
    found = await ledger.links.find(CLUB, number)
    assert found is not None
    return found


async def rotated(ledger: Ledger, new: SeenLink, update_id: int = 8) -> Link:
    link, _ = await ledger.links.rotated(1, new, by=ANN, how="bot", update_id=update_id)
    return link


async def test_a_new_key_keeps_the_number_the_places_and_who_joined(bots: Ledger, clock: Clock) -> None:
    await bots.links.made(CLUB, key(1, limit=100), asked_by=ANN, update_id=1)
    for update in range(3):
        await bots.links.seen_in_update(SeenJoin(CLUB, 70 + update, int(clock.now), 10 + update, key(1, limit=100)))
    for _ in range(2):
        link = await rotated(bots, key(2, limit=97))
    assert (link.id, link.number, link.joined, link.limit, link.places, link.carried) == (1, 1, 3, 100, 97, 3)
    assert (link.masked[-3:], link.before[-3:]) == (key(2).link[-3:], key(1).link[-3:])
    assert link.limit_at_telegram(120) == 117
    [old] = await bots.links.keys_to_close()
    assert (await bots.links.former_secret(old.id), await bots.links.secret(1)) == (key(1).link, key(2).link)
    await bots.links.key_closed(old.id)
    assert await bots.links.keys_to_close() == []
    assert [event.what for event in await bots.links.history(1)] == ["made", "rotated"]
    assert key(1).link not in str([event.detail for event in await bots.links.history(1)])


async def test_a_former_key_finds_its_link_and_counts_for_it(bots: Ledger, clock: Clock) -> None:
    await bots.links.made(CLUB, key(1), asked_by=ANN, update_id=1)
    await rotated(bots, key(2))
    found = await bots.links.find_by_link(CLUB, key(1).link)
    assert found is not None
    assert found.number == 1
    assert [one.number for one in await bots.links.find_by_tail(CLUB, key(1).link[-3:])] == [1]
    keys: list[SeenLink | CutLink] = [key(1), cut(key(1)), key(2), cut(key(2))]
    for update, seen in enumerate(keys):
        link = await bots.links.seen_in_update(SeenJoin(CLUB, 70 + update, int(clock.now), 10 + update, seen))
        assert link is not None
        assert link.number == 1
    assert ((await number(bots)).joined, (await number(bots)).carried) == (4, 2)
    assert len(await bots.links.export(CLUB, every=True)) == 1


async def test_a_sweep_that_lists_a_former_key_makes_no_row_and_no_event(bots: Ledger, clock: Clock) -> None:
    listings = Listings()
    listings.put(invite(1, BOT, title="Spring", usage=4))
    await sweep(bots, listings)
    await rotated(bots, key(2))
    listings.change(invite(1, BOT), revoked=True, usage=5)  # one more came before it was revoked
    listings.put(invite(2, BOT, title="Spring", usage=2))
    clock.now += 10
    result = await sweep(bots, listings)
    assert (result.new, result.gone) == (0, 0)
    link = await number(bots)
    assert (link.joined, link.carried, link.state) == (7, 5, State.LIVE)
    assert [event.what for event in await bots.links.history(1)] == ["rotated"]
    assert await bots.links.keys_to_close() == []
    assert (await sweep(bots, listings)).changed == 0
    await bots.links.revoked(1, by=ANN, how="bot")
    listings.change(invite(2, BOT), revoked=True)
    assert (await sweep(bots, listings)).new == 0
    assert (await number(bots)).state is State.REVOKED


async def test_a_late_word_of_a_join_the_sweep_counted_is_not_counted_twice(bots: Ledger, clock: Clock) -> None:
    await bots.links.made(CLUB, key(1), asked_by=ANN, update_id=1)
    await rotated(bots, key(2))
    listings = Listings()
    listings.put(invite(1, BOT, title="Spring", usage=1, revoked=True), invite(2, BOT, title="Spring"))
    joined_at = int(clock.now)
    clock.now += 10
    await sweep(bots, listings)
    await bots.links.seen_in_update(SeenJoin(CLUB, 70, joined_at, 10, key(1)))
    assert (await number(bots)).joined == 1


@pytest.mark.parametrize("log_first", [False, True])
async def test_a_join_by_a_former_key_that_is_told_twice_is_one(bots: Ledger, clock: Clock, log_first: bool) -> None:
    await bots.links.made(CLUB, key(1), asked_by=ANN, update_id=1)
    await rotated(bots, key(2))
    at = int(clock.now)
    update = SeenJoin(CLUB, 70, at, 10, cut(key(1)))
    for by_log in (log_first, not log_first):
        if by_log:
            await bots.links.acted(CLUB, [Action(1, at + 1, 70, Did.JOINED, key(1))], last=1)
        else:
            await bots.links.seen_in_update(update)
    assert (await number(bots)).joined == 1
    assert (await bots.joiners.page(1)).known == 1


async def test_a_former_key_counts_as_live_until_it_is_revoked(bots: Ledger) -> None:
    await bots.links.made(CLUB, key(1), asked_by=ANN, update_id=1)
    await rotated(bots, key(2))
    assert (await bots.checks.held(CLUB))[BOT].counts == (2, 0)
    [old] = await bots.links.keys_to_close()
    await bots.links.key_closed(old.id)
    assert (await bots.checks.held(CLUB))[BOT].counts == (1, 1)


async def test_a_change_of_a_rotated_link_is_told_in_the_figures_people_see(bots: Ledger, clock: Clock) -> None:
    await bots.links.made(CLUB, key(1, limit=10), asked_by=ANN, update_id=1)
    await bots.links.seen_in_update(SeenJoin(CLUB, 70, int(clock.now), 10, key(1, limit=10)))
    await rotated(bots, key(2, limit=9))
    link = await bots.links.edited(1, key(2, limit=19), by=ANN, how="bot", update_id=None)
    assert link.limit == 20
    assert (await bots.links.history(1))[-1].detail == {"limit": [10, 20]}


@pytest.mark.parametrize(("limit", "adopted"), [(0, True), (5, False)])
async def test_a_new_key_whose_answer_was_lost_is_known_again_unless_the_link_was_changed(
    bots: Ledger, clock: Clock, limit: int, adopted: bool
) -> None:
    await bots.links.made(CLUB, key(1), asked_by=ANN, update_id=1)
    wish = {"number": 1, "title": "Spring", "expires": None, "limit": 0, "approval": False}
    await bots.intents.intend(8, "rotate", CLUB, ANN, wish)
    if limit:
        await bots.links.edited(1, key(1, limit=limit), by=ANN, how="bot", update_id=None)
    listings = Listings()
    listings.put(invite(1, BOT, title="Spring", limit=limit), invite(2, BOT, title="Spring"))
    listings.change(invite(2, BOT), created=int(clock.now) + 1)
    await sweep(bots, listings)
    assert len(await bots.links.export(CLUB, every=True)) == (1 if adopted else 2)
    assert [one.number for one in await bots.links.keys_to_close()] == ([1] if adopted else [])
    assert bool(await bots.intents.open(CLUB)) is not adopted


async def test_a_key_the_sweep_met_before_its_answer_came_is_the_same_link(bots: Ledger, clock: Clock) -> None:
    await bots.links.made(CLUB, key(1), asked_by=ANN, update_id=1)
    await sweep(bots, Listings({one.link: one for one in [invite(1, BOT, title="Spring"), invite(2, BOT)]}))
    await rotated(bots, key(2))
    assert [one.number for one in await bots.links.export(CLUB, every=True)] == [1]


async def test_in_a_supergroup_the_former_keys_are_known_as_well(bots: Ledger, clock: Clock) -> None:
    await bots.links.made(CLUB, key(1, limit=9), asked_by=ANN, update_id=1)
    await bots.links.seen_in_update(SeenJoin(CLUB, 70, int(clock.now), 10, key(1, limit=9)))
    await rotated(bots, key(2, limit=8))
    new_id = CLUB - 1
    await bots.chats.saw(SeenChat(new_id, "Chess club", "supergroup"), trusted=True)
    for update, seen in enumerate([key(1), key(2, limit=8)]):
        await bots.links.seen_in_update(SeenJoin(new_id, 80 + update, int(clock.now), 20 + update, seen))
    await bots.chats.migrated(CLUB, new_id)
    [link] = await bots.links.export(new_id, every=True)
    assert (link.number, link.limit, link.carried) == (1, 9, 1)


# Rotated, joined by and swept in any order, a link counts all who came by any of its keys.

steps = st.lists(
    st.one_of(
        st.tuples(st.just("rotate")),
        st.tuples(st.just("join"), st.integers(0, 3), st.booleans()),
        st.tuples(st.just("unseen join"), st.integers(0, 3)),
        st.tuples(st.just("sweep"), st.integers(1, 2)),
    ),
    max_size=12,
)


@dataclass
class Bench:
    ledger: Ledger
    settings: LedgerSettings
    clock: Clock
    chat_id: int = -5000
    updates: int = 0

    async def example(self, steps: list[tuple[object, ...]]) -> None:
        """A link of 50 places in a chat of its own; at Telegram each key is for those still left."""
        self.chat_id -= 1
        self.clock.now += 1_000
        listings, keys = Listings(), [invite(self.key(), BOT)._replace(title="Spring", limit=50)]
        listings.put(keys[0])
        await self.ledger.chats.saw(SeenChat(self.chat_id, "Another", "supergroup"), trusted=True)
        own = await self.ledger.links.made(self.chat_id, self.told(keys[0]), asked_by=BOB, update_id=self.key())
        for step in [*steps, ("sweep", 2)]:
            self.clock.now += 1
            match step:
                case ("rotate",):
                    at_hand = await self.ledger.links.get(own.id)
                    assert at_hand is not None
                    new = invite(self.key(), BOT)._replace(title="Spring", limit=max(1, at_hand.places or 0))
                    listings.change(keys[-1], revoked=True)
                    listings.put(new)
                    keys.append(new)
                    await self.ledger.links.rotated(own.id, self.told(new), by=BOB, how="bot", update_id=self.key())
                case "join" | "unseen join", int() as which, *seen:
                    one = listings.links[keys[which % len(keys)].link]
                    listings.change(one, usage=(one.usage or 0) + 1)
                    if seen:
                        link = cut(one) if seen[0] else self.told(one)
                        join = SeenJoin(self.chat_id, self.key(), int(self.clock.now), self.key(), link)
                        await self.ledger.links.seen_in_update(join)
                        self.clock.now += 1
                case "sweep", int() as size:
                    await sweep(self.ledger, listings, size=size, chat_id=self.chat_id)
            rows = ask_file(
                self.settings,
                "SELECT carried, joined, member_limit, (SELECT sum(joined) FROM former WHERE link_id = link.id), "
                "(SELECT sum(links) FROM tally WHERE chat_id = ?1) FROM link WHERE chat_id = ?1",
                self.chat_id,
            )
            [(carried, joined, limit, by_formers, counted)] = rows
            assert (carried, counted) == (by_formers or 0, 1)
            assert int(str(joined)) >= int(str(carried))
            assert int(str(limit)) > int(str(carried))
        truth = sum(listings.links[one.link].usage or 0 for one in keys)
        assert joined == truth
        assert limit == listings.links[keys[-1].link].limit + int(str(carried))

    def told(self, seen: SeenLink) -> SeenLink:
        return seen._replace(usage=None, created=None)

    def key(self) -> int:
        self.updates += 1
        return self.updates


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def bench(runner: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    clock = Clock()
    url = f"sqlite:///{tmp_path_factory.mktemp('keys')}/data/ledger.db"
    settings = LedgerSettings(_env_file=None, ledger_url=url, ledger_key=SecretStr(new_key()))
    opened = runner.run(Ledger.open(settings, clock=clock))
    runner.run(opened.programs.set_bot_identity(SeenPerson(BOT, "Ledger", "ledger_bot", True)))
    yield Bench(opened, settings, clock)
    runner.run(opened.close())


@settings(max_examples=size(40, 20))
@given(steps)
def test_whatever_the_order_each_who_joined_counts_once(
    runner: asyncio.Runner, bench: Bench, steps: list[tuple[object, ...]]
) -> None:
    runner.run(bench.example(steps))

"""A basic group becomes a supergroup, at any moment."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from ledger.chats import Grant, ReplyPlace, Role, SeenChat, Served
from ledger.errands import Act, ErrandState, Place
from ledger.errors import ChatMoved
from ledger.inbox import Received
from ledger.joins import SeenJoin
from ledger.links import CutLink, SeenLink, State
from ledger.listing import Order, Query
from ledger.settings import LedgerSettings
from ledger.store import Ledger
from ledger.tables import metadata
from tests.conftest import Clock
from tests.ledger.listings import ANN, BOB, BOT, Listings, ask_file, invite, open_club, read_page, sweep
from tests.sizes import size

GROUP, SUPERGROUP = -55, -1000000000055


@pytest.fixture
async def group(ledger: Ledger) -> Ledger:
    await open_club(ledger)
    await ledger.chats.saw(SeenChat(GROUP, "Chess", "group"), trusted=True, added_by=ANN)
    return ledger


def listings_of(links: int) -> Listings:
    listings = Listings()
    listings.put(*(invite(n, (ANN, BOB)[n % 2], usage=n % 5, title=f"t{n}") for n in range(links)))
    return listings


def under_the_old_id(settings: LedgerSettings) -> dict[str, int]:
    """How many rows of each table name the group by its old id."""
    found = {}
    for table in metadata.sorted_tables:
        for column in table.c:
            if column.name in {"chat_id", "lane", "chosen_chat", "discussion_id", "here"} or (
                column is table.c.get("id") and table.name == "chat"
            ):
                ((rows,),) = ask_file(settings, f'SELECT count(*) FROM "{table.name}" WHERE {column.name} = ?', GROUP)
                found[f"{table.name}.{column.name}"] = int(str(rows))
    return {name: rows for name, rows in found.items() if rows}


async def live_in(ledger: Ledger, chat_id: int, clock: Clock) -> None:
    """Something of everything that is kept of a chat."""
    now, chats = int(clock.now), ledger.chats
    await sweep(ledger, listings_of(7), chat_id=chat_id)
    await chats.set_admins(chat_id, [ANN, BOB], told_by="bot")
    await chats.account_place(chat_id, Role.OWNER, 99)
    await chats.bot_place(chat_id, Role.ADMIN, deletes=True)
    await chats.set_zone(chat_id, "Europe/Berlin")
    await chats.set_reply_place(chat_id, ReplyPlace.PRIVATE)
    await chats.set_discussion(chat_id, -1000000000099)
    await chats.grant(chat_id, BOB, Grant.ACT, on=True, by=ANN)
    await chats.choose(ANN, chat_id)
    await ledger.links.save_default(Query(chat_id, ANN, order=Order.NEW))
    await ledger.links.search_id(chat_id, ANN, "spring")
    await ledger.links.seen_in_update(SeenJoin(chat_id, 77, now + 1, 1, invite(1, BOB, usage=None)))
    await ledger.links.seen_in_update(SeenJoin(chat_id, 78, now + 1, 2))
    await ledger.errands.ask(Act.SYNC, chat_id, asked_by=ANN, place=Place(chat_id, 5))
    await ledger.intents.intend(3, "create", chat_id, ANN, {"title": "x"}, here=chat_id, message_id=8)
    await ledger.inbox.put([Received(update_id, chat_id, "message", "body") for update_id in (4, 5)])
    await ledger.links.reveal(1, ANN, "bot")


async def test_every_row_is_found_under_the_new_id_and_none_under_the_old(
    group: Ledger, ledger_settings: LedgerSettings, clock: Clock
) -> None:
    await live_in(group, GROUP, clock)
    chats, before = group.chats, await group.links.export(GROUP, every=True)
    assert len(under_the_old_id(ledger_settings)) == 15
    for _ in range(2):
        await chats.migrated(GROUP, SUPERGROUP)
        assert under_the_old_id(ledger_settings) == {}
        after = await group.links.export(SUPERGROUP, every=True)
        assert after == [replace(one, chat_id=SUPERGROUP) for one in before]
    chat = await chats.get(SUPERGROUP)
    assert chat is not None
    assert (chat.kind, chat.served, chat.account_role, chat.account_hash) == (
        "supergroup", Served.SERVED, Role.OWNER, None,
    )  # fmt: skip
    assert (chat.time_zone, chat.reply_place, chat.discussion_id) == (
        "Europe/Berlin", ReplyPlace.PRIVATE, -1000000000099,
    )  # fmt: skip
    assert await chats.grants(SUPERGROUP) == {BOB: {Grant.ACT}}
    assert await chats.chosen(ANN) == SUPERGROUP
    assert await group.links.default_list(SUPERGROUP, ANN) == Query(SUPERGROUP, ANN, order=Order.NEW)
    assert [one.lane for one in await group.inbox.waiting()] == [SUPERGROUP] * 2
    assert [one.chat_id for one in await group.intents.open(SUPERGROUP)] == [SUPERGROUP]
    assert await group.intents.acted(SUPERGROUP, 8) is None  # message 8 of the supergroup is another one
    errand, is_new = await group.errands.ask(Act.SYNC, SUPERGROUP, asked_by=BOB)
    assert (errand.chat_id, is_new) == (SUPERGROUP, False)
    assert [one.number for one in await group.links.reveals(SUPERGROUP)] == [1]


async def test_whoever_still_has_the_old_id_reaches_the_chat_or_is_told(group: Ledger, clock: Clock) -> None:
    await sweep(group, listings_of(3), chat_id=GROUP)
    await group.chats.migrated(GROUP, SUPERGROUP)
    assert await group.chats.now(GROUP) == await group.chats.now(SUPERGROUP) == SUPERGROUP
    reached = await group.chats.saw(SeenChat(GROUP, "An old title", "group"), trusted=True)
    assert (reached.id, reached.title) == (SUPERGROUP, "Chess")
    page = await group.links.page(Query(GROUP))
    assert (page.chat.id, page.total, page.query.chat_id) == (SUPERGROUP, 3, SUPERGROUP)
    assert await group.links.find(GROUP, 2) == await group.links.find(SUPERGROUP, 2) is not None
    made = await group.links.made(GROUP, invite(9, BOT, usage=None), asked_by=ANN, update_id=1)
    joined = await group.links.seen_in_update(SeenJoin(GROUP, 77, int(clock.now), 2, invite(1, BOB, usage=None)))
    assert joined is not None
    assert (made.chat_id, made.number, joined.chat_id, joined.number) == (SUPERGROUP, 4, SUPERGROUP, 3)
    calls: list[Callable[[], Awaitable[object]]] = [
        lambda: group.sweeps.begin(GROUP, [ANN]),
        lambda: group.sweeps.page_read(GROUP, ANN, False, [], count=0, ended=True),
        lambda: group.chats.bot_place(GROUP, Role.OUTSIDE, deletes=False),
        lambda: group.chats.account_place(GROUP, Role.OUTSIDE),
        lambda: group.chats.set_admins(GROUP, [ANN], told_by="bot"),
        lambda: group.chats.serve(GROUP, Served.REFUSED),
    ]
    for call in calls:
        with pytest.raises(ChatMoved) as caught:
            await call()
        assert caught.value.new_id == SUPERGROUP


async def test_a_sweep_goes_on_under_the_new_id_where_it_was(group: Ledger) -> None:
    listings = listings_of(40)
    await group.sweeps.begin(GROUP, listings.creators)
    for _ in range(3):
        await read_page(group, listings, 5, GROUP)
    await group.chats.migrated(GROUP, SUPERGROUP)
    assert (await group.sweeps.begin(SUPERGROUP, listings.creators)).resumed
    pages = 0
    while await read_page(group, listings, 5, SUPERGROUP) is not None:
        pages += 1
    result = await group.sweeps.finish(SUPERGROUP)
    assert (pages, result.links, result.new, result.gone) == (result.pages - 3, 40, 40, 0)


async def test_what_was_met_under_the_new_id_first_joins_the_rows_of_the_old(group: Ledger, clock: Clock) -> None:
    await sweep(group, listings_of(5), chat_id=GROUP)
    before = {one.id: one.number for one in await group.links.export(GROUP, every=True)}
    clock.now += 10
    await group.chats.saw(SeenChat(SUPERGROUP, "Chess club", "supergroup", "chess"))
    later, cut = int(clock.now), invite(2).link[: len("https://t.me/+") + 8]
    known = invite(1, BOB, usage=None, title="t1")
    met: list[SeenLink | CutLink] = [known, invite(70, BOB, usage=None), CutLink(cut, ANN), invite(71, usage=None)]
    for update_id, link in enumerate(met):
        await group.links.seen_in_update(SeenJoin(SUPERGROUP, 70 + update_id, later, update_id, link))
    await group.errands.ask(Act.SYNC, GROUP, asked_by=ANN, place=Place(GROUP, 1))
    await group.errands.ask(Act.SYNC, SUPERGROUP, asked_by=BOB, place=Place(SUPERGROUP, 2))
    doing = await group.errands.take()
    await group.chats.migrated(GROUP, SUPERGROUP)
    book = {one.id: one.number for one in await group.links.export(SUPERGROUP, every=True)}
    assert {one: number for one, number in book.items() if one in before} == before
    assert sorted(book.values()) == [1, 2, 3, 4, 5, 6, 7]
    merged = await group.links.find_by_link(SUPERGROUP, known.link)
    assert merged is not None
    assert (merged.joined, merged.last_join) == (1 + 1, later)
    assert (await group.links.page(Query(SUPERGROUP))).unrevoked == 7
    chat = await group.chats.get(SUPERGROUP)
    assert chat is not None
    assert (chat.title, chat.username, chat.served, chat.added_by) == ("Chess club", "chess", Served.SERVED, ANN)
    (errand,) = await group.errands.open()
    assert doing is not None
    assert (errand.id, errand.chat_id, errand.state) == (doing.id, SUPERGROUP, ErrandState.DOING)
    await group.errands.finish(errand.id, ErrandState.DONE)
    assert [asker for _, _, _, asker in await group.errands.unanswered()] == [ANN, BOB]


@pytest.mark.parametrize("seed", range(size(50, 12)))
async def test_at_any_moment_no_row_and_no_errand_is_lost(
    group: Ledger, ledger_settings: LedgerSettings, clock: Clock, seed: int
) -> None:
    """Sweeps, joins and wishes go on while the group moves; now and then the new id is met first."""
    chance = random.Random(seed)
    listings, moves_at = listings_of(20), chance.randrange(14)
    met_first = chance.random() < 0.5
    for moment in range(14):
        clock.now += 1
        moved = moment > moves_at
        here = chance.choice([GROUP, SUPERGROUP]) if moved else GROUP
        if moment == moves_at:
            if met_first:
                await group.chats.saw(SeenChat(SUPERGROUP, "Chess", "supergroup"), trusted=True)
                n = chance.randrange(20)
                link = invite(n, (ANN, BOB)[n % 2], usage=None, title=f"t{n}")
                await group.links.seen_in_update(SeenJoin(SUPERGROUP, 500, int(clock.now), 500, link))
            await group.chats.migrated(GROUP, SUPERGROUP)
        sweeping = SUPERGROUP if moment >= moves_at else GROUP
        match chance.randrange(4):
            case 0:
                await group.sweeps.begin(sweeping, listings.creators)
                for _ in range(chance.randrange(3)):
                    await read_page(group, listings, 3, sweeping)
            case 1:
                n = chance.randrange(20)
                link = invite(n, (ANN, BOB)[n % 2], usage=None, title=f"t{n}")
                await group.links.seen_in_update(SeenJoin(here, moment, int(clock.now), moment, link))
            case 2:
                await group.errands.ask(Act.SYNC, here, asked_by=ANN, place=Place(here, moment))
            case 3:
                await sweep(group, listings, chat_id=sweeping)
    clock.now += 1
    await sweep(group, listings, chat_id=SUPERGROUP)
    assert under_the_old_id(ledger_settings) == {}
    rows = await group.links.export(SUPERGROUP, every=True)
    assert {one.state for one in rows} <= {State.LIVE, State.GONE}
    assert len([one for one in rows if one.state is State.LIVE]) == 20
    assert len({one.number for one in rows}) == len(rows)
    assert (await group.links.page(Query(SUPERGROUP))).live == 20
    waiting = ask_file(ledger_settings, "SELECT count(*) FROM errand_answer")
    for errand in await group.errands.open():
        await group.errands.finish(errand.id, ErrandState.DONE)
    assert [(len(await group.errands.unanswered()),)] == waiting

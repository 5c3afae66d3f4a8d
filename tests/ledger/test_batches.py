"""Acts on many: drafted, begun once, taken one by one, ended for good."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from ledger.batches import BatchState, ItemState, NewItem
from ledger.chats import SeenPerson
from ledger.errands import Place
from ledger.joins import SeenJoin
from ledger.links import SeenLink, State
from ledger.settings import LedgerSettings
from ledger.store import Ledger
from ledger.tidying import UNUSED_FOR, Rule, dead_by
from tests.bot.samples import LINK, NOW
from tests.conftest import Clock
from tests.ledger.listings import ANN, BOB, CLUB, ask_file

HERE = Place(ANN, 7)
PEOPLE = [NewItem(person_id=number) for number in (101, 102, 103)]


async def test_a_draft_is_begun_once_and_the_history_says_so(club: Ledger, ledger_settings: LedgerSettings) -> None:
    draft = await club.batches.draft("ban", CLUB, asked_by=ANN, items=PEOPLE, wish={"number": 19})
    assert (draft.state, draft.wish) == (BatchState.DRAFT, {"number": 19})
    assert await club.batches.running() == []
    begun = await asyncio.gather(*(club.batches.begin(draft.id, place=HERE) for _ in range(5)))
    assert sorted(begun) == [False] * 4 + [True]
    [running] = await club.batches.running()
    assert (running.id, running.place, running.wish) == (draft.id, HERE, {"number": 19})
    [(what, by, detail)] = ask_file(ledger_settings, "SELECT what, by, detail FROM event")
    assert (what, by, json.loads(str(detail))["items"]) == ("asked", ANN, 3)


async def test_what_is_not_chosen_is_not_done(club: Ledger) -> None:
    draft = await club.batches.draft("ban", CLUB, asked_by=ANN, items=PEOPLE)
    first, second, third = (one.id for one in await club.batches.items(draft.id))
    await club.batches.choose(draft.id, [first, second, third], chosen=False)
    await club.batches.choose(draft.id, [third], chosen=True)
    assert await club.batches.begin(draft.id, place=HERE)
    await club.batches.choose(draft.id, [third], chosen=False)
    assert [(one.person_id, one.state) for one in await club.batches.items(draft.id)] == [(103, ItemState.WAITING)]


async def test_items_are_taken_in_order_and_each_ends_once(club: Ledger, clock: Clock) -> None:
    draft = await club.batches.draft("ban", CLUB, asked_by=ANN, items=PEOPLE)
    await club.batches.begin(draft.id, place=HERE)
    first, second = await club.batches.take(draft.id), await club.batches.take(draft.id)
    assert first is not None
    assert second is not None
    assert (first.person_id, first.sent_at, second.person_id) == (101, int(clock.now), 102)
    await club.batches.end(first.id, ItemState.REFUSED, "admin")
    await club.batches.end(first.id, ItemState.DONE)
    await club.batches.put_back(second.id)
    again = await club.batches.take(draft.id)
    assert again is not None
    assert again.id == second.id
    report = await club.batches.report(draft.id)
    assert report is not None
    assert (report.total, report.done, report.doing, report.waiting, report.ended) == (3, 0, 1, 1, 1)
    assert report.refused == {"admin": 1}


async def test_what_a_killed_run_left_is_found_again(
    club: Ledger, ledger_settings: LedgerSettings, clock: Clock
) -> None:
    draft = await club.batches.draft("ban", CLUB, asked_by=ANN, items=PEOPLE)
    await club.batches.begin(draft.id, place=HERE)
    left = await club.batches.take(draft.id)
    next_run = await Ledger.open(ledger_settings, clock=clock)
    assert [one.id for one in await next_run.batches.running()] == [draft.id]
    assert await next_run.batches.doing(draft.id) == [left]
    await next_run.close()


async def test_a_stop_counts_once_and_an_end_is_final(club: Ledger) -> None:
    draft = await club.batches.draft("ban", CLUB, asked_by=ANN, items=PEOPLE)
    assert not await club.batches.stop(draft.id)
    await club.batches.begin(draft.id, place=None)
    assert [await club.batches.stop(draft.id) for _ in range(2)] == [True, False]
    await club.batches.finish(draft.id, BatchState.STOPPED, "asked")
    await club.batches.finish(draft.id, BatchState.DONE)
    ended = await club.batches.get(draft.id)
    assert ended is not None
    assert (ended.state, ended.reason) == (BatchState.STOPPED, "asked")


async def test_a_later_draft_takes_the_place_of_the_earlier_and_old_ones_go(club: Ledger, clock: Clock) -> None:
    first = await club.batches.draft("ban", CLUB, asked_by=ANN, items=PEOPLE)
    second = await club.batches.draft("ban", CLUB, asked_by=ANN, items=PEOPLE)
    others = await club.batches.draft("ban", CLUB, asked_by=BOB, items=PEOPLE)
    assert not await club.batches.begin(first.id, place=HERE)
    assert await club.batches.begin(second.id, place=HERE)
    now = int(clock.now)
    await club.batches.purge(drafts_before=now + 1, ended_before=now + 1)
    assert await club.batches.get(others.id) is None
    assert await club.batches.get(second.id) is not None
    await club.batches.finish(second.id, BatchState.DONE)
    await club.batches.purge(drafts_before=now + 1, ended_before=now + 1)
    assert await club.batches.get(second.id) is None


async def test_who_is_forgotten_is_in_no_batch_and_an_erased_chat_has_none(club: Ledger) -> None:
    draft = await club.batches.draft("ban", CLUB, asked_by=ANN, items=PEOPLE)
    await club.chats.forget(101, chat_id=CLUB)
    assert [one.person_id for one in await club.batches.items(draft.id)] == [0, 102, 103]
    await club.chats.erase(CLUB)
    assert await club.batches.get(draft.id) is None


OLD = replace(LINK, created=NOW - UNUSED_FOR, joined=0, expires=None, limit=0)


@pytest.mark.parametrize(
    ("link", "rule"),
    [
        (OLD, Rule.UNUSED),
        (replace(OLD, created=NOW - UNUSED_FOR + 1), None),
        (replace(OLD, created=None, first_seen=NOW - UNUSED_FOR), Rule.UNUSED),
        (replace(OLD, created=None, first_seen=NOW - 1), None),
        (replace(OLD, joined=1), None),
        (replace(OLD, pending=1), None),
        (replace(OLD, primary=True), Rule.UNUSED),
        (replace(OLD, state=State.EXPIRED, joined=84), Rule.EXPIRED),
        (replace(OLD, state=State.FULL, maker_left=True), Rule.FULL),
        (replace(OLD, joined=84, maker_left=True), Rule.MAKER_LEFT),
        (replace(OLD, maker_left=True), Rule.MAKER_LEFT),
        (replace(OLD, state=State.REVOKED), None),
        (replace(OLD, state=State.GONE, maker_left=True), None),
    ],
)
def test_a_link_is_dead_by_the_first_rule_that_holds(link: object, rule: Rule | None) -> None:
    assert dead_by(link, NOW) == rule  # type: ignore[arg-type]


async def test_dead_links_are_found_by_their_rules(club: Ledger, clock: Clock) -> None:
    now = int(clock.now)
    seen = {
        "new": SeenLink("https://t.me/+new0000000000000", ANN, created=now - 1),
        "ended": SeenLink("https://t.me/+ended00000000000", ANN, created=now - 9, expires=now + 9),
        "unused": SeenLink("https://t.me/+unused0000000000", ANN, created=now + 60 - UNUSED_FOR, usage=0),
    }
    for n, link in enumerate(seen.values()):
        await club.links.made(CLUB, link, asked_by=ANN, update_id=n + 1)
    assert await club.links.dead(CLUB, now) == []
    clock.now += 60
    found = await club.links.dead(CLUB, now + 60)
    assert [(link.number, rule) for link, rule in found] == [(2, Rule.EXPIRED), (3, Rule.UNUSED)]


async def test_who_came_by_a_link_are_those_still_here_since_then(club: Ledger, clock: Clock) -> None:
    link, now = SeenLink("https://t.me/+came000000000000", ANN), int(clock.now)
    await club.chats.saw_people([SeenPerson(101, "Kim"), SeenPerson(103, "Door", is_bot=True)])
    for n, (who, at) in enumerate(((101, now - 50), (102, now - 40), (103, now - 30), (101, now - 20))):
        known = await club.links.seen_in_update(SeenJoin(CLUB, who, at, n + 1, link))
    assert known is not None
    await club.links.left(CLUB, 102, now - 10)
    came = await club.links.came_by(known.id)
    assert [(one.id, one.name, one.is_bot) for one in came] == [(103, "Door", True), (101, "Kim", False)]
    assert [one.id for one in await club.links.came_by(known.id, now - 25)] == [101]

from __future__ import annotations

import asyncio

from ledger.errors import LedgerBusy
from ledger.inbox import Received
from ledger.store import Ledger
from tests.conftest import Clock
from tests.ledger.listings import ANN, BOB, CLUB

HOURS_48 = 48 * 3600


def received(*ids: int) -> list[Received]:
    return [Received(update_id, 1, "message", f"body {update_id}") for update_id in ids]


async def test_an_update_that_comes_again_is_known(ledger: Ledger, clock: Clock) -> None:
    assert await ledger.inbox.put(received(5, 4)) == {4, 5}
    await ledger.inbox.done(4)
    assert await ledger.inbox.put(received(3, 4, 5)) == {3}
    waiting = await ledger.inbox.waiting()
    assert [(one.update_id, one.body, one.received) for one in waiting] == [
        (3, "body 3", clock.now),
        (5, "body 5", clock.now),
    ]
    assert [one.update_id for one in await ledger.inbox.waiting(1)] == [3]


async def test_ends_that_nobody_waits_for_go_with_the_next_batch_or_soon_by_themselves(ledger: Ledger) -> None:
    done = ledger.inbox.done
    await ledger.inbox.put(received(1, 2, 3, 4, 5))
    resting = [asyncio.create_task(done(update_id, at_once=False)) for update_id in (1, 2)]
    await asyncio.sleep(0)
    await ledger.inbox.put(received(6))
    assert [one.update_id for one in await ledger.inbox.waiting()] == [3, 4, 5, 6]
    await asyncio.gather(*resting)
    await asyncio.gather(done(3, at_once=False), done(4, at_once=False), done(5))
    assert [one.update_id for one in await ledger.inbox.waiting()] == [6]
    cancelled, left = (asyncio.create_task(done(6, at_once=False)) for _ in range(2))
    await asyncio.sleep(0)
    cancelled.cancel()
    assert [type(how) for how in await asyncio.gather(cancelled, left, return_exceptions=True)] == [
        asyncio.CancelledError,
        LedgerBusy,  # so that it is tried again
    ]
    await done(6, at_once=False)
    assert await ledger.inbox.waiting() == []


async def test_what_was_done_is_known_for_a_while_and_then_forgotten(ledger: Ledger, clock: Clock) -> None:
    await ledger.inbox.put(received(*range(2500)))
    await ledger.inbox.done(7)
    for update_id in range(10, 20):
        await ledger.inbox.done(update_id, "odd")
    clock.now += HOURS_48
    await ledger.inbox.done(8)
    assert await ledger.inbox.purge(int(clock.now) - HOURS_48) == 0
    assert await ledger.inbox.purge(int(clock.now) - HOURS_48 + 1) == 11
    assert await ledger.inbox.put(received(7, 8)) == {7}


async def test_a_quarantined_update_is_counted_and_never_handled(ledger: Ledger) -> None:
    await ledger.inbox.put([Received(1, 1, "odd", "{", quarantined="no JSON"), *received(2, 3)])
    assert [await ledger.inbox.begun(2), await ledger.inbox.begun(2)] == [1, 2]
    assert [one.attempts for one in await ledger.inbox.waiting()] == [2, 0]
    await ledger.inbox.done(2, quarantined="killed the program")
    assert [one.update_id for one in await ledger.inbox.waiting()] == [3]
    assert await ledger.inbox.counts() == (1, 2)


async def test_a_second_run_of_an_update_meets_its_own_intent(club: Ledger, clock: Clock) -> None:
    first, is_new = await club.intents.intend(7, "create", CLUB, ANN, {"title": "Spring ads", "limit": 10})
    assert (is_new, first.state, first.wish["limit"], first.asked_at) == (True, "open", 10, clock.now)
    clock.now += 60
    assert await club.intents.intend(7, "create", CLUB, BOB, {"title": "Autumn"}) == (first, False)
    assert await club.intents.open(CLUB) == [first]
    await club.intents.failed(7)
    assert await club.intents.open(CLUB) == []


async def test_what_is_due_is_ready_at_its_time_and_until_it_is_done(ledger: Ledger, clock: Clock) -> None:
    assert await ledger.dues.next_at() is None
    late = await ledger.dues.put(int(clock.now) + 60, "remove", {"message": 5})
    soon = await ledger.dues.put(int(clock.now) + 10, "hide", {"message": 6})
    assert (await ledger.dues.next_at(), await ledger.dues.ready(int(clock.now))) == (clock.now + 10, [])
    clock.now += 60
    ready = await ledger.dues.ready(int(clock.now))
    assert [(one.id, one.what, one.body) for one in ready] == [
        (soon, "hide", {"message": 6}),
        (late, "remove", {"message": 5}),
    ]
    await ledger.dues.done(soon)
    assert [one.id for one in await ledger.dues.ready(int(clock.now))] == [late]

from __future__ import annotations

import asyncio

from ledger.errands import Act, ErrandState, Held, Place
from ledger.settings import LedgerSettings
from ledger.store import Ledger
from tests.conftest import Clock
from tests.ledger.listings import ANN, BOB, CLUB, ask_file

HERE, THERE = Place(CLUB, 0, ANN, 5), Place(BOB, 77)


async def test_twenty_who_ask_for_the_same_get_one_errand_and_twenty_answers(
    club: Ledger, ledger_settings: LedgerSettings
) -> None:
    asked = await asyncio.gather(
        *(club.errands.ask(Act.SYNC, CLUB, asked_by=n, place=Place(n, n)) for n in range(1, 21))
    )
    assert len({errand.id for errand, _ in asked}) == 1
    assert [is_new for _, is_new in asked].count(True) == 1
    errand_id = asked[0][0].id
    await club.errands.finish(errand_id, ErrandState.DONE, result={"new": 3})
    waiting = await club.errands.unanswered()
    assert len(waiting) == 20
    assert {(place, who) for _, _, place, who in waiting} == {(Place(n, n), n) for n in range(1, 21)}
    assert {errand.result["new"] for _, errand, _, _ in waiting} == {3}
    for answer_id, *_ in waiting:
        await club.errands.answered(answer_id)
    assert await club.errands.unanswered() == []
    assert ask_file(ledger_settings, "SELECT what FROM event ORDER BY id") == [("asked",), ("done",)]


async def test_a_message_that_asks_again_is_answered_once(club: Ledger) -> None:
    for _ in range(2):
        await club.errands.ask(Act.SYNC, CLUB, asked_by=ANN, place=HERE)
    errand, _ = await club.errands.ask(Act.SYNC, CLUB, asked_by=BOB, place=THERE)
    await club.errands.finish(errand.id, ErrandState.REFUSED, reason="not-in-chat")
    assert [(place, ended.reason) for _, ended, place, _ in await club.errands.unanswered()] == [
        (HERE, "not-in-chat"),
        (THERE, "not-in-chat"),
    ]


async def test_errands_are_taken_oldest_first_and_each_once(club: Ledger) -> None:
    first, _ = await club.errands.ask(Act.SYNC, CLUB, asked_by=ANN, place=HERE)
    second, _ = await club.errands.ask(Act.SYNC, CLUB, asked_by=ANN, link_id=None)
    assert second == first
    taken = await club.errands.take()
    assert taken is not None
    assert (taken.id, taken.state, taken.place) == (first.id, ErrandState.DOING, HERE)
    assert await club.errands.take() is None
    again, is_new = await club.errands.ask(Act.SYNC, CLUB, asked_by=BOB)
    assert (again.id, is_new, again.state) == (first.id, False, ErrandState.DOING)


async def test_what_is_held_for_a_switch_that_is_on_again_may_be_taken(club: Ledger) -> None:
    await club.errands.ask(Act.REVOKE, CLUB, asked_by=ANN)
    for by_file in (False, True):
        taken = await club.errands.take()
        assert taken is not None
        await club.errands.switch(on=False, by_file=by_file)
        await club.errands.hold(taken.id, Held.OFF)
        assert await club.errands.take() is None
        await club.errands.switch(on=True, by_file=by_file)
        again = await club.errands.take()
        assert again is not None
        await club.errands.hold(again.id, Held.OFF)  # looked at the switch before that


async def test_what_a_dead_program_left_undone_comes_again(
    club: Ledger, ledger_settings: LedgerSettings, clock: Clock
) -> None:
    await club.errands.ask(Act.SYNC, CLUB, asked_by=ANN)
    left = await club.errands.take()
    next_program = await Ledger.open(ledger_settings, clock=clock)
    assert await next_program.errands.take() == left
    assert await next_program.errands.take() is None
    await next_program.close()


async def test_an_end_is_final_and_frees_the_next_one(club: Ledger) -> None:
    errand, _ = await club.errands.ask(Act.SYNC, CLUB, asked_by=ANN)
    await club.errands.finish(errand.id, ErrandState.DONE, result={"new": 1})
    await club.errands.finish(errand.id, ErrandState.UNKNOWN)
    ended = await club.errands.get(errand.id)
    assert ended is not None
    assert (ended.state, ended.result) == (ErrandState.DONE, {"new": 1})
    assert await club.errands.open() == []
    _, is_new = await club.errands.ask(Act.SYNC, CLUB, asked_by=ANN)
    assert is_new

"""Whose turn it is to be read: told the time and the ages, nothing else."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from bench.week import DAY, Case, simulate
from ledger.sweeps import Ages
from userclient.schedule import Schedule, Turn, What

NOW = 1_800_000_000


def schedule(*chats: Ages) -> Schedule:
    made = Schedule(check_every=900, sweep_every=DAY)
    made.know(chats)
    return made


def read(chat_id: int, *, checked: int = 0, swept: int = 0) -> Ages:
    """So many seconds ago."""
    return Ages(chat_id, NOW - checked, NOW - swept, under_way=False)


def test_what_was_just_read_has_no_turn() -> None:
    assert schedule().next(NOW) is None
    assert schedule(read(1, checked=899, swept=DAY // 2)).next(NOW) is None


def test_the_oldest_check_comes_first() -> None:
    made = schedule(read(1, checked=1000), read(2, checked=5000), read(3, checked=2000))
    order = []
    while turn := made.next(NOW):
        order.append(turn.chat_id)
        made.update(read(turn.chat_id))
    assert order == [2, 3, 1]


def test_one_sweep_goes_on_to_its_end_then_come_those_never_read_then_those_whose_log_has_a_gap() -> None:
    under_way, never = Ages(4, None, NOW - DAY, under_way=True), Ages(3, None, None, under_way=False)
    gap = Ages(2, NOW, 0, under_way=False)
    made = schedule(read(1, swept=9 * DAY), gap, never, under_way)
    order = []
    while turn := made.next(NOW):
        order.append((turn.chat_id, turn.what))
        made.update(read(turn.chat_id))
    assert order == [(4, What.SWEEP), (3, What.SWEEP), (2, What.SWEEP), (1, What.SWEEP)]


def test_a_chat_that_is_being_read_is_not_checked() -> None:
    made = schedule(Ages(1, NOW - 9000, NOW - 9000, under_way=True))
    assert made.next(NOW, without=[What.SWEEP]) is None


def test_while_sweeps_must_wait_checks_go_on() -> None:
    made = schedule(read(1, checked=1000), Ages(2, None, None, under_way=False))
    assert made.next(NOW, without=[What.SWEEP]) == Turn(1, What.CHECK)
    assert made.next(NOW, without=[What.CHECK]) == Turn(2, What.SWEEP)
    assert made.next(NOW, without=list(What)) is None


def test_a_chat_that_is_dropped_has_no_turn_until_it_is_known_again() -> None:
    made = schedule(read(1, checked=1000))
    made.drop(1)
    assert made.next(NOW) is None
    made.update(read(1, checked=1000))
    assert made.next(NOW) == Turn(1, What.CHECK)


def test_while_both_are_due_each_has_its_share_of_the_calls() -> None:
    made = schedule(*(read(n, checked=1000, swept=2 * DAY) for n in range(200)))
    spent: Counter[What] = Counter()
    for _ in range(300):
        turn = made.next(NOW)
        assert turn
        cost = 51 if turn.what is What.SWEEP else 2
        made.spent(turn.what, cost)
        spent[turn.what] += cost
    assert 0.28 < spent[What.SWEEP] / spent.total() < 0.45


def test_chats_first_read_in_one_hour_are_not_all_read_again_in_one() -> None:
    made = schedule(*(read(n) for n in range(1000)))
    due = []
    for hour in range(25):
        at = NOW + hour * 3600
        due.append(made.waiting(at)[What.SWEEP])
    assert due[17] == 0
    assert due[24] == 1000
    assert max(later - now for now, later in pairwise(due)) < 250


def test_none_starves_where_there_are_too_few_calls_for_all() -> None:
    """A fifth of the calls that all chats together want."""
    case = Case(chats=60, creators=10, days=2, calls_per_second=0.03)
    week = simulate(case)
    assert week.first_hour <= 4
    assert week.all_read < DAY
    assert max(week.longest.values()) < 2 * DAY
    assert week.longest["check"] < 4 * 3600
    assert week.asked_longest < 200
    assert simulate(case) == week

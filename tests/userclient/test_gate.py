"""How calls are spaced, by a clock that moves only when told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from userclient.gate import CREDIT, Spacing


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ([(0, False)] * 4, [0, 1, 2, 3]),
        ([(0, True)] * 4, [0, 0, 0, 0]),
        ([(0, True)] * 6, [0, 0, 0, 0, 1, 2]),
        ([(0, True)] * 3 + [(0, False)] * 2, [0, 0, 0, 3, 4]),
        ([(0, True)] * 4 + [(2, True)] * 3, [0, 0, 0, 0, 2, 2, 3]),
        ([(0, True)] * 4 + [(99, True)] * 4, [0, 0, 0, 0, 99, 99, 99, 99]),
        ([(0, False)] * 3 + [(0, True)] * 2, [0, 1, 2, 0, 1]),  # before a sweep that has taken places
    ],
)
def test_who_waits_is_let_through_at_once_and_others_evenly(asked: list[tuple[float, bool]], sent: list[float]) -> None:
    spacing = Spacing(1)
    assert [spacing.next(now, for_people=people) for now, people in asked] == sent


@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=60))
def test_no_span_has_more_than_its_share_and_the_credit(steps: list[tuple[int, bool]]) -> None:
    spacing, now, sent = Spacing(10), 0, list[float]()
    for step, people in steps:
        now += step
        sent.append(spacing.next(now, for_people=people))
    sent.sort()
    for first in range(len(sent)):
        for last in range(first, len(sent)):
            assert last - first <= (sent[last] - sent[first]) / 10 + CREDIT

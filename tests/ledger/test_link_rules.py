from __future__ import annotations

from typing import Any

import pytest

from ledger.links import CutLink, SeenLink, State, hash_of, mask, state_of, worth_a_warning

SECRET = "AbCdEfGh_jKl-n0P"


@pytest.mark.parametrize(
    "text",
    [
        f"https://t.me/+{SECRET}",
        f"t.me/+{SECRET}",
        f"http://telegram.me/joinchat/{SECRET}",
        f"https://t.me/joinchat/{SECRET}?x=1",
        f"tg://join?invite={SECRET}&x=1",
        f"  see https://t.me/+{SECRET}, please",
    ],
)
def test_a_link_is_the_same_however_it_is_written(text: str) -> None:
    assert hash_of(text) == SECRET


def test_the_cut_form_of_a_link_begins_like_the_link() -> None:
    assert hash_of(f"https://t.me/+{SECRET[:8]}...") == SECRET[:8]


def test_a_masked_link_and_the_repr_of_one_cannot_be_used() -> None:
    seen, cut = SeenLink(f"https://t.me/+{SECRET}", 1), CutLink(f"https://t.me/+{SECRET[:8]}", 1)
    assert mask(seen.link) == "t.me/+AbC…n0P"
    assert SECRET[:8] not in f"{seen!r} {cut!r}"


@pytest.mark.parametrize(
    ("expected", "facts"),
    [
        (State.LIVE, {}),
        (State.LIVE, {"expires": 101, "limit": 3, "joined": 2}),
        (State.EXPIRED, {"expires": 100}),
        (State.EXPIRED, {"expires": 99, "limit": 1, "joined": 1}),
        (State.FULL, {"limit": 2, "joined": 2}),
        (State.REVOKED, {"revoked": True, "expires": 1}),
        (State.GONE, {"revoked": True, "gone": True}),
    ],
)
def test_a_link_has_the_state_that_matters_most(expected: State, facts: dict[str, int]) -> None:
    plain: dict[str, Any] = {"revoked": False, "gone": False, "expires": None, "limit": 0, "joined": 0}
    assert state_of(**{**plain, **facts}, at=100) is expected


@pytest.mark.parametrize(
    ("expected", "facts"),
    [
        (True, {}),
        (False, {"primary": True}),
        (False, {"expires": 200}),
        (False, {"limit": 10, "joined": 8}),
        (True, {"limit": 10, "joined": 9}),
        (True, {"primary": True, "maker_left": True}),
        (False, {"state": State.REVOKED, "maker_left": True}),
    ],
)
def test_a_warning_is_for_live_links_that_leak(expected: bool, facts: dict[str, object]) -> None:
    plain: dict[str, Any] = {
        "state": State.LIVE,
        "primary": False,
        "approval": False,
        "expires": None,
        "limit": 0,
        "joined": 0,
    }
    assert worth_a_warning(**{**plain, "maker_left": False, **facts}) is expected

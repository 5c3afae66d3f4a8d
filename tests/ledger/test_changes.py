from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ledger.changes import KnownLink, compare, differences
from ledger.links import CutLink, SeenLink

times = st.none() | st.integers(1, 5)
facts: dict[str, st.SearchStrategy[Any]] = {
    "primary": st.booleans(), "approval": st.booleans(), "revoked": st.booleans(), "title": st.sampled_from(["", "a"]),
    "created": st.integers(1, 5), "edited": times, "expires": times, "limit": st.integers(0, 2),
    "pending": st.integers(0, 2), "price": st.integers(0, 1),
}  # fmt: skip
seen_links = st.builds(
    SeenLink, link=st.just("https://t.me/+x"), creator_id=st.just(1), usage=st.integers(0, 3), **facts
)
known_links = st.builds(
    KnownLink, id=st.integers(1, 99), creator_id=st.just(1), whole=st.booleans(), read=st.booleans(),
    gone=st.booleans(), joined=st.integers(0, 3), carried=st.integers(0, 2), **facts,
)  # fmt: skip
keys = st.sampled_from("abcdef")


def after(known: KnownLink, seen: SeenLink) -> KnownLink:
    """What the book holds once this reading is written."""
    told: dict[str, Any] = {name: value for name, value in seen._asdict().items() if name in facts}
    told["revoked"] = known.revoked or seen.revoked
    told["limit"] = seen.limit and seen.limit + known.carried
    return replace(known, **told, joined=(seen.usage or 0) + known.carried, whole=True, read=True, gone=False)


@given(st.dictionaries(keys, known_links), st.dictionaries(keys, seen_links))
def test_each_link_seen_is_new_changed_or_the_same(known: dict[str, KnownLink], seen: dict[str, SeenLink]) -> None:
    changes = compare(known, seen)
    assert list(changes.new) == [link for key, link in seen.items() if key not in known]
    both = sorted(known[key].id for key in seen if key in known)
    assert sorted([one.known.id for one in changes.changed] + [one.id for one in changes.same]) == both


@given(st.dictionaries(keys, known_links), st.dictionaries(keys, seen_links))
def test_a_reading_that_was_written_changes_nothing_when_read_again(
    known: dict[str, KnownLink], seen: dict[str, SeenLink]
) -> None:
    written = {key: after(row, seen[key]) for key, row in known.items() if key in seen}
    again = compare(written, {key: link for key, link in seen.items() if key in written})
    assert (again.new, again.changed) == ((), ())


@given(known_links, seen_links)
def test_a_change_names_what_was_and_what_is(known: KnownLink, seen: SeenLink) -> None:
    now = after(known, seen)
    for name, (was, value) in differences(known, seen).items():
        assert (getattr(known, name), getattr(now, name)) == (was, value)
        assert was != value


@given(known_links, seen_links)
def test_no_reading_brings_a_revoked_link_back(known: KnownLink, seen: SeenLink) -> None:
    assert "revoked" not in differences(replace(known, revoked=True), seen._replace(revoked=False))


@given(known_links, st.builds(CutLink, start=st.just("https://t.me/+x"), creator_id=st.just(1)))
def test_an_update_says_nothing_of_what_it_does_not_hold(known: KnownLink, cut: CutLink) -> None:
    assert not {"joined", "created", "edited", "pending", "price", "whole"} & set(differences(known, cut))


def test_learning_a_date_for_the_first_time_is_no_change() -> None:
    made_by_this_bot = KnownLink(
        id=1, creator_id=1, whole=True, read=False, gone=False, primary=False, approval=False, revoked=False, title="",
        created=None, edited=None, expires=None, limit=0, joined=0, pending=0, price=0,
    )  # fmt: skip
    assert differences(made_by_this_bot, SeenLink("https://t.me/+x", 1, created=5, edited=6, usage=0)) == {}

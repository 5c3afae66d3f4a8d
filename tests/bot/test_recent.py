"""Strangers do not grow the memory."""

from __future__ import annotations

from bot.recent import Recent


def test_only_what_was_set_last_is_kept() -> None:
    kept: Recent[str, int] = Recent(at_most=2)
    for key in ("a", "b", "a", "c"):
        kept[key] = len(kept)
    assert [*kept] == ["a", "c"]

"""Each fact of docs/telegram.md is kept by a test, and each test that names a fact finds it there."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent


def written() -> list[str]:
    return re.findall(r"^\| ([A-Z]-\d+) \|", (ROOT / "docs" / "telegram.md").read_text(), re.MULTILINE)


def marked() -> set[str]:
    """The ids in every `fact("...")` mark under tests/."""
    return {
        fact
        for file in (ROOT / "tests").rglob("test_*.py")
        for fact in re.findall(r'\bfact\(\s*"([A-Z]-\d+)"', file.read_text())
    }


def test_each_written_fact_is_kept_by_a_test() -> None:
    assert set(written()) - marked() == set()


def test_each_fact_a_test_names_is_written() -> None:
    assert marked() - set(written()) == set()


def test_no_id_is_given_twice() -> None:
    assert [fact for fact, times in Counter(written()).items() if times > 1] == []

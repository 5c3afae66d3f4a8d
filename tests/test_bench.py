"""The bench still measures what it says: all of it, small."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.report import Row, Section, write

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.long
@pytest.mark.timeout(600)
def test_every_part_of_the_bench_runs(tmp_path: Path) -> None:
    out = tmp_path / "bench.md"
    command = [sys.executable, "-m", "bench", "--quick", "--out", str(out)]
    around = os.environ | {"TMPDIR": str(tmp_path)}
    ran = subprocess.run(command, cwd=ROOT, env=around, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert all(f"{number}. " in ran.stdout for number in range(1, 7))
    assert not out.exists(), "quick figures are worth nothing"


def test_a_section_measured_again_replaces_itself_alone(tmp_path: Path) -> None:
    page = tmp_path / "bench.md"
    write(page, "a machine", [Section("2. Two", [Row("slow", "1")]), Section("1. One", [Row("first", "1")])])
    page.write_text(page.read_text(encoding="utf-8") + "\n## By simulation\n\nkept\n", encoding="utf-8")
    write(page, "another", [Section("2. Two", [Row("fast", "2")])])
    text = page.read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        "## 1. One",
        "## 2. Two",
        "## By simulation",
    ]
    assert ("| fast | 2 |" in text, "slow" in text, "\nkept\n" in text) == (True, False, True)

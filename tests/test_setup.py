from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-bench.lock")
TARGETS = ["help", "demo", "play", "test", "check", "screens", "bench", "setup", "run", "doctor", "lock"]
OUTSIDE = {"MAKEFLAGS", "MAKELEVEL", "PYTHON", "BOT_TOKEN", "BOT_TOKEN_FILE", "LEDGER_KEY", "LEDGER_KEY_FILE"}


def make(folder: Path, *arguments: str, umask: int = 0o022) -> subprocess.CompletedProcess[str]:
    # Not the flags of the make that may be running this test, and no bot of whoever runs it.
    around = {name: value for name, value in os.environ.items() if name not in OUTSIDE}
    return subprocess.run(
        ["make", *arguments],
        cwd=folder, env=around, umask=umask, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    for name in ("Makefile", ".env.example", *LOCKS):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def python_that_says(folder: Path, *lines: str) -> str:
    script = folder / "other-python"
    script.write_text("\n".join(["#!/bin/sh", *lines]) + "\n", encoding="utf-8")
    script.chmod(0o755)
    return f"PYTHON={script}"


def test_help_is_what_make_does_alone(clone: Path) -> None:
    lines = make(clone).stdout.splitlines()
    assert [line.split()[1] for line in lines] == TARGETS


def test_an_old_python_is_named_in_one_line(clone: Path) -> None:
    made = make(clone, "setup", python_that_says(clone, "exit 1"))
    assert made.returncode != 0
    assert "needs Python 3.11 or newer" in made.stderr.splitlines()[0]
    assert not (clone / ".tools").exists()


def test_a_python_without_venv_is_told_what_to_install(clone: Path) -> None:
    made = make(clone, "demo", python_that_says(clone, 'case "$2" in *venv*) exit 1;; esac'))
    assert made.returncode != 0
    assert "apt install python3-venv" in made.stderr.splitlines()[0]


def test_setup_makes_keys_and_env_that_only_their_owner_reads(clone: Path) -> None:
    # -o: the environment is taken as made; the wizard runs in the one that runs this test.
    rules = ("-o", ".venv/.ready", f"RUN=env PYTHONPATH={ROOT} {sys.executable}")
    made = make(clone, *rules, "setup", umask=0o000)
    assert made.returncode == 0, made.stderr
    assert "get a token from @BotFather" in made.stdout
    files = [clone / "keys/ledger.key", clone / "keys/session.key", clone / ".env"]
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600] * 3
    assert stat.S_IMODE((clone / "keys").stat().st_mode) == 0o700
    before = [file.read_text(encoding="utf-8") for file in files]
    assert Fernet(before[0].strip()) is not None
    assert before[0] != before[1]
    assert make(clone, *rules, "setup").returncode == 0
    assert [file.read_text(encoding="utf-8") for file in files] == before


def test_locks_name_no_host_and_hash_everything() -> None:
    for name in LOCKS:
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text
        for requirement in re.split(r"\n(?=\S)", text.strip()):
            assert "==" in requirement.split("\n")[0], name
            assert "--hash=sha256:" in requirement, name


def test_the_lock_holds_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = {LOCKS[0]: project["project"]["dependencies"]}
    for name, group in zip(LOCKS[1:], ("dev", "bench"), strict=True):
        asked[name] = asked[LOCKS[0]] + project["dependency-groups"][group]
    for name, requirements in asked.items():
        locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
        assert {re.split(r"[\[>=<]", each)[0] for each in requirements} <= locked


def test_all_locks_hold_the_same_versions() -> None:
    pins = [
        dict(re.findall(r"^(\S+)==(\S+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)) for name in LOCKS
    ]
    assert all(pins[0].items() <= more.items() for more in pins[1:])

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiogram.types import PassportFile, Update

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("bot", "userclient", "ledger", "sandbox", "console", "bench")
LINT = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"

# what somebody might write into a module, and the rule that must stop it
BREAKS = [
    ("ledger.links", "aiogram", "the ledger knows neither Telegram library nor any program"),
    ("ledger.chats", "bot.asked", "the ledger knows neither Telegram library nor any program"),
    ("bot.asked", "userclient.settings", "bot and userclient meet in the ledger only"),
    ("userclient.errors", "bot.errors", "bot and userclient meet in the ledger only"),
    ("bot.asked", "console.claim", "the bot knows no telethon, no sandbox and no console"),
    ("userclient.settings", "console.book", "the account knows no aiogram and no console"),
    ("userclient.settings", "telethon", "telethon stands in the account, its login and the sandbox's wire only"),
    ("sandbox.world", "ledger.links", "the sandbox is a Telegram for anyone"),
    ("console.book", "bench.books", "nothing stands on the bench"),
    ("bot.asked", "sqlalchemy", "SQL stands in ledger.store and its tables only"),
    ("ledger.links", "sqlite3", "SQL stands in ledger.store and its tables only"),
]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", LINT], cwd=folder, capture_output=True, text=True, check=False)


def test_imports_follow_the_rules() -> None:
    linted = lint(ROOT)
    assert linted.returncode == 0, linted.stdout


def test_each_rule_stops_what_breaks_it(tmp_path: Path) -> None:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for module, imported, _ in BREAKS:
        with (tmp_path / module.replace(".", "/")).with_suffix(".py").open("a", encoding="utf-8") as source:
            source.write(f"\nimport {imported}\n")
    linted = lint(tmp_path)
    assert linted.returncode == 1
    for module, imported, rule in BREAKS:
        assert f"{rule} BROKEN" in linted.stdout, rule
        assert re.search(rf"{re.escape(module)} -> {re.escape(imported)}\b", linted.stdout), (module, imported)


@pytest.mark.parametrize(
    ("modules", "absent"),
    [
        ("console.__main__, console.status, console.listing, console.claim", "aiogram telethon"),
        ("console.__main__", "sqlalchemy pydantic rich.table"),
        ("console.run", "aiogram telethon"),
        ("ledger.store", "aiogram telethon alembic"),
        ("userclient.__main__", "aiogram"),
        ("bot.settings", "aiogram"),
    ],
)
def test_a_program_loads_only_what_it_needs(modules: str, absent: str) -> None:
    code = f"import {modules}, sys; print(*set({absent.split()}) & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""


def test_a_type_of_aiograms_is_built_at_its_first_use_and_no_earlier() -> None:
    assert Update.__pydantic_complete__
    assert not PassportFile.__pydantic_complete__
    assert PassportFile(file_id="a", file_unique_id="b", file_size=1, file_date=datetime.now(UTC)).file_id == "a"
    assert PassportFile.__pydantic_complete__

from __future__ import annotations

import re
from pathlib import Path

from pydantic_settings import BaseSettings

from bot.commands import COMMANDS
from bot.settings import BotSettings
from console.__main__ import app
from ledger.settings import LedgerSettings
from userclient.settings import UserClientSettings

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SETTINGS: tuple[type[BaseSettings], ...] = (LedgerSettings, BotSettings, UserClientSettings)


def table(lead: str) -> set[str]:
    """The words in the first column of README's tables that begin so."""
    return set(re.findall(rf"^\| `{lead}([a-z]+)` \|", README, re.MULTILINE))


def test_the_readme_lists_the_bots_commands() -> None:
    assert table("/") == {command.name for command in COMMANDS}


def test_the_readme_lists_the_hosts_commands() -> None:
    # `python -m console` shows its help as a command too, under its flags.
    assert table("") == {name for name in app if not name.startswith("-")}


def test_the_readme_lists_what_make_makes() -> None:
    targets = re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert table("make ") == set(targets)


def test_the_example_env_explains_every_setting() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = re.findall(r"^(?:# )?([A-Z_]+)=", example, re.MULTILINE)
    assert sorted(named) == sorted({name.upper() for settings in SETTINGS for name in settings.model_fields})


def test_the_example_env_shows_the_defaults() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    shown = dict(re.findall(r"^# ([A-Z_]+)=(.+)$", example, re.MULTILINE))
    defaults = {name.upper(): field.default for each in SETTINGS for name, field in each.model_fields.items()}
    plain = {name: default for name, default in defaults.items() if name in shown and isinstance(default, str | Path)}
    assert {name: shown[name] for name in plain} == {name: str(default) for name, default in plain.items()}


def test_screens_speak_telegrams_words() -> None:
    glossary = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^Never on a screen: (.+)$", glossary, re.MULTILINE)
    banned = re.findall(r"`([a-z]+)`", line)
    assert banned
    for locale in (ROOT / "bot/locales").glob("*.ftl"):
        said = re.sub(r"^\s*#.*$|^[a-z0-9-]+ =|\{[^}]*\}", "", locale.read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert re.findall(rf"\b(?:{'|'.join(banned)})s?\b", said, re.IGNORECASE) == []


def test_links_between_pages_lead_somewhere() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    for page in pages:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} → {target}"


def test_decisions_are_numbered_without_gaps() -> None:
    pages = sorted((ROOT / "docs/decisions").glob("*.md"))
    assert [page.name[:4] for page in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert all(f"**{part}.**" in text for part in ("Context", "Decision", "Rejected", "Price")), page.name

from __future__ import annotations

import io
import os
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from rich.console import Console

from bot.settings import WrongSettings
from console.book import Refused
from console.envfile import write_private
from console.questions import Lines
from console.setup import Wizard
from ledger.settings import LedgerSettings
from ledger.store import Ledger
from sandbox import Sandbox
from sandbox.seed import Story, story_world
from tests.console.conftest import watched

NAMES = ("BOT_TOKEN", "BOT_TOKEN_FILE", "API_ID", "API_HASH", "LEDGER_KEY", "LEDGER_KEY_FILE", "LEDGER_URL", "TZ")


@pytest.fixture
async def telegram(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server_folder: Path
) -> AsyncIterator[tuple[Sandbox, Story]]:
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    async with watched(server_folder, tmp_path) as sandbox:
        monkeypatch.setenv("BOT_API_URL", sandbox.bot_api.url)
        yield sandbox, story_world(sandbox.world)


async def asked(*lines: str) -> str:
    """What the wizard says to these answers, all of them typed beforehand."""
    reading, writing = os.pipe()
    os.write(writing, "".join(f"{line}\n" for line in lines).encode())
    os.close(writing)
    screen = io.StringIO()
    assert await Wizard(Console(file=screen, width=200), Lines(reading)).run() == 0
    os.close(reading)
    return screen.getvalue()


def files() -> dict[str, tuple[str, str]]:
    every = [file for file in Path().rglob("*") if file.is_file() and file.parts[0] != "data"]
    return {str(file): (oct(stat.S_IMODE(file.stat().st_mode)), file.read_text(encoding="utf-8")) for file in every}


def lose(name: str) -> None:
    Path(name).unlink()


def folders() -> dict[str, str]:
    return {str(each): oct(stat.S_IMODE(each.stat().st_mode)) for each in Path().iterdir() if each.is_dir()}


async def test_four_answers_make_a_bot_that_only_wants_make_run(telegram: tuple[Sandbox, Story]) -> None:
    sandbox, story = telegram
    token = story.bot.token or ""
    said = await asked(token, "Europe/Berlin", str(sandbox.world.api_id), sandbox.world.api_hash)
    assert f"The bot is @{story.bot.username}" in said
    assert f"https://t.me/{story.bot.username}?startgroup&admin=invite_users+delete_messages" in said
    assert f"https://t.me/{story.bot.username}?startchannel&admin=invite_users" in said
    assert "make run (stop it first where it runs" in said
    assert "python -m console login" in said
    written = files()
    assert {mode for mode, _ in written.values()} == {"0o600"}
    assert folders() == {"keys": "0o700", "data": "0o700"}
    assert written["keys/bot.token"][1] == token + "\n"
    env = written[".env"][1]
    for line in ("BOT_TOKEN_FILE=keys/bot.token", "TZ=Europe/Berlin", f"API_ID={sandbox.world.api_id}"):
        assert line in env.splitlines()
    for secret in (token, sandbox.world.api_hash):
        assert secret not in said + env


async def test_whoever_opens_the_printed_link_is_the_host(telegram: tuple[Sandbox, Story]) -> None:
    _, story = telegram
    said = await asked(story.bot.token or "")
    (claim,) = {word for word in said.split() if "start=claim_" in word}
    assert claim.startswith(f"https://t.me/{story.bot.username}?start=claim_")
    ledger = await Ledger.open(LedgerSettings())
    try:
        assert await ledger.host.claim(claim.partition("claim_")[2], story.owner.id)
    finally:
        await ledger.close()
    assert "start=claim_" not in await asked()


async def test_a_second_time_nothing_is_asked_and_nothing_changes(telegram: tuple[Sandbox, Story]) -> None:
    sandbox, story = telegram
    await asked(story.bot.token or "", "Europe/Berlin", str(sandbox.world.api_id), sandbox.world.api_hash)
    before = files()
    said = await asked("this", "answers", "no", "question")
    assert files() == before
    assert "@BotFather" not in said


async def test_a_wrong_answer_gets_one_line_and_another_try(telegram: tuple[Sandbox, Story]) -> None:
    sandbox, story = telegram
    token, api_hash = story.bot.token or "", sandbox.world.api_hash
    refused = f"{story.bot.id}:{'A' * 35}"
    said = await asked(
        "hello", refused, token, "Berlin", "Europe/Berlin", "my id", str(sandbox.world.api_id), "x", api_hash
    )  # fmt: skip
    assert "That is no token" in said
    assert "Telegram refuses this token" in said
    assert "There is no time zone Berlin. Example: Europe/Berlin" in said
    assert "API_ID is a number" in said
    assert "API_HASH is 32" in said
    assert refused not in said
    assert files()["keys/bot.token"][1] == token + "\n"
    assert files()["keys/api.hash"][1] == sandbox.world.api_hash + "\n"


@pytest.mark.usefixtures("telegram")
async def test_without_answers_keys_are_made_and_the_rest_is_named() -> None:
    said = await asked()
    assert set(files()) == {".env", "keys/ledger.key", "keys/session.key"}
    assert "get a token from @BotFather" in said
    assert "data" not in folders()
    assert "# TZ=UTC" in files()[".env"][1].splitlines()


async def test_what_is_said_fits_a_terminal(telegram: tuple[Sandbox, Story]) -> None:
    sandbox, story = telegram
    said = await asked("x", story.bot.token or "", "x", "", str(sandbox.world.api_id), sandbox.world.api_hash)
    assert [line for line in said.splitlines() if len(line) > 80 and "https://" not in line] == []


@pytest.mark.usefixtures("telegram")
async def test_what_python_stands_for_is_said() -> None:
    assert f"stands for {sys.executable} here" in await asked()


@pytest.mark.usefixtures("telegram")
def test_a_pipe_that_says_nothing_is_no_answer() -> None:
    reading, writing = os.pipe()
    lines = Lines(reading, patience=0.05)
    assert lines.ask("a question", default="as ever") == "as ever"
    os.close(writing)
    os.close(reading)


async def test_a_token_nobody_could_check_is_kept(
    telegram: tuple[Sandbox, Story], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, story = telegram
    monkeypatch.setenv("BOT_API_URL", "http://127.0.0.1:9")
    said = await asked(story.bot.token or "")
    assert "not checked" in said
    assert files()["keys/bot.token"][1] == (story.bot.token or "") + "\n"


async def test_a_ledger_gets_no_other_key_than_its_own(telegram: tuple[Sandbox, Story]) -> None:
    _, story = telegram
    await asked(story.bot.token or "")
    lose("keys/ledger.key")
    with pytest.raises(Refused, match="put your copy of it back"):
        await asked()
    assert "keys/ledger.key" not in files()


async def test_a_session_gets_no_other_key_than_its_own(telegram: tuple[Sandbox, Story]) -> None:
    _, story = telegram
    await asked(story.bot.token or "")
    write_private(Path("account/session"), "sealed")
    lose("keys/session.key")
    with pytest.raises(Refused, match="put your copy of it back"):
        await asked()


@pytest.mark.usefixtures("telegram")
async def test_another_wrong_setting_is_not_taken_for_a_wrong_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPEN_TO_ALL", "perhaps")
    with pytest.raises(WrongSettings, match="OPEN_TO_ALL"):
        await asked()


async def test_a_setting_stands_where_the_example_shows_it(telegram: tuple[Sandbox, Story]) -> None:
    _, story = telegram
    await asked(story.bot.token or "", "Asia/Tokyo")
    lines = files()[".env"][1].splitlines()
    assert lines[lines.index("TZ=Asia/Tokyo") - 1].startswith("# The time zone of chats")
    assert lines.count("BOT_TOKEN_FILE=keys/bot.token") == 1

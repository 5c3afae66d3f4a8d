from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from rich.console import Console

from bot.notices import WAITS_AS
from bot.start_links import add_link
from console import doctor
from console.__main__ import main
from console.check_telegram import add_links
from console.evening import Evening
from console.findings import Finding, Verdict
from console.programs import Programs
from console.story import claim
from console.transcript import Transcript
from ledger.chats import AccountState
from ledger.secrets import new_key
from ledger.settings import LedgerSettings
from sandbox.chats import Rights
from sandbox.seed import story_world
from tests.console.conftest import watched
from tests.console.installation import Installation
from userclient.session import holding

EVERYTHING = {
    "settings", "modes", "keys", "disk", "sqlite", "ledger", "token", "joins groups", "privacy mode", "webhook",
    "clock", "rights", "session", "host", "bot", "account", "coverage", "freshness",
}  # fmt: skip
NAMES = ("BOT_TOKEN", "BOT_API_URL", "API_ID", "API_HASH", "LEDGER_KEY", "LEDGER_KEY_FILE", "LEDGER_URL", "SESSION_KEY")


@pytest.fixture
async def host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server_folder: Path, migrated: tuple[LedgerSettings, Path]
) -> AsyncIterator[Installation]:
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    async with watched(server_folder, tmp_path) as telegram:
        installation = Installation(tmp_path, telegram, story_world(telegram.world), migrated)
        await installation.write_ledger()
        installation.sign_in()
        with holding(tmp_path / "account/session", "userclient"):
            yield installation


def faults(findings: list[Finding]) -> dict[str, Finding]:
    return {each.what: each for each in findings if each.verdict == Verdict.WRONG}


async def test_a_sound_installation_has_nothing_to_mend(host: Installation) -> None:
    found = await doctor.walk()
    assert faults(found) == {}
    looked_at = {each.what for each in found}
    assert looked_at == EVERYTHING


# Ten and more faults, each planted in a sound installation, and the precondition that must name it.


def others_read_the_key(host: Installation) -> None:
    (host.keys / "ledger.key").chmod(0o644)


def others_enter_the_data(host: Installation) -> None:
    (host.folder / "data").chmod(0o755)


def another_ledger_key(host: Installation) -> None:
    (host.keys / "ledger.key").write_text(new_key(), encoding="utf-8")


def no_ledger_key(host: Installation) -> None:
    (host.keys / "ledger.key").unlink()


def another_session_key(host: Installation) -> None:
    (host.keys / "session.key").write_text(new_key(), encoding="utf-8")


def keys_beside_the_ledger(host: Installation) -> None:
    (host.keys / "ledger.key").rename(host.folder / "data/ledger.key")
    host.env(LEDGER_KEY_FILE="data/ledger.key")


def a_damaged_ledger(host: Installation) -> None:
    with (host.folder / "data/ledger.db").open("r+b") as file:
        file.seek(6 * 4096)
        file.write(b"\xff" * 8 * 4096)


def not_a_ledger(host: Installation) -> None:
    (host.folder / "data/ledger.db").write_bytes(b"something else, for sure" * 100)


def a_token_that_was_revoked(host: Installation) -> None:
    bot = host.story.bot
    bot.token = f"{bot.id}:{'A' * 35}"


def a_setting_with_a_slip(host: Installation) -> None:
    host.env(SYNC_EVRY="5m")


def a_wrong_setting(host: Installation) -> None:
    host.env(SYNC_EVERY="often")


def nowhere(host: Installation) -> None:
    host.env(BOT_API_URL="http://127.0.0.1:9")


async def a_webhook(host: Installation) -> None:
    queue = host.telegram.bot_api.updates.queue(host.story.bot)
    queue.webhook = "https://elsewhere.example/hook"


def no_right_to_invite(host: Installation) -> None:
    story = host.story
    host.telegram.world.promote(story.chat, story.bot, by=story.owner, rights=Rights(invite_users=False))


def the_bot_is_out(host: Installation) -> None:
    host.telegram.world.remove(host.story.chat, host.story.bot, by=host.story.owner)


async def a_lost_session(host: Installation) -> None:
    ledger = await host.open()
    await host.account(ledger, AccountState.LOST, "Telegram has ended the session (SESSION_REVOKED)")
    await ledger.close()


def a_killed_account(host: Installation) -> None:
    (host.folder / "account/session.lock").rename(host.folder / "account/elsewhere")


def no_session(host: Installation) -> None:
    (host.folder / "account/session").unlink()


async def a_second_copy(host: Installation) -> None:
    ledger = await host.open()
    await ledger.programs.say("bot", "conflict")
    await ledger.close()


async def a_notice_nobody_could_deliver(host: Installation) -> None:
    ledger = await host.open()
    await ledger.dues.put(1, WAITS_AS, {"kind": "demoted", "since": 1, "chat": "Chess club"})
    await ledger.close()


async def a_bot_whose_clock_is_wrong(host: Installation) -> None:
    ledger = await host.open()
    await ledger.programs.say("bot", "ready", detail="the clock here is 40 s behind Telegram's")
    await ledger.close()


async def links_not_readable_any_more(host: Installation) -> None:
    ledger = await host.open()
    await ledger.sweeps.begin(host.story.chat.id, [host.story.owner.id])
    await ledger.sweeps.unreadable(host.story.chat.id, host.story.owner.id, "CHAT_ADMIN_REQUIRED")
    await ledger.sweeps.unreadable(host.story.chat.id, None, "CHAT_ADMIN_REQUIRED")
    await ledger.close()


FAULTS: list[tuple[Callable[[Installation], Awaitable[None] | None], str, str]] = [
    (others_read_the_key, "modes", "chmod 600 keys/ledger.key"),
    (others_enter_the_data, "modes", "chmod 700 data"),
    (another_ledger_key, "ledger", "LEDGER_KEY_FILE"),
    (no_ledger_key, "keys", "put your copy of it back"),
    (another_session_key, "session", "console login"),
    (keys_beside_the_ledger, "keys", "move it"),
    (a_damaged_ledger, "ledger", "restore the last backup"),
    (not_a_ledger, "ledger", "restore the last backup"),
    (a_token_that_was_revoked, "token", "@BotFather"),
    (a_setting_with_a_slip, "settings", ".env"),
    (a_wrong_setting, "settings", ".env"),
    (nowhere, "telegram", "BOT_API_URL"),
    (a_webhook, "webhook", "end that program"),
    (no_right_to_invite, "rights", "startgroup&admin=invite_users"),
    (the_bot_is_out, "rights", "startgroup&admin=invite_users"),
    (a_lost_session, "account", "console login"),
    (a_killed_account, "account", "make run"),
    (no_session, "session", "console login"),
    (a_second_copy, "bot", "end the other copy"),
    (a_notice_nobody_could_deliver, "notices", "press Start"),
    (a_bot_whose_clock_is_wrong, "bot", "set-ntp"),
    (links_not_readable_any_more, "coverage", "owner's account"),
]


@pytest.mark.parametrize(("plant", "what", "mend"), FAULTS, ids=[plant.__name__ for plant, _, _ in FAULTS])
async def test_a_planted_fault_is_named_with_its_mend(
    host: Installation, plant: Callable[[Installation], Awaitable[None] | None], what: str, mend: str
) -> None:
    planted = plant(host)
    if planted is not None:
        await planted
    found = faults(await doctor.walk())
    assert what in found, found
    assert mend in found[what].mend


@pytest.mark.parametrize(("ahead", "words"), [(40, "40 s ahead"), (-40, "40 s behind")])
async def test_a_wrong_clock_is_named(host: Installation, ahead: int, words: str) -> None:
    found = faults(await doctor.walk(lambda: host.later(ahead)))
    assert words in found["clock"].says.replace("39 s", "40 s").replace("41 s", "40 s")


async def test_programs_that_say_nothing_are_named(host: Installation) -> None:
    hours = 3 * 3600
    found = faults(await doctor.walk(lambda: host.later(hours)))
    assert {"bot", "freshness"} <= set(found)


async def test_an_account_set_wrong_is_not_called_none(host: Installation) -> None:
    host.env(API_ID="abc")
    assert not [each for each in await doctor.walk() if each.what == "account" and "runs alone" in each.says]


async def test_looking_changes_nothing(host: Installation) -> None:
    def bytes_of() -> dict[Path, tuple[int, bytes]]:
        files = [file for file in host.folder.rglob("*") if file.is_file()]
        return {file: (file.stat().st_mode, file.read_bytes()) for file in files}

    before = bytes_of()
    effects = len(host.telegram.log.effects)
    await doctor.walk()
    after = bytes_of()
    assert {file for file in after if after[file] != before.get(file)} == set()
    assert set(before) <= set(after)
    assert len(host.telegram.log.effects) == effects


def test_an_empty_folder_is_told_where_to_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    assert main(["doctor"]) == 1
    assert "→ make setup" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


async def test_programs_read_the_same_in_json(host: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    assert await doctor.show_findings(as_json=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["fine"] is True
    (rights,) = (each for each in told["findings"] if each["what"] == "rights")
    assert (rights["verdict"], rights["chat"]) == ("fine", host.story.chat.id)
    assert (host.story.bot.token or "?") not in json.dumps(told)


@pytest.mark.long
async def test_the_real_programs_at_work_have_nothing_to_mend(tmp_path: Path, server_folder: Path) -> None:
    async with watched(server_folder, tmp_path) as telegram:
        story = story_world(telegram.world)
        programs = Programs(tmp_path / "host", telegram, story.bot)
        evening = Evening(telegram, story, programs, Transcript(Console(quiet=True)))
        async with programs.running() as claim_link:
            await claim(evening, claim_link)
            await programs.sign_in(story.owner)
            await evening.first_reading()
            looked = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "console", "doctor",
                cwd=programs.folder, env=programs.environment, stdout=asyncio.subprocess.PIPE,
            )  # fmt: skip
            told, _ = await looked.communicate()
    assert looked.returncode == 0, told.decode()
    assert "✗" not in told.decode()
    assert "held by userclient" in told.decode()


def test_links_that_add_the_bot_are_those_the_bot_shows() -> None:
    assert add_links("a_bot") == (add_link("a_bot"), add_link("a_bot", channel=True))

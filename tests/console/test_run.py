from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from sandbox import Sandbox
from sandbox.seed import Story, story_world
from tests.console.conftest import watched

ANOTHER = "Another `console run` works with this ledger already: stop it first."
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
async def telegram(server_folder: Path, tmp_path: Path) -> AsyncIterator[tuple[Sandbox, Story]]:
    async with watched(server_folder, tmp_path) as sandbox:
        yield sandbox, story_world(sandbox.world)


def settings(sandbox: Sandbox, story: Story) -> dict[str, str]:
    around = {name: value for name, value in os.environ.items() if name in {"HOME", "PATH"}}
    return around | {
        "PYTHONPATH": str(ROOT),
        "BOT_TOKEN": story.bot.token or "",
        "BOT_API_URL": sandbox.bot_api.url,
        "API_ID": str(sandbox.world.api_id),
        "API_HASH": sandbox.world.api_hash,
        "MTPROTO_SERVER": sandbox.mtproto.address,
        "MTPROTO_PUBLIC_KEY": str(sandbox.mtproto.public_key_path),
        "LEDGER_KEY": Fernet.generate_key().decode(),
        "SESSION_KEY": Fernet.generate_key().decode(),
        "LOG_LEVEL": "DEBUG",
    }


async def console(folder: Path, environment: dict[str, str], *typed: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "console", *typed, cwd=folder, env=environment, stdout=pipe, stderr=pipe
    )


@pytest.mark.long
async def test_run_starts_both_programs_once_and_makes_whoever_opens_the_claim_link_the_host(
    telegram: tuple[Sandbox, Story], tmp_path: Path
) -> None:
    sandbox, story = telegram
    environment = settings(sandbox, story)
    run = await console(tmp_path, environment, "run")
    assert run.stdout is not None
    said = [line.decode().strip() for line in [await run.stdout.readline() for _ in range(3)]]
    (link,) = (line for line in said if line.startswith("https://"))
    vera = sandbox.person(story.owner)
    await vera.opens(link)
    await vera.reads(in_=story.bot)
    second = await console(tmp_path, environment, "run")
    _, refusal = await second.communicate()
    assert (second.returncode, refusal.decode().splitlines()) == (1, [ANOTHER])
    run.send_signal(signal.SIGTERM)
    _, log = await asyncio.wait_for(run.communicate(), 60)
    assert run.returncode == 0, log.decode()
    lines = log.decode().splitlines()
    assert {line.partition("|")[0].strip() for line in lines} <= {"run", "bot", "userclient"}
    for secret in (
        link.partition("claim_")[2],
        *(environment[name] for name in ("BOT_TOKEN", "API_HASH", "LEDGER_KEY")),
    ):
        assert secret not in log.decode()
    status = await console(tmp_path, environment, "status", "--json")
    told, _ = await status.communicate()
    found = json.loads(told)
    assert found["host"] == story.owner.id
    assert found["bot"]["seen"] > 0
    assert found["account"]["since"] > 0


async def test_a_file_for_output_receives_no_claim_link(telegram: tuple[Sandbox, Story], tmp_path: Path) -> None:
    sandbox, story = telegram
    environment = settings(sandbox, story)
    del environment["API_ID"]
    kept = tmp_path / "output"
    with kept.open("wb") as output:
        run = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "console", "run",
            cwd=tmp_path, env=environment, stdout=output, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
    assert run.stderr is not None
    async for line in run.stderr:
        if b"python -m console claim" in line:
            run.terminate()
    assert await run.wait() == 0
    assert kept.read_bytes() == b""


@pytest.mark.long
async def test_a_claim_link_that_setup_printed_stays_good(telegram: tuple[Sandbox, Story], tmp_path: Path) -> None:
    sandbox, story = telegram
    environment = settings(sandbox, story)
    del environment["API_ID"]
    wizard = await console(tmp_path, environment, "setup")
    told, _ = await wizard.communicate()
    (link,) = (word for word in told.decode().split() if "start=claim_" in word)
    run = await console(tmp_path, environment, "run")
    assert run.stderr is not None
    log = b""
    while b"state=ready" not in log:
        log += await run.stderr.readline()
    assert b"the claim link made before" in log
    vera = sandbox.person(story.owner)
    await vera.opens(link)
    await vera.reads(in_=story.bot)
    run.terminate()
    said, _ = await run.communicate()
    assert said == b""
    status = await console(tmp_path, environment, "status", "--json")
    found, _ = await status.communicate()
    assert json.loads(found)["host"] == story.owner.id

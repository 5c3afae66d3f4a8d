"""`console login`, `logout` and `sync`, as the host types them."""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from console import account
from console.__main__ import main
from console.book import Refused
from ledger.chats import AccountState, Served
from sandbox.chats import Person
from sandbox.faults import Kind
from tests.userclient.conftest import Bench
from userclient.errors import SessionFileError, SessionLost
from userclient.login import SignInFailed
from userclient.session import holding


@pytest.fixture
def typed(bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Sets the host's environment; returns what types lines into standard input."""
    monkeypatch.chdir(tmp_path)
    for name, value in bench.environment().items():
        monkeypatch.setenv(name, value)
    bench.clock.now, bench.step = int(time.time()), 0  # the console lives in the real time
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))

    def lines(*answers: str) -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{answer}\n" for answer in answers)))

    return lines


def answers(person: Person) -> list[str]:
    return ["yes", f"+{person.phone}", person.login_code, *([person.password] if person.password else [])]


async def test_login_asks_in_its_order_and_keeps_the_session(
    bench: Bench, typed: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(*answers(bench.owner))
    assert await account.login() == 0
    session = bench.file.read()
    assert session.account_id == bench.owner.id
    said = capsys.readouterr()
    assert said.out.index("messages.getExportedChatInvites") < said.out.index("Signed in as Vera")
    assert "do not press" in said.out[said.out.index("Signed in as Vera") :]
    for secret in (session.string, str(bench.owner.phone), bench.owner.login_code):
        assert secret not in said.out + said.err


async def test_login_takes_a_password_and_moves_to_the_accounts_data_centre(bench: Bench, typed: Any) -> None:
    pia = bench.world.add_person("Pia", password="rook takes e4", home_dc=4)
    typed(*answers(pia))
    assert await account.login() == 0
    assert bench.file.read().account_id == pia.id
    async with bench.account(pia) as connected:
        assert connected.name == "Pia"


@pytest.mark.parametrize("wrong", [1, 2])
async def test_a_wrong_code_or_password_may_be_typed_again(
    bench: Bench, typed: Any, capsys: pytest.CaptureFixture[str], wrong: int
) -> None:
    bob = bench.world.add_person("Bob", password="rook takes e4")
    yes, phone, code, password = answers(bob)
    typed(yes, phone, *["00000"] * wrong, code, *["pawn"] * wrong, password)
    assert await account.login() == 0
    said = capsys.readouterr().out
    assert said.count("not the code") == said.count("not the password") == wrong


@pytest.mark.parametrize(
    ("typing", "line"),
    [
        (["yes", "+99966200000", "1"], "knows no account"),
        (["yes", "{phone}", "00000", "00000", "00000"], "Three tries"),
        (["yes", "{phone}", "{code}", "a", "b", "c"], "Three tries"),
        (["yes", "{phone}"], "input ended"),
        ([], "input ended"),
    ],
)
async def test_a_sign_in_that_fails_says_why_and_leaves_no_session(
    bench: Bench, typed: Any, typing: list[str], line: str
) -> None:
    bob = bench.world.add_person("Bob", password="rook takes e4")
    typed(*(each.format(phone=bob.phone, code=bob.login_code) for each in typing))
    with pytest.raises((SignInFailed, Refused), match=line):
        await account.login()
    assert not bench.settings.session_file.exists()


async def test_without_a_typed_yes_nothing_is_asked_of_telegram(bench: Bench, typed: Any) -> None:
    typed("y", *answers(bench.owner)[1:])
    assert await account.login() == 1
    assert not bench.telegram.log.calls


async def test_signing_in_reads_no_updates(bench: Bench, typed: Any) -> None:
    typed(*answers(bench.owner))
    await account.login()
    called = {call.method for call in bench.telegram.log.calls}
    assert called == {"help.getConfig", "users.getUsers", "auth.sendCode", "auth.signIn"}


@pytest.mark.parametrize(
    ("kind", "what", "line"),
    [
        (Kind.FLOOD, {"value": 3600}, "wait 61 min"),
        (Kind.CUT, {}, "reached"),
        (Kind.ERROR, {"value": 400, "name": "API_ID_INVALID"}, "API_ID"),
        (Kind.ERROR, {"value": 400, "name": "PHONE_NUMBER_BANNED"}, "banned"),
    ],
)
async def test_what_telegram_refuses_is_one_line(
    bench: Bench, typed: Any, kind: Kind, what: dict[str, Any], line: str
) -> None:
    typed(*answers(bench.owner))
    bench.fault(kind, "auth.sendCode", times=0, **what)
    with pytest.raises(SignInFailed, match=line):
        await account.login()


async def test_a_live_session_is_not_overwritten(bench: Bench, typed: Any) -> None:
    await bench.signs_in(bench.owner)
    before = bench.settings.session_file.read_bytes()
    typed(*answers(bench.owner))
    with pytest.raises(Refused, match="logout"):
        await account.login()
    assert bench.settings.session_file.read_bytes() == before


async def test_login_and_logout_refuse_while_a_userclient_is_signed_in(bench: Bench, typed: Any) -> None:
    await bench.signs_in(bench.owner)
    with holding(bench.settings.session_file, "userclient"):
        for command in (account.login, account.logout):
            with pytest.raises(Refused, match="in use by userclient"):
                await command()


async def test_logout_ends_the_session_at_telegram_too(bench: Bench, typed: Any) -> None:
    await bench.signs_in(bench.owner)
    old = bench.file.read()
    assert await account.logout() == 0
    assert not bench.settings.session_file.exists()
    bench.file.write(old)
    with pytest.raises(SessionLost):
        async with bench.account():
            raise AssertionError


async def test_logout_removes_a_session_that_is_over(
    bench: Bench, typed: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    await bench.signs_in(bench.owner)
    bench.telegram.mtproto.revoke(bench.owner.id)
    assert await account.logout() == 0
    assert "over already" in capsys.readouterr().out
    with pytest.raises(SessionFileError):
        bench.file.read()


async def test_logout_keeps_a_session_it_could_not_end(bench: Bench, typed: Any) -> None:
    await bench.signs_in(bench.owner)
    await bench.telegram.mtproto.stop()
    with pytest.raises(SignInFailed, match="reached"):
        await account.logout()
    assert bench.file.read().account_id == bench.owner.id


async def test_sync_sweeps_a_chat_itself_where_no_userclient_runs(
    bench: Bench, typed: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.links(120)
    await bench.signs_in(bench.owner)
    assert await account.sync(bench.chat.id, as_json=True) == 0
    assert json.loads(capsys.readouterr().out) == {
        "chat": bench.chat.id, "calls": 4, "pages": 3, "links": 121, "new": 121, "changed": 0, "gone": 0,
        "coverage": {"readable": 1, "known": 1},
    }  # fmt: skip
    assert await account.sync(None, as_json=False) == 0
    assert "0 new, 0 changed, 0 gone; 1 of 1 admins readable" in capsys.readouterr().out


async def test_sync_asks_a_running_userclient(bench: Bench, typed: Any, capsys: pytest.CaptureFixture[str]) -> None:
    bench.links(20)
    await bench.signs_in(bench.owner)
    async with bench.userclient():
        await bench.says(AccountState.READY)
        assert await account.sync(None, as_json=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["chat"], told["links"], told["coverage"]) == (bench.chat.id, 21, {"readable": 1, "known": 1})


@pytest.mark.parametrize("running", [False, True])
async def test_the_host_may_name_a_chat_the_ledger_does_not_know(
    bench: Bench, typed: Any, capsys: pytest.CaptureFixture[str], running: bool
) -> None:
    other = bench.world.add_chat("Elsewhere", bench.owner)
    await bench.signs_in(bench.owner)
    if running:
        async with bench.userclient():
            await bench.says(AccountState.READY)
            assert await account.sync(other.id, as_json=True) == 0
    else:
        assert await account.sync(other.id, as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["links"] == 1
    known = await bench.ledger.chats.get(other.id)
    assert known
    assert (known.title, known.served) == ("Elsewhere", Served.SERVED)


@pytest.mark.parametrize("running", [False, True])
async def test_a_chat_the_account_is_not_in_is_an_error(bench: Bench, typed: Any, running: bool) -> None:
    other = bench.world.add_chat("Elsewhere", bench.world.add_person("Kim"))
    await bench.signs_in(bench.owner)
    if running:
        async with bench.userclient():
            await bench.says(AccountState.READY)
            with pytest.raises(Refused, match="not in a chat"):
                await account.sync(other.id, as_json=True)
    else:
        with pytest.raises(Refused, match="not in a chat"):
            await account.sync(other.id, as_json=True)
    assert await bench.ledger.chats.get(other.id) is None


@pytest.mark.parametrize("running", [False, True])
async def test_a_flood_wait_ends_the_command_with_its_time_and_code_3(
    bench: Bench, typed: Any, capsys: pytest.CaptureFixture[str], running: bool
) -> None:
    bench.links(150)
    await bench.signs_in(bench.owner)
    bench.fault(Kind.FLOOD, value=3600, skip=1)
    if running:
        async with bench.userclient():
            await bench.says(AccountState.WAITING)
            code = await account.sync(bench.chat.id, as_json=True)
    else:
        code = await account.sync(bench.chat.id, as_json=True)
    said = capsys.readouterr()
    assert (code, said.out) == (3, "")
    assert "wait until" in said.err
    assert len(await bench.rows()) == 100


async def test_a_cut_connection_costs_the_command_a_pause_and_nothing_else(
    bench: Bench, typed: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.links(150)
    await bench.signs_in(bench.owner)
    bench.fault(Kind.CUT, skip=1)
    assert await account.sync(bench.chat.id, as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["links"] == 151


async def test_a_session_lost_under_the_command_is_kept_as_lost(bench: Bench, typed: Any) -> None:
    await bench.signs_in(bench.owner)
    bench.telegram.mtproto.revoke(bench.owner.id)
    with pytest.raises(SessionLost):
        await account.sync(bench.chat.id, as_json=True)
    assert (await bench.ledger.programs.account()).state == AccountState.LOST
    assert not bench.settings.session_file.exists()


async def test_the_whole_command_signs_in_from_a_pipe(bench: Bench) -> None:
    bob = bench.world.add_person("Bob", password="rook takes e4")
    bench.telegram.world.clock = time.time
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "console", "login", env={**os.environ, **bench.environment()},
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await asyncio.wait_for(program.communicate("".join(f"{a}\n" for a in answers(bob)).encode()), 60)
    assert (program.returncode, err) == (0, b"")
    assert b"Signed in as Bob" in out
    assert bench.file.read().account_id == bob.id


def test_no_session_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Any) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("API_ID", "API_HASH", "SESSION_KEY"):
        monkeypatch.delenv(name, raising=False)
    assert main(["login"]) == 1
    assert capsys.readouterr().err.count("\n") == 1

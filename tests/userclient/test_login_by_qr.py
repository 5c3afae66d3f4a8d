"""`console login --qr`: a code in the terminal, scanned with another device of the account."""

from __future__ import annotations

import asyncio
import io
import re
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from console import account
from console.book import Refused
from sandbox.chats import Person
from sandbox.faults import Kind
from tests.userclient.conftest import Bench
from userclient.login import SignInFailed, sign_in_by_qr
from userclient.session import Session


@pytest.fixture(autouse=True)
def real_time(bench: Bench) -> None:
    """Whoever signs in compares with the machine's clock when a code expires."""
    bench.clock.now, bench.step = int(time.time()), 0


async def nothing(question: str, hidden: bool) -> str:
    raise AssertionError(question)


async def scanned(bench: Bench, person: Person, ask: Any = nothing) -> tuple[Session, str]:
    def show(link: str) -> None:
        bench.telegram.mtproto.scans(person, link)

    return await sign_in_by_qr(bench.settings, show, ask, print)


async def test_a_scan_signs_the_account_in_and_its_session_reads(bench: Bench) -> None:
    bench.links(3)
    session, name = await scanned(bench, bench.owner)
    assert (session.account_id, name) == (bench.owner.id, "Vera")
    bench.file.write(session)
    async with bench.account() as reader:
        await bench.sweep(reader)
    await bench.assert_equal()
    called = [call.method for call in bench.telegram.log.calls]
    assert called[: called.index("messages.getDialogs")].count("auth.exportLoginToken") == 2


async def test_an_account_of_the_other_data_centre_is_signed_in_there(bench: Bench) -> None:
    far = bench.world.add_person("Far", home_dc=4)
    session, _ = await scanned(bench, far)
    bench.file.write(session)
    async with bench.account() as reader:
        assert reader.id == far.id


async def test_the_password_is_asked_after_the_scan(bench: Bench) -> None:
    bea = bench.world.add_person("Bea", password="correct horse")
    typed = iter(["wrong horse", "correct horse"])

    async def ask(question: str, hidden: bool) -> str:
        assert hidden
        return next(typed)

    session, _ = await scanned(bench, bea, ask)
    assert session.account_id == bea.id
    assert next(typed, None) is None


async def test_as_a_code_expires_a_new_one_is_shown(bench: Bench) -> None:
    shown: list[str] = []
    start = int(time.time())
    bench.clock.now = start - 27  # the code has three seconds left

    def show(link: str) -> None:
        shown.append(link)
        bench.clock.now = start
        if len(shown) == 2:
            bench.telegram.mtproto.scans(bench.owner, link)

    session, _ = await sign_in_by_qr(bench.settings, show, nothing, print)
    assert session.account_id == bench.owner.id
    assert len(set(shown)) == 2


async def test_a_code_nobody_scans_ends_the_wait(bench: Bench) -> None:
    bench.clock.now -= 28
    with pytest.raises(SignInFailed, match="nobody scanned"):
        await sign_in_by_qr(bench.settings, lambda link: None, nothing, print, patience=1)


@pytest.mark.parametrize(
    ("kind", "what", "line"),
    [
        (Kind.FLOOD, {"value": 3600}, "wait 61 min"),
        (Kind.CUT, {}, "reached|lost"),
        (Kind.ERROR, {"value": 400, "name": "API_ID_INVALID"}, "API_ID"),
    ],
)
async def test_what_telegram_refuses_is_one_line(bench: Bench, kind: Kind, what: dict[str, Any], line: str) -> None:
    bench.fault(kind, "auth.exportLoginToken", times=0, **what)
    with pytest.raises(SignInFailed, match=line):
        await scanned(bench, bench.owner)


async def test_it_reads_no_updates_and_nothing_of_the_account(bench: Bench) -> None:
    await scanned(bench, bench.owner)
    called = {call.method for call in bench.telegram.log.calls}
    assert called == {"help.getConfig", "users.getUsers", "auth.exportLoginToken"}


@pytest.fixture
def host(bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.chdir(tmp_path)
    for name, value in bench.environment().items():
        monkeypatch.setenv(name, value)

    def types(*lines: str) -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))

    return types


async def test_the_host_sees_a_code_what_to_scan_it_with_and_what_telegram_will_say(
    bench: Bench, host: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    host("yes")
    signing_in = asyncio.create_task(account.login(qr=True))
    seen = ""
    async with asyncio.timeout(40):
        while not (link := re.search(r"tg://login\?token=\S+", seen)):
            await asyncio.sleep(0.02)
            seen += capsys.readouterr().out
    bench.telegram.mtproto.scans(bench.owner, link[0])
    assert await signing_in == 0
    after = capsys.readouterr().out
    assert "█" in seen
    assert "ANOTHER device" in seen
    assert "messages.getExportedChatInvites" in seen
    assert "Signed in as Vera" in after
    assert "not press" in after
    assert bench.file.read().account_id == bench.owner.id


async def test_without_a_typed_yes_no_code_is_shown(
    bench: Bench, host: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    host("no")
    assert await account.login(qr=True) == 1
    host()
    with pytest.raises(Refused, match="input ended"):
        await account.login(qr=True)
    assert not bench.telegram.log.calls
    assert "tg://" not in capsys.readouterr().out

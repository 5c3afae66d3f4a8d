"""Bad days of the account: each is a state with a sentence for the host, and the book stays whole."""

from __future__ import annotations

import asyncio
import os
import resource
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from ledger.chats import Account, AccountState, Role
from ledger.errands import Act, ErrandState
from ledger.store.sqlite import sqlite3
from sandbox.chats import Person
from sandbox.faults import Kind
from tests.userclient.conftest import Bench
from userclient.account import CLOCK_TRUSTED
from userclient.errands import LONGEST_PAUSE, Pauses
from userclient.errors import WrongClock

LIMIT = 30.0  # seconds a call may take
GARBAGE = b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\n\r\n<html>502</html>\r\n"


async def role(bench: Bench) -> Role:
    chat = await bench.ledger.chats.get(bench.chat.id)
    assert chat
    return chat.account_role


def with_ann(bench: Bench) -> Person:
    ann = bench.world.add_person("Ann")
    bench.world.promote(bench.chat, ann, by=bench.owner)
    bench.links(3)
    bench.links(3, ann)
    return ann


async def synced(bench: Bench) -> Any:
    errand, _ = await bench.ledger.errands.ask(Act.SYNC, bench.chat.id, asked_by=None)
    return await bench.ended(errand)


# the session


@pytest.mark.parametrize(
    ("code", "name", "why"),
    [
        (401, "AUTH_KEY_UNREGISTERED", "no longer knows it"),
        (401, "SESSION_REVOKED", "ended from another device"),
        (401, "SESSION_EXPIRED", "not used for too long"),
        (401, "USER_DEACTIVATED", "closed the account"),
        (401, "USER_DEACTIVATED_BAN", "banned the account"),
        (401, "AUTH_KEY_INVALID", "AUTH_KEY_INVALID"),
        (406, "AUTH_KEY_DUPLICATED", "two places at once"),
    ],
)
async def test_each_way_to_lose_the_session_is_said_with_its_mend(bench: Bench, code: int, name: str, why: str) -> None:
    with_ann(bench)
    await bench.signs_in(bench.owner)
    async with bench.userclient():
        assert (await synced(bench)).state == ErrandState.DONE
        bench.fault(Kind.ERROR, "messages.getAdminsWithInvites", value=code, name=name)
        errand, _ = await bench.ledger.errands.ask(Act.SYNC, bench.chat.id, asked_by=None)
        lost = await bench.says(AccountState.LOST)
        assert (await bench.ended(errand)).reason == "no-session"
    assert name in lost.detail
    assert why in lost.detail
    assert "console login" in lost.detail
    assert await role(bench) == Role.OWNER  # what it was, should it come back
    await bench.assert_equal()


async def test_a_server_that_forgot_the_key_is_a_lost_session(bench: Bench) -> None:
    await bench.signs_in(bench.owner)
    for keys in bench.telegram.mtproto._keys.values():
        keys.clear()
    async with bench.userclient():
        assert "AUTH_KEY_NOT_FOUND" in (await bench.says(AccountState.LOST)).detail


# the chat


async def test_an_owner_who_is_none_any_more_reads_his_own_and_later_all_again(bench: Bench) -> None:
    ann = with_ann(bench)
    bot = bench.world.add_bot("Door", "door_test_bot")
    bench.world.promote(bench.chat, bot, by=bench.owner)
    bench.step = 0  # a minute later the program's last word would be stale
    await bench.signs_in(bench.owner)
    async with bench.userclient():
        await synced(bench)
        bench.world.change_owner(bench.chat, ann)
        mine, hers = bench.links(1)[0], bench.links(1, ann)[0]
        done = await synced(bench)
        assert (done.result["readable"], done.result["known"], done.result["gone"]) == (1, 3, 0)
        book = await bench.secrets()
        assert mine.link in book
        assert hers.link not in book
        assert await role(bench) == Role.ADMIN
        [status] = (await bench.ledger.host.status()).chats
        assert status.unreadable_since
        assert (await bench.says(AccountState.READY)).detail == ""
        bench.world.change_owner(bench.chat, bench.owner)
        done = await synced(bench)
        assert (done.result["readable"], done.result["known"]) == (3, 3)
        [status] = (await bench.ledger.host.status()).chats
        assert status.unreadable_since is None
    assert await role(bench) == Role.OWNER
    await bench.assert_equal()


@pytest.mark.parametrize("ban", [True, False])
async def test_removed_in_mid_sweep_and_back_again(bench: Bench, ban: bool) -> None:
    ann = bench.world.add_person("Ann")
    bench.world.promote(bench.chat, ann, by=bench.owner)
    bench.links(350, ann)
    await bench.signs_in(ann)
    pages = 0

    def removed(method: str, who: int | None) -> None:
        nonlocal pages
        if method == "messages.getExportedChatInvites":
            pages += 1
            if pages == 3:
                bench.world.remove(bench.chat, ann, by=bench.owner, ban=ban)

    async with bench.userclient():
        assert (await synced(bench)).state == ErrandState.DONE
        bench.telegram.faults.on_call.append(removed)
        ended = await synced(bench)
        assert (ended.state, ended.reason) == (ErrandState.REFUSED, "not-in-chat")
        rows = await bench.rows()
        assert len(rows) == 351
        assert not [row for row in rows if row.state == "gone"]
        assert await role(bench) == Role.OUTSIDE
        [status] = (await bench.ledger.host.status()).chats
        assert status.unreadable_since
        bench.world.promote(bench.chat, ann, by=bench.owner)
        assert (await synced(bench)).state == ErrandState.DONE
    assert await role(bench) == Role.ADMIN
    assert len(await bench.rows()) == 351


# the clock


@pytest.mark.parametrize("ahead", [25, -25, 40, -40, 400, -400, 3600, -3600])
async def test_a_wrong_clock_is_said_and_it_recovers_when_mended(bench: Bench, ahead: int) -> None:
    bench.links(3)
    await bench.signs_in(bench.owner)
    skew(bench, ahead)
    async with bench.userclient():
        wrong = await bench.says(AccountState.OFFLINE)
        assert f"clock is {abs(ahead)} s {'ahead of' if ahead > 0 else 'behind'}" in wrong.detail
        assert not await bench.rows()
        skew(bench, 0)
        await bench.says(AccountState.READY)
        await synced(bench)
    await bench.assert_equal()


@pytest.mark.parametrize("ahead", [25, -40, 400, -3600])
async def test_a_clock_set_wrong_in_mid_session_is_noticed(bench: Bench, ahead: int) -> None:
    await bench.signs_in(bench.owner)
    async with bench.userclient(limit=1.0):
        await bench.says(AccountState.READY)
        bench.clock.now += ahead
        started = bench.clock.now
        bench.telegram.world.clock = lambda: bench.clock.now - ahead
        bench.telegram.mtproto.runs_ahead(-ahead)

        async def told() -> Account | None:
            said = await bench.ledger.programs.account()
            return said if "clock is" in said.detail else None

        wrong = await bench.until(told)
        assert wrong.state == AccountState.OFFLINE
        assert f"{abs(ahead)} s {'ahead of' if ahead > 0 else 'behind'}" in wrong.detail
        assert bench.clock.now == started
        bench.clock.now -= ahead
        skew(bench, 0)
        await bench.says(AccountState.READY)


async def test_the_clocks_are_compared_again_after_an_hour(bench: Bench) -> None:
    async with bench.account() as account:
        before = len(bench.calls("help.getConfig"))
        await account.find([1])
        assert len(bench.calls("help.getConfig")) == before
        account._compared -= CLOCK_TRUSTED + 1
        await account.find([1])
        assert len(bench.calls("help.getConfig")) == before + 1
        skew(bench, 30)  # drifted, as both went on
        account._compared -= CLOCK_TRUSTED + 1
        with pytest.raises(WrongClock, match="30 s ahead"):
            await account.find([1])
        assert not account.connected


def skew(bench: Bench, ahead: int) -> None:
    """This machine's clock is so much ahead of Telegram's, on the wire and in what it answers."""
    bench.telegram.world.clock = lambda: bench.clock.now - ahead
    bench.telegram.mtproto.runs_ahead(-ahead)


# Telegram away


@pytest.mark.parametrize("attempt", [0.0, LIMIT])
def test_an_hour_away_costs_few_connects_and_ends_within_a_minute(attempt: float) -> None:
    """`attempt` seconds a try takes: refused at once, or silent until its limit."""
    for _ in range(200):
        pauses, now, connects = Pauses(), 0.0, []
        while now < 3600:
            connects.append(now)
            now += attempt + pauses.next()
        assert now - 3600 <= 60  # the first try that Telegram answers
        assert all(sum(at <= other < at + 60 for other in connects) <= 20 for at in connects)
    assert LONGEST_PAUSE + LIMIT < 60


@asynccontextmanager
async def in_place_of(address: str, answer: bytes | None) -> AsyncIterator[list[float]]:
    """Takes Telegram's port: answers nothing, or the same bytes to everybody. Yields when each came."""
    host, _, port = address.partition(":")
    came: list[float] = []
    ended = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(time.monotonic())
        if answer:
            writer.write(answer)
            await writer.drain()
        else:
            await ended.wait()
        writer.close()

    server = await asyncio.start_server(serve, host, int(port))
    try:
        yield came
    finally:
        ended.set()
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize("how", ["refused", "silent", "garbage", "hangs up"])
async def test_it_is_back_after_telegram_was_away(bench: Bench, how: str) -> None:
    bench.links(3)
    await bench.signs_in(bench.owner)
    address = bench.telegram.mtproto.address
    async with bench.userclient(limit=1.0):
        await synced(bench)
        await bench.telegram.mtproto.stop()
        if how == "refused":
            offline = await bench.says(AccountState.OFFLINE)
        else:
            answer = {"silent": None, "garbage": GARBAGE, "hangs up": b" "}[how]
            async with in_place_of(address, answer) as came:
                offline = await bench.says(AccountState.OFFLINE)
                async with asyncio.timeout(40):
                    while len(came) < 2:  # noqa: ASYNC110  the program's tries are no event here
                        await asyncio.sleep(0.05)
        assert offline.detail
        await bench.telegram.mtproto.start()
        await bench.says(AccountState.READY)
        bench.links(2)
        assert (await synced(bench)).result["new"] == 2


# the ledger


@asynccontextmanager
async def program(bench: Bench, **options: Any) -> AsyncIterator[asyncio.subprocess.Process]:
    bench.world.clock = time.time  # another process has the real time
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "userclient", env={**os.environ, **bench.environment(), "LEDGER_WAIT": "1"},
        stderr=asyncio.subprocess.PIPE, **options,
    )  # fmt: skip
    try:
        yield running
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()


async def told(running: asyncio.subprocess.Process) -> str:
    """Its last line, once it has ended by itself and non-zero; the supervisor then starts it again."""
    _, log = await asyncio.wait_for(running.communicate(), 60)
    assert running.returncode == 1
    assert b"Traceback" not in log
    return log.decode().splitlines()[-1]


def book(bench: Bench) -> Path:
    return Path(make_url(bench.settings.ledger_url).database or "")


async def assert_it_goes_on(bench: Bench) -> None:
    """A later start reads all, as if nothing had been."""
    bench.clock.now = time.time()
    await bench.ledger.errands.ask(Act.SYNC, bench.chat.id, asked_by=None)

    async def all_read() -> bool:
        return {*await bench.secrets()} == {link.link for link in bench.world_links()}

    async with bench.userclient():
        await bench.until(all_read, within=40)
    with closing(sqlite3.connect(book(bench))) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_a_ledger_that_another_process_holds_ends_it_in_one_line(bench: Bench) -> None:
    bench.links(150)
    await bench.signs_in(bench.owner)
    with closing(sqlite3.connect(book(bench), isolation_level=None)) as stray:
        stray.execute("BEGIN IMMEDIATE")
        async with program(bench) as running:
            assert await told(running) == "userclient: Another program holds the ledger and does not let go."
        stray.execute("ROLLBACK")
    assert not await bench.rows()
    await assert_it_goes_on(bench)


@pytest.mark.parametrize("lock", ["IMMEDIATE", "EXCLUSIVE"])
async def test_a_ledger_locked_while_it_works_ends_it_in_one_line(bench: Bench, lock: str) -> None:
    """EXCLUSIVE keeps readers out too."""
    await bench.signs_in(bench.owner)
    bench.clock.now = time.time()
    with closing(sqlite3.connect(book(bench), isolation_level=None)) as stray:

        def locked(method: str, who: int | None) -> None:
            if method == "messages.getExportedChatInvites" and not stray.in_transaction:
                stray.execute(f"BEGIN {lock}")

        async with program(bench) as running:
            assert (await synced(bench)).state == ErrandState.DONE
            await bench.says(AccountState.READY)
            bench.telegram.faults.on_call.append(locked)
            await bench.ledger.errands.ask(Act.SYNC, bench.chat.id, asked_by=None)
            assert await told(running) == "userclient: Another program holds the ledger and does not let go."
        bench.telegram.faults.on_call.remove(locked)
    bench.links(3)
    await assert_it_goes_on(bench)


async def test_a_full_disk_ends_it_in_one_line_with_nothing_half_written(bench: Bench) -> None:
    bench.links(1500)
    await bench.signs_in(bench.owner)
    size = book(bench).stat().st_size + 60_000

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    async with program(bench, preexec_fn=little_room) as running:
        assert "the disk is full" in await told(running)
    read = await bench.secrets()
    assert len(read) % 100 == 0  # whole pages, each a transaction
    assert len(read) < 1501
    await assert_it_goes_on(bench)

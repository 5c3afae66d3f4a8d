"""What the account may send, and what becomes of Telegram's ways to fail."""

from __future__ import annotations

import ast
import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest
from telethon.tl import functions, types

import userclient
from sandbox.faults import Kind
from tests.userclient.conftest import Bench
from userclient.errors import (
    ForbiddenCall,
    NoAnswer,
    Offline,
    SessionLost,
    TryLater,
    UnknownType,
    Unreadable,
    WrongClock,
)
from userclient.gate import Spacing
from userclient.wire import READING, allowed_names, method_name

FOREIGN = [
    functions.updates.GetStateRequest(),
    functions.updates.GetDifferenceRequest(1, None, 1),
    functions.messages.GetHistoryRequest(types.InputPeerSelf(), 0, None, 0, 1, 0, 0, 0),
    functions.messages.SendMessageRequest(types.InputPeerSelf(), "hello", random_id=1),
    functions.messages.ExportChatInviteRequest(types.InputPeerSelf()),
    functions.messages.EditExportedChatInviteRequest(types.InputPeerSelf(), "https://t.me/+x", revoked=True),
    functions.auth.LogOutRequest(),
    functions.users.GetUsersRequest([types.InputUser(1, 1)]),
    functions.InvokeWithTakeoutRequest(1, functions.help.GetConfigRequest()),
]


async def test_a_foreign_call_is_stopped_before_it_is_sent(bench: Bench) -> None:
    async with bench.account() as account:
        before, counted = len(bench.telegram.log.calls), bench.gate.calls.copy()
        assert account._client
        for foreign in FOREIGN:
            with pytest.raises(ForbiddenCall, match=method_name(type(foreign))):
                await account.call(foreign)
            with pytest.raises(ForbiddenCall):
                await account._client([functions.help.GetConfigRequest(), foreign])
            with pytest.raises(ForbiddenCall):
                await account._client(functions.InvokeWithoutUpdatesRequest(foreign))
        assert len(bench.telegram.log.calls) == before
        assert bench.gate.calls == counted


async def test_telethons_own_ways_to_more_are_closed(bench: Bench) -> None:
    async with bench.account() as account:
        assert account._client
        before = len(bench.telegram.log.calls)
        for friendly in (
            account._client.get_messages(None),
            account._client.send_message("me", "hello"),
            account._client._borrow_exported_sender(4),
            account._client.log_out(),
        ):
            with pytest.raises((ForbiddenCall, TypeError)):
                await friendly
        assert len(bench.telegram.log.calls) == before


async def test_connected_it_asks_nothing_it_was_not_told_to(bench: Bench) -> None:
    await bench.signs_in(bench.owner)
    signed_in = len(bench.telegram.log.calls)
    friend = bench.world.add_person("Max")
    async with bench.account() as account:
        asked = [call.method for call in bench.telegram.log.calls[signed_in:]]
        assert asked == ["help.getConfig", "users.getUsers", "help.getConfig"]
        # A push in spite of invokeWithoutUpdates, with a gap that Telethon would fill by getDifference.
        push = types.UpdateDeleteMessages([7], pts=70_000, pts_count=1)
        for key in bench.telegram.mtproto._keys_of(bench.owner.id):
            for session in key.sessions.values():
                session.push(types.Updates([push], [], [], None, 0))
        bench.world.join(bench.chat, friend)
        await account.call(functions.help.GetConfigRequest())
        assert account._client
        assert not account._client._updates_handle.done()
    assert len(bench.telegram.log.calls) == signed_in + len(asked) + 1


def test_nothing_but_the_clients_call_sends() -> None:
    """`Guarded._call` is the gate; these names lead around it."""
    around = {"_sender", "send", "invoke", "_borrow_exported_sender", "_send_queue"}
    for path in Path(userclient.__file__).parent.glob("*.py"):
        used = {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
        assert not used & around, path.name


def test_the_list_shown_at_login_is_the_list_that_stands() -> None:
    assert set(allowed_names()) == {method_name(one) for one in READING} | {"ping"}


@pytest.mark.parametrize("name", ["SESSION_REVOKED", "AUTH_KEY_UNREGISTERED", "USER_DEACTIVATED"])
async def test_an_ended_session_is_told_with_its_reason(bench: Bench, name: str) -> None:
    async with bench.account() as account:
        bench.telegram.mtproto.revoke(bench.owner.id, name)
        with pytest.raises(SessionLost) as during:
            await account.find([1])
        with pytest.raises(SessionLost) as at_connect:
            await account.connect()
    assert {during.value.reason, at_connect.value.reason} == {name}


async def test_a_duplicated_key_is_a_lost_session(bench: Bench) -> None:
    async with bench.account() as account:
        bench.telegram.mtproto.duplicate(bench.owner.id)
        with pytest.raises(SessionLost, match="AUTH_KEY_DUPLICATED"):
            await account.find([1])
        with pytest.raises(SessionLost, match="AUTH_KEY_DUPLICATED"):
            await account.connect()


@pytest.mark.parametrize(
    ("kind", "what", "error"),
    [
        (Kind.CUT, {}, Offline),
        (Kind.DROP_AFTER, {}, Offline),
        (Kind.SILENCE, {}, NoAnswer),
        (Kind.GARBLE, {}, UnknownType),
        (Kind.FLOOD, {"value": 61}, TryLater),
        (Kind.ERROR, {"value": 420, "name": "FROZEN_METHOD_INVALID"}, TryLater),
        (Kind.ERROR, {"value": 500, "name": "RPC_CALL_FAIL"}, Offline),
        (Kind.ERROR, {"value": 406, "name": "CHANNEL_PRIVATE"}, Unreadable),
        (Kind.ERROR, {"value": 400, "name": "NEVER_HEARD_OF"}, Unreadable),
        (Kind.ERROR, {"value": 303, "name": "USER_MIGRATE_4"}, SessionLost),
    ],
)
async def test_each_failure_has_its_own_error_and_is_sent_once(
    bench: Bench, kind: Kind, what: dict[str, object], error: type[Exception]
) -> None:
    async with bench.account() as account:
        bench.fault(kind, "messages.getDialogs", **what)
        account._limit = 2.0 if kind == Kind.SILENCE else 30.0
        with pytest.raises(error):
            await account.find([1])
        assert len(bench.calls("messages.getDialogs")) == 1
        assert account.connected == (not issubclass(error, Offline))


async def test_a_wrong_clock_is_named_and_the_session_not_used(bench: Bench) -> None:
    await bench.signs_in(bench.owner)
    for ahead in (25, -25, 400, 3600):
        bench.telegram.world.clock = lambda: bench.clock.now - ahead  # noqa: B023  (asked within this turn)
        with pytest.raises(WrongClock, match=f"{abs(ahead)} s {'ahead of' if ahead > 0 else 'behind'}"):
            async with bench.account():
                raise AssertionError


async def test_a_server_that_takes_the_connection_and_says_nothing_does_not_hang_it(bench: Bench) -> None:
    await bench.signs_in(bench.owner)
    bench.fault(Kind.SILENCE, "help.getConfig")
    with pytest.raises(NoAnswer):
        async with asyncio.timeout(40), bench.account(limit=0.3):
            raise AssertionError


async def test_calls_keep_the_budget(bench: Bench) -> None:
    async with bench.account() as account:
        bench.gate._spacing = Spacing(0.05)
        started = asyncio.get_running_loop().time()
        for _ in range(6):
            await account.call(functions.help.GetConfigRequest())
        assert asyncio.get_running_loop().time() - started >= 0.25


async def test_dialogs_are_read_page_by_page_until_the_chat_is_found(bench: Bench) -> None:
    """The chat was spoken in first of all, so it stands last of 250 dialogs."""
    for number in range(250):
        bench.clock.now += 1
        friend = bench.world.add_person(f"Friend {number}")
        bench.world.messages.send(bench.world.dialog(bench.owner, friend), friend, "a private word")
    async with bench.account() as account:
        found = await account.find([bench.chat.id, -1_009_999_999_999])
    assert set(found) == {bench.chat.id}
    assert len(bench.calls("messages.getDialogs")) == 3


async def test_no_secret_is_logged_at_debug(bench: Bench, caplog: pytest.LogCaptureFixture, logged: list[Any]) -> None:
    caplog.set_level(logging.DEBUG)
    links = bench.links(120)
    async with bench.account() as account:
        bench.fault(Kind.GARBLE, skip=1)
        await bench.sweep(account)
        bench.fault(Kind.ERROR, value=400, name="CHAT_ADMIN_REQUIRED", times=0)
        await bench.sweep(account)
    session = bench.file.read().string
    for secret in (*(link.hash for link in links), session, bench.world.api_hash, str(bench.owner.phone)):
        assert secret not in caplog.text + repr(logged)
    assert logged

"""What the MTProto server promises to any client, tried with the stock Telethon one."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from telethon import errors, events, functions, types
from telethon.errors import TypeNotFoundError
from telethon.network import ConnectionTcpAbridged, ConnectionTcpFull
from telethon.tl import core

from sandbox.chats import Person
from sandbox.faults import Fault, Kind
from sandbox.log import Call
from sandbox.mtproto.calls import METHODS, Caller
from sandbox.mtproto.messages import rpc_result
from sandbox.mtproto.server import MtprotoServer
from sandbox.world import World
from tests.sandbox.stock_telethon import sign_in, telethon

CONFIG = functions.help.GetConfigRequest()
DISCONNECTED = (ConnectionError, asyncio.IncompleteReadError)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("telegram")


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def server(world: World, folder: Path) -> AsyncIterator[MtprotoServer]:
    server = MtprotoServer(world, folder)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture(params=[ConnectionTcpFull, ConnectionTcpAbridged])
async def client(request: pytest.FixtureRequest, server: MtprotoServer, world: World) -> AsyncIterator[Any]:
    async with telethon(server, world, connection=request.param) as client:
        world.log.calls.clear()
        yield client


@pytest.fixture
async def impatient(server: MtprotoServer, world: World) -> AsyncIterator[Any]:
    """A client that reconnects and repeats by itself."""
    async with telethon(server, world, auto_reconnect=True, connection_retries=3) as client:
        world.log.calls.clear()
        yield client


Probe = functions.help.GetSupportNameRequest  # a method the sandbox does not have


@pytest.fixture(autouse=True)
def probe() -> Iterator[None]:
    """A method with an effect and a long answer."""

    async def answer(caller: Caller, request: Any) -> types.help.SupportName:
        caller.world.note("probed", None, None)
        return types.help.SupportName("x" * 100_000)

    METHODS[Probe] = answer
    yield
    del METHODS[Probe]


def probes(world: World) -> int:
    return [effect.kind for effect in world.log.effects].count("probed")


async def test_a_key_the_server_does_not_know_is_told_so(
    server: MtprotoServer, client: Any, world: World, tmp_path: Path
) -> None:
    other = MtprotoServer(world, tmp_path)
    await other.start()
    host, _, port = other.address.partition(":")
    client.session.set_dc(2, host, int(port))
    async with telethon(other, world, session=client.session, connect=False) as stranger:
        with pytest.raises(errors.AuthKeyNotFound):
            await stranger.connect()
    await other.stop()


# messages


async def test_both_transports_carry_calls_side_by_side(client: Any, world: World) -> None:
    answers = await asyncio.gather(*(client(CONFIG) for _ in range(150)), client(Probe()))
    assert {answer.this_dc for answer in answers[:-1]} == {2}
    assert answers[-1].name == "x" * 100_000
    assert len(world.log.calls) == 151


async def test_a_wrong_salt_is_corrected_and_the_call_repeated_once(client: Any, world: World) -> None:
    client._sender._state.salt = 12345
    assert (await client(CONFIG)).this_dc == 2
    assert client._sender._state.salt != 12345
    assert len(world.log.calls) == 1


@pytest.mark.parametrize("offset", [-4000, 4000])
async def test_a_client_whose_clock_is_wrong_learns_the_time(client: Any, world: World, offset: int) -> None:
    state = client._sender._state
    state.time_offset, state._last_msg_id = offset, 0
    state._highest_remote_id = 0
    assert (await client(CONFIG)).this_dc == 2
    assert abs(state.time_offset) <= 1
    assert len(world.log.calls) == 1


async def test_a_repeated_message_is_served_once(client: Any, world: World) -> None:
    state = client._sender._state
    body = bytes(Probe())
    message = struct.pack("<qii", state._get_new_msg_id(), 1, len(body)) + body
    for _ in range(3):
        await client._sender._connection.send(state.encrypt_message_data(message))
    await client(CONFIG)
    assert probes(world) == 1


async def test_gzip_is_understood_and_used(client: Any) -> None:
    long = functions.auth.SignInRequest("1" * 40_000, "hash", "1")
    assert len(core.GzipPacked.gzip_if_smaller(True, bytes(long))) < 1000
    with pytest.raises(errors.PhoneNumberInvalidError):
        await client(long)
    assert len(rpc_result(1, bytes(types.help.SupportName("x" * 100_000)))) < 1000
    assert len(rpc_result(1, bytes(types.help.SupportName("x")))) == 20


async def test_service_messages_are_answered(client: Any) -> None:
    pong = await client(functions.PingRequest(99))
    assert (pong.ping_id, (await client(functions.PingDelayDisconnectRequest(98, 60))).ping_id) == (99, 98)
    salts = await client(functions.GetFutureSaltsRequest(1))
    assert salts.salts[0].salt == client._sender._state.salt
    assert isinstance(await client(functions.DestroySessionRequest(5)), types.DestroySessionNone)
    assert isinstance(await client(functions.RpcDropAnswerRequest(4)), types.RpcAnswerUnknown)


async def test_methods_nobody_answers_are_refused_by_name(client: Any, world: World) -> None:
    with pytest.raises(errors.InputMethodInvalidError):
        await client(functions.stats.GetMegagroupStatsRequest(types.InputChannelEmpty()))
    assert world.log.calls[-1].method == "stats.getMegagroupStats"


async def test_a_call_waits_for_the_one_it_names(client: Any, world: World) -> None:
    gate = asyncio.Event()
    served: list[str] = []

    async def slow(caller: Caller, request: Any) -> bool:
        await gate.wait()
        served.append("slow")
        return True

    METHODS[functions.help.GetAppUpdateRequest] = slow
    try:
        both = asyncio.ensure_future(client([functions.help.GetAppUpdateRequest(""), Probe()], ordered=True))
        await client(CONFIG)
        assert probes(world) == 0
        gate.set()
        assert (await both)[0] is True
    finally:
        del METHODS[functions.help.GetAppUpdateRequest]
    assert probes(world) == 1


async def test_a_call_fails_with_the_one_it_waits_for(client: Any, world: World) -> None:
    world.faults.plan(Fault(Kind.ERROR, "help.getSupportName", 400, "CHAT_ADMIN_REQUIRED"))
    with pytest.raises(errors.MultiError) as failed:
        await client([Probe(), Probe()], ordered=True)
    assert [type(e) for e in failed.value.exceptions] == [errors.ChatAdminRequiredError, errors.MsgWaitFailedError]
    assert probes(world) == 0


async def test_a_failing_method_is_an_internal_error_and_is_logged(
    client: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(caller: Caller, request: Any) -> types.help.SupportName:
        return types.help.SupportName(name=None)

    METHODS[Probe] = broken
    with pytest.raises(errors.ServerError):
        await client._sender.send(Probe())  # the client itself would repeat it for 4 s
    assert "help.getSupportName failed" in caplog.text


# connections


async def test_a_reconnected_client_goes_on_without_introducing_itself(impatient: Any, world: World) -> None:
    world.faults.plan(Fault(Kind.CUT, "help.getSupportName"))
    assert (await impatient(Probe())).name
    assert probes(world) == 1
    assert "help.getConfig" not in [call.method for call in world.log.calls]  # so no invokeWithLayer either


async def test_a_client_that_never_named_its_layer_is_refused(server: MtprotoServer, client: Any) -> None:
    for keys in server._keys.values():
        for key in keys.values():
            key.authorization.layer = 0
    with pytest.raises(errors.ConnectionNotInitedError):
        await client(Probe())


async def test_every_call_is_logged_under_its_inner_name_and_its_key(
    server: MtprotoServer, client: Any, world: World
) -> None:
    ann = world.add_person("Ann")
    await sign_in(client, ann)
    world.log.calls.clear()
    await client(functions.InvokeWithoutUpdatesRequest(functions.InvokeWithTakeoutRequest(1, Probe())))
    (call,) = world.log.calls
    assert call == Call("mtproto", ann.id, "help.getSupportName", call.at, f"{client.session.auth_key.key_id:016x}")


async def test_updates_reach_those_who_want_them(server: MtprotoServer, client: Any, world: World) -> None:
    ann, bob = world.add_person("Ann"), world.add_person("Bob")
    update = types.UpdateShort(types.UpdateConfig(), world.now())

    async def listener(client: Any, person: Person) -> asyncio.Queue[Any]:
        heard: asyncio.Queue[Any] = asyncio.Queue()
        await sign_in(client, person)
        client.add_event_handler(heard.put, events.Raw(types.UpdateConfig))
        return heard

    async with (
        telethon(server, world, receive_updates=False) as quiet,
        telethon(server, world) as stranger,
    ):
        heard, unwanted, foreign = (
            await listener(client, ann),
            await listener(quiet, ann),
            await listener(stranger, bob),
        )
        server.push(ann.id, update)
        server.push(bob.id, types.UpdateShort(types.UpdateConfig(), world.now()))
        await asyncio.wait_for(heard.get(), 30)
        await asyncio.wait_for(foreign.get(), 30)
        await quiet(CONFIG)  # its answer comes after anything that was pushed
        await client(CONFIG)
        assert (heard.qsize(), unwanted.qsize(), foreign.qsize()) == (0, 0, 0)
        assert quiet._updates_queue.empty()


async def test_who_has_gone_is_not_listening(server: MtprotoServer, client: Any, world: World) -> None:
    ann = world.add_person("Ann")
    await sign_in(client, ann)
    assert server.listening() == {ann.id}
    async with telethon(server, world) as other:  # the server has seen the end once another call is answered
        await client.disconnect()
        await other(CONFIG)
        assert server.listening() == set()


# faults


async def test_flood_and_error_answer_in_telegrams_words(client: Any, world: World) -> None:
    world.faults.plan(Fault(Kind.FLOOD, "help.getSupportName", 7))
    with pytest.raises(errors.FloodWaitError) as flood:
        await client(Probe())
    assert flood.value.seconds == 7
    client._flood_waited_requests.clear()  # Telethon would not ask again for 7 s
    world.faults.plan(Fault(Kind.ERROR, "help.getSupportName", 403, "CHAT_WRITE_FORBIDDEN"))
    with pytest.raises(errors.ChatWriteForbiddenError):
        await client(Probe())
    assert [call.fault for call in world.log.calls] == ["flood", "error"]
    assert probes(world) == 0


@pytest.mark.parametrize(("kind", "effects"), [(Kind.CUT, 0), (Kind.DROP_BEFORE, 0), (Kind.DROP_AFTER, 1)])
async def test_a_cut_call_has_its_effect_before_the_cut_or_none(
    client: Any, world: World, kind: Kind, effects: int
) -> None:
    world.faults.plan(Fault(kind, "help.getSupportName"))
    with pytest.raises(DISCONNECTED):
        await client(Probe())
    assert probes(world) == effects


async def test_what_was_answered_before_a_cut_still_arrives(client: Any, world: World) -> None:
    world.faults.plan(Fault(Kind.CUT, "help.getSupportName"))
    ends: Any = await asyncio.gather(client(CONFIG), client(Probe()), return_exceptions=True)
    assert ends[0].this_dc == 2
    assert isinstance(ends[1], DISCONNECTED)


async def test_a_repeated_call_whose_answer_was_lost_acts_twice(impatient: Any, world: World) -> None:
    world.faults.plan(Fault(Kind.DROP_AFTER, "help.getSupportName"))
    assert (await impatient(Probe())).name
    assert probes(world) == 2


async def test_silence_holds_up_no_other_call(client: Any, world: World) -> None:
    world.faults.plan(Fault(Kind.SILENCE, "help.getSupportName"))
    silent = asyncio.ensure_future(client(Probe()))
    for _ in range(3):
        await client(CONFIG)
    assert not silent.done()
    assert probes(world) == 0
    silent.cancel()


async def test_a_garbled_answer_is_no_answer(client: Any, world: World) -> None:
    world.faults.plan(Fault(Kind.GARBLE, "help.getSupportName"))
    with pytest.raises(TypeNotFoundError):
        await client(Probe())
    assert (await client(Probe())).name


async def test_a_lie_is_told_once_and_changes_nothing_else(client: Any, world: World) -> None:
    world.faults.plan(Fault(Kind.LIE, "help.getSupportName", change=lambda true: types.help.SupportName(true.name[:3])))
    assert [len((await client(Probe())).name) for _ in range(2)] == [3, 100_000]
    assert probes(world) == 2


async def test_a_stopped_server_cuts_calls_off_and_comes_back(server: MtprotoServer, client: Any, world: World) -> None:
    world.faults.plan(Fault(Kind.SILENCE, "help.getSupportName"))
    silent = asyncio.ensure_future(client(Probe()))
    await client(CONFIG)
    await server.stop()
    with pytest.raises(DISCONNECTED):
        await silent
    await server.start()
    async with telethon(server, world, session=client.session) as again:
        assert (await again(CONFIG)).this_dc == 2

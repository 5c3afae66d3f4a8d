"""Signing in and out over the wire, with the stock Telethon client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from telethon import errors, functions, types
from telethon import password as srp
from telethon.network import ConnectionTcpAbridged, ConnectionTcpFull

from sandbox.chats import Person
from sandbox.mtproto.server import MtprotoServer
from sandbox.world import World
from tests.sandbox.stock_telethon import sign_in, telethon


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("telegram")


@pytest.fixture
def world() -> World:
    return World(clock=Clock())


@pytest.fixture
def ann(world: World) -> Person:
    return world.add_person("Ann")


@pytest.fixture
def bea(world: World) -> Person:
    return world.add_person("Bea", password="correct horse")


@pytest.fixture
async def server(world: World, folder: Path) -> AsyncIterator[MtprotoServer]:
    server = MtprotoServer(world, folder)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def client(server: MtprotoServer, world: World) -> AsyncIterator[Any]:
    async with telethon(server, world) as client:
        yield client


@pytest.mark.parametrize("connection", [ConnectionTcpFull, ConnectionTcpAbridged])
async def test_a_person_signs_in_by_code(server: MtprotoServer, world: World, ann: Person, connection: type) -> None:
    async with telethon(server, world, connection=connection) as client:
        assert not await client.is_user_authorized()
        assert (await sign_in(client, ann)).id == ann.id
        assert (await client.get_me()).id == ann.id


async def test_a_wrong_code_signs_nobody_in(client: Any, ann: Person) -> None:
    sent = await client.send_code_request(ann.phone)
    with pytest.raises(errors.PhoneCodeInvalidError):
        await client.sign_in(ann.phone, "00000")
    with pytest.raises(errors.PhoneCodeEmptyError):
        await client(functions.auth.SignInRequest(ann.phone, sent.phone_code_hash, ""))
    assert not await client.is_user_authorized()


async def test_a_code_expires(client: Any, world: World, ann: Person) -> None:
    await client.send_code_request(ann.phone)
    world.clock.now += 301  # type: ignore[attr-defined]
    with pytest.raises(errors.PhoneCodeExpiredError):
        await client.sign_in(ann.phone, ann.login_code)
    with pytest.raises(errors.PhoneCodeExpiredError):
        await client(functions.auth.ResendCodeRequest(ann.phone, "0.0"))


async def test_a_code_can_be_sent_again(client: Any, ann: Person) -> None:
    await client.send_code_request(ann.phone)
    assert (await sign_in(client, ann)).id == ann.id  # Telethon asks auth.resendCode the second time


async def test_a_code_sent_to_one_client_is_of_no_use_to_another(
    server: MtprotoServer, client: Any, world: World, ann: Person
) -> None:
    sent = await client.send_code_request(ann.phone)
    async with telethon(server, world) as other:
        with pytest.raises(errors.PhoneCodeExpiredError):
            await other(functions.auth.SignInRequest(ann.phone, sent.phone_code_hash, ann.login_code))


async def test_unknown_phones_and_wrong_api_hashes_are_refused(client: Any, world: World, ann: Person) -> None:
    with pytest.raises(errors.PhoneNumberInvalidError):
        await client.send_code_request("99966200000")
    for api_id, api_hash in ((world.api_id, "0" * 32), (1, world.api_hash)):
        with pytest.raises(errors.ApiIdInvalidError):
            await client(functions.auth.SendCodeRequest(ann.phone, api_id, api_hash, types.CodeSettings()))
        with pytest.raises(errors.ApiIdInvalidError):
            await client(functions.auth.ImportBotAuthorizationRequest(0, api_id, api_hash, "1:A"))


async def test_the_second_factor_is_asked_and_checked(client: Any, bea: Person) -> None:
    with pytest.raises(errors.SessionPasswordNeededError):
        await sign_in(client, bea)
    assert not await client.is_user_authorized()
    with pytest.raises(errors.PasswordHashInvalidError):
        await client.sign_in(password="wrong horse")
    with pytest.raises(errors.PasswordHashInvalidError):
        await client(functions.auth.CheckPasswordRequest(types.InputCheckPasswordEmpty()))
    assert (await client.sign_in(password="correct horse")).id == bea.id


async def test_a_password_check_holds_once(client: Any, bea: Person) -> None:
    with pytest.raises(errors.SessionPasswordNeededError):
        await sign_in(client, bea)
    asked = await client(functions.account.GetPasswordRequest())
    stale = srp.compute_check(asked, "wrong horse")
    with pytest.raises(errors.PasswordHashInvalidError):
        await client(functions.auth.CheckPasswordRequest(stale))
    with pytest.raises(errors.SrpIdInvalidError):
        await client(functions.auth.CheckPasswordRequest(srp.compute_check(asked, "correct horse")))
    asked = await client(functions.account.GetPasswordRequest())
    impossible = types.InputCheckPasswordSRP(asked.srp_id, bytes(256), bytes(32))
    with pytest.raises(errors.PasswordHashInvalidError):
        await client(functions.auth.CheckPasswordRequest(impossible))


async def test_one_who_has_no_password_is_told_so(client: Any, ann: Person) -> None:
    await sign_in(client, ann)
    assert not (await client(functions.account.GetPasswordRequest())).has_password


async def test_a_bot_signs_in_by_its_token(client: Any, world: World) -> None:
    bot = world.add_bot("Helper", "helper_bot")
    with pytest.raises(errors.AccessTokenInvalidError):
        await client.sign_in(bot_token=f"{bot.id}:AAwrong")
    assert (await client.sign_in(bot_token=bot.token)).bot
    assert (await client.get_me()).id == bot.id


async def test_a_person_of_the_other_data_centre_is_sent_there(
    server: MtprotoServer, client: Any, world: World
) -> None:
    far = world.add_person("Far", home_dc=4)
    assert (await sign_in(client, far)).id == far.id
    assert client.session.dc_id == 4
    assert f"{client.session.server_address}:{client.session.port}" != server.address


async def test_a_bot_of_the_other_data_centre_is_sent_there(client: Any, world: World) -> None:
    bot = world.add_bot("Far", "far_bot")
    bot.home_dc = 4
    assert (await client.sign_in(bot_token=bot.token)).id == bot.id
    assert client.session.dc_id == 4


async def test_an_auth_key_holds_for_one_data_centre(server: MtprotoServer, client: Any, world: World) -> None:
    config = await client(functions.help.GetConfigRequest())
    far = next(dc for dc in config.dc_options if dc.id != config.this_dc)
    client.session.set_dc(far.id, far.ip_address, far.port)
    async with telethon(server, world, session=client.session, connect=False) as stranger:
        with pytest.raises(errors.AuthKeyNotFound):
            await stranger.connect()


async def test_signing_out_ends_the_key(client: Any, world: World, ann: Person) -> None:
    await sign_in(client, ann)
    assert await client(functions.auth.LogOutRequest())
    with pytest.raises(errors.AuthKeyUnregisteredError):
        await client(functions.account.GetPasswordRequest())
    assert [e.kind for e in world.log.effects] == ["account.signed_in", "account.signed_out"]


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("SESSION_REVOKED", errors.SessionRevokedError),
        ("AUTH_KEY_UNREGISTERED", errors.AuthKeyUnregisteredError),
        ("USER_DEACTIVATED", errors.UserDeactivatedError),
    ],
)
async def test_a_revoked_session_is_told_why_until_it_signs_in_again(
    server: MtprotoServer, client: Any, ann: Person, name: str, error: type[Exception]
) -> None:
    await sign_in(client, ann)
    server.revoke(ann.id, name)
    for _ in range(2):
        with pytest.raises(error):
            await client(functions.account.GetPasswordRequest())
    await client(functions.help.GetConfigRequest())  # needs no sign-in
    await sign_in(client, ann)
    await client(functions.auth.LogOutRequest())
    with pytest.raises(errors.AuthKeyUnregisteredError):
        await client(functions.account.GetPasswordRequest())


async def test_revoking_one_person_leaves_the_others_signed_in(
    server: MtprotoServer, client: Any, world: World, ann: Person
) -> None:
    await sign_in(client, ann)
    server.revoke(world.add_person("Carl").id)
    assert (await client.get_me()).id == ann.id


async def test_a_duplicated_key_is_dead_from_the_first_call_on(
    server: MtprotoServer, client: Any, world: World, ann: Person
) -> None:
    await sign_in(client, ann)
    server.duplicate(ann.id)
    with pytest.raises(errors.AuthKeyDuplicatedError):
        await client(functions.account.GetPasswordRequest())
    async with telethon(server, world, session=client.session, connect=False) as again:
        with pytest.raises(errors.AuthKeyDuplicatedError):
            await again.connect()


async def test_a_sign_in_outlives_a_pause_of_the_server(
    server: MtprotoServer, client: Any, world: World, ann: Person
) -> None:
    await sign_in(client, ann)
    address = server.address
    await server.stop()
    await server.start()
    assert server.address == address
    async with telethon(server, world, session=client.session) as again:
        assert (await again.get_me()).id == ann.id

"""Signing in by a QR code that another, signed-in client accepts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from telethon import errors, functions, types

from sandbox.chats import Person, Refusal
from sandbox.mtproto.qr import LIFETIME
from sandbox.mtproto.server import MtprotoServer
from sandbox.world import World
from tests.conftest import Clock
from tests.sandbox.stock_telethon import sign_in, telethon


@pytest.fixture
def now() -> Clock:
    """Telethon compares when a code expires with its own clock."""
    return Clock(time.time())


@pytest.fixture
def world(now: Clock) -> World:
    return World(clock=now)


@pytest.fixture
def ann(world: World) -> Person:
    return world.add_person("Ann")


@pytest.fixture
async def server(world: World, server_folder: Path) -> AsyncIterator[MtprotoServer]:
    server = MtprotoServer(world, server_folder)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def client(server: MtprotoServer, world: World) -> AsyncIterator[Any]:
    async with telethon(server, world) as client:
        yield client


@pytest.fixture
async def phone(server: MtprotoServer, world: World, ann: Person) -> AsyncIterator[Any]:
    """Ann's signed-in client, which can accept."""
    async with telethon(server, world) as client:
        await sign_in(client, ann)
        yield client


def accept(token: bytes) -> functions.auth.AcceptLoginTokenRequest:
    return functions.auth.AcceptLoginTokenRequest(token)


async def scanned(qr: Any, scan: Any) -> Any:
    """Waits as Telethon wants it: the wait runs before the scan."""
    waiting = asyncio.create_task(qr.wait(40))
    await asyncio.sleep(0)
    await scan
    return await waiting


@pytest.mark.fact("M-30")
async def test_a_signed_in_client_accepts_and_the_waiting_one_is_told(client: Any, phone: Any, ann: Person) -> None:
    qr = await client.qr_login()
    assert qr.url.startswith("tg://login?token=")
    assert (await scanned(qr, phone(accept(qr.token)))).id == ann.id
    assert (await client.get_me()).id == ann.id


async def test_a_person_scans_it_in_the_official_app(server: MtprotoServer, client: Any, ann: Person) -> None:
    qr = await client.qr_login()

    async def scan() -> None:
        server.scans(ann, qr.url)

    assert (await scanned(qr, scan())).id == ann.id


@pytest.mark.fact("M-31")
async def test_an_account_of_the_other_data_centre_is_signed_in_there(
    server: MtprotoServer, client: Any, world: World
) -> None:
    far = world.add_person("Far", home_dc=4)
    qr = await client.qr_login()

    async def scan() -> None:
        server.scans(far, qr.url)

    assert (await scanned(qr, scan())).id == far.id
    assert client.session.dc_id == 4


@pytest.mark.fact("M-32")
async def test_the_second_factor_is_asked_after_the_scan(server: MtprotoServer, client: Any, world: World) -> None:
    bea = world.add_person("Bea", password="correct horse")
    qr = await client.qr_login()

    async def scan() -> None:
        server.scans(bea, qr.url)

    with pytest.raises(errors.SessionPasswordNeededError):
        await scanned(qr, scan())
    with pytest.raises(errors.SessionPasswordNeededError):
        await client(functions.auth.ImportLoginTokenRequest(qr.token))
    assert (await client.sign_in(password="correct horse")).id == bea.id


@pytest.mark.fact("M-33")
async def test_a_token_is_too_old_after_its_time(client: Any, phone: Any, now: Clock) -> None:
    qr = await client.qr_login()
    assert qr.expires.timestamp() == int(now()) + LIFETIME
    now.now += LIFETIME
    with pytest.raises(errors.AuthTokenExpiredError):
        await phone(accept(qr.token))
    with pytest.raises(errors.AuthTokenExpiredError):
        await client(functions.auth.ImportLoginTokenRequest(qr.token))
    old = qr.token
    await qr.recreate()
    assert qr.token != old
    await phone(accept(qr.token))


async def test_a_token_nobody_gave_out_is_refused(server: MtprotoServer, client: Any, phone: Any, ann: Person) -> None:
    with pytest.raises(errors.AuthTokenInvalidxError):
        await phone(accept(b"another"))
    with pytest.raises(errors.AuthTokenInvalidError):
        await client(functions.auth.ImportLoginTokenRequest(b"another"))
    for url in ("tg://login", "https://t.me/x", "tg://login?token="):
        with pytest.raises(Refusal, match="AUTH_TOKEN_INVALIDX"):
            server.scans(ann, url)


async def test_a_token_is_accepted_once(client: Any, phone: Any) -> None:
    token = (await client.qr_login()).token
    await phone(accept(token))
    with pytest.raises(errors.AuthTokenAlreadyAcceptedError):
        await phone(accept(token))
    signed_in = await client(functions.auth.ImportLoginTokenRequest(token))
    assert isinstance(signed_in, types.auth.LoginTokenSuccess)
    with pytest.raises(errors.AuthTokenAlreadyAcceptedError):
        await client(functions.auth.ImportLoginTokenRequest(token))


async def test_an_account_the_client_has_already_is_not_signed_in_twice(client: Any, phone: Any, ann: Person) -> None:
    qr = await client.qr_login(ignored_ids=[ann.id])
    with pytest.raises(errors.AuthTokenExceptionError):
        await phone(accept(qr.token))


async def test_nobody_accepts_who_is_not_signed_in(client: Any) -> None:
    qr = await client.qr_login()
    with pytest.raises(errors.AuthKeyUnregisteredError):
        await client(accept(qr.token))
    with pytest.raises(errors.ApiIdInvalidError):
        await client(functions.auth.ExportLoginTokenRequest(1, "0" * 32, []))


async def test_a_bot_accepts_nobody(client: Any, world: World, server: MtprotoServer) -> None:
    token = (await client.qr_login()).token
    async with telethon(server, world) as bot:
        await bot.sign_in(bot_token=world.add_bot("Door", "door_test_bot").token)
        with pytest.raises(errors.BotMethodInvalidError):
            await bot(accept(token))


async def test_before_it_is_accepted_a_token_is_shown_again(client: Any, phone: Any) -> None:
    qr = await client.qr_login()
    again = await client(functions.auth.ImportLoginTokenRequest(qr.token))
    assert isinstance(again, types.auth.LoginToken)
    assert again.token == qr.token

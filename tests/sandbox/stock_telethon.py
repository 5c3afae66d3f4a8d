"""The stock Telethon client, pointed at the sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from telethon import TelegramClient
from telethon.crypto import rsa
from telethon.sessions import MemorySession

from sandbox.chats import Person
from sandbox.mtproto.server import MtprotoServer
from sandbox.world import World


@asynccontextmanager
async def telethon(
    server: MtprotoServer, world: World, *, session: MemorySession | None = None, connect: bool = True, **options: Any
) -> AsyncIterator[Any]:
    """A client that neither waits nor repeats on its own, unless `options` say so."""

    # Telethon keeps the addresses of the data centres in the class, for the whole process.
    own_class = type("Client", (TelegramClient,), {})
    rsa.add_key(server.public_key_path.read_bytes(), old=False)
    if session is None:
        session = MemorySession()
        host, _, port = server.address.partition(":")
        session.set_dc(2, host, int(port))
    quick: dict[str, Any] = {
        "connection_retries": 1,  # the second try also covers Telethon's 1 in 256 rejected exchanges
        "retry_delay": 0,
        "request_retries": 1,
        "timeout": 5,
        "flood_sleep_threshold": 0,
        "raise_last_call_error": True,
        "auto_reconnect": False,
    }
    client = own_class(session, world.api_id, world.api_hash, **quick | options)
    try:
        if connect:
            await client.connect()
        yield client
    finally:
        await client.disconnect()
        # It may hold why the connection ended; left unread, asyncio prints that whenever it is collected.
        with suppress(Exception):
            await client.disconnected


async def sign_in(client: Any, person: Person) -> Any:
    await client.send_code_request(person.phone)
    return await client.sign_in(person.phone, person.login_code)

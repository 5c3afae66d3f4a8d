"""The same loop over Kurigram. It knows Telegram's own servers only, so its storage is told another address."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from hashlib import sha1
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from bench.anchors.telethon_loop import PAGE
from bench.stage import Told


def _trust(pem: bytes) -> None:
    from pyrogram.crypto import rsa

    key = load_pem_public_key(pem)
    assert isinstance(key, RSAPublicKey)
    numbers = key.public_numbers()
    written = b"".join(_tl_bytes(n.to_bytes((n.bit_length() + 7) // 8, "big")) for n in (numbers.n, numbers.e))
    fingerprint = int.from_bytes(sha1(written).digest()[-8:], "little", signed=True)
    rsa.server_public_keys[fingerprint] = rsa.PublicKey(numbers.n, numbers.e)


def _tl_bytes(value: bytes) -> bytes:
    head = bytes([len(value)]) if len(value) < 254 else b"\xfe" + len(value).to_bytes(3, "little")
    return head + value + b"\0" * (-(len(head) + len(value)) % 4)


@asynccontextmanager
async def signed_in(told: Told) -> AsyncIterator[Any]:
    # Without a loop set it makes one of its own at import, and waits on that one.
    asyncio.set_event_loop(asyncio.get_running_loop())
    from pyrogram import Client

    _trust(told.public_key.read_bytes())
    client = Client("bench", api_id=told.api_id, api_hash=told.api_hash, in_memory=True, no_updates=True)

    async def address(*_: object) -> str:
        return told.mtproto_host

    async def port(*_: object) -> int:
        return told.mtproto_port

    client.storage.server_address, client.storage.port = address, port
    await client.connect()
    try:
        sent = await client.send_code(told.owner.phone)
        await client.sign_in(told.owner.phone, sent.phone_code_hash, told.owner.login_code)
        yield client
    finally:
        await client.disconnect()


async def every(client: Any, chat_id: int, *, revoked: Iterable[bool] = (False, True)) -> AsyncIterator[list[Any]]:
    from pyrogram import raw

    async for _ in client.get_dialogs():
        pass
    peer = await client.resolve_peer(chat_id)
    told = await client.invoke(raw.functions.messages.GetAdminsWithInvites(peer=peer))
    people = {user.id: user for user in told.users}
    for admin in told.admins:
        who = raw.types.InputUser(user_id=admin.admin_id, access_hash=people[admin.admin_id].access_hash)
        for dead in revoked:
            offset: dict[str, Any] = {}
            while True:
                got = await client.invoke(
                    raw.functions.messages.GetExportedChatInvites(
                        peer=peer, admin_id=who, limit=PAGE, revoked=dead or None, **offset
                    )
                )
                yield got.invites
                if len(got.invites) < PAGE:
                    break
                offset = {"offset_date": got.invites[-1].date, "offset_link": got.invites[-1].link}


def is_live(invite: Any, now: float) -> bool:
    ended = invite.expire_date is not None and invite.expire_date <= now
    return not ended and not (invite.usage_limit and (invite.usage or 0) >= invite.usage_limit)

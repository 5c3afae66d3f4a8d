"""A bare Telethon loop that lists every invite link of a chat, and keeps nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from telethon import TelegramClient
from telethon.crypto import rsa
from telethon.sessions import MemorySession
from telethon.tl import functions, types

from bench.stage import Told

PAGE = 100


class Client(TelegramClient):
    """Of its own: Telethon keeps the addresses of the data centres in the class."""


@asynccontextmanager
async def signed_in(told: Told) -> AsyncIterator[Any]:
    rsa.add_key(told.public_key.read_bytes(), old=False)
    session = MemorySession()
    session.set_dc(2, told.mtproto_host, told.mtproto_port)
    client = Client(session, told.api_id, told.api_hash, receive_updates=False)
    await client.connect()
    try:
        await client.send_code_request(told.owner.phone)
        await client.sign_in(told.owner.phone, told.owner.login_code)
        yield client
    finally:
        await client.disconnect()


async def peer_of(client: Any, chat_id: int) -> Any:
    async for dialog in client.iter_dialogs():
        if dialog.id == chat_id:
            return dialog.input_entity
    raise KeyError(chat_id)


async def every(client: Any, peer: Any, *, revoked: Iterable[bool] = (False, True)) -> AsyncIterator[list[Any]]:
    """Each page of each listing of each creator; a first call tells who has any."""
    told = await client(functions.messages.GetAdminsWithInvitesRequest(peer))
    people = {user.id: user for user in told.users}
    for admin in told.admins:
        who = types.InputUser(admin.admin_id, people[admin.admin_id].access_hash)
        for dead in revoked:
            offset: dict[str, Any] = {}
            while True:
                got = await client(
                    functions.messages.GetExportedChatInvitesRequest(peer, who, limit=PAGE, revoked=dead, **offset)
                )
                yield got.invites
                if len(got.invites) < PAGE:
                    break
                offset = {"offset_date": got.invites[-1].date, "offset_link": got.invites[-1].link}


def is_live(invite: Any, now: float) -> bool:
    ended = invite.expire_date is not None and invite.expire_date.timestamp() <= now
    return not ended and not (invite.usage_limit and (invite.usage or 0) >= invite.usage_limit)

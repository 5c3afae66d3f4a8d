"""A small world with its MTProto face, and stock Telethon clients signed in as its people."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from telethon import utils
from telethon.errors import RPCError, rpc_message_to_error
from telethon.extensions import BinaryReader
from telethon.tl import TLObject, functions, types

from sandbox.chats import Chat, Kind, Person, Refusal, Rights
from sandbox.mtproto import entities
from sandbox.mtproto.calls import METHODS, Authorization, Caller
from sandbox.mtproto.server import MtprotoServer
from sandbox.world import World
from tests.sandbox.stock_telethon import sign_in, telethon

DAY = 86_400


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Club:
    """Olga owns every chat. Ann and two bots are administrators who may invite, Ben one who may not;
    Max is a member, Bob was banned, Sue is in none of them."""

    def __init__(self, server_folder: Path) -> None:
        self.clock = Clock()
        self.world = world = World(clock=self.clock)
        self.server = MtprotoServer(world, server_folder)
        self.olga, self.ann, self.ben = (world.add_person(name) for name in ("Olga", "Ann", "Ben"))
        self.max = world.add_person("Max", last_name="Lee", username="max_lee")
        self.bob, self.sue = (world.add_person(name) for name in ("Bob", "Sue"))
        self.bot, self.other_bot = (world.add_bot(name, f"{name.lower()}_test_bot") for name in ("Door", "Gate"))
        self.chess = self.add_chat("Chess", Kind.SUPERGROUP)
        self.go = self.add_chat("Go", Kind.GROUP)
        self.news = self.add_chat("News", Kind.CHANNEL)
        self.park = self.add_chat("Park", Kind.SUPERGROUP, username="park_square")
        self._stack = AsyncExitStack()
        self._clients: dict[int, Any] = {}

    def add_chat(self, title: str, kind: Kind, username: str | None = None) -> Chat:
        chat = self.world.add_chat(title, self.olga, kind=kind, username=username)
        for admin in (self.ann, self.bot, self.other_bot):
            self.world.promote(chat, admin, by=self.olga)
        self.world.promote(chat, self.ben, by=self.olga, rights=Rights(invite_users=False, restrict_members=False))
        self.world.join(chat, self.max)
        self.world.remove(chat, self.bob, by=self.olga, ban=True)
        return chat

    def peer(self, viewer: Person, shown: Chat | Person) -> TLObject:
        """What a client that met `shown` calls it."""
        if isinstance(shown, Person):
            return types.InputPeerUser(shown.id, entities.access_hash(viewer.id, shown))
        if shown.kind == Kind.GROUP:
            return types.InputPeerChat(entities.bare_id(shown))
        return types.InputPeerChannel(entities.bare_id(shown), entities.access_hash(viewer.id, shown))

    def channel(self, viewer: Person, shown: Chat) -> TLObject:
        return utils.get_input_channel(self.peer(viewer, shown))

    def user(self, viewer: Person, shown: Person) -> TLObject:
        return utils.get_input_user(self.peer(viewer, shown))

    def edit(self, who: Person, chat: Chat, link: str, **options: Any) -> TLObject:
        return functions.messages.EditExportedChatInviteRequest(self.peer(who, chat), link, **options)

    async def client(self, person: Person) -> Any:
        """Signed in on first use; the same one afterwards."""
        if person.id not in self._clients:
            client = await self._stack.enter_async_context(telethon(self.server, self.world))
            await (client.sign_in(bot_token=person.token) if person.is_bot else sign_in(client, person))
            self._clients[person.id] = client
        return self._clients[person.id]

    async def calls(self, person: Person, request: TLObject) -> Any:
        return await (await self.client(person))(request)

    async def refuses(self, person: Person, request: TLObject, code: int, name: str) -> None:
        """The server answers with exactly that error, and Telethon raises what it makes of it: its
        classes hide the code, so that one is looked at before the wire."""
        assert await self.refusal(person, request) == (code, name)
        with pytest.raises(RPCError) as met:
            await self.calls(person, request)
        expected = rpc_message_to_error(types.RpcError(code, name), request)
        assert (type(met.value), str(met.value)) == (type(expected), str(expected))

    async def refusal(self, person: Person, request: TLObject) -> tuple[int, str]:
        caller = Caller(self.world, Authorization(0, b"", person.id), dc=2)
        with pytest.raises(Refusal) as refused:
            await METHODS[type(request)](caller, BinaryReader(bytes(request)).tgread_object())
        return refused.value.code, refused.value.name

    @classmethod
    @asynccontextmanager
    async def open(cls, folder: Path) -> AsyncIterator[Club]:
        club = cls(folder)
        await club.server.start()
        try:
            async with club._stack:
                yield club
        finally:
            await club.server.stop()

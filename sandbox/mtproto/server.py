"""The MTProto server: two data centres, their auth keys, and what an operator can do to them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from telethon.tl import TLObject, functions, types

from sandbox.chats import Person
from sandbox.mtproto import (  # noqa: F401  register their methods
    adminlog,
    auth,
    chats,
    conversation,
    dialogs,
    links,
    people,
    requests,
)
from sandbox.mtproto.calls import Authorization, Caller
from sandbox.mtproto.connection import Connection
from sandbox.mtproto.handshake import ServerKey
from sandbox.mtproto.messages import MessageIds
from sandbox.mtproto.qr import LoginTokens, token_of
from sandbox.mtproto.rpc import Answering
from sandbox.mtproto.session import Key, Wire
from sandbox.mtproto.updates import Announcer
from sandbox.world import World

MAIN_DC, OTHER_DC = 2, 4


@dataclass(frozen=True, slots=True)
class KeptKey:
    """An auth key as it outlives the process; sessions and half-made sign-ins do not."""

    dc: int
    key_id: int
    key: bytes = field(repr=False)
    salt: int = field(repr=False)
    person_id: int | None
    layer: int
    ended: str
    duplicated: bool


@dataclass(frozen=True, slots=True)
class KeptServer:
    """`ports` by data centre: sessions of clients name them."""

    ports: dict[int, int]
    keys: list[KeptKey]


class MtprotoServer:
    """Serves `world` on two ports, one per data centre, as Telegram does: an auth key holds for one.

    A person whose `home_dc` is the other one is sent there at sign-in. The RSA key is made into
    `folder`. Auth keys live as long as this object: after stop() and start() (on the same ports)
    clients go on with theirs, a new server answers them with -404 unless it was given them (`restore`).

    `clock` is the wire's, in Unix seconds; the dates in answers come from the world's.
    """

    def __init__(
        self,
        world: World,
        folder: Path,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._world = world
        self._host = host
        self._ports = {MAIN_DC: port, OTHER_DC: 0}
        self._server_key = ServerKey(folder)
        own = {functions.help.GetConfigRequest: self._config, functions.help.GetNearestDcRequest: self._nearest_dc}
        self._login_tokens = LoginTokens(self._tell_accepted)
        ids = MessageIds(clock)
        self._wire = Wire(ids.now, Answering(world, own | self._login_tokens.methods), ids)
        self._keys: dict[int, dict[int, Key]] = {MAIN_DC: {}, OTHER_DC: {}}  # by data centre and key id
        self._listeners: list[asyncio.Server] = []
        self._connections: dict[Connection, asyncio.Task[None]] = {}
        Announcer(world, self.push, self.listening)

    @property
    def address(self) -> str:
        """host:port of the main data centre (2); known once started."""
        return f"{self._host}:{self._ports[MAIN_DC]}"

    @property
    def public_key_path(self) -> Path:
        """The server's RSA key as PKCS#1 PEM, for `telethon.crypto.rsa.add_key(pem, old=False)`."""
        return self._server_key.public_path

    async def start(self) -> None:
        """Raises OSError where a port is taken."""
        try:
            for dc, port in self._ports.items():
                listener = await asyncio.start_server(self._server_of(dc), self._host, port)
                self._listeners.append(listener)
                self._ports[dc] = listener.sockets[0].getsockname()[1]
        except OSError:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Closes the ports and every connection; calls under way are cut off."""
        for listener in self._listeners:
            listener.close()
        for task in self._wire.tasks:
            task.cancel()
        for connection in self._connections:
            connection.hang_up()
        await asyncio.gather(*self._wire.tasks, *self._connections.values(), return_exceptions=True)
        await asyncio.gather(*(listener.wait_closed() for listener in self._listeners))
        self._listeners.clear()

    def push(self, person_id: int, updates: TLObject) -> None:
        """Sends updates to each live session signed in as that person whose last call was not
        wrapped in invokeWithoutUpdates. Where there is none they are lost, as on a cut connection."""
        for key in self._keys_of(person_id):
            for session in key.sessions.values():
                if session.listening:
                    session.push(updates)

    def listening(self) -> set[int]:
        """The people with a session that push() would reach."""
        return {
            who
            for keys in self._keys.values()
            for key in keys.values()
            if (who := key.authorization.person_id) is not None
            and any(session.listening for session in key.sessions.values())
        }

    def revoke(self, person_id: int, error: str = "SESSION_REVOKED") -> None:
        """Signs the person out everywhere: calls answer 401 `error` (SESSION_REVOKED,
        AUTH_KEY_UNREGISTERED, USER_DEACTIVATED...) until the key is signed in again."""
        for key in self._keys_of(person_id):
            key.authorization.person_id = key.authorization.half_signed_in = None
            key.ended = error

    def duplicate(self, person_id: int) -> None:
        """As if the person's keys had been used from two places at once: every call, the first of a
        connection too, answers 406 AUTH_KEY_DUPLICATED from now on."""
        for key in self._keys_of(person_id):
            key.duplicated = True

    def runs_ahead(self, seconds: int) -> None:
        """The wire's time is so much ahead of the clock from now on, as a client whose own is behind
        sees it; below 0 behind."""
        self._wire.ids.ahead = seconds

    def scans(self, person: Person, url: str) -> None:
        """As if that person had scanned the QR code of `url` (tg://login?token=...) in the official app,
        and confirmed. Raises Refusal as auth.acceptLoginToken."""
        self._login_tokens.accept(person, token_of(url), self._world.now())

    def _tell_accepted(self, dc: int, waiting: Authorization) -> None:
        accepted = types.UpdateShort(types.UpdateLoginToken(), int(self._world.clock()))
        for session in self._keys[dc][waiting.key_id].sessions.values():
            if session.listening:
                session.push(accepted)

    def kept(self) -> KeptServer:
        keys = [
            KeptKey(dc, who.key_id, who.key, key.salt, who.person_id, who.layer, key.ended, key.duplicated)
            for dc, keys in self._keys.items()
            for key in keys.values()
            for who in [key.authorization]
        ]
        return KeptServer(dict(self._ports), keys)

    def restore(self, kept: KeptServer) -> None:
        """Before start(): the keys of an earlier server, and its ports where none was given."""
        if self._ports[MAIN_DC] in (0, kept.ports[MAIN_DC]):
            self._ports.update(kept.ports)
        for each in kept.keys:
            authorization = Authorization(each.key_id, each.key, each.person_id, each.layer)
            self._keys[each.dc][each.key_id] = Key(
                authorization, each.dc, each.salt, ended=each.ended, duplicated=each.duplicated
            )

    def _keys_of(self, person_id: int) -> list[Key]:
        return [
            key for keys in self._keys.values() for key in keys.values() if key.authorization.person_id == person_id
        ]

    def _server_of(self, dc: int) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]:
        def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connection = Connection(dc, self._keys[dc], self._server_key, self._wire, reader=reader, writer=writer)
            self._connections[connection] = task = asyncio.create_task(connection.run())
            task.add_done_callback(lambda _: self._connections.pop(connection))

        return serve

    async def _config(self, caller: Caller, request: functions.help.GetConfigRequest) -> types.Config:
        now = int(self._world.clock())
        return types.Config(
            date=now,
            expires=now + 3600,
            test_mode=False,
            this_dc=caller.dc,
            dc_options=[types.DcOption(dc, self._host, port, static=True) for dc, port in self._ports.items()],
            dc_txt_domain_name="",
            chat_size_max=200,
            megagroup_size_max=200_000,
            forwarded_count_max=100,
            online_update_period_ms=210_000,
            offline_blur_timeout_ms=5_000,
            offline_idle_timeout_ms=30_000,
            online_cloud_timeout_ms=300_000,
            notify_cloud_delay_ms=30_000,
            notify_default_delay_ms=1_500,
            push_chat_period_ms=60_000,
            push_chat_limit=2,
            edit_time_limit=172_800,
            revoke_time_limit=2**31 - 1,
            revoke_pm_time_limit=2**31 - 1,
            rating_e_decay=2_419_200,
            stickers_recent_limit=200,
            channels_read_media_period=604_800,
            call_receive_timeout_ms=20_000,
            call_ring_timeout_ms=90_000,
            call_connect_timeout_ms=30_000,
            call_packet_timeout_ms=10_000,
            me_url_prefix="https://t.me/",
            caption_length_max=1024,
            message_length_max=4096,
            webfile_dc_id=MAIN_DC,
        )

    async def _nearest_dc(self, caller: Caller, request: functions.help.GetNearestDcRequest) -> types.NearestDc:
        return types.NearestDc("NL", caller.dc, MAIN_DC)

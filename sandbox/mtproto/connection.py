"""One TCP connection: plain packets to the key exchange, encrypted ones to their session."""

from __future__ import annotations

import asyncio
import contextlib
import struct

from telethon.tl import TLObject

from sandbox.chats import Refusal
from sandbox.mtproto.calls import Authorization
from sandbox.mtproto.handshake import BadExchange, KeyExchange, ServerKey
from sandbox.mtproto.messages import BadMessage, Packet, open_packet, seal_packet
from sandbox.mtproto.rpc import read_request
from sandbox.mtproto.session import Key, Session, Wire
from sandbox.mtproto.transport import BadTransport, Transport, accept

_NOT_FOUND = struct.pack("<i", -404)  # the transport's own error; Telethon's AuthKeyNotFound


class Connection:
    def __init__(
        self,
        dc: int,
        keys: dict[int, Key],
        server_key: ServerKey,
        wire: Wire,
        *,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._dc = dc
        self._keys = keys
        self._wire = wire
        self._exchange = KeyExchange(server_key, wire.clock)
        self._reader = reader
        self._writer = writer
        self._transport: Transport | None = None
        self._sessions: set[Session] = set()

    async def run(self) -> None:
        """Serves until either side closes."""
        # The end of a connection is no error, and neither is a client that speaks another protocol.
        with contextlib.suppress(BadTransport, BadMessage, asyncio.IncompleteReadError, ConnectionError):
            self._transport = await accept(self._reader)
            while True:
                self._receive(await self._transport.read())
                await self._writer.drain()
        self.hang_up()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()

    def send_packet(self, key: Key, packet: Packet) -> None:
        self._write(seal_packet(key.authorization.key, key.authorization.key_id, packet))

    def hang_up(self) -> None:
        """Closes after what was answered before has left."""
        for session in self._sessions:
            if session.line is self:
                session.flush()
                session.line = None
        self._writer.close()

    def _write(self, packet: bytes) -> None:
        if self._transport and not self._writer.is_closing():
            self._writer.write(self._transport.frame(packet))

    def _receive(self, packet: bytes) -> None:
        """Raises BadMessage for what no client sends."""
        if len(packet) < 24:
            raise BadMessage("length")
        key_id = int.from_bytes(packet[:8], "little")
        if not key_id:
            self._exchange_keys(packet)
        elif key := self._keys.get(key_id):
            opened = open_packet(key.authorization.key, packet)
            session = key.sessions.get(opened.session_id)
            if not session:
                session = key.sessions[opened.session_id] = Session(self._wire, key, opened.session_id)
            self._sessions.add(session)
            session.receive(opened, self)
        else:
            self._write(_NOT_FOUND)

    def _exchange_keys(self, packet: bytes) -> None:
        try:
            answer = self._exchange.answer(read_request(packet[20:]))
        except (BadExchange, Refusal):
            self._write(_NOT_FOUND)
            return
        if made := self._exchange.made:
            self._keys[made.key_id] = Key(Authorization(made.key_id, made.key), self._dc, made.salt)
        self._send_plain(answer)

    def _send_plain(self, answer: TLObject) -> None:
        body = bytes(answer)
        self._write(struct.pack("<qqi", 0, self._wire.ids.answer(), len(body)) + body)

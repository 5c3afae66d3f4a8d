"""Every transport a client may open with, spoken by the stock Telethon client and byte by byte."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from telethon import errors, functions, types
from telethon.network import (
    Connection,
    ConnectionTcpAbridged,
    ConnectionTcpFull,
    ConnectionTcpIntermediate,
    ConnectionTcpObfuscated,
)
from telethon.network.connection.tcpintermediate import IntermediatePacketCodec, RandomizedIntermediatePacketCodec
from telethon.network.connection.tcpobfuscated import ObfuscatedIO

from sandbox.mtproto.server import MtprotoServer
from sandbox.world import World
from tests.sandbox.stock_telethon import sign_in, telethon

HELLO = struct.pack("<qqi", 0, 4, 20) + bytes(functions.ReqPqMultiRequest(7))
CONFIG = functions.help.GetConfigRequest()


def made(name: str, base: type, codec: type) -> type:
    return type(name, (base,), {"packet_codec": codec})


Tagged = type("Tagged", (RandomizedIntermediatePacketCodec,), {"tag": b"\xdd" * 4})
TRANSPORTS = [
    ConnectionTcpFull,
    ConnectionTcpAbridged,
    ConnectionTcpIntermediate,
    made("OpenPadded", Connection, Tagged),
    ConnectionTcpObfuscated,
    made("ObfuscatedIntermediate", ConnectionTcpObfuscated, IntermediatePacketCodec),
    made("ObfuscatedPadded", ConnectionTcpObfuscated, RandomizedIntermediatePacketCodec),
]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def server(world: World, server_folder: Path) -> AsyncIterator[MtprotoServer]:
    server = MtprotoServer(world, server_folder)
    await server.start()
    yield server
    await server.stop()


@pytest.mark.fact("M-37")
@pytest.mark.parametrize("connection", TRANSPORTS)
async def test_each_transport_carries_calls_side_by_side(server: MtprotoServer, world: World, connection: type) -> None:
    ann = world.add_person("Ann")
    async with telethon(server, world, connection=connection) as client:
        assert (await sign_in(client, ann)).id == ann.id
        answers = await asyncio.gather(*(client(CONFIG) for _ in range(40)))
        assert {answer.this_dc for answer in answers} == {2}


@pytest.mark.parametrize("connection", TRANSPORTS)
async def test_a_key_unknown_to_the_server_is_told_so_on_each_transport(
    server: MtprotoServer, world: World, connection: type
) -> None:
    async with telethon(server, world, connection=connection) as client:
        session = client.session
    server._keys[2].clear()
    async with telethon(server, world, session=session, connect=False, connection=connection) as stranger:
        with pytest.raises(errors.AuthKeyNotFound):
            await stranger.connect()


def obfuscated(tag: bytes, framed: bytes) -> bytes:
    header, encrypt, _ = ObfuscatedIO.init_header(type("Codec", (), {"obfuscate_tag": tag}))
    return bytes(header) + bytes(encrypt.encrypt(framed))


def full() -> bytes:
    packet = struct.pack("<ii", 12 + len(HELLO), 0) + HELLO
    return packet + struct.pack("<I", crc32(packet))


SHORT, LONG = bytes([len(HELLO) // 4]) + HELLO, struct.pack("<I", len(HELLO)) + HELLO
PADDED = struct.pack("<I", len(HELLO) + 15) + HELLO + b"x" * 15


@pytest.mark.parametrize(
    "stream",
    [
        full(),
        b"\xef" + SHORT,
        b"\xee" * 4 + LONG,
        b"\xdd" * 4 + PADDED,
        obfuscated(b"\xef" * 4, SHORT),
        obfuscated(b"\xee" * 4, LONG),
        obfuscated(b"\xdd" * 4, PADDED),
    ],
    ids=["full", "abridged", "intermediate", "padded", "obfuscated abridged", "obfuscated intermediate", "both"],
)
async def test_packets_may_arrive_in_pieces(server: MtprotoServer, stream: bytes) -> None:
    reader, writer = await talk(server, *(bytes([byte]) for byte in stream))
    answer = await asyncio.wait_for(reader.read(200), 30)
    clear = stream[:4] in (b"\xee" * 4, b"\xdd" * 4) or stream[0] == 0xEF or stream == full()
    assert (bytes(types.ResPQ(7, 0, b"", []))[:4] in answer) == clear  # under a cipher it cannot be read
    assert len(answer) > 80
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize(
    "stream",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02" + bytes(60),
        b"\xee" * 8,
        b"\xee" * 4 + bytes(4),
        b"\xef\x00",
        b"\xef\x01abcd",
        b"\xdd" * 4 + struct.pack("<I", 8) + bytes(8),
        b"\xdd" * 4 + struct.pack("<I", len(HELLO) + 16) + HELLO + b"x" * 16,
        obfuscated(b"\xab" * 4, SHORT),
        full()[:-4] + b"crc?",
    ],
)
async def test_whoever_speaks_another_protocol_is_cut_off(server: MtprotoServer, stream: bytes) -> None:
    reader, writer = await talk(server, stream)
    assert await asyncio.wait_for(reader.read(), 30) == b""
    writer.close()
    await writer.wait_closed()


async def talk(server: MtprotoServer, *pieces: bytes) -> tuple[asyncio.StreamReader, Any]:
    host, _, port = server.address.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
    return reader, writer

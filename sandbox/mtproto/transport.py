"""The two TCP transports a client may open with, told apart by its first bytes."""

from __future__ import annotations

import asyncio
import struct
from typing import Protocol
from zlib import crc32

MAX_PACKET = 2 * 1024 * 1024  # Telegram closes the connection of whoever sends more than about 1 MB


class BadTransport(Exception):
    """What arrived is no packet of the transport this connection opened with; it must be closed."""


class Transport(Protocol):
    async def read(self) -> bytes:
        """One packet. Raises BadTransport, or asyncio.IncompleteReadError at the connection's end."""

    def frame(self, packet: bytes) -> bytes:
        """The packet as it goes over the wire."""


class Abridged:
    """A length in words: one byte, or 0x7f and three bytes."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader

    async def read(self) -> bytes:
        # The top bit asks for a quick acknowledgement, which no client here depends on.
        words = (await self._reader.readexactly(1))[0] & 0x7F
        if words == 0x7F:
            words = int.from_bytes(await self._reader.readexactly(3), "little")
        if not 0 < words * 4 <= MAX_PACKET:
            raise BadTransport(words)
        return await self._reader.readexactly(words * 4)

    def frame(self, packet: bytes) -> bytes:
        words = len(packet) // 4
        return (bytes([words]) if words < 0x7F else b"\x7f" + words.to_bytes(3, "little")) + packet


class Full:
    """Length, a number that counts the packets, the packet and a CRC32 over all three."""

    def __init__(self, reader: asyncio.StreamReader, *, opening: bytes) -> None:
        self._reader = reader
        self._opening = opening
        self._received = 0
        self._sent = 0

    async def read(self) -> bytes:
        head = self._opening or await self._reader.readexactly(8)
        self._opening = b""
        length, number = struct.unpack("<ii", head)
        if not 12 < length <= MAX_PACKET or number != self._received:
            raise BadTransport(length, number)
        rest = await self._reader.readexactly(length - 8)
        packet, crc = rest[:-4], int.from_bytes(rest[-4:], "little")
        if crc32(head + packet) != crc:
            raise BadTransport("crc")
        self._received += 1
        return packet

    def frame(self, packet: bytes) -> bytes:
        framed = struct.pack("<ii", len(packet) + 12, self._sent) + packet
        self._sent += 1
        return framed + struct.pack("<I", crc32(framed))


async def accept(reader: asyncio.StreamReader) -> Transport:
    """The transport a new connection speaks. Raises BadTransport for the ones not spoken here."""
    opening = await reader.readexactly(1)
    if opening == b"\xef":
        return Abridged(reader)
    opening += await reader.readexactly(7)
    if opening[4:] != bytes(4):  # a full transport's first packet has the number 0
        raise BadTransport("neither abridged nor full")
    return Full(reader, opening=opening)

"""The TCP transports a client may open with, told apart by its first bytes."""

from __future__ import annotations

import asyncio
import secrets
import struct
from collections.abc import Callable
from typing import Protocol
from zlib import crc32

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

MAX_PACKET = 2 * 1024 * 1024  # Telegram closes the connection of whoever sends more than about 1 MB
MAX_PADDING = 16
_ABRIDGED, _INTERMEDIATE, _PADDED = b"\xef" * 4, b"\xee" * 4, b"\xdd" * 4
# No obfuscated header begins so, by the protocol's own rule: it would be taken for HTTP or TLS.
_FOREIGN = (b"GET ", b"HEAD", b"POST", b"OPTI", b"\x16\x03\x01\x02")
_HEADER = 64


class BadTransport(Exception):
    """What arrived is no packet of the transport this connection opened with; it must be closed."""


class Source(Protocol):
    async def readexactly(self, n: int, /) -> bytes: ...


class Transport(Protocol):
    async def read(self) -> bytes:
        """One packet. Raises BadTransport, or asyncio.IncompleteReadError at the connection's end."""

    def frame(self, packet: bytes) -> bytes:
        """The packet as it goes over the wire."""


class Abridged:
    """A length in words: one byte, or 0x7f and three bytes."""

    def __init__(self, source: Source) -> None:
        self._source = source

    async def read(self) -> bytes:
        # The top bit asks for a quick acknowledgement, which no client here depends on.
        words = (await self._source.readexactly(1))[0] & 0x7F
        if words == 0x7F:
            words = int.from_bytes(await self._source.readexactly(3), "little")
        if not 0 < words * 4 <= MAX_PACKET:
            raise BadTransport(words)
        return await self._source.readexactly(words * 4)

    def frame(self, packet: bytes) -> bytes:
        words = len(packet) // 4
        return (bytes([words]) if words < 0x7F else b"\x7f" + words.to_bytes(3, "little")) + packet


class Intermediate:
    """A length in bytes, four of them."""

    def __init__(self, source: Source) -> None:
        self._source = source

    async def read(self) -> bytes:
        length = int.from_bytes(await self._source.readexactly(4), "little") & 0x7FFFFFFF  # top bit: as in Abridged
        if not 0 < length <= MAX_PACKET:
            raise BadTransport(length)
        return await self._source.readexactly(length)

    def frame(self, packet: bytes) -> bytes:
        return struct.pack("<I", len(packet)) + packet


class Padded(Intermediate):
    """Intermediate with up to 15 random bytes behind each packet, whose own length says where it ends."""

    async def read(self) -> bytes:
        padded = await super().read()
        if len(padded) < 24:
            raise BadTransport(len(padded))
        if any(padded[:8]):  # encrypted: key id and message key, then blocks of 16 bytes
            return padded[: len(padded) - (len(padded) - 24) % 16]
        packet = padded[: 20 + int.from_bytes(padded[16:20], "little")]
        if not 0 <= len(padded) - len(packet) < MAX_PADDING:
            raise BadTransport(len(padded))
        return packet

    def frame(self, packet: bytes) -> bytes:
        # At most three: Telethon takes off what exceeds a multiple of four, and no more.
        return super().frame(packet + secrets.token_bytes(secrets.randbelow(4)))


class Full:
    """Length, a number that counts the packets, the packet and a CRC32 over all three."""

    def __init__(self, source: Source, *, opening: bytes) -> None:
        self._source = source
        self._opening = opening
        self._received = 0
        self._sent = 0

    async def read(self) -> bytes:
        head = self._opening or await self._source.readexactly(8)
        self._opening = b""
        length, number = struct.unpack("<ii", head)
        if not 12 < length <= MAX_PACKET or number != self._received:
            raise BadTransport(length, number)
        rest = await self._source.readexactly(length - 8)
        packet, crc = rest[:-4], int.from_bytes(rest[-4:], "little")
        if crc32(head + packet) != crc:
            raise BadTransport("crc")
        self._received += 1
        return packet

    def frame(self, packet: bytes) -> bytes:
        framed = struct.pack("<ii", len(packet) + 12, self._sent) + packet
        self._sent += 1
        return framed + struct.pack("<I", crc32(framed))


class _Deciphered:
    def __init__(self, source: Source, cipher: CipherContext) -> None:
        self._source = source
        self._cipher = cipher

    async def readexactly(self, n: int, /) -> bytes:
        return self._cipher.update(await self._source.readexactly(n))


class Obfuscated:
    """Another transport under AES-CTR, keyed by the client's 64-byte header: the way to the server by
    the header as it is, the way back by the same bytes reversed. The header's last 8 bytes come
    enciphered and name the transport within."""

    def __init__(self, source: Source, *, header: bytes) -> None:
        back = header[55:7:-1]
        inwards = Cipher(AES(header[8:40]), CTR(header[40:56])).decryptor()
        self._outwards = Cipher(AES(back[:32]), CTR(back[32:])).encryptor()
        within = _BY_TAG.get(inwards.update(header)[56:60])
        if within is None:
            raise BadTransport("no transport within")
        self._within = within(_Deciphered(source, inwards))

    async def read(self) -> bytes:
        return await self._within.read()

    def frame(self, packet: bytes) -> bytes:
        return self._outwards.update(self._within.frame(packet))


_BY_TAG: dict[bytes, Callable[[Source], Transport]] = {
    _ABRIDGED: Abridged,
    _INTERMEDIATE: Intermediate,
    _PADDED: Padded,
}


async def accept(reader: asyncio.StreamReader) -> Transport:
    """The transport a new connection speaks. Raises BadTransport for what is none."""
    opening = await reader.readexactly(1)
    if opening == _ABRIDGED[:1]:
        return Abridged(reader)
    opening += await reader.readexactly(3)
    if within := _BY_TAG.get(opening):
        return within(reader)
    if opening in _FOREIGN:
        raise BadTransport("another protocol")
    opening += await reader.readexactly(4)
    if opening[4:] == bytes(4):  # a full transport's first packet has the number 0
        return Full(reader, opening=opening)
    return Obfuscated(reader, header=opening + await reader.readexactly(_HEADER - len(opening)))

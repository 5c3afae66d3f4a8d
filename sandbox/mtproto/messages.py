"""Encrypted messages: keys and salts around them, ids, containers and gzip."""

from __future__ import annotations

import secrets
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from telethon.crypto import AES
from telethon.extensions import BinaryReader
from telethon.network.mtprotostate import MTProtoState
from telethon.tl import core

CONTAINER = core.MessageContainer.CONSTRUCTOR_ID
RPC_RESULT = core.RpcResult.CONSTRUCTOR_ID
_ANSWER, _OWN = 1, 3  # the two lowest bits of a server's message id
_MAX_UNZIPPED = 16 * 1024 * 1024


class BadMessage(Exception):
    """An encrypted packet that is not one: wrong message key, length or padding."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message; `body` still holds TL, or a container. `content` ones must be acknowledged."""

    id: int
    seqno: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Packet:
    salt: int
    session_id: int
    message: Message


def open_packet(key: bytes, packet: bytes) -> Packet:
    """Decrypts what a client sent under `key`. Raises BadMessage."""
    message_key, cipher = packet[8:24], packet[24:]
    if len(cipher) < 48 or len(cipher) % 16:
        raise BadMessage("length")
    plain = AES.decrypt_ige(cipher, *MTProtoState._calc_key(key, message_key, True))
    if sha256(key[88:120] + plain).digest()[8:24] != message_key:
        raise BadMessage("message key")
    salt, session_id, message_id, seqno, length = struct.unpack_from("<qqqii", plain)
    if length % 4 or not 12 <= len(plain) - 32 - length <= 1024:
        raise BadMessage("padding")
    return Packet(salt, session_id, Message(message_id, seqno, plain[32 : 32 + length]))


def seal_packet(key: bytes, key_id: int, packet: Packet) -> bytes:
    """Encrypts a server's message for the client that holds `key`."""
    message = packet.message
    plain = struct.pack("<qqqii", packet.salt, packet.session_id, message.id, message.seqno, len(message.body))
    plain += message.body
    plain += secrets.token_bytes(-(len(plain) + 12) % 16 + 12)
    message_key = sha256(key[96:128] + plain).digest()[8:24]
    cipher = AES.encrypt_ige(plain, *MTProtoState._calc_key(key, message_key, False))
    return struct.pack("<Q", key_id) + message_key + bytes(cipher)


class MessageIds:
    """A server's message ids: unique, rising and odd; the upper half is the wire's time in seconds:
    `ahead` of the clock's."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.ahead = 0
        self._clock = clock
        self._last = 0

    def now(self) -> float:
        return self._clock() + self.ahead

    def answer(self) -> int:
        return self._next() | _ANSWER

    def own(self) -> int:
        return self._next() | _OWN

    def _next(self) -> int:
        self._last = max(self._last + 4, int(self._clock() * 2**32) & ~3)
        return self._last + (self.ahead << 32)


def unpack(message: Message) -> Iterator[Message]:
    """The plain messages in one: containers are cut by their own lengths, gzip is opened.

    Raises BadMessage for a container that does not add up.
    """
    match constructor(message.body):
        case core.GzipPacked.CONSTRUCTOR_ID:
            yield from unpack(Message(message.id, message.seqno, unzip(message.body)))
        case core.MessageContainer.CONSTRUCTOR_ID:
            (count,), at = struct.unpack_from("<i", message.body, 4), 8
            for _ in range(count):
                if at + 16 > len(message.body):
                    raise BadMessage("container")
                message_id, seqno, length = struct.unpack_from("<qii", message.body, at)
                body = message.body[at + 16 : at + 16 + length]
                if len(body) != length or constructor(body) == CONTAINER:
                    raise BadMessage("container")
                yield from unpack(Message(message_id, seqno, body))
                at += 16 + length
        case _:
            yield message


def pack(messages: Sequence[Message], container_id: int, seqno: int) -> Message:
    """One message for the wire: the only one as it is, several as a container."""
    if len(messages) == 1:
        return messages[0]
    inner = b"".join(struct.pack("<qii", m.id, m.seqno, len(m.body)) + m.body for m in messages)
    return Message(container_id, seqno, struct.pack("<Ii", CONTAINER, len(messages)) + inner)


def constructor(body: bytes) -> int:
    return int.from_bytes(body[:4], "little")


def unzip(body: bytes) -> bytes:
    """Raises BadMessage where it is no gzip, or one that grows beyond 16 MB."""
    opened = zlib.decompressobj(wbits=31)
    try:
        plain = opened.decompress(BinaryReader(body[4:]).tgread_bytes(), _MAX_UNZIPPED)
    except (zlib.error, BufferError, struct.error) as error:
        raise BadMessage("gzip") from error
    if not opened.eof:
        raise BadMessage("gzip")
    return plain


def rpc_result(request_id: int, result: bytes) -> bytes:
    """A serialised result as the answer to a call, gzipped above 512 bytes where that makes it
    smaller. Telethon's own class for it cannot serialise."""
    packed: bytes = core.GzipPacked.gzip_if_smaller(True, result)
    return struct.pack("<Iq", RPC_RESULT, request_id) + packed


def serialise(result: Any) -> bytes:
    """A TLObject, a bool, a long, or a list of them."""
    match result:
        case bool():
            return struct.pack("<I", 0x997275B5 if result else 0xBC799737)
        case int():
            return struct.pack("<q", result)
        case list():
            return struct.pack("<Ii", 0x1CB5C415, len(result)) + b"".join(map(serialise, result))
    return bytes(result)

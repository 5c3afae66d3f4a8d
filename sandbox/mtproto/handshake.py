"""The exchange that gives a client its auth key: Telegram's RSA and Diffie-Hellman steps."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from telethon.crypto import AES, AuthKey
from telethon.extensions import BinaryReader
from telethon.helpers import generate_key_data_from_nonce
from telethon.tl import TLObject, functions, types

# Telegram's own prime: clients compare it, or spend minutes proving another one.
DH_PRIME = int(
    "c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f48198a0aa7c14058229493d22530f4db"
    "fa336f6e0ac925139543aed44cce7c3720fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f64"
    "2477fe96bb2a941d5bcd1d4ac8cc49880708fa9b378e3c4f3a9060bee67cf9a4a4a695811051907e162753b56b0f6b41"
    "0dba74d8a84b2a14b3144e0ef1284754fd17ed950d5965b4b9dd46582db1178d169c6bc465b0d6ff9ca3928fef5b9ae4"
    "e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f0d8115f635b105ee2e4e15d04b2454bf"
    "6f4fadf034b10403119cd8e3b92fcc5b",
    16,
)
G = 3
_SAFE = 2 ** (2048 - 64)

# The top bit of the product must be 0 (Telethon reads it as signed) and each factor fit 4 bytes
# (Kurigram writes exactly four). Two small factors are a trap: Telethon's search finds both at once in
# 1 of 300 exchanges (40009 * 50021) and connect() dies of it. A small and a large one are found in 0.1 ms.
_P, _Q = 10_007, 2**31 - 1


class BadExchange(Exception):
    """A step that does not fit; Telegram answers with transport error -404 and so does the caller."""


class ServerKey:
    """The server's RSA key, made into `folder` on first use (mode 0600) and read from it later."""

    def __init__(self, folder: Path) -> None:
        private_path = folder / "mtproto_rsa.pem"
        self.public_path = folder / "mtproto_public_key.pem"  # PKCS#1, as Telethon's rsa.add_key wants it
        if private_path.exists():
            pem = private_path.read_bytes()  # its own: to prove the primes anew would cost half of a sandbox's start
            loaded = serialization.load_pem_private_key(pem, password=None, unsafe_skip_rsa_key_validation=True)
            assert isinstance(loaded, rsa.RSAPrivateKey)
            key = loaded
        else:
            key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            pem = key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(private_path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
                file.write(pem)
        self.public_path.write_bytes(
            key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.PKCS1)
        )
        self._numbers = key.private_numbers()
        public = self._numbers.public_numbers
        parts = b"".join(TLObject.serialize_bytes(_big_endian(x)) for x in (public.n, public.e))
        self.fingerprint = int.from_bytes(sha1(parts, usedforsecurity=False).digest()[-8:], "little", signed=True)

    def decrypt(self, cipher: bytes) -> bytes:
        """The 255 bytes of the scheme without RSA_PAD: SHA1, data and random padding."""
        n = self._numbers  # by the two primes: a quarter of the time of one power
        value = int.from_bytes(cipher, "big")
        by_p, by_q = pow(value, n.dmp1, n.p), pow(value, n.dmq1, n.q)
        plain = by_q + (by_p - by_q) * n.iqmp % n.p * n.q
        return (plain % n.public_numbers.n).to_bytes(256, "big")[1:]


@dataclass(frozen=True, slots=True, repr=False)
class NewKey:
    key: bytes  # always 256 bytes
    key_id: int
    salt: int  # the first server salt, known to both sides by the exchange's nonces


class KeyExchange:
    """One client's exchange; a client that rejects the outcome may start over on the same connection."""

    def __init__(self, server_key: ServerKey, clock: Callable[[], float]) -> None:
        self._server_key = server_key
        self._clock = clock
        self._server_nonce = 0
        self._nonce = 0
        self._new_nonce = 0
        self._a = 0
        self._aes: tuple[bytes, bytes] = b"", b""
        self.made: NewKey | None = None

    def answer(self, request: TLObject) -> TLObject:
        """The next step's answer; after the last one `made` holds the key. Raises BadExchange."""
        match request:
            case functions.ReqPqMultiRequest() | functions.ReqPqRequest():
                return self._begin(request.nonce)
            case functions.ReqDHParamsRequest() if self._fits(request):
                return self._offer(request)
            case functions.SetClientDHParamsRequest() if self._fits(request) and self._a:
                return self._finish(request.encrypted_data)
        raise BadExchange(type(request).__name__)

    def _fits(self, step: TLObject) -> bool:
        return (step.nonce, step.server_nonce) == (self._nonce, self._server_nonce)

    def _begin(self, nonce: int) -> types.ResPQ:
        self.made, self._a = None, 0
        self._nonce = nonce
        self._server_nonce = int.from_bytes(secrets.token_bytes(16), "little", signed=True)
        return types.ResPQ(nonce, self._server_nonce, _big_endian(_P * _Q), [self._server_key.fingerprint])

    def _offer(self, request: functions.ReqDHParamsRequest) -> types.ServerDHParamsOk:
        inner = _unwrap(self._server_key.decrypt(request.encrypted_data))
        named = (types.PQInnerData, types.PQInnerDataDc)
        if not isinstance(inner, named) or not self._fits(inner):
            raise BadExchange("inner data")
        # as numbers: some clients write them in four bytes, whatever their size
        if {int.from_bytes(each, "big") for each in (inner.p, inner.q)} != {_P, _Q}:
            raise BadExchange("factors")
        self._new_nonce = inner.new_nonce
        g_a = 0
        while not _SAFE <= g_a <= DH_PRIME - _SAFE:
            self._a = secrets.randbits(512)  # as hard to find as 2048 bits in this group, and a quarter of the work
            g_a = pow(G, self._a, DH_PRIME)
        offered = types.ServerDHInnerData(
            self._nonce, self._server_nonce, G, _big_endian(DH_PRIME), _big_endian(g_a), int(self._clock())
        )
        self._aes = generate_key_data_from_nonce(self._server_nonce, self._new_nonce)
        cipher = AES.encrypt_ige(_hashed(bytes(offered)), *self._aes)
        return types.ServerDHParamsOk(self._nonce, self._server_nonce, cipher)

    def _finish(self, cipher: bytes) -> types.DhGenOk:
        if not cipher or len(cipher) % 16:
            raise BadExchange("cipher text")
        inner = _unwrap(AES.decrypt_ige(cipher, *self._aes))
        if not isinstance(inner, types.ClientDHInnerData) or not self._fits(inner):
            raise BadExchange("client data")
        g_b = int.from_bytes(inner.g_b, "big")
        if not _SAFE <= g_b <= DH_PRIME - _SAFE:
            raise BadExchange("g_b")
        # A shared secret with leading zero bytes (1 in 256) is padded, as the protocol has it. Telethon
        # does not pad, rejects the outcome and starts over; DhGenRetry would leave Kurigram hanging.
        key = AuthKey(pow(g_b, self._a, DH_PRIME).to_bytes(256, "big"))
        nonces = zip(
            self._new_nonce.to_bytes(32, "little", signed=True),
            self._server_nonce.to_bytes(16, "little", signed=True)[:8],
            strict=False,
        )
        salt = int.from_bytes(bytes(x ^ y for x, y in nonces), "little", signed=True)
        self.made, self._a = NewKey(key.key, key.key_id, salt), 0
        return types.DhGenOk(self._nonce, self._server_nonce, key.calc_new_nonce_hash(self._new_nonce, 1))


def _big_endian(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _hashed(data: bytes) -> bytes:
    plain = sha1(data, usedforsecurity=False).digest() + data
    return plain + secrets.token_bytes(-len(plain) % 16)


def _unwrap(plain: bytes) -> TLObject:
    """The object behind its SHA1, whose own length is only known once it is read."""
    try:
        reader = BinaryReader(plain[20:])
        inner = reader.tgread_object()
    except Exception as error:  # a wrong key leaves noise, which fails in any way
        raise BadExchange("unreadable") from error
    if sha1(plain[20:][: reader.tell_position()], usedforsecurity=False).digest() != plain[:20]:
        raise BadExchange("hash")
    return inner

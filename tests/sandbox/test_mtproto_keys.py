"""The key exchange, tried with Telethon's own half of it and no network between."""

from __future__ import annotations

import time
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest
from telethon import functions, types
from telethon.crypto import AES, AuthKey, Factorization, rsa
from telethon.errors import SecurityError
from telethon.extensions import BinaryReader
from telethon.helpers import generate_key_data_from_nonce
from telethon.network.authenticator import do_authentication
from telethon.tl import TLObject

from sandbox.mtproto.handshake import DH_PRIME, BadExchange, KeyExchange, ServerKey


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("telegram")


def exchange_directly(folder: Path) -> tuple[KeyExchange, Any]:
    """A key exchange without a network, and the sender Telethon drives it with."""
    server_key = ServerKey(folder)
    rsa.add_key(server_key.public_path.read_bytes(), old=False)
    exchange = KeyExchange(server_key, time.time)

    class Sender:
        async def send(self, request: TLObject) -> TLObject:
            asked = BinaryReader(bytes(request)).tgread_object()
            return BinaryReader(bytes(exchange.answer(asked))).tgread_object()

    return exchange, Sender()


async def test_every_key_exchange_ends_in_one_key_or_in_telethons_rejection(folder: Path) -> None:
    agreed = 0
    while agreed < 30:
        exchange, sender = exchange_directly(folder)
        try:
            key, offset = await do_authentication(sender)
        except SecurityError:
            assert exchange.made
            assert exchange.made.key[0] == 0  # Telethon does not pad such a secret, see below
            continue
        assert exchange.made
        assert (key.key, key.key_id) == (exchange.made.key, exchange.made.key_id)
        assert abs(offset) <= 1
        agreed += 1


async def test_a_secret_with_a_leading_zero_byte_is_padded_to_256_bytes(folder: Path) -> None:
    exchange, sender = exchange_directly(folder)
    nonce, new_nonce = 7, 2**200 + 5
    offer = await sender.send(functions.ReqPqMultiRequest(nonce))
    p, q = map(rsa.get_byte_array, Factorization.factorize(int.from_bytes(offer.pq, "big")))
    inner = types.PQInnerData(offer.pq, p, q, nonce, offer.server_nonce, new_nonce)
    (fingerprint,) = offer.server_public_key_fingerprints
    cipher = rsa.encrypt(fingerprint, bytes(inner))
    step = functions.ReqDHParamsRequest(nonce, offer.server_nonce, p, q, fingerprint, cipher)
    aes = generate_key_data_from_nonce(offer.server_nonce, new_nonce)
    plain = AES.decrypt_ige((await sender.send(step)).encrypted_answer, *aes)
    g_a = int.from_bytes(BinaryReader(plain[20:]).tgread_object().g_a, "big")

    b = 2**2000
    secret = pow(g_a, b, DH_PRIME)
    while secret >= 2**2040:
        b, secret = b + 1, secret * g_a % DH_PRIME
    ours = types.ClientDHInnerData(nonce, offer.server_nonce, 0, pow(3, b, DH_PRIME).to_bytes(256, "big"))
    cipher = AES.encrypt_ige(sha1(bytes(ours)).digest() + bytes(ours), *aes)
    done = await sender.send(functions.SetClientDHParamsRequest(nonce, offer.server_nonce, cipher))

    key = AuthKey(secret.to_bytes(256, "big"))
    assert isinstance(done, types.DhGenOk)
    assert done.new_nonce_hash1 == key.calc_new_nonce_hash(new_nonce, 1)
    assert exchange.made
    assert exchange.made.key == key.key


async def test_telethon_always_finds_the_two_factors(folder: Path) -> None:
    _, sender = exchange_directly(folder)
    pq = int.from_bytes((await sender.send(functions.ReqPqRequest(7))).pq, "big")
    assert {Factorization.factorize(pq)[0] for _ in range(2000)} == {10_007}


async def test_an_exchange_out_of_order_or_with_a_weak_secret_is_refused(folder: Path) -> None:
    _, sender = exchange_directly(folder)
    with pytest.raises(BadExchange):
        await sender.send(functions.SetClientDHParamsRequest(0, 0, bytes(32)))
    offer = await sender.send(functions.ReqPqRequest(7))
    (fingerprint,) = offer.server_public_key_fingerprints
    with pytest.raises(BadExchange):
        await sender.send(functions.ReqDHParamsRequest(7, offer.server_nonce, b"1", b"2", fingerprint, bytes(256)))


def test_the_rsa_key_is_made_once_and_is_the_owners_alone(tmp_path: Path) -> None:
    first, second = ServerKey(tmp_path / "new"), ServerKey(tmp_path / "new")
    assert first.fingerprint == second.fingerprint
    assert first.public_path.read_bytes().startswith(b"-----BEGIN RSA PUBLIC KEY-----")
    (private,) = set((tmp_path / "new").iterdir()) - {first.public_path}
    assert private.stat().st_mode & 0o777 == 0o600
    rsa.add_key(first.public_path.read_bytes(), old=False)
    assert first.fingerprint in rsa._server_keys  # Telethon counts the same fingerprint

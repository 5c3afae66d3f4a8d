"""What keeps links unreadable to whoever has the file but not the key.

A random data key encrypts; LEDGER_KEY only wraps it, so a new LEDGER_KEY re-wraps one value.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ledger.errors import BadKey, NoKey, TooOpen, WrongKey
from ledger.links import hash_of
from ledger.settings import LedgerSettings

CUT = 8  # characters of a link's hash that Telegram leaves in updates about other makers' links
_NONCE = 12


def new_key() -> str:
    """A key for LEDGER_KEY."""
    return Fernet.generate_key().decode()


class Keyring:
    """LEDGER_KEY: one or more keys. The first one wraps, all of them open."""

    def __init__(self, text: str) -> None:
        try:
            self._fernets = [Fernet(key) for key in text.replace(",", "\n").split()]
        except ValueError:
            raise BadKey from None
        if not self._fernets:
            raise NoKey

    @classmethod
    def of(cls, settings: LedgerSettings) -> Keyring:
        """Raises NoKey, BadKey, or TooOpen where others than the owner may read the key file."""
        if settings.ledger_key is not None:
            return cls(settings.ledger_key.get_secret_value())
        if settings.ledger_key_file is None:
            raise NoKey
        refuse_if_open(settings.ledger_key_file)
        try:
            return cls(settings.ledger_key_file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            raise NoKey(f"LEDGER_KEY_FILE cannot be read: {settings.ledger_key_file}") from None

    def wrap(self, data_key: bytes) -> str:
        return self._fernets[0].encrypt(data_key).decode()

    def unwrap(self, wrapped: str) -> tuple[bytes, bool]:
        """The data key, and whether the first key opened it. Raises WrongKey."""
        for fernet in self._fernets:
            try:
                return fernet.decrypt(wrapped), fernet is self._fernets[0]
            except InvalidToken:
                continue
        raise WrongKey


def refuse_if_open(path: Path) -> None:
    """Raises TooOpen where group or others may do anything with a file of secrets."""
    if path.exists() and path.stat().st_mode & 0o077:
        raise TooOpen(f"{path} holds secrets and others can read it. Nothing was opened: `chmod 600 {path}` first.")


class Secrets:
    """Encrypts and hashes with keys derived from the data key. Each use has its own `purpose`, so that a
    value moved to another column does not open."""

    __slots__ = ("_cipher", "_link", "_print", "_start", "_token")

    def __init__(self, data_key: bytes) -> None:
        self._cipher = AESGCM(_derived(data_key, b"cipher"))
        key = _derived(data_key, b"digest")
        # Keyed once: a hash is a copy of one of these that goes on.
        self._link, self._start, self._token = (
            blake2b(key=key, person=purpose, digest_size=16) for purpose in (b"link", b"start", b"token")
        )
        self._print = blake2b(key=key, person=b"print", digest_size=8)

    @staticmethod
    def new_data_key() -> bytes:
        return os.urandom(32)

    def seal(self, purpose: str, text: str) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, text.encode(), purpose.encode())

    def open(self, purpose: str, sealed: bytes) -> str:
        """Raises WrongKey where it was sealed with another key, for another purpose, or was altered."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], purpose.encode()).decode()
        except InvalidTag:
            raise WrongKey("A value in the ledger does not open: altered, or written with another key.") from None

    def digest(self, link: str) -> str:
        return _hashed(self._link, hash_of(link))

    def start_digest(self, link: str) -> str:
        """The same for a whole link and for its cut form."""
        return _hashed(self._start, hash_of(link)[:CUT])

    def marks(self, link: str) -> tuple[str, str]:
        """Both."""
        text = hash_of(link)
        return _hashed(self._link, text), _hashed(self._start, text[:CUT])

    def token_digest(self, token: str) -> str:
        return _hashed(self._token, token)

    def print_of(self, values: Sequence[object]) -> int:
        """Of plain values, 64 bits: the same only where all of them are."""
        own = self._print.copy()
        own.update(repr(tuple(values)).encode())
        return int.from_bytes(own.digest(), "big", signed=True)


def _hashed(keyed: blake2b, text: str) -> str:
    own = keyed.copy()
    own.update(text.encode())
    return own.hexdigest()


def _derived(data_key: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"invite ledger " + purpose).derive(data_key)

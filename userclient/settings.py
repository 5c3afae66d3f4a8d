"""What the account's program reads from its environment or `.env`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator

from ledger.settings import LedgerSettings

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class BadSetting(Exception):
    """A setting is missing or wrong; the message is one line that names it and shows a right one."""


def _seconds(value: Any) -> Any:
    if isinstance(value, str) and (match := re.fullmatch(r"\s*(\d+)\s*([smhd])\s*", value)):
        return int(match[1]) * _UNITS[match[2]]
    if isinstance(value, str) and not value.strip().isdigit():
        raise ValueError("a number and one of s, m, h, d")
    return value


class UserClientSettings(LedgerSettings):
    """The ledger's settings and the account's own. `sync_every` and `sweep_every` are in seconds."""

    api_id: int | None = Field(None, gt=0)
    api_hash: SecretStr | None = None
    api_hash_file: Path | None = None
    session_file: Path = Path("account/session")
    session_key: SecretStr | None = None
    session_key_file: Path | None = None
    account_mode: Literal["read", "act"] = "read"
    sync_every: Annotated[int, BeforeValidator(_seconds), Field(ge=1, le=7 * 86400)] = 900
    sweep_every: Annotated[int, BeforeValidator(_seconds), Field(ge=1, le=30 * 86400)] = 86400
    calls_per_second: float = Field(1.0, gt=0, le=1000)
    mtproto_server: str | None = None
    mtproto_public_key: Path | None = None
    telegram_test_dc: int | None = Field(None, ge=1, le=3)

    @field_validator("mtproto_server")
    @classmethod
    def _host_and_port(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[^:\s]+:\d{1,5}", value):
            raise ValueError("must be host:port")
        return value

    def api(self) -> tuple[int, str]:
        """API_ID and API_HASH. Raises BadSetting."""
        api_hash = _secret("API_HASH", self.api_hash, self.api_hash_file)
        if self.api_id is None or api_hash is None:
            raise BadSetting("API_ID and API_HASH are not set: get both at my.telegram.org, then set API_ID=1234567")
        return self.api_id, api_hash

    def session_keys(self) -> list[str]:
        """The keys of the session file; the first one writes. Raises BadSetting."""
        text = _secret("SESSION_KEY", self.session_key, self.session_key_file)
        if not text:
            raise BadSetting("SESSION_KEY is not set: `make setup` makes SESSION_KEY_FILE=keys/session.key")
        return text.replace(",", " ").split()


def _secret(name: str, value: SecretStr | None, file: Path | None) -> str | None:
    if value is not None:
        return value.get_secret_value().strip()
    if file is None:
        return None
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"{name}_FILE cannot be read: {type(error).__name__}") from None


_EXAMPLES = {
    "api_id": "API_ID=1234567",
    "account_mode": "ACCOUNT_MODE=read",
    "sync_every": "SYNC_EVERY=15m",
    "sweep_every": "SWEEP_EVERY=1d",
    "calls_per_second": "CALLS_PER_SECOND=1",
    "mtproto_server": "MTPROTO_SERVER=127.0.0.1:8443",
    "telegram_test_dc": "TELEGRAM_TEST_DC=2",
}


def load(**values: Any) -> UserClientSettings:
    """The settings as the environment and `.env` give them. Raises BadSetting, which names the first
    wrong one and never its value."""
    try:
        return UserClientSettings(**values)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = str(first["loc"][0]) if first["loc"] else ""
        why = str(first["msg"]).removeprefix("Value error, ")
        example = f" Example: {_EXAMPLES[field]}" if field in _EXAMPLES else ""
        raise BadSetting(f"{field.upper()} is wrong: {why}.{example}") from None

"""Settings both programs read."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class LedgerSettings(BaseSettings):
    """LEDGER_URL, LEDGER_WAIT (seconds), LEDGER_KEY or LEDGER_KEY_FILE, TZ, LOG_LEVEL, LOG_FORMAT."""

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", env_ignore_empty=True, hide_input_in_errors=True, frozen=True
    )

    ledger_url: str = "sqlite:///data/ledger.db"
    ledger_wait: float = Field(10, gt=0, le=60)
    ledger_key: SecretStr | None = None
    ledger_key_file: Path | None = None
    tz: str = "UTC"
    log_level: str = "INFO"
    log_format: str = "text"

"""What the bot reads from the environment, and nothing of the account's."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Self

from pydantic import SecretStr, ValidationError, field_validator, model_validator

from ledger.settings import LedgerSettings

TELEGRAM = "https://api.telegram.org"
_TOKEN = re.compile(r"\d{6,12}:[A-Za-z0-9_-]{30,}")


REFUSED_BY_TELEGRAM = "BOT_TOKEN is refused by Telegram: ask @BotFather for the present one"


class WrongSettings(Exception):
    """One line for the host, naming the setting and never its value."""


class BotSettings(LedgerSettings):
    """BOT_TOKEN or BOT_TOKEN_FILE, BOT_API_URL, OPEN_TO_ALL, and the ledger's own."""

    bot_token: SecretStr | None = None
    bot_token_file: Path | None = None
    bot_api_url: str = TELEGRAM
    open_to_all: bool = False

    @field_validator("bot_api_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", value):
            raise ValueError("an address such as https://api.telegram.org")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _a_token(self) -> Self:
        if self.bot_token is None and self.bot_token_file is None:
            raise ValueError("BOT_TOKEN or BOT_TOKEN_FILE: the token @BotFather gave. `make setup` asks for it")
        if self.bot_token is not None and not _TOKEN.fullmatch(self.bot_token.get_secret_value().strip()):
            raise ValueError("BOT_TOKEN: the token @BotFather gave, such as 123456789:AA…")
        return self

    def token(self) -> str:
        """The bot's token. Raises WrongSettings where BOT_TOKEN_FILE cannot be read or holds no token."""
        if self.bot_token is not None:
            return self.bot_token.get_secret_value().strip()
        assert self.bot_token_file is not None
        try:
            text = self.bot_token_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise WrongSettings(f"BOT_TOKEN_FILE cannot be read: {type(error).__name__}") from None
        if not _TOKEN.fullmatch(text):
            raise WrongSettings("BOT_TOKEN_FILE holds no token such as 123456789:AA…")
        return text


def read_settings() -> BotSettings:
    """From the environment and `.env`. Raises WrongSettings with one line that names what to mend."""
    try:
        settings = BotSettings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        what = first["msg"].removeprefix("Value error, ")
        raise WrongSettings(f"{name}: {what}" if name else what) from None
    settings.token()
    return settings

"""The account's program without its loop: signed in, with a ledger of its own."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet
from pydantic import SecretStr

from bench.books import empty, open_chat
from bench.stage import Told
from ledger.settings import LedgerSettings
from ledger.store import Ledger
from userclient.account import Account
from userclient.checking import check
from userclient.gate import Gate
from userclient.login import sign_in
from userclient.session import SessionFile
from userclient.settings import UserClientSettings
from userclient.sync import sweep

UNBOUND = 1e6  # calls a second: the budget is not what is measured


@dataclass(slots=True)
class Reader:
    account: Account
    ledger: Ledger
    chat_id: int

    async def sweep(self) -> None:
        await sweep(self.account, self.ledger, self.chat_id, _nothing)

    async def check(self) -> None:
        await check(self.account, self.ledger, self.chat_id, _nothing)


async def _nothing() -> None: ...


async def signed_in(told: Told, folder: Path, ledger: LedgerSettings | None = None) -> UserClientSettings:
    """Settings of an account that is signed in; with an empty ledger, if none is given."""
    ledger = ledger or empty(folder)
    settings = UserClientSettings(
        _env_file=None, ledger_url=ledger.ledger_url, ledger_key=ledger.ledger_key, api_id=told.api_id,
        api_hash=SecretStr(told.api_hash), session_file=folder / "account/session", calls_per_second=1000,
        session_key=SecretStr(Fernet.generate_key().decode()), account_mode="act",
        mtproto_server=f"{told.mtproto_host}:{told.mtproto_port}", mtproto_public_key=told.public_key,
    )  # fmt: skip
    answers = iter([told.owner.phone, told.owner.login_code])

    async def ask(_question: str, _hidden: bool) -> str:
        return next(answers)

    session, _ = await sign_in(settings, ask, lambda _line: None)
    SessionFile(settings.session_file, settings.session_keys()).write(session)
    return settings


def environment(settings: UserClientSettings) -> dict[str, str]:
    """The settings as a program's environment."""
    told = settings.model_dump(exclude_defaults=True)
    return {"LOG_LEVEL": "WARNING"} | {
        name.upper(): str(value.get_secret_value() if isinstance(value, SecretStr) else value)
        for name, value in told.items()
    }


@asynccontextmanager
async def reader(told: Told, folder: Path, links: int) -> AsyncIterator[Reader]:
    """Of the sandbox's chat of that size, of which the ledger knows no link yet."""
    settings = await signed_in(told, folder)
    ledger = await Ledger.open(settings)
    try:
        chat_id = told.chats[links]
        await open_chat(ledger, chat_id, told.admins)
        gate = Gate(ledger.programs, calls_per_second=UNBOUND, clock=time.time)
        session = SessionFile(settings.session_file, settings.session_keys()).read()
        account = Account(settings, session, gate, clock=time.time)
        await account.connect()
        try:
            yield Reader(account, ledger, chat_id)
        finally:
            await account.disconnect()
    finally:
        await ledger.close()

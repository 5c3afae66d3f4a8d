"""Signing in and out: a client of its own that may call auth.* and hands over the session string."""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

from telethon import errors, password
from telethon.sessions import StringSession
from telethon.tl import functions, types

from userclient.errors import AccountError
from userclient.session import Session
from userclient.settings import BadSetting, UserClientSettings
from userclient.wire import Forgetful, Guarded

TRIES = 3  # for the code, and for the password
LIMIT = 30.0  # seconds for one answer

_TEST_SERVERS = {1: "149.154.175.10", 2: "149.154.167.40", 3: "149.154.175.117"}

SIGNING_IN = frozenset(
    {
        functions.help.GetConfigRequest,
        functions.users.GetUsersRequest,  # of itself only
        functions.auth.SendCodeRequest,
        functions.auth.SignInRequest,
        functions.account.GetPasswordRequest,
        functions.auth.CheckPasswordRequest,
        functions.auth.LogOutRequest,
    }
)
BY_QR = SIGNING_IN | {functions.auth.ExportLoginTokenRequest, functions.auth.ImportLoginTokenRequest}
QR_LASTS = 30.0  # seconds; Telegram's own limit
QR_PATIENCE = 600.0  # seconds for somebody to scan one

Ask = Callable[[str, bool], Awaitable[str]]  # the question; whether the answer must not be shown
Tell = Callable[[str], None]
Show = Callable[[str], None]  # a tg://login link, as a QR code

_REFUSALS: dict[type[Exception], str] = {
    errors.PhoneNumberInvalidError: "Telegram knows no account with that phone. Example: +1 555 123 4567",
    errors.PhoneNumberBannedError: "Telegram has banned this phone",
    errors.PhoneNumberUnoccupiedError: "Telegram knows no account with that phone. Example: +1 555 123 4567",
    errors.PhoneNumberFloodError: "Telegram has sent too many codes to this phone: try tomorrow",
    errors.PhonePasswordFloodError: "too many sign-ins with this phone: try tomorrow",
    errors.ApiIdInvalidError: "Telegram does not know this API_ID and API_HASH: see my.telegram.org",
    errors.ApiIdPublishedFloodError: "this API_ID is a published one: get your own at my.telegram.org",
    errors.PhoneCodeExpiredError: "the code is too old: start again",
}


class SignInFailed(AccountError):
    """Nobody is signed in; the message says why in one line."""


class _Client(Guarded):
    _config = None  # Telethon keeps the list of data centres on the class

    def __init__(self, settings: UserClientSettings, session: StringSession, *, by_qr: bool = False) -> None:
        # PHONE_MIGRATE moves to another data centre and repeats the request there; one key exchange in
        # 256 is refused by Telethon and must be begun anew.
        super().__init__(
            settings, session, BY_QR if by_qr else SIGNING_IN, request_retries=1, connection_retries=2,
            receive_updates=by_qr,
        )  # fmt: skip
        type(self)._config = None
        self._authorized = False  # or Telethon asks updates.getState before it moves
        self.scanned = asyncio.Event()

    async def _update_loop(self) -> None:
        """Nobody is signed in yet, so all there is to hear of is the QR code."""
        while self.is_connected():
            told = await self._updates_queue.get()
            if isinstance(getattr(told, "update", told), types.UpdateLoginToken):
                self.scanned.set()


def new_session(settings: UserClientSettings) -> StringSession:
    """An empty session at the server to sign in to. Raises BadSetting where its name does not resolve."""
    session = Forgetful()
    if settings.mtproto_server:
        host, _, port = settings.mtproto_server.partition(":")
        try:
            address = ipaddress.ip_address(socket.gethostbyname(host))
        except OSError:
            raise BadSetting("MTPROTO_SERVER does not resolve. Example: MTPROTO_SERVER=127.0.0.1:8443") from None
        session.set_dc(2, str(address), int(port))
    elif settings.telegram_test_dc:
        session.set_dc(settings.telegram_test_dc, _TEST_SERVERS[settings.telegram_test_dc], 443)
    return session


async def sign_in(settings: UserClientSettings, ask: Ask, tell: Tell) -> tuple[Session, str]:
    """Asks for phone, code and, where Telegram wants it, password. Returns the session and the name of
    the account. Raises SignInFailed and BadSetting."""
    with _told():
        async with _connected(settings, new_session(settings)) as client:
            phone = "".join(c for c in await ask("Phone number, with the country code", False) if c.isdigit())
            request = functions.auth.SendCodeRequest(phone, *settings.api(), types.CodeSettings())
            sent = await _limited(client(request))
            if not isinstance(sent, types.auth.SentCode):
                raise SignInFailed("Telegram sent no code to this phone: try again later")
            return _signed_in(client, await _by_code(client, phone, sent.phone_code_hash, ask, tell))


async def sign_in_by_qr(
    settings: UserClientSettings, show: Show, ask: Ask, tell: Tell, *, patience: float = QR_PATIENCE
) -> tuple[Session, str]:
    """Shows a QR code, and a new one as each expires, until another device of the account has scanned one,
    for `patience` seconds; asks for the password where Telegram wants it. Returns and raises as `sign_in`."""
    with _told():
        async with _connected(settings, new_session(settings), by_qr=True) as client:
            try:
                user = await _by_qr(client, settings, show, patience)
            except errors.SessionPasswordNeededError:
                user = await _by_password(client, ask, tell)
            return _signed_in(client, user)


async def sign_out(settings: UserClientSettings, session: Session) -> bool:
    """Ends the session at Telegram. False where it was over already. Raises SignInFailed where Telegram
    cannot be reached: the session then still lives there."""
    with _told():
        try:
            async with _connected(settings, StringSession(session.string)) as client:
                await _limited(client(functions.auth.LogOutRequest()))
        except (errors.UnauthorizedError, errors.AuthKeyDuplicatedError, errors.AuthKeyNotFound):
            return False
        return True


def _signed_in(client: _Client, user: types.User) -> tuple[Session, str]:
    name = " ".join(part for part in (user.first_name, user.last_name) if part)
    return Session(user.id, client.session.save()), name or str(user.id)


async def _by_qr(client: _Client, settings: UserClientSettings, show: Show, patience: float) -> types.User:
    """auth.exportLoginToken answers with a token to show, or, after a scan, with how that ended."""
    over = time.monotonic() + patience
    while time.monotonic() < over:
        client.scanned.clear()
        answer = await _limited(client(functions.auth.ExportLoginTokenRequest(*settings.api(), [])))
        if isinstance(answer, types.auth.LoginTokenMigrateTo):
            await _limited(client._switch_dc(answer.dc_id))
            answer = await _limited(client(functions.auth.ImportLoginTokenRequest(answer.token)))
        if isinstance(answer, types.auth.LoginTokenSuccess):
            return _user(answer.authorization)
        show("tg://login?token=" + base64.urlsafe_b64encode(answer.token).decode().rstrip("="))
        lasts = answer.expires.timestamp() - time.time()
        with suppress(TimeoutError):
            # This machine's clock may be wrong, and a code never lasts longer.
            await asyncio.wait_for(client.scanned.wait(), lasts if 1 < lasts < QR_LASTS else QR_LASTS)
    raise SignInFailed("nobody scanned a code: nobody is signed in")


async def _by_code(client: _Client, phone: str, code_hash: str, ask: Ask, tell: Tell) -> types.User:
    for left in reversed(range(TRIES)):
        code = "".join(c for c in await ask("Code that Telegram sent you", False) if c.isdigit())
        try:
            return _user(await _limited(client(functions.auth.SignInRequest(phone, code_hash, code))))
        except (errors.PhoneCodeInvalidError, errors.PhoneCodeEmptyError):
            _tried("That is not the code", left, tell)
        except errors.SessionPasswordNeededError:
            return await _by_password(client, ask, tell)
    raise AssertionError


async def _by_password(client: _Client, ask: Ask, tell: Tell) -> types.User:
    for left in reversed(range(TRIES)):
        typed = await ask("Password of the account (two-step verification)", True)
        known = await _limited(client(functions.account.GetPasswordRequest()))
        check = await asyncio.to_thread(password.compute_check, known, typed)
        try:
            return _user(await _limited(client(functions.auth.CheckPasswordRequest(check))))
        except errors.PasswordHashInvalidError:
            _tried("That is not the password", left, tell)
    raise AssertionError


def _tried(what: str, left: int, tell: Tell) -> None:
    if not left:
        raise SignInFailed(f"{what}. Three tries are enough: nobody is signed in")
    tell(f"{what}. {left} more {'try' if left == 1 else 'tries'}.")


def _user(answer: Any) -> types.User:
    if not isinstance(answer, types.auth.Authorization) or not isinstance(answer.user, types.User):
        raise SignInFailed("Telegram knows no account with that phone: sign up in an official app first")
    return answer.user


async def _limited(answer: Awaitable[Any]) -> Any:
    """The answer in time. Telethon's own errors pass; a connection that is none is SignInFailed."""
    try:
        async with asyncio.timeout(LIMIT):
            return await answer
    except (OSError, EOFError):
        raise SignInFailed("Telegram cannot be reached, or its key is not the expected one") from None
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise SignInFailed("the connection to Telegram was lost") from None


@asynccontextmanager
async def _connected(
    settings: UserClientSettings, session: StringSession, *, by_qr: bool = False
) -> AsyncIterator[_Client]:
    client = _Client(settings, session, by_qr=by_qr)
    try:
        await _limited(client.connect())
        yield client
    finally:
        with suppress(Exception):
            await client.disconnect()


@contextmanager
def _told() -> Iterator[None]:
    """Turns what Telegram refuses into one line."""
    try:
        yield
    except errors.FloodWaitError as error:
        raise SignInFailed(f"Telegram makes you wait {error.seconds // 60 + 1} min before another try") from None
    except errors.RPCError as error:
        line = _REFUSALS.get(type(error)) or f"Telegram refused ({type(error).__name__.removesuffix('Error')})"
        raise SignInFailed(line) from None

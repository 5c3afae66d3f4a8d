"""Signing in by QR: a new client shows a token, a signed-in one accepts it, the new one is told."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from telethon.tl import TLObject, TLRequest, functions, types

from sandbox.chats import Person, Refusal
from sandbox.mtproto.auth import check_api, enter
from sandbox.mtproto.calls import Authorization, Caller, Handler

LIFETIME = 30  # seconds of the world's clock


def token_of(url: str) -> bytes:
    """The token in a `tg://login?token=...` link. Raises 400 AUTH_TOKEN_INVALIDX where there is none."""
    [text] = parse_qs(urlsplit(url).query).get("token") or [""]
    try:
        token = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        token = b""
    if not token:
        raise Refusal(400, "AUTH_TOKEN_INVALIDX")
    return token


@dataclass(slots=True)
class _Offer:
    """A token that waits for somebody to accept it; `excepted` are those who may not."""

    waiting: Authorization
    dc: int
    expires: int
    excepted: frozenset[int]
    accepted_by: int | None = None
    used: bool = False


class LoginTokens:
    """The tokens of one server, for all its data centres. `tell` pushes updateLoginToken to the client
    whose token was accepted; it then asks auth.exportLoginToken once more and is signed in."""

    def __init__(self, tell: Callable[[int, Authorization], None]) -> None:
        self._tell = tell
        self._offers: dict[bytes, _Offer] = {}
        self.methods: dict[type[TLRequest], Handler] = {
            functions.auth.ExportLoginTokenRequest: self._export,
            functions.auth.ImportLoginTokenRequest: self._import,
            functions.auth.AcceptLoginTokenRequest: self._accept,
        }

    def accept(self, person: Person, token: bytes, now: int) -> _Offer:
        """Raises 400 AUTH_TOKEN_INVALIDX, AUTH_TOKEN_EXPIRED, AUTH_TOKEN_ALREADY_ACCEPTED and
        AUTH_TOKEN_EXCEPTION (the client named this account as one it has already)."""
        offer = self._offers.get(token)
        if offer is None:
            raise Refusal(400, "AUTH_TOKEN_INVALIDX")
        if offer.accepted_by is not None:
            raise Refusal(400, "AUTH_TOKEN_ALREADY_ACCEPTED")
        if offer.expires <= now:
            raise Refusal(400, "AUTH_TOKEN_EXPIRED")
        if person.id in offer.excepted:
            raise Refusal(400, "AUTH_TOKEN_EXCEPTION")
        offer.accepted_by = person.id
        self._tell(offer.dc, offer.waiting)
        return offer

    async def _export(self, caller: Caller, request: functions.auth.ExportLoginTokenRequest) -> TLObject:
        """A new token at each call (30 s), until one of this client's was accepted: then
        auth.loginTokenSuccess, or auth.loginTokenMigrateTo where the account lives elsewhere. Raises
        API_ID_INVALID and 401 SESSION_PASSWORD_NEEDED."""
        check_api(caller, request.api_id, request.api_hash)
        now = caller.world.now()
        self._offers = {token: offer for token, offer in self._offers.items() if offer.expires > now - LIFETIME}
        for token, offer in self._offers.items():
            if offer.waiting is caller.authorization and offer.accepted_by is not None and not offer.used:
                return self._answer(caller, token, offer)
        token = secrets.token_bytes(32)
        self._offers[token] = _Offer(caller.authorization, caller.dc, now + LIFETIME, frozenset(request.except_ids))
        return types.auth.LoginToken(now + LIFETIME, token)

    async def _import(self, caller: Caller, request: functions.auth.ImportLoginTokenRequest) -> TLObject:
        """At the data centre the client was sent to. Raises 400 AUTH_TOKEN_INVALID, AUTH_TOKEN_EXPIRED,
        AUTH_TOKEN_ALREADY_ACCEPTED (signed in by it already) and 401 SESSION_PASSWORD_NEEDED."""
        offer = self._offers.get(request.token)
        if offer is None:
            raise Refusal(400, "AUTH_TOKEN_INVALID")
        if offer.used:
            raise Refusal(400, "AUTH_TOKEN_ALREADY_ACCEPTED")
        if offer.expires <= caller.world.now():
            raise Refusal(400, "AUTH_TOKEN_EXPIRED")
        if offer.accepted_by is None:
            return types.auth.LoginToken(offer.expires, request.token)
        return self._answer(caller, request.token, offer)

    async def _accept(self, caller: Caller, request: functions.auth.AcceptLoginTokenRequest) -> types.Authorization:
        now = caller.world.now()
        self.accept(caller.human(), request.token, now)
        day = datetime.fromtimestamp(now, UTC)
        return types.Authorization(
            hash=secrets.randbits(62), device_model="", platform="", system_version="", api_id=caller.world.api_id,
            app_name="", app_version="", date_created=day, date_active=day, ip="127.0.0.1", country="", region="",
        )  # fmt: skip

    def _answer(self, caller: Caller, token: bytes, offer: _Offer) -> TLObject:
        person = caller.world.people[offer.accepted_by or 0]
        if person.home_dc != caller.dc:
            return types.auth.LoginTokenMigrateTo(person.home_dc, token)
        authorization = enter(caller, person)
        offer.used = True
        return types.auth.LoginTokenSuccess(authorization)

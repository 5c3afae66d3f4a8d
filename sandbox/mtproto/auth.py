"""Signing in and out: codes, the second factor by SRP, bot tokens."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from hashlib import sha256

from telethon import password as srp
from telethon.tl import functions, types

from sandbox.chats import Person, Refusal
from sandbox.mtproto.calls import Caller, answers
from sandbox.mtproto.entities import user
from sandbox.mtproto.handshake import DH_PRIME, G

CODE_LIFETIME = 300  # seconds of the world's clock
_PRIME = DH_PRIME.to_bytes(256, "big")


@answers(functions.auth.SendCodeRequest)
async def send_code(caller: Caller, request: functions.auth.SendCodeRequest) -> types.auth.SentCode:
    """Raises API_ID_INVALID, PHONE_NUMBER_INVALID where nobody has that phone, 303 PHONE_MIGRATE_n."""
    check_api(caller, request.api_id, request.api_hash)
    person = _owner(caller, request.phone_number)
    if person.home_dc != caller.dc:
        raise Refusal(303, f"PHONE_MIGRATE_{person.home_dc}")
    return _sent(caller, person)


@answers(functions.auth.ResendCodeRequest)
async def resend_code(caller: Caller, request: functions.auth.ResendCodeRequest) -> types.auth.SentCode:
    person = _owner(caller, request.phone_number)
    _check_code_hash(caller, person, request.phone_code_hash)
    return _sent(caller, person)


@answers(functions.auth.SignInRequest)
async def sign_in(caller: Caller, request: functions.auth.SignInRequest) -> types.auth.Authorization:
    """Raises PHONE_CODE_EMPTY, PHONE_CODE_EXPIRED (too old, or never sent to this client),
    PHONE_CODE_INVALID and 401 SESSION_PASSWORD_NEEDED."""
    person = _owner(caller, request.phone_number)
    if not request.phone_code:
        raise Refusal(400, "PHONE_CODE_EMPTY")
    _check_code_hash(caller, person, request.phone_code_hash)
    if request.phone_code != person.login_code:
        raise Refusal(400, "PHONE_CODE_INVALID")
    return enter(caller, person)


@answers(functions.auth.ImportBotAuthorizationRequest)
async def import_bot(caller: Caller, request: functions.auth.ImportBotAuthorizationRequest) -> types.auth.Authorization:
    """Raises API_ID_INVALID, ACCESS_TOKEN_INVALID, 303 USER_MIGRATE_n."""
    check_api(caller, request.api_id, request.api_hash)
    bot = caller.world.by_token(request.bot_auth_token)
    if bot is None:
        raise Refusal(400, "ACCESS_TOKEN_INVALID")
    if bot.home_dc != caller.dc:
        raise Refusal(303, f"USER_MIGRATE_{bot.home_dc}")
    return _signed_in(caller, bot)


@answers(functions.auth.LogOutRequest)
async def log_out(caller: Caller, request: functions.auth.LogOutRequest) -> types.auth.LoggedOut:
    person = caller.user()
    caller.authorization.person_id = None
    caller.world.note("account.signed_out", person.id, None)
    return types.auth.LoggedOut()


@answers(functions.account.GetPasswordRequest)
async def get_password(caller: Caller, request: functions.account.GetPasswordRequest) -> types.account.Password:
    """Also answers one who passed the code and owes the password; srp_B holds for one check."""
    person = _halfway(caller)
    algorithm = _algorithm()
    answer = types.account.Password(
        new_algo=_algorithm(),
        new_secure_algo=types.SecurePasswordKdfAlgoUnknown(),
        secure_random=secrets.token_bytes(256),
    )
    if person.password is None:
        return answer
    verifier = int.from_bytes(await asyncio.to_thread(srp.compute_digest, algorithm, person.password), "big")
    g_b = 0
    while not srp.is_good_mod_exp_first(g_b, DH_PRIME):
        b = secrets.randbits(2048)
        g_b = pow(G, b, DH_PRIME)
    multiplier = int.from_bytes(srp.sha256(_PRIME, srp.big_num_for_hash(G)), "big")
    answer.has_password = True
    answer.current_algo = algorithm
    answer.srp_id = secrets.randbits(63)
    answer.srp_B = srp.big_num_for_hash((multiplier * verifier + g_b) % DH_PRIME)
    caller.authorization.srp = {
        "id": answer.srp_id,
        "b": b,
        "B": answer.srp_B,
        "verifier": verifier,
        "algorithm": algorithm,
    }
    return answer


@answers(functions.auth.CheckPasswordRequest)
async def check_password(caller: Caller, request: functions.auth.CheckPasswordRequest) -> types.auth.Authorization:
    """Raises PASSWORD_HASH_INVALID, and SRP_ID_INVALID where srp_B is not the last one given, or used."""
    person = _halfway(caller)
    known, caller.authorization.srp = caller.authorization.srp, {}
    given = request.password
    if not isinstance(given, types.InputCheckPasswordSRP):
        raise Refusal(400, "PASSWORD_HASH_INVALID")
    if not known or given.srp_id != known["id"]:
        raise Refusal(400, "SRP_ID_INVALID")
    client_public = int.from_bytes(given.A, "big")
    if not 1 < client_public < DH_PRIME - 1:
        raise Refusal(400, "PASSWORD_HASH_INVALID")
    a_for_hash = srp.big_num_for_hash(client_public)
    scrambler = int.from_bytes(srp.sha256(a_for_hash, known["B"]), "big")
    secret = pow(client_public * pow(known["verifier"], scrambler, DH_PRIME), known["b"], DH_PRIME)
    expected = srp.sha256(
        srp.xor(srp.sha256(_PRIME), srp.sha256(srp.big_num_for_hash(G))),
        srp.sha256(known["algorithm"].salt1),
        srp.sha256(known["algorithm"].salt2),
        a_for_hash,
        known["B"],
        srp.sha256(srp.big_num_for_hash(secret)),
    )
    if not hmac.compare_digest(expected, given.M1):
        raise Refusal(400, "PASSWORD_HASH_INVALID")
    return _signed_in(caller, person)


def check_api(caller: Caller, api_id: int, api_hash: str) -> None:
    """Raises 400 API_ID_INVALID."""
    if (api_id, api_hash) != (caller.world.api_id, caller.world.api_hash):
        raise Refusal(400, "API_ID_INVALID")


def enter(caller: Caller, person: Person) -> types.auth.Authorization:
    """Signs in one whose first factor was right. Raises 401 SESSION_PASSWORD_NEEDED for the second."""
    if person.password is not None:
        caller.authorization.half_signed_in = person.id
        raise Refusal(401, "SESSION_PASSWORD_NEEDED")
    return _signed_in(caller, person)


def _owner(caller: Caller, phone: str) -> Person:
    person = caller.world.by_phone(phone)
    if person is None:
        raise Refusal(400, "PHONE_NUMBER_INVALID")
    return person


def _halfway(caller: Caller) -> Person:
    halfway = caller.authorization.half_signed_in
    return caller.user() if halfway is None else caller.world.people[halfway]


def _sent(caller: Caller, person: Person) -> types.auth.SentCode:
    code_hash = _code_hash(caller, person, caller.world.now())
    return types.auth.SentCode(types.auth.SentCodeTypeApp(len(person.login_code)), code_hash)


def _code_hash(caller: Caller, person: Person, sent_at: int) -> str:
    """Names the client, the person and the moment, so that the server need not remember codes."""
    named = f"{sent_at:x}.{person.id}.{person.login_code}"
    return f"{sent_at:x}.{hmac.new(caller.authorization.key, named.encode(), sha256).hexdigest()[:18]}"


def _check_code_hash(caller: Caller, person: Person, code_hash: str) -> None:
    try:
        sent_at = int(code_hash.partition(".")[0], 16)
    except ValueError:
        sent_at = 0
    fresh = 0 <= caller.world.now() - sent_at <= CODE_LIFETIME
    if not fresh or not hmac.compare_digest(_code_hash(caller, person, sent_at).encode(), code_hash.encode()):
        raise Refusal(400, "PHONE_CODE_EXPIRED")


def _algorithm() -> types.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow:
    return types.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow(
        secrets.token_bytes(8), secrets.token_bytes(16), G, _PRIME
    )


def _signed_in(caller: Caller, person: Person) -> types.auth.Authorization:
    caller.authorization.person_id = person.id
    caller.authorization.half_signed_in = None
    caller.world.note("account.signed_in", person.id, None)
    return types.auth.Authorization(user(person.id, person, is_self=True))

"""Methods about people: users, their full profiles, names."""

from __future__ import annotations

import re

from telethon.tl import TLObject, functions, types

from sandbox.chats import Person, Refusal
from sandbox.mtproto import entities
from sandbox.mtproto.calls import Caller, answers

_USERNAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}")


@answers(functions.users.GetUsersRequest)
async def get_users(caller: Caller, request: functions.users.GetUsersRequest) -> list[TLObject]:
    """One element for each asked for; those the caller cannot name are left empty. Raises 401
    AUTH_KEY_UNREGISTERED, by which clients learn that nobody is signed in."""
    me = caller.user()
    found: list[TLObject] = []
    for given in request.id:
        try:
            found.append(entities.user(me.id, entities.find_user(caller, given)))
        except Refusal:
            found.append(types.UserEmpty(getattr(given, "user_id", 0)))
    return found


@answers(functions.users.GetFullUserRequest)
async def get_full_user(caller: Caller, request: functions.users.GetFullUserRequest) -> types.users.UserFull:
    """Raises USER_ID_INVALID."""
    me = caller.user()
    person = entities.find_user(caller, request.id)
    full = types.UserFull(
        id=person.id,
        settings=types.PeerSettings(),
        notify_settings=types.PeerNotifySettings(),
        common_chats_count=sum(c.present(me.id) and c.present(person.id) for c in caller.world.chats.values()),
        about=person.about or None,
        blocked=(me.id, person.id) in caller.world.blocked or None,
        bot_info=types.BotInfo(user_id=person.id) if person.is_bot else None,
    )
    return types.users.UserFull(full, [], [entities.user(me.id, person)])


@answers(functions.contacts.ResolveUsernameRequest)
async def resolve_username(
    caller: Caller, request: functions.contacts.ResolveUsernameRequest
) -> types.contacts.ResolvedPeer:
    """Raises USERNAME_INVALID (not 4 to 32 letters, digits and underscores), USERNAME_NOT_OCCUPIED."""
    me = caller.user()
    if not _USERNAME.fullmatch(request.username):
        raise Refusal(400, "USERNAME_INVALID")
    found = caller.world.by_username(request.username)
    if found is None:
        raise Refusal(400, "USERNAME_NOT_OCCUPIED")
    users = [entities.user(me.id, found)] if isinstance(found, Person) else []
    chats = [] if isinstance(found, Person) else [entities.chat(caller.world, me, found)]
    return types.contacts.ResolvedPeer(entities.peer(me, found), chats, users)

"""The Bot API's bans."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sandbox.bot_api.calls import INT_MAX, Call, answers, refuse
from sandbox.chats import Chat, Kind, Person, Refusal

# Telegram's own server refuses these two before it asks Telegram, in words.
WORDS = {
    "USER_CREATOR": "Can't remove chat owner",
    "CHAT_ADMIN_REQUIRED": "Not enough rights to restrict/unrestrict chat member",
}


@answers("banChatMember")
def ban_chat_member(call: Call) -> Any:
    """`revoke_messages` changes nothing: who is removed sees no message of the chat any more."""
    chat, person = _target(call)
    until = call.integer("until_date", 0, 0, INT_MAX)
    with _worded():
        call.world.bans.ban(chat, call.bot, person, until=until)
    return True


@answers("unbanChatMember")
def unban_chat_member(call: Call) -> Any:
    chat, person = _target(call)
    if chat.kind == Kind.GROUP:
        raise refuse("Method is available for supergroup and channel chats only")
    with _worded():
        call.world.bans.unban(chat, call.bot, person, only_if_banned=call.flag("only_if_banned"))
    return True


def _target(call: Call) -> tuple[Chat, Person]:
    """Raises `invalid user_id specified`, PARTICIPANT_ID_INVALID (nobody), `can't ban members in private chats`,
    `can't restrict self`."""
    chat, who = call.chat(), call.integer("user_id")
    if who <= 0:
        raise refuse("invalid user_id specified")
    if chat.kind == Kind.PRIVATE:
        raise refuse("Can't ban members in private chats")
    if who not in call.world.people:
        raise refuse("PARTICIPANT_ID_INVALID")
    if who == call.bot.id:
        raise refuse("Can't restrict self")
    return chat, call.world.people[who]


@contextmanager
def _worded() -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        if refusal.name in WORDS:
            raise refuse(WORDS[refusal.name]) from refusal
        raise

"""The Bot API's answers to join requests."""

from __future__ import annotations

from typing import Any

from sandbox.bot_api.calls import Call, answers, refuse
from sandbox.chats import Kind


@answers("approveChatJoinRequest")
def approve_chat_join_request(call: Call) -> Any:
    return _answer(call, approved=True)


@answers("declineChatJoinRequest")
def decline_chat_join_request(call: Call) -> Any:
    return _answer(call, approved=False)


def _answer(call: Call, *, approved: bool) -> Any:
    """Raises `the chat can't have join requests`, `not enough rights to manage chat join requests`,
    USER_ALREADY_PARTICIPANT, HIDE_REQUESTER_MISSING."""
    chat = call.chat()
    person = call.person()
    if chat.kind == Kind.PRIVATE:
        raise refuse("The chat can't have join requests")
    if not chat.may_invite(call.bot.id):
        raise refuse("Not enough rights to manage chat join requests")
    call.world.requests.hide(chat, call.bot, person, approved=approved)
    return True

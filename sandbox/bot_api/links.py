"""The Bot API's invite-link methods, for paid links too."""

from __future__ import annotations

from typing import Any

from sandbox.bot_api import answers as show
from sandbox.bot_api.calls import INT_MAX, ApiError, Call, answers, refuse
from sandbox.chats import Chat, Kind

MAX_MEMBER_LIMIT = 100_000  # clamped there; 100000 itself then fails as USAGE_LIMIT_INVALID


@answers("exportChatInviteLink")
def export_chat_invite_link(call: Call) -> Any:
    """The new primary link as a string; the old primary is revoked."""
    chat = _manageable(call, call.chat())
    return call.world.invites.export(chat, call.bot, legacy_revoke_permanent=True).link


@answers("createChatInviteLink")
def create_chat_invite_link(call: Call) -> Any:
    chat = call.chat()
    wanted = _wanted(call)
    if wanted["usage_limit"] and wanted["request_needed"]:
        raise _limit_with_approval()
    link = call.world.invites.export(_manageable(call, chat), call.bot, **wanted)
    return show.invite_link(call.world, link, call.bot)


@answers("editChatInviteLink")
def edit_chat_invite_link(call: Call) -> Any:
    """A field left out is reset, not kept."""
    chat = _manageable(call, call.chat())
    wanted = _wanted(call)
    if wanted["usage_limit"] and wanted["request_needed"]:
        raise _limit_with_approval()
    link, _ = call.world.invites.edit(chat, call.bot, _given_link(call), **wanted)
    return show.invite_link(call.world, link, call.bot)


@answers("revokeChatInviteLink")
def revoke_chat_invite_link(call: Call) -> Any:
    """The revoked link, also where a new primary was made in its place."""
    chat = _manageable(call, call.chat())
    link, _ = call.world.invites.edit(chat, call.bot, _given_link(call), revoked=True)
    return show.invite_link(call.world, link, call.bot)


@answers("createChatSubscriptionInviteLink")
def create_chat_subscription_invite_link(call: Call) -> Any:
    chat = _manageable(call, call.chat())
    period, price = call.integer("subscription_period", 0, 0, 10**9), call.integer("subscription_price", 0, 0, 10**6)
    if not period or not price:
        raise refuse("Invalid subscription pricing specified")
    link = call.world.invites.export(chat, call.bot, title=call.text("name"), period=period, price=price)
    return show.invite_link(call.world, link, call.bot)


@answers("editChatSubscriptionInviteLink")
def edit_chat_subscription_invite_link(call: Call) -> Any:
    """Sends the name alone, so that of an ordinary link too only the name changes."""
    chat = _manageable(call, call.chat())
    link, _ = call.world.invites.edit(chat, call.bot, _given_link(call), title=call.text("name"))
    return show.invite_link(call.world, link, call.bot)


def _wanted(call: Call) -> dict[str, Any]:
    return {
        "title": call.text("name"),
        "expire_date": call.integer("expire_date", 0, 0, INT_MAX),
        "usage_limit": call.integer("member_limit", 0, 0, MAX_MEMBER_LIMIT),
        "request_needed": call.flag("creates_join_request"),
    }


def _given_link(call: Call) -> str:
    link = call.text("invite_link").strip()
    if not link:
        raise refuse("Invite link must be non-empty")
    return link


def _manageable(call: Call, chat: Chat) -> Chat:
    if chat.kind == Kind.PRIVATE:
        raise refuse("Can't invite members to a private chat")
    if not chat.may_invite(call.bot.id):
        raise refuse("Not enough rights to manage chat invite link")
    return chat


def _limit_with_approval() -> ApiError:
    return refuse("Member limit can't be specified for links requiring administrator approval")

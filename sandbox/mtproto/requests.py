"""Who joined by a link, who asks to be let in, and the answers; the rules are in sandbox.requests."""

from __future__ import annotations

from telethon.tl import functions, types

from sandbox.chats import Chat, Kind, Person, Refusal
from sandbox.joiners import Joined, page_of
from sandbox.mtproto import entities, links
from sandbox.mtproto.calls import Caller, answers
from sandbox.mtproto.entities import find_chat, find_user, seconds
from sandbox.requests import JoinRequest


@answers(functions.messages.GetChatInviteImportersRequest)
async def importers(
    caller: Caller, request: functions.messages.GetChatInviteImportersRequest
) -> types.messages.ChatInviteImporters:
    """Latest first: who joined by `link`, or with `requested` who waits, by `link` or in the whole chat, where
    `q` searches their names. The next page takes date and user of the last one received. Raises
    CHAT_ADMIN_REQUIRED (another's link and not the owner), INVITE_HASH_EXPIRED, USER_ID_INVALID,
    SEARCH_WITH_LINK_NOT_SUPPORTED."""
    me, chat = caller.human(), find_chat(caller, request.peer)
    after = 0
    if not isinstance(request.offset_user, types.InputUserEmpty):
        after = find_user(caller, request.offset_user).id
    if request.q and request.link:
        raise Refusal(400, "SEARCH_WITH_LINK_NOT_SUPPORTED")
    invites, offset = caller.world.invites, seconds(request.offset_date)
    if request.requested:
        waiting = _waiting(caller, chat, me, request)
        count, shown = len(waiting), [_asking(it) for it in page_of(waiting, offset, after, request.limit)]
    else:
        joined = invites.joiners(chat, me, request.link or "", lapsed=bool(request.subscription_expired))
        count, shown = len(joined), [_joined(it) for it in page_of(joined, offset, after, request.limit)]
    named = [it.user_id for it in shown] + [it.approved_by for it in shown if it.approved_by]
    return types.messages.ChatInviteImporters(count, shown, entities.users(caller.world, me, named))


@answers(functions.messages.HideChatJoinRequestRequest)
async def hide(caller: Caller, request: functions.messages.HideChatJoinRequestRequest) -> types.Updates:
    """Lets in or turns away. Raises CHAT_ADMIN_REQUIRED, USER_ID_INVALID, HIDE_REQUESTER_MISSING,
    USER_ALREADY_PARTICIPANT."""
    me, chat = caller.user(), find_chat(caller, request.peer)
    person = find_user(caller, request.user_id)
    caller.world.requests.hide(chat, me, person, approved=bool(request.approved))
    return links.membership(caller, me, chat)


@answers(functions.messages.HideAllChatJoinRequestsRequest)
async def hide_all(caller: Caller, request: functions.messages.HideAllChatJoinRequestsRequest) -> types.Updates:
    """All of the chat, or of one link. Raises CHAT_ADMIN_REQUIRED (another's link and not the owner),
    INVITE_HASH_EXPIRED, HIDE_REQUESTER_MISSING."""
    me, chat = caller.human(), find_chat(caller, request.peer)
    caller.world.requests.hide_all(chat, me, request.link, approved=bool(request.approved))
    return links.membership(caller, me, chat)


@answers(functions.channels.ToggleJoinRequestRequest)
async def toggle(caller: Caller, request: functions.channels.ToggleJoinRequestRequest) -> types.Updates:
    """Whether a public group asks approval of who comes without a link. Raises CHANNEL_INVALID, CHANNEL_PRIVATE,
    CHAT_PUBLIC_REQUIRED, CHAT_ADMIN_REQUIRED (without the right to change the group)."""
    me, chat = caller.human(), find_chat(caller, request.channel)
    if chat.kind != Kind.SUPERGROUP or not chat.username:
        raise Refusal(400, "CHAT_PUBLIC_REQUIRED")
    if not caller.world.may(chat, me, "change_info"):
        raise Refusal(400, "CHAT_ADMIN_REQUIRED")
    chat.asks_approval = bool(request.enabled)
    return links.membership(caller, me, chat)


def _waiting(
    caller: Caller, chat: Chat, me: Person, request: functions.messages.GetChatInviteImportersRequest
) -> list[JoinRequest]:
    requests, invites = caller.world.requests, caller.world.invites
    if request.link:
        return requests.waiting(chat, invites.get(chat, me, request.link))
    invites.demand_right(chat, me)
    wanted = (request.q or "").lower()
    return [it for it in requests.waiting(chat) if wanted in entities.names(caller.world.people[it.person_id])]


def _asking(it: JoinRequest) -> types.ChatInviteImporter:
    return types.ChatInviteImporter(it.person_id, it.date, requested=True, about=it.about or None)


def _joined(it: Joined) -> types.ChatInviteImporter:
    return types.ChatInviteImporter(it.person_id, it.date, approved_by=it.approved_by or None)

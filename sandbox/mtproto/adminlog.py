"""The recent actions of a supergroup or channel; the rules are in sandbox.adminlog."""

from __future__ import annotations

from telethon.tl import TLObject, functions, types

from sandbox.adminlog import INVITES, JOINS, LEAVES, Action, Entry
from sandbox.chats import Chat, Person, Refusal
from sandbox.invites import InviteLink
from sandbox.mtproto import entities
from sandbox.mtproto.calls import Caller, answers
from sandbox.mtproto.entities import find_chat, find_user


@answers(functions.channels.GetAdminLogRequest)
async def get_admin_log(
    caller: Caller, request: functions.channels.GetAdminLogRequest
) -> types.channels.AdminLogResults:
    """Newest first, at most 100, with ids above min_id and below max_id. The filters join, leave and invites are
    known, the others find nothing; `admins` are whose acts to show; `q` is ignored. Links of other makers are
    cut. Raises 403 CHAT_ADMIN_REQUIRED, 406 CHANNEL_PRIVATE, CHANNEL_INVALID, USER_ID_INVALID."""
    me = caller.human()
    chat = _channel(caller, request.channel)
    by = None if request.admins is None else [find_user(caller, admin).id for admin in request.admins]
    found = caller.world.admin_log.read(
        chat, me, actions=_wanted(request.events_filter), by=by, max_id=request.max_id, min_id=request.min_id,
        limit=request.limit,
    )  # fmt: skip
    named = [who for entry in found for who in (entry.by, entry.approved_by, entry.link and entry.link.creator_id)]
    return types.channels.AdminLogResults(
        [types.ChannelAdminLogEvent(entry.id, entry.date, entry.by, _action(caller, me, entry)) for entry in found],
        [entities.chat(caller.world, me, chat)],
        entities.users(caller.world, me, [who for who in named if who]),
    )


def _channel(caller: Caller, given: TLObject) -> Chat:
    try:
        return find_chat(caller, given)
    except Refusal as refusal:
        if refusal.name == "CHANNEL_PRIVATE":
            raise Refusal(406, "CHANNEL_PRIVATE") from refusal
        raise


def _wanted(given: types.ChannelAdminLogEventsFilter | None) -> frozenset[Action]:
    if given is None:
        return frozenset(Action)
    chosen = (given.join and JOINS, given.leave and LEAVES, given.invites and INVITES)
    return frozenset(action for actions in chosen for action in actions or ())


def _action(caller: Caller, me: Person, entry: Entry) -> TLObject:
    def shown(link: InviteLink | None) -> TLObject:
        if link is None:
            return types.ChatInvitePublicJoinRequests()
        return entities.invite(link, cut=not caller.world.admin_log.shows_whole(link, me))

    match entry.action:
        case Action.EDITED:
            return types.ChannelAdminLogEventActionExportedInviteEdit(shown(entry.before), shown(entry.link))
        case Action.JOINED_BY_REQUEST:
            return types.ChannelAdminLogEventActionParticipantJoinByRequest(shown(entry.link), entry.approved_by)
        case Action.JOINED | Action.LEFT:
            return _BARE[entry.action]()
    return _OF_A_LINK[entry.action](shown(entry.link))


_OF_A_LINK = {
    Action.REVOKED: types.ChannelAdminLogEventActionExportedInviteRevoke,
    Action.DELETED: types.ChannelAdminLogEventActionExportedInviteDelete,
    Action.JOINED_BY_LINK: types.ChannelAdminLogEventActionParticipantJoinByInvite,
}
_BARE = {
    Action.JOINED: types.ChannelAdminLogEventActionParticipantJoin,
    Action.LEFT: types.ChannelAdminLogEventActionParticipantLeave,
}

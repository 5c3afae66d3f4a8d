"""Methods about groups and channels: what they are, who is in them, coming and going."""

from __future__ import annotations

from typing import Any

from telethon.tl import TLObject, functions, types

from sandbox.chats import ADMINS, Chat, Kind, Member, Person, Refusal, Rights, Status
from sandbox.mtproto import entities, links
from sandbox.mtproto.calls import Caller, answers
from sandbox.mtproto.entities import find_chat, find_user

PARTICIPANTS_CAP = 200


@answers(functions.channels.GetChannelsRequest)
async def get_channels(caller: Caller, request: functions.channels.GetChannelsRequest) -> types.messages.Chats:
    """Raises CHANNEL_INVALID, CHANNEL_PRIVATE."""
    me = caller.user()
    return types.messages.Chats([entities.chat(caller.world, me, _channel(caller, given)) for given in request.id])


@answers(functions.messages.GetChatsRequest)
async def get_chats(caller: Caller, request: functions.messages.GetChatsRequest) -> types.messages.Chats:
    """Basic groups by id. Raises CHAT_ID_INVALID."""
    me = caller.user()
    return types.messages.Chats(
        [entities.chat(caller.world, me, find_chat(caller, number, past=True)) for number in request.id]
    )


@answers(functions.channels.GetFullChannelRequest)
async def get_full_channel(
    caller: Caller, request: functions.channels.GetFullChannelRequest
) -> types.messages.ChatFull:
    """`exported_invite` is the caller's own primary link, `requests_pending` the number of people who
    wait for approval: for administrators with the right to invite. Raises CHANNEL_INVALID, CHANNEL_PRIVATE."""
    me, chat = caller.user(), _channel(caller, request.channel)
    present = [m for m in chat.members.values() if chat.present(m.person_id)]
    full = types.ChannelFull(
        id=entities.bare_id(chat),
        about="",
        read_inbox_max_id=0,
        read_outbox_max_id=0,
        unread_count=0,
        chat_photo=types.PhotoEmpty(0),
        notify_settings=types.PeerNotifySettings(),
        bot_info=[types.BotInfo(user_id=m.person_id) for m in present if caller.world.people[m.person_id].is_bot],
        pts=caller.world.pts[chat.id],
        can_view_participants=chat.kind == Kind.SUPERGROUP or caller.world.member(chat, me).status in ADMINS or None,
        participants_count=len(present),
        admins_count=len(chat.admins()),
        **_past(caller, chat),
        **_own_invite(caller, chat, me),
    )
    return types.messages.ChatFull(full, [entities.chat(caller.world, me, chat)], [entities.user(me.id, me)])


@answers(functions.messages.GetFullChatRequest)
async def get_full_chat(caller: Caller, request: functions.messages.GetFullChatRequest) -> types.messages.ChatFull:
    """As channels.getFullChannel, for a basic group, with all its members. Raises CHAT_ID_INVALID."""
    me, chat = caller.user(), find_chat(caller, request.chat_id, past=True)
    present = [m for m in chat.members.values() if chat.present(m.person_id)]
    number = entities.bare_id(chat)
    full = types.ChatFull(
        id=number,
        about="",
        participants=types.ChatParticipants(number, [_member_of_group(chat, m) for m in present], version=1),
        notify_settings=types.PeerNotifySettings(),
        **_own_invite(caller, chat, me),
    )
    users = [entities.user(me.id, caller.world.people[m.person_id]) for m in present]
    return types.messages.ChatFull(full, [entities.chat(caller.world, me, chat)], users)


@answers(functions.channels.GetParticipantsRequest)
async def get_participants(
    caller: Caller, request: functions.channels.GetParticipantsRequest
) -> types.channels.ChannelParticipants:
    """Filters: recent, admins, bots, search, kicked, banned (none: nobody is restricted); contacts and
    mentions are taken as search. At most 200 at once. Raises CHANNEL_INVALID, CHANNEL_PRIVATE, and
    CHAT_ADMIN_REQUIRED in a channel, or for the kicked, where the caller is no administrator."""
    me, chat = caller.user(), _channel(caller, request.channel)
    wanted, world = request.filter, caller.world
    kicked = isinstance(wanted, types.ChannelParticipantsKicked)
    if (chat.kind == Kind.CHANNEL or kicked) and world.member(chat, me).status not in ADMINS:
        raise Refusal(400, "CHAT_ADMIN_REQUIRED")
    found = [m for m in chat.members.values() if (m.status == Status.KICKED if kicked else chat.present(m.person_id))]
    match wanted:
        case types.ChannelParticipantsAdmins():
            found = [m for m in found if m.status in ADMINS]
        case types.ChannelParticipantsBots():
            found = [m for m in found if world.people[m.person_id].is_bot]
        case types.ChannelParticipantsBanned():
            found = [m for m in found if m.status == Status.RESTRICTED]
    asked = (getattr(wanted, "q", None) or "").lower()
    found = [m for m in found if asked in entities.names(world.people[m.person_id])]
    page = found[request.offset : request.offset + min(request.limit, PARTICIPANTS_CAP)]
    return types.channels.ChannelParticipants(
        count=len(found),
        participants=[_participant(me, m) for m in page],
        chats=[entities.chat(caller.world, me, chat)],
        users=[entities.user(me.id, world.people[m.person_id]) for m in page],
    )


@answers(functions.channels.GetParticipantRequest)
async def get_participant(
    caller: Caller, request: functions.channels.GetParticipantRequest
) -> types.channels.ChannelParticipant:
    """Raises CHANNEL_INVALID, CHANNEL_PRIVATE, PARTICIPANT_ID_INVALID, USER_NOT_PARTICIPANT, and
    CHAT_ADMIN_REQUIRED in a channel about another."""
    me, chat = caller.user(), _channel(caller, request.channel)
    person = find_user(caller, request.participant, wrong="PARTICIPANT_ID_INVALID")
    if chat.kind == Kind.CHANNEL and person.id != me.id and caller.world.member(chat, me).status not in ADMINS:
        raise Refusal(400, "CHAT_ADMIN_REQUIRED")
    member = caller.world.member(chat, person)
    if member.status == Status.LEFT:
        raise Refusal(400, "USER_NOT_PARTICIPANT")
    return types.channels.ChannelParticipant(
        _participant(me, member), [entities.chat(caller.world, me, chat)], [entities.user(me.id, person)]
    )


@answers(functions.channels.JoinChannelRequest)
async def join_channel(
    caller: Caller, request: functions.channels.JoinChannelRequest
) -> types.messages.ChatInviteJoinResultOk:
    """A public chat only. Raises CHANNEL_INVALID, CHANNEL_PRIVATE, USER_ALREADY_PARTICIPANT, and
    INVITE_REQUEST_SENT, which is success where the chat asks approval."""
    me, chat = caller.human(), _channel(caller, request.channel)
    caller.world.enter(chat, me)
    return links.joined(caller, me, chat)


@answers(functions.channels.LeaveChannelRequest)
async def leave_channel(caller: Caller, request: functions.channels.LeaveChannelRequest) -> types.Updates:
    """Raises CHANNEL_INVALID, CHANNEL_PRIVATE, USER_NOT_PARTICIPANT, and USER_CREATOR for the owner."""
    me, chat = caller.user(), _channel(caller, request.channel)
    caller.world.leave(chat, me)
    return links.membership(caller, me, chat)


@answers(functions.messages.DeleteChatUserRequest)
async def delete_chat_user(caller: Caller, request: functions.messages.DeleteChatUserRequest) -> types.Updates:
    """Leaves a basic group, or removes another. Raises CHAT_ID_INVALID, USER_ID_INVALID,
    USER_NOT_PARTICIPANT, USER_CREATOR, CHAT_ADMIN_REQUIRED."""
    me, chat = caller.user(), find_chat(caller, request.chat_id)
    person = find_user(caller, request.user_id)
    if person.id == me.id:
        caller.world.leave(chat, me)
        return links.membership(caller, me, chat)
    if not caller.world.may(chat, me, "restrict_members"):
        raise Refusal(400, "CHAT_ADMIN_REQUIRED")
    _demand_lesser(chat, person)
    caller.world.remove(chat, person, by=me)
    return links.membership(caller, me, chat)


@answers(functions.messages.MigrateChatRequest)
async def migrate_chat(caller: Caller, request: functions.messages.MigrateChatRequest) -> types.Updates:
    """The owner's basic group becomes a supergroup; both stand in the answer. Raises CHAT_ID_INVALID
    and 403 CHAT_ADMIN_REQUIRED for anyone else."""
    me, old = caller.human(), find_chat(caller, request.chat_id)
    if old.owner_id != me.id:
        raise Refusal(403, "CHAT_ADMIN_REQUIRED")
    new = caller.world.upgrade(old, me)
    told = links.membership(caller, me, new)
    told.chats.append(entities.chat(caller.world, me, old))
    return told


@answers(functions.channels.EditAdminRequest)
async def edit_admin(caller: Caller, request: functions.channels.EditAdminRequest) -> types.Updates:
    """Makes an administrator of anyone, adding him where he is not in the chat; with no right set,
    makes him a member again. Raises CHANNEL_INVALID, CHANNEL_PRIVATE, USER_ID_INVALID, USER_CREATOR,
    CHAT_ADMIN_REQUIRED without the right to promote."""
    me, chat = caller.user(), _channel(caller, request.channel)
    person = find_user(caller, request.user_id)
    if not caller.world.may(chat, me, "promote_members"):
        raise Refusal(400, "CHAT_ADMIN_REQUIRED")
    given = request.admin_rights
    rights = Rights(
        invite_users=bool(given.invite_users),
        delete_messages=bool(given.delete_messages),
        restrict_members=bool(given.ban_users),
        promote_members=bool(given.add_admins),
        change_info=bool(given.change_info),
        pin_messages=bool(given.pin_messages),
        anonymous=bool(given.anonymous),
    )
    if any(given.to_dict()[name] for name in given.to_dict() if name != "_"):
        if caller.world.member(chat, person).status == Status.CREATOR:
            raise Refusal(400, "USER_CREATOR")
        caller.world.promote(chat, person, by=me, rights=rights)
    else:
        _demand_lesser(chat, person)
        caller.world.demote(chat, person, by=me)
    return links.membership(caller, me, chat)


def _channel(caller: Caller, given: Any) -> Chat:
    chat = find_chat(caller, given)
    if chat.kind not in entities.CHANNELS:
        raise Refusal(400, "CHANNEL_INVALID")
    return chat


def _demand_lesser(chat: Chat, person: Person) -> None:
    if not chat.present(person.id):
        raise Refusal(400, "USER_NOT_PARTICIPANT")
    if chat.owner_id == person.id:
        raise Refusal(400, "USER_CREATOR")


def _own_invite(caller: Caller, chat: Chat, me: Person) -> dict[str, Any]:
    if not chat.may_invite(me.id):
        return {}
    waiting = [request.person_id for request in caller.world.requests.waiting(chat)]
    return {
        "exported_invite": entities.invite(caller.world.invites.primary(chat, me)),
        "requests_pending": len(waiting) or None,
        "recent_requesters": waiting[:3] or None,
    }


def _past(caller: Caller, chat: Chat) -> dict[str, Any]:
    if chat.migrated_from is None:
        return {}
    old = caller.world.chats[chat.migrated_from]
    return {"migrated_from_chat_id": entities.bare_id(old), "migrated_from_max_id": old.last_message_id}


def _participant(me: Person, member: Member) -> TLObject:
    who, joined = member.person_id, member.joined
    match member.status:
        case Status.CREATOR:
            rights = entities.admin_rights(member.rights, owner=True)
            return types.ChannelParticipantCreator(who, rights, rank=member.title or None)
        case Status.ADMINISTRATOR:
            return types.ChannelParticipantAdmin(
                who,
                member.promoted_by or who,
                joined,
                entities.admin_rights(member.rights),
                can_edit=member.promoted_by == me.id or None,
                is_self=who == me.id or None,
                inviter_id=(member.promoted_by or who) if who == me.id else None,
                rank=member.title or None,
            )
        case Status.KICKED:
            banned = types.ChatBannedRights(until_date=member.until, view_messages=True)
            return types.ChannelParticipantBanned(types.PeerUser(who), member.banned_by, joined, banned, left=True)
    if who == me.id:
        inviter = member.joined_by.creator_id if member.joined_by else who
        return types.ChannelParticipantSelf(who, inviter, joined, subscription_until_date=member.until or None)
    return types.ChannelParticipant(who, joined, subscription_until_date=member.until or None)


def _member_of_group(chat: Chat, member: Member) -> TLObject:
    inviter = chat.owner_id or member.person_id
    match member.status:
        case Status.CREATOR:
            return types.ChatParticipantCreator(member.person_id, rank=member.title or None)
        case Status.ADMINISTRATOR:
            return types.ChatParticipantAdmin(
                member.person_id, member.promoted_by or inviter, member.joined, rank=member.title or None
            )
    return types.ChatParticipant(member.person_id, inviter, member.joined)

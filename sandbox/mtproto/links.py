"""The invite link methods: making, listing, changing and using links; the rules are in sandbox.invites."""

from __future__ import annotations

from telethon.tl import TLObject, functions, types

from sandbox.chats import Chat, Kind, Person
from sandbox.mtproto import entities
from sandbox.mtproto.calls import Caller, answers
from sandbox.mtproto.entities import find_chat, find_user, seconds


@answers(functions.messages.ExportChatInviteRequest)
async def export(caller: Caller, request: functions.messages.ExportChatInviteRequest) -> types.ChatInviteExported:
    """Raises CHAT_ADMIN_REQUIRED, EXPIRE_DATE_INVALID, USAGE_LIMIT_INVALID, PRICING_CHAT_INVALID,
    SUBSCRIPTION_PERIOD_INVALID."""
    me, chat = caller.user(), find_chat(caller, request.peer)
    pricing = request.subscription_pricing
    made = caller.world.invites.export(
        chat,
        me,
        title=request.title or "",
        period=pricing.period if pricing else 0,
        price=pricing.amount if pricing else 0,
        expire_date=seconds(request.expire_date),
        usage_limit=request.usage_limit or 0,
        request_needed=bool(request.request_needed),
        legacy_revoke_permanent=bool(request.legacy_revoke_permanent),
    )
    return entities.invite(made)


@answers(functions.messages.GetExportedChatInvitesRequest)
async def list_links(
    caller: Caller, request: functions.messages.GetExportedChatInvitesRequest
) -> types.messages.ExportedChatInvites:
    """One creator's links, revoked or not; the next page starts after `offset_link`, which decides,
    or after `offset_date` where that link is gone. Raises CHAT_ADMIN_REQUIRED (another's listing and
    not the owner), ADMIN_ID_INVALID."""
    me, chat = caller.human(), find_chat(caller, request.peer)
    creator = find_user(caller, request.admin_id, wrong="ADMIN_ID_INVALID")
    count, page = caller.world.invites.listing(
        chat,
        me,
        creator,
        revoked=bool(request.revoked),
        offset_date=None if request.offset_date is None else seconds(request.offset_date),
        offset_link=request.offset_link,
        limit=request.limit,
    )
    return types.messages.ExportedChatInvites(
        count, [entities.invite(link) for link in page], [entities.user(me.id, creator)]
    )


@answers(functions.messages.GetExportedChatInviteRequest)
async def get_link(
    caller: Caller, request: functions.messages.GetExportedChatInviteRequest
) -> types.messages.ExportedChatInvite:
    """Raises CHAT_ADMIN_REQUIRED, INVITE_HASH_EXPIRED for a link that is not of this chat."""
    me = caller.human()
    link = caller.world.invites.get(find_chat(caller, request.peer), me, request.link)
    return types.messages.ExportedChatInvite(entities.invite(link), entities.users(caller.world, me, [link.creator_id]))


@answers(functions.messages.EditExportedChatInviteRequest)
async def edit_link(caller: Caller, request: functions.messages.EditExportedChatInviteRequest) -> TLObject:
    """messages.exportedChatInviteReplaced where a primary link was revoked, else
    messages.exportedChatInvite. Raises CHAT_ADMIN_REQUIRED, 403 EDIT_BOT_INVITE_FORBIDDEN,
    INVITE_HASH_EXPIRED, CHAT_INVITE_PERMANENT, USAGE_LIMIT_INVALID, EXPIRE_DATE_INVALID."""
    me = caller.user()
    link, new = caller.world.invites.edit(
        find_chat(caller, request.peer),
        me,
        request.link,
        revoked=bool(request.revoked),
        title=request.title,
        expire_date=None if request.expire_date is None else seconds(request.expire_date),
        usage_limit=request.usage_limit,
        request_needed=request.request_needed,
    )
    users = entities.users(caller.world, me, [link.creator_id])
    if new is None:
        return types.messages.ExportedChatInvite(entities.invite(link), users)
    return types.messages.ExportedChatInviteReplaced(entities.invite(link), entities.invite(new), users)


@answers(functions.messages.GetAdminsWithInvitesRequest)
async def admins_with_invites(
    caller: Caller, request: functions.messages.GetAdminsWithInvitesRequest
) -> types.messages.ChatAdminsWithInvites:
    """Raises CHAT_ADMIN_REQUIRED for anyone but the owner."""
    me = caller.human()
    counts = caller.world.invites.admins_with_invites(find_chat(caller, request.peer), me)
    return types.messages.ChatAdminsWithInvites(
        [types.ChatAdminWithInvites(*row) for row in counts],
        entities.users(caller.world, me, [creator for creator, *_ in counts]),
    )


@answers(functions.messages.DeleteExportedChatInviteRequest)
async def delete_link(caller: Caller, request: functions.messages.DeleteExportedChatInviteRequest) -> bool:
    """Raises CHAT_ADMIN_REQUIRED, INVITE_HASH_EXPIRED, INVITE_REVOKED_MISSING."""
    me = caller.human()
    caller.world.invites.delete(find_chat(caller, request.peer), me, request.link)
    return True


@answers(functions.messages.DeleteRevokedExportedChatInvitesRequest)
async def delete_revoked_links(
    caller: Caller, request: functions.messages.DeleteRevokedExportedChatInvitesRequest
) -> bool:
    """Of one maker. Raises CHAT_ADMIN_REQUIRED, ADMIN_ID_INVALID."""
    me, chat = caller.human(), find_chat(caller, request.peer)
    creator = find_user(caller, request.admin_id, wrong="ADMIN_ID_INVALID")
    caller.world.invites.delete_revoked(chat, me, creator)
    return True


@answers(functions.messages.CheckChatInviteRequest)
async def check(caller: Caller, request: functions.messages.CheckChatInviteRequest) -> TLObject:
    """Raises INVITE_HASH_EMPTY, INVITE_HASH_INVALID, 406 INVITE_HASH_EXPIRED, 406 CHANNEL_PRIVATE for
    the banned."""
    me = caller.human()
    link = caller.world.invites.find(request.hash)
    chat = caller.world.chat(link.chat_id)
    if chat.present(me.id):
        return types.ChatInviteAlready(entities.chat(caller.world, me, chat))
    caller.world.invites.demand_welcome(chat, me)
    return types.ChatInvite(
        title=chat.title,
        photo=types.PhotoEmpty(0),
        participants_count=sum(chat.present(who) for who in chat.members),
        color=abs(chat.id) % 7,
        channel=chat.kind in entities.CHANNELS or None,
        broadcast=chat.kind == Kind.CHANNEL or None,
        public=bool(chat.username) or None,
        megagroup=chat.kind == Kind.SUPERGROUP or None,
        request_needed=link.request_needed or None,
        subscription_pricing=entities.pricing(link),
    )


@answers(functions.messages.ImportChatInviteRequest)
async def join_by_link(
    caller: Caller, request: functions.messages.ImportChatInviteRequest
) -> types.messages.ChatInviteJoinResultOk:
    """Raises as `check`, USER_ALREADY_PARTICIPANT, STARS_PAYMENT_REQUIRED (a paid link), and
    INVITE_REQUEST_SENT, which is success on a link that needs approval."""
    me = caller.human()
    return joined(caller, me, caller.world.invites.use(me, request.hash))


def joined(caller: Caller, me: Person, chat: Chat) -> types.messages.ChatInviteJoinResultOk:
    return types.messages.ChatInviteJoinResultOk(membership(caller, me, chat))


def membership(caller: Caller, me: Person, chat: Chat) -> types.Updates:
    """The answer to joining and leaving: the chat as the caller sees it now."""
    number = entities.bare_id(chat)
    update = types.UpdateChannel(number) if chat.kind in entities.CHANNELS else types.UpdateChat(number)
    return types.Updates([update], [], [entities.chat(caller.world, me, chat)], caller.world.now(), 0)

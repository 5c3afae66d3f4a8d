"""People, chats and links of the world as TL objects for one caller, and back from what he names."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from telethon.tl import TLObject, types

from sandbox.chats import ADMINS, CHANNEL_BASE, Chat, Kind, Member, Person, Refusal, Rights, Status
from sandbox.invites import InviteLink
from sandbox.mtproto.calls import Caller
from sandbox.world import World

CHANNELS = (Kind.SUPERGROUP, Kind.CHANNEL)


def seconds(when: datetime | None) -> int:
    """Unix seconds of a date as Telethon reads it off the wire; 0 for none."""
    return int(when.timestamp()) if when else 0


def bare_id(chat: Chat) -> int:
    """MTProto's id of a chat, without the mark."""
    return CHANNEL_BASE - chat.id if chat.kind in CHANNELS else -chat.id


def access_hash(account_id: int, what: Person | Chat) -> int:
    """Differs per account: a hash learnt by one is useless to another."""
    digest = hmac.digest(what.secret, account_id.to_bytes(8, "big"), "sha256")
    return int.from_bytes(digest[:8], "big", signed=True)


# to the wire


def user(caller_id: int | None, person: Person, *, is_self: bool = False) -> types.User:
    return types.User(
        id=person.id,
        is_self=is_self or person.id == caller_id or None,
        bot=person.is_bot or None,
        bot_info_version=1 if person.is_bot else None,
        access_hash=access_hash(caller_id or person.id, person),
        first_name=person.first_name,
        last_name=person.last_name or None,
        username=person.username,
        phone=person.phone if is_self or person.id == caller_id else None,
        status=None if person.is_bot else types.UserStatusRecently(),
    )


def names(person: Person) -> str:
    """What a search looks in."""
    return f"{person.name} {person.username or ''}".lower()


def chat(world: World, viewer: Person, shown: Chat) -> TLObject:
    """channel or chat; channelForbidden or chatForbidden for the banned. An upgraded group says so, and
    names its supergroup with the access hash that opens it."""
    member = shown.members.get(viewer.id) or Member(viewer.id, Status.LEFT)
    number, owner = bare_id(shown), member.status == Status.CREATOR
    mine = admin_rights(member.rights, owner=owner) if member.status in ADMINS else None
    present = sum(1 for other in shown.members.values() if shown.present(other.person_id))
    if shown.kind not in CHANNELS:
        if member.status == Status.KICKED:
            return types.ChatForbidden(number, shown.title)
        return types.Chat(
            id=number,
            title=shown.title,
            photo=types.ChatPhotoEmpty(),
            participants_count=present,
            date=shown.created,
            version=1,
            creator=owner or None,
            left=not shown.present(viewer.id) or None,
            deactivated=shown.migrated_to is not None or None,
            migrated_to=_successor(world, viewer, shown),
            admin_rights=mine,
            default_banned_rights=types.ChatBannedRights(until_date=0),
        )
    megagroup, broadcast = shown.kind == Kind.SUPERGROUP or None, shown.kind == Kind.CHANNEL or None
    key = access_hash(viewer.id, shown)
    if member.status == Status.KICKED:
        return types.ChannelForbidden(number, key, shown.title, megagroup=megagroup, broadcast=broadcast)
    return types.Channel(
        id=number,
        title=shown.title,
        photo=types.ChatPhotoEmpty(),
        date=member.joined or shown.created,
        creator=owner or None,
        left=not shown.present(viewer.id) or None,
        broadcast=broadcast,
        megagroup=megagroup,
        forum=shown.is_forum or None,
        access_hash=key,
        username=shown.username,
        admin_rights=mine,
        default_banned_rights=types.ChatBannedRights(until_date=0),
        participants_count=present,
    )


def _successor(world: World, viewer: Person, shown: Chat) -> types.InputChannel | None:
    if shown.migrated_to is None:
        return None
    new = world.chats[shown.migrated_to]
    return types.InputChannel(bare_id(new), access_hash(viewer.id, new))


def peer(viewer: Person, shown: Chat | Person) -> TLObject:
    """A private dialog is the other one's peer to each of its two people."""
    if isinstance(shown, Person):
        return types.PeerUser(shown.id)
    if shown.kind == Kind.PRIVATE:
        return types.PeerUser(next((who for who in shown.members if who != viewer.id), viewer.id))
    return types.PeerChannel(bare_id(shown)) if shown.kind in CHANNELS else types.PeerChat(bare_id(shown))


def admin_rights(rights: Rights, *, owner: bool = False) -> types.ChatAdminRights:
    return types.ChatAdminRights(
        change_info=owner or rights.change_info or None,
        delete_messages=owner or rights.delete_messages or None,
        ban_users=owner or rights.restrict_members or None,
        invite_users=owner or rights.invite_users or None,
        pin_messages=owner or rights.pin_messages or None,
        add_admins=owner or rights.promote_members or None,
        anonymous=rights.anonymous or None,
        other=True,
    )


def invite(link: InviteLink, *, cut: bool = False) -> types.ChatInviteExported:
    """Results of listing, reading, making and editing are whole; the admin log cuts what another made."""
    return types.ChatInviteExported(
        link=link.cut if cut else link.link,
        admin_id=link.creator_id,
        date=link.date,
        revoked=link.revoked or None,
        permanent=link.permanent or None,
        request_needed=link.request_needed or None,
        start_date=link.edited or None,
        expire_date=link.expire_date or None,
        usage_limit=link.usage_limit or None,
        usage=link.usage or None,
        requested=len(link.requested) or None,
        title=link.title or None,
        subscription_pricing=pricing(link),
        subscription_expired=link.lapsed or None,
    )


def pricing(link: InviteLink) -> types.StarsSubscriptionPricing | None:
    return types.StarsSubscriptionPricing(link.period, link.price) if link.price else None


def users(world: World, viewer: Person, ids: Iterable[int]) -> list[TLObject]:
    """Each once, in this order."""
    return [user(viewer.id, world.people[who]) for who in dict.fromkeys(ids)]


# from the wire


def find_user(caller: Caller, given: Any, *, wrong: str = "USER_ID_INVALID") -> Person:
    """The person an InputUser or InputPeerUser names. Raises 400 `wrong` for an unknown one and for
    a hash that is not this caller's; a bot may leave the hash out for one it shares a chat with."""
    me = caller.user()
    match given:
        case types.InputUserSelf() | types.InputPeerSelf():
            return me
        case types.InputUser() | types.InputPeerUser():
            person = caller.world.people.get(given.user_id)
            if person and (person.id == me.id or given.access_hash == access_hash(me.id, person)):
                return person
            if person and me.is_bot and not given.access_hash and _have_met(caller, me, person):
                return person
    raise Refusal(400, wrong)


def find_chat(caller: Caller, given: Any, *, past: bool = False) -> Chat:
    """The group or channel an InputPeer, InputChannel or basic group's id names; with `past` also a
    group that became a supergroup. Raises 400 CHANNEL_INVALID (unknown, or another account's hash),
    CHANNEL_PRIVATE (a private one the caller is not in), CHAT_ID_INVALID, and PEER_ID_INVALID where it
    names no chat."""
    me = caller.user()
    match given:
        case types.InputPeerChannel() | types.InputChannel():
            found = caller.world.chats.get(CHANNEL_BASE - given.channel_id)
            by_bot = me.is_bot and not given.access_hash and found is not None and found.present(me.id)
            if found is None or not (by_bot or given.access_hash == access_hash(me.id, found)):
                raise Refusal(400, "CHANNEL_INVALID")
            if not found.present(me.id) and (not found.username or _banned(found, me)):
                raise Refusal(400, "CHANNEL_PRIVATE")
            return found
        case types.InputPeerChat(chat_id=number) | int(number):
            found = caller.world.chats.get(-number)
            if found is None or found.kind != Kind.GROUP or not found.present(me.id):
                raise Refusal(400, "CHAT_ID_INVALID")
            if found.migrated_to is not None and not past:
                raise Refusal(400, "CHAT_ID_INVALID")
            return found
        case types.InputChannelEmpty():
            raise Refusal(400, "CHANNEL_INVALID")
    raise Refusal(400, "PEER_ID_INVALID")


def find_peer(caller: Caller, given: Any, *, past: bool = False) -> Chat | Person:
    """As `find_user` (400 PEER_ID_INVALID) and `find_chat`."""
    match given:
        case types.InputPeerUser() | types.InputPeerSelf() | types.InputUser() | types.InputUserSelf():
            return find_user(caller, given, wrong="PEER_ID_INVALID")
    return find_chat(caller, given, past=past)


def _banned(found: Chat, person: Person) -> bool:
    return person.id in found.members and found.members[person.id].status == Status.KICKED


def _have_met(caller: Caller, one: Person, other: Person) -> bool:
    world = caller.world
    return world.has_dialog(one, other) or any(
        shared.present(one.id) and shared.present(other.id) for shared in world.chats.values()
    )

"""The world's things as the Bot API's JSON objects, seen by one bot."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sandbox.chats import Chat, Kind, Member, Person, Status
from sandbox.world import World

if TYPE_CHECKING:
    from sandbox.invites import InviteLink
    from sandbox.media import Media
    from sandbox.messages import Message, Origin, Press

Json = dict[str, Any]

# Who stands in `from` where a chat is the author.
GROUP_ANONYMOUS_BOT: Json = {
    "id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot",
}  # fmt: skip
CHANNEL_BOT: Json = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}
TELEGRAM: Json = {"id": 777000, "is_bot": False, "first_name": "Telegram"}


def user(person: Person) -> Json:
    found: Json = {"id": person.id, "is_bot": person.is_bot, "first_name": person.first_name}
    if person.last_name:
        found["last_name"] = person.last_name
    if person.username:
        found["username"] = person.username
    if not person.is_bot:
        found["language_code"] = "en"
    return found


def me(bot: Person) -> Json:
    return user(bot) | {
        "can_join_groups": bot.joins_groups, "can_read_all_group_messages": bot.reads_all,
        "supports_inline_queries": False, "can_connect_to_business": False, "has_main_web_app": False,
    }  # fmt: skip


def chat(world: World, it: Chat, viewer: Person) -> Json:
    if it.kind == Kind.PRIVATE:
        other = world.people[next(who for who in it.members if who != viewer.id)]
        return private_chat(other)
    found: Json = {"id": it.id, "type": it.kind.value, "title": it.title}
    if it.username:
        found["username"] = it.username
    return found | {"is_forum": True} if it.is_forum else found


def private_chat(other: Person) -> Json:
    return {"id": other.id, "type": "private"} | {
        key: value for key, value in user(other).items() if key in ("first_name", "last_name", "username")
    }


def full_chat(world: World, it: Chat, viewer: Person) -> Json:
    found = chat(world, it, viewer) | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(
            ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"),
            it.kind == Kind.PRIVATE,
        ),
    }
    if "username" in found:
        found["active_usernames"] = [found["username"]]
    if it.kind in (Kind.GROUP, Kind.SUPERGROUP):
        found["permissions"] = permissions()
    if it.linked_chat_id is not None:
        found["linked_chat_id"] = it.linked_chat_id
    if it.may_invite(viewer.id):
        found["invite_link"] = world.invites.primary(it, viewer).link
    return found


def permissions() -> Json:
    allowed = [
        "messages", "audios", "documents", "photos", "videos", "video_notes", "voice_notes", "polls", "other_messages",
    ]  # fmt: skip
    others = ["can_add_web_page_previews", "can_react_to_messages", "can_edit_tag", "can_invite_users"]
    return dict.fromkeys([f"can_send_{what}" for what in allowed] + others, True) | dict.fromkeys(
        ["can_change_info", "can_pin_messages", "can_manage_topics"], False
    )


def member(world: World, it: Chat, who: Member, viewer: Person) -> Json:
    found: Json = {"status": who.status.value, "user": user(world.people[who.person_id])}
    match who.status:
        case Status.CREATOR:
            found["is_anonymous"] = who.rights.anonymous
            if who.title:
                found["custom_title"] = who.title
        case Status.ADMINISTRATOR:
            rights = who.rights
            found |= {
                "can_be_edited": who.promoted_by == viewer.id,
                "is_anonymous": rights.anonymous,
                "can_manage_chat": True,
                "can_delete_messages": rights.delete_messages,
                "can_manage_video_chats": False,
                "can_restrict_members": rights.restrict_members,
                "can_promote_members": rights.promote_members,
                "can_change_info": rights.change_info,
                "can_invite_users": rights.invite_users,
                "can_post_stories": False,
                "can_edit_stories": False,
                "can_delete_stories": False,
                "can_send_welcome_messages": False,
            }
            if it.kind == Kind.CHANNEL:
                found |= {
                    "can_post_messages": rights.post_messages, "can_edit_messages": True,
                    "can_manage_direct_messages": False,
                }  # fmt: skip
            else:
                found |= {"can_pin_messages": rights.pin_messages}
            if it.kind == Kind.SUPERGROUP:
                found |= {"can_manage_topics": False, "can_manage_tags": False}
            if who.title:
                found["custom_title"] = who.title
        case Status.RESTRICTED:
            found |= permissions() | {"is_member": True, "until_date": 0}
        case Status.MEMBER if who.until:
            found["until_date"] = who.until
        case Status.KICKED:
            found["until_date"] = who.until
    return found


def invite_link(world: World, link: InviteLink, viewer: Person, *, in_update: bool = False) -> Json:
    """Whole in what a method returns; in updates another maker's link is cut, its name and maker are not."""
    foreign = in_update and link.creator_id != viewer.id
    found: Json = {
        "invite_link": link.cut if foreign else link.link,
        "creator": user(world.people[link.creator_id]),
        "creates_join_request": link.request_needed,
        "is_primary": link.permanent and not link.revoked,
        "is_revoked": link.revoked,
    }
    optional = {
        "name": link.title,
        "expire_date": link.expire_date,
        "member_limit": link.usage_limit,
        "pending_join_request_count": len(link.requested),
        "subscription_period": link.period,
        "subscription_price": link.price,
    }
    return found | {key: value for key, value in optional.items() if value}


def message(world: World, it: Message, viewer: Person, *, shallow: bool = False) -> Json:
    found: Json = {"message_id": it.id, "date": it.date, "chat": chat(world, it.chat, viewer)}
    found |= _author(world, it, viewer)
    if it.thread_id is not None:
        found["message_thread_id"] = it.thread_id
    if it.in_topic:
        found["is_topic_message"] = True
    if it.forwarded is not None:
        found["forward_origin"] = _origin(world, it.forwarded, viewer)
    if it.automatic:
        found["is_automatic_forward"] = True
    if it.ephemeral_id is not None:
        found |= {"ephemeral_message_id": it.ephemeral_id, "receiver_user": user(world.people[it.receiver_id or 0])}
    if it.edited:
        found["edit_date"] = it.edited
    if it.rich:
        found["rich_message"] = {"blocks": [_block(block) for block in it.rich]}
    elif it.media is not None:
        found |= _media(it.media)
    if it.text and not it.rich:
        text, entities = ("caption", "caption_entities") if it.media else ("text", "entities")
        found[text] = it.text
        if it.entities:
            found[entities] = list(it.entities)
    if it.keyboard and "inline_keyboard" in it.keyboard:
        found["reply_markup"] = it.keyboard
    if it.reply_to in it.chat.messages and it.reply_to is not None and not shallow:
        found["reply_to_message"] = message(world, it.chat.messages[it.reply_to], viewer, shallow=True)
    return found | _service(world, it)


def file(it: Media) -> Json:
    return {"file_id": it.file_id, "file_unique_id": it.unique_id, "file_size": len(it.content)}


def _media(it: Media) -> Json:
    if it.kind == "photo":
        return {"photo": [file(it) | {"width": it.width, "height": it.height}]}
    return {"document": file(it) | {"file_name": it.name, "mime_type": it.mime}}


def _block(given: Mapping[str, Any]) -> Json:
    """A block as it was given, list items with the label that Telegram gives them."""
    found = {key: value for key, value in given.items() if value is not None}
    if "blocks" in found:
        found["blocks"] = [_block(block) for block in found["blocks"]]
    if "items" in found:
        found["items"] = [{"label": str(item.get("value", "•"))} | _block(item) for item in found["items"]]
    return found


def _author(world: World, it: Message, viewer: Person) -> Json:
    """A post of a channel is from nobody; a group, or a channel in a group, has a stand-in in `from`."""
    if it.as_chat is None and it.chat.kind != Kind.CHANNEL:
        return {"from": user(world.people[it.sender_id])}
    author = it.as_chat or it.chat
    found: Json = {"sender_chat": chat(world, author, viewer)}
    if it.automatic:
        found["from"] = TELEGRAM
    elif it.chat.kind != Kind.CHANNEL:
        found["from"] = GROUP_ANONYMOUS_BOT if author is it.chat else CHANNEL_BOT
    return found | {"author_signature": it.signature} if it.signature else found


def _origin(world: World, it: Origin, viewer: Person) -> Json:
    found: Json = {"type": it.kind, "date": it.date}
    match it.kind:
        case "user":
            found["sender_user"] = user(world.people[it.person_id or 0])
        case "hidden_user":
            found["sender_user_name"] = it.name
        case "chat" if it.chat is not None:
            found["sender_chat"] = chat(world, it.chat, viewer)
        case "channel" if it.chat is not None:
            found |= {"chat": chat(world, it.chat, viewer), "message_id": it.message_id}
    return found | {"author_signature": it.signature} if it.signature else found


def _service(world: World, it: Message) -> Json:
    found: Json = dict(it.service or {})
    if "new_chat_members" in found:
        found["new_chat_members"] = [user(world.people[who]) for who in found["new_chat_members"]]
    if "left_chat_member" in found:
        found["left_chat_member"] = user(world.people[found["left_chat_member"]])
    if "chat_owner_changed" in found:
        found["chat_owner_changed"] = {"new_owner": user(world.people[found["chat_owner_changed"]["new_owner"]])}
    return found


def callback_query(world: World, press: Press, bot: Person) -> Json:
    """`chat_instance` is one number per bot and chat, and says nothing else."""
    digest = hashlib.sha256(f"{bot.token}|{press.message.chat.kind}|{press.message.chat.id}".encode())
    return {
        "id": press.id,
        "from": user(press.person),
        "message": message(world, press.message, bot),
        "chat_instance": str(int.from_bytes(digest.digest()[:8], "big", signed=True)),
        "data": press.data,
    }

"""Messages of the world as TL objects for one viewer: texts, entities, keyboards, service messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from telethon.tl import TLObject, types

from sandbox.chats import CHANNEL_BASE, Kind, Person
from sandbox.messages import Message, Origin
from sandbox.mtproto import entities
from sandbox.world import World

Json = Mapping[str, Any]

_PLAIN_ENTITIES = {
    "mention": types.MessageEntityMention,
    "hashtag": types.MessageEntityHashtag,
    "cashtag": types.MessageEntityCashtag,
    "bot_command": types.MessageEntityBotCommand,
    "url": types.MessageEntityUrl,
    "email": types.MessageEntityEmail,
    "phone_number": types.MessageEntityPhone,
    "bold": types.MessageEntityBold,
    "italic": types.MessageEntityItalic,
    "underline": types.MessageEntityUnderline,
    "strikethrough": types.MessageEntityStrike,
    "spoiler": types.MessageEntitySpoiler,
    "code": types.MessageEntityCode,
    "blockquote": types.MessageEntityBlockquote,
}
_NAMES = {tl: name for name, tl in _PLAIN_ENTITIES.items()}
_FULLER_ENTITIES: dict[str, tuple[type[TLObject], Callable[[Json], Any]]] = {
    "pre": (types.MessageEntityPre, lambda kept: kept.get("language") or ""),
    "text_link": (types.MessageEntityTextUrl, lambda kept: kept["url"]),
    "text_mention": (types.MessageEntityMentionName, lambda kept: kept["user"]["id"]),
    "custom_emoji": (types.MessageEntityCustomEmoji, lambda kept: int(kept["custom_emoji_id"])),
    "expandable_blockquote": (types.MessageEntityBlockquote, lambda kept: True),
}
# The letters of Bot API's date_time_format.
_DATE_FLAGS = {
    "r": "relative",
    "w": "day_of_week",
    "d": "short_date",
    "D": "long_date",
    "t": "short_time",
    "T": "long_time",
}


def message(viewer: Person, shown: Message) -> TLObject:
    """message or messageService; an ephemeral one is another type (`ephemeral`)."""
    private, posted = shown.chat.kind == Kind.PRIVATE, shown.chat.kind == Kind.CHANNEL
    common: dict[str, Any] = {
        "id": shown.id,
        "peer_id": entities.peer(viewer, shown.chat),
        "date": shown.date,
        "out": shown.sender_id == viewer.id or None,
        # Absent under channel posts, and in private where the peer tells it.
        "from_id": None if posted or (private and shown.sender_id != viewer.id) else _author(viewer, shown),
        "post": posted or None,
        "reply_to": _replying(shown),
    }
    if shown.service is not None:
        return types.MessageService(**common, action=_action(shown, shown.service))
    return types.Message(
        **common,
        message=shown.text,
        entities=[_entity(e) for e in shown.entities] or None,
        reply_markup=_markup(shown.keyboard),
        edit_date=shown.edited or None,
        fwd_from=_forwarded(viewer, shown.forwarded),
        post_author=shown.signature or None,
        views=1 if posted else None,
        forwards=0 if posted else None,
    )


def _author(viewer: Person, shown: Message) -> TLObject:
    """An anonymous administrator writes as the group, and nobody learns who he is."""
    return entities.peer(viewer, shown.as_chat) if shown.as_chat else types.PeerUser(shown.sender_id)


def _replying(shown: Message) -> types.MessageReplyHeader | None:
    if not shown.reply_to and not shown.in_topic:
        return None
    return types.MessageReplyHeader(
        reply_to_msg_id=shown.reply_to or shown.thread_id,
        reply_to_top_id=shown.thread_id if shown.reply_to and shown.in_topic else None,
        forum_topic=shown.in_topic or None,
    )


def _forwarded(viewer: Person, origin: Origin | None) -> types.MessageFwdHeader | None:
    if origin is None:
        return None
    whose = types.PeerUser(origin.person_id) if origin.person_id else None
    return types.MessageFwdHeader(
        date=origin.date,
        from_id=entities.peer(viewer, origin.chat) if origin.chat else whose,
        from_name=origin.name or None,
        channel_post=origin.message_id or None,
        post_author=origin.signature or None,
    )


def ephemeral(viewer: Person, shown: Message) -> types.EphemeralMessage:
    return types.EphemeralMessage(
        id=shown.ephemeral_id,
        from_id=types.PeerUser(shown.sender_id),
        receiver_id=shown.receiver_id,
        date=shown.date,
        message=shown.text,
        out=shown.sender_id == viewer.id or None,
        peer_id=entities.peer(viewer, shown.chat),
        entities=[_entity(e) for e in shown.entities] or None,
        reply_markup=_markup(shown.keyboard),
    )


def around(world: World, viewer: Person, shown: Sequence[Message]) -> tuple[list[TLObject], list[TLObject]]:
    """The users and chats that a list of messages speaks of."""
    people: dict[int, None] = {}
    chats = {m.chat.id: m.chat for m in shown if m.chat.kind != Kind.PRIVATE}
    for m in shown:
        for other in (m.as_chat, m.forwarded.chat if m.forwarded else None):
            if other:
                chats[other.id] = other
        forwarded = m.forwarded.person_id if m.forwarded else None
        people |= dict.fromkeys(who for who in (None if m.as_chat else m.sender_id, forwarded) if who)
        people |= dict.fromkeys(m.chat.members if m.chat.kind == Kind.PRIVATE else [])
        service = m.service or {}
        people |= dict.fromkeys(service.get("new_chat_members", []))
        people |= dict.fromkeys(who for who in (service.get("left_chat_member"), m.receiver_id) if who)
        if m.link:
            people[m.link.creator_id] = None
    return (
        [entities.user(viewer.id, world.people[who]) for who in people],
        [entities.chat(world, viewer, chat) for chat in chats.values()],
    )


def entities_of(caller_entities: Sequence[TLObject] | None) -> list[Json]:
    """What a client marked in its text, in the world's form; kinds the world does not keep are dropped."""
    kept: list[Json] = []
    for given in caller_entities or ():
        place = {"offset": given.offset, "length": given.length}
        match given:
            case types.MessageEntityPre():
                kept.append({"type": "pre", **place, "language": given.language})
            case types.MessageEntityTextUrl():
                kept.append({"type": "text_link", **place, "url": given.url})
            case _ if type(given) in _NAMES:
                kept.append({"type": _NAMES[type(given)], **place})
    return kept


_ACTIONS: dict[str, Callable[[Message, Any], TLObject]] = {
    "new_chat_members": lambda shown, members: (
        types.MessageActionChatJoinedByRequest()
        if shown.by_request
        else types.MessageActionChatJoinedByLink(inviter_id=shown.link.creator_id)
        if shown.link
        else types.MessageActionChatAddUser(users=list(members))
    ),
    "left_chat_member": lambda _, who: types.MessageActionChatDeleteUser(user_id=who),
    "supergroup_chat_created": lambda shown, _: types.MessageActionChannelCreate(title=shown.chat.title),
    "channel_chat_created": lambda shown, _: types.MessageActionChannelCreate(title=shown.chat.title),
    "group_chat_created": lambda shown, _: types.MessageActionChatCreate(shown.chat.title, users=[shown.sender_id]),
    "migrate_to_chat_id": lambda _, new: types.MessageActionChatMigrateTo(CHANNEL_BASE - new),
    "migrate_from_chat_id": lambda shown, old: types.MessageActionChannelMigrateFrom(shown.chat.title, -old),
}


def _action(shown: Message, service: Json) -> TLObject:
    made = next((_ACTIONS[name](shown, what) for name, what in service.items() if name in _ACTIONS), None)
    return made or types.MessageActionEmpty()


def _entity(kept: Json) -> TLObject:
    place = (kept["offset"], kept["length"])
    if kept["type"] == "date_time":
        flags = {_DATE_FLAGS[letter]: True for letter in kept.get("date_time_format") or ""}
        return types.MessageEntityFormattedDate(*place, kept["unix_time"], **flags)
    made, extra = _FULLER_ENTITIES.get(kept["type"], (None, None))
    if made and extra:
        return made(*place, extra(kept))
    return _PLAIN_ENTITIES.get(kept["type"], types.MessageEntityUnknown)(*place)


def _markup(keyboard: Json | None) -> TLObject | None:
    if keyboard is None:
        return None
    match keyboard:
        case {"inline_keyboard": rows}:
            return types.ReplyInlineMarkup(
                [
                    types.KeyboardInlineButtonRow(
                        [types.KeyboardInlineButton(b["text"], _button_type(b), style=_style(b)) for b in row]
                    )
                    for row in rows
                ]
            )
        case {"keyboard": rows}:
            plain = types.ButtonTypeDefault
            return types.ReplyKeyboardMarkup(
                [
                    types.KeyboardButtonRow(
                        [types.KeyboardButton(b if isinstance(b, str) else b["text"], plain()) for b in row]
                    )
                    for row in rows
                ],
                resize=keyboard.get("resize_keyboard"),
                single_use=keyboard.get("one_time_keyboard"),
                selective=keyboard.get("selective"),
                persistent=keyboard.get("is_persistent"),
                placeholder=keyboard.get("input_field_placeholder"),
            )
        case {"remove_keyboard": _}:
            return types.ReplyKeyboardHide(selective=keyboard.get("selective"))
        case {"force_reply": _}:
            return types.ReplyKeyboardForceReply(
                selective=keyboard.get("selective"), placeholder=keyboard.get("input_field_placeholder")
            )
    return None


_BUTTON_TYPES: dict[str, Callable[[Any], TLObject]] = {
    "callback_data": lambda data: types.InlineButtonTypeCallback(data.encode()),
    "url": types.InlineButtonTypeUrl,
    "copy_text": lambda copy: types.InlineButtonTypeCopy(copy["text"]),
    "web_app": lambda app: types.InlineButtonTypeWebView(app["url"]),
    "login_url": lambda login: types.InlineButtonTypeUrlAuth(login["url"], 0),
    "switch_inline_query": types.InlineButtonTypeSwitchInline,
    "switch_inline_query_current_chat": lambda query: types.InlineButtonTypeSwitchInline(query, same_peer=True),
}


def _button_type(button: Json) -> TLObject:
    made = next((make(button[name]) for name, make in _BUTTON_TYPES.items() if name in button), None)
    return made or types.InlineButtonTypeDisabled()


def _style(button: Json) -> types.KeyboardButtonStyle | None:
    named = button.get("style")
    return types.KeyboardButtonStyle(**{f"bg_{named}": True}) if named in ("primary", "danger", "success") else None

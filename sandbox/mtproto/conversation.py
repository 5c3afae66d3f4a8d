"""Methods by which people write, read and press: messages, ephemeral ones, histories, buttons."""

from __future__ import annotations

import asyncio
from typing import Any

from telethon.tl import TLObject, functions, types

from sandbox.chats import Chat, Kind, Person, Refusal
from sandbox.messages import Message
from sandbox.mtproto import entities, posts, updates
from sandbox.mtproto.calls import Caller, answers
from sandbox.mtproto.entities import find_peer, find_user, seconds

HISTORY_CAP = 100
MAX_DATA = 64  # bytes of callback data


@answers(functions.messages.SendMessageRequest)
async def send_message(caller: Caller, request: functions.messages.SendMessageRequest) -> types.Updates:
    """Raises PEER_ID_INVALID, CHANNEL_INVALID, CHANNEL_PRIVATE, CHAT_ID_INVALID, MESSAGE_EMPTY,
    MESSAGE_TOO_LONG, 403 CHAT_WRITE_FORBIDDEN, 500 RANDOM_ID_DUPLICATE. Keyboards are not taken."""
    me = caller.user()
    reply = request.reply_to
    sent = caller.world.messages.send(
        _chat(caller, request.peer),
        me,
        request.message,
        entities=posts.entities_of(request.entities),
        reply_to=reply.reply_to_msg_id if isinstance(reply, types.InputReplyToMessage) else None,
        random_id=request.random_id,
    )
    named = types.UpdateMessageID(sent.id, request.random_id)
    return updates.bundle(caller.world, me, [named, updates.news(caller.world, me, sent)], [sent])


@answers(functions.ephemeral.SendMessageRequest)
async def send_ephemeral(caller: Caller, request: functions.ephemeral.SendMessageRequest) -> types.Updates:
    """A command that only the bot sees; welcome messages and media are not taken. Raises as
    messages.sendMessage, USER_ID_INVALID, USER_NOT_PARTICIPANT (the receiver is no bot, or not in the
    group), CHAT_INVALID (no group)."""
    me = caller.user()
    sent = caller.world.messages.send_ephemeral(
        _chat(caller, request.peer),
        me,
        find_user(caller, request.receiver_id),
        request.message,
        entities=posts.entities_of(request.entities),
        random_id=request.random_id,
    )
    return updates.bundle(caller.world, me, [updates.news(caller.world, me, sent)], [sent])


@answers(functions.messages.GetHistoryRequest)
async def get_history(caller: Caller, request: functions.messages.GetHistoryRequest) -> TLObject:
    """Newest first from `offset_id` (that one left out) or else before `offset_date`, moved by `add_offset`, at
    most 100; `max_id` and `min_id` are left out themselves. Raises PEER_ID_INVALID, CHANNEL_INVALID,
    CHANNEL_PRIVATE, CHAT_ID_INVALID."""
    me, chat = caller.human(), _chat(caller, request.peer, past=True)
    newest_first = sorted(chat.messages.values(), key=lambda m: m.id, reverse=True)
    if request.offset_id:
        newer = sum(m.id >= request.offset_id for m in newest_first)
    else:
        before = seconds(request.offset_date)
        newer = sum(bool(before) and m.date >= before for m in newest_first)
    start = max(0, newer + request.add_offset)
    page = newest_first[start : max(0, newer + request.add_offset + min(request.limit, HISTORY_CAP))]
    page = [m for m in page if m.id > request.min_id and (not request.max_id or m.id < request.max_id)]
    return _listed(caller, me, chat, page, len(newest_first))


@answers(functions.messages.GetMessagesRequest)
async def get_messages(caller: Caller, request: functions.messages.GetMessagesRequest) -> TLObject:
    """Of private chats and basic groups, whose ids one numbering gives. messageEmpty for those the
    caller has not."""
    me, world = caller.user(), caller.world
    mine = [dialog for key, dialog in world.dialogs.items() if me.id in key]
    mine += [chat for chat in world.chats.values() if chat.kind == Kind.GROUP and chat.present(me.id)]
    found = [_asked(given, mine) for given in request.id]
    shown = [m for m in found if isinstance(m, Message)]
    users, chats = posts.around(world, me, shown)
    return types.messages.Messages(_posts(me, found), [], chats, users)


@answers(functions.channels.GetMessagesRequest)
async def get_channel_messages(caller: Caller, request: functions.channels.GetMessagesRequest) -> TLObject:
    """Raises CHANNEL_INVALID, CHANNEL_PRIVATE."""
    me, chat = caller.user(), entities.find_chat(caller, request.channel)
    return _listed(caller, me, chat, [_asked(given, [chat]) for given in request.id], len(request.id))


@answers(functions.messages.GetBotCallbackAnswerRequest)
async def press(caller: Caller, request: functions.messages.GetBotCallbackAnswerRequest) -> TLObject:
    """Raises PEER_ID_INVALID, CHANNEL_INVALID, CHANNEL_PRIVATE, MESSAGE_ID_INVALID, DATA_INVALID (none,
    or over 64 bytes), and BOT_RESPONSE_TIMEOUT when the bot let `World.press_patience` seconds pass."""
    me, chat = caller.human(), _chat(caller, request.peer)
    return await _pressed(caller, me, caller.world.messages.get(chat, request.msg_id), request.data)


@answers(functions.ephemeral.GetCallbackAnswerRequest)
async def press_ephemeral(caller: Caller, request: functions.ephemeral.GetCallbackAnswerRequest) -> TLObject:
    """Raises as messages.getBotCallbackAnswer."""
    me, chat = caller.human(), _chat(caller, request.peer)
    shown = caller.world.messages.get_ephemeral(chat, me.id, request.id)
    return await _pressed(caller, me, shown, request.data)


def _chat(caller: Caller, given: Any, *, past: bool = False) -> Chat:
    found = find_peer(caller, given, past=past)
    return caller.world.dialog(caller.user(), found) if isinstance(found, Person) else found


async def _pressed(caller: Caller, me: Person, shown: Message, data: bytes | None) -> types.messages.BotCallbackAnswer:
    if not data or len(data) > MAX_DATA:
        raise Refusal(400, "DATA_INVALID")
    pressed = caller.world.messages.press(me, shown, data.decode(errors="replace"))
    try:
        # The press ends with the wait: a bot that answers later is told that the query is too old.
        answer = await asyncio.wait_for(pressed.answer, caller.world.press_patience)
    except TimeoutError:
        raise Refusal(400, "BOT_RESPONSE_TIMEOUT") from None
    return types.messages.BotCallbackAnswer(
        cache_time=0,
        alert=answer.get("show_alert") or None,
        has_url=bool(answer.get("url")) or None,
        message=answer.get("text") or None,
        url=answer.get("url") or None,
    )


def _asked(given: TLObject, where: list[Chat]) -> Message | int:
    """The message, or the id that nothing has."""
    number = given.id if isinstance(given, types.InputMessageID | types.InputMessageReplyTo) else 0
    found = next((chat.messages[number] for chat in where if number in chat.messages), None)
    if found and isinstance(given, types.InputMessageReplyTo):
        return found.chat.messages.get(found.reply_to or 0) or number
    return found or number


def _posts(me: Person, found: list[Message | int]) -> list[TLObject]:
    return [posts.message(me, m) if isinstance(m, Message) else types.MessageEmpty(m, peer_id=None) for m in found]


def _listed(caller: Caller, me: Person, chat: Chat, found: list[Any], total: int) -> TLObject:
    users, chats = posts.around(caller.world, me, [m for m in found if isinstance(m, Message)])
    if chat.kind in entities.CHANNELS:
        chats = chats or [entities.chat(caller.world, me, chat)]
        return types.messages.ChannelMessages(
            pts=caller.world.pts[chat.id], count=total, messages=_posts(me, found), topics=[], chats=chats, users=users
        )
    return types.messages.MessagesSlice(count=total, messages=_posts(me, found), topics=[], chats=chats, users=users)

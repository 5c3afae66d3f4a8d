"""Who a message is from: people, groups, channels and Telegram itself; forwards; who pressed."""

from __future__ import annotations

from typing import Any

import pytest
from aiogram.types import Message, MessageOriginChannel, MessageOriginChat, MessageOriginHiddenUser, MessageOriginUser

from sandbox.chats import Chat, Kind, Refusal, Rights
from tests.sandbox.room import Room
from tests.sandbox.stock_aiogram import aiogram

BUTTONS = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
LINKS = {"inline_keyboard": [[{"text": "Open", "url": "https://example.org/"}]]}


@pytest.fixture
async def news(room: Room) -> Chat:
    """Olga's channel, which the bot administers, with Chess as its discussion group."""
    channel = room.world.add_chat("News", room.olga.person, kind=Kind.CHANNEL)
    room.world.promote(channel, room.bot, by=room.olga.person)
    await room.olga.links_discussion(channel, room.chat)
    await room.updates()
    return channel


async def read(room: Room) -> list[Message]:
    """The messages and posts the bot is owed, as aiogram reads them."""
    async with aiogram(room.api, room.bot) as client:
        updates = await client.get_updates()
        if updates:
            await client.get_updates(offset=updates[-1].update_id + 1)
    return [update.event for update in updates if isinstance(update.event, Message)]


def from_id(message: Message) -> int | None:
    return message.from_user.id if message.from_user else None


@pytest.mark.fact("U-13")
async def test_the_owner_too_can_hide_behind_the_group_and_a_title_signs(room: Room) -> None:
    await room.olga.hides(in_=room.chat)
    room.world.promote(
        room.chat, room.ann.person, by=room.olga.person, rights=Rights(anonymous=True), title="Treasurer"
    )
    await room.updates()
    await room.olga.sends("one", to=room.chat)
    await room.ann.sends("two", to=room.chat, as_group=True)
    await room.olga.hides(in_=room.chat, hidden=False)
    await room.olga.sends("three", to=room.chat)
    one, two, three = await read(room)
    assert [from_id(m) for m in (one, two, three)] == [1087968824, 1087968824, room.olga.person.id]
    assert one.sender_chat
    assert one.sender_chat.id == room.chat.id
    assert (one.author_signature, two.author_signature, three.sender_chat) == (None, "Treasurer", None)
    member = await room.gives("getChatMember", chat_id=room.chat.id, user_id=room.ann.person.id)
    assert (member["is_anonymous"], member["custom_title"]) == (True, "Treasurer")


async def test_nobody_writes_as_what_is_not_his(room: Room, news: Chat) -> None:
    for act in (
        room.max.sends("hi", to=room.chat, as_group=True),
        room.ann.sends("hi", to=room.chat, as_group=True),
        room.ann.sends("hi", to=room.chat, as_channel=news),
    ):
        with pytest.raises(Refusal, match="SEND_AS_PEER_INVALID"):
            await act
    await room.olga.promotes(room.ann.person, in_=room.chat, rights=Rights(anonymous=True))
    with pytest.raises(Refusal, match="SEND_AS_PEER_INVALID"):
        await room.ann.asks("/secret", in_=room.chat, bot=room.bot)


@pytest.mark.fact("U-17")
async def test_a_channel_speaks_in_a_group_through_channel_bot(room: Room, news: Chat) -> None:
    await room.olga.sends("as the channel", to=room.chat, as_channel=news)
    (said,) = await read(room)
    assert (from_id(said), said.sender_chat and said.sender_chat.id) == (136817688, news.id)


@pytest.mark.fact("U-19")
async def test_a_press_names_the_person_also_where_an_anonymous_one_pressed(room: Room) -> None:
    await room.olga.promotes(room.ann.person, in_=room.chat, rights=Rights(anonymous=True))
    line = room.world.messages.send(room.chat, room.bot, "who asks?", keyboard=BUTTONS)
    await room.updates()
    room.world.messages.press(room.ann.person, line, "go")
    assert (await room.updates())[0]["callback_query"]["from"]["id"] == room.ann.person.id


@pytest.mark.fact("U-18")
@pytest.mark.fact("U-20")
async def test_a_post_comes_to_the_discussion_group_from_telegram_itself(room: Room, news: Chat) -> None:
    post = await room.olga.posts(news, "fresh /news")
    assert (await room.olga.reads(in_=room.chat)).text == "fresh /news"
    original, copy = await read(room)
    assert (original.chat.id, original.from_user, original.is_automatic_forward) == (news.id, None, None)
    assert (copy.chat.id, from_id(copy), copy.is_automatic_forward) == (room.chat.id, 777000, True)
    assert copy.sender_chat
    assert copy.sender_chat.id == news.id
    origin = copy.forward_origin
    assert isinstance(origin, MessageOriginChannel)
    assert (origin.chat.id, origin.message_id) == (news.id, post.id)
    room.world.messages.send(news, room.bot, "by the bot", keyboard=LINKS)
    assert [from_id(m) for m in await read(room)] == [777000]
    in_group = room.chat.messages[copy.message_id]
    await room.max.sends("a comment", to=room.chat, reply_to=in_group)
    (comment,) = await read(room)
    assert (comment.message_thread_id, comment.is_topic_message) == (copy.message_id, None)


@pytest.mark.fact("U-21")
async def test_a_signed_channel_names_who_posts(room: Room, news: Chat) -> None:
    await room.olga.posts(news, "unsigned")
    news.signed = True
    await room.olga.posts(news, "signed")
    posts = [m for m in await read(room) if m.chat.id == news.id]
    assert [post.author_signature for post in posts] == [None, "Olga"]
    assert [post.sender_chat and post.sender_chat.id for post in posts] == [news.id, news.id]


@pytest.mark.fact("B-44")
async def test_only_who_may_post_posts(room: Room, news: Chat) -> None:
    assert (await room.gives("sendMessage", chat_id=news.id, text="hi"))["sender_chat"]["id"] == news.id
    room.world.promote(news, room.bot, by=room.olga.person, rights=Rights(post_messages=False))
    refused = await room.ask("sendMessage", chat_id=news.id, text="hi")
    assert refused == (400, "Bad Request: need administrator rights in the channel chat")
    member = await room.gives("getChatMember", chat_id=news.id, user_id=room.bot.id)
    assert member["can_post_messages"] is False
    room.world.join(news, room.max.person)
    with pytest.raises(Refusal, match="CHAT_WRITE_FORBIDDEN"):
        await room.max.posts(news, "me too")


async def test_a_channel_says_nothing_of_who_came(room: Room, news: Chat) -> None:
    await room.updates(None, "message", "channel_post", "chat_member")
    room.world.join(news, room.max.person)
    await room.max.leaves(news)
    assert [next(k for k in u if k != "update_id") for u in await room.updates()] == ["chat_member", "chat_member"]


@pytest.mark.fact("U-22")
async def test_a_forward_says_where_it_is_from(room: Room, news: Chat) -> None:
    post = await room.olga.posts(news, "fresh")
    await room.olga.promotes(room.ann.person, in_=room.chat, rights=Rights(anonymous=True))
    as_group = await room.ann.sends("from the group", to=room.chat)
    shy = await room.max.sends("mine", to=room.chat)
    open_ = await room.olga.sends("hers", to=room.chat)
    room.max.person.hides_forwards = True
    await room.updates()
    for message in (post, as_group, shy, open_):
        forwarded = await room.olga.forwards(message, to=room.chat)
    room.world.join(room.chat, room.sue.person)
    await room.sue.forwards(forwarded, to=room.chat)
    seen = [m for m in await read(room) if m.forward_origin]
    channel, group, hidden, user, twice = (m.forward_origin for m in seen)
    assert isinstance(channel, MessageOriginChannel)
    assert isinstance(group, MessageOriginChat)
    assert isinstance(hidden, MessageOriginHiddenUser)
    assert isinstance(user, MessageOriginUser)
    assert (channel.chat.id, channel.message_id, group.sender_chat.id) == (news.id, post.id, room.chat.id)
    assert (hidden.sender_user_name, user.sender_user.id) == ("Max", room.olga.person.id)
    assert twice == user


async def test_only_what_one_sees_is_forwarded_and_without_its_callback_buttons(room: Room) -> None:
    card = room.world.messages.send(room.chat, room.bot, "card", keyboard=BUTTONS)
    page = room.world.messages.send(room.chat, room.bot, "page", keyboard=LINKS)
    assert [(await room.max.forwards(m, to=room.plain_bot)).keyboard for m in (card, page)] == [None, LINKS]
    whisper = room.world.messages.send_ephemeral(room.chat, room.bot, room.max.person, "psst")
    for who, message in ((room.sue, card), (room.max, whisper)):
        with pytest.raises(Refusal, match="MESSAGE_ID_INVALID"):
            await who.forwards(message, to=room.plain_bot)


@pytest.mark.fact("U-24")
async def test_an_edit_comes_as_the_whole_message_again(room: Room) -> None:
    said = await room.max.sends("/go 1", to=room.chat)
    await room.max.edits(said, "/go 2")
    asked = await room.ann.sends("/go 3", to=room.bot)
    await room.ann.edits(asked, "/go 4")
    edited = [update["edited_message"] for update in await room.updates() if "edited_message" in update]
    assert [(m["message_id"], m["text"]) for m in edited] == [(said.id, "/go 2"), (asked.id, "/go 4")]
    assert all(m["edit_date"] for m in edited)


@pytest.mark.fact("U-23")
async def test_a_group_is_told_of_its_new_owner(room: Room) -> None:
    await room.updates(None, "message", "chat_member")
    with pytest.raises(Refusal, match="CHAT_ADMIN_REQUIRED"):
        await room.max.hands_over(room.chat, to=room.ann.person)
    await room.olga.hands_over(room.chat, to=room.ann.person)
    async with aiogram(room.api, room.bot) as client:
        updates = await client.get_updates()
    members = [u.chat_member for u in updates if u.chat_member]
    assert [(m.new_chat_member.user.id, m.new_chat_member.status) for m in members] == [
        (room.olga.person.id, "administrator"), (room.ann.person.id, "creator"),
    ]  # fmt: skip
    told: Any = updates[-1].message
    assert told.chat_owner_changed.new_owner.id == room.ann.person.id


@pytest.mark.fact("B-45")
async def test_a_bot_may_read_everything_if_its_privacy_is_off(room: Room) -> None:
    await room.max.sends("hello", to=room.chat)
    assert await room.updates(room.plain_bot) == []
    assert (await room.gives("getMe", bot=room.plain_bot))["can_read_all_group_messages"] is False
    room.plain_bot.reads_all = True
    await room.max.sends("hello again", to=room.chat)
    assert [update["message"]["text"] for update in await room.updates(room.plain_bot)] == ["hello again"]
    assert (await room.gives("getMe", bot=room.plain_bot))["can_read_all_group_messages"] is True


@pytest.mark.fact("B-33")
async def test_a_press_lets_any_bot_answer_the_presser_alone_for_15_seconds(room: Room) -> None:
    line = room.world.messages.send(room.chat, room.plain_bot, "press", keyboard=BUTTONS)
    press = room.world.messages.press(room.max.person, line, "go")
    given = {"receiver_user_id": room.max.person.id, "callback_query_id": press.id}
    call: dict[str, Any] = {"chat_id": room.chat.id, "text": "psst", "ephemeral_message_parameters": given}
    await room.gives("sendMessage", bot=room.plain_bot, **call)
    assert [screen.text for screen in room.max.sees(room.chat)] == ["press", "psst"]
    assert [screen.text for screen in room.ann.sees(room.chat)] == ["press"]
    room.clock.now += 16
    assert (await room.ask("sendMessage", bot=room.plain_bot, **call))[1] == "Bad Request: CHAT_ADMIN_REQUIRED"
    late = room.world.messages.press(room.max.person, room.world.messages.send(room.chat, room.bot, "me too"), "go")
    room.clock.now += 60
    await room.gives("sendMessage", **call | {"ephemeral_message_parameters": given | {"callback_query_id": late.id}})

"""Forums: topics, General, and the threads of replies that are no topics."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.chats import Chat, Refusal
from tests.sandbox.room import Room
from tests.sandbox.stock_aiogram import aiogram

NO_THREAD = (400, "Bad Request: message thread not found")


@pytest.fixture
async def forum(room: Room) -> Chat:
    made = room.world.add_chat("Workshop", room.olga.person, is_forum=True)
    room.world.promote(made, room.bot, by=room.olga.person)
    room.world.join(made, room.max.person)
    await room.updates()
    return made


@pytest.mark.fact("B-41")
async def test_a_topic_is_opened_by_a_message_that_gives_it_its_id(room: Room, forum: Chat) -> None:
    topic = await room.max.makes_topic(forum, "Endgames")
    await room.max.sends("/go", to=forum, topic=topic)
    async with aiogram(room.api, room.bot) as client:
        opened, said = (update.message for update in await client.get_updates())
        assert opened
        assert said
        assert opened.forum_topic_created
        assert (opened.message_id, opened.forum_topic_created.name) == (topic.id, "Endgames")
        assert (said.message_thread_id, said.is_topic_message, said.chat.is_forum) == (topic.id, True, True)
        answer = await client.send_message(forum.id, "here", message_thread_id=topic.id)
        assert (answer.message_thread_id, answer.is_topic_message) == (topic.id, True)
        assert (await client.get_chat(forum.id)).is_forum
    reply = await room.max.sends("thanks", to=forum, reply_to=forum.messages[answer.message_id])
    assert (reply.thread_id, reply.in_topic) == (topic.id, True)


@pytest.mark.fact("B-41")
async def test_general_takes_no_thread_and_a_deleted_topic_takes_nothing(room: Room, forum: Chat) -> None:
    topic = await room.max.makes_topic(forum, "Openings")
    general = await room.gives("sendMessage", chat_id=forum.id, text="to all")
    assert "message_thread_id" not in general
    assert await room.ask("sendMessage", chat_id=forum.id, text="x", message_thread_id=1) == NO_THREAD
    whisper = {"receiver_user_id": room.max.person.id}
    sent = await room.gives(
        "sendMessage", chat_id=forum.id, text="psst", message_thread_id=topic.id, ephemeral_message_parameters=whisper
    )
    assert (sent["message_thread_id"], sent["is_topic_message"]) == (topic.id, True)
    await room.gives("sendMessage", chat_id=forum.id, text="in it", message_thread_id=topic.id)
    with pytest.raises(Refusal, match="CHAT_ADMIN_REQUIRED"):
        await room.max.deletes_topic(forum, topic)
    await room.olga.deletes_topic(forum, topic)
    assert [screen.text for screen in room.max.sees(forum)] == ["to all", "psst"]
    given: list[dict[str, Any]] = [{}, {"ephemeral_message_parameters": whisper}]
    for more in given:
        answer = await room.ask("sendMessage", chat_id=forum.id, text="x", message_thread_id=topic.id, **more)
        assert answer == NO_THREAD
    with pytest.raises(Refusal, match="TOPIC_DELETED"):
        await room.max.sends("still there?", to=forum, topic=topic)
    with pytest.raises(Refusal, match="TOPIC_DELETED"):
        await room.olga.deletes_topic(forum, topic)


@pytest.mark.fact("U-20")
async def test_a_chain_of_replies_has_a_thread_that_is_no_topic_and_takes_no_message(room: Room, forum: Chat) -> None:
    for chat in (room.chat, forum):
        root = await room.max.sends("root", to=chat)
        reply = await room.max.sends("reply", to=chat, reply_to=root)
        await room.max.sends("deeper", to=chat, reply_to=reply)
        _, second, third = [update["message"] for update in await room.updates()]
        assert [message["message_thread_id"] for message in (second, third)] == [root.id, root.id]
        assert not any("is_topic_message" in message for message in (second, third))
        assert await room.ask("sendMessage", chat_id=chat.id, text="x", message_thread_id=root.id) == NO_THREAD


async def test_only_forums_have_topics(room: Room) -> None:
    with pytest.raises(Refusal, match="CHANNEL_FORUM_MISSING"):
        await room.max.makes_topic(room.chat, "Openings")

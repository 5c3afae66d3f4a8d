"""In a forum the answer stands in the topic it was asked in."""

from __future__ import annotations

import pytest

from sandbox.chats import Chat, Rights
from sandbox.people import Actor
from sandbox.screens import Screen
from tests.bot.conftest import Club, RunningBot


@pytest.fixture
async def forum(club: Club, bot: RunningBot) -> Chat:
    """Ann owns it; Max is a member; the bot serves it."""
    chat = club.telegram.world.add_chat("Chess workshop", club.ann.person, is_forum=True)
    club.telegram.world.join(chat, club.max.person)
    await bot.serves(club, chat, owner=club.ann)
    return chat


async def reads(who: Actor, chat: Chat, words: str) -> Screen:
    return await who.reads(in_=chat, until=words)


async def test_the_answer_and_its_public_line_stand_in_the_topic_of_the_question(
    club: Club, bot: RunningBot, forum: Chat
) -> None:
    topic = await club.ann.makes_topic(forum, "Openings")
    await club.ann.sends("/invites", to=forum, topic=topic)
    answer = await reads(club.ann, forum, "Chess workshop")
    line = await reads(club.max, forum, "Answered privately")
    assert [m.message.thread_id for m in (answer, line)] == [topic.id, topic.id]


async def test_a_question_in_general_is_answered_there(club: Club, bot: RunningBot, forum: Chat) -> None:
    asked = await club.ann.sends("/invites", to=forum)
    await reads(club.ann, forum, "Chess workshop")
    await club.ann.sends("/invites", to=forum, reply_to=asked)  # carries a thread that is no topic
    answer = await reads(club.ann, forum, "Chess workshop")
    assert not answer.message.in_topic


async def test_an_ephemeral_command_in_a_topic_is_answered_in_it(club: Club, bot: RunningBot, forum: Chat) -> None:
    topic = await club.ann.makes_topic(forum, "Endgames")
    await club.ann.asks("/invites", in_=forum, bot=club.bot, topic=topic)
    assert (await reads(club.ann, forum, "Chess workshop")).message.thread_id == topic.id


async def test_where_the_topic_is_no_more_the_answer_comes_outside_of_it(
    club: Club, bot: RunningBot, forum: Chat
) -> None:
    topic = await club.ann.makes_topic(forum, "Endgames")
    await club.ann.sends("/invites", to=forum, topic=topic)
    await club.ann.deletes_topic(forum, topic)
    answer = await reads(club.ann, forum, "Chess workshop")
    assert (answer.ephemeral, answer.message.thread_id) == (True, None)


async def test_the_line_below_an_anonymous_command_stands_in_its_topic(
    club: Club, bot: RunningBot, forum: Chat
) -> None:
    await club.ann.promotes(club.bob.person, in_=forum, rights=Rights(anonymous=True))
    first, second = [await club.ann.makes_topic(forum, title) for title in ("Openings", "Endgames")]
    for topic in (first, second):
        await club.bob.sends("/invites", to=forum, topic=topic)
        line = await reads(club.max, forum, "asked as the group")
        assert line.message.thread_id == topic.id
        await club.bob.presses("The invite links", on=line)
        assert (await reads(club.bob, forum, "Chess workshop")).message.thread_id == topic.id

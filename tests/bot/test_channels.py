"""Channels are managed in private and never answered in; the discussion group leads to its channel."""

from __future__ import annotations

import pytest

from bot.callbacks import ListPress
from sandbox.chats import Chat, Kind
from sandbox.people import Actor
from tests.bot.conftest import Club, RunningBot


@pytest.fixture
async def channel(club: Club, bot: RunningBot) -> Chat:
    """Ann owns it and its discussion group is the Chess club."""
    world = club.telegram.world
    chat = world.add_chat("Chess news", club.ann.person, kind=Kind.CHANNEL)
    world.join(chat, club.max.person)
    world.join(chat, club.vera.person)
    await bot.serves(club, chat, owner=club.ann)
    return chat


async def discusses(club: Club, bot: RunningBot, channel: Chat) -> None:
    """Links the two, and has the bot look."""
    club.telegram.world.change_owner(club.chat, club.ann.person)
    await club.ann.links_discussion(channel, club.chat)
    await club.ann.promotes(club.bot, in_=channel)

    async def known() -> bool:
        group = await bot.ledger.chats.get(club.chat.id)
        return group is not None and group.discussion_id == channel.id

    await bot.until(known)


def posts_of(club: Club, chat: Chat) -> list[int]:
    return [message.id for message in chat.messages.values() if message.sender_id == club.bot.id]


async def answered(who: Actor, club: Club, typed: str) -> str:
    await who.sends(typed, to=club.bot)
    return str(await who.reads(in_=club.bot))


async def test_a_command_in_a_channel_does_nothing(club: Club, bot: RunningBot, channel: Chat) -> None:
    await club.ann.posts(channel, "/invites")
    await club.ann.posts(channel, "/invite new Spring ads")
    assert "/help" in await answered(club.ann, club, "hello?")  # all before it is handled
    assert posts_of(club, channel) == []
    assert club.calls("createChatInviteLink") == 0


async def test_a_channel_is_managed_in_private(club: Club, bot: RunningBot, channel: Chat) -> None:
    assert "You ask about Chess news" in await answered(club.ann, club, "/chats chess news")
    assert "Spring ads" in await answered(club.ann, club, "/invite new Spring ads 7d")
    assert (await answered(club.ann, club, "/invites")).startswith("Chess news")
    assert posts_of(club, channel) == []


async def test_a_channels_posts_and_those_who_write_as_it_are_nobody(
    club: Club, bot: RunningBot, channel: Chat
) -> None:
    await discusses(club, bot, channel)
    before = posts_of(club, club.chat)
    await club.ann.posts(channel, "/invites")  # comes to the group from 777000
    await club.ann.sends("/invites", to=club.chat, as_channel=channel)  # from Channel_Bot
    await club.bob.asks("/invites", in_=club.chat, bot=club.bot)
    await club.bob.reads(in_=club.chat, until="Chess club")
    assert posts_of(club, club.chat) == before
    assert [screen for screen in club.ann.sees(club.chat) if screen.ephemeral] == []


async def test_the_group_is_meant_in_the_group_and_a_button_leads_to_the_channel(
    club: Club, bot: RunningBot, channel: Chat
) -> None:
    await discusses(club, bot, channel)
    await club.ann.asks("/invites", in_=club.chat, bot=club.bot)
    shown = await club.ann.reads(in_=club.chat, until="Chess club")
    await club.ann.presses("The channel ‘Chess news’", on=shown)
    there = await club.ann.reads(in_=club.chat, until="Chess news")
    assert there.message is shown.message
    await club.ann.presses("The group ‘Chess club’", on=there)
    await club.ann.reads(in_=club.chat, until="Chess club")


async def test_the_channels_list_is_for_the_channels_admins(club: Club, bot: RunningBot, channel: Chat) -> None:
    await discusses(club, bot, channel)
    await club.bob.asks("/status", in_=club.chat, bot=club.bot)
    shown = await club.bob.reads(in_=club.chat, until="Chess club")
    assert not [label for label in shown.labels if "The channel" in label]
    await club.bob.sends_press(shown.message, ListPress(chat=channel.id).pack())
    refused = await club.bob.reads(in_=club.chat)
    assert "Only admins" in refused


async def test_a_channel_that_is_not_linked_is_not_asked_about_in_a_group(
    club: Club, bot: RunningBot, channel: Chat
) -> None:
    await club.ann.asks("/invites", in_=club.chat, bot=club.bot)
    shown = await club.ann.reads(in_=club.chat, until="Chess club")
    await club.ann.sends_press(shown.message, ListPress(chat=channel.id).pack())
    assert "Chess news" not in await club.ann.reads(in_=club.chat)

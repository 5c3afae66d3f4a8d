"""A group becomes a supergroup with a new id: the same book, the same numbers, the same buttons."""

from __future__ import annotations

import pytest
from aiogram.exceptions import TelegramBadRequest

from bot.meeting import Meeting
from bot.moving import Moving
from bot.start_links import Replay
from ledger.chats import Served
from ledger.errands import Place
from sandbox.chats import Chat, Kind
from tests.bot.conftest import Club, RunningBot
from tests.bot.desks import desk_beside


@pytest.fixture
async def parents(club: Club, bot: RunningBot) -> Chat:
    """A basic group Ann owns, Max is a member of, and the bot serves; #1 is the bot's primary link there."""
    chat = club.telegram.world.add_chat("Chess parents", club.ann.person, kind=Kind.GROUP)
    club.telegram.world.join(chat, club.max.person)
    await bot.serves(club, chat, owner=club.ann)
    return chat


async def grown(bot: RunningBot, old: Chat) -> None:
    """Until the book has moved."""

    async def moved() -> bool:
        return await bot.ledger.chats.now(old.id) != old.id

    await bot.until(moved)


async def test_a_basic_group_is_answered_as_any_group(club: Club, bot: RunningBot, parents: Chat) -> None:
    await club.ann.asks("/invites", in_=parents, bot=club.bot)
    assert (await club.ann.reads(in_=parents, until="Chess parents")).ephemeral


async def test_after_the_upgrade_the_same_links_have_the_same_numbers(
    club: Club, bot: RunningBot, parents: Chat
) -> None:
    await club.ann.asks("/invite new Spring ads", in_=parents, bot=club.bot)
    made = await club.ann.reads(in_=parents, until="Spring ads")
    number = made.text.partition("#")[2].split()[0]
    new = await club.ann.upgrades(parents)
    await club.ann.asks(f"/invite {number}", in_=new, bot=club.bot)
    assert "Spring ads" in await club.ann.reads(in_=new, until=f"#{number}")
    assert [chat.id for chat in await bot.ledger.chats.served() if chat.title == parents.title] == [new.id]


async def test_nobody_is_asked_whether_to_serve_the_supergroup(club: Club, bot: RunningBot, parents: Chat) -> None:
    await club.vera.starts(club.bot)
    await club.vera.reads(in_=club.bot)
    new = await club.ann.upgrades(parents)
    await club.ann.asks("/invites", in_=new, bot=club.bot)
    await club.ann.reads(in_=new, until="Chess parents")
    assert [screen for screen in club.vera.sees(club.bot) if "waits" in screen] == []


async def test_a_button_of_the_old_group_is_answered_in_the_new(club: Club, bot: RunningBot, parents: Chat) -> None:
    await club.ann.asks("/invites", in_=parents, bot=club.bot)
    old = await club.ann.reads(in_=parents, until="Chess parents")
    new = await club.ann.upgrades(parents)
    await grown(bot, parents)
    await club.ann.presses("1", on=old)
    answer = await club.ann.reads(in_=new, until="#1")
    assert answer.ephemeral


async def test_what_was_asked_in_private_goes_on(club: Club, bot: RunningBot, parents: Chat) -> None:
    await club.ann.starts(club.bot, Replay("list", parents.id).payload())
    shown = await club.ann.reads(in_=club.bot, until="Chess parents")
    await club.ann.upgrades(parents)
    await grown(bot, parents)
    await club.ann.presses("1", on=shown)
    assert "#1" in await club.ann.reads(in_=club.bot)
    await club.ann.sends("/invites", to=club.bot)  # the chosen chat
    assert "Chess parents" in await club.ann.reads(in_=club.bot)
    await club.ann.starts(club.bot, Replay("card", parents.id, 1).payload())
    assert "#1" in await club.ann.reads(in_=club.bot)


async def test_a_new_link_is_made_under_the_new_id_once(club: Club, bot: RunningBot, parents: Chat) -> None:
    await club.ann.starts(club.bot, Replay("list", parents.id).payload())
    await club.ann.reads(in_=club.bot, until="Chess parents")
    new = await club.ann.upgrades(parents)
    await club.ann.sends("/invite new Spring ads", to=club.bot)
    await club.ann.reads(in_=club.bot, until="Spring ads")
    titles = [link.title for link in club.telegram.world.invites.every(new)]
    assert titles.count("Spring ads") == 1


async def test_a_call_that_names_the_old_id_is_made_for_the_new(club: Club, bot: RunningBot, parents: Chat) -> None:
    """Whether or not the bot has read of the upgrade."""
    await bot.ends()
    new = await club.ann.upgrades(parents)
    async with desk_beside(club, bot) as desk:
        desk.bot.session.middleware(Moving(Meeting(desk).moved))
        found = await desk.bot.get_chat(parents.id)
        assert found.id == new.id
        known = await bot.ledger.chats.get(new.id)
        assert known is not None
        assert known.served is Served.SERVED


async def test_a_call_about_an_old_message_touches_none_of_the_new_group(
    club: Club, bot: RunningBot, parents: Chat
) -> None:
    new = await club.ann.upgrades(parents)
    await grown(bot, parents)
    await bot.ends()
    async with desk_beside(club, bot) as desk:
        desk.bot.session.middleware(Moving(Meeting(desk).moved))
        kept = await desk.bot.send_message(new.id, "kept")
        await desk.delivery.remove(Place(parents.id, kept.message_id))
        with pytest.raises(TelegramBadRequest):
            await desk.bot.edit_message_text("changed", chat_id=parents.id, message_id=kept.message_id)
    assert [message.text for message in new.messages.values() if message.id == kept.message_id] == ["kept"]

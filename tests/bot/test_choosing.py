"""Of several chats one is chosen in private: by a button, a name, a forward, or Telegram's picker."""

from __future__ import annotations

import pytest

from ledger.chats import Served
from sandbox.chats import Chat, Kind
from sandbox.people import Actor, NothingCame
from tests.bot.conftest import Club, RunningBot


@pytest.fixture
async def go_club(club: Club, bot: RunningBot) -> Chat:
    """Ann owns it; the bot serves it, as it does the Chess club."""
    chat = club.telegram.world.add_chat("Go club", club.ann.person, username="go_club")
    await bot.serves(club, chat, owner=club.ann)
    return chat


async def said_to(club: Club, who: Actor, typed: str) -> str:
    await who.sends(typed, to=club.bot)
    return str(await who.reads(in_=club.bot))


async def test_the_chats_are_listed_with_how_many_links_each_has(club: Club, bot: RunningBot, go_club: Chat) -> None:
    await said_to(club, club.ann, "/chats @go_club")
    await said_to(club, club.ann, "/invite new Spring ads")
    screen = await said_to(club, club.ann, "/chats")
    assert "[✓ Go club · 2]" in screen  # its primary too
    assert "[Chess club · 1]" in screen


@pytest.mark.parametrize("typed", ["/chats @go_club", "/chats t.me/go_club", "@go_club", "/chats go", "/chats {id}"])
async def test_a_chat_is_chosen_by_what_people_know_of_it(
    club: Club, bot: RunningBot, go_club: Chat, typed: str
) -> None:
    assert "You ask about Go club now" in await said_to(club, club.ann, typed.format(id=go_club.id))
    assert (await said_to(club, club.ann, "/invites")).startswith("Go club")


async def test_a_name_that_fits_several_offers_them(club: Club, bot: RunningBot, go_club: Chat) -> None:
    screen = await said_to(club, club.ann, "/chats nobody's club")
    assert "[Go club" in screen
    assert "[Chess club" in screen


async def test_a_post_forwarded_from_a_channel_chooses_it(club: Club, bot: RunningBot) -> None:
    news = club.telegram.world.add_chat("Chess news", club.ann.person, kind=Kind.CHANNEL)
    await bot.serves(club, news, owner=club.ann)
    post = await club.ann.posts(news, "/start claim_of_another")
    await club.ann.forwards(post, to=club.bot)
    assert "You ask about Chess news now" in await club.ann.reads(in_=club.bot)


async def test_what_a_person_wrote_elsewhere_chooses_nothing(club: Club, bot: RunningBot) -> None:
    said = await club.bob.sends("/invites", to=club.chat)
    await club.bob.reads(in_=club.chat, until="Chess club")
    await club.ann.forwards(said, to=club.bot)
    assert "How to ask" in await said_to(club, club.ann, "/help")


async def test_telegrams_picker_chooses_a_chat_and_goes(club: Club, bot: RunningBot, go_club: Chat) -> None:
    await said_to(club, club.ann, "/chats")
    await club.ann.presses("Another chat…", in_=club.bot)
    await club.ann.reads(in_=club.bot)
    await club.ann.shares_chat("A group…", go_club, in_=club.bot)
    assert "You ask about Go club now" in await club.ann.reads(in_=club.bot)
    assert (await said_to(club, club.ann, "/invites")).startswith("Go club")
    with pytest.raises(NothingCame):
        await club.ann.shares_chat("A group…", go_club, in_=club.bot)  # the keyboard is gone


async def test_the_picker_offers_only_chats_where_one_may_invite(club: Club, bot: RunningBot, go_club: Chat) -> None:
    club.telegram.world.join(go_club, club.bob.person)
    await said_to(club, club.bob, "/chats")
    await club.bob.presses("Another chat…", in_=club.bot)
    await club.bob.reads(in_=club.bot)
    with pytest.raises(NothingCame):
        await club.bob.shares_chat("A group…", go_club, in_=club.bot)


async def test_a_chat_the_bot_is_not_in_brings_the_way_to_add_it(club: Club, bot: RunningBot) -> None:
    other = club.telegram.world.add_chat("Draughts", club.ann.person)
    await said_to(club, club.ann, "/chats")
    await club.ann.presses("Another chat…", in_=club.bot)
    await club.ann.reads(in_=club.bot)
    await club.ann.shares_chat("A group…", other, in_=club.bot)
    told = await club.ann.reads(in_=club.bot)
    assert "not in that chat" in told
    await club.ann.opens(told.button("Add me to a group")["url"], in_=other)
    member = club.telegram.world.member(other, club.bot)
    assert member.rights.invite_users


async def test_a_chat_that_waits_for_the_host_is_not_chosen(club: Club, bot: RunningBot, go_club: Chat) -> None:
    await bot.ledger.chats.serve(go_club.id, Served.ASKED)
    await said_to(club, club.ann, "/invites")
    assert "not served" in await said_to(club, club.ann, "/chats @go_club")


async def test_who_may_not_ask_there_does_not_choose_it(club: Club, bot: RunningBot, go_club: Chat) -> None:
    await said_to(club, club.bob, "/invites")
    for typed in ("@go_club", f"/chats {go_club.id}"):
        assert "Only admins" in await said_to(club, club.bob, typed)
    assert await bot.ledger.chats.chosen(club.bob.person.id) == club.chat.id


async def test_a_stranger_who_tries_names_hears_it_once_an_hour(club: Club, bot: RunningBot) -> None:
    assert "not in that chat" in await said_to(club, club.kim, "@some_other_club")
    await club.kim.sends("@go_club", to=club.bot)
    await said_to(club, club.ann, "/help")
    await club.kim.reads_nothing(in_=club.bot)


async def test_in_a_group_the_list_leads_into_private(club: Club, bot: RunningBot, go_club: Chat) -> None:
    await club.ann.sends(f"/chats@{club.bot.username}", to=club.chat)
    shown = await club.ann.reads(in_=club.chat, until="Which chat")
    assert shown.ephemeral
    await club.ann.presses("Go club", on=shown)
    assert (await club.ann.reads(in_=club.bot)).text.startswith("Go club")


async def test_a_command_without_a_chat_is_answered_once_the_chat_is_chosen(
    club: Club, bot: RunningBot, go_club: Chat
) -> None:
    await club.ann.sends("/invite new Spring ads 7d", to=club.bot)
    asked = await club.ann.reads(in_=club.bot)
    await club.ann.presses("Go club", on=asked)
    made = await club.ann.reads(in_=club.bot)
    assert (made.message, "Go club" in made, "‘Spring ads’" in made) == (asked.message, True, True)
    await club.ann.presses("Change", on=made)
    await club.ann.reads(in_=club.bot)
    await club.ann.sends("/chats", to=club.bot)
    await club.ann.presses("Chess club", on=await club.ann.reads(in_=club.bot))
    assert "You ask about Chess club now" in await club.ann.reads(in_=club.bot)
    assert [link.title for link in club.telegram.world.invites.every(go_club)].count("Spring ads") == 1


async def test_a_command_said_before_another_one_no_longer_waits_for_its_chat(
    club: Club, bot: RunningBot, go_club: Chat
) -> None:
    await club.ann.sends("/invite new Spring ads 7d", to=club.bot)
    await club.ann.reads(in_=club.bot)
    await club.ann.sends("/chats", to=club.bot)
    await club.ann.presses("Go club", on=await club.ann.reads(in_=club.bot))
    assert "You ask about Go club now" in await club.ann.reads(in_=club.bot)
    assert club.calls("createChatInviteLink") == 0

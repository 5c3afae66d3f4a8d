"""An edited command is the command again, in the place of its answer, unless it did something that lasts."""

from __future__ import annotations

from tests.bot.conftest import Club, RunningBot, Start


async def test_an_edited_command_edits_its_answer(club: Club, bot: RunningBot) -> None:
    asked = await club.ann.sends("/status", to=club.bot)
    first = await club.ann.reads(in_=club.bot)
    await club.ann.edits(asked, "/invites")
    second = await club.ann.reads(in_=club.bot)
    assert second.message is first.message
    assert "live" in second


async def test_an_edited_command_in_a_group_edits_what_only_its_asker_sees(club: Club, bot: RunningBot) -> None:
    asked = await club.ann.sends("/invites", to=club.chat)
    first = await club.ann.reads(in_=club.chat, until="Chess club")
    await club.max.reads(in_=club.chat, until="Answered privately")
    await club.ann.edits(asked, "/invites revoked")
    second = await club.ann.reads(in_=club.chat, until="revoked")
    assert second.message is first.message
    assert second.ephemeral
    assert len([screen for screen in club.max.sees(club.chat) if "Answered" in screen]) == 1


async def test_words_edited_into_a_command_are_one(club: Club, bot: RunningBot) -> None:
    said = await club.ann.sends("invites", to=club.chat)
    await club.ann.edits(said, "/invites")
    assert (await club.ann.reads(in_=club.chat, until="Chess club")).ephemeral


async def test_a_command_that_made_a_link_makes_no_second_one(club: Club, bot: RunningBot) -> None:
    asked = await club.ann.sends("/invite new Spring adz", to=club.bot)
    made = await club.ann.reads(in_=club.bot)
    number = made.text.partition("#")[2].split()[0]
    await club.ann.edits(asked, "/invite new Spring ads")
    told = await club.ann.reads(in_=club.bot)
    assert f"made #{number} already" in told
    assert club.calls("createChatInviteLink") == 1
    await club.ann.presses(f"Card of #{number}", on=told)
    assert "Spring adz" in await club.ann.reads(in_=club.bot)


async def test_that_is_known_over_a_restart(club: Club, bot: RunningBot, start_bot: Start) -> None:
    asked = await club.ann.sends("/invite new Spring adz", to=club.bot)
    await club.ann.reads(in_=club.bot)
    await bot.ends()
    await club.ann.edits(asked, "/invite new Spring ads")
    await start_bot()
    assert "already" in await club.ann.reads(in_=club.bot, until="made #")
    assert club.calls("createChatInviteLink") == 1


async def test_a_command_that_failed_is_mended_by_an_edit(club: Club, bot: RunningBot) -> None:
    asked = await club.ann.sends("/invite new Spring ads x0", to=club.bot)
    assert "nobody" in await club.ann.reads(in_=club.bot)
    await club.ann.edits(asked, "/invite new Spring ads x10")
    assert "10 members" in await club.ann.reads(in_=club.bot)


async def test_an_edit_that_changes_no_word_is_no_question(club: Club, bot: RunningBot) -> None:
    asked = await club.ann.sends("/invites", to=club.bot)
    await club.ann.reads(in_=club.bot)
    club.telegram.world.messages.edit(asked, club.ann.person, asked.text, entities=[_bold(asked.text)])
    other = await club.ann.sends("hello?", to=club.bot)
    await club.ann.reads(in_=club.bot, until="/help")
    await club.ann.edits(other, "hello you?")
    await club.ann.sends("/help", to=club.bot)
    assert "How to ask" in await club.ann.reads(in_=club.bot)


def _bold(text: str) -> dict[str, object]:
    return {"type": "bold", "offset": 0, "length": len(text)}


async def test_a_deleted_answer_is_given_anew(club: Club, bot: RunningBot) -> None:
    asked = await club.ann.sends("/status", to=club.bot)
    first = await club.ann.reads(in_=club.bot)
    club.telegram.world.messages.delete(first.message, club.ann.person)
    await club.ann.edits(asked, "/invites")
    assert (await club.ann.reads(in_=club.bot)).message is not first.message

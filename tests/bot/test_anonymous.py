"""Who writes as the group is some admin: one line for all, and its press proves who asks."""

from __future__ import annotations

import pytest

from bot.callbacks import ProvePress
from bot.handlers.anonymous import LINE_SECONDS
from sandbox.chats import Rights
from sandbox.screens import Screen
from tests.bot.conftest import Club, RunningBot, Start
from tests.conftest import Clock

LINE = "asked as the group"


@pytest.fixture(autouse=True)
async def hidden(club: Club, bot: RunningBot) -> None:
    """Ann and Bob write as the group."""
    for admin in (club.ann, club.bob):
        await club.vera.promotes(admin.person, in_=club.chat, rights=Rights(anonymous=True))


def lines(club: Club) -> list[Screen]:
    return [screen for screen in club.max.sees(club.chat) if LINE in screen]


async def line(club: Club) -> Screen:
    return await club.max.reads(in_=club.chat, until=LINE)


async def test_the_press_proves_who_asks_and_he_alone_reads_the_answer(club: Club, bot: RunningBot) -> None:
    await club.ann.sends("/invites mine", to=club.chat)
    shown = await line(club)
    assert not shown.ephemeral
    await club.ann.presses("The invite links", on=shown)
    answer = await club.ann.reads(in_=club.chat, until="Chess club")
    assert answer.ephemeral
    assert [screen for screen in club.max.sees(club.chat) if "Chess club" in screen] == []


async def test_who_may_not_ask_gets_one_line_and_nobody_else_notices(club: Club, bot: RunningBot) -> None:
    await club.ann.sends("/invites", to=club.chat)
    shown = await line(club)
    answer = await club.max.presses("The invite links", on=shown)
    assert answer.show_alert
    assert "Only admins" in answer.text
    await club.max.reads_nothing(in_=club.chat)


async def test_a_second_question_goes_on_the_same_line(club: Club, bot: RunningBot) -> None:
    await club.ann.sends("/invites", to=club.chat)
    first = await line(club)
    await club.bob.sends("/invite 1", to=club.chat)
    second = await line(club)
    assert second.message is first.message
    assert second.labels == ["The invite links", "Link #1"]
    await club.bob.presses("Link #1", on=second)
    assert (await club.bob.reads(in_=club.chat, until="#1")).ephemeral
    assert len(lines(club)) == 1


async def test_an_edited_question_takes_its_own_place(club: Club, bot: RunningBot) -> None:
    asked = await club.ann.sends("/invites", to=club.chat)
    await line(club)
    await club.ann.edits(asked, "/invite 1")
    assert (await line(club)).labels == ["Link #1"]


async def test_a_line_nobody_uses_goes_and_a_question_puts_that_off(club: Club, bot: RunningBot, clock: Clock) -> None:
    await club.ann.sends("/invites", to=club.chat)
    await line(club)
    clock.now += LINE_SECONDS - 10
    await club.ann.sends("/invites mine", to=club.chat)
    await line(club)
    clock.now += 20
    await club.ann.sends("/invites bots", to=club.chat)
    await line(club)
    assert len(lines(club)) == 1
    clock.now += LINE_SECONDS + 1
    await club.max.waits(lambda: not lines(club), "the line to go")


async def test_an_anonymous_new_link_is_taken_away_and_made_once_for_who_presses(club: Club, bot: RunningBot) -> None:
    typed = await club.ann.sends("/invite new Spring ads 7d", to=club.chat)
    shown = await line(club)
    assert typed.deleted
    assert "Spring" not in str(shown)
    assert club.calls("createChatInviteLink") == 0
    await club.max.presses("The new link", on=shown)
    assert club.calls("createChatInviteLink") == 0
    await club.ann.presses("The new link", on=shown)
    made = await club.ann.reads(in_=club.chat, until="Spring ads")
    assert made.ephemeral
    await club.max.waits(lambda: not lines(club), "the line to go")
    [link] = [one for one in club.telegram.world.invites.every(club.chat) if one.title == "Spring ads"]
    found = await bot.ledger.links.find_by_link(club.chat.id, link.link)
    assert found is not None
    assert found.asked_by == club.ann.person.id


async def test_a_new_link_asked_for_as_the_group_is_made_for_one_only(club: Club, bot: RunningBot) -> None:
    await club.ann.sends("/invites", to=club.chat)
    await line(club)
    await club.ann.sends("/invite new Spring ads", to=club.chat)
    shown = await line(club)
    data = str(shown.button("The new link")["callback_data"])
    await club.ann.sends_press(shown.message, data)
    again = await club.bob.sends_press(shown.message, data)
    assert "Another admin pressed first" in again.text
    assert club.calls("createChatInviteLink") == 1


async def test_a_wish_ends_with_its_ten_minutes(club: Club, bot: RunningBot, clock: Clock) -> None:
    await club.ann.sends("/invite new Spring ads", to=club.chat)
    shown = await line(club)
    clock.now += LINE_SECONDS - 1
    await club.ann.sends("/invites", to=club.chat)
    newer = await line(club)
    clock.now += 2
    answer = await club.ann.sends_press(newer.message, str(shown.button("The new link")["callback_data"]))
    assert "too long ago" in answer.text
    assert club.calls("createChatInviteLink") == 0


async def test_a_line_works_over_a_restart(club: Club, bot: RunningBot, start_bot: Start, clock: Clock) -> None:
    await club.ann.sends("/invites mine", to=club.chat)
    shown = await line(club)
    await bot.until(bot.ledger.dues.next_at)
    await bot.ends()
    await start_bot()
    await club.ann.presses("The invite links", on=shown)
    await club.ann.reads(in_=club.chat, until="Chess club")
    clock.now += LINE_SECONDS + 1
    await club.max.waits(lambda: not lines(club), "the line to go")


async def test_wrong_input_as_the_group_is_told_to_who_presses(club: Club, bot: RunningBot) -> None:
    await club.ann.sends("/invite 99", to=club.chat)
    await club.ann.presses("Link #99", on=await line(club))
    told = await club.ann.reads(in_=club.chat, until="No link #99")
    assert told.ephemeral


async def test_where_the_server_is_old_the_answer_is_private(club: Club, bot: RunningBot) -> None:
    club.telegram.bot_api.ephemeral = "old"
    await club.ann.sends("/invites", to=club.chat)
    shown = await line(club)
    await club.ann.presses("The invite links", on=shown)  # opens the private chat: the bot cannot write first
    assert "Chess club" in await club.ann.reads(in_=club.bot, until="Chess club")
    await club.ann.presses("The invite links", on=shown)
    assert "Chess club" in await club.ann.reads(in_=club.bot, until="Chess club")
    assert not [v for v in club.telegram.log.views if v.person == club.max.person.id and "live" in v.text]


async def test_a_forged_question_is_answered_by_nothing(club: Club, bot: RunningBot) -> None:
    await club.ann.sends("/invites", to=club.chat)
    shown = await line(club)
    for forged in (0, 1, 2**63 - 1, -1):
        answer = await club.ann.sends_press(shown.message, ProvePress(chat=club.chat.id, question=forged).pack())
        assert "too long ago" in answer.text


async def test_in_a_chat_that_is_not_served_nobody_is_answered(club: Club, bot: RunningBot) -> None:
    other = club.telegram.world.add_chat("Go club", club.vera.person)
    club.telegram.world.join(other, club.max.person)
    await club.vera.promotes(club.bot, in_=other)
    await club.vera.hides(in_=other)
    await club.vera.sends("/invites", to=other)
    await club.ann.sends("/invites", to=club.chat)
    await line(club)
    assert [s for s in club.max.sees(other) if s.message.sender_id == club.bot.id] == []

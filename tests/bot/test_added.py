"""On coming into a chat the bot says one line to all of a group, which follows the first reading, and tells in
private who added it what comes next; where the host has not said yes it says nothing to all."""

from __future__ import annotations

from typing import Any

import pytest

from bot.watch import PROGRESS_EVERY
from ledger.chats import AccountState, Role, Served
from ledger.errands import ErrandState
from ledger.store import Ledger
from sandbox.chats import Kind, Rights
from sandbox.people import Actor, Screen
from tests.bot.conftest import Club, RunningBot, Start
from tests.bot.swept import number_of, sweep

HELLO = "invite links, for its admins"


def lines_of(who: Actor, club: Club) -> list[Screen]:
    """The bot's messages that all in the club can read."""
    return [s for s in who.sees(club.chat) if s.message.sender_id == club.bot.id and not s.ephemeral]


@pytest.fixture
async def open_bot(start_bot: Start) -> RunningBot:
    """It serves every chat it is added to."""
    running: RunningBot = await start_bot(open_to_all=True)
    return running


async def added(club: Club, rights: Rights | None = None) -> Screen:
    await club.vera.adds(club.bot, to=club.chat, rights=rights)
    return await club.max.reads(in_=club.chat, until=HELLO)


async def test_one_line_is_said_and_it_tells_of_no_link(club: Club, open_bot: RunningBot) -> None:
    await club.ann.makes_link(club.chat, "Secret plan")
    await added(club, Rights())
    (line,) = lines_of(club.max, club)
    assert "t.me" not in line
    assert "Secret plan" not in line
    assert line.labels == []


async def test_rights_it_lacks_are_named_and_a_button_gives_them(club: Club, open_bot: RunningBot) -> None:
    line = await added(club)
    assert "no admin" in line
    assert "admin=invite_users+delete_messages" in line.links[0]
    await club.vera.opens(line.links[0], in_=club.chat)
    mended = await club.max.reads(in_=club.chat, until=lambda screen: not screen.labels)
    assert "no admin" not in mended
    assert mended.message is line.message


@pytest.mark.parametrize(
    ("rights", "lack"),
    [(Rights(invite_users=False), "may not invite"), (Rights(delete_messages=False), "may not delete")],
)
async def test_a_single_right_it_lacks_is_named(club: Club, open_bot: RunningBot, rights: Rights, lack: str) -> None:
    assert lack in await added(club, rights)


async def test_the_line_follows_the_first_reading_to_its_end(club: Club, open_bot: RunningBot, clock: Any) -> None:
    line = await added(club, Rights())
    ledger, chat_id = open_bot.ledger, club.chat.id
    assert "No account" in line
    await ledger.programs.say("userclient", AccountState.READY, person_id=club.vera.person.id)
    await ledger.chats.account_place(chat_id, Role.OWNER)
    errand = await taken(ledger)
    admins = [member.person_id for member in club.chat.admins()]
    await ledger.sweeps.begin(chat_id, admins)
    for done, admin in enumerate(admins[:2], start=1):
        clock.now += 60
        for revoked in (False, True):
            await ledger.sweeps.page_read(chat_id, admin, revoked, [], count=0, ended=True)
        clock.now += PROGRESS_EVERY
        await ledger.programs.say("userclient", AccountState.READY)
        told = f"Reading: {done} of {len(admins)} admins, about {60 * (len(admins) - done) // 60} min"
        await club.max.reads(in_=club.chat, until=told)
    await sweep(club, open_bot)
    await ledger.errands.finish(errand, ErrandState.DONE)
    end = await club.max.reads(in_=club.chat, until=lambda screen: "Reading" not in screen.text)
    assert "links known. Ask with /invites" in end
    assert end.message is line.message
    await open_bot.until(lambda: nobody_waits(open_bot))


async def taken(ledger: Ledger) -> int:
    errand = await ledger.errands.take()
    assert errand is not None
    return errand.id


async def nobody_waits(bot: RunningBot) -> bool:
    return not await bot.ledger.errands.unanswered()


async def test_whether_the_account_sees_the_chat_is_said(club: Club, open_bot: RunningBot) -> None:
    await open_bot.ledger.programs.say("userclient", AccountState.READY, person_id=club.kim.person.id)
    await added(club, Rights())
    errand = await taken(open_bot.ledger)
    await open_bot.ledger.chats.account_place(club.chat.id, Role.OUTSIDE)
    await open_bot.ledger.errands.finish(errand, ErrandState.REFUSED, reason="not-in-chat")
    assert "not in this group" in await club.max.reads(in_=club.chat, until="account")


async def test_who_added_it_is_told_in_private_what_to_do_next(club: Club, open_bot: RunningBot) -> None:
    await club.vera.starts(club.bot)
    await club.vera.reads(in_=club.bot)
    await club.vera.adds(club.bot, to=club.chat, rights=Rights())
    told = await club.vera.reads(in_=club.bot, until="Chess club")
    assert "/invites" in told
    await club.vera.presses("invite links", in_=club.bot)
    assert "Chess club" in await club.vera.reads(in_=club.bot)


async def test_nobody_is_written_to_who_never_pressed_start(club: Club, open_bot: RunningBot) -> None:
    await added(club, Rights())
    assert club.vera.sees(club.bot) == []
    assert club.calls("sendMessage") == 1


async def test_before_the_hosts_yes_all_hear_nothing_and_the_adder_that_it_waits(club: Club, start_bot: Start) -> None:
    bot = await start_bot()
    await bot.ledger.host.claim(await bot.ledger.host.new_claim(), club.kim.person.id)
    for who in (club.kim, club.vera):
        await who.starts(club.bot)
        await who.reads(in_=club.bot)
    await club.vera.adds(club.bot, to=club.chat, rights=Rights())
    assert "waits" in await club.vera.reads(in_=club.bot)
    assert lines_of(club.max, club) == []
    await club.kim.reads(in_=club.bot, until="Chess club")
    await club.kim.presses("Serve", in_=club.bot)
    assert HELLO in await club.max.reads(in_=club.chat)
    assert "is served" in await club.vera.reads(in_=club.bot)


async def test_a_channel_hears_nothing_and_who_added_it_all(club: Club, open_bot: RunningBot) -> None:
    channel = club.telegram.world.add_chat("Chess news", club.vera.person, kind=Kind.CHANNEL)
    club.telegram.world.join(channel, club.max.person)
    await club.vera.starts(club.bot)
    await club.vera.reads(in_=club.bot)
    await club.vera.adds(club.bot, to=channel, rights=Rights())
    told = await club.vera.reads(in_=club.bot, until="Chess news")
    assert "never answer" in told
    assert [s for s in club.max.sees(channel) if s.message.sender_id == club.bot.id] == []


async def test_being_made_an_admin_later_says_no_second_line(club: Club, open_bot: RunningBot) -> None:
    await added(club)
    await club.vera.promotes(club.bot, in_=club.chat)
    await club.max.reads(in_=club.chat, until=lambda screen: not screen.labels)
    assert len(lines_of(club.max, club)) == 1


async def test_thrown_out_and_added_again_it_goes_on_with_the_numbers_it_had(club: Club, open_bot: RunningBot) -> None:
    await added(club, Rights())
    made = await club.ann.makes_link(club.chat, "Posters")
    await sweep(club, open_bot)
    number = await number_of(club, open_bot, made)
    await club.vera.removes(club.bot, from_=club.chat)

    async def role_is(role: Role) -> bool:
        chat = await open_bot.ledger.chats.get(club.chat.id)
        return chat is not None and chat.bot_role == role

    await open_bot.until(lambda: role_is(Role.OUTSIDE))
    await club.vera.adds(club.bot, to=club.chat, rights=Rights())
    await open_bot.until(lambda: role_is(Role.ADMIN))
    await club.ann.sends(f"/invite {number}", to=club.bot)
    assert "Posters" in await club.ann.reads(in_=club.bot)
    assert [chat.served for chat in await open_bot.ledger.chats.every()] == [Served.SERVED]

"""`/invite new`: one wish, one link, and an echo of what was understood."""

from __future__ import annotations

import pytest

from bot.handlers.creating import make
from bot.wishes import NewLink
from sandbox.chats import Rights
from sandbox.faults import Fault, Kind
from sandbox.invites import InviteLink
from tests.bot.conftest import Club, RunningBot
from tests.bot.desks import asked_privately, desk_beside
from tests.bot.swept import number_of, sweep
from tests.conftest import Clock


def made(club: Club) -> list[InviteLink]:
    every = club.telegram.world.invites.every(club.chat)
    return [link for link in every if link.creator_id == club.bot.id and not link.permanent]


async def test_a_wish_becomes_exactly_that_link_and_its_echo_says_so(club: Club, bot: RunningBot, clock: Clock) -> None:
    await club.ann.sends("/invite new Spring ads 7d x10", to=club.bot)
    echo = await club.ann.reads(in_=club.bot)
    [link] = made(club)
    assert (link.title, link.usage_limit, link.expire_date) == ("Spring ads", 10, int(clock.now) + 7 * 86_400)
    assert "‘Spring ads’" in echo
    assert "7 d (until " in echo
    assert "10 members · no approval" in echo
    assert link.hash not in str(echo)


async def test_an_end_said_as_a_date_is_that_moment_in_the_chats_zone(club: Club, bot: RunningBot) -> None:
    await bot.ledger.chats.set_zone(club.chat.id, "Asia/Tokyo")
    await club.ann.sends("/invite new Fair until 2030-12-31 18:00", to=club.bot)
    assert "31 Dec 2030 18:00" in await club.ann.reads(in_=club.bot)
    [link] = made(club)
    assert link.expire_date == 1_924_938_000  # 2030-12-31 09:00 UTC


@pytest.mark.parametrize("name", ["Осень 7", "春の広告", "عرض الربيع", "👨‍👩‍👧 family", "a" * 32])
async def test_names_of_every_script_come_back_as_telegram_keeps_them(club: Club, bot: RunningBot, name: str) -> None:
    await club.ann.sends(f'/invite new "{name}"', to=club.bot)
    echo = await club.ann.reads(in_=club.bot)
    [link] = made(club)
    known = await bot.ledger.links.find_by_link(club.chat.id, link.link)
    assert known is not None
    assert known.title == link.title == name
    assert name.split(maxsplit=1)[0][:20].replace("\u200d", "") in echo


async def test_a_name_over_32_characters_is_answered_with_one_that_fits(club: Club, bot: RunningBot) -> None:
    await club.ann.sends(f"/invite new {'long name ' * 4}", to=club.bot)
    refused = (await club.ann.reads(in_=club.bot)).text.splitlines()
    assert len(refused) == 2
    await club.ann.sends(refused[1].removeprefix("For example: "), to=club.bot)
    await club.ann.reads(in_=club.bot, until="‘long name")
    assert [link.title for link in made(club)] == ["long name long name long name lo"]


async def test_a_link_with_approval_has_no_limit(club: Club, bot: RunningBot) -> None:
    await club.ann.sends("/invite new Club ask", to=club.bot)
    assert "no limit · with approval" in await club.ann.reads(in_=club.bot)
    [link] = made(club)
    assert link.request_needed


async def test_a_new_link_is_in_the_ledger_as_its_askers(club: Club, bot: RunningBot) -> None:
    await club.ann.sends("/invite new Spring ads", to=club.bot)
    await club.ann.reads(in_=club.bot)
    found = await bot.ledger.links.find_by_link(club.chat.id, made(club)[0].link)
    assert found is not None
    assert (found.asked_by, found.by_this_bot, found.creator_id) == (club.ann.person.id, True, club.bot.id)
    assert await bot.ledger.intents.open(club.chat.id) == []


async def test_the_next_sweep_finds_the_same_row(club: Club, bot: RunningBot) -> None:
    await club.ann.sends("/invite new Spring ads", to=club.bot)
    await club.ann.reads(in_=club.bot)
    number = await number_of(club, bot, made(club)[0])
    await sweep(club, bot)
    assert await number_of(club, bot, made(club)[0]) == number


async def test_wrong_options_make_nothing_and_get_one_right_example(club: Club, bot: RunningBot) -> None:
    for typed in ("/invite new Club ask x10", "/invite new Club x0", "/invite new 7d"):
        await club.ann.sends(typed, to=club.bot)
        assert "For example: /invite new" in await club.ann.reads(in_=club.bot)
    assert made(club) == []


async def test_a_bot_without_the_right_says_how_to_mend_it(club: Club, bot: RunningBot) -> None:
    await club.vera.promotes(club.bot, in_=club.chat, rights=Rights(invite_users=False))
    await club.ann.sends("/invite new Spring ads", to=club.bot)
    assert "Invite Users via Link" in await club.ann.reads(in_=club.bot)
    assert await bot.ledger.intents.open(club.chat.id) == []


async def test_a_member_makes_nothing(club: Club, bot: RunningBot) -> None:
    await club.max.asks("/invite new Party", in_=club.chat, bot=club.bot)
    await club.max.reads(in_=club.chat, until="Only admins")
    assert made(club) == []


@pytest.mark.parametrize("kind", [Kind.DROP_AFTER, Kind.DROP_BEFORE])
async def test_a_lost_answer_is_called_unknown_and_nothing_is_repeated(club: Club, bot: RunningBot, kind: Kind) -> None:
    club.telegram.faults.plan(Fault(kind, "createChatInviteLink"))
    await club.ann.sends("/invite new Spring ads", to=club.bot)
    assert "may exist already" in await club.ann.reads(in_=club.bot)
    assert club.calls("createChatInviteLink") == 1
    assert len(await bot.ledger.intents.open(club.chat.id)) == 1


async def test_a_link_of_a_lost_answer_is_known_as_the_askers_after_a_sweep(club: Club, bot: RunningBot) -> None:
    club.telegram.faults.plan(Fault(Kind.DROP_AFTER, "createChatInviteLink"))
    await club.ann.sends("/invite new Spring ads 7d x10", to=club.bot)
    await club.ann.reads(in_=club.bot, until="may exist")
    await sweep(club, bot)
    found = await bot.ledger.links.find_by_link(club.chat.id, made(club)[0].link)
    assert found is not None
    assert found.asked_by == club.ann.person.id
    assert await bot.ledger.intents.open(club.chat.id) == []


WISH = NewLink("Spring ads", limit=10)


async def test_an_update_run_again_after_its_link_was_made_shows_that_link(club: Club, bot: RunningBot) -> None:
    await club.ann.starts(club.bot)
    await club.ann.reads(in_=club.bot)
    asked = asked_privately(club.ann, "/invite new Spring ads x10")
    async with desk_beside(club, bot) as desk:
        chat = await desk.access.served_chat(club.chat.id)
        await make(WISH, chat, asked, desk)
        first = await club.ann.reads(in_=club.bot)
        await make(WISH, chat, asked, desk)
    assert (await club.ann.reads(in_=club.bot)).text == first.text
    assert len(made(club)) == 1


async def test_an_update_run_again_with_its_intent_open_makes_nothing(club: Club, bot: RunningBot) -> None:
    await club.ann.starts(club.bot)
    await club.ann.reads(in_=club.bot)
    wish = {"title": "Spring ads", "expires": None, "limit": 10, "approval": False}
    await bot.ledger.intents.intend(77, "create", club.chat.id, club.ann.person.id, wish)
    async with desk_beside(club, bot) as desk:
        chat = await desk.access.served_chat(club.chat.id)
        await make(WISH, chat, asked_privately(club.ann, "/invite new Spring ads x10"), desk)
    assert "may exist already" in await club.ann.reads(in_=club.bot)
    assert club.calls("createChatInviteLink") == 0

"""The owner settles who may do what, the time zone, where answers come, and the end of all that is kept."""

from __future__ import annotations

from typing import Any

import pytest

from bot.zones import COMMON, zones_like
from ledger.chats import Chat, Grant, ReplyPlace
from ledger.listing import Query
from sandbox.people import Actor, Screen
from tests.bot.conftest import Club, RunningBot
from tests.bot.swept import number_of, sweep


async def opened(who: Actor, club: Club, text: str = "/settings") -> Screen:
    await who.sends(text, to=club.bot)
    return await who.reads(in_=club.bot)


async def pressed(who: Actor, label: str, club: Club) -> Screen:
    await who.presses(label, in_=club.bot)
    return await who.reads(in_=club.bot)


async def chat_of(bot: RunningBot, club: Club) -> Chat:
    chat = await bot.ledger.chats.get(club.chat.id)
    assert chat is not None
    return chat


async def grants(bot: RunningBot, club: Club, who: Actor) -> frozenset[Grant]:
    granted: frozenset[Grant] = await bot.ledger.chats.grants_of(club.chat.id, who.person.id)
    return granted


async def test_only_the_owner_reaches_the_settings(club: Club, bot: RunningBot) -> None:
    settings = await opened(club.vera, club)
    assert "Chess club" in settings
    refusal = await opened(club.ann, club)
    assert "owner" in refusal
    forged = settings.button("Time zone")["callback_data"]
    await club.ann.sends_press(refusal.message, forged)
    assert "owner" in await club.ann.reads(in_=club.bot)


async def test_the_owners_status_leads_to_the_settings_and_nobody_elses(club: Club, bot: RunningBot) -> None:
    assert "Settings" not in (await opened(club.ann, club, "/status")).labels
    await opened(club.vera, club, "/status")
    assert "Time zone" in await pressed(club.vera, "Settings", club)


async def test_in_the_group_only_the_owner_sees_them(club: Club, bot: RunningBot) -> None:
    await club.vera.asks("/settings@invite_ledger_bot", in_=club.chat, bot=club.bot)
    assert (await club.vera.reads(in_=club.chat, until="Settings")).ephemeral
    await club.ann.reads_nothing(in_=club.chat)


async def test_each_right_is_given_and_taken_by_itself(club: Club, bot: RunningBot) -> None:
    await opened(club.vera, club)
    await pressed(club.vera, "Who may what", club)
    await pressed(club.vera, "Ann", club)
    given: set[Grant] = set()
    for label, grant in (("See", Grant.SEE), ("Lockdown", Grant.LOCKDOWN), ("Act", Grant.ACT)):
        screen = await pressed(club.vera, label, club)
        given.add(grant)
        assert await grants(bot, club, club.ann) == given
        assert f"☑ {label}" in screen.labels
    await pressed(club.vera, "See", club)
    assert await grants(bot, club, club.ann) == given - {Grant.SEE}
    assert not await grants(bot, club, club.bob)


async def test_a_doubled_press_gives_once_and_takes_nothing_back(club: Club, bot: RunningBot) -> None:
    await opened(club.vera, club)
    await pressed(club.vera, "Who may what", club)
    screen = await pressed(club.vera, "Bob", club)
    for _ in range(2):
        await club.vera.sends_press(screen.message, str(screen.button("Act")["callback_data"]))
    await opened(club.vera, club, "/help")
    assert await grants(bot, club, club.bob) == {Grant.ACT}


async def test_an_admin_who_may_see_is_shown_a_key_that_is_not_his(club: Club, bot: RunningBot) -> None:
    made = await club.bob.makes_link(club.chat, "Posters")
    await sweep(club, bot)
    await bot.ledger.chats.grant(club.chat.id, club.ann.person.id, Grant.SEE, on=True, by=club.vera.person.id)
    await club.ann.sends(f"/invite {await number_of(club, bot, made)}", to=club.bot)
    assert "Show" in (await club.ann.reads(in_=club.bot)).labels


async def test_who_is_no_admin_any_more_is_offered_no_more(club: Club, bot: RunningBot) -> None:
    await opened(club.vera, club)
    admins = await pressed(club.vera, "Who may what", club)
    assert "Ann" in admins.labels
    assert "Vera" not in admins.labels
    ann = str(admins.button("Ann")["callback_data"])
    asked = club.calls("getChatAdministrators")
    await club.vera.demotes(club.ann.person, in_=club.chat)
    await club.called("getChatAdministrators", asked + 1)

    async def known() -> bool:
        return club.ann.person.id not in {one.id for one in await bot.ledger.chats.admins(club.chat.id)}

    await bot.until(known)
    await club.vera.sends_press(admins.message, ann)
    assert "Ann" not in (await club.vera.reads(in_=club.bot)).labels


@pytest.mark.parametrize("typed", ["Europe/Lisbon", "lisbon", "LISBON", "lisbn"])
async def test_the_zone_is_set_by_a_name_and_echoed_with_its_time(club: Club, bot: RunningBot, typed: str) -> None:
    said = await opened(club.vera, club, f"/settings zone {typed}")
    assert "Europe/Lisbon" in said
    assert ":" in said.text.rpartition("Europe/Lisbon")[2]
    chat = await chat_of(bot, club)
    assert (chat.time_zone, chat.zone_chosen) == ("Europe/Lisbon", True)


async def test_the_zone_is_set_by_a_button(club: Club, bot: RunningBot) -> None:
    await opened(club.vera, club)
    await pressed(club.vera, "Time zone", club)
    await pressed(club.vera, "Tokyo", club)
    assert (await chat_of(bot, club)).time_zone == "Asia/Tokyo"


async def test_a_name_of_several_zones_is_asked_about(club: Club, bot: RunningBot) -> None:
    await opened(club.vera, club, "/settings zone portugal")
    await pressed(club.vera, "Azores", club)
    assert (await chat_of(bot, club)).time_zone == "Atlantic/Azores"


@pytest.mark.parametrize("typed", ["zone Gondor", "colour blue", "zone"])
async def test_what_is_no_setting_changes_nothing(club: Club, bot: RunningBot, typed: str) -> None:
    before = await bot.ledger.chats.get(club.chat.id)
    said = await opened(club.vera, club, f"/settings {typed}")
    assert "/settings zone " in said
    assert await bot.ledger.chats.get(club.chat.id) == before


def test_every_common_zone_is_found_by_its_city_and_nothing_by_no_name() -> None:
    for zone in COMMON:
        assert zones_like(zone) == (zone,)
        assert zone in zones_like(zone.rpartition("/")[2].replace("_", " "))
    assert not any(zones_like(nothing) for nothing in ("", " ", "?", "utc+99", "\n"))


async def test_answers_move_into_private_and_back(club: Club, bot: RunningBot) -> None:
    await club.ann.starts(club.bot)
    await opened(club.vera, club)
    await pressed(club.vera, "in private", club)
    assert (await chat_of(bot, club)).reply_place is ReplyPlace.PRIVATE
    await club.ann.asks("/invites", in_=club.chat, bot=club.bot)
    assert "Chess club" in await club.ann.reads(in_=club.bot, until="Chess club")
    await pressed(club.vera, "in the group", club)
    assert (await chat_of(bot, club)).reply_place is ReplyPlace.HERE


async def test_a_test_alert_shows_that_alerts_come_through(club: Club, bot: RunningBot) -> None:
    await opened(club.vera, club)
    await club.vera.presses("test alert", in_=club.bot)
    alert = await club.vera.reads(in_=club.bot, until="Nothing has happened")
    assert not alert.edited
    assert "Chess club" in alert


async def test_a_test_alert_says_that_private_is_closed(club: Club, bot: RunningBot) -> None:
    await club.vera.asks("/settings@invite_ledger_bot", in_=club.chat, bot=club.bot)
    await club.vera.reads(in_=club.chat, until="Settings")
    await club.vera.presses("test alert", in_=club.chat)
    assert "/start" in await club.vera.reads(in_=club.chat, until="/start")


# Erasing


async def links_known(bot: RunningBot, club: Club) -> int:
    report: Any = await bot.ledger.links.page(Query(club.chat.id, None))
    return int(report.unrevoked)


async def test_erasing_asks_once_names_the_count_takes_all_and_leaves(club: Club, bot: RunningBot) -> None:
    made = await club.ann.makes_link(club.chat, "Posters")
    await sweep(club, bot)
    count = await links_known(bot, club)
    await opened(club.vera, club)
    question = await pressed(club.vera, "Erase", club)
    assert str(count) in question
    await pressed(club.vera, "Erase it", club)
    await club.vera.waits(lambda: not club.chat.present(club.bot.id), "the bot to leave")
    assert await bot.ledger.chats.get(club.chat.id) is None
    assert not made.revoked
    assert await club.kim.joins(made)


async def test_the_bots_leaving_brings_an_erased_chat_back_for_nobody(club: Club, bot: RunningBot) -> None:
    await opened(club.vera, club)
    await pressed(club.vera, "Erase", club)
    await pressed(club.vera, "Erase it", club)
    await club.vera.waits(lambda: not club.chat.present(club.bot.id), "the bot to leave")
    await opened(club.vera, club, "/help")
    await opened(club.ann, club, "/help")
    assert await bot.ledger.chats.every() == []
    await club.vera.reads_nothing(in_=club.bot)


async def test_a_yes_to_another_count_is_asked_anew(club: Club, bot: RunningBot) -> None:
    await opened(club.vera, club)
    await pressed(club.vera, "Erase", club)
    await club.ann.makes_link(club.chat, "Posters")
    await sweep(club, bot)
    again = await pressed(club.vera, "Erase it", club)
    assert str(await links_known(bot, club)) in again
    assert await bot.ledger.chats.get(club.chat.id) is not None


async def test_a_yes_of_anyone_else_or_used_twice_erases_nothing(club: Club, bot: RunningBot, clock: Any) -> None:
    await opened(club.vera, club)
    question = await pressed(club.vera, "Erase", club)
    yes = str(question.button("Erase it")["callback_data"])
    mine = await opened(club.ann, club)
    await club.ann.sends_press(mine.message, yes)
    await club.ann.reads(in_=club.bot)
    clock.now += 16 * 60
    await club.vera.sends_press(question.message, yes)
    await club.vera.reads(in_=club.bot)
    assert await bot.ledger.chats.get(club.chat.id) is not None


async def test_keeping_leads_back_and_erases_nothing(club: Club, bot: RunningBot) -> None:
    await opened(club.vera, club)
    await pressed(club.vera, "Erase", club)
    assert "Settings" in await pressed(club.vera, "Keep it", club)
    assert club.chat.present(club.bot.id)

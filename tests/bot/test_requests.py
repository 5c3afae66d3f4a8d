"""Join requests: seen, let in and declined, one by one and all of a link, each once."""

from __future__ import annotations

import asyncio

import pytest

from bot.callbacks import AnswerPress
from sandbox.faults import Fault, Kind
from sandbox.invites import InviteLink
from sandbox.people import Actor, Screen
from tests.bot.conftest import Club, RunningBot
from tests.conftest import Clock


@pytest.fixture
async def link(club: Club, bot: RunningBot) -> InviteLink:
    await club.ann.sends("/invite new Club ask", to=club.bot)
    await club.ann.reads(in_=club.bot, until="Club")
    [made] = [one for one in club.telegram.world.invites.every(club.chat) if one.title == "Club"]
    return made


async def waits(bot: RunningBot, club: Club, times: int) -> None:
    async def known() -> bool:
        return (await bot.ledger.requests.waiting(club.chat.id)).total == times

    await bot.until(known)


async def lists(club: Club, who: Actor, words: str = "") -> Screen:
    await who.sends(f"/requests {words}".strip(), to=club.bot)
    return await who.reads(in_=club.bot)


def done(club: Club, kind: str) -> int:
    return sum(effect.kind == f"request.{kind}" for effect in club.telegram.log.effects)


async def test_who_asks_is_listed_with_his_words_his_link_and_his_past(
    club: Club, bot: RunningBot, link: InviteLink, clock: Clock
) -> None:
    bobs = await club.bob.makes_link(club.chat, "Posters", request_needed=True)
    door = await club.vera.makes_link(club.chat, "Door")
    for _ in range(2):
        await club.kim.joins(door)
        await club.kim.leaves(club.chat)
        clock.now += 60
    await club.kim.joins(bobs, bio="I play the Dutch")
    await waits(bot, club, 1)
    zed = club.telegram.person(club.telegram.world.add_person("Zed"))
    await zed.joins(link)
    await waits(bot, club, 2)
    clock.now += 3600
    screen = await lists(club, club.ann)
    for said in (
        "2 waiting",
        "Zed · 60 min · #",
        "new here",
        "⚠ left twice",
        "I play the Dutch",
        "Those I saw, since",
        "Others by hand",
    ):
        assert said in screen
    number = next(word for word in screen.text.split() if word.startswith("#"))
    of_link = await lists(club, club.ann, number)
    assert "Kim" in of_link or "Zed" in of_link
    assert not ("Kim" in of_link and "Zed" in of_link)


async def test_one_is_let_in_and_one_turned_away_and_both_know_the_admin(
    club: Club, bot: RunningBot, link: InviteLink
) -> None:
    await club.kim.joins(link)
    pat = club.telegram.person(club.telegram.world.add_person("Pat"))
    await pat.joins(link)
    await waits(bot, club, 2)
    screen = await lists(club, club.ann)
    await club.ann.presses("✓ Kim", on=screen)
    assert "Kim is in." in await club.ann.reads(in_=club.bot, until="is in")
    await club.ann.presses("✗ Pat", in_=club.bot)
    assert "Pat was declined." in await club.ann.reads(in_=club.bot, until="declined")
    assert (club.chat.present(club.kim.person.id), club.chat.present(pat.person.id)) == (True, False)
    assert (done(club, "approved"), done(club, "declined")) == (1, 1)

    async def came() -> bool:
        visits = await bot.ledger.joiners.visits(club.chat.id, club.kim.person.id)
        return bool(visits) and visits[0].approver == "Ann"

    await bot.until(came)
    await club.ann.sends("/who 12345", to=club.bot)
    assert "Not seen to join here since" in await club.ann.reads(in_=club.bot, until="Not seen")


async def test_a_button_pressed_five_times_answers_once(club: Club, bot: RunningBot, link: InviteLink) -> None:
    await club.kim.joins(link)
    await waits(bot, club, 1)
    screen = await lists(club, club.ann)
    data = str(screen.button("✓ Kim")["callback_data"])
    await asyncio.gather(*[club.ann.sends_press(screen.message, data) for _ in range(5)])
    assert done(club, "approved") == 1
    assert "(Ann)" in await club.ann.reads(in_=club.bot, until="Answered before")


@pytest.mark.parametrize("kind", [Kind.DROP_AFTER, Kind.DROP_BEFORE])
async def test_a_lost_answer_is_found_out_and_the_request_answered_once(
    club: Club, bot: RunningBot, link: InviteLink, kind: Kind
) -> None:
    await club.kim.joins(link)
    await waits(bot, club, 1)
    screen = await lists(club, club.ann)
    club.telegram.faults.plan(Fault(kind, "declineChatJoinRequest"))
    await club.ann.presses("✗ Kim", on=screen)
    assert "Kim was declined." in await club.ann.reads(in_=club.bot)
    assert done(club, "declined") == 1


async def test_what_another_answered_in_the_app_is_said_as_it_is(club: Club, bot: RunningBot, link: InviteLink) -> None:
    pat = club.telegram.person(club.telegram.world.add_person("Pat"))
    for who in (club.kim, pat):
        await who.joins(link)
    await waits(bot, club, 2)
    screen = await lists(club, club.ann)
    await club.bob.declines(club.kim.person, in_=club.chat)
    await club.ann.presses("✓ Kim", on=screen)
    assert "does not wait any more" in await club.ann.reads(in_=club.bot)
    await club.bob.approves(pat.person, in_=club.chat)
    await waits(bot, club, 0)
    await club.ann.presses("✓ Pat", on=screen)
    assert "Answered before: Pat (Bob) is in." in await club.ann.reads(in_=club.bot)


async def test_all_of_a_link_are_let_in_after_one_question_with_their_count(
    club: Club, bot: RunningBot, link: InviteLink
) -> None:
    people = [club.telegram.person(club.telegram.world.add_person(f"P{n}")) for n in range(7)]
    for who in people:
        await who.joins(link)
    await waits(bot, club, 7)
    await club.ann.presses("✓ all", on=await lists(club, club.ann))
    question = await club.ann.reads(in_=club.bot)
    assert "Let all 7 in who wait by #" in question
    assert done(club, "approved") == 0
    await club.ann.presses("Let in 7", on=question)
    assert "7 of 7 let in." in await club.ann.reads(in_=club.bot, until="7 of 7 let in")
    assert done(club, "approved") == 7
    await waits(bot, club, 0)


async def test_all_of_the_chat_are_let_in_though_several_wait_by_each_of_two_links(
    club: Club, bot: RunningBot, link: InviteLink
) -> None:
    bobs = await club.bob.makes_link(club.chat, "Posters", request_needed=True)
    for n, by in enumerate((link, link, bobs, bobs)):
        await club.telegram.person(club.telegram.world.add_person(f"P{n}")).joins(by)
    await waits(bot, club, 4)
    await club.ann.presses("✓ all 4…", on=await lists(club, club.ann))
    question = await club.ann.reads(in_=club.bot)
    assert "Let all 4 in who wait in" in question
    await club.ann.presses("Let in 4", on=question)
    assert "4 of 4 let in." in await club.ann.reads(in_=club.bot, until="4 of 4 let in")


async def test_a_yes_for_seven_is_asked_anew_when_an_eighth_has_come(
    club: Club, bot: RunningBot, link: InviteLink
) -> None:
    for n in range(2):
        await club.telegram.person(club.telegram.world.add_person(f"P{n}")).joins(link)
    await waits(bot, club, 2)
    await club.ann.presses("✗ all", on=await lists(club, club.ann))
    question = await club.ann.reads(in_=club.bot)
    await club.kim.joins(link)
    await waits(bot, club, 3)
    await club.ann.presses("Decline 2", on=question)
    assert "Decline all 3 who wait" in await club.ann.reads(in_=club.bot)
    assert done(club, "declined") == 0


async def test_an_admin_writes_once_while_telegram_lets_the_bot(
    club: Club, bot: RunningBot, link: InviteLink, clock: Clock
) -> None:
    await club.kim.joins(link)
    await waits(bot, club, 1)
    clock.now += 60
    await club.ann.presses("Write", on=await lists(club, club.ann))
    question = await club.ann.reads(in_=club.bot)
    assert "4 min more" in question
    await club.ann.sends("Who told you of us?", to=club.bot, reply_to=question.message)
    assert "Who told you of us?" in await club.kim.reads(in_=club.bot)
    assert "has your message" in await club.ann.reads(in_=club.bot)
    await club.ann.sends("And why?", to=club.bot, reply_to=question.message)
    assert "does not let me write any more" in await club.ann.reads(in_=club.bot)
    assert len(club.kim.sees(club.bot)) == 1


async def test_after_five_minutes_nobody_is_written_to(
    club: Club, bot: RunningBot, link: InviteLink, clock: Clock
) -> None:
    await club.kim.joins(link)
    await waits(bot, club, 1)
    assert "Write" in (await lists(club, club.ann)).labels
    clock.now += 301
    assert "Write" not in (await lists(club, club.ann)).labels


async def test_a_request_of_another_chat_is_not_answered_from_here(
    club: Club, bot: RunningBot, link: InviteLink
) -> None:
    other = club.telegram.world.add_chat("Go club", club.vera.person)
    await bot.serves(club, other, owner=club.vera)
    await club.kim.joins(link)
    await waits(bot, club, 1)
    [one] = (await bot.ledger.requests.waiting(club.chat.id)).rows
    await club.vera.sends("/chats", to=club.bot)
    shown = await club.vera.reads(in_=club.bot)
    await club.vera.sends_press(shown.message, AnswerPress(chat=other.id, row=one.id, yes=True).pack())
    assert "too long ago" in await club.vera.reads(in_=club.bot)
    assert done(club, "approved") == 0

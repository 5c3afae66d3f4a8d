"""`/invite 12 rotate`: another key for the same number, and never a moment without one."""

from __future__ import annotations

import asyncio

import pytest

from sandbox.faults import Fault, Kind
from sandbox.invites import InviteLink
from sandbox.people import Actor, Screen
from tests.bot.conftest import Club, RunningBot
from tests.bot.swept import number_of, sweep
from tests.conftest import Clock


def every(club: Club) -> list[InviteLink]:
    """Keys of the link in question, oldest first."""
    return [link for link in club.telegram.world.invites.every(club.chat) if link.title == "Spring ads"]


async def made(club: Club, terms: str = "") -> InviteLink:
    await club.ann.sends(f"/invite new Spring ads {terms}", to=club.bot)
    await club.ann.reads(in_=club.bot, until="Spring ads")
    return every(club)[-1]


async def asks(club: Club, bot: RunningBot, who: Actor, link: InviteLink) -> Screen:
    await who.sends(f"/invite {await number_of(club, bot, link)} rotate", to=club.bot)
    return await who.reads(in_=club.bot)


async def rotates(club: Club, bot: RunningBot, link: InviteLink) -> Screen:
    await club.ann.presses("Rotate #", on=await asks(club, bot, club.ann, link))
    return await club.ann.reads(in_=club.bot)


async def joined(club: Club, bot: RunningBot, number: int, times: int) -> None:
    async def counted() -> bool:
        found = await bot.ledger.links.find(club.chat.id, number)
        return found is not None and found.joined == times

    await bot.until(counted)


async def test_a_new_key_stands_before_the_old_one_falls_and_all_else_runs_through(club: Club, bot: RunningBot) -> None:
    old = await made(club, "7d x10")
    await club.kim.joins(old)
    number = await number_of(club, bot, old)
    await joined(club, bot, number, 1)
    question = await asks(club, bot, club.ann, old)
    assert "One joined by the old one; it stops working everywhere at once." in question
    before = len(club.telegram.log.effects)
    await club.ann.presses("Rotate #", on=question)
    card = await club.ann.reads(in_=club.bot)
    _, new = every(club)
    done = [effect.kind for effect in club.telegram.log.effects[before:] if effect.kind.startswith("link.")]
    assert done == ["link.created", "link.revoked"]
    assert (new.usage_limit, new.expire_date, old.revoked) == (9, old.expire_date, True)
    for said in (f"#{number} has a new link now", "1 joined", "9 of 10 places left", f"before: t.me/+{old.hash[:3]}…"):
        assert said in card
    await club.telegram.person(club.telegram.world.add_person("Pat")).joins(new)
    await joined(club, bot, number, 2)
    await sweep(club, bot)
    known = await bot.ledger.links.find(club.chat.id, number)
    assert known is not None
    assert (known.joined, known.limit, known.state) == (2, 10, "live")
    assert await number_of(club, bot, old) == await number_of(club, bot, new) == number


async def test_a_limit_given_later_counts_those_who_came_by_the_old_key(club: Club, bot: RunningBot) -> None:
    old = await made(club)
    await club.kim.joins(old)
    number = await number_of(club, bot, old)
    await joined(club, bot, number, 1)
    await rotates(club, bot, old)
    await club.ann.sends(f"/invite {number} x5", to=club.bot)
    assert "5 members" in await club.ann.reads(in_=club.bot)
    assert every(club)[-1].usage_limit == 4
    await club.ann.sends(f"/invite {number} x1 in all", to=club.bot)
    assert "earlier links of this number" in await club.ann.reads(in_=club.bot)


async def test_a_yes_makes_one_new_key_however_often_it_is_pressed(club: Club, bot: RunningBot) -> None:
    old = await made(club)
    question = await asks(club, bot, club.ann, old)
    data = str(question.button("Rotate #")["callback_data"])
    await asyncio.gather(*[club.ann.sends_press(question.message, data) for _ in range(5)])
    await club.ann.reads(in_=club.bot, until="has a new link now")
    assert len(every(club)) == 2


async def test_a_new_key_whose_answer_was_lost_is_known_again_and_then_the_old_one_is_revoked(
    club: Club, bot: RunningBot
) -> None:
    old = await made(club)
    club.telegram.faults.plan(Fault(Kind.DROP_AFTER, "createChatInviteLink"))
    assert "The old link works on" in await rotates(club, bot, old)
    assert not old.revoked
    await sweep(club, bot)
    await club.vera.waits(lambda: old.revoked, "the old key to be revoked")
    assert await number_of(club, bot, every(club)[-1]) == await number_of(club, bot, old)


async def test_an_old_key_that_could_not_be_revoked_is_said_to_work_and_tried_again(
    club: Club, bot: RunningBot, clock: Clock
) -> None:
    old = await made(club)
    refused = Fault(Kind.ERROR, "revokeChatInviteLink", 400, "Bad Request: LATER", times=2)
    club.telegram.faults.plan(refused)
    card = await rotates(club, bot, old)
    assert "has not revoked the old one yet" in card
    assert "before, and still working:" in card
    await club.called("revokeChatInviteLink", 2)
    clock.now += 31
    await club.vera.waits(lambda: old.revoked, "the old key to be revoked")


@pytest.mark.parametrize("terms", ["x1", "1h"])
async def test_a_link_that_lets_nobody_in_gets_no_new_key(
    club: Club, bot: RunningBot, clock: Clock, terms: str
) -> None:
    old = await made(club, terms)
    await club.kim.joins(old)
    await joined(club, bot, await number_of(club, bot, old), 1)
    clock.now += 3601
    assert "lets nobody in now" in await asks(club, bot, club.ann, old)
    assert every(club) == [old]


async def test_anothers_link_is_answered_with_what_can_be_done(club: Club, bot: RunningBot) -> None:
    bobs = await club.bob.makes_link(club.chat, "Posters")
    await sweep(club, bot)
    assert "Make another instead: /invite new" in await asks(club, bot, club.vera, bobs)
    assert not bobs.revoked

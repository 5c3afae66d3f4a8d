"""`/invite 15 replace`: one new primary link for one yes, and the old one's number stays its own."""

from __future__ import annotations

import asyncio

import pytest

from ledger.chats import Grant
from sandbox.faults import Fault, Kind
from sandbox.invites import InviteLink
from sandbox.people import Actor, Screen
from tests.bot.conftest import Club, RunningBot, Start
from tests.bot.swept import number_of, sweep


def standing(club: Club) -> InviteLink:
    return club.telegram.world.invites.primary(club.chat, club.bot)


def made(club: Club) -> int:
    """Primary links of this bot there ever were."""
    return sum(
        link.permanent for link in club.telegram.world.invites.every(club.chat) if link.creator_id == club.bot.id
    )


async def asks(club: Club, bot: RunningBot, who: Actor, link: InviteLink | None = None) -> Screen:
    await who.sends(f"/invite {await number_of(club, bot, link or standing(club))} replace", to=club.bot)
    return await who.reads(in_=club.bot)


async def test_a_primary_is_replaced_after_one_warning_that_counts_who_joined(club: Club, bot: RunningBot) -> None:
    old = standing(club)
    await club.kim.joins(old)
    number = await number_of(club, bot, old)

    async def counted() -> bool:
        found = await bot.ledger.links.find(club.chat.id, number)
        return found is not None and found.joined == 1

    await bot.until(counted)
    question = await asks(club, bot, club.vera)
    assert "One joined by it. It stops working everywhere at once. No undo." in question
    assert standing(club) is old
    await club.vera.presses("Replace #", on=question)
    card = await club.vera.reads(in_=club.bot)
    new = standing(club)
    assert new is not old
    assert f"#{number} is revoked; the new one is #{await number_of(club, bot, new)}." in card
    known = await bot.ledger.links.find(club.chat.id, number)
    assert known is not None
    assert known.state == "revoked"
    assert await bot.ledger.intents.open(club.chat.id) == []


async def test_a_yes_replaces_once_however_often_it_is_pressed(club: Club, bot: RunningBot) -> None:
    before = made(club)
    question = await asks(club, bot, club.vera)
    data = str(question.button("Replace #")["callback_data"])
    await asyncio.gather(*[club.vera.sends_press(question.message, data) for _ in range(5)])
    await club.vera.reads(in_=club.bot, until="the new one is")
    assert made(club) == before + 1


async def test_a_yes_from_before_a_restart_is_asked_again(club: Club, bot: RunningBot, start_bot: Start) -> None:
    before = made(club)
    question = await asks(club, bot, club.vera)
    await bot.ends()
    await start_bot()
    await club.vera.presses("Replace #", on=question)
    again = await club.vera.reads(in_=club.bot)
    assert "ask anew" in again
    assert made(club) == before


@pytest.mark.parametrize("kind", [Kind.DROP_AFTER, Kind.DROP_BEFORE])
async def test_a_lost_answer_is_read_back_and_never_asked_for_twice(club: Club, bot: RunningBot, kind: Kind) -> None:
    old, before = standing(club), made(club)
    question = await asks(club, bot, club.vera)
    club.telegram.faults.plan(Fault(kind, "exportChatInviteLink"))
    await club.vera.presses("Replace #", on=question)
    answer = await club.vera.reads(in_=club.bot)
    assert club.calls("exportChatInviteLink") == 1
    assert await bot.ledger.intents.open(club.chat.id) == []
    if kind == Kind.DROP_AFTER:
        assert "the new one is" in answer
        assert made(club) == before + 1
    else:
        assert "Telegram refused or did not answer" in answer
        assert standing(club) is old


async def test_one_whose_replacing_had_an_unknown_end_is_looked_at_before_and_not_replaced_again(
    club: Club, bot: RunningBot
) -> None:
    question = await asks(club, bot, club.vera)
    number = await number_of(club, bot, standing(club))
    await bot.ledger.intents.intend(900_000_001, "replace", club.chat.id, club.vera.person.id, {"number": number})
    club.telegram.world.invites.export(club.chat, club.bot, legacy_revoke_permanent=True)
    before = made(club)
    await club.vera.presses("Replace #", on=question)
    assert "was replaced meanwhile" in await club.vera.reads(in_=club.bot)
    assert made(club) == before


async def test_only_the_owner_or_who_may_act_replaces(club: Club, bot: RunningBot) -> None:
    standing(club)
    before = made(club)
    assert "maker and the owner" in await asks(club, bot, club.ann)
    await bot.ledger.chats.grant(club.chat.id, club.ann.person.id, Grant.ACT, on=True, by=club.vera.person.id)
    question = await asks(club, bot, club.ann)
    await club.ann.presses("Replace #", on=question)
    await club.ann.reads(in_=club.bot, until="the new one is")
    assert made(club) == before + 1


async def test_anothers_primary_and_an_ordinary_link_are_answered_with_what_can_be_done(
    club: Club, bot: RunningBot
) -> None:
    bobs = club.telegram.world.invites.primary(club.chat, club.bob.person)
    await sweep(club, bot)
    answer = await asks(club, bot, club.vera, bobs)
    assert "You can: group → Edit → Invite links → Revoke" in answer
    assert "by Bob" in answer
    await club.vera.sends("/invite new Spring ads", to=club.bot)
    await club.vera.reads(in_=club.bot, until="Spring ads")
    [own] = [link for link in club.telegram.world.invites.every(club.chat) if link.title == "Spring ads"]
    assert "gets a new link" in await asks(club, bot, club.vera, own)
    assert club.calls("exportChatInviteLink") == 0


async def test_a_revoke_that_met_a_primary_notes_both_links(club: Club, bot: RunningBot) -> None:
    """The book may take a primary link for an ordinary one, as joins by it do not tell."""
    await club.vera.sends("/invite new Spring ads", to=club.bot)
    echo = await club.vera.reads(in_=club.bot, until="Spring ads")
    [own] = [link for link in club.telegram.world.invites.every(club.chat) if link.title == "Spring ads"]
    number, old = await number_of(club, bot, own), standing(club)
    club.telegram.faults.plan(
        Fault(Kind.LIE, "revokeChatInviteLink", change=lambda told: {**told, "is_primary": True})
    )  # fmt: skip
    await club.vera.presses("Undo", on=echo)
    await club.vera.presses("Revoke #", on=await club.vera.reads(in_=club.bot))
    await club.vera.reads(in_=club.bot, until="revoked")
    known = await bot.ledger.links.find(club.chat.id, number)
    assert known is not None
    assert known.state == "revoked"
    assert await number_of(club, bot, old)

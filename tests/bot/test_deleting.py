"""Revoked links are deleted by the account alone: one, or all of one creator, after one question with the count."""

from __future__ import annotations

from ledger.errands import Act, Errand
from sandbox.people import Actor, Screen
from tests.bot.conftest import Club, RunningBot
from tests.bot.swept import number_of, sweep


async def acts(club: Club, bot: RunningBot) -> None:
    """The host lets the account, which is the owner, change things here."""
    await bot.ledger.errands.set_mode("act")
    await bot.ledger.chats.let_account_act(club.chat.id, True)


async def asked_for(bot: RunningBot) -> list[Errand]:
    return [errand for errand in await bot.ledger.errands.open() if errand.act != Act.SYNC]


async def asks(club: Club, who: Actor, line: str) -> Screen:
    await who.sends(line, to=club.bot)
    return await who.reads(in_=club.bot)


async def test_without_an_account_that_acts_the_way_by_hand_is_named(club: Club, bot: RunningBot) -> None:
    link = await club.bob.makes_link(club.chat, "Posters")
    await sweep(club, bot)
    number = await number_of(club, bot, link)
    assert "works still" in await asks(club, club.vera, f"/invite {number} delete")
    await club.bob.revokes(link)
    await sweep(club, bot)
    said = await asks(club, club.vera, f"/invite {number} delete")
    assert "no bot can. You can: group → Edit" in said
    assert "lets the account do it: /account" in said
    assert "Bob or the owner can" not in said
    assert "no bot can. You can: group → Edit" in await asks(club, club.bob, f"/invite {number} delete")
    assert "for the link's maker and the owner" in await asks(club, club.ann, f"/invite {number} delete")
    assert "Delete" not in (await asks(club, club.vera, f"/invite {number}")).labels
    assert await asked_for(bot) == []


async def test_one_is_asked_of_the_account_after_a_question(club: Club, bot: RunningBot) -> None:
    link = await club.bob.makes_link(club.chat, "Posters")
    await club.bob.revokes(link)
    await sweep(club, bot)
    await acts(club, bot)
    number = await number_of(club, bot, link)
    await club.vera.presses("Delete", on=await asks(club, club.vera, f"/invite {number}"))
    question = await club.vera.reads(in_=club.bot)
    assert "cannot be undone" in question
    await club.vera.presses("Delete #", on=question)
    assert "Asked" in await club.vera.reads(in_=club.bot)
    [errand] = await bot.until(lambda: asked_for(bot))
    assert (errand.act, errand.asked_by) == (Act.DELETE, club.vera.person.id)


async def test_all_of_one_creator_are_asked_for_with_their_count(club: Club, bot: RunningBot) -> None:
    for n in range(3):
        await club.bob.revokes(await club.bob.makes_link(club.chat, f"Posters {n}"))
    await sweep(club, bot)
    shelf = await asks(club, club.vera, "/invites bob revoked")
    assert not [label for label in shelf.labels if label.startswith("Delete all")]
    await acts(club, bot)
    shelf = await asks(club, club.vera, "/invites bob revoked")
    await club.vera.presses("Delete all revoked (Bob, 3)", on=shelf)
    question = await club.vera.reads(in_=club.bot)
    assert "Delete all 3 revoked links of Bob" in question
    assert "Telegram's log" in question
    await club.vera.presses("Delete 3", on=question)
    assert "Asked" in await club.vera.reads(in_=club.bot)
    [errand] = await bot.until(lambda: asked_for(bot))
    assert (errand.act, errand.about) == (Act.CLEAR, club.bob.person.id)

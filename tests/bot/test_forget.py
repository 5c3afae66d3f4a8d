"""`/forget` takes one person out of what is kept of the chat, for its owner alone."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.listing import Query
from sandbox.people import Actor
from tests.bot.conftest import Club, RunningBot


async def come(club: Club, bot: RunningBot, who: Actor) -> None:
    """Joins by a link of Ann's, and the bot has seen it."""
    made = await club.ann.makes_link(club.chat, "Posters")
    await who.joins(made)

    async def counted() -> Any:
        return await joined(bot, club) == 1

    await bot.until(counted)


async def joined(bot: RunningBot, club: Club) -> int:
    return sum(link.joined for link in (await bot.ledger.links.page(Query(club.chat.id, None))).rows)


async def named(bot: RunningBot, who: Actor) -> str | None:
    person = await bot.ledger.chats.person(who.person.id)
    return person.name if person else None


async def test_a_person_is_forgotten_and_counted_on(club: Club, bot: RunningBot) -> None:
    await come(club, bot, club.kim)
    assert await named(bot, club.kim) == "Kim"
    await club.vera.sends(f"/forget {club.kim.person.id}", to=club.bot)
    question = await club.vera.reads(in_=club.bot)
    assert "Chess club" in question
    assert await named(bot, club.kim) == "Kim"
    await club.vera.presses("Forget", in_=club.bot)
    assert "one join" in await club.vera.reads(in_=club.bot)
    assert not await named(bot, club.kim)
    assert await joined(bot, club) == 1


async def test_a_person_is_named_by_username(club: Club, bot: RunningBot) -> None:
    club.kim.person.username = "kim_plays"
    await come(club, bot, club.kim)
    await club.vera.sends("/forget @kim_plays", to=club.bot)
    assert "@kim_plays" in await club.vera.reads(in_=club.bot)
    await club.vera.presses("Forget", in_=club.bot)
    await club.vera.reads(in_=club.bot)
    assert not await named(bot, club.kim)


async def test_a_person_is_named_by_a_reply(club: Club, bot: RunningBot) -> None:
    await come(club, bot, club.kim)
    hello = await club.kim.sends("hello", to=club.chat)
    await club.vera.sends("/forget@invite_ledger_bot", to=club.chat, reply_to=hello)
    question = await club.vera.reads(in_=club.chat, until="Forget Kim")
    assert question.ephemeral
    await club.vera.presses("Forget", in_=club.chat)
    await club.vera.reads(in_=club.chat, until="Forgotten")
    assert not await named(bot, club.kim)


async def test_the_name_on_links_stays(club: Club, bot: RunningBot) -> None:
    await come(club, bot, club.kim)
    await club.vera.sends(f"/forget {club.ann.person.id}", to=club.bot)
    await club.vera.reads(in_=club.bot)
    await club.vera.presses("Forget", in_=club.bot)
    assert "stays" in await club.vera.reads(in_=club.bot)
    assert await named(bot, club.ann) == "Ann"


@pytest.mark.parametrize("typed", ["/forget", "/forget @nobody_here", "/forget Kim Smith", "/forget 0", "/forget -5"])
async def test_whom_is_said_with_one_right_example(club: Club, bot: RunningBot, typed: str) -> None:
    await club.vera.sends(typed, to=club.bot)
    answer = await club.vera.reads(in_=club.bot)
    assert "/forget @kim" in answer
    assert not answer.labels


async def test_only_the_owner_has_a_person_forgotten(club: Club, bot: RunningBot) -> None:
    await come(club, bot, club.kim)
    await club.vera.sends(f"/forget {club.kim.person.id}", to=club.bot)
    yes = str((await club.vera.reads(in_=club.bot)).button("Forget")["callback_data"])
    await club.ann.sends(f"/forget {club.kim.person.id}", to=club.bot)
    refusal = await club.ann.reads(in_=club.bot)
    assert "owner" in refusal
    await club.ann.sends_press(refusal.message, yes)
    assert "owner" in await club.ann.reads(in_=club.bot)
    assert await named(bot, club.kim) == "Kim"


async def test_an_old_yes_is_asked_anew(club: Club, bot: RunningBot, clock: Any) -> None:
    await come(club, bot, club.kim)
    await club.vera.sends(f"/forget {club.kim.person.id}", to=club.bot)
    await club.vera.reads(in_=club.bot)
    clock.now += 16 * 60
    await club.vera.presses("Forget", in_=club.bot)
    assert "Forget" in (await club.vera.reads(in_=club.bot)).labels
    assert await named(bot, club.kim) == "Kim"

"""Who joined by a link, and by which link somebody came."""

from __future__ import annotations

from ledger.joins import SeenJoiner
from tests.bot.conftest import Club, RunningBot
from tests.bot.swept import number_of, sweep
from tests.bot.test_rotating import joined, made
from tests.conftest import Clock


async def test_who_joined_by_a_link_is_listed_with_when_and_whether_they_are_here(
    club: Club, bot: RunningBot, clock: Clock
) -> None:
    link = await made(club)
    number = await number_of(club, bot, link)
    pat = club.telegram.person(club.telegram.world.add_person("Pat"))
    for who in (club.kim, pat):
        await who.joins(link)
    await joined(club, bot, number, 2)
    clock.now += 180
    await pat.leaves(club.chat)

    async def left() -> bool:
        found = await bot.ledger.links.find(club.chat.id, number)
        return found is not None and found.leavers == 1

    await bot.until(left)
    await club.ann.sends(f"/invite {number}", to=club.bot)
    await club.ann.presses("Who", on=await club.ann.reads(in_=club.bot))
    screen = await club.ann.reads(in_=club.bot)
    for said in ("2 joined by it.", "Kim", "still here", "Pat", "left after 3 min"):
        assert said in screen
    await club.ann.sends(f"/invite {number} who", to=club.bot)
    assert screen.text == (await club.ann.reads(in_=club.bot)).text


async def test_the_joiners_of_anothers_link_are_for_its_maker_and_the_owner(club: Club, bot: RunningBot) -> None:
    link = await club.bob.makes_link(club.chat, "Posters")
    await sweep(club, bot)
    number = await number_of(club, bot, link)
    await club.ann.sends(f"/invite {number} who", to=club.bot)
    assert "for the link's maker and the owner" in await club.ann.reads(in_=club.bot)
    await club.bob.sends(f"/invite {number} who", to=club.bot)
    assert "Nobody joined by it." in await club.bob.reads(in_=club.bot)


async def test_what_the_account_reads_and_what_was_seen_is_one_list(club: Club, bot: RunningBot, clock: Clock) -> None:
    link = await made(club)
    number = await number_of(club, bot, link)
    await club.kim.joins(link)
    await joined(club, bot, number, 1)
    known = await bot.ledger.links.find(club.chat.id, number)
    assert known is not None
    at = int(clock.now)
    found = [SeenJoiner(club.kim.person.id, at), SeenJoiner(club.max.person.id, at - 86_400)]
    assert [await bot.ledger.joiners.read(known.id, found) for _ in range(2)] == [1, 0]
    page = await bot.ledger.joiners.page(known.id)
    assert [(one.person_id, one.how) for one in page.rows] == [
        (club.kim.person.id, "update"), (club.max.person.id, "account"),
    ]  # fmt: skip


async def test_who_tells_by_which_link_somebody_came_and_came_before(club: Club, bot: RunningBot, clock: Clock) -> None:
    link = await made(club)
    number = await number_of(club, bot, link)
    club.kim.person.username = "kim"
    await club.kim.joins(link)
    await joined(club, bot, number, 1)
    clock.now += 120
    await club.kim.leaves(club.chat)
    clock.now += 3600
    await club.kim.joins(link)
    await joined(club, bot, number, 2)
    await club.ann.sends("/who @kim", to=club.bot)
    screen = await club.ann.reads(in_=club.bot)
    for said in ("@kim", f"by #{number} Spring ads (Ann)", "seen as it happened", "before:", "left after 2 min"):
        assert said in screen
    await club.ann.presses("All by #", on=screen)
    assert "2 joined by it." in await club.ann.reads(in_=club.bot)
    await club.ann.presses("Left early 1", in_=club.bot)
    early = await club.ann.reads(in_=club.bot)
    assert "One left within an hour of joining." in early
    assert early.text.count("@kim") == 1
    await club.ann.presses("All by #", on=early)
    assert "still here" in await club.ann.reads(in_=club.bot)
    hello = await club.kim.sends("hello", to=club.chat)
    await club.ann.sends("/who@invite_ledger_bot", to=club.chat, reply_to=hello)
    assert f"by #{number}" in await club.ann.reads(in_=club.chat, until="came")

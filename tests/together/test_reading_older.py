"""Who came or asked before the bot was there: the account reads them, for who may see them."""

from __future__ import annotations

from tests.together.conftest import Both


async def test_the_joiners_the_bot_did_not_see_are_read_by_an_account_that_changes_nothing(both: Both) -> None:
    club, world = both.club, both.club.telegram.world
    bobs = await club.bob.makes_link(club.chat, "Posters")
    world.demote(club.chat, club.bot, by=club.vera.person)
    for n in range(12):
        world.invites.use(world.add_person(f"Guest {n}"), bobs.hash)
    await club.vera.promotes(club.bot, in_=club.chat)
    async with both.account(club.vera, acts=False):
        await both.bot.rests()
        screen = await both.says(club.vera, f"/invite {await both.number(bobs)} who")
        assert "of 12 known" in screen
        await club.vera.presses("Read older ones", on=screen)
        read = await both.sees(club.vera, "12 joined")
        await club.vera.presses("Who joined", on=read)
        every = await both.sees(club.vera, "Guest 9")
        assert "known" not in every
        assert not [label for label in every.labels if "older" in label]
        assert "for the link's maker" in await both.says(club.ann, f"/invite {await both.number(bobs)} who")


async def test_requests_from_before_the_bot_are_read_and_answered_by_it(both: Both) -> None:
    club, world = both.club, both.club.telegram.world
    asking = await club.bob.makes_link(club.chat, "Asking", request_needed=True)
    world.demote(club.chat, club.bot, by=club.vera.person)
    ida = club.telegram.person(world.add_person("Ida", username="ida_k"))
    await ida.joins(asking, bio="Chess since 1999")
    await club.vera.promotes(club.bot, in_=club.chat)
    async with both.account(club.vera, acts=False):
        await both.bot.rests()
        screen = await both.says(club.vera, "/requests")
        assert "Nobody waits" in screen
        await club.vera.presses("Read older ones", on=screen)
        await club.vera.presses("Who waits", on=await both.sees(club.vera, "one waits, one of them new"))
        waiting = await both.sees(club.vera, "Chess since 1999")
        await club.vera.presses("✓ ida_k", on=waiting)
        await both.sees(club.vera, "Nobody waits")
    assert club.chat.present(ida.person.id)

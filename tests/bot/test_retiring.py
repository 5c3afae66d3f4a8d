"""Before this bot goes, and when its rights are taken: which of its links work on, and how that ends."""

from __future__ import annotations

from bot.notices import LEFT, TRIED_AGAIN, owe_left
from sandbox.chats import Rights
from tests.bot.conftest import Club, RunningBot
from tests.bot.desks import desk_beside
from tests.bot.test_tidying import made, revoked
from tests.conftest import Clock


async def test_all_links_of_the_bot_are_revoked_before_it_goes(club: Club, bot: RunningBot) -> None:
    links = await made(club, bot, 12, by=club.ann)
    primary = club.telegram.world.invites.primary(club.chat, club.bot)
    await club.vera.sends("/retire", to=club.bot)
    screen = await club.vera.reads(in_=club.bot)
    assert "13 links of mine work" in screen
    await club.vera.presses("Revoke all 13", in_=club.bot)
    assert "Revoke 13 links in Chess club?" in await club.vera.reads(in_=club.bot)
    await club.vera.presses("Revoke 13", in_=club.bot)
    await club.vera.reads(in_=club.bot, until="13 of 13 revoked.")
    assert sorted(revoked(club)) == sorted([*(one.link for one in links), primary.link])
    [standing] = await bot.ledger.links.of_this_bot(club.chat.id)
    assert await bot.ledger.links.secret(standing.id) == club.telegram.world.invites.primary(club.chat, club.bot).link


async def test_others_than_the_owner_need_his_leave(club: Club, bot: RunningBot) -> None:
    await club.ann.sends("/retire", to=club.bot)
    assert "whom the owner names" in await club.ann.reads(in_=club.bot)


async def test_a_bot_without_its_right_tells_how_its_links_end(club: Club, bot: RunningBot) -> None:
    await made(club, bot, 2, by=club.ann)
    await club.vera.starts(club.bot)
    await club.vera.reads(in_=club.bot)
    await club.vera.promotes(club.bot, in_=club.chat, rights=Rights(invite_users=False))
    told = await club.vera.reads(in_=club.bot, until="3 links of mine work on")
    assert "Flyer 1" in told
    assert "/retire" in told
    await club.vera.sends("/retire", to=club.bot)
    screen = await club.vera.reads(in_=club.bot)
    assert "Invite Users via Link" in screen
    assert "Revoke" not in screen.labels


async def test_a_removed_bot_tells_who_removed_it_what_stays(club: Club, bot: RunningBot) -> None:
    await made(club, bot, 1, by=club.ann)
    await club.vera.starts(club.bot)
    await club.vera.reads(in_=club.bot)
    await club.vera.removes(club.bot, from_=club.chat)
    assert "Flyer 1" in await club.vera.reads(in_=club.bot, until="2 links of mine work on")


async def test_what_an_earlier_run_owed_is_told_at_its_time(club: Club, bot: RunningBot, clock: Clock) -> None:
    await made(club, bot, 1, by=club.ann)
    await club.vera.starts(club.bot)
    await club.vera.reads(in_=club.bot)
    async with desk_beside(club, bot) as desk:
        chat = await bot.ledger.chats.get(club.chat.id)
        assert chat is not None
        vera, since = club.vera.person.id, int(clock.now)
        owed = [await owe_left(desk, chat, vera, since=since, named=True) for _ in range(2)]
    assert [len(one) for one in owed] == [1, 0]
    clock.now += TRIED_AGAIN
    assert "Flyer 1" in await club.vera.reads(in_=club.bot, until="2 links of mine work on")

    async def settled() -> bool:
        return not [due for due in await bot.ledger.dues.ready(2**40) if due.what == LEFT]

    await bot.until(settled)

"""A raid ended: all who came by one link are removed or banned; and what stays untouched."""

from __future__ import annotations

from ledger.chats import Grant
from sandbox.chats import Rights, Status
from sandbox.invites import InviteLink
from sandbox.people import Actor, Screen
from tests.bot.conftest import Club, RunningBot
from tests.bot.swept import number_of
from tests.bot.test_card import made_by_bot
from tests.conftest import Clock


async def raid(club: Club, bot: RunningBot, link: InviteLink, many: int) -> list[Actor]:
    """So many come by the link, and the bot has seen them."""
    raiders = [club.telegram.person(club.telegram.world.add_person(f"Raider {n} Smith")) for n in range(many)]
    known = await bot.ledger.links.find_by_link(club.chat.id, link.link)
    before = known.joined if known else 0
    for one in raiders:
        await one.joins(link)

    async def seen() -> bool:
        found = await bot.ledger.links.find_by_link(club.chat.id, link.link)
        return found is not None and found.joined == before + many

    await bot.until(seen)
    return raiders


async def partner_x(club: Club, bot: RunningBot) -> tuple[InviteLink, int]:
    await made_by_bot(club, club.ann)
    [link] = [one for one in club.telegram.world.invites.every(club.chat) if one.title == "Spring ads"]
    return link, await number_of(club, bot, link)


async def asks(club: Club, who: Actor, line: str) -> Screen:
    await who.sends(line, to=club.bot)
    return await who.reads(in_=club.bot)


def statuses(club: Club, people: list[Actor]) -> set[Status]:
    return {club.telegram.world.member(club.chat, one.person).status for one in people}


async def test_a_raid_is_removed_but_for_admins_and_leavers(club: Club, bot: RunningBot) -> None:
    link, number = await partner_x(club, bot)
    raiders = await raid(club, bot, link, 9)
    await club.vera.promotes(raiders[0].person, in_=club.chat)
    await raiders[1].leaves(club.chat)

    async def one_left() -> bool:
        return len(await bot.ledger.links.came_by((await bot.ledger.links.find(club.chat.id, number)).id)) == 8  # type: ignore[union-attr]

    await bot.until(one_left)
    first = await asks(club, club.vera, f"/invite {number} remove")
    assert "7 came by it" in first
    assert "Raider · Raider" in first
    assert "One admin or bot among them stays" in first
    await club.vera.presses("Remove 7", in_=club.bot)
    assert f"Remove the 7 who came by #{number} from Chess club?" in await club.vera.reads(in_=club.bot)
    assert statuses(club, raiders[2:]) == {Status.MEMBER}
    await club.vera.presses("Remove 7", in_=club.bot)
    assert (await club.vera.reads(in_=club.bot, until="7 of 7 removed.")).message is first.message
    assert statuses(club, raiders[1:]) == {Status.LEFT}
    assert statuses(club, raiders[:1]) == {Status.ADMINISTRATOR}


async def test_only_those_since_then_are_banned(club: Club, bot: RunningBot, clock: Clock) -> None:
    link, number = await partner_x(club, bot)
    before = await raid(club, bot, link, 2)
    clock.now += 3 * 86_400
    after = await raid(club, bot, link, 3)
    assert "3 came by it" in await asks(club, club.vera, f"/invite {number} remove since 24h")
    await club.vera.presses("Ban 3", in_=club.bot)
    assert "Ban the 3 who came by" in await club.vera.reads(in_=club.bot)
    await club.vera.presses("Ban 3", in_=club.bot)
    await club.vera.reads(in_=club.bot, until="3 of 3 banned.")
    assert statuses(club, after) == {Status.KICKED}
    assert statuses(club, before) == {Status.MEMBER}


async def test_who_became_an_admin_or_left_after_the_question_is_reported(club: Club, bot: RunningBot) -> None:
    link, number = await partner_x(club, bot)
    raiders = await raid(club, bot, link, 3)
    await asks(club, club.vera, f"/invite {number} remove")
    await club.vera.presses("Remove 3", in_=club.bot)
    await club.vera.reads(in_=club.bot)
    await club.vera.promotes(raiders[0].person, in_=club.chat)
    await raiders[1].leaves(club.chat)
    await club.vera.presses("Remove 3", in_=club.bot)
    report = await club.vera.reads(in_=club.bot, until="1 of 3 removed.")
    assert "1 had left already" in report
    assert "1 is an admin now" in report


async def test_rights_are_the_askers_and_the_bots_own(club: Club, bot: RunningBot) -> None:
    link, number = await partner_x(club, bot)
    await raid(club, bot, link, 1)
    line = f"/invite {number} remove"
    assert "whom the owner names" in await asks(club, club.bob, line)
    await bot.ledger.chats.grant(club.chat.id, club.bob.person.id, Grant.ACT, on=True, by=club.vera.person.id)
    assert "One came by it" in await asks(club, club.bob, line)
    assert "One came by it" in await asks(club, club.ann, line)
    await club.vera.promotes(club.ann.person, in_=club.chat, rights=Rights(restrict_members=False))
    assert "right to ban users" in await asks(club, club.ann, line)
    await club.vera.promotes(club.bot, in_=club.chat, rights=Rights(restrict_members=False))
    assert "Ban Users" in await asks(club, club.vera, line)
    await club.vera.promotes(club.bot, in_=club.chat)
    assert "One came by it" in await asks(club, club.vera, line)


async def test_the_card_has_the_way_for_who_may(club: Club, bot: RunningBot) -> None:
    link, number = await partner_x(club, bot)
    await raid(club, bot, link, 1)
    assert "Remove who came…" not in (await asks(club, club.bob, f"/invite {number}")).labels
    assert "Remove who came…" in (await asks(club, club.ann, f"/invite {number}")).labels
    assert "Remove who came…" in (await asks(club, club.vera, f"/invite {number}")).labels
    await club.vera.presses("Remove who came", in_=club.bot)
    assert "One came by it" in await club.vera.reads(in_=club.bot)
    await club.vera.promotes(club.bot, in_=club.chat, rights=Rights(restrict_members=False))

    async def taken() -> bool:
        known = await bot.ledger.chats.get(club.chat.id)
        return known is not None and known.bot_restricts is False

    await bot.until(taken)
    assert "Remove who came…" not in (await asks(club, club.vera, f"/invite {number}")).labels


async def test_nobody_to_remove_is_said(club: Club, bot: RunningBot) -> None:
    _, number = await partner_x(club, bot)
    screen = await asks(club, club.vera, f"/invite {number} remove since yesterday")
    assert "Nobody" in screen
    assert screen.labels == ["◀ List"]

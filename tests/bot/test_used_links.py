"""Links for one join and for one person: closed by it, and told of when another came."""

from __future__ import annotations

import pytest

from bot.handlers.closing import Closing
from ledger.links import Link, State
from sandbox.faults import Fault, Kind
from sandbox.invites import InviteLink
from sandbox.people import Actor
from tests.bot.conftest import Club, RunningBot, Start
from tests.bot.desks import desk_beside
from tests.bot.swept import sweep
from tests.conftest import Clock


async def made(club: Club, line: str) -> InviteLink:
    await club.ann.sends(f"/invite new {line}", to=club.bot)
    await club.ann.reads(in_=club.bot, until="no approval")
    every = club.telegram.world.invites.every(club.chat)
    return next(link for link in every if link.creator_id == club.bot.id and not link.permanent)


async def known(club: Club, bot: RunningBot, link: InviteLink) -> Link:
    found = await bot.ledger.links.find_by_link(club.chat.id, link.link)
    assert found is not None
    return found


async def revoked(club: Club, bot: RunningBot, link: InviteLink) -> Link:
    async def is_revoked() -> Link | None:
        found = await known(club, bot, link)
        return found if found.state == State.REVOKED else None

    gone: Link = await bot.until(is_revoked)
    return gone


def revokes(club: Club) -> int:
    return sum(1 for effect in club.telegram.log.effects if effect.kind == "link.revoked")


def guest(club: Club, name: str, username: str | None = None) -> Actor:
    return club.telegram.person(club.telegram.world.add_person(name, username=username))


async def test_a_link_for_one_join_is_revoked_by_it_and_opens_no_more(club: Club, bot: RunningBot) -> None:
    link = await made(club, "VIP once 7d")
    assert link.usage_limit == 1
    ida = guest(club, "Ida")
    await ida.joins(link)
    gone = await revoked(club, bot, link)
    assert link.revoked
    assert revokes(club) == 1
    assert [event.what for event in await bot.ledger.links.history(gone.id)] == ["made", "revoked"]
    await club.ann.sends(f"/invite {gone.number}", to=club.bot)
    assert "once: revoked on the first join" in await club.ann.reads(in_=club.bot)


@pytest.mark.parametrize("kind", [Kind.DROP_AFTER, Kind.DROP_BEFORE])
async def test_a_used_link_is_closed_later_where_telegram_did_not_answer(
    club: Club, bot: RunningBot, kind: Kind
) -> None:
    link = await made(club, "VIP once")
    club.telegram.faults.plan(Fault(kind, "revokeChatInviteLink"))
    await guest(club, "Ida").joins(link)

    async def to_be_closed() -> bool:
        return club.calls("revokeChatInviteLink") >= 1

    await bot.until(to_be_closed)
    await revoked(club, bot, link)
    assert (link.revoked, revokes(club)) == (True, 1)


async def test_a_join_only_the_account_saw_closes_it_too(club: Club, bot: RunningBot, start_bot: Start) -> None:
    link = await made(club, "VIP once")
    await bot.ends()
    await guest(club, "Ida").joins(link)
    club.telegram.bot_api.updates.queue(club.bot).waiting.clear()  # a day passed: Telegram dropped them
    await sweep(club, bot)
    again = await start_bot()
    await revoked(club, again, link)
    assert revokes(club) == 1


async def test_a_link_for_one_person_closes_when_that_person_joins(club: Club, bot: RunningBot) -> None:
    kai = guest(club, "Kai", "kai_chess")
    link = await made(club, "Kai's door for @kai_chess")
    assert (await known(club, bot, link)).for_name == "kai_chess"
    await kai.joins(link)
    gone = await revoked(club, bot, link)
    assert (gone.for_person, gone.for_name, link.revoked) == (kai.person.id, "", True)
    await club.ann.sends(f"/invite {gone.number}", to=club.bot)
    assert "for @kai_chess: closes when they join" in await club.ann.reads(in_=club.bot)


async def test_who_asked_is_told_in_private_when_another_joins_by_it(club: Club, bot: RunningBot) -> None:
    kim = club.kim
    link = await made(club, f"Kim's door for @{kim.person.id}")
    await guest(club, "Ida").joins(link)
    told = await club.ann.reads(in_=club.bot, until="joined by it")
    assert "but Ida joined by it. It is still open." in told
    assert not link.revoked
    await kim.joins(link)
    await revoked(club, bot, link)
    assert revokes(club) == 1


async def test_a_username_of_somebody_known_is_that_person_whatever_he_is_called_later(
    club: Club, bot: RunningBot
) -> None:
    kai = guest(club, "Kai", "kai_chess")
    await kai.starts(club.bot)
    await kai.reads(in_=club.bot)
    link = await made(club, "Kai's door for @Kai_Chess")
    kai.person.username = "kai_go"
    await kai.joins(link)
    assert (await revoked(club, bot, link)).for_person == kai.person.id


async def test_a_person_without_a_username_is_named_by_a_mention(club: Club, bot: RunningBot) -> None:
    link = await made_for_mention(club)
    assert (await known(club, bot, link)).for_person == club.max.person.id


async def made_for_mention(club: Club) -> InviteLink:
    text, max_, world = "/invite new 🚪 for Max", club.max.person, club.telegram.world
    user = {"id": max_.id, "is_bot": False, "first_name": max_.name}
    entity = {"type": "text_mention", "offset": len(text.encode("utf-16-le")) // 2 - 3, "length": 3, "user": user}
    here = world.dialog(club.ann.person, club.bot)
    await club.ann.starts(club.bot)
    await club.ann.reads(in_=club.bot)
    world.messages.send(here, club.ann.person, text, entities=[entity])
    await club.ann.reads(in_=club.bot, until="for Max: closes when they join")
    return next(link for link in world.invites.every(club.chat) if link.title == "🚪")


async def test_a_refused_close_is_asked_again_later_and_not_at_once(club: Club, bot: RunningBot, clock: Clock) -> None:
    link = await made(club, "VIP once")
    await bot.ends()
    await guest(club, "Ida").joins(link)
    club.telegram.bot_api.updates.queue(club.bot).waiting.clear()
    await sweep(club, bot)
    club.telegram.faults.plan(Fault(Kind.ERROR, "revokeChatInviteLink", value=400, name="CHAT_ADMIN_REQUIRED"))
    async with desk_beside(club, bot) as desk:
        closing = Closing(desk)
        for _ in range(3):
            await closing.run()
        assert (club.calls("revokeChatInviteLink"), link.revoked) == (1, False)
        clock.now += 301
        await closing.run()
    assert link.revoked

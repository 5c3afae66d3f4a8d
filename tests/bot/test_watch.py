"""What the bot does unasked: outcomes are edited in, what is due is done, the host hears what he must mend."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from bot.commands import COMMANDS
from bot.intake import CONFLICT_TOLD_AFTER
from ledger.chats import AccountState
from ledger.errands import STANDS_OPEN, Act, ErrandState, Place
from ledger.links import State
from ledger.listing import Query
from ledger.store import Ledger
from tests.bot.conftest import Club, RunningBot, Start


async def taken(ledger: Ledger) -> int:
    errand = await ledger.errands.take()
    assert errand is not None
    assert errand.act == Act.SYNC
    return errand.id


async def test_everyone_who_asked_for_a_sync_reads_its_end_where_he_asked(club: Club, bot: RunningBot) -> None:
    for who in (club.ann, club.bob):
        await who.sends("/sync", to=club.bot)
        await who.reads(in_=club.bot)
    await bot.rests()
    result = {"calls": 9, "pages": 4, "links": 250, "new": 12, "changed": 3, "gone": 0}
    await bot.ledger.errands.finish(await taken(bot.ledger), ErrandState.DONE, result=result)
    for who in (club.ann, club.bob):
        assert (await who.reads(in_=club.bot, until="250")).edited
    await bot.until(lambda: nobody_waits(bot))


async def test_a_message_that_is_gone_keeps_nobody_waiting(club: Club, bot: RunningBot) -> None:
    await club.ann.sends("/sync", to=club.bot)
    asked = await club.ann.reads(in_=club.bot)
    club.telegram.world.messages.delete(asked.message, club.bot)
    await bot.rests()
    await bot.ledger.errands.finish(await taken(bot.ledger), ErrandState.REFUSED, reason="not-in-chat")
    await bot.until(lambda: nobody_waits(bot))


async def nobody_waits(bot: RunningBot) -> bool:
    return not await bot.ledger.errands.unanswered()


async def test_an_act_that_nothing_came_of_is_told_though_no_other_program_writes(
    club: Club, bot: RunningBot, start_bot: Start, clock: Any
) -> None:
    await club.ann.starts(club.bot)
    place = Place(club.ann.person.id, (await club.ann.reads(in_=club.bot)).message.id)
    await bot.rests()
    [link] = (await bot.ledger.links.page(Query(club.chat.id, None))).rows
    await bot.ledger.errands.ask(Act.REVOKE, club.chat.id, asked_by=place.chat_id, link_id=link.id, place=place)
    await bot.ends()
    clock.now += STANDS_OPEN + 60
    again = await start_bot()
    await club.ann.reads(in_=club.bot, until=lambda screen: "Asked" not in screen)
    await again.until(lambda: nobody_waits(again))


async def test_a_wait_of_the_account_is_told_to_who_waits(club: Club, bot: RunningBot, clock: Any) -> None:
    await club.ann.sends("/sync", to=club.bot)
    await club.ann.reads(in_=club.bot)
    await bot.rests()
    await taken(bot.ledger)
    await bot.ledger.programs.say("userclient", AccountState.WAITING, until=int(clock.now) + 3600)
    assert "Telegram makes the account wait" in await club.ann.reads(in_=club.bot)


async def test_what_is_due_is_done_at_its_time_and_after_a_restart(club: Club, start_bot: Start, clock: Any) -> None:
    bot = await start_bot()
    await club.ann.starts(club.bot)
    first = await club.ann.reads(in_=club.bot)
    await club.ann.sends("/help", to=club.bot)
    second = await club.ann.reads(in_=club.bot)
    for screen, wait in ((first, 60), (second, 600)):
        place = Place(club.ann.person.id, screen.message.id)
        await bot.ledger.dues.put(int(clock.now) + wait, "remove", {"place": asdict(place)})
    clock.now += 60
    await club.ann.waits(lambda: first.message.deleted, "the first message to go")
    assert not second.message.deleted
    await bot.ends()
    clock.now += 3600
    await start_bot()
    await club.ann.waits(lambda: second.message.deleted, "the second message to go")


async def test_the_host_hears_once_of_a_lost_session(club: Club, bot: RunningBot) -> None:
    await club.vera.starts(club.bot)
    await club.vera.reads(in_=club.bot)
    programs = bot.ledger.programs
    await programs.say("userclient", AccountState.READY)
    for detail in ("SESSION_REVOKED", "still so"):
        await programs.say("userclient", AccountState.LOST, detail=detail)
    notice = await club.vera.reads(in_=club.bot)
    await club.ann.sends("/sync", to=club.bot)
    await club.ann.reads(in_=club.bot)
    await club.vera.reads_nothing(in_=club.bot)
    assert "login" in notice


async def test_an_expired_link_is_known_as_such_though_nobody_touched_it(
    club: Club, bot: RunningBot, start_bot: Start, clock: Any
) -> None:
    await club.ann.sends("/invite new Spring ads 7d", to=club.bot)
    await club.ann.reads(in_=club.bot)
    await bot.ends()
    clock.now += 8 * 86_400
    again = await start_bot()

    async def expired() -> bool:
        rows = (await again.ledger.links.page(Query(club.chat.id, None))).rows
        return any((link.title, link.state) == ("Spring ads", State.EXPIRED) for link in rows)

    await again.until(expired)


async def test_a_name_is_forgotten_a_year_after_its_last_trace_and_counts_stay(
    club: Club, bot: RunningBot, start_bot: Start, clock: Any
) -> None:
    await club.kim.joins(await club.ann.makes_link(club.chat, "Posters"))

    async def joined() -> int:
        return sum(link.joined for link in (await bot.ledger.links.page(Query(club.chat.id, None))).rows)

    await bot.until(joined)
    await bot.ends()
    clock.now += 366 * 86_400
    again = await start_bot()

    async def nameless() -> bool:
        kim = await again.ledger.chats.person(club.kim.person.id)
        return kim is None or not kim.name

    await again.until(nameless)
    ann = await again.ledger.chats.person(club.ann.person.id)
    assert ann is not None
    assert ann.name == "Ann"
    assert sum(link.joined for link in (await again.ledger.links.page(Query(club.chat.id, None))).rows) == 1


async def test_the_host_hears_of_a_webhook_that_takes_the_bots_updates(club: Club, bot: RunningBot, clock: Any) -> None:
    await club.vera.starts(club.bot)
    await club.vera.reads(in_=club.bot)
    queue = club.telegram.bot_api.updates.queue(club.bot)
    queue.webhook = "https://example.org"
    queue.end_poll("terminated by setWebhook request")
    await club.called("getUpdates", club.calls("getUpdates") + 1)
    clock.now += CONFLICT_TOLD_AFTER
    assert "webhook" in await club.vera.reads(in_=club.bot)


async def test_groups_are_offered_only_commands_that_their_sender_alone_sees(club: Club, bot: RunningBot) -> None:
    menus = {scope: menu for (_, scope, _), menu in club.telegram.bot_api.commands.items()}
    groups = next(menu for scope, menu in menus.items() if "all_group_chats" in scope)
    private = next(menu for scope, menu in menus.items() if "all_private_chats" in scope)
    assert [(one["command"], one.get("is_ephemeral")) for one in groups] == [
        ("invites", True),
        ("invite", True),
        ("who", True),
    ]
    assert {one["command"] for one in private} == {command.name for command in COMMANDS}

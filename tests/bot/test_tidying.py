"""`/clean` from the dry run to the report, and the acts on many beneath it: stopped, interrupted, made to wait."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from bot.batches import BatchPace
from ledger.batches import BatchState
from ledger.chats import Grant
from ledger.links import SeenLink
from ledger.tidying import UNUSED_FOR
from sandbox.chats import Rights
from sandbox.faults import Fault, Kind
from sandbox.invites import InviteLink
from sandbox.people import Actor, Screen
from tests.bot.conftest import PACE, Club, RunningBot, Start
from tests.bot.swept import number_of, sweep
from tests.conftest import Clock

SLOW = replace(PACE, batches=BatchPace(between=0.05, shown=0.02, rights=0.05, lost=(0.01,), elsewhere=0.02))


async def made(club: Club, bot: RunningBot, many: int, *, by: Actor, **terms: Any) -> list[InviteLink]:
    """So many links that this bot made for `by`."""
    links = []
    for n in range(many):
        link = club.telegram.world.invites.export(club.chat, club.bot, title=f"Flyer {n + 1}", **terms)
        seen = SeenLink(link.link, club.bot.id, title=link.title, limit=link.usage_limit)
        await bot.ledger.links.made(club.chat.id, seen, asked_by=by.person.id, update_id=10_000 + link.serial)
        links.append(link)
    return links


def revoked(club: Club) -> list[str]:
    return [str(e.what["link"]) for e in club.telegram.log.effects if e.kind == "link.revoked"]


async def dry_run(club: Club, who: Actor) -> Screen:
    await who.sends("/clean", to=club.bot)
    return await who.reads(in_=club.bot)


async def confirmed(club: Club, who: Actor, label: str) -> None:
    await dry_run(club, who)
    await who.presses(label, in_=club.bot)
    await who.reads(in_=club.bot, until="cannot be undone")
    await who.presses(label, in_=club.bot)


async def test_dead_links_are_chosen_confirmed_by_number_and_revoked(club: Club, bot: RunningBot, clock: Clock) -> None:
    links = await made(club, bot, 12, by=club.ann, usage_limit=10)
    clock.now += UNUSED_FOR + 1
    fresh = await made(club, bot, 1, by=club.ann)
    first = await dry_run(club, club.vera)
    assert "13 links look dead" in first
    assert "unused 30 d 13" in first
    assert "☐ #1 primary (replaces!)" in first
    assert "Revoke 12" in first.labels
    keep = await number_of(club, bot, links[4])
    await club.vera.presses(str(keep), in_=club.bot)
    assert f"☐ #{keep} Flyer 5" in await club.vera.reads(in_=club.bot)
    await club.vera.presses("▶", in_=club.bot)
    assert "2/2" in (await club.vera.reads(in_=club.bot)).labels
    await club.vera.presses("Revoke 11", in_=club.bot)
    question = await club.vera.reads(in_=club.bot)
    assert "Revoke 11 links in Chess club?" in question
    assert revoked(club) == []
    await club.vera.presses("Revoke 11", in_=club.bot)
    report = await club.vera.reads(in_=club.bot, until="11 of 11 revoked.")
    assert report.message is first.message
    assert sorted(revoked(club)) == sorted(one.link for one in links if one is not links[4])
    assert not fresh[0].revoked


async def test_new_links_stand_in_the_place_of_the_revoked(club: Club, bot: RunningBot, clock: Clock) -> None:
    await made(club, bot, 3, by=club.ann, usage_limit=10)
    clock.now += UNUSED_FOR + 1
    await confirmed(club, club.vera, "Revoke 3")
    await club.vera.reads(in_=club.bot, until="3 of 3 revoked.")
    await club.vera.presses("new links in their place", in_=club.bot)
    assert "Make 3 new links" in await club.vera.reads(in_=club.bot)
    await club.vera.presses("Make 3", in_=club.bot)
    await club.vera.reads(in_=club.bot, until="3 of 3 new links made.")
    every = [one for one in club.telegram.world.invites.every(club.chat) if not one.revoked and not one.permanent]
    assert sorted((one.title, one.usage_limit) for one in every) == [(f"Flyer {n}", 10) for n in (1, 2, 3)]
    assert (
        len([one for one in await bot.ledger.links.of_this_bot(club.chat.id) if one.whose == club.ann.person.id]) == 3
    )


async def test_what_was_for_one_join_or_one_person_is_so_again(club: Club, bot: RunningBot, clock: Clock) -> None:
    for line in ("VIP once", "Coach for @max"):
        await club.ann.sends(f"/invite new {line}", to=club.bot)
        await club.ann.reads(in_=club.bot, until=line.split()[0])
    clock.now += UNUSED_FOR + 1
    await confirmed(club, club.vera, "Revoke 2")
    await club.vera.presses("new links in their place", on=await club.vera.reads(in_=club.bot, until="2 of 2 revoked."))
    await club.vera.presses("Make 2", on=await club.vera.reads(in_=club.bot, until="Make 2 new"))
    await club.vera.reads(in_=club.bot, until="2 of 2 new links made.")
    every = [one for one in await bot.ledger.links.of_this_bot(club.chat.id) if not one.primary]
    assert sorted((one.title, one.once, one.limit, one.for_name) for one in every) == [
        ("Coach", False, 0, "max"), ("VIP", True, 1, ""),
    ]  # fmt: skip


async def test_an_admin_tidies_his_own_links_and_all_where_the_owner_lets_him(
    club: Club, bot: RunningBot, clock: Clock
) -> None:
    await made(club, bot, 2, by=club.ann)
    await made(club, bot, 1, by=club.bob)
    clock.now += UNUSED_FOR + 1
    assert "2 links look dead" in await dry_run(club, club.ann)
    await bot.ledger.chats.grant(club.chat.id, club.bob.person.id, Grant.CLEAN, on=True, by=club.vera.person.id)
    assert "4 links look dead" in await dry_run(club, club.bob)
    await confirmed(club, club.bob, "Revoke 3")
    await club.bob.reads(in_=club.bot, until="3 of 3 revoked.")


async def test_all_of_a_rule_are_left_out_and_chosen_again(club: Club, bot: RunningBot, clock: Clock) -> None:
    await made(club, bot, 2, by=club.ann)
    clock.now += UNUSED_FOR + 1
    key = club.telegram.world.invites.export(club.chat, club.bot, title="Ended").link
    ended = SeenLink(key, club.bot.id, title="Ended", expires=int(clock.now) - 1)
    await bot.ledger.links.made(club.chat.id, ended, asked_by=club.ann.person.id, update_id=9_999)
    assert "Revoke 3" in (await dry_run(club, club.ann)).labels
    await club.ann.presses("☑ unused", in_=club.bot)
    assert "Revoke 1" in (await club.ann.reads(in_=club.bot)).labels
    await club.ann.presses("☐ unused", in_=club.bot)
    assert "Revoke 3" in (await club.ann.reads(in_=club.bot)).labels


async def test_what_is_out_of_reach_is_named_with_the_way(club: Club, bot: RunningBot, clock: Clock) -> None:
    for nth in range(5):
        await club.bob.makes_link(club.chat, f"Posters {nth}")
    club.telegram.world.invites.export(club.chat, club.other_bot, title="Doors")
    clock.now += UNUSED_FOR + 1
    await sweep(club, bot)
    screen = await dry_run(club, club.vera)
    assert re.search(r"@door_keeper_bot 2: #\d+ #\d+\nyou 1: #", screen.text)
    assert re.search(r"Bob 6: #\d+ #\d+ #\d+ …", screen.text)
    assert "only that bot can revoke" in screen
    assert re.search(r"\d of them are primary links: each is only replaced, .* /invite \d+ replace", screen.text)
    assert "Revoke" not in screen.labels


async def test_a_stop_counts_at_once_and_is_reported(
    club: Club, start_bot: Start, bot: RunningBot, clock: Clock
) -> None:
    await bot.ends()
    slow = await start_bot(pace=SLOW)
    await made(club, slow, 40, by=club.ann)
    clock.now += UNUSED_FOR + 1
    await confirmed(club, club.vera, "Revoke 40")
    await club.vera.reads(in_=club.bot, until="of 40")
    await club.vera.presses("Stop", in_=club.bot)
    done = len(revoked(club))
    report = await club.vera.reads(in_=club.bot, until="left as they are")
    assert "Stopped." in report
    assert done <= len(revoked(club)) <= done + 2 < 40
    assert f"{len(revoked(club))} of 40 revoked" in report


async def test_what_a_restart_interrupted_goes_on_and_doubles_nothing(
    club: Club, start_bot: Start, bot: RunningBot, clock: Clock
) -> None:
    await bot.ends()
    slow = await start_bot(pace=SLOW)
    await made(club, slow, 20, by=club.ann)
    clock.now += UNUSED_FOR + 1
    await confirmed(club, club.vera, "Revoke 20")
    await club.vera.waits(lambda: len(revoked(club)) >= 3, "three revoked")
    await slow.ends()
    assert len(revoked(club)) < 20
    await start_bot()
    await club.vera.reads(in_=club.bot, until="20 of 20 revoked.")
    assert len(revoked(club)) == len(set(revoked(club))) == 20


async def test_who_is_demoted_meanwhile_has_nothing_more_done(
    club: Club, start_bot: Start, bot: RunningBot, clock: Clock
) -> None:
    await bot.ends()
    slow = await start_bot(pace=SLOW)
    await made(club, slow, 40, by=club.ann)
    clock.now += UNUSED_FOR + 1
    await confirmed(club, club.ann, "Revoke 40")
    await club.ann.waits(lambda: len(revoked(club)) >= 2, "two revoked")
    await club.vera.promotes(club.ann.person, in_=club.chat, rights=Rights(invite_users=False))
    assert "no admin any more" in await club.ann.reads(in_=club.bot, until="left as they are")
    assert len(revoked(club)) < 40


async def test_a_bot_that_loses_its_right_stops_and_says_so(club: Club, bot: RunningBot, clock: Clock) -> None:
    await made(club, bot, 3, by=club.ann)
    clock.now += UNUSED_FOR + 1
    not_enough = "Bad Request: not enough rights to manage chat invite link"
    club.telegram.faults.plan(Fault(Kind.ERROR, "revokeChatInviteLink", 400, not_enough, skip=1))
    await confirmed(club, club.vera, "Revoke 3")
    report = await club.vera.reads(in_=club.bot, until="left as they are")
    assert "I may not do that here any more" in report
    assert len(revoked(club)) == 1


async def test_a_stop_counts_while_telegram_makes_the_bot_wait(club: Club, bot: RunningBot, clock: Clock) -> None:
    await made(club, bot, 3, by=club.ann)
    clock.now += UNUSED_FOR + 1
    club.telegram.faults.plan(Fault(Kind.FLOOD, "revokeChatInviteLink", 3600, skip=1))
    await dry_run(club, club.ann)
    await club.ann.presses("Revoke 3", in_=club.bot)
    await club.ann.reads(in_=club.bot)
    await club.ann.presses("Revoke 3", in_=club.bot)
    assert "Telegram makes me wait until" in await club.ann.reads(in_=club.bot, until="wait until")
    await club.ann.presses("Stop", in_=club.bot)
    report = await club.ann.reads(in_=club.bot, until="left as they are")
    assert "1 of 3 revoked" in report


async def test_a_lost_answer_is_asked_again_and_a_wait_is_kept(club: Club, bot: RunningBot, clock: Clock) -> None:
    await made(club, bot, 6, by=club.ann)
    clock.now += UNUSED_FOR + 1
    club.telegram.faults.plan(Fault(Kind.DROP_AFTER, "revokeChatInviteLink", skip=1))
    club.telegram.faults.plan(Fault(Kind.FLOOD, "revokeChatInviteLink", 1, skip=2))
    await confirmed(club, club.ann, "Revoke 6")
    await club.ann.reads(in_=club.bot, until="6 of 6 revoked.")
    assert len(revoked(club)) == len(set(revoked(club))) == 6


async def test_what_telegram_never_answers_is_called_unknown(club: Club, bot: RunningBot, clock: Clock) -> None:
    await made(club, bot, 2, by=club.ann)
    clock.now += UNUSED_FOR + 1
    club.telegram.faults.plan(Fault(Kind.DROP_BEFORE, "revokeChatInviteLink", times=4))
    await confirmed(club, club.ann, "Revoke 2")
    report = await club.ann.reads(in_=club.bot, until="1 of 2 revoked.")
    assert "1 unknown" in report
    assert "Flyer 1" in report


async def test_a_link_used_since_the_question_is_left(club: Club, bot: RunningBot, clock: Clock) -> None:
    links = await made(club, bot, 2, by=club.ann)
    clock.now += UNUSED_FOR + 1
    await dry_run(club, club.ann)
    await club.ann.presses("Revoke 2", in_=club.bot)
    await club.ann.reads(in_=club.bot)
    await club.kim.joins(links[0])

    async def counted() -> bool:
        found = await bot.ledger.links.find_by_link(club.chat.id, links[0].link)
        return found is not None and found.joined == 1

    await bot.until(counted)
    await club.ann.presses("Revoke 2", in_=club.bot)
    assert "1 used or changed since" in await club.ann.reads(in_=club.bot, until="1 of 2 revoked.")
    assert revoked(club) == [links[1].link]


async def test_a_yes_counts_once_for_what_was_asked_and_its_asker(club: Club, bot: RunningBot, clock: Clock) -> None:
    await made(club, bot, 2, by=club.ann)
    clock.now += UNUSED_FOR + 1
    await dry_run(club, club.ann)
    await club.ann.presses("Revoke 2", in_=club.bot)
    question = await club.ann.reads(in_=club.bot)
    data = str(question.button("Revoke 2")["callback_data"])
    await dry_run(club, club.vera)
    await club.vera.sends_press(club.vera.sees(club.bot)[-1].message, data)
    assert "That is not for you" in await club.vera.reads(in_=club.bot)
    clock.now += 901
    await club.ann.sends_press(question.message, data)
    assert "ask anew" in await club.ann.reads(in_=club.bot)
    await club.ann.presses("Revoke 2", in_=club.bot)
    await club.ann.reads(in_=club.bot, until="2 of 2 revoked.")
    assert len(revoked(club)) == 2


async def test_a_report_whose_message_is_gone_comes_in_private(club: Club, bot: RunningBot, clock: Clock) -> None:
    await made(club, bot, 2, by=club.ann)
    clock.now += UNUSED_FOR + 1
    await club.ann.asks("/clean", in_=club.chat, bot=club.bot)
    await club.ann.reads(in_=club.chat, until="look dead")
    await club.ann.presses("Revoke 2", in_=club.chat)
    await club.ann.reads(in_=club.chat, until="cannot be undone")
    gone = Fault(Kind.ERROR, "editEphemeralMessageText", 400, "Bad Request: message to edit not found", times=0)
    await club.ann.starts(club.bot)
    await club.ann.reads(in_=club.bot)
    club.telegram.faults.plan(gone)
    await club.ann.presses("Revoke 2", in_=club.chat)
    assert "2 of 2 revoked." in await club.ann.reads(in_=club.bot, until="revoked.")


async def test_ended_ones_stay_in_the_history(club: Club, bot: RunningBot, clock: Clock) -> None:
    await made(club, bot, 1, by=club.ann)
    clock.now += UNUSED_FOR + 1
    await confirmed(club, club.ann, "Revoke 1")
    await club.ann.reads(in_=club.bot, until="1 of 1 revoked.")

    async def ended() -> bool:
        batch = await bot.ledger.batches.get(1)
        return batch is not None and batch.state == BatchState.DONE

    await bot.until(ended)

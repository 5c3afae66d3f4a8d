"""`/clean` where the account acts: what the bot cannot revoke is the account's, link by link, and is stopped."""

from __future__ import annotations

import re

import pytest

from ledger.chats import Grant
from ledger.errands import ACTS_PER_HOUR, Act, ErrandState
from ledger.tidying import UNUSED_FOR
from sandbox.faults import Fault, Kind
from sandbox.people import Actor
from sandbox.screens import Screen
from tests.bot.conftest import Start
from tests.together.conftest import Both

EDIT = "messages.editExportedChatInvite"


async def dry_run(both: Both, who: Actor, owner: Actor, *, acts: bool = True) -> Screen:
    """Everything read a month later by the account of `owner`."""
    async with both.account(owner, acts=acts):
        both.bench.clock.now += UNUSED_FOR + 1
        await both.reads_all()
    await who.sends("/clean", to=both.club.bot)
    return await both.sees(who, " dead")  # the host may be told something first


async def confirms(both: Both, who: Actor, run: Screen, label: str) -> Screen:
    """The question he said yes to."""
    await who.presses(label, on=run)
    question = await both.sees(who, "cannot be undone")
    await who.presses(label, on=question)
    return question


async def test_the_owners_account_revokes_the_dead_links_of_others(both: Both) -> None:
    club = both.club
    anns, bobs = await club.ann.makes_link(club.chat, "Flyers"), await club.bob.makes_link(club.chat, "Posters")
    doors = club.telegram.world.invites.export(club.chat, club.other_bot, title="Doors")
    run = await dry_run(both, club.vera, club.vera)
    assert "@door_keeper_bot 2: #" in run
    question = await confirms(both, club.vera, run, "Revoke 2")
    assert "The account revokes 2 of them. Telegram's log will show the account's name, asked by you." in question
    async with both.account(club.vera):
        report = await both.sees(club.vera, "2 of 2 revoked.")
    assert report.message is run.message
    assert (anns.revoked, bobs.revoked, doors.revoked) == (True, True, False)


@pytest.mark.parametrize("acts", [True, False])
async def test_a_plain_admins_account_reaches_its_own_and_a_reading_one_none(both: Both, acts: bool) -> None:
    club = both.club
    anns, bobs = await club.ann.makes_link(club.chat, "Flyers"), await club.bob.makes_link(club.chat, "Posters")
    async with both.account(club.vera, acts=False):
        pass
    both.bench.settings.session_file.unlink()
    run = await dry_run(both, club.vera, club.ann, acts=acts)
    assert re.search(rf"Bob \d: .*#{await both.number(bobs)}\b", run.text)
    assert ("☑" in run) is acts
    if acts:
        await confirms(both, club.vera, run, "Revoke 1")
        async with both.account(club.ann):
            await both.sees(club.vera, "1 of 1 revoked.")
    else:
        assert not any(label.startswith("Revoke") for label in run.labels)
    assert (anns.revoked, bobs.revoked) == (acts, False)


async def test_the_right_to_clean_up_is_enough_and_ends_at_once_when_taken(both: Both) -> None:
    club = both.club
    links = [await club.bob.makes_link(club.chat, f"Poster {n}") for n in range(2)]

    async def lets_ann(on: bool) -> None:
        await both.bench.ledger.chats.grant(
            club.chat.id, club.ann.person.id, Grant.CLEAN, on=on, by=club.vera.person.id
        )

    await lets_ann(True)
    run = await dry_run(both, club.ann, club.vera)
    await club.ann.presses("Revoke 2", on=run)
    question = await both.sees(club.ann, "cannot be undone")
    club.telegram.faults.plan(Fault(Kind.FLOOD, EDIT, value=600, skip=1))
    await club.ann.presses("Revoke 2", on=question)
    async with both.account(club.vera):
        waiting = await both.sees(club.ann, "makes the account wait until")
        assert "1 of 2" in waiting
        await lets_ann(False)
        both.bench.clock.now += 601
        report = await both.sees(club.ann, "1 of 2 revoked.")
        assert "1 not done: you lack the right" in report
    assert sorted(one.revoked for one in links) == [False, True]


async def test_a_cap_holds_the_rest_and_a_stop_calls_it_back(both: Both) -> None:
    club, errands = both.club, both.bench.ledger.errands
    links = [await club.bob.makes_link(club.chat, f"Poster {n}") for n in range(3)]
    run = await dry_run(both, club.vera, club.vera)
    rows = await both.bench.secrets()
    for _ in range(ACTS_PER_HOUR - 1):
        spent, _ = await errands.ask(Act.DELETE, club.chat.id, asked_by=1, link_id=rows[links[0].link].id)
        await errands.sent(spent.id)
        await errands.finish(spent.id, ErrandState.DONE)
    await confirms(both, club.vera, run, "Revoke 3")
    async with both.account(club.vera):
        waiting = await both.sees(club.vera, "Enough was revoked for now: it goes on at")
        assert "1 of 3" in waiting
        assert "By hand" in waiting
        await club.vera.presses("Stop", on=waiting)
        report = await both.sees(club.vera, "2 left as they are.")
        assert "1 of 3 revoked" in report
        both.bench.clock.now += 3601
        await both.reads_all()
    assert len([one for one in links if one.revoked]) == 1
    assert not [one for one in await errands.open() if one.act == Act.REVOKE]


async def test_a_restart_and_who_asks_for_the_same_ask_the_account_no_second_time(both: Both, start_bot: Start) -> None:
    club, errands = both.club, both.bench.ledger.errands
    bobs = await club.bob.makes_link(club.chat, "Posters")
    run = await dry_run(both, club.vera, club.vera)
    await confirms(both, club.vera, run, "Revoke 1")
    await both.bot.until(errands.open)
    await both.asks(club.bob, f"/invite revoke {await both.number(bobs)}", "Revoke #")
    assert "Cancel" not in (await both.sees(club.bob, "Vera asked for it already")).labels
    await both.bot.ends()
    async with both.account(club.vera):
        await club.vera.waits(lambda: bobs.revoked, "the link revoked")
        await start_bot()
        await both.sees(club.vera, "1 of 1 revoked.")
        await both.sees(club.bob, "Asked by Vera first")
    assert both.bench.done("link.revoked", bobs) == len(both.bench.calls(EDIT)) == 1


async def test_what_another_asked_is_his_and_a_stop_leaves_it(both: Both) -> None:
    club = both.club
    anns = await club.ann.makes_link(club.chat, "Flyers")
    run = await dry_run(both, club.vera, club.vera)
    await both.asks(club.ann, f"/invite revoke {await both.number(anns)}", "Revoke #")
    await both.sees(club.ann, "Asked")
    await confirms(both, club.vera, run, "Revoke 1")
    await club.vera.presses("Stop", on=await both.sees(club.vera, "0 of 1"))
    await both.sees(club.vera, "1 left as they are.")
    async with both.account(club.vera):
        await both.sees(club.ann, "Revoked by the account")
    assert anns.revoked


async def test_what_went_out_without_an_answer_is_unknown_to_a_stop(both: Both) -> None:
    club = both.club
    for n in range(2):
        await club.bob.makes_link(club.chat, f"Poster {n}")
    run = await dry_run(both, club.vera, club.vera)
    club.telegram.faults.plan(Fault(Kind.SILENCE, EDIT))
    await confirms(both, club.vera, run, "Revoke 2")
    async with both.account(club.vera, limit=2.0):
        await club.vera.presses("Stop", on=await both.sees(club.vera, "is read back at"))
        report = await both.sees(club.vera, "0 of 2 revoked.")
    assert "1 left as they are." in report
    assert "1 unknown" in report

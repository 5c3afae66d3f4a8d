"""What this bot cannot do with a link, the account does: asked, confirmed, answered where it was asked."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from ledger.chats import AccountState, Grant
from ledger.errands import Act, Held
from sandbox.faults import Fault, Kind
from sandbox.invites import InviteLink
from tests.together.conftest import Both
from userclient.leave import off_switch

EDIT = "messages.editExportedChatInvite"
DAY = 86_400


def terms(link: InviteLink, **changed: Any) -> dict[str, Any]:
    was = {"expires": link.expire_date or None, "limit": link.usage_limit, "approval": link.request_needed}
    return {"title": link.title} | was | changed


async def test_the_owners_account_revokes_anothers_link_and_the_message_says_so(both: Both) -> None:
    club = both.club
    bobs = await club.bob.makes_link(club.chat, "Posters")
    async with both.account(club.vera):
        number = await both.number(bobs)
        assert "the account, asked here" in await both.says(club.vera, f"/invite {number}")
        question = await both.says(club.vera, f"/invite revoke {number}")
        assert "Telegram's log will show the account's name, asked by you" in question
        assert "cannot be undone" in question
        await club.vera.presses("Revoke #", on=question)
        assert (await both.sees(club.vera, "Revoked by the account")).edited
        assert "revoked already" in await both.says(club.vera, f"/invite revoke {number}")
    assert bobs.revoked
    assert both.bench.done("link.revoked", bobs) == 1


async def test_a_plain_admins_account_does_it_for_its_own_links_alone(both: Both) -> None:
    club = both.club
    anns, bobs = await club.ann.makes_link(club.chat, "Flyers"), await club.bob.makes_link(club.chat, "Posters")
    async with both.account(club.vera, acts=False):
        pass
    both.bench.settings.session_file.unlink()
    await both.says(club.vera, "/start")
    async with both.account(club.ann):
        await both.sees(club.vera, "cannot be read any more")
        await both.asks(club.ann, f"/invite revoke {await both.number(anns)}", "Revoke #")
        await both.sees(club.ann, "Revoked by the account")
        for who in (club.ann, club.vera):
            assert "I cannot change this link" in await both.says(who, f"/invite revoke {await both.number(bobs)}")
    assert (anns.revoked, bobs.revoked) == (True, False)


async def test_with_none_or_where_it_may_not_act_the_way_by_hand_is_named(both: Both) -> None:
    club = both.club
    bobs = await club.bob.makes_link(club.chat, "Posters")
    doors = club.telegram.world.invites.export(club.chat, club.other_bot, title="Doors")
    primary = club.telegram.world.invites.primary(club.chat, club.bob.person)
    async with both.account(club.vera, acts=False):
        number, standing = await both.number(bobs), await both.number(primary)
        for line in (f"{standing} x50", f"revoke {standing}"):
            said = await both.says(club.vera, f"/invite {line}")
            assert "only replaced, by a new one. I cannot" in said
            assert "You can: group → Edit → Invite links → Revoke." in said
        said = await both.says(club.vera, f"/invite revoke {number}")
        assert "I cannot change this link. You can: group → Edit" in said
        assert "lets the account do it: /account" in said
        await both.bench.ledger.chats.let_account_act(club.chat.id, acts=True)
        assert "I cannot change this link" in await both.says(club.vera, f"/invite {number} 7d")
    async with both.account(club.vera):
        for line in (f"{standing} x50", f"revoke {standing}"):
            assert f"by a new one: /invite {standing} replace" in await both.says(club.vera, f"/invite {line}")
        assert "only links that I made" in await both.says(club.vera, f"/invite {number} rotate")
        number = await both.number(doors)
        assert "only the bot that made it" in await both.says(club.vera, f"/invite revoke {number}")
    assert not club.telegram.log.effects[-1].kind.startswith("link.revoked")


async def test_one_line_changes_anothers_link_keeps_the_rest_and_goes_back(both: Both) -> None:
    club = both.club
    bobs = await club.bob.makes_link(club.chat, "Posters", usage_limit=10)
    async with both.account(club.vera):
        number = await both.number(bobs)
        await both.says(club.vera, f'/invite {number} "Autumn" 7d')
        changed = await both.sees(club.vera, "changed just now, by the account")
        assert (bobs.title, bobs.usage_limit, bool(bobs.expire_date)) == ("Autumn", 10, True)
        await club.vera.presses("Undo", on=changed)
        await both.sees(club.vera, "‘Posters’")
    assert (bobs.title, bobs.usage_limit, bobs.expire_date) == ("Posters", 10, 0)


async def test_the_wizard_saves_anothers_link_by_the_account(both: Both) -> None:
    club = both.club
    bobs = await club.bob.makes_link(club.chat, "Posters")
    async with both.account(club.vera):
        draft = await both.says(club.vera, f"/invite {await both.number(bobs)} edit")
        await club.vera.presses("10 people", on=draft)
        await club.vera.presses("Save", on=await both.sees(club.vera, "Limit: 10 members"))
        await both.sees(club.vera, "changed just now, by the account")
    assert (bobs.title, bobs.usage_limit) == ("Posters", 10)


async def test_for_one_join_is_what_anothers_link_cannot_be(both: Both) -> None:
    club = both.club
    bobs = await club.bob.makes_link(club.chat, "Posters")
    async with both.account(club.vera):
        number = await both.number(bobs)
        assert "Only a link this bot made" in await both.says(club.vera, f"/invite {number} once")
        await club.vera.presses("Change", on=await both.says(club.vera, f"/invite {number}"))
        draft = await both.sees(club.vera, "member limit")
        assert not [label for label in draft.labels if label.startswith("Once")]
    assert bobs.usage_limit == 0


async def test_an_idle_account_does_an_act_without_waiting_for_its_rate(both: Both) -> None:
    """Three calls, which at this rate take ten seconds: they are saved up while nobody asks."""
    club = both.club
    bobs = await club.bob.makes_link(club.chat, "Posters")
    async with both.account(club.vera):
        number = await both.number(bobs)
    both.bench.settings = both.bench.settings.model_copy(update={"calls_per_second": 0.3})
    question = await both.says(club.vera, f"/invite revoke {number}")
    async with both.bench.userclient():
        await both.bench.says(AccountState.READY)
        asked = time.monotonic()
        await club.vera.presses("Revoke #", on=question)
        await both.sees(club.vera, "Revoked by the account")
        assert time.monotonic() - asked < 9


@pytest.mark.parametrize("way", ["/account off", "the file"])
async def test_switched_off_nothing_more_is_sent_though_many_wait(both: Both, way: str) -> None:
    club, bench = both.club, both.bench
    links = [await club.bob.makes_link(club.chat, f"Poster {n}") for n in range(20)]
    async with both.account(club.vera):
        pass
    bench.settings = bench.settings.model_copy(update={"calls_per_second": 20.0})
    asked = [await bench.asks(Act.EDIT, link, **terms(link, title="Autumn")) for link in links[:15]]
    async with bench.userclient():
        await bench.ended(asked[0])
        if way == "the file":
            off_switch(bench.settings).touch()
        else:
            await both.says(club.vera, way)
        sent = len(bench.calls(EDIT))
        asked += [await bench.asks(Act.EDIT, link, **terms(link, title="Autumn")) for link in links[15:]]

        async def all_wait() -> bool:
            return {one.held for one in await bench.ledger.errands.open()} == {Held.OFF}

        await bench.until(all_wait)
        await both.says(club.vera, "/status")
        assert len(bench.calls(EDIT)) <= sent + 1  # what was on its way
        assert sum(link.title == "Autumn" for link in links) == len(bench.calls(EDIT)) < 15


async def test_anothers_primary_is_replaced_and_the_new_number_told(both: Both) -> None:
    club = both.club
    old = club.telegram.world.invites.primary(club.chat, club.bob.person)
    async with both.account(club.vera):
        await both.asks(club.vera, f"/invite {await both.number(old)} replace", "Replace #")
        done = await both.sees(club.vera, "Replaced by the account")
        new = club.telegram.world.invites.primary(club.chat, club.bob.person)
        assert f"The new one is #{await both.number(new)}" in done
    assert old.revoked


async def test_twenty_who_ask_get_one_act_and_twenty_honest_answers(both: Both) -> None:
    club, world = both.club, both.club.telegram.world
    bobs = await club.bob.makes_link(club.chat, "Posters")
    people = [world.add_person(f"Admin {n}") for n in range(20)]
    async with both.account(club.vera):
        number = await both.number(bobs)
    admins = [club.telegram.person(person) for person in people]
    for person in people:
        world.promote(club.chat, person, by=club.vera.person)
    for who in admins:
        await who.starts(club.bot)
        await who.reads(in_=club.bot)
    await both.bot.rests()
    both.bench.clock.now += 61  # standings are kept a minute
    for person in people:
        await both.bench.ledger.chats.grant(club.chat.id, person.id, Grant.ACT, on=True, by=club.vera.person.id)
    for who in admins:
        await who.sends(f"/invite revoke {number}", to=club.bot)
    questions = [await both.sees(who, "cannot be undone") for who in admins]
    await asyncio.gather(*(who.presses("Revoke #", on=on) for who, on in zip(admins, questions, strict=True)))

    async def all_wait() -> bool:
        return len(await both.bot.ledger.errands.open_answers()) == 20

    await both.bot.until(all_wait)
    async with both.account(club.vera):
        said = [await both.sees(who, "Revoked by the account") for who in admins]
    assert both.bench.done("link.revoked", bobs) == 1
    assert len(both.bench.calls(EDIT)) == 1
    first = {screen.text.partition("Asked by ")[2] for screen in said}
    assert len(first) == 2  # nothing to who asked first, his name to all others
    assert "" in first


async def test_behind_a_wait_the_person_is_told_until_when_and_may_cancel(both: Both) -> None:
    club = both.club
    bobs = await club.bob.makes_link(club.chat, "Posters")
    async with both.account(club.vera):
        number = await both.number(bobs)
        club.telegram.faults.plan(Fault(Kind.FLOOD, EDIT, value=600))
        await both.asks(club.vera, f"/invite revoke {number}", "Revoke #")
        waiting = await both.sees(club.vera, "makes the account wait until")
        assert "By hand: Bob" in waiting
        status = await both.says(club.vera, "/status")
        assert f"Revoke #{number} Posters: Telegram makes the account wait" in status.text.replace("\n", " ")
        assert any(label.startswith("Cancel: Revoke") for label in status.labels)
        await club.vera.presses("Cancel", on=waiting)
        await both.sees(club.vera, "Cancelled: nothing was sent")
        both.bench.clock.now += 601
        await both.reads_all()
    assert not bobs.revoked


async def test_another_change_that_is_under_way_is_told_and_not_merged(both: Both) -> None:
    club = both.club
    bobs = await club.bob.makes_link(club.chat, "Posters")
    async with both.account(club.vera):
        number = await both.number(bobs)
        club.telegram.faults.plan(Fault(Kind.FLOOD, EDIT, value=600))
        await both.says(club.vera, f"/invite {number} x10")
        await both.sees(club.vera, "makes the account wait until")
        await both.bench.ledger.chats.grant(
            club.chat.id, club.ann.person.id, Grant.ACT, on=True, by=club.vera.person.id
        )
        assert "Vera asked for another change" in await both.says(club.ann, f"/invite {number} x20")
        both.bench.clock.now += 601
        await both.sees(club.vera, "changed just now, by the account")
    assert bobs.usage_limit == 10


async def test_a_demoted_askers_wish_ends_before_it_is_sent(both: Both) -> None:
    club = both.club
    anns = await club.ann.makes_link(club.chat, "Flyers")
    async with both.account(club.vera):
        number = await both.number(anns)
    question = await both.says(club.ann, f"/invite revoke {number}")
    await club.ann.presses("Revoke #", on=question)
    await both.sees(club.ann, "Asked")
    await club.vera.demotes(club.ann.person, in_=club.chat)
    async with both.account(club.vera):
        await both.sees(club.ann, "you lack the right")
    assert not anns.revoked


async def test_the_host_lets_it_act_chat_by_chat_and_stops_all_of_it(both: Both) -> None:
    club = both.club
    both.bench.settings = both.bench.settings.model_copy(update={"account_mode": "act"})
    bobs = await club.bob.makes_link(club.chat, "Posters")
    async with both.account(club.vera, acts=False):
        await club.vera.presses("☐ Chess club", on=await both.says(club.vera, "/account"))
        warning = await both.sees(club.vera, "cannot be restored")
        await club.vera.presses("Let it act here", on=warning)
        await both.sees(club.vera, "In which chats")
        assert "off since" in await both.says(club.vera, "/account off")
        await both.asks(club.vera, f"/invite revoke {await both.number(bobs)}", "Revoke #")
        await both.sees(club.vera, "switched off by the host")
        assert "switched off" in await both.says(club.vera, "/status")
        assert not bobs.revoked
        await both.says(club.vera, "/account on")
        await both.sees(club.vera, "Revoked by the account")
    assert "Only the host" in await both.says(club.ann, "/account on")


@pytest.mark.parametrize("act", [Act.REVOKE, Act.EDIT])
async def test_nothing_whole_lies_in_an_errands_row(both: Both, act: Act) -> None:
    """The folder and the log are scanned after every test; here there is a wish to find."""
    club = both.club
    bobs = await club.bob.makes_link(club.chat, "Posters")
    async with both.account(club.vera):
        if act == Act.EDIT:
            await both.says(club.vera, f'/invite {await both.number(bobs)} "Secret name"')
            await both.sees(club.vera, "changed just now, by the account")
        else:
            await both.asks(club.vera, f"/invite revoke {await both.number(bobs)}", "Revoke #")
            await both.sees(club.vera, "Revoked by the account")

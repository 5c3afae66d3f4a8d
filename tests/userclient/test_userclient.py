"""The account's program: what it does by itself, and what it says of itself while it does."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from typing import Any

import pytest

from ledger.chats import AccountState, Role, SeenChat
from ledger.errands import Act, Errand, ErrandState
from sandbox.faults import Kind
from tests.userclient.conftest import Bench
from userclient.errands import LONGEST_PAUSE, Pauses
from userclient.errors import SessionHeld

SWEEPING = {
    "help.getConfig", "users.getUsers", "messages.getDialogs", "messages.getAdminsWithInvites",
    "messages.getExportedChatInvites",
}  # fmt: skip


async def swept(bench: Bench) -> bool:
    status = await bench.ledger.host.status()
    return any(each.chat.id == bench.chat.id and each.as_of is not None for each in status.chats)


async def test_without_a_session_it_waits_and_picks_one_up_by_itself(bench: Bench) -> None:
    bench.links(3)
    async with bench.userclient():
        await bench.says(AccountState.ABSENT)
        errand, _ = await bench.ledger.errands.ask(Act.SYNC, bench.chat.id, asked_by=None)
        refused = await bench.ended(errand)
        assert (refused.state, refused.reason) == (ErrandState.REFUSED, "no-session")
        await bench.signs_in(bench.owner)
        said = await bench.says(AccountState.READY)
        await bench.until(lambda: swept(bench))
    assert (said.person_id, said.name) == (bench.owner.id, "Vera")
    await bench.assert_equal()


async def test_an_errand_ends_with_its_figures(bench: Bench) -> None:
    bench.links(120)
    await bench.signs_in(bench.owner)
    async with bench.userclient():
        await bench.until(lambda: swept(bench))
        bench.links(2)
        errand, _ = await bench.ledger.errands.ask(Act.SYNC, bench.chat.id, asked_by=bench.owner.id)
        done = await bench.ended(errand)
    assert done.state == ErrandState.DONE
    assert done.result == {
        "calls": 4, "pages": 3, "links": 123, "new": 2, "changed": 0, "gone": 0, "readable": 1, "known": 1,
    }  # fmt: skip


async def test_a_chat_is_swept_again_when_it_is_due_and_not_before(bench: Bench) -> None:
    await bench.signs_in(bench.owner)
    async with bench.userclient():
        await bench.until(lambda: swept(bench))
        bench.clock.now += bench.settings.sync_every - 1
        await bench.ledger.chats.choose(bench.owner.id, None)  # news, but nothing to do
        errand, _ = await bench.ledger.errands.ask(Act.SYNC, bench.chat.id, asked_by=None)
        await bench.ended(errand)
        asked = len(bench.calls("messages.getAdminsWithInvites"))
        link = bench.links(1)[0]
        bench.clock.now += bench.settings.sync_every + 1

        async def found() -> bool:
            return link.link in await bench.secrets()

        await bench.until(found)
    assert len(bench.calls("messages.getAdminsWithInvites")) - asked == 1
    assert asked == 2


async def test_a_flood_wait_is_told_outlives_a_restart_and_is_kept(bench: Bench) -> None:
    bench.links(350)
    await bench.signs_in(bench.owner)
    bench.fault(Kind.FLOOD, value=3600, skip=2)
    async with bench.userclient():
        waiting = await bench.says(AccountState.WAITING)
    asked = len(bench.calls())
    assert waiting.until
    assert waiting.until >= bench.calls()[-1].at + 3600
    assert len(await bench.rows()) == 200
    async with bench.userclient():
        assert (await bench.says(AccountState.WAITING)).until == waiting.until
        bench.clock.now = waiting.until - 1
        errand, _ = await bench.ledger.errands.ask(Act.SYNC, bench.chat.id, asked_by=None)
        await bench.until(lambda: taken(bench, errand))
        assert len(bench.calls()) == asked
        bench.clock.now = waiting.until
        assert (await bench.ended(errand)).state == ErrandState.DONE
        await bench.says(AccountState.READY)
    await bench.assert_equal()


async def test_while_listings_must_wait_no_other_chat_is_asked_in_vain(bench: Bench) -> None:
    others = [bench.world.add_chat(f"Club {n}", bench.owner) for n in range(3)]
    for chat in others:
        await bench.ledger.chats.saw(SeenChat(chat.id, chat.title, "supergroup"), trusted=True)
    await bench.signs_in(bench.owner)
    bench.fault(Kind.FLOOD, value=3600)
    async with bench.userclient():
        await bench.says(AccountState.WAITING)
        asked = len(bench.telegram.log.calls)
        for chat in others:  # each is taken in another round
            errand, _ = await bench.ledger.errands.ask(Act.SYNC, chat.id, asked_by=None)
            await bench.until(lambda: taken(bench, errand))  # noqa: B023
        assert len(bench.telegram.log.calls) == asked


async def taken(bench: Bench, errand: Errand) -> bool:
    now = await bench.ledger.errands.get(errand.id)
    return bool(now and now.state == ErrandState.DOING)


@pytest.mark.parametrize(
    "method",
    ["users.getUsers", "messages.getDialogs", "messages.getAdminsWithInvites", "messages.getExportedChatInvites"],
)
@pytest.mark.parametrize("how", ["revoked", "duplicated"])
async def test_a_lost_session_is_a_state_and_no_further_call(bench: Bench, method: str, how: str) -> None:
    bench.links(150)
    await bench.signs_in(bench.owner)

    def ends(called: str, who: int | None) -> None:
        if called == method:
            end = bench.telegram.mtproto.revoke if how == "revoked" else bench.telegram.mtproto.duplicate
            end(bench.owner.id)

    bench.telegram.faults.on_call.append(ends)
    async with bench.userclient():
        lost = await bench.says(AccountState.LOST)
        calls = len(bench.telegram.log.calls)
        errand, _ = await bench.ledger.errands.ask(Act.SYNC, bench.chat.id, asked_by=None)
        assert (await bench.ended(errand)).reason == "no-session"
    async with bench.userclient():  # a restart does not try it again
        assert (await bench.says(AccountState.LOST)).detail == lost.detail
        assert len(bench.telegram.log.calls) == calls
        assert ("SESSION_REVOKED" if how == "revoked" else "AUTH_KEY_DUPLICATED") in lost.detail
        bench.telegram.faults.on_call.clear()
        await bench.signs_in(bench.owner)
        await bench.until(lambda: swept(bench))
    await bench.assert_equal()


@pytest.mark.parametrize(
    "method", ["messages.getDialogs", "messages.getAdminsWithInvites", "messages.getExportedChatInvites"]
)
async def test_what_it_cannot_read_is_told_until_it_can(bench: Bench, method: str) -> None:
    bench.links(3)
    await bench.signs_in(bench.owner)
    bench.fault(Kind.GARBLE, method, times=0)

    async def detail() -> str:
        account = await bench.ledger.programs.account()
        return account.detail if account.state == AccountState.READY else ""

    async def content() -> bool:
        return not await detail()

    async with bench.userclient():
        assert "update Telethon" in str(await bench.until(detail))
        bench.telegram.faults.clear()
        errand, _ = await bench.ledger.errands.ask(Act.SYNC, bench.chat.id, asked_by=None)
        assert (await bench.ended(errand)).state == ErrandState.DONE
        await bench.until(content)
    await bench.assert_equal()


async def test_a_chat_it_is_not_in_is_said_so(bench: Bench) -> None:
    stranger = bench.world.add_person("Kim")
    other = bench.world.add_chat("Elsewhere", stranger)
    await bench.ledger.chats.saw(SeenChat(other.id, other.title, "supergroup"), trusted=True)
    await bench.signs_in(bench.owner)
    async with bench.userclient():
        errand, _ = await bench.ledger.errands.ask(Act.SYNC, other.id, asked_by=None)
        ended = await bench.ended(errand)
        assert (ended.state, ended.reason) == (ErrandState.REFUSED, "not-in-chat")
        await bench.until(lambda: swept(bench))
    known = await bench.ledger.chats.get(other.id)
    assert known
    assert known.account_role == Role.OUTSIDE


async def test_all_chats_it_does_not_know_are_looked_up_by_one_walk(bench: Bench) -> None:
    stranger = bench.world.add_person("Kim")
    for number in range(3):
        other = bench.world.add_chat(f"Elsewhere {number}", stranger)
        await bench.ledger.chats.saw(SeenChat(other.id, other.title, "supergroup"), trusted=True)
    await bench.signs_in(bench.owner)
    async with bench.userclient():
        await bench.until(lambda: swept(bench))
        errand, _ = await bench.ledger.errands.ask(Act.SYNC, bench.chat.id, asked_by=None)
        await bench.ended(errand)
    assert len(bench.calls("messages.getDialogs")) == 1


async def test_a_person_who_asks_goes_before_a_sweep_that_is_due(bench: Bench) -> None:
    bench.links(1500)
    quick = bench.world.add_chat("Quick", bench.owner)
    await bench.ledger.chats.saw(SeenChat(quick.id, quick.title, "supergroup"))
    await bench.signs_in(bench.owner)
    object.__setattr__(bench.settings, "calls_per_second", 20.0)
    async with bench.userclient():

        async def under_way() -> bool:
            progress = await bench.ledger.sweeps.progress(bench.chat.id)
            return bool(progress and progress.links)

        await bench.until(under_way)
        errand, _ = await bench.ledger.errands.ask(Act.SYNC, quick.id, asked_by=None)
        assert (await bench.ended(errand)).state == ErrandState.DONE
        assert await bench.ledger.sweeps.progress(bench.chat.id)
        await bench.until(lambda: swept(bench))
    await bench.assert_equal()


async def test_a_chat_erased_while_it_is_read_stays_erased_and_the_next_one_is_read(bench: Bench) -> None:
    """The owner may erase it at any page, and while it waits its turn."""
    bench.links(350)
    gone = [bench.chat, bench.world.add_chat("Never read", bench.owner)]
    last = bench.world.add_chat("Last", bench.owner)
    for chat in (gone[1], last):
        await bench.ledger.chats.saw(SeenChat(chat.id, chat.title, "supergroup"), trusted=True)
    await bench.signs_in(bench.owner)
    errands = [(await bench.ledger.errands.ask(Act.SYNC, chat.id, asked_by=None))[0] for chat in (*gone, last)]
    erasing: list[asyncio.Task[Any]] = []

    async def erase() -> None:
        for chat in gone:
            await bench.ledger.chats.erase(chat.id)

    def erases(method: str, who: int | None) -> None:
        if method == "messages.getExportedChatInvites" and not erasing:
            erasing.append(asyncio.create_task(erase()))

    bench.telegram.faults.on_call.append(erases)
    async with bench.userclient():
        assert (await bench.ended(errands[-1])).state == ErrandState.DONE
        await erasing[0]
    assert [chat.id for chat in await bench.ledger.chats.every()] == [last.id]
    assert await bench.ledger.links.find(last.id, 1)


async def test_it_is_back_after_an_outage_and_does_not_hammer(bench: Bench) -> None:
    await bench.signs_in(bench.owner)
    async with bench.userclient():
        await bench.until(lambda: swept(bench))
        await bench.telegram.mtproto.stop()
        await bench.says(AccountState.OFFLINE)
        await bench.telegram.mtproto.start()
        await bench.says(AccountState.READY)
        bench.links(2)
        errand, _ = await bench.ledger.errands.ask(Act.SYNC, bench.chat.id, asked_by=None)
        assert (await bench.ended(errand)).result["new"] == 2


async def test_silence_at_every_page_ends_in_a_state_and_then_in_the_world(bench: Bench) -> None:
    bench.links(150)
    await bench.signs_in(bench.owner)
    bench.fault(Kind.SILENCE, skip=1)
    async with bench.userclient(limit=2.0):
        offline = await bench.says(AccountState.OFFLINE)
        await bench.until(lambda: swept(bench))
    assert "answer" in offline.detail
    await bench.assert_equal()


def test_no_minute_sees_more_than_twenty_connects_and_an_outage_is_over_within_a_minute() -> None:
    pauses = Pauses()
    waited = [pauses.next() for _ in range(100)]
    assert max(waited) <= LONGEST_PAUSE < 60
    for first in range(80):
        assert sum(waited[first : first + 20]) > 60
    pauses.steady()
    assert pauses.next() <= 1


async def test_a_second_one_is_refused_while_the_first_works_on(bench: Bench) -> None:
    await bench.signs_in(bench.owner)
    async with bench.userclient():
        await bench.says(AccountState.READY)
        with pytest.raises(SessionHeld):
            async with bench.userclient() as second:
                await asyncio.wait_for(second.run(), 30)
        await bench.says(AccountState.READY)


async def test_from_its_key_nothing_outside_the_list_was_called(bench: Bench) -> None:
    bench.links(150)
    await bench.signs_in(bench.owner)
    login = len(bench.telegram.log.calls)
    bench.fault(Kind.CUT, skip=1)
    async with bench.userclient():
        await bench.until(lambda: swept(bench))
    called = {call.method for call in bench.telegram.log.calls[login:]}
    assert called == SWEEPING


async def test_the_program_stops_in_the_middle_of_a_sweep_though_a_call_is_not_answered(bench: Bench) -> None:
    bench.links(900)
    await bench.signs_in(bench.owner)
    bench.telegram.world.clock = time.time  # another process has the real time
    bench.fault(Kind.SILENCE, skip=3, times=0)
    environment = {**os.environ, **bench.environment(), "LOG_LEVEL": "DEBUG"}
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "userclient", env=environment, stderr=asyncio.subprocess.PIPE
    )

    async def reading() -> bool:
        return len(await bench.rows()) >= 300

    await bench.until(reading)
    program.send_signal(signal.SIGTERM)
    _, log = await asyncio.wait_for(program.communicate(), 20)  # a call without an answer is given up after thirty
    assert program.returncode == 0
    assert b"Traceback" not in log
    for link in bench.world_links():
        assert link.hash.encode() not in log


async def test_a_program_that_cannot_read_its_session_says_why_in_one_line(bench: Bench) -> None:
    await bench.signs_in(bench.owner)
    bench.settings.session_file.chmod(0o644)
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "userclient", env={**os.environ, **bench.environment()}, stderr=asyncio.subprocess.PIPE
    )
    _, log = await asyncio.wait_for(program.communicate(), 60)
    assert program.returncode == 2
    assert b"chmod 600" in log.splitlines()[-1]
    assert b"Traceback" not in log

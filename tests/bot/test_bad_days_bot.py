"""What goes wrong around the bot has a sentence for who asks and one for the host, told once, and is over when it
is over."""

from __future__ import annotations

import asyncio
import resource
from contextlib import closing
from typing import Any

import pytest

from bot.intake import CONFLICT, CONFLICT_TOLD_AFTER, UNREACHABLE
from bot.notices import TRIED_AGAIN
from bot.screens.hosting import host_notice
from ledger.chats import AccountState, Role
from ledger.settings import LedgerSettings
from ledger.store.file import path_of
from ledger.store.sqlite import sqlite3
from sandbox.chats import Rights
from sandbox.faults import Fault, Kind
from sandbox.people import Actor
from tests.bot import killer
from tests.bot.conftest import PACE, Club, RunningBot, Start
from tests.bot.swept import sweep


async def hosted(club: Club, bot: RunningBot) -> None:
    """The host's private chat is open."""
    await club.vera.starts(club.bot)
    await club.vera.reads(in_=club.bot)


async def state_is(bot: RunningBot, state: str) -> None:
    async def said() -> bool:
        return (await bot.ledger.host.status()).bot_state == state

    await bot.until(said)


async def answered(who: Actor, club: Club, text: str) -> str:
    await who.sends(text, to=club.bot)
    return (await who.reads(in_=club.bot)).text


# The account


async def test_a_lost_session_is_told_once_though_the_bot_starts_anew(
    club: Club, bot: RunningBot, start_bot: Start
) -> None:
    await hosted(club, bot)
    await sweep(club, bot)
    await bot.ledger.programs.say("userclient", AccountState.LOST)
    assert "console login" in await club.vera.reads(in_=club.bot)
    assert "signed out" in await answered(club.ann, club, "/invites")
    await bot.ends()
    again = await start_bot()
    await again.ledger.programs.say("userclient", AccountState.LOST, detail="still")
    assert "signed out" in await answered(club.vera, club, "/status")
    await club.vera.reads_nothing(in_=club.bot)


async def test_what_the_host_could_not_be_told_waits_until_his_private_chat_is_open(
    club: Club, bot: RunningBot, clock: Any
) -> None:
    await bot.ledger.programs.say("userclient", AccountState.LOST)

    async def waits() -> bool:
        return any(due.what == "tell-host" for due in await bot.ledger.dues.ready(2**40))

    await bot.until(waits)
    assert club.vera.sees(club.bot) == []
    await club.vera.starts(club.bot)
    await club.vera.reads(in_=club.bot)
    clock.now += TRIED_AGAIN
    assert "console login" in await club.vera.reads(in_=club.bot)


async def test_another_owner_is_told_to_the_host_and_links_stay_not_readable_since(club: Club, bot: RunningBot) -> None:
    await club.ann.makes_link(club.chat, "Posters")
    await sweep(club, bot)
    await hosted(club, bot)
    await club.vera.hands_over(club.chat, to=club.bob.person)
    assert "another owner" in await club.vera.reads(in_=club.bot)
    chats, sweeps = bot.ledger.chats, bot.ledger.sweeps
    await chats.account_place(club.chat.id, Role.ADMIN)
    await sweeps.unreadable(club.chat.id, club.ann.person.id, "not-owner")
    assert "cannot be read any more" in await club.vera.reads(in_=club.bot)
    listed = await answered(club.ann, club, "/invites")
    assert "not readable since" in listed
    assert "Posters" in listed


# The bot's own rights


@pytest.mark.parametrize("way", ["powerless", "demoted"])
async def test_a_demotion_is_told_to_the_host_and_to_who_asks(club: Club, bot: RunningBot, way: str) -> None:
    await hosted(club, bot)
    if way == "powerless":
        await club.vera.promotes(club.bot, in_=club.chat, rights=Rights(invite_users=False))
    else:
        await club.vera.demotes(club.bot, in_=club.chat)
    assert "no admin who may invite" in await club.vera.reads(in_=club.bot)
    assert "I " in await answered(club.ann, club, "/invite new Spring ads")
    assert not [link for link in club.telegram.world.invites.every(club.chat) if link.title == "Spring ads"]
    await club.vera.promotes(club.bot, in_=club.chat)

    async def mended() -> bool:
        chat = await bot.ledger.chats.get(club.chat.id)
        return chat is not None and chat.bot_role == Role.ADMIN

    await bot.until(mended)
    assert "Spring ads" in await answered(club.ann, club, "/invite new Spring ads")


async def test_being_thrown_out_is_told_and_what_is_known_stays(club: Club, bot: RunningBot) -> None:
    await hosted(club, bot)
    await answered(club.ann, club, "/invites")
    await club.vera.removes(club.bot, from_=club.chat, ban=True)
    assert "removed" in await club.vera.reads(in_=club.bot)
    assert "not in that chat" in await answered(club.ann, club, "/invites")
    status = await bot.ledger.host.status()
    assert [(one.chat.bot_role, one.links) for one in status.chats] == [(Role.OUTSIDE, 1)]


# The clock, another copy, Telegram away


@pytest.mark.parametrize("seconds", [400, -400])
async def test_a_clock_that_is_not_telegrams_is_told(club: Club, bot: RunningBot, seconds: int) -> None:
    await hosted(club, bot)
    faults = club.telegram.faults
    faults.plan(Fault(Kind.LIE, "sendMessage", times=0, change=lambda sent: sent | {"date": sent["date"] + seconds}))
    await answered(club.ann, club, "/help")
    assert "clock" in await club.vera.reads(in_=club.bot)

    faults.plan(Fault(Kind.CUT, "getUpdates"))
    club.telegram.bot_api.updates.queue(club.bot).end_poll("so that it says a word of itself")

    async def shown() -> bool:
        return f"{abs(seconds)} s" in (await bot.ledger.host.status()).bot_detail

    await bot.until(shown)
    await club.vera.sends("/status", to=club.bot)
    await club.vera.reads(in_=club.bot, until="the clock here")


async def test_a_clock_within_twenty_seconds_is_none_of_the_hosts_business(club: Club, bot: RunningBot) -> None:
    await hosted(club, bot)
    lie = Fault(Kind.LIE, "sendMessage", times=0, change=lambda sent: sent | {"date": sent["date"] + 15})
    club.telegram.faults.plan(lie)
    for _ in range(3):
        await answered(club.ann, club, "/help")
    await club.vera.reads_nothing(in_=club.bot)


async def test_a_second_copy_is_told_once_over_a_restart_and_the_bot_goes_on_by_itself(
    club: Club, bot: RunningBot, start_bot: Start, clock: Any
) -> None:
    await hosted(club, bot)
    queue = club.telegram.bot_api.updates.queue(club.bot)
    for again in (False, True):
        running = await start_bot() if again else bot
        queue.webhook = "https://example.org"
        queue.end_poll("terminated by setWebhook request")
        await club.called("getUpdates", club.calls("getUpdates") + 1)
        await state_is(running, "conflict")
        clock.now += CONFLICT_TOLD_AFTER
        if not again:
            assert "webhook" in await club.vera.reads(in_=club.bot)
            await running.ends()
    asked = club.calls("getUpdates")
    await club.called("getUpdates", asked + 3)
    queue.webhook = ""
    assert "Chess club" in await answered(club.ann, club, "/invites")
    await club.vera.reads_nothing(in_=club.bot)


async def test_what_was_asked_while_telegram_was_away_is_answered_when_it_is_back(club: Club, bot: RunningBot) -> None:
    faults = club.telegram.faults
    for kind in (Kind.CUT, Kind.GARBLE):
        fault = faults.plan(Fault(kind, "*", times=0, who=club.bot.id))
        club.telegram.bot_api.updates.queue(club.bot).end_poll("away")
        await state_is(bot, "offline")
        await club.ann.sends("/invites", to=club.bot)
        calls = club.calls("getUpdates")
        await club.called("getUpdates", calls + 3)
        faults.clear()
        assert "Chess club" in await club.ann.reads(in_=club.bot)
        await state_is(bot, "ready")
        assert fault.times == 0


def test_the_bot_knocks_at_least_every_half_minute_however_long_telegram_is_away() -> None:
    for backoff in (UNREACHABLE, CONFLICT):
        assert backoff.max_delay + 3 * backoff.jitter <= 31


# The ledger


async def test_a_ledger_held_by_a_stray_program_is_told_and_no_question_is_lost(
    club: Club, bot: RunningBot, start_bot: Start
) -> None:
    await hosted(club, bot)
    await bot.ends()
    await start_bot(ledger_wait=1.0)
    with closing(sqlite3.connect(path_of(bot.settings.ledger_url), check_same_thread=False)) as stray:
        await asyncio.to_thread(stray.execute, "BEGIN IMMEDIATE")  # the bot, in this loop, may be writing now
        await club.ann.sends("/invites", to=club.bot)
        assert "Your question waits" in await club.ann.reads(in_=club.bot, within=40)
        assert "Another program holds the ledger" in await club.vera.reads(in_=club.bot)
        stray.rollback()
    assert "Chess club" in await club.ann.reads(in_=club.bot, within=40)
    await club.vera.reads_nothing(in_=club.bot)


async def test_on_a_full_disk_nothing_is_made_without_its_note_and_all_goes_on_after(
    club: Club, bot: RunningBot, ledger_settings: LedgerSettings
) -> None:
    """A process may not write past so many bytes of a file: to SQLite that is a disk that takes no more."""
    await asyncio.to_thread(killer.warm)
    await hosted(club, bot)
    await bot.ends()
    settings = bot.settings.model_dump() | {"bot_token": club.bot.token, "bot_api_url": club.telegram.bot_api.url}
    polled = club.calls("getUpdates")
    process = killer.start(settings, PACE)
    try:
        await club.called("getUpdates", polled + 1)
        assert process.pid is not None
        free = resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (1024, resource.RLIM_INFINITY))
        await club.ann.sends("/invite new Spring ads", to=club.bot)
        assert "Your question waits" in await club.ann.reads(in_=club.bot, within=40)
        await club.vera.reads(in_=club.bot, until="disk is full", within=40)
        assert club.calls("createChatInviteLink") == 0
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, free)
        assert "Spring ads" in await club.ann.reads(in_=club.bot, within=40)
        assert club.calls("createChatInviteLink") == 1
    finally:
        process.kill()
        process.join()


def test_every_notice_names_what_to_do_and_since_when() -> None:
    kinds = ("conflict", "webhook", "clock", "ledger-busy", "ledger-full", "session-lost")
    for kind in (*kinds, "demoted", "removed", "owner-changed", "unreadable"):
        lines = host_notice(kind, since=1_800_000_000, now=1_800_000_600, zone="UTC", chat="Chess club").text
        title, what, since = str(lines.as_kwargs()["text"]).splitlines()
        assert ("Chess club" in what) == (kind not in kinds)
        assert since == "Since 08:00."
        assert title

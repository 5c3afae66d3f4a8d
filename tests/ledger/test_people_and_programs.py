from __future__ import annotations

import pytest

from ledger.chats import AccountState, Role, SeenChat, SeenPerson, Served
from ledger.errands import Act
from ledger.errors import UnknownChat
from ledger.inbox import Received
from ledger.listing import Query
from ledger.settings import LedgerSettings
from ledger.store import Ledger
from tests.conftest import Clock
from tests.ledger.listings import ANN, BOB, BOT, CLUB, Listings, ask_file, invite, sweep


async def test_a_new_chat_waits_for_the_host_unless_all_are_trusted(ledger: Ledger, clock: Clock) -> None:
    asked = await ledger.chats.saw(SeenChat(-1, "Chess", "group"), added_by=ANN)
    assert (asked.served, asked.added_by, asked.first_seen, asked.time_zone) == (Served.ASKED, ANN, clock.now, "UTC")
    renamed = await ledger.chats.saw(SeenChat(-1, "Chess club", "group", "chess"))
    assert (renamed.title, renamed.public, renamed.served, renamed.added_by) == ("Chess club", True, Served.ASKED, ANN)
    await ledger.chats.serve(-1, Served.REFUSED)
    assert (await ledger.chats.saw(SeenChat(-1, "Chess club", "group", "chess"), trusted=True)).served is Served.REFUSED
    assert (await ledger.chats.saw(SeenChat(-2, "Go", "channel"), trusted=True)).served is Served.SERVED
    assert [chat.id for chat in await ledger.chats.served()] == [-2]
    with pytest.raises(UnknownChat):
        await ledger.chats.serve(-3, Served.SERVED)


async def test_what_is_known_already_costs_no_write(club: Ledger, ledger_settings: LedgerSettings) -> None:
    async def again() -> None:
        await club.chats.saw(SeenChat(CLUB, "Chess club", "supergroup"), trusted=True)
        await club.chats.saw_people([SeenPerson(ANN, "Ann", "ann_a")], hashes={ANN: 5})
        await club.chats.set_admins(CLUB, [ANN, BOB], told_by="bot")
        await club.chats.bot_place(CLUB, Role.ADMIN, deletes=True)
        await club.chats.account_place(CLUB, Role.OWNER, 99)
        await club.chats.set_private_open(ANN, True)
        await club.chats.choose(ANN, CLUB)
        await club.programs.set_bot_identity(SeenPerson(BOT, "Ledger", "ledger_bot", True))

    await again()
    other = await Ledger.open(ledger_settings)
    before = await other.version()
    await again()
    assert await other.version() == before
    await other.close()


async def test_joins_are_watched_from_when_the_bot_became_an_admin_until_it_is_none(club: Ledger, clock: Clock) -> None:
    async def since() -> object:
        return (await club.links.page(Query(CLUB))).freshness.watched_since

    await club.chats.bot_place(CLUB, Role.MEMBER, deletes=False)
    assert await since() is None
    await club.chats.bot_place(CLUB, Role.POWERLESS, deletes=False)
    began = clock.now
    clock.now += 100
    await club.chats.bot_place(CLUB, Role.ADMIN, deletes=True)
    assert await since() == began
    await club.chats.bot_place(CLUB, Role.OUTSIDE, deletes=False)
    assert await since() is None


async def test_people_are_found_among_those_of_the_chat(club: Ledger) -> None:
    await sweep(club, Listings({one.link: one for one in [invite(1), invite(2, BOB)]}))

    async def found(text: str) -> list[int]:
        return [one.id for one in await club.chats.find_person(CLUB, text)]

    assert [await found(text) for text in ("@ann_a", "ANN_A", "ann", "bob stone", "stone")] == [
        [ANN], [ANN], [ANN], [BOB], [BOB],
    ]  # fmt: skip
    assert [await found(text) for text in ("@ann", "one", "Ledger", "")] == [[], [], [], []]


async def test_a_person_keeps_what_later_sightings_do_not_tell(club: Ledger) -> None:
    await club.chats.saw_people([SeenPerson(ANN, "Ann", "ann_a")], hashes={ANN: 5})
    await club.chats.choose(ANN, CLUB)
    await club.chats.set_private_open(ANN, True)
    await club.chats.saw_people([SeenPerson(ANN, "Ann Lee")])
    assert await club.chats.person(ANN) == SeenPerson(ANN, "Ann Lee")
    assert (await club.chats.chosen(ANN), await club.chats.private_open(ANN)) == (CLUB, True)
    await club.sweeps.begin(CLUB, [ANN])
    cursor = (await club.sweeps.unread(CLUB))[0]
    assert cursor.account_hash == 5
    await club.chats.choose(99, CLUB)
    assert (await club.chats.chosen(99), await club.chats.private_open(99)) == (CLUB, False)


async def test_the_account_is_stale_after_a_minute_without_a_word(ledger: Ledger, clock: Clock) -> None:
    assert (await ledger.programs.account()).state is AccountState.ABSENT
    await ledger.programs.say("userclient", AccountState.READY, person_id=ANN, name_of_person="Ann")
    began = clock.now
    clock.now += 50
    await ledger.programs.say("userclient", AccountState.READY, calls={"getConfig": 2})
    account = await ledger.programs.account()
    assert (account.state, account.since, account.name, account.calls) == (
        AccountState.READY, began, "Ann", {"getConfig": 2},
    )  # fmt: skip
    await ledger.programs.say("userclient", AccountState.WAITING, until=int(clock.now) + 3600)
    assert (await ledger.programs.account()).until == clock.now + 3600
    clock.now += 61
    account = await ledger.programs.account()
    assert (account.state, account.since) == (AccountState.STALE, clock.now - 61)
    await ledger.programs.say("userclient", AccountState.LOST, detail="signed out elsewhere")
    clock.now += 9999
    assert (await ledger.programs.account()).state is AccountState.LOST


async def test_a_flood_wait_is_never_shortened_and_ends(ledger: Ledger, clock: Clock) -> None:
    await ledger.programs.set_wait("getExportedChatInvites", int(clock.now) + 60)
    await ledger.programs.set_wait("getExportedChatInvites", int(clock.now) + 5)
    assert await ledger.programs.waits() == {"getExportedChatInvites": clock.now + 60}
    clock.now += 60
    assert await ledger.programs.waits() == {}


async def test_what_a_server_proved_is_remembered_with_its_time(ledger: Ledger, clock: Clock) -> None:
    assert await ledger.programs.server_ephemeral("https://api.example") == (None, 0)
    for proven in (True, False):
        clock.now += 10
        await ledger.programs.set_server_ephemeral("https://api.example", proven)
        assert await ledger.programs.server_ephemeral("https://api.example") == (proven, clock.now)


async def test_a_claim_works_once_and_only_the_last_one(ledger: Ledger, ledger_settings: LedgerSettings) -> None:
    first, second = await ledger.host.new_claim(), await ledger.host.new_claim()
    assert len(second) >= 22
    assert ask_file(ledger_settings, "SELECT count(*) FROM fact WHERE instr(value, ?)", second) == [(0,)]
    assert [await ledger.host.claim(token, ANN) for token in (first, "", second)] == [False, False, True]
    assert await ledger.host.id() == ANN
    assert await ledger.host.claim(second, BOB) is False
    assert await ledger.host.id() == ANN


async def test_status_tells_all_of_it(club: Ledger, clock: Clock) -> None:
    await sweep(club, Listings({one.link: one for one in [invite(1), invite(2, revoked=True)]}))
    await club.errands.ask(Act.SYNC, CLUB, asked_by=ANN)
    await club.programs.set_bot_identity(SeenPerson(BOT, "Ledger", "ledger_bot", True))
    await club.programs.say("bot", "ready")
    await club.programs.set_wait("getAdminLog", int(clock.now) + 5)
    await club.inbox.put([Received(1, 1, "message", "body"), Received(2, 1, "message", None, quarantined="odd")])
    await club.host.claim(await club.host.new_claim(), ANN)
    status = await club.host.status()
    (chat,) = status.chats
    assert (chat.chat.id, chat.open_errands, chat.links, chat.as_of, chat.progress) == (CLUB, 1, 1, clock.now, None)
    assert (status.links, status.inbox_waiting, status.inbox_quarantined, status.host_id) == (1, 1, 1, ANN)
    assert (status.bot and status.bot.username, status.bot_seen) == ("ledger_bot", clock.now)
    assert (status.waits, status.account.state) == ({"getAdminLog": clock.now + 5}, AccountState.ABSENT)

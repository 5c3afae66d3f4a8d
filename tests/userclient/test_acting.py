"""What the account does for people: read first, done once, recorded; and everything it refuses or waits for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest

from ledger.chats import AccountState, Grant, SeenChat
from ledger.errands import ACTS_PER_HOUR, Act, Errand, ErrandState, Held, next_free
from sandbox.chats import Kind as ChatKind
from sandbox.chats import Person, Rights
from sandbox.faults import Kind
from sandbox.invites import InviteLink
from tests.userclient.conftest import Bench
from userclient.acting import LATE, SENT_AT_MOST
from userclient.errors import ForbiddenCall
from userclient.leave import off_switch

EDIT = "messages.editExportedChatInvite"
CLEAR = "messages.deleteRevokedExportedChatInvites"
ANSWER_ALL = "messages.hideAllChatJoinRequests"
DAY = 86_400


@pytest.fixture
async def ann(bench: Bench) -> Person:
    """An admin with the right to invite; every test's links are hers, and the account owns the chat."""
    ann = bench.world.add_person("Ann")
    bench.world.promote(bench.chat, ann, by=bench.owner)
    await bench.signs_in(bench.owner)
    await bench.lets_account_act()
    return ann


@pytest.fixture
async def link(bench: Bench, ann: Person) -> InviteLink:
    return bench.links(1, ann)[0]


@pytest.fixture
async def working(bench: Bench, link: InviteLink) -> AsyncIterator[Bench]:
    """The userclient at work, and the link read."""
    async with bench.userclient(limit=2.0):
        await bench.read()
        yield bench


async def held(bench: Bench, errand: Errand) -> Errand:
    async def is_held() -> Errand | None:
        now = await bench.ledger.errands.get(errand.id)
        return now if now and now.held else None

    return await bench.until(is_held)


def terms(**changed: Any) -> dict[str, Any]:
    return {"title": "Link 0", "expires": None, "limit": 0, "approval": False} | changed


async def test_the_owners_account_revokes_an_admins_link(working: Bench, link: InviteLink) -> None:
    ended = await working.ended(await working.asks(Act.REVOKE, link))
    assert (ended.state, ended.result) == (ErrandState.DONE, {"already": 0})
    assert link.revoked
    row = (await working.secrets())[link.link]
    assert row.state == "revoked"
    [event] = [one for one in await working.ledger.links.history(row.id) if one.what == "revoked"]
    assert (event.by, event.how) == (working.owner.id, "account")
    again = await working.ended(await working.asks(Act.REVOKE, link))
    assert (again.state, again.result) == (ErrandState.DONE, {"already": 1})
    assert working.done("link.revoked", link) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "Autumn"},
        {"expires": 1_900_000_000},
        {"limit": 50},
        {"approval": True},
        {"title": "", "expires": 1_900_000_000, "limit": 7},
        {"title": "春", "expires": 1_900_000_000, "approval": True},
    ],
)
async def test_an_edit_sets_what_was_wished_and_keeps_the_rest(
    working: Bench, link: InviteLink, changed: dict[str, Any]
) -> None:
    ended = await working.ended(await working.asks(Act.EDIT, link, **terms(**changed)))
    assert ended.state == ErrandState.DONE
    wanted = terms(**changed)
    assert (link.title, link.expire_date or None, link.usage_limit, link.request_needed) == tuple(wanted.values())
    row = (await working.secrets())[link.link]
    assert (row.title, row.expires, row.limit, row.approval) == tuple(wanted.values())


async def test_an_edit_keeps_what_was_changed_by_hand_since_the_last_reading(working: Bench, link: InviteLink) -> None:
    link.usage_limit, link.expire_date = 77, 1_900_000_000
    await working.ended(await working.asks(Act.EDIT, link, title="Autumn"))
    assert (link.title, link.usage_limit, link.expire_date) == ("Autumn", 77, 1_900_000_000)
    same = await working.ended(await working.asks(Act.EDIT, link, title="Autumn"))
    assert same.result == {"already": 1}
    assert working.done("link.edited", link) == 1


async def test_of_a_paid_link_the_title_alone_goes_over_the_wire(working: Bench, ann: Person) -> None:
    channel = working.world.add_chat("Chess news", working.owner, kind=ChatKind.CHANNEL)
    working.world.promote(channel, ann, by=working.owner)
    paid = working.world.invites.export(channel, ann, title="Fans", period=2_592_000, price=100)
    await working.ledger.chats.saw(SeenChat(channel.id, channel.title, "channel"), trusted=True)
    working.chat = channel
    await working.lets_account_act()
    await working.read()
    ended = await working.ended(await working.asks(Act.EDIT, paid, **terms(title="Friends")))
    assert (ended.state, paid.title, paid.price, paid.period) == (ErrandState.DONE, "Friends", 100, 2_592_000)
    assert (await working.secrets())[paid.link].title == "Friends"


async def test_anothers_primary_is_replaced_and_both_are_in_the_book(working: Bench, ann: Person) -> None:
    old = working.world.invites.primary(working.chat, ann)
    await working.read()
    ended = await working.ended(await working.asks(Act.REPLACE, old))
    new = working.world.invites.primary(working.chat, ann)
    rows = await working.secrets()
    assert (ended.state, ended.result["number"]) == (ErrandState.DONE, rows[new.link].number)
    assert (rows[old.link].state, rows[new.link].state, rows[new.link].primary) == ("revoked", "live", True)
    refused = await working.ended(await working.asks(Act.REVOKE, new))
    assert refused.reason == "primary"


async def test_a_bots_link_is_that_bots_alone(working: Bench) -> None:
    bot = working.world.add_bot("Door Keeper", "door_keeper_bot")
    working.world.promote(working.chat, bot, by=working.owner)
    doors = working.links(1, bot)[0]
    await working.read()
    for act, wish in ((Act.REVOKE, {}), (Act.EDIT, terms())):
        refused = await working.ended(await working.asks(act, doors, **wish))
        assert (refused.state, refused.reason) == (ErrandState.REFUSED, "only-that-bot")
    assert working.calls(EDIT) == []


async def test_the_askers_rights_are_asked_of_telegram_just_before(working: Bench, ann: Person) -> None:
    bob = working.world.add_person("Bob")
    anns, bobs = working.links(2, ann)
    await working.read()
    for rights, reason in (
        (None, "no-right"),
        (Rights(invite_users=False), "no-right"),
        (Rights(), "no-right"),
    ):
        if rights is not None:
            working.world.promote(working.chat, bob, by=working.owner, rights=rights)
        refused = await working.ended(await working.asks(Act.REVOKE, anns, bob))
        assert (refused.state, refused.reason) == (ErrandState.REFUSED, reason)
    assert (await working.ended(await working.asks(Act.REVOKE, anns, ann))).state == ErrandState.DONE
    await working.ledger.chats.grant(working.chat.id, bob.id, Grant.ACT, on=True, by=working.owner.id)
    assert (await working.ended(await working.asks(Act.REVOKE, bobs, bob))).state == ErrandState.DONE


async def test_a_plain_admins_account_reaches_its_own_links_only(bench: Bench) -> None:
    ann, bob = (bench.world.add_person(name) for name in ("Ann", "Bob"))
    for admin in (ann, bob):
        bench.world.promote(bench.chat, admin, by=bench.owner)
    own, bobs = bench.links(1, ann)[0], bench.links(1, bob)[0]
    await bench.signs_in(bench.owner)
    async with bench.userclient():
        await bench.read()
    bench.settings.session_file.unlink()
    await bench.signs_in(ann)
    await bench.lets_account_act()
    async with bench.userclient():
        assert (await bench.ended(await bench.asks(Act.REVOKE, own, ann))).state == ErrandState.DONE
        refused = await bench.ended(await bench.asks(Act.REVOKE, bobs))
        assert (refused.state, refused.reason) == (ErrandState.REFUSED, "not-owner")
    assert (own.revoked, bobs.revoked) == (True, False)


async def test_in_read_mode_and_where_the_host_has_not_let_it_nothing_is_sent(bench: Bench) -> None:
    link = bench.links(1)[0]
    await bench.signs_in(bench.owner)
    async with bench.userclient():
        await bench.read()
        await bench.ledger.chats.let_account_act(bench.chat.id, acts=True)
        assert (await bench.ended(await bench.asks(Act.REVOKE, link))).reason == "read-only"
    await bench.lets_account_act()
    await bench.ledger.chats.let_account_act(bench.chat.id, acts=False)
    async with bench.userclient():
        assert (await bench.ended(await bench.asks(Act.REVOKE, link))).reason == "not-let"
    assert not link.revoked


async def test_an_acting_call_in_read_mode_raises_before_it_is_sent(bench: Bench) -> None:
    link = bench.links(1)[0]

    async def never() -> None:
        raise AssertionError

    async with bench.account() as account:
        for call in (
            account.revoke(bench.chat.id, 0, link.link, never),
            account.delete(bench.chat.id, 0, link.link, never),
            account.clear(bench.chat.id, 0, None, never),
            account.answer_all(bench.chat.id, 0, None, never, approved=True),
            account.standings(bench.chat.id, 0),
        ):
            with pytest.raises(ForbiddenCall):
                await call
    assert not link.revoked


@pytest.mark.parametrize("kind", [Kind.DROP_AFTER, Kind.SILENCE, Kind.GARBLE, Kind.DROP_BEFORE])
@pytest.mark.parametrize("act", [Act.REVOKE, Act.EDIT])
async def test_a_lost_answer_is_read_back_and_done_once(working: Bench, link: InviteLink, kind: Kind, act: Act) -> None:
    working.fault(kind, EDIT)
    errand = await working.asks(act, link, **(terms(limit=5) if act == Act.EDIT else {}))
    if kind != Kind.DROP_AFTER:
        until = (await held(working, errand)).held_until or 0
        assert until == int(working.clock.now) + LATE
        calls = len(working.calls(EDIT))
        working.clock.now += LATE - 1
        await working.ledger.chats.choose(working.owner.id, None)  # news
        assert len(working.calls(EDIT)) == calls == 1
        working.clock.now += 1
    ended = await working.ended(errand)
    assert (ended.state, ended.result) == (ErrandState.DONE, {"already": 0})
    assert working.done("link.revoked" if act == Act.REVOKE else "link.edited", link) == 1


async def test_what_never_shows_ends_as_unknown_and_is_never_guessed(working: Bench, link: InviteLink) -> None:
    working.fault(Kind.SILENCE, EDIT, times=0)
    errand = await working.asks(Act.REVOKE, link)
    for _ in range(SENT_AT_MOST):
        until = (await held(working, errand)).held_until or 0
        working.clock.now = until

        async def moved_on(until: int = until) -> bool:
            now = await working.ledger.errands.get(errand.id)
            return now is not None and now.held_until != until

        await working.until(moved_on)
    ended = await working.ended(errand)
    assert (ended.state, len(working.calls(EDIT))) == (ErrandState.UNKNOWN, SENT_AT_MOST)


async def test_what_had_to_wait_before_it_was_sent_again_was_not_sent(working: Bench, link: InviteLink) -> None:
    """However often: an act that the caps hold back is not called unknown for that."""
    working.fault(Kind.DROP_BEFORE, EDIT)
    errand = await working.asks(Act.REVOKE, link)
    await held(working, errand)
    await working.ledger.errands.switch(on=False)
    for _ in range(SENT_AT_MOST):
        working.clock.now += LATE

        async def is_off() -> bool:
            now = await working.ledger.errands.get(errand.id)
            return now is not None and now.held == Held.OFF

        await working.until(is_off)
        await working.ledger.errands.hold(errand.id, None)
    await working.ledger.errands.switch(on=True)
    assert (await working.ended(errand)).state == ErrandState.DONE
    assert (link.revoked, len(working.calls(EDIT))) == (True, 2)


async def test_a_flood_wait_is_told_on_the_errand_which_can_be_cancelled_or_is_done_then(
    working: Bench, ann: Person, link: InviteLink
) -> None:
    other = working.links(1, ann)[0]
    await working.read()
    working.fault(Kind.FLOOD, EDIT, value=600)
    first = await working.asks(Act.REVOKE, link)
    waiting = await held(working, first)
    assert (waiting.state, waiting.held, waiting.sent_at) == (ErrandState.ASKED, Held.FLOOD, None)
    assert (waiting.held_until or 0) >= working.clock.now + 600
    second = await working.asks(Act.REVOKE, other)
    assert (await held(working, second)).held_until == waiting.held_until
    assert await working.ledger.errands.cancel(second.id, working.owner.id)
    working.clock.now = waiting.held_until or 0
    assert (await working.ended(first)).state == ErrandState.DONE
    assert (link.revoked, other.revoked, len(working.calls(EDIT))) == (True, False, 2)


async def test_an_act_waits_for_a_sign_in_and_is_done_after_it(bench: Bench, link: InviteLink) -> None:
    async with bench.userclient():
        await bench.read()
        bench.telegram.mtproto.revoke(bench.owner.id)
        errand = await bench.asks(Act.REVOKE, link)
        await bench.says(AccountState.LOST)
        assert [one.state for one in await bench.ledger.errands.open()] == [ErrandState.ASKED]
        await bench.signs_in(bench.owner)
        assert (await bench.ended(errand)).state == ErrandState.DONE


async def test_a_person_goes_before_the_rest_of_a_sweep(bench: Bench, ann: Person) -> None:
    link, *_ = bench.links(600, ann)
    bench.settings = bench.settings.model_copy(update={"calls_per_second": 10})  # or it ends before anyone can speak
    async with bench.userclient():
        await bench.read()
    row, third, before = (await bench.secrets())[link.link], asyncio.Event(), len(bench.calls())
    bench.telegram.faults.on_call.append(lambda method, who: third.set() if len(bench.calls()) > before + 1 else None)
    bench.settings = bench.settings.model_copy(update={"calls_per_second": 8.0})
    async with bench.userclient():
        sync, _ = await bench.ledger.errands.ask(Act.SYNC, bench.chat.id, asked_by=None)
        await third.wait()
        asked = await bench.ledger.errands.ask(Act.REVOKE, bench.chat.id, asked_by=bench.owner.id, link_id=row.id)
        await bench.ended(sync)
        assert (await bench.ended(asked[0])).state == ErrandState.DONE
    methods = [call.method for call in bench.telegram.log.calls]
    assert methods.index(EDIT) < len(methods) - 1 - methods[::-1].index("messages.getExportedChatInvites")


async def test_the_switch_stops_every_act_and_lets_them_go_on(working: Bench, ann: Person) -> None:
    one, two = working.links(2, ann)
    await working.read()
    await working.ledger.errands.switch(on=False)
    errand = await working.asks(Act.REVOKE, one)
    assert (await held(working, errand)).held == Held.OFF
    await working.ledger.errands.switch(on=True)
    assert (await working.ended(errand)).state == ErrandState.DONE
    off_switch(working.settings).touch()

    async def told() -> bool:
        return (await working.ledger.errands.power()).off_by_file

    await working.until(told)
    errand = await working.asks(Act.REVOKE, two)
    assert (await held(working, errand)).held == Held.OFF
    off_switch(working.settings).unlink()
    assert (await working.ended(errand)).state == ErrandState.DONE
    assert len(working.calls(EDIT)) == 2


async def test_no_more_is_revoked_in_an_hour_than_the_cap(working: Bench, ann: Person) -> None:
    links = working.links(ACTS_PER_HOUR + 3, ann)
    await working.read()
    errands = [await working.asks(Act.REVOKE, link) for link in links]
    waiting = await held(working, errands[-1])
    assert waiting.held == Held.CAP
    assert sum(link.revoked for link in links) == ACTS_PER_HOUR
    working.clock.now = waiting.held_until or 0
    for errand in errands:
        assert (await working.ended(errand)).state == ErrandState.DONE
    assert len(working.calls(EDIT)) == len(links)


@pytest.mark.parametrize(
    ("sent", "free"),
    [
        ([], 0),
        ([0] * 29, 0),
        ([-10] * 30, 3590),
        ([-3600] * 30, 0),
        ([-4000] * 170 + [-20] * 30, 82_400),
        ([*range(-200, 0)], 86_200),
    ],
)
def test_the_caps_tell_when_there_is_room_again(sent: list[int], free: int) -> None:
    assert next_free([10**6 + at for at in sent], 10**6) == 10**6 + free


async def test_a_revoked_link_is_deleted_and_stays_in_the_book_as_gone(working: Bench, link: InviteLink) -> None:
    assert (await working.ended(await working.asks(Act.DELETE, link))).reason == "not-revoked"
    working.world.invites.edit(working.chat, working.owner, link.link, revoked=True)
    await working.read()
    row = (await working.secrets())[link.link]
    assert (await working.ended(await working.asks(Act.DELETE, link))).state == ErrandState.DONE
    [deleted] = [one for one in await working.ledger.links.history(row.id) if one.what == "deleted"]
    assert (deleted.by, deleted.how) == (working.owner.id, "account")
    assert (await working.secrets())[link.link].state == "gone"
    again = await working.ended(await working.asks(Act.DELETE, link))
    assert (again.state, again.result["already"]) == (ErrandState.DONE, 1)
    assert link not in working.world.invites.every(working.chat)


async def test_all_revoked_links_of_one_creator_are_deleted_and_no_others(working: Bench, ann: Person) -> None:
    anns, [owners] = working.links(3, ann), working.links(1)
    for one in (*anns[:2], owners):
        working.world.invites.edit(working.chat, working.owner, one.link, revoked=True)
    await working.read()
    errand, _ = await working.ledger.errands.ask(Act.CLEAR, working.chat.id, asked_by=working.owner.id, about=ann.id)
    ended = await working.ended(errand)
    assert (ended.state, ended.result["n"]) == (ErrandState.DONE, 2)
    states = {link: row.state for link, row in (await working.secrets()).items()}
    assert [states[one.link] for one in (*anns, owners)] == ["gone", "gone", "live", "revoked"]


@pytest.mark.parametrize("kind", [Kind.DROP_AFTER, Kind.DROP_BEFORE])
async def test_without_an_answer_no_link_revoked_since_is_deleted(working: Bench, ann: Person, kind: Kind) -> None:
    seen, since = working.links(2, ann)
    revoke = partial(working.world.invites.edit, working.chat, working.owner, revoked=True)
    revoke(seen.link)
    await working.read()
    working.fault(kind, CLEAR)
    loop = asyncio.get_running_loop()

    def at_the_same_time(method: str, who: int | None) -> None:
        if method == CLEAR:
            loop.call_soon(revoke, since.link)

    working.telegram.faults.on_call.append(at_the_same_time)
    errand, _ = await working.ledger.errands.ask(Act.CLEAR, working.chat.id, asked_by=working.owner.id, about=ann.id)
    working.clock.now = (await held(working, errand)).held_until or 0
    assert (await working.ended(errand)).state == ErrandState.UNKNOWN
    every = working.world.invites.every(working.chat)
    assert (since in every, seen in every) == (True, kind == Kind.DROP_BEFORE)
    assert len(working.calls(CLEAR)) == 1


async def test_without_an_answer_links_that_are_listed_no_more_were_deleted(working: Bench, ann: Person) -> None:
    links = working.links(2, ann)
    for one in links:
        working.world.invites.edit(working.chat, working.owner, one.link, revoked=True)
    await working.read()
    working.fault(Kind.DROP_AFTER, CLEAR)
    errand, _ = await working.ledger.errands.ask(Act.CLEAR, working.chat.id, asked_by=working.owner.id, about=ann.id)
    ended = await working.ended(errand)
    assert (ended.state, ended.result) == (ErrandState.DONE, {"already": 0, "n": 2})
    assert len(working.calls(CLEAR)) == 1


@pytest.mark.parametrize("later", [False, True])
async def test_without_an_answer_who_asks_since_is_not_declined(working: Bench, ann: Person, later: bool) -> None:
    asking = working.world.invites.export(working.chat, ann, title="Asking", request_needed=True)
    await working.read()
    ida, jon = (working.telegram.person(working.world.add_person(name)) for name in ("Ida", "Jon"))
    await ida.joins(asking)
    working.fault(Kind.DROP_BEFORE, ANSWER_ALL)
    errand = await working.asks(Act.DECLINE, asking)
    until = (await held(working, errand)).held_until or 0
    working.clock.now = until - 1
    if later:
        await jon.joins(asking)
    working.clock.now = until
    ended = await working.ended(errand)
    assert ended.state == (ErrandState.UNKNOWN if later else ErrandState.DONE)
    assert len(working.calls(ANSWER_ALL)) == (1 if later else 2)
    assert [*asking.requested] == ([ida.person.id, jon.person.id] if later else [])


@pytest.mark.parametrize("act", [Act.APPROVE, Act.DECLINE])
async def test_everybody_who_waits_by_a_link_is_answered_at_once(working: Bench, ann: Person, act: Act) -> None:
    asking = working.world.invites.export(working.chat, ann, title="Asking", request_needed=True)
    await working.read()
    guests = [working.world.add_person(name) for name in ("Ida", "Jon")]
    for guest in guests:
        await working.telegram.person(guest).joins(asking)
    ended = await working.ended(await working.asks(act, asking))
    assert (ended.state, ended.result["n"]) == (ErrandState.DONE, 2)
    assert [working.chat.present(guest.id) for guest in guests] == [act == Act.APPROVE] * 2
    nobody = await working.ended(await working.asks(act, asking))
    assert nobody.result == {"already": 1, "n": 0}

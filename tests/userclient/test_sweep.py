"""The sweep, by a real Telethon client over a real wire into a real ledger file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from telethon.tl import functions, types

from ledger.chats import Role, SeenChat
from sandbox.chats import Kind as ChatKind
from sandbox.chats import Rights
from sandbox.faults import Kind
from sandbox.mtproto.calls import METHODS, Caller
from tests.userclient.conftest import Bench
from userclient.errors import NoAnswer, Offline, TryLater
from userclient.place import NotInChat


async def test_links_of_one_second_come_whole_and_a_second_sweep_changes_nothing(bench: Bench) -> None:
    bench.links(250, per_second=250)
    async with bench.account() as account:
        first = await bench.sweep(account)
        second = await bench.sweep(account)
    await bench.assert_equal()
    assert (first.new, first.links, first.gone) == (251, 251, 0)
    assert (second.new, second.changed, second.gone, second.links) == (0, 0, 0, 251)


async def test_five_thousand_links_of_twenty_admins_come_whole(bench: Bench) -> None:
    for number in range(19):
        admin = bench.world.add_person(f"Admin {number}")
        bench.world.promote(bench.chat, admin, by=bench.owner)
        bench.links(249, admin, per_second=50)
    bench.links(249, per_second=50)
    async with bench.account() as account:
        first = await bench.sweep(account)
        second = await bench.sweep(account)
    await bench.assert_equal()
    assert (first.new, first.coverage.readable, first.coverage.known) == (5000, 20, 20)
    assert (second.new, second.changed, second.gone) == (0, 0, 0)


async def test_a_listing_that_ends_on_a_full_page_ends(bench: Bench) -> None:
    bench.links(199)
    async with bench.account() as account:
        assert (await bench.sweep(account)).links == 200


async def test_what_moved_between_two_sweeps_is_told(bench: Bench) -> None:
    kept, revoked, deleted = bench.links(3)
    async with bench.account() as account:
        await bench.sweep(account)
        bench.world.invites.edit(bench.chat, bench.owner, kept.link, title="Otherwise")
        bench.world.invites.edit(bench.chat, bench.owner, revoked.link, revoked=True)
        bench.world.invites.edit(bench.chat, bench.owner, deleted.link, revoked=True)
        bench.forget(deleted)
        bench.links(1)
        result = await bench.sweep(account)
    states = {link: str(row.state) for link, row in (await bench.secrets()).items()}
    assert (result.new, result.changed, result.gone) == (1, 2, 1)
    assert (states[revoked.link], states[deleted.link], states[kept.link]) == ("revoked", "gone", "live")


@pytest.mark.parametrize("kind", [Kind.CUT, Kind.DROP_AFTER, Kind.SILENCE, Kind.GARBLE])
async def test_cut_at_every_page_no_row_is_lost_and_the_end_is_the_world(bench: Bench, kind: Kind) -> None:
    helper = bench.world.add_person("Ann")
    bench.world.promote(bench.chat, helper, by=bench.owner)
    links = [*bench.links(220, per_second=110), *bench.links(130, helper)]
    for link in links[::2]:
        bench.world.invites.edit(bench.chat, bench.world.people[link.creator_id], link.link, revoked=True)
    async with bench.account(limit=1.0) as account:
        pages = (await bench.sweep(account)).pages
        for page in range(pages):
            bench.fault(kind, skip=page)
            result = None
            while result is None:
                with suppress(Offline, NoAnswer):  # a busy machine may be late more often than it was silenced
                    if not account.connected:
                        await account.connect()
                    result = await bench.sweep(account)
            assert result.gone == 0
            assert len([row for row in await bench.rows() if row.state != "gone"]) == len(links) + 2
        assert (await bench.sweep(account)).coverage.readable == 2
    await bench.assert_equal()


async def test_a_sweep_goes_on_at_the_page_it_had_reached(bench: Bench) -> None:
    bench.links(350)
    async with bench.account() as account:
        bench.fault(Kind.CUT, skip=2)
        with pytest.raises(Offline):
            await bench.sweep(account)
        assert len(await bench.rows()) == 200
        before = len(bench.calls())
        await account.connect()
        result = await bench.sweep(account)
    assert len(bench.calls()) - before == 4  # two full of links, the empty one after them, the revoked ones
    assert (result.new, result.links) == (351, 351)


async def test_a_flood_wait_keeps_what_was_read_and_no_call_is_early(bench: Bench) -> None:
    bench.links(350)
    async with bench.account() as account:
        flood = bench.fault(Kind.FLOOD, value=77, skip=2)
        with pytest.raises(TryLater) as wait:
            await bench.sweep(account)
        assert flood.times == 0
        bench.gate = bench.new_gate()
        asked = len(bench.calls())
    async with bench.account() as account:  # another start of the program
        bench.clock.now = wait.value.until - 1
        with pytest.raises(TryLater):
            await bench.sweep(account)
        assert len(bench.calls()) == asked
        assert len(bench.calls("messages.getAdminsWithInvites")) == 2  # other methods go on
        bench.clock.now = wait.value.until
        await bench.sweep(account)
    await bench.assert_equal()


async def test_an_answer_it_cannot_read_costs_coverage_and_no_row(bench: Bench) -> None:
    helper = bench.world.add_person("Ann")
    bench.world.promote(bench.chat, helper, by=bench.owner)
    bench.links(120, helper)
    async with bench.account() as account:
        await bench.sweep(account)
        bench.fault(Kind.GARBLE, skip=2)
        result = await bench.sweep(account)
    assert (result.gone, result.coverage.readable, result.coverage.known) == (0, 1, 2)
    assert len(await bench.rows()) == 122


async def test_an_admin_reads_his_own_links_and_says_so(bench: Bench) -> None:
    ann = bench.world.add_person("Ann")
    bench.world.promote(bench.chat, ann, by=bench.owner)
    bench.links(5)
    bench.links(3, ann)
    await bench.ledger.chats.set_admins(bench.chat.id, [bench.owner.id, ann.id], told_by="bot")
    async with bench.account(ann) as account:
        result = await bench.sweep(account)
    assert {row.creator_id for row in await bench.rows()} == {ann.id}
    assert (result.links, result.coverage.readable, result.coverage.known) == (4, 1, 2)
    chat = await bench.ledger.chats.get(bench.chat.id)
    assert chat
    assert chat.account_role == Role.ADMIN


async def test_after_the_owner_changed_others_links_stay_unread_not_gone(bench: Bench) -> None:
    ann = bench.world.add_person("Ann")
    bench.world.promote(bench.chat, ann, by=bench.owner)
    bench.links(3, ann)
    async with bench.account() as account:
        await bench.sweep(account)
        bench.world.change_owner(bench.chat, ann)
        result = await bench.sweep(account)
    assert (result.gone, result.coverage.readable, result.coverage.known) == (0, 1, 2)
    assert not [row for row in await bench.rows() if row.state == "gone"]


async def test_a_demoted_admin_reads_nothing_and_marks_nothing_gone(bench: Bench) -> None:
    ann = bench.world.add_person("Ann")
    bench.world.promote(bench.chat, ann, by=bench.owner)
    bench.links(3, ann)
    async with bench.account(ann) as account:
        await bench.sweep(account)
        bench.world.demote(bench.chat, ann, by=bench.owner)
        result = await bench.sweep(account)
    assert (result.gone, result.coverage.readable) == (0, 0)
    chat = await bench.ledger.chats.get(bench.chat.id)
    assert chat
    assert chat.account_role == Role.MEMBER


async def test_an_admin_without_the_right_is_known_as_powerless(bench: Bench) -> None:
    ann = bench.world.add_person("Ann")
    bench.world.promote(bench.chat, ann, by=bench.owner, rights=Rights(invite_users=False))
    async with bench.account(ann) as account:
        await bench.sweep(account)
    chat = await bench.ledger.chats.get(bench.chat.id)
    assert chat
    assert chat.account_role == Role.POWERLESS


async def test_a_chat_the_account_left_is_told_apart_and_keeps_its_rows(bench: Bench) -> None:
    ann = bench.world.add_person("Ann")
    bench.world.promote(bench.chat, ann, by=bench.owner)
    bench.links(3, ann)
    async with bench.account(ann) as account:
        await bench.sweep(account)
        bench.world.remove(bench.chat, ann, by=bench.owner)
        with pytest.raises(NotInChat):
            await bench.sweep(account)
    assert not [row for row in await bench.rows() if row.state == "gone"]
    chat = await bench.ledger.chats.get(bench.chat.id)
    assert chat
    assert chat.account_role == Role.OUTSIDE


async def test_another_accounts_access_hash_is_found_anew(bench: Bench) -> None:
    bench.links(3)
    await bench.ledger.chats.account_place(bench.chat.id, Role.OWNER, 12345)
    async with bench.account() as account:
        assert (await bench.sweep(account)).links == 4


async def test_a_bots_links_are_read_by_the_owners_account(bench: Bench) -> None:
    bot = bench.world.add_bot("Door Keeper", "door_keeper_bot")
    bench.world.promote(bench.chat, bot, by=bench.owner)
    bench.links(3, bot)
    async with bench.account() as account:
        assert (await bench.sweep(account)).coverage.readable == 2
    await bench.assert_equal()


@pytest.mark.parametrize("kind", [ChatKind.GROUP, ChatKind.CHANNEL])
async def test_basic_groups_and_channels_are_swept_alike(bench: Bench, kind: ChatKind) -> None:
    bench.chat = bench.world.add_chat("Elsewhere", bench.owner, kind=kind)
    await bench.ledger.chats.saw(SeenChat(bench.chat.id, "Elsewhere", kind.value), trusted=True)
    bench.links(130)
    async with bench.account() as account:
        assert (await bench.sweep(account)).links == 131
    await bench.assert_equal()


Answer = Any  # messages.exportedChatInvites; Telethon has no types


@contextmanager
def listings_answered(
    way: Callable[[Answer, functions.messages.GetExportedChatInvitesRequest], Answer],
) -> Iterator[None]:
    """A server that answers listings in a way of its own."""
    honest = METHODS[functions.messages.GetExportedChatInvitesRequest]

    async def answer(caller: Caller, request: functions.messages.GetExportedChatInvitesRequest) -> Answer:
        return way(await honest(caller, request), request)

    METHODS[functions.messages.GetExportedChatInvitesRequest] = answer
    try:
        yield
    finally:
        METHODS[functions.messages.GetExportedChatInvitesRequest] = honest


async def test_a_count_that_is_wrong_loses_no_link(bench: Bench) -> None:
    def short(answer: Answer, request: object) -> Answer:
        answer.count = len(answer.invites) // 2
        return answer

    def long(answer: Answer, request: object) -> Answer:
        answer.count += 3
        return answer

    bench.links(250)
    async with bench.account() as account:
        for wrong in (short, long):
            with listings_answered(wrong):
                result = await bench.sweep(account)
            assert (result.links, result.gone, result.coverage.readable) == (251, 0, 1)
    await bench.assert_equal()


async def test_pages_shorter_than_asked_for_lose_no_link(bench: Bench) -> None:
    def few(answer: Answer, request: object) -> Answer:
        answer.invites = answer.invites[:20]
        return answer

    bench.links(90)
    async with bench.account() as account:
        with listings_answered(few):
            assert (await bench.sweep(account)).links == 91
    await bench.assert_equal()


async def test_a_listing_that_never_ends_is_unreadable_not_read_for_ever(bench: Bench) -> None:
    first: list[Answer] = []

    def again(answer: Answer, request: object) -> Answer:
        first.append(answer)
        return first[0]

    bench.links(150)
    async with bench.account() as account:
        with listings_answered(again):
            result = await bench.sweep(account)
        assert (result.gone, result.coverage.readable) == (0, 0)
        await bench.sweep(account)
    await bench.assert_equal()


async def test_links_cut_short_by_telegram_are_not_taken_for_gone(bench: Bench) -> None:
    def cut(answer: Answer, request: object) -> Answer:
        for invite in answer.invites[1::2]:
            invite.link = invite.link[:21] + "..."
        return answer

    bench.links(5)
    async with bench.account() as account:
        await bench.sweep(account)
        with listings_answered(cut):
            result = await bench.sweep(account)
    assert (result.gone, result.coverage.readable) == (0, 0)
    await bench.assert_equal()


async def test_a_slot_without_a_link_stops_nothing(bench: Bench) -> None:
    def with_requests(answer: Answer, request: functions.messages.GetExportedChatInvitesRequest) -> Answer:
        if answer.invites:
            answer.invites.append(types.ChatInvitePublicJoinRequests())
        return answer

    bench.links(150)
    async with bench.account() as account:
        with listings_answered(with_requests):
            assert (await bench.sweep(account)).links == 151
    await bench.assert_equal()

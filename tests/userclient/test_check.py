"""A check finds what moved since the last reading, and costs what moved."""

from __future__ import annotations

from collections import Counter

import pytest

from ledger.chats import Role, SeenChat, SeenPerson
from ledger.links import SeenLink
from sandbox.chats import Kind as ChatKind
from sandbox.chats import Person
from sandbox.faults import Kind
from sandbox.invites import InviteLink
from tests.userclient.conftest import Bench, never_mind
from userclient.account import Account
from userclient.checking import Found, check
from userclient.errors import Offline


async def checks(bench: Bench, account: Account) -> tuple[Found, Counter[str]]:
    """What a check of the chat found, and its calls by method. A clock that was set is compared (help.getConfig)
    whatever is asked, and tests set it."""
    before = len(bench.telegram.log.calls)
    found = await check(account, bench.ledger, bench.chat.id, never_mind)
    made = Counter(call.method.partition(".")[2] for call in bench.telegram.log.calls[before:])
    del made["getConfig"]
    return found, made


def helper(bench: Bench, name: str = "Ann") -> Person:
    person = bench.world.add_person(name)
    bench.world.promote(bench.chat, person, by=bench.owner)
    return person


def revoke(bench: Bench, link: InviteLink) -> None:
    bench.world.invites.edit(bench.chat, bench.world.people[link.creator_id], link.link, revoked=True)


@pytest.mark.parametrize("links", [1_000, 10_000])
async def test_a_chat_in_which_nothing_moved_costs_two_calls_whatever_its_size(bench: Bench, links: int) -> None:
    creators = [bench.owner, *(helper(bench, f"Admin {n}") for n in range(9))]
    for creator in creators:
        bench.links(links // 10 - 1, creator, per_second=10)
    async with bench.account() as account:
        await bench.sweep(account)
        for _ in range(2):
            found, calls = await checks(bench, account)
            assert found == Found()
            assert calls.total() <= 2


async def test_ten_new_links_of_three_creators_cost_three_pages_more(bench: Bench) -> None:
    creators = [helper(bench, f"Admin {n}") for n in range(3)]
    for creator in creators:
        bench.links(250, creator)
    async with bench.account() as account:
        await bench.sweep(account)
        for n in range(10):
            bench.links(1, creators[n % 3])
        found, calls = await checks(bench, account)
        assert (found.new, found.swept, calls["getExportedChatInvites"]) == (10, 0, 3)
        assert calls.total() <= 2 + 3
    await bench.assert_equal()


async def test_more_new_links_than_a_page_are_all_found_at_the_head(bench: Bench) -> None:
    bench.links(300)
    async with bench.account() as account:
        await bench.sweep(account)
        bench.links(230)
        found, calls = await checks(bench, account)
    assert (found.new, found.swept, calls["getExportedChatInvites"]) == (230, 0, 3)
    await bench.assert_equal()


async def test_what_the_bot_did_itself_costs_no_call(bench: Bench) -> None:
    bot = bench.world.add_bot("Door Keeper", "door_keeper_bot")
    bench.world.promote(bench.chat, bot, by=bench.owner)
    await bench.ledger.programs.set_bot_identity(SeenPerson(bot.id, bot.name, bot.username, is_bot=True))
    bench.links(120, bot)
    async with bench.account() as account:
        await bench.sweep(account)
        made, revoked = bench.links(2, bot)
        for number, one in enumerate((made, revoked)):
            row = await bench.ledger.links.made(bench.chat.id, seen(one), asked_by=bench.owner.id, update_id=number)
        revoke(bench, revoked)
        await bench.ledger.links.revoked(row.id, by=bench.owner.id, how="bot")
        found, calls = await checks(bench, account)
    assert (found.new, found.changed, found.swept) == (0, 0, 0)
    assert calls.total() == 2


def seen(link: InviteLink) -> SeenLink:
    return SeenLink(link.link, link.creator_id, title=link.title, created=link.date)


async def test_a_new_admin_is_read_whole_and_the_others_are_left(bench: Bench) -> None:
    bench.links(120)
    async with bench.account() as account:
        await bench.sweep(account)
        revoke(bench, bench.links(2, ann := helper(bench))[0])
        found, calls = await checks(bench, account)
        assert (found.new, found.swept, calls["getExportedChatInvites"]) == (3, 1, 2)
        coverage = await bench.ledger.sweeps.coverage(bench.chat.id)
        assert coverage
        assert (coverage.readable, coverage.known) == (2, 2)
        assert (await checks(bench, account))[1]["getExportedChatInvites"] == 0
    assert ann.id in {row.creator_id for row in await bench.rows()}
    await bench.assert_equal()


async def test_where_the_head_explains_nothing_that_creator_alone_is_swept(bench: Bench) -> None:
    """As where links were deleted and nobody told."""
    ann = helper(bench)
    bench.links(350)
    gone = bench.links(150, ann)[20]
    async with bench.account() as account:
        revoke(bench, gone)
        await bench.sweep(account)
        bench.forget(gone)
        found, calls = await checks(bench, account)
        assert (found.changed, found.swept) == (1, 1)
        assert calls["getExportedChatInvites"] <= 1 + 2 + 1  # the head, and Ann's two listings
        assert (await checks(bench, account))[0] == Found()
    states = {link: str(row.state) for link, row in (await bench.secrets()).items()}
    assert states[gone.link] == "gone"


async def test_a_check_stopped_in_the_middle_is_ended_by_the_next(bench: Bench) -> None:
    ann = helper(bench)
    gone = bench.links(250, ann)[20]
    async with bench.account() as account:
        await bench.sweep(account)
        bench.world.invites._listings[bench.chat.id, ann.id, False].remove(gone)
        bench.fault(Kind.CUT, skip=2)
        with pytest.raises(Offline):
            await checks(bench, account)
        assert await bench.ledger.sweeps.progress(bench.chat.id)
        await account.connect()
        await checks(bench, account)
    assert await bench.ledger.sweeps.progress(bench.chat.id) is None
    assert [str(row.state) for row in await bench.rows()].count("gone") == 1


async def test_a_count_that_stays_wrong_is_looked_into_once(bench: Bench) -> None:
    bench.links(50)
    async with bench.account() as account:
        await bench.sweep(account)
        bench.world.invites._listings[bench.chat.id, bench.owner.id, True].append(link := bench.links(1)[0])
        del bench.world.invites._by_hash[link.hash]
        first, second = [(await checks(bench, account))[1] for _ in range(2)]
        assert first["getExportedChatInvites"] > 0
        assert second["getExportedChatInvites"] == 0


async def test_the_bot_may_make_links_while_the_probe_is_asked(bench: Bench) -> None:
    bot = bench.world.add_bot("Door Keeper", "door_keeper_bot")
    bench.world.promote(bench.chat, bot, by=bench.owner)
    bench.links(3, bot)
    async with bench.account() as account:
        await bench.sweep(account)
        late = bench.links(1, bot)[0]
        await bench.ledger.links.made(bench.chat.id, seen(late), asked_by=1, update_id=1)
        assert (await checks(bench, account))[1]["getExportedChatInvites"] == 0


@pytest.mark.parametrize("kind", [ChatKind.SUPERGROUP, ChatKind.GROUP])
async def test_an_admins_account_checks_its_own_links(bench: Bench, kind: ChatKind) -> None:
    if kind is ChatKind.GROUP:
        bench.chat = bench.world.add_chat("Go club", bench.owner, kind=kind)
        await bench.ledger.chats.saw(SeenChat(bench.chat.id, "Go club", "group"), trusted=True)
    ann = helper(bench)
    bench.links(150)
    bench.links(150, ann)
    async with bench.account(ann) as account:
        await bench.sweep(account)
        bench.links(3, ann)
        found, calls = await checks(bench, account)
        assert (found.new, found.swept) == (3, 0)
        found, calls = await checks(bench, account)
        assert found == Found()
        assert calls.total() <= 4
    chat = await bench.ledger.chats.get(bench.chat.id)
    assert chat
    assert chat.account_role == Role.ADMIN
    assert len(await bench.rows()) == 154


async def test_another_role_wants_a_sweep(bench: Bench) -> None:
    ann = helper(bench)
    bench.links(3, ann)
    async with bench.account(ann) as account:
        await bench.sweep(account)
        bench.world.change_owner(bench.chat, ann)
        await checks(bench, account)
    assert [one.swept_at for one in await bench.ledger.checks.ages()] == [0]


async def test_a_first_sweep_costs_one_call_more_than_listing_all(bench: Bench) -> None:
    for n in range(4):
        bench.links(220, helper(bench, f"Admin {n}"))
    async with bench.account() as account:
        before = len(bench.telegram.log.calls)
        result = await bench.sweep(account)
        calls = Counter(call.method for call in bench.telegram.log.calls[before:])
    bare = sum(-(-count // 100) for count in (1, *[221] * 4)) + 5  # a loop over all listings, each to its last page
    assert calls["messages.getExportedChatInvites"] == bare == result.pages
    assert calls.total() - bare <= 2  # the probe, and where the chat is

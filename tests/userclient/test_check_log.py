"""What Telegram's admin log tells a check: who changed a link, who joined by one, and for one call."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from ledger.actions import KEPT
from ledger.joins import SeenJoin
from ledger.links import CutLink
from ledger.store.file import path_of
from ledger.store.sqlite import sqlite3
from sandbox.faults import Kind
from sandbox.invites import InviteLink
from tests.userclient.conftest import Bench
from tests.userclient.test_check import checks, helper, revoke
from userclient.checking import LOG_PAGES, Found

LOG = "channels.getAdminLog"
_JOINS = """SELECT person_id, (SELECT number FROM link WHERE link.id = link_id), how, by_request, approved_by,
    update_id FROM "join" ORDER BY id"""


def joins(bench: Bench) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path_of(bench.settings.ledger_url))) as connection:
        return connection.execute(_JOINS).fetchall()


def joined(bench: Bench, link: InviteLink, name: str = "Kim") -> int:
    bench.clock.now += 1
    person = bench.world.add_person(name)
    bench.world.invites.use(person, link.hash)
    return person.id


async def history(bench: Bench, link: InviteLink) -> list[tuple[str, int | None, str]]:
    row = (await bench.secrets())[link.link]
    return [(event.what, event.by, event.how) for event in await bench.ledger.links.history(row.id)]


@pytest.fixture(params=[True, False], ids=["whole", "cut"])
def shown(request: pytest.FixtureRequest, bench: Bench) -> Bench:
    """Whether Telegram shows the owner others' links whole there is not known."""
    bench.world.owner_sees_links_in_log = request.param
    return bench


async def test_edits_revokes_and_deletions_are_told_for_no_page_read(shown: Bench) -> None:
    bench, ann = shown, helper(shown)
    edited, revoked, deleted = bench.links(3, ann)
    bench.links(150, ann)
    async with bench.account() as account:
        await bench.sweep(account)
        await checks(bench, account)
        bench.clock.now += 60
        bench.world.invites.edit(bench.chat, ann, edited.link, title="Otherwise", usage_limit=9)
        for link in (revoked, deleted):
            revoke(bench, link)
        bench.world.invites.delete(bench.chat, bench.owner, deleted.link)
        found, calls = await checks(bench, account)
        assert found == Found(logged=4)
        assert calls["getExportedChatInvites"] == 0
        assert calls.total() == 2
        assert (await checks(bench, account))[0] == Found()
    rows = await bench.secrets()
    assert [str(rows[one.link].state) for one in (edited, revoked, deleted)] == ["live", "revoked", "gone"]
    assert (rows[edited.link].title, rows[edited.link].limit) == ("Otherwise", 9)
    assert ("edited", ann.id, "log") in await history(bench, edited)
    assert ("revoked", ann.id, "log") in await history(bench, revoked)
    assert ("deleted", bench.owner.id, "log") in await history(bench, deleted)


async def test_who_did_what_a_sweep_found_done_is_named_later(shown: Bench) -> None:
    bench, ann = shown, helper(shown)
    [link] = bench.links(1, ann)
    async with bench.account() as account:
        await bench.sweep(account)
        bench.clock.now += 60
        revoke(bench, link)
        await bench.sweep(account)
        assert ("revoked", None, "sweep") in await history(bench, link)
        await checks(bench, account)
    revokes = [one for one in await history(bench, link) if one[0] == "revoked"]
    assert revokes == [("revoked", ann.id, "sweep")]


async def test_joins_by_link_are_rows_and_count_once(shown: Bench) -> None:
    bench = shown
    [link] = bench.links(1, helper(bench))
    async with bench.account() as account:
        joined(bench, link, "Before")
        await bench.sweep(account)
        after = joined(bench, link, "After")
        for _ in range(2):
            await checks(bench, account)
        row = (await bench.secrets())[link.link]
        assert row.joined == link.usage == 2
        assert [one[0] for one in joins(bench)][-1] == after
        assert {one[1:] for one in joins(bench)} == {(row.number, "account", 0, None, None)}
        await bench.sweep(account)
    await bench.assert_equal()


@pytest.mark.parametrize("first", ["bot", "account"])
async def test_a_join_that_both_saw_is_one_join(shown: Bench, first: str) -> None:
    bench = shown
    [link] = bench.links(1, helper(bench))
    async with bench.account() as account:
        await bench.sweep(account)
        who = joined(bench, link)
        seen = SeenJoin(bench.chat.id, who, int(bench.clock.now) + 1, 77, CutLink(link.cut[:-3], link.creator_id))
        if first == "bot":
            await bench.ledger.links.seen_in_update(seen)
        await checks(bench, account)
        for _ in range(2):
            await bench.ledger.links.seen_in_update(seen)
    row = (await bench.secrets())[link.link]
    assert row.joined == 1
    assert [(one[0], one[5]) for one in joins(bench)] == [(who, 77)]


async def test_a_join_by_request_says_who_let_him_in(shown: Bench) -> None:
    bench = shown
    ann = helper(bench)
    link = bench.world.invites.export(bench.chat, ann, request_needed=True)
    async with bench.account() as account:
        await bench.sweep(account)
        bench.clock.now += 60
        kim = bench.world.add_person("Kim")
        bench.world.requests.ask(bench.chat, kim, link)
        bench.world.requests.hide(bench.chat, bench.owner, kim, approved=True)
        await checks(bench, account)
    number = (await bench.secrets())[link.link].number
    assert joins(bench) == [(kim.id, number, "account", 1, bench.owner.id, None)]


async def test_a_hundred_joins_and_more_are_read_page_by_page(bench: Bench) -> None:
    [link] = bench.links(1)
    async with bench.account() as account:
        await bench.sweep(account)
        await checks(bench, account)
        for n in range(230):
            joined(bench, link, f"Guest {n}")
        found, calls = await checks(bench, account)
    assert (found.logged, calls["getAdminLog"]) == (230, 3)
    assert (await bench.secrets())[link.link].joined == 230


async def test_cut_in_the_middle_of_the_log_nothing_is_lost_or_counted_twice(bench: Bench) -> None:
    [link] = bench.links(1)
    async with bench.account() as account:
        await bench.sweep(account)
        for n in range(150):
            joined(bench, link, f"Guest {n}")
        bench.fault(Kind.CUT, LOG, skip=1)
        with pytest.raises(Exception, match="connection"):
            await checks(bench, account)
        await account.connect()
        await checks(bench, account)
    assert (await bench.secrets())[link.link].joined == 150
    assert len(joins(bench)) == 150


async def test_a_log_that_was_not_read_for_two_days_wants_a_sweep(bench: Bench) -> None:
    async with bench.account() as account:
        await bench.sweep(account)
        await checks(bench, account)
        bench.clock.now += KEPT - 60
        await checks(bench, account)
        assert (await bench.ledger.checks.ages())[0].swept_at
        bench.clock.now += KEPT + 60
        await checks(bench, account)
        assert (await bench.ledger.checks.ages())[0].swept_at == 0


async def test_a_log_longer_than_a_check_reads_wants_a_sweep(bench: Bench) -> None:
    [link] = bench.links(1)
    async with bench.account() as account:
        await bench.sweep(account)
        await checks(bench, account)
        for _ in range(LOG_PAGES * 100 + 50):
            bench.world.invites.edit(bench.chat, bench.owner, link.link, title="Again")
        _, calls = await checks(bench, account)
        assert calls["getAdminLog"] == LOG_PAGES
        assert (await bench.ledger.checks.ages())[0].swept_at == 0
        assert (await checks(bench, account))[1]["getAdminLog"] == 1


@pytest.mark.parametrize("fault", [Kind.FLOOD, Kind.ERROR, Kind.GARBLE])
async def test_a_log_that_cannot_be_read_stops_no_check(bench: Bench, fault: Kind) -> None:
    bench.links(3)
    async with bench.account() as account:
        await bench.sweep(account)
        bench.fault(fault, LOG, value=403 if fault is Kind.ERROR else 60, name="CHAT_ADMIN_REQUIRED")
        bench.links(2)
        found, _ = await checks(bench, account)
        assert found.new == 2
    await bench.assert_equal()


async def test_an_admins_account_reads_the_log_too(bench: Bench) -> None:
    ann = helper(bench)
    [link] = bench.links(1, ann)
    async with bench.account(ann) as account:
        await bench.sweep(account)
        await checks(bench, account)
        revoke(bench, link)
        found, calls = await checks(bench, account)
    assert (found.logged, found.swept) == (1, 0)
    assert calls.total() == 3  # the probe's refusal, the log, the first page of its own links
    assert str((await bench.secrets())[link.link].state) == "revoked"

"""Sweeps of chats that are no plain supergroup: groups that migrate, channels, discussion groups; and of
primary links replaced in the app."""

from __future__ import annotations

from typing import Any

import pytest
from telethon import functions

from console import account as console
from console.book import Refused
from ledger.chats import AccountState, Role, SeenChat
from ledger.errands import Act, ErrandState
from sandbox.chats import Chat, Kind, Person, Rights
from sandbox.faults import Kind as Fault
from sandbox.invites import InviteLink
from tests.sandbox.stock_telethon import sign_in, telethon
from tests.userclient.conftest import Bench


async def group(bench: Bench, links: int, title: str = "Go club") -> Chat:
    """A basic group in place of the bench's chat, with Ann's links beside the owner's."""
    chat = bench.chat = bench.world.add_chat(title, bench.owner, kind=Kind.GROUP)
    ann = bench.world.add_person("Ann")
    bench.world.promote(chat, ann, by=bench.owner)
    bench.links(links)
    bench.links(links, ann)
    await bench.ledger.chats.saw(SeenChat(chat.id, chat.title, "group"), trusted=True)
    return chat


def upgrade(bench: Bench) -> Chat:
    bench.chat = bench.world.upgrade(bench.chat, bench.owner)
    return bench.chat


async def assert_moved(bench: Bench, old: Chat) -> None:
    """All that is in the world is in the book, under the new id, and nothing of it is gone."""
    await bench.assert_equal()
    rows = await bench.rows()
    assert {row.chat_id for row in rows} == {bench.chat.id}
    assert not [row for row in rows if row.state == "gone"]
    assert await bench.ledger.chats.now(old.id) == bench.chat.id
    chat = await bench.ledger.chats.get(bench.chat.id)
    assert chat
    assert (chat.kind, chat.account_role) == ("supergroup", Role.OWNER)
    assert chat.account_hash


async def test_a_group_that_became_a_supergroup_is_swept_on_as_that(bench: Bench) -> None:
    old = await group(bench, 3)
    async with bench.account() as account:
        await bench.sweep(account)
        numbers = {link: row.number for link, row in (await bench.secrets()).items()}
        upgrade(bench)
        bench.links(1)
        bench.chat, new = old, bench.chat  # the account has only the old id
        await bench.sweep(account)
        bench.chat = new
    await assert_moved(bench, old)
    assert {link: row.number for link, row in (await bench.secrets()).items() if link in numbers} == numbers


@pytest.mark.parametrize("at", [1, 2])  # later on, the last of six pages may be there or on its way
@pytest.mark.parametrize("first", ["account", "bot"])
async def test_a_group_may_become_a_supergroup_at_any_page_of_a_sweep(bench: Bench, at: int, first: str) -> None:
    """Whether the bot hears of it before the account meets it, or not."""
    old = await group(bench, 120)
    calls = 0

    async def on_page() -> None:
        nonlocal calls
        calls += 1
        if calls == at:
            upgrade(bench)
            if first == "bot":
                await bench.ledger.chats.migrated(old.id, bench.chat.id)

    async with bench.account() as account:
        await bench.sweep(account, on_page)
        assert calls >= at
        again = await bench.sweep(account)
    assert (again.new, again.changed, again.gone) == (0, 0, 0)
    await assert_moved(bench, old)


async def test_an_errand_goes_on_under_the_new_id_and_no_error_is_said(bench: Bench, logged: list[Any]) -> None:
    old = await group(bench, 250)
    await bench.signs_in(bench.owner)
    asked = 0

    def upgrades(method: str, who: int | None) -> None:
        nonlocal asked
        if method == "messages.getExportedChatInvites":
            asked += 1
            if asked == 2:
                upgrade(bench)

    bench.telegram.faults.on_call.append(upgrades)
    errand, _ = await bench.ledger.errands.ask(Act.SYNC, old.id, asked_by=bench.owner.id)
    async with bench.userclient():
        done = await bench.ended(errand)
        ready = await bench.says(AccountState.READY)
    assert (done.state, done.chat_id) == (ErrandState.DONE, bench.chat.id)
    assert ready.detail == ""
    assert not [line for line in logged if line["log_level"] in ("warning", "error")]
    await assert_moved(bench, old)


async def test_an_owner_who_is_refused_looks_again_whether_his_group_moved(bench: Bench) -> None:
    """How Telegram words that refusal is not known for sure."""
    old = await group(bench, 3)
    async with bench.account() as account:
        await bench.sweep(account)
        new = upgrade(bench)
        bench.fault(Fault.ERROR, "messages.getAdminsWithInvites", value=400, name="CHAT_ADMIN_REQUIRED")
        bench.chat = old
        await bench.sweep(account)
        bench.chat = new
    await assert_moved(bench, old)


async def test_the_host_is_told_the_new_id_of_a_group_the_book_does_not_know(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in bench.environment().items():
        monkeypatch.setenv(name, value)
    old = bench.world.add_chat("Unknown", bench.owner, kind=Kind.GROUP)
    new = bench.world.upgrade(old, bench.owner)
    await bench.signs_in(bench.owner)
    bench.world.clock = bench.telegram.mtproto._wire.clock  # the console lives in the real time
    with pytest.raises(Refused, match=f"--chat {new.id}"):
        await console.sync(old.id, as_json=True)


async def test_a_channel_whose_admin_is_anonymous_is_swept_like_others(bench: Bench) -> None:
    chat = bench.chat = bench.world.add_chat("Chess news", bench.owner, kind=Kind.CHANNEL)
    ann = bench.world.add_person("Ann")
    bench.world.promote(chat, ann, by=bench.owner, rights=Rights(anonymous=True))
    revoked = bench.links(3, ann)[0]
    bench.world.invites.edit(chat, ann, revoked.link, revoked=True)
    await bench.ledger.chats.saw(SeenChat(chat.id, chat.title, "channel"), trusted=True)
    async with bench.account() as account:
        result = await bench.sweep(account)
    assert (result.coverage.readable, result.coverage.known) == (2, 2)
    await bench.assert_equal()
    assert {row.creator_id for row in await bench.rows()} == {ann.id, bench.owner.id}


async def test_a_channel_and_its_discussion_group_are_two_chats_of_the_book(bench: Bench) -> None:
    talk = bench.chat
    news = bench.world.add_chat("Chess news", bench.owner, kind=Kind.CHANNEL)
    bench.world.link_discussion(news, talk, by=bench.owner)
    bench.world.messages.send(news, bench.owner, "a post, and its copy in the group")
    await bench.ledger.chats.saw(SeenChat(news.id, news.title, "channel"), trusted=True)
    async with bench.account() as account:
        for chat in (news, talk):
            bench.chat = chat
            bench.links(2)
            await bench.sweep(account)
            await bench.assert_equal()


async def replace_by_edit(client: Any, chat: Any, link: InviteLink) -> str:
    answer = await client(functions.messages.EditExportedChatInviteRequest(chat, link.link, revoked=True))
    return str(answer.new_invite.link)


async def replace_by_export(client: Any, chat: Any, link: InviteLink) -> str:
    answer = await client(functions.messages.ExportChatInviteRequest(chat, legacy_revoke_permanent=True))
    return str(answer.link)


@pytest.mark.parametrize("replace", [replace_by_edit, replace_by_export])
@pytest.mark.parametrize("whose", ["owner", "admin"])
async def test_a_primary_link_replaced_in_the_app_is_two_rows_after_the_next_sweep(
    bench: Bench, replace: Any, whose: str
) -> None:
    ann = bench.world.add_person("Ann")
    bench.world.promote(bench.chat, ann, by=bench.owner)
    person: Person = ann if whose == "admin" else bench.owner
    old = bench.world.invites.primary(bench.chat, person)
    bench.world.invites.use(bench.world.add_person("Max"), old.hash)
    async with bench.account() as account:
        await bench.sweep(account)
        number = (await bench.secrets())[old.link].number
        new = await acts_in_the_app(bench, person, replace, old)
        result = await bench.sweep(account)
        assert (result.new, result.gone) == (1, 0)
    rows = await bench.secrets()
    assert (rows[old.link].number, rows[old.link].state, rows[old.link].joined) == (number, "revoked", 1)
    assert (rows[new].primary, rows[new].state, rows[new].joined, rows[new].creator_id) == (True, "live", 0, person.id)
    assert rows[new].number not in (number, None)
    assert [row for row in rows.values() if row.primary and row.creator_id == person.id and row.state == "live"] == [
        rows[new]
    ]
    await bench.assert_equal()


async def acts_in_the_app(bench: Bench, person: Person, replace: Any, old: InviteLink) -> str:
    before = len(bench.telegram.log.calls)
    async with telethon(bench.telegram.mtproto, bench.world) as client:
        await sign_in(client, person)
        dialogs = await client.get_dialogs()
        chat = next(one.input_entity for one in dialogs if one.id == bench.chat.id)
        link = await replace(client, chat, old)
    del bench.telegram.log.calls[before:]  # what a person's own app asks is no call of the account
    return str(link)


async def test_one_account_reads_all_its_kinds_of_chats(bench: Bench) -> None:
    chats = [bench.world.add_chat(kind.value, bench.owner, kind=kind) for kind in (Kind.CHANNEL, Kind.GROUP)]
    for chat in chats:
        await bench.ledger.chats.saw(SeenChat(chat.id, chat.title, chat.kind.value), trusted=True)
    await bench.signs_in(bench.owner)
    async with bench.userclient():

        async def all_read() -> bool:
            status = await bench.ledger.host.status()
            return len(status.chats) == 3 and all(each.as_of is not None for each in status.chats)

        await bench.until(all_read)
    status = await bench.ledger.host.status()
    assert {each.chat.account_role for each in status.chats} == {Role.OWNER}

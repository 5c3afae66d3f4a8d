"""A sandbox that keeps its world goes on with it, for stock clients too."""

from __future__ import annotations

import asyncio
import json
import pickle
import stat
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from telethon import TelegramClient
from telethon.crypto import rsa
from telethon.sessions import StringSession

from sandbox.adminlog import Action
from sandbox.chats import Kind, Refusal
from sandbox.seed import surface_world
from sandbox.state import FILE, Keeper, UnreadableState, read
from sandbox.telegram import Sandbox
from tests.sandbox.stock_aiogram import aiogram
from tests.sandbox.stock_telethon import sign_in, telethon


@asynccontextmanager
async def program(folder: Path) -> AsyncIterator[dict[str, Any]]:
    """What it says of itself; killed at the end."""
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox", "--dir", str(folder), stdout=asyncio.subprocess.PIPE
    )
    assert running.stdout
    try:
        yield json.loads(await running.stdout.readline())
    finally:
        running.kill()
        await running.wait()


def client(about: dict[str, Any], session: str) -> Any:
    own_class = type("Client", (TelegramClient,), {})
    rsa.add_key(Path(about["mtproto_public_key"]).read_bytes(), old=False)
    kept = StringSession(session)
    if not session:
        host, _, port = about["mtproto_server"].partition(":")
        kept.set_dc(2, host, int(port))
    return own_class(kept, about["api_id"], about["api_hash"], connection_retries=1, timeout=30)


async def written(folder: Path, holds: Callable[[bytes], bool]) -> None:
    """Returns once the file holds what was answered before; that is to be soon."""
    async with asyncio.timeout(40):
        while not holds((folder / FILE).read_bytes()):  # noqa: ASYNC110  another program's file tells of no event
            await asyncio.sleep(0.01)


async def test_sessions_tokens_and_updates_outlive_a_kill(tmp_path: Path) -> None:
    async with program(tmp_path) as about, aiohttp.ClientSession(about["bot_api_url"]) as http:
        vera = about["people"][0]
        telethon_client = client(about, "")
        await telethon_client.connect()
        await telethon_client.send_code_request(vera["phone"])
        await telethon_client.sign_in(vera["phone"], vera["login_code"])
        dialogs = {dialog.id for dialog in await telethon_client.get_dialogs()}
        session = telethon_client.session.save()
        token = about["bots"][0]["token"]
        answer = await http.post(f"/bot{token}/getUpdates", json={"offset": 1, "limit": 1})
        [first] = (await answer.json())["result"]
        await http.post(f"/bot{token}/getUpdates", json={"offset": first["update_id"] + 1})
        ask = {"person": "Ann", "verb": "sends", "to": "Chess club", "text": "outlives all"}
        await http.post("/sandbox/act", json=ask)
        await written(tmp_path, lambda kept: b"outlives all" in kept)
        await telethon_client.disconnect()
    async with program(tmp_path) as again, aiohttp.ClientSession(again["bot_api_url"]) as http:
        assert again == about
        telethon_client = client(again, session)
        await telethon_client.connect()
        assert (await telethon_client.get_me()).id == vera["id"]
        assert {dialog.id for dialog in await telethon_client.get_dialogs()} == dialogs
        assert len(dialogs) == len(about["chats"])
        await telethon_client.disconnect()
        answer = await http.post(f"/bot{token}/getUpdates", json={})
        updates = (await answer.json())["result"]
        assert [update["update_id"] for update in updates][:1] == [first["update_id"] + 1]
        assert updates[-1]["message"]["text"] == "outlives all"


async def test_the_whole_world_goes_on(tmp_path: Path) -> None:
    async with Sandbox(tmp_path, keep=True) as telegram:
        world = telegram.world
        vera, max_, kim = (world.add_person(name) for name in ("Vera", "Max", "Kim"))
        bot = world.add_bot("Door", "door_test_bot")
        chat = world.add_chat("Chess", vera)
        other = world.add_chat("Go", vera, kind=Kind.GROUP)
        world.promote(chat, bot, by=vera)
        world.join(chat, max_)
        world.remove(chat, kim, by=vera, ban=True)
        asking = world.invites.export(chat, vera, title="Ask", request_needed=True)
        gone = world.invites.export(chat, vera, title="Gone", usage_limit=5)
        await telegram.person(vera).revokes(gone)
        lou = world.add_person("Lou")
        assert not await telegram.person(lou).joins(asking)
        async with aiogram(telegram.bot_api, bot) as stock:
            await stock.get_updates()
            keyboard = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
            world.messages.send(chat, bot, "press me", keyboard=keyboard)
        asked = await telegram.person(max_).asks("/go", in_=chat, bot=bot)
        async with telethon(telegram.mtproto, world) as client:
            await sign_in(client, max_)
            session = client.session
        ports = telegram.bot_api.url, telegram.mtproto.address
    async with Sandbox(tmp_path, keep=True) as telegram:
        assert (telegram.bot_api.url, telegram.mtproto.address) == ports
        world = telegram.world
        chat, other = world.chats[chat.id], world.chats[other.id]
        vera, max_, kim, lou = (telegram.person(name).person for name in ("Vera", "Max", "Kim", "Lou"))
        bot = world.people[bot.id]
        assert chat.owner_id == vera.id
        assert {link.link: (link.title, link.revoked) for link in world.invites.every(chat)}[gone.link] == (
            "Gone",
            True,
        )
        assert [it.person_id for it in world.requests.waiting(chat)] == [lou.id]
        with pytest.raises(Refusal, match="CHANNEL_PRIVATE"):
            await telegram.person(kim).joins(asking.link)
        assert world.invites.primary(other, vera).link in {link.link for link in world.invites.every(other)}
        screens = telegram.person(max_).sees(chat)
        assert [screen.text for screen in screens] == ["press me"]
        new = await telegram.person(max_).asks("/go again", in_=chat, bot=bot)
        assert (new.ephemeral_id or 0) == (asked.ephemeral_id or 0) + 1
        async with aiogram(telegram.bot_api, bot) as stock:
            pressing = asyncio.create_task(telegram.person(max_).presses("Go", in_=chat))
            await asyncio.sleep(0)
            kinds = [update.event_type for update in await stock.get_updates()]
            assert kinds[-2:] == ["message", "callback_query"]
            update = (await stock.get_updates(offset=-1))[0]
            assert update.callback_query
            await stock.answer_callback_query(update.callback_query.id, text="done")
            assert (await pressing).text == "done"
        async with telethon(telegram.mtproto, world, session=session) as client:
            assert (await client.get_me()).id == max_.id


async def test_a_world_is_kept_only_where_that_is_asked_for(tmp_path: Path) -> None:
    async with Sandbox(tmp_path) as telegram:
        telegram.world.add_person("Vera")
    assert not (tmp_path / FILE).exists()
    async with Sandbox(tmp_path, keep=True):
        pass
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    async with Sandbox(tmp_path) as telegram:
        assert not telegram.world.people


async def test_many_changes_are_one_write(tmp_path: Path) -> None:
    async with Sandbox(tmp_path, keep=True) as telegram:
        before = (tmp_path / FILE).stat().st_ino, (tmp_path / FILE).read_bytes()
        vera = telegram.world.add_person("Vera")
        chat = telegram.world.add_chat("Chess", vera)
        for number in range(500):
            telegram.world.invites.export(chat, vera, title=f"Link {number}")
        assert (tmp_path / FILE).read_bytes() == before[1]  # nothing is written in between
        await written(tmp_path, lambda kept: b"Link 499" in kept)
    kept = read(tmp_path)
    assert kept
    assert len(kept.owners[0]["people"]) == 1


async def test_the_larger_the_world_the_rarer_it_is_written(tmp_path: Path) -> None:
    async with Sandbox(tmp_path, keep=True) as telegram:
        keeper = Keeper(telegram)
        keeper.save()
        small = keeper._pause
        vera = telegram.world.add_person("Vera")
        chat = telegram.world.add_chat("Chess", vera)
        for number in range(20_000):
            telegram.world.invites.export(chat, vera, title=f"Link {number}")
        keeper.save()
        assert keeper._pause > small


@pytest.mark.parametrize("body", [b"", b"no pickle", pickle.dumps(["another"]), pickle.dumps(7)])
def test_what_is_no_world_is_refused(tmp_path: Path, body: bytes) -> None:
    (tmp_path / FILE).write_bytes(body)
    with pytest.raises(UnreadableState, match="remove it"):
        Sandbox(tmp_path, keep=True)
    assert (tmp_path / FILE).read_bytes() == body


async def test_the_program_refuses_what_is_no_world_in_one_line(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no pickle")
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox", "--dir", str(tmp_path), stderr=asyncio.subprocess.PIPE
    )
    _, told = await running.communicate()
    assert running.returncode == 1
    assert len(told.splitlines()) == 1
    assert b"remove it" in told
    assert (tmp_path / FILE).read_bytes() == b"no pickle"


async def test_forums_channels_and_upgraded_groups_go_on(tmp_path: Path) -> None:
    async with Sandbox(tmp_path, keep=True) as telegram:
        surface = surface_world(telegram.world)
        vera = telegram.person("Vera")
        new = await vera.upgrades(surface.basic)
        await vera.posts(surface.channel, "a post")
        telegram.beside["surface"] = surface
        titles = [topic.title for topic in surface.forum.topics.values()]
        links = sorted(
            link.link for chat in telegram.world.chats.values() for link in telegram.world.invites.every(chat)
        )
    async with Sandbox(tmp_path, keep=True) as telegram:
        world, surface = telegram.world, telegram.beside["surface"]
        assert world.chats[surface.forum.id] is surface.forum  # one world, not copies of its parts
        assert [topic.title for topic in surface.forum.topics.values()] == titles
        assert world.chats[new.id].migrated_from == surface.basic.id
        assert sorted(link.link for chat in world.chats.values() for link in world.invites.every(chat)) == links
        [copy] = [message for message in surface.discussion.messages.values() if message.automatic]
        assert (copy.text, copy.forwarded and copy.forwarded.chat) == ("a post", surface.channel)
        await telegram.person("Vera").posts(surface.channel, "another")
        assert [m.text for m in surface.discussion.messages.values() if m.automatic] == ["a post", "another"]


async def test_who_joined_who_waits_bans_and_the_admin_log_go_on(tmp_path: Path) -> None:
    async with Sandbox(tmp_path, keep=True) as telegram:
        world = telegram.world
        vera, kim, lou, tom = (telegram.person(world.add_person(name)) for name in ("Vera", "Kim", "Lou", "Tom"))
        chat = world.add_chat("Chess", vera.person)
        asking = await vera.makes_link(chat, request_needed=True)
        for who in (kim, lou):
            await who.joins(asking, bio="plays")
        await vera.approves(kim.person, in_=chat)
        await vera.bans(tom.person, from_=chat, until=world.now() + 99)
        world.slots_reopen = False
    async with Sandbox(tmp_path, keep=True) as telegram:
        world, chat = telegram.world, telegram.world.chats[chat.id]
        vera, kim, lou, tom = (telegram.person(name) for name in ("Vera", "Kim", "Lou", "Tom"))
        (joined,) = world.invites.joiners(chat, vera.person, asking.link)
        assert (joined.person_id, joined.approved_by) == (kim.person.id, vera.person.id)
        [waiting] = world.requests.waiting(chat)
        link = world.invites.get(chat, vera.person, asking.link)
        assert (waiting.person_id, waiting.about, waiting.link) == (lou.person.id, "plays", link)
        assert world.member(chat, tom.person).until
        assert [entry.action for entry in world.admin_log.read(chat, vera.person)] == [Action.JOINED_BY_REQUEST]
        await vera.revokes(link)
        assert [entry.id for entry in world.admin_log.read(chat, vera.person)] == [2, 1]
        assert world.slots_reopen is False

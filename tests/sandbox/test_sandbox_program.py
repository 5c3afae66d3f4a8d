"""The sandbox as a program: its one line, its control face, its end."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sandbox import Sandbox
from sandbox.control import Control
from sandbox.program import describe
from sandbox.seed import story_world, surface_world


@pytest.fixture
async def telegram(tmp_path: Path) -> AsyncIterator[Sandbox]:
    async with Sandbox(tmp_path) as running:
        yield running


async def test_the_program_says_where_it_is_in_one_line_and_ends_when_told(tmp_path: Path) -> None:
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox", "--dir", str(tmp_path / "new"), stdout=asyncio.subprocess.PIPE
    )
    assert program.stdout
    about = json.loads(await program.stdout.readline())
    token = about["bots"][0]["token"]
    async with aiohttp.ClientSession() as http, http.get(f"{about['bot_api_url']}/bot{token}/getMe") as response:
        assert (await response.json())["result"]["username"] == about["bots"][0]["username"]
    assert sorted((chat["kind"], chat["title"]) for chat in about["chats"]) == [
        ("channel", "Chess news"), ("group", "Chess parents"), ("supergroup", "Chess club"),
        ("supergroup", "Chess in the park"), ("supergroup", "Chess talk"), ("supergroup", "Chess workshop"),
    ]  # fmt: skip
    assert about["mtproto_public_key"] in [str(file) for file in (tmp_path / "new").iterdir()]
    program.send_signal(signal.SIGTERM)
    assert (await program.wait(), await program.stdout.read()) == (0, b"")


async def test_the_line_has_exactly_its_keys(telegram: Sandbox) -> None:
    about = describe(telegram, story_world(telegram.world))
    assert about.keys() == {
        "bot_api_url", "mtproto_server", "mtproto_public_key", "api_id", "api_hash", "control_url", "bots", "people",
        "chats",
    }  # fmt: skip
    assert {frozenset(bot) for bot in about["bots"]} == {frozenset(("token", "username", "id"))}
    assert {frozenset(who) for who in about["people"]} == {frozenset(("name", "phone", "login_code", "password", "id"))}
    names = {person["name"] for person in about["people"]}
    assert all(names >= {chat["owner"], *chat["admins"]} for chat in about["chats"])
    keys = frozenset(("id", "title", "kind", "owner", "admins", "bots"))
    assert {frozenset(chat) for chat in about["chats"]} == {keys}
    assert sum(who["password"] is not None for who in about["people"]) == 1


async def test_people_are_found_by_what_they_are_called(telegram: Sandbox) -> None:
    story = story_world(telegram.world)
    for called in ("Vera", "Vera Lind", "vera_lind", story.owner.id, story.owner):
        assert telegram.person(called) is telegram.person("Vera")
    with pytest.raises(KeyError):
        telegram.person("Invite Ledger")


async def test_the_world_can_be_moved_from_outside(tmp_path: Path) -> None:
    telegram = Sandbox(tmp_path)
    Control(telegram)
    story = story_world(telegram.world)
    async with telegram, aiohttp.ClientSession(telegram.bot_api.url) as http:

        async def post(path: str, **given: Any) -> Any:
            async with http.post(f"/sandbox/{path}", json=given) as response:
                answer = await response.json()
                assert answer["ok"] is (response.status == 200)
                return answer.get("result", answer.get("error"))

        async def act(person: str, verb: str, **given: Any) -> Any:
            return await post("act", person=person, verb=verb, **given)

        link = await act("Ann", "makes_link", chat="Chess club", title="Door", usage_limit=2)
        assert await act("Kim", "joins", link=link) is True
        assert await act("Kim", "sends", to="Chess club", text="hello") == story.chat.last_message_id
        assert [screen["text"] for screen in await act("Max", "sees", **{"in": "Chess club"})] == ["hello"]
        assert await act("Max", "asks", **{"in": "Chess club"}, bot="invite_ledger_bot", text="/go") == 1
        await act("Ann", "revokes", link=link)
        assert await act("Zed", "joins", link=link) == "INVITE_HASH_EXPIRED"
        await act("Vera", "promotes", who="Max", chat="Chess club", rights={"invite_users": False})
        assert not story.chat.may_invite(story.member.id)
        await act("Vera", "demotes", who="Max", chat="Chess club")
        await act("Max", "leaves", chat="Chess club")
        await act("Vera", "removes", who="Kim", chat="Chess club", ban=True)
        assert not story.chat.present(story.member.id)
        await act("Zed", "blocks", bot="invite_ledger_bot")
        await act("Zed", "unblocks", bot="invite_ledger_bot")
        assert "sees no button" in await act("Ann", "presses", label="Revoke")
        assert await act("Ann", "flies") == "missing or unknown: flies"
        assert await act("Nobody", "leaves", chat="Chess club") == "missing or unknown: Nobody"
        await post("mode", ephemeral="old")
        assert telegram.bot_api.ephemeral == "old"
        async with http.post("/sandbox/mode", data="no JSON") as response:
            assert response.status == 400
        async with http.get("/sandbox/log", params={"after": "junk"}) as response:
            assert response.status == 400
        assert await post("mode", ephemeral="never") == "ephemeral is new, old or refusing"
        await post("faults", kind="flood", method="getMe", value=9)
        assert await post("faults", kind="earthquake")
        async with http.get(f"/bot{story.bot.token}/getMe") as response:
            assert response.status == 429
        await post("faults", kind="silence", times=0)
        async with http.delete("/sandbox/faults") as cleared:
            assert cleared.status == 200
        async with http.get("/sandbox/log", params={"after": 0}) as response:
            entries = (await response.json())["result"]
        async with http.get("/sandbox/log", params={"after": len(entries) - 1}) as response:
            assert (await response.json())["result"] == entries[-1:]
    assert (entries[-1]["entry"], entries[-1]["method"], entries[-1]["fault"]) == ("call", "getMe", "flood")
    assert {"call", "effect", "view"} == {entry["entry"] for entry in entries}


async def test_every_kind_of_chat_can_be_moved_from_outside(tmp_path: Path) -> None:
    telegram = Sandbox(tmp_path)
    Control(telegram)
    surface = surface_world(telegram.world)
    bot = surface.story.bot
    async with telegram, aiohttp.ClientSession(telegram.bot_api.url) as http:

        async def act(person: str, verb: str, **given: Any) -> Any:
            async with http.post("/sandbox/act", json={"person": person, "verb": verb, **given}) as response:
                answer = await response.json()
                return answer.get("result", answer.get("error"))

        talk, forum, news = "Chess talk", "Chess workshop", "Chess news"
        said = await act("Vera", "sends", to=talk, text="hello")
        assert await act("Vera", "edits", message=said, text="hello!", **{"in": talk}) == said
        reply = await act("Max", "sends", to=talk, text="hi", reply_to=said)
        assert surface.discussion.messages[reply].thread_id == said
        assert await act("Max", "forwards", message=said, to=forum, **{"in": talk}) == surface.forum.last_message_id
        assert await act("Max", "edits", message=999, text="x", **{"in": talk}) == "missing or unknown: 999"
        assert await act("Vera", "posts", chat=news, text="fresh") == surface.channel.last_message_id
        assert (await act("Max", "sees", **{"in": talk}))[-1]["text"] == "fresh"
        await act("Vera", "sends", to=talk, text="as news", as_channel=news)
        assert surface.discussion.messages[surface.discussion.last_message_id].as_chat is surface.channel
        await act("Vera", "hides", chat=talk)
        await act("Vera", "sends", to=talk, text="who?", as_group=True)
        assert surface.discussion.messages[surface.discussion.last_message_id].as_chat is surface.discussion
        assert await act("Max", "sends", to=talk, text="me", as_group=True) == "SEND_AS_PEER_INVALID"
        await act("Vera", "links_discussion", channel=news, group=None)
        assert surface.channel.linked_chat_id is None

        topic = await act("Max", "makes_topic", chat=forum, title="Clocks")
        told = await act("Max", "sends", to=forum, text="tick", topic="Clocks")
        assert surface.forum.messages[told].thread_id == topic
        assert await act("Max", "asks", bot=bot.username, text="/go", topic="Clocks", **{"in": forum}) == 1
        await act("Vera", "deletes_topic", chat=forum, title="Clocks")
        assert await act("Max", "sends", to=forum, text="tick", topic="Clocks") == "missing or unknown: Clocks"

        new = await act("Vera", "upgrades", chat="Chess parents")
        assert new == surface.basic.migrated_to
        assert await act("Max", "sends", to="Chess parents", text="here") == telegram.world.chats[new].last_message_id
        await act("Vera", "hands_over", chat="Chess parents", to="Ann")
        assert telegram.world.chats[new].owner_id == surface.story.admins[0].id

        await act("Vera", "adds", bot="door_keeper_bot", chat=talk)
        await act("Vera", "adds", bot="door_keeper_bot", chat=talk, rights={"promote_members": True})
        assert surface.discussion.members[surface.story.other_bot.id].rights.promote_members
        link = "https://t.me/door_keeper_bot?startgroup=x&admin=invite_users"
        assert await act("Vera", "opens", url=link, **{"in": forum}) == surface.forum.last_message_id
        assert await act("Max", "opens", url="https://t.me/door_keeper_bot?start=x") > 0
        assert await act("Max", "scans", url="tg://login?token=AAAA") == "AUTH_TOKEN_INVALIDX"

        keys = {"keyboard": [[{"text": "Pick", "request_chat": {"request_id": 1, "chat_is_channel": True}}]]}
        dialog = telegram.world.dialog(surface.story.owner, bot)
        await act("Vera", "sends", to=bot.username, text="/start")
        telegram.world.messages.send(dialog, bot, "which?", keyboard=keys)
        await act("Vera", "shares_chat", label="Pick", chat=news)
        assert dialog.messages[dialog.last_message_id].service == {
            "chat_shared": {"request_id": 1, "chat_id": surface.channel.id}
        }


async def test_requests_links_and_bans_can_be_moved_from_outside(tmp_path: Path) -> None:
    telegram = Sandbox(tmp_path)
    Control(telegram)
    surface = surface_world(telegram.world)
    async with telegram, aiohttp.ClientSession(telegram.bot_api.url) as http:

        async def act(person: str, verb: str, **given: Any) -> Any:
            async with http.post("/sandbox/act", json={"person": person, "verb": verb, **given}) as response:
                answer = await response.json()
                return answer.get("result", answer.get("error"))

        talk, news = "Chess talk", "Chess news"
        door = await act("Ann", "makes_link", chat=talk, request_needed=True)
        for name in ("Kim", "Zed", "Lou", "Tom"):
            assert await act(name, "joins", link=door, bio=f"I am {name}") is False
        assert [it.about for it in telegram.world.requests.waiting(surface.discussion)][-1] == "I am Kim"
        assert await act("Kim", "withdraws", chat=talk) is True
        assert await act("Ann", "approves", who="Zed", chat=talk) is True
        assert await act("Ann", "declines", who="Lou", chat=talk) is True
        assert await act("Vera", "answers_all", chat=talk, link=door) == 1
        assert await act("Max", "approves", who="Lou", chat=talk) == "CHAT_ADMIN_REQUIRED"
        assert [surface.discussion.present(telegram.person(who).person.id) for who in ("Zed", "Lou", "Tom")] == [
            True, False, True,
        ]  # fmt: skip
        assert await act("Vera", "bans", who="Tom", chat=talk) is True
        assert await act("Tom", "joins", link=door) == "CHANNEL_PRIVATE"
        assert await act("Vera", "unbans", who="Tom", chat=talk) is True
        assert await act("Tom", "joins", link=door) is False
        assert await act("Ann", "edits_link", link=door, title="Door") is True
        assert await act("Ann", "deletes_link", link=door) == "INVITE_REVOKED_MISSING"
        await act("Ann", "revokes", link=door)
        assert await act("Ann", "deletes_link", link=door) is True
        await act("Ann", "revokes", link=await act("Ann", "makes_link", chat=talk))
        assert await act("Vera", "deletes_revoked", chat=talk, of="Ann") is True
        assert not any(link.revoked for link in telegram.world.invites.every(surface.discussion))
        paid = await act("Ann", "makes_link", chat=news, period=2_592_000, price=5)
        assert await act("Kim", "joins", link=paid) == "STARS_PAYMENT_REQUIRED"
        assert await act("Kim", "joins", link=paid, pays=True) is True
        assert await act("Kim", "lapses", chat=news) is True
        assert await act("Kim", "joins", chat="Chess in the park") is True

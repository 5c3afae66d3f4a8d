"""`python -m bench.world FOLDER --links 1000 100000`: the sandbox as a process of its own, so that its work is
nobody else's, with a chat of each size. One JSON line says where it is; then it serves until stopped.

Beside both faces stands /bench/, which asks the bots and keeps the time of their answers.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

from aiohttp import web

from sandbox.chats import Chat, Person, Rights
from sandbox.messages import Posted
from sandbox.telegram import Sandbox

DAY = 86_400
QUESTION = "/invites"


class Face:
    """POST burst {"bot", "updates"}: seconds until the last answer. POST steady {"bot", "each", "updates"}: the
    seconds of each answer, a question every `each` seconds. POST move {"chat", "changes"}. GET calls: of MTProto,
    by method. GET polls?bot=ID: how often it asked for updates."""

    def __init__(self, telegram: Sandbox, askers: list[Person]) -> None:
        self._telegram, self._world, self._askers = telegram, telegram.world, askers
        self._asked: dict[int, list[float]] = {}  # asker -> when he asked what is not answered yet
        self._took: list[float] = []
        self._wanted = 0
        self._bot = 0
        self._all = asyncio.Event()
        self._world.subscribe(self._hear)
        telegram.bot_api.app.add_routes(
            [
                web.post("/bench/burst", self._burst), web.post("/bench/steady", self._steady),
                web.post("/bench/move", self._move), web.get("/bench/calls", self._calls),
                web.get("/bench/polls", self._polls),
            ]
        )  # fmt: skip

    def _hear(self, event: Any) -> None:
        if not isinstance(event, Posted) or event.message.sender_id != self._bot:
            return
        for asker in event.message.chat.members:
            if waiting := self._asked.get(asker):
                self._took.append(perf_counter() - waiting.pop(0))
                if len(self._took) == self._wanted:
                    self._all.set()

    def _expect(self, bot: int, answers: int) -> Person:
        self._asked, self._took, self._bot, self._wanted = {}, [], bot, answers
        self._all.clear()
        return self._world.people[bot]

    def _ask(self, bot: Person, number: int) -> None:
        asker = self._askers[number % len(self._askers)]
        self._asked.setdefault(asker.id, []).append(perf_counter())
        self._world.messages.send(self._world.dialog(asker, bot), asker, QUESTION)

    async def _answered(self, since: float) -> web.Response:
        try:
            async with asyncio.timeout(90):
                await self._all.wait()
        except TimeoutError:
            return web.json_response({"error": f"{len(self._took)} of {self._wanted} answers came"}, status=500)
        return web.json_response({"seconds": perf_counter() - since, "took": self._took})

    async def _burst(self, request: web.Request) -> web.Response:
        given = await request.json()
        bot = self._expect(given["bot"], given["updates"])
        for number in range(given["updates"]):  # in one go: the poll that waits is answered after the last
            self._ask(bot, number)
        return await self._answered(perf_counter())

    async def _steady(self, request: web.Request) -> web.Response:
        given = await request.json()
        bot = self._expect(given["bot"], given["updates"])
        since = perf_counter()
        for number in range(given["updates"]):
            await asyncio.sleep(max(0.0, since + number * given["each"] - perf_counter()))
            self._ask(bot, number)
        return await self._answered(since)

    async def _move(self, request: web.Request) -> web.Response:
        """New links, edits and revocations in turn, by the first two who have links there."""
        given = await request.json()
        chat, invites = self._world.chats[given["chat"]], self._world.invites
        makers = [self._world.people[who] for who, *_ in invites.admins_with_invites(chat, self._owner(chat))[:2]]
        for number in range(given["changes"]):
            maker = makers[number % 2]
            _, (link, *_) = invites.listing(chat, maker, maker, limit=3)
            if number % 3 == 0 or link.permanent:
                invites.export(chat, maker, title=f"New {number}")
            elif number % 3 == 1:
                invites.edit(chat, maker, link.link, title=f"Edited {number}")
            else:
                invites.edit(chat, maker, link.link, revoked=True)
        return web.json_response(True)

    def _owner(self, chat: Chat) -> Person:
        assert chat.owner_id is not None
        return self._world.people[chat.owner_id]

    async def _calls(self, _request: web.Request) -> web.Response:
        called: dict[str, int] = {}
        for call in self._telegram.log.calls:
            if call.face == "mtproto" and "ping" not in call.method:
                called[call.method] = called.get(call.method, 0) + 1
        return web.json_response(called)

    async def _polls(self, request: web.Request) -> web.Response:
        bot = int(request.query["bot"])
        polls = sum(call.who == bot and call.method == "getUpdates" for call in self._telegram.log.calls)
        return web.json_response(polls)


@contextmanager
def _at(telegram: Sandbox, when: float) -> Iterator[list[float]]:
    """Inside, the world's time is what the one value says."""
    now = [when]
    clock, telegram.world.clock = telegram.world.clock, lambda: now[0]
    try:
        yield now
    finally:
        telegram.world.clock = clock


def fill(telegram: Sandbox, chat: Chat, creators: list[Person], links: int) -> None:
    """So many links in all, primaries too, an equal number by each creator, a second apart; one of ten revoked."""
    invites, world = telegram.world.invites, telegram.world
    real = world.now()
    with _at(telegram, real - 60 * DAY) as now:
        for number in range(links - len(invites.every(chat))):
            maker = creators[number % len(creators)]
            limit = 0 if number % 2 else 10 + number % 90
            ends = real + 30 * DAY if number % 7 == 3 else 0
            link = invites.export(chat, maker, title=f"Campaign {number}", usage_limit=limit, expire_date=ends)
            link.usage = limit if limit and number % 5 == 2 else number % 8
            if number % 10 == 9:
                invites.edit(chat, maker, link.link, revoked=True)
            now[0] += 1


def build(telegram: Sandbox, sizes: list[int]) -> tuple[dict[str, Any], list[Person]]:
    """Vera owns a chat of each size, in which twenty admins have links; each of them may ask the three bots."""
    world = telegram.world
    owner = world.add_person("Vera", username="vera")
    admins = [world.add_person(f"Admin{number:02d}") for number in range(19)]
    bots = {name: world.add_bot(name, f"{name}_bot") for name in ("ledger", "aiogram", "ptb")}
    chats: dict[str, int] = {}
    for links in sizes:
        chat = world.add_chat(f"Chat of {links}", owner)
        for admin in [*admins, bots["ledger"]]:
            world.promote(chat, admin, by=owner, rights=Rights())
        fill(telegram, chat, [owner, *admins], links)
        chats[str(links)] = chat.id
    told = {
        "bot_api_url": telegram.bot_api.url,
        "mtproto_server": telegram.mtproto.address,
        "mtproto_public_key": str(telegram.mtproto.public_key_path.resolve()),
        "api_id": world.api_id,
        "api_hash": world.api_hash,
        "bots": {name: {"id": bot.id, "token": bot.token, "username": bot.username} for name, bot in bots.items()},
        "owner": {"id": owner.id, "name": owner.name, "phone": owner.phone, "login_code": owner.login_code},
        "admins": [{"id": one.id, "name": one.name} for one in (owner, *admins)],
        "chats": chats,
    }
    return told, [owner, *admins]


async def _serve(telegram: Sandbox, sizes: list[int]) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    askers: list[Person] = []
    Face(telegram, askers)
    async with telegram:
        told, people = build(telegram, sizes)
        askers += people
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        await stopped.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="bench.world")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--links", type=int, nargs="+", default=[1000])
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(_serve(Sandbox(given.folder), given.links))

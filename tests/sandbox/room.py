"""A small world with its Bot API face: one supergroup, the people and bots around it."""

from __future__ import annotations

from typing import Any

import aiohttp

from sandbox.bot_api import BotApi
from sandbox.chats import Kind, Person, Rights
from sandbox.people import Actor
from sandbox.world import World


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Room:
    """Olga owns the chat; Ann, `bot` and `other_bot` administer it; Max and `plain_bot` are members;
    Ann has started `bot`; Sue and `stray_bot` have met nobody."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http
        self.clock = Clock()
        self.world = world = World(clock=self.clock)
        self.api = BotApi(world)
        self.olga, self.ann, self.max, self.sue = (
            Actor(world, world.add_person(name)) for name in ("Olga", "Ann", "Max", "Sue")
        )
        self.bot, self.other_bot, self.plain_bot, self.stray_bot = (
            world.add_bot(name, f"{name.lower()}_test_bot") for name in ("Door", "Gate", "Plain", "Stray")
        )
        self.chat = world.add_chat("Chess", self.olga.person)
        for admin in (self.ann.person, self.bot, self.other_bot):
            world.promote(self.chat, admin, by=self.olga.person)
        for member in (self.max.person, self.plain_bot):
            world.join(self.chat, member)
        world.messages.send(world.dialog(self.ann.person, self.bot), self.ann.person, "/start")
        self.clock.now += 25 * 3600  # nobody is owed an update of all that

    async def ask(self, method: str, *, bot: Person | None = None, **parameters: Any) -> tuple[int, Any]:
        """The HTTP status and the result or the description, asked with a JSON body."""
        url = f"{self.api.url}/bot{(bot or self.bot).token}/{method}"
        async with self._http.post(url, json=parameters) as response:
            answer = await response.json()
            return response.status, answer["result"] if answer["ok"] else answer["description"]

    async def gives(self, method: str, *, bot: Person | None = None, **parameters: Any) -> Any:
        status, result = await self.ask(method, bot=bot, **parameters)
        assert status == 200, result
        return result

    async def updates(self, bot: Person | None = None, *names: str, **options: Any) -> list[dict[str, Any]]:
        """What `bot` is owed, confirmed at once; `names` are its allowed_updates from then on."""
        if names:
            options["allowed_updates"] = list(names)
        found: list[dict[str, Any]] = await self.gives("getUpdates", bot=bot, **options)
        if found:
            await self.gives("getUpdates", bot=bot, offset=found[-1]["update_id"] + 1, limit=1)
        return found

    def names(self) -> dict[str, Any]:
        """What tables of errors call the chats and people by."""
        if not hasattr(self, "_names"):
            kinds = {"group": Kind.GROUP, "channel": Kind.CHANNEL, "left": Kind.SUPERGROUP, "banned": Kind.SUPERGROUP}
            chats = {name: self.world.add_chat(name, self.olga.person, kind=kind) for name, kind in kinds.items()}
            weak = self.world.add_chat("weak", self.olga.person)
            self.world.promote(
                weak, self.bot, by=self.olga.person, rights=Rights(invite_users=False, restrict_members=False)
            )
            for name, chat in chats.items():
                self.world.promote(chat, self.bot, by=self.olga.person)
                if name in ("left", "banned"):
                    self.world.remove(chat, self.bot, by=self.olga.person, ban=name == "banned")
            said = self.world.messages.send(self.chat, self.max.person, "hello")
            mine = self.world.messages.send(self.chat, self.bot, "mine")
            old_private = self.world.messages.send(self.world.dialog(self.ann.person, self.bot), self.bot, "old")
            old_private.date -= 49 * 3600
            self._names: dict[str, Any] = {
                "$chat": self.chat.id,
                "$weak": weak.id,
                **{f"${name}": chat.id for name, chat in chats.items()},
                **{f"${who.name.lower()}": who.person.id for who in (self.olga, self.ann, self.max, self.sue)},
                "$bot": self.bot.id,
                "$other_bot": self.other_bot.id,
                "$said": said.id,
                "$mine": mine.id,
                "$old": old_private.id,
                "$primary": self.world.invites.primary(self.chat, self.bot).link,
                "$foreign": self.world.invites.export(self.chat, self.ann.person).link,
                "$link": self.world.invites.export(self.chat, self.bot).link,
            }
        return self._names

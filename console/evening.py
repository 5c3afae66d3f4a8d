"""Who plays the story, how they ask and read, and how what they see is held against what is so."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable
from typing import Any

from console.programs import Programs
from console.transcript import Transcript
from ledger.chats import Coverage
from ledger.store import Ledger
from sandbox import Sandbox
from sandbox.chats import Person
from sandbox.faults import Fault, Kind
from sandbox.invites import InviteLink
from sandbox.people import PATIENCE, Actor, Screen, Where
from sandbox.seed import Story

NUMBER = re.compile(r"#(\d+)")
WAIT = 4  # seconds Telegram makes the account wait, in the step of that


class WrongAnswer(Exception):
    """A person saw something else than what is so."""

    def __init__(self, expected: str, seen: str) -> None:
        super().__init__(f"expected: {expected}\n    seen: {seen}")


def expect(condition: bool, expected: str, seen: object) -> None:
    if not condition:
        raise WrongAnswer(expected, str(seen))


class Evening:
    """Who plays, and how they ask and read."""

    def __init__(self, telegram: Sandbox, story: Story, programs: Programs, transcript: Transcript) -> None:
        self.telegram = telegram
        self.story = story
        self.programs = programs
        self.transcript = transcript
        self.vera, self.ann, self.bob = (telegram.person(p) for p in (story.owner, *story.admins))
        self.max = telegram.person(story.member)
        self.kim = telegram.person(story.outsiders[0])
        self.wait_told = WAIT

    def person(self, name: str) -> Actor:
        """Anyone of the world, by first name; whom nobody knows comes into it."""
        world = self.telegram.world
        known = (one for one in world.people.values() if one.first_name == name)
        return self.telegram.person(next(known, None) or world.add_person(name))

    def place(self, who: Actor, where: Where) -> str:
        if isinstance(where, Person):
            return f"{who.name}'s phone, private chat with {where.first_name}"
        return f"{who.name}'s phone, group “{where.title}”"

    async def asks(self, who: Actor, words: str, *, private: bool = False) -> Screen:
        """Types a command, in the group as one that only the bot sees, and reads the answer."""
        bot, chat = self.story.bot, self.story.chat
        where: Where = bot if private else chat
        self.transcript.says(who.name, self.place(who, where), words)
        if private:
            await who.sends(words, to=bot)
        else:
            await who.asks(words, in_=chat, bot=bot)
        return await self.reads(who, where)

    async def presses(self, who: Actor, button: str, where: Where, *, silent: bool = False) -> Screen:
        if not silent:
            self.transcript.presses(who.name, self.place(who, where), button)
        await who.presses(button, in_=where)
        return await self.reads(who, where, silent=silent)

    async def reads(
        self, who: Actor, where: Where, *, until: Callable[[Screen], bool] | None = None, silent: bool = False
    ) -> Screen:
        screen = await who.reads(in_=where, until=until or (lambda screen: self._answers(screen, where)))
        if not silent:
            self.transcript.shows(self.story.bot.first_name, self.place(who, where), screen)
        return screen

    def _answers(self, screen: Screen, where: Where) -> bool:
        """Not the probe that holds no data, nor in the group what the bot says to all."""
        return not screen.text.startswith("One moment") and (screen.ephemeral or isinstance(where, Person))

    async def first_reading(self) -> Coverage:
        """Waits until the account has read all it can, as nobody need ask it to."""
        chat_id = self.story.chat.id
        with contextlib.suppress(TimeoutError):
            async with self.programs.ledger() as ledger, asyncio.timeout(PATIENCE):
                async for _ in ledger.watch():
                    coverage = await ledger.sweeps.coverage(chat_id)
                    if coverage is not None and await ledger.sweeps.progress(chat_id) is None:
                        return coverage
        raise WrongAnswer("a first reading", "none")

    async def sweeps(self) -> Screen:
        """Vera asks for a fresh reading and waits for its end."""
        bot = self.story.bot
        self.vera_says("/sync")
        await self.vera.sends("/sync", to=bot)
        return await self.reads(self.vera, bot, until=lambda screen: "new" in screen)

    def vera_says(self, words: str) -> None:
        self.transcript.says(self.vera.name, self.place(self.vera, self.story.bot), words)

    def one_of(self, maker: Actor) -> InviteLink:
        """A live link with a title and places left, made by `maker`."""
        return next(
            link
            for link in self.unrevoked()
            if link.creator_id == maker.person.id and link.title and not link.expire_date and not link.usage_limit
        )

    async def number_of(self, link: InviteLink) -> int:
        async with self.programs.ledger() as ledger:
            found = await ledger.links.find_by_link(self.story.chat.id, link.link)
        expect(found is not None, f"“{link.title}” in the ledger", "no such row")
        assert found is not None
        return found.number

    def unrevoked(self) -> list[InviteLink]:
        return [link for link in self.telegram.world.invites.every(self.story.chat) if not link.revoked]

    async def joins_are_noted(self, number: int, joined: int) -> None:
        async def noted(ledger: Ledger) -> bool:
            link = await ledger.links.find(self.story.chat.id, number)
            return link is not None and link.joined >= joined

        await self._in_the_book(noted, f"{joined} joins by #{number}")

    async def requests_are_noted(self, waiting: int, number: int) -> None:
        async def noted(ledger: Ledger) -> bool:
            link = await ledger.links.find(self.story.chat.id, number)
            return link is not None and (await ledger.requests.waiting(link.chat_id, link.id)).total >= waiting

        await self._in_the_book(noted, f"{waiting} requests by #{number}")

    async def _in_the_book(self, noted: Callable[[Ledger], Awaitable[bool]], what: str) -> None:
        """Waits until the programs have written down what just happened: an answer may come before that."""
        with contextlib.suppress(TimeoutError):
            async with self.programs.ledger() as ledger, asyncio.timeout(PATIENCE):
                async for _ in ledger.watch():
                    if await noted(ledger):
                        return
        raise WrongAnswer(f"{what} in the ledger", "fewer")


# Lies: an answer of Telegram's, changed on its way.


def lie(method: str, change: Callable[[Any], Any], *, times: int = 1, skip: int = 0) -> Callable[[Evening], None]:
    def plan(evening: Evening) -> None:
        evening.telegram.faults.plan(Fault(Kind.LIE, method, times=times, skip=skip, change=change))

    return plan


def refusal(method: str, name: str) -> Callable[[Evening], None]:
    """A Bot API method that Telegram refuses once, though it has no reason to."""

    def plan(evening: Evening) -> None:
        evening.telegram.faults.plan(Fault(Kind.ERROR, method, value=400, name=f"Bad Request: {name}"))

    return plan

"""`make play`: the demo's world with the real programs, and a prompt to speak, press and act as anyone in it."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from console.mistyped import Mistyped
from console.programs import Programs
from console.speech import EXAMPLES, Acts, Happens, Presses, Says, Speech, read
from console.story import LISTING
from console.transcript import Transcript
from ledger.links import mask
from sandbox import Sandbox
from sandbox.chats import Chat, Refusal
from sandbox.chats import Kind as ChatKind
from sandbox.faults import Fault, Kind
from sandbox.invites import InviteLink
from sandbox.messages import Deleted, Edited, Message, Posted
from sandbox.people import Actor, NothingCame, Screen
from sandbox.seed import surface_world

REFUSALS = {
    "CHANNEL_PRIVATE": "who was removed cannot come back by a link",
    "CHAT_ADMIN_REQUIRED": "that takes an admin; a link is its maker's and the owner's",
    "CHAT_INVALID": "in a channel nobody writes to a bot alone; ask in private: vera@bot: /chats",
    "CHAT_WRITE_FORBIDDEN": "who is no member, or in a channel no admin, does not write there",
    "HIDE_REQUESTER_MISSING": "that person asks for nothing here; a link that needs approval makes them ask",
    "INVITE_HASH_EXPIRED": "this link is full, expired or revoked",
    "INVITE_REVOKED_MISSING": "only a revoked link can be deleted: bob revokes Summer fair",
    "USER_ALREADY_PARTICIPANT": "that person is in the chat already",
    "USER_NOT_PARTICIPANT": "that person is not in the chat",
}
FINDS_OUT = "The account finds out when it reads: vera@bot: /sync"
STARTED = 60.0  # seconds for the programs to come to work
ANSWERED = 8.0  # seconds within which the bot answers what was typed, or nothing is to come
QUIET = 0.5  # seconds without anything new after which the next line is read


class Play:
    """`fresh` is called after something was shown that nobody waited for."""

    def __init__(self, console: Console, transcript: Transcript) -> None:
        self._console = console
        self._show = transcript
        self._stack = contextlib.AsyncExitStack()
        self._news = asyncio.Event()
        self._shown = 0
        self._known: set[int] = set()  # messages shown before, by object
        self._waited_for = False
        self.prompt = ""

    async def start(self) -> None:
        """Raises ProgramsEnded or TimeoutError where the programs do not come to work."""
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="invite-ledger-play-")))
        self._telegram = await self._stack.enter_async_context(Sandbox(folder / "telegram"))
        story = surface_world(self._telegram.world).story
        self._bot, self._chat = story.bot, story.chat
        programs = self._programs = Programs(folder / "host", self._telegram, story.bot)
        programs.environment["OPEN_TO_ALL"] = "1"  # the host need not say yes to each of its chats
        vera = self._telegram.person(story.owner)
        await vera.opens(await self._stack.enter_async_context(programs.running()))
        await programs.sign_in(story.owner)
        await self._first_reading()
        await self._choose(vera)
        await self._choose(self._person("ann"))
        self._telegram.world.subscribe(self._on)
        self._show.tells("The programs run. Vera owns the chats, is the host and has signed her account in.")

    async def _first_reading(self) -> None:
        """Of the chat that all begins with; the others are read meanwhile."""
        chat_id = self._chat.id
        async with self._programs.ledger() as ledger, asyncio.timeout(STARTED):
            async for _ in ledger.watch():
                known = await ledger.chats.get(chat_id)
                read = await ledger.sweeps.coverage(chat_id) if known else None
                if read is not None and await ledger.sweeps.progress(chat_id) is None:
                    return

    async def _choose(self, who: Actor) -> None:
        """An admin of several chats says once which one his private questions are about."""
        await who.sends("/chats", to=self._bot)
        await who.reads(in_=self._bot, until="Which chat?")
        await who.presses(self._chat.title, in_=self._bot)
        await who.reads(in_=self._bot, until="You ask about")

    async def stop(self) -> None:
        await self._stack.aclose()

    async def does(self, line: str) -> bool:
        """One line of the prompt; False where it ends the play. What is mistyped or refused is told in one line."""
        self._waited_for = True
        try:
            return await self._happens(read(line)) if line.strip() else True
        except (Mistyped, NothingCame) as why:
            self._tell(str(why))
        except Refusal as refusal:
            meaning = f" ({REFUSALS[refusal.name]})" if refusal.name in REFUSALS else ""
            self._tell(f"Telegram refuses: {refusal.name}{meaning}")
        finally:
            self._waited_for = False
        return True

    async def _happens(self, speech: Speech) -> bool:
        match speech:
            case Says():
                await self._says(self._person(speech.who), speech)
            case Presses():
                await self._presses(self._person(speech.who), speech.label)
            case Acts():
                await self._acts(speech, self._person(speech.who))
            case Happens(what="quit"):
                return False
            case Happens():
                await self._world(speech)
        return True

    async def _says(self, who: Actor, said: Says) -> None:
        where = self._bot if said.private else self._chat
        self._show.says(who.name, self._place(who, private=said.private), said.text)
        before = self._shown
        if not said.private and self._is_ephemeral(said.text):
            await who.asks(said.text, in_=self._chat, bot=self._bot)
        else:
            await who.sends(said.text, to=where)
        heard = said.private or "@" in said.text.split(maxsplit=1)[0] or self._in_menu(said.text)
        await self._settled(before, within=ANSWERED if heard else QUIET)
        if said.text.startswith("/") and self._shown == before:
            name = self._bot.username
            self._tell(
                f"The bot says nothing. In a group it hears /invites and /invite; the rest as /status@{name},"
                f" or in private: {who.name.lower()}@bot: /status"
            )

    async def _presses(self, who: Actor, label: str) -> None:
        before = self._shown
        label = self._button(who, label)
        self._tell(f"{who.name} presses [{label}].")
        answer = await who.presses(label)
        if answer.copied:
            self._tell(f"{who.name} has copied {answer.copied}")
        elif answer.text:
            self._tell(f"{who.name} reads: {answer.text}")
        elif answer.url:
            self._tell(f"{who.name}'s app opens {answer.url}")
        await self._settled(before, within=QUIET if answer.copied or answer.text else ANSWERED)

    async def _acts(self, act: Acts, who: Actor) -> None:
        before = self._shown
        if act.verb == "looks":
            self._looks(who)
            return
        self._tell(await self._act(act, who))
        await self._settled(before, within=QUIET)

    async def _act(self, act: Acts, who: Actor) -> str:
        """Does it in the official app, and says what has become of it. Raises Mistyped, Refusal."""
        chat = self._chat
        owner = self._telegram.person(self._telegram.world.people[chat.owner_id or 0])
        match act.verb:
            case "joins":
                inside = await who.joins(await self._link(act.what))
                said = f"{who.name} is in." if inside else f"{who.name}'s request waits for an admin's yes."
            case "leaves":
                await who.leaves(chat)
                said = f"{who.name} has left."
            case "makes":
                made = await who.makes_link(chat, act.what)
                said = f"{who.name} has made {mask(made.link)} in the app. The account finds it when it reads."
            case "revokes":
                await who.revokes(await self._link(act.what))
                said = f"Revoked in the app. {FINDS_OUT}"
            case "deletes":
                await who.deletes_link(await self._link(act.what, revoked=True))
                said = f"Deleted in the app. {FINDS_OUT}"
            case "promote":
                await owner.promotes(who.person, in_=chat)
                said = f"{who.name} is an admin now."
            case "demote":
                await owner.demotes(who.person, in_=chat)
                said = f"{who.name} is no admin any more."
            case "remove":
                await owner.removes(who.person, from_=chat)
                said = f"{who.name} was removed."
            case "ban":
                await owner.bans(who.person, from_=chat)
                said = f"{who.name} is banned: no link lets them in."
            case "approve":
                await owner.approves(who.person, in_=chat)
                said = f"{owner.name} has let {who.name} in."
            case _:
                await owner.declines(who.person, in_=chat)
                said = f"{owner.name} has declined {who.name}'s request."
        return said

    async def _world(self, happens: Happens) -> None:
        match happens.what:
            case "flood":
                seconds = int(happens.value or 60)
                self._telegram.faults.plan(Fault(Kind.FLOOD, LISTING, value=seconds))
                self._tell(f"Telegram will make the account wait {seconds} s when it reads next: vera@bot: /sync")
            case "server":
                self._telegram.bot_api.ephemeral = "old" if happens.value.lower() == "old" else "new"
                self._tell(f"The server is {happens.value.lower()} now.")
            case "wait":
                await asyncio.sleep(int(happens.value))
            case "in":
                self._chat = self._chat_named(happens.value)
                apart = self._chat.kind == ChatKind.CHANNEL
                hint = " Its bot answers in private alone: vera@bot: /chats" if apart else ""
                self._tell(f"Now about “{self._chat.title}”.{hint}")
            case "who":
                for chat in self._telegram.world.chats.values():
                    there = (self._telegram.world.people[m.person_id].first_name for m in chat.members.values())
                    self._tell(f"{chat.title}: {', '.join(there)}")
                self._tell("People: " + ", ".join(person.first_name for person in self._people()))
            case _:
                for example, why in EXAMPLES:
                    self._console.print(Text.assemble((f"{example:<38}", "bold"), why))

    # what is seen

    def _on(self, event: Any) -> None:
        match event:
            case Posted(message) | Edited(message) if message.sender_id == self._bot.id and message.service is None:
                if not message.text.startswith("One moment"):
                    self._seen(message, edited=isinstance(event, Edited))
            case Deleted(message) if message.sender_id == self._bot.id:
                self._show.tells(f"“{message.text.partition(chr(10))[0]}” is taken away.")
            case _:
                return
        self._shown += 1
        self._news.set()
        if not self._waited_for:  # it came while somebody was typing
            self._console.print(self.prompt, end="")

    def _seen(self, message: Message, *, edited: bool) -> None:
        rows = tuple(tuple(row) for row in message.rows)
        place = f"{message.chat.title}, for all to see"
        who = message.receiver_id
        if message.chat.kind == ChatKind.PRIVATE:
            who = next(person for person in message.chat.members if person != self._bot.id)
        if who is not None:
            reader = self._telegram.person(self._telegram.world.people[who])
            place = self._place(reader, private=message.receiver_id is None, chat=message.chat)
        edited &= id(message) in self._known
        self._known.add(id(message))
        self._show.shows(self._bot.first_name, place, Screen(message, message.text, rows, edited))

    def _looks(self, who: Actor) -> None:
        for where, private in ((self._chat, False), (self._bot, True)):
            for screen in who.sees(where)[-3:]:
                place, sender = self._place(who, private=private), screen.message.sender_id
                if sender == self._bot.id:
                    self._show.shows(self._bot.first_name, place, screen)
                else:
                    writer = self._telegram.world.people.get(sender)
                    self._show.says(writer.first_name if writer else self._chat.title, place, screen.text)

    async def _settled(self, before: int, *, within: float) -> None:
        """Until the bot has shown something new, for `within` seconds at most; then until it is quiet."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                while self._shown == before:
                    self._news.clear()
                    await self._news.wait()
        with contextlib.suppress(TimeoutError):
            while True:
                self._news.clear()
                async with asyncio.timeout(QUIET):
                    await self._news.wait()

    # names

    def _people(self) -> list[Any]:
        return [person for person in self._telegram.world.people.values() if not person.is_bot]

    def _person(self, name: str) -> Actor:
        for person in self._people():
            if person.first_name.lower() == name.lower():
                return self._telegram.person(person)
        known = ", ".join(person.first_name for person in self._people())
        raise Mistyped(f"There is no {name} here. There are {known}. Example: ann: /invites")

    def _button(self, who: Actor, label: str) -> str:
        """As it is written on a button this person sees. Raises Mistyped with those of the newest message."""
        places = [chat for chat in self._telegram.world.chats.values() if who.person.id in chat.members]
        screens = [screen for place in (*places, self._chat) for screen in who.sees(place)] + who.sees(self._bot)
        labels = [screen.labels for screen in who.in_order(screens) if screen.labels]
        for row in reversed(labels):
            for text in row:
                if label in text or label.lower() == text.lower():
                    return label if label in text else text
        newest = " · ".join(labels[-1]) if labels else "none"
        raise Mistyped(f"{who.name} sees no button “{label}”; the newest are: {newest}. Example: ann presses Show")

    def _chat_named(self, title: str) -> Chat:
        chats = list(self._telegram.world.chats.values())
        for chat in chats:
            if title.lower() in chat.title.lower():
                return chat
        raise Mistyped(f"There is no chat {title}. Example: in {chats[0].title}")

    async def _link(self, words: str, *, revoked: bool = False) -> InviteLink:
        """By its number in the ledger, or by its name: of several the newest that has no other word in it. Only a
        `revoked` one is deleted, only another one used."""
        every, wanted = self._telegram.world.invites.every(self._chat), words.lstrip("#").strip().lower()
        if wanted.isdecimal():
            async with self._programs.ledger() as ledger:
                known = await ledger.links.find(self._chat.id, int(wanted))
            fitting = [each for each in every if known and mask(each.link) == known.masked]
        else:
            fitting = [each for each in every if wanted and wanted in each.title.lower() and each.revoked is revoked]
        if not fitting:
            raise Mistyped(f"There is no link {words or 'without a number'}. Example: kim joins Summer fair")
        return max(fitting, key=lambda each: (each.title.lower() == wanted, each.date))

    def _is_ephemeral(self, text: str) -> bool:
        """Whether an app sends this as a message to the bot alone: so the bot's menu marks the command."""
        return self._telegram.bot_api.ephemeral != "old" and self._in_menu(text)

    def _in_menu(self, text: str) -> bool:
        """Whether it begins with a command of the bot's menu in groups."""
        word = text.split(maxsplit=1)[0].lstrip("/").partition("@")[0]
        menus = [menu for (bot, _, _), menu in self._telegram.bot_api.commands.items() if bot == self._bot.id]
        return any(each["command"] == word and each.get("is_ephemeral") for menu in menus for each in menu)

    def _place(self, who: Actor, *, private: bool, chat: Chat | None = None) -> str:
        if private:
            return f"{who.name}'s phone, private chat with {self._bot.first_name}"
        return f"{who.name}'s phone, “{(chat or self._chat).title}”"

    def _tell(self, words: str) -> None:
        self._show.tells(words)

    def words(self) -> list[str]:
        """What Tab completes."""
        names = [person.first_name.lower() for person in self._people()]
        return [*(f"{name}: /" for name in names), *(f"{name} presses " for name in names), "help", "quit", "who"]

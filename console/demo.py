"""The story: an evening of Invite Ledger on a Telegram of its own, played by people who type and press.

The bot and the account run as the real programs, in processes of their own, against the sandbox on
loopback. Each step compares what a person sees with what the world holds and ends the story at the
first wrong answer. `corrupt` names a step in whose answer the world lies, to prove that it does.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from console.book import Refused
from console.transcript import Transcript
from ledger.secrets import new_key
from ledger.settings import LedgerSettings
from ledger.store import Ledger
from sandbox import Sandbox
from sandbox.faults import Fault, Kind
from sandbox.invites import InviteLink
from sandbox.leaks import leaked_views, whole_links_in
from sandbox.people import Actor, NothingCame, Screen, Where
from sandbox.seed import Story, story_world
from sandbox.world import Person, Refusal, Rights

ROOT = Path(__file__).resolve().parent.parent
NUMBER = re.compile(r"#(\d+)")
WAIT = 4  # seconds Telegram makes the account wait in step 6
LISTING = "messages.getExportedChatInvites"
DAY = 86_400


class WrongAnswer(Exception):
    """A person saw something else than what is so."""

    def __init__(self, expected: str, seen: str) -> None:
        super().__init__(f"expected: {expected}\n    seen: {seen}")


def expect(condition: bool, expected: str, seen: object) -> None:
    if not condition:
        raise WrongAnswer(expected, str(seen))


class Demo:
    """One run. `folder` receives the programs' data, keys, session and log."""

    def __init__(self, telegram: Sandbox, story: Story, folder: Path, transcript: Transcript) -> None:
        self.telegram = telegram
        self.story = story
        self.folder = folder
        self.transcript = transcript
        self.vera, self.ann, self.bob = (telegram.person(p) for p in (story.owner, *story.admins))
        self.max = telegram.person(story.member)
        self.kim = telegram.person(story.outsiders[0])
        self.wait_told = WAIT

    # the programs

    def lay_out(self) -> None:
        """Keys and settings as `make setup` leaves them, for this Telegram."""
        keys = self.folder / "keys"
        keys.mkdir(mode=0o700)
        world = self.telegram.world
        for name, secret in (
            ("ledger.key", new_key()),
            ("session.key", new_key()),
            ("bot.token", self.story.bot.token or ""),
            ("api.hash", world.api_hash),
        ):
            (keys / name).touch(mode=0o600)
            (keys / name).write_text(secret, encoding="utf-8")
        self.environment = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")} | {
            "PYTHONPATH": str(ROOT),
            "BOT_TOKEN_FILE": str(keys / "bot.token"),
            "BOT_API_URL": self.telegram.bot_api.url,
            "API_ID": str(world.api_id),
            "API_HASH_FILE": str(keys / "api.hash"),
            "MTPROTO_SERVER": self.telegram.mtproto.address,
            "MTPROTO_PUBLIC_KEY": str(self.telegram.mtproto.public_key_path),
            "LEDGER_KEY_FILE": str(keys / "ledger.key"),
            "SESSION_KEY_FILE": str(keys / "session.key"),
            "CALLS_PER_SECOND": "50",
            "LOG_LEVEL": "DEBUG",
        }

    @contextlib.asynccontextmanager
    async def programs(self) -> AsyncIterator[None]:
        """`console run`: both programs, until the story ends. Claims the bot for Vera, who hosts it."""
        with (self.folder / "run.log").open("wb") as log:
            run = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "console", "run",
                cwd=self.folder, env=self.environment, stdout=asyncio.subprocess.PIPE, stderr=log,
            )  # fmt: skip
        try:
            await self._claim(run)
            yield
        finally:
            if run.returncode is None:
                run.terminate()
                await run.wait()

    async def _claim(self, run: asyncio.subprocess.Process) -> None:
        assert run.stdout is not None
        async for line in run.stdout:
            if found := re.search(rb"https://t\.me/\S+start=claim_\S+", line):
                self.transcript.tells("The programs run. The host, Vera, opens the claim link they printed.")
                await self.vera.opens(found.group().decode())
                await self.reads(self.vera, self.story.bot, until=lambda screen: "Serve it" in screen.labels)
                await self.presses(self.vera, "Serve it", self.story.bot)
                return
        raise WrongAnswer("a claim link", f"the programs ended: {(self.folder / 'run.log').read_text()[-2000:]}")

    async def sign_in(self) -> None:
        """`console login`, its questions answered from standard input."""
        vera = self.vera.person
        login = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "console", "login",
            cwd=self.folder, env=self.environment, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await login.communicate(f"yes\n+{vera.phone}\n{vera.login_code}\n".encode())
        expect(login.returncode == 0, "the account signs in", said.decode())
        self.transcript.tells("Vera signs her account in: python -m console login")

    def check_secrets(self) -> None:
        """Nobody but who asked saw a whole link, and none lies in the book, its journal or the log."""
        world = self.telegram.world
        seen = leaked_views(world, self.story.bot.id)
        expect(not seen, "whole links only before who asked for them", [view.chat_id for view in seen])
        kept = whole_links_in(self.folder, world)
        expect(not kept, "no whole link in any file", [path.name for path in kept])
        self.transcript.tells("No one but the asking admin saw a whole link; book and log hold none in the open.")

    @contextlib.asynccontextmanager
    async def ledger(self) -> AsyncIterator[Ledger]:
        """The book itself, as the programs keep it."""
        book = await Ledger.open(
            LedgerSettings(
                ledger_url=f"sqlite:///{self.folder}/data/ledger.db", ledger_key_file=self.folder / "keys/ledger.key"
            )
        )
        try:
            yield book
        finally:
            await book.close()

    # what people do, printed as they do it

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
        screen = await who.reads(in_=where, until=until or (lambda screen: not screen.text.startswith("One moment")))
        if not silent:
            self.transcript.shows(self.story.bot.first_name, self.place(who, where), screen)
        return screen

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
        async with self.ledger() as ledger:
            found = await ledger.links.find_by_link(self.story.chat.id, link.link)
        expect(found is not None, f"“{link.title}” in the book", "no such row")
        assert found is not None
        return found.number

    def unrevoked(self) -> list[InviteLink]:
        return [link for link in self.telegram.world.invites.every(self.story.chat) if not link.revoked]


# The steps. Each is a promise of the product, and fails when what a person sees is not so.


async def alone(demo: Demo) -> None:
    seen = await demo.asks(demo.vera, "/invites")
    expect("this bot's links" in seen.text, "what is known without an account, and what is not", seen)


async def whole(demo: Demo) -> None:
    story = demo.story
    await demo.sign_in()
    ended = await demo.sweeps()
    links = len(demo.telegram.world.invites.every(story.chat))
    expect(str(links) in ended.text, f"{links} links were read", ended)
    page = await demo.asks(demo.vera, "/invites")
    numbers = set(NUMBER.findall(page.text))
    pages = 1
    while "▶" in page.labels:
        page = await demo.presses(demo.vera, "▶", story.chat, silent=True)
        numbers |= set(NUMBER.findall(page.text))
        pages += 1
    demo.transcript.tells(f"… Vera pages on to the last, page {pages}:")
    demo.transcript.shows(story.bot.first_name, demo.place(demo.vera, story.chat), page)
    standing = len(demo.unrevoked())
    expect(len(numbers) == standing, f"{standing} links over all pages", f"{len(numbers)} links on {pages} pages")
    await demo.max.reads_nothing(in_=story.chat)
    demo.transcript.sees_nothing("Max", demo.place(demo.max, story.chat))


async def made(demo: Demo) -> None:
    story, world = demo.story, demo.telegram.world
    before = {link.link for link in world.invites.every(story.chat)}
    echo = await demo.asks(demo.ann, "/invite new Spring ads 7d x10")
    fresh = [link for link in world.invites.every(story.chat) if link.link not in before]
    expect(len(fresh) == 1, "one new link at Telegram", f"{len(fresh)}")
    number = NUMBER.findall(echo.text)[0]
    expect("10 members" in echo.text, "10 members, as Ann asked", echo)
    await demo.kim.joins(fresh[0])
    demo.transcript.tells("Kim, who got the link from Ann, joins by it.")
    card = await demo.asks(demo.ann, f"/invite {number}")
    expect("1 joined" in card.text, "1 joined", card)
    expect("9 of 10" in card.text, "9 of 10 places left", card)


async def refused(demo: Demo) -> None:
    story = demo.story
    theirs = demo.one_of(demo.bob)
    number = await demo.number_of(theirs)
    card = await demo.asks(demo.ann, f"/invite {number}")
    expect("Show" not in card.labels, "no [Show] for another's link", card)
    expect("Bob" in card.text, "whose link it is", card)
    card = await demo.asks(demo.vera, f"/invite {number}", private=True)
    expect("Show" in card.labels, "the owner may see every link", card)
    shown = await demo.presses(demo.vera, "Show", story.bot)
    expect(theirs.link.removeprefix("https://") in shown.text, "the link as Telegram knows it", shown)
    async with demo.ledger() as ledger:
        reveals = await ledger.links.reveals(story.chat.id)
    mine = [r for r in reveals if (r.number, r.person_id) == (number, demo.vera.person.id)]
    expect(len(mine) == 1, f"one reveal of #{number} to Vera in the book", reveals)
    at = time.strftime("%H:%M", time.gmtime(mine[0].at))
    demo.transcript.tells(f"In the book: #{number} was shown to Vera at {at}.")


async def revoked(demo: Demo) -> None:
    theirs = demo.one_of(demo.bob)
    number = await demo.number_of(theirs)
    await demo.bob.revokes(theirs)
    demo.transcript.tells(f"Bob revokes #{number} in the official app.")
    await demo.sweeps()
    card = await demo.asks(demo.vera, f"/invite {number}", private=True)
    expect("revoked" in card.text, f"#{number} is revoked", card)


async def flood(demo: Demo) -> None:
    story = demo.story
    demo.telegram.faults.plan(Fault(Kind.FLOOD, LISTING, value=demo.wait_told, skip=3))
    demo.vera_says("/sync")
    await demo.vera.sends("/sync", to=story.bot)
    began = time.time()
    waiting = await demo.reads(demo.vera, story.bot, until=lambda screen: "wait" in screen or "new" in screen)
    clocks = {time.strftime("%H:%M", time.gmtime(at + WAIT)) for at in (began, time.time() + 1)}
    expect(any(clock in waiting.text for clock in clocks), f"a wait until {' or '.join(clocks)}", waiting)
    status = await demo.asks(demo.vera, "/status", private=True)
    expect(any(clock in status.text for clock in clocks), f"a wait until {' or '.join(clocks)}", status)
    ended = await demo.reads(demo.vera, story.bot, until=lambda screen: "new" in screen)
    links = len(demo.telegram.world.invites.every(story.chat))
    expect(str(links) in ended.text, f"all {links} links, nothing lost", ended)


# The lies, one a step: Telegram's answer is changed on its way, and the step must notice.


def _a_plain_member(answer: Any) -> Any:
    return {"status": "member", "user": answer["user"]}


def _another_limit(answer: Any) -> Any:
    return answer | {"member_limit": answer["member_limit"] + 1}


def _nothing_revoked(answer: Any) -> Any:
    for link in answer.invites:
        link.revoked = None
    return answer


def lie(method: str, change: Callable[[Any], Any], *, times: int = 1) -> Callable[[Demo], None]:
    def plan(demo: Demo) -> None:
        demo.telegram.faults.plan(Fault(Kind.LIE, method, times=times, change=change))

    return plan


def one_link_less(demo: Demo) -> None:
    """No page holds Bob's link, and no count counts it."""
    victim = demo.one_of(demo.bob)

    def without(answer: Any) -> Any:
        if answer.invites and answer.invites[0].admin_id == victim.creator_id and not answer.invites[0].revoked:
            answer.count -= 1
        answer.invites = [link for link in answer.invites if link.link != victim.link]
        return answer

    lie(LISTING, without, times=0)(demo)


def ann_as_creator(demo: Demo) -> None:
    """An update that says her rights have changed ends what the bot remembers of them."""
    ann = demo.ann.person

    def raised(answer: Any) -> Any:
        if answer["user"]["id"] != ann.id:
            return answer
        return {"status": "creator", "user": answer["user"], "is_anonymous": False}

    lie("getChatMember", raised, times=0)(demo)
    demo.telegram.world.promote(demo.story.chat, ann, by=demo.story.owner, rights=Rights(change_info=False))


def a_longer_wait(demo: Demo) -> None:
    demo.wait_told = 600


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    title: str
    play: Callable[[Demo], Awaitable[None]]
    lie: Callable[[Demo], None]


STEPS = (
    Step(
        "alone", "No account has signed in: what the bot knows by itself", alone, lie("getChatMember", _a_plain_member)
    ),
    Step("whole", "The owner's account signs in and reads every link", whole, one_link_less),
    Step("made", "Ann makes a link, and someone joins by it", made, lie("createChatInviteLink", _another_limit)),
    Step("refused", "Another's key is refused; the owner's look is in the book", refused, ann_as_creator),
    Step("revoked", "A link is revoked in the official app", revoked, lie(LISTING, _nothing_revoked, times=0)),
    Step("flood", "Telegram tells the account to wait, in the middle of a reading", flood, a_longer_wait),
)


# The frame: a Telegram, the programs, the steps in their order.


async def main(corrupt: str | None = None, *, console: Console | None = None) -> int:
    """Plays the story; returns 0, or 1 at the first wrong answer. `corrupt` is a step's name.

    Raises Refused for a name that is no step."""
    if corrupt is not None and corrupt not in [step.name for step in STEPS]:
        raise Refused(f"There is no step {corrupt}. Steps: {', '.join(step.name for step in STEPS)}.")
    screen = console or Console(width=80, highlight=False)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="invite-ledger-demo-") as name:
        folder = Path(name) / "host"
        folder.mkdir(mode=0o700)
        async with Sandbox(Path(name) / "telegram") as telegram:
            demo = Demo(telegram, story_world(telegram.world), folder, Transcript(screen))
            demo.lay_out()
            number, step = 0, None
            try:
                async with demo.programs():
                    for number, step in enumerate(STEPS, 1):
                        demo.transcript.step(number, step.title)
                        if step.name == corrupt:
                            step.lie(demo)
                        await step.play(demo)
                step = None
                demo.check_secrets()
            except (WrongAnswer, NothingCame, Refusal) as wrong:
                where = f"step {number} ({step.name})" if step else "the frame"
                screen.print(f"\n{where} went wrong", style="bold red")
                screen.print(Text(str(wrong)))
                return 1
    took = time.monotonic() - began
    screen.print(f"\nAll {len(STEPS)} steps are as they should be ({took:.0f} s).", style="bold green")
    return 0

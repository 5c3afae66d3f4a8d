"""`console login`, `logout` and `sync`: what the host does with the account by hand."""

from __future__ import annotations

import asyncio
import getpass
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

import segno
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from console.book import Refused
from ledger.chats import AccountState, SeenChat, Served
from ledger.errands import OPEN, Act, Errand, ErrandState
from ledger.store import Ledger
from userclient.account import Account
from userclient.answers import CHANNELS
from userclient.errands import Pauses, figures
from userclient.errors import Offline, SessionHeld, SessionLost, TryLater, WrongClock
from userclient.gate import Gate
from userclient.login import sign_in, sign_in_by_qr, sign_out
from userclient.place import NotInChat
from userclient.session import SessionFile, holding, put_aside
from userclient.settings import UserClientSettings, load
from userclient.sync import sweep
from userclient.voice import NAME
from userclient.wire import allowed_names

LATER = 3  # the exit code where the sweep goes on, or must be asked for again, later
LOOK = 0.25  # seconds between two looks at an errand
PERSISTENCE = 20.0  # seconds without any progress after which a lost connection is not tried again
PATIENCE = 80.0  # seconds without any progress before the console gives up watching

NOBODY = "Nobody is signed in: python -m console login"

WARNING = """\
You are about to sign in a Telegram account. Its session is the whole account:
whoever has the file {file} and its key SESSION_KEY can read and
do everything the account can.
This program asks Telegram for nothing but:
{calls}
It reads invite links, who made them, who joined, and the list of chats (to
find yours); it reads no messages and {changes}
An account that owns the chats sees every admin's links, any other only its own.
"""
CHANGES = {
    "read": "changes nothing.",
    "act": """changes only invite links
and the answers to join requests, in chats where you let it, when an admin who
may asks for it. Telegram's log then shows the account's name. ACCOUNT_MODE=read
takes that away.""",
}


QR = """Scan the code with ANOTHER device that is signed in to the account:
Settings > Devices > Link Desktop Device. It is not for the phone that shows
it: a phone cannot scan its own screen. If you read this on that phone, sign in
without --qr. A new code comes by itself as each expires.
"""

NOTICE = """Telegram now tells every device of the account of a new login from "Invite
Ledger". That is this program: do not press "Terminate session" or "No, it's
not me", which would end the session just made."""


async def login(*, qr: bool = False) -> int:
    """Asks, in this order: yes, phone, code, password if Telegram wants it; with `qr` yes, then a code to
    scan, then the password; from standard input, a line each, where that is no terminal."""
    settings = load()
    file = SessionFile(settings.session_file, settings.session_keys())
    settings.api()
    with _alone(settings, "console login"):
        if file.path.exists():
            raise Refused("There is a session already. End it first: python -m console logout")
        mode = settings.account_mode
        calls = "\n".join(f"  {name}" for name in allowed_names(mode))
        print(WARNING.format(file=file.path, calls=calls, changes=CHANGES[mode]))
        if (await _ask("Type yes to go on")).strip().lower() != "yes":
            print("Nobody is signed in.")
            return 1
        if qr:
            print(QR)
            session, name = await sign_in_by_qr(settings, _show_qr, _ask, print)
        else:
            session, name = await sign_in(settings, _ask, print)
        file.write(session)
    print(f"Signed in as {name}. A running userclient goes to work by itself.")
    print(NOTICE)
    return 0


def _show_qr(link: str) -> None:
    segno.make(link).terminal(compact=True)
    print(f"Or open this link on the other device: {link}\n", flush=True)


async def logout() -> int:
    settings = load()
    with _alone(settings, "console logout"):
        file = SessionFile(settings.session_file, settings.session_keys())
        alive = await sign_out(settings, file.read())
        file.path.unlink()
    async with _ledger(settings) as ledger:
        await ledger.programs.say(NAME, AccountState.ABSENT)
    print("Signed out." if alive else "The session was over already; its file is removed.")
    return 0


async def sync(chat: int | None, *, as_json: bool) -> int:
    """Sweeps one chat, or every served one: by the running userclient where there is one, else here."""
    settings = load()
    async with _ledger(settings) as ledger:
        chat = None if chat is None else await ledger.chats.now(chat)
        try:
            with holding(settings.session_file, "console sync"):
                return await _sweep_here(settings, ledger, chat, as_json=as_json)
        except SessionHeld:
            return await _ask_userclient(settings, ledger, chat, as_json=as_json)


@asynccontextmanager
async def _ledger(settings: UserClientSettings) -> AsyncIterator[Ledger]:
    ledger = await Ledger.open(settings)
    try:
        yield ledger
    finally:
        await ledger.close()


@contextmanager
def _alone(settings: UserClientSettings, name: str) -> Iterator[None]:
    try:
        with holding(settings.session_file, name):
            yield
    except SessionHeld as held:
        raise Refused(f"{held}: stop it first") from None


async def _ask(question: str, hidden: bool = False) -> str:
    """One answer, typed or read from standard input. Raises Refused where the input ends."""
    if sys.stdin.isatty():
        typed: str = await asyncio.to_thread(getpass.getpass if hidden else input, f"{question}: ")
        return typed
    line: str = await asyncio.to_thread(sys.stdin.readline)
    if not line:
        raise Refused(f"Standard input ended before: {question}")
    return line.rstrip("\r\n")


async def _sweep_here(settings: UserClientSettings, ledger: Ledger, chat: int | None, *, as_json: bool) -> int:
    file = SessionFile(settings.session_file, settings.session_keys())
    gate = Gate(ledger.programs, calls_per_second=settings.calls_per_second, clock=ledger.clock)
    account = Account(settings, file.read(), gate, clock=ledger.clock)
    bar = _Bar(ledger, shown=not as_json)

    async def work() -> None:
        for chat_id in await _wanted(account, ledger, chat):
            try:
                result = await sweep(account, ledger, chat_id, lambda: bar.show(chat_id))  # noqa: B023
            except NotInChat as absent:
                _cannot(chat_id, absent, only=chat is not None)
            else:
                bar.told(chat_id, figures(result), as_json=as_json)

    try:
        with bar:
            await _persistently(account, work, bar)
    except TryLater as wait:
        return _later(settings, wait.until)
    except Offline as why:
        print(f"Stopped, and what was read is kept: {why}.", file=sys.stderr)
        return LATER
    except SessionLost as lost:
        put_aside(file.path)
        await ledger.programs.say(NAME, AccountState.LOST, detail=str(lost))
        raise
    finally:
        await account.disconnect()
    return 0


async def _persistently(account: Account, work: Callable[[], Awaitable[None]], bar: _Bar) -> None:
    """Connects and works, again where the connection is lost, as long as that brings something."""
    pauses = Pauses()
    while True:
        try:
            await account.connect()
            await work()
        except WrongClock:
            raise
        except Offline:
            if time.monotonic() - bar.moved > PERSISTENCE:
                raise
            await asyncio.sleep(pauses.next())
        else:
            return


async def _wanted(account: Account, ledger: Ledger, chat: int | None) -> list[int]:
    if chat is None:
        return await _served(ledger)
    if await ledger.chats.get(chat) is None:
        found = (await account.find([chat])).get(chat)
        if found is None:
            raise _no_such_chat(chat)
        if found.moved_to is not None:
            raise Refused(f"This group became a supergroup: python -m console sync --chat {found.moved_to}")
        await ledger.chats.saw(found.seen, trusted=True)
        await ledger.chats.account_place(chat, found.role, found.access_hash)
    await ledger.chats.serve(chat, Served.SERVED)  # the host asks for it by hand
    return [chat]


async def _served(ledger: Ledger) -> list[int]:
    served = [chat.id for chat in await ledger.chats.served()]
    if not served:
        raise Refused("No chat is served yet. Name one: python -m console sync --chat -1001234567890")
    return served


async def _ask_userclient(settings: UserClientSettings, ledger: Ledger, chat: int | None, *, as_json: bool) -> int:
    """Writes errands and watches the ledger until they end or must wait."""
    before = None if chat is None else await ledger.chats.get(chat)
    if chat is None:
        wanted = await _served(ledger)
    else:
        wanted = [chat]
        if before is None:  # the account tells title and kind once it has found the chat
            await ledger.chats.saw(SeenChat(chat, str(chat), "supergroup" if chat < CHANNELS else "group"))
        await ledger.chats.serve(chat, Served.SERVED)
    asked = [(await ledger.errands.ask(Act.SYNC, chat_id, asked_by=None))[0] for chat_id in wanted]
    with _Bar(ledger, shown=not as_json) as bar:
        for errand in asked:
            ended = await _ended(ledger, errand, bar)
            if ended is None:
                account = await ledger.programs.account()
                return _later(settings, account.until, account.detail)
            if ended.state == ErrandState.DONE:
                bar.told(ended.chat_id, ended.result, as_json=as_json)
                continue
            absent: Exception = NotInChat()
            if chat is not None and before is None:  # a mistyped id leaves nothing behind
                await ledger.chats.erase(chat)
                absent = _no_such_chat(chat)
            why = absent if ended.reason == "not-in-chat" else Refused(NOBODY)
            _cannot(ended.chat_id, why, only=chat is not None)
    return 0


async def _ended(ledger: Ledger, errand: Errand, bar: _Bar) -> Errand | None:
    """The errand once it ended; None where Telegram makes the account wait, or nothing moves."""
    while True:
        now = await ledger.errands.get(errand.id)
        assert now is not None
        if now.state not in OPEN:
            return now
        await bar.show(errand.chat_id)
        account = await ledger.programs.account()
        waits = account.state == AccountState.WAITING and (account.until or 0) > ledger.clock()
        patience = PERSISTENCE if account.state == AccountState.OFFLINE else PATIENCE
        if (waits and now.state == ErrandState.DOING) or time.monotonic() - bar.moved > patience:
            return None
        await asyncio.sleep(LOOK)


def _later(settings: UserClientSettings, until: int | None, detail: str = "") -> int:
    if until is None:
        line = f"The account does not answer{f' ({detail})' if detail else ''}: see python -m console status"
    else:
        at = datetime.fromtimestamp(until, ZoneInfo(settings.tz)).strftime("%H:%M:%S")
        line = f"Telegram makes the account wait until {at}; what was read is kept and the sweep goes on from there."
    print(line, file=sys.stderr)
    return LATER


def _no_such_chat(chat_id: int) -> Refused:
    return Refused(f"The account is not in a chat with id {chat_id}. Ids look like -1001234567890")


def _cannot(chat_id: int, why: Exception, *, only: bool) -> None:
    """One chat that cannot be swept stops nothing, unless it was the one asked for."""
    if only:
        raise why
    print(f"{chat_id}: {why}", file=sys.stderr)


class _Bar:
    """Progress on standard error, results on standard output. `moved` is when something last did."""

    def __init__(self, ledger: Ledger, *, shown: bool) -> None:
        self.moved = time.monotonic()
        self._ledger = ledger
        self._rich = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("listings · {task.fields[links]} links"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            disable=not (shown and sys.stderr.isatty()),  # elsewhere it would leave an empty line
            transient=True,
        )
        self._tasks: dict[int, TaskID] = {}
        self._last: dict[int, object] = {}

    def __enter__(self) -> _Bar:
        self._rich.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._rich.stop()

    async def show(self, chat_id: int) -> None:
        progress = await self._ledger.sweeps.progress(chat_id)
        if progress is None or self._last.get(chat_id) == progress:
            return
        self.moved = time.monotonic()
        self._last[chat_id] = progress
        if chat_id not in self._tasks:
            chat = await self._ledger.chats.get(chat_id)
            self._tasks[chat_id] = self._rich.add_task(escape(chat.title if chat else str(chat_id)), links=0)
        self._rich.update(
            self._tasks[chat_id], completed=progress.ended, total=progress.listings, links=progress.links
        )  # fmt: skip

    def told(self, chat_id: int, told: Mapping[str, int], *, as_json: bool) -> None:
        self.moved = time.monotonic()
        figure = dict(told)
        coverage = {"readable": figure.pop("readable"), "known": figure.pop("known")}
        if as_json:
            print(json.dumps({"chat": chat_id, **figure, "coverage": coverage}), flush=True)
            return
        print(
            f"{chat_id}: {figure['links']} links in {figure['pages']} pages: {figure['new']} new, "
            f"{figure['changed']} changed, {figure['gone']} gone; "
            f"{coverage['readable']} of {coverage['known']} admins readable"
        )

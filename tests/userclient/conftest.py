"""A Telegram on loopback with one chat, an account signed in to it, and a ledger."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from structlog.testing import capture_logs
from telethon.crypto import AuthKey

from ledger.chats import Account as Said
from ledger.chats import AccountState, SeenChat
from ledger.errands import OPEN, Act, Errand, ErrandState
from ledger.links import Link
from ledger.settings import LedgerSettings
from ledger.store import Ledger
from ledger.sweeps import SweepResult
from sandbox.chats import Chat, Person
from sandbox.faults import Fault, Kind
from sandbox.invites import InviteLink
from sandbox.leaks import holds_whole_link, whole_links_in
from sandbox.log import Call
from sandbox.mtproto.server import MAIN_DC, KeptKey, KeptServer
from sandbox.telegram import Sandbox
from sandbox.world import World
from tests.conftest import Clock
from userclient.account import Account
from userclient.errands import UserClient
from userclient.gate import Gate
from userclient.login import new_session, sign_in
from userclient.session import Session, SessionFile
from userclient.settings import UserClientSettings
from userclient.sync import sweep
from userclient.wire import allowed_names

T = TypeVar("T")

PINGS = {"ping", "pingDelayDisconnect"}
SIGNING_IN = {
    "auth.sendCode", "auth.signIn", "auth.checkPassword", "auth.logOut", "account.getPassword",
    "auth.exportLoginToken", "auth.importLoginToken",
}  # fmt: skip


AGREED: list[KeptKey] = []


async def never_mind() -> None: ...


@dataclass
class Bench:
    """`owner` owns `chat`; `settings` are those of an account nobody has signed in yet."""

    telegram: Sandbox
    ledger: Ledger
    settings: UserClientSettings
    clock: Clock
    owner: Person
    chat: Chat
    step: int = 60  # seconds between two links
    gate: Gate = field(init=False)

    def __post_init__(self) -> None:
        self.gate = self.new_gate()

    def new_gate(self) -> Gate:
        """As after a restart: what it knows it reads from the ledger."""
        return Gate(self.ledger.programs, calls_per_second=1000, clock=self.clock)

    @property
    def world(self) -> World:
        return self.telegram.world

    @property
    def file(self) -> SessionFile:
        return SessionFile(self.settings.session_file, self.settings.session_keys())

    def environment(self) -> dict[str, str]:
        """The settings as a program's environment."""
        told = self.settings.model_dump(exclude_defaults=True)
        return {
            name.upper(): str(value.get_secret_value() if isinstance(value, SecretStr) else value)
            for name, value in told.items()
        }

    async def signs_in(self, person: Person) -> None:
        """With a key of an earlier sign-in of this worker, in another world, where one is left: to agree on a key takes
        longer than most tests."""
        mtproto = self.telegram.mtproto
        held = {each.key_id for each in mtproto.kept().keys}
        spare = next((each for each in AGREED if each.key_id not in held), None)
        if spare and person.home_dc == MAIN_DC and not person.password:
            mtproto.restore(KeptServer({MAIN_DC: 0}, [replace(spare, person_id=person.id)]))
            string = new_session(self.settings)
            string.auth_key = AuthKey(spare.key)
            self.file.write(Session(person.id, string.save()))
            return
        answers = iter([person.phone, person.login_code, person.password])

        async def ask(question: str, hidden: bool) -> str:
            return next(answers) or ""

        session, _ = await sign_in(self.settings, ask, lambda line: None)
        self.file.write(session)
        new = [each for each in mtproto.kept().keys if each.key_id not in held]
        AGREED.extend(each for each in new if (each.dc, each.person_id) == (MAIN_DC, person.id))

    @asynccontextmanager
    async def account(self, person: Person | None = None, *, limit: float = 20.0) -> AsyncIterator[Account]:
        if not self.settings.session_file.exists():
            await self.signs_in(person or self.owner)
        account = Account(self.settings, self.file.read(), self.gate, clock=self.clock, limit=limit)
        await account.connect()
        try:
            yield account
        finally:
            await account.disconnect()

    async def sweep(self, account: Account, on_page: Callable[[], Any] = never_mind) -> SweepResult:
        return await sweep(account, self.ledger, self.chat.id, on_page)

    @asynccontextmanager
    async def userclient(self, *, limit: float = 20.0) -> AsyncIterator[UserClient]:
        """The program at work with a ledger of its own, as in life; its errors come out at the end."""
        ledger = await Ledger.open(self.settings, clock=self.clock)
        client = UserClient(self.settings, ledger, clock=self.clock, limit=limit, pause=0.05)
        running = asyncio.create_task(client.run())
        try:
            yield client
        finally:
            client.stop()
            try:
                await asyncio.wait_for(running, 30)
            finally:
                await ledger.close()

    async def until(self, wanted: Callable[[], Awaitable[T | None]], within: float = 40.0) -> T:
        """What `wanted` returns after some commit of another program, once that is something."""
        async with asyncio.timeout(within):
            async for _ in self.ledger.watch(0.02):
                if got := await wanted():
                    return got
        raise AssertionError

    async def says(self, state: AccountState) -> Said:
        """What the program says of itself once it says that state."""

        async def said() -> Said | None:
            word = await self.ledger.programs.account()
            return word if word.state == state else None

        return await self.until(said)

    async def ended(self, errand: Errand) -> Errand:
        async def end() -> Errand | None:
            now = await self.ledger.errands.get(errand.id)
            return now if now and now.state not in OPEN else None

        return await self.until(end)

    async def lets_account_act(self) -> None:
        """ACCOUNT_MODE=act, and the host's yes for the chat."""
        self.settings = self.settings.model_copy(update={"account_mode": "act"})
        await self.ledger.chats.let_account_act(self.chat.id, acts=True)

    async def asks(self, act: Act, link: InviteLink, asker: Person | None = None, **wish: Any) -> Errand:
        """The errand; without an asker it is the owner's."""
        row = (await self.secrets())[link.link]
        by = (asker or self.owner).id
        return (await self.ledger.errands.ask(act, self.chat.id, asked_by=by, link_id=row.id, wish=wish))[0]

    async def read(self) -> None:
        """Has the running userclient read the chat whole."""
        errand, _ = await self.ledger.errands.ask(Act.SYNC, self.chat.id, asked_by=None)
        assert (await self.ended(errand)).state == ErrandState.DONE

    def done(self, kind: str, link: InviteLink) -> int:
        """How often that was done to the link, by the world's own log."""
        effects = self.telegram.log.effects
        return sum(one.kind == kind and one.what.get("link") == link.link for one in effects)

    def links(self, number: int, creator: Person | None = None, *, per_second: int = 1) -> list[InviteLink]:
        """Makes links, `per_second` of them with the same date, a step apart otherwise."""
        made = []
        for n in range(number):
            if n % per_second == 0:
                self.clock.now += self.step
            made.append(self.world.invites.export(self.chat, creator or self.owner, title=f"Link {n}"))
        return made

    def forget(self, link: InviteLink) -> None:
        """As after messages.deleteExportedChatInvite: no listing holds a revoked link any more."""
        self.world.invites._listings[link.chat_id, link.creator_id, True].remove(link)
        del self.world.invites._by_hash[link.hash]

    def fault(self, kind: Kind, method: str = "messages.getExportedChatInvites", **what: Any) -> Fault:
        return self.telegram.faults.plan(Fault(kind, method, **what))

    def calls(self, method: str = "messages.getExportedChatInvites") -> list[Call]:
        return [call for call in self.telegram.log.calls if call.method == method]

    async def rows(self) -> list[Link]:
        return await self.ledger.links.export(self.chat.id, every=True)

    async def secrets(self) -> dict[str, Link]:
        """The book's rows by full link."""
        rows = await self.rows()
        links = await self.ledger.links.reveal_many([row.id for row in rows], None, "test")
        return {links[row.id]: row for row in rows}

    async def assert_equal(self) -> None:
        """The book holds the world's links: as many, the same, as revoked and as much used."""
        book = {link: (row.state == "revoked", row.joined, row.title) for link, row in (await self.secrets()).items()}
        assert book == {one.link: (one.revoked, one.usage, one.title) for one in self.world_links()}

    def world_links(self) -> Iterable[InviteLink]:
        return self.world.invites.every(self.chat)


def settings_of_account(telegram: Sandbox, ledger_settings: LedgerSettings, folder: Path) -> UserClientSettings:
    """Of an account nobody has signed in yet."""
    return UserClientSettings(
        _env_file=None,
        ledger_url=ledger_settings.ledger_url,
        ledger_key=ledger_settings.ledger_key,
        api_id=telegram.world.api_id,
        api_hash=SecretStr(telegram.world.api_hash),
        session_file=folder / "account" / "session",
        session_key=SecretStr(Fernet.generate_key().decode()),
        calls_per_second=1000,
        mtproto_server=telegram.mtproto.address,
        mtproto_public_key=telegram.mtproto.public_key_path,
    )


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[Any]]:
    """The program's own log lines; unconfigured they would go to standard output."""
    with capture_logs() as lines:
        yield lines


@pytest.fixture
async def bench(
    tmp_path: Path,
    server_folder: Path,
    clock: Clock,
    ledger: Ledger,
    ledger_settings: LedgerSettings,
    said: Callable[[], str],
    logged: list[Any],
) -> AsyncIterator[Bench]:
    """After each test the sandbox saw no call outside the lists, and no whole link lies in a file or log line."""
    async with Sandbox(server_folder, clock=clock) as telegram:
        owner = telegram.world.add_person("Vera", username="vera")
        chat = telegram.world.add_chat("Chess club", owner)
        settings = settings_of_account(telegram, ledger_settings, tmp_path)
        await ledger.chats.saw(SeenChat(chat.id, chat.title, "supergroup"), trusted=True)
        bench = Bench(telegram, ledger, settings, clock, owner, chat)
        yield bench
        called = {call.method for call in telegram.log.calls if call.face == "mtproto"}
        assert called <= {*allowed_names(bench.settings.account_mode)} | PINGS | SIGNING_IN
        assert whole_links_in(tmp_path, telegram.world) == []
        assert not holds_whole_link(said() + str(logged), telegram.world)
        assert "never retrieved" not in said()

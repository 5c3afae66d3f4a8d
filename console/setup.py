"""`console setup`: from an empty folder to a bot that only wants `make run`. What stands already is kept, so it
may be run again at any time."""

from __future__ import annotations

import difflib
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from pydantic import SecretStr, ValidationError
from rich.console import Console

from bot.settings import BotSettings, WrongSettings
from bot.settings import read_settings as read_bot_settings
from console.book import Refused, opened
from console.bot_api import BotApi, Refusal, Unreachable
from console.check_telegram import TOKEN_REFUSED, add_links
from console.claim import new_claim_link, output_is_kept
from console.envfile import EXAMPLE, set_in, write_private
from console.questions import Answers, answers
from ledger.chats import SeenPerson
from ledger.secrets import new_key
from ledger.settings import LedgerSettings
from ledger.store.file import path_of
from userclient.errors import AccountError
from userclient.settings import BadSetting
from userclient.settings import load as read_account_settings

ENV = Path(".env")
KEYS = Path("keys")
LOCALTIME = Path("/etc/localtime")

BOTFATHER = """
1. The bot. In Telegram open @BotFather, send /newbot, choose a name and a
   username. It answers with a token, which is the whole bot: it goes into
   keys/bot.token, and is shown nowhere. Enter leaves it for later."""
RIGHTS = """   Privacy mode may stay on: commands and presses arrive all the same.
   Add the bot by a link that asks for the rights it uses, and no other.
   To a group:
   {group}
     invite users: to see and make invite links
     delete messages: to take away a command that holds a full link
   To a channel:
   {channel}
   You are asked about each chat before it is served (OPEN_TO_ALL in .env)."""
ZONE = """
2. The time zone of chats that have not chosen one."""
ACCOUNT = """
3. The account, optional: signed in as the chats' owner it reads what bots
   cannot, the links of other admins and other bots. Enter leaves it out; run
   this again when you want it. It needs API_ID and API_HASH:
     - open my.telegram.org with that account's phone, then “API development
       tools”; any title does;
     - it says only “ERROR”: no VPN or proxy, no ad blocker, another browser,
       or another day;
     - one pair for each account, for ever: it is not issued again. Never use
       one found on the Internet."""
AGAIN = " (stop it first where it runs: so it reads the new settings)"
LAST = """
Keep a copy of keys/ apart from the ledger: without keys/ledger.key nobody
reads the links in it again.
To look whether anything is wrong: python -m console doctor"""


async def set_up() -> int:
    console = Console(highlight=False)
    return await Wizard(console, answers(console), kept=output_is_kept()).run()


class Wizard:
    """Asks, in this order, for what is missing: token, time zone, API_ID, API_HASH. `kept`: what it says goes into
    a file or a journal, so no claim link is said."""

    def __init__(self, console: Console, ask: Answers, *, kept: bool = False) -> None:
        self._console = console
        self._ask = ask
        self._kept = kept
        self._left: list[str] = []

    async def run(self) -> int:
        """Raises Refused where a key is gone that a ledger or a session was written with, WrongSettings and BadSetting
        where `.env` holds what is none."""
        self._keep_keys()
        bot = await self._bot()
        self._zone()
        await self._account()
        if bot is not None:
            await self._claim(bot)
        self._tell("\nLeft to do:")
        for number, each in enumerate(self._left, 1):
            self._tell(f"  {number}. {each}")
        self._tell(LAST)
        if (python := python_here()) != "python":
            self._tell(f"`python` stands for {python} here.")
        return 0

    def _tell(self, words: str) -> None:
        self._console.print(words, markup=False, soft_wrap=True)

    def _keep_keys(self) -> None:
        if not ENV.exists():
            write_private(ENV, EXAMPLE.read_text(encoding="utf-8"))
            self._tell("made .env: each setting is explained in it")
        ledger, account = LedgerSettings(), read_account_settings()
        if ledger.ledger_key is None:
            book, key = path_of(ledger.ledger_url), ledger.ledger_key_file
            self._keep_key("LEDGER_KEY_FILE", key, KEYS / "ledger.key", opens=book)
        if account.session_key is None:
            session, key = account.session_file, account.session_key_file
            self._keep_key("SESSION_KEY_FILE", key, KEYS / "session.key", opens=session)

    def _keep_key(self, name: str, named: Path | None, usual: Path, *, opens: Path) -> None:
        file = named or usual
        if not file.exists():
            if opens.exists():
                raise Refused(f"{opens} stands, and its key {file} is gone: put your copy of it back.")
            write_private(file, new_key() + "\n")
            self._tell(f"made {file}")
        if named is None:
            set_in(ENV, name, str(file))

    # 1. the bot

    async def _bot(self) -> SeenPerson | None:
        """None where there is no token yet, or nobody to check it."""
        try:
            settings: BotSettings | None = read_bot_settings()
        except WrongSettings as why:
            if "BOT_TOKEN" not in str(why):
                raise
            settings = None
            self._tell(BOTFATHER)
        try:
            me = await self._known(settings) if settings else None
            me = me or await self._asked()
        except Unreachable:
            self._tell("   Telegram does not answer, so the token is not checked.")
            self._left += ["run this again when Telegram answers", "make run"]
            return None
        if me is None:
            self._left += ["get a token from @BotFather, and run this again", "make run"]
            return None
        group, channel = add_links(me["username"])
        self._tell(f"   The bot is @{me['username']}.")
        self._tell(RIGHTS.format(group=group, channel=channel))
        self._left += ["make run", "add the bot to your group, by the link above"]
        return SeenPerson(me["id"], me["first_name"], me["username"], is_bot=True)

    async def _asked(self) -> dict[str, Any] | None:
        """A token is kept once Telegram knows it, or does not answer (Unreachable)."""
        while token := self._ask.ask("   Token (not shown as you type)", hidden=True):
            try:
                settings = BotSettings(bot_token=SecretStr(token))
            except ValidationError:
                self._tell("   That is no token. @BotFather's answer holds it, such as 123456789:AA…")
                continue
            try:
                me = await self._known(settings)
            except Unreachable:
                self._keep_token(token)
                raise
            if me is not None:
                self._keep_token(token)
                return me
        return None

    async def _known(self, settings: BotSettings) -> dict[str, Any] | None:
        """What Telegram says of the token's bot; None where it refuses the token. Raises Unreachable."""
        async with BotApi(settings.bot_api_url, settings.token()) as api:
            try:
                me: dict[str, Any] = await api.ask("getMe")
            except Refusal as refusal:
                if refusal.code not in TOKEN_REFUSED:
                    raise Unreachable(refusal.words) from None
                self._tell("   Telegram refuses this token. @BotFather: /mybots, your bot, API Token.")
                return None
        return me

    def _keep_token(self, token: str) -> None:
        write_private(KEYS / "bot.token", token + "\n")
        set_in(ENV, "BOT_TOKEN", "")  # it would win over the file
        set_in(ENV, "BOT_TOKEN_FILE", str(KEYS / "bot.token"))

    # 2. the zone

    def _zone(self) -> None:
        if "tz" in LedgerSettings().model_fields_set:
            return
        self._tell(ZONE)
        known, default = available_timezones(), system_zone()
        while (zone := self._ask.ask("   Time zone", default=default)) not in known:
            near = difflib.get_close_matches(zone, known, 1, 0.4)
            self._tell(f"   There is no time zone {zone}. Example: {near[0] if near else 'Europe/Berlin'}")
        if zone == default and self._ask.ended:
            return  # nobody chose it: the next time it is asked again
        set_in(ENV, "TZ", zone)

    # 3. the account

    async def _account(self) -> None:
        settings = read_account_settings()
        if settings.api_id is None:
            self._tell(ACCOUNT)
            if not self._keep_api():
                self._tell("   No account: the bot runs alone. It sees its own links, others' when used.")
                return
            settings = read_account_settings()
            self._left = [f"{each}{AGAIN}" if each == "make run" else each for each in self._left]
        if settings.session_file.exists():
            return
        self._left.append("sign the account in: python -m console login")
        if self._ask.live and self._ask.agree("   Sign the account in now?"):
            from console import account

            try:
                if await account.login() == 0:
                    self._left.pop()
            except (AccountError, BadSetting, Refused) as why:
                self._tell(f"   {why}")

    def _keep_api(self) -> bool:
        api_id = self._right("   API_ID", r"\d{2,12}", "API_ID is a number such as 1234567.")
        if not api_id:
            return False
        why = "API_HASH is 32 digits and letters a to f."
        api_hash = self._right("   API_HASH (not shown)", r"[0-9a-f]{32}", why, hidden=True)
        if not api_hash:
            return False
        write_private(KEYS / "api.hash", api_hash + "\n")
        set_in(ENV, "API_HASH_FILE", str(KEYS / "api.hash"))
        set_in(ENV, "API_ID", api_id)
        return True

    def _right(self, question: str, pattern: str, why: str, *, hidden: bool = False) -> str:
        """An answer of that form, or none at all."""
        while (answer := self._ask.ask(question, hidden=hidden)) and not re.fullmatch(pattern, answer):
            self._tell(f"   {why}")
        return answer

    # and who is the host

    async def _claim(self, bot: SeenPerson) -> None:
        async with opened(new=True) as ledger:
            await ledger.programs.set_bot_identity(bot)
            if await ledger.host.id() is not None:
                return
            if self._kept:
                self._left.insert(1, "become the host: python -m console claim, on a terminal")
                return
            link = await new_claim_link(ledger, bot)
        self._tell("\nThe host decides which chats are served. That is who opens this link first,")
        self._tell("once the bot runs:")
        self._tell(f"  {link}")
        self._left.insert(1, "open the link above, which makes you the host")


def python_here() -> str:
    """What to type where a page says `python`."""
    found = shutil.which("python")
    if found is not None and Path(found).absolute() == Path(sys.executable):
        return "python"
    try:
        return str(Path(sys.executable).relative_to(Path.cwd()))
    except ValueError:
        return sys.executable


def system_zone() -> str:
    """The machine's own time zone, as far as it tells."""
    _, _, named = str(LOCALTIME.resolve()).partition("zoneinfo/")
    zone = os.environ.get("TZ") or named
    return zone if zone in available_timezones() else "UTC"

"""A host's installation as it stands after a good evening: files, ledger and session, with no program running."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from pydantic import SecretStr

from console.envfile import write_private
from ledger.chats import AccountState, Role, SeenChat, SeenPerson, Served
from ledger.links import SeenLink
from ledger.secrets import new_key
from ledger.settings import LedgerSettings
from ledger.store import Ledger
from sandbox import Sandbox
from sandbox.seed import Story
from userclient.session import Session, SessionFile


class Installation:
    """Stands in `folder`; the bot and the account have just said that they are well."""

    def __init__(self, folder: Path, telegram: Sandbox, story: Story, new: tuple[LedgerSettings, Path]) -> None:
        """`new` is a ledger as a first start leaves it."""
        self.folder, self.telegram, self.story = folder, telegram, story
        self.keys = folder / "keys"
        self.session_key = new_key()
        secrets = {
            "ledger.key": (new[0].ledger_key or SecretStr("")).get_secret_value(),
            "session.key": self.session_key,
            "bot.token": story.bot.token or "",
            "api.hash": telegram.world.api_hash,
        }
        for name, secret in secrets.items():
            write_private(self.keys / name, secret + "\n")
        (folder / "data").mkdir(mode=0o700)
        shutil.copy(new[1], folder / "data/ledger.db")
        self.env(
            BOT_TOKEN_FILE="keys/bot.token",
            BOT_API_URL=telegram.bot_api.url,
            API_ID=str(telegram.world.api_id),
            API_HASH_FILE="keys/api.hash",
            LEDGER_KEY_FILE="keys/ledger.key",
            SESSION_KEY_FILE="keys/session.key",
        )

    def env(self, **lines: str) -> None:
        file = self.folder / ".env"
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        write_private(file, before + "".join(f"{name}={value}\n" for name, value in lines.items()))

    def sign_in(self) -> None:
        file = SessionFile(self.folder / "account/session", [self.session_key])
        file.write(Session(self.story.owner.id, "a session"))

    async def open(self) -> Ledger:
        return await Ledger.open(
            LedgerSettings(
                ledger_url=f"sqlite:///{self.folder}/data/ledger.db", ledger_key_file=self.keys / "ledger.key"
            )
        )

    async def write_ledger(self) -> None:
        """The host has claimed the bot; the chat is served, and was read whole a moment ago."""
        story, ledger = self.story, await self.open()
        try:
            bot, chat = story.bot, story.chat
            await ledger.programs.set_bot_identity(SeenPerson(bot.id, bot.first_name, bot.username, is_bot=True))
            await ledger.host.claim(await ledger.host.new_claim(), story.owner.id)
            await ledger.chats.saw(SeenChat(chat.id, chat.title, "supergroup"), trusted=True)
            await ledger.chats.serve(chat.id, Served.SERVED)
            await ledger.chats.saw_people([SeenPerson(story.owner.id, story.owner.name, story.owner.username)])
            await ledger.chats.set_admins(chat.id, [story.owner.id], told_by="account")
            await ledger.chats.account_place(chat.id, Role.OWNER)
            await ledger.sweeps.begin(chat.id, [story.owner.id])
            made = [link for link in story.links if link.creator_id == story.owner.id]
            for revoked in (False, True):
                seen = [SeenLink(link.link, story.owner.id, title=link.title, revoked=revoked)
                        for link in made if link.revoked == revoked]  # fmt: skip
                await ledger.sweeps.page_read(
                    chat.id, story.owner.id, revoked, seen, count=len(seen), ended=True
                )  # fmt: skip
            await ledger.sweeps.finish(chat.id)
            await ledger.programs.say("bot", "ready", person_id=bot.id)
            await self.account(ledger, AccountState.READY)
        finally:
            await ledger.close()

    async def account(self, ledger: Ledger, state: AccountState, detail: str = "") -> None:
        owner = self.story.owner
        await ledger.programs.say(
            "userclient", state, person_id=owner.id, name_of_person=owner.name, detail=detail
        )  # fmt: skip

    def later(self, seconds: float) -> float:
        return time.time() + seconds

"""The commands: one table feeds Telegram's menus, /help, the filters and the docs' test."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiogram.filters import Filter
from aiogram.types import CallbackQuery, Message


@dataclass(frozen=True, slots=True)
class Command:
    """`in_groups`: registered in the groups' menu, as a command only its sender sees, and answered
    there bare; every other command is answered there only as `/cmd@bot`, as other bots own the word.
    `of_chat`: in private it is about the chosen chat."""

    name: str
    description_key: str
    in_groups: bool = False
    of_chat: bool = False


COMMANDS = (
    Command("invites", "command-invites", in_groups=True, of_chat=True),
    Command("invite", "command-invite", in_groups=True, of_chat=True),
    Command("who", "command-who", in_groups=True, of_chat=True),
    Command("requests", "command-requests", of_chat=True),
    Command("chats", "command-chats"),
    Command("sync", "command-sync", of_chat=True),
    Command("status", "command-status", of_chat=True),
    Command("clean", "command-clean", of_chat=True),
    Command("retire", "command-retire", of_chat=True),
    Command("settings", "command-settings", of_chat=True),
    Command("forget", "command-forget", of_chat=True),
    Command("account", "command-account"),
    Command("cancel", "command-cancel"),
    Command("help", "command-help"),
    Command("start", "command-start"),
)
# In private people also say it shorter; in groups other bots own these words.
ALIASES = {
    "link": "/invites",
    "links": "/invites",
    "mine": "/invites mine",
    "primary": "/invites primary",
    "new": "/invite new",
    "edit": "/invite edit",
    "revoke": "/invite revoke",
    "replace": "/invite replace",
    "rotate": "/invite rotate",
}
_BY_NAME = {command.name: command for command in COMMANDS}
_FORM = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]+))?(?=\s|$)(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Typed:
    name: str
    addressee: str | None  # the username after @, lower case
    rest: str


def typed(text: str) -> Typed | None:
    """What a text asks as a command, or None where it is not one."""
    form = _FORM.match(text)
    if form is None:
        return None
    name, addressee, rest = form.groups()
    return Typed(name.lower(), addressee.lower() if addressee else None, rest.strip())


def for_this_bot(text: str, username: str, *, in_group: bool) -> bool:
    """Whether the command in `text` is meant for this bot where it stands. `/cmd@other` never is."""
    command = typed(text)
    if command is None:
        return False
    if command.addressee is not None:
        return command.addressee == username.lower()
    known = _BY_NAME.get(command.name)
    return not in_group or (known is not None and known.in_groups)


def in_full(text: str) -> str:
    """The text with an alias written out; a command that is none stays."""
    command = typed(text)
    if command is None or command.name not in ALIASES:
        return text
    return f"{ALIASES[command.name]} {command.rest}".strip()


def of_chat(text: str) -> bool:
    """Whether the text is a command about the chosen chat."""
    command = typed(in_full(text))
    known = _BY_NAME.get(command.name) if command is not None else None
    return known is not None and known.of_chat


def rest(text: str) -> str:
    """What follows the command, an alias written out."""
    command = typed(in_full(text))
    return command.rest if command else text.strip()


def asks_for(text: str, *, in_private: bool) -> str:
    """The name of the command that the text is, in private also by an alias; empty where it is none."""
    command = typed(in_full(text) if in_private else text)
    return command.name if command is not None else ""


class Asks(Filter):
    """Matches a message that is this command: `asks` is what `asks_for` found. Whom it is meant for was decided at
    intake."""

    def __init__(self, name: str) -> None:
        assert name in _BY_NAME
        self._name = name

    async def __call__(self, message: Message, asks: str) -> bool:
        return asks == self._name


class Has(Filter):
    """Matches what the event itself holds. What is no coroutine aiogram asks in a thread, for ten times the price."""

    def __init__(self, what: Callable[[Any], object]) -> None:
        self._what = what

    async def __call__(self, event: Message | CallbackQuery) -> bool:
        return bool(self._what(event))


IN_PRIVATE = Has(lambda message: message.chat.type == "private")

"""The first screen, and how to ask."""

from __future__ import annotations

from aiogram.utils.formatting import Bold, Italic, Text, as_list

from bot.commands import ALIASES, COMMANDS
from bot.screens.base import Screen, rows_of
from bot.screens.chat import add_buttons
from bot.screens.words import say


def start(bot_username: str) -> Screen:
    """The ways in: a chat that is there already, or a new one."""
    text = as_list(say("start-hello"), Text(), say("start-next"), Text(), say("start-stranger"))
    return Screen(text, rows_of(add_buttons(bot_username), 1))


def help_() -> Screen:
    """The commands by the one table, then examples, and the aliases of private chats."""
    commands = [Text(f"/{command.name}: {say(command.description_key)}") for command in COMMANDS]
    examples = [Text(say("help-example-invites")), Text(say("help-example-new"))]
    aliases = Text(say("help-aliases", aliases=" ".join(f"/{name}" for name in ALIASES)))
    return Screen(
        as_list(
            Bold(say("help-title")), *commands, Text(), Bold(say("help-examples")), *examples, Text(),
            aliases, Text(), Italic(say("help-key")),
        )
    )  # fmt: skip


def not_understood() -> Screen:
    """To words in private that ask nothing."""
    return Screen(Text(say("not-understood")))

"""What stands around an answer: the first word to an unproven server, the public line, a refusal."""

from __future__ import annotations

from aiogram.utils.formatting import Bold, Text, as_list

from bot.callbacks import CardAct, CardPress, ChatPress, Hosting, Press
from bot.errors import (
    AnonymousAdmin,
    BotError,
    NoChatChosen,
    NoInviteRight,
    NotAdmin,
    NotHost,
    TelegramWaits,
    UnknownNumber,
    Unserved,
)
from bot.screens.base import WIDTH, Button, Screen, clean, cut, rows_of
from bot.screens.listing import back_to_list
from bot.screens.words import say, span
from bot.start_links import start_link
from ledger.inbox import Intent
from ledger.links import Link

_STRANGERS = (NotAdmin, NoInviteRight, Unserved)
_NO_LIST = (NotHost, AnonymousAdmin)


def one_moment() -> Screen:
    """Carries no data: a server that knows no ephemeral messages would post it to all."""
    return Screen(Text(say("one-moment")))


def answered_privately(bot_username: str, payload: str) -> Screen:
    return _public("answered-privately", bot_username, payload)


def press_start(bot_username: str, payload: str) -> Screen:
    """Where the bot may not write to the person first."""
    return _public("press-start", bot_username, payload)


def problem(error: BotError, press: Press | None = None, *, chat: str = "") -> Screen:
    """One line of why, one right example; `chat` is the title of the chat that was asked about. After a press,
    whose message this replaces, the way on: the same again where that may help, the list for whoever may
    see it."""
    arguments = {name: clean(v) if isinstance(v, str) else v for name, v in error.arguments.items()}
    if isinstance(error, UnknownNumber):
        arguments["number"] = str(error.number)
    if isinstance(error, TelegramWaits):
        arguments["span"] = span(error.seconds)
    line = say(error.key, **arguments)
    lines: list[str | Text] = [say("problem-of-chat", chat=cut(clean(chat), WIDTH), line=line) if chat else line]
    if "example" in arguments:
        lines.append(say("problem-example", example=arguments["example"]))
    chats = error.chats if isinstance(error, NoChatChosen) else ()
    keyboard = rows_of((Button(cut(clean(c.title), 30), ChatPress(chat=c.id).pack()) for c in chats), 1)
    ways = [Button(say("button-again"), press.pack())] if press is not None and error.passing else []
    if press is not None and not isinstance(press, Hosting) and not isinstance(error, (*_STRANGERS, *_NO_LIST)):
        ways.append(back_to_list(press.chat))
    stranger = isinstance(error, _STRANGERS) or (isinstance(error, NoChatChosen) and not chats)
    return Screen(as_list(*lines), (*keyboard, tuple(ways)) if ways else keyboard, quiet=stranger)


def acted_already(intent: Intent, link: Link | None) -> Screen:
    """An edited command that did something before it was edited."""
    act = intent.act if link is not None else "unknown"
    number = str(link.number) if link is not None else ""
    buttons = [back_to_list(intent.chat_id)]
    if link is not None:
        card = CardPress(act=CardAct.CARD, chat=link.chat_id, number=link.number)
        buttons.insert(0, Button(say("button-card", number=number), card.pack()))
    return Screen(as_list(say("acted-already", act=act, number=number), say("acted-new-line")), (tuple(buttons),))


def not_here() -> str:
    """The alert to a press of a message that all can read."""
    return say("not-here")


def _public(key: str, bot_username: str, payload: str) -> Screen:
    button = Button(say("button-open-private"), url=start_link(bot_username, payload))
    return Screen(Text(Bold(say(key))), ((button,),))

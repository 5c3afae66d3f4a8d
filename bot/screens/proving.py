"""The line below commands that were typed as the group: whoever presses it proves who he is."""

from __future__ import annotations

from collections.abc import Iterable

from aiogram.utils.formatting import Bold, Text, as_list

from bot import commands, grammar
from bot.callbacks import ProvePress
from bot.screens.base import Button, Screen, rows_of
from bot.screens.words import say


def asked_as_group(chat_id: int, questions: Iterable[tuple[int, str]]) -> Screen:
    """`questions` are an id and what was typed, of each. All can read this: a button tells no more than
    what kind of question it was."""
    buttons = [Button(_label(typed), ProvePress(chat=chat_id, question=one).pack()) for one, typed in questions]
    return Screen(as_list(Bold(say("prove-title")), Text(say("prove-press"))), rows_of(buttons, 1))


def _label(text: str) -> str:
    typed = commands.typed(text)
    name, rest = (typed.name, typed.rest) if typed is not None else ("invites", "")
    if name not in ("invites", "invite"):
        return f"/{name}"
    if name == "invite" and grammar.makes_link(rest):
        return say("prove-new")
    number = rest.split()[0].removeprefix("#") if rest else ""
    if number.isascii() and number.isdigit() and len(number) < 10:
        return say("prove-card", number=number)
    return say("prove-list" if name == "invites" or not rest else "prove-link")

"""The question before all revoked links of one creator go."""

from __future__ import annotations

from aiogram.utils.formatting import Bold, Italic, as_list

from bot.callbacks import ClearPress
from bot.screens.base import Button, Rows, Screen, clean
from bot.screens.listing import back_to_list
from bot.screens.words import say
from ledger.chats import Chat


def asks_clear(chat: Chat, whose: int, name: str, *, n: int, once: str, again: bool = False) -> Screen:
    """`n` 0: there is nothing to delete; `again`: the yes that came was too old, used, or for another count."""
    title = say("clear-ask", n=n, name=clean(name), chat=clean(chat.title))
    if not n:
        return Screen(as_list(Bold(title)), ((back_to_list(chat.id),),))
    yes = ClearPress(chat=chat.id, whose=whose, once=once).pack()
    keyboard: Rows = ((Button(say("button-clear-yes", n=n), yes),), (back_to_list(chat.id),))
    head = [Italic(say("revoke-again"))] if again else []
    return Screen(as_list(*head, Bold(title), say("clear-what"), Italic(say("act-in-log"))), keyboard)

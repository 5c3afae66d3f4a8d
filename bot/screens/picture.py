"""An invite link as a picture that a phone's camera reads."""

from __future__ import annotations

from io import BytesIO

import segno
from aiogram.utils.formatting import Bold, Italic, Text, as_list

from bot.callbacks import CardAct, CardPress
from bot.screens.base import WIDTH, Button, Picture, clean, cut
from bot.screens.listing import name_of
from bot.screens.words import say
from ledger.chats import Chat
from ledger.links import Link

SCALE, BORDER = 12, 4  # pixels a module, and the modules of quiet that readers need around


def qr(link: Link, chat: Chat, whole: str, *, hides: bool) -> Picture:
    """The full link, for a camera; `hides`: it is taken away after ten minutes."""
    lines = [cut(clean(chat.title), WIDTH), Bold(cut(f"#{link.number} {name_of(link)}", WIDTH)), say("qr-scan")]
    if hides:
        lines.append(Italic(say("card-hides")))
    hide = CardPress(act=CardAct.HIDE, chat=chat.id, number=link.number).pack()
    return Picture(_drawn(whole), as_list(*lines), ((Button(say("button-hide"), hide),),), secret=True)


def blank(bot_username: str, *, was_shown: bool = False) -> Picture:
    """Of the same kind, with the bot's own address alone: it stands where a link is to come, or was."""
    return Picture(_drawn(f"https://t.me/{bot_username}"), Text(say("qr-hidden" if was_shown else "one-moment")))


def _drawn(text: str) -> bytes:
    into = BytesIO()
    segno.make(text, error="m", micro=False).save(into, kind="png", scale=SCALE, border=BORDER)
    return into.getvalue()

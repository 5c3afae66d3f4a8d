"""What only the host reads: chats that wait for his yes, and what he must mend."""

from __future__ import annotations

from collections.abc import Sequence

from aiogram.utils.formatting import Text, as_list

from bot.callbacks import Hosting
from bot.screens.base import Button, Screen, clean
from bot.screens.words import say
from ledger.chats import Chat, SeenPerson


def asks_to_serve(chat: Chat, added_by: SeenPerson | None) -> Screen:
    title = clean(chat.title)
    if added_by is None:
        text = say("host-asks-unknown", chat=title)
    else:
        name = f"@{added_by.username}" if added_by.username else clean(added_by.name)
        text = say("host-asks", chat=title, name=name)
    buttons = (
        Button(say("button-serve"), Hosting(act="serve", chat=chat.id).pack()),
        Button(say("button-leave"), Hosting(act="leave", chat=chat.id).pack()),
    )
    return Screen(Text(text), (buttons,))


def now_served(chat: Chat) -> Screen:
    return Screen(Text(say("host-served", chat=clean(chat.title))))


def chat_left(chat: Chat) -> Screen:
    return Screen(Text(say("host-left", chat=clean(chat.title))))


def claimed(waiting: Sequence[Chat]) -> Screen:
    lines = [say("host-claimed")]
    if waiting:
        lines.append(say("host-claimed-waiting", n=len(waiting)))
    return Screen(as_list(*lines))


def claim_refused() -> Screen:
    return Screen(Text(say("host-claim-refused")))


def host_notice(kind: str) -> Screen:
    """`conflict`, `webhook` or `session-lost`."""
    return Screen(Text(say("host-notice", kind=kind)))

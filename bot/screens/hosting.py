"""What only the host reads: chats that wait for his yes, and what he must mend."""

from __future__ import annotations

from collections.abc import Sequence

from aiogram.utils.formatting import Bold, Text, as_list

from bot.callbacks import Hosting
from bot.screens.base import Button, Screen, clean
from bot.screens.words import moment, say
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
    return Screen(as_list(*lines), ((Button(say("button-test-alert"), Hosting(act="test", chat=0).pack()),),))


def claim_refused() -> Screen:
    return Screen(Text(say("host-claim-refused")))


def alerts_reach() -> Screen:
    """To the host, above the test alert he asked for."""
    return Screen(Text(say("host-alerts-reach")))


def saving_waits() -> Screen:
    """To who asks while the ledger cannot be written: the question is not lost."""
    return Screen(Text(say("problem-saving-waits")), quiet=True)


def host_notice(kind: str, *, since: int, now: int, zone: str, chat: str = "") -> Screen:
    """What he must mend: `conflict`, `webhook`, `session-lost`, `clock`, `ledger-busy`, `ledger-full`, and of the
    chat with that title `demoted`, `removed`, `owner-changed` or `unreadable`. It tells since when, as it may
    have waited for his private chat to be open."""
    text = say("host-notice", kind=kind, chat=clean(chat))
    when = say("host-notice-since", since=moment(since, zone, now))
    return Screen(as_list(Bold(say("host-notice-title")), text, when))

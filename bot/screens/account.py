"""The host's word on what the signed-in account may change: everywhere, and chat by chat."""

from __future__ import annotations

from collections.abc import Sequence

from aiogram.utils.formatting import Bold, Italic, Text, as_list

from bot.callbacks import AccountAct, AccountPress
from bot.screens.base import Button, Screen, clean, cut
from bot.screens.words import moment, say
from ledger.chats import Account, Chat
from ledger.errands import Power

CHATS_AT_MOST = 40


def accounts(every: Sequence[Chat], account: Account, power: Power, *, zone: str, now: int) -> Screen:
    """What the account may do at all, and in which of the served chats; each is a switch."""
    lines: list[str | Text] = [Bold(say("account-title")), *power_lines(power, zone=zone, now=now)]
    if power.mode != "act":
        return Screen(as_list(*lines))
    if account.name:
        lines.append(say("status-person", name=clean(account.name)))
    lines.append(Italic(say("account-chats" if every else "account-no-chats")))
    rows = [(_press("off" if not power.off_since else "on", AccountAct.ON if power.off_since else AccountAct.OFF, 0),)]
    for chat in every[:CHATS_AT_MOST]:
        act = AccountAct.STOP if chat.account_acts else AccountAct.ASK
        label = say("button-account-chat", on="on" if chat.account_acts else "off", title=cut(clean(chat.title), 24))
        rows.append((Button(label, AccountPress(chat=chat.id, act=act).pack()),))
    return Screen(as_list(*lines), tuple(rows))


def asks_account(chat: Chat) -> Screen:
    """What it means that the account acts in this chat, before the host says yes."""
    title, what = say("account-ask", chat=clean(chat.title)), say("account-what")
    keyboard = ((_press("yes", AccountAct.LET, chat.id),), (_press("no", AccountAct.SHOW, chat.id),))
    return Screen(as_list(Bold(title), what, Italic(say("account-how-to-stop"))), keyboard)


def power_lines(power: Power, *, zone: str, now: int) -> list[str | Text]:
    """In /status, too."""
    lines: list[str | Text] = [say("account-mode", mode=power.mode)]
    if power.off_since is not None:
        lines.append(say("account-off", since=moment(power.off_since, zone, now)))
    if power.off_by_file:
        lines.append(say("account-off-file"))
    return lines


def _press(word: str, act: AccountAct, chat_id: int) -> Button:
    return Button(say(f"button-account-{word}"), AccountPress(chat=chat_id, act=act).pack())

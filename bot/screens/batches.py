"""An act on many: how far it is, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence

from aiogram.utils.formatting import Bold, Italic, Text, as_list

from bot.callbacks import ManyAct, ManyPress
from bot.screens.base import WIDTH, Button, Rows, Screen, clean, cut
from bot.screens.listing import back_to_list
from bot.screens.words import moment, say
from ledger.batches import BatchState, Report
from ledger.chats import Chat


def batch_going(
    report: Report, chat: Chat, *, until: int | None, now: int, account: tuple[str, int | None] = ("", None)
) -> Screen:
    """`12 of 40`; `until` is how long Telegram makes the bot wait, in Unix seconds; `account` is why the account waits,
    as `waits_for` words it, and until when."""
    batch = report.batch
    lines: list[str | Text] = [
        Bold(cut(clean(chat.title), WIDTH)),
        say("many-going", what=batch.what, ended=report.ended, total=report.total),
    ]
    if until is not None:
        lines.append(Italic(say("many-waits", until=moment(until, chat.time_zone, now))))
    why, then = account
    if why and batch.state == BatchState.RUNNING:
        waits = say("act-waits", why=why, until=moment(then, chat.time_zone, now) if then else "")
        lines += [Italic(waits), Italic(say("many-by-hand"))]
    if batch.state == BatchState.STOPPING:
        lines.append(Italic(say("many-stopping")))
        return Screen(as_list(*lines))
    stop = ManyPress(act=ManyAct.STOP, chat=chat.id, row=batch.id).pack()
    return Screen(as_list(*lines), ((Button(say("button-stop"), stop),),))


def batch_ended(report: Report, chat: Chat, *, named: Sequence[str] = (), rows: Rows = ()) -> Screen:
    """What was done, what not and why, what is unknown (`named` are some of these)."""
    batch = report.batch
    lines: list[str | Text] = [
        Bold(cut(clean(chat.title), WIDTH)),
        say("many-done", what=batch.what, done=report.done, total=report.total),
    ]
    if batch.state == BatchState.STOPPED:
        lines.insert(1, say("many-stopped", reason=batch.reason))
    if report.waiting:
        lines.append(say("many-left", n=report.waiting))
    lines += [say("many-refused", n=n, reason=reason) for reason, n in sorted(report.refused.items())]
    if report.unknown:
        lines.append(say("many-unknown", n=report.unknown))
        lines += [cut(clean(name), WIDTH) for name in named]
        if report.unknown > len(named):
            lines.append(say("many-more", n=report.unknown - len(named)))
    return Screen(as_list(*lines), (*rows, (back_to_list(chat.id),)))

"""Join requests: who waits, since when, by which link, and whether they were here before."""

from __future__ import annotations

from aiogram.utils.formatting import Bold, Italic, Text, as_list

from bot.callbacks import AnswerAllPress, AnswerPress, WaitingPress, WritePress
from bot.screens.base import WIDTH, Button, Rows, Screen, clean, cut, turns
from bot.screens.listing import back_to_list, packed
from bot.screens.words import day, say, span
from ledger.chats import Chat
from ledger.requests import Request, RequestState, Waiting

BIO_SHOWN = 120  # characters
NAME_SHOWN = 12


def waiting(
    report: Waiting, chat: Chat, *, number: int, now: int, in_group: bool, note: str = "", of: str = "",
    older: bool = False, at_once: bool = False, unseen: int = 0, whole: bool = False,
) -> Screen:  # fmt: skip
    """Screen 7. `number` 0 is of the whole chat. `note` and `of`, what has just become of whose request. `older`:
    the account can read those that the bot did not see, of this link so many `unseen`; `at_once`: and answers all of
    the link, or of the chat. `whole`: a link of the bot's own, of which it counts all."""
    top = report.by_link[0] if report.by_link else None
    counted = [say("requests-waiting", n=report.total)]
    if not number and top is not None:
        counted.append(say("requests-by-link", n=top[1], number=str(top[0])))
    lines: list[str | Text] = [Bold(cut(clean(chat.title), WIDTH))]
    if note:
        lines.append(Italic(say(f"requests-note-{note}", name=cut(clean(of), WIDTH))))
    lines.append(
        say("requests-of-link", number=str(number), n=report.total + unseen) if number else packed(counted, indent="")
    )
    if unseen:
        lines.append(Italic(say("requests-unseen", n=unseen)))
    elif not whole:
        lines.append(Italic(_seen_since(chat, now)))
    if not older and (unseen or not whole):
        lines.append(Italic(say("requests-by-hand")))
    keyboard: Rows = ()
    for one in report.rows:
        lines += [Text(), *_of_one(one, now=now, numbered=not number)]
        keyboard += (_answers(one, chat, number=number, now=now, in_group=in_group),)
    if report.total > 1 or at_once:
        keyboard += _all(report, chat, number, at_once=at_once)
    if row := turns(
        report.page, report.pages, lambda page: WaitingPress(chat=chat.id, number=number, page=page).pack()
    ):
        keyboard += (row,)
    if older:
        press = WaitingPress(chat=chat.id, number=number, older=True).pack()
        keyboard += ((Button(say("button-read-older"), press),),)
    return Screen(as_list(*lines), (*keyboard, (back_to_list(chat.id),)))


def asks_all(chat: Chat, *, number: int, count: int, yes: bool, once: str, again: bool) -> Screen:
    """The one question before all who wait are let in, or turned away."""
    word = "yes" if yes else "no"
    of = "link" if number else "chat"
    title = say(f"requests-ask-{word}", n=count, of=of, number=str(number), chat=clean(chat.title))
    press = AnswerAllPress(chat=chat.id, number=number, yes=yes, count=count, once=once).pack()
    back = WaitingPress(chat=chat.id, number=number).pack()
    keyboard = (
        (Button(say(f"button-requests-{word}", n=count), press),),
        (Button(say("button-requests-keep"), back),),
    )
    head = [Italic(say("revoke-again"))] if again else []
    return Screen(as_list(*head, Bold(title), say(f"requests-ask-{word}-what")), keyboard)


def asks_words(one: Request, chat: Chat, *, now: int) -> Screen:
    """What to write to who waits is asked for, as a reply."""
    left = one.writable(now)
    lines = [
        Bold(cut(clean(chat.title), WIDTH)),
        say("requests-write-how", name=clean(one.handle)),
        Italic(say("requests-write-left", span=span(left))) if left else Italic(say("requests-write-late")),
    ]
    row = (
        Button(say("button-requests-back"), WaitingPress(chat=chat.id, number=one.number or 0).pack()),
        Button(say("button-requests-time"), WritePress(chat=chat.id, row=one.id).pack()),
    )
    return Screen(as_list(*lines), (row if left else row[:1],))


def relayed(chat: Chat, words: str) -> Screen:
    """An admin's words to who asked to join."""
    return Screen(as_list(Italic(say("requests-relayed", chat=clean(chat.title))), Text(), clean(words)))


def _seen_since(chat: Chat, now: int) -> str:
    if chat.watched_since is None:
        return say("requests-blind")
    return say("requests-since", day=day(chat.watched_since, chat.time_zone, now))


def _of_one(one: Request, *, now: int, numbered: bool) -> list[str | Text]:
    parts = [cut(clean(one.handle), WIDTH - 12), span(max(60, now - one.at))]
    if numbered and one.number is not None:
        parts.append(f"#{one.number}")
    if not one.visits:
        parts.append(say("requests-new"))
    elif one.left:
        parts.append(say("requests-left", n=one.left))
    else:
        parts.append(say("requests-visits", n=one.visits))
    lines: list[str | Text] = [packed(parts, indent="")]
    if one.username:
        lines.append(cut(clean(one.name), WIDTH))
    if one.bio:
        lines.append(Italic(cut(clean(one.bio), BIO_SHOWN)))
    return lines


def _answers(one: Request, chat: Chat, *, number: int, now: int, in_group: bool) -> tuple[Button, ...]:
    name = cut(clean(one.username or one.name), NAME_SHOWN)

    def answer(yes: bool) -> str:
        return AnswerPress(chat=chat.id, row=one.id, yes=yes, number=number).pack()

    row: tuple[Button, ...] = (Button(f"✓ {name}", answer(True)), Button(f"✗ {name}", answer(False)))
    if one.writable(now) and not in_group:
        row += (Button(say("button-requests-write"), WritePress(chat=chat.id, row=one.id).pack()),)
    return row


def _all(report: Waiting, chat: Chat, number: int, *, at_once: bool) -> Rows:
    """Of the list's link; of the whole chat, and of the link by which most came, where several did."""
    top, most = report.by_link[0] if report.by_link else (0, 0)
    if number or most < 2 or at_once:  # all of one link the account may not reach
        return (_both(chat, number, report.total, f" #{number}" if number else ""),)
    of_link = _both(chat, top, most, f" #{top}")
    return (of_link,) if most == report.total else (of_link, _both(chat, 0, report.total, f" {report.total}"))


def _both(chat: Chat, of: int, count: int, label: str) -> tuple[Button, ...]:
    return tuple(
        Button(
            say(f"button-requests-all-{'yes' if yes else 'no'}", of=label),
            AnswerAllPress(chat=chat.id, number=of, yes=yes, count=count, once="").pack(),
        )
        for yes in (True, False)
    )


def answered(one: Request) -> str:
    """What the list says of a request that was answered: the key of its note."""
    return {
        RequestState.APPROVED: "approved", RequestState.DECLINED: "declined", RequestState.WITHDRAWN: "gone",
        RequestState.WAITING: "unknown",
    }[one.state]  # fmt: skip

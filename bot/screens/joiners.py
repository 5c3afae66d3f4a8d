"""Who joined by a link, and how one person came and went."""

from __future__ import annotations

from collections.abc import Sequence

from aiogram.utils.formatting import Bold, Italic, Text, as_list

from bot.callbacks import CardAct, CardPress, WhoPress
from bot.screens.acting import by_hand
from bot.screens.base import WIDTH, Button, Rows, Screen, clean, cut, turns
from bot.screens.listing import back_to_list, name_of, packed
from bot.screens.words import day, moment, say, span
from ledger.chats import Chat
from ledger.errands import Act
from ledger.joins import Joiner, Joiners, Visit
from ledger.links import Link


def joiners(
    report: Joiners, link: Link, chat: Chat, *, now: int, viewer_id: int | None, older: bool = False
) -> Screen:  # fmt: skip
    """A page of those known, latest first, and how many are not; `older`: the account can read those, else who
    sees them in the app is named."""
    title = cut(f"#{link.number} {name_of(link)}", WIDTH)
    lines: list[str | Text] = [cut(clean(chat.title), WIDTH), Bold(title), say("who-joined", n=link.joined)]
    if report.early_only:
        lines.append(say("who-early", n=report.early))
    elif report.known < link.joined:
        lines.append(Italic(say("who-known", known=report.known, n=link.joined)))
        if not older:
            lines.append(Italic(by_hand(Act.JOINERS, link, viewer_id)))
    for one in report.rows:
        lines += [
            Text(),
            cut(clean(f"@{one.username}" if one.username else one.name), WIDTH),
            _of_joiner(one, chat, now),
        ]
    keyboard: Rows = ()

    def to(page: int) -> str:
        return WhoPress(chat=chat.id, number=link.number, page=page, early=report.early_only).pack()

    if row := turns(report.page, report.pages, to):
        keyboard += (row,)
    if older:
        press = WhoPress(chat=chat.id, number=link.number, older=True).pack()
        keyboard += ((Button(say("button-read-older"), press),),)
    card = CardPress(act=CardAct.CARD, chat=chat.id, number=link.number).pack()
    last = (Button(say("button-card", number=str(link.number)), card), back_to_list(chat.id))
    others = _all_by(chat, link.number) if report.early_only else _left_early(chat, link.number, report.early)
    return Screen(as_list(*lines), (*keyboard, (*others, *last)))


def visits(chat: Chat, name: str, came: Sequence[Visit], *, now: int, all_by: int | None, early: int = 0) -> Screen:
    """Screen 6. `all_by` is the number of the link whose joiners the asker may see, too, of whom so many left
    early."""
    lines: list[str | Text] = [cut(clean(chat.title), WIDTH), Bold(cut(clean(name), WIDTH))]
    if not came:
        since = chat.watched_since
        lines.append(say("who-never", day=day(since, chat.time_zone, now)) if since else say("who-blind"))
    for nth, one in enumerate(came):
        if nth == 1:
            lines += [Text(), say("who-before")]
        lines.append(_of_visit(one, chat, now, first=not nth))
        if not nth:
            lines.append(Italic(say("who-seen" if one.how == "update" else "who-read")))
    by = (*_all_by(chat, all_by), *_left_early(chat, all_by, early)) if all_by else ()
    return Screen(as_list(*lines), ((*by, back_to_list(chat.id)),))


def _all_by(chat: Chat, number: int) -> tuple[Button, ...]:
    return (Button(say("button-who-all", number=str(number)), WhoPress(chat=chat.id, number=number).pack()),)


def _left_early(chat: Chat, number: int, n: int) -> tuple[Button, ...]:
    """None where nobody did."""
    press = WhoPress(chat=chat.id, number=number, early=True).pack()
    return (Button(say("button-who-early", n=n), press),) if n else ()


def _of_joiner(one: Joiner, chat: Chat, now: int) -> str:
    parts = [moment(one.at, chat.time_zone, now)]
    if one.left_at is not None:
        parts.append(say("who-left", span=span(max(60, one.left_at - one.at))))
    else:
        parts.append(say("who-here" if one.how == "update" else "who-read-later"))
    if one.approver:
        parts.append(cut(say("who-approved", name=clean(one.approver)), WIDTH - 4))
    return packed(parts)


def _of_visit(one: Visit, chat: Chat, now: int, *, first: bool) -> str:
    when = moment(one.at, chat.time_zone, now)
    if one.number is None:
        by = say("who-unnamed")
    else:
        title = f" {clean(one.title)}" if one.title else ""
        maker = f" ({clean(one.creator)})" if one.creator else ""
        by = say("who-by", link=f"#{one.number}{title}{maker}")
    parts = [say("who-came", when=when, by=by) if first else f"{when} {by}"]
    if one.left_at is not None:
        parts.append(say("who-left", span=span(max(60, one.left_at - one.at))))
    if one.approver:
        parts.append(say("who-approved", name=clean(one.approver)))
    return packed(parts, indent="")

"""What was done with a link and by whom, the latest first; and who came by a link that was another's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from aiogram.utils.formatting import Bold, Text, as_list

from bot.callbacks import CardAct, CardPress, HistoryPress
from bot.screens.base import WIDTH, Button, Screen, clean, cut, turns
from bot.screens.listing import INDENT, name_of, packed
from bot.screens.words import moment, say
from bot.start_links import Replay
from ledger.chats import Chat, SeenPerson
from ledger.links import Link
from ledger.listing import Event

A_PAGE = 8
_FIELDS = ("title", "expires", "limit", "approval", "once", "price", "note", "number")
_KNOWN = (
    "made", "edited", "noted", "revoked", "replaced", "rotated", "deleted", "gone", "back", "revealed", "asked",
    "cancelled", "done", "refused", "unknown",
)  # fmt: skip


def history(
    link: Link,
    chat: Chat,
    events: Sequence[Event],
    names: Mapping[int, str],
    *,
    page: int,
    now: int,
    viewer_id: int,
) -> Screen:
    """`page` counts from 0; `names` are those of who did it, by id."""
    latest = [event for event in reversed(events) if event.what in _KNOWN]
    pages = max(1, -(-len(latest) // A_PAGE))
    page = min(max(page, 0), pages - 1)
    lines: list[str | Text] = [
        cut(clean(chat.title), WIDTH),
        Bold(cut(f"#{link.number} {name_of(link)}", WIDTH)),
        say("history-title"),
        Text(),
    ]
    for event in latest[page * A_PAGE : (page + 1) * A_PAGE]:
        lines += _lines(event, chat.time_zone, names, now=now, viewer_id=viewer_id)
    if not latest:
        lines.append(say("history-empty"))
    row = turns(page, pages, partial(_page, link), counted=False)
    back = Button(say("button-card", number=str(link.number)), _data(CardAct.CARD, link))
    replay = Replay("card", link.chat_id, link.number).payload()
    return Screen(as_list(*lines), (*((row,) if row else ()), (back,)), replay=replay)


def came_instead(link: Link, chat: Chat, whom: str, person: SeenPerson) -> Screen:
    """To who asked for a link for one person: another joined by it."""
    who = clean(f"{person.name} (@{person.username})" if person.username else person.name)
    text = as_list(
        cut(clean(chat.title), WIDTH),
        say("came-instead", number=str(link.number), name=name_of(link), whom=clean(whom), who=who),
    )
    buttons = (
        Button(say("button-card", number=str(link.number)), _data(CardAct.CARD, link)),
        Button(say("button-revoke"), _data(CardAct.REVOKE, link)),
    )
    return Screen(text, (buttons,))


def _lines(event: Event, zone: str, names: Mapping[int, str], *, now: int, viewer_id: int) -> list[str]:
    closed = event.detail.get("closed")
    what = say("history-what", what=f"closed-{closed[1]}" if closed else event.what, how=event.how)
    parts = [moment(event.at, zone, now), what]
    if event.by is not None:
        name = say("row-you") if event.by == viewer_id else clean(names.get(event.by, str(event.by)))
        parts.append(say("history-by", name=cut(name, 20)))
    lines = [packed(parts, indent="")]
    for field in _FIELDS:
        if isinstance(change := event.detail.get(field), list) and len(change) == 2:
            was, now_is = (_value(field, value, zone, now) for value in change)
            lines.append(INDENT + say("history-change", field=field, was=was, now=now_is))
    return lines


def _value(field: str, value: Any, zone: str, now: int) -> str:
    match field:
        case "expires":
            return moment(value, zone, now) if value else say("history-never")
        case "limit":
            return str(value) if value else say("history-none")
        case "approval" | "once":
            return say("history-on" if value else "history-off")
        case "note" | "title":
            return f"‘{cut(clean(str(value)), WIDTH)}’" if value else say("history-none")
    return str(value)


def _page(link: Link, page: int) -> str:
    return HistoryPress(chat=link.chat_id, number=link.number, page=page).pack()


def _data(act: CardAct, link: Link) -> str:
    return CardPress(act=act, chat=link.chat_id, number=link.number).pack()

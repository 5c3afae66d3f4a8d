"""Many links alike: the question before they are made, and the file that holds them."""

from __future__ import annotations

from aiogram.utils.formatting import Bold, Text, as_list

from bot.callbacks import SeriesAct, SeriesPress
from bot.screens.base import WIDTH, Button, Screen, clean, cut
from bot.screens.listing import back_to_list
from bot.screens.words import date_and_time, exactly, say
from bot.wishes import Series
from ledger.chats import Chat


def asks_series(wish: Series, chat: Chat, *, row: int, now: int) -> Screen:
    """How many of what, before the first is made; `row` keeps them."""
    each, n = wish.each, wish.last - wish.first + 1
    ends = say("created-never-ends")
    if each.lasts:
        ends = say("created-lasts", span=exactly(each.lasts), when=date_and_time(now + each.lasts, chat.time_zone, now))
    elif each.until:
        ends = say("created-until", when=date_and_time(each.until, chat.time_zone, now))
    members = say("created-members", n=each.limit) if each.limit else say("created-no-limit")
    name = clean(each.name)
    lines: list[str | Text] = [
        cut(clean(chat.title), WIDTH),
        Bold(say("series-ask", n=n)),
        say("series-names", first=f"{name} {wish.first}", last=f"{name} {wish.last}"),
        say("series-each", ends=ends),
        f"{members} · {say('created-approval' if each.approval else 'created-no-approval')}",
        *([say("card-once")] if each.once else []),
        say("series-file-comes"),
    ]
    yes = SeriesPress(chat=chat.id, act=SeriesAct.YES, row=row).pack()
    return Screen(as_list(*lines), ((Button(say("series-yes", n=n), yes), back_to_list(chat.id)),))


def series_given(wish: Series, chat: Chat, *, n: int) -> Screen:
    """What stands below the file: it is a caption, and takes no buttons, as a document becomes no text again."""
    lines = [cut(clean(chat.title), WIDTH), say("series-given", name=clean(wish.each.name), n=n)]
    return Screen(as_list(*lines))

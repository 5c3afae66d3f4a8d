"""The filters of the list, and the question where what was typed could mean several things."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aiogram.utils.formatting import Bold, Italic, Text, as_list

from bot.callbacks import AskPress, FilterPress, ListPress, TablePress, WhosePress
from bot.packing import pack
from bot.screens.base import WIDTH, Button, Rows, Screen, clean, cut, rows_of
from bot.screens.listing import asked_for, back_to_list, listing_replay
from bot.screens.words import day, say
from bot.wishes import Question
from ledger.chats import Chat
from ledger.listing import Creator, Listing, Order, Query, Shelf, Whose

NAMED = 2  # creators with a button of their own
ALWAYS = (Shelf.UNREVOKED, Shelf.LIVE, Shelf.REVOKED)


def filters(
    report: Listing, creators: Sequence[Creator], *, search: int, in_group: bool, own: bool, saved: bool = False
) -> Screen:
    """Screen 2: what is chosen has a ✓. `search` is the row that keeps the query's words; `own`: this is the
    asker's saved list; `saved`: it was saved by this very press."""
    query = report.query
    person = next((c.name for c in creators if c.person_id == query.person_id), "…")
    body: list[str | Text] = [
        Bold(cut(clean(report.chat.title), WIDTH)),
        asked_for(report, person, own=own) or say("list-links", n=report.total),
        Text(),
        say("filter-search-group" if in_group else "filter-search"),
    ]
    if saved:
        body.append(Italic(say("filter-saved")))
    rows = (*_whose(query, creators, search), *_shelves(report, search), _orders(query, search))
    back = Button(say("button-list"), ListPress(chat=query.chat_id, ask=pack(query, search)).pack())
    save = FilterPress(chat=query.chat_id, ask=pack(query, search), save=True)
    as_table = Button(say("button-table"), TablePress(chat=query.chat_id, ask=pack(query, search)).pack())
    last = (as_table, back) if own else (Button(say("button-save-default"), save.pack()), as_table, back)
    clear = _clear(query)
    return Screen(
        as_list(*body), (*rows, *(((clear,),) if clear else ()), last), replay=listing_replay(query, search)
    )  # fmt: skip


def _clear(query: Query) -> Button | None:
    """The same list without the words."""
    if not query.words:
        return None
    return Button(say("button-clear"), ListPress(chat=query.chat_id, ask=pack(query)).pack())


def asks_meaning(question: Question, chat: Chat, rows: Sequence[int], *, now: int) -> Screen:
    """One button for each choice; `rows` keep the lines they stand for."""
    buttons = []
    for choice, row in zip(question.choices, rows, strict=True):
        said = {k: clean(v) if isinstance(v, str) else v for k, v in choice.label_args.items()}
        if isinstance(at := said.get("at"), int):
            said["day"] = day(at, chat.time_zone, now)
        buttons.append(Button(say(choice.label_key, **said), AskPress(chat=chat.id, row=row).pack()))
    title = Bold(cut(clean(chat.title), WIDTH))
    text = as_list(title, say(f"ask-{question.kind}", text=clean(question.text)), Italic(say("ask-anew")))
    return Screen(text, (*rows_of(buttons, 2), (back_to_list(chat.id),)))


def cancelled(*, something: bool, chat_id: int | None = None) -> Screen:
    keyboard: Rows = ((back_to_list(chat_id),),) if chat_id is not None else ()
    return Screen(Text(say("cancel-done" if something else "cancel-nothing")), keyboard)


def _option(label: str, query: Query, search: int, *, chosen: bool) -> Button:
    press = FilterPress(chat=query.chat_id, ask=pack(query, search))
    return Button(f"{label} ✓" if chosen else label, press.pack())


def _whose(query: Query, creators: Sequence[Creator], search: int) -> Rows:
    revoked = query.shelf == Shelf.REVOKED
    counted = {c.person_id: c.revoked if revoked else c.unrevoked for c in creators}
    made = sorted((c for c in creators if counted[c.person_id] or c.person_id == query.person_id),
                  key=lambda c: (c.person_id != query.person_id, -counted[c.person_id]))  # fmt: skip
    bots = sum(counted[c.person_id] for c in made if c.is_bot)
    first = [(say("button-all"), Whose.ALL), (say("button-mine"), Whose.MINE)]
    if bots or query.whose == Whose.BOTS:
        first.append((say("button-bots", n=bots), Whose.BOTS))
    buttons = [
        _option(label, replace(query, whose=whose, person_id=None), search, chosen=query.whose == whose)
        for label, whose in first
    ]
    named = [c for c in made if c.person_id != query.viewer_id or c.person_id == query.person_id][:NAMED]
    people = [
        _option(
            say("button-creator", name=cut(clean(c.name), 12), n=counted[c.person_id]),
            replace(query, whose=Whose.PERSON, person_id=c.person_id),
            search,
            chosen=c.person_id == query.person_id,
        )
        for c in named
    ]
    if len(made) > len(named):
        press = WhosePress(chat=query.chat_id, ask=pack(query, search))
        people.append(Button(say("button-whose"), press.pack()))
    return (tuple(buttons), *((tuple(people),) if people else ()))


def _shelves(report: Listing, search: int) -> Rows:
    """Those that hold something, and a few always."""
    buttons = []
    for shelf in Shelf:
        n, chosen = report.counts.get(shelf, 0), report.query.shelf == shelf
        if n or chosen or shelf in ALWAYS:
            label = say("button-shelf", shelf=shelf.value, n=n)
            buttons.append(_option(label, replace(report.query, shelf=shelf), search, chosen=chosen))
    return rows_of(buttons, 3)


def _orders(query: Query, search: int) -> tuple[Button, ...]:
    return tuple(
        _option(say("button-order", order=o.value), replace(query, order=o), search, chosen=query.order == o)
        for o in Order
    )

"""Many links alike: asked about with count and terms, made one by one, and given as a file in private.

The file holds whole links. It takes the place of the private message under which its asker pressed, and each link in
it is a reveal of its own.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from aiogram import Router
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramForbiddenError, TelegramRetryAfter
from aiogram.types import CallbackQuery

from bot import screens
from bot.access import Asker, may_reveal
from bot.asked import Asked
from bot.batches import Halt, Kind, Outcome, refused
from bot.callbacks import CONFIRM_WITHIN, SeriesAct, SeriesPress
from bot.desk import Desk
from bot.errors import NotYours, Stale
from bot.files import table
from bot.handlers import entry
from bot.handlers.card import powerless
from bot.handlers.creating import PAST, call_for
from bot.handlers.many import of_row
from bot.meeting import seen_whole
from bot.patience import UNANSWERED
from bot.screens.base import Button, Rows
from bot.screens.words import say
from bot.start_links import Replay, start_link
from bot.wishes import NewLink, Series
from ledger.batches import OPEN, Batch, BatchState, Item, ItemState, NewItem, Report
from ledger.chats import Chat
from ledger.links import Link

SERIES = "series"  # the kind of batch


async def ask(wish: Series, chat: Chat, asked: Asked, desk: Desk) -> None:
    titles = [f"{wish.each.name} {number}" for number in range(wish.first, wish.last + 1)]
    batch = await desk.ledger.batches.draft(
        SERIES, chat.id, asked_by=asked.person.id, items=[NewItem(wish={"title": title}) for title in titles],
        wish={"first": wish.first, "last": wish.last, "each": asdict(wish.each)},
    )  # fmt: skip
    await _ask(batch, chat, asked, desk)


async def press(query: CallbackQuery, callback_data: SeriesPress, asked: Asked, desk: Desk) -> None:
    """Only who asked for the links begins them and gets the file. Raises Stale, NotYours."""
    if not await desk.delivery.ack(asked):
        return
    chat, asker = await entry.by_number(asked, desk, callback_data.chat, fresh=True)
    batch = await of_row(callback_data.row, chat.id, desk)
    if batch.what != SERIES:
        raise Stale
    if batch.asked_by != asked.person.id:
        raise NotYours
    if callback_data.act == SeriesAct.FILE:
        await _give(batch, chat, asker, asked, desk)
    elif batch.state != BatchState.DRAFT:
        raise Stale
    elif desk.clock() - batch.asked_at > CONFIRM_WITHIN:
        await ask(_wish_of(batch), chat, asked, desk)
    else:
        await _begin(batch, chat, asked, desk)


async def open_report(row: int, chat: Chat, asked: Asked, desk: Desk) -> None:
    """What a start link brings into private: how it ended, and the way to the file. Raises Stale, NotYours."""
    batch = await of_row(row, chat.id, desk)
    report = await desk.ledger.batches.report(batch.id)
    if report is None or batch.what != SERIES or batch.state in (*OPEN, BatchState.DRAFT):
        raise Stale
    if batch.asked_by != asked.person.id:
        raise NotYours
    await desk.delivery.show(screens.batch_ended(report, chat, rows=_file_rows(report, chat)), asked)


async def made(item: Item, batch: Batch, desk: Desk) -> Outcome | None:
    """The intent is in the book before the call, under a number no update has. Raises Halt, TelegramRetryAfter and
    UNANSWERED."""
    terms = _terms(item, batch)
    if terms["expires"] and terms["expires"] <= desk.clock():
        return refused("past")
    update, intents = -item.id, desk.ledger.intents
    intent, is_new = await intents.intend(update, "create", batch.chat_id, batch.asked_by, terms)
    if not is_new and not await intents.anew(update):
        return await settled(item, batch, desk)
    try:
        answer = await call_for(intent.wish, batch.chat_id, desk)
    except UNANSWERED:
        raise
    except TelegramAPIError as refusal:
        await intents.failed(update)
        if isinstance(refusal, TelegramRetryAfter):
            raise
        if isinstance(refusal, TelegramForbiddenError):
            raise Halt("powerless") from None
        if isinstance(refusal, TelegramBadRequest) and powerless(refusal):
            raise Halt("powerless") from None
        return refused("past" if PAST in str(refusal) else "telegram")
    link = await desk.ledger.links.made(batch.chat_id, seen_whole(answer), asked_by=batch.asked_by, update_id=update)
    return Outcome(ItemState.DONE, str(link.number))


async def settled(item: Item, batch: Batch, desk: Desk) -> Outcome | None:
    """What an earlier call came to; a link that may have been made is not made again. Raises as `made`."""
    intent = await desk.ledger.intents.of(-item.id)
    if intent is None or intent.state == "failed":
        return await made(item, batch, desk)
    if intent.state == "open" or intent.link_id is None:
        return Outcome(ItemState.UNKNOWN, "may-exist")
    link = await desk.ledger.links.get(intent.link_id)
    return Outcome(ItemState.DONE, str(link.number) if link is not None else "")


async def after(report: Report, chat: Chat, desk: Desk) -> Rows:
    """Below the last report: the file, or in a group the way into private, where alone it is given."""
    if not report.done:
        return ()
    place = report.batch.place
    if place is not None and place.chat_id < 0:
        payload = Replay("file", chat.id, report.batch.id).payload()
        return ((Button(say("series-private"), url=start_link(desk.me.username or "", payload)),),)
    return _file_rows(report, chat)


def _file_rows(report: Report, chat: Chat) -> Rows:
    if not report.done:
        return ()
    press = SeriesPress(chat=chat.id, act=SeriesAct.FILE, row=report.batch.id)
    return ((Button(say("series-file", n=report.done), press.pack()),),)


async def _ask(batch: Batch, chat: Chat, asked: Asked, desk: Desk) -> None:
    await desk.delivery.show(screens.asks_series(_wish_of(batch), chat, row=batch.id, now=int(desk.clock())), asked)


async def _begin(batch: Batch, chat: Chat, asked: Asked, desk: Desk) -> None:
    """Once, however often the yes is pressed."""
    if await desk.ledger.batches.begin(batch.id, place=asked.place):
        report = await desk.ledger.batches.report(batch.id)
        if report is not None:
            await desk.delivery.show(screens.batch_going(report, chat, until=None, now=int(desk.clock())), asked)
        desk.batch_news.set()


async def _give(batch: Batch, chat: Chat, asker: Asker, asked: Asked, desk: Desk) -> None:
    """Those of its links that still may be used, in the order of their numbers. Raises Stale, NotYours."""
    if asked.in_group or batch.state in (*OPEN, BatchState.DRAFT):
        raise Stale
    items = await desk.ledger.batches.items(batch.id, ItemState.DONE)
    found = [await desk.ledger.links.find(chat.id, int(item.reason)) for item in items if item.reason.isdecimal()]
    links: list[Link] = [link for link in found if link is not None and link.whole and may_reveal(asker, link)]
    if not links:
        raise NotYours
    whole = await desk.ledger.links.reveal_many([link.id for link in links], asked.person.id, "file")
    rows = [(str(link.number), link.title, whole[link.id]) for link in links if link.id in whole]
    content = table([("number", "name", "link"), *rows])
    screen = screens.series_given(_wish_of(batch), chat, n=len(rows))
    await desk.delivery.hand_over(screen, asked, name="links.csv", content=content)


def _wish_of(batch: Batch) -> Series:
    return Series(NewLink(**batch.wish["each"]), batch.wish["first"], batch.wish["last"])


def _terms(item: Item, batch: Batch) -> dict[str, Any]:
    """All end at the same time, counted from the yes."""
    each = _wish_of(batch).each
    expires = batch.asked_at + each.lasts if each.lasts else each.until
    said: dict[str, Any] = {"once": True} if each.once else {}
    return {"title": item.wish["title"], "expires": expires, "limit": each.limit, "approval": each.approval, **said}


KINDS = {SERIES: Kind(made, settled, after=after)}


def register(routes: Router) -> None:
    routes.callback_query.register(press, SeriesPress.filter())

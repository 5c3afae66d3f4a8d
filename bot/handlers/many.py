"""The button that stops an act on many."""

from __future__ import annotations

from dataclasses import replace

from aiogram import F, Router
from aiogram.types import CallbackQuery

from bot import screens
from bot.access import may_settle
from bot.asked import Asked
from bot.callbacks import ManyAct, ManyPress
from bot.desk import Desk
from bot.errors import NotYours, Stale
from bot.handlers import entry
from ledger.batches import OPEN, Batch, BatchState


async def stop(query: CallbackQuery, callback_data: ManyPress, asked: Asked, desk: Desk) -> None:
    """Its asker stops it, or the owner. What is under way ends; nothing further begins. Raises Stale, NotYours."""
    if not await desk.delivery.ack(asked):
        return
    chat, asker = await entry.by_number(asked, desk, callback_data.chat)
    batch = await of_row(callback_data.row, chat.id, desk)
    if asked.person.id != batch.asked_by and not may_settle(asker):
        raise NotYours
    if batch.state not in OPEN or asked.place is None:
        raise Stale
    report = await desk.ledger.batches.report(batch.id)
    if report is not None and batch.state == BatchState.RUNNING:
        stopping = replace(report, batch=replace(report.batch, state=BatchState.STOPPING))
        screen = screens.batch_going(stopping, chat, until=None, now=int(desk.clock()))
        await desk.delivery.edit(asked.place, screen)  # before the stop counts: the report comes after it
    await desk.ledger.batches.stop(batch.id)
    desk.batch_news.set()


async def of_row(row: int, chat_id: int, desk: Desk) -> Batch:
    """Raises Stale where there is none of that row in this chat."""
    batch = await desk.ledger.batches.get(row)
    if batch is None or batch.chat_id != chat_id:
        raise Stale
    return batch


def register(routes: Router) -> None:
    routes.callback_query.register(stop, ManyPress.filter(F.act == ManyAct.STOP))

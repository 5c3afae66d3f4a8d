"""Links put together with buttons, and the changes to one: collected press by press, then one act.

What is chosen so far is a row of the ledger of the person's own; making or changing takes that row away in the
moment the intent is written, so a doubled press makes nothing twice. Words are typed in private alone: there the
ledger knows what a person was asked for, after a restart too.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, dataclass, replace

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from bot import drafts, screens
from bot.access import Asker
from bot.asked import Asked
from bot.callbacks import CardAct, CardPress, DraftAct, DraftPress, NewPress
from bot.dates import Here
from bot.desk import Desk
from bot.drafts import Draft, Field
from bot.errors import Stale
from bot.handlers import acting, changing, creating, entry
from bot.handlers.card import by_number, show_card, why_not
from bot.options import Asks, Options
from bot.recent import Recent
from bot.screens.filter import cancelled
from bot.wishes import EditWish, NewLink, Unclear
from ledger.chats import Chat
from ledger.errands import Place
from ledger.links import Link

AWAITED = 15 * 60  # seconds in which words are taken for an answer


@dataclass(frozen=True, slots=True)
class Awaited:
    """What the next words are the answer to: this field of the draft in `row`, asked at `place`, at that time."""

    chat: int
    row: int
    field: Field
    place: Place
    at: int


async def new(query: CallbackQuery, callback_data: NewPress, asked: Asked, desk: Desk) -> None:
    if await desk.delivery.ack(asked):
        chat, _ = await entry.by_number(asked, desk, callback_data.chat)
        await open_new(chat, asked, desk)


async def open_new(chat: Chat, asked: Asked, desk: Desk) -> None:
    await _show(Draft(opened=asked.update_id), None, chat, asked, desk)


async def change(query: CallbackQuery, callback_data: CardPress, asked: Asked, desk: Desk) -> None:
    if await desk.delivery.ack(asked):
        chat, asker = await entry.by_number(asked, desk, callback_data.chat)
        await open_change(await by_number(callback_data.number, chat.id, desk), chat, asker, asked, desk)


async def open_change(link: Link, chat: Chat, asker: Asker, asked: Asked, desk: Desk) -> None:
    """Or on the card why nothing can be changed. Raises NotYours."""
    if await acting.changeable(link, chat, asker, desk):
        await _show(Draft(link.number, asked.update_id), link, chat, asked, desk)
    else:
        await _refuse(link, chat, asker, asked, desk)


async def open_kept(row: int, chat: Chat, asker: Asker, asked: Asked, desk: Desk) -> None:
    """A draft that a start link brings into private. Raises Stale."""
    draft = await _kept(row, chat, asked, desk)
    if draft is None:
        raise Stale
    link = await by_number(draft.number, chat.id, desk) if draft.number else None
    if link is not None and not await acting.changeable(link, chat, asker, desk):
        await _refuse(link, chat, asker, asked, desk)
    else:
        await _show(draft, link, chat, asked, desk)


class Drafting:
    """Remembers which drafts were made, so that the second tap on a button is no mistake."""

    def __init__(self) -> None:
        self._made: Recent[tuple[int, int], None] = Recent()

    async def press(self, query: CallbackQuery, callback_data: DraftPress, asked: Asked, desk: Desk) -> None:
        """Raises Stale for a draft that is another's, or was made or forgotten."""
        if not await desk.delivery.ack(asked):
            return
        act, row = callback_data.act, callback_data.row
        chat, asker = await entry.by_number(asked, desk, callback_data.chat, fresh=act == DraftAct.SAVE)
        draft = await _kept(row, chat, asked, desk)
        if draft is None:
            if (asked.person.id, row) not in self._made:
                await _of_first_run(chat, asker, asked, desk)
            return
        link = await by_number(draft.number, chat.id, desk) if draft.number else None
        if link is not None and not await acting.changeable(link, chat, asker, desk):
            await _refuse(link, chat, asker, asked, desk)
            return
        await desk.ledger.chats.await_words(asked.person.id, None)
        if act == DraftAct.SAVE:
            await _make(draft, chat, asker, asked, desk, row=row)
            self._made[asked.person.id, row] = None
        elif act == DraftAct.CANCEL:
            await _leave(link, chat, asker, asked, desk)
        elif act in _ASKS:
            await _ask_for(_ASKS[act], draft, chat, asked, desk, row=row)
        else:
            await _show(_chosen(draft, callback_data, link), link, chat, asked, desk)


async def words(message: Message, asked: Asked, desk: Desk, awaited: Awaited) -> None:
    """What was asked for, typed. The question is left as a line, the draft comes below. Raises Unclear, Stale."""
    chat, asker = await entry.by_number(asked, desk, awaited.chat)
    draft = await _kept(awaited.row, chat, asked, desk)
    if draft is None:
        raise Stale
    link = await by_number(draft.number, chat.id, desk) if draft.number else None
    if link is not None and not await acting.changeable(link, chat, asker, desk):
        await _refuse(link, chat, asker, asked, desk)
        return
    here = Here(int(desk.clock()), chat.time_zone)
    try:
        said = await asyncio.to_thread(drafts.typed, draft, awaited.field, asked.text, link, here)
    except Asks as several:
        question = several.question
        meant = [drafts.typed(draft, awaited.field, one, link, here) for one in drafts.meanings(question)]
        rows = [await _row(one, chat, asked, desk) for one in meant]
        await desk.delivery.show(screens.draft_meaning(question, chat, rows, now=here.now), asked)
        return
    await desk.ledger.chats.await_words(asked.person.id, None)
    await desk.delivery.edit(awaited.place, screens.draft_below())
    await _show(said, link, chat, asked, desk)


async def awaits_words(message: Message, asked: Asked, desk: Desk) -> dict[str, Awaited] | bool:
    """Matches words in private that this person was asked for. A reply to anything else is none of them."""
    if asked.in_group or not asked.text or asked.text.startswith("/") or message.forward_origin is not None:
        return False
    kept = await desk.ledger.chats.awaited_words(asked.person.id)
    if kept is None:
        return False
    said = json.loads(kept)
    awaited = Awaited(said["chat"], said["row"], Field(said["field"]), Place(**said["place"]), said["at"])
    if message.reply_to_message is not None and asked.reply_to != awaited.place:
        return False
    return {"awaited": awaited} if desk.clock() - awaited.at <= AWAITED else False


def _chosen(draft: Draft, press: DraftPress, link: Link | None) -> Draft:
    value = press.value
    match press.act:
        case DraftAct.END:
            return drafts.ending(draft, Options(lasts=value) if value in drafts.SPANS else Options(forever=True))
        case DraftAct.LIMIT if value == 0 or value in drafts.LIMITS:
            return drafts.limited(draft, value, link)
        case DraftAct.ONCE:
            return drafts.limited(draft, 1, link, once=True)
        case DraftAct.APPROVAL:
            return drafts.approving(draft, link, on=bool(value))
        case DraftAct.PRICE if link is None and (value == 0 or value in drafts.PRICES):
            return replace(draft, price=value)
    return draft


async def _show(draft: Draft, link: Link | None, chat: Chat, asked: Asked, desk: Desk) -> None:
    """The draft as it is now, or the one question that its limit raises."""
    row = await _row(draft, chat, asked, desk)
    if link is not None and drafts.reached(draft, link):
        limit = draft.limit or 0
        ways = [replace(draft, limit=link.joined + limit), replace(draft, in_all=True)]
        rows = [await _row(way, chat, asked, desk) for way in ways]
        screen = screens.draft_full(draft, link, chat, row, rows)
    else:
        screen = screens.draft(draft, link, chat, row, now=int(desk.clock()))
    await desk.delivery.show(screen, asked)


async def _ask_for(field: Field, draft: Draft, chat: Chat, asked: Asked, desk: Desk, *, row: int) -> None:
    username = desk.me.username or ""
    screen = screens.draft_asks(field, draft, chat, row, in_group=asked.in_group, bot_username=username)
    place = await desk.delivery.show(screen, asked)
    if place is None or asked.in_group:
        return
    body = {"chat": chat.id, "row": row, "field": field, "place": asdict(place), "at": int(desk.clock())}
    await desk.ledger.chats.await_words(asked.person.id, json.dumps(body))


async def _make(draft: Draft, chat: Chat, asker: Asker, asked: Asked, desk: Desk, *, row: int) -> None:
    """Raises as `creating.make` and `changing.edit`."""
    match drafts.wish_of(draft):
        case NewLink() as wish:
            if wish.until is not None and wish.until <= desk.clock():
                raise Unclear("past", "", "/invite new Spring ads 7d")
            await creating.make(wish, chat, asked, desk, draft=row)
        case EditWish() as wish:
            await changing.edit(wish, chat, asker, asked, desk, draft=row)


async def _of_first_run(chat: Chat, asker: Asker, asked: Asked, desk: Desk) -> None:
    """The draft is gone: shows what an earlier run of this very press came to. Raises Stale where there was none."""
    intent = await desk.ledger.intents.of(asked.update_id)
    if intent is None or intent.asked_by != asked.person.id or intent.chat_id != chat.id:
        raise Stale
    if intent.act == "create":
        await creating.make(NewLink(intent.wish["title"]), chat, asked, desk)
    else:
        await show_card(await by_number(intent.wish["number"], chat.id, desk), chat, asker, asked, desk)


async def _leave(link: Link | None, chat: Chat, asker: Asker, asked: Asked, desk: Desk) -> None:
    if link is not None:
        await show_card(link, chat, asker, asked, desk)
    else:
        await desk.delivery.show(cancelled(something=True, chat_id=chat.id), asked)


async def _refuse(link: Link, chat: Chat, asker: Asker, asked: Asked, desk: Desk) -> None:
    """Raises NotYours."""
    note = await why_not(link, chat, asker, desk, own_primary="primary")
    await show_card(link, chat, asker, asked, desk, note=note)


async def _row(draft: Draft, chat: Chat, asked: Asked, desk: Desk) -> int:
    return await desk.ledger.links.search_id(chat.id, asked.person.id, drafts.written(draft))


async def _kept(row: int, chat: Chat, asked: Asked, desk: Desk) -> Draft | None:
    """None where it is not this person's, or no more."""
    return drafts.read(await desk.ledger.links.search_words(chat.id, row, person_id=asked.person.id))


_ASKS = {
    DraftAct.ASK_NAME: Field.NAME, DraftAct.ASK_END: Field.END, DraftAct.ASK_LIMIT: Field.LIMIT,
    DraftAct.ASK_PRICE: Field.PRICE,
}  # fmt: skip


def register(routes: Router) -> None:
    drafting = Drafting()
    routes.message.register(words, awaits_words)
    routes.callback_query.register(new, NewPress.filter())
    routes.callback_query.register(change, CardPress.filter(F.act == CardAct.CHANGE))
    routes.callback_query.register(drafting.press, DraftPress.filter())

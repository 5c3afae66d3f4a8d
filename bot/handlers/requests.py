"""`/requests`: who asks to join is seen by the bot, and let in or turned away by it, one by one or all of a link. Of a
link by which more wait than it has seen the account answers all at once.

Telegram answers a request by its person and once: an answer that comes again finds none, and harms nothing.
"""

from __future__ import annotations

from typing import Any

from aiogram import Router
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import CallbackQuery, ChatJoinRequest, Message, Update

from bot import grammar, screens
from bot.access import Asker
from bot.asked import Asked
from bot.batches import DONE, Halt, Kind, Outcome, refused
from bot.callbacks import AnswerAllPress, AnswerPress, WaitingPress, WritePress, read_press
from bot.commands import Asks, rest
from bot.desk import Desk
from bot.errors import BotPowerless, NotYours, Stale
from bot.handlers import acting, entry
from bot.handlers.card import by_number, find, powerless
from bot.meeting import seen_in_update, seen_person
from bot.options import short
from bot.patience import UNANSWERED
from bot.wishes import CardWish, Unclear
from ledger.batches import Batch, Item, NewItem
from ledger.chats import Chat, Role, Served
from ledger.errands import Act
from ledger.links import Link
from ledger.requests import Request, RequestState, SeenRequest

ADMIT, TURN_AWAY = "admit", "turn-away"
MISSING, IN_ALREADY = "HIDE_REQUESTER_MISSING", "USER_ALREADY_PARTICIPANT"
WORDS_AT_MOST = 1000


async def asked_to_join(event: ChatJoinRequest, event_update: Update, desk: Desk) -> None:
    known = await desk.ledger.chats.get(event.chat.id)
    if known is None or known.served != Served.SERVED:
        return
    link = event.invite_link
    makers = [seen_person(link.creator)] if link is not None else []
    await desk.ledger.chats.saw_people([seen_person(event.from_user), *makers])
    await desk.ledger.requests.seen(
        SeenRequest(
            event.chat.id,
            event.from_user.id,
            int(event.date.timestamp()),
            event_update.update_id,
            seen_in_update(link) if link is not None else None,
            bio=event.bio or "",
            private_id=event.user_chat_id,
        )
    )


async def requests(message: Message, asked: Asked, desk: Desk) -> None:
    """Of the chat, or of a link. Raises UnknownNumber, Unclear."""
    chat, _ = await entry.by_command(asked, desk)
    words = rest(asked.text).split()
    card = grammar.read_card(words[0]) if len(words) == 1 else None
    if words and card is None:
        raise Unclear("other", short(rest(asked.text)), "/requests 12")
    await open_list(card, chat, asked, desk)


async def open_list(card: CardWish | None, chat: Chat, asked: Asked, desk: Desk) -> None:
    """Raises UnknownNumber, Unclear."""
    link = await find(card, chat.id, desk) if card is not None else None
    await _show(chat, link.number if link else 0, asked, desk)


async def turn(query: CallbackQuery, callback_data: WaitingPress, asked: Asked, desk: Desk) -> None:
    """Raises UnknownNumber."""
    if await desk.delivery.ack(asked):
        chat, asker = await entry.by_number(asked, desk, callback_data.chat)
        link = await by_number(callback_data.number, chat.id, desk) if callback_data.number else None
        if callback_data.older and await acting.reads_waiting(link, chat, asker, desk):
            await acting.put(Act.WAITING, link, chat, asked, desk)
            return
        await _show(chat, callback_data.number, asked, desk, page=callback_data.page)


async def answer(query: CallbackQuery, callback_data: AnswerPress, asked: Asked, desk: Desk) -> None:
    """One of them. Raises Stale, BotPowerless."""
    if not await desk.delivery.ack(asked):
        return
    chat, _ = await entry.by_number(asked, desk, callback_data.chat, fresh=True)
    one = await _of_row(callback_data.row, chat, desk)
    if one.state == RequestState.WAITING:
        act = ADMIT if callback_data.yes else TURN_AWAY
        _, is_new = await desk.ledger.intents.intend(asked.update_id, act, chat.id, asked.person.id, {"row": one.id})
        try:
            one = await give(one, desk, yes=callback_data.yes, by=asked.person.id, again=not is_new)
        finally:
            await desk.ledger.intents.handed_on(asked.update_id)
        await _show(chat, callback_data.number, asked, desk, note=screens.answered(one), of=one.handle)
        return
    note = f"{screens.answered(one)}-before" if one.state != RequestState.WITHDRAWN else "gone"
    of = one.handle if one.decider is None else f"{one.handle} ({one.decider})"
    await _show(chat, callback_data.number, asked, desk, note=note, of=of)


async def answer_all(query: CallbackQuery, callback_data: AnswerAllPress, asked: Asked, desk: Desk) -> None:
    """Asks first; a yes counts for exactly so many. Raises UnknownNumber, NotYours."""
    if not await desk.delivery.ack(asked):
        return
    chat, asker = await entry.by_number(asked, desk, callback_data.chat, fresh=True)
    number, yes = callback_data.number, callback_data.yes
    link = await by_number(number, chat.id, desk) if number else None
    waiting = await desk.ledger.requests.ids(chat.id, link.id if link else None)
    what = f"{ADMIT if yes else TURN_AWAY} {number} {len(waiting)}"
    if await _at_once(link, chat, asker, desk, known=len(waiting)):
        await acting.offered(link, chat, asker, asked, desk, act=Act.APPROVE if yes else Act.DECLINE)
        return
    if not waiting:
        await _show(chat, number, asked, desk)
        return
    good = desk.confirmations.answer(callback_data.once, asked.person.id, chat.id, what, now=desk.clock())
    if not good:
        once = desk.confirmations.ask(asked.person.id, chat.id, what, now=desk.clock())
        screen = screens.asks_all(
            chat, number=number, count=len(waiting), yes=yes, once=once, again=bool(callback_data.once)
        )  # fmt: skip
        await desk.delivery.show(screen, asked)
        return
    items = [NewItem(link.id if link else None, person, wish={"row": row}) for row, person in waiting]
    batch = await desk.ledger.batches.draft(
        ADMIT if yes else TURN_AWAY, chat.id, asked_by=asked.person.id, items=items
    )  # fmt: skip
    await desk.ledger.batches.begin(batch.id, place=asked.place)
    desk.batch_news.set()


async def write(query: CallbackQuery, callback_data: WritePress, asked: Asked, desk: Desk) -> None:
    """What to write to who asks. In private alone: there a reply reaches the bot. Raises Stale, NotYours."""
    if not await desk.delivery.ack(asked):
        return
    if asked.in_group:
        raise NotYours
    chat, _ = await entry.by_number(asked, desk, callback_data.chat, fresh=True)
    one = await _of_row(callback_data.row, chat, desk)
    await desk.delivery.show(screens.asks_words(one, chat, now=int(desk.clock())), asked)


async def replied_with_words(message: Message, asked: Asked) -> dict[str, Any] | bool:
    """Matches words in private that reply to the question for them: its last button tells for whom."""
    replied = message.reply_to_message
    if asked.in_group or asked.reply_to is None or asked.text.startswith("/") or replied is None:
        return False
    rows = replied.reply_markup.inline_keyboard if replied.reply_markup else []
    presses = [read_press(button.callback_data) for row in rows for button in row]
    return {"press": presses[-1]} if presses and isinstance(presses[-1], WritePress) else False


async def relay(message: Message, asked: Asked, desk: Desk, press: WritePress) -> None:
    """One message to who asks, while Telegram lets the bot write. Raises Stale, Unclear."""
    chat, _ = await entry.by_number(asked, desk, press.chat, fresh=True)
    one = await _of_row(press.row, chat, desk)
    words = asked.text.strip()
    if grammar.holds_link(words):
        raise Unclear("words-link", "", "/requests")
    if len(words) > WORDS_AT_MOST:
        raise Unclear("relay-long", "", "/requests")
    if not one.writable(int(desk.clock())) or one.private_id is None:
        await desk.delivery.show(screens.asks_words(one, chat, now=int(desk.clock())), asked)
        return
    await desk.ledger.requests.wrote(one.id)  # before it is sent: a second one would be one too many
    sent = await desk.delivery.tell(one.private_id, screens.relayed(chat, words))
    await _show(chat, one.number or 0, asked, desk, note="written" if sent else "unwritten", of=one.handle)


async def give(one: Request, desk: Desk, *, yes: bool, by: int, again: bool = False) -> Request:
    """The answer. `again`: this very answer may have been given before, so that Telegram knowing of no request is
    its own doing. Raises BotPowerless, and what aiogram raises."""
    call = desk.bot.approve_chat_join_request if yes else desk.bot.decline_chat_join_request
    meant = RequestState.APPROVED if yes else RequestState.DECLINED
    state: RequestState = meant
    decider: int | None = by
    for last in (False, True):
        try:
            await call(one.chat_id, one.person_id)
            break
        except UNANSWERED:
            if last:
                raise
            again = True
        except TelegramForbiddenError:
            raise BotPowerless("present") from None
        except TelegramBadRequest as refusal:
            if powerless(refusal):
                raise BotPowerless("invite") from None
            if MISSING not in refusal.message and IN_ALREADY not in refusal.message:
                raise
            if not again:
                decider = None
                state = RequestState.APPROVED if IN_ALREADY in refusal.message else RequestState.WITHDRAWN
            break
    ended = await desk.ledger.requests.decided(one.id, state, by=decider)
    return ended or one


async def _at_once(link: Link | None, chat: Chat, asker: Asker, desk: Desk, *, known: int) -> bool:
    """Whether all who wait by the link, or in the chat, are the account's to answer, in one call: the bot answers
    those it knows, one by one, and none without the right to invite."""
    beyond = (link is not None and link.pending > known) or chat.bot_role == Role.POWERLESS
    return beyond and await acting.can(Act.APPROVE, link, chat, asker, desk)


async def _show(
    chat: Chat, number: int, asked: Asked, desk: Desk, *, page: int = 0, note: str = "", of: str = ""
) -> None:  # fmt: skip
    link = await by_number(number, chat.id, desk) if number else None
    report = await desk.ledger.requests.waiting(chat.id, link.id if link else None, page=page)
    asker = await desk.access.asker(chat.id, asked.person.id)
    older = await acting.reads_waiting(link, chat, asker, desk)
    at_once = await _at_once(link, chat, asker, desk, known=report.total)
    unseen = max(0, link.pending - report.total) if link is not None else 0
    screen = screens.waiting(
        report, chat, number=number, now=int(desk.clock()), in_group=asked.in_group, note=note, of=of,
        older=older, at_once=at_once, unseen=unseen, whole=link is not None and link.by_this_bot,
    )  # fmt: skip
    await desk.delivery.show(screen, asked)


async def _of_row(row: int, chat: Chat, desk: Desk) -> Request:
    """Raises Stale where there is none of that row in this chat."""
    one = await desk.ledger.requests.get(row)
    if one is None or one.chat_id != chat.id:
        raise Stale
    return one


# One of many


async def act(item: Item, batch: Batch, desk: Desk) -> Outcome | None:
    return await _one(item, batch, desk, again=False)


async def settle(item: Item, batch: Batch, desk: Desk) -> Outcome | None:
    return await _one(item, batch, desk, again=True)


async def _one(item: Item, batch: Batch, desk: Desk, *, again: bool) -> Outcome:
    """Raises Halt."""
    one, yes = await desk.ledger.requests.get(item.wish["row"]), batch.what == ADMIT
    if one is None:
        return refused("gone")
    meant = RequestState.APPROVED if yes else RequestState.DECLINED
    if one.state != RequestState.WAITING:
        return DONE if again and one.state == meant else refused("answered")
    try:
        one = await give(one, desk, yes=yes, by=batch.asked_by, again=again)
    except BotPowerless:
        raise Halt("powerless") from None
    return DONE if one.state == meant and one.decided_by == batch.asked_by else refused("answered")


KINDS = {ADMIT: Kind(act, settle), TURN_AWAY: Kind(act, settle)}


def register(routes: Router) -> None:
    routes.chat_join_request.register(asked_to_join)
    routes.message.register(requests, Asks("requests"))
    routes.message.register(relay, replied_with_words)
    routes.callback_query.register(turn, WaitingPress.filter())
    routes.callback_query.register(answer, AnswerPress.filter())
    routes.callback_query.register(answer_all, AnswerAllPress.filter())
    routes.callback_query.register(write, WritePress.filter())

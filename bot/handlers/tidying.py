"""`/clean`: the links that look dead, chosen from, revoked after one question; and new ones in their place."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

from aiogram import Router
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramForbiddenError, TelegramRetryAfter
from aiogram.types import CallbackQuery, Message

from bot import screens
from bot.access import Asker, may_clean
from bot.asked import Asked
from bot.batches import DONE, Halt, Kind, Outcome, Waits, refused
from bot.callbacks import TidyAct, TidyPress
from bot.commands import Asks
from bot.desk import Desk
from bot.errors import BotPowerless, NotYours, Stale
from bot.handlers import acting, entry
from bot.handlers.card import powerless, revoke_link
from bot.handlers.creating import call_for
from bot.handlers.many import of_row
from bot.meeting import seen_whole
from bot.patience import UNANSWERED
from bot.screens.base import Button, Rows
from bot.screens.tidying import A_PAGE, NUMBERS_KEPT, RULES, page_of
from bot.screens.words import say
from ledger.batches import Batch, BatchState, Item, ItemState, NewItem, Report
from ledger.chats import Chat
from ledger.errands import TIDYING, Act, Errand, ErrandState
from ledger.links import UNREVOKED, Link, State
from ledger.listing import Query
from ledger.tidying import dead_by

CLEAN, AGAIN, RETIRE = "clean", "again", "retire"
SHORTEST = 3600  # seconds a new link lasts at least


async def clean(message: Message, asked: Asked, desk: Desk) -> None:
    """Of the asker's own links, or of all where he may; nothing is done yet."""
    chat, asker = await entry.by_command(asked, desk, fresh=True)
    draft = await _draft(chat, asker, desk)
    await _show(draft, chat, asked, desk)


async def press(query: CallbackQuery, callback_data: TidyPress, asked: Asked, desk: Desk) -> None:
    """Raises Stale, NotYours."""
    if not await desk.delivery.ack(asked):
        return
    act = callback_data.act
    fresh = act in (TidyAct.YES, TidyAct.AGAIN_YES)
    chat, _ = await entry.by_number(asked, desk, callback_data.chat, fresh=fresh)
    batch = await of_row(callback_data.row, chat.id, desk)
    if batch.asked_by != asked.person.id or batch.what not in (CLEAN, AGAIN, RETIRE):
        raise NotYours
    if act == TidyAct.AGAIN:
        await _ask_again(batch, chat, asked, desk)
        return
    if batch.state != BatchState.DRAFT:
        if not fresh:  # a yes that is run again: what it began shows itself
            raise Stale
        return
    match act:
        case TidyAct.PAGE:
            await _show(batch, chat, asked, desk, page=callback_data.number)
        case TidyAct.ONE | TidyAct.RULE:
            await _choose(callback_data, batch, chat, asked, desk)
        case TidyAct.ASK:
            await _ask(batch, chat, asked, desk)
        case TidyAct.YES | TidyAct.AGAIN_YES:
            await _yes(callback_data, batch, chat, asked, desk)
        case TidyAct.CANCEL:
            await desk.delivery.show(screens.cancelled(something=True, chat_id=chat.id), asked)


async def _draft(chat: Chat, asker: Asker, desk: Desk) -> Batch:
    """This bot's primary links are left out until they are chosen: Telegram puts others in their place. What the
    account does comes last, as it may have to wait for hours."""
    items: list[NewItem] = []
    by_account: list[NewItem] = []
    beyond: list[Link] = []
    for link, rule in await desk.ledger.links.dead(chat.id, int(desk.clock())):
        if not may_clean(asker, link):
            continue
        if link.by_this_bot and link.whole:
            items.append(NewItem(link.id, reason=rule, chosen=not link.primary))
        elif await acting.can(Act.REVOKE, link, chat, asker, desk, tidying=True):
            by_account.append(NewItem(link.id, reason=rule))
        else:
            beyond.append(link)
    items += by_account
    wish = {"beyond": await _by_maker(beyond, asker, desk)}
    return await desk.ledger.batches.draft(CLEAN, chat.id, asked_by=asker.person_id, items=items, wish=wish)


async def _by_maker(links: Sequence[Link], asker: Asker, desk: Desk) -> list[dict[str, Any]]:
    """Who made them, whoever made most first: `name` (empty for the asker), whether a bot did, how many, the numbers
    of the first few, and of his primary link, which nobody revokes with others."""
    by_maker: dict[int, list[Link]] = {}
    for link in links:
        by_maker.setdefault(link.creator_id, []).append(link)
    told = []
    for maker_id, some in sorted(by_maker.items(), key=lambda pair: -len(pair[1])):
        maker = await desk.ledger.chats.person(maker_id)
        is_bot = bool(maker and maker.is_bot)
        name = f"@{maker.username}" if is_bot and maker and maker.username else some[0].creator
        numbers = [link.number for link in some[:NUMBERS_KEPT]]
        name = "" if maker_id == asker.person_id else name
        primary = next((link.number for link in some if link.primary), 0)
        told.append({"name": name, "bot": is_bot, "n": len(some), "numbers": numbers, "primary": primary})
    return told


async def _show(batch: Batch, chat: Chat, asked: Asked, desk: Desk, *, page: int = 0) -> None:
    items = await desk.ledger.batches.items(batch.id)
    shown = page_of(items, page)
    links = await desk.ledger.links.many([one.link_id for one in shown if one.link_id is not None])
    fresh = (await desk.ledger.links.page(Query(chat.id, asked.person.id, size=1))).freshness
    screen = screens.tidy(batch, chat, items, links, fresh=fresh, now=int(desk.clock()), page=page)
    await desk.delivery.show(screen, asked)


async def _choose(wish: TidyPress, batch: Batch, chat: Chat, asked: Asked, desk: Desk) -> None:
    """Of a rule all are chosen, unless they are: then none. This bot's primary links are chosen one by one."""
    batches, page = desk.ledger.batches, 0
    items = await batches.items(batch.id)
    if wish.act == TidyAct.RULE:
        if not 0 <= wish.number < len(RULES):
            raise Stale
        rule = RULES[wish.number]
        of_rule = [one for one in items if one.reason == rule]
        primaries = {one.id for one in (await _links(of_rule, desk)).values() if one.primary}
        plain = [one for one in of_rule if one.link_id not in primaries]
        chosen = any(one.state == ItemState.UNCHOSEN for one in plain)
        await batches.choose(batch.id, [one.id for one in plain], chosen=chosen)
    else:
        place = next((n for n, one in enumerate(items) if one.link_id == wish.number), None)
        if place is None:
            raise Stale
        item = items[place]
        await batches.choose(batch.id, [item.id], chosen=item.state == ItemState.UNCHOSEN)
        page = place // A_PAGE
    await _show(batch, chat, asked, desk, page=page)


async def _ask(batch: Batch, chat: Chat, asked: Asked, desk: Desk, *, again: bool = False) -> None:
    chosen = await desk.ledger.batches.items(batch.id, ItemState.WAITING)
    if not chosen:
        await _show(batch, chat, asked, desk)
        return
    links = await _links(chosen, desk)
    once = desk.confirmations.ask(asked.person.id, chat.id, meant(batch.what, chosen), now=desk.clock())
    screen = screens.asks_tidy(batch, chat, list(links.values()), once=once, again=again)
    await desk.delivery.show(screen, asked)


async def _yes(wish: TidyPress, batch: Batch, chat: Chat, asked: Asked, desk: Desk) -> None:
    """To exactly what was asked about; anything else is asked anew."""
    chosen = await desk.ledger.batches.items(batch.id, ItemState.WAITING)
    what = meant(batch.what, chosen)
    if not desk.confirmations.answer(wish.once, asked.person.id, chat.id, what, now=desk.clock()):
        await _ask(batch, chat, asked, desk, again=True)
        return
    await desk.ledger.batches.begin(batch.id, place=asked.place)
    desk.batch_news.set()


def meant(what: str, chosen: Sequence[Item]) -> str:
    """What a yes to these is a yes to."""
    marks = zlib.crc32(",".join(str(one.id) for one in chosen).encode())
    return f"{what} {len(chosen)} {marks}"


async def _links(items: Sequence[Item], desk: Desk) -> dict[int, Link]:
    return await desk.ledger.links.many([one.link_id for one in items if one.link_id is not None])


# In the place of what was revoked


async def _ask_again(batch: Batch, chat: Chat, asked: Asked, desk: Desk) -> None:
    """New links of the same names and terms: of those this batch revoked, but for primary ones, which Telegram
    replaces itself."""
    done = await desk.ledger.batches.items(batch.id, ItemState.DONE)
    old = [one for one in (await _links(done, desk)).values() if may_be_remade(one)]
    if batch.what != CLEAN or not old:
        raise Stale
    draft = await desk.ledger.batches.draft(
        AGAIN, chat.id, asked_by=asked.person.id, items=[NewItem(one.id) for one in old]
    )
    await _ask(draft, chat, asked, desk)


def may_be_remade(link: Link) -> bool:
    return link.by_this_bot and not link.primary and not link.price and link.state == State.REVOKED


async def remake(item: Item, batch: Batch, desk: Desk) -> Outcome | None:
    """A new link in the place of the old, for as long as that was for. Telegram has no idempotency key: an intent
    stands before the call, under a number that no update has. Raises Halt."""
    old = await desk.ledger.links.get(item.link_id or 0)
    if old is None:
        return refused("gone")
    if not may_be_remade(old):
        return refused("changed")
    lasted = max(SHORTEST, old.expires - (old.created or old.first_seen)) if old.expires else None
    expires = int(desk.clock()) + lasted if lasted else None
    terms: dict[str, Any] = {
        "title": old.title, "expires": expires, "limit": old.limit, "approval": old.approval, "once": old.once,
        "for_person": old.for_person, "for_name": old.for_name,
    }  # fmt: skip
    intents = desk.ledger.intents
    intent, is_new = await intents.intend(-item.id, "create", batch.chat_id, batch.asked_by, terms)
    if not is_new and not await intents.anew(-item.id):
        return await remade(item, batch, desk)
    try:
        made = await call_for(intent.wish, batch.chat_id, desk)
    except UNANSWERED:
        raise
    except TelegramAPIError as refusal:
        await intents.failed(-item.id)
        if isinstance(refusal, TelegramForbiddenError) or (
            isinstance(refusal, TelegramBadRequest) and powerless(refusal)
        ):
            raise Halt("powerless") from None
        if isinstance(refusal, TelegramRetryAfter):
            raise
        return refused("telegram")
    asked_by = old.asked_by or batch.asked_by
    new = await desk.ledger.links.made(batch.chat_id, seen_whole(made), asked_by=asked_by, update_id=-item.id)
    return Outcome(ItemState.DONE, str(new.number))


async def remade(item: Item, batch: Batch, desk: Desk) -> Outcome | None:
    """What the first call came to; it is never made again while it may have been answered."""
    intent = await desk.ledger.intents.of(-item.id)
    if intent is None or intent.state == "failed":
        return await remake(item, batch, desk)
    if intent.state == "open":
        return Outcome(ItemState.UNKNOWN, "may-exist")
    new = await desk.ledger.links.get(intent.link_id) if intent.link_id is not None else None
    return Outcome(ItemState.DONE, str(new.number) if new else "")


# The revoke of one of many


async def revoke(item: Item, batch: Batch, desk: Desk) -> Outcome | Waits | None:
    """Looked at anew before it goes: it may have been used, changed or revoked since. Raises Halt."""
    link = await desk.ledger.links.get(item.link_id or 0)
    if link is None or link.state not in UNREVOKED:
        return refused("already")
    if batch.what == CLEAN and dead_by(link, int(desk.clock())) is None:
        return refused("changed")
    return await (_revoked(link, batch, desk) if link.by_this_bot else _asked(item, link, batch, desk))


async def settle_revoke(item: Item, batch: Batch, desk: Desk) -> Outcome | Waits | None:
    """To revoke again harms nothing: Telegram says that it is done. What the account was asked is its to end."""
    link = await desk.ledger.links.get(item.link_id or 0)
    if link is not None and not link.by_this_bot:
        errand = await desk.ledger.errands.of_update(-item.id)
        return await (_come_of(errand, link, batch, desk) if errand else revoke(item, batch, desk))
    if link is None or link.state not in UNREVOKED:
        return DONE
    return await _revoked(link, batch, desk)


async def _revoked(link: Link, batch: Batch, desk: Desk) -> Outcome:
    asker = await desk.access.asker(batch.chat_id, batch.asked_by)
    if not may_clean(asker, link):
        return refused("not-yours")
    chat = await desk.access.served_chat(batch.chat_id)
    try:
        await revoke_link(link, chat, desk, by=batch.asked_by)
    except BotPowerless:
        raise Halt("powerless") from None
    return DONE


async def recall(item: Item, batch: Batch, desk: Desk) -> bool:
    """Whether the account has not sent it and now never will for this."""
    errand = await desk.ledger.errands.of_update(-item.id)
    if errand is not None:
        return await desk.ledger.errands.cancel(errand.id, batch.asked_by)
    link = await desk.ledger.links.get(item.link_id or 0)
    return link is not None and not link.by_this_bot


async def _asked(item: Item, link: Link, batch: Batch, desk: Desk) -> Outcome | Waits:
    """Asks the account, under a number that no update has. What others asked for the link already is theirs to call
    back: it ends first."""
    asker = await desk.access.asker(batch.chat_id, batch.asked_by)
    chat = await desk.access.served_chat(batch.chat_id)
    if not may_clean(asker, link):
        return refused("not-yours")
    if not await acting.can(Act.REVOKE, link, chat, asker, desk, tidying=True):
        return refused("out-of-reach")
    errands = desk.ledger.errands
    errand = await errands.open_like(Act.REVOKE, chat.id, link.id)
    if errand is None:
        errand, _ = await errands.ask(
            Act.REVOKE, chat.id, asked_by=batch.asked_by, link_id=link.id, wish={TIDYING: True}, update_id=-item.id
        )
    return await _waits(errand, desk)


async def _come_of(errand: Errand, link: Link, batch: Batch, desk: Desk) -> Outcome | Waits:
    """A link that came to life while the account had to wait is left."""
    if errand.open and link.state in UNREVOKED and dead_by(link, int(desk.clock())) is None:
        if await desk.ledger.errands.cancel(errand.id, batch.asked_by):
            return refused("changed")
        errand = await desk.ledger.errands.get(errand.id) or errand
    match errand.state:
        case ErrandState.DONE:
            return refused("already") if errand.result.get("already") else DONE
        case ErrandState.REFUSED:
            return refused(_SAME_AS.get(errand.reason, errand.reason))
        case ErrandState.UNKNOWN:
            return Outcome(ItemState.UNKNOWN, errand.reason)
    return await _waits(errand, desk)


async def _waits(errand: Errand, desk: Desk) -> Waits:
    account, power = await desk.ledger.programs.account(), await desk.ledger.errands.power()
    return Waits(*screens.waits_for(errand, account, power))


async def _offer_again(report: Report, chat: Chat, desk: Desk) -> Rows:
    done = await desk.ledger.batches.items(report.batch.id, ItemState.DONE)
    if not any(may_be_remade(one) for one in (await _links(done, desk)).values()):
        return ()
    again = TidyPress(act=TidyAct.AGAIN, chat=chat.id, row=report.batch.id).pack()
    return ((Button(say("button-again-links"), again),),)


# The account's words for why not, where a report has one of its own.
_SAME_AS = {
    "revoked": "already", "no-such-link": "gone", "not-let": "out-of-reach", "read-only": "out-of-reach",
    "not-owner": "out-of-reach", "not-in-chat": "out-of-reach",
}  # fmt: skip
KINDS = {CLEAN: Kind(revoke, settle_revoke, recall, after=_offer_again), AGAIN: Kind(remake, remade)}


def register(routes: Router) -> None:
    routes.message.register(clean, Asks("clean"))
    routes.callback_query.register(press, TidyPress.filter())

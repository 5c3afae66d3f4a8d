"""`/invite 19 remove since 3 May`: all who came by a link are removed or banned, by this bot alone."""

from __future__ import annotations

from aiogram import Router
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramRetryAfter
from aiogram.types import CallbackQuery, ChatMemberAdministrator, ChatMemberBanned, ChatMemberOwner, ChatMemberUnion

from bot import screens
from bot.access import Asker, may_remove
from bot.asked import Asked
from bot.batches import DONE, HalfDone, Halt, Kind, Outcome, refused
from bot.callbacks import RemoveAct, RemovePress
from bot.desk import Desk
from bot.errors import BotPowerless, NoBanRight, NotNamed, NotYours, Stale
from bot.handlers import entry
from bot.handlers.card import by_number, find
from bot.handlers.many import of_row
from bot.handlers.membership import is_present
from bot.handlers.tidying import meant
from bot.wishes import RemoveWish
from ledger.batches import Batch, BatchState, Item, NewItem
from ledger.chats import Chat
from ledger.links import Link

REMOVE, BAN = "remove", "ban"
_KINDS = {RemoveAct.ASK: REMOVE, RemoveAct.YES: REMOVE, RemoveAct.ASK_BAN: BAN, RemoveAct.YES_BAN: BAN}
NOBODY = ("user not found", "participant_id_invalid", "user_not_participant")


async def ask_remove(wish: RemoveWish, chat: Chat, asker: Asker, asked: Asked, desk: Desk) -> None:
    """Who they are, and how. Raises UnknownNumber, Unclear, and as `_demand`."""
    link = await find(wish.card, chat.id, desk)
    await _demand(link, chat, asker, desk)
    await _preview(link, wish.since, chat, asked, desk)


async def press(query: CallbackQuery, callback_data: RemovePress, asked: Asked, desk: Desk) -> None:
    """Raises Stale, NotYours, and as `_demand`."""
    if not await desk.delivery.ack(asked):
        return
    act = callback_data.act
    chat, asker = await entry.by_number(asked, desk, callback_data.chat, fresh=True)
    if act == RemoveAct.OPEN:
        link = await by_number(callback_data.row, chat.id, desk)
        await _demand(link, chat, asker, desk)
        await _preview(link, 0, chat, asked, desk)
        return
    batch = await of_row(callback_data.row, chat.id, desk)
    if batch.asked_by != asked.person.id or batch.what not in (REMOVE, BAN):
        raise NotYours
    if "number" not in batch.wish:  # drawn up by an earlier version
        raise Stale
    link = await by_number(batch.wish["number"], chat.id, desk)
    await _demand(link, chat, asker, desk)
    if batch.state != BatchState.DRAFT:
        if act in (RemoveAct.YES, RemoveAct.YES_BAN):
            return  # run again: what it began shows itself
        raise Stale
    if act == RemoveAct.CANCEL:
        await desk.delivery.show(screens.cancelled(something=True, chat_id=chat.id), asked)
        return
    people, kind = await desk.ledger.batches.items(batch.id), _KINDS[act]
    what, now = meant(kind, people), desk.clock()
    yes = act in (RemoveAct.YES, RemoveAct.YES_BAN)
    if yes and desk.confirmations.answer(callback_data.once, asked.person.id, chat.id, what, now=now):
        await desk.ledger.batches.begin(batch.id, place=asked.place, what=kind)
        desk.batch_news.set()
        return
    once = desk.confirmations.ask(asked.person.id, chat.id, what, now=now)
    screen = screens.asks_remove(batch, chat, link, n=len(people), ban=kind == BAN, once=once, again=yes)
    await desk.delivery.show(screen, asked)


async def _preview(link: Link, since: int, chat: Chat, asked: Asked, desk: Desk) -> None:
    """Admins, bots and the asker stay; who has left is not touched."""
    came = await desk.ledger.links.came_by(link.id, since)
    admins = {one.user.id for one in await desk.bot.get_chat_administrators(chat.id, return_bots=True)}
    stay = admins | {asked.person.id, desk.me.id}
    people = [one for one in came if one.id not in stay and not one.is_bot]
    items = [NewItem(person_id=one.id) for one in people]
    wish = {"number": link.number}
    draft = await desk.ledger.batches.draft(REMOVE, chat.id, asked_by=asked.person.id, items=items, wish=wish)
    screen = screens.came_by(
        draft, chat, link, people, staying=len(came) - len(people), since=since, now=int(desk.clock())
    )
    await desk.delivery.show(screen, asked)


async def _demand(link: Link, chat: Chat, asker: Asker, desk: Desk) -> None:
    """Raises NotNamed where it is another's link and the owner did not let him act, NoBanRight where Telegram does
    not let him, BotPowerless where it does not let this bot."""
    if not may_remove(asker, link):
        raise NotNamed("remove")
    if not _may_ban(await desk.bot.get_chat_member(chat.id, asker.person_id)):
        raise NoBanRight
    try:
        own = await desk.bot.get_chat_member(chat.id, desk.me.id)
    except (TelegramForbiddenError, TelegramBadRequest):
        raise BotPowerless("present") from None
    if not _may_ban(own):
        raise BotPowerless("restrict")


def _may_ban(member: ChatMemberUnion) -> bool:
    return isinstance(member, ChatMemberOwner) or (
        isinstance(member, ChatMemberAdministrator) and member.can_restrict_members
    )


# One of many


async def remove(item: Item, batch: Batch, desk: Desk) -> Outcome | None:
    member = await _member(item, batch, desk)
    if member is None or not is_present(member):
        return refused("left")
    return await _put_out(item, batch, member, desk)


async def settle(item: Item, batch: Batch, desk: Desk) -> Outcome | None:
    """He was there when it was begun: who is out now was put out, and who is banned may still have to be let back."""
    member = await _member(item, batch, desk)
    if member is not None and is_present(member):
        return await _put_out(item, batch, member, desk)
    if isinstance(member, ChatMemberBanned):
        await _let_back(item, batch, desk)
    return DONE


async def _member(item: Item, batch: Batch, desk: Desk) -> ChatMemberUnion | None:
    if not item.person_id:
        return None
    try:
        return await desk.bot.get_chat_member(batch.chat_id, item.person_id)
    except TelegramForbiddenError:
        raise Halt("powerless") from None
    except TelegramBadRequest as refusal:
        if any(words in refusal.message.lower() for words in NOBODY):
            return None
        raise


async def _put_out(item: Item, batch: Batch, member: ChatMemberUnion, desk: Desk) -> Outcome:
    """Raises Halt, HalfDone."""
    if isinstance(member, (ChatMemberOwner, ChatMemberAdministrator)):
        return refused("admin")
    assert item.person_id is not None
    try:
        await desk.bot.ban_chat_member(batch.chat_id, item.person_id)
    except TelegramForbiddenError:
        raise Halt("powerless") from None
    except TelegramBadRequest as refusal:
        said = refusal.message.lower()
        if "not enough rights" in said or "chat_admin_required" in said:
            raise Halt("powerless") from None
        if any(words in said for words in NOBODY):
            return refused("left")
        return refused("admin" if "user_admin_invalid" in said else "telegram")
    await _let_back(item, batch, desk)
    return DONE


async def _let_back(item: Item, batch: Batch, desk: Desk) -> None:
    """Who is removed and not banned may come again. A basic group keeps no bans. Raises HalfDone."""
    chat = await desk.access.served_chat(batch.chat_id)
    if batch.what == BAN or chat.kind == "group":
        return
    assert item.person_id is not None
    try:
        await desk.bot.unban_chat_member(batch.chat_id, item.person_id, only_if_banned=True)
    except TelegramRetryAfter as wait:
        raise HalfDone(wait.retry_after) from None


async def _may(asker: Asker, batch: Batch, desk: Desk) -> str:
    link = await desk.ledger.links.find(batch.chat_id, batch.wish.get("number", 0))
    if link is None or not may_remove(asker, link):
        return "not-allowed"
    return "" if _may_ban(await desk.bot.get_chat_member(batch.chat_id, asker.person_id)) else "no-ban-right"


KINDS = {kind: Kind(remove, settle, may=_may) for kind in (REMOVE, BAN)}


def register(routes: Router) -> None:
    routes.callback_query.register(press, RemovePress.filter())

"""What this bot cannot do itself with a link, the signed-in account may: asked by a row, never by a call."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from aiogram import Router
from aiogram.exceptions import TelegramAPIError
from aiogram.types import CallbackQuery

from bot import screens
from bot.access import Asker, may_ask, may_change, may_reveal
from bot.asked import Asked, Way
from bot.callbacks import ActPress, CancelPress
from bot.desk import Desk
from bot.errors import BotError, NotYours, Stale, UnknownNumber
from bot.handlers import entry
from bot.screens.base import Screen
from ledger import rights
from ledger.chats import AccountState, Chat
from ledger.errands import Act, Errand, ErrandState, Place, alike
from ledger.links import Link, State
from ledger.rights import AccountHere, Standing, by_account

_SO = {
    Act.REVOKE: (State.REVOKED, State.GONE),
    Act.REPLACE: (State.REVOKED, State.GONE),
    Act.DELETE: (State.GONE,),
}
_ENDS = ("revoked", "replaced", "deleted")
SHOWN_AT_MOST = 8  # open acts in a status
AT_ONCE = frozenset({Act.EDIT, Act.JOINERS, Act.WAITING})  # undone, or changing nothing: asked without a question


async def account_here(chat_id: int, desk: Desk) -> AccountHere:
    """The account as it stands in this chat now, by the ledger. Whoever has lost its session still may be asked:
    the wish waits for the next sign-in."""
    chat = await desk.ledger.chats.get(chat_id)
    account, power = await desk.ledger.programs.account(), await desk.ledger.errands.power()
    if chat is None or account.state == AccountState.ABSENT:
        return AccountHere()
    return AccountHere(account.person_id, chat.account_role, acts=power.mode == "act" and chat.account_acts)


async def can(act: Act, link: Link | None, chat: Chat, asker: Asker, desk: Desk, *, tidying: bool = False) -> bool:
    """Whether the account does this with the link for this asker; without one, with all who wait in the chat."""
    here = await account_here(chat.id, desk)
    if link is None:
        return act in (Act.APPROVE, Act.DECLINE) and rights.answers_all(asker, here)
    maker = await desk.ledger.chats.person(link.creator_id)
    return by_account(act, asker, link, here, maker_is_bot=maker is not None and maker.is_bot, tidying=tidying)


async def reads_waiting(link: Link | None, chat: Chat, asker: Asker, desk: Desk) -> bool:
    """Whether the account reads for this asker who waits by the link, or in the chat."""
    if link is not None:
        return await can(Act.WAITING, link, chat, asker, desk)
    return rights.reads_waiting(asker, await account_here(chat.id, desk))


async def changeable(link: Link, chat: Chat, asker: Asker, desk: Desk) -> bool:
    """Whether the link can be changed for this asker, by this bot or by the account."""
    return may_change(asker, link) or await can(Act.EDIT, link, chat, asker, desk)


async def offered(
    link: Link | None, chat: Chat, asker: Asker, asked: Asked, desk: Desk, *, act: Act,
    wish: Mapping[str, Any] | None = None,
) -> bool:  # fmt: skip
    """The way for every handler whose act this bot cannot do itself: where the account does it for this asker, he
    is asked once (what can be undone is asked for at once), and this returns True; else nothing is said."""
    if not await can(act, link, chat, asker, desk):
        return False
    if act in AT_ONCE:
        await put(act, link, chat, asked, desk, wish=wish)
    else:
        await _question(act, link, chat, asked, desk)
    return True


async def put(
    act: Act, link: Link | None, chat: Chat, asked: Asked, desk: Desk, *, wish: Mapping[str, Any] | None = None,
    about: int | None = None,
) -> Errand | None:  # fmt: skip
    """Asks the account; what says so keeps its place to be edited with the outcome. Who wants the same as another gets
    the same outcome; a link that is being changed otherwise is not asked to be changed a second way (None)."""
    if (earlier := await desk.ledger.errands.of_update(asked.update_id)) is not None:
        return await _again(earlier, link, chat, asked, desk)
    errands, link_id = desk.ledger.errands, link.id if link else None
    before = await errands.open_like(act, chat.id, link_id, about)
    if link is not None and before is not None and not alike(before.wish, wish or {}):
        await desk.delivery.show(await _other(before, link, chat, desk), asked)
        return None
    ask = partial(
        errands.ask, act, chat.id, asked_by=asked.person.id, link_id=link_id, about=about, wish=wish,
        update_id=asked.update_id,
    )  # fmt: skip
    if asked.way == Way.PRESS:
        return await _put_pressed(ask, link, chat, asked, desk, wish=wish or {})
    shown = before or Errand.about_to_be(act, chat.id, link_id, asked.person.id, int(desk.clock()), about=about)
    place = await desk.delivery.show(await open_screen(shown, link, chat, asked.person.id, desk), asked)
    errand, _ = await ask(place=place)
    if link is not None and not alike(errand.wish, wish or {}):
        if place is not None:
            await desk.delivery.edit(place, await _other(errand, link, chat, desk))
        return None
    hindered, _ = screens.waits_for(errand, await desk.ledger.programs.account(), await errands.power())
    if place is not None and (hindered or errand.asked_by != shown.asked_by):
        await desk.delivery.edit(place, await open_screen(errand, link, chat, asked.person.id, desk))
        await _or_its_end(errand, place, chat, asked, desk)
    return errand


async def _put_pressed(
    ask: Callable[..., Awaitable[tuple[Errand, bool]]], link: Link | None, chat: Chat, asked: Asked, desk: Desk, *,
    wish: Mapping[str, Any],
) -> Errand | None:  # fmt: skip
    """The row first: a yes counts once, so one that was told and lost could not be given again by itself."""
    errand, _ = await ask(place=asked.place)
    if link is not None and not alike(errand.wish, wish):
        await desk.delivery.show(await _other(errand, link, chat, desk), asked)
        return None
    place = await desk.delivery.show(await open_screen(errand, link, chat, asked.person.id, desk), asked)
    if place is not None and place != asked.place:
        await ask(place=place)
    if place is not None:
        await _or_its_end(errand, place, chat, asked, desk)
    return errand


async def _or_its_end(errand: Errand, place: Place, chat: Chat, asked: Asked, desk: Desk) -> None:
    """After the word that it was asked, where its row stood before: the outcome may have come in between, and that
    word must not stand in its stead."""
    now = await desk.ledger.errands.get(errand.id)
    if now is not None and not now.open:
        await desk.delivery.edit(place, await outcome(now, chat, asked.person.id, desk))


async def asked_before(link: Link | None, chat: Chat, asked: Asked, desk: Desk) -> bool:
    """Whether this update, run again, asked the account already; then how that stands is shown."""
    errand = await desk.ledger.errands.of_update(asked.update_id)
    if errand is not None:
        await _again(errand, link, chat, asked, desk)
    return errand is not None


async def _again(errand: Errand, link: Link | None, chat: Chat, asked: Asked, desk: Desk) -> Errand:
    """The message shown for it once more waits too, where it is not the same one."""
    place = await desk.delivery.show(await stand(errand, link, chat, asked.person.id, desk), asked)
    if errand.open:
        await desk.ledger.errands.ask(
            errand.act, errand.chat_id, asked_by=asked.person.id, link_id=errand.link_id, about=errand.about,
            place=place, wish=errand.wish, update_id=asked.update_id,
        )  # fmt: skip
    return errand


async def stand(errand: Errand, link: Link | None, chat: Chat, viewer_id: int | None, desk: Desk) -> Screen:
    """How an errand stands, for one who asked for it."""
    if errand.open:
        return await open_screen(errand, link, chat, viewer_id, desk)
    return await outcome(errand, chat, viewer_id, desk)


async def open_screen(errand: Errand, link: Link | None, chat: Chat, viewer_id: int | None, desk: Desk) -> Screen:
    """How an errand that is not ended stands for one who waits for it."""
    ledger, first = desk.ledger, await first_asker(errand, viewer_id, desk)
    may_cancel = not first
    if first and viewer_id is not None:
        with contextlib.suppress(BotError, TelegramAPIError):
            may_cancel = _may_cancel(errand, await desk.access.asker(chat.id, viewer_id))
    return screens.act_open(
        errand, link, chat, account=await ledger.programs.account(), power=await ledger.errands.power(),
        now=int(desk.clock()), viewer_id=viewer_id, first=first, may_cancel=may_cancel,
    )  # fmt: skip


async def first_asker(errand: Errand, viewer_id: int | None, desk: Desk) -> str:
    """Who asked for it, where that is not who reads."""
    if errand.asked_by in (None, viewer_id):
        return ""
    person = await desk.ledger.chats.person(errand.asked_by or 0)
    return person.name if person else ""


async def outcome(errand: Errand, chat: Chat, viewer_id: int | None, desk: Desk) -> Screen:
    """What came of it, for one who waited; after a change what the link is now, with the way back."""
    link = await desk.ledger.links.get(errand.link_id) if errand.link_id is not None else None
    if link is not None and errand.result.get("already"):
        ends = [event for event in await desk.ledger.links.history(link.id) if event.what in _ENDS]
        errand = replace(errand, asked_by=ends[-1].by if ends else None)
    first = await first_asker(errand, viewer_id, desk)
    if link is None or errand.act != Act.EDIT or errand.state != ErrandState.DONE or errand.result.get("already"):
        return screens.act_ended(errand, link, chat, viewer_id=viewer_id, first=first)
    edits = [event for event in await desk.ledger.links.history(link.id) if event.what == "edited"]
    may_show = False
    if viewer_id is not None:
        with contextlib.suppress(BotError, TelegramAPIError):  # a button less is no reason for no answer
            may_show = may_reveal(await desk.access.asker(chat.id, viewer_id), link)
    return screens.changed_by_account(
        link, chat, at=int(desk.clock()), may_show=may_show, change=len(edits), first=first
    )  # fmt: skip


async def open_acts(
    errands: Sequence[Errand], chat: Chat, asker: Asker, desk: Desk
) -> list[tuple[str, Errand, bool]]:  # fmt: skip
    """A line for each of the first few, and whether this asker may cancel it."""
    account, power, lines = await desk.ledger.programs.account(), await desk.ledger.errands.power(), []
    for one in errands[:SHOWN_AT_MOST]:
        link = await desk.ledger.links.get(one.link_id) if one.link_id is not None else None
        line = screens.open_line(
            one, link, account=account, power=power, zone=chat.time_zone, now=int(desk.clock())
        )  # fmt: skip
        lines.append((line, one, one.sent_at is None and _may_cancel(one, asker)))
    return lines


def _may_cancel(errand: Errand, asker: Asker) -> bool:
    return asker.standing == Standing.OWNER or errand.asked_by == asker.person_id


async def confirm(query: CallbackQuery, callback_data: ActPress, asked: Asked, desk: Desk) -> None:
    """A yes counts one time, from the person who was asked. Raises UnknownNumber, NotYours."""
    if not await desk.delivery.ack(asked):
        return
    chat, asker = await entry.by_number(asked, desk, callback_data.chat, fresh=True)
    act, number = callback_data.act, callback_data.number
    link = await desk.ledger.links.find(chat.id, number) if number else None
    if link is None and number:
        raise UnknownNumber(number)
    yes = desk.confirmations.answer(
        callback_data.once, asked.person.id, chat.id, _what(act, number), now=desk.clock()
    )  # fmt: skip
    if await asked_before(link, chat, asked, desk) or await _so_already(act, link, chat, asked, desk):
        return
    if callback_data.person != asked.person.id or not await can(act, link, chat, asker, desk):
        raise NotYours(number or None)
    if yes or await desk.ledger.errands.open_like(act, chat.id, link.id if link else None) is not None:
        await put(act, link, chat, asked, desk)
    else:
        await _question(act, link, chat, asked, desk, again=True)


async def _so_already(act: Act, link: Link | None, chat: Chat, asked: Asked, desk: Desk) -> bool:
    """Another was quicker; then this says so."""
    if link is None:
        return False
    if not may_ask(await desk.access.asker(chat.id, asked.person.id)) or link.state not in _SO.get(act, ()):
        return False
    errand = Errand.about_to_be(act, chat.id, link.id, asked.person.id, int(desk.clock()))
    ended = replace(errand, state=ErrandState.DONE, result={"already": 1})
    await desk.delivery.show(await outcome(ended, chat, asked.person.id, desk), asked)
    return True


async def cancel(query: CallbackQuery, callback_data: CancelPress, asked: Asked, desk: Desk) -> None:
    """For who asked, and for the owner; an act that went out can be called back no more. Raises NotYours, Stale."""
    if not await desk.delivery.ack(asked):
        return
    chat, asker = await entry.by_number(asked, desk, callback_data.chat)
    errand = await desk.ledger.errands.get(callback_data.errand)
    if errand is None or errand.chat_id != chat.id:
        raise Stale
    if not _may_cancel(errand, asker):
        raise NotYours
    await desk.ledger.errands.cancel(errand.id, asked.person.id)
    now = await desk.ledger.errands.get(errand.id) or errand
    link = await desk.ledger.links.get(now.link_id) if now.link_id is not None else None
    await desk.delivery.show(await stand(now, link, chat, asked.person.id, desk), asked)


async def _question(
    act: Act, link: Link | None, chat: Chat, asked: Asked, desk: Desk, *, again: bool = False
) -> None:  # fmt: skip
    what = _what(act, link.number if link else 0)
    once = desk.confirmations.ask(asked.person.id, chat.id, what, now=desk.clock())
    screen = screens.asks_act(act, link, chat, viewer_id=asked.person.id, once=once, again=again)
    await desk.delivery.show(screen, asked)


async def _other(errand: Errand, link: Link, chat: Chat, desk: Desk) -> Screen:
    return screens.act_other(errand, link, chat, first=await first_asker(errand, None, desk))


def _what(act: Act, number: int) -> str:
    return f"account {act.value} {number}"


def register(routes: Router) -> None:
    routes.callback_query.register(confirm, ActPress.filter())
    routes.callback_query.register(cancel, CancelPress.filter())

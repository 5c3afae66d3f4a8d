"""`/account`: the host lets the account act, chat by chat, and stops all of it at once."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot import screens
from bot.asked import Asked
from bot.callbacks import AccountAct, AccountPress
from bot.commands import Asks, rest
from bot.desk import Desk
from bot.errors import NotHost, Unserved
from bot.wishes import Unclear
from ledger.chats import Served


async def account(message: Message, asked: Asked, desk: Desk) -> None:
    """Raises NotHost, Unclear."""
    await _demand_host(asked, desk)
    word = rest(asked.text).lower()
    if word not in ("", "on", "off"):
        raise Unclear("other", word, "/account off")
    if word:
        await desk.ledger.errands.switch(word == "on")
    await _show(asked, desk)


async def press(query: CallbackQuery, callback_data: AccountPress, asked: Asked, desk: Desk) -> None:
    """Raises NotHost, Unserved."""
    if not await desk.delivery.ack(asked):
        return
    await _demand_host(asked, desk)
    act = callback_data.act
    if act in (AccountAct.ON, AccountAct.OFF):
        await desk.ledger.errands.switch(act == AccountAct.ON)
    elif act != AccountAct.SHOW:
        chat = await desk.ledger.chats.get(callback_data.chat)
        if chat is None or chat.served != Served.SERVED:
            raise Unserved
        if act == AccountAct.ASK:
            await desk.delivery.show(screens.asks_account(chat), asked)
            return
        await desk.ledger.chats.let_account_act(chat.id, acts=act == AccountAct.LET)
    await _show(asked, desk)


async def _show(asked: Asked, desk: Desk) -> None:
    ledger = desk.ledger
    screen = screens.accounts(
        await ledger.chats.served(), await ledger.programs.account(), await ledger.errands.power(),
        zone=desk.settings.tz, now=int(desk.clock()),
    )  # fmt: skip
    await desk.delivery.show(screen, asked)


async def _demand_host(asked: Asked, desk: Desk) -> None:
    if await desk.access.host() != asked.person.id:
        raise NotHost


def register(routes: Router) -> None:
    routes.message.register(account, Asks("account"))
    routes.callback_query.register(press, AccountPress.filter())

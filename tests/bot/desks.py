"""A desk beside the running bot's, for handlers called without an update of Telegram's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiogram import Bot
from aiogram.client.telegram import TelegramAPIServer

from bot.access import Access
from bot.app import Wire
from bot.asked import Asked, Way
from bot.delivery import Delivery
from bot.desk import Desk
from ledger.chats import SeenPerson
from sandbox.people import Actor
from tests.bot.conftest import Club, RunningBot


@asynccontextmanager
async def desk_beside(club: Club, bot: RunningBot) -> AsyncIterator[Desk]:
    api = Wire(api=TelegramAPIServer.from_base(bot.settings.bot_api_url))
    telegram, ledger, clock = Bot(str(club.bot.token), api), bot.ledger, bot.ledger.clock
    me = SeenPerson(club.bot.id, "Bot", club.bot.username, is_bot=True)
    access = Access(telegram, ledger, clock=clock)
    delivery = Delivery(telegram, ledger, me, server=bot.settings.bot_api_url, clock=clock)
    async with telegram:
        yield Desk(ledger, telegram, me, access, delivery, clock, bot.settings)


def asked_privately(who: Actor, text: str, *, update_id: int = 77) -> Asked:
    person = SeenPerson(who.person.id, who.name)
    return Asked(update_id, person, Way.PRIVATE, person.id, in_group=False, text=text, place=None)

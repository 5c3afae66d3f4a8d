"""What handlers work with; built once in bot.app and handed to each of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiogram import Bot

from bot.access import Access
from bot.settings import BotSettings
from ledger.chats import SeenPerson

if TYPE_CHECKING:
    from bot.delivery import Delivery
    from ledger.store import Ledger


@dataclass(frozen=True, slots=True)
class Desk:
    ledger: Ledger
    bot: Bot
    me: SeenPerson
    access: Access
    delivery: Delivery
    clock: Callable[[], float]
    settings: BotSettings

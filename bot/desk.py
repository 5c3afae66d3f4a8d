"""What handlers work with; built once in bot.app and handed to each of them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiogram import Bot

from bot.access import Access
from bot.callbacks import Confirmations
from bot.settings import BotSettings
from ledger.chats import SeenPerson
from ledger.errands import Place
from ledger.listing import Query

if TYPE_CHECKING:
    from bot.delivery import Delivery
    from ledger.store import Ledger


@dataclass(frozen=True, slots=True)
class Desk:
    """`lists`: which page of which list stood on a message last, for those still in use. `open_questions`:
    by person, where the last question stands that asks what was meant."""

    ledger: Ledger
    bot: Bot
    me: SeenPerson
    access: Access
    delivery: Delivery
    clock: Callable[[], float]
    settings: BotSettings
    lists: OrderedDict[Place, Query] = field(default_factory=OrderedDict)
    open_questions: OrderedDict[int, Place] = field(default_factory=OrderedDict)
    confirmations: Confirmations = field(default_factory=Confirmations)

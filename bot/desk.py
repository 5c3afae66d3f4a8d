"""What handlers work with; built once in bot.app and handed to each of them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiogram import Bot

from bot.access import Access
from bot.callbacks import Confirmations
from bot.recent import Recent
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
    by person, where the last question stands that asks what was meant. `without_chat`:
    by person, the command that lacked a chosen chat, and when. `batch_news`: one was begun or is to stop.
    `looks`: by chat, held while what Telegram tells of it is asked and written, so that an earlier answer is not
    written over a later one; no more than there are chats."""

    ledger: Ledger
    bot: Bot
    me: SeenPerson
    access: Access
    delivery: Delivery
    clock: Callable[[], float]
    settings: BotSettings
    lists: Recent[Place, Query] = field(default_factory=Recent)
    open_questions: Recent[int, Place] = field(default_factory=Recent)
    without_chat: Recent[int, tuple[str, float]] = field(default_factory=Recent)
    confirmations: Confirmations = field(default_factory=Confirmations)
    batch_news: asyncio.Event = field(default_factory=asyncio.Event)
    looks: defaultdict[int, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

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


def nothing(point: str) -> None:
    """The hook of `Desk.at` outside the killing tests."""


@dataclass(frozen=True, slots=True)
class Desk:
    """`at` is told each point between a commit and a call; tests that kill the program there pass
    their own."""

    ledger: Ledger
    bot: Bot
    me: SeenPerson
    access: Access
    delivery: Delivery
    clock: Callable[[], float]
    settings: BotSettings
    at: Callable[[str], None] = nothing

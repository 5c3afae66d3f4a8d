"""Every answer to what went wrong, in each of its wordings."""

from __future__ import annotations

from bot import screens
from bot.callbacks import CardAct, CardPress
from bot.errors import (
    AnonymousAdmin,
    BotError,
    BotPowerless,
    CannotSave,
    Failed,
    NoBanRight,
    NoChatChosen,
    NoInviteRight,
    NotAdmin,
    NotHost,
    NotNamed,
    NotYours,
    OwnerOnly,
    Stale,
    TelegramRefused,
    TelegramWaits,
    UnknownNumber,
    UnknownPerson,
    Unserved,
)
from bot.screens.base import Screen
from bot.wishes import Unclear
from tests.bot.samples import CHAT

PRESS = CardPress(act=CardAct.REVOKE, chat=CHAT.id, number=12)
EACH: tuple[BotError, ...] = (
    NotAdmin(), NoInviteRight(), OwnerOnly(), NotNamed("retire"), NotNamed("remove"),
    AnonymousAdmin(), Unserved(), NoChatChosen([]), NoChatChosen([CHAT]),
    UnknownNumber(99), UnknownPerson("Zed"), NotYours(), BotPowerless("invite"), BotPowerless("admin"),
    BotPowerless("present"), BotPowerless("restrict"),
    NoBanRight(), NotHost(), Stale(), CannotSave(), TelegramWaits(90), TelegramRefused(), Failed("k3f9"),
)  # fmt: skip


def every() -> dict[str, Screen]:
    """By the problem's name; of a wrong option one, as its reasons all have one form."""
    found = {type(one).__name__ + _more(one): screens.problem(one) for one in EACH}
    found["WrongOption"] = screens.problem(Unclear("too-many", "x100000"))
    found["TelegramRefused, after a press"] = screens.problem(TelegramRefused(), PRESS)
    return found


def _more(problem: BotError) -> str:
    return "".join(f", {value}" for name, value in problem.arguments.items() if name in ("right", "count", "act"))

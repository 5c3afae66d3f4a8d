"""What a start link is to ask, for a question that cannot be answered where it was asked."""

from __future__ import annotations

from bot import commands, grammar
from bot.asked import Asked
from bot.errors import BotError
from bot.packing import pack
from bot.start_links import Replay
from bot.wishes import CardWish, ListWish
from ledger.listing import Query, Whose


def replay_of(asked: Asked) -> str:
    """The start payload that asks the same in private; what cannot be carried there asks for the list."""
    typed = commands.typed(asked.text)
    if typed is not None and typed.name == "status":
        return Replay("status", asked.here).payload()
    try:
        wish = grammar.read_invites(typed.rest) if typed is not None and typed.name == "invites" else None
    except BotError:
        wish = None
    if isinstance(wish, ListWish):
        whose = wish.whose if wish.whose != Whose.PERSON else Whose.ALL
        same = Query(asked.here, whose=whose, shelf=wish.shelf, order=wish.order)
        return Replay("list", asked.here, ask=pack(same)).payload()
    if isinstance(wish, CardWish) and wish.number:
        return Replay("card", asked.here, wish.number).payload()
    return Replay("list", asked.here).payload()

"""Screens: pure functions from what is known to what a person sees."""

from bot.screens.around import problem
from bot.screens.card import asks_revoke, card, created, hidden, may_exist, revealed
from bot.screens.chat import chats, chosen, host_status, status, sync_ended, sync_open
from bot.screens.hosting import asks_to_serve, chat_left, claim_refused, claimed, host_notice, now_served
from bot.screens.listing import listing, new_how, whose
from bot.screens.welcome import help_, not_understood, start

__all__ = [
    "asks_revoke",
    "asks_to_serve",
    "card",
    "chat_left",
    "chats",
    "chosen",
    "claim_refused",
    "claimed",
    "created",
    "help_",
    "hidden",
    "host_notice",
    "host_status",
    "listing",
    "may_exist",
    "new_how",
    "not_understood",
    "now_served",
    "problem",
    "revealed",
    "start",
    "status",
    "sync_ended",
    "sync_open",
    "whose",
]

"""Screens: pure functions from what is known to what a person sees."""

from bot.screens.account import accounts, asks_account
from bot.screens.acting import act_ended, act_open, act_other, asks_act, open_line, waits_for
from bot.screens.added import added_line, added_privately, added_waits
from bot.screens.around import acted_already, problem
from bot.screens.batches import batch_ended, batch_going
from bot.screens.card import (
    asks_replace,
    asks_revoke,
    asks_rotate,
    card,
    changed,
    changed_by_account,
    created,
    full_already,
    hidden,
    may_exist,
    may_have_changed,
    may_have_rotated,
    revealed,
)
from bot.screens.chat import add_me, chats, chosen, host_status, other_chat, status, sync_ended, sync_open
from bot.screens.deleting import asks_clear
from bot.screens.draft import draft, draft_asks, draft_below, draft_full, draft_meaning
from bot.screens.filter import asks_meaning, cancelled, filters
from bot.screens.history import came_instead, history
from bot.screens.hosting import (
    alerts_reach,
    asks_to_serve,
    chat_left,
    claim_refused,
    claimed,
    host_notice,
    now_served,
    saving_waits,
)
from bot.screens.joiners import joiners, visits
from bot.screens.listing import listing, whose
from bot.screens.picture import qr
from bot.screens.proving import asked_as_group
from bot.screens.removing import asks_remove, came_by
from bot.screens.requests import answered, asks_all, asks_words, relayed, waiting
from bot.screens.retiring import left_behind, retire
from bot.screens.series import asks_series, series_given
from bot.screens.settings import (
    admin,
    admins,
    asks_erase,
    asks_forget,
    erased,
    forgotten,
    settings,
    test_alert,
    with_settings,
    zone_set,
    zones,
)
from bot.screens.table import table
from bot.screens.tidying import asks_tidy, tidy
from bot.screens.welcome import help_, not_understood, start

__all__ = [
    "accounts",
    "act_ended",
    "act_open",
    "act_other",
    "acted_already",
    "add_me",
    "added_line",
    "added_privately",
    "added_waits",
    "admin",
    "admins",
    "alerts_reach",
    "answered",
    "asked_as_group",
    "asks_account",
    "asks_act",
    "asks_all",
    "asks_clear",
    "asks_erase",
    "asks_forget",
    "asks_meaning",
    "asks_remove",
    "asks_replace",
    "asks_revoke",
    "asks_rotate",
    "asks_series",
    "asks_tidy",
    "asks_to_serve",
    "asks_words",
    "batch_ended",
    "batch_going",
    "came_by",
    "came_instead",
    "cancelled",
    "card",
    "changed",
    "changed_by_account",
    "chat_left",
    "chats",
    "chosen",
    "claim_refused",
    "claimed",
    "created",
    "draft",
    "draft_asks",
    "draft_below",
    "draft_full",
    "draft_meaning",
    "erased",
    "filters",
    "forgotten",
    "full_already",
    "help_",
    "hidden",
    "history",
    "host_notice",
    "host_status",
    "joiners",
    "left_behind",
    "listing",
    "may_exist",
    "may_have_changed",
    "may_have_rotated",
    "not_understood",
    "now_served",
    "open_line",
    "other_chat",
    "problem",
    "qr",
    "relayed",
    "retire",
    "revealed",
    "saving_waits",
    "series_given",
    "settings",
    "start",
    "status",
    "sync_ended",
    "sync_open",
    "table",
    "test_alert",
    "tidy",
    "visits",
    "waiting",
    "waits_for",
    "whose",
    "with_settings",
    "zone_set",
    "zones",
]

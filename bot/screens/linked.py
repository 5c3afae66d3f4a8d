"""From a channel to the group that discusses it, and back."""

from __future__ import annotations

from bot.callbacks import ListPress
from bot.screens.base import Button, clean, cut
from bot.screens.words import say
from ledger.chats import Chat


def linked_button(other: Chat) -> Button:
    """Brings the list of the chat linked to the one on the screen."""
    kind = "channel" if other.kind == "channel" else "group"
    return Button(say("button-linked", kind=kind, title=cut(clean(other.title), 18)), ListPress(chat=other.id).pack())

"""What this bot was about to ask of Telegram and got no answer to: known again by what came of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select

from ledger.links import SeenLink
from ledger.store.rows import INTENT, Writing
from ledger.store.statements import Row
from ledger.tables import intent

_INTENTS = select(intent).where(intent.c.chat_id == bindparam("chat_id"), intent.c.state == "open")
OURS = ("once", "for_person", "for_name")
_SKEW, _LATE = 30, 120  # seconds between the bot's clock and Telegram's, and until a call's effect


def kept_of(writing: Writing, row: Mapping[Any, Any] | None) -> dict[str, Any]:
    """What an intent's link is that Telegram knows nothing of: whether it is for one join, and for whom."""
    if row is None:
        return {}
    wish = json.loads(writing.secrets.open(INTENT, row["cipher"]))
    return {name: wish[name] for name in OURS if name in wish}


class Wishes:
    """The open intents of a chat. Each has one link at most."""

    def __init__(self, still_open: list[dict[str, Any]]) -> None:
        self._open = still_open

    @classmethod
    async def of(cls, writing: Writing) -> Wishes:
        """Of this bot's links, where the writing is about them."""
        if not writing.awaits_links:
            return cls([])
        rows = (await writing.connection.execute(_INTENTS, {"chat_id": writing.chat_id})).mappings().all()
        return cls([{**row, "wish": json.loads(writing.secrets.open(INTENT, row["cipher"]))} for row in rows])

    def rotated(self, seen: SeenLink) -> dict[str, Any] | None:
        """The rotation this link, which the book does not hold, is the new key of."""
        for wish in self._open:
            if wish["act"] == "rotate" and _created(wish, seen, None):
                self._open.remove(wish)
                return wish
        return None

    def granted(self, seen: SeenLink, row: Row | None) -> dict[str, Any] | None:
        """The intent this link came of. `row` is what the book held of it."""
        for wish in self._open:
            if wish["act"] in _GRANTED and _GRANTED[wish["act"]](wish, seen, row):
                self._open.remove(wish)
                return wish
        return None


def _created(wish: dict[str, Any], seen: SeenLink, row: Row | None) -> bool:
    """With this title, limit, end and approval, made at the time."""
    free = row is None or row["asked_by"] is None
    in_time = seen.created is not None and -_SKEW <= seen.created - wish["asked_at"] <= _LATE
    return free and in_time and _alike(wish["wish"], seen)


def _replaced(wish: dict[str, Any], seen: SeenLink, row: Row | None) -> bool:
    """Nobody else can replace this bot's primary link. getChat does not tell when it was created."""
    later = row is None if seen.created is None else seen.created >= wish["asked_at"] - _SKEW
    return seen.primary and not seen.revoked and later


def _edited(wish: dict[str, Any], seen: SeenLink, row: Row | None) -> bool:
    return (
        row is not None
        and row["number"] == wish["wish"].get("number")
        and _alike(wish["wish"], seen, carried=row["carried"])
    )


def _alike(meant: dict[str, Any], seen: SeenLink, carried: int = 0) -> bool:
    return (
        seen.title == meant.get("title", "")
        and (seen.limit and seen.limit + carried) == (meant.get("limit") or 0)
        and seen.expires == meant.get("expires")
        and seen.approval == bool(meant.get("approval"))
        and seen.price == meant.get("price", seen.price)
    )


def _handed_on(wish: dict[str, Any], seen: SeenLink, row: Row | None) -> bool:
    """What the account is to do is told by its errand."""
    return False


_GRANTED = {"create": _created, "replace": _replaced, "edit": _edited, "account": _handed_on}

"""One confirmed act on many links or people, done one by one: first drafted, then begun, stopped or done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ledger.errands import Place


class BatchState(StrEnum):
    """DRAFT is asked about and not confirmed; STOPPING takes no next item; the last two are its ends."""

    DRAFT = "draft"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    DONE = "done"


class ItemState(StrEnum):
    """UNCHOSEN is of a draft only, and goes when that is begun. DOING: since `sent_at` Telegram may have done it."""

    UNCHOSEN = "unchosen"
    WAITING = "waiting"
    DOING = "doing"
    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"


OPEN = (BatchState.RUNNING, BatchState.STOPPING)


@dataclass(frozen=True, slots=True)
class NewItem:
    """What one item is about. `reason` is why it was chosen, one word; `wish` what only this one needs."""

    link_id: int | None = None
    person_id: int | None = None
    reason: str = ""
    chosen: bool = True
    wish: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Item:
    """`reason` is why it was chosen until it ends, then one word of what came of it; a number where a link came
    of it."""

    id: int
    batch_id: int
    link_id: int | None
    person_id: int | None
    state: ItemState
    reason: str
    sent_at: int | None
    wish: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Batch:
    """`what` names its kind: what is done with each item. `place` is the message that shows how far it is; `reason`
    is one word of why it was stopped."""

    id: int
    chat_id: int
    what: str
    asked_by: int
    asked_at: int
    state: BatchState
    reason: str
    place: Place | None
    wish: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Report:
    """How far a batch is. `refused` counts by reason; `total` leaves out what is not chosen."""

    batch: Batch
    total: int
    done: int
    waiting: int
    doing: int
    unknown: int
    refused: Mapping[str, int]

    @property
    def ended(self) -> int:
        return self.total - self.waiting - self.doing

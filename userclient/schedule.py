"""What the account reads next, of all it could. Pure: told the time and each chat's ages, it names one chat.

Waiting people come before any of this. Checks go by age, the oldest first, so that no chat can be passed over
for ever; sweeps too, and while both are due each gets its share of the calls, so that neither waits for ever.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

from ledger.sweeps import Ages

SPREAD = 0.25  # of the time between two sweeps of a chat: chats first read in one hour part by that
SHARE = 1 / 3  # of the calls, for sweeps while checks are due
SHARE_UNREAD = 2 / 3  # for them while a chat has never been read
SLICE = 50  # pages of a sweep before what else is due gets its turn


class What(StrEnum):
    CHECK = "check"
    SWEEP = "sweep"


@dataclass(frozen=True, slots=True)
class Turn:
    chat_id: int
    what: What


class Schedule:
    """`check_every` and `sweep_every` are in seconds: what is wanted. What comes of it hangs on how many calls
    there are."""

    def __init__(self, *, check_every: int, sweep_every: int) -> None:
        self._check_every = check_every
        self._sweep_every = sweep_every
        self._chats: dict[int, Ages] = {}
        self._unread = 0  # chats never read
        self._checks: list[tuple[float, int]] = []  # heaps; entries that do not fit their chat any more are dropped
        self._sweeps: list[tuple[bool, float, int]] = []
        self._lead = 0.0  # calls sweeps had beyond their share while checks were due

    def know(self, chats: Iterable[Ages]) -> None:
        """These are all there are."""
        self._chats, self._unread, self._checks, self._sweeps = {}, 0, [], []
        for one in chats:
            self.update(one)

    def update(self, one: Ages) -> None:
        self.drop(one.chat_id)
        self._chats[one.chat_id] = one
        self._unread += one.swept_at is None
        heapq.heappush(self._checks, (self._check_at(one), one.chat_id))
        heapq.heappush(self._sweeps, (not one.under_way, self._sweep_at(one), one.chat_id))

    def drop(self, chat_id: int) -> None:
        """It has no turn before it is known again."""
        if known := self._chats.pop(chat_id, None):
            self._unread -= known.swept_at is None

    def next(self, now: float, without: Collection[What] = ()) -> Turn | None:
        """None where nothing is due. `without`: what cannot be done now. A sweep under way goes on to its end
        before another begins; then those chats that were never read."""
        check = None if What.CHECK in without else self._check(now)
        sweep = None if What.SWEEP in without else self._sweep(now)
        if check is None or sweep is None:
            self._lead = 0.0
            return check or sweep
        return sweep if self._lead <= 0 else check

    def spent(self, what: What, calls: int) -> None:
        """So many calls a turn has cost."""
        share = SHARE_UNREAD if self._unread else SHARE
        self._lead += calls * (1 - share) if what is What.SWEEP else -calls * share

    def checks_wait(self, now: float) -> bool:
        return self._check(now) is not None

    def never_read(self) -> list[int]:
        return [chat_id for chat_id, one in self._chats.items() if one.swept_at is None]

    def waiting(self, now: float) -> dict[What, int]:
        """How many chats are due for each; one to be swept needs no check."""
        counted = dict.fromkeys(What, 0)
        for one in self._chats.values():
            if self._sweep_at(one) <= now:
                counted[What.SWEEP] += 1
            elif self._check_at(one) <= now:
                counted[What.CHECK] += 1
        return counted

    def _check(self, now: float) -> Turn | None:
        while self._checks:
            at, chat_id = self._checks[0]
            known = self._chats.get(chat_id)
            if known is not None and self._check_at(known) == at:
                return Turn(chat_id, What.CHECK) if at <= now else None
            heapq.heappop(self._checks)
        return None

    def _sweep(self, now: float) -> Turn | None:
        while self._sweeps:
            idle, at, chat_id = self._sweeps[0]
            known = self._chats.get(chat_id)
            if known is not None and (not known.under_way, self._sweep_at(known)) == (idle, at):
                return Turn(chat_id, What.SWEEP) if at <= now else None
            heapq.heappop(self._sweeps)
        return None

    def _check_at(self, one: Ages) -> float:
        """Never while it was not read once, or is being read."""
        if one.swept_at is None or one.under_way:
            return math.inf
        return (one.checked_at or 0) + self._check_every

    def _sweep_at(self, one: Ages) -> float:
        if one.under_way or not one.swept_at:
            return 0 if one.swept_at is None else 1
        return one.swept_at + self._sweep_every * (1 - SPREAD * _place(one.chat_id, one.swept_at))


def _place(chat_id: int, swept_at: int) -> float:
    """0 to 1, evenly, another for each sweep of each chat and the same over restarts."""
    return int.from_bytes(blake2b(f"{chat_id} {swept_at}".encode(), digest_size=4).digest()) / 2**32

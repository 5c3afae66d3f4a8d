"""Faults, scripted per method: what Telegram does wrong, and on which call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """FLOOD answers FLOOD_WAIT_`value` (MTProto) or 429 with retry_after=`value` (Bot API); ERROR
    answers `name` with code `value`; CUT closes the connection before the call has any effect; SILENCE
    never answers and has no effect; DROP_BEFORE and DROP_AFTER close the connection before or after
    the effect, without an answer; GARBLE answers something no client can parse; LIE answers what
    `change` makes of the true answer (a TL object, or the Bot API's result as JSON values)."""

    FLOOD = "flood"
    ERROR = "error"
    CUT = "cut"
    SILENCE = "silence"
    DROP_BEFORE = "drop_before"
    DROP_AFTER = "drop_after"
    GARBLE = "garble"
    LIE = "lie"


def _nothing(answer: Any) -> Any:
    return answer


@dataclass(slots=True)
class Fault:
    """Meets `times` calls of `method` (0: every one) after letting `skip` of them through.

    `method` is Telegram's name or `*`; `who` limits it to one caller's id.
    """

    kind: Kind
    method: str = "*"
    value: int = 0
    name: str = ""
    times: int = 1
    skip: int = 0
    who: int | None = None
    change: Callable[[Any], Any] = _nothing


class Faults:
    def __init__(self) -> None:
        self._planned: list[Fault] = []
        self.on_call: list[Callable[[str, int | None], None]] = []  # told of each call before it is served

    def plan(self, fault: Fault) -> Fault:
        self._planned.append(fault)
        return fault

    def clear(self) -> None:
        self._planned.clear()

    def take(self, method: str, who: int | None) -> Fault | None:
        """The fault that meets this call, if any; counts it down."""
        for listener in list(self.on_call):
            listener(method, who)
        for fault in self._planned:
            if fault.method not in ("*", method) or fault.who not in (None, who):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            if fault.times:
                fault.times -= 1
                if not fault.times:
                    self._planned.remove(fault)
            return fault
        return None

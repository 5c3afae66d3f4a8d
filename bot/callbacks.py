"""What buttons and start links carry: an act, a chat, a number; never a key and never a right.

Whoever forges one gains nothing: each press looks up what its presser may do. Callback data holds at
most 64 bytes, a start payload 64 characters of A-Z a-z 0-9 _ -.
"""

from __future__ import annotations

import re
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

CONFIRM_WITHIN = 15 * 60
BACK = "k"

Whole = Annotated[int, Field(ge=-(2**63), lt=2**63)]  # what the ledger can be asked about


class Press(CallbackData, prefix=""):
    """What every button of ours names."""

    chat: Whole


class ListPress(Press, prefix="l"):
    """A page of the listing. `whose`: a(ll), m(ine), p(erson), b(ots). `kind`: f(irst), a(fter),
    b(efore), l(ast), seen from the row (`joined`, `id`); or BACK, the list that stood there before."""

    whose: str = "a"
    person: Whole = 0
    revoked: bool = False
    kind: str = "f"
    joined: Whole = 0
    id: Whole = 0
    page: Whole = 1


class WhosePress(Press, prefix="w"):
    """The picker of creators, `page` counting from 0."""

    revoked: bool = False
    page: Annotated[int, Field(ge=0, lt=2**31)] = 0


class NewPress(Press, prefix="n"):
    """How to make a link."""


class CardAct(StrEnum):
    CARD = "c"
    SHOW = "s"
    COPY = "k"
    REVOKE = "r"  # asks first
    UNDO = "u"  # the same, of a link just made


class CardPress(Press, prefix="c"):
    act: CardAct
    number: Whole


class ConfirmPress(Press, prefix="y"):
    """Yes to the revoke of a link; `once` names the question and works one time, for `person`."""

    number: Whole
    person: Whole
    once: str


class ChatPress(Press, prefix="g"):
    """The choice of a chat."""


class Hosting(Press, prefix="h"):
    """The host's answer to a chat that waits: `serve` or `leave`."""

    act: str


_BY_PREFIX = {kind.__prefix__: kind for kind in Press.__subclasses__()}


def read_press(data: str | None) -> Press | None:
    """The press in a button's data, None where it is none of ours."""
    kind = _BY_PREFIX.get((data or "").partition(":")[0])
    try:
        return kind.unpack(data or "") if kind else None
    except (TypeError, ValueError):
        return None


class Confirmations:
    """Questions that were asked and not yet answered. They live in memory: after a restart a
    press of an old one is asked again, never acted on."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._asked: OrderedDict[str, tuple[int, int, int, float]] = OrderedDict()

    def ask(self, person_id: int, chat_id: int, number: int) -> str:
        once = secrets.token_urlsafe(9)
        self._asked[once] = (person_id, chat_id, number, self._clock())
        while len(self._asked) > 1_000:
            self._asked.popitem(last=False)
        return once

    def answer(self, press: ConfirmPress, person_id: int) -> bool:
        """Whether this press may act: asked of this person, about this link, at most 15 minutes ago,
        not used before."""
        asked = self._asked.get(press.once)
        if asked is None or asked[:3] != (person_id, press.chat, press.number):
            return False
        del self._asked[press.once]
        return self._clock() - asked[3] <= CONFIRM_WITHIN


@dataclass(frozen=True, slots=True)
class Replay:
    """A question a start link brings into private. `what`: list, card, status."""

    what: str
    chat: int
    number: int = 0
    mine: bool = False
    revoked: bool = False

    def payload(self) -> str:
        flags = ("m" if self.mine else "") + ("r" if self.revoked else "")
        number = str(self.number) if self.number else ""
        return "_".join(part for part in (self.what, _base36(-self.chat), number, flags) if part)


_REPLAY = re.compile(r"(list|card|status)_([0-9a-z]{1,11})(?:_(\d{1,9}))?(?:_(m?r?))?")


def read_replay(payload: str) -> Replay | None:
    """The question in a start payload, or None where it holds none of ours."""
    found = _REPLAY.fullmatch(payload)
    if found is None or (found[1] == "card") != bool(found[3]):
        return None
    flags = found[4] or ""
    return Replay(found[1], -int(found[2], 36), int(found[3] or 0), "m" in flags, "r" in flags)


def start_link(username: str, payload: str) -> str:
    """`https://t.me/<bot>?start=<payload>`."""
    return f"https://t.me/{username}?start={payload}"


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
    return digits or "0"

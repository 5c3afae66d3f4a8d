"""What buttons carry: an act, a chat, a number; never a key and never a right.

Whoever forges one gains nothing: each press looks up what its presser may do. Callback data holds at
most 64 bytes.
"""

from __future__ import annotations

import secrets
from enum import Enum, StrEnum
from typing import Annotated

from aiogram.filters.callback_data import MAX_CALLBACK_LENGTH, CallbackData
from pydantic import Field

from bot.packing import PLACE, PLAIN, QUESTION
from bot.recent import Recent
from ledger.errands import Act

CONFIRM_WITHIN = 15 * 60

Whole = Annotated[int, Field(ge=-(2**63), lt=2**63)]  # what the ledger can be asked about


class Press(CallbackData, prefix=""):
    """What every button of ours names."""

    chat: Whole

    def pack(self) -> str:
        """As aiogram packs it, without asking pydantic for each field: a list has fifteen buttons."""
        parts = [self.__prefix__, *(_packed(value) for value in self.__dict__.values())]
        packed = self.__separator__.join(parts)
        if packed.count(self.__separator__) != len(parts) - 1 or len(packed.encode()) > MAX_CALLBACK_LENGTH:
            return super().pack()  # which says what is wrong
        return packed


def _packed(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Enum):
        return str(value.value)
    return str(int(value)) if isinstance(value, bool) else str(value)


Ask = Annotated[str, Field(pattern=f"^(?:{QUESTION})$")]  # see bot.packing


class ListPress(Press, prefix="l"):
    """A page of the list: which list, and which page of it; `at` is empty for the first, or BACK."""

    ask: Ask = PLAIN
    at: Annotated[str, Field(pattern=f"^(?:{PLACE})?$")] = ""


class TablePress(Press, prefix="e"):
    """The same page as a table."""

    ask: Ask = PLAIN
    at: Annotated[str, Field(pattern=f"^(?:{PLACE})?$")] = ""


class FilterPress(Press, prefix="f"):
    """The filters, those of `ask` being chosen; with `save` they become its presser's own list."""

    ask: Ask = PLAIN
    save: bool = False


class WhosePress(Press, prefix="w"):
    """The picker of creators for the question `ask`, `page` counting from 0."""

    ask: Ask = PLAIN
    page: Annotated[int, Field(ge=0, lt=2**31)] = 0


class AskPress(Press, prefix="a"):
    """One meaning of what could mean several things: the row that keeps the line it stands for."""

    row: Whole


class NewPress(Press, prefix="n"):
    """A new link, put together with buttons."""


class DraftAct(StrEnum):
    SHOW = "w"
    ASK_NAME = "n"  # these four: what to type
    ASK_END = "x"
    ASK_LIMIT = "y"
    ASK_PRICE = "z"
    END = "e"  # `value` seconds from then, 0 never
    LIMIT = "l"  # `value` members, 0 any number
    ONCE = "o"
    APPROVAL = "a"  # `value` 1 on, 0 off
    PRICE = "p"  # `value` Stars for 30 days, 0 none
    SAVE = "s"  # make it, or change it
    CANCEL = "c"


class DraftPress(Press, prefix="d"):
    """A choice for the draft that is kept in the row: its presser's own, or none."""

    act: DraftAct
    row: Whole
    value: Annotated[int, Field(ge=0, lt=2**31)] = 0


class CardAct(StrEnum):
    CARD = "c"
    SHOW = "s"
    COPY = "k"
    QR = "q"
    HIDE = "h"  # of the QR code's picture
    REVOKE = "r"  # asks first
    UNDO = "u"  # the same, of a link just made
    CHANGE = "e"  # what is to be changed is collected
    REPLACE = "p"  # of this bot's primary link; asks first
    DELETE = "d"  # of a revoked link, by the account; asks first
    ROTATE = "t"  # a new key for the same number; asks first


class CardPress(Press, prefix="c"):
    act: CardAct
    number: Whole


class ConfirmPress(Press, prefix="y"):
    """Yes to the revoke of a link; `once` names the question and works one time, for `person`."""

    number: Whole
    person: Whole
    once: str


class HistoryPress(Press, prefix="i"):
    """What was done with a link, `page` counting from 0."""

    number: Whole
    page: Annotated[int, Field(ge=0, lt=2**31)] = 0


class SeriesAct(StrEnum):
    YES = "y"
    FILE = "f"


class SeriesPress(Press, prefix="j"):
    """Many links alike: the row of the batch, of the presser's own."""

    act: SeriesAct
    row: Whole


class ReplacePress(Press, prefix="p"):
    """Yes to a new primary link of this bot's in the place of this one; else as ConfirmPress."""

    number: Whole
    person: Whole
    once: str


class RotatePress(Press, prefix="rr"):
    """Yes to a new key for this link, which had `nth` before the one that stands; else as ConfirmPress."""

    number: Whole
    person: Whole
    nth: Annotated[int, Field(ge=0, lt=2**31)]
    once: str


class ClearPress(Press, prefix="rc"):
    """All revoked links of that creator: asks first; with `once` the yes to that."""

    whose: Whole
    once: str = ""


class WhoPress(Press, prefix="rw"):
    """Who joined by a link, `page` counting from 0; `early`: of them those alone who left soon; `older` asks the
    account for all."""

    number: Whole
    page: Annotated[int, Field(ge=0, lt=2**31)] = 0
    early: bool = False
    older: bool = False


class WaitingPress(Press, prefix="rq"):
    """Who asks to join, by that link or (0) by any, `page` counting from 0; `older` asks the account for all."""

    number: Whole = 0
    page: Annotated[int, Field(ge=0, lt=2**31)] = 0
    older: bool = False


class AnswerPress(Press, prefix="ra"):
    """The answer to the request of that row; `number` is of the list it stood in."""

    row: Whole
    yes: bool
    number: Whole = 0


class AnswerAllPress(Press, prefix="rl"):
    """The answer to all who wait by a link, or (0) in the chat: asks first; with `once` the yes to that, which
    named so many."""

    number: Whole
    yes: bool
    count: Whole = 0
    once: str = ""


class WritePress(Press, prefix="ri"):
    """What to write to whose request it is, of that row."""

    row: Whole


class UndoPress(Press, prefix="b"):
    """Back to what a link was before a change, the `change`-th in its history, if that is still the last."""

    number: Whole
    change: Annotated[int, Field(ge=0, lt=2**31)]


class ActPress(Press, prefix="ud"):
    """Yes to what the account is to do with a link; else as ConfirmPress."""

    act: Act
    number: Whole
    person: Whole
    once: str


class CancelPress(Press, prefix="uc"):
    """Ends what the account was asked, while nothing of it was sent."""

    errand: Whole


class AccountAct(StrEnum):
    OFF = "f"
    ON = "o"
    ASK = "a"  # whether it may act in a chat; asks first
    LET = "l"  # yes to that
    STOP = "s"
    SHOW = "v"


class AccountPress(Press, prefix="ua"):
    """The host's word on what the account may change: everywhere (OFF, ON; `chat` is 0), or in a chat."""

    act: AccountAct


class ChatPress(Press, prefix="g"):
    """The choice of a chat."""


class OtherChatPress(Press, prefix="z"):
    """Telegram's own picker of chats, instead of the list; `chat` is 0."""


class ProvePress(Press, prefix="v"):
    """The answer to a command typed as the group, for whoever presses; `question` is that command's update."""

    question: Whole


class Hosting(Press, prefix="h"):
    """The host's: his answer to a chat that waits, `serve` or `leave`; or `test`, an alert to himself."""

    act: str


class SettingsAct(StrEnum):
    MAIN = "m"
    ADMINS = "a"  # a page of them
    ADMIN = "p"
    GIVE = "g"
    TAKE = "t"
    ZONES = "z"
    ZONE = "s"
    REPLIES = "r"  # where questions of the group are answered
    ALERT = "l"  # a test of it


class SettingsPress(Press, prefix="s"):
    """A chat's settings. `person`: of whom ADMIN, GIVE and TAKE are, or the page of ADMINS, from 0. `what`:
    the grant, the time zone or the place of replies."""

    act: SettingsAct
    person: Whole = 0
    what: str = ""


class ErasePress(Press, prefix="x"):
    """All that is kept of the chat: asks first; with `once` the yes to that, which named `links` of them."""

    links: Whole = 0
    once: str = ""


class ForgetPress(Press, prefix="o"):
    """Yes to forgetting a person in the chat; `once` as of a ConfirmPress."""

    person: Whole
    once: str


class ManyAct(StrEnum):
    STOP = "s"


class ManyPress(Press, prefix="m"):
    """An act on many that is under way: its row."""

    act: ManyAct
    row: Whole


class TidyAct(StrEnum):
    PAGE = "p"  # `number`, from 0
    ONE = "o"  # chooses the link of that id, or leaves it out
    RULE = "r"  # the same, of all that look dead by that rule, `number` in the order of Rule
    ASK = "a"
    YES = "y"
    AGAIN = "n"  # asks whether new links are to be made in the place of the revoked ones
    AGAIN_YES = "m"
    CANCEL = "c"


class TidyPress(Press, prefix="t"):
    """Tidying up: the row of the draft, what of it, and with a yes the `once` of its question."""

    act: TidyAct
    row: Whole
    number: Whole = 0
    once: str = ""


class RemoveAct(StrEnum):
    OPEN = "o"  # who came by the link of that number
    ASK = "a"
    ASK_BAN = "b"
    YES = "y"
    YES_BAN = "x"
    CANCEL = "c"


class RemovePress(Press, prefix="k"):
    """All who came by a link: the row of the draft (of OPEN the link's number), and with a yes its `once`."""

    act: RemoveAct
    row: Whole
    once: str = ""


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
    press of an old one is asked again, never acted on. `what` is the act and what it is done to, in a
    short text of the handler's own: a yes to one is no yes to another."""

    def __init__(self) -> None:
        self._asked: Recent[str, tuple[int, int, str, float]] = Recent(at_most=1_000)

    def ask(self, person_id: int, chat_id: int, what: str, *, now: float) -> str:
        """What the button of the yes carries; `now` in Unix seconds."""
        once = secrets.token_urlsafe(9)
        self._asked[once] = (person_id, chat_id, what, now)
        return once

    def drop(self, person_id: int) -> bool:
        """Ends what this person was asked; whether there was anything."""
        his = [once for once, asked in self._asked.items() if asked[0] == person_id]
        for once in his:
            del self._asked[once]
        return bool(his)

    def answer(self, once: str, person_id: int, chat_id: int, what: str, *, now: float) -> bool:
        """Whether this yes may act: asked of this person, about this, at most 15 minutes ago, not used
        before."""
        asked = self._asked.get(once)
        if asked is None or asked[:3] != (person_id, chat_id, what):
            return False
        del self._asked[once]
        return now - asked[3] <= CONFIRM_WITHIN

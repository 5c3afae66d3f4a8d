"""What a person wished, as values: what `bot.grammar` reads out of words, and what cannot be meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.errors import WrongOption
from ledger.listing import Order, Shelf, Whose

NAME_AT_MOST = 32
LIMIT_AT_MOST = 99_999
LASTS_AT_MOST = 3650 * 86_400
PRICE_AT_MOST = 10_000  # Stars for 30 days
NOTE_AT_MOST = 200
SERIES_AT_MOST = 200
EXAMPLE = "/invite new Spring ads 7d x10"


class Unclear(WrongOption):
    """A wrong option and why: the words of each stand under problem-wrong-option."""

    def __init__(self, why: str, text: str, example: str = EXAMPLE) -> None:
        super().__init__(text, example)
        self.arguments["why"] = why
        self.of_chat = why in ("unknown-link", "several-links")


@dataclass(frozen=True, slots=True)
class NewLink:
    """`lasts` in seconds from the making, or `until` in Unix seconds, never both; neither is for ever.
    `limit` 0 is none, else 1 to 99,999, never with approval. `once`: for one join, with a limit of 1. `price` in
    Stars for 30 days, 0 is none; with one there is nothing else but the name. `whom` it is for: `@name`, or
    `@` and an id."""

    name: str
    lasts: int | None = None
    until: int | None = None
    limit: int = 0
    approval: bool = False
    once: bool = False
    price: int = 0
    whom: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """Links alike, one for each number from `first` to `last`: `each` with that number after its name."""

    each: NewLink
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class ListWish:
    """With `whose` PERSON, `name` is a creator's name or @username; without the @, what turns out to be
    nobody's name is a search for its words. `default`: nothing was said, so the asker's saved list is meant."""

    whose: Whose = Whose.ALL
    name: str = ""
    shelf: Shelf = Shelf.UNREVOKED
    order: Order = Order.JOINS
    words: str = ""
    default: bool = False


@dataclass(frozen=True, slots=True)
class CardWish:
    """By number, or else by a pasted full link, or by the last three characters of one."""

    number: int = 0
    link: str = ""
    tail: str = ""

    def __repr__(self) -> str:  # `link` is a key
        return f"CardWish({self.number})"


@dataclass(frozen=True, slots=True)
class EditWish:
    """None is "as it was". At most one of `lasts` (seconds: from now, or with `extend` from the old end),
    `until` (Unix seconds) and `forever` is set. `limit` 0 takes the limit away; a limit above 0 never
    comes with `approval` True. `in_all`: the limit counts who joined already, so that is not asked.
    `once` comes with a limit of 1. All None after a bare `edit`."""

    card: CardWish
    lasts: int | None = None
    until: int | None = None
    extend: bool = False
    forever: bool = False
    limit: int | None = None
    in_all: bool = False
    approval: bool | None = None
    name: str | None = None
    once: bool | None = None


@dataclass(frozen=True, slots=True)
class DraftWish:
    """`new` and nothing else: the link is put together with buttons."""


@dataclass(frozen=True, slots=True)
class NoteWish:
    """An empty note takes it away."""

    card: CardWish
    note: str


@dataclass(frozen=True, slots=True)
class HistoryWish:
    card: CardWish


@dataclass(frozen=True, slots=True)
class RevokeWish:
    card: CardWish


@dataclass(frozen=True, slots=True)
class RemoveWish:
    """All who came by a link since then, in Unix seconds; 0 is ever."""

    card: CardWish
    since: int = 0


@dataclass(frozen=True, slots=True)
class ReplaceWish:
    card: CardWish


@dataclass(frozen=True, slots=True)
class RotateWish:
    card: CardWish


@dataclass(frozen=True, slots=True)
class DeleteWish:
    card: CardWish


@dataclass(frozen=True, slots=True)
class WhoWish:
    card: CardWish


@dataclass(frozen=True, slots=True)
class RequestsWish:
    card: CardWish


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to mean it: `command` is the whole right line, as a person would have typed it."""

    label_key: str
    label_args: Mapping[str, object]
    command: str


@dataclass(frozen=True, slots=True)
class Question:
    """What could mean several things is asked. `kind` is span, number, number-of, date or full and names the
    words; `text` is what was typed. Each choice's `label_args` fill its label; an `at` among them is
    Unix seconds, said as a day."""

    kind: str
    text: str
    choices: tuple[Choice, ...]

    def __repr__(self) -> str:  # a command may hold a whole link
        return f"Question({self.kind})"


LinkWish = (
    EditWish | NoteWish | HistoryWish | RevokeWish | RemoveWish | ReplaceWish | RotateWish | DeleteWish | WhoWish
    | RequestsWish
)  # fmt: skip
Wish = NewLink | Series | DraftWish | ListWish | CardWish | LinkWish | Question

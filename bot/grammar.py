"""What may follow `/invites` and `/invite`: pure, from words to a wish.

A name is never eaten: options count only after it, from the end backwards, a word that is not wholly
an option belongs to the name, and quotes make all of it a name. What could mean two things is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.errors import WrongOption
from ledger.listing import Whose

MINUTE, HOUR, DAY, WEEK = 60, 3600, 86_400, 604_800
NAME_AT_MOST = 32
LIMIT_AT_MOST = 99_999
LASTS_AT_MOST = 3650 * DAY
EXAMPLE = "/invite new Spring ads 7d x10"


class Unclear(WrongOption):
    """A wrong option and why: ambiguous, zero, too-many, too-long, twice, approval-limit,
    name-missing, name-long, not-here, unknown-link, several-links, other."""

    def __init__(self, why: str, text: str, example: str = EXAMPLE) -> None:
        super().__init__(text, example)
        self.arguments["why"] = why


@dataclass(frozen=True, slots=True)
class NewLink:
    """`lasts` in seconds, None for ever; `limit` 0 is none, else 1 to 99,999, never with approval."""

    name: str
    lasts: int | None = None
    limit: int = 0
    approval: bool = False


@dataclass(frozen=True, slots=True)
class ListWish:
    """`name` is a person to look for among the creators, with `whose` PERSON."""

    whose: Whose = Whose.ALL
    name: str = ""
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class CardWish:
    """By number, or else by a pasted full link, or by the last three characters of one."""

    number: int = 0
    link: str = ""
    tail: str = ""

    def __repr__(self) -> str:  # `link` is a key
        return f"CardWish({self.number})"


Wish = NewLink | ListWish | CardWish

_LINK = re.compile(r"(?:https?://)?(?:t|telegram)\.(?:me|dog)/(?:\+|joinchat/)[A-Za-z0-9_-]{8,}", re.IGNORECASE)
_NUMBER = re.compile(r"#?([0-9]{1,9})")
_TAIL = re.compile(r"(?:…|\.\.\.)([A-Za-z0-9_-]{3})")
_VERBS = ("show", "copy", "revoke")  # buttons of the card do these


def holds_link(text: str) -> bool:
    """Whether a full invite link stands in the text."""
    return _LINK.search(text) is not None


def makes_link(text: str) -> bool:
    """Whether the words after `/invite` ask for a new link."""
    return text.split(maxsplit=1)[:1] == ["new"] or text[:4].casefold() == "new "


def read_invites(text: str) -> Wish:
    """`[mine|@admin|name|bots|all] [revoked]`, or a link's number. Raises WrongOption."""
    words = text.split()
    if not words:
        return ListWish()
    card = _card(words, text)
    if card is not None:
        return card
    revoked = words[-1].casefold() == "revoked"
    if revoked:
        words.pop()
    name = " ".join(words)
    whose = {"": Whose.ALL, "all": Whose.ALL, "mine": Whose.MINE, "bots": Whose.BOTS}.get(name.casefold())
    if whose is not None:
        return ListWish(whose, revoked=revoked)
    return ListWish(Whose.PERSON, name, revoked)


def read_invite(text: str) -> Wish:
    """Nothing (the list), a link's number, or `new NAME [options]`. Raises WrongOption."""
    words = text.split()
    if not words:
        return ListWish()
    if words[0].casefold() == "new":
        return read_new(text.strip()[3:].strip())
    card = _card(words, text)
    if card is not None:
        return card
    if len(words) == 1 and words[0].casefold() in ("mine", "all", "bots", "revoked"):
        return read_invites(text)
    raise Unclear("other", _short(text), "/invite 12")


def read_new(text: str) -> NewLink:
    """The wish in what follows `/invite new`. Raises Unclear."""
    quoted = _quoted(text)
    if quoted is not None:
        name, words = quoted
        wish, left = _options(words, NewLink(name))
        if not left:
            return _checked(wish)
    words = text.split()
    wish, left = _options(words, NewLink(""))
    if not left:
        raise Unclear("name-missing", "", f'/invite new "{_short(text)}"' if words else EXAMPLE)
    _demand_known(left)
    return _checked(replace(wish, name=" ".join(left)))


def _card(words: list[str], text: str) -> CardWish | None:
    if words[0].casefold() in _VERBS and len(words) == 2:
        words = [words[1]]
    found: CardWish | None = None
    if number := _NUMBER.fullmatch(words[0]):
        found = CardWish(int(number[1]))
    elif _LINK.fullmatch(words[0]):
        found = CardWish(link=words[0])
    elif tail := _TAIL.fullmatch(words[0]):
        found = CardWish(tail=tail[1])
    if found is not None and len(words) > 1 and not (len(words) == 2 and words[1].casefold() in _VERBS):
        raise Unclear("not-here", _short(" ".join(words[1:])), f"/invite {found.number or 12}")
    return found


# Options, from the end of the words

_LIMIT = re.compile(
    r"[xх×] ?([0-9]+)|([0-9]+) ?[xх×]|([0-9]+) (?:people|persons?|members?)|[-–—]{1,2}(?:uses|limit)=([0-9]+)"
)
_SPAN = re.compile(r"(?:[0-9]+ ?[a-zа-я]+ ?)+")
_PART = re.compile(r"([0-9]+) ?([a-zа-я]+)")
_UNITS = {
    **dict.fromkeys(("w", "week", "weeks", "н", "нед"), WEEK),
    **dict.fromkeys(("d", "day", "days", "д", "дн", "дней"), DAY),
    **dict.fromkeys(("h", "hr", "hour", "hours", "ч", "час"), HOUR),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes", "м", "мин"), MINUTE),
}


def _limit(words: str, wish: NewLink) -> NewLink | None:
    match = _LIMIT.fullmatch(words)
    if match is None:
        return None
    limit = int(next(group for group in match.groups() if group))
    if limit == 0:
        raise Unclear("zero", words)
    if limit > LIMIT_AT_MOST:
        raise Unclear("too-many", words)
    if wish.limit:
        raise Unclear("twice", words)
    return replace(wish, limit=limit)


def _lasts(words: str, wish: NewLink) -> NewLink | None:
    if not _SPAN.fullmatch(words):
        return None
    parts = [(int(n), unit) for n, unit in _PART.findall(words)]
    sizes = [_UNITS.get(unit, 0) for _, unit in parts]
    if 0 in sizes or sizes != sorted(set(sizes), reverse=True):
        return None
    if len(parts) == 1 and parts[0][1] in ("m", "м") and 1 <= parts[0][0] <= 12:
        raise Unclear("ambiguous", f"{parts[0][0]}m", "/invite new Course 90d")
    seconds = sum(n * _UNITS[unit] for n, unit in parts)
    if seconds == 0:
        raise Unclear("zero", words)
    if seconds > LASTS_AT_MOST:
        raise Unclear("too-long", words)
    if wish.lasts is not None:
        raise Unclear("twice", words)
    return replace(wish, lasts=seconds)


def _approval(words: str, wish: NewLink) -> NewLink | None:
    if words != "ask":
        return None
    if wish.approval:
        raise Unclear("twice", words)
    return replace(wish, approval=True)


_OPTIONS: tuple[Callable[[str, NewLink], NewLink | None], ...] = (_limit, _lasts, _approval)
# Words that mean something elsewhere in Telegram's dialogs: to take them as part of a name would be a guess.
_ELSEWHERE = (
    re.compile(r"until (?=.*[0-9]|(?:mon|tue|wed|thu|fri|sat|sun|today|tonight|tomorrow)).+"),
    re.compile(r"once"),
    re.compile(r"paid [0-9]+"),
    re.compile(r"[0-9]+ ?(?:mo|months?|y|years?)"),
)


def _options(words: list[str], wish: NewLink) -> tuple[NewLink, list[str]]:
    """Takes options off the end, the longest first; returns the words left for the name."""
    left = list(words)
    while left:
        for size in range(min(6, len(left)), 0, -1):
            said = " ".join(left[-size:]).casefold()
            taken = next((w for read in _OPTIONS if (w := read(said, wish)) is not None), None)
            if taken is not None:
                wish, left = taken, left[:-size]
                break
        else:
            break
    return wish, left


def _demand_known(words: list[str]) -> None:
    """Raises Unclear where the words end in an option that is not had here, or are a bare number."""
    if len(words) == 1 and words[0].isdecimal():
        raise Unclear("name-missing", "", f'/invite new "{_short(words[0])}"')
    for start in range(max(1, len(words) - 5), len(words)):
        said = " ".join(words[start:]).casefold()
        if any(option.fullmatch(said) for option in _ELSEWHERE):
            raise Unclear("not-here", _short(" ".join(words[start:])))


def _checked(wish: NewLink) -> NewLink:
    if not wish.name:
        raise Unclear("name-missing", "")
    if len(wish.name) > NAME_AT_MOST:
        raise Unclear("name-long", "", f"/invite new {wish.name[:NAME_AT_MOST].strip()}")
    if wish.approval and wish.limit:
        raise Unclear("approval-limit", "", "/invite new Spring ads 7d ask")
    return wish


_QUOTES = {'"': '"', "“": "”", "„": "“”", "«": "»", "‘": "’", "'": "'"}


def _quoted(text: str) -> tuple[str, list[str]] | None:
    """The name in quotes at the start, and the words after it; None where no quote closes."""
    closers = _QUOTES.get(text[:1])
    if closers is None:
        return None
    for end in range(len(text) - 1, 0, -1):
        if text[end] in closers and text[end + 1 : end + 2].strip() == "":
            return " ".join(text[1:end].split()), text[end + 1 :].split()
    return None


def _short(text: str) -> str:
    return text if len(text) <= 24 else text[:23] + "…"

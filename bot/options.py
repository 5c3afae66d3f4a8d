"""The options of a link: taken off the end of the words, whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time

from bot import dates
from bot.wishes import LASTS_AT_MOST, LIMIT_AT_MOST, PRICE_AT_MOST, Choice, Question, Unclear
from ledger.links import without_keys

MINUTE, HOUR, DAY, WEEK, MONTH, YEAR = 60, 3600, 86_400, 604_800, 30 * 86_400, 365 * 86_400
LONGEST = 8  # words: until december 31, 2026 at 6 pm

Way = tuple[str, Mapping[str, object], str]  # label, what fills it, what to write instead


class Asks(Exception):
    """What was typed could mean several things."""

    def __init__(self, question: Question) -> None:
        super().__init__(question.kind)
        self.question = question


class Ambiguous(Exception):
    """One option could mean several things: its text, and by label what it would be written as instead."""

    def __init__(self, kind: str, text: str, ways: Sequence[Way]) -> None:
        super().__init__(kind)
        self.kind, self.text, self.ways = kind, text, ways


@dataclass(frozen=True, slots=True)
class Typed:
    """Around the options: what stands before them, an example's beginning, and whether an existing link
    is changed, which has some options more."""

    here: dates.Here
    line: str
    example: str
    changing: bool = False


@dataclass(frozen=True, slots=True)
class Options:
    """None was not said; as `bot.wishes.EditWish`."""

    lasts: int | None = None
    until: int | None = None
    extend: bool = False
    forever: bool = False
    limit: int | None = None
    in_all: bool = False
    approval: bool | None = None
    once: bool = False
    price: int = 0
    whom: str = ""

    @property
    def ends(self) -> bool:
        return self.lasts is not None or self.until is not None or self.forever


def taken(words: list[str], typed: Typed) -> tuple[Options, list[str]]:
    """Options off the end, the longest first, and the words left. Raises Unclear, Asks."""
    options, left = Options(), list(words)
    while left:
        for size in range(min(LONGEST, len(left)), 0, -1):
            said = " ".join(left[-size:]).casefold()
            try:
                found = next((o for read in _READERS if (o := read(said, options, typed)) is not None), None)
            except Ambiguous as two:
                raise asks(two, typed.line, left[:-size], words[len(left) :]) from None
            if found is not None:
                options, left = found, left[:-size]
                break
        else:
            break
    if 0 < len(left) < len(words) and (cut := _cut_off(left)):
        said = " ".join((*left[-cut:], *words[len(left) :]))
        raise Unclear("date", short(said), f"{typed.example} until fri 18:00")
    if options.once and options.limit not in (None, 1):
        raise Unclear("once-limit", "", f"{typed.example} once")
    if options.approval and (options.limit or options.once):
        raise Unclear("approval-limit", "", f"{typed.example} ask")
    if options.price and replace(options, price=0) != Options():
        raise Unclear("paid-alone", "", f"{typed.example} paid {options.price}")
    return options, left


def _cut_off(left: list[str]) -> int:
    """How many words before an option are the beginning of another: `until in` 3 days."""
    ends = [word.casefold() for word in left[-2:]]
    return 1 if ends[-1] in _UNTIL else 2 if ends[0] in _UNTIL and ends[-1] == "in" else 0


def asks(two: Ambiguous, line: str, before: Sequence[str], after: Sequence[str]) -> Asks:
    """The question whose choices are the whole line, each with one meaning in its place."""
    choices = (Choice(key, args, " ".join((line, *before, instead, *after))) for key, args, instead in two.ways)
    return Asks(Question(two.kind, two.text, tuple(choices)))


_LIMIT = re.compile(
    r"[xх×] ?([0-9]+)|([0-9]+) ?[xх×]|([0-9]+) (?:people|ppl|persons?|members?|users?|человека?|чел)"
    r"|[-–—]{1,2}(?:uses|limit)=([0-9]+)"
)
_SPAN = re.compile(r"\+? ?(?:[0-9]+ ?[a-zа-я]+ ?)+")
_PART = re.compile(r"([0-9]+) ?([a-zа-я]+)")
_UNITS = {
    **dict.fromkeys(("y", "yr", "yrs", "year", "years", "г", "год", "года", "лет"), YEAR),
    **dict.fromkeys(("mo", "month", "months", "мес", "месяц", "месяца", "месяцев"), MONTH),
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks", "н", "нед", "неделя", "неделю", "недели", "недель"), WEEK),
    **dict.fromkeys(("d", "day", "days", "д", "дн", "день", "дня", "дней"), DAY),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "ч", "час", "часа", "часов"), HOUR),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes", "м", "мин", "минута", "минуты", "минут"), MINUTE),
}
_SINCE = ("since", "from", "с", "со")
_FOR_EVER = frozenset(("forever", "for ever", "no end", "no expiry", "never ends"))
_NO_LIMIT = frozenset(("no limit", "unlimited"))
_UNTIL = ("until", "till", "до")
# As typed, and as an echo says it.
_APPROVAL = {
    **dict.fromkeys(("ask", "ask on", "approval", "approval on", "with approval"), True),
    **dict.fromkeys(("ask off", "no ask", "approval off", "no approval"), False),
}
_PAID = re.compile(r"paid ([0-9]+)(?: stars?)?")
_WHOM = re.compile(r"(?:for|для) (@[a-z][a-z0-9_]{2,31}|@[0-9]{5,15})")


def _limit(said: str, options: Options, typed: Typed) -> Options | None:
    in_all = typed.changing and said.endswith(" in all")
    match = _LIMIT.fullmatch(_without_for(said.removesuffix(" in all") if in_all else said))
    if match is None:
        return None
    limit = _number(next(group for group in match.groups() if group))
    if limit == 0:
        raise Unclear("zero", short(said), f"{typed.example} x10")
    if limit > LIMIT_AT_MOST:
        raise Unclear("too-many", short(said), f"{typed.example} x10")
    return _limited(said, options, typed, limit, in_all=in_all)


def _no_limit(said: str, options: Options, typed: Typed) -> Options | None:
    return _limited(said, options, typed, 0) if typed.changing and said in _NO_LIMIT else None


def _limited(said: str, options: Options, typed: Typed, limit: int, *, in_all: bool = False) -> Options:
    if options.limit is not None:
        raise Unclear("twice", said, f"{typed.example} x10")
    return replace(options, limit=limit, in_all=in_all)


def _lasts(text: str, options: Options, typed: Typed) -> Options | None:
    said = _without_for(text)
    extend = said.startswith("+")
    if extend and not typed.changing:
        return None
    seconds = _seconds(said)
    if seconds is None:
        return None
    if seconds == 0:
        raise Unclear("zero", said, f"{typed.example} 7d")
    if seconds > LASTS_AT_MOST:
        raise Unclear("too-long", short(said), f"{typed.example} 7d")
    if options.ends:
        raise Unclear("twice", said, f"{typed.example} 7d")
    return replace(options, lasts=seconds, extend=extend)


def _seconds(said: str) -> int | None:
    """Raises Ambiguous."""
    if not _SPAN.fullmatch(said):
        return None
    parts = [(_number(n), unit) for n, unit in _PART.findall(said)]
    sizes = [_UNITS.get(unit, 0) for _, unit in parts]
    if 0 in sizes or sizes != sorted(set(sizes), reverse=True):
        return None
    if len(parts) == 1 and parts[0][1] in ("m", "м") and 1 <= parts[0][0] <= 12:
        n, plus = parts[0][0], "+" if said.startswith("+") else ""
        ways = (("choice-minutes", {"n": n}, f"{plus}{n}min"), ("choice-months", {"n": n}, f"{plus}{n}mo"))
        raise Ambiguous("span", said, ways)
    return sum(n * size for (n, _), size in zip(parts, sizes, strict=True))


def since(text: str, here: dates.Here) -> int | None:
    """`since 3 May`, `since 24h`, `24h`: when that was, in Unix seconds; None for what is neither."""
    words = text.casefold().split()
    named = bool(words) and words[0] in _SINCE
    words = words[1:] if named else words
    said = " ".join(words).removesuffix(" ago")
    try:
        seconds = _seconds(said)
    except Ambiguous:  # 3m: of minutes and months the shorter touches fewer people
        seconds = _number(_PART.findall(said)[0][0]) * MINUTE
    if seconds is not None:
        return here.now - seconds if 0 < seconds <= LASTS_AT_MOST else None
    try:
        return dates.since(words, here) if named else None
    except (dates.NoDate, dates.TwoDates):
        return None


def _until(said: str, options: Options, typed: Typed) -> Options | None:
    first, *rest = said.split()
    if first not in _UNTIL or not rest:
        return None
    example = f"{typed.example} until fri 18:00"
    if _SPAN.fullmatch(" ".join(rest)) and _seconds(" ".join(rest)) is not None:
        raise Unclear("date", short(said), f"{typed.example} 7d")
    try:
        at = dates.until(rest, typed.here)
    except dates.NoDate:
        raise Unclear("date", short(said), example) from None
    except dates.TwoDates as two:
        ways = [
            ("choice-day", {"at": typed.here.at(datetime.combine(day, time(12)))}, said.replace(two.said, str(day)))
            for day in (two.first, two.second)
        ]
        raise Ambiguous("date", said, ways) from None
    if at is None:
        return None
    if at <= typed.here.now:
        raise Unclear("past", short(said), f"{typed.example} until tomorrow")
    if at > typed.here.now + LASTS_AT_MOST:
        raise Unclear("too-long", short(said), example)
    if options.ends:
        raise Unclear("twice", short(said), example)
    return replace(options, until=at)


def _for_ever(said: str, options: Options, typed: Typed) -> Options | None:
    if not typed.changing or said not in _FOR_EVER:
        return None
    if options.ends:
        raise Unclear("twice", said, f"{typed.example} forever")
    return replace(options, forever=True)


def _approval(said: str, options: Options, typed: Typed) -> Options | None:
    wanted = _APPROVAL.get(said) if typed.changing or said == "ask" else None
    if wanted is None:
        return None
    if options.approval is not None:
        raise Unclear("twice", said, f"{typed.example} ask")
    return replace(options, approval=wanted)


def _once(said: str, options: Options, typed: Typed) -> Options | None:
    if said != "once":
        return None
    if options.once:
        raise Unclear("twice", said, f"{typed.example} once")
    return replace(options, once=True)


def _paid(said: str, options: Options, typed: Typed) -> Options | None:
    match = None if typed.changing else _PAID.fullmatch(said)
    if match is None:
        return None
    price = _number(match[1])
    if not 0 < price <= PRICE_AT_MOST:
        raise Unclear("price", short(said), f"{typed.example} paid 100")
    if options.price:
        raise Unclear("twice", said, f"{typed.example} paid 100")
    return replace(options, price=price)


def _whom(said: str, options: Options, typed: Typed) -> Options | None:
    match = None if typed.changing else _WHOM.fullmatch(said)
    if match is None:
        return None
    if options.whom:
        raise Unclear("twice", short(said), f"{typed.example} for @max")
    return replace(options, whom=match[1])


_READERS: tuple[Callable[[str, Options, Typed], Options | None], ...] = (
    _limit, _no_limit, _until, _lasts, _for_ever, _approval, _once, _paid, _whom,
)  # fmt: skip


def _without_for(said: str) -> str:
    """`for 7 days` is 7 days: the word is no part of the name before it."""
    return said.removeprefix("for ").removeprefix("на ")


def _number(digits: str) -> int:
    """More digits than any number here may have are one too many, however many."""
    return int(digits) if len(digits) <= 12 else 10**12


def short(text: str) -> str:
    """Of what was typed, for an answer: 24 characters at most, and no key among them."""
    text = without_keys(text)
    return text if len(text) <= 24 else text[:23] + "…"

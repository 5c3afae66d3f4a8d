"""Dates as people type them after `until`, in the chat's zone, to Unix seconds.

`dateparser` reads words (`fri 18:00`, `31 dec`, `завтра в 18:00`). It is asked only about what consists of
date words wholly, as it also finds a date in `the 10 best`; numbers alone (`31.12.`, `5/6`) are read here, as
it takes their order from a guess; and it never sees a zone, as the chat's is attached afterwards.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


class NoDate(Exception):
    """Meant as a date, and none."""


class TwoDates(Exception):
    """`5/6`: `said` is the word, `first` and `second` are it as year-month-day, day first and month first."""

    def __init__(self, said: str, first: date, second: date) -> None:
        super().__init__()
        self.said, self.first, self.second = said, first, second


@dataclass(frozen=True, slots=True)
class Here:
    """Now, in Unix seconds, where the clocks show `zone`."""

    now: int
    zone: str

    def local(self) -> datetime:
        return datetime.fromtimestamp(self.now, ZoneInfo(self.zone)).replace(tzinfo=None)

    def at(self, local: datetime) -> int:
        """Raises NoDate for what no clock can show."""
        try:
            return int(local.replace(tzinfo=ZoneInfo(self.zone)).timestamp())
        except (ValueError, OverflowError):
            raise NoDate from None


_WEEKDAYS = re.compile(
    r"mon(day)?|tue(s|sday)?|wed(nesday)?|thu(r|rs|rsday)?|fri(day)?|sat(urday)?|sun(day)?"
    r"|пн|вт|ср|чт|пт|сб|вс|понедельника?|вторника?|сред[аыу]|четверга?|пятниц[аыу]|суббот[аыу]|воскресень[ея]"
)
_MONTHS = re.compile(
    r"jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?|nov(ember)?"
    r"|dec(ember)?|янв(ар[ья])?|фев(рал[ья])?|марта?|апр(ел[ья])?|ма[йя]|июн[ья]|июл[ья]|авг(уста?)?"
    r"|сен(тябр[ья])?|окт(ябр[ья])?|ноя(бр[ья])?|дек(абр[ья])?"
)
_DAYS = re.compile(r"today|tonight|tomorrow|yesterday|сегодня|завтра|послезавтра|вчера")
_TIMES = re.compile(
    r"[0-9]{1,2}[:.][0-9]{2}(:[0-9]{2})?([ap]m)?|[0-9]{1,2}[ap]m|noon|midnight|morning|afternoon|evening|night"
)
_NUMERIC = re.compile(
    r"(?P<y>[0-9]{4})[-/.](?P<m>[0-9]{1,2})[-/.](?P<d>[0-9]{1,2})"
    r"|(?P<dd>[0-9]{1,2})\.(?P<dm>[0-9]{1,2})(\.(?P<dy>[0-9]{4}|[0-9]{2})?)?"
    r"|(?P<a>[0-9]{1,2})[/-](?P<b>[0-9]{1,2})([/-](?P<ab>[0-9]{4}|[0-9]{2}))?"
)
_NUMBER = re.compile(r"[0-9]{1,2}(st|nd|rd|th)?|[0-9]{4}")
_LIKE_NUMBERS = re.compile(r"[0-9][0-9.:/-]*([ap]m|st|nd|rd|th|h)?|utc|gmt|[ap]m")
_HALF = re.compile(r"[ap]m")
_ISO = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})t([0-9]{2}:[0-9]{2}.*)")
_CLOCK = re.compile(r"[0-9]{1,2}\.(?:00|1[3-9]|[2-5][0-9])")  # 18.30, which is no day of a month
_FILLERS = frozenset(("at", "on", "the", "of", "next", "this", "в"))
LAST = time(23, 59, 59)


def until(words: list[str], here: Here) -> int | None:
    """The moment that lower-case `words` name: with no time of day the last second of that day. None
    where some word belongs to no date. A day or time without a year is the next there is; so the answer
    may be past only where that was said. Raises NoDate, TwoDates."""
    said = " ".join(_ISO.sub(r"\1 \2", word.rstrip(",")) for word in words).split()
    if not said or all(word in _FILLERS for word in said) or not all(map(_belongs, said)):
        return None
    numeric = [found for word in said if (found := _NUMERIC.fullmatch(word)) and not _CLOCK.fullmatch(word)]
    if len(numeric) > 1:
        raise NoDate
    has_month = any(_MONTHS.fullmatch(word) for word in said)
    rest = [word.replace(".", ":") if _CLOCK.fullmatch(word) else word for word in said]
    for place, word in enumerate(rest):
        if _NUMBER.fullmatch(word) and not (has_month or rest[place + 1 : place + 2] in (["am"], ["pm"])):
            raise NoDate
        if _LIKE_NUMBERS.fullmatch(word) and not any(k.fullmatch(word) for k in (_TIMES, _NUMERIC, _NUMBER, _HALF)):
            raise NoDate
    if numeric:
        rest.remove(numeric[0][0])
        return _numeric(numeric[0], _time_of_day(rest, here), here)
    return _parsed(rest, here)


def since(words: list[str], here: Here) -> int | None:
    """The latest moment not after now that lower-case `words` name: with no time of day the first second of that
    day. None where some word belongs to no date. Raises NoDate, TwoDates."""
    found = []
    for days in (0, 1, 7, 366):
        at = until(words, Here(here.now - days * 86_400, here.zone))
        if at is None:
            return None
        local = Here(at, here.zone).local()
        found.append(here.at(datetime.combine(local, time())) if local.time() == LAST else at)
    past = [at for at in found if at <= here.now]
    if not past:
        raise NoDate
    return max(past)


def _belongs(word: str) -> bool:
    kinds = (_WEEKDAYS, _MONTHS, _DAYS, _TIMES, _NUMERIC, _LIKE_NUMBERS)
    return word in _FILLERS or any(kind.fullmatch(word) for kind in kinds)


def _parsed(said: list[str], here: Here) -> int:
    now = here.local()
    when, period = _read(said, now)
    if period not in ("time", "part_of_day", "day"):
        raise NoDate
    if period == "day":
        when = datetime.combine(when, LAST)
    only_weekday = any(map(_WEEKDAYS.fullmatch, said)) and not any(map(_MONTHS.fullmatch, said))
    if only_weekday and "next" not in said and when - timedelta(7) > now:
        when -= timedelta(7)  # on a Friday it takes `fri`, and a later hour of it, for next week's
    return here.at(when)


def _time_of_day(said: list[str], here: Here) -> time:
    if not said:
        return LAST
    if not all(word in _FILLERS or _TIMES.fullmatch(word) or _NUMBER.fullmatch(word) or _HALF.fullmatch(word)
               for word in said):  # fmt: skip
        raise NoDate
    when, period = _read(said, here.local())
    if period not in ("time", "part_of_day"):
        raise NoDate
    return when.time()


def _read(said: list[str], now: datetime) -> tuple[datetime, str | None]:
    from dateparser.date import DateDataParser  # noqa: PLC0415 - 0.2 s, and few links end on a date

    settings = {
        "RELATIVE_BASE": now, "PREFER_DATES_FROM": "future", "RETURN_TIME_AS_PERIOD": True, "DATE_ORDER": "DMY",
    }  # fmt: skip
    text = " ".join("today" if word == "tonight" else word for word in said)
    try:
        found = DateDataParser(languages=["en", "ru"], settings=settings).get_date_data(text)
    except (ValueError, OverflowError):
        raise NoDate from None
    if found.date_obj is None or found.date_obj.tzinfo is not None:
        raise NoDate
    return found.date_obj, found.period


def _numeric(found: re.Match[str], clock: time, here: Here) -> int:
    part = {name: int(value) for name, value in found.groupdict().items() if value is not None}
    if "y" in part:
        return here.at(datetime.combine(_day(part["y"], part["m"], part["d"]), clock))
    if "dd" in part:
        day = _next(part["dm"], part["dd"], part.get("dy"), clock, here)
    else:
        a, b, year = part["a"], part["b"], part.get("ab")
        if a != b and a <= 12 and b <= 12:
            raise TwoDates(found[0], _next(b, a, year, clock, here), _next(a, b, year, clock, here))
        day = _next(a, b, year, clock, here) if b > 12 else _next(b, a, year, clock, here)
    return here.at(datetime.combine(day, clock))


def _next(month: int, day: int, year: int | None, clock: time, here: Here) -> date:
    """That day of that year, or of the next one that has it and is not past."""
    if year is not None:
        return _day(year + 2000 if year < 100 else year, month, day)
    this = here.local()
    for candidate in range(this.year, this.year + 9):  # a 29 February may be eight years away
        with contextlib.suppress(NoDate):
            found = _day(candidate, month, day)
            if datetime.combine(found, clock) > this:
                return found
    raise NoDate


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise NoDate from None

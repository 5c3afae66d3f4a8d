"""The words of the screens, from the Fluent files, and times and spans said in them."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from fluent.runtime import FluentBundle, FluentResource

LOCALES = Path(__file__).parents[1] / "locales"
MINUTE, HOUR, DAY = 60, 3600, 86_400


class Unworded(LookupError):
    """A screen asked for words that are not in the Fluent file, or left out what they need."""


class Bare(str):
    """Words that hold no name, no link and nothing else that somebody wrote."""

    __slots__ = ()


class Words:
    """One language. `said` is the Fluent text."""

    def __init__(self, language: str, said: str) -> None:
        self.language = language
        self._bundle = FluentBundle([language], use_isolating=False)
        self._bundle.add_resource(FluentResource(said))
        self._bare = lru_cache(4096)(lambda key, **arguments: Bare(self._said(key, **arguments)))

    def say(self, key: str, **arguments: object) -> str:
        """The message `key` filled with `arguments`. Raises Unworded, naming the key only. What holds nothing but
        numbers and bare words is remembered: that is most of a list, and a name or link is never kept."""
        for value in arguments.values():
            if type(value) is not int and type(value) is not Bare:
                return self._said(key, **arguments)
        return self._bare(key, **arguments)

    def _said(self, key: str, **arguments: object) -> str:
        if not self._bundle.has_message(key):
            raise Unworded(key)
        pattern = self._bundle.get_message(key).value
        if pattern is None:
            raise Unworded(key)
        text, errors = self._bundle.format_pattern(pattern, arguments)
        if errors:
            raise Unworded(f"{key}: {type(errors[0]).__name__}")
        return str(text)


ENGLISH = Words("en", (LOCALES / "en.ftl").read_text(encoding="utf-8"))
say = ENGLISH.say


def moment(at: int, zone: str, now: int) -> str:
    """`at` in the chat's zone: `14:32` today, `Fri 18:00` within six days, `Fri 27 Nov 18:00` within
    half a year, else `27 Nov 2027`."""
    when, here = datetime.fromtimestamp(at, ZoneInfo(zone)), datetime.fromtimestamp(now, ZoneInfo(zone))
    if when.date() == here.date():
        pattern = "HH:mm"
    elif abs((when.date() - here.date()).days) <= 6:
        pattern = "EEE HH:mm"
    else:
        pattern = "EEE d MMM HH:mm" if abs(at - now) < 180 * DAY else "d MMM y"
    return _formatted(when.replace(tzinfo=None), pattern)


def date_and_time(at: int, zone: str, now: int) -> str:
    """`Fri 27 Nov 18:00` in the chat's zone, `27 Nov 2027 18:00` in another year than now's."""
    when, here = datetime.fromtimestamp(at, ZoneInfo(zone)), datetime.fromtimestamp(now, ZoneInfo(zone))
    return _formatted(when.replace(tzinfo=None), "EEE d MMM HH:mm" if when.year == here.year else "d MMM y HH:mm")


def day(at: int, zone: str, now: int) -> str:
    """`3 May`, with its year where that is another one."""
    when, here = datetime.fromtimestamp(at, ZoneInfo(zone)), datetime.fromtimestamp(now, ZoneInfo(zone))
    return _formatted(when.replace(tzinfo=None), "d MMM" if when.year == here.year else "d MMM y")


def span(seconds: int) -> str:
    """`3 d`, `2 h`, `5 min`: the largest unit that holds it twice over, rounded; never 0."""
    if seconds >= 2 * DAY:
        return say("span-days", n=round(seconds / DAY))
    if seconds >= 2 * HOUR:
        return say("span-hours", n=round(seconds / HOUR))
    return say("span-minutes", n=max(1, round(seconds / MINUTE)))


def exactly(seconds: int) -> str:
    """`7 d`, `2 h 30 min`: nothing rounded away."""
    days, rest = divmod(seconds, DAY)
    hours, rest = divmod(rest, HOUR)
    minutes = rest // MINUTE
    counted = (("span-days", days), ("span-hours", hours), ("span-minutes", minutes))
    return " ".join(say(key, n=n) for key, n in counted if n) or say("span-minutes", n=1)


def ago(at: int, now: int) -> str:
    return say("ago", span=span(now - at)) if now - at >= MINUTE else say("just-now")


@lru_cache(1024)
def _formatted(when: datetime, pattern: str) -> str:
    """Of a wall clock's time, without its zone: one moment in two zones is equal, and would be remembered as one."""
    return Bare(format_datetime(when, pattern, locale="en"))

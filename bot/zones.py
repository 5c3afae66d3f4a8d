"""Time zones as people name them: `Berlin`, `new york`, `Europe/Kyiv`, `Portugal`, `utc+3`."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cache
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global

COMMON = (
    "America/Los_Angeles", "America/New_York", "America/Sao_Paulo", "Europe/London", "Europe/Berlin", "Europe/Kyiv",
    "Europe/Istanbul", "Europe/Moscow", "Asia/Dubai", "Asia/Kolkata", "Asia/Jakarta", "Asia/Tokyo",
)  # fmt: skip
MOST = 6
_REGIONS = re.compile(r"(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)/")
_OFFSET = re.compile(r"(?:utc|gmt)\s*([+-−])\s*(\d{1,2})(?::?00)?", re.IGNORECASE)


def zones_like(text: str) -> tuple[str, ...]:
    """One where it is plain which is meant, `MOST` at most where it may be several, none where nothing fits."""
    wanted = _plain(text)
    if text.strip() in available_timezones():
        return (text.strip(),)
    if offset := _OFFSET.fullmatch(text.strip()):
        zone = f"Etc/GMT{'-' if offset[1] == '+' else '+'}{int(offset[2])}"  # POSIX counts them westwards
        return (zone if int(offset[2]) else "UTC",) if zone in available_timezones() else ()
    if wanted in ("utc", "gmt"):
        return ("UTC",)
    names = _names()
    if wanted in names:
        return names[wanted]
    near = [name for name in sorted(names) if len(wanted) > 2 and name.startswith(wanted)]
    near = near or get_close_matches(wanted, names, MOST, 0.75)
    return tuple(dict.fromkeys(zone for name in near for zone in names[name]))[:MOST]


def city(zone: str) -> str:
    """`New York` of `America/New_York`."""
    return zone.rpartition("/")[2].replace("_", " ")


@cache
def _names() -> dict[str, tuple[str, ...]]:
    """By whole name, city, and country where that has few of them."""
    zones = sorted(zone for zone in available_timezones() if _REGIONS.match(zone))
    names: dict[str, tuple[str, ...]] = {_plain(zone): (zone,) for zone in zones}
    for zone in zones:
        names[_plain(city(zone))] = (*names.get(_plain(city(zone)), ()), zone)
    for code, name in Locale("en").territories.items():
        here = [zone for zone in get_global("territory_zones").get(code, ()) if zone in zones]
        if len(code) == 2 and 0 < len(here) <= MOST:
            names.setdefault(_plain(name), tuple(here))
    return names


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("_", " ").replace("-", " ").split())

"""What Telegram finds in a text by itself: commands, mentions and URLs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

Json = Mapping[str, Any]

_FOUND = re.compile(
    r"(?P<bot_command>(?<![\w/])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?)(?!\w)"
    r"|(?P<mention>(?<!\w)@[A-Za-z]\w{3,31})(?!\w)"
    r"|(?P<url>(?<!\w)(?:https?://|t\.me/)[^\s<>\"]+)"
)


def entities_in(text: str, given: Sequence[Json]) -> tuple[Json, ...]:
    """`given` and what Telegram finds, except where an entity stands already. Offsets count UTF-16 units."""
    taken = [(e["offset"], e["offset"] + e["length"]) for e in given]
    found: list[Json] = []
    for match in _FOUND.finditer(text):
        start, length = utf16(text[: match.start()]), utf16(match[0])
        if all(start + length <= begin or end <= start for begin, end in taken):
            found.append({"type": match.lastgroup, "offset": start, "length": length})
    return tuple(sorted([*given, *found], key=lambda e: (e["offset"], -e["length"])))


def utf16(text: str) -> int:
    """The length Telegram counts entities in."""
    return len(text.encode("utf-16-le")) // 2

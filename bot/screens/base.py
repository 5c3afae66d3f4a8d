"""A screen as a value, and what makes strangers' names harmless on it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from aiogram.types import InputRichBlockUnion
from aiogram.utils.formatting import Text

from ledger.links import without_keys

WIDTH = 32  # columns of a phone
_NARROW = re.compile("[\x00-\u02ff\u2010-\u2027]*")  # Latin, and the dashes, dots and quotes our words have


@dataclass(frozen=True, slots=True)
class Button:
    """Exactly one of `data` (callback data, at most 64 bytes), `url` and `copy` (at most 256
    characters) is set."""

    text: str
    data: str | None = None
    url: str | None = None
    copy: str | None = None

    def __repr__(self) -> str:  # `copy` is a whole link
        return f"Button({self.text!r})"


Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Screen:
    """`secret`: it holds a whole link, so it may only stand in a private chat, or come by an edit of
    an ephemeral message. `replay` is the start payload that brings the same screen in private.
    `quiet`: said to a stranger, at most once an hour, never with a public line. `rich` are the blocks that
    an edit shows instead of the text, which says the same."""

    text: Text
    keyboard: Rows = ()
    secret: bool = False
    replay: str = ""
    quiet: bool = False
    rich: tuple[InputRichBlockUnion, ...] = ()

    def __repr__(self) -> str:
        return f"Screen({'secret' if self.secret else repr(self.text.as_pretty_string())})"


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG, its caption and buttons. `secret` as of a Screen."""

    png: bytes = field(repr=False)
    caption: Text = field(repr=False)
    keyboard: Rows = ()
    secret: bool = False


def clean(name: str, *, empty: str = "…") -> str:
    """A name or title as one harmless line: no control, formatting (RTL, zero width) or lone
    surrogate characters, no towers of combining marks, and no whole invite link."""
    line = " ".join((name if name.isascii() and name.isprintable() else _harmless(name)).split())
    return without_keys(line) or empty


def _harmless(name: str) -> str:
    kept: list[str] = []
    marks = 0
    for sign in unicodedata.normalize("NFC", name):
        category = unicodedata.category(sign)
        marks = marks + 1 if category[0] == "M" else 0
        if category in ("Zl", "Zp", "Cc"):
            kept.append(" ")
        elif category[0] != "C" and marks <= 2:
            kept.append(sign)
    return "".join(kept)


def columns(text: str) -> int:
    if text.isascii() or _NARROW.fullmatch(text):
        return len(text)
    return sum(2 if unicodedata.east_asian_width(s) in "WF" else unicodedata.category(s) != "Mn" for s in text)


def cut(text: str, width: int) -> str:
    """`text` in at most `width` columns, the last of them an ellipsis where something was cut."""
    if columns(text) <= width:
        return text
    kept = ""
    for sign in text:
        if columns(kept + sign) > width - 1:
            break
        kept += sign
    return kept.rstrip() + "…"


def rows_of(buttons: Iterable[Button], each: int) -> Rows:
    flat = list(buttons)
    return tuple(tuple(flat[i : i + each]) for i in range(0, len(flat), each))


def turns(page: int, pages: int, to: Callable[[int], str], *, counted: bool = True) -> tuple[Button, ...]:
    """`◀ 2/3 ▶`, pages counting from 0; `to` gives the callback data of a page. Nothing where there is but one."""
    if pages < 2:
        return ()
    back = (Button("◀", to(page - 1)),) if page else ()
    here = (Button(f"{page + 1}/{pages}", to(page)),) if counted else ()
    onward = (Button("▶", to(page + 1)),) if page + 1 < pages else ()
    return back + here + onward

"""What is typed at the prompt of `make play`, as values. The reading is forgiving; the examples are right ones."""

from __future__ import annotations

import re
from dataclasses import dataclass

from console.mistyped import Mistyped

EXAMPLES = (
    ("ann: /invites", "in the group; only she and the bot see it"),
    ("ann@bot: /invite 12", "in her private chat with the bot"),
    ("ann: /invite new Spring ads 7d", "makes a link of hers"),
    ("ann presses Show", "the newest button of that name"),
    ("ann looks", "what stands on her screen now"),
    ("bob makes Summer fair", "a link, in the official app"),
    ("kim joins Summer fair", "by a link's name, or its number: 12"),
    ("kim leaves", ""),
    ("bob revokes Summer fair · bob deletes Summer fair", "in the official app"),
    ("promote kim · demote bob · remove max", "by the group's owner"),
    ("approve iva · decline moe · ban max", "by the owner, in the official app"),
    ("flood 60", "the account must wait, at its next reading"),
    ("old server · new server", "a Telegram where all see all, or not"),
    ("wait 3", "three seconds pass"),
    ("in talk", "the chat all this is about, from now on"),
    ("who · help · quit", ""),
)


@dataclass(frozen=True, slots=True)
class Says:
    who: str
    text: str
    private: bool


@dataclass(frozen=True, slots=True)
class Presses:
    who: str
    label: str


@dataclass(frozen=True, slots=True)
class Acts:
    """`verb` is joins, leaves, makes, revokes, deletes, looks, promote, demote, remove, approve, decline or ban; `what`
    a number, a link, a title."""

    verb: str
    who: str
    what: str = ""


@dataclass(frozen=True, slots=True)
class Happens:
    """`what` is flood, server, wait, in, who, help or quit."""

    what: str
    value: str = ""


Speech = Says | Presses | Acts | Happens

_SAYS = re.compile(r"(\w+)\s*(@\s*\w+|\(?\s*(?:in\s+)?private\s*\)?)?\s*[:>]\s*(\S.*)")
_PRESSES = re.compile(r"(\w+)\s+(?:press|presses|pressed|taps?|clicks?|hits?)\s+(?:on\s+)?(.+)", re.IGNORECASE)
_ONE = re.compile(
    r"(\w+)\s+(joins?|leaves?|makes?|creates?|revokes?|deletes?|looks?|sees?)\b"
    r"\s*(?:(?:by|link|at)\s+)*(.*?)(?:\s+in the app)?",
    re.IGNORECASE,
)
_OWNER = re.compile(r"(?:\w+\s+)?(promote|demote|remove|approve|decline|ban)s?\s+(\w+)", re.IGNORECASE)
_HAPPENS = (
    (re.compile(r"flood\s*(?:of|for)?\s*(\d{1,5})?\s*s?", re.IGNORECASE), "flood"),
    (re.compile(r"(old|new)(?:\s+server)?", re.IGNORECASE), "server"),
    (re.compile(r"wait\s+(\d{1,3})\s*s?", re.IGNORECASE), "wait"),
    (re.compile(r"(?:in|chat)\s+(.+)", re.IGNORECASE), "in"),
    (re.compile(r"who|people"), "who"),
    (re.compile(r"help|\?|h"), "help"),
    (re.compile(r"quit|exit|bye|q"), "quit"),
)
_VERBS = {
    "make": "makes",
    "create": "makes",
    "join": "joins",
    "leave": "leaves",
    "revoke": "revokes",
    "delete": "deletes",
}
_VERBS |= {"look": "looks", "see": "looks"}


def read(line: str) -> Speech:
    """Raises Mistyped, with one right example."""
    line = re.sub(r"^\s*world\s*[:>]\s*", "", line, flags=re.IGNORECASE).strip()
    for pattern, what in _HAPPENS:
        if found := pattern.fullmatch(line):
            return Happens(what, (found[1] or "") if pattern.groups else "")
    if found := _PRESSES.fullmatch(line):
        return Presses(found[1], found[2].strip("[]“”\"' "))
    if found := _SAYS.fullmatch(line):
        return Says(found[1], found[3], private=bool(found[2]))
    if found := _OWNER.fullmatch(line):
        return Acts(found[1].lower(), found[2])
    if found := _ONE.fullmatch(line):
        verb = found[2].lower()
        return Acts(_VERBS.get(verb.rstrip("s"), verb), found[1], found[3].strip())
    raise Mistyped(f"“{line}” is nothing that can happen here. Example: {_nearest(line)}")


def _nearest(line: str) -> str:
    """The example that shares most words with the line."""
    words = set(re.findall(r"\w+", line.lower()))
    shared = {example: len(words & set(re.findall(r"\w+", example.lower()))) for example, _ in EXAMPLES}
    return max(shared, key=lambda example: shared[example]).partition(" · ")[0]

"""What may follow `/invites` and `/invite`: pure, from words to a wish.

A name is never eaten: options count only after it, from the end backwards, a word that is not wholly
an option belongs to the name, and quotes make all of it a name. What could mean two things is asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from bot.dates import Here
from bot.errors import BotError, UnknownNumber
from bot.options import Ambiguous, Asks, Options, Typed, Way, asks, short, since, taken
from bot.wishes import (
    EXAMPLE,
    NAME_AT_MOST,
    NOTE_AT_MOST,
    SERIES_AT_MOST,
    CardWish,
    DeleteWish,
    DraftWish,
    EditWish,
    HistoryWish,
    ListWish,
    NewLink,
    NoteWish,
    RemoveWish,
    ReplaceWish,
    RequestsWish,
    RevokeWish,
    RotateWish,
    Series,
    Unclear,
    WhoWish,
    Wish,
)
from ledger.links import KEY_LEAD
from ledger.listing import Order, Shelf, Whose

EDIT_AT_MOST = 300  # characters; a whole message of quotes would take a second to read
_LINK = re.compile(rf"(?:https?://|tg:(?://)?)?{KEY_LEAD}[A-Za-z0-9_-]{{8,}}", re.IGNORECASE)
_NUMBER = re.compile(r"#?([0-9]{1,15})")
_TAIL = re.compile(r"(?:(?:https?://)?t\.me/\+[A-Za-z0-9_-]{3})?(?:…|\.\.\.)([A-Za-z0-9_-]{3})")  # as masked, too
_HERE_ON_THE_CARD = ("show", "copy", "qr")  # by its buttons: a first answer is masked
_ACTS = ("edit", "revoke", "replace", "rotate", "delete", "who", "requests", "note", "history", "remove")
_WITH_WORDS = ("edit", "note", "remove")
_LATER = ("stats",)
_WHOSE = {"all": Whose.ALL, "mine": Whose.MINE, "bots": Whose.BOTS}
_SHELVES = {shelf.value: shelf for shelf in Shelf if shelf is not Shelf.UNREVOKED}
_ORDERS = {"joins": Order.JOINS, "new": Order.NEW, "ends": Order.ENDS, "end": Order.ENDS}
_PAID = re.compile(r"paid [0-9]+")  # a link is made so, and never becomes so
_RANGE = re.compile(r"([0-9]{1,9})(?:\.\.\.?|…)([0-9]{1,9})")
_QUOTES = {'"': '"', "“": "”", "„": "“”", "«": "»", "‘": "’", "'": "'"}


def link_in(text: str) -> str | None:
    """The first full invite link in the text."""
    found = _LINK.search(text)
    return found[0] if found else None


def holds_link(text: str) -> bool:
    return link_in(text) is not None


def makes_link(text: str) -> bool:
    """Whether the words after `/invite` ask for a new link."""
    return _first(text) == "new"


def changes(text: str) -> bool:
    """Whether the words after `/invite` may change something, once they are understood."""
    return len(text.split()) > 1


def read_invites(text: str) -> ListWish | CardWish:
    """`[mine|@admin|name|bots|all] [state] [words…] [by joins|new|ends]`, or one link. Raises UnknownNumber."""
    words = text.split()
    if not words:
        return ListWish(default=True)
    pasted = next((word for word in words if _LINK.fullmatch(word)), None)
    if pasted is not None:
        return CardWish(link=pasted)
    card = _card(words[0]) if len(words) == 1 else None
    return card if card is not None else _list(words)


def read_invite(text: str, *, now: int, zone: str) -> Wish:
    """Nothing (the list), `new NAME [options]`, or a link and what to do with it. `now` in Unix seconds, dates
    in `zone`. Raises WrongOption, UnknownNumber."""
    words = text.split()
    if not words:
        return ListWish(default=True)
    here = Here(now, zone)
    try:
        if words[0].casefold() == "new":
            return _new(text.strip()[3:].strip(), here)
        return _of_a_link(words, text.strip(), here)
    except Asks as several:
        return several.question


def read_card(word: str) -> CardWish | None:
    """A link by its number, as a whole, or by its tail; None where the word is none of these. Raises UnknownNumber."""
    return _card(word)


# A list


def _list(words: list[str]) -> ListWish:
    wish, left = ListWish(), list(words)
    if len(left) > 1 and left[-2].casefold() == "by" and (order := _ORDERS.get(left[-1].casefold())):
        wish, left = replace(wish, order=order), left[:-2]
    whose = shelf = None
    while left:
        word = left[0].casefold()
        if whose is None and word in _WHOSE:
            whose = _WHOSE[word]
        elif shelf is None and word in _SHELVES:
            shelf = _SHELVES[word]
        else:
            break
        left = left[1:]
    if left and shelf is None and left[-1].casefold() in _SHELVES:
        shelf, left = _SHELVES[left[-1].casefold()], left[:-1]
    wish = replace(wish, shelf=shelf or Shelf.UNREVOKED)
    said = " ".join(left)
    if whose is not None:
        return replace(wish, whose=whose, words=_unquoted(said))
    if _quoted(said) is not None:
        return replace(wish, words=_unquoted(said))
    if not said:
        return wish
    if said.startswith("@"):
        return replace(wish, whose=Whose.PERSON, name=left[0], words=_unquoted(" ".join(left[1:])))
    return replace(wish, whose=Whose.PERSON, name=said)


def _unquoted(said: str) -> str:
    quoted = _quoted(said)
    return quoted[0] if quoted is not None and not quoted[1] else said


# A new link


def _new(text: str, here: Here) -> NewLink | Series | DraftWish:
    """Raises Unclear, Asks."""
    if not text:
        return DraftWish()
    typed = Typed(here, "/invite new", "/invite new Spring ads")
    quoted = _quoted(text)
    if quoted is not None:
        name, words = quoted
        options, left = taken(words, replace(typed, line=f'/invite new "{name}"'))
        if not left:
            return _named(name, options)
        if len(left) == 1 and (numbers := _RANGE.fullmatch(left[0])):
            return _series(name, options, numbers)
    words = text.split()
    options, left = taken(words, typed)
    if not left:
        raise Unclear("name-missing", "", f'/invite new "{short(text)}"' if words else EXAMPLE)
    if len(left) == 1 and left[0].isascii() and left[0].isdecimal():
        named: Way = ("choice-name", {"name": short(left[0])}, f'"{left[0]}"')
        ways: list[Way] = [(key, args, f'"{name}" {short}') for key, args, short, name in _counted(left[0], options)]
        raise asks(Ambiguous("number", short(left[0]), [*ways, named]), "/invite new", [], words[1:])
    if len(left) > 1 and (numbers := _RANGE.fullmatch(left[-1])):
        return _series(" ".join(left[:-1]), options, numbers)
    return _named(" ".join(left), options)


def _series(name: str, options: Options, numbers: re.Match[str]) -> Series:
    first, last = int(numbers[1]), int(numbers[2])
    if not first <= last < first + SERIES_AT_MOST:
        raise Unclear("series", numbers[0], "/invite new Flyer 1..50 x1 7d")
    if options.whom or options.price:
        raise Unclear("series-alike", "", "/invite new Flyer 1..50 x1 7d")
    if len(f"{name} {last}") > NAME_AT_MOST:
        raise Unclear("name-long", "", f"/invite new {_cut(name)[: NAME_AT_MOST - 10].strip()} {numbers[0]}")
    return Series(_named(name, options), first, last)


def _counted(word: str, options: Options) -> list[tuple[str, dict[str, object], str, str]]:
    """A number alone, as the options it may stand for: label, its arguments, the option, in words."""
    n = int(word) if word.isascii() and word.isdecimal() and len(word) <= 5 else 0
    ways: list[tuple[str, dict[str, object], str, str]] = []
    if n and options.limit is None and not options.approval:
        ways.append(("choice-members", {"n": n}, f"x{n}", f"{n} members"))
    if 0 < n <= 3650 and not options.ends:
        ways.append(("choice-days", {"n": n}, f"{n}d", f"{n} days"))
    return ways


def _named(name: str, options: Options) -> NewLink:
    if not name:
        raise Unclear("name-missing", "")
    if holds_link(name):
        raise Unclear("name-link", "")
    if len(name) > NAME_AT_MOST:
        raise Unclear("name-long", "", f'/invite new "{_cut(name)}"')
    limit = 1 if options.once else options.limit or 0
    return NewLink(
        name, options.lasts, options.until, limit, bool(options.approval), options.once, options.price, options.whom
    )


# One link


def _of_a_link(words: list[str], text: str, here: Here) -> Wish:
    act = words[0].casefold()
    if act in (*_HERE_ON_THE_CARD, *_ACTS, *_LATER):  # revoke 12
        card = _card(words[1]) if len(words) > 1 else None
        if card is None:
            alone = act in _ACTS and act != "note"
            raise Unclear("other", short(text), f"/invite {act} 12" if alone else "/invite 12")
        rest = text.split(maxsplit=2)[2:]
    else:
        card = _card(words[0])
        if card is None:
            return _no_link(words, text, here)
        act = words[1].casefold() if len(words) > 1 else "show"
        known = act in (*_HERE_ON_THE_CARD, *_ACTS, *_LATER)
        rest = text.split(maxsplit=2 if known else 1)[2 if known else 1 :]
        act = act if known else "edit"
    if act in _WITH_WORDS:
        return _with_words(act, card, rest[0] if rest else "", here)
    if act in _LATER or rest:
        raise Unclear("no-act", short(" ".join((act, *rest))), f"/invite {card.number or 12}")
    bare: Mapping[str, Wish] = {
        "revoke": RevokeWish(card), "history": HistoryWish(card), "replace": ReplaceWish(card),
        "delete": DeleteWish(card), "rotate": RotateWish(card), "who": WhoWish(card), "requests": RequestsWish(card),
    }  # fmt: skip
    return bare.get(act, card)


def _with_words(act: str, card: CardWish, text: str, here: Here) -> Wish:
    """Raises Unclear, Asks."""
    if act == "edit":
        return _edit(card, text, here)
    return _note(card, " ".join(text.split())) if act == "note" else _remove(card, text, here)


def _note(card: CardWish, text: str) -> NoteWish:
    """Raises Unclear."""
    example = f"/invite {card.number or 12} note ask Bob before sharing"
    if not text:
        raise Unclear("note-missing", "", example)
    if len(text) > NOTE_AT_MOST:
        raise Unclear("note-long", "", example)
    if holds_link(text):
        raise Unclear("note-link", "", example)
    return NoteWish(card, "" if text.casefold() == "off" else text)


def _remove(card: CardWish, text: str, here: Here) -> RemoveWish:
    """Raises Unclear."""
    at = since(text, here) if text else 0
    if at is None:
        raise Unclear("since", short(text), f"/invite {card.number or 12} remove since 24h")
    return RemoveWish(card, at)


def _no_link(words: list[str], text: str, here: Here) -> Wish:
    """Words alone are more often a link that is looked for; with an option, one that shall be made."""
    if words[0].casefold() in (*_WHOSE, *_SHELVES) or words[0].startswith("@"):
        return read_invites(text)
    example = f"/invites {text}"
    try:
        if _new(text, here) != NewLink(" ".join(words)):
            example = f"/invite new {text}"
    except (BotError, Asks):
        example = "/invite 12"
    raise Unclear("other", short(text), example if len(example) <= 50 and not holds_link(text) else "/invite 12")


def _edit(card: CardWish, text: str, here: Here) -> EditWish:
    """Raises Unclear, Asks."""
    if len(text) > EDIT_AT_MOST:
        raise Unclear("edit-other", short(text), f"/invite {card.number or 12} 7d")
    handle = card.link or (f"…{card.tail}" if card.tail else str(card.number))
    example = f"/invite {card.number or 12}"
    before, name, after = _name_inside(text)
    line = f"/invite {handle} edit" if name is None else f'/invite {handle} edit "{name}"'
    typed, words = Typed(here, line, example, changing=True), before + after
    options, left = taken(words, typed)
    if len(left) == 1 and (meant := _counted(left[0], options)):
        number = Ambiguous("number-of", left[0], [(key, args, short) for key, args, short, _ in meant])
        raise asks(number, typed.line, [], words[1:])
    if left:
        said = " ".join(left)
        if _PAID.fullmatch(said.casefold()):
            raise Unclear("not-here", short(said), f"{example} x10")
        raise Unclear("edit-other", short(said), f'{example} "{short(said)}"')
    if name is not None and not name:
        raise Unclear("name-missing", "", f'{example} "Spring ads"')
    if name and holds_link(name):
        raise Unclear("name-link", "", f'{example} "Spring ads"')
    if name and len(name) > NAME_AT_MOST:
        raise Unclear("name-long", "", f'{example} "{_cut(name)}"')
    limit = 1 if options.once else options.limit
    return EditWish(
        card, options.lasts, options.until, options.extend, options.forever, limit, options.in_all,
        options.approval, name, options.once or None,
    )  # fmt: skip


def _card(word: str) -> CardWish | None:
    """Raises UnknownNumber."""
    if number := _NUMBER.fullmatch(word):
        if not 0 < int(number[1]) < 2**31:
            raise UnknownNumber(int(number[1]))
        return CardWish(int(number[1]))
    if _LINK.fullmatch(word):
        return CardWish(link=word)
    tail = _TAIL.fullmatch(word)
    return CardWish(tail=tail[1]) if tail else None


# Words


def _name_inside(text: str) -> tuple[list[str], str | None, list[str]]:
    """The words before a quoted name, the name, and the words after it."""
    for start in (found.start() for found in re.finditer(r"(?<!\S)\S", text)):
        quoted = _quoted(text[start:])
        if quoted is not None:
            return text[:start].split(), *quoted
    return text.split(), None, []


def _quoted(text: str) -> tuple[str, list[str]] | None:
    """The name in quotes at the start, and the words after it; None where no quote closes."""
    closers = _QUOTES.get(text[:1])
    if closers is None:
        return None
    for end in range(len(text) - 1, 0, -1):
        if text[end] in closers and text[end + 1 : end + 2].strip() == "":
            return " ".join(text[1:end].split()), text[end + 1 :].split()
    return None


def _first(text: str) -> str:
    return text.split(maxsplit=1)[0].casefold() if text.split() else ""


def _cut(name: str) -> str:
    return name[:NAME_AT_MOST].strip()

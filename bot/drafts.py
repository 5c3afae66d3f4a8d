"""A link that is put together with buttons, or the changes to one: a value, its presets, and the words that
may be typed for a field. Pure.

Each press makes another draft; the ledger keeps it as a row of its own, so that a button carries the row's
number and nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum

from bot import grammar
from bot.dates import Here
from bot.options import DAY, HOUR, WEEK, Options, Typed, short, taken
from bot.wishes import LIMIT_AT_MOST, NAME_AT_MOST, PRICE_AT_MOST, CardWish, EditWish, NewLink, Question, Unclear
from ledger.links import Link

SPANS = (HOUR, DAY, WEEK)  # as the official apps offer them
LIMITS = (1, 10, 100)
PRICES = (50, 100, 500)  # Stars for 30 days
_KEPT_AS = "draft "
_NEVER = ("never", "none", "no", "forever")
_FREE = ("free", "none", "no", "0")
_PRICE = re.compile(r"(?:paid )?([0-9]{1,6})(?: stars?)?")


class Field(StrEnum):
    """What is typed, as a button cannot say it."""

    NAME = "n"
    END = "e"
    LIMIT = "l"
    PRICE = "p"


@dataclass(frozen=True, slots=True)
class Draft:
    """`number` 0 is a new link, else the link to be changed, of which None means "as it was". `opened` is the
    update that began it: no two drafts are one. `price`, of a new link alone, leaves it nothing besides but its name;
    what else was chosen is kept for when it is to be free again. The rest as of EditWish."""

    number: int = 0
    opened: int = 0
    name: str | None = None
    lasts: int | None = None
    until: int | None = None
    extend: bool = False
    forever: bool = False
    limit: int | None = None
    in_all: bool = False
    approval: bool | None = None
    once: bool | None = None
    price: int = 0

    @property
    def ends(self) -> bool:
        return self.lasts is not None or self.until is not None or self.forever

    @property
    def says_something(self) -> bool:
        return self != Draft(self.number, self.opened)


def written(draft: Draft) -> str:
    plain = asdict(Draft())
    said = {name: value for name, value in asdict(draft).items() if value != plain[name]}
    return _KEPT_AS + json.dumps(said, ensure_ascii=False)


def read(kept: str | None) -> Draft | None:
    """None for what is no draft."""
    if kept is None or not kept.startswith(_KEPT_AS):
        return None
    said = json.loads(kept.removeprefix(_KEPT_AS))
    known = {field.name for field in fields(Draft)}
    return Draft(**{name: value for name, value in said.items() if name in known})


def approval_of(draft: Draft, link: Link | None) -> bool:
    return (link is not None and link.approval) if draft.approval is None else draft.approval


def limit_of(draft: Draft, link: Link | None) -> int:
    return (link.limit if link is not None else 0) if draft.limit is None else draft.limit


def once_of(draft: Draft, link: Link | None) -> bool:
    return bool(draft.once) if draft.limit is not None else link is not None and link.once


def ending(draft: Draft, options: Options) -> Draft:
    """With another end; the rest of `options` is not looked at."""
    return replace(
        draft, lasts=options.lasts, until=options.until, extend=options.extend, forever=options.forever
    )  # fmt: skip


def limited(draft: Draft, limit: int, link: Link | None, *, once: bool = False, in_all: bool = False) -> Draft:
    """With another member limit, 0 for none; approval goes with none, so a limit takes it away."""
    approval = False if limit and approval_of(draft, link) else draft.approval
    return replace(draft, limit=limit, once=once, in_all=in_all, approval=approval)


def approving(draft: Draft, link: Link | None, *, on: bool) -> Draft:
    if on and limit_of(draft, link):
        draft = replace(draft, limit=0, once=False, in_all=False)
    return replace(draft, approval=on)


def reached(draft: Draft, link: Link | None) -> bool:
    """Whether as many joined already as the draft would let in."""
    limit = draft.limit or 0
    return link is not None and 0 < limit <= link.joined and not (draft.in_all or draft.once)


def wish_of(draft: Draft) -> NewLink | EditWish:
    if draft.number:
        return EditWish(
            CardWish(draft.number), draft.lasts, draft.until, draft.extend, draft.forever, draft.limit, draft.in_all,
            draft.approval, draft.name, draft.once,
        )  # fmt: skip
    if draft.price:
        return NewLink(draft.name or "", price=draft.price)
    return NewLink(
        draft.name or "", draft.lasts, draft.until, draft.limit or 0, bool(draft.approval), bool(draft.once)
    )  # fmt: skip


def typed(draft: Draft, field: Field, text: str, link: Link | None, here: Here) -> Draft:
    """The draft with what was typed for this field. Raises Unclear; Asks, whose commands are texts for it."""
    words = " ".join(text.split())
    match field:
        case Field.NAME:
            return replace(draft, name=_name(words))
        case Field.LIMIT:
            return _limit(draft, words, link, here)
        case Field.PRICE:
            return _price(draft, words)
    return ending(draft, _end(words.split(), here, changing=bool(draft.number)))


def meanings(question: Question) -> Sequence[str]:
    """What each choice of a question about a field would have been typed as."""
    return [choice.command.strip() for choice in question.choices]


def _name(words: str) -> str:
    if grammar.holds_link(words):
        raise Unclear("name-link", "", "Spring ads")
    if len(words) > NAME_AT_MOST:
        raise Unclear("name-long", "", words[:NAME_AT_MOST].strip())
    return words


def _limit(draft: Draft, words: str, link: Link | None, here: Here) -> Draft:
    if words.casefold() == "once":
        if link is not None and not link.by_this_bot:
            raise Unclear("once-other", "", str(link.joined + 1))
        return limited(draft, 1, link, once=True)
    if words.casefold() in _NEVER:
        return limited(draft, 0, link)
    bare = words.isascii() and words.isdecimal()
    options, left = _taken([f"x{words}"] if bare else words.split(), here)
    if left or options.limit is None or options != Options(limit=options.limit, in_all=options.in_all):
        raise Unclear("other", short(words), f"25 (1 to {LIMIT_AT_MOST:,})")
    return limited(draft, options.limit, link, in_all=options.in_all)


def _price(draft: Draft, words: str) -> Draft:
    if words.casefold() in _FREE:
        return replace(draft, price=0)
    said = _PRICE.fullmatch(words.casefold())
    price = int(said[1]) if said else 0
    if not 0 < price <= PRICE_AT_MOST:
        raise Unclear("price", short(words), "150")
    return replace(draft, price=price)


def _end(words: list[str], here: Here, *, changing: bool) -> Options:
    if " ".join(words).casefold() in _NEVER:
        return Options(forever=True)
    for said in (words, ["until", *words]):
        options, left = _taken(said, here)
        only_ends = replace(options, lasts=None, until=None, extend=False, forever=False) == Options()
        if not left and options.ends and only_ends and (changing or not options.extend):
            return options
    raise Unclear("date", short(" ".join(words)), "fri 18:00")


def _taken(words: list[str], here: Here) -> tuple[Options, list[str]]:
    """Raises Unclear, Asks; examples are of the field alone."""
    try:
        return taken(words, Typed(here, "", "", changing=True))
    except Unclear as wrong:
        raise Unclear(str(wrong.arguments["why"]), wrong.text, wrong.example.strip()) from None

"""What a reading changes: the book's rows held against what Telegram just told. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ledger.links import CutLink, SeenLink

# A change of these is history; usage and pending requests change all day.
TOLD_OF = frozenset({"title", "approval", "expires", "limit", "primary", "price", "once"})

# Filled in when first learned, which changes nothing in the world.
_LEARNED = frozenset({"created", "edited"})


@dataclass(frozen=True, slots=True)
class KnownLink:
    """What the book holds of a link, as far as a reading can change it. `whole` is False while only the
    cut form is known; `read` is True once an account read it. `carried` joined by the keys it had before, and are
    in `joined` and `limit`."""

    id: int
    creator_id: int
    whole: bool
    read: bool
    gone: bool
    primary: bool
    approval: bool
    revoked: bool
    title: str
    created: int | None
    edited: int | None
    expires: int | None
    limit: int
    joined: int
    pending: int
    price: int
    carried: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """A known link and what is otherwise now: `fields` maps a field to (was, is)."""

    known: KnownLink
    seen: SeenLink | CutLink
    fields: dict[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Changes:
    """`new` links; `changed` ones, as a person would see it; `same` ones; `gone` are the ids of links
    that Telegram lists no more, known once both listings of their creator were read."""

    new: tuple[SeenLink, ...] = ()
    changed: tuple[Change, ...] = ()
    same: tuple[KnownLink, ...] = ()
    gone: tuple[int, ...] = ()


def told(seen: SeenLink | CutLink, carried: int = 0) -> dict[str, Any]:
    """What a surface told of a link, as the book counts: with those who joined by the keys it had before, which
    Telegram's figures leave out. The Bot API tells no usage, and with it neither dates, pending requests nor a
    price that could be relied on."""
    fields: dict[str, Any] = {
        "primary": seen.primary,
        "approval": seen.approval,
        "revoked": seen.revoked,
        "title": seen.title,
        "expires": seen.expires,
        "limit": seen.limit + carried if seen.limit else 0,
    }
    if isinstance(seen, SeenLink) and seen.usage is not None:
        fields |= {"joined": seen.usage + carried, "pending": seen.pending, "price": seen.price, "edited": seen.edited}
        if seen.created is not None:
            fields["created"] = seen.created
    return fields


def differences(known: KnownLink, seen: SeenLink | CutLink) -> dict[str, tuple[Any, Any]]:
    """What a person would see change. Telegram has no way back from revoked, so an unrevoked reading of
    a link known as revoked is an old one and says nothing about that."""
    fields: dict[str, tuple[Any, Any]] = {}
    for name, value in told(seen, known.carried).items():
        was = getattr(known, name)
        if was == value or (name == "revoked" and known.revoked):
            continue
        if name in _LEARNED and not known.read:
            continue
        fields[name] = (was, value)
    if known.gone:
        fields["gone"] = (True, False)
    if not known.whole and isinstance(seen, SeenLink):
        fields["whole"] = (False, True)
    return fields


def compare(known: Mapping[str, KnownLink], seen: Mapping[str, SeenLink]) -> Changes:
    """Both keyed alike (by the keyed hash of the link). The order of `seen` is kept."""
    new: list[SeenLink] = []
    changed: list[Change] = []
    same: list[KnownLink] = []
    for key, link in seen.items():
        row = known.get(key)
        if row is None:
            new.append(link)
        elif fields := differences(row, link):
            changed.append(Change(row, link, fields))
        else:
            same.append(row)
    return Changes(tuple(new), tuple(changed), tuple(same))

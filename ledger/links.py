"""Invite links: what was seen, what the book holds of them, and the rules that need no database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """`live` is usable now; `expired` and `full` still stand in Telegram's live listing; `gone` was
    once listed and is no more."""

    LIVE = "live"
    EXPIRED = "expired"
    FULL = "full"
    REVOKED = "revoked"
    GONE = "gone"


NEVER = 2**33  # as the end of a link that has none: later than any date of Telegram's
SOON = 7 * 86400  # seconds before its end in which a live link is expiring

KEY_LEAD = r"(?:t(?:elegram)?\.(?:me|dog)/(?:\+|%2B|joinchat/)|join\?invite=)"  # what stands before a key
_HASH = re.compile(r"(?:/\+|/%2B|/joinchat/|join\?invite=)([\w-]+)", re.ASCII)
_KEY = re.compile(rf"({KEY_LEAD}[A-Za-z0-9_-]{{3}})[A-Za-z0-9_-]{{4,}}", re.IGNORECASE)

UNREVOKED = (State.LIVE, State.EXPIRED, State.FULL)


class SeenLink(NamedTuple):
    """A link as Telegram returned it; a tuple, as a sweep makes one of each it reads. Times are Unix seconds. `usage`
    and `created` are None where the surface does not tell them (the Bot API); `limit` 0 is no limit; `link` is
    whole."""

    link: str
    creator_id: int
    primary: bool = False
    approval: bool = False
    revoked: bool = False
    title: str = ""
    created: int | None = None
    edited: int | None = None
    expires: int | None = None
    limit: int = 0
    usage: int | None = None
    pending: int = 0
    price: int = 0

    def __repr__(self) -> str:
        return f"SeenLink({mask(self.link)}, by {self.creator_id})"


@dataclass(frozen=True, slots=True)
class CutLink:
    """A link as an update shows another maker's: the first 8 characters of its hash, then `...`."""

    start: str  # https://t.me/+AbCdEfGh
    creator_id: int
    primary: bool = False
    approval: bool = False
    revoked: bool = False
    title: str = ""
    expires: int | None = None
    limit: int = 0

    def __repr__(self) -> str:
        return f"CutLink(by {self.creator_id})"


@dataclass(frozen=True, slots=True)
class Link:
    """One row as people may see it. `joined` is `usage` as last read plus the joins seen after that
    reading; `leavers` of those seen to join were seen to leave, and others may have left unseen. `masked` is
    `t.me/+AbC…k9Q`; `whole` is False where only a cut link is known. `whose` is who asked this bot for it, else
    its creator. `price` is in Stars per 30 days, 0 is none. `once`: it is
    revoked on the first join; `for_person`: when that person joins, known by the username `for_name` until he
    is met; `closing`: that has happened, and this bot is to revoke it. `carried` are the joins by the keys it
    had before it was rotated: they count in `joined` and in `limit`, which Telegram's own figures leave out.
    `before` is the last such key, masked; `before_open`: some such key is not revoked yet."""

    id: int
    chat_id: int
    number: int
    creator_id: int
    creator: str
    asked_by: int | None
    asker: str | None
    by_this_bot: bool
    primary: bool
    approval: bool
    title: str
    created: int | None
    edited: int | None
    expires: int | None
    limit: int
    joined: int
    leavers: int
    pending: int
    state: State
    first_seen: int
    last_seen: int
    last_join: int | None
    masked: str
    whole: bool
    maker_left: bool = False
    price: int = 0
    note: str = ""
    once: bool = False
    for_person: int | None = None
    for_name: str = ""
    closing: bool = False
    carried: int = 0
    before: str = ""
    before_open: bool = False

    def limit_at_telegram(self, limit: int) -> int:
        """What Telegram must be told for its present key, so that `limit` members join in all; 0 is none, and so
        nothing below `carried` + 1 can be meant."""
        return limit - self.carried if limit else 0

    @property
    def whose(self) -> int:
        return self.asked_by or self.creator_id

    @property
    def places(self) -> int | None:
        """Places left, or None without a limit."""
        return max(0, self.limit - self.joined) if self.limit else None

    @property
    def warned(self) -> bool:
        return worth_a_warning(
            state=self.state, primary=self.primary, approval=self.approval, expires=self.expires,
            limit=self.limit, joined=self.joined, maker_left=self.maker_left,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FormerKey:
    """A key that was rotated away: `closed` is when Telegram revoked it, None while it still lets people in.
    `joined` counts those who came by it."""

    id: int
    chat_id: int
    link_id: int
    number: int
    masked: str
    joined: int
    retired: int
    closed: int | None


def state_of(*, revoked: bool, gone: bool, expires: int | None, limit: int, joined: int, at: int) -> State:
    """Gone comes first: a revoked link can be deleted, and is listed no more."""
    if gone:
        return State.GONE
    if revoked:
        return State.REVOKED
    if expires and expires <= at:
        return State.EXPIRED
    if limit and joined >= limit:
        return State.FULL
    return State.LIVE


def worth_a_warning(
    *, state: State, primary: bool, approval: bool, expires: int | None, limit: int, joined: int, maker_left: bool
) -> bool:
    """⚠: a live link that never ends and has no limit (a primary one has neither by nature), is nearly
    full (nine tenths), or whose maker is no admin any more."""
    if state != State.LIVE:
        return False
    endless = not primary and not approval and not expires and not limit
    nearly_full = bool(limit) and joined * 10 >= limit * 9
    return endless or nearly_full or maker_left


def mask(link: str) -> str:
    """`t.me/+AbC…k9Q`: enough to know a link again, too little to use it."""
    head, tail = ends(link)
    return f"{head}…{tail}"


def without_keys(text: str) -> str:
    """What somebody wrote, each invite link in it cut: enough to know it again, too little to use it."""
    return _KEY.sub(r"\1…", text)


def hash_of(link: str) -> str:
    """What makes a link this link, however it was written: the part after `+`, `joinchat/` or
    `tg://join?invite=`, without an update's trailing dots. A text of another form stands for itself."""
    if found := _HASH.search(link):
        return found[1]
    return link.strip().rstrip(".…")


def ends(link: str) -> tuple[str, str]:
    """The shown head, `t.me/+AbC`, and the shown tail, `k9Q`."""
    short = link.removeprefix("https://").removeprefix("http://")
    for lead in ("t.me/+", "t.me/joinchat/"):
        if short.startswith(lead):
            return lead + short.removeprefix(lead)[:3], short[-3:]
    return "", short[-3:]

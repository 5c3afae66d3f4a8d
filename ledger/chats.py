"""Chats, people and programs as the book knows them, and how whole and fresh its picture is."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from ledger.errands import Power


class Served(StrEnum):
    """A chat is served only after the host's yes."""

    ASKED = "asked"
    SERVED = "served"
    REFUSED = "refused"


class Role(StrEnum):
    """What the bot or the account is in a chat. UNKNOWN until it was looked up."""

    UNKNOWN = "unknown"
    OWNER = "owner"
    ADMIN = "admin"  # with the right to invite
    POWERLESS = "powerless"  # an admin without that right
    MEMBER = "member"
    OUTSIDE = "outside"


class Grant(StrEnum):
    """What an owner may let a named admin do, each by itself, beyond his own links."""

    SEE = "see"
    ACT = "act"
    CLEAN = "clean"
    LOCKDOWN = "lockdown"
    EXPORT = "export"


class ReplyPlace(StrEnum):
    """Where a group's questions are answered: there, seen by the asker only, or always in private."""

    HERE = "here"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True)
class SeenPerson:
    id: int
    name: str
    username: str | None = None
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class SeenChat:
    id: int
    title: str
    kind: str  # "group", "supergroup", "channel"
    username: str | None = None


@dataclass(frozen=True, slots=True)
class Chat:
    """`discussion_id` is the linked chat: of a channel its discussion group, of a group its channel.
    `zone_chosen` is False while `time_zone` is the installation's. `account_acts`: the host lets the account
    change links here (where ACCOUNT_MODE=act). `watched_since` is when the bot began to see
    joins and requests there; `bot_restricts`, whether it may ban people, is None until that was looked up."""

    id: int
    title: str
    kind: str
    username: str | None
    time_zone: str
    served: Served
    bot_role: Role
    bot_deletes: bool
    account_role: Role
    account_hash: int | None  # the account's access hash
    added_by: int | None
    first_seen: int
    reply_place: ReplyPlace = ReplyPlace.HERE
    discussion_id: int | None = None
    zone_chosen: bool = False
    account_acts: bool = False
    watched_since: int | None = None
    bot_restricts: bool | None = None

    @property
    def public(self) -> bool:
        return self.username is not None


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many creators' listings were readable, of those known: "3 of 5 admins"."""

    readable: int
    known: int


@dataclass(frozen=True, slots=True)
class Erased:
    """How many links and joins went with a chat's rows."""

    links: int
    joins: int


@dataclass(frozen=True, slots=True)
class Forgotten:
    """`joins` have lost the person, and count on; `name_kept` where he still has links, or is the host."""

    joins: int
    name_kept: bool


class AccountState(StrEnum):
    ABSENT = "absent"  # never signed in
    STARTING = "starting"
    READY = "ready"
    WAITING = "waiting"  # Telegram said FLOOD_WAIT: `until`
    OFFLINE = "offline"  # no connection since `since`
    LOST = "lost"  # the session was ended: sign in again
    STALE = "stale"  # no word from the program for a while


AT_WORK = frozenset({AccountState.STARTING, AccountState.READY, AccountState.WAITING})


@dataclass(frozen=True, slots=True)
class Account:
    """What the userclient last said of itself. `until` is when a flood wait ends; `detail` is one
    line for the host; `calls` counts its calls by method since it started."""

    state: AccountState
    since: int
    until: int | None = None
    person_id: int | None = None
    name: str | None = None
    detail: str = ""
    calls: dict[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """A sweep under way: listings ended, of all; links seen so far."""

    ended: int
    listings: int
    links: int
    started: int


@dataclass(frozen=True, slots=True)
class Freshness:
    """What every figure on a screen is worth. `as_of` is the end of the last whole sweep of what is
    readable, None if there was none; since then Telegram's counts were last compared at `checked_at`, and its
    log of who joined was last read at `log_read`; `unreadable_since` is set where listings once read are not any
    more; `watched_since` is when the bot began to see joins there."""

    as_of: int | None
    coverage: Coverage | None
    account: Account
    account_role: Role
    progress: Progress | None
    unreadable_since: int | None
    watched_since: int | None
    checked_at: int | None = None
    log_read: int | None = None

    @property
    def links_as_of(self) -> int | None:
        """When it was last known which links there are, and in what state."""
        return None if self.as_of is None else max(self.as_of, self.checked_at or 0)

    @property
    def joins_as_of(self) -> int | None:
        """When the account last read how many joined."""
        return None if self.as_of is None else max(self.as_of, self.log_read or 0)


@dataclass(frozen=True, slots=True)
class ChatStatus:
    """A chat on the status screen: `links` counts unrevoked ones, `open_errands` those asked or under way."""

    chat: Chat
    coverage: Coverage | None
    as_of: int | None
    progress: Progress | None
    unreadable_since: int | None
    open_errands: int
    links: int
    checked_at: int | None = None
    log_read: int | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """What `/status` and `console status` tell. `bot_state` is what the bot last said of itself: starting,
    ready, offline, conflict, refused, stopped; `bot_detail` is one line more. `waits` maps a method to the
    end of its flood wait."""

    account: Account
    bot: SeenPerson | None
    bot_seen: int | None
    bot_state: str
    host_id: int | None
    waits: dict[str, int]
    chats: list[ChatStatus]
    inbox_waiting: int
    inbox_quarantined: int
    links: int
    bot_detail: str = ""
    power: Power = field(default_factory=Power)

"""How a chat is read: a sweep reads every listing of every creator to its end, a check asks what moved since."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.chats import Coverage


@dataclass(frozen=True, slots=True)
class Pass:
    """`resumed` where an unfinished pass goes on: its ended listings and cursors are kept."""

    chat_id: int
    number: int
    started: int
    resumed: bool
    listings: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """The listing to read next and where to go on: messages.getExportedChatInvites wants `offset_date`
    (the creation time) and `offset_link` of the last link received, both or neither. `account_hash` is
    the account's access hash of the creator, if known; `page_number` counts from 1."""

    creator_id: int
    account_hash: int | None
    is_bot: bool
    revoked: bool
    offset_date: int | None
    offset_link: str | None
    page_number: int

    def __repr__(self) -> str:
        return f"Cursor({self.creator_id}, revoked={self.revoked}, page {self.page_number})"


@dataclass(frozen=True, slots=True)
class SweepResult:
    chat_id: int
    calls: int
    pages: int
    links: int
    new: int
    changed: int
    gone: int
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class Read:
    """What another's link is known by: when the listing it stands in was last read to its end, or found unmoved
    (Unix seconds), and since when that listing cannot be read any more, None where it can."""

    as_of: int
    unreadable_since: int | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """What a probe is expected to tell of a creator: the whole links the book holds of him, and what his listings
    counted beyond them when they were last read to their end. `read`: they were listed in some sweep."""

    unrevoked: int
    revoked: int
    read: bool

    @property
    def counts(self) -> tuple[int, int]:
        return self.unrevoked, self.revoked


@dataclass(frozen=True, slots=True)
class Ages:
    """When a served chat was last checked and last swept (Unix seconds; None: never), and whether a sweep of it is
    under way. `swept_at` is the end of the last sweep, whatever it could read; 0 where one is wanted soon."""

    chat_id: int
    checked_at: int | None
    swept_at: int | None
    under_way: bool

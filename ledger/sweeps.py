"""A sweep: every listing of every creator of a chat, read to its end."""

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

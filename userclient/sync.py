"""The sweep: every listing of every creator of one chat, read to its end into the ledger.

A page is one call and one transaction; the ledger keeps the cursor, so that a sweep stopped anywhere
goes on at the page it had reached.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import NoReturn

import structlog

from ledger.chats import Role
from ledger.errors import ChatMoved
from ledger.store import Ledger
from ledger.sweeps import Cursor, SweepResult
from userclient.account import Account
from userclient.answers import CHANNELS, PAGE, Admins, FoundChat, Page
from userclient.errors import AccountError, UnknownType, Unreadable

log = structlog.get_logger(__name__)

# Telegram's words for "not in this chat", or for an access hash that is another account's.
OUTSIDE = frozenset(
    {
        "CHANNEL_PRIVATE",
        "CHANNEL_INVALID",
        "CHANNEL_PUBLIC_GROUP_NA",
        "CHAT_ID_INVALID",
        "CHAT_FORBIDDEN",
        "PEER_ID_INVALID",
        "USER_NOT_PARTICIPANT",
    }
)


UNKNOWN_TYPE = "unknown-type"


class NotInChat(AccountError):
    """The account is not in this chat."""

    def __init__(self) -> None:
        super().__init__("the account is not in this chat")


async def resolve(account: Account, ledger: Ledger, chat_ids: Iterable[int]) -> dict[int, FoundChat]:
    """Looks chats up in the account's dialogs and records its place in each; absent ones are outside, and
    what became a supergroup goes on in the book as that. One walk for all of them."""
    wanted = set(chat_ids)
    found = await account.find(wanted)
    for chat_id in wanted:
        place = found.get(chat_id)
        if place and place.moved_to is not None:
            await ledger.chats.migrated(chat_id, place.moved_to)
            await ledger.chats.saw(replace(place.seen, id=place.moved_to, kind="supergroup"))
            await ledger.chats.account_place(place.moved_to, place.role, place.access_hash)
        elif place:
            await ledger.chats.saw(place.seen)
            await ledger.chats.account_place(chat_id, place.role, place.access_hash)
        elif await ledger.chats.get(chat_id):
            await ledger.chats.account_place(chat_id, Role.OUTSIDE)
    return found


async def sweep(account: Account, ledger: Ledger, chat_id: int, on_page: Callable[[], Awaitable[None]]) -> SweepResult:
    """Begins or resumes the chat's sweep and reads it to its end. `on_page` is awaited after each page
    and may raise to stop there. Raises NotInChat, and TryLater, Offline and SessionLost with all that
    was read so far kept. A group that becomes a supergroup meanwhile is swept on as that."""
    while True:
        try:
            return await _Sweep(account, ledger, chat_id).run(on_page)
        except ChatMoved as moved:
            log.info("the group became a supergroup", chat=chat_id, now=moved.new_id)
            chat_id = moved.new_id


class _Sweep:
    def __init__(self, account: Account, ledger: Ledger, chat_id: int) -> None:
        self._account = account
        self._ledger = ledger
        self._chat_id = chat_id
        self._hash: int | None = None
        self._role = Role.UNKNOWN
        self._lowest = Role.MEMBER  # what it is where even its own links are refused
        self._named: set[int] = set()  # whose names and hashes this sweep has written
        self._reading: tuple[int, bool] | None = None
        self._received: set[str] = set()  # links of the listing being read

    async def run(self, on_page: Callable[[], Awaitable[None]]) -> SweepResult:
        sweeps = self._ledger.sweeps
        try:
            creators = await self._probe()
        except UnknownType:
            await self._nothing_readable([self._account.id], UNKNOWN_TYPE)
            raise
        await sweeps.begin(self._chat_id, creators)
        await sweeps.call_made(self._chat_id)
        while cursor := await sweeps.next_listing(self._chat_id):
            await self._read(cursor)
            await on_page()
        await self._ledger.chats.account_place(self._chat_id, self._role, self._hash)
        return await sweeps.finish(self._chat_id)

    async def _probe(self) -> list[int]:
        """Whose links to read. Telegram answers the first question only to the chat's owner, so the
        answer tells the account's role too; whether it may list its own links shows when it does."""
        admins, known_role = None, await self._place(again=False)
        try:
            admins = await self._admins()
        except Unreadable as refusal:
            if refusal.reason not in OUTSIDE:
                raise
            # An access hash is one account's: one that another account left in the book opens nothing.
            known_role = await self._place(again=True)
            try:
                admins = await self._admins()
            except Unreadable:
                await self._outside()
        if admins is None and known_role == Role.OWNER and self._chat_id > CHANNELS:
            await self._place(again=True)  # no owner of it any more, perhaps as it is a supergroup now
        if admins is None:
            self._role = Role.ADMIN
            self._lowest = Role.POWERLESS if known_role == Role.POWERLESS else Role.MEMBER
            return [self._account.id]
        self._role = Role.OWNER
        await self._ledger.chats.saw_people(admins.people, hashes=admins.hashes)
        self._named.update(person.id for person in admins.people)
        await self._ledger.chats.set_admins(self._chat_id, admins.ids, told_by="account")
        return [*admins.ids, self._account.id]

    async def _admins(self) -> Admins | None:
        """None where the account is not the owner."""
        try:
            return await self._account.admins(self._chat_id, self._hash)
        except Unreadable as refusal:
            if refusal.reason in OUTSIDE:
                raise
            return None

    async def _place(self, *, again: bool) -> Role:
        """The account's role in the chat as last known, and its access hash where the chat has one."""
        chat = await self._ledger.chats.get(self._chat_id)
        if again or chat is None or (chat.account_hash is None and self._chat_id < CHANNELS):
            if self._chat_id not in await resolve(self._account, self._ledger, [self._chat_id]):
                await self._outside()
            chat = await self._ledger.chats.get(self._chat_id)
        assert chat is not None
        if chat.id != self._chat_id:
            raise ChatMoved(chat.id)
        self._hash = chat.account_hash
        return chat.account_role

    async def _outside(self) -> NoReturn:
        """Nothing is readable any more; nothing is gone for it."""
        if await self._ledger.chats.get(self._chat_id):
            await self._ledger.chats.account_place(self._chat_id, Role.OUTSIDE)
            await self._nothing_readable([], "not-in-chat")
        raise NotInChat

    async def _nothing_readable(self, creators: list[int], reason: str) -> None:
        sweeps = self._ledger.sweeps
        await sweeps.begin(self._chat_id, creators)
        await sweeps.unreadable(self._chat_id, None, reason)
        await sweeps.finish(self._chat_id)

    async def _read(self, cursor: Cursor) -> None:
        """Reads one page, or notes why this creator's links cannot be read."""
        own = cursor.creator_id == self._account.id
        if not own and (self._role != Role.OWNER or cursor.account_hash is None):
            reason = "not-owner" if self._role != Role.OWNER else "no-access-hash"
            await self._ledger.sweeps.unreadable(self._chat_id, cursor.creator_id, reason)
            return
        creator = None if own else (cursor.creator_id, cursor.account_hash or 0)
        after = None
        if cursor.offset_date is not None and cursor.offset_link is not None:
            after = (cursor.offset_date, cursor.offset_link)
        try:
            page = await self._account.page(self._chat_id, self._hash, creator, revoked=cursor.revoked, after=after)
        except Unreadable as refusal:
            await self._refused(cursor, refusal.reason, own=own)
            return
        except UnknownType as error:
            log.warning("page not understood", chat=self._chat_id, creator=cursor.creator_id, why=str(error))
            await self._unread(cursor, UNKNOWN_TYPE)
            return
        if page.masked:
            await self._unread(cursor, "masked")
            return
        await self._write(cursor, page)

    async def _write(self, cursor: Cursor, page: Page) -> None:
        strangers = [person for person in page.people if person.id not in self._named]
        if strangers:
            await self._ledger.chats.saw_people(strangers, hashes=page.hashes)
            self._named.update(person.id for person in strangers)
        if self._reading != (cursor.creator_id, cursor.revoked):
            self._reading = (cursor.creator_id, cursor.revoked)
            self._received = set()
        before = len(self._received)
        self._received.update(link.link for link in page.links)
        if page.received and len(self._received) == before:
            await self._unread(cursor, "no-end")
            return
        await self._ledger.sweeps.page_read(
            self._chat_id,
            cursor.creator_id,
            cursor.revoked,
            page.links,
            count=page.count,
            ended=is_last(page, len(self._received)),
        )

    async def _refused(self, cursor: Cursor, reason: str, *, own: bool) -> None:
        if reason in OUTSIDE:
            if self._chat_id > CHANNELS:
                await self._place(again=True)  # an upgraded group is refused so too
            await self._outside()
        if reason == "CHAT_ADMIN_REQUIRED":
            # The owner is refused nobody's links, an admin not his own: the role has changed meanwhile.
            self._role = Role.ADMIN if not own else self._lowest
        await self._unread(cursor, in_words(reason))

    async def _unread(self, cursor: Cursor, reason: str) -> None:
        await self._ledger.sweeps.call_made(self._chat_id)
        await self._ledger.sweeps.unreadable(self._chat_id, cursor.creator_id, reason)


def in_words(reason: str) -> str:
    """CHAT_ADMIN_REQUIRED as the ledger keeps reasons: chat-admin-required."""
    return reason.lower().replace("_", "-")


def is_last(page: Page, received: int) -> bool:
    """Whether a listing ends with this page. `count` is approximate and a page may be short for
    reasons of Telegram's own: only both together, or an empty page, end it."""
    return not page.received or (page.received < PAGE and received >= page.count)

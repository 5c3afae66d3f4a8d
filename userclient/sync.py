"""The sweep: every listing of every creator of one chat, read to its end into the ledger.

A page is one call and one transaction; the ledger keeps the cursor, so that a sweep stopped anywhere
goes on at the page it had reached. While a page is written the next one is on its way, and no more than one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import replace

import structlog

from ledger.errors import ChatMoved
from ledger.store import Ledger
from ledger.sweeps import Cursor, SweepResult
from userclient.account import Account
from userclient.answers import PAGE, Page
from userclient.place import Place, Unread

log = structlog.get_logger(__name__)

FAR_MORE = 4  # times what Telegram says a listing holds, approximately: then it is one that never ends
_Ahead = tuple[Cursor, asyncio.Task[Page | Unread]]  # a listing, and the page that is on its way


async def sweep(account: Account, ledger: Ledger, chat_id: int, on_page: Callable[[], Awaitable[None]]) -> SweepResult:
    """Begins or resumes the chat's sweep and reads it to its end. `on_page` is awaited after each page
    and may raise to stop there. Raises NotInChat, and TryLater, Offline and SessionLost with all that
    was read so far kept. A group that becomes a supergroup meanwhile is swept on as that."""
    while True:
        place = Place(account, ledger, chat_id)
        try:
            admins = await place.probe()
            creators = [*admins.ids, account.id] if admins else [account.id]
            return await read(place, creators, on_page)
        except ChatMoved as moved:
            log.info("the group became a supergroup", chat=chat_id, now=moved.new_id)
            chat_id = moved.new_id


async def read(
    place: Place, creators: Collection[int], on_page: Callable[[], Awaitable[None]], *, whole: bool = True
) -> SweepResult:
    """One pass after a probe, which it counts as a call: over all creators the book knows and these, or, where
    it is not to be a whole one, over these alone. Raises as sweep() does, and ChatMoved."""
    sweeps = place.ledger.sweeps
    await sweeps.begin(place.chat_id, sorted(creators), whole=whole)
    await sweeps.call_made(place.chat_id)
    await _Pages(place, await sweeps.unread(place.chat_id)).read(on_page)
    await place.note()
    return await sweeps.finish(place.chat_id)


class _Pages:
    """The pages of the listings of one pass, fetched one ahead of what is written."""

    def __init__(self, place: Place, cursors: list[Cursor]) -> None:
        self._place = place
        self._sweeps = place.ledger.sweeps
        self._left = cursors[::-1]
        self._received = 0  # links of the listing being read; kept themselves, a million would fill the memory
        self._before: frozenset[str] = frozenset()  # those of its last page

    async def read(self, on_page: Callable[[], Awaitable[None]]) -> None:
        ahead = self._next_listing()
        try:
            while ahead is not None:
                cursor, got = ahead[0], await ahead[1]
                if isinstance(got, Page) and not self._goes_on(got):
                    got = Unread("no-end")
                if isinstance(got, Unread):
                    await self._give_up(cursor, got)  # what to ask next hangs on it
                    ahead = self._next_listing()
                else:
                    ended = is_last(got, self._received)
                    ahead = self._next_listing() if ended else self._ask(after(cursor, got))
                    await self._place.meet(got)
                    await self._sweeps.page_read(
                        self._place.chat_id, cursor.creator_id, cursor.revoked, got.links, count=got.count, ended=ended
                    )
                await on_page()
        finally:
            if ahead is not None:
                ahead[1].cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await ahead[1]

    def _next_listing(self) -> _Ahead | None:
        self._received, self._before = 0, frozenset()
        return self._ask(self._left.pop()) if self._left else None

    def _ask(self, cursor: Cursor) -> _Ahead:
        return cursor, asyncio.create_task(self._place.fetch(cursor))

    def _goes_on(self, page: Page) -> bool:
        """Whether it brings what its listing did not bring before, and not far more than that is said to hold."""
        links = frozenset(link.link for link in page.links)
        more = len(links - self._before)
        self._received, self._before = self._received + more, links
        return not page.received or (more > 0 and self._received <= FAR_MORE * (page.count + PAGE))

    async def _give_up(self, cursor: Cursor, why: Unread) -> None:
        chat_id = self._place.chat_id
        if why.asked:
            await self._sweeps.call_made(chat_id)
        await self._sweeps.unreadable(chat_id, cursor.creator_id, why.reason)
        self._left = [one for one in self._left if one.creator_id != cursor.creator_id]


def after(cursor: Cursor, page: Page) -> Cursor:
    """Where the listing goes on: both marks are those of the last link received, whatever its place."""
    last = page.links[-1] if page.links else None
    offsets = (last.created, last.link) if last else (cursor.offset_date, cursor.offset_link)
    return replace(cursor, offset_date=offsets[0], offset_link=offsets[1], page_number=cursor.page_number + 1)


def is_last(page: Page, received: int) -> bool:
    """Whether a listing ends with this page. `count` is approximate and a page may be short for
    reasons of Telegram's own: only both together, or an empty page, end it."""
    return not page.received or (page.received < PAGE and received >= page.count)

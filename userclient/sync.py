"""The sweep: every listing of every creator of one chat, read to its end into the ledger.

A page is one call; the ledger keeps the cursor, so that a sweep stopped anywhere goes on at the page it had
reached. While pages are written the next ones come, and are written together, with those that follow them at once: a
commit waits for the disk several times, whatever it holds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any

import structlog

from ledger.errors import ChatMoved
from ledger.store import Ledger
from ledger.sweeps import Cursor, SweepResult
from userclient.account import Account
from userclient.answers import PAGE, Page
from userclient.place import Place, Unread

log = structlog.get_logger(__name__)

FAR_MORE = 4  # times what Telegram says a listing holds, approximately: then it is one that never ends
TOGETHER = 20  # pages in one transaction, at most
LINGER = 0.05  # seconds that pages wait for more to be written with, at most
_Ahead = tuple[Cursor, asyncio.Task[Page | Unread]]  # a listing, and the page that is on its way


@dataclass(slots=True)
class _Came:
    """Pages of one listing that follow each other; with the last one it `ended`."""

    cursor: Cursor
    pages: list[Page] = field(default_factory=list)
    ended: bool = False
    since: float = field(default_factory=monotonic)

    @property
    def has_room(self) -> bool:
        return not self.ended and len(self.pages) < TOGETHER


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
    """The pages of the listings of one pass, fetched ahead of what is written."""

    def __init__(self, place: Place, cursors: list[Cursor]) -> None:
        self._place = place
        self._sweeps = place.ledger.sweeps
        self._left = cursors[::-1]
        self._ahead: _Ahead | None = None
        self._received = 0  # links of the listing being read; kept themselves, a million would fill the memory
        self._before: frozenset[str] = frozenset()  # those of its last page

    async def read(self, on_page: Callable[[], Awaitable[None]]) -> None:
        self._ahead = self._next_listing()
        came: _Came | None = None
        try:
            while came is not None or self._ahead is not None:
                if came is None and self._ahead is not None:
                    came = await self._next(self._ahead)
                if came is not None:
                    came = await self._write(came)
                await on_page()
        finally:
            if self._ahead is not None:
                await _ended(self._ahead[1])

    async def _next(self, ahead: _Ahead) -> _Came | None:
        cursor, got = ahead[0], await ahead[1]
        if isinstance(got, Page):
            return self._take(_Came(cursor), got)
        await self._give_up(cursor, got)  # what to ask next hangs on it
        self._ahead = self._next_listing()
        return None

    async def _write(self, came: _Came) -> _Came | None:
        """Returns what came meanwhile."""
        more: _Came | None = None
        writing = asyncio.create_task(self._written(came))
        try:
            while (ahead := self._ahead) is not None and (more is None or more.has_room):
                waits, left = {ahead[1], writing}, None
                if writing.done():
                    waits, left = {ahead[1]}, more.since + LINGER - monotonic() if more is not None else 0.0
                    if left <= 0:
                        break
                await asyncio.wait(waits, timeout=left, return_when=asyncio.FIRST_COMPLETED)
                if (page := _page_of(ahead[1])) is not None:
                    more = self._take(more or _Came(ahead[0]), page)
                elif ahead[1].done():  # no page: it is heard of when its turn comes
                    break
            await writing
        finally:
            await _ended(writing)
        return more

    def _take(self, came: _Came, page: Page) -> _Came:
        """With the page that came; the next one is asked for at once."""
        came.pages.append(page)
        came.ended = is_last(page, self._received)
        cursor = after(self._ahead[0] if self._ahead else came.cursor, page)
        self._ahead = self._next_listing() if came.ended else self._ask(cursor)
        return came

    async def _written(self, came: _Came) -> None:
        for page in came.pages:
            await self._place.meet(page)
        links = [link for page in came.pages for link in page.links]
        await self._sweeps.page_read(
            self._place.chat_id, came.cursor.creator_id, came.cursor.revoked, links, count=came.pages[-1].count,
            ended=came.ended, pages=len(came.pages),
        )  # fmt: skip

    def _next_listing(self) -> _Ahead | None:
        self._received, self._before = 0, frozenset()
        return self._ask(self._left.pop()) if self._left else None

    def _ask(self, cursor: Cursor) -> _Ahead:
        return cursor, asyncio.create_task(self._fetched(cursor))

    async def _fetched(self, cursor: Cursor) -> Page | Unread:
        got = await self._place.fetch(cursor)
        return Unread("no-end") if isinstance(got, Page) and not self._goes_on(got) else got

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


def _page_of(task: asyncio.Task[Page | Unread]) -> Page | None:
    if not task.done() or task.cancelled() or task.exception() is not None:
        return None
    got = task.result()
    return got if isinstance(got, Page) else None


async def _ended(task: asyncio.Task[Any]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError, Exception):
        await task


def after(cursor: Cursor, page: Page) -> Cursor:
    """Where the listing goes on: both marks are those of the last link received, whatever its place."""
    last = page.links[-1] if page.links else None
    offsets = (last.created, last.link) if last else (cursor.offset_date, cursor.offset_link)
    return replace(cursor, offset_date=offsets[0], offset_link=offsets[1], page_number=cursor.page_number + 1)


def is_last(page: Page, received: int) -> bool:
    """Whether a listing ends with this page. `count` is approximate and a page may be short for
    reasons of Telegram's own: only both together, or an empty page, end it."""
    return not page.received or (page.received < PAGE and received >= page.count)

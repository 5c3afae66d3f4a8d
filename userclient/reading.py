"""Who joined by a link and who asks to join, read to the end for a person who asked, and written into the book.

Nothing is changed at Telegram, so it needs no act mode. What was read before a wait or a lost connection is not read
again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from ledger.errands import Errand
from ledger.joins import SeenJoiner
from ledger.requests import SeenRequest
from ledger.store import Ledger
from userclient.account import CLOCK_BEARS, Account
from userclient.answers import PAGE, Importer, Importers
from userclient.errors import Unreadable
from userclient.leave import Cancelled, Refusal, word


@dataclass
class Progress:
    """How far a reading is: `after` is time, id and access hash of the last one received."""

    began: int
    after: tuple[int, int, int] | None = None
    met: set[int] = field(default_factory=set)
    waiting: list[Importer] = field(default_factory=list)
    new: int = 0
    ended: bool = False


class Reading:
    """One reading; `on_page`, awaited between two pages, lets others go first."""

    def __init__(
        self, account: Account, ledger: Ledger, errand: Errand, progress: Progress,
        on_page: Callable[[], Awaitable[None]],
    ) -> None:  # fmt: skip
        self._account, self._ledger, self._errand, self._on_page = account, ledger, errand, on_page
        self._progress = progress

    async def joiners(self, chat_id: int, access_hash: int | None, link_id: int, secret: str) -> dict[str, int]:
        """All who joined by the link: a page is in the book as soon as it came."""

        async def keep(every: Sequence[Importer]) -> None:
            found = [SeenJoiner(one.person_id, one.at, one.approved_by) for one in every]
            self._progress.new += await self._ledger.joiners.read(link_id, found)

        await self._pages(chat_id, access_hash, secret, waiting=False, keep=keep)
        return {"n": len(self._progress.met), "new": self._progress.new}

    async def waiting(
        self, chat_id: int, access_hash: int | None, link_id: int | None, secret: str | None
    ) -> dict[str, int]:  # fmt: skip
        """All who wait, by the link or in the chat; who does no more shows only once the last page came."""

        async def keep(every: Sequence[Importer]) -> None:
            self._progress.waiting += every

        await self._pages(chat_id, access_hash, secret, waiting=True, keep=keep)
        found = asking(chat_id, self._progress.waiting)
        new, gone = await self._ledger.requests.read(chat_id, link_id, found, before=self._progress.began - CLOCK_BEARS)
        return {"n": len(found), "new": new, "gone": gone}

    async def _pages(
        self, chat_id: int, access_hash: int | None, secret: str | None, *, waiting: bool,
        keep: Callable[[Sequence[Importer]], Awaitable[None]],
    ) -> None:  # fmt: skip
        """Until a page brings nobody new, or is not full and all were met. Raises Refusal, Cancelled."""
        so_far = self._progress
        while not so_far.ended:
            if so_far.after is not None:
                await self._on_page()
                now = await self._ledger.errands.get(self._errand.id)
                if now is None or not now.open:
                    raise Cancelled
            try:
                page = await self._account.importers(chat_id, access_hash, secret, waiting=waiting, after=so_far.after)
            except Unreadable as refusal:
                raise Refusal(word(refusal)) from None
            new = [one for one in page.every if one.person_id not in so_far.met]
            await self._ledger.chats.saw_people(page.people, hashes=page.hashes)
            await keep(new)
            so_far.met.update(one.person_id for one in new)
            so_far.ended = not new or (len(page.every) < PAGE and len(so_far.met) >= page.count)
            so_far.after = _after(page)


def asking(chat_id: int, every: Sequence[Importer]) -> list[SeenRequest]:
    return [SeenRequest(chat_id, one.person_id, one.at, bio=one.about) for one in every]


def _after(page: Importers) -> tuple[int, int, int] | None:
    if not page.every:
        return None
    last = page.every[-1]
    return last.at, last.person_id, page.hashes.get(last.person_id, 0)

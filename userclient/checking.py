"""A check: what moved in a chat since it was last read, for as few calls as that takes.

The admin log tells who edited, revoked and deleted links, and who joined by them, but not that one was made. The
probe tells how many links each creator has; where that is what the book holds, nothing was made, revoked or deleted
unseen, whatever the size of the chat. Where it is not, the newest pages of that listing are read until a known link;
and where that does not explain it, that creator alone is swept.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import structlog

from ledger.actions import KEPT
from ledger.changes import Changes
from ledger.chats import Role
from ledger.errors import ChatMoved
from ledger.store import Ledger
from ledger.sweeps import Cursor, Held
from userclient.account import Account
from userclient.answers import CHANNELS
from userclient.errors import TryLater
from userclient.place import Place, Unread
from userclient.sync import after, is_last, read

log = structlog.get_logger(__name__)

Counts = tuple[int, int]  # unrevoked and revoked links of a creator
LOG_PAGES = 20  # of the admin log in one check; what is older than they hold, a sweep finds
_NOBODY = Held(0, 0, read=False)


@dataclass(slots=True)
class Found:
    """What a check brought; `logged` counts what the admin log told, `swept` creators whose listings were read to
    their end."""

    new: int = 0
    changed: int = 0
    logged: int = 0
    swept: int = 0


async def check(account: Account, ledger: Ledger, chat_id: int, on_page: Callable[[], Awaitable[None]]) -> Found:
    """Raises as sweep() does; what was found so far is kept, and the chat stays due."""
    while True:
        try:
            return await _Check(Place(account, ledger, chat_id)).run(on_page)
        except ChatMoved as moved:
            log.info("the group became a supergroup", chat=chat_id, now=moved.new_id)
            chat_id = moved.new_id


class _Check:
    def __init__(self, place: Place) -> None:
        self._place = place
        self._ledger = place.ledger
        self._chat_id = place.chat_id
        self._found = Found()
        self._logged = False  # the admin log was read

    async def run(self, on_page: Callable[[], Awaitable[None]]) -> Found:
        gap = await self._read_log()
        # What the bot itself does meanwhile may or may not be in the probe: either is as expected.
        before = await self._ledger.checks.held(self._chat_id)
        admins = await self._place.probe()
        told = await self._own_counts() if admins is None else admins.counts
        apart = await self._apart(told, before)
        if admins is not None:
            hashes = admins.hashes
            for creator in [one for one in apart if before.get(one, _NOBODY).read]:
                for revoked in (False, True):
                    if apart[creator][revoked]:
                        await self._head(creator, hashes.get(creator), told[creator], revoked=revoked)
            apart = await self._apart(told, before) if apart else apart
        if apart or await self._ledger.sweeps.progress(self._chat_id):  # that is one a check was stopped in
            await self._sweep_of(apart, told, on_page)
        # What another role may read, and what is not readable any more, a sweep finds.
        changed = await self._place.note()
        await self._ledger.checks.ended(self._chat_id, gap=gap or changed)
        return self._found

    async def _read_log(self) -> bool:
        """Whether something may have happened that the log does not tell any more."""
        chat = await self._ledger.chats.get(self._chat_id)
        if self._chat_id > CHANNELS or chat is None or chat.account_role not in (Role.OWNER, Role.ADMIN):
            return False
        since, read_at = await self._ledger.links.log_cursor(self._chat_id)
        begun = self._ledger.clock()
        try:
            found = await self._place.read_log(since or 0, most=LOG_PAGES)
        except TryLater as wait:
            log.info("admin log must wait", chat=self._chat_id, until=wait.until)
            return False
        if found is None:
            return False
        actions, last, more = found
        await self._ledger.links.acted(self._chat_id, actions, last=last)
        self._logged = True
        self._found.logged = len(actions)
        return since is not None and (more or begun - (read_at or 0) > KEPT)

    async def _apart(self, told: Mapping[int, Counts], before: Mapping[int, Held]) -> dict[int, tuple[bool, bool]]:
        """The creators whose counts are not what the book makes expect, and which of the two."""
        now = await self._ledger.checks.held(self._chat_id)
        apart = {}
        for creator in {*told, *now}:
            counts, known, held = told.get(creator), before.get(creator, _NOBODY), now.get(creator, _NOBODY)
            if counts is None:
                if self._place.role != Role.OWNER:
                    continue  # another's, and nobody told
                counts = (0, 0)
            differs = [counts[n] not in (known.counts[n], held.counts[n]) for n in (0, 1)]
            if any(differs):
                apart[creator] = (differs[0], differs[1])
        return apart

    async def _own_counts(self) -> dict[int, Counts]:
        """Of the account's own links, where it is told of no others: from the first page of each listing. What was
        revoked of them the log has told, if there is one."""
        own = self._place.account.id
        counts = list((await self._ledger.checks.held(self._chat_id)).get(own, _NOBODY).counts)
        for revoked in (False,) if self._logged else (False, True):
            told = await self._head(own, None, None, revoked=revoked)
            if told is None:
                return {}
            counts[revoked] = told
        return {own: (counts[0], counts[1])}

    async def _head(
        self, creator_id: int, account_hash: int | None, told: Counts | None, *, revoked: bool
    ) -> int | None:  # fmt: skip
        """Reads and writes the newest pages of a listing until a known link, or until the book has as many as were
        told. Returns Telegram's own count of the listing; None where it cannot be read."""
        cursor = Cursor(creator_id, account_hash, False, revoked, None, None, 1)
        received = 0
        while True:
            page = await self._place.fetch(cursor)
            if isinstance(page, Unread):
                return None
            await self._place.meet(page)
            changes = await self._ledger.sweeps.head_read(self._chat_id, creator_id, page.links)
            self._found.new += len(changes.new)
            self._found.changed += len(changes.changed)
            received += len(page.links)
            if is_last(page, received) or not page.links or meets_the_known(changes):
                return page.count
            held = (await self._ledger.checks.held(self._chat_id)).get(creator_id, _NOBODY)
            if told is not None and held.counts[revoked] == told[revoked]:
                return page.count
            cursor = after(cursor, page)

    async def _sweep_of(
        self, apart: Mapping[int, object], told: Mapping[int, Counts], on_page: Callable[[], Awaitable[None]]
    ) -> None:  # fmt: skip
        log.info("counts disagree", chat=self._chat_id, creators=len(apart))
        result = await read(self._place, list(apart), on_page, whole=False)
        self._found.new += result.new
        self._found.changed += result.changed + result.gone
        self._found.swept = len(apart)
        await self._ledger.checks.settle(self._chat_id, {one: told.get(one, (0, 0)) for one in apart})


def meets_the_known(changes: Changes) -> bool:
    """Whether a page reaches what the book had: a primary link stands first whatever its age, and one known as
    unrevoked is news among the revoked."""
    if any(not known.primary for known in changes.same):
        return True
    return any(
        not change.known.primary and not {"revoked", "whole", "gone"} & change.fields.keys()
        for change in changes.changed
    )

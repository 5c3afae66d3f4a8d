"""Checks: what the book expects a probe to tell, and how old each chat's picture is."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import and_, bindparam, case, func, select, update

from ledger.chats import Served
from ledger.shelves import REVOKED
from ledger.store.engine import Engines, Now
from ledger.store.moves import unmoved
from ledger.sweeps import Ages, Held
from ledger.tables import chat, former, link, listing, tally

_HELD = (
    select(
        tally.c.creator_id,
        func.sum(case((tally.c.kind >= 0, tally.c.links), else_=0)),
        func.sum(case((tally.c.kind == REVOKED, tally.c.links), else_=0)),
    )
    .where(tally.c.chat_id == bindparam("chat_id"))
    .group_by(tally.c.creator_id)
)
# Listed at Telegram like any other, but not whole in the book: the next head brings them.
_CUT = (
    select(link.c.creator_id, link.c.revoked, func.count())
    .where(link.c.chat_id == bindparam("chat_id"), link.c.digest.is_(None), link.c.gone_at.is_(None))
    .group_by(link.c.creator_id, link.c.revoked)
)
# Telegram lists a former key as a link of its own: live until it has revoked it.
_FORMER = (
    select(link.c.creator_id, former.c.closed.is_not(None), func.count())
    .join_from(former, link, link.c.id == former.c.link_id)
    .where(former.c.chat_id == bindparam("chat_id"))
    .group_by(link.c.creator_id, former.c.closed.is_not(None))
)
_SLACK = select(listing.c.creator_id, listing.c.revoked, listing.c.slack).where(
    listing.c.chat_id == bindparam("chat_id")
)
_SETTLE = (
    update(listing)
    .where(
        listing.c.chat_id == bindparam("of_chat"),
        listing.c.creator_id == bindparam("of_creator"),
        listing.c.revoked == bindparam("of_revoked"),
    )
    .values(slack=listing.c.slack + bindparam("more"))
)
_AGES = (
    select(
        chat.c.id,
        chat.c.checked_at,
        chat.c.whole_ended,
        and_(chat.c.pass_number > 0, chat.c.pass_ended.is_(None), chat.c.pass_whole),
    )
    .where(chat.c.served == Served.SERVED)
    .order_by(chat.c.id)
)


class Checks:
    def __init__(self, engines: Engines, now: Now) -> None:
        self._engines, self._now = engines, now

    async def ages(self, chat_id: int | None = None) -> list[Ages]:
        """Of every served chat, or of this one if it is served."""
        only = [chat.c.id == chat_id] if chat_id is not None else []
        async with self._engines.reading() as connection:
            rows = (await connection.execute(_AGES.where(*only))).all()
        return [Ages(chat_id, checked, swept, bool(under_way)) for chat_id, checked, swept, under_way in rows]

    async def held(self, chat_id: int) -> dict[int, Held]:
        """What messages.getAdminsWithInvites should tell, by creator. A few statements over counts, however many
        links there are."""
        of = {"chat_id": chat_id}
        async with self._engines.reading() as connection:
            counted = (await connection.execute(_HELD, of)).all()
            cut = (await connection.execute(_CUT, of)).all()
            formers = (await connection.execute(_FORMER, of)).all()
            slack = (await connection.execute(_SLACK, of)).all()
        found = {(creator, False): unrevoked for creator, unrevoked, _ in counted}
        found |= {(creator, True): revoked for creator, _, revoked in counted}
        for creator, revoked, links in cut:
            found[creator, revoked] = found.get((creator, revoked), 0) - links
        for creator, closed, links in formers:
            found[creator, bool(closed)] = found.get((creator, bool(closed)), 0) + links
        read = set()
        for creator, revoked, beyond in slack:
            read.add(creator)
            found[creator, revoked] = found.get((creator, revoked), 0) + beyond
        return {
            creator: Held(found.get((creator, False), 0), found.get((creator, True), 0), creator in read)
            for creator in {creator for creator, _ in found}
        }

    async def settle(self, chat_id: int, told: Mapping[int, tuple[int, int]]) -> None:
        """These creators' listings were read to their end, and Telegram counts so many: what it counts beyond the
        book is no news from here on. Raises ChatMoved."""
        held = await self.held(chat_id)
        rows = [
            {"of_chat": chat_id, "of_creator": creator, "of_revoked": bool(revoked), "more": counts[revoked] - had}
            for creator, counts in told.items() if creator in held
            for revoked, had in enumerate(held[creator].counts) if counts[revoked] != had
        ]  # fmt: skip
        if rows:
            async with self._engines.writing() as connection:
                await unmoved(connection, chat_id)
                await connection.execute(_SETTLE, rows)

    async def ended(self, chat_id: int, *, gap: bool = False) -> None:
        """A check of the chat ended just now; after a `gap` in what the admin log told a sweep is wanted soon.
        Raises ChatMoved."""
        async with self._engines.writing() as connection:
            await unmoved(connection, chat_id)
            await connection.execute(
                update(chat)
                .where(chat.c.id == chat_id)
                .values({"checked_at": self._now(None), **({"whole_ended": 0} if gap else {})})
            )

"""Sweeps: which listing to read next, what a page of it changes, what is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from sqlalchemy import and_, bindparam, case, exists, func, or_, select, union, update
from sqlalchemy.dialects.sqlite import insert as upsert

from ledger.changes import Changes, compare
from ledger.chats import Coverage, Progress
from ledger.errors import ChatMoved, UnknownChat
from ledger.links import Link, SeenLink, State
from ledger.secrets import Secrets
from ledger.store import keys
from ledger.store.engine import AT_ONCE, TURN, Engines, Hold, Now
from ledger.store.freshness import PICTURE, coverage_of, progress_of
from ledger.store.moves import unmoved
from ledger.store.rows import COLUMNS, JOINS_SINCE, Writing, known_link
from ledger.store.statements import Row
from ledger.store.wishes import Wishes, kept_of
from ledger.sweeps import Cursor, Pass, Read, SweepResult
from ledger.tables import admin, chat, link, listing, person

_CURSOR = "cursor"  # the purpose its link is sealed for

_creators_known = union(
    select(admin.c.person_id).where(admin.c.chat_id == bindparam("chat_id"), admin.c.told_by == "book"),
    select(listing.c.creator_id).where(listing.c.chat_id == bindparam("chat_id")),
)
_listing = upsert(listing)
_START = _listing.on_conflict_do_update(
    index_elements=[listing.c.chat_id, listing.c.creator_id, listing.c.revoked],
    set_={
        "pass_number": _listing.excluded.pass_number, "cursor_date": None, "cursor_link": None,
        "pages": 0, "seen": 0, "ended": False,
    },
    where=listing.c.pass_number != _listing.excluded.pass_number,
)  # fmt: skip
_UNREAD = (
    select(
        listing.c.creator_id, listing.c.revoked, listing.c.cursor_date, listing.c.cursor_link, listing.c.pages,
        person.c.account_hash, person.c.is_bot,
    )
    .select_from(
        listing.join(chat, and_(chat.c.id == listing.c.chat_id, chat.c.pass_number == listing.c.pass_number)).outerjoin(
            person, person.c.id == listing.c.creator_id
        )
    )
    .where(listing.c.chat_id == bindparam("chat_id"), ~listing.c.ended, chat.c.pass_ended.is_(None))
    .order_by(listing.c.creator_id, listing.c.revoked)
)  # fmt: skip
_LISTING = and_(
    listing.c.chat_id == bindparam("of_chat"),
    listing.c.creator_id == bindparam("of_creator"),
    listing.c.revoked == bindparam("of_revoked"),
)
_ADVANCE = (
    update(listing)
    .where(_LISTING)
    .values(
        pages=listing.c.pages + bindparam("read"), seen=listing.c.seen + bindparam("more"), count=bindparam("told"),
        cursor_date=bindparam("date"), cursor_link=bindparam("link"),
    )
)  # fmt: skip
_END = update(listing).where(_LISTING).values(ended=True, read_at=bindparam("at"), unreadable_since=None, reason="")
_BUMP = (
    update(chat)
    .where(chat.c.id == bindparam("of_chat"))
    .values(
        sweep_calls=chat.c.sweep_calls + bindparam("calls"), sweep_new=chat.c.sweep_new + bindparam("new"),
        sweep_changed=chat.c.sweep_changed + bindparam("changed"), sweep_gone=chat.c.sweep_gone + bindparam("gone"),
    )
)  # fmt: skip
_PAIR_READ = select(func.count()).where(
    listing.c.chat_id == bindparam("chat_id"),
    listing.c.creator_id == bindparam("creator_id"),
    listing.c.pass_number == bindparam("pass"),
    listing.c.ended,
    listing.c.unreadable_since.is_(None),
)
_VANISHED = (
    select(*COLUMNS)
    .where(
        link.c.chat_id == bindparam("chat_id"),
        link.c.creator_id == bindparam("creator_id"),
        link.c.last_pass < bindparam("pass"),
        link.c.gone_at.is_(None),
    )
    .limit(AT_ONCE)
)
_READ = (
    select(listing.c.read_at, listing.c.unreadable_since, chat.c.checked_at)
    .select_from(listing.join(chat, chat.c.id == listing.c.chat_id))
    .where(
        listing.c.chat_id == bindparam("chat_id"), listing.c.creator_id == bindparam("creator_id"),
        listing.c.revoked == bindparam("revoked"), listing.c.read_at.is_not(None),
    )
)  # fmt: skip
_PICTURE = select(
    chat.c.sweep_calls, chat.c.sweep_new, chat.c.sweep_changed, chat.c.sweep_gone, *PICTURE
).where(chat.c.id == bindparam("chat_id"))  # fmt: skip


_THIS_PASS = and_(listing.c.chat_id == chat.c.id, listing.c.pass_number == chat.c.pass_number)


class Sweeps:
    """All that write raise ChatMoved where the chat has a new id meanwhile: its sweep goes on under that."""

    def __init__(self, engines: Engines, secrets: Secrets, now: Now) -> None:
        self._engines, self._secrets, self._now = engines, secrets, now

    async def begin(
        self, chat_id: int, creators: Sequence[int], *, whole: bool = True, at: int | None = None
    ) -> Pass:  # fmt: skip
        """Goes on with the chat's unfinished pass (new creators are added to it), else begins the next one: a
        `whole` one over these creators and all whose links the book holds, else one over these alone. A whole one
        takes over what of another was read. Raises UnknownChat."""
        at = self._now(at)
        async with self._engines.writing() as connection:
            await unmoved(connection, chat_id)
            row = (await connection.execute(select(chat).where(chat.c.id == chat_id))).mappings().first()
            if row is None:
                raise UnknownChat
            resumed = row["pass_number"] > 0 and row["pass_ended"] is None
            number = row["pass_number"] if resumed else row["pass_number"] + 1
            started = row["pass_started"] if resumed else at
            fresh = {"pass_number": number, "pass_started": at, "pass_ended": None, "pass_whole": whole,
                     "sweep_calls": 0, "sweep_new": 0, "sweep_changed": 0, "sweep_gone": 0}  # fmt: skip
            changed = fresh if not resumed else {"pass_whole": True} if whole else None
            if changed:
                await connection.execute(update(chat).where(chat.c.id == chat_id), changed)
            known = (await connection.execute(_creators_known, {"chat_id": chat_id})).scalars().all() if whole else []
            rows = [
                {"chat_id": chat_id, "creator_id": creator, "revoked": revoked, "pass_number": number, "pages": 0,
                 "seen": 0, "ended": False, "reason": "", "slack": 0}
                for creator in sorted({*creators, *known}) for revoked in (False, True)
            ]  # fmt: skip
            if rows:
                await connection.execute(_START, rows)
            return Pass(chat_id, number, started, resumed, len(rows))

    async def unread(self, chat_id: int) -> list[Cursor]:
        """The listings still to be read in the pass, in order; none where no pass is under way."""
        async with self._engines.reading() as connection:
            rows = (await connection.execute(_UNREAD, {"chat_id": chat_id})).mappings().all()
        return [self._cursor(row) for row in rows]

    async def page_read(
        self, chat_id: int, creator_id: int, revoked: bool, seen: Sequence[SeenLink], *, count: int, ended: bool,
        pages: int = 1, at: int | None = None,
    ) -> Changes:  # fmt: skip
        """Writes one page of messages.getExportedChatInvites, or several that follow each other, and moves the
        cursor, in one transaction; each counts as one call. `count` is Telegram's, `at` when they were read. Once
        both listings of the creator ended in this pass, his links that neither held are gone. Raises UnknownChat."""
        at = self._now(at)
        async with self._engines.writing() as connection:
            writing = await Writing.begin(connection, self._secrets, chat_id, creator_id, at)
            if writing.chat_id != chat_id:
                raise ChatMoved(writing.chat_id)
            news = seen if writing.awaits_links else await writing.touch_unchanged(seen)
            changes = await self._compare(writing, news) if news else Changes()
            await self._advance(writing, creator_id, revoked, seen, pages=pages, count=count, ended=ended)
            await writing.write()
            gone = await self._gone(connection, chat_id, creator_id, at) if ended else []
            await _bump(connection, chat_id, calls=pages, new=changes.new, changed=changes.changed, gone=gone)
        vanished = list(gone)
        while len(gone) == AT_ONCE:
            await asyncio.sleep(TURN)
            async with self._engines.writing() as connection:
                gone = await self._gone(connection, chat_id, creator_id, at)
                await _bump(connection, chat_id, gone=gone)
            vanished += gone
        return Changes(changes.new, changes.changed, changes.same, tuple(vanished))

    async def head_read(self, chat_id: int, creator_id: int, seen: Sequence[SeenLink]) -> Changes:
        """Writes the links of one page outside of any pass: no cursor moves, nothing is gone by it. Raises
        UnknownChat."""
        async with self._engines.writing() as connection:
            writing = await Writing.begin(connection, self._secrets, chat_id, creator_id, self._now(None))
            if writing.chat_id != chat_id:
                raise ChatMoved(writing.chat_id)
            changes = await self._compare(writing, seen)
            await writing.write()
        return changes

    async def unreadable(self, chat_id: int, creator_id: int | None, reason: str) -> None:
        """Ends the listings of this creator (None: all that are still to be read) for the pass; nothing of
        his is gone by that."""
        this_pass = select(chat.c.pass_number).where(chat.c.id == chat_id).scalar_subquery()
        under_way = select(chat.c.pass_ended.is_(None)).where(chat.c.id == chat_id).scalar_subquery()
        which = listing.c.creator_id == creator_id if creator_id is not None else or_(~under_way, ~listing.c.ended)
        async with self._engines.writing() as connection:
            await unmoved(connection, chat_id)
            await connection.execute(
                update(listing)
                .where(listing.c.chat_id == chat_id, listing.c.pass_number == this_pass, which)
                .values(
                    ended=True,
                    unreadable_since=func.coalesce(listing.c.unreadable_since, self._now(None)),
                    reason=reason,
                )
            )

    async def unreadable_for(self, reason: str) -> list[int]:
        """The chats in which some listing, when last tried, could not be read for this reason."""
        of = (
            select(listing.c.chat_id)
            .distinct()
            .where(listing.c.unreadable_since.is_not(None), listing.c.reason == reason)
        )
        async with self._engines.reading() as connection:
            return list((await connection.execute(of)).scalars())

    async def call_made(self, chat_id: int) -> None:
        """Counts a call of the pass that read no page."""
        async with self._engines.writing() as connection:
            await unmoved(connection, chat_id)
            await _bump(connection, chat_id, calls=1)

    async def finish(self, chat_id: int) -> SweepResult:
        """Ends the pass. The picture is as of now only if the pass was a whole one and any listing could be read.
        Raises UnknownChat."""
        at = self._now(None)
        read = exists().where(_THIS_PASS, listing.c.ended, listing.c.unreadable_since.is_(None))
        async with self._engines.writing() as connection:
            await unmoved(connection, chat_id)
            await connection.execute(
                update(chat)
                .where(chat.c.id == chat_id, chat.c.pass_ended.is_(None))
                .values(
                    pass_ended=at,
                    whole_ended=case((chat.c.pass_whole, at), else_=chat.c.whole_ended),
                    swept_at=case((and_(chat.c.pass_whole, read), at), else_=chat.c.swept_at),
                    checked_at=case((chat.c.pass_whole, at), else_=chat.c.checked_at),
                )
            )
            row = await _picture(connection, chat_id)
        return SweepResult(
            chat_id, calls=row["sweep_calls"], pages=row["read_pages"], links=row["seen"], new=row["sweep_new"],
            changed=row["sweep_changed"], gone=row["sweep_gone"],
            coverage=coverage_of(row) or Coverage(0, row["known"]),
        )  # fmt: skip

    async def progress(self, chat_id: int) -> Progress | None:
        """None where no pass is under way. Raises UnknownChat."""
        async with self._engines.reading() as connection:
            return progress_of(await _picture(connection, chat_id))

    async def coverage(self, chat_id: int) -> Coverage | None:
        """None where no sweep ever began. Raises UnknownChat."""
        async with self._engines.reading() as connection:
            return coverage_of(await _picture(connection, chat_id))

    def _cursor(self, row: Row) -> Cursor:
        sealed = row["cursor_link"]
        return Cursor(
            creator_id=row["creator_id"], account_hash=row["account_hash"], is_bot=bool(row["is_bot"]),
            revoked=row["revoked"], offset_date=row["cursor_date"],
            offset_link=self._secrets.open(_CURSOR, sealed) if sealed else None, page_number=row["pages"] + 1,
        )  # fmt: skip

    async def read_of(self, link: Link) -> Read | None:
        """How old and how whole what is known of the link is; None where no listing with it was ever read."""
        these = {"chat_id": link.chat_id, "creator_id": link.creator_id, "revoked": link.state == State.REVOKED}
        async with self._engines.reading() as connection:
            row = (await connection.execute(_READ, these)).mappings().first()
        if row is None:
            return None
        return Read(max(row["read_at"], row["checked_at"] or 0), row["unreadable_since"])

    async def _compare(self, writing: Writing, seen: Sequence[SeenLink]) -> Changes:
        seen = await keys.without_formers(writing, await keys.take_up_rotations(writing, seen))
        by_key = {writing.marks(one.link)[0]: one for one in seen}
        whole, cut = await writing.rows_of(one.link for one in seen)
        rows: dict[str, Row] = {}
        for key, one in by_key.items():
            row = whole.get(key) or cut.pop((writing.marks(one.link)[1], one.creator_id), None)
            if row is not None:
                rows[key] = row
        since = await _joins_since(writing, rows)
        changes = compare({key: known_link(row, since.get(row["id"], 0)) for key, row in rows.items()}, by_key)
        changed = {change.known.id: change.fields for change in changes.changed}
        wishes = await Wishes.of(writing)
        for key, one in by_key.items():
            row = rows.get(key)
            wish = wishes.granted(one, row)
            by = wish["asked_by"] if wish else None
            asked_by = by if wish and wish["act"] == "create" else row["asked_by"] if row else None
            ours = kept_of(writing, wish)
            if row is None:
                number = writing.add(one, asked_by=asked_by, **ours)["number"]
            elif row["id"] in changed or wish or row["print"] != writing.print_of(one):
                number = row["number"]
                writing.read(row, one, since=since.get(row["id"], 0), asked_by=asked_by, **ours)
                writing.note_changes(row["id"], changed.get(row["id"], {}), "sweep", by=by)
            else:
                writing.touch(row)
            if wish:
                writing.granted[wish["update_id"]] = number
            if wish and wish["act"] == "replace":
                await writing.retire_primaries(one, number, by=by, how="sweep", replaced=True)
        return changes

    async def _gone(self, connection: Hold, chat_id: int, creator_id: int, at: int) -> list[int]:
        """Marks what neither listing of this creator held in this pass, AT_ONCE rows at most."""
        writing = await Writing.begin(connection, self._secrets, chat_id, creator_id, at)
        this = {"chat_id": chat_id, "creator_id": creator_id, "pass": writing.pass_number}
        if (await connection.execute(_PAIR_READ, this)).scalar_one() < 2:
            return []
        rows = (await connection.execute(_VANISHED, this)).mappings().all()
        for row in rows:
            writing.set(row, gone_at=at)
            writing.note(row["id"], "gone", by=None, how="sweep", detail={})
        await writing.write()
        return [row["id"] for row in rows]

    async def _advance(
        self, writing: Writing, creator_id: int, revoked: bool, seen: Sequence[SeenLink], *, pages: int, count: int,
        ended: bool,
    ) -> None:  # fmt: skip
        this = {"of_chat": writing.chat_id, "of_creator": creator_id, "of_revoked": revoked}
        date, text = (seen[-1].created, self._secrets.seal(_CURSOR, seen[-1].link)) if seen else (None, None)
        await writing.connection.execute(
            _ADVANCE, {**this, "read": pages, "more": len(seen), "told": count, "date": date, "link": text}
        )  # fmt: skip
        if ended:
            await writing.connection.execute(_END, {**this, "at": writing.at})


async def _bump(
    connection: Hold, chat_id: int, *, calls: int = 0, new: Sequence[object] = (),
    changed: Sequence[object] = (), gone: Sequence[object] = (),
) -> None:  # fmt: skip
    figures = {"calls": calls, "new": len(new), "changed": len(changed), "gone": len(gone)}
    await connection.execute(_BUMP, {"of_chat": chat_id, **figures})


async def _joins_since(writing: Writing, rows: Mapping[str, Row]) -> dict[int, int]:
    """Joins dated after this reading, where the book has any: it cannot have counted them."""
    ids = [row["id"] for row in rows.values() if (row["last_join"] or 0) > writing.at]
    if not ids:
        return {}
    found = (await writing.connection.execute(JOINS_SINCE, {"ids": ids, "at": writing.at})).all()
    return dict(found)


async def _picture(connection: Hold, chat_id: int) -> Row:
    row = (await connection.execute(_PICTURE, {"chat_id": chat_id})).mappings().first()
    if row is None:
        raise UnknownChat
    return row

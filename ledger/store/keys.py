"""The keys a link had before it was rotated: no links of their own, but known wherever a link is known.

`carried` of a link is what its former keys let in; `joined` and `member_limit` of its row hold it too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from ledger.errors import UnknownLink
from ledger.joins import SeenJoin
from ledger.links import UNREVOKED, CutLink, FormerKey, Link, SeenLink
from ledger.secrets import Secrets
from ledger.store.engine import Engines, Now
from ledger.store.pages import SHOWN, link_of
from ledger.store.rows import BY_ID, LINK, Writing
from ledger.store.statements import Row
from ledger.store.wishes import Wishes
from ledger.tables import event, former, link
from ledger.tables import join as joins

_BY_START = (
    select(former, link.c.creator_id)
    .join_from(former, link, link.c.id == former.c.link_id)
    .where(former.c.chat_id == bindparam("chat_id"), former.c.start_digest.in_(bindparam("starts", expanding=True)))
)
_KEYS = (
    select(former, link.c.number)
    .join_from(former, link, link.c.id == former.c.link_id)
    .order_by(former.c.id)
)  # fmt: skip
_OF_LINK = _KEYS.where(former.c.link_id == bindparam("link_id"))
_OPEN = _KEYS.where(former.c.closed.is_(None))
_CIPHER = select(former.c.cipher).where(former.c.id == bindparam("id"))
_WHOLE = select(link.c.id, link.c.cipher).where(link.c.id == bindparam("id"))
_NUMBER = select(*(column for column in link.c if column.name != "cipher")).where(
    link.c.chat_id == bindparam("chat_id"), link.c.number == bindparam("number")
)
_SHOWN = SHOWN.where(link.c.id == bindparam("id"))


class Keys:
    _engines: Engines
    _secrets: Secrets
    _now: Now

    async def rotated(
        self, link_id: int, new: SeenLink, *, by: int | None, how: str, update_id: int
    ) -> tuple[Link, FormerKey]:
        """The link has this new key, as createChatInviteLink returned it, and the intent of that update is done;
        the key it had is still to be revoked at Telegram. A second time changes nothing. Raises UnknownLink."""
        async with self._engines.writing() as connection:
            row = (await connection.execute(BY_ID, {"id": link_id})).mappings().first()
            if row is None:
                raise UnknownLink
            writing = await Writing.begin(
                connection, self._secrets, row["chat_id"], row["creator_id"], self._now(None)
            )  # fmt: skip
            await _rotate(writing, row, new, by=by, how=how, update_id=update_id)
            await writing.write()
            shown = link_of((await connection.execute(_SHOWN, {"id": link_id})).mappings().one())
            keys = (await connection.execute(_OF_LINK, {"link_id": link_id})).mappings().all()
            return shown, _key_of(keys[-1])

    async def former_keys(self, link_id: int) -> list[FormerKey]:
        """Oldest first."""
        async with self._engines.reading() as connection:
            rows = (await connection.execute(_OF_LINK, {"link_id": link_id})).mappings().all()
        return [_key_of(row) for row in rows]

    async def keys_to_close(self) -> list[FormerKey]:
        """Former keys that Telegram has not revoked yet, of every chat."""
        async with self._engines.reading() as connection:
            return [_key_of(row) for row in (await connection.execute(_OPEN)).mappings().all()]

    async def former_secret(self, former_id: int) -> str:
        """The full former key, to act on it; never to show it. Raises UnknownLink."""
        async with self._engines.reading() as connection:
            cipher = (await connection.execute(_CIPHER, {"id": former_id})).scalar_one_or_none()
        if cipher is None:
            raise UnknownLink
        return self._secrets.open(LINK, cipher)

    async def key_closed(self, former_id: int) -> None:
        """Telegram has revoked it."""
        async with self._engines.writing() as connection:
            still_open = former.c.id == former_id, former.c.closed.is_(None)
            await connection.execute(update(former).where(*still_open).values(closed=self._now(None)))


async def take_up_rotations(writing: Writing, seen: Sequence[SeenLink]) -> Sequence[SeenLink]:
    """Finds among links just listed the new keys whose answers were lost. Where the link was changed since it was
    to be rotated, or works no more, the key stays a link of its own."""
    if not writing.awaits_links:
        return seen
    wishes = await Wishes.of(writing)
    whole, _ = await writing.rows_of(one.link for one in seen)
    formers, _ = await rows_of(writing, (one.link for one in seen))
    for one in seen:
        key = writing.marks(one.link)[0]
        wish = None if key in whole or key in formers else wishes.rotated(one)
        if wish is None:
            continue
        where = {"chat_id": writing.chat_id, "number": wish["wish"]["number"]}
        row = (await writing.connection.execute(_NUMBER, where)).mappings().first()
        if row is not None and row["digest"] is not None and _as_it_was(row, one):
            part = await _another(writing)
            await _rotate(part, row, one, by=wish["asked_by"], how="sweep", update_id=wish["update_id"])
            await part.write()
            writing.formers = True
    return seen


async def without_formers(writing: Writing, seen: Sequence[SeenLink]) -> Sequence[SeenLink]:
    """Takes former keys out of what was listed, and from Telegram's word how many they let in."""
    if not writing.formers:
        return seen
    formers, _ = await rows_of(writing, (one.link for one in seen))
    part = await _another(writing)
    more: dict[int, int] = {}
    for one in seen:
        row = formers.get(writing.marks(one.link)[0])
        if row is None:
            continue
        fields: dict[str, Any] = {}
        if one.usage is not None:
            fields |= {"joined": one.usage, "usage_read": writing.at}
            more[row["link_id"]] = more.get(row["link_id"], 0) + one.usage - row["joined"]
        if one.revoked and row["closed"] is None:
            fields["closed"] = writing.at
        if fields:
            await writing.connection.execute(update(former).where(former.c.id == row["id"]).values(fields))
    for link_id, difference in more.items():
        if difference:
            row = (await writing.connection.execute(BY_ID, {"id": link_id})).mappings().one()
            part.set(row, **_carrying(row, difference))
    await part.write()
    return [one for one in seen if writing.marks(one.link)[0] not in formers]


async def joined_by_former(writing: Writing, text: str, creator_id: int, join: SeenJoin) -> int | None:
    """The number of the link one of whose former keys somebody joined by; None where it is no former key."""
    if not writing.formers:
        return None
    whole, cut = await rows_of(writing, [text])
    digest, start = writing.marks(text)
    key = whole.get(digest) or cut.get((start, creator_id))
    if key is None:
        return None
    later = key["usage_read"] is None or join.at > key["usage_read"]
    row = (await writing.connection.execute(BY_ID, {"id": key["link_id"]})).mappings().one()
    closes: dict[str, Any] = {}
    if (row["for_name"] and row["for_name"] == (join.username or "").lower()) or row["for_person"] == join.person_id:
        closes = {"for_person": join.person_id, "for_name": "", "closing": True}
    last = max(row["last_join"] or 0, join.at)
    writing.set(row, **_carrying(row, int(later)), last_join=last, **closes)
    counted = update(former).where(former.c.id == key["id"]).values(joined=former.c.joined + int(later))
    await writing.connection.execute(counted)
    return int(row["number"])


async def row_of(writing: Writing, seen: SeenLink | CutLink) -> tuple[Row | None, bool]:
    """The row a link of an update is, and whether it was named by a former key."""
    text = seen.link if isinstance(seen, SeenLink) else seen.start
    digest, start = writing.marks(text)
    formers, cut_formers = await rows_of(writing, [text])
    key = formers.get(digest) or cut_formers.get((start, seen.creator_id))
    if key is not None:
        return (await writing.connection.execute(BY_ID, {"id": key["link_id"]})).mappings().one(), True
    whole, cut = await writing.rows_of([text])
    row = whole.get(digest)
    if row is None and isinstance(seen, CutLink):
        row = next((one for one in whole.values() if one["creator_id"] == seen.creator_id), None)
    return row or cut.get((start, seen.creator_id)), False


async def rows_of(writing: Writing, links: Iterable[str]) -> tuple[dict[str, Row], dict[tuple[str, int], Row]]:
    """The former keys these links may be: by digest, and by start and creator."""
    if not writing.formers:
        return {}, {}
    starts = [writing.marks(text)[1] for text in links]
    these = {"chat_id": writing.chat_id, "starts": starts}
    rows = (await writing.connection.execute(_BY_START, these)).mappings().all()
    return {row["digest"]: row for row in rows}, {(row["start_digest"], row["creator_id"]): row for row in rows}


async def _rotate(
    writing: Writing, row: Row, new: SeenLink, *, by: int | None, how: str, update_id: int
) -> None:  # fmt: skip
    connection = writing.connection
    writing.granted[update_id] = row["number"]
    digest = writing.marks(new.link)[0]
    if digest == row["digest"]:
        return
    await _absorb(writing, digest, row["id"])
    cipher = (await connection.execute(_WHOLE, {"id": row["id"]})).mappings().one()["cipher"]
    await connection.execute(
        insert(former),
        {"chat_id": writing.chat_id, "link_id": row["id"], "cipher": cipher, "digest": row["digest"],
         "start_digest": row["start_digest"], "head": row["head"], "tail": row["tail"],
         "joined": row["joined"] - row["carried"], "retired": writing.at, "usage_read": row["usage_read"],
         "closed": None},
    )  # fmt: skip
    now = writing.rotate(row, new)
    detail = {"key": [f"{row['head']}…{row['tail']}", f"{now['head']}…{now['tail']}"], "joined": row["joined"]}
    writing.note(row["id"], "rotated", by=by, how=how, detail=detail)


async def _absorb(writing: Writing, digest: str, link_id: int) -> None:
    """A sweep may have met the new key before its answer came: that row was this link."""
    met = select(*(column for column in link.c if column.name != "cipher")).where(
        link.c.chat_id == writing.chat_id, link.c.digest == digest
    )
    row = (await writing.connection.execute(met)).mappings().first()
    if row is None:
        return
    for table in (joins, event):
        await writing.connection.execute(
            update(table).where(table.c.link_id == row["id"]).values(link_id=link_id)
        )  # fmt: skip
    await writing.connection.execute(delete(link).where(link.c.id == row["id"]))
    writing.forget(row)


async def _another(writing: Writing) -> Writing:
    """A writing of the same transaction, whose rows the other one can then read as they are."""
    return await Writing.begin(
        writing.connection, writing.secrets, writing.chat_id, writing.creator_id, writing.at
    )  # fmt: skip


def _carrying(row: Row, more: int) -> dict[str, Any]:
    limit = row["member_limit"]
    return {
        "carried": row["carried"] + more,
        "joined": row["joined"] + more,
        "member_limit": limit + more if limit else 0,
    }


def _as_it_was(row: Row, new: SeenLink) -> bool:
    """Whether the link still is what the new key was made as."""
    return (row["title"], row["expires"], row["approval"]) == (new.title, new.expires, new.approval) and (
        row["state"] in UNREVOKED and bool(row["member_limit"]) == bool(new.limit)
    )


def _key_of(row: Row) -> FormerKey:
    return FormerKey(
        row["id"], row["chat_id"], row["link_id"], row["number"], f"{row['head']}…{row['tail']}", row["joined"],
        row["retired"], row["closed"],
    )  # fmt: skip

"""What is taken out of the book for good: a chat, a person, names that nobody needs any more."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sqlalchemy import and_, bindparam, delete, func, or_, select, union_all, update

from ledger.chats import Erased, Forgotten
from ledger.store.engine import AT_ONCE, TURN, Engines, Hold
from ledger.store.moves import now_of
from ledger.store.programs import host_id
from ledger.tables import (
    admin,
    batch,
    batch_item,
    chat,
    errand,
    errand_answer,
    event,
    former,
    grant,
    intent,
    link,
    listing,
    moved,
    person,
    preference,
    request,
    search,
    tally,
)
from ledger.tables import join as joins

NOBODY = 0  # whose joins a forgotten person's are

_FEW = (tally, listing, admin, grant, preference, search)  # nothing refers to these
# Those that refer to others first.
_MANY = (
    (errand_answer.c.id, errand_answer.c.errand_id.in_(select(errand.c.id).where(errand.c.chat_id == bindparam("of")))),
    (batch_item.c.id, batch_item.c.batch_id.in_(select(batch.c.id).where(batch.c.chat_id == bindparam("of")))),
    *((table.c.id, table.c.chat_id == bindparam("of")) for table in (errand, batch, event, joins, request, former)),
    (intent.c.update_id, intent.c.chat_id == bindparam("of")),
    (link.c.id, link.c.chat_id == bindparam("of")),
)
_SOME = [
    delete(key.table).where(key.in_(select(key).where(of_chat).limit(bindparam("most")))) for key, of_chat in _MANY
]
_COUNTS = select(
    select(func.count()).where(link.c.chat_id == bindparam("of")).scalar_subquery(),
    select(func.count()).where(joins.c.chat_id == bindparam("of")).scalar_subquery(),
)
_REQUESTS = (request.c.chat_id.in_(bindparam("chats", expanding=True)), request.c.person_id == bindparam("who"))
_BATCHES = select(batch.c.id).where(batch.c.chat_id.in_(bindparam("chats", expanding=True)))
_JOINS = (joins.c.chat_id.in_(bindparam("chats", expanding=True)), joins.c.person_id == bindparam("who"))
_MAKERS = union_all(
    select(admin.c.person_id).where(admin.c.person_id == bindparam("who"), admin.c.told_by == "book"),
    select(tally.c.whose).where(tally.c.whose == bindparam("who"), tally.c.links > 0),
)
_ADMIN_IN = select(admin.c.chat_id).where(
    admin.c.chat_id.in_(bindparam("chats", expanding=True)), admin.c.person_id == bindparam("who")
)
_NEEDED = union_all(select(admin.c.person_id), select(tally.c.whose).where(tally.c.links > 0))
_last = (
    select(joins.c.person_id, func.max(func.coalesce(joins.c.left_at, joins.c.at)).label("at"))
    .group_by(joins.c.person_id)
    .subquery()
)
_NEEDLESS = (
    select(person.c.id)
    .outerjoin(_last, _last.c.person_id == person.c.id)
    .where(
        ~person.c.is_bot,
        person.c.id.not_in(_NEEDED),
        person.c.id != bindparam("host"),
        or_(person.c.name != "", person.c.username.is_not(None)),
        or_(_last.c.at < bindparam("before"), and_(_last.c.at.is_(None), ~person.c.private_open)),
    )
)
_NAMELESS = (
    update(person)
    .where(person.c.id.in_(bindparam("ids", expanding=True)))
    .values(name="", username=None, account_hash=None)
)


class Forgetting:
    _engines: Engines

    async def erase(self, chat_id: int) -> Erased:
        """Every row of that chat, and the names nobody else needs. In Telegram its links stay as they are. An
        update that waits in the inbox is erased when it is done. The copy made before an upgrade goes too.
        Raises UnknownChat."""
        async with self._engines.reading() as connection:
            chat_id = await now_of(connection, chat_id, known=True)
            links, joined = (await connection.execute(_COUNTS, {"of": chat_id})).one()
        await self._engines.drop_kept()
        while True:
            if await self._erase_some(chat_id):
                break
            await asyncio.sleep(TURN)
        await self.purge_names(0)
        return Erased(links, joined)

    async def _erase_some(self, chat_id: int) -> bool:
        """AT_ONCE rows at most; True when the chat itself was among them."""
        async with self._engines.writing() as connection:
            for table in _FEW:
                await connection.execute(delete(table).where(table.c.chat_id == chat_id))
            left = AT_ONCE
            for some in _SOME:
                left -= (await connection.execute(some, {"of": chat_id, "most": left})).rowcount
                if left <= 0:
                    return False
            await connection.execute(delete(moved).where(moved.c.new_id == chat_id))
            await connection.execute(update(chat).where(chat.c.discussion_id == chat_id).values(discussion_id=None))
            await connection.execute(update(person).where(person.c.chosen_chat == chat_id).values(chosen_chat=None))
            await connection.execute(delete(chat).where(chat.c.id == chat_id))
            return True

    async def traces(self, person_id: int, *, chat_id: int | None = None) -> Forgotten:
        """What `forget` would take; changes nothing."""
        async with self._engines.reading() as connection:
            return (await _traces(connection, person_id, chat_id))[0]

    async def forget(self, person_id: int, *, chat_id: int | None = None) -> Forgotten:
        """In one chat, or everywhere: joins lose the person and count on; his join requests, and what he was given,
        chose and looked for go. His name and username go too; the name stays where he has links or is the host, or
        where another chat than this knows him as its admin or by a join. The copy made before an upgrade goes too."""
        await self._engines.drop_kept()
        async with self._engines.writing() as connection:
            found, chats = await _traces(connection, person_id, chat_id)
            these = {"chats": chats, "who": person_id}
            await connection.execute(update(joins).where(*_JOINS).values(person_id=NOBODY), these)
            await connection.execute(delete(request).where(*_REQUESTS), these)
            his_items = (batch_item.c.person_id == person_id, batch_item.c.batch_id.in_(_BATCHES))
            await connection.execute(update(batch_item).where(*his_items).values(person_id=NOBODY), these)
            username = select(func.lower(person.c.username)).where(person.c.id == person_id).scalar_subquery()
            mine = or_(link.c.for_person == person_id, link.c.for_name == username)
            his = update(link).where(link.c.chat_id.in_(chats), mine)
            await connection.execute(his.values(for_person=None, for_name=""))
            for table in (grant, preference, search):
                of_his = (table.c.chat_id.in_(chats), table.c.person_id == person_id)
                await connection.execute(delete(table).where(*of_his))
            of_person = person.c.id == person_id
            if not found.name_kept:
                await connection.execute(delete(person).where(of_person))
            else:
                chosen = update(person).where(of_person, person.c.chosen_chat.in_(chats)).values(chosen_chat=None)
                await connection.execute(chosen)
                if chat_id is None:
                    await connection.execute(update(person).where(of_person).values(username=None))
        await self._engines.empty_log()
        return found

    async def purge_names(self, before: int) -> int:
        """The names of people whose last trace, a join or a leave, is older (Unix seconds), or who left none and
        have no private chat with the bot; not of those who have links, are admins or the host, nor of bots. A copy
        made before an upgrade is kept no longer than that. Returns how many names."""
        await self._engines.drop_kept(before)
        async with self._engines.reading() as connection:
            these = {"host": await host_id(connection) or 0, "before": before}
            ids = (await connection.execute(_NEEDLESS, these)).scalars().all()
        for start in range(0, len(ids), AT_ONCE):
            if start:
                await asyncio.sleep(TURN)
            async with self._engines.writing() as connection:
                await connection.execute(_NAMELESS, {"ids": ids[start : start + AT_ONCE]})
        await self._engines.empty_log()
        return len(ids)


async def _traces(connection: Hold, person_id: int, chat_id: int | None) -> tuple[Forgotten, Sequence[int]]:
    """What there is of him in these chats, and the chats."""
    every = (await connection.execute(select(chat.c.id))).scalars().all()
    chats = every if chat_id is None else [await now_of(connection, chat_id)]
    these = {"chats": chats, "who": person_id}
    elsewhere = {"chats": [one for one in every if one not in chats], "who": person_id}
    joined = (await connection.execute(select(func.count()).where(*_JOINS), these)).scalar_one()
    needed = (
        (await connection.execute(_MAKERS, these)).first()
        or (await connection.execute(_ADMIN_IN, elsewhere)).first()
        or (await connection.execute(select(joins.c.id).where(*_JOINS).limit(1), elsewhere)).first()
    )
    return Forgotten(joined, needed is not None or await host_id(connection) == person_id), chats

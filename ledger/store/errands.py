"""What the account was asked to do, and who waits for an answer."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import and_, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from ledger.errands import ACTS, OPEN, REVOKING, Act, Errand, ErrandState, Held, Place, Power, alike, open_key
from ledger.secrets import Secrets
from ledger.store.engine import Engines, Hold, Now
from ledger.store.moves import now_of
from ledger.tables import errand, errand_answer, event, fact

_WISH = "errand"  # the purpose wishes are sealed for
_MODE, _OFF, _FILE = "account mode", "account off", "account off by file"

_fact = upsert(fact)
_SET = _fact.on_conflict_do_update(index_elements=[fact.c.name], set_={"value": _fact.excluded.value})
POWER = select(fact.c.name, fact.c.value).where(fact.c.name.in_((_MODE, _OFF, _FILE)))

_first = errand_answer.alias()
_PLACE = (
    select(_first.c.place).where(_first.c.errand_id == errand.c.id).order_by(_first.c.id).limit(1).scalar_subquery()
)
_ERRANDS = select(errand, _PLACE.label("place"))
_BY_ID = _ERRANDS.where(errand.c.id == bindparam("id"))
_OPEN = _ERRANDS.where(errand.c.state.in_(OPEN)).order_by(errand.c.id)
_SAME = _ERRANDS.where(errand.c.open_key == bindparam("open_key"))
_TAKEABLE = (
    _ERRANDS.where(
        errand.c.act.in_(bindparam("acts", expanding=True)),
        or_(
            and_(
                errand.c.state == ErrandState.ASKED,
                or_(errand.c.held.is_(None), errand.c.held_until <= bindparam("now")),
            ),
            and_(errand.c.state == ErrandState.DOING, errand.c.id.not_in(bindparam("mine", expanding=True))),
        ),
    )
    .order_by(errand.c.id)
    .limit(1)
)
_NEXT_TRY = select(func.min(errand.c.held_until)).where(errand.c.state == ErrandState.ASKED)
_REVOKED_AT = (
    select(errand.c.sent_at)
    .where(errand.c.act.in_(REVOKING), errand.c.sent_at > bindparam("since"))
    .order_by(errand.c.sent_at)
)
_UNANSWERED = (
    select(
        errand, errand_answer.c.place,
        errand_answer.c.id.label("answer_id"), errand_answer.c.asked_by.label("answer_to"),
    )
    .join_from(errand_answer, errand, errand.c.id == errand_answer.c.errand_id)
    .where(~errand_answer.c.answered, errand.c.state.not_in(OPEN))
    .order_by(errand_answer.c.id)
)  # fmt: skip
_OF_UPDATE = (
    _ERRANDS.join(errand_answer, errand_answer.c.errand_id == errand.c.id)
    .where(errand_answer.c.update_id == bindparam("update_id"))
    .limit(1)
)
_OPEN_ANSWERS = (
    select(
        errand, errand_answer.c.place,
        errand_answer.c.id.label("answer_id"), errand_answer.c.asked_by.label("answer_to"),
    )
    .join_from(errand_answer, errand, errand.c.id == errand_answer.c.errand_id)
    .where(errand.c.state.in_(OPEN), errand.c.act.in_(ACTS), errand_answer.c.place != "")
    .order_by(errand_answer.c.id)
)  # fmt: skip
_WAITS = select(errand_answer.c.id).where(
    errand_answer.c.errand_id == bindparam("errand_id"), errand_answer.c.place == bindparam("place")
)


class Errands:
    """One program at a time takes errands: the one that holds the account."""

    def __init__(self, engines: Engines, secrets: Secrets, now: Now) -> None:
        self._engines, self._secrets, self._now = engines, secrets, now
        self._taken: set[int] = set()

    async def ask(
        self, act: Act, chat_id: int, *, asked_by: int | None, link_id: int | None = None, place: Place | None = None,
        about: int | None = None, wish: Mapping[str, Any] | None = None, update_id: int | None = None,
    ) -> tuple[Errand, bool]:  # fmt: skip
        """The errand, and whether it is new: while one of the same act, chat and link (or `about`) is open, it
        answers this asker too, unless he wishes otherwise than it was first asked: then he waits for nothing. What
        asked by this update before is returned as it is now. The history says who asked, in the same transaction."""
        at = self._now(None)
        async with self._engines.writing() as connection:
            chat_id = await now_of(connection, chat_id)
            key = open_key(act, chat_id, link_id, about)
            found = None
            if update_id is not None:
                found = (await connection.execute(_OF_UPDATE, {"update_id": update_id})).mappings().first()
            again = found is not None
            found = found or (await connection.execute(_SAME, {"open_key": key})).mappings().first()
            if found is None:
                await connection.execute(
                    insert(errand),
                    {"act": act, "chat_id": chat_id, "link_id": link_id, "asked_by": asked_by, "asked_at": at,
                     "state": ErrandState.ASKED, "open_key": key, "reason": "", "result": "{}", "about": about,
                     "cipher": self._secrets.seal(_WISH, json.dumps(dict(wish))) if wish else None},
                )  # fmt: skip
            row = found or (await connection.execute(_SAME, {"open_key": key})).mappings().one()
            if found is None:
                await _note(connection, row, at, "asked", asked_by)
            same = found is None or again or alike(self._wish_of(found), wish or {})
            text = json.dumps(asdict(place)) if place is not None else ""
            waits = {"errand_id": row["id"], "place": text}
            if same and (text or update_id) and (await connection.execute(_WAITS, waits)).first() is None:
                await connection.execute(
                    insert(errand_answer),
                    {**waits, "asked_by": asked_by, "answered": place is None, "update_id": update_id},
                )
            row = (await connection.execute(_BY_ID, {"id": row["id"]})).mappings().one()
        return self._errand_of(row), found is None

    async def take(self, acts: Collection[Act] = frozenset(Act)) -> Errand | None:
        """The oldest errand asked that is not held, now doing; one that a dead program left undone comes again."""
        wanted = {"mine": list(self._taken), "acts": list(acts), "now": self._now(None)}
        async with self._engines.reading() as connection:
            if (await connection.execute(_TAKEABLE, wanted)).first() is None:
                return None
        async with self._engines.writing() as connection:
            row = (await connection.execute(_TAKEABLE, wanted)).mappings().first()
            if row is None:
                return None
            await connection.execute(
                update(errand)
                .where(errand.c.id == row["id"])
                .values(state=ErrandState.DOING, taken_at=self._now(None), held=None, held_until=None)
            )  # fmt: skip
        self._taken.add(row["id"])
        return replace(self._errand_of(row), state=ErrandState.DOING, held=None, held_until=None)

    async def hold(
        self, errand_id: int, why: Held | None, until: int | None = None, *, acts: Iterable[Act] = (),
        unsent: bool = False,
    ) -> None:  # fmt: skip
        """Back to asked, as it cannot be done now: not taken before `until`, or before `why` is let go. With `acts`
        so are all others asked of these. None: it may be taken at once, as it may where acting was switched on again
        before it was held for OFF: nothing would let it go later. `unsent`: Telegram said that it has not done it."""
        async with self._engines.writing() as connection:
            if why == Held.OFF and not power_of((await connection.execute(POWER)).all()).off:
                why = None
            held: dict[str, Any] = {"state": ErrandState.ASKED, "held": why, "held_until": until}
            own = held | ({"sent_at": None} if unsent else {})
            await connection.execute(
                update(errand).where(errand.c.id == errand_id, errand.c.state.in_(OPEN)).values(own)
            )  # fmt: skip
            others = errand.c.state == ErrandState.ASKED, errand.c.act.in_(list(acts)), errand.c.held.is_(None)
            await connection.execute(update(errand).where(*others).values(held))
        self._taken.discard(errand_id)

    async def next_try(self) -> int | None:
        """When the first of those that are held may be taken again."""
        async with self._engines.reading() as connection:
            at: int | None = (await connection.execute(_NEXT_TRY)).scalar()
        return at

    async def revoked_at(self) -> list[int]:
        """When the revoking acts of the last day were sent, oldest first."""
        async with self._engines.reading() as connection:
            rows = await connection.execute(_REVOKED_AT, {"since": self._now(None) - 86_400})
            return list(rows.scalars())

    async def power(self) -> Power:
        async with self._engines.reading() as connection:
            return power_of((await connection.execute(POWER)).all())

    async def set_mode(self, mode: str) -> None:
        """The account's word: its ACCOUNT_MODE."""
        if (await self.power()).mode != mode:
            async with self._engines.writing() as connection:
                await connection.execute(_SET, {"name": _MODE, "value": mode})

    async def switch(self, on: bool, *, by_file: bool = False) -> None:
        """Ends or allows all acting, by the host's word or by a file beside the session. On again, what waited for
        it may be taken."""
        name = _FILE if by_file else _OFF
        async with self._engines.writing() as connection:
            if on:
                await connection.execute(delete(fact).where(fact.c.name == name))
                freed = update(errand).where(errand.c.held == Held.OFF, errand.c.state == ErrandState.ASKED)
                await connection.execute(freed.values(held=None, held_until=None))
            else:
                await connection.execute(
                    _fact.on_conflict_do_nothing(), {"name": name, "value": str(self._now(None))}
                )  # fmt: skip

    async def sent(self, errand_id: int) -> bool:
        """Its act is about to be sent, and the book says so first. False where it is not open any more, as it
        was cancelled meanwhile: then nothing may be sent."""
        async with self._engines.writing() as connection:
            marked = await connection.execute(
                update(errand)
                .where(errand.c.id == errand_id, errand.c.state.in_(OPEN))
                .values(sent_at=self._now(None))
            )  # fmt: skip
            return marked.rowcount == 1

    async def cancel(self, errand_id: int, by: int) -> bool:
        """Ends it for all who asked; False where its act was sent already, or it has ended."""
        async with self._engines.writing() as connection:
            row = (await connection.execute(_BY_ID, {"id": errand_id})).mappings().first()
            if row is None or row["state"] not in OPEN or row["sent_at"] is not None:
                return False
            ended = {"state": ErrandState.REFUSED, "reason": "cancelled", "ended_at": self._now(None), "open_key": None}
            await connection.execute(update(errand).where(errand.c.id == errand_id).values(ended))
            await _note(connection, row, self._now(None), "cancelled", by)
        return True

    async def finish(
        self, errand_id: int, state: ErrandState, *, reason: str = "", result: Mapping[str, Any] | None = None
    ) -> None:
        """An end is final: a second one changes nothing."""
        at = self._now(None)
        async with self._engines.writing() as connection:
            row = (await connection.execute(_BY_ID, {"id": errand_id})).mappings().first()
            if row is not None and row["state"] in OPEN:
                await connection.execute(
                    update(errand)
                    .where(errand.c.id == errand_id)
                    .values(
                        state=state, ended_at=at, reason=reason, result=json.dumps(dict(result or {})), open_key=None
                    )
                )
                await _note(connection, row, at, state, None)
        self._taken.discard(errand_id)

    async def get(self, errand_id: int) -> Errand | None:
        async with self._engines.reading() as connection:
            row = (await connection.execute(_BY_ID, {"id": errand_id})).mappings().first()
        return self._errand_of(row) if row else None

    async def open_like(self, act: Act, chat_id: int, link_id: int | None, about: int | None = None) -> Errand | None:
        """The open errand that whoever asks for this would join."""
        async with self._engines.reading() as connection:
            key = open_key(act, await now_of(connection, chat_id), link_id, about)
            row = (await connection.execute(_SAME, {"open_key": key})).mappings().first()
        return self._errand_of(row) if row else None

    async def give_up(self, asked_before: int) -> None:
        """Ends acts that nothing came of since: refused where nothing was sent, else unknown."""
        for one in await self.open():
            if one.act in ACTS and one.asked_at < asked_before:
                state = ErrandState.UNKNOWN if one.sent_at else ErrandState.REFUSED
                await self.finish(one.id, state, reason="too-late")

    async def of_update(self, update_id: int) -> Errand | None:
        """What was asked by this update before."""
        async with self._engines.reading() as connection:
            row = (await connection.execute(_OF_UPDATE, {"update_id": update_id})).mappings().first()
        return self._errand_of(row) if row else None

    async def open(self) -> list[Errand]:
        async with self._engines.reading() as connection:
            return [self._errand_of(row) for row in (await connection.execute(_OPEN)).mappings().all()]

    async def unanswered(self) -> list[tuple[int, Errand, Place, int | None]]:
        """Of ended errands: answer id, errand, the message that still waits, and who asked there."""
        async with self._engines.reading() as connection:
            rows = (await connection.execute(_UNANSWERED)).mappings().all()
        return [
            (row["answer_id"], self._errand_of(row), Place(**json.loads(row["place"])), row["answer_to"])
            for row in rows
        ]

    async def open_answers(self) -> list[tuple[int, Errand, Place, int | None]]:
        """The same of open acts."""
        async with self._engines.reading() as connection:
            rows = (await connection.execute(_OPEN_ANSWERS)).mappings().all()
        return [
            (row["answer_id"], self._errand_of(row), Place(**json.loads(row["place"])), row["answer_to"])
            for row in rows
        ]

    async def answered(self, answer_id: int) -> None:
        async with self._engines.writing() as connection:
            await connection.execute(
                update(errand_answer).where(errand_answer.c.id == answer_id).values(answered=True)
            )  # fmt: skip

    def _errand_of(self, row: Mapping[Any, Any]) -> Errand:
        return Errand(
            id=row["id"], act=Act(row["act"]), chat_id=row["chat_id"], link_id=row["link_id"],
            asked_by=row["asked_by"], asked_at=row["asked_at"], state=ErrandState(row["state"]), reason=row["reason"],
            result=json.loads(row["result"]), place=Place(**json.loads(row["place"])) if row["place"] else None,
            about=row["about"], sent_at=row["sent_at"], wish=self._wish_of(row),
            held=Held(row["held"]) if row["held"] else None, held_until=row["held_until"],
        )  # fmt: skip

    def _wish_of(self, row: Mapping[Any, Any]) -> dict[str, Any]:
        wish: dict[str, Any] = json.loads(self._secrets.open(_WISH, row["cipher"])) if row["cipher"] else {}
        return wish


def power_of(facts: Iterable[Any]) -> Power:
    """Of the rows of POWER."""
    told: dict[str, str] = dict(facts)
    off = told.get(_OFF)
    return Power(told.get(_MODE, "read"), int(off) if off else None, off_by_file=_FILE in told)


async def _note(
    connection: Hold, row: Mapping[Any, Any], at: int, what: str, by: int | None
) -> None:  # fmt: skip
    await connection.execute(
        insert(event),
        {"chat_id": row["chat_id"], "link_id": row["link_id"], "at": at, "what": what, "by": by, "how": "errand",
         "detail": json.dumps({"errand": row["id"], "act": row["act"]})},
    )  # fmt: skip

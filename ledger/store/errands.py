"""What the account was asked to do, and who waits for an answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import and_, bindparam, insert, or_, select, update

from ledger.errands import OPEN, Act, Errand, ErrandState, Place, open_key
from ledger.secrets import Secrets
from ledger.store.engine import Engines, Hold, Now
from ledger.store.moves import now_of
from ledger.tables import errand, errand_answer, event

_WISH = "errand"  # the purpose wishes are sealed for

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
        or_(
            errand.c.state == ErrandState.ASKED,
            and_(errand.c.state == ErrandState.DOING, errand.c.id.not_in(bindparam("mine", expanding=True))),
        )
    )
    .order_by(errand.c.id)
    .limit(1)
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
        about: int | None = None, wish: Mapping[str, Any] | None = None,
    ) -> tuple[Errand, bool]:  # fmt: skip
        """The errand, and whether it is new: while one of the same act, chat and link (or `about`) is open, it
        answers this asker too, with the wish it was first asked with. The history says who asked, in the same
        transaction."""
        at = self._now(None)
        async with self._engines.writing() as connection:
            chat_id = await now_of(connection, chat_id)
            key = open_key(act, chat_id, link_id, about)
            found = (await connection.execute(_SAME, {"open_key": key})).mappings().first()
            if found is None:
                await connection.execute(
                    insert(errand),
                    {"act": act, "chat_id": chat_id, "link_id": link_id, "asked_by": asked_by, "asked_at": at,
                     "state": ErrandState.ASKED, "open_key": key, "reason": "", "result": "{}", "about": about,
                     "cipher": self._secrets.seal(_WISH, json.dumps(dict(wish))) if wish else None},
                )  # fmt: skip
            row = (await connection.execute(_SAME, {"open_key": key})).mappings().one()
            if found is None:
                await _note(connection, row, at, "asked", asked_by)
            if place is not None:
                text = json.dumps(asdict(place))
                if (await connection.execute(_WAITS, {"errand_id": row["id"], "place": text})).first() is None:
                    await connection.execute(
                        insert(errand_answer),
                        {"errand_id": row["id"], "asked_by": asked_by, "place": text, "answered": False},
                    )
            row = (await connection.execute(_SAME, {"open_key": key})).mappings().one()
        return self._errand_of(row), found is None

    async def take(self) -> Errand | None:
        """The oldest errand asked, now doing; one that a dead program left undone comes again."""
        async with self._engines.reading() as connection:
            if (await connection.execute(_TAKEABLE, {"mine": list(self._taken)})).first() is None:
                return None
        async with self._engines.writing() as connection:
            row = (await connection.execute(_TAKEABLE, {"mine": list(self._taken)})).mappings().first()
            if row is None:
                return None
            await connection.execute(
                update(errand)
                .where(errand.c.id == row["id"])
                .values(state=ErrandState.DOING, taken_at=self._now(None))
            )  # fmt: skip
        self._taken.add(row["id"])
        return replace(self._errand_of(row), state=ErrandState.DOING)

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
            about=row["about"], sent_at=row["sent_at"],
            wish=json.loads(self._secrets.open(_WISH, row["cipher"])) if row["cipher"] is not None else {},
        )  # fmt: skip


async def _note(
    connection: Hold, row: Mapping[Any, Any], at: int, what: str, by: int | None
) -> None:  # fmt: skip
    await connection.execute(
        insert(event),
        {"chat_id": row["chat_id"], "link_id": row["link_id"], "at": at, "what": what, "by": by, "how": "errand",
         "detail": json.dumps({"errand": row["id"], "act": row["act"]})},
    )  # fmt: skip

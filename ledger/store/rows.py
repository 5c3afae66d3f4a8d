"""Rows of links as they are written: state, counts and history always in the same transaction."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, bindparam, exists, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from ledger.changes import TOLD_OF, KnownLink, told
from ledger.errors import UnknownChat
from ledger.links import UNREVOKED, CutLink, SeenLink, ends, state_of, worth_a_warning
from ledger.secrets import Secrets
from ledger.shelves import ends_at, folded, kind_of, turns_at
from ledger.store.engine import Hold
from ledger.store.moves import now_of
from ledger.store.statements import Row
from ledger.tables import admin, chat, event, fact, former, intent, link, tally
from ledger.tables import join as joins

LINK, INTENT = "link", "intent"  # the purposes these are sealed for
BOT = "bot"  # the fact that holds who this bot is

_INSERT = insert(link).prefix_with("OR FAIL")  # SQLite keeps nothing with which to undo half of the statement
_UPDATE = update(link).where(link.c.id == bindparam("row_id"))
_touch = update(link).values(last_seen=bindparam("at"), usage_read=bindparam("at"), last_pass=bindparam("pass"))
_TOUCH = _touch.where(link.c.id.in_(bindparam("ids", expanding=True)))
# Each of these is one step of SQLite's, however many links: Python's lock is given up once, and had back once.
_each = func.json_each(bindparam("prints")).table_valued("value")
_TOUCH_UNCHANGED = _touch.where(link.c.chat_id == bindparam("of_chat"), link.c.print.in_(select(_each.c.value)))
_CHANGED = select(func.json_group_array(_each.c.value)).where(
    ~exists().where(link.c.chat_id == bindparam("chat_id"), link.c.print == _each.c.value)
)
_tally = upsert(tally)
_TALLY = _tally.on_conflict_do_update(
    index_elements=[tally.c.chat_id, tally.c.whose, tally.c.kind, tally.c.warned, tally.c.creator_id],
    set_={"links": tally.c.links + _tally.excluded.links},
)
_EVENT = insert(event)
_GRANTED = (
    update(intent)
    .where(intent.c.update_id == bindparam("of_update"))
    .values(
        state="done",
        link_id=select(link.c.id)
        .where(link.c.chat_id == bindparam("of_chat"), link.c.number == bindparam("of_number"))
        .scalar_subquery(),
    )
)
_IN_BOOK = upsert(admin).on_conflict_do_nothing()

_other, _book = admin.alias(), admin.alias()
_CONTEXT = select(
    chat.c.next_number,
    chat.c.pass_number,
    chat.c.pass_ended,
    select(fact.c.value).where(fact.c.name == BOT).scalar_subquery().label("bot"),
    and_(
        exists().where(_other.c.chat_id == chat.c.id, _other.c.told_by == "bot"),
        ~exists().where(
            admin.c.chat_id == chat.c.id, admin.c.person_id == bindparam("creator_id"), admin.c.told_by == "bot"
        ),
    ).label("maker_left"),
    exists().where(intent.c.chat_id == chat.c.id, intent.c.state == "open").label("intents"),
    exists().where(former.c.chat_id == chat.c.id).label("formers"),
    exists()
    .where(_book.c.chat_id == chat.c.id, _book.c.person_id == bindparam("creator_id"), _book.c.told_by == "book")
    .label("in_book"),
).where(chat.c.id == bindparam("chat_id"))

COLUMNS = [column for column in link.c if column.name != "cipher"]
_start = func.json_each(bindparam("starts")).table_valued("value")
_BY_START = select(*COLUMNS).where(
    link.c.chat_id == bindparam("chat_id"), link.c.start_digest.in_(select(_start.c.value))
)
BY_ID = select(*COLUMNS).where(link.c.id == bindparam("id"))
_OTHER_PRIMARIES = select(*COLUMNS).where(
    link.c.chat_id == bindparam("chat_id"),
    link.c.creator_id == bindparam("creator_id"),
    link.c.is_primary,
    ~link.c.revoked,
    link.c.gone_at.is_(None),
    link.c.digest.is_distinct_from(bindparam("digest")),
)
JOINS_SINCE = (
    select(joins.c.link_id, func.count())
    .where(joins.c.link_id.in_(bindparam("ids", expanding=True)), joins.c.at > bindparam("at"))
    .group_by(joins.c.link_id)
)

# What an update of a row may set, beside what settle() derives.
_SET = (
    "cipher", "digest", "start_digest", "head", "tail", "asked_by", "whose", "by_this_bot", "is_primary", "approval",
    "title", "created", "edited", "expires", "member_limit", "usage", "usage_read", "joined", "leavers", "last_join",
    "pending", "price", "state", "kind", "born", "ends", "turns", "words", "warned", "maker_left", "revoked",
    "last_seen", "last_pass", "gone_at", "carried", "note", "once", "for_person", "for_name", "closing",
    "print",
)  # fmt: skip
_NUMBERED = update(chat).where(chat.c.id == bindparam("of_chat")).values(next_number=bindparam("number"))


def settle(row: dict[str, Any], at: int) -> dict[str, Any]:
    """Sets what follows from the rest of a row. The one place that does."""
    row["whose"] = row["asked_by"] or row["creator_id"]
    row["state"] = state_of(
        revoked=row["revoked"], gone=row["gone_at"] is not None, expires=row["expires"],
        limit=row["member_limit"], joined=row["joined"], at=at,
    )  # fmt: skip
    row["kind"] = kind_of(
        state=row["state"], expires=row["expires"], joined=row["joined"], approval=row["approval"],
        price=row["price"], primary=row["is_primary"], at=at,
    )  # fmt: skip
    row["born"], row["ends"] = row["created"] or row["first_seen"], ends_at(row["expires"])
    row["turns"] = turns_at(state=row["state"], expires=row["expires"], at=at)
    row["words"] = folded("\n".join(filter(None, (row["title"], row["note"]))) if row["note"] else row["title"])
    used = row["closing"] or (row["once"] and row["joined"] > 0)
    row["closing"] = bool(used and row["by_this_bot"] and row["state"] in UNREVOKED)
    row["warned"] = worth_a_warning(
        state=row["state"], primary=row["is_primary"], approval=row["approval"], expires=row["expires"],
        limit=row["member_limit"], joined=row["joined"], maker_left=row["maker_left"],
    )  # fmt: skip
    return row


def _tally_of(row: Mapping[Any, Any]) -> tuple[int, int, bool, int]:
    return row["whose"], row["kind"], row["warned"], row["creator_id"]


def known_link(row: Mapping[Any, Any], since: int = 0) -> KnownLink:
    """`since` counts joins dated after the reading it is to be held against."""
    return KnownLink(
        id=row["id"], creator_id=row["creator_id"], whole=row["digest"] is not None,
        read=row["usage_read"] is not None, gone=row["gone_at"] is not None, primary=row["is_primary"],
        approval=row["approval"], revoked=row["revoked"], title=row["title"], created=row["created"],
        edited=row["edited"], expires=row["expires"], limit=row["member_limit"], joined=row["joined"] - since,
        pending=row["pending"], price=row["price"], carried=row["carried"],
    )  # fmt: skip


@dataclass(slots=True)
class Writing:
    """What one transaction does to the links of a chat: gathered, then written in a few statements."""

    connection: Hold
    secrets: Secrets
    chat_id: int
    creator_id: int
    at: int
    next_number: int
    pass_number: int
    bot_id: int | None
    maker_left: bool
    intents: bool
    in_book: bool  # a link of the creator's is known
    formers: bool  # some link of the chat was rotated
    granted: dict[int, int] = field(default_factory=dict)  # the update that wanted a link: the link's number
    _new: list[dict[str, Any]] = field(default_factory=list)
    _set: list[dict[str, Any]] = field(default_factory=list)
    _touched: list[int] = field(default_factory=list)
    _tallies: Counter[tuple[int, int, bool, int]] = field(default_factory=Counter)
    _events: list[dict[str, Any]] = field(default_factory=list)
    _marks: dict[str, tuple[str, str]] = field(default_factory=dict)
    _prints: dict[SeenLink, int] = field(default_factory=dict)

    @property
    def awaits_links(self) -> bool:
        """Whether this bot asked for something that a link of this maker's may have come of."""
        return self.intents and self.creator_id == self.bot_id

    @classmethod
    async def begin(cls, connection: Hold, secrets: Secrets, chat_id: int, creator_id: int, at: int) -> Writing:
        """`creator_id` is whose links are written; `chat_id` of the writing is the id the chat has now. Raises
        UnknownChat."""
        row = (await connection.execute(_CONTEXT, {"chat_id": chat_id, "creator_id": creator_id})).mappings().first()
        if row is None:
            if (now := await now_of(connection, chat_id)) == chat_id:
                raise UnknownChat
            return await cls.begin(connection, secrets, now, creator_id, at)
        bot_id = json.loads(row["bot"])["id"] if row["bot"] else None
        return cls(
            connection, secrets, chat_id, creator_id, at, row["next_number"], row["pass_number"], bot_id,
            bool(row["maker_left"]), bool(row["intents"]), bool(row["in_book"]), bool(row["formers"]),
        )  # fmt: skip

    async def rows_of(self, links: Iterable[str]) -> tuple[dict[str, Row], dict[tuple[str, int], Row]]:
        """The rows these links may be: whole ones by digest, cut ones by start and creator."""
        starts = json.dumps([self.marks(text)[1] for text in links])
        rows = (
            await self.connection.execute(_BY_START, {"chat_id": self.chat_id, "starts": starts})
        ).mappings().all()  # fmt: skip
        whole = {row["digest"]: row for row in rows if row["digest"] is not None}
        cut = {(row["start_digest"], row["creator_id"]): row for row in rows if row["digest"] is None}
        return whole, cut

    def marks(self, text: str) -> tuple[str, str]:
        """The keyed hashes of a link: of the whole, of its start."""
        if text not in self._marks:
            self._marks[text] = self.secrets.marks(text)
        return self._marks[text]

    def print_of(self, seen: SeenLink) -> int:
        if seen not in self._prints:
            self._prints[seen] = self.secrets.print_of(seen)
        return self._prints[seen]

    def add(self, seen: SeenLink | CutLink, **more: Any) -> dict[str, Any]:
        """A row that is new to the book takes the chat's next number."""
        row: dict[str, Any] = {
            "chat_id": self.chat_id, "number": self.next_number, "creator_id": seen.creator_id, "asked_by": None,
            "cipher": None, "digest": None, "by_this_bot": seen.creator_id == self.bot_id,
            "created": None, "edited": None, "usage": 0, "usage_read": None, "joined": 0, "leavers": 0,
            "last_join": None, "pending": 0, "price": 0, "maker_left": self.maker_left, "first_seen": self.at,
            "gone_at": None, "carried": 0, "note": "", "once": False, "for_person": None, "for_name": "",
            "closing": False, "print": None,
        }  # fmt: skip
        self.next_number += 1
        if isinstance(seen, CutLink):
            row |= {"start_digest": self.marks(seen.start)[1], "head": ends(seen.start)[0], "tail": ""}
        else:
            row |= self.whole(seen)
        row.update(self._read(seen), **more)
        settle(row, self.at)
        self._new.append(row)
        self._tallies[_tally_of(row)] += 1
        return row

    def read(self, row: Row, seen: SeenLink | CutLink, *, since: int = 0, **more: Any) -> dict[str, Any]:
        """A known row as it was just seen; `since` counts joins dated after this reading."""
        fields = self._read(seen, since, row["carried"]) | {"gone_at": None} | more
        if row["revoked"]:
            fields["revoked"] = True
        if row["digest"] is None and isinstance(seen, SeenLink):
            fields |= self.whole(seen)
        return self.set(row, **fields)

    def set(self, row: Mapping[Any, Any], **fields: Any) -> dict[str, Any]:
        """Without fields only what time makes of it. With any the row may no longer say what was read."""
        now = settle({**row, "print": None, **fields} if fields else {**row}, self.at)
        self._tallies[_tally_of(row)] -= 1
        self._tallies[_tally_of(now)] += 1
        self._set.append(now)
        return now

    def rotate(self, row: Mapping[Any, Any], new: SeenLink) -> dict[str, Any]:
        """The row with another key: all who joined by now came by earlier ones."""
        carried = row["joined"]
        fresh = {"carried": carried, "usage": 0, "usage_read": None}
        return self.set(row, **fresh | self._read(new, carried=carried) | self.whole(new))

    def forget(self, row: Mapping[Any, Any]) -> None:
        """Such a row was deleted."""
        self._tallies[_tally_of(row)] -= 1

    def touch(self, row: Row) -> None:
        """Read again, and nothing in it is otherwise."""
        self._touched.append(row["id"])

    async def touch_unchanged(self, seen: Sequence[SeenLink]) -> Sequence[SeenLink]:
        """The same for all whose row says just this already; returns the others."""
        by_print = {self.secrets.print_of(one): one for one in seen}
        these = {"at": self.at, "pass": self.pass_number, "of_chat": self.chat_id, "prints": json.dumps([*by_print])}
        known = (await self.connection.execute(_TOUCH_UNCHANGED, these)).rowcount
        if known == len(by_print):
            return []
        self._prints |= {one: own for own, one in by_print.items()}
        if not known:
            return seen
        these = {"chat_id": self.chat_id, "prints": these["prints"]}
        changed = (await self.connection.execute(_CHANGED, these)).scalar_one()
        return [by_print[one] for one in json.loads(changed)]

    def note(self, link_id: int | None, what: str, *, by: int | None, how: str, detail: Mapping[str, Any]) -> None:
        self._events.append(
            {"chat_id": self.chat_id, "link_id": link_id, "at": self.at, "what": what, "by": by, "how": how,
             "detail": json.dumps(detail)}
        )  # fmt: skip

    def note_changes(
        self, link_id: int, fields: Mapping[str, tuple[Any, Any]], how: str, *, by: int | None = None
    ) -> None:
        """What of a change is history. Who did it is not told by a reading."""
        if "gone" in fields:
            self.note(link_id, "back", by=None, how=how, detail={})
        if "revoked" in fields:
            self.note(link_id, "revoked", by=by, how=how, detail={})
        if detail := {name: change for name, change in fields.items() if name in TOLD_OF}:
            self.note(link_id, "edited", by=by, how=how, detail=detail)

    async def retire_primaries(
        self, new: SeenLink, number: int, *, by: int | None, how: str, replaced: bool
    ) -> None:  # fmt: skip
        """A creator has one primary link at a time: older ones than this are revoked."""
        others = {"chat_id": self.chat_id, "creator_id": new.creator_id, "digest": self.marks(new.link)[0]}
        read = {row["id"] for row in self._set}
        rows = (await self.connection.execute(_OTHER_PRIMARIES, others)).mappings().all()
        for row in (one for one in rows if one["id"] not in read):
            self.set(row, revoked=True)
            detail = {"number": [row["number"], number]} if replaced else {}
            self.note(row["id"], "replaced" if replaced else "revoked", by=by, how=how, detail=detail)

    async def write(self) -> None:
        run = self.connection.execute
        if self._new:
            await self.connection.insert(_INSERT, self._new)
            await run(_NUMBERED, {"of_chat": self.chat_id, "number": self.next_number})
            if not self.in_book:
                await run(
                    _IN_BOOK, {"chat_id": self.chat_id, "person_id": self.creator_id, "told_by": "book"}
                )  # fmt: skip
        await self._write_set()
        if self._touched:
            await run(_TOUCH, {"ids": self._touched, "at": self.at, "pass": self.pass_number})
        if moved := [(key, count) for key, count in self._tallies.items() if count]:
            await run(
                _TALLY,
                [
                    {"chat_id": self.chat_id, "whose": whose, "kind": kind, "warned": warned, "creator_id": creator,
                     "links": count}
                    for (whose, kind, warned, creator), count in moved
                ],
            )  # fmt: skip
        if self._events:
            await run(_EVENT, self._events)
        if self.granted:
            await run(
                _GRANTED,
                [{"of_update": of, "of_chat": self.chat_id, "of_number": n} for of, n in self.granted.items()],
            )

    async def _write_set(self) -> None:
        """Rows that were whole before keep their cipher text: it is not read back to be written again."""
        for names in (_SET, tuple(name for name in _SET if name != "cipher")):
            rows = [row for row in self._set if ("cipher" in row) == ("cipher" in names)]
            if rows:
                await self.connection.execute(
                    _UPDATE, [{"row_id": row["id"], **{name: row[name] for name in names}} for row in rows]
                )

    def whole(self, seen: SeenLink) -> dict[str, Any]:
        """What a row holds of a whole link."""
        head, tail = ends(seen.link)
        cipher, (digest, start) = self.secrets.seal(LINK, seen.link), self.marks(seen.link)
        return {"cipher": cipher, "digest": digest, "start_digest": start, "head": head, "tail": tail}

    def _read(self, seen: SeenLink | CutLink, since: int = 0, carried: int = 0) -> dict[str, Any]:
        fields = told(seen, carried)
        fields["is_primary"], fields["member_limit"] = fields.pop("primary"), fields.pop("limit")
        fields |= {"last_seen": self.at, "last_pass": self.pass_number}
        if "joined" in fields:
            usage = fields["joined"] - carried
            fields |= {"usage": usage, "usage_read": self.at, "joined": fields["joined"] + since}
            fields["print"] = self.print_of(seen) if isinstance(seen, SeenLink) and not since else None
        return fields

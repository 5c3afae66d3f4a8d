"""What the programs say of themselves, the host, and the status of all of it."""

from __future__ import annotations

import hmac
import json
import secrets as tokens
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import bindparam, case, delete, func, select
from sqlalchemy.dialects.sqlite import insert as upsert

from ledger.chats import Account, ChatStatus, SeenPerson, Status
from ledger.errands import OPEN
from ledger.secrets import Secrets
from ledger.store.engine import Engines, Hold, Now
from ledger.store.errands import POWER, power_of
from ledger.store.freshness import ACCOUNT, CHAT, PICTURE, USERCLIENT, account_of, chat_of, coverage_of, progress_of
from ledger.store.rows import BOT
from ledger.tables import chat, errand, fact, inbox, program, server, tally, wait

_HOST, _CLAIM, _NO_RICH = "host", "claim", "no rich"

_fact = upsert(fact)
_SET = _fact.on_conflict_do_update(index_elements=[fact.c.name], set_={"value": _fact.excluded.value})
_FACT = select(fact.c.value).where(fact.c.name == bindparam("name"))
_ACCOUNT = select(*ACCOUNT).where(program.c.name == USERCLIENT)
_program = upsert(program)
_SAY = _program.on_conflict_do_update(
    index_elements=[program.c.name],
    set_={
        **{name: _program.excluded[name] for name in ("state", "until", "seen", "detail", "calls")},
        "since": case((program.c.state == _program.excluded.state, program.c.since), else_=_program.excluded.since),
        "person_id": func.coalesce(_program.excluded.person_id, program.c.person_id),
        "person_name": func.coalesce(_program.excluded.person_name, program.c.person_name),
    },
)
_wait = upsert(wait)
_WAIT = _wait.on_conflict_do_update(
    index_elements=[wait.c.method], set_={"until": func.max(wait.c.until, _wait.excluded.until)}
)
_WAITS = select(wait.c.method, wait.c.until).where(wait.c.until > bindparam("now"))
_server = upsert(server)
_SERVER = _server.on_conflict_do_update(
    index_elements=[server.c.url],
    set_={"ephemeral": _server.excluded.ephemeral, "tried": _server.excluded.tried},
)
_STATUS = select(
    *CHAT, *PICTURE,
    select(func.count()).where(errand.c.chat_id == chat.c.id, errand.c.state.in_(OPEN)).correlate(chat)
    .scalar_subquery().label("open_errands"),
    select(func.coalesce(func.sum(tally.c.links), 0)).where(
        tally.c.chat_id == chat.c.id, tally.c.kind >= 0
    ).correlate(chat).scalar_subquery().label("links"),
).order_by(chat.c.first_seen, chat.c.id)  # fmt: skip
_BOOK = select(
    select(program.c.seen).where(program.c.name == BOT).scalar_subquery(),
    select(program.c.state).where(program.c.name == BOT).scalar_subquery(),
    select(program.c.detail).where(program.c.name == BOT).scalar_subquery(),
    select(func.count()).select_from(inbox).where(inbox.c.done.is_(None)).scalar_subquery(),
    select(func.count()).select_from(inbox).where(inbox.c.quarantined.is_not(None)).scalar_subquery(),
)


class Programs:
    def __init__(self, engines: Engines, now: Now) -> None:
        self._engines, self._now = engines, now

    async def say(
        self, name: str, state: str, *, until: int | None = None, person_id: int | None = None,
        name_of_person: str | None = None, detail: str = "", calls: Mapping[str, int] | None = None,
    ) -> None:  # fmt: skip
        """A sign of life of "bot" or "userclient". `since` moves when the state does; who the account is
        stays known where it is not said again."""
        at = self._now(None)
        row = {
            "name": name, "state": state, "since": at, "until": until, "seen": at, "person_id": person_id,
            "person_name": name_of_person, "detail": detail, "calls": json.dumps(dict(calls or {})),
        }  # fmt: skip
        async with self._engines.writing() as connection:
            await connection.execute(_SAY, row)

    async def account(self) -> Account:
        """STALE where the program claims to live and said nothing for a minute."""
        async with self._engines.reading() as connection:
            return account_of((await connection.execute(_ACCOUNT)).mappings().first(), self._now(None))

    async def bot_identity(self) -> SeenPerson | None:
        async with self._engines.reading() as connection:
            value = (await connection.execute(_FACT, {"name": BOT})).scalar()
        return SeenPerson(**json.loads(value)) if value else None

    async def set_bot_identity(self, person: SeenPerson) -> None:
        if await self.bot_identity() != person:
            async with self._engines.writing() as connection:
                await connection.execute(_SET, {"name": BOT, "value": json.dumps(asdict(person))})

    async def set_wait(self, method: str, until: int) -> None:
        """A flood wait: an earlier end never replaces a later one."""
        async with self._engines.writing() as connection:
            await connection.execute(_WAIT, {"method": method, "until": until})

    async def waits(self) -> dict[str, int]:
        """Those still running, by method."""
        async with self._engines.reading() as connection:
            rows = (await connection.execute(_WAITS, {"now": self._now(None)})).all()
        return dict(rows)

    async def server_ephemeral(self, url: str) -> tuple[bool | None, int]:
        """Whether this server keeps an ephemeral message to one person (None: never tried), and when that
        was tried."""
        async with self._engines.reading() as connection:
            row = (await connection.execute(select(server).where(server.c.url == url))).mappings().first()
        return (row["ephemeral"] == "yes", row["tried"]) if row else (None, 0)

    async def set_server_ephemeral(self, url: str, proven: bool) -> None:
        async with self._engines.writing() as connection:
            await connection.execute(
                _SERVER, {"url": url, "ephemeral": "yes" if proven else "no", "tried": self._now(None)}
            )

    async def server_without_rich(self, url: str) -> int:
        """When this server last turned out to know no rich messages; 0 for never."""
        async with self._engines.reading() as connection:
            value = (await connection.execute(_FACT, {"name": f"{_NO_RICH} {url}"})).scalar()
        return int(value or 0)

    async def set_server_without_rich(self, url: str) -> None:
        async with self._engines.writing() as connection:
            await connection.execute(_SET, {"name": f"{_NO_RICH} {url}", "value": str(self._now(None))})


class Host:
    def __init__(self, engines: Engines, secrets: Secrets, now: Now) -> None:
        self._engines, self._secrets, self._now = engines, secrets, now

    async def new_claim(self) -> str:
        """A token that makes whoever brings it the host, once. Stored hashed; an unused one ends by it."""
        token = tokens.token_urlsafe(24)
        async with self._engines.writing() as connection:
            await connection.execute(_SET, {"name": _CLAIM, "value": self._secrets.token_digest(token)})
        return token

    async def claim(self, token: str, person_id: int) -> bool:
        async with self._engines.writing() as connection:
            stored = (await connection.execute(_FACT, {"name": _CLAIM})).scalar()
            if stored is None or not hmac.compare_digest(stored, self._secrets.token_digest(token)):
                return False
            await connection.execute(delete(fact).where(fact.c.name == _CLAIM))
            await connection.execute(_SET, {"name": _HOST, "value": str(person_id)})
        return True

    async def claim_waits(self) -> bool:
        """A claim token was made, and nobody has used it."""
        async with self._engines.reading() as connection:
            return (await connection.execute(_FACT, {"name": _CLAIM})).first() is not None

    async def id(self) -> int | None:
        async with self._engines.reading() as connection:
            return await host_id(connection)

    async def status(self) -> Status:
        now = self._now(None)
        async with self._engines.reading() as connection:
            rows = (await connection.execute(_STATUS)).mappings().all()
            account = account_of((await connection.execute(_ACCOUNT)).mappings().first(), now)
            waits = (await connection.execute(_WAITS, {"now": now})).all()
            bot = (await connection.execute(_FACT, {"name": BOT})).scalar()
            power = power_of((await connection.execute(POWER)).all())
            bot_seen, bot_state, bot_detail, waiting, quarantined = (await connection.execute(_BOOK)).one()
            host = await host_id(connection)
        chats = [_chat_status(row) for row in rows]
        return Status(
            account=account, bot=SeenPerson(**json.loads(bot)) if bot else None, bot_seen=bot_seen,
            bot_state=bot_state or "", bot_detail=bot_detail or "", host_id=host,
            waits=dict(waits), chats=chats, inbox_waiting=waiting,
            inbox_quarantined=quarantined, links=sum(one.links for one in chats),
            power=power,
        )  # fmt: skip


async def host_id(connection: Hold) -> int | None:
    value = (await connection.execute(_FACT, {"name": _HOST})).scalar()
    return int(value) if value else None


def _chat_status(row: Mapping[Any, Any]) -> ChatStatus:
    return ChatStatus(
        chat=chat_of(row), coverage=coverage_of(row), as_of=row["swept_at"], progress=progress_of(row),
        unreadable_since=row["unreadable_since"], open_errands=row["open_errands"], links=row["links"],
        checked_at=row["checked_at"], log_read=row["log_read"],
    )  # fmt: skip

"""What the program says of itself: `/status` and `console status` read it in the ledger."""

from __future__ import annotations

import structlog

from ledger.chats import AccountState
from ledger.store import Ledger
from userclient.gate import Gate

NAME = "userclient"

log = structlog.get_logger(__name__)


class Voice:
    """The last state said, repeated as a sign of life: the ledger calls silence of 60 s stale."""

    def __init__(self, ledger: Ledger, gate: Gate) -> None:
        self.state = AccountState.ABSENT
        self.until: int | None = None
        self._detail = ""
        self._person: tuple[int | None, str | None] = (None, None)
        self._said: tuple[object, ...] = ()
        self._ledger = ledger
        self._gate = gate

    def is_now(self, person_id: int, name: str) -> None:
        self._person = (person_id, name or None)

    async def say(self, state: AccountState, *, until: int | None = None, detail: str = "") -> None:
        """Costs a write only where something is new."""
        said = (state, until, detail, self._person)
        if said == self._said:
            return
        log.info("account", state=state.value, until=until, detail=detail)
        self.state, self.until, self._detail, self._said = state, until, detail, said
        await self.repeat()

    async def repeat(self) -> None:
        person_id, name = self._person
        await self._ledger.programs.say(
            NAME, self.state, until=self.until, person_id=person_id, name_of_person=name, detail=self._detail,
            calls=dict(self._gate.calls),
        )  # fmt: skip

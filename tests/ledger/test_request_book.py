"""Join requests in the book: what was kept for the answer goes with it, whoever tells of the answer."""

from __future__ import annotations

from ledger.actions import Action, Did
from ledger.joins import SeenJoin
from ledger.requests import SeenRequest
from ledger.settings import LedgerSettings
from ledger.store import Ledger
from tests.conftest import Clock
from tests.ledger.listings import ANN, BOB, CLUB, ask_file, invite


async def test_an_approval_that_the_admin_log_tells_ends_the_request_whole(
    club: Ledger, ledger_settings: LedgerSettings, clock: Clock
) -> None:
    seen, at = invite(1, usage=None, created=None, approval=True), int(clock.now)
    for person in (70, 71):
        await club.requests.seen(SeenRequest(CLUB, person, at, person, seen, bio="I play", private_id=person))
    let_in = Action(1, at + 5, 70, Did.JOINED, seen, by_request=True, approved_by=BOB)
    await club.links.acted(CLUB, [let_in], last=1)
    await club.links.seen_in_update(SeenJoin(CLUB, 70, at + 5, 90, seen, by_request=True))
    rows = ask_file(
        ledger_settings,
        "SELECT person_id, state, decided_by, bio IS NULL, private_id IS NULL FROM request ORDER BY id",
    )
    assert rows == [(70, "approved", BOB, 1, 1), (71, "waiting", None, 0, 0)]
    link = await club.links.find(CLUB, 1)
    assert link is not None
    assert (link.pending, link.joined, link.creator_id) == (1, 1, ANN)

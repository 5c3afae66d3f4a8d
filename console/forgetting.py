"""`console forget`: takes a person out of the ledger, in every chat."""

from __future__ import annotations

import sys

from console.book import Refused, opened
from ledger.chats import SeenPerson
from ledger.store import Ledger


async def forget(who: str, *, yes: bool) -> int:
    """`who` is an id or @username. Says first what will go, and wants a typed yes unless `yes`."""
    async with opened() as ledger:
        person_id, name = await _find(ledger, who)
        before = await ledger.chats.traces(person_id)
        print(f"{name}: {before.joins} joins would lose their name; the counts of the links stay.")
        if before.name_kept:
            print("The name itself stays: that of a creator of links, or of the host.")
        if not yes:
            print("This cannot be undone. Type yes to go on: ", end="", flush=True)
            if sys.stdin.readline().strip().lower() != "yes":
                print("Nothing was changed.")
                return 1
        gone = await ledger.chats.forget(person_id)
        print(f"Forgotten: {gone.joins} joins have no name any more.")
    return 0


async def _find(ledger: Ledger, who: str) -> tuple[int, str]:
    """Also an id the ledger has no name for: joins may hold it."""
    if who.isdecimal():
        return int(who), who
    found: SeenPerson | None = await ledger.chats.person_by_username(who.removeprefix("@"))
    if found is None:
        raise Refused(f"The ledger knows nobody called {who}. Example: python -m console forget @ann, or an id")
    return found.id, found.name

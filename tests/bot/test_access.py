"""Who may ask, reveal and revoke, and who could: every cell of the two tables that exists so far."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.access import Asker, Executor, Standing, executors, may_ask, may_reveal, may_revoke
from ledger.chats import Role
from ledger.links import Link, State

ANN, BOB, BOT, OTHER_BOT, ACCOUNT = 1, 2, 10, 11, 3
PLAIN = Link(
    id=1, chat_id=-100, number=1, creator_id=BOT, creator="Ledger", asked_by=ANN, asker="Ann", by_this_bot=True,
    primary=False, approval=False, title="", created=0, edited=None, expires=None, limit=0, joined=0, still_here=0,
    pending=0, state=State.LIVE, first_seen=0, last_seen=0, last_join=None, masked="t.me/+AbC…k9Q", whole=True,
)  # fmt: skip
LINKS = {
    "asked by ann": PLAIN,
    "asked by bob": replace(PLAIN, asked_by=BOB),
    "asked by nobody": replace(PLAIN, asked_by=None),
    "bot's primary": replace(PLAIN, asked_by=None, primary=True),
    "ann's own": replace(PLAIN, creator_id=ANN, asked_by=None, by_this_bot=False),
    "bob's own": replace(PLAIN, creator_id=BOB, asked_by=None, by_this_bot=False),
    "another bot's": replace(PLAIN, creator_id=OTHER_BOT, asked_by=None, by_this_bot=False),
    "the account's": replace(PLAIN, creator_id=ACCOUNT, asked_by=None, by_this_bot=False),
}


def ann(standing: Standing, *, is_host: bool = False) -> Asker:
    return Asker(ANN, -100, standing, is_host)


@pytest.mark.parametrize("standing", Standing)
@pytest.mark.parametrize("is_host", [False, True])
def test_only_owners_and_admins_with_the_right_may_ask_and_being_host_gives_nothing(
    standing: Standing, is_host: bool
) -> None:
    assert may_ask(ann(standing, is_host=is_host)) == (standing in (Standing.OWNER, Standing.ADMIN))


@pytest.mark.parametrize("name", LINKS)
def test_an_admin_is_shown_the_key_of_own_links_only(name: str) -> None:
    assert may_reveal(ann(Standing.ADMIN), LINKS[name]) == (name in ("asked by ann", "ann's own"))


@pytest.mark.parametrize("name", LINKS)
def test_the_owner_is_shown_every_key(name: str) -> None:
    assert may_reveal(ann(Standing.OWNER), LINKS[name])


@pytest.mark.parametrize("standing", [Standing.POWERLESS, Standing.NOBODY])
@pytest.mark.parametrize("name", LINKS)
def test_who_may_not_ask_is_shown_no_key_and_revokes_nothing(standing: Standing, name: str) -> None:
    asker = ann(standing, is_host=True)
    assert not may_reveal(asker, LINKS[name])
    assert not may_revoke(asker, LINKS[name])


@pytest.mark.parametrize("name", LINKS)
def test_the_bot_revokes_its_own_links_for_those_who_asked_for_them_and_for_the_owner(name: str) -> None:
    assert may_revoke(ann(Standing.ADMIN), LINKS[name]) == (name == "asked by ann")
    owners = ("asked by ann", "asked by bob", "asked by nobody")
    assert may_revoke(ann(Standing.OWNER), LINKS[name]) == (name in owners)


@pytest.mark.parametrize("state", State)
def test_what_is_revoked_or_gone_is_not_revoked_again(state: State) -> None:
    revocable = state in (State.LIVE, State.EXPIRED, State.FULL)
    assert may_revoke(ann(Standing.OWNER), replace(PLAIN, state=state)) == revocable


@pytest.mark.parametrize(
    ("name", "account_role", "who"),
    [
        ("asked by bob", Role.OWNER, (Executor.BOT,)),
        ("bot's primary", None, (Executor.BOT,)),
        ("another bot's", Role.OWNER, (Executor.OTHER_BOT,)),
        ("another bot's", None, (Executor.OTHER_BOT,)),
        ("bob's own", Role.OWNER, (Executor.OWNER_ACCOUNT, Executor.MAKER)),
        ("bob's own", Role.ADMIN, (Executor.MAKER,)),
        ("bob's own", None, (Executor.MAKER,)),
        ("the account's", Role.OWNER, (Executor.ACCOUNT, Executor.MAKER)),
        ("the account's", Role.ADMIN, (Executor.ACCOUNT, Executor.MAKER)),
        ("the account's", Role.POWERLESS, (Executor.MAKER,)),
        ("the account's", Role.OUTSIDE, (Executor.MAKER,)),
    ],
)
def test_who_could_change_a_link_is_named(name: str, account_role: Role | None, who: tuple[Executor, ...]) -> None:
    link = LINKS[name]
    account_id = None if account_role is None else ACCOUNT
    role = account_role or Role.UNKNOWN
    assert executors(link, maker_is_bot=link.creator_id >= BOT, account_id=account_id, account_role=role) == who

"""Who may have what done, and who can do it: every cell of both tables."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from ledger.chats import Grant, Role
from ledger.errands import Act
from ledger.links import Link, State
from ledger.rights import (
    DEEDS,
    AccountHere,
    Asker,
    Deed,
    Executor,
    Maker,
    Standing,
    account_can,
    answers_all,
    by_account,
    deleters,
    executors,
    fits,
    maker_of,
    may_clear,
    may_have,
)

ANN, BOB, ACCOUNT, BOT, OTHER_BOT = 1, 2, 3, 10, 11
ROW = Link(
    id=1, chat_id=-100, number=1, creator_id=BOB, creator="Bob", asked_by=None, asker=None, by_this_bot=False,
    primary=False, approval=False, title="", created=0, edited=None, expires=None, limit=0, joined=0, leavers=0,
    pending=0, state=State.LIVE, first_seen=0, last_seen=0, last_join=None, masked="t.me/+AbC…k9Q", whole=True,
)  # fmt: skip


def link(creator: int, **changed: object) -> Link:
    return replace(ROW, creator_id=creator, by_this_bot=creator == BOT, **changed)  # type: ignore[arg-type]


# product: who may ask. Columns: own, this bot's for another, another person's, another bot's.
LINKS = (link(ANN), link(BOT, asked_by=BOB), link(BOB), link(OTHER_BOT))
A, S, D, N = Grant.ACT, Grant.SEE, Grant.CLEAN, None  # what an admin needs besides his right to invite; N: nothing does
ASKERS: dict[Deed, tuple[object, ...]] = {
    Deed.SEE: (True, S, S, S),
    Deed.JOINERS: (True, S, S, S),
    Deed.CHANGE: (True, A, A, N),
    Deed.DELETE: (True, (A, D), (A, D), N),
    Deed.ANSWER: (True, True, True, True),
}


@pytest.mark.parametrize(("deed", "column"), [*itertools.product(Deed, range(4))])
def test_who_may_have_it_done(deed: Deed, column: int) -> None:
    row, cell = LINKS[column], ASKERS[deed][column]

    def may(standing: Standing, *grants: Grant, **more: bool) -> bool:
        asker = Asker(ANN, -100, standing, is_host=True, grants=frozenset(grants))
        return may_have(asker, deed, row, maker_is_bot=row.creator_id >= BOT, **more)

    assert may(Standing.OWNER)
    assert may(Standing.ADMIN) == (cell is True)
    for grant in Grant:
        enough = cell is True or cell == grant or (isinstance(cell, tuple) and grant in cell)
        assert may(Standing.ADMIN, grant) == enough, grant
        assert not may(Standing.POWERLESS, grant)
        assert not may(Standing.NOBODY, grant)
    tidied = cell is True or (deed in (Deed.CHANGE, Deed.DELETE, Deed.SEE, Deed.JOINERS) and cell is not N)
    assert may(Standing.ADMIN, Grant.CLEAN, tidying=True) == tidied


# product: who can do it. U is the account as plain admin, O as owner.
U, O = Role.ADMIN, Role.OWNER  # noqa: E741
EXECUTORS = {
    Deed.SEE: {Maker.THIS_BOT: {O}, Maker.ACCOUNT: {U, O}, Maker.PERSON: {O}, Maker.OTHER_BOT: {O}},
    Deed.JOINERS: {Maker.THIS_BOT: {O}, Maker.ACCOUNT: {U, O}, Maker.PERSON: {O}, Maker.OTHER_BOT: {O}},
    Deed.CHANGE: {Maker.THIS_BOT: set(), Maker.ACCOUNT: {U, O}, Maker.PERSON: {O}, Maker.OTHER_BOT: set()},
    Deed.DELETE: {Maker.THIS_BOT: {O}, Maker.ACCOUNT: {U, O}, Maker.PERSON: {O}, Maker.OTHER_BOT: {O}},
    Deed.ANSWER: {maker: {U, O} for maker in Maker},
}


@pytest.mark.parametrize(("deed", "maker", "role"), [*itertools.product(Deed, Maker, Role)])
def test_what_the_account_can_do(deed: Deed, maker: Maker, role: Role) -> None:
    assert account_can(deed, maker, role) == (role in EXECUTORS[deed][maker])


MAKERS = {Maker.THIS_BOT: BOT, Maker.ACCOUNT: ACCOUNT, Maker.PERSON: BOB, Maker.OTHER_BOT: OTHER_BOT}


@pytest.mark.parametrize(("act", "maker", "role"), [*itertools.product(sorted(DEEDS), Maker, Role)])
def test_it_is_the_accounts_where_the_act_fits_it_may_and_it_can(act: Act, maker: Maker, role: Role) -> None:
    owner = Asker(ANN, -100, Standing.OWNER)
    state = State.REVOKED if act == Act.DELETE else State.LIVE
    row = link(MAKERS[maker], primary=act == Act.REPLACE, state=state)
    is_bot = maker in (Maker.THIS_BOT, Maker.OTHER_BOT)
    here = AccountHere(ACCOUNT, role, acts=True)
    assert maker_of(row, here, maker_is_bot=is_bot) == maker
    by_link = act in (Act.WAITING, Act.APPROVE, Act.DECLINE)  # Telegram: its maker's, or any for the owner
    expected = act != Act.CLEAR and role in EXECUTORS[Deed.JOINERS if by_link else DEEDS[act]][maker]
    assert by_account(act, owner, row, here, maker_is_bot=is_bot) == expected
    reads = act in (Act.JOINERS, Act.WAITING)
    only_reads = AccountHere(ACCOUNT, role, acts=False)
    assert by_account(act, owner, row, only_reads, maker_is_bot=is_bot) == (expected and reads)
    assert not by_account(act, owner, row, AccountHere(), maker_is_bot=is_bot)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("standing", Standing)
def test_all_of_the_chat_are_answered_for_any_admin_by_any_admins_account_that_acts(
    role: Role, standing: Standing
) -> None:
    meant = role in (Role.ADMIN, Role.OWNER) and standing in (Standing.ADMIN, Standing.OWNER)
    assert answers_all(Asker(ANN, -100, standing), AccountHere(ACCOUNT, role, acts=True)) == meant
    assert not answers_all(Asker(ANN, -100, standing), AccountHere(ACCOUNT, role))


@pytest.mark.parametrize("state", State)
def test_each_act_has_its_kind_and_state_of_link(state: State) -> None:
    plain, primary, cut = link(BOB, state=state), link(BOB, state=state, primary=True), link(BOB, whole=False)
    unrevoked = state not in (State.REVOKED, State.GONE)
    assert fits(Act.EDIT, plain) == fits(Act.REVOKE, plain) == fits(Act.APPROVE, plain) == unrevoked
    assert not fits(Act.EDIT, primary)
    assert fits(Act.REPLACE, primary) == (state == State.LIVE)
    assert not fits(Act.REPLACE, plain)
    assert fits(Act.DELETE, plain) == (state == State.REVOKED)
    assert not any(fits(act, cut) for act in Act)


@pytest.mark.parametrize(
    ("asker", "creator", "is_bot", "may"),
    [
        (Asker(ANN, -100, Standing.ADMIN), ANN, False, True),
        (Asker(ANN, -100, Standing.ADMIN), BOB, False, False),
        (Asker(ANN, -100, Standing.ADMIN, grants=frozenset({Grant.CLEAN})), BOB, False, True),
        (Asker(ANN, -100, Standing.ADMIN, grants=frozenset({Grant.ACT})), BOB, False, True),
        (Asker(ANN, -100, Standing.ADMIN, grants=frozenset({Grant.ACT})), OTHER_BOT, True, False),
        (Asker(ANN, -100, Standing.POWERLESS, grants=frozenset(Grant)), ANN, False, False),
        (Asker(ANN, -100, Standing.OWNER), OTHER_BOT, True, True),
    ],
)
def test_who_may_have_all_revoked_links_deleted(asker: Asker, creator: int, is_bot: bool, may: bool) -> None:
    assert may_clear(asker, creator, creator_is_bot=is_bot) == may


def test_the_account_stands_first_among_who_can_change_a_link() -> None:
    owner, admin = Asker(ANN, -100, Standing.OWNER), Asker(ANN, -100, Standing.ADMIN)
    here = AccountHere(ACCOUNT, Role.OWNER, acts=True)

    def who(row: Link, asker: Asker) -> tuple[Executor, ...]:
        return executors(row, asker, maker_is_bot=row.creator_id >= BOT, owner_id=ACCOUNT, account=here)

    assert who(link(BOB), owner) == (Executor.ACCOUNT, Executor.YOU, Executor.MAKER)
    assert who(link(BOB), admin) == (Executor.MAKER, Executor.OWNER)
    assert who(link(ANN), admin) == (Executor.ACCOUNT, Executor.YOU, Executor.OWNER)
    assert who(link(OTHER_BOT), owner) == (Executor.OTHER_BOT,)
    assert who(link(BOT), owner) == (Executor.BOT,)


@pytest.mark.parametrize(
    ("row", "by_owner", "by_admin"),
    [
        (link(BOT, asked_by=ANN), (Executor.YOU,), (Executor.OWNER,)),
        (link(OTHER_BOT), (Executor.YOU,), (Executor.OWNER,)),
        (link(BOB), (Executor.YOU, Executor.MAKER), (Executor.MAKER, Executor.OWNER)),
        (link(BOB, maker_left=True), (Executor.YOU,), (Executor.OWNER,)),
        (link(ANN), (Executor.YOU, Executor.MAKER), (Executor.YOU, Executor.OWNER)),
    ],
)
def test_in_the_app_a_link_is_deleted_by_its_maker_or_the_owner_and_a_bots_by_the_owner(
    row: Link, by_owner: tuple[Executor, ...], by_admin: tuple[Executor, ...]
) -> None:
    for person, standing, who in ((ACCOUNT, Standing.OWNER, by_owner), (ANN, Standing.ADMIN, by_admin)):
        asker = Asker(person, -100, standing)
        assert deleters(row, asker, maker_is_bot=row.creator_id >= BOT, owner_id=None) == who

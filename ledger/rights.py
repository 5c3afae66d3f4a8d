"""Who may have what done with a link, and who can do it: both tables, pure. The bot asks them before it offers
an act, the account again just before it acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ledger.chats import Grant, Role
from ledger.errands import Act
from ledger.links import UNREVOKED, Link, State

NONE: frozenset[Grant] = frozenset()


class Standing(StrEnum):
    OWNER = "owner"
    ADMIN = "admin"  # with can_invite_users
    POWERLESS = "powerless"  # an admin without it
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Asker:
    """`grants` are what the chat's owner allowed this admin besides his own links; an owner needs none, and
    to anyone who may not ask they give nothing."""

    person_id: int
    chat_id: int
    standing: Standing
    is_host: bool = False
    grants: frozenset[Grant] = NONE


class Deed(StrEnum):
    """A row of both tables. CHANGE is edit, revoke and replace; ANSWER is answering join requests."""

    SEE = "see"  # the whole link
    JOINERS = "joiners"
    CHANGE = "change"
    DELETE = "delete"
    ANSWER = "answer"


class Maker(StrEnum):
    """A column of the executors' table: whose link it is."""

    THIS_BOT = "this-bot"
    ACCOUNT = "account"
    PERSON = "person"
    OTHER_BOT = "other-bot"


class Executor(StrEnum):
    """Who could do something with a link."""

    BOT = "bot"  # this bot, here and now
    ACCOUNT = "account"  # the signed-in account, asked by an errand
    YOU = "you"  # the asker, in the app
    MAKER = "maker"  # its maker, in the app
    OWNER = "owner"  # the chat's owner, in the app
    OTHER_BOT = "other-bot"  # only that bot: Telegram refuses everyone else


@dataclass(frozen=True, slots=True)
class AccountHere:
    """The account in one chat. `acts`: somebody is signed in, ACCOUNT_MODE and the host let it change links here."""

    person_id: int | None = None
    role: Role = Role.UNKNOWN
    acts: bool = False


NO_ACCOUNT = AccountHere()

DEEDS: Mapping[Act, Deed] = {
    Act.JOINERS: Deed.JOINERS,
    Act.WAITING: Deed.ANSWER,
    Act.EDIT: Deed.CHANGE,
    Act.REVOKE: Deed.CHANGE,
    Act.REPLACE: Deed.CHANGE,
    Act.DELETE: Deed.DELETE,
    Act.CLEAR: Deed.DELETE,
    Act.APPROVE: Deed.ANSWER,
    Act.DECLINE: Deed.ANSWER,
}

# What the account needs to be in the chat; a plain admin reaches his own links only, and Telegram refuses even
# the owner a change of a bot's link (EDIT_BOT_INVITE_FORBIDDEN).
_NEEDS: Mapping[Deed, Mapping[Maker, frozenset[Role]]] = {
    deed: {
        Maker.THIS_BOT: frozenset() if deed == Deed.CHANGE else frozenset({Role.OWNER}),
        Maker.ACCOUNT: frozenset({Role.ADMIN, Role.OWNER}),
        Maker.PERSON: frozenset({Role.OWNER}),
        Maker.OTHER_BOT: frozenset() if deed == Deed.CHANGE else frozenset({Role.OWNER}),
    }
    for deed in (Deed.SEE, Deed.JOINERS, Deed.CHANGE, Deed.DELETE)
} | {Deed.ANSWER: dict.fromkeys(Maker, frozenset({Role.ADMIN, Role.OWNER}))}

# Asked for by a link, who waits is for who reaches that link: its maker and the owner. Without one any admin may ask.
_REACHES: Mapping[Act, Deed] = dict.fromkeys((Act.WAITING, Act.APPROVE, Act.DECLINE), Deed.JOINERS)

_GRANTS: Mapping[Deed, frozenset[Grant]] = {
    Deed.SEE: frozenset({Grant.SEE}),
    Deed.JOINERS: frozenset({Grant.SEE}),
    Deed.CHANGE: frozenset({Grant.ACT}),
    Deed.DELETE: frozenset({Grant.ACT, Grant.CLEAN}),
}


def may_ask(asker: Asker) -> bool:
    return asker.standing in (Standing.OWNER, Standing.ADMIN)


def is_own(asker: Asker, link: Link) -> bool:
    """Made by the asker, or by this bot at the asker's wish."""
    return asker.person_id == (link.asked_by if link.by_this_bot else link.creator_id)


def granted(asker: Asker, what: Grant) -> bool:
    return asker.standing == Standing.OWNER or (asker.standing == Standing.ADMIN and what in asker.grants)


def may_have(asker: Asker, deed: Deed, link: Link, *, maker_is_bot: bool = False, tidying: bool = False) -> bool:
    """Whether the asker may have this done with the link, whoever then can do it. Join requests are any admin's
    to answer, as in Telegram. With another bot's link an admin may do nothing but see its row. `tidying`: as
    part of a confirmed tidy-up, which the right to clean up is enough for."""
    if not may_ask(asker):
        return False
    if asker.standing == Standing.OWNER or deed == Deed.ANSWER or is_own(asker, link):
        return True
    if maker_is_bot and not link.by_this_bot and deed in (Deed.CHANGE, Deed.DELETE):
        return False
    enough = _GRANTS[deed] | ({Grant.CLEAN} if tidying else NONE)
    return bool(enough & asker.grants)


def may_clear(asker: Asker, creator_id: int, *, creator_is_bot: bool = False) -> bool:
    """Whether the asker may have all revoked links of this creator deleted."""
    if not may_ask(asker):
        return False
    if asker.standing == Standing.OWNER or asker.person_id == creator_id:
        return True
    return not creator_is_bot and bool(_GRANTS[Deed.DELETE] & asker.grants)


def maker_of(link: Link, account: AccountHere, *, maker_is_bot: bool) -> Maker:
    if link.by_this_bot:
        return Maker.THIS_BOT
    if link.creator_id == account.person_id:
        return Maker.ACCOUNT
    return Maker.OTHER_BOT if maker_is_bot else Maker.PERSON


def account_can(deed: Deed, maker: Maker, role: Role) -> bool:
    """Whether Telegram lets an account of that role do it with a link of that maker."""
    return role in _NEEDS[deed][maker]


def fits(act: Act, link: Link) -> bool:
    """Whether the link is of the kind and in the state that the act is for."""
    match act:
        case Act.EDIT | Act.REVOKE:
            return link.whole and not link.primary and link.state in UNREVOKED
        case Act.REPLACE:
            return link.whole and link.primary and link.state == State.LIVE
        case Act.DELETE:
            return link.whole and link.state == State.REVOKED
        case Act.JOINERS:
            return link.whole and link.state != State.GONE
        case Act.WAITING | Act.APPROVE | Act.DECLINE:
            return link.whole and link.state in UNREVOKED
    return False


def by_account(
    act: Act, asker: Asker, link: Link, account: AccountHere, *, maker_is_bot: bool, tidying: bool = False
) -> bool:
    """Whether the account does this for the asker: the act exists for this link, he may have it done, and the
    account can. `tidying` as for `may_have`."""
    deed = DEEDS[act]
    reads = act in (Act.JOINERS, Act.WAITING) and account.person_id is not None
    return (
        (account.acts or reads)
        and fits(act, link)
        and may_have(asker, deed, link, maker_is_bot=maker_is_bot, tidying=tidying)
        and account_can(_REACHES.get(act, deed), maker_of(link, account, maker_is_bot=maker_is_bot), account.role)
    )


def reads_waiting(asker: Asker, account: AccountHere) -> bool:
    """Whether the account reads for the asker who waits in the whole chat: any admin may ask, any admin may read."""
    return may_ask(asker) and account.person_id is not None and account.role in (Role.ADMIN, Role.OWNER)


def answers_all(asker: Asker, account: AccountHere) -> bool:
    """Whether the account answers for the asker all who wait in the whole chat: where no link is named Telegram lets
    any admin do it."""
    return account.acts and reads_waiting(asker, account)


def executors(
    link: Link, asker: Asker, *, maker_is_bot: bool, owner_id: int | None, account: AccountHere = NO_ACCOUNT
) -> tuple[Executor, ...]:
    """Who could edit or revoke the link (replace it, where it is another's primary), nearest first; nobody where
    it is this bot's primary, which always stands. `owner_id` is None where nobody told it."""
    if link.by_this_bot:
        return () if link.primary else (Executor.BOT,)
    if maker_is_bot:
        return (Executor.OTHER_BOT,)
    act = Act.REPLACE if link.primary else Act.EDIT
    accounts = (Executor.ACCOUNT,) if by_account(act, asker, link, account, maker_is_bot=False) else ()
    asker_may = asker.person_id == link.creator_id or asker.standing == Standing.OWNER
    yours = (Executor.YOU,) if asker_may else ()
    makers = (Executor.MAKER,) if asker.person_id != link.creator_id and not link.maker_left else ()
    owners = (Executor.OWNER,) if asker.standing != Standing.OWNER and link.creator_id != owner_id else ()
    return accounts + yours + makers + owners


def deleters(link: Link, asker: Asker, *, maker_is_bot: bool, owner_id: int | None) -> tuple[Executor, ...]:
    """Who could delete the link in the app once it is revoked, nearest first: of a bot's link the chat's owner alone,
    as no bot deletes. `owner_id` as for `executors`."""
    if link.by_this_bot or maker_is_bot:
        return (Executor.YOU if asker.standing == Standing.OWNER else Executor.OWNER,)
    return executors(link, asker, maker_is_bot=False, owner_id=owner_id)

"""Who may ask, reveal, change, replace and settle, and who could: every cell of the tables; and how Telegram
and the ledger are asked for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware
from aiogram.methods import GetChatMember, TelegramMethod

from bot.access import (
    ANONYMOUS,
    Asker,
    Executor,
    Standing,
    executors,
    may_ask,
    may_change,
    may_replace,
    may_reveal,
    may_revoke,
    may_settle,
)
from bot.errors import AnonymousAdmin, BotPowerless, NoInviteRight, NotAdmin, Unserved
from ledger.chats import Grant, SeenChat
from ledger.links import Link, State
from sandbox.chats import Kind, Rights, Status
from tests.bot.conftest import Club, RunningBot
from tests.bot.desks import desk_beside

ANN, BOB, BOT, OTHER_BOT, OWNER = 1, 2, 10, 11, 3
PLAIN = Link(
    id=1, chat_id=-100, number=1, creator_id=BOT, creator="Ledger", asked_by=ANN, asker="Ann", by_this_bot=True,
    primary=False, approval=False, title="", created=0, edited=None, expires=None, limit=0, joined=0, leavers=0,
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
    "the owner's": replace(PLAIN, creator_id=OWNER, asked_by=None, by_this_bot=False),
    "who left": replace(PLAIN, creator_id=BOB, asked_by=None, by_this_bot=False, maker_left=True),
}


def ann(standing: Standing, *grants: Grant, is_host: bool = False) -> Asker:
    return Asker(ANN, -100, standing, is_host, frozenset(grants))


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
    asker = ann(standing, *Grant, is_host=True)
    assert not may_settle(asker)
    for may in (may_reveal, may_change, may_revoke, may_replace):
        assert not may(asker, LINKS[name])


@pytest.mark.parametrize("name", LINKS)
@pytest.mark.parametrize("grant", Grant)
def test_each_grant_gives_its_own_and_nothing_else(grant: Grant, name: str) -> None:
    asker, without = ann(Standing.ADMIN, grant), ann(Standing.ADMIN)
    assert may_reveal(asker, LINKS[name]) == (grant == Grant.SEE or may_reveal(without, LINKS[name]))
    changes = may_change(ann(Standing.OWNER), LINKS[name]) if grant == Grant.ACT else may_change(without, LINKS[name])
    assert may_change(asker, LINKS[name]) == changes
    assert may_replace(asker, LINKS[name]) == (grant == Grant.ACT and name == "bot's primary")
    assert not may_settle(asker)


@pytest.mark.parametrize("name", LINKS)
@pytest.mark.parametrize("may", [may_change, may_revoke])
def test_the_bot_changes_its_own_links_for_those_who_asked_for_them_and_for_the_owner(
    name: str, may: Callable[[Asker, Link], bool]
) -> None:
    assert may(ann(Standing.ADMIN), LINKS[name]) == (name == "asked by ann")
    owners = ("asked by ann", "asked by bob", "asked by nobody")
    assert may(ann(Standing.OWNER), LINKS[name]) == (name in owners)


@pytest.mark.parametrize("name", LINKS)
def test_only_the_bots_own_primary_is_replaced_and_only_for_the_owner(name: str) -> None:
    assert may_replace(ann(Standing.OWNER), LINKS[name]) == (name == "bot's primary")
    assert not may_replace(ann(Standing.ADMIN), LINKS[name])


def test_only_the_owner_settles() -> None:
    assert [standing for standing in Standing if may_settle(ann(standing, is_host=True))] == [Standing.OWNER]


@pytest.mark.parametrize("state", State)
def test_what_is_revoked_or_gone_is_not_revoked_again(state: State) -> None:
    revocable = state in (State.LIVE, State.EXPIRED, State.FULL)
    assert may_revoke(ann(Standing.OWNER), replace(PLAIN, state=state)) == revocable
    assert may_replace(ann(Standing.OWNER), replace(PLAIN, primary=True, state=state)) == (state == State.LIVE)


@pytest.mark.parametrize(
    ("name", "standing", "who"),
    [
        ("asked by bob", Standing.ADMIN, (Executor.BOT,)),
        ("bot's primary", Standing.OWNER, ()),
        ("another bot's", Standing.OWNER, (Executor.OTHER_BOT,)),
        ("ann's own", Standing.ADMIN, (Executor.YOU, Executor.OWNER)),
        ("ann's own", Standing.OWNER, (Executor.YOU,)),
        ("bob's own", Standing.ADMIN, (Executor.MAKER, Executor.OWNER)),
        ("bob's own", Standing.OWNER, (Executor.YOU, Executor.MAKER)),
        ("the owner's", Standing.ADMIN, (Executor.MAKER,)),
        ("who left", Standing.ADMIN, (Executor.OWNER,)),
        ("who left", Standing.OWNER, (Executor.YOU,)),
    ],
)
def test_who_could_change_a_link_is_named(name: str, standing: Standing, who: tuple[Executor, ...]) -> None:
    link = LINKS[name]
    assert executors(link, ann(standing), maker_is_bot=link.creator_id >= BOT, owner_id=OWNER) == who


async def test_standings_are_telegrams(club: Club, bot: RunningBot) -> None:
    await club.vera.promotes(club.bob.person, in_=club.chat, rights=Rights(invite_users=False))
    people = {club.vera: Standing.OWNER, club.ann: Standing.ADMIN, club.bob: Standing.POWERLESS}
    people |= {club.max: Standing.NOBODY, club.kim: Standing.NOBODY}
    async with desk_beside(club, bot) as desk:
        for who, standing in people.items():
            asker = await desk.access.asker(club.chat.id, who.person.id)
            assert (asker.standing, asker.is_host) == (standing, who is club.vera)
        with pytest.raises(NoInviteRight):
            await desk.access.admit(club.chat.id, club.bob.person.id)
        with pytest.raises(NotAdmin):
            await desk.access.admit(club.chat.id, club.max.person.id)
        with pytest.raises(AnonymousAdmin):
            await desk.access.admit(club.chat.id, min(ANONYMOUS))


async def test_a_standing_is_kept_for_reading_and_never_for_acting(club: Club, bot: RunningBot) -> None:
    async with desk_beside(club, bot) as desk:
        await desk.access.admit(club.chat.id, club.ann.person.id)
        await club.vera.demotes(club.ann.person, in_=club.chat)
        await desk.access.admit(club.chat.id, club.ann.person.id)
        with pytest.raises(NotAdmin):
            await desk.access.admit(club.chat.id, club.ann.person.id, fresh=True)
        with pytest.raises(NotAdmin):
            await desk.access.admit(club.chat.id, club.ann.person.id)


async def test_what_the_owner_granted_is_known_at_once_for_acting_and_ends_with_the_admins_standing(
    club: Club, bot: RunningBot
) -> None:
    chats, ann_id = bot.ledger.chats, club.ann.person.id
    async with desk_beside(club, bot) as desk:
        assert not (await desk.access.admit(club.chat.id, ann_id)).grants
        await chats.grant(club.chat.id, ann_id, Grant.SEE, on=True, by=club.vera.person.id)
        assert (await desk.access.admit(club.chat.id, ann_id, fresh=True)).grants == {Grant.SEE}
    await club.vera.demotes(club.ann.person, in_=club.chat)

    async def ended() -> bool:
        return not await chats.grants_of(club.chat.id, ann_id)

    await bot.until(ended)
    await club.vera.promotes(club.ann.person, in_=club.chat)
    async with desk_beside(club, bot) as desk:
        assert not (await desk.access.admit(club.chat.id, ann_id, fresh=True)).grants


async def test_a_demotion_told_while_telegram_is_asked_is_not_forgotten_over_its_answer(
    club: Club, bot: RunningBot
) -> None:
    chat_id, ann_id = club.chat.id, club.ann.person.id
    async with desk_beside(club, bot) as desk:

        class DemotedMeanwhile(BaseRequestMiddleware):
            async def __call__(self, make_request: Any, bot: Bot, method: TelegramMethod[Any]) -> Any:
                answer = await make_request(bot, method)
                if isinstance(method, GetChatMember) and club.chat.members[ann_id].status == Status.ADMINISTRATOR:
                    await club.vera.demotes(club.ann.person, in_=club.chat)
                    desk.access.forget(chat_id, ann_id)
                return answer

        desk.bot.session.middleware(DemotedMeanwhile())
        assert may_ask(await desk.access.asker(chat_id, ann_id))
        assert not may_ask(await desk.access.asker(chat_id, ann_id))


async def test_a_new_owner_inherits_no_grants(club: Club, bot: RunningBot) -> None:
    chats = bot.ledger.chats
    await chats.grant(club.chat.id, club.ann.person.id, Grant.ACT, on=True, by=club.vera.person.id)
    await club.vera.hands_over(club.chat, to=club.bob.person)

    async def ended() -> bool:
        return not await chats.grants(club.chat.id)

    await bot.until(ended)
    async with desk_beside(club, bot) as desk:
        assert may_settle(await desk.access.asker(club.chat.id, club.bob.person.id))


async def test_the_old_id_of_a_group_leads_to_the_supergroup_it_is_now(club: Club, bot: RunningBot) -> None:
    group = club.telegram.world.add_chat("Go club", club.vera.person, kind=Kind.GROUP)
    await bot.serves(club, group, owner=club.vera)
    now = await club.vera.upgrades(group)

    async def moved() -> bool:
        return await bot.ledger.chats.now(group.id) == now.id

    await bot.until(moved)
    async with desk_beside(club, bot) as desk:
        assert (await desk.access.admit(group.id, club.vera.person.id)).chat_id == now.id


async def test_nothing_is_told_of_a_chat_that_is_not_served_or_that_the_bot_has_left(
    club: Club, bot: RunningBot
) -> None:
    other = club.telegram.world.add_chat("Go club", club.vera.person)
    async with desk_beside(club, bot) as desk:
        await bot.ledger.chats.saw(SeenChat(other.id, other.title, "supergroup"))
        with pytest.raises(Unserved):
            await desk.access.admit(other.id, club.vera.person.id)
        await bot.ledger.chats.saw(SeenChat(other.id, other.title, "supergroup"), trusted=True)
        with pytest.raises(BotPowerless):
            await desk.access.admit(other.id, club.vera.person.id)
        assert [chat.title for chat in await desk.access.chats_of(club.vera.person.id)] == ["Chess club"]

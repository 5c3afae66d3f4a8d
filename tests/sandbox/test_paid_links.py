"""Links that ask Stars for a month, and what a member limit counts, on both faces."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from telethon.tl import TLObject, functions, types

from sandbox.chats import Chat, Kind, Person, Refusal
from sandbox.people import Actor
from tests.sandbox.mtproto_club import Club
from tests.sandbox.room import Room
from tests.sandbox.stock_aiogram import aiogram

MONTH = 2_592_000
f = functions.messages
of_module = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def club(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Club]:
    async with Club.open(tmp_path_factory.mktemp("telegram")) as club:
        yield club


def exports(club: Club, chat: Chat, period: int = MONTH, price: int = 100) -> TLObject:
    pricing = types.StarsSubscriptionPricing(period, price)
    return f.ExportChatInviteRequest(club.peer(club.ann, chat), title="Fans", subscription_pricing=pricing)


def a_channel(room: Room) -> Chat:
    channel = room.world.add_chat("News", room.olga.person, kind=Kind.CHANNEL)
    room.world.promote(channel, room.bot, by=room.olga.person)
    return channel


@pytest.mark.fact("B-60")
async def test_a_bot_makes_a_paid_link_and_renames_it(room: Room) -> None:
    channel = a_channel(room)
    async with aiogram(room.api, room.bot) as client:
        made = await client.create_chat_subscription_invite_link(channel.id, MONTH, 500, name="Fans")
        named = await client.edit_chat_subscription_invite_link(channel.id, made.invite_link, name="Friends")
    assert (made.subscription_period, made.subscription_price, made.name) == (MONTH, 500, "Fans")
    assert (named.name, named.subscription_price, named.invite_link) == ("Friends", 500, made.invite_link)


@pytest.mark.fact("B-60")
async def test_nothing_but_the_name_of_a_paid_link_changes(room: Room) -> None:
    channel = a_channel(room)
    link = room.world.invites.export(channel, room.bot, period=MONTH, price=5)
    answer = await room.ask("editChatInviteLink", chat_id=channel.id, invite_link=link.link, member_limit=5)
    assert answer == (400, "Bad Request: PRICING_CHAT_INVALID")


async def test_who_pays_is_in_for_a_month_and_who_pays_no_longer_is_out(room: Room) -> None:
    channel = a_channel(room)
    link = room.world.invites.export(channel, room.bot, period=MONTH, price=5)
    await room.updates(None, "chat_member")
    with pytest.raises(Refusal, match="STARS_PAYMENT_REQUIRED"):
        await room.sue.joins(link)
    assert await room.sue.joins(link, pays=True)
    (joined,) = await room.updates()
    assert joined["chat_member"]["new_chat_member"]["until_date"] == int(room.clock.now) + MONTH
    room.clock.now += MONTH
    await room.sue.lapses(channel)
    assert not channel.present(room.sue.person.id)
    assert (link.usage, link.left, link.lapsed) == (1, 1, 1)
    with pytest.raises(Refusal, match="USER_NOT_PARTICIPANT"):
        await room.sue.lapses(channel)


@of_module
@pytest.mark.fact("M-50")
async def test_a_paid_link_says_its_price_and_who_paid_no_longer(club: Club) -> None:
    made = await club.calls(club.ann, exports(club, club.news))
    assert (made.subscription_pricing.period, made.subscription_pricing.amount) == (MONTH, 100)
    seen = await club.calls(club.sue, f.CheckChatInviteRequest(made.link.rpartition("+")[2]))
    assert seen.subscription_pricing.amount == 100
    kim, lee = (Actor(club.world, club.world.add_person(name)) for name in ("Kim", "Lee"))
    for fan in (kim, lee):
        await fan.joins(made.link, pays=True)
    await lee.lapses(club.news)
    renamed = (await club.calls(club.ann, club.edit(club.ann, club.news, made.link, title="Friends"))).invite
    assert (renamed.title, renamed.usage, renamed.subscription_expired) == ("Friends", 2, 1)
    ask = f.GetChatInviteImportersRequest(
        club.peer(club.ann, club.news), None, types.InputUserEmpty(), 100, link=made.link, subscription_expired=True
    )
    assert [it.user_id for it in (await club.calls(club.ann, ask)).importers] == [lee.person.id]


Given = Callable[[Club], tuple[Person, TLObject]]


def _paid(club: Club) -> str:
    return club.world.invites.export(club.news, club.ann, period=MONTH, price=9).link


ERRORS: list[tuple[str, int, str, Given]] = [
    ("in a group", 400, "PRICING_CHAT_INVALID", lambda c: (c.ann, exports(c, c.chess))),
    ("too dear", 400, "PRICING_CHAT_INVALID", lambda c: (c.ann, exports(c, c.news, price=10_001))),
    ("for a week", 400, "SUBSCRIPTION_PERIOD_INVALID", lambda c: (c.ann, exports(c, c.news, period=604_800))),
    ("another end", 400, "PRICING_CHAT_INVALID",
     lambda c: (c.ann, c.edit(c.ann, c.news, _paid(c), expire_date=c.world.now() + 99))),
    ("joining without paying", 400, "STARS_PAYMENT_REQUIRED",
     lambda c: (c.sue, f.ImportChatInviteRequest(_paid(c).rpartition("+")[2]))),
]  # fmt: skip


@of_module
@pytest.mark.fact("M-50")
@pytest.mark.parametrize(("code", "name", "given"), [row[1:] for row in ERRORS], ids=[row[0] for row in ERRORS])
async def test_each_error_is_telegrams(club: Club, code: int, name: str, given: Given) -> None:
    person, request = given(club)
    await club.refuses(person, request, code, name)


@pytest.mark.parametrize("reopen", [True, False])
async def test_a_member_who_leaves_frees_his_place_where_the_world_says_so(room: Room, reopen: bool) -> None:
    room.world.slots_reopen = reopen
    link = await room.ann.makes_link(room.chat, usage_limit=1)
    kim = Actor(room.world, room.world.add_person("Kim"))
    await room.sue.joins(link)
    with pytest.raises(Refusal, match="INVITE_HASH_EXPIRED"):
        await kim.joins(link)
    await room.sue.leaves(room.chat)
    joining: Any = kim.joins(link)
    if reopen:
        assert await joining
        assert link.usage == 2
    else:
        with pytest.raises(Refusal, match="INVITE_HASH_EXPIRED"):
            await joining

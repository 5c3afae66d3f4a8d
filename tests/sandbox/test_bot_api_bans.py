"""Bans over the Bot API: who is out, for how long, and how he comes back."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.chats import Kind, Refusal, Status
from tests.sandbox.room import Room
from tests.sandbox.stock_aiogram import aiogram

DAY = 86_400


@pytest.mark.fact("B-57")
async def test_a_banned_member_is_out_and_no_link_lets_him_in_until_he_is_unbanned(room: Room) -> None:
    link = await room.ann.makes_link(room.chat)
    await room.updates(None, "chat_member")
    async with aiogram(room.api, room.bot) as client:
        assert await client.ban_chat_member(room.chat.id, room.max.person.id, revoke_messages=True)
        with pytest.raises(Refusal, match="CHANNEL_PRIVATE"):
            await room.max.joins(link)
        assert await client.unban_chat_member(room.chat.id, room.max.person.id, only_if_banned=True)
    assert await room.max.joins(link)
    moved = [update["chat_member"]["new_chat_member"] for update in await room.updates()]
    assert [(it["status"], it.get("until_date")) for it in moved] == [("kicked", 0), ("left", None), ("member", None)]
    acts = [(e.kind, e.by, e.what["person"]) for e in room.world.log.effects if "banned" in e.kind]
    assert acts == [(f"member.{kind}", room.bot.id, room.max.person.id) for kind in ("banned", "unbanned")]


@pytest.mark.fact("B-58")
@pytest.mark.parametrize(("after", "until"), [(DAY, DAY), (29, 0), (367 * DAY, 0)])
async def test_a_ban_ends_at_its_date_unless_that_is_too_near_or_too_far(room: Room, after: int, until: int) -> None:
    link = await room.ann.makes_link(room.chat)
    ends, now = int(room.clock.now) + after, int(room.clock.now)
    await room.gives("banChatMember", chat_id=room.chat.id, user_id=room.max.person.id, until_date=ends)
    shown = await room.gives("getChatMember", chat_id=room.chat.id, user_id=room.max.person.id)
    assert (shown["status"], shown["until_date"]) == ("kicked", now + until if until else 0)
    room.clock.now += after
    if until:
        assert room.world.member(room.chat, room.max.person).status == Status.LEFT
        assert await room.max.joins(link)
    else:
        with pytest.raises(Refusal, match="CHANNEL_PRIVATE"):
            await room.max.joins(link)


@pytest.mark.fact("B-59")
async def test_unbanning_a_member_removes_him_unless_only_the_banned_are_meant(room: Room) -> None:
    call: dict[str, Any] = {"chat_id": room.chat.id, "user_id": room.max.person.id}
    await room.gives("unbanChatMember", **call, only_if_banned=True)
    assert room.chat.present(room.max.person.id)
    await room.gives("unbanChatMember", **call)
    assert not room.chat.present(room.max.person.id)
    assert await room.max.joins(await room.ann.makes_link(room.chat))


async def test_a_stranger_can_be_banned_before_he_comes(room: Room) -> None:
    await room.gives("banChatMember", chat_id=room.chat.id, user_id=room.sue.person.id)
    with pytest.raises(Refusal, match="CHANNEL_PRIVATE"):
        await room.sue.joins(await room.ann.makes_link(room.chat))


async def test_a_basic_group_keeps_no_bans(room: Room) -> None:
    group = room.world.add_chat("Parents", room.olga.person, kind=Kind.GROUP)
    room.world.promote(group, room.bot, by=room.olga.person)
    room.world.join(group, room.max.person)
    await room.gives("banChatMember", chat_id=group.id, user_id=room.max.person.id)
    assert room.world.member(group, room.max.person).status == Status.LEFT
    again = await room.ask("banChatMember", chat_id=group.id, user_id=room.max.person.id)
    assert again == (400, "Bad Request: USER_NOT_PARTICIPANT")


async def test_administrators_ban_in_the_app_as_they_may(room: Room) -> None:
    with pytest.raises(Refusal, match="CHAT_ADMIN_REQUIRED"):
        await room.max.bans(room.sue.person, from_=room.chat)
    await room.ann.bans(room.max.person, from_=room.chat)
    assert room.world.member(room.chat, room.max.person).banned_by == room.ann.person.id
    await room.ann.unbans(room.max.person, in_=room.chat)
    assert room.world.member(room.chat, room.max.person).status == Status.LEFT

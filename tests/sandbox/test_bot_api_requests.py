"""Join requests as bots meet them: the update, the answers, and the minutes in which a bot may write."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.chats import Person, Rights
from sandbox.people import Actor
from tests.sandbox.room import Room
from tests.sandbox.stock_aiogram import aiogram

UNASKED = (403, "Forbidden: bot can't initiate conversation with a user")


async def asks_in(room: Room, who: Actor, maker: Person | None = None, bio: str = "") -> Any:
    """The update the bot is owed for it."""
    link = room.world.invites.export(room.chat, maker or room.ann.person, title="Door", request_needed=True)
    await room.updates(None, "chat_join_request", "chat_member")
    assert not await who.joins(link, bio=bio)
    return (await room.updates())[0]["chat_join_request"]


@pytest.mark.fact("U-26")
async def test_a_request_tells_the_bio_and_a_foreign_link_cut(room: Room) -> None:
    told = await asks_in(room, room.sue, bio="I play")
    assert (told["from"]["id"], told["user_chat_id"], told["bio"]) == (room.sue.person.id, room.sue.person.id, "I play")
    link = room.world.requests.waiting(room.chat)[0].link
    assert link
    assert (told["invite_link"]["invite_link"], told["invite_link"]["name"]) == (link.cut, "Door")
    assert told["invite_link"]["pending_join_request_count"] == 1


@pytest.mark.fact("B-55")
@pytest.mark.fact("U-27")
async def test_an_approved_one_joins_by_the_link_and_a_declined_one_does_not(room: Room) -> None:
    await asks_in(room, room.sue)
    kim = Actor(room.world, room.world.add_person("Kim"))
    await asks_in(room, kim)
    async with aiogram(room.api, room.bot) as client:
        assert await client.approve_chat_join_request(room.chat.id, room.sue.person.id)
        assert await client.decline_chat_join_request(room.chat.id, kim.person.id)
    assert (room.chat.present(room.sue.person.id), room.chat.present(kim.person.id)) == (True, False)
    (joined,) = [update["chat_member"] for update in await room.updates()]
    assert (joined["from"]["id"], joined["new_chat_member"]["status"]) == (room.bot.id, "member")
    assert joined["invite_link"]["invite_link"].endswith("...")
    assert "via_join_request" not in joined
    assert [(e.kind, e.by) for e in room.world.log.effects if e.kind.startswith("request.")] == [
        ("request.approved", room.bot.id),
        ("request.declined", room.bot.id),
    ]


async def test_an_approved_request_to_a_public_group_names_no_link(room: Room) -> None:
    room.chat.username, room.chat.asks_approval = "chess_in_public", True
    await room.updates(None, "chat_join_request", "chat_member")
    assert not await room.sue.joins(room.chat)
    await room.gives("approveChatJoinRequest", chat_id=room.chat.id, user_id=room.sue.person.id)
    request, joined = await room.updates()
    assert "invite_link" not in request["chat_join_request"]
    assert joined["chat_member"]["via_join_request"] is True


@pytest.mark.fact("U-11")
async def test_the_bot_may_write_to_who_asks_for_five_minutes(room: Room) -> None:
    sue = room.sue.person
    assert await room.ask("sendMessage", chat_id=sue.id, text="hi") == (400, "Bad Request: chat not found")
    await asks_in(room, room.sue)
    await room.gives("sendMessage", chat_id=sue.id, text="Why do you want in?")
    assert [screen.text for screen in room.sue.sees(room.bot)] == ["Why do you want in?"]
    room.clock.now += 301
    assert await room.ask("sendMessage", chat_id=sue.id, text="Well?") == UNASKED
    await room.sue.starts(room.bot)
    await room.gives("sendMessage", chat_id=sue.id, text="Hello")


@pytest.mark.fact("U-11")
@pytest.mark.parametrize("method", ["approveChatJoinRequest", "declineChatJoinRequest"])
async def test_an_answer_ends_the_minutes(room: Room, method: str) -> None:
    await asks_in(room, room.sue)
    await room.gives("sendMessage", chat_id=room.sue.person.id, text="Wait")
    await room.gives(method, chat_id=room.chat.id, user_id=room.sue.person.id)
    assert await room.ask("sendMessage", chat_id=room.sue.person.id, text="Done") == UNASKED


async def test_a_bot_without_the_right_may_not_write_to_who_asks(room: Room) -> None:
    room.world.promote(room.chat, room.other_bot, by=room.olga.person, rights=Rights(invite_users=False))
    await asks_in(room, room.sue)
    answer = await room.ask("sendMessage", bot=room.other_bot, chat_id=room.sue.person.id, text="hi")
    assert answer == (400, "Bad Request: chat not found")


async def test_whoever_is_banned_while_he_waits_waits_no_longer(room: Room) -> None:
    await asks_in(room, room.sue)
    await room.olga.bans(room.sue.person, from_=room.chat)
    answer = await room.ask("approveChatJoinRequest", chat_id=room.chat.id, user_id=room.sue.person.id)
    assert answer == (400, "Bad Request: HIDE_REQUESTER_MISSING")

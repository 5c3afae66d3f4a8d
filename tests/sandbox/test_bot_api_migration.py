"""A basic group becomes a supergroup: what bots are told, what lives on, and what the old id answers."""

from __future__ import annotations

from typing import Any

import pytest
from aiogram.exceptions import TelegramMigrateToChat

from sandbox.chats import Chat, Kind, Refusal, Rights, Status
from tests.sandbox.room import Room
from tests.sandbox.stock_aiogram import aiogram

BUTTONS = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}


@pytest.fixture
async def group(room: Room) -> Chat:
    """Olga's basic group: Ann and the bot administer it, Max and another bot are members."""
    made = room.world.add_chat("Parents", room.olga.person, kind=Kind.GROUP)
    for admin in (room.ann.person, room.bot):
        room.world.promote(made, admin, by=room.olga.person, rights=Rights(delete_messages=False))
    for member in (room.max.person, room.plain_bot):
        room.world.join(made, member)
    await room.updates()
    await room.updates(room.plain_bot)
    return made


@pytest.mark.fact("B-39")
@pytest.mark.parametrize(
    ("method", "more"),
    [
        ("sendMessage", {"text": "hi"}),
        ("getChat", {}),
        ("getChatMember", {"user_id": "$ann"}),
        ("getChatAdministrators", {}),
        ("editMessageText", {"message_id": 1, "text": "hi"}),
        ("exportChatInviteLink", {}),
        ("leaveChat", {}),
    ],
)
async def test_the_old_id_is_refused_with_the_new_one_by_every_method(
    room: Room, group: Chat, method: str, more: dict[str, Any]
) -> None:
    new = await room.olga.upgrades(group)
    assert group.id > -1_000_000_000_000 > new.id
    given: dict[str, Any] = {name: room.ann.person.id if value == "$ann" else value for name, value in more.items()}
    answer = await room.ask(method, chat_id=group.id, **given)
    assert answer == (400, "Bad Request: group chat was upgraded to a supergroup chat")
    assert (await room.ask(method, chat_id=group.id, bot=room.stray_bot, **given))[1] == "Bad Request: chat not found"


@pytest.mark.fact("B-39")
async def test_aiogram_learns_the_new_id_from_the_refusal(room: Room, group: Chat) -> None:
    new = await room.olga.upgrades(group)
    async with aiogram(room.api, room.bot) as client:
        with pytest.raises(TelegramMigrateToChat) as refused:
            await client.send_message(group.id, "hi")
        assert refused.value.migrate_to_chat_id == new.id
        assert (await client.send_message(refused.value.migrate_to_chat_id, "hi")).chat.type == "supergroup"


@pytest.mark.fact("U-16")
async def test_each_bot_is_told_of_the_new_chat_and_of_the_move_but_not_of_leaving_the_old(
    room: Room, group: Chat
) -> None:
    new = await room.olga.upgrades(group)
    async with aiogram(room.api, room.bot) as client:
        added, left, came = await client.get_updates()
    assert added.my_chat_member
    assert left.message
    assert came.message
    assert left.message.from_user
    assert came.message.from_user
    assert came.message.sender_chat
    changed = added.my_chat_member
    assert (changed.chat.id, changed.old_chat_member.status, changed.new_chat_member.status) == (
        new.id, "left", "administrator",
    )  # fmt: skip
    assert (left.message.chat.id, left.message.migrate_to_chat_id) == (group.id, new.id)
    assert left.message.from_user.id == room.olga.person.id
    assert (came.message.chat.id, came.message.migrate_from_chat_id) == (new.id, group.id)
    assert (came.message.from_user.username, came.message.sender_chat.id) == ("GroupAnonymousBot", new.id)
    assert [next(k for k in update if k != "update_id") for update in await room.updates(room.plain_bot)] == [
        "my_chat_member", "message", "message",
    ]  # fmt: skip


@pytest.mark.fact("B-40")
async def test_links_live_on_under_the_new_chat_with_their_makers_and_counts(room: Room, group: Chat) -> None:
    world = room.world
    named = world.invites.export(group, room.bot, title="Door")
    await room.sue.joins(named)
    dead = await room.ann.makes_link(group, "Old")
    await room.ann.revokes(dead)
    asking = await room.ann.makes_link(group, request_needed=True)
    primary = world.invites.primary(group, room.ann.person)
    before = world.invites.admins_with_invites(group, room.olga.person)
    new = await room.olga.upgrades(group)
    assert sorted(world.invites.admins_with_invites(new, room.olga.person)) == sorted(before)
    assert world.invites.every(group) == []
    assert world.invites.listing(new, room.ann.person, room.ann.person)[1] == [primary, asking]
    assert world.invites.listing(new, room.ann.person, room.ann.person, revoked=True)[1] == [dead]
    assert (named.usage, named.creator_id, new.may_invite(room.bot.id)) == (1, room.bot.id, True)
    edited = await room.gives("editChatInviteLink", chat_id=new.id, invite_link=named.link, name="Gate")
    assert edited["name"] == "Gate"
    assert (await room.gives("getChat", chat_id=new.id))["invite_link"] == world.invites.primary(new, room.bot).link
    kim = world.add_person("Kim")
    assert world.invites.use(kim, named.hash) is new
    assert world.member(new, room.ann.person).rights == Rights(delete_messages=False)


async def test_a_button_in_the_old_group_still_works_and_names_the_old_group(room: Room, group: Chat) -> None:
    room.world.messages.send(group, room.bot, "card", keyboard=BUTTONS)
    new = await room.olga.upgrades(group)
    await room.updates()
    screen = room.max.sees(new)[0]
    assert screen.text == "card"
    room.world.messages.press(room.max.person, screen.message, "go")
    query = (await room.updates())[0]["callback_query"]
    assert query["message"]["chat"]["id"] == group.id
    parameters = {"receiver_user_id": room.max.person.id, "callback_query_id": query["id"]}
    await room.gives("sendMessage", chat_id=new.id, text="psst", ephemeral_message_parameters=parameters)
    await room.gives("answerCallbackQuery", callback_query_id=query["id"])
    assert room.max.sees(new)[-1].text == "psst"


async def test_the_old_group_takes_nothing_new_and_is_upgraded_once(room: Room, group: Chat) -> None:
    for who, why in ((room.ann, "CHAT_ADMIN_REQUIRED"), (room.max, "CHAT_ADMIN_REQUIRED")):
        with pytest.raises(Refusal, match=why):
            await who.upgrades(group)
    said = await room.max.sends("hi", to=group)
    new = await room.olga.upgrades(group)
    for act in (
        room.max.sends("hello", to=group),
        room.max.edits(said, "hi!"),
        room.ann.makes_link(group),
        room.olga.promotes(room.max.person, in_=group),
        room.max.leaves(group),
        room.olga.upgrades(group),
        room.olga.upgrades(new),
    ):
        with pytest.raises(Refusal, match="CHAT_ID_INVALID"):
            await act
    await room.max.leaves(new)
    assert room.world.member(new, room.max.person).status == Status.LEFT

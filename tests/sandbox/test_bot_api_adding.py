"""How a bot comes into chats and learns which is meant: add-links, buttons that ask for a chat, getChat."""

from __future__ import annotations

from typing import Any

import pytest
from aiogram.types import (
    ChatAdministratorRights,
    KeyboardButton,
    KeyboardButtonRequestChat,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)

from sandbox.chats import Kind, Refusal, Rights, Status
from sandbox.people import NothingCame
from tests.sandbox.room import Room
from tests.sandbox.stock_aiogram import aiogram

INVITING = ChatAdministratorRights(
    **{name: name == "can_invite_users" for name in ChatAdministratorRights.model_fields}
)
PICK = {"request_id": 7, "chat_is_channel": False}


def asks(request: dict[str, Any]) -> dict[str, Any]:
    keyboard = {"keyboard": [[{"text": "Another chat…", "request_chat": request}, "Later"]], "resize_keyboard": True}
    return {"text": "which?", "reply_markup": keyboard}


async def asked(room: Room, **request: Any) -> None:
    await room.gives("sendMessage", chat_id=room.ann.person.id, **asks(PICK | request))


# add-links


@pytest.mark.fact("B-46")
async def test_an_add_link_adds_the_bot_with_the_rights_it_names(room: Room) -> None:
    lab = room.world.add_chat("Lab", room.olga.person)
    link = f"https://t.me/{room.bot.username}?startgroup&admin=invite_users+delete_messages"
    assert await room.olga.opens(link, in_=lab) is None
    member = await room.gives("getChatMember", chat_id=lab.id, user_id=room.bot.id)
    held = {name for name, given in member.items() if given is True}
    assert held == {"can_manage_chat", "can_invite_users", "can_delete_messages"}
    news = room.world.add_chat("News", room.olga.person, kind=Kind.CHANNEL)
    await room.olga.opens(f"https://t.me/{room.bot.username}?startchannel&admin=invite_users", in_=news)
    assert news.members[room.bot.id].rights == Rights(**dict.fromkeys(
        ("delete_messages", "restrict_members", "change_info", "pin_messages", "post_messages"), False
    ))  # fmt: skip


@pytest.mark.fact("B-46")
async def test_a_payload_is_written_into_the_group(room: Room) -> None:
    lab = room.world.add_chat("Lab", room.olga.person)
    await room.olga.opens(f"https://t.me/{room.bot.username}?startgroup=x1", in_=lab)
    assert room.world.member(lab, room.bot).status == Status.MEMBER
    await room.olga.opens(f"https://t.me/{room.bot.username}?startgroup=x2", in_=lab)
    said = [update["message"]["text"] for update in await room.updates() if "text" in update.get("message", {})]
    assert said == [f"/start@{room.bot.username} {payload}" for payload in ("x1", "x2")]


async def test_nobody_adds_a_bot_where_it_cannot_be_added(room: Room) -> None:
    world = room.world
    news = world.add_chat("News", room.olga.person, kind=Kind.CHANNEL)
    link = f"https://t.me/{room.stray_bot.username}?startgroup"
    for where in (None, news):
        with pytest.raises(NothingCame, match="asks for a chat of another kind"):
            await room.olga.opens(link, in_=where)
    refused = [
        ("CHAT_ADMIN_REQUIRED", room.max.adds(room.stray_bot, to=room.chat, rights=Rights())),
        ("CHAT_ADMIN_REQUIRED", room.sue.adds(room.stray_bot, to=room.chat)),
        ("USER_BOT", room.olga.adds(room.stray_bot, to=news)),
        ("USER_ALREADY_PARTICIPANT", room.max.adds(room.bot, to=room.chat)),
    ]
    for why, act in refused:
        with pytest.raises(Refusal, match=why):
            await act
    room.stray_bot.joins_groups = False
    assert (await room.gives("getMe", bot=room.stray_bot))["can_join_groups"] is False
    with pytest.raises(Refusal, match="BOT_GROUPS_BLOCKED"):
        await room.max.adds(room.stray_bot, to=room.chat)


# buttons that ask for a chat


@pytest.mark.fact("B-43")
async def test_a_picked_chat_comes_as_a_service_message(room: Room) -> None:
    square = room.world.add_chat("Square", room.ann.person, username="the_square")
    markup = ReplyKeyboardMarkup(
        keyboard=[[KeyboardButton(text="Another chat…", request_chat=KeyboardButtonRequestChat(
            request_id=7, chat_is_channel=False, request_title=True, request_username=True,
            bot_administrator_rights=INVITING,
        ))]]
    )  # fmt: skip
    async with aiogram(room.api, room.bot) as client:
        await client.send_message(room.ann.person.id, "which?", reply_markup=markup)
        assert (await room.ann.reads(in_=room.bot)).labels == ["Another chat…"]
        await room.ann.shares_chat("Another", square, in_=room.bot)
        shared = (await client.get_updates())[-1].message
        assert shared
        assert shared.chat_shared
        assert shared.from_user
        assert shared.chat_shared.model_dump(exclude_none=True) == {
            "request_id": 7, "chat_id": square.id, "title": "Square", "username": "the_square",
        }  # fmt: skip
        assert shared.from_user.id == room.ann.person.id
        assert square.members[room.bot.id].rights.invite_users
        assert not square.members[room.bot.id].rights.delete_messages
        await client.send_message(room.ann.person.id, "done", reply_markup=ReplyKeyboardRemove())
    with pytest.raises(NothingCame, match="sees no button"):
        await room.ann.shares_chat("Another", square, in_=room.bot)


@pytest.mark.fact("B-43")
async def test_the_app_offers_only_chats_that_fit_the_request(room: Room) -> None:
    room.world.change_owner(room.chat, room.sue.person)
    room.world.promote(room.chat, room.ann.person, by=room.sue.person, rights=Rights(change_info=False))
    unfit: list[dict[str, Any]] = [
        {"chat_is_channel": True},
        {"chat_is_forum": True},
        {"chat_has_username": True},
        {"chat_is_created": True},
        {"user_administrator_rights": {"can_change_info": True}},
    ]
    for request in unfit:
        await asked(room, **request)
        with pytest.raises(NothingCame, match="does not offer Chess to Ann"):
            await room.ann.shares_chat("Another", room.chat)
    await asked(room, user_administrator_rights={"can_invite_users": True}, bot_is_member=True)
    await room.ann.shares_chat("Another", room.chat)
    for made in (room.world.add_chat("Elsewhere", room.sue.person), room.world.add_chat("Own", room.ann.person)):
        with pytest.raises(NothingCame, match="does not offer"):
            await room.ann.shares_chat("Another", made)
    shared = [update["message"] for update in await room.updates() if "message" in update][-1]["chat_shared"]
    assert shared == {"request_id": 7, "chat_id": room.chat.id}


@pytest.mark.fact("B-43")
@pytest.mark.parametrize(
    ("where", "request_", "why"),
    [
        ("$chat", PICK, "chats can be requested in private chats only"),
        ("$ann", {"request_id": 1}, "can't parse keyboard button: KeyboardButtonRequestChat must be an Object"),
        ("$ann", {"chat_is_channel": True}, "can't parse keyboard button: KeyboardButtonRequestChat must be an Object"),
    ],
)
async def test_a_wrong_request_is_refused(room: Room, where: str, request_: dict[str, Any], why: str) -> None:
    answer = await room.ask("sendMessage", chat_id=room.names()[where], **asks(request_))
    assert answer == (400, f"Bad Request: {why}")


@pytest.mark.parametrize(
    ("keyboard", "why"),
    [
        ("rows", 'field "keyboard" must be of type Array of Arrays'),
        ([[1]], "can't parse keyboard button: KeyboardButton must be an Object"),
        ([[{"text": " "}]], "keyboard button text must be non-empty"),
    ],
)
async def test_a_wrong_reply_keyboard_is_refused(room: Room, keyboard: Any, why: str) -> None:
    answer = await room.ask("sendMessage", chat_id=room.ann.person.id, text="x", reply_markup={"keyboard": keyboard})
    assert answer == (400, f"Bad Request: {why}")


async def test_a_reply_keyboards_button_writes_its_text(room: Room) -> None:
    await asked(room)
    await room.ann.presses("Later", in_=room.bot)
    assert (await room.updates())[-1]["message"]["text"] == "Later"
    room.world.messages.send(room.chat, room.bot, "card", keyboard={"inline_keyboard": [[
        {"text": "Go", "callback_data": "go"}
    ]]})  # fmt: skip
    with pytest.raises(NothingCame, match="asks for no chat"):
        await room.ann.shares_chat("Go", room.chat)


# what is told of a chat


@pytest.mark.fact("B-42")
async def test_a_channel_and_its_discussion_group_name_each_other(room: Room) -> None:
    news = room.world.add_chat("News", room.olga.person, kind=Kind.CHANNEL, username="chess_news")
    room.world.promote(news, room.bot, by=room.olga.person)
    async with aiogram(room.api, room.bot) as client:
        assert (await client.get_chat(room.chat.id)).linked_chat_id is None
        await room.olga.links_discussion(news, room.chat)
        channel, group = await client.get_chat("@chess_news"), await client.get_chat(room.chat.id)
    assert (channel.linked_chat_id, group.linked_chat_id) == (room.chat.id, news.id)
    assert (channel.active_usernames, channel.permissions) == (["chess_news"], None)
    assert group.permissions
    other = room.world.add_chat("Talk", room.olga.person)
    await room.olga.links_discussion(news, other)
    assert (room.chat.linked_chat_id, news.linked_chat_id) == (None, other.id)
    await room.olga.links_discussion(news, None)
    assert (other.linked_chat_id, news.linked_chat_id) == (None, None)


async def test_only_a_channel_and_a_supergroup_of_ones_own_are_linked(room: Room) -> None:
    world = room.world
    news = world.add_chat("News", room.olga.person, kind=Kind.CHANNEL)
    basic = world.add_chat("Parents", room.olga.person, kind=Kind.GROUP)
    for why, act in (
        ("BROADCAST_ID_INVALID", room.olga.links_discussion(room.chat, room.chat)),
        ("MEGAGROUP_ID_INVALID", room.olga.links_discussion(news, basic)),
        ("CHAT_ADMIN_REQUIRED", room.ann.links_discussion(news, room.chat)),
    ):
        with pytest.raises(Refusal, match=why):
            await act

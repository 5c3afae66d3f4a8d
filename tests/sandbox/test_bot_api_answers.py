"""What the Bot API's methods do and answer, read by the stock aiogram client."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiogram import Bot
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    ChatMemberAdministrator,
    ChatMemberLeft,
    ChatMemberMember,
    ChatMemberOwner,
    EphemeralMessageParameters,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
    MessageEntity,
    ReplyParameters,
)

from sandbox.chats import Kind
from tests.sandbox.room import Room
from tests.sandbox.stock_aiogram import aiogram

KEYBOARD = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Go", callback_data="go")]])


@pytest.fixture
async def bot(room: Room) -> AsyncIterator[Bot]:
    async with aiogram(room.api, room.bot) as client:
        yield client


async def test_a_bot_knows_itself_and_its_chats(room: Room, bot: Bot) -> None:
    assert (await bot.get_me()).username == room.bot.username
    assert (await bot.get_chat(room.chat.id)).title == "Chess"
    assert (await bot.get_chat(room.ann.person.id)).first_name == "Ann"
    assert await bot.get_chat_member_count(room.chat.id) == 6


async def test_a_public_chat_is_found_by_its_username_from_outside(room: Room, bot: Bot) -> None:
    room.world.add_chat("Square", room.olga.person, username="the_square")
    assert (await bot.get_chat("@the_square")).active_usernames == ["the_square"]


async def test_every_state_of_a_member_is_told(room: Room, bot: Bot) -> None:
    found = [
        await bot.get_chat_member(room.chat.id, who.person.id) for who in (room.olga, room.ann, room.max, room.sue)
    ]
    assert [type(member) for member in found] == [
        ChatMemberOwner, ChatMemberAdministrator, ChatMemberMember, ChatMemberLeft,
    ]  # fmt: skip
    await room.olga.removes(room.max.person, from_=room.chat, ban=True)
    assert (await bot.get_chat_member(room.chat.id, room.max.person.id)).status == "kicked"


@pytest.mark.fact("B-37")
async def test_other_bots_are_administrators_only_when_asked_for(room: Room, bot: Bot) -> None:
    people = {member.user.id for member in await bot.get_chat_administrators(room.chat.id)}
    every = {member.user.id for member in await bot.get_chat_administrators(room.chat.id, return_bots=True)}
    assert people == {room.olga.person.id, room.ann.person.id, room.bot.id}
    assert every - people == {room.other_bot.id}


async def test_a_bot_that_left_is_out(room: Room, bot: Bot) -> None:
    assert await bot.leave_chat(room.chat.id)
    assert not room.chat.present(room.bot.id)


@pytest.mark.fact("B-36")
async def test_menus_are_kept_by_scope_and_say_which_commands_are_ephemeral(room: Room, bot: Bot) -> None:
    scope = BotCommandScopeAllGroupChats()
    await bot.set_my_commands([BotCommand(command="go", description="Go", is_ephemeral=True)], scope=scope)
    assert await bot.get_my_commands() == []
    assert [command.is_ephemeral for command in await bot.get_my_commands(scope=scope)] == [True]
    await bot.set_my_commands([BotCommand(command="los", description="Los")], scope=scope, language_code="de")
    assert [command.command for command in await bot.get_my_commands(scope=scope, language_code="de")] == ["los"]
    await bot.delete_my_commands(scope=scope)
    assert await bot.get_my_commands(scope=scope) == []


# messages


async def test_a_message_is_sent_edited_and_deleted(room: Room, bot: Bot) -> None:
    said = await room.ann.sends("hello", to=room.bot)
    reply = ReplyParameters(message_id=said.id)
    sent = await bot.send_message(room.ann.person.id, "hi", reply_markup=KEYBOARD, reply_parameters=reply)
    assert sent.reply_to_message
    assert sent.reply_to_message.text == "hello"
    assert str(await room.ann.reads(in_=room.bot)) == "hi\n[Go]"
    edited = await bot.edit_message_text(
        "<b>bye</b>", chat_id=sent.chat.id, message_id=sent.message_id, reply_markup=KEYBOARD, parse_mode="HTML"
    )
    assert isinstance(edited, Message)
    assert edited.edit_date
    assert [entity.type for entity in edited.entities or ()] == ["bold"]
    await bot.edit_message_reply_markup(chat_id=sent.chat.id, message_id=sent.message_id)
    seen = await room.ann.reads(in_=room.bot, until=lambda screen: not screen.buttons)
    assert (seen.text, seen.edited) == ("bye", True)
    await bot.delete_message(sent.chat.id, sent.message_id)
    assert "bye" not in [screen.text for screen in room.ann.sees(room.bot)]


async def test_older_ways_to_name_a_reply_and_a_press_are_understood(room: Room) -> None:
    said = await room.ann.sends("hello", to=room.chat)
    replied = await room.gives("sendMessage", chat_id=room.chat.id, text="x", reply_to_message_id=said.id)
    assert replied["reply_to_message"]["text"] == "hello"
    alone: dict[str, Any] = {"reply_to_message_id": 9_999, "allow_sending_without_reply": True}
    assert "reply_to_message" not in await room.gives("sendMessage", chat_id=room.chat.id, text="x", **alone)
    posted = room.world.messages.send(room.chat, room.plain_bot, "buttons")
    press = room.world.messages.press(room.max.person, posted, "go")
    to_max = {"chat_id": room.chat.id, "text": "x", "receiver_user_id": room.max.person.id}
    assert (await room.ask("sendMessage", bot=room.plain_bot, **to_max))[0] == 400
    assert (await room.ask("sendMessage", bot=room.plain_bot, **to_max, callback_query_id=press.id))[0] == 200


async def test_a_button_without_a_scheme_opens_a_web_page(room: Room) -> None:
    keyboard = {"inline_keyboard": [[{"text": "x", "url": "example.org/a"}], []]}
    await room.gives("sendMessage", chat_id=room.chat.id, text="x", reply_markup=keyboard)
    assert (await room.max.reads(in_=room.chat)).links == ["http://example.org/a"]


async def test_html_becomes_text_with_entities_counted_in_utf_16(room: Room) -> None:
    text = '😀 <b>bold</b> &lt;<a href="https://a.b/">link</a>&gt; <tg-spoiler>s</tg-spoiler><code></code>'
    sent = await room.gives("sendMessage", chat_id=room.chat.id, text=text, parse_mode="HTML")
    assert sent["text"] == "😀 bold <link> s"
    assert [(e["type"], e["offset"], e["length"]) for e in sent["entities"]] == [
        ("bold", 3, 4), ("text_link", 9, 4), ("spoiler", 15, 1),
    ]  # fmt: skip


@pytest.mark.fact("B-38")
async def test_entities_come_back_as_sent(room: Room, bot: Bot) -> None:
    entities = [
        MessageEntity(type="code", offset=0, length=3),
        MessageEntity(type="date_time", offset=4, length=3, unix_time=5),
    ]
    sent = await bot.send_message(room.chat.id, "one two", entities=entities)
    assert sent.entities
    assert [entity.model_dump() for entity in sent.entities] == [entity.model_dump() for entity in entities]


@pytest.mark.fact("B-29")
async def test_4096_characters_are_counted_after_parsing(room: Room) -> None:
    sent = await room.gives("sendMessage", chat_id=room.chat.id, text=f"<b>{'x' * 4096}</b>", parse_mode="HTML")
    assert len(sent["text"]) == 4096


@pytest.mark.parametrize("form", [True, False])
async def test_forms_and_multipart_carry_nested_values_as_json_strings(room: Room, form: bool) -> None:
    fields = {
        "chat_id": str(room.chat.id),
        "text": "hi",
        "disable_notification": "true",
        "reply_markup": '{"inline_keyboard":[[{"text":"Go","callback_data":"go"}]]}',
    }
    body = aiohttp.FormData(fields, default_to_multipart=not form)
    url = f"{room.api.url}/bot{room.bot.token}/SENDmessage"
    async with aiohttp.ClientSession() as http, http.post(url, data=body) as response:
        assert (await response.json())["result"]["reply_markup"]["inline_keyboard"][0][0]["text"] == "Go"


async def test_query_strings_and_empty_bodies_are_calls_too(room: Room) -> None:
    url = f"{room.api.url}/bot{room.bot.token}"
    headers = {"Content-Type": "application/octet-stream"}
    async with aiohttp.ClientSession() as http:
        async with http.get(f"{url}/getChat", params={"chat_id": room.chat.id}) as response:
            assert (await response.json())["result"]["title"] == "Chess"
        async with http.post(f"{url}/getMe", headers=headers) as response:
            assert (await response.json())["ok"] is True
        async with http.post(f"{url}/getMe", data="[", headers={"Content-Type": "application/json"}) as response:
            assert response.status == 400


@pytest.mark.parametrize(("token", "status"), [("1:x", 401), ("no-token", 404)])
async def test_only_a_token_opens_the_door(room: Room, token: str, status: int) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{room.api.url}/bot{token}/getMe") as response:
        assert (response.status, (await response.json())["error_code"]) == (status, status)


# ephemeral messages


@pytest.mark.fact("B-34")
async def test_an_ephemeral_message_is_one_persons_and_lives_at_its_own_address(room: Room, bot: Bot) -> None:
    to_max = EphemeralMessageParameters(receiver_user_id=room.max.person.id)
    sent = await bot.send_message(room.chat.id, "psst", reply_markup=KEYBOARD, ephemeral_message_parameters=to_max)
    assert sent.message_id == 0
    assert sent.receiver_user
    assert sent.ephemeral_message_id
    address = (room.chat.id, room.max.person.id, sent.ephemeral_message_id)
    assert await bot.edit_ephemeral_message_text(*address, text="closer", reply_markup=KEYBOARD) is True
    assert await bot.edit_ephemeral_message_reply_markup(*address) is True
    assert [str(screen) for screen in room.max.sees(room.chat)] == ["closer"]
    assert room.ann.sees(room.chat) == []
    assert await bot.delete_ephemeral_message(*address) is True
    assert room.max.sees(room.chat) == []
    deprecated = await room.gives("sendMessage", chat_id=room.chat.id, text="x", receiver_user_id=room.max.person.id)
    assert deprecated["ephemeral_message_id"]


@pytest.mark.fact("B-33")
async def test_a_plain_bot_may_only_answer_what_was_just_asked_ephemerally(room: Room) -> None:
    async def answers(parameters: dict[str, Any], **more: Any) -> int:
        to_max = {"receiver_user_id": room.max.person.id} | parameters
        call = {"chat_id": room.chat.id, "text": "x", "ephemeral_message_parameters": to_max} | more
        return (await room.ask("sendMessage", bot=room.plain_bot, **call))[0]

    asked = await room.max.asks("/go", in_=room.chat, bot=room.plain_bot)
    replying = {"reply_parameters": {"ephemeral_message_id": asked.ephemeral_id}}
    posted = room.world.messages.send(room.chat, room.plain_bot, "buttons")
    press = room.world.messages.press(room.max.person, posted, "go")
    assert await answers({}) == 400
    assert await answers({}, **replying) == 200
    assert await answers({"callback_query_id": press.id}) == 200
    room.clock.now += 16
    assert await answers({}, **replying) == 400
    assert await answers({"callback_query_id": press.id}) == 400


async def test_an_old_server_posts_to_all_and_knows_no_ephemeral_method(room: Room) -> None:
    room.api.ephemeral = "old"
    address: dict[str, Any] = {
        "chat_id": room.chat.id,
        "receiver_user_id": room.max.person.id,
        "ephemeral_message_id": 1,
    }
    to_max = {"receiver_user_id": room.max.person.id}
    sent = await room.gives("sendMessage", chat_id=room.chat.id, text="oh no", ephemeral_message_parameters=to_max)
    assert "ephemeral_message_id" not in sent
    assert [screen.text for screen in room.ann.sees(room.chat)] == ["oh no"]
    for method in ("editEphemeralMessageText", "editEphemeralMessageReplyMarkup", "deleteEphemeralMessage"):
        assert await room.ask(method, **address) == (404, "Not Found: method not found")
    await room.gives("setMyCommands", commands=[{"command": "go", "description": "Go", "is_ephemeral": True}])
    assert await room.gives("getMyCommands") == [{"command": "go", "description": "Go"}]


# invite links


@pytest.mark.fact("B-04")
@pytest.mark.fact("B-08")
async def test_export_replaces_the_bots_primary_link(room: Room, bot: Bot) -> None:
    old = (await bot.get_chat(room.chat.id)).invite_link
    new = await bot.export_chat_invite_link(room.chat.id)
    assert isinstance(new, str)
    assert (await bot.get_chat(room.chat.id)).invite_link == new != old
    assert old in [link.link for link in room.world.invites.every(room.chat) if link.revoked]


@pytest.mark.fact("B-03")
@pytest.mark.fact("B-05")
@pytest.mark.fact("B-27")
@pytest.mark.fact("B-28")
async def test_a_link_shows_what_is_set_and_neither_usage_nor_dates_of_making(room: Room, bot: Bot) -> None:
    always = {"invite_link", "creator", "creates_join_request", "is_primary", "is_revoked"}
    plain = await room.gives("createChatInviteLink", chat_id=room.chat.id)
    assert plain.keys() == always
    ends = int(room.clock.now) + 60
    full = await bot.create_chat_invite_link(room.chat.id, name="Ads", expire_date=ends, member_limit=2)
    assert (full.name, full.member_limit, full.creates_join_request) == ("Ads", 2, False)
    assert full.expire_date
    assert full.expire_date.timestamp() == ends
    asking = await room.gives("createChatInviteLink", chat_id=room.chat.id, creates_join_request=True)
    await room.sue.joins(asking["invite_link"])
    edited = await room.gives(
        "editChatInviteLink", chat_id=room.chat.id, invite_link=asking["invite_link"], creates_join_request=True
    )
    assert edited.keys() == always | {"pending_join_request_count"}


@pytest.mark.fact("B-06")
async def test_an_edit_resets_what_it_leaves_out(room: Room, bot: Bot) -> None:
    made = await bot.create_chat_invite_link(room.chat.id, name="Ads", expire_date=2_000_000_000, member_limit=2)
    edited = await bot.edit_chat_invite_link(room.chat.id, made.invite_link, name="Other")
    assert (edited.name, edited.expire_date, edited.member_limit) == ("Other", None, None)
    ending = await bot.edit_chat_invite_link(room.chat.id, made.invite_link, expire_date=2_000_000_000)
    assert (ending.name, ending.expire_date and ending.expire_date.timestamp()) == (None, 2_000_000_000)


@pytest.mark.fact("B-07")
async def test_a_revoke_returns_the_revoked_link_even_of_a_primary(room: Room, bot: Bot) -> None:
    old = (await bot.get_chat(room.chat.id)).invite_link
    assert old
    revoked = await bot.revoke_chat_invite_link(room.chat.id, old)
    assert (revoked.invite_link, revoked.is_revoked) == (old, True)
    assert (await bot.get_chat(room.chat.id)).invite_link != old


@pytest.mark.fact("B-11")
@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"member_limit": "junk"}, {}),
        ({"member_limit": -5}, {}),
        ({"member_limit": "7seven"}, {"member_limit": 7}),
        ({"expire_date": -1}, {}),
    ],
)
async def test_numbers_are_coerced_not_refused(room: Room, given: dict[str, Any], kept: dict[str, Any]) -> None:
    made = await room.gives("createChatInviteLink", chat_id=room.chat.id, **given)
    assert {name: made[name] for name in ("member_limit", "expire_date") if name in made} == kept


@pytest.mark.fact("B-12")
async def test_a_name_is_cleaned_and_cut_without_error(room: Room) -> None:
    made = await room.gives("createChatInviteLink", chat_id=room.chat.id, name="  two\nwords " + "x" * 40)
    assert re.fullmatch("two words x{22}", made["name"])


async def test_basic_groups_and_channels_have_links_too(room: Room, bot: Bot) -> None:
    for kind in (Kind.GROUP, Kind.CHANNEL):
        chat = room.world.add_chat("Other", room.olga.person, kind=kind)
        room.world.promote(chat, room.bot, by=room.olga.person)
        assert (await bot.create_chat_invite_link(chat.id)).invite_link.startswith("https://t.me/+")
        assert (await bot.get_chat(chat.id)).type == kind.value
        await bot.get_chat_administrators(chat.id)

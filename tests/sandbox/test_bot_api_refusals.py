"""One test per refusal of each Bot API method, as docs/sandbox.md lists them."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.bot_api.calls import worded
from sandbox.chats import Refusal
from tests.sandbox.room import Room

HI: dict[str, Any] = {"chat_id": "$chat", "text": "hi"}
EDIT: dict[str, Any] = HI | {"message_id": "$mine", "text": "new"}
EPHEMERAL: dict[str, Any] = HI | {"ephemeral_message_parameters": {"receiver_user_id": "$max"}}
EDIT_EPHEMERAL: dict[str, Any] = {"chat_id": "$chat", "receiver_user_id": "$max", "ephemeral_message_id": 99}
NO_RIGHT = "not enough rights to manage chat invite link"
UNCLOSED = "can't parse entities: Can't find end tag corresponding to start tag \"b\""
NO_REQUESTS = "not enough rights to manage chat join requests"
CANNOT_REQUEST = "the chat can't have join requests"
NO_BANS = "not enough rights to restrict/unrestrict chat member"
UNPRICED = "invalid subscription pricing specified"
PAID: dict[str, Any] = {"chat_id": "$channel", "subscription_period": 2_592_000, "subscription_price": 5}


def keyboard(**button: Any) -> dict[str, Any]:
    return {"reply_markup": {"inline_keyboard": [[{"text": "x"} | button]]}}


def marked(**entity: Any) -> dict[str, Any]:
    return {"entities": [{"type": "bold", "offset": 0, "length": 1} | entity]}


def blocks(*given: Any) -> dict[str, Any]:
    return {"blocks": list(given)}


def table(*cells: Any) -> dict[str, Any]:
    return {"type": "table", "cells": [[{"align": "left", "valign": "top"} | cell for cell in cells]]}


def paragraph(text: Any) -> dict[str, Any]:
    return {"type": "paragraph", "text": text}


def deep(levels: int) -> Any:
    return "x" if not levels else {"type": "bold", "text": deep(levels - 1)}


PRESS = {"text": "x", "callback_data": "a"}
RICH: list[tuple[dict[str, Any], str]] = [
    ({}, "exactly one of the fields html, markdown, and blocks must be used"),
    (blocks(paragraph("x")) | {"html": "x"}, "exactly one of the fields html, markdown, and blocks must be used"),
    ({"html": "x"}, "can't parse InputRichMessage: the sandbox reads no html"),
    ({"blocks": {"a": 1}}, "can't parse InputRichBlock: expected an Array"),
    (blocks("x"), "can't parse InputRichBlock: expected an Object"),
    (blocks({"type": "map"}), "can't parse InputRichBlock: unsupported type specified"),
    (blocks(paragraph({"type": "huge"})), "can't parse RichText: unsupported type specified"),
    (blocks(paragraph(1)), "can't parse RichText: expected an Object"),
    (blocks(paragraph(" ")), "message text is empty"),
    (blocks(paragraph("x" * 32769)), "message is too long"),
    (blocks(*[paragraph("x")] * 501), "rich message has too many blocks"),
    (blocks(paragraph(deep(16))), "rich message is nested too deep"),
    (blocks(table(*[{"text": "x"}] * 21)), "rich message has a table of too many columns"),
    (blocks(table({"text": "x", "colspan": 21})), "rich message has a table of too many columns"),
    (blocks(table({"align": "up"})), "can't parse RichBlockTableCell: unsupported alignment specified"),
    (blocks(paragraph("x"), {"type": "buttons", "buttons": [PRESS] * 9}), "REPLY_MARKUP_TOO_LONG"),
    (
        blocks(paragraph({"type": "button", "button": PRESS | {"callback_data": "x" * 65}})),
        "BUTTON_DATA_INVALID",
    ),
    (
        blocks({"type": "buttons", "buttons": [{"text": "x", "url": "https://a.b", "style": "link"}]}),
        "can't parse inline keyboard button: invalid button style specified",
    ),
]


class Case:
    """A row of a table that keeps one fact of docs/telegram.md."""

    @staticmethod
    def fact(number: str, *row: Any) -> Any:
        return pytest.param(*row, marks=pytest.mark.fact(number))


REFUSED = [
    # whichever method: the chat
    Case.fact("B-20", "getChat", {}, "chat_id is empty"),
    Case.fact("B-20", "getChat", {"chat_id": -100123}, "chat not found"),
    ("getChat", {"chat_id": "@nobody_here"}, "chat not found"),
    ("getChat", {"chat_id": "$sue"}, "chat not found"),
    Case.fact("B-21", "sendMessage", HI | {"chat_id": "$left"}, "403 bot is not a member of the supergroup chat"),
    Case.fact("B-21", "getChat", {"chat_id": "$banned"}, "403 bot was kicked from the supergroup chat"),
    ("sendMessage", HI | {"chat_id": "$max"}, "403 bot can't initiate conversation with a user"),
    ("sendMessage", HI | {"chat_id": "$other_bot"}, "403 bot can't send messages to bots"),
    # members
    ("getChatMember", {"chat_id": "$chat"}, "invalid user_id specified"),
    ("getChatMember", {"chat_id": "$chat", "user_id": 1}, "user not found"),
    ("getChatAdministrators", {"chat_id": "$ann"}, "there are no administrators in the private chat"),
    ("leaveChat", {"chat_id": "$ann"}, "chat member status can't be changed in private chats"),
    # menus
    ("setMyCommands", {"commands": [{"command": "No Way", "description": "d"}]}, "BOT_COMMAND_INVALID"),
    ("setMyCommands", {"commands": [{"command": "go"}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
    ("setMyCommands", {"commands": [{"command": "c", "description": "d"}] * 101}, "BOT_COMMANDS_TOO_MUCH"),
    ("setMyCommands", {"commands": "["}, "can't parse commands JSON object"),
    ("setMyCommands", {}, "expected an Array of BotCommand"),
    ("getMyCommands", {"scope": {"type": "all"}}, "can't parse BotCommandScope: unsupported type specified"),
    ("getMyCommands", {"scope": {"type": "chat"}}, "chat_id is empty"),
    ("getMyCommands", {"language_code": "eng"}, "invalid language code specified"),
    ("setMyCommands", {"commands": [], "language_code": "eng"}, "invalid language code specified"),
    ("deleteMyCommands", {"scope": {"type": "all"}}, "can't parse BotCommandScope: unsupported type specified"),
    ("deleteMyCommands", {"language_code": "eng"}, "invalid language code specified"),
    # messages
    ("sendMessage", HI | {"text": ""}, "message text is empty"),
    Case.fact("B-29", "sendMessage", HI | {"text": "x" * 4097}, "message is too long"),
    ("sendMessage", HI | {"chat_id": "$channel", "message_thread_id": 1}, "message thread not found"),
    ("sendMessage", HI | {"reply_parameters": {"message_id": 999}}, "message to be replied not found"),
    ("sendMessage", HI | {"reply_parameters": []}, "can't parse ReplyParameters JSON object"),
    ("sendMessage", HI | {"parse_mode": "Markdown"}, "unsupported parse_mode"),
    (
        "sendMessage",
        HI | {"parse_mode": "HTML", "text": "é<x>"},
        'can\'t parse entities: Unsupported start tag "x" at byte offset 2',
    ),
    (
        "sendMessage",
        HI | {"parse_mode": "HTML", "text": "1 < 2"},
        'can\'t parse entities: Unsupported start tag "" at byte offset 2',
    ),
    (
        "sendMessage",
        HI | {"parse_mode": "HTML", "text": "<b>x"},
        "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
    ),
    (
        "sendMessage",
        HI | {"parse_mode": "HTML", "text": "x</b>"},
        "can't parse entities: Unexpected end tag at byte offset 1",
    ),
    (
        "sendMessage",
        HI | {"parse_mode": "HTML", "text": "<b>x</i>"},
        'can\'t parse entities: Unmatched end tag at byte offset 4, expected "</b>", found "</i>"',
    ),
    ("sendMessage", HI | {"entities": "{"}, "can't parse entities JSON object"),
    ("sendMessage", HI | {"entities": {}}, "can't parse entities: expected an Array of MessageEntity"),
    (
        "sendMessage",
        HI | marked(type="huge"),
        "can't parse entities: unsupported MessageEntity type specified",
    ),
    (
        "sendMessage",
        HI | marked(offset=-1),
        'can\'t parse entities: field "offset" or "length" is out of range',
    ),
    ("sendMessage", HI | marked(type="text_link"), "can't parse entities: can't find field \"url\""),
    (
        "sendMessage",
        HI | marked(length=3),
        "entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 2",
    ),
    (
        "sendMessage",
        HI | marked() | {"text": "😀"},
        "entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol",
    ),
    # keyboards
    Case.fact("B-30", "sendMessage", HI | keyboard(callback_data="é" * 33), "BUTTON_DATA_INVALID"),
    Case.fact("B-30", "sendMessage", HI | keyboard(callback_data=""), "BUTTON_DATA_INVALID"),
    Case.fact("B-31", "sendMessage", HI | keyboard(copy_text={"text": "x" * 257}), "BUTTON_COPY_TEXT_INVALID"),
    Case.fact("B-31", "sendMessage", HI | keyboard(copy_text={"text": ""}), "BUTTON_COPY_TEXT_INVALID"),
    ("sendMessage", HI | keyboard(url="not a link"), "BUTTON_URL_INVALID"),
    ("sendMessage", HI | keyboard(callback_data="a", url="https://a.b"), "BUTTON_TYPE_INVALID"),
    ("sendMessage", HI | keyboard(web_app={"url": "https://a.b"}), "BUTTON_TYPE_INVALID"),
    (
        "sendMessage",
        HI | keyboard(),
        "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
    ),
    ("sendMessage", HI | keyboard(text="", callback_data="a"), "inline keyboard button text must be non-empty"),
    (
        "sendMessage",
        HI | keyboard(callback_data="a", style="pink"),
        "can't parse inline keyboard button: invalid button style specified",
    ),
    (
        "sendMessage",
        HI | {"reply_markup": {"inline_keyboard": [["x"]]}},
        "can't parse inline keyboard button: InlineKeyboardButton must be an Object",
    ),
    (
        "sendMessage",
        HI | {"reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": "a"}]] * 101}},
        "REPLY_MARKUP_TOO_LONG",
    ),
    (
        "sendMessage",
        HI | {"reply_markup": {"inline_keyboard": 1}},
        'field "inline_keyboard" must be of type Array of Arrays',
    ),
    ("sendMessage", HI | {"reply_markup": "{"}, "can't parse reply keyboard markup JSON object"),
    ("sendMessage", HI | {"reply_markup": []}, "object expected as reply markup"),
    ("sendMessage", HI | {"reply_markup": {"buttons": []}}, "inline keyboard expected"),
    # edits
    ("editMessageText", EDIT | {"message_id": 0}, "message identifier is not specified"),
    ("editMessageText", EDIT | {"message_id": 999}, "message to edit not found"),
    ("editMessageText", EDIT | {"message_id": "$said"}, "message can't be edited"),
    ("editMessageText", EDIT | {"inline_message_id": "x"}, "MESSAGE_ID_INVALID"),
    Case.fact(
        "B-15",
        "editMessageText",
        EDIT | {"text": "mine"},
        "message is not modified: specified new message content and reply markup are exactly the same as a"
        " current content and reply markup of the message",
    ),
    Case.fact("B-15", "editMessageText", EDIT | {"text": "x" * 4097}, "message is too long"),
    ("editMessageText", EDIT | {"reply_markup": {"force_reply": True}}, "inline keyboard expected"),
    ("deleteMessage", {"chat_id": "$chat", "message_id": 999}, "message to delete not found"),
    ("deleteMessage", {"chat_id": "$chat"}, "message identifier is not specified"),
    ("deleteMessage", {"chat_id": "$ann", "message_id": "$old"}, "message can't be deleted for everyone"),
    # presses
    Case.fact(
        "B-15",
        "answerCallbackQuery",
        {"callback_query_id": "1"},
        "query is too old and response timeout expired or query ID is invalid",
    ),
    Case.fact("B-32", "answerCallbackQuery", {"callback_query_id": "1", "text": "x" * 201}, "message is too long"),
    ("answerCallbackQuery", {"callback_query_id": "1", "url": "https://example.org"}, "URL_INVALID"),
    # ephemeral messages
    ("sendMessage", EPHEMERAL | {"chat_id": "$ann"}, "CHAT_INVALID"),
    ("sendMessage", EPHEMERAL | {"ephemeral_message_parameters": {"receiver_user_id": 1}}, "user not found"),
    (
        "sendMessage",
        EPHEMERAL | {"ephemeral_message_parameters": {"receiver_user_id": "$sue"}},
        "USER_NOT_PARTICIPANT",
    ),
    (
        "sendMessage",
        EPHEMERAL | {"ephemeral_message_parameters": {"receiver_user_id": "$other_bot"}},
        "USER_NOT_PARTICIPANT",
    ),
    (
        "sendMessage",
        EPHEMERAL | {"ephemeral_message_parameters": {}},
        "can't parse EphemeralMessageParameters JSON object",
    ),
    (
        "sendMessage",
        HI | {"ephemeral_message_parameters": {"receiver_user_id": "$max", "callback_query_id": "1"}},
        "QUERY_ID_INVALID",
    ),
    Case.fact("B-35", "sendMessage", EPHEMERAL | keyboard(login_url={"url": "https://a.b"}), "BUTTON_TYPE_INVALID"),
    ("sendMessage", EPHEMERAL | {"reply_markup": {"force_reply": True}}, "BUTTON_TYPE_INVALID"),
    ("editEphemeralMessageText", EDIT_EPHEMERAL | {"text": "x"}, "MESSAGE_ID_INVALID"),
    ("editEphemeralMessageReplyMarkup", EDIT_EPHEMERAL, "MESSAGE_ID_INVALID"),
    ("deleteEphemeralMessage", EDIT_EPHEMERAL, "MESSAGE_ID_INVALID"),
    # pictures, documents and captions
    ("sendPhoto", HI, "there is no photo in the request"),
    ("sendDocument", HI | {"document": "attach://gone"}, "there is no document in the request"),
    ("sendPhoto", HI | {"photo": "nothing"}, "wrong file identifier/HTTP URL specified"),
    ("sendPhoto", HI | {"photo": "https://example.org/a.png"}, "failed to get HTTP URL content"),
    ("sendPhoto", HI | {"photo": "x", "caption": "<b>", "parse_mode": "HTML"}, UNCLOSED),
    ("sendPhoto", EPHEMERAL | {"chat_id": "$ann"}, "there is no photo in the request"),
    ("getFile", {"file_id": "nothing"}, "invalid file_id"),
    ("editMessageCaption", EDIT | {"caption": "x"}, "there is no caption in the message to edit"),
    ("editMessageMedia", EDIT, "input media is empty"),
    ("editEphemeralMessageText", EDIT_EPHEMERAL | {"rich_message": {}}, "MESSAGE_ID_INVALID"),
    ("editMessageMedia", EDIT | {"media": "{"}, "can't parse input media JSON object"),
    (
        "editMessageMedia",
        EDIT | {"media": {"type": "video"}},
        "can't parse InputMedia: type must be one of photo and document",
    ),
    ("editMessageMedia", EDIT | {"media": {"type": "photo"}}, "there is no photo in the request"),
    ("editMessageMedia", EDIT | {"message_id": 999}, "message to edit not found"),
    ("editEphemeralMessageMedia", EDIT_EPHEMERAL, "MESSAGE_ID_INVALID"),
    ("editEphemeralMessageCaption", EDIT_EPHEMERAL, "MESSAGE_ID_INVALID"),
    # rich messages
    ("sendRichMessage", HI, "rich message must be non-empty"),
    ("sendRichMessage", HI | {"rich_message": "{"}, "can't parse InputRichMessage JSON object"),
    *(Case.fact("B-52", "sendRichMessage", HI | {"rich_message": given}, refusal) for given, refusal in RICH),
    ("editMessageText", EDIT | {"rich_message": {}}, RICH[0][1]),
    # invite links
    Case.fact("B-16", "exportChatInviteLink", {"chat_id": "$weak"}, NO_RIGHT),
    Case.fact("B-16", "createChatInviteLink", {"chat_id": "$weak"}, NO_RIGHT),
    Case.fact("B-09", "editChatInviteLink", {"chat_id": "$weak", "invite_link": "$link"}, NO_RIGHT),
    Case.fact("B-09", "revokeChatInviteLink", {"chat_id": "$weak", "invite_link": "$link"}, NO_RIGHT),
    *(
        Case.fact("B-17", method, {"chat_id": "$ann", "invite_link": "$link"}, "can't invite members to a private chat")
        for method in ("exportChatInviteLink", "createChatInviteLink", "editChatInviteLink", "revokeChatInviteLink")
    ),
    Case.fact(
        "B-18",
        "createChatInviteLink",
        {"chat_id": "$chat", "member_limit": 1, "creates_join_request": True},
        "member limit can't be specified for links requiring administrator approval",
    ),
    Case.fact(
        "B-18",
        "editChatInviteLink",
        {"chat_id": "$chat", "invite_link": "$link", "member_limit": 1, "creates_join_request": True},
        "member limit can't be specified for links requiring administrator approval",
    ),
    Case.fact("B-19", "editChatInviteLink", {"chat_id": "$chat"}, "invite link must be non-empty"),
    Case.fact("B-19", "revokeChatInviteLink", {"chat_id": "$chat"}, "invite link must be non-empty"),
    Case.fact("B-22", "createChatInviteLink", {"chat_id": "$chat", "member_limit": 100_000}, "USAGE_LIMIT_INVALID"),
    Case.fact("B-22", "createChatInviteLink", {"chat_id": "$chat", "expire_date": 5}, "EXPIRE_DATE_INVALID"),
    Case.fact(
        "B-22", "revokeChatInviteLink", {"chat_id": "$chat", "invite_link": "t.me/+nothing"}, "INVITE_HASH_EXPIRED"
    ),
    *(
        Case.fact("B-22", "editChatInviteLink", {"chat_id": "$chat", "invite_link": "$link"} | wrong, refusal)
        for wrong, refusal in (
            ({"invite_link": "t.me/+nothing"}, "INVITE_HASH_EXPIRED"),
            ({"member_limit": 100_000}, "USAGE_LIMIT_INVALID"),
            ({"expire_date": 5}, "EXPIRE_DATE_INVALID"),
        )
    ),
    Case.fact("B-10", "editChatInviteLink", {"chat_id": "$chat", "invite_link": "$primary"}, "CHAT_INVITE_PERMANENT"),
    Case.fact("B-02", "editChatInviteLink", {"chat_id": "$chat", "invite_link": "$foreign"}, "CHAT_ADMIN_REQUIRED"),
    Case.fact("B-02", "revokeChatInviteLink", {"chat_id": "$chat", "invite_link": "$foreign"}, "CHAT_ADMIN_REQUIRED"),
    # join requests
    Case.fact("B-56", "approveChatJoinRequest", {"chat_id": "$weak", "user_id": "$max"}, NO_REQUESTS),
    Case.fact("B-56", "declineChatJoinRequest", {"chat_id": "$weak", "user_id": "$max"}, NO_REQUESTS),
    Case.fact("B-56", "approveChatJoinRequest", {"chat_id": "$ann", "user_id": "$ann"}, CANNOT_REQUEST),
    Case.fact("B-56", "declineChatJoinRequest", {"chat_id": "$ann", "user_id": "$ann"}, CANNOT_REQUEST),
    Case.fact("B-56", "approveChatJoinRequest", {"chat_id": "$chat", "user_id": "$sue"}, "HIDE_REQUESTER_MISSING"),
    Case.fact("B-56", "declineChatJoinRequest", {"chat_id": "$chat", "user_id": "$max"}, "HIDE_REQUESTER_MISSING"),
    Case.fact("B-56", "approveChatJoinRequest", {"chat_id": "$chat", "user_id": "$max"}, "USER_ALREADY_PARTICIPANT"),
    ("approveChatJoinRequest", {"chat_id": "$chat"}, "invalid user_id specified"),
    ("declineChatJoinRequest", {"chat_id": "$chat", "user_id": 1}, "user not found"),
    # bans
    Case.fact("B-57", "banChatMember", {"chat_id": "$weak", "user_id": "$max"}, NO_BANS),
    Case.fact("B-57", "unbanChatMember", {"chat_id": "$weak", "user_id": "$max"}, NO_BANS),
    ("banChatMember", {"chat_id": "$chat", "user_id": "$olga"}, "can't remove chat owner"),
    ("unbanChatMember", {"chat_id": "$chat", "user_id": "$olga"}, "can't remove chat owner"),
    ("banChatMember", {"chat_id": "$chat", "user_id": "$ann"}, "user is an administrator of the chat"),
    ("unbanChatMember", {"chat_id": "$chat", "user_id": "$ann"}, "user is an administrator of the chat"),
    ("banChatMember", {"chat_id": "$chat", "user_id": 1}, "PARTICIPANT_ID_INVALID"),
    ("unbanChatMember", {"chat_id": "$chat", "user_id": 1}, "PARTICIPANT_ID_INVALID"),
    ("banChatMember", {"chat_id": "$chat"}, "invalid user_id specified"),
    ("banChatMember", {"chat_id": "$ann", "user_id": "$ann"}, "can't ban members in private chats"),
    ("banChatMember", {"chat_id": "$chat", "user_id": "$bot"}, "can't restrict self"),
    (
        "unbanChatMember",
        {"chat_id": "$group", "user_id": "$max"},
        "method is available for supergroup and channel chats only",
    ),
    # paid links
    Case.fact("B-61", "createChatSubscriptionInviteLink", PAID | {"subscription_price": 0}, UNPRICED),
    Case.fact("B-61", "createChatSubscriptionInviteLink", PAID | {"subscription_period": ""}, UNPRICED),
    Case.fact(
        "B-61", "createChatSubscriptionInviteLink", PAID | {"subscription_period": 60}, "SUBSCRIPTION_PERIOD_INVALID"
    ),
    Case.fact(
        "B-61", "createChatSubscriptionInviteLink", PAID | {"subscription_price": 10_001}, "PRICING_CHAT_INVALID"
    ),
    Case.fact("B-61", "createChatSubscriptionInviteLink", PAID | {"chat_id": "$chat"}, "PRICING_CHAT_INVALID"),
    ("createChatSubscriptionInviteLink", PAID | {"chat_id": "$weak"}, NO_RIGHT),
    ("editChatSubscriptionInviteLink", {"chat_id": "$channel"}, "invite link must be non-empty"),
    ("editChatSubscriptionInviteLink", {"chat_id": "$chat", "invite_link": "$foreign"}, "CHAT_ADMIN_REQUIRED"),
    ("editChatSubscriptionInviteLink", {"chat_id": "$chat", "invite_link": "t.me/+nothing"}, "INVITE_HASH_EXPIRED"),
    # the server
    Case.fact("B-24", "getChatInviteLinks", {"chat_id": "$chat"}, "404 method not found"),
    Case.fact("B-01", "getExportedChatInvites", {"chat_id": "$chat"}, "404 method not found"),
    ("setWebhook", {"url": "http://example.org"}, "bad webhook: An HTTPS URL must be provided for webhook"),
    ("getUpdates", {"allowed_updates": "["}, "can't parse allowed_updates JSON object"),
]


def filled(value: Any, names: dict[str, Any]) -> Any:
    match value:
        case dict():
            return {key: filled(inner, names) for key, inner in value.items()}
        case str() if value in names:
            return names[value]
    return value


@pytest.mark.parametrize(("method", "parameters", "refusal"), REFUSED)
async def test_a_refused_call_says_why(room: Room, method: str, parameters: dict[str, Any], refusal: str) -> None:
    status, _, text = refusal.partition(" ") if refusal[:3].isdigit() else ("400", "", refusal)
    prefix = {"400": "Bad Request", "403": "Forbidden", "404": "Not Found"}[status]
    assert await room.ask(method, **filled(parameters, room.names())) == (int(status), f"{prefix}: {text}")


async def test_someone_who_blocked_the_bot_gets_nothing(room: Room) -> None:
    await room.ann.blocks(room.bot)
    answer = await room.ask("sendMessage", chat_id=room.ann.person.id, text="hi")
    assert answer == (403, "Forbidden: bot was blocked by the user")


async def test_only_an_administrator_deletes_others_messages(room: Room) -> None:
    said = await room.max.sends("hello", to=room.chat)
    call: dict[str, Any] = {"chat_id": room.chat.id, "message_id": said.id}
    refused = await room.ask("deleteMessage", bot=room.plain_bot, **call)
    assert refused == (400, "Bad Request: message can't be deleted")
    assert await room.gives("deleteMessage", **call) is True


async def test_a_member_may_not_write_into_a_channel(room: Room) -> None:
    channel = room.names()["$channel"]
    room.world.join(room.world.chat(channel), room.plain_bot)
    answer = await room.ask("sendMessage", bot=room.plain_bot, chat_id=channel, text="hi")
    assert answer == (400, "Bad Request: need administrator rights in the channel chat")


async def test_a_replacing_ephemeral_message_names_the_press(room: Room) -> None:
    parameters = {"receiver_user_id": room.max.person.id, "replace_callback_query_message": True}
    answer = await room.ask("sendMessage", chat_id=room.chat.id, text="x", ephemeral_message_parameters=parameters)
    assert answer == (400, "Bad Request: QUERY_ID_INVALID")


async def test_a_refusing_server_refuses_each_ephemeral_send(room: Room) -> None:
    room.api.ephemeral = "refusing"
    parameters = {"receiver_user_id": room.max.person.id}
    answer = await room.ask("sendMessage", chat_id=room.chat.id, text="x", ephemeral_message_parameters=parameters)
    assert answer == (400, "Bad Request: EPHEMERAL_MESSAGES_UNAVAILABLE")
    assert room.max.sees(room.chat) == []


@pytest.mark.fact("B-26")
async def test_access_comes_first_and_rights_before_the_limit_on_edit_after_it_on_create(room: Room) -> None:
    both: dict[str, Any] = {"member_limit": 1, "creates_join_request": True, "invite_link": ""}
    limit = "Bad Request: member limit can't be specified for links requiring administrator approval"
    weak, left = room.names()["$weak"], room.names()["$left"]
    assert await room.ask("createChatInviteLink", chat_id=weak, **both) == (400, limit)
    assert await room.ask("editChatInviteLink", chat_id=weak, **both) == (400, f"Bad Request: {NO_RIGHT}")
    for method in ("createChatInviteLink", "editChatInviteLink"):
        answer = await room.ask(method, chat_id=left, **both)
        assert answer == (403, "Forbidden: bot is not a member of the supergroup chat")


@pytest.mark.parametrize(
    ("refusal", "code", "text"),
    [
        Case.fact("B-13", Refusal(400, "CHAT_ADMIN_REQUIRED"), 400, "Bad Request: CHAT_ADMIN_REQUIRED"),
        Case.fact("B-14", Refusal(403, "EDIT_BOT_INVITE_FORBIDDEN"), 400, "Bad Request: EDIT_BOT_INVITE_FORBIDDEN"),
        Case.fact("B-14", Refusal(406, "INVITE_HASH_EXPIRED"), 400, "Bad Request: INVITE_HASH_EXPIRED"),
        Case.fact("B-15", Refusal(400, "INPUT_USER_DEACTIVATED"), 403, "Forbidden: user is deactivated"),
    ],
)
def test_telegrams_refusals_are_worded_as_the_bot_api_server_words_them(refusal: Refusal, code: int, text: str) -> None:
    error = worded(refusal)
    assert (error.code, error.description) == (code, text)

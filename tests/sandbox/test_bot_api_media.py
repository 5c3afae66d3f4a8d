"""Pictures, documents and captions: sent, edited, downloaded and seen, and each refusal."""

from __future__ import annotations

import zipfile
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramEntityTooLarge
from aiogram.types import (
    BufferedInputFile,
    EphemeralMessageParameters,
    InputMediaDocument,
    InputMediaPhoto,
    Message,
    MessageEntity,
)
from aiohttp import ClientResponseError

from sandbox.bot_api.files import MAX_DOCUMENT, MAX_PHOTO
from tests.pictures import jpeg, picture
from tests.sandbox.room import Room
from tests.sandbox.stock_aiogram import aiogram
from tests.sandbox.test_bot_api_answers import KEYBOARD

GREY, JPEG = picture(), jpeg(width=40, height=30)
BOLD = MessageEntity(type="bold", offset=0, length=3)


@pytest.fixture
async def bot(room: Room) -> AsyncIterator[Bot]:
    async with aiogram(room.api, room.bot) as client:
        yield client


def up(content: bytes, name: str = "a.png") -> BufferedInputFile:
    return BufferedInputFile(content, name)


async def shown(room: Room) -> Any:
    return room.ann.sees(room.chat)[-1]


@pytest.mark.fact("B-47")
async def test_a_picture_is_seen_with_its_caption_and_buttons(room: Room, bot: Bot) -> None:
    sent = await bot.send_photo(
        room.chat.id, up(JPEG), caption="The key", caption_entities=[BOLD], reply_markup=KEYBOARD
    )
    assert sent.photo
    assert (sent.photo[-1].width, sent.photo[-1].height) == (40, 30)
    assert (sent.text, sent.caption) == (None, "The key")
    assert [entity.type for entity in sent.caption_entities or []] == ["bold"]
    seen = await shown(room)
    assert (seen.photo, seen.text, seen.labels) == (JPEG, "The key", ["Go"])


async def test_a_document_is_seen_by_name_and_content(room: Room, bot: Bot) -> None:
    sent = await bot.send_document(room.chat.id, up(b"a,b\n", "links.csv"), caption="<b>All</b>", parse_mode="HTML")
    assert sent.document
    assert (sent.document.file_name, sent.document.file_size, sent.caption) == ("links.csv", 4, "All")
    assert (await shown(room)).document == ("links.csv", b"a,b\n")


@pytest.mark.fact("B-48")
async def test_a_file_is_downloaded_and_sent_again_by_its_id(room: Room, bot: Bot) -> None:
    sent = await bot.send_document(room.chat.id, up(b"a,b\n", "links.csv"))
    assert sent.document
    got = await bot.download(sent.document)
    assert got is not None
    assert got.read() == b"a,b\n"
    again = await bot.send_document(room.ann.person.id, sent.document.file_id)
    assert again.document
    assert again.document.file_name == "links.csv"


@pytest.mark.fact("B-49")
async def test_a_text_becomes_a_picture_and_its_caption_changes(room: Room, bot: Bot) -> None:
    sent = await bot.send_message(room.chat.id, "wait", reply_markup=KEYBOARD)
    where: dict[str, Any] = {"chat_id": room.chat.id, "message_id": sent.message_id}
    edited = await bot.edit_message_media(InputMediaPhoto(media=up(GREY), caption="here"), **where)
    assert isinstance(edited, Message)
    assert edited.photo
    assert edited.caption == "here"
    assert (await shown(room)).photo == GREY
    await bot.edit_message_caption(caption="gone", **where)
    await bot.edit_message_media(InputMediaDocument(media=up(b"x", "x.txt"), caption="file"), **where)
    await bot.edit_message_reply_markup(reply_markup=KEYBOARD, **where)
    seen = await shown(room)
    assert (seen.document, seen.text, seen.labels) == (("x.txt", b"x"), "file", ["Go"])


@pytest.mark.fact("B-50")
async def test_an_ephemeral_picture_is_its_receivers_alone(room: Room, bot: Bot) -> None:
    to = EphemeralMessageParameters(receiver_user_id=room.max.person.id)
    sent = await bot.send_photo(room.chat.id, up(GREY), caption="wait", ephemeral_message_parameters=to)
    assert sent.ephemeral_message_id
    assert room.ann.sees(room.chat) == []
    where: dict[str, Any] = {
        "chat_id": room.chat.id,
        "receiver_user_id": room.max.person.id,
        "ephemeral_message_id": sent.ephemeral_message_id,
    }
    assert await bot.edit_ephemeral_message_media(media=InputMediaPhoto(media=up(JPEG)), **where) is True
    assert await bot.edit_ephemeral_message_caption(caption="key", **where) is True
    (seen,) = room.max.sees(room.chat)
    assert (seen.photo, seen.text, seen.ephemeral) == (JPEG, "key", True)
    assert room.ann.sees(room.chat) == []


async def test_a_forward_takes_the_picture_along(room: Room, bot: Bot) -> None:
    sent = await bot.send_photo(room.chat.id, up(GREY))
    await room.ann.forwards(room.chat.messages[sent.message_id], to=room.bot)
    assert room.ann.sees(room.bot)[-1].photo == GREY


async def test_what_a_document_and_a_packed_one_say_is_in_the_view(room: Room, bot: Bot) -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("inner.csv", "deep words")
    await bot.send_document(room.chat.id, up(b"plain words", "a.txt"))
    await bot.send_document(room.chat.id, up(packed.getvalue(), "a.zip"))
    texts = [view.text for view in room.world.log.views if view.person == room.ann.person.id]
    assert any("plain words" in text for text in texts)
    assert any("deep words" in text for text in texts)


PHOTO = [
    (b"", "file must be non-empty"),
    (b"no picture", "IMAGE_PROCESS_FAILED"),
    (picture(width=10_000, height=1), "PHOTO_INVALID_DIMENSIONS"),
    (picture(width=42, height=2), "PHOTO_INVALID_DIMENSIONS"),
    (
        GREY + bytes(MAX_PHOTO),
        f"file of size {len(GREY) + MAX_PHOTO} bytes is too big for a photo; the maximum size is 10485760 bytes",
    ),
]


@pytest.mark.fact("B-47")
async def test_a_caption_holds_1024_characters(room: Room, bot: Bot) -> None:
    await bot.send_photo(room.chat.id, up(GREY), caption="x" * 1024)
    with pytest.raises(TelegramBadRequest, match="message caption is too long"):
        await bot.send_photo(room.chat.id, up(GREY), caption="x" * 1025)


async def test_an_ephemeral_text_is_no_place_for_a_picture(room: Room, bot: Bot) -> None:
    to = EphemeralMessageParameters(receiver_user_id=room.max.person.id)
    sent = await bot.send_message(room.chat.id, "x", ephemeral_message_parameters=to)
    with pytest.raises(TelegramBadRequest, match="there is no media in the message to edit"):
        await bot.edit_ephemeral_message_media(
            chat_id=room.chat.id,
            receiver_user_id=room.max.person.id,
            ephemeral_message_id=sent.ephemeral_message_id or 0,
            media=InputMediaPhoto(media=up(GREY)),
        )


@pytest.mark.fact("B-51")
@pytest.mark.parametrize(("content", "refusal"), PHOTO, ids=[refusal[:20] for _, refusal in PHOTO])
async def test_what_is_no_photo_is_refused(room: Room, bot: Bot, content: bytes, refusal: str) -> None:
    with pytest.raises(TelegramBadRequest) as refused:
        await bot.send_photo(room.chat.id, up(content))
    assert refused.value.message == f"Bad Request: {refusal}"


async def test_a_document_over_50_mb_is_refused(room: Room, bot: Bot) -> None:
    with pytest.raises(TelegramEntityTooLarge):
        await bot.send_document(room.chat.id, up(bytes(MAX_DOCUMENT + 1)))


@pytest.mark.fact("B-48")
async def test_a_file_id_is_one_bots_and_of_one_kind(room: Room, bot: Bot) -> None:
    sent = await bot.send_document(room.chat.id, up(b"x"))
    assert sent.document
    number, other = sent.document.file_id, room.other_bot
    for asked, refusal in (
        ({"method": "sendPhoto", "photo": number}, "can't use file of type Document as Photo"),
        (
            {"method": "sendDocument", "document": number, "bot": other},
            "wrong file identifier/HTTP URL specified",
        ),
        ({"method": "getFile", "file_id": number, "bot": other}, "invalid file_id"),
    ):
        assert await room.ask(**{"chat_id": room.chat.id} | asked) == (400, f"Bad Request: {refusal}")
    path = (await bot.get_file(number)).file_path
    async with aiogram(room.api, other) as client:
        with pytest.raises(ClientResponseError, match="404"):
            await client.download_file(str(path))

"""Rich messages: what a person sees of them, and how a text becomes one and back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramNotFound
from aiogram.types import (
    BufferedInputFile,
    EphemeralMessageParameters,
    InputRichBlockButtons,
    InputRichBlockDetails,
    InputRichBlockList,
    InputRichBlockListItem,
    InputRichBlockParagraph,
    InputRichBlockSectionHeading,
    InputRichBlockTable,
    InputRichMessage,
    RichBlockTableCell,
    RichMessageButton,
    RichTextCode,
    RichTextUrl,
)

from tests.pictures import picture
from tests.sandbox.room import Room
from tests.sandbox.stock_aiogram import aiogram
from tests.sandbox.test_bot_api_answers import KEYBOARD


@pytest.fixture
async def bot(room: Room) -> AsyncIterator[Bot]:
    async with aiogram(room.api, room.bot) as client:
        yield client


def cell(text: Any) -> RichBlockTableCell:
    return RichBlockTableCell(align="left", valign="top", text=text)


TABLE = InputRichMessage(
    blocks=[
        InputRichBlockSectionHeading(text="Links", size=2),
        InputRichBlockTable(
            cells=[
                [cell("#"), cell("Link")],
                [
                    cell("12"),
                    cell([RichTextCode(text="t.me/+Ab…9Q"), " ", RichTextUrl(text="help", url="https://a.b/")]),
                ],
            ],
            caption="2 of 2",
        ),
        InputRichBlockDetails(
            summary="More",
            blocks=[
                InputRichBlockList(items=[InputRichBlockListItem(blocks=[InputRichBlockParagraph(text="one")])]),
            ],
        ),
        InputRichBlockButtons(buttons=[RichMessageButton(text="Plain", callback_data="p")]),
    ]
)
READS = "Links\n# | Link\n12 | t.me/+Ab…9Q help\n2 of 2\nMore\none"


@pytest.mark.fact("B-54")
async def test_a_table_reads_a_line_a_row_with_its_links_and_buttons(room: Room, bot: Bot) -> None:
    sent = await bot.send_rich_message(room.chat.id, TABLE, reply_markup=KEYBOARD)
    assert sent.text is None
    assert sent.rich_message
    assert [block.type for block in sent.rich_message.blocks] == ["heading", "table", "details", "buttons"]
    (seen,) = room.ann.sees(room.chat)
    assert (seen.text, seen.links, seen.labels) == (READS, ["https://a.b/"], ["Plain", "Go"])
    assert "https://a.b/" in room.world.log.views[-1].text
    assert [button["text"] for button in room.world.log.views[-1].buttons] == ["Plain", "Go"]


async def test_a_button_within_is_pressed_like_any_other(room: Room, bot: Bot) -> None:
    await bot.send_rich_message(room.chat.id, TABLE)
    seen = room.ann.sees(room.chat)[-1]
    room.world.messages.press(room.ann.person, seen.message, str(seen.button("Plain")["callback_data"]))
    (update,) = await room.updates()
    assert update["callback_query"]["data"] == "p"


@pytest.mark.fact("B-53")
async def test_a_text_becomes_a_table_and_a_text_again(room: Room, bot: Bot) -> None:
    sent = await bot.send_message(room.chat.id, "plain")
    where: dict[str, Any] = {"chat_id": room.chat.id, "message_id": sent.message_id}
    await bot.edit_message_text(rich_message=TABLE, **where)
    assert room.ann.sees(room.chat)[-1].text == READS
    with pytest.raises(TelegramBadRequest, match="not modified"):
        await bot.edit_message_text(rich_message=TABLE, **where)
    await bot.edit_message_text("plain", **where)
    assert room.ann.sees(room.chat)[-1].labels == []


async def test_an_ephemeral_message_becomes_a_table(room: Room, bot: Bot) -> None:
    to = EphemeralMessageParameters(receiver_user_id=room.max.person.id)
    sent = await bot.send_rich_message(room.chat.id, TABLE, ephemeral_message_parameters=to)
    where: dict[str, Any] = {
        "chat_id": room.chat.id,
        "receiver_user_id": room.max.person.id,
        "ephemeral_message_id": sent.ephemeral_message_id,
    }
    assert await bot.edit_ephemeral_message_text(text="wait", **where)
    assert await bot.edit_ephemeral_message_text(rich_message=TABLE, **where)
    assert [seen.text for seen in room.max.sees(room.chat)] == [READS]
    assert room.ann.sees(room.chat) == []


async def test_an_old_server_knows_no_rich_messages(room: Room, bot: Bot) -> None:
    room.api.ephemeral = "old"
    with pytest.raises(TelegramNotFound):
        await bot.send_rich_message(room.chat.id, TABLE)
    sent = await bot.send_message(room.chat.id, "plain")
    with pytest.raises(TelegramBadRequest, match="message text is empty"):
        await bot.edit_message_text(chat_id=room.chat.id, message_id=sent.message_id, rich_message=TABLE)


async def test_a_picture_has_no_text_to_edit(room: Room, bot: Bot) -> None:
    sent = await bot.send_photo(room.chat.id, BufferedInputFile(picture(), "a.png"))
    with pytest.raises(TelegramBadRequest, match="there is no text in the message to edit"):
        await bot.edit_message_text("x", chat_id=room.chat.id, message_id=sent.message_id)

"""One message sent, edited or deleted, one press answered: the calls behind bot.delivery, which alone
decides who may see what."""

from __future__ import annotations

import json
from collections.abc import Awaitable
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramNotFound
from aiogram.methods import TelegramMethod
from aiogram.types import (
    BufferedInputFile,
    CopyTextButton,
    EphemeralMessageParameters,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    InputRichMessage,
    LinkPreviewOptions,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    TelegramObject,
)
from aiogram.utils.formatting import Text

from bot.recent import Recent
from bot.screens.base import Button, Picture, Rows, Screen
from ledger.errands import Place

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
ALERT_AT_MOST = 200

GONE = ("not found", "can't be edited", "message_id_invalid", "there is no text in the message", "there is no media in")
SAME = ("message is not modified", "message_not_modified")
NO_TOPIC = ("thread not found", "topic_deleted", "topic_closed")

Below = ReplyKeyboardMarkup | ReplyKeyboardRemove

log = structlog.get_logger("bot.sending")


class SentIn(TelegramObject):
    id: int


class Sent(TelegramObject):
    """What of a message just sent is asked for. The rest are our own words: aiogram's Message builds some forty
    objects of them."""

    message_id: int
    date: int  # Telegram's clock, Unix seconds
    chat: SentIn
    ephemeral_message_id: int | None = None


class SendText(TelegramMethod[Sent]):
    """sendMessage as every answer needs it; what has parts is JSON already."""

    __returning__ = Sent
    __api_method__ = "sendMessage"

    chat_id: int
    text: str
    message_thread_id: int | None = None
    entities: str | None = None
    link_preview_options: str = '{"is_disabled": true}'
    reply_markup: str | None = None
    ephemeral_message_parameters: str | None = None


class Sender:
    """Raises what aiogram raises, where nothing else is said."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._answered: Recent[str, None] = Recent()

    async def send(
        self,
        chat_id: int,
        screen: Screen,
        *,
        receiver_id: int | None = None,
        thread_id: int | None = None,
        query_id: str | None = None,
        below: Below | None = None,
    ) -> Sent:
        """To `receiver_id` alone where one is named; `query_id` is his press that asked for it. A topic that
        is no more is no reason for silence: the answer comes outside of it. `below` is the keyboard
        under the text field, in place of the screen's own."""
        text, entities = screen.text.render()
        only = None
        if receiver_id is not None:
            only = EphemeralMessageParameters(receiver_user_id=receiver_id, callback_query_id=query_id)
        try:
            return await self._bot(
                SendText(
                    chat_id=chat_id,
                    text=text,
                    message_thread_id=thread_id,
                    entities=f"[{','.join(map(_json, entities))}]",
                    reply_markup=_json(below) if below else _keys(screen.keyboard),
                    ephemeral_message_parameters=_json(only) if only else None,
                )
            )
        except TelegramBadRequest as refusal:
            if thread_id is None or not any(words in refusal.message.lower() for words in NO_TOPIC):
                raise
        return await self.send(chat_id, screen, receiver_id=receiver_id, query_id=query_id, below=below)

    async def edit(self, place: Place, screen: Screen) -> bool:
        """False where the message or its reader is gone, or became a picture; what stands there already is
        success."""
        return await self._stands(self._edit(place, screen))

    async def send_picture(
        self, chat_id: int, picture: Picture, *, receiver_id: int | None = None, thread_id: int | None = None
    ) -> Message:
        """To `receiver_id` alone where one is named, which a server that knows no such thing ignores."""
        return await self._bot.send_photo(
            chat_id,
            _file(picture),
            message_thread_id=thread_id,
            reply_markup=_keyboard(picture.keyboard),
            ephemeral_message_parameters=EphemeralMessageParameters(receiver_user_id=receiver_id)
            if receiver_id is not None
            else None,
            **_caption(picture),
        )

    async def edit_picture(self, place: Place, picture: Picture) -> bool:
        """Puts another picture in the stead of one; False and success as of `edit`."""
        media = InputMediaPhoto(media=_file(picture), **_caption(picture))
        keyboard = _keyboard(picture.keyboard)
        if place.ephemeral_id is not None and place.receiver_id is not None:
            return await self._stands(
                self._bot.edit_ephemeral_message_media(
                    place.chat_id, place.receiver_id, place.ephemeral_id, media, reply_markup=keyboard
                )
            )
        return await self._stands(
            self._bot.edit_message_media(
                media, chat_id=place.chat_id, message_id=place.message_id, reply_markup=keyboard
            )
        )

    async def edit_file(self, place: Place, name: str, content: bytes, caption: Text) -> bool:
        """Puts a document in the stead of a private text; False and success as of `edit`."""
        said = caption.as_kwargs(text_key="caption", entities_key="caption_entities")
        media = InputMediaDocument(media=BufferedInputFile(content, name), **said)
        return await self._stands(
            self._bot.edit_message_media(media, chat_id=place.chat_id, message_id=place.message_id)
        )

    async def _stands(self, edit: Awaitable[object]) -> bool:
        try:
            await edit
        except TelegramBadRequest as refusal:
            said = refusal.message.lower()
            if any(words in said for words in SAME):
                return True
            if any(words in said for words in GONE):
                return False
            raise
        except (TelegramForbiddenError, TelegramNotFound):
            return False
        return True

    async def remove(self, place: Place) -> bool:
        """A message that is gone, or that the bot may not delete, is left: False."""
        try:
            if place.ephemeral_id is not None and place.receiver_id is not None:
                await self._bot.delete_ephemeral_message(place.chat_id, place.receiver_id, place.ephemeral_id)
            else:
                await self._bot.delete_message(place.chat_id, place.message_id)
        except (TelegramBadRequest, TelegramForbiddenError, TelegramNotFound) as refusal:
            log.info("message not deleted", chat=place.chat_id, why=type(refusal).__name__)
            return False
        return True

    async def answer(
        self, query_id: str, text: str | None = None, *, alert: bool = True, url: str | None = None
    ) -> None:
        """Ends the spinner of a press, the first time; a press can be answered once."""
        if query_id in self._answered:
            return
        self._answered[query_id] = None
        shown = text[:ALERT_AT_MOST] if text is not None else None
        try:
            await self._bot.answer_callback_query(query_id, text=shown, show_alert=alert and shown is not None, url=url)
        except TelegramBadRequest:
            log.info("press already answered or too old")

    async def _edit(self, place: Place, screen: Screen) -> None:
        if place.ephemeral_id is not None and place.receiver_id is not None:
            await self._bot.edit_ephemeral_message_text(
                place.chat_id,
                place.receiver_id,
                place.ephemeral_id,
                reply_markup=_keyboard(screen.keyboard),
                **_content(screen),
            )
        else:
            await self._bot.edit_message_text(
                chat_id=place.chat_id,
                message_id=place.message_id,
                reply_markup=_keyboard(screen.keyboard),
                **_content(screen),
            )


def _content(screen: Screen) -> dict[str, Any]:
    if screen.rich:
        return {"rich_message": InputRichMessage(blocks=list(screen.rich)), "parse_mode": None}
    return {"link_preview_options": NO_PREVIEW, **screen.text.as_kwargs()}


def _file(picture: Picture) -> BufferedInputFile:
    return BufferedInputFile(picture.png, "invite.png")


def _caption(picture: Picture) -> dict[str, Any]:
    return picture.caption.as_kwargs(text_key="caption", entities_key="caption_entities")


def _json(part: TelegramObject) -> str:
    return part.model_dump_json(exclude_none=True)


def _keys(rows: Rows) -> str | None:
    """The keyboard of `_keyboard`, as it is written."""
    if not rows:
        return None
    keys = [[_key(button) for button in row] for row in rows]
    return json.dumps({"inline_keyboard": keys}, ensure_ascii=False)


def _key(button: Button) -> dict[str, Any]:
    copy = {"text": button.copy} if button.copy else None
    does = {"callback_data": button.data, "url": button.url, "copy_text": copy}
    return {"text": button.text} | {what: value for what, value in does.items() if value is not None}


def _keyboard(rows: Rows) -> InlineKeyboardMarkup | None:
    if not rows:
        return None
    keys = [
        [
            InlineKeyboardButton(
                text=button.text,
                callback_data=button.data,
                url=button.url,
                copy_text=CopyTextButton(text=button.copy) if button.copy else None,
            )
            for button in row
        ]
        for row in rows
    ]
    return InlineKeyboardMarkup(inline_keyboard=keys)

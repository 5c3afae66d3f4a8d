"""One message sent, edited or deleted, one press answered: the calls behind bot.delivery, which alone
decides who may see what."""

from __future__ import annotations

import json
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramNetworkError, TelegramNotFound
from aiogram.methods import TelegramMethod
from aiogram.types import (
    BufferedInputFile,
    EphemeralMessageParameters,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    InputRichMessage,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    TelegramObject,
)
from aiogram.utils.formatting import Text

from bot.recent import Recent
from bot.screens.base import Button, Picture, Rows, Screen
from ledger.errands import Place

NO_PREVIEW = {"is_disabled": True}
ALERT_AT_MOST = 200

GONE = ("not found", "can't be edited", "message_id_invalid", "there is no text in the message", "there is no media in")
SAME = ("message is not modified", "message_not_modified")
NO_TOPIC = ("thread not found", "topic_deleted", "topic_closed")

Below = ReplyKeyboardMarkup | ReplyKeyboardRemove

log = structlog.get_logger("bot.sending")


@dataclass(frozen=True, slots=True)
class Sent:
    """Where a message just sent stands."""

    chat_id: int
    message_id: int
    ephemeral_message_id: int | None


class Says(TelegramMethod[Any]):
    """A text as every answer needs it, of plain values, and so posted as JSON at one stroke: aiogram builds an
    object of each part, and of all a form, whose every byte is quoted. What comes back are our own words, of which
    aiogram builds some forty objects."""

    __returning__ = Any

    chat_id: int
    text: str
    entities: Any = None
    link_preview_options: Any = NO_PREVIEW
    reply_markup: Any = None

    def body(self) -> bytes:
        return json.dumps({name: value for name, value in self.__dict__.items() if value is not None}).encode()


class SendText(Says):
    __api_method__ = "sendMessage"

    message_thread_id: int | None = None
    ephemeral_message_parameters: Any = None


class EditText(Says):
    __api_method__ = "editMessageText"

    message_id: int


class EditEphemeralText(Says):
    __api_method__ = "editEphemeralMessageText"

    receiver_user_id: int
    ephemeral_message_id: int


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
        said = _said(screen) | ({"reply_markup": _plain(below)} if below else {})
        only = None
        if receiver_id is not None:
            only = _plain(EphemeralMessageParameters(receiver_user_id=receiver_id, callback_query_id=query_id))
        method = SendText(chat_id=chat_id, message_thread_id=thread_id, ephemeral_message_parameters=only, **said)
        try:
            return _sent(method, await self._bot(method))
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
        if (only := _only(place)) is not None:
            return await self._stands(
                self._bot.edit_ephemeral_message_media(place.chat_id, **only, media=media, reply_markup=keyboard)
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
            if (only := _only(place)) is not None:
                await self._bot.delete_ephemeral_message(place.chat_id, **only)
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
        if screen.rich:
            await self._edit_rich(place, InputRichMessage(blocks=list(screen.rich)), _keyboard(screen.keyboard))
        elif (only := _only(place)) is not None:
            await self._bot(EditEphemeralText(chat_id=place.chat_id, **only, **_said(screen)))
        else:
            await self._bot(EditText(chat_id=place.chat_id, message_id=place.message_id, **_said(screen)))

    async def _edit_rich(self, place: Place, rich: InputRichMessage, keyboard: InlineKeyboardMarkup | None) -> None:
        if (only := _only(place)) is not None:
            await self._bot.edit_ephemeral_message_text(
                place.chat_id, **only, rich_message=rich, parse_mode=None, reply_markup=keyboard
            )
        else:
            await self._bot.edit_message_text(
                chat_id=place.chat_id, message_id=place.message_id, rich_message=rich, parse_mode=None,
                reply_markup=keyboard,
            )  # fmt: skip


def _sent(method: SendText, answer: Any) -> Sent:
    """Raises TelegramNetworkError where the answer is not one to this call."""
    try:
        return Sent(answer["chat"]["id"], answer["message_id"], answer.get("ephemeral_message_id"))
    except (KeyError, TypeError, AttributeError):
        raise TelegramNetworkError(method=method, message="the answer was lost") from None


def _only(place: Place) -> dict[str, Any] | None:
    """Whose the message is, where one person alone has it."""
    if place.ephemeral_id is None or place.receiver_id is None:
        return None
    return {"receiver_user_id": place.receiver_id, "ephemeral_message_id": place.ephemeral_id}


def _said(screen: Screen) -> dict[str, Any]:
    text, entities = screen.text.render()
    return {"text": text, "entities": [_plain(one) for one in entities], "reply_markup": _keys(screen.keyboard)}


def _file(picture: Picture) -> BufferedInputFile:
    return BufferedInputFile(picture.png, "invite.png")


def _caption(picture: Picture) -> dict[str, Any]:
    return picture.caption.as_kwargs(text_key="caption", entities_key="caption_entities")


def _plain(part: TelegramObject) -> dict[str, Any]:
    return part.model_dump(mode="json", exclude_none=True)


def _keys(rows: Rows) -> dict[str, Any] | None:
    return {"inline_keyboard": [[_key(button) for button in row] for row in rows]} if rows else None


def _key(button: Button) -> dict[str, Any]:
    copy = {"text": button.copy} if button.copy else None
    does = {"callback_data": button.data, "url": button.url, "copy_text": copy}
    return {"text": button.text} | {what: value for what, value in does.items() if value is not None}


def _keyboard(rows: Rows) -> InlineKeyboardMarkup | None:
    return InlineKeyboardMarkup.model_validate(_keys(rows)) if rows else None

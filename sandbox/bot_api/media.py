"""The Bot API's methods that send and edit pictures and documents, ephemeral ones too."""

from __future__ import annotations

import dataclasses
from typing import Any

from sandbox.bot_api.calls import Call, answers, refuse
from sandbox.bot_api.files import file_of
from sandbox.bot_api.markup import text_of
from sandbox.bot_api.sends import Content, edit, send
from sandbox.messages import Message


@answers("sendPhoto")
def send_photo(call: Call) -> Any:
    return send(call, lambda: _given(call, "photo"))


@answers("sendDocument")
def send_document(call: Call) -> Any:
    return send(call, lambda: _given(call, "document"))


@answers("editMessageCaption")
def edit_message_caption(call: Call) -> Any:
    return edit(call, lambda message: _captioned(call, message))


@answers("editEphemeralMessageCaption")
def edit_ephemeral_message_caption(call: Call) -> Any:
    return edit(call, lambda message: _captioned(call, message), ephemeral=True)


@answers("editMessageMedia")
def edit_message_media(call: Call) -> Any:
    """A text or a rich message may become one with media, and never the other way round."""
    return edit(call, lambda message: _input_media(call))


@answers("editEphemeralMessageMedia")
def edit_ephemeral_message_media(call: Call) -> Any:
    """Documented for the media of a message, and for nothing that has none."""

    def read(message: Message) -> Content:
        if message.media is None:
            raise refuse("there is no media in the message to edit")
        return _input_media(call)

    return edit(call, read, ephemeral=True)


def _given(call: Call, kind: str) -> Content:
    return Content(*text_of(call, "caption", "caption_entities"), file_of(call, call.arguments.get(kind), kind))


def _captioned(call: Call, message: Message) -> Content:
    if message.media is None:
        raise refuse("there is no caption in the message to edit")
    return Content(*text_of(call, "caption", "caption_entities"), message.media)


def _input_media(call: Call) -> Content:
    given = call.nested("media", "input media JSON object")
    if given is None:
        raise refuse("input media is empty")
    kind = given.get("type")
    if kind not in ("photo", "document"):
        raise refuse("can't parse InputMedia: type must be one of photo and document")
    within = dataclasses.replace(call, arguments=given)
    return Content(*text_of(within, "caption", "caption_entities"), file_of(call, given.get("media"), kind))

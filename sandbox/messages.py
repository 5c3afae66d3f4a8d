"""What a message is, and the events and presses around it.

Entities and keyboards are kept in the Bot API's JSON form; the MTProto face translates them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox import rich
from sandbox.chats import Chat, Person
from sandbox.found import Json
from sandbox.media import Media

if TYPE_CHECKING:
    from sandbox.invites import InviteLink


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a forwarded message is from. `kind` is the Bot API's: "user", "hidden_user" (a name only),
    "chat" (written as one), "channel" (its post `message_id`)."""

    kind: str
    date: int
    person_id: int | None = None
    name: str = ""
    chat: Chat | None = None
    message_id: int = 0
    signature: str = ""


@dataclass(slots=True, eq=False)
class Message:
    """`id` is 0 for an ephemeral message, which has `ephemeral_id` and one `receiver_id` instead.
    `service` holds a service message's fields; `link` the invite link behind a join, `by_request` whether
    it was let in.

    `sender_id` is always the person or bot that wrote; `as_chat` the chat it shows as its author instead.
    `thread_id` is a topic's id where `in_topic`, else the message that its chain of replies began with.
    `automatic`: the copy of a channel's post in its discussion group.
    `text` is the caption where there is `media`, and what a reader sees where there are `rich` blocks."""

    id: int
    chat: Chat
    sender_id: int
    date: int
    text: str
    entities: Sequence[Json] = ()
    keyboard: Json | None = None
    reply_to: int | None = None
    edited: int = 0
    receiver_id: int | None = None
    ephemeral_id: int | None = None
    service: Json | None = None
    link: InviteLink | None = None
    by_request: bool = False
    as_chat: Chat | None = None
    signature: str = ""
    thread_id: int | None = None
    in_topic: bool = False
    automatic: bool = False
    forwarded: Origin | None = None
    deleted: bool = False
    media: Media | None = None
    rich: Sequence[Json] = ()

    @property
    def rows(self) -> list[list[Json]]:
        """The rows of its inline or reply keyboard, before them those within its rich text."""
        keyboard = self.keyboard or {}
        rows = keyboard.get("inline_keyboard") or keyboard.get("keyboard") or []
        below = [[{"text": button} if isinstance(button, str) else button for button in row] for row in rows]
        return [*rich.rows_in(list(self.rich)), *below]

    @property
    def buttons(self) -> list[Json]:
        return [button for row in self.rows for button in row]


@dataclass(frozen=True, slots=True)
class Posted:
    message: Message


@dataclass(frozen=True, slots=True)
class Edited:
    message: Message


@dataclass(frozen=True, slots=True)
class Deleted:
    message: Message


@dataclass(slots=True, eq=False)
class Press:
    """A pressed callback button; `answer` resolves to the bot's {text, show_alert, url}."""

    id: str
    person: Person
    message: Message
    data: str
    at: float
    answer: asyncio.Future[Json] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


@dataclass(frozen=True, slots=True)
class Pressed:
    press: Press

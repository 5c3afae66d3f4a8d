"""Messages, ephemeral messages and button presses, and who can see each of them.

Entities and keyboards are kept in the Bot API's JSON form; the MTProto face translates them.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.chats import ADMINS, Chat, Kind, Person, Refusal
from sandbox.log import View

if TYPE_CHECKING:
    from sandbox.invites import InviteLink
    from sandbox.world import World

Json = Mapping[str, Any]
MAX_TEXT = 4096


_FOUND = re.compile(
    r"(?P<bot_command>(?<![\w/])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?)(?!\w)"
    r"|(?P<mention>(?<!\w)@[A-Za-z]\w{3,31})(?!\w)"
    r"|(?P<url>(?<!\w)(?:https?://|t\.me/)[^\s<>\"]+)"
)


def _found_in(text: str, given: Sequence[Json]) -> tuple[Json, ...]:
    """`given` and what Telegram finds in the text by itself: commands, mentions and URLs, except
    where an entity stands already. Offsets count UTF-16 units."""
    taken = [(e["offset"], e["offset"] + e["length"]) for e in given]
    found: list[Json] = []
    for match in _FOUND.finditer(text):
        start, length = _utf16(text[: match.start()]), _utf16(match[0])
        if all(start + length <= begin or end <= start for begin, end in taken):
            found.append({"type": match.lastgroup, "offset": start, "length": length})
    return tuple(sorted([*given, *found], key=lambda e: (e["offset"], -e["length"])))


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@dataclass(slots=True, eq=False)
class Message:
    """`id` is 0 for an ephemeral message, which has `ephemeral_id` and one `receiver_id` instead.
    `service` holds a service message's fields; `link` the invite link behind a join."""

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
    deleted: bool = False

    @property
    def buttons(self) -> list[Json]:
        rows = (self.keyboard or {}).get("inline_keyboard", [])
        return [button for row in rows for button in row]


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


class Messages:
    def __init__(self, world: World) -> None:
        self._world = world
        self._presses: dict[str, Press] = {}
        self._ephemeral: dict[tuple[int, int, int], Message] = {}  # (chat, receiver, ephemeral id)
        self._last_private_id = 0
        self._last_ephemeral_id: dict[int, int] = {}
        self._started: set[tuple[int, int]] = set()  # (person, whom he wrote to first)
        self._random_ids: set[tuple[int, int]] = set()  # (sender, the id his client gave the message)

    # sending

    def send(
        self,
        chat: Chat,
        sender: Person,
        text: str,
        *,
        entities: Sequence[Json] = (),
        keyboard: Json | None = None,
        reply_to: int | None = None,
        random_id: int | None = None,
    ) -> Message:
        """Posts a message. Raises MESSAGE_EMPTY, MESSAGE_TOO_LONG, CHAT_WRITE_FORBIDDEN (not in the
        chat; in a channel: no administrator), USER_IS_BLOCKED and, for a bot that writes to a person
        who never wrote to it, 400 USER_BOT_NOT_STARTED; 500 RANDOM_ID_DUPLICATE for a `random_id` that
        this sender's client used before."""
        self._check_text(text)
        self._demand_voice(chat, sender)
        self._demand_new(sender, random_id)
        if chat.kind == Kind.PRIVATE:
            self._started.add((sender.id, self._visible_id(chat, sender)))
        message = Message(
            self._next_id(chat), chat, sender.id, self._world.now(), text, _found_in(text, entities), keyboard, reply_to
        )
        chat.messages[message.id] = message
        self._world.note("message.sent", sender.id, self._visible_id(chat, sender), message=message.id, text=text)
        self._seen(message, "message")
        self._world.tell(Posted(message))
        return message

    def send_ephemeral(
        self,
        chat: Chat,
        sender: Person,
        receiver: Person,
        text: str,
        *,
        entities: Sequence[Json] = (),
        keyboard: Json | None = None,
        random_id: int | None = None,
        prompted: bool = False,
    ) -> Message:
        """Posts what only `receiver` and the sender can see; one of the two is a bot. A bot must be
        administrator of the group or `prompted` by the receiver a moment ago, and the receiver be
        present: 400 CHAT_ADMIN_REQUIRED, USER_NOT_PARTICIPANT, CHAT_INVALID; 500 RANDOM_ID_DUPLICATE
        as `send`."""
        self._check_text(text)
        if chat.kind not in (Kind.GROUP, Kind.SUPERGROUP):
            raise Refusal(400, "CHAT_INVALID")
        self._demand_voice(chat, sender)
        if sender.is_bot and not prompted and self._world.member(chat, sender).status not in ADMINS:
            raise Refusal(400, "CHAT_ADMIN_REQUIRED")
        if not chat.present(receiver.id) or sender.is_bot == receiver.is_bot:
            raise Refusal(400, "USER_NOT_PARTICIPANT")
        self._demand_new(sender, random_id)
        number = self._last_ephemeral_id[chat.id] = self._last_ephemeral_id.get(chat.id, 0) + 1
        message = Message(
            0, chat, sender.id, self._world.now(), text, _found_in(text, entities), keyboard,
            receiver_id=receiver.id, ephemeral_id=number,
        )  # fmt: skip
        self._ephemeral[chat.id, receiver.id, number] = message
        self._world.note("ephemeral.sent", sender.id, chat.id, message=number, receiver=receiver.id, text=text)
        self._seen(message, "ephemeral")
        self._world.tell(Posted(message))
        return message

    def service(self, chat: Chat, sender: Person, what: Json, *, link: InviteLink | None = None) -> Message:
        message = Message(self._next_id(chat), chat, sender.id, self._world.now(), "", service=what, link=link)
        chat.messages[message.id] = message
        self._world.tell(Posted(message))
        return message

    # changing

    def edit(
        self,
        message: Message,
        editor: Person,
        text: str,
        *,
        entities: Sequence[Json] = (),
        keyboard: Json | None = None,
    ) -> Message:
        """Raises MESSAGE_AUTHOR_REQUIRED (another's message), MESSAGE_NOT_MODIFIED and as `send` for text."""
        self._check_text(text)
        if message.sender_id != editor.id:
            raise Refusal(400, "MESSAGE_AUTHOR_REQUIRED")
        shown = _found_in(text, entities)
        if (message.text, message.entities, message.keyboard) == (text, shown, keyboard):
            raise Refusal(400, "MESSAGE_NOT_MODIFIED")
        message.text, message.entities, message.keyboard = text, shown, keyboard
        message.edited = self._world.now()
        self._world.note("message.edited", editor.id, message.chat.id, message=message.id or message.ephemeral_id)
        self._seen(message, "edit")
        self._world.tell(Edited(message))
        return message

    def delete(self, message: Message, actor: Person) -> None:
        """Own messages, and others' for an administrator with the right: MESSAGE_DELETE_FORBIDDEN."""
        member = self._world.member(message.chat, actor)
        admin = member.status in ADMINS and (member.status == "creator" or member.rights.delete_messages)
        if message.sender_id != actor.id and not admin and message.chat.kind != Kind.PRIVATE:
            raise Refusal(400, "MESSAGE_DELETE_FORBIDDEN")
        message.deleted = True
        if message.ephemeral_id is None:
            del message.chat.messages[message.id]
        else:
            del self._ephemeral[message.chat.id, message.receiver_id or 0, message.ephemeral_id]
        self._world.note("message.deleted", actor.id, message.chat.id, message=message.id or message.ephemeral_id)
        self._world.tell(Deleted(message))

    # reading

    def get(self, chat: Chat, message_id: int) -> Message:
        """Raises MESSAGE_ID_INVALID."""
        if message_id not in chat.messages:
            raise Refusal(400, "MESSAGE_ID_INVALID")
        return chat.messages[message_id]

    def get_ephemeral(self, chat: Chat, receiver_id: int, ephemeral_id: int) -> Message:
        """Raises MESSAGE_ID_INVALID."""
        found = self._ephemeral.get((chat.id, receiver_id, ephemeral_id))
        if found is None:
            raise Refusal(400, "MESSAGE_ID_INVALID")
        return found

    def seen_by(self, person: Person, chat: Chat) -> list[Message]:
        """What `person` finds in the chat now, oldest first, ephemeral messages to him last."""
        if not chat.present(person.id):
            return []
        mine = [m for (chat_id, who, _), m in self._ephemeral.items() if chat_id == chat.id and who == person.id]
        return [*chat.messages.values(), *mine]

    # pressing

    def press(self, person: Person, message: Message, data: str) -> Press:
        """Presses a callback button. A client may send any `data` (Telegram does not check it), but
        must be able to see the message, and a bot must have sent it: MESSAGE_ID_INVALID."""
        from_bot = self._world.people[message.sender_id].is_bot
        if message.deleted or not from_bot or person.id not in self._audience(message):
            raise Refusal(400, "MESSAGE_ID_INVALID")
        press = Press(str(secrets.randbits(62)), person, message, data, self._world.clock())
        self._presses[press.id] = press
        self._world.note("button.pressed", person.id, message.chat.id, data=data)
        self._world.tell(Pressed(press))
        return press

    def pressed(self, query_id: str) -> Press | None:
        return self._presses.get(query_id)

    def answer(self, query_id: str, bot: Person, *, text: str = "", show_alert: bool = False, url: str = "") -> None:
        """answerCallbackQuery. Raises QUERY_ID_INVALID: unknown, another bot's, or answered already."""
        press = self._presses.get(query_id)
        if press is None or press.message.sender_id != bot.id or press.answer.done():
            raise Refusal(400, "QUERY_ID_INVALID")
        if text or url:
            self._world.log.add(
                View(
                    press.person.id, self._visible_id(press.message.chat, bot), press.message.id, "alert",
                    f"{text} {url}".strip(), by=bot.id, at=self._world.clock(),
                )
            )  # fmt: skip
        press.answer.set_result({"text": text, "show_alert": show_alert, "url": url})

    # inside

    def _audience(self, message: Message) -> list[int]:
        if message.receiver_id is not None:
            return [message.receiver_id, message.sender_id]
        return [m.person_id for m in message.chat.members.values() if message.chat.present(m.person_id)]

    def _seen(self, message: Message, kind: str) -> None:
        hidden = [str(e["url"]) for e in message.entities if e.get("url")]
        text = " ".join([message.text, *hidden])
        for who in self._audience(message):
            if who != message.sender_id and not self._world.people[who].is_bot:
                self._world.log.add(
                    View(
                        who, self._visible_id(message.chat, self._world.people[who]), message.id, kind, text,
                        tuple(message.buttons), message.sender_id, self._world.clock(),
                    )
                )  # fmt: skip

    def _visible_id(self, chat: Chat, viewer: Person) -> int:
        """A private chat is the other one's id to each of the two."""
        if chat.kind != Kind.PRIVATE:
            return chat.id
        return next((who for who in chat.members if who != viewer.id), viewer.id)

    def _next_id(self, chat: Chat) -> int:
        if chat.kind in (Kind.PRIVATE, Kind.GROUP):  # one numbering for all of them, as accounts see it
            self._last_private_id += 1
            chat.last_message_id = self._last_private_id
        else:
            chat.last_message_id += 1
        return chat.last_message_id

    def _demand_voice(self, chat: Chat, sender: Person) -> None:
        if not chat.present(sender.id):
            raise Refusal(403, "CHAT_WRITE_FORBIDDEN")
        if chat.kind == Kind.CHANNEL and self._world.member(chat, sender).status not in ADMINS:
            raise Refusal(403, "CHAT_WRITE_FORBIDDEN")
        if chat.kind == Kind.PRIVATE and sender.is_bot:
            other = self._visible_id(chat, sender)
            if (other, sender.id) in self._world.blocked:
                raise Refusal(400, "USER_IS_BLOCKED")
            if (other, sender.id) not in self._started:
                raise Refusal(400, "USER_BOT_NOT_STARTED")

    def _demand_new(self, sender: Person, random_id: int | None) -> None:
        """A client repeats a call whose answer was lost under the same random id."""
        if random_id is None:
            return
        if (sender.id, random_id) in self._random_ids:
            raise Refusal(500, "RANDOM_ID_DUPLICATE")
        self._random_ids.add((sender.id, random_id))

    def _check_text(self, text: str) -> None:
        if not text.strip():
            raise Refusal(400, "MESSAGE_EMPTY")
        if len(text) > MAX_TEXT:
            raise Refusal(400, "MESSAGE_TOO_LONG")

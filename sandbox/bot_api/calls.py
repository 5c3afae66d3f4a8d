"""One Bot API call: its arguments, coerced as Telegram's own server does, and the words of its refusals."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from sandbox.chats import Chat, Kind, Person, Refusal, Status
from sandbox.world import World

if TYPE_CHECKING:
    from sandbox.bot_api.face import BotApi

INT_MAX = 2**31 - 1
ID_MAX = 2**53

Method = Callable[["Call"], Any]
M = TypeVar("M", bound=Method)

METHODS: dict[str, tuple[str, Method]] = {}  # by lower-cased name: Telegram takes any case
YOUNG_METHODS = {  # of Bot API 10.1 and later
    "sendRichMessage", "editEphemeralMessageText", "editEphemeralMessageMedia", "editEphemeralMessageCaption",
    "editEphemeralMessageReplyMarkup", "deleteEphemeralMessage",
}  # fmt: skip

PREFIXES = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 409: "Conflict"}

WORDS: Mapping[str, tuple[int, str]] = {
    "MESSAGE_EMPTY": (400, "message text is empty"),
    "MESSAGE_TOO_LONG": (400, "message is too long"),
    "MEDIA_CAPTION_TOO_LONG": (400, "message caption is too long"),
    "MESSAGE_NOT_MODIFIED": (
        400,
        "message is not modified: specified new message content and reply markup are exactly the same as a current"
        " content and reply markup of the message",
    ),
    "MESSAGE_AUTHOR_REQUIRED": (400, "message can't be edited"),
    "MESSAGE_DELETE_FORBIDDEN": (400, "message can't be deleted"),
    "QUERY_ID_INVALID": (400, "query is too old and response timeout expired or query ID is invalid"),
    "INPUT_USER_DEACTIVATED": (403, "user is deactivated"),
    "USER_ADMIN_INVALID": (400, "user is an administrator of the chat"),
    "USER_IS_BLOCKED": (403, "bot was blocked by the user"),
    "USER_BOT_NOT_STARTED": (403, "bot can't initiate conversation with a user"),
    "TOPIC_DELETED": (400, "message thread not found"),
    "CHANNEL_INVALID": (400, "chat not found"),
    "CHAT_ID_INVALID": (400, "chat not found"),
}


class ApiError(Exception):
    """An answer with `ok` false: its HTTP status, description and `parameters`."""

    def __init__(self, code: int, description: str, parameters: Mapping[str, int] | None = None) -> None:
        super().__init__(code, description)
        self.code = code
        self.description = description
        self.parameters = parameters


def refuse(text: str, code: int = 400) -> ApiError:
    """An error as the Bot API server words it: a text whose second letter is small begins small."""
    if len(text) > 1 and text[1].islower():
        text = text[0].lower() + text[1:]
    return ApiError(code, f"{PREFIXES[code]}: {text}")


def worded(refusal: Refusal) -> ApiError:
    """A rule's refusal in the Bot API's words: bare upper-case 403s, 404s and 406s are reported as 400."""
    if refusal.name in WORDS:
        code, text = WORDS[refusal.name]
        return refuse(text, code)
    return refuse(refusal.name, 401 if refusal.code == 401 else 400)


def flooded(seconds: int) -> ApiError:
    return ApiError(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})


def answers(name: str) -> Callable[[M], M]:
    """Registers the function that answers the Bot API method `name`."""

    def register(method: M) -> M:
        METHODS[name.lower()] = (name, method)
        return method

    return register


@dataclass(frozen=True, slots=True)
class Upload:
    """A file part of a multipart form."""

    name: str
    mime: str
    content: bytes


@dataclass(slots=True)
class Call:
    """`arguments` hold strings (forms, query strings), any JSON value (JSON bodies) or an Upload."""

    face: BotApi
    bot: Person
    name: str
    arguments: Mapping[str, Any]

    @property
    def world(self) -> World:
        return self.face.world

    def text(self, name: str) -> str:
        value = self.arguments.get(name, "")
        if isinstance(value, Upload):
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        return "" if value is None else value if isinstance(value, str) else json.dumps(value)

    def integer(self, name: str, default: int = 0, low: int = -ID_MAX, high: int = ID_MAX) -> int:
        """Junk is 0, an empty value the default, and all is clamped to `low`..`high`."""
        text = self.text(name)
        digits = re.match(r"-?\d+", text)
        value = default if not text else int(digits[0]) if digits else 0
        return max(low, min(high, value))

    def flag(self, name: str) -> bool:
        return self.text(name).strip().lower() in ("true", "yes", "1")

    def json(self, name: str, what: str) -> Any:
        """A nested value; None where it is absent. Raises `can't parse {what}`."""
        value = self.arguments.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise refuse(f"can't parse {what}") from None

    def nested(self, name: str, what: str) -> dict[str, Any] | None:
        """A nested object. Raises as `json`, for any other value too."""
        given = self.json(name, what)
        if given is not None and not isinstance(given, dict):
            raise refuse(f"can't parse {what}")
        return given

    def person(self, name: str = "user_id") -> Person:
        """Raises `invalid user_id specified` and, for nobody this bot could know, `user not found`."""
        who = self.integer(name)
        if who <= 0:
            raise refuse(f"invalid {name} specified")
        if who not in self.world.people:
            raise refuse("user not found")
        return self.world.people[who]

    def chat(self, *, read_only: bool = False) -> Chat:
        """The chat of `chat_id`, which the bot must be in (`read_only`: or which is public).

        Raises `chat_id is empty`, `chat not found`, `group chat was upgraded to a supergroup chat` (with
        `migrate_to_chat_id` in the answer's parameters), 403 `bot is not a member of the … chat`, 403 `bot
        was kicked from the … chat`, 403 `bot can't initiate conversation with a user`."""
        text = self.text("chat_id").strip()
        if not text:
            raise refuse("chat_id is empty")
        if text.startswith("@"):
            found = self.world.by_username(text)
        elif re.fullmatch(r"-?\d+", text):
            found = self.world.chats.get(int(text)) or self.world.people.get(int(text))
        else:
            found = None
        if isinstance(found, Chat):
            self._demand_access(found, read_only=read_only)
            return found
        if found is None or text.startswith("@") or not self._met(found):
            raise refuse("chat not found")
        if found.is_bot:
            raise refuse("bot can't send messages to bots", 403)
        if not self.world.has_dialog(self.bot, found) and not self.world.requests.lets_write(self.bot, found):
            raise refuse("bot can't initiate conversation with a user", 403)
        return self.world.dialog(self.bot, found)

    def _met(self, person: Person) -> bool:
        if self.world.has_dialog(self.bot, person) or self.world.requests.lets_write(self.bot, person):
            return True
        return any(self.bot.id in chat.members and person.id in chat.members for chat in self.world.chats.values())

    def _demand_access(self, chat: Chat, *, read_only: bool) -> None:
        member = chat.members.get(self.bot.id)
        if chat.migrated_to is not None and member is not None:
            text = f"{PREFIXES[400]}: group chat was upgraded to a supergroup chat"
            raise ApiError(400, text, {"migrate_to_chat_id": chat.migrated_to})
        what = {Kind.GROUP: "group", Kind.SUPERGROUP: "supergroup"}.get(chat.kind, "channel")
        if member is not None and member.status == Status.KICKED:
            raise refuse(f"bot was kicked from the {what} chat", 403)
        if chat.present(self.bot.id) or (read_only and chat.username):
            return
        if member is None and not chat.username:
            raise refuse("chat not found")
        raise refuse(f"bot is not a member of the {what} chat", 403)

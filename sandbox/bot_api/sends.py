"""The Bot API's methods that send, edit and delete messages, ephemeral ones too, and answer presses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.bot_api import answers as show
from sandbox.bot_api.calls import Call, answers, refuse
from sandbox.bot_api.markup import keyboard_of, text_of
from sandbox.bot_api.rich import rich_of
from sandbox.chats import ADMINS, Chat, Kind, Person, Status
from sandbox.media import Media
from sandbox.messages import Message

DELETABLE_FOR = 48 * 3600
PROMPT_LASTS = 15  # within these seconds of a press or an ephemeral command any bot may answer it ephemerally


@dataclass(frozen=True, slots=True)
class Content:
    """What a message is to hold."""

    text: str
    entities: Sequence[Mapping[str, Any]] = ()
    media: Media | None = None
    rich: Sequence[Mapping[str, Any]] = ()

    def fields(self) -> dict[str, Any]:
        return {"entities": self.entities, "media": self.media, "rich": self.rich}


def send(call: Call, read: Callable[[], Content]) -> Any:
    """Answers a method that sends what `read` finds in the call, once the bot may write to the chat. An old
    server does not know the ephemeral parameters: it posts to all."""
    chat = call.chat()
    if chat.kind == Kind.CHANNEL and not chat.may_post(call.bot.id):
        raise refuse("Need administrator rights in the channel chat")
    thread = call.integer("message_thread_id") or None
    content = read()
    ephemeral = _ephemeral_parameters(call) if call.face.ephemeral != "old" else {}
    keyboard = keyboard_of(call, private=chat.kind == Kind.PRIVATE, ephemeral=bool(ephemeral))
    if ephemeral:
        receiver, prompted = _receiver(call, chat, ephemeral)
        sent = call.world.messages.send_ephemeral(
            chat, call.bot, receiver, content.text,
            keyboard=keyboard, prompted=prompted, thread_id=thread, **content.fields(),
        )  # fmt: skip
    else:
        reply_to = _replied(call, chat)
        sent = call.world.messages.send(
            chat, call.bot, content.text, keyboard=keyboard, reply_to=reply_to, thread_id=thread, **content.fields()
        )
    return show.message(call.world, sent, call.bot)


def edit(call: Call, read: Callable[[Message], Content], *, ephemeral: bool = False) -> Any:
    """Answers a method that puts what `read` finds in a message's stead: with the message, with True for an
    ephemeral one."""
    message = _own_ephemeral(call) if ephemeral else _own_message(call)
    content = read(message)
    private = message.chat.kind == Kind.PRIVATE
    keyboard = keyboard_of(call, private=private, ephemeral=ephemeral, inline_only=True)
    call.world.messages.edit(message, call.bot, content.text, keyboard=keyboard, **content.fields())
    return True if ephemeral else show.message(call.world, message, call.bot)


@answers("sendMessage")
def send_message(call: Call) -> Any:
    return send(call, lambda: Content(*text_of(call)))


@answers("sendRichMessage")
def send_rich_message(call: Call) -> Any:
    return send(call, lambda: _rich(call))


@answers("editMessageText")
def edit_message_text(call: Call) -> Any:
    return edit(call, lambda message: _new_text(call, message))


@answers("editEphemeralMessageText")
def edit_ephemeral_message_text(call: Call) -> Any:
    return edit(call, lambda message: _new_text(call, message), ephemeral=True)


@answers("editMessageReplyMarkup")
def edit_message_reply_markup(call: Call) -> Any:
    return edit(call, _unchanged)


@answers("editEphemeralMessageReplyMarkup")
def edit_ephemeral_message_reply_markup(call: Call) -> Any:
    return edit(call, _unchanged, ephemeral=True)


def _new_text(call: Call, message: Message) -> Content:
    """A text or a rich message takes the other's place; an old server has not heard of rich ones."""
    if message.media is not None:
        raise refuse("there is no text in the message to edit")
    rich = call.face.ephemeral != "old" and "rich_message" in call.arguments
    return _rich(call) if rich else Content(*text_of(call))


def _rich(call: Call) -> Content:
    blocks, seen = rich_of(call)
    return Content(seen.text, seen.entities, rich=blocks)


def _unchanged(message: Message) -> Content:
    return Content(message.text, message.entities, message.media, message.rich)


@answers("deleteMessage")
def delete_message(call: Call) -> Any:
    """After 48 hours only an administrator who may delete still can, and not in private."""
    chat = call.chat()
    message = chat.messages.get(_message_id(call))
    if message is None:
        raise refuse("message to delete not found")
    me = call.world.member(chat, call.bot)
    powerful = me.status in ADMINS and me.rights.delete_messages and chat.kind != Kind.GROUP
    if not powerful and message.date < call.world.now() - DELETABLE_FOR:
        raise refuse("message can't be deleted for everyone")
    call.world.messages.delete(message, call.bot)
    return True


@answers("answerCallbackQuery")
def answer_callback_query(call: Call) -> Any:
    text, url = call.text("text"), call.text("url")
    if len(text) > 200:
        raise refuse("message is too long")
    if url and not url.startswith((f"https://t.me/{call.bot.username}?start=", f"t.me/{call.bot.username}?start=")):
        raise refuse("URL_INVALID")
    call.world.messages.answer(
        call.text("callback_query_id"), call.bot, text=text, show_alert=call.flag("show_alert"), url=url
    )
    return True


@answers("deleteEphemeralMessage")
def delete_ephemeral_message(call: Call) -> Any:
    """The bot's own ephemeral message, or the ephemeral command a person sent it."""
    chat = call.chat()
    receiver, number = call.integer("receiver_user_id"), call.integer("ephemeral_message_id")
    call.world.messages.delete(call.world.messages.get_ephemeral(chat, receiver, number), call.bot)
    return True


def _ephemeral_parameters(call: Call) -> dict[str, Any]:
    """`ephemeral_message_parameters`, or the 10.2 arguments in its shape; empty for a plain message."""
    given = call.nested("ephemeral_message_parameters", "EphemeralMessageParameters JSON object")
    if given is None and call.text("receiver_user_id"):
        given = {
            "receiver_user_id": call.integer("receiver_user_id"),
            "callback_query_id": call.text("callback_query_id"),
        }
    if given is not None and not isinstance(given.get("receiver_user_id"), int):
        raise refuse("can't parse EphemeralMessageParameters JSON object")
    return given or {}


def _receiver(call: Call, chat: Chat, parameters: dict[str, Any]) -> tuple[Person, bool]:
    """Who is to see the ephemeral message, and whether he asked for it a moment ago."""
    if call.face.ephemeral == "refusing":
        raise refuse("EPHEMERAL_MESSAGES_UNAVAILABLE")
    receiver = call.world.people.get(parameters["receiver_user_id"])
    if receiver is None:
        raise refuse("user not found")
    query = str(parameters.get("callback_query_id") or "")
    if parameters.get("replace_callback_query_message") and not query:
        raise refuse("QUERY_ID_INVALID")
    return receiver, _prompted(call, chat, receiver, query)


def _prompted(call: Call, chat: Chat, receiver: Person, query: str) -> bool:
    """Whether `receiver` pressed a button of the bot, or sent it an ephemeral command, a moment ago."""
    since = call.world.clock() - PROMPT_LASTS
    if query:
        press = call.world.messages.pressed(query)
        if press is None or press.person is not receiver or chat.id not in _places(press.message.chat):
            raise refuse("QUERY_ID_INVALID")
        return press.at >= since
    reply = call.nested("reply_parameters", "ReplyParameters JSON object") or {}
    number = reply.get("ephemeral_message_id")
    if not isinstance(number, int):
        return False
    command = call.world.messages.get_ephemeral(chat, call.bot.id, number)
    return command.sender_id == receiver.id and command.date >= since


def _places(chat: Chat) -> tuple[int, ...]:
    """Where a press in it can be answered: an upgraded group's in its supergroup."""
    return (chat.id,) if chat.migrated_to is None else (chat.migrated_to,)


def _replied(call: Call, chat: Chat) -> int | None:
    given = call.nested("reply_parameters", "ReplyParameters JSON object") or {}
    number = given.get("message_id") or call.integer("reply_to_message_id")
    if not number:
        return None
    if isinstance(number, int) and number in chat.messages:
        return number
    if given.get("allow_sending_without_reply") or call.flag("allow_sending_without_reply"):
        return None
    raise refuse("message to be replied not found")


def _message_id(call: Call) -> int:
    number = call.integer("message_id")
    if number <= 0:  # an ephemeral message's id is 0: it is no address
        raise refuse("message identifier is not specified")
    return number


def _own_message(call: Call) -> Message:
    if call.text("inline_message_id"):
        raise refuse("MESSAGE_ID_INVALID")
    chat = call.chat()
    message = chat.messages.get(_message_id(call))
    if message is None:
        raise refuse("message to edit not found")
    return message


def _own_ephemeral(call: Call) -> Message:
    chat = call.chat()
    if call.world.member(chat, call.bot).status == Status.LEFT:
        raise refuse("CHAT_ADMIN_REQUIRED")
    return call.world.messages.get_ephemeral(
        chat, call.integer("receiver_user_id"), call.integer("ephemeral_message_id")
    )

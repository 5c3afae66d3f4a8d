"""Messages, ephemeral messages and button presses: who may write what where, and who can see it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sandbox.chats import ADMINS, Chat, Kind, Person, Refusal, Topic
from sandbox.found import Json, entities_in
from sandbox.log import View
from sandbox.media import Media
from sandbox.messages import Deleted, Edited, Message, Origin, Posted, Press, Pressed

if TYPE_CHECKING:
    from sandbox.invites import InviteLink
    from sandbox.world import World

MAX_TEXT, MAX_CAPTION, MAX_RICH = 4096, 1024, 32768
TOPIC_COLOUR = 0x6FB9F0


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
        thread_id: int | None = None,
        as_chat: Chat | None = None,
        forwarded: Origin | None = None,
        media: Media | None = None,
        rich: Sequence[Json] = (),
    ) -> Message:
        """Posts a message, into a forum's topic `thread_id` (or that of the message replied to). An
        anonymous administrator writes as the group; `as_chat` names another chat to write as. Raises
        MESSAGE_EMPTY, MESSAGE_TOO_LONG, CHAT_WRITE_FORBIDDEN (not in the chat; in a channel: may not
        post), MEDIA_CAPTION_TOO_LONG, CHAT_ID_INVALID (upgraded), TOPIC_DELETED (no such topic), SEND_AS_PEER_INVALID,
        USER_IS_BLOCKED and, for a bot that writes to a person who never wrote to it nor asked, a moment ago, to
        join where the bot may let him in, 400 USER_BOT_NOT_STARTED; 500 RANDOM_ID_DUPLICATE for a `random_id`
        that this sender's client used before."""
        _check_text(text, media, rich)
        self._demand_voice(chat, sender)
        as_chat = self._author(chat, sender, as_chat)
        thread, in_topic = self._thread(chat, reply_to, thread_id)
        self._demand_new(sender, random_id)
        if chat.kind == Kind.PRIVATE:
            self._started.add((sender.id, self._visible_id(chat, sender)))
        message = Message(
            self._next_id(chat), chat, sender.id, self._world.now(), text, entities_in(text, entities), keyboard,
            reply_to, as_chat=as_chat, thread_id=thread, in_topic=in_topic, forwarded=forwarded,
            signature=self._signature(chat, sender, as_chat), media=media, rich=rich,
        )  # fmt: skip
        self._post(message)
        if chat.kind == Kind.CHANNEL and chat.linked_chat_id is not None:
            self._bring_to_discussion(message, self._world.chat(chat.linked_chat_id))
        return message

    def forward(self, message: Message, sender: Person, to: Chat) -> Message:
        """Forwards what `sender` can see; callback buttons stay behind. Raises MESSAGE_ID_INVALID (not
        seen, deleted, ephemeral or a service message), and as `send`."""
        gone = message.deleted or message.ephemeral_id is not None or message.service is not None
        if gone or sender.id not in self._audience(message):
            raise Refusal(400, "MESSAGE_ID_INVALID")
        return self.send(
            to, sender, message.text, entities=message.entities, keyboard=_links_only(message.keyboard),
            forwarded=message.forwarded or self._origin(message), media=message.media, rich=message.rich,
        )  # fmt: skip

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
        thread_id: int | None = None,
        media: Media | None = None,
        rich: Sequence[Json] = (),
    ) -> Message:
        """Posts what only `receiver` and the sender can see; one of the two is a bot. A bot must be
        administrator of the group or `prompted` by the receiver a moment ago, and the receiver be
        present: 400 CHAT_ADMIN_REQUIRED, USER_NOT_PARTICIPANT, CHAT_INVALID; an anonymous administrator
        has no such commands: SEND_AS_PEER_INVALID. TOPIC_DELETED and 500 RANDOM_ID_DUPLICATE as `send`."""
        _check_text(text, media, rich)
        if chat.kind not in (Kind.GROUP, Kind.SUPERGROUP):
            raise Refusal(400, "CHAT_INVALID")
        self._demand_voice(chat, sender)
        if sender.is_bot and not prompted and self._world.member(chat, sender).status not in ADMINS:
            raise Refusal(400, "CHAT_ADMIN_REQUIRED")
        if not chat.present(receiver.id) or sender.is_bot == receiver.is_bot:
            raise Refusal(400, "USER_NOT_PARTICIPANT")
        if chat.is_anonymous(sender.id) and not sender.is_bot:
            raise Refusal(400, "SEND_AS_PEER_INVALID")
        thread, in_topic = self._thread(chat, None, thread_id)
        self._demand_new(sender, random_id)
        number = self._last_ephemeral_id[chat.id] = self._last_ephemeral_id.get(chat.id, 0) + 1
        message = Message(
            0, chat, sender.id, self._world.now(), text, entities_in(text, entities), keyboard,
            receiver_id=receiver.id, ephemeral_id=number, thread_id=thread, in_topic=in_topic, media=media, rich=rich,
        )  # fmt: skip
        self._ephemeral[chat.id, receiver.id, number] = message
        self._world.note("ephemeral.sent", sender.id, chat.id, message=number, receiver=receiver.id, text=text)
        self._seen(message, "ephemeral")
        self._world.tell(Posted(message))
        return message

    def service(
        self,
        chat: Chat,
        sender: Person,
        what: Json,
        *,
        link: InviteLink | None = None,
        by_request: bool = False,
        as_chat: Chat | None = None,
    ) -> Message:
        message = Message(
            self._next_id(chat), chat, sender.id, self._world.now(), "", service=what, link=link,
            by_request=by_request, as_chat=as_chat,
        )  # fmt: skip
        chat.messages[message.id] = message
        self._world.tell(Posted(message))
        return message

    def open_topic(self, chat: Chat, person: Person, title: str) -> Topic:
        """The service message that opens a topic gives it its id."""
        self._demand_voice(chat, person)
        what = {"forum_topic_created": {"name": title, "icon_color": TOPIC_COLOUR}}
        opened = Message(self._next_id(chat), chat, person.id, self._world.now(), "", service=what, in_topic=True)
        opened.thread_id = opened.id
        chat.messages[opened.id] = opened
        chat.topics[opened.id] = Topic(opened.id, title)
        self._world.tell(Posted(opened))
        return chat.topics[opened.id]

    # changing

    def edit(
        self,
        message: Message,
        editor: Person,
        text: str,
        *,
        entities: Sequence[Json] = (),
        keyboard: Json | None = None,
        media: Media | None = None,
        rich: Sequence[Json] = (),
    ) -> Message:
        """Raises MESSAGE_AUTHOR_REQUIRED (another's message), MESSAGE_NOT_MODIFIED, CHAT_ID_INVALID (the chat was
        upgraded) and as `send` for text. `media` and `rich` as they stand are given again, too."""
        _check_text(text, media, rich)
        if message.chat.migrated_to is not None:
            raise Refusal(400, "CHAT_ID_INVALID")
        if message.sender_id != editor.id:
            raise Refusal(400, "MESSAGE_AUTHOR_REQUIRED")
        shown = entities_in(text, entities)
        present = message.text, message.entities, message.keyboard, message.media, message.rich
        if present == (text, shown, keyboard, media, rich):
            raise Refusal(400, "MESSAGE_NOT_MODIFIED")
        message.text, message.entities, message.keyboard, message.media, message.rich = (
            text, shown, keyboard, media, rich
        )  # fmt: skip
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
        where = {"message": message.id, "ephemeral": message.ephemeral_id}
        self._world.note("button.pressed", person.id, self._visible_id(message.chat, person), data=data, **where)
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

    def _post(self, message: Message) -> None:
        chat, sender = message.chat, self._world.people[message.sender_id]
        chat.messages[message.id] = message
        self._world.note(
            "message.sent", sender.id, self._visible_id(chat, sender), message=message.id, text=message.text
        )
        self._seen(message, "message")
        self._world.tell(Posted(message))

    def _author(self, chat: Chat, sender: Person, wanted: Chat | None) -> Chat | None:
        as_group = chat.is_anonymous(sender.id) and not sender.is_bot
        if wanted is None:
            return chat if as_group or chat.kind == Kind.CHANNEL else None
        own_channel = wanted.kind == Kind.CHANNEL and wanted.owner_id == sender.id and chat.kind == Kind.SUPERGROUP
        if own_channel or (wanted is chat and as_group):
            return wanted
        raise Refusal(400, "SEND_AS_PEER_INVALID")

    def _signature(self, chat: Chat, sender: Person, as_chat: Chat | None) -> str:
        if chat.kind == Kind.CHANNEL:
            return sender.name if chat.signed else ""
        return self._world.member(chat, sender).title if as_chat is chat else ""

    def _thread(self, chat: Chat, reply_to: int | None, wanted: int | None) -> tuple[int | None, bool]:
        """Which thread a message belongs to, and whether that is a topic. General is no topic here."""
        replied = chat.messages.get(reply_to or 0)
        if wanted is None and replied is not None and replied.in_topic:
            wanted = replied.thread_id
        if wanted is not None:
            if wanted not in chat.topics:
                raise Refusal(400, "TOPIC_DELETED")
            return wanted, True
        if replied is not None and chat.kind == Kind.SUPERGROUP:
            return replied.thread_id or replied.id, False
        return None, False

    def _origin(self, message: Message) -> Origin:
        sender, date = self._world.people[message.sender_id], message.date
        if message.chat.kind == Kind.CHANNEL:
            return Origin("channel", date, chat=message.chat, message_id=message.id, signature=message.signature)
        if message.as_chat is not None:
            return Origin("chat", date, chat=message.as_chat, signature=message.signature)
        if sender.hides_forwards:
            return Origin("hidden_user", date, name=sender.name)
        return Origin("user", date, person_id=sender.id)

    def _bring_to_discussion(self, post: Message, group: Chat) -> None:
        self._post(
            Message(
                self._next_id(group), group, post.sender_id, post.date, post.text, post.entities,
                _links_only(post.keyboard), as_chat=post.chat, automatic=True,
                forwarded=post.forwarded or self._origin(post), signature=post.signature,
                media=post.media, rich=post.rich,
            )
        )  # fmt: skip

    def _audience(self, message: Message) -> list[int]:
        if message.receiver_id is not None:
            return [message.receiver_id, message.sender_id]
        return [m.person_id for m in message.chat.members.values() if message.chat.present(m.person_id)]

    def _seen(self, message: Message, kind: str) -> None:
        hidden = [str(e["url"]) for e in message.entities if e.get("url")]
        text = " ".join([message.text, *hidden, *([message.media.words] if message.media else [])])
        for who in self._audience(message):
            if who != message.sender_id and not self._world.people[who].is_bot:
                self._world.log.add(
                    View(
                        who, self._visible_id(message.chat, self._world.people[who]), message.id, kind, text,
                        tuple(message.buttons), message.sender_id, self._world.clock(), message.ephemeral_id,
                        message.media.picture if message.media else b"",
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
        if chat.migrated_to is not None:
            raise Refusal(400, "CHAT_ID_INVALID")
        if not chat.present(sender.id):
            raise Refusal(403, "CHAT_WRITE_FORBIDDEN")
        if chat.kind == Kind.CHANNEL and not chat.may_post(sender.id):
            raise Refusal(403, "CHAT_WRITE_FORBIDDEN")
        if chat.kind == Kind.PRIVATE and sender.is_bot:
            other = self._visible_id(chat, sender)
            if (other, sender.id) in self._world.blocked:
                raise Refusal(400, "USER_IS_BLOCKED")
            asked_to_join = self._world.requests.lets_write(sender, self._world.people[other])
            if (other, sender.id) not in self._started and not asked_to_join:
                raise Refusal(400, "USER_BOT_NOT_STARTED")

    def _demand_new(self, sender: Person, random_id: int | None) -> None:
        """A client repeats a call whose answer was lost under the same random id."""
        if random_id is None:
            return
        if (sender.id, random_id) in self._random_ids:
            raise Refusal(500, "RANDOM_ID_DUPLICATE")
        self._random_ids.add((sender.id, random_id))


def _check_text(text: str, media: Media | None, rich: Sequence[Json]) -> None:
    if media is not None:
        if len(text) > MAX_CAPTION:
            raise Refusal(400, "MEDIA_CAPTION_TOO_LONG")
        return
    if not text.strip():
        raise Refusal(400, "MESSAGE_EMPTY")
    if len(text) > (MAX_RICH if rich else MAX_TEXT):
        raise Refusal(400, "MESSAGE_TOO_LONG")


def _links_only(keyboard: Json | None) -> Json | None:
    """The keyboard of a forwarded message: it goes with it only if all its buttons are links."""
    rows = (keyboard or {}).get("inline_keyboard", [])
    return keyboard if rows and all("url" in button for row in rows for button in row) else None

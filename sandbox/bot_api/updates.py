"""The updates each bot is owed, made from the world's events, and kept until it confirms them."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.bot_api import answers
from sandbox.chats import ADMINS, Chat, Kind, Member, Moved, Person, Requested, Status, Upgraded
from sandbox.messages import Edited, Message, Posted, Press, Pressed
from sandbox.world import World

Json = dict[str, Any]

KINDS = {
    "message", "edited_message", "channel_post", "edited_channel_post", "business_connection", "business_message",
    "edited_business_message", "deleted_business_messages", "message_reaction", "message_reaction_count",
    "inline_query", "chosen_inline_result", "callback_query", "shipping_query", "pre_checkout_query",
    "purchased_paid_media", "poll", "poll_answer", "my_chat_member", "chat_member", "chat_join_request", "chat_boost",
    "removed_chat_boost", "guest_message", "managed_bot", "subscription", "stopped_message_generation",
}  # fmt: skip
DEFAULT = KINDS - {"chat_member", "message_reaction", "message_reaction_count"}
KEPT = 24 * 3600
CALLBACK_KEPT = 150


@dataclass(slots=True)
class Queue:
    """One bot's unconfirmed updates, oldest first. `poll` is the getUpdates that waits on it."""

    next_id: int = field(default_factory=lambda: 100_000_000 + secrets.randbelow(800_000_000))
    waiting: list[tuple[float, Json]] = field(default_factory=list)  # (forgotten at, update)
    allowed: set[str] = field(default_factory=lambda: set(DEFAULT))
    named: list[str] | None = None  # allowed_updates as the bot gave it
    webhook: str = ""
    poll: asyncio.Future[str] | None = None  # resolves to "" on news, else to why it was ended
    next_conflict: float = 0.0

    def allow(self, names: Sequence[Any]) -> None:
        """An empty list, or one of unknown names only, means the default set."""
        known = [str(name) for name in names if name in KINDS]
        self.allowed = set(known) or set(DEFAULT)
        self.named = known or None

    def confirm(self, offset: int) -> None:
        """Forgets what is before `offset`; a negative one keeps only that many, counted from the end."""
        if offset > 0:
            self.waiting = [(until, update) for until, update in self.waiting if update["update_id"] >= offset]
        elif offset < 0:
            self.waiting = self.waiting[offset:]

    def end_poll(self, why: str = "") -> None:
        if self.poll is not None and not self.poll.done():
            self.poll.set_result(why)


class Updates:
    """`knows_ephemeral` tells whether this server has heard of ephemeral messages."""

    def __init__(self, world: World, knows_ephemeral: Callable[[], bool]) -> None:
        self._world = world
        self._knows_ephemeral = knows_ephemeral
        self._queues: dict[int, Queue] = {}
        self._spoke_last: dict[int, int] = {}  # chat -> the bot that wrote there last
        world.subscribe(self._on)

    def queue(self, bot: Person) -> Queue:
        return self._queues.setdefault(bot.id, Queue())

    def pending(self, bot: Person) -> list[Json]:
        queue, now = self.queue(bot), self._world.clock()
        queue.waiting = [(until, update) for until, update in queue.waiting if until > now]
        return [update for _, update in queue.waiting]

    def end_polls(self) -> None:
        for queue in self._queues.values():
            queue.end_poll()

    def _owe(self, bot: Person, kind: str, what: Json) -> None:
        queue = self.queue(bot)
        if kind not in queue.allowed:
            return
        kept = CALLBACK_KEPT if kind == "callback_query" else KEPT
        queue.waiting.append((self._world.clock() + kept, {"update_id": queue.next_id, kind: what}))
        queue.next_id += 1
        queue.end_poll()

    def _on(self, event: Any) -> None:
        match event:
            case Posted(message):
                self._posted(message)
            case Edited(message):
                if message.ephemeral_id is None:
                    self._tell_readers(message, "edited_")
            case Pressed(press):
                self._pressed(press)
            case Moved():
                self._moved(event)
            case Upgraded():
                self._upgraded(event)
            case Requested():
                self._requested(event)

    # messages

    def _posted(self, message: Message) -> None:
        sender = self._world.people[message.sender_id]
        if message.ephemeral_id is not None:
            receiver = self._world.people[message.receiver_id or 0]
            if receiver.is_bot and self._knows_ephemeral():
                self._owe(receiver, "message", answers.message(self._world, message, receiver))
            return
        self._tell_readers(message, "")
        if sender.is_bot and message.service is None:
            self._spoke_last[message.chat.id] = sender.id

    def _tell_readers(self, message: Message, prefix: str) -> None:
        if self._world.people[message.sender_id].is_bot and message.service is None and not message.automatic:
            return  # bots see neither their own messages nor other bots'
        kind = prefix + ("channel_post" if message.chat.kind == Kind.CHANNEL else "message")
        for bot in self._bots(message.chat):
            if self._reads(bot, message):
                self._owe(bot, kind, answers.message(self._world, message, bot))

    def _reads(self, bot: Person, message: Message) -> bool:
        """In privacy mode: an administrator gets all, others what is meant for them."""
        chat = message.chat
        if bot.reads_all or chat.kind == Kind.PRIVATE or self._world.member(chat, bot).status in ADMINS:
            return True
        if message.service is not None:
            return True
        if chat.kind == Kind.CHANNEL:
            return False
        replied = chat.messages.get(message.reply_to or 0)
        if replied is not None and replied.sender_id == bot.id:
            return True
        commands = [word for word in message.text.split() if word.startswith("/")]
        named = f"@{bot.username}".lower()
        if any(command.lower().endswith(named) for command in commands):
            return True
        return any("@" not in command for command in commands) and self._spoke_last.get(chat.id) == bot.id

    def _pressed(self, press: Press) -> None:
        bot = self._world.people[press.message.sender_id]
        if bot.is_bot:
            self._owe(bot, "callback_query", answers.callback_query(self._world, press, bot))

    # members

    def _moved(self, moved: Moved) -> None:
        if moved.person.is_bot:
            viewer = moved.person
            where = answers.chat(self._world, moved.chat, viewer)
            self._owe(viewer, "my_chat_member", self._change(moved, viewer, where))
        for bot in self._bots(moved.chat):
            if bot.id != moved.person.id and self._world.member(moved.chat, bot).status in ADMINS:
                self._owe(bot, "chat_member", self._change(moved, bot, answers.chat(self._world, moved.chat, bot)))

    def _upgraded(self, event: Upgraded) -> None:
        """Each bot learns that it is in a new chat; nothing says that it left the old one."""
        for bot in self._bots(event.new):
            states = Member(bot.id, Status.LEFT), event.new.members[bot.id]
            came = Moved(event.new, bot, *states, event.by, event.date)
            where = answers.chat(self._world, event.new, bot)
            self._owe(bot, "my_chat_member", self._change(came, bot, where))

    def _change(self, moved: Moved, viewer: Person, where: Json) -> Json:
        found: Json = {
            "chat": where,
            "from": answers.user(moved.by),
            "date": moved.date,
            "old_chat_member": answers.member(self._world, moved.chat, moved.old, viewer),
            "new_chat_member": answers.member(self._world, moved.chat, moved.new, viewer),
        }
        if moved.link is not None and not moved.chat.username:  # apps join a public chat directly, link or not
            found["invite_link"] = answers.invite_link(self._world, moved.link, viewer, in_update=True)
        if moved.via_request and moved.link is None:
            found["via_join_request"] = True
        return found

    def _requested(self, event: Requested) -> None:
        for bot in self._bots(event.chat):
            if event.chat.may_invite(bot.id):
                found: Json = {
                    "chat": answers.chat(self._world, event.chat, bot),
                    "from": answers.user(event.person),
                    "user_chat_id": event.person.id,
                    "date": event.date,
                }
                if event.about:
                    found["bio"] = event.about
                if event.link is not None and not event.chat.username:
                    found["invite_link"] = answers.invite_link(self._world, event.link, bot, in_update=True)
                self._owe(bot, "chat_join_request", found)

    def _bots(self, chat: Chat) -> Iterator[Person]:
        for who, member in list(chat.members.items()):
            person = self._world.people[who]
            if person.is_bot and member.status not in (Status.LEFT, Status.KICKED):
                yield person

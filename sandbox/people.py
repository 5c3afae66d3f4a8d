"""People as they act in the official apps: they type, press, join, and read what they can see.

An actor acts on the world directly, without a network. Every wait is for an event of the world and
ends in `NothingCame`, which names what was awaited and what was seen instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from sandbox import sharing
from sandbox.chats import FULL_RIGHTS, Chat, Kind, Member, Moved, Person, Refusal, Rights, Status, Topic, rights_named
from sandbox.invites import InviteLink, hash_of
from sandbox.messages import Edited, Message, Posted, Press
from sandbox.screens import Answer, NothingCame, Screen, Wanted, fits, screen_of
from sandbox.world import World

__all__ = ["Actor", "Answer", "NothingCame", "Screen"]

PATIENCE = 40.0  # seconds; whoever waits so long has failed, on a busy machine too

T = TypeVar("T")
Where = Chat | Person


class Actor:
    """`alerts` are the texts bots answered his presses with; `clipboard` is what he last copied."""

    def __init__(self, world: World, person: Person) -> None:
        self.world = world
        self.person = person
        self.alerts: list[str] = []
        self.clipboard = ""
        self._seen: list[Screen] = []
        self._read: dict[int, int] = {}  # chat (by object) -> how much of _seen he has read there
        self._news = asyncio.Event()
        world.subscribe(self._on)
        world.log.watchers.append(lambda _: self._news.set())

    @property
    def name(self) -> str:
        return self.person.first_name

    def __repr__(self) -> str:
        return f"Actor({self.person.first_name})"

    # writing and pressing

    async def sends(
        self,
        text: str,
        *,
        to: Where,
        reply_to: Message | None = None,
        as_group: bool = False,
        as_channel: Chat | None = None,
        topic: Topic | None = None,
    ) -> Message:
        """Types an ordinary message. What he reads next there is what came after it. An anonymous
        administrator writes `as_group` without saying so; others may not: Refusal SEND_AS_PEER_INVALID."""
        chat = self._chat(to)
        self._catch_up(chat)
        return self.world.messages.send(
            chat, self.person, text,
            reply_to=reply_to.id if reply_to else None,
            thread_id=topic.id if topic else None,
            as_chat=chat if as_group else as_channel,
        )  # fmt: skip

    async def posts(self, channel: Chat, text: str) -> Message:
        """Writes a post; a linked discussion group receives a copy."""
        return await self.sends(text, to=channel)

    async def forwards(self, message: Message, *, to: Where) -> Message:
        """Forwards what he can see, with where it is from."""
        chat = self._chat(to)
        self._catch_up(chat)
        return self.world.messages.forward(message, self.person, chat)

    async def asks(self, text: str, *, in_: Chat, bot: Person, topic: Topic | None = None) -> Message:
        """Types an ephemeral command: only `bot` sees it."""
        self._catch_up(in_)
        thread = topic.id if topic else None
        return self.world.messages.send_ephemeral(in_, self.person, bot, text, thread_id=thread)

    async def edits(self, message: Message, text: str) -> Message:
        self._catch_up(message.chat)
        return self.world.messages.edit(message, self.person, text)

    async def starts(self, bot: Person, payload: str = "") -> Message:
        """Presses Start."""
        return await self.sends(f"/start {payload}".strip(), to=bot)

    async def opens(self, url: str, *, in_: Chat | None = None) -> Message | None:
        """Opens a bot's link, `https://t.me/some_bot?start=x`, and presses Start. With `startgroup` or
        `startchannel` he picks the chat `in_` and adds the bot there, with the rights of `admin=`, and
        the app writes the payload, if any, as `/start@some_bot x` into the group."""
        parts = urlsplit(url)
        bot = self.world.by_username(parts.path.strip("/"))
        if parts.netloc != "t.me" or not isinstance(bot, Person) or not bot.is_bot:
            raise NothingCame(f"{url} opens no bot")
        query = parse_qs(parts.query, keep_blank_values=True)
        if not {"startgroup", "startchannel"} & query.keys():
            return await self.starts(bot, query.get("start", [""])[0])
        if in_ is None or (in_.kind == Kind.CHANNEL) is not ("startchannel" in query):
            raise NothingCame(f"{url} asks for a chat of another kind")
        rights = rights_named(query["admin"][0].split()) if "admin" in query else None
        if rights is not None or not in_.present(bot.id):
            await self.adds(bot, to=in_, rights=rights)
        payload = query.get("startgroup", [""])[0]
        return await self.sends(f"/start@{bot.username} {payload}", to=in_) if payload else None

    async def presses(
        self, label: str, *, in_: Where | None = None, on: Screen | None = None, within: float = PATIENCE
    ) -> Answer:
        """Presses the newest visible button whose text contains `label` (`on`: of that screen), and
        waits for the bot's answer. A URL opens (a bot's start link sends Start; an add-link is for
        `opens`), a copy button copies, a reply keyboard's button writes its text."""
        screen = on or self._screen_with(label, in_)
        button = screen.button(label)
        if screen.replying and "request_chat" not in button:
            self._catch_up(screen.message.chat)
            self.world.messages.send(screen.message.chat, self.person, str(button["text"]))
            return Answer()
        self._catch_up(screen.message.chat)
        if "copy_text" in button:
            self.clipboard = str(button["copy_text"]["text"])
            return Answer(copied=self.clipboard)
        if "url" in button:
            return await self._follow(Answer(url=str(button["url"])))
        if "callback_data" not in button:
            raise NothingCame(f"the button “{label}” does nothing")
        return await self.sends_press(screen.message, str(button["callback_data"]), within=within)

    async def shares_chat(self, label: str, chat: Chat, *, in_: Where | None = None) -> Message:
        """Presses a reply keyboard's button that asks for a chat, and picks `chat`. The app adds the bot
        there with the rights the button asks for, where he may. Raises NothingCame where it offers no such chat."""
        screen = self._screen_with(label, in_)
        request = screen.button(label).get("request_chat")
        if request is None:
            raise NothingCame(f"the button “{label}” asks for no chat")
        bot = self.world.people[screen.message.sender_id]
        if not sharing.offers(self.world, request, self.person, bot, chat):
            raise NothingCame(f"“{label}” does not offer {chat.title} to {self.name}")
        self._catch_up(screen.message.chat)
        return sharing.share(self.world, screen.message, self.person, request, chat)

    async def sends_press(self, message: Message, data: str, *, within: float = PATIENCE) -> Answer:
        """Presses with any `data`, as a modified client can."""
        self._catch_up(message.chat)
        press = self.world.messages.press(self.person, message, data)
        return await self._answered(press, within)

    # chats and links

    async def joins(self, link: str | InviteLink | Chat, *, bio: str | None = None, pays: bool = False) -> bool:
        """Whether he is in; False where his request now waits for approval. `bio` is what his profile says from
        now on; a paid link wants that he `pays`; a public chat needs no link. Raises Refusal."""
        self.person.about = self.person.about if bio is None else bio
        try:
            if isinstance(link, Chat):
                self.world.enter(link, self.person)
            else:
                self.world.invites.use(self.person, hash_of(link if isinstance(link, str) else link.link), pays=pays)
        except Refusal as refusal:
            if refusal.name != "INVITE_REQUEST_SENT":
                raise
            return False
        return True

    async def withdraws(self, chat: Chat) -> None:
        """Takes his join request back. Raises HIDE_REQUESTER_MISSING."""
        self.world.requests.withdraw(chat, self.person)

    async def lapses(self, chat: Chat) -> None:
        """Does not pay again and is out. Raises USER_NOT_PARTICIPANT."""
        self.world.invites.lapse(chat, self.person)

    async def approves(self, who: Person, *, in_: Chat) -> None:
        """Lets in whoever asks, in the official app. Raises Refusal, as `declines` and `answers_all`."""
        self.world.requests.hide(in_, self.person, who, approved=True)

    async def declines(self, who: Person, *, in_: Chat) -> None:
        self.world.requests.hide(in_, self.person, who, approved=False)

    async def answers_all(self, in_: Chat, *, approved: bool, link: InviteLink | None = None) -> int:
        """Of the chat, or who came by `link`: how many."""
        return self.world.requests.hide_all(in_, self.person, link.link if link else None, approved=approved)

    async def leaves(self, chat: Chat) -> None:
        self.world.leave(chat, self.person)

    async def makes_link(self, chat: Chat, title: str = "", **options: Any) -> InviteLink:
        return self.world.invites.export(chat, self.person, title=title, **options)

    async def revokes(self, link: InviteLink) -> None:
        """Revokes it in the official app."""
        self.world.invites.edit(self.world.chat(link.chat_id), self.person, link.link, revoked=True)

    async def edits_link(self, link: InviteLink, **changes: Any) -> None:
        """Changes what is given: title, expire_date, usage_limit, request_needed."""
        self.world.invites.edit(self.world.chat(link.chat_id), self.person, link.link, **changes)

    async def deletes_link(self, link: InviteLink) -> None:
        """Raises INVITE_REVOKED_MISSING where it is not revoked."""
        self.world.invites.delete(self.world.chat(link.chat_id), self.person, link.link)

    async def deletes_revoked(self, chat: Chat, *, of: Person) -> None:
        """All revoked links of one maker."""
        self.world.invites.delete_revoked(chat, self.person, of)

    async def promotes(self, who: Person, *, in_: Chat, rights: Rights = FULL_RIGHTS) -> None:
        """Makes an administrator; a bot is added so."""
        self.world.promote(in_, who, by=self.person, rights=rights)

    async def adds(self, bot: Person, *, to: Chat, rights: Rights | None = None) -> None:
        """Adds a bot as a member, or with `rights` as an administrator. Raises Refusal."""
        self.world.add_bot_to(to, bot, by=self.person, rights=rights)

    async def hides(self, *, in_: Chat, hidden: bool = True) -> None:
        """The owner goes anonymous; others are made so by their rights."""
        self.world.set_anonymous(in_, self.person, hidden)

    async def hands_over(self, chat: Chat, *, to: Person) -> None:
        """Makes another the owner. Raises CHAT_ADMIN_REQUIRED where it is not his."""
        if chat.owner_id != self.person.id:
            raise Refusal(400, "CHAT_ADMIN_REQUIRED")
        self.world.change_owner(chat, to)

    async def upgrades(self, chat: Chat) -> Chat:
        """Makes a supergroup, with a new id, of his basic group."""
        return self.world.upgrade(chat, self.person)

    async def links_discussion(self, channel: Chat, group: Chat | None) -> None:
        self.world.link_discussion(channel, group, by=self.person)

    async def makes_topic(self, chat: Chat, title: str) -> Topic:
        return self.world.make_topic(chat, self.person, title)

    async def deletes_topic(self, chat: Chat, topic: Topic) -> None:
        self.world.delete_topic(chat, topic, by=self.person)

    async def demotes(self, who: Person, *, in_: Chat) -> None:
        self.world.demote(in_, who, by=self.person)

    async def removes(self, who: Person, *, from_: Chat, ban: bool = False) -> None:
        self.world.remove(from_, who, by=self.person, ban=ban)

    async def bans(self, who: Person, *, from_: Chat, until: int = 0) -> None:
        """As he may: `removes(ban=True)` asks no right. Raises Refusal, as `unbans`."""
        self.world.bans.ban(from_, self.person, who, until=until)

    async def unbans(self, who: Person, *, in_: Chat) -> None:
        self.world.bans.unban(in_, self.person, who, only_if_banned=True)

    async def blocks(self, bot: Person) -> None:
        self.world.blocked.add((self.person.id, bot.id))
        self._tell_block(bot, Status.MEMBER, Status.KICKED)

    async def unblocks(self, bot: Person) -> None:
        self.world.blocked.discard((self.person.id, bot.id))
        self._tell_block(bot, Status.KICKED, Status.MEMBER)

    # reading

    def sees(self, where: Where) -> list[Screen]:
        """What is on his screen there now, oldest first, ephemeral messages to him last. A supergroup
        shows what was written before its upgrade, too."""
        chat = self._chat(where)
        found = self.world.messages.seen_by(self.person, chat)
        if chat.migrated_from is not None and found:
            found = self.world.messages.seen_by(self.person, self.world.chats[chat.migrated_from]) + found
        return [screen_of(message) for message in found if message.service is None]

    async def reads(self, *, in_: Where, until: Wanted = None, within: float = PATIENCE) -> Screen:
        """The next new or edited message of others that he can see there and has not read yet; with
        `until` (words it contains, or a predicate) the next such one. Raises NothingCame."""
        chat = self._chat(in_)
        passed: list[str] = []

        def next_one() -> Screen | None:
            while (screen := self._next(chat)) is not None:
                if fits(screen, until):
                    return screen
                passed.append(str(screen))
            return None

        what = "an answer" if until is None else f"“{until}”" if isinstance(until, str) else "the awaited screen"
        return await self._wait(next_one, within, lambda: f"{self.name} did not see {what}; saw {passed or 'nothing'}")

    async def reads_nothing(self, *, in_: Where) -> None:
        """Asserts that nothing unread is there now; it waits for nothing."""
        if (screen := self._next(self._chat(in_))) is not None:
            raise AssertionError(f"{self.name} saw “{screen}”")

    async def waits(self, condition: Callable[[], bool], what: str, *, within: float = PATIENCE) -> None:
        """Until `condition` holds, looked at after every event and log entry of the world."""
        await self._wait(lambda: condition() or None, within, lambda: f"{self.name} waited for {what} in vain")

    # inside

    def _on(self, event: Any) -> None:
        match event:
            case Posted(message) | Edited(message):
                own = message.sender_id == self.person.id and not message.automatic
                if not own and message.service is None and self._visible(message):
                    self._seen.append(screen_of(message, edited=isinstance(event, Edited)))
        self._news.set()

    def _visible(self, message: Message) -> bool:
        if message.receiver_id is not None:
            return message.receiver_id == self.person.id
        return message.chat.present(self.person.id)

    def _chat(self, where: Where) -> Chat:
        return where if isinstance(where, Chat) else self.world.dialog(self.person, where)

    def _catch_up(self, chat: Chat) -> None:
        self._read[id(chat)] = len(self._seen)

    def _next(self, chat: Chat) -> Screen | None:
        for place in range(self._read.get(id(chat), 0), len(self._seen)):
            if self._seen[place].message.chat is chat:
                self._read[id(chat)] = place + 1
                return self._seen[place]
        return None

    def _screen_with(self, label: str, where: Where | None) -> Screen:
        if where is not None:
            screens = self.sees(where)
        else:
            mine = [*self.world.chats.values(), *self.world.dialogs.values()]
            screens = [s for chat in mine if self.person.id in chat.members for s in self.sees(chat)]
        with_it = [s for s in screens if any(label in text for text in s.labels) and self._stands(s)]
        if not with_it:
            raise NothingCame(
                f"{self.name} sees no button “{label}”; there are {[s.labels for s in screens if s.labels]}"
            )
        return self.in_order(with_it)[-1]

    def _stands(self, screen: Screen) -> bool:
        """Of the reply keyboards in a chat only the last is there, until one is removed."""
        if not screen.replying:
            return True
        later = [m for m in screen.message.chat.messages.values() if m.id > screen.message.id]
        return not any({"keyboard", "remove_keyboard"} & (m.keyboard or {}).keys() for m in later)

    def in_order(self, screens: Iterable[Screen]) -> list[Screen]:
        """The one that changed last comes last, wherever it stands."""
        return sorted(screens, key=self._last_change)

    def _last_change(self, screen: Screen) -> int:
        places = range(len(self._seen) - 1, -1, -1)
        return next((place for place in places if self._seen[place].message is screen.message), -1)

    async def _answered(self, press: Press, within: float) -> Answer:
        try:
            async with asyncio.timeout(within):
                given = await asyncio.shield(press.answer)
        except TimeoutError:
            raise NothingCame(f"no bot answered the press of {self.name} in {within:g} s") from None
        answer = Answer(given.get("text", ""), bool(given.get("show_alert")), given.get("url", ""))
        if answer.text:
            self.alerts.append(answer.text)
        return await self._follow(answer)

    async def _follow(self, answer: Answer) -> Answer:
        if urlsplit(answer.url).netloc == "t.me" and "start=" in answer.url:
            await self.opens(answer.url)
        return answer

    def _tell_block(self, bot: Person, old: Status, new: Status) -> None:
        chat = self.world.dialog(self.person, bot)
        states = Member(bot.id, old), Member(bot.id, new)
        self.world.tell(Moved(chat, bot, *states, self.person, self.world.now()))

    async def _wait(self, look: Callable[[], T | None], within: float, why: Callable[[], str]) -> T:
        try:
            async with asyncio.timeout(within):
                while (found := look()) is None:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise NothingCame(f"{why()} within {within:g} s") from None
        return found

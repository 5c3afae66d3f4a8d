"""The world both faces show: people, bots, chats and who may do what in them. No network here.

Rules refuse with Telegram's own error names (`Refusal`); each face words them in its own way.
Messages live in `world.messages` (`sandbox.posting`), invite links in `world.invites`.
"""

from __future__ import annotations

import secrets
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from sandbox.adminlog import Action, AdminLog
from sandbox.bans import Bans
from sandbox.chats import (
    ADMINS,
    CHANNEL_BASE,
    FULL_RIGHTS,
    PRESENT,
    Chat,
    Kind,
    Member,
    Moved,
    Person,
    Refusal,
    Rights,
    Status,
    Topic,
    Upgraded,
)
from sandbox.faults import Faults
from sandbox.invites import InviteLink, Invites
from sandbox.log import Effect, Log
from sandbox.posting import Messages
from sandbox.requests import JoinRequests

Listener = Callable[[Any], None]


def _first() -> int:
    return 1


class World:
    """Everything there is. `clock` gives Unix seconds; both faces take the time from it."""

    def __init__(self, *, clock: Callable[[], float] = time.time, log: Log | None = None) -> None:
        self.clock = clock
        self.log = log or Log()
        self.faults = Faults()
        self.api_id = 4_000_000 + secrets.randbelow(1_000_000)
        self.api_hash = secrets.token_hex(16)
        self.people: dict[int, Person] = {}
        self.chats: dict[int, Chat] = {}
        self.dialogs: dict[frozenset[int], Chat] = {}
        self.blocked: set[tuple[int, int]] = set()  # (person, bot)
        self.pts: dict[int, int] = defaultdict(_first)  # last update number of each account and channel, by id
        self.press_patience = 15.0  # seconds a pressing client is kept waiting for the bot's answer
        self.slots_reopen = True  # whether a member who leaves frees his place under a member limit
        self.owner_sees_links_in_log = False  # whether the admin log shows the owner others' links whole
        self.listeners: list[Listener] = []
        self.admin_log = AdminLog(self)
        self.bans = Bans(self)
        self.requests = JoinRequests(self)
        self.invites = Invites(self)
        self.messages = Messages(self)

    def now(self) -> int:
        return int(self.clock())

    def subscribe(self, listener: Listener) -> None:
        """Tells `listener` in order of each Moved, Upgraded, Requested, Waiting, Posted, Edited, Deleted, Pressed."""
        self.listeners.append(listener)

    def tell(self, event: Any) -> None:
        for listener in list(self.listeners):
            listener(event)

    def note(self, kind: str, by: int | None, chat_id: int | None, **what: Any) -> None:
        self.log.add(Effect(kind, by, chat_id, self.clock(), what))

    # people

    def add_person(
        self,
        first_name: str,
        *,
        last_name: str = "",
        username: str | None = None,
        password: str | None = None,
        home_dc: int = 2,
    ) -> Person:
        number = len(self.people) + 1
        person = Person(
            id=510_000_000 + number * 1_003 + secrets.randbelow(1_000),
            first_name=first_name,
            last_name=last_name,
            username=username,
            # 99966 X YYYY: numbers of Telegram's test servers, nobody's phone
            phone=f"99966{home_dc}{number:04d}",
            login_code=f"{secrets.randbelow(90_000) + 10_000}",
            password=password,
            home_dc=home_dc,
        )
        self.people[person.id] = person
        return person

    def add_bot(self, first_name: str, username: str) -> Person:
        bot_id = 7_000_000_000 + (len(self.people) + 1) * 1_003 + secrets.randbelow(1_000)
        secret = "AA" + secrets.token_urlsafe(33)[:33]
        bot = Person(id=bot_id, first_name=first_name, username=username, is_bot=True, token=f"{bot_id}:{secret}")
        self.people[bot_id] = bot
        return bot

    def by_phone(self, phone: str) -> Person | None:
        digits = phone.lstrip("+").replace(" ", "")
        return next((p for p in self.people.values() if p.phone == digits), None)

    def by_token(self, token: str) -> Person | None:
        bot = self.people.get(int(token.partition(":")[0])) if token.partition(":")[0].isdigit() else None
        return bot if bot and bot.token and secrets.compare_digest(bot.token, token) else None

    def by_username(self, username: str) -> Person | Chat | None:
        wanted = username.lstrip("@").lower()
        every: Iterable[Person | Chat] = [*self.people.values(), *self.chats.values()]
        return next((x for x in every if x.username and x.username.lower() == wanted), None)

    # chats

    def add_chat(
        self,
        title: str,
        owner: Person,
        *,
        kind: Kind = Kind.SUPERGROUP,
        username: str | None = None,
        is_forum: bool = False,
    ) -> Chat:
        chat = self._new_chat(title, kind)
        chat.username, chat.is_forum = username, is_forum
        self.set_member(chat, owner, Member(owner.id, Status.CREATOR, joined=self.now()), by=owner)
        self.messages.service(chat, owner, {f"{kind.value}_chat_created": True})
        return chat

    def chat(self, chat_id: int) -> Chat:
        """Raises 400 CHANNEL_INVALID or CHAT_ID_INVALID where there is none."""
        if chat_id not in self.chats:
            raise Refusal(400, "CHANNEL_INVALID" if chat_id < CHANNEL_BASE else "CHAT_ID_INVALID")
        return self.chats[chat_id]

    def upgrade(self, chat: Chat, by: Person) -> Chat:
        """messages.migrateChat: makes a supergroup of the owner's basic group, with its people, its
        administrators' rights and all its links. Raises CHAT_ID_INVALID (no basic group, or upgraded
        already), CHAT_ADMIN_REQUIRED (not the owner)."""
        if chat.kind != Kind.GROUP or chat.migrated_to is not None:
            raise Refusal(400, "CHAT_ID_INVALID")
        if chat.owner_id != by.id:
            raise Refusal(400, "CHAT_ADMIN_REQUIRED")
        new = self._new_chat(chat.title, Kind.SUPERGROUP)
        new.members = dict(chat.members)
        new.migrated_from, chat.migrated_to = chat.id, new.id
        self.invites.move(chat, new)
        self.requests.move(chat, new)
        self.note("chat.upgraded", by.id, chat.id, to=new.id)
        self.tell(Upgraded(chat, new, by, self.now()))
        self.messages.service(chat, by, {"migrate_to_chat_id": new.id})
        self.messages.service(new, by, {"migrate_from_chat_id": chat.id}, as_chat=new)
        return new

    def link_discussion(self, channel: Chat, group: Chat | None, *, by: Person) -> None:
        """channels.setDiscussionGroup; None unlinks. Raises BROADCAST_ID_INVALID, MEGAGROUP_ID_INVALID
        (a basic group, too) and CHAT_ADMIN_REQUIRED, where `by` may not change one of the two."""
        if channel.kind != Kind.CHANNEL:
            raise Refusal(400, "BROADCAST_ID_INVALID")
        if group is not None and group.kind != Kind.SUPERGROUP:
            raise Refusal(400, "MEGAGROUP_ID_INVALID")
        for chat in (channel, group):
            if chat is not None and not self.may(chat, by, "change_info"):
                raise Refusal(400, "CHAT_ADMIN_REQUIRED")
        for chat in (channel, group):
            if chat is not None and chat.linked_chat_id is not None:
                self.chats[chat.linked_chat_id].linked_chat_id = None
                chat.linked_chat_id = None
        if group is not None:
            channel.linked_chat_id, group.linked_chat_id = group.id, channel.id

    def make_topic(self, chat: Chat, person: Person, title: str) -> Topic:
        """Any member of a forum. Raises CHANNEL_FORUM_MISSING, and as `Messages.send`."""
        if not chat.is_forum:
            raise Refusal(400, "CHANNEL_FORUM_MISSING")
        return self.messages.open_topic(chat, person, title)

    def delete_topic(self, chat: Chat, topic: Topic, *, by: Person) -> None:
        """With all its messages. Raises CHAT_ADMIN_REQUIRED, TOPIC_DELETED."""
        if not self.may(chat, by, "delete_messages"):
            raise Refusal(400, "CHAT_ADMIN_REQUIRED")
        if chat.topics.pop(topic.id, None) is None:
            raise Refusal(400, "TOPIC_DELETED")
        for message in [m for m in chat.messages.values() if m.in_topic and m.thread_id == topic.id]:
            self.messages.delete(message, by)

    def dialog(self, one: Person, other: Person) -> Chat:
        """The private chat of two people, made on first use."""
        key = frozenset((one.id, other.id))
        if key not in self.dialogs:
            self.dialogs[key] = Chat(
                id=len(self.dialogs) + 1,
                kind=Kind.PRIVATE,
                title="",
                members={p.id: Member(p.id, Status.MEMBER) for p in (one, other)},
            )
        return self.dialogs[key]

    def has_dialog(self, one: Person, other: Person) -> bool:
        return frozenset((one.id, other.id)) in self.dialogs

    # membership

    def member(self, chat: Chat, person: Person) -> Member:
        """A ban that has ended leaves him outside, as one who left."""
        found = chat.members.get(person.id, Member(person.id, Status.LEFT))
        if found.status == Status.KICKED and found.until and found.until <= self.now():
            return replace(found, status=Status.LEFT, until=0, banned_by=0)
        return found

    def join(
        self,
        chat: Chat,
        person: Person,
        *,
        by: Person | None = None,
        link: InviteLink | None = None,
        approver: Person | None = None,
        until: int = 0,
    ) -> None:
        """Alone, added `by` another, by a link (`Invites.admit` counts it), or let in by an `approver`; a paid
        membership holds `until`."""
        new = Member(person.id, Status.MEMBER, joined=self.now(), joined_by=link, until=until)
        self.set_member(chat, person, new, by=by or person, link=link, via_request=approver is not None)
        self.requests.settle(chat, person)
        if approver is not None:
            self.admin_log.add(chat, person, Action.JOINED_BY_REQUEST, link=link, approver=approver)
        elif by is None:
            self.admin_log.add(chat, person, Action.JOINED_BY_LINK if link else Action.JOINED, link=link)
        if chat.kind != Kind.CHANNEL:
            joined = {"new_chat_members": [person.id]}
            self.messages.service(chat, person, joined, link=link, by_request=approver is not None)

    def enter(self, chat: Chat, person: Person) -> None:
        """channels.joinChannel, of a public chat. Raises USER_ALREADY_PARTICIPANT, CHANNEL_PRIVATE for the banned,
        and INVITE_REQUEST_SENT, which is success where the chat asks approval."""
        if chat.present(person.id):
            raise Refusal(400, "USER_ALREADY_PARTICIPANT")
        if self.member(chat, person).status == Status.KICKED:
            raise Refusal(400, "CHANNEL_PRIVATE")
        if chat.asks_approval:
            self.requests.ask(chat, person, None)
            raise Refusal(400, "INVITE_REQUEST_SENT")
        self.join(chat, person)

    def promote(self, chat: Chat, person: Person, *, by: Person, rights: Rights = FULL_RIGHTS, title: str = "") -> None:
        """Makes an administrator of anyone, adding him first where he is not in the chat (a bot is
        added so). An administrator with the right to invite has a primary link from then on."""
        before = self.member(chat, person)
        promoted = Member(
            person.id, Status.ADMINISTRATOR, rights, before.joined or self.now(), before.joined_by, by.id, title
        )
        self.set_member(chat, person, promoted, by=by)

    def add_bot_to(self, chat: Chat, bot: Person, *, by: Person, rights: Rights | None = None) -> None:
        """Adds a bot as a member, or with `rights` as an administrator. Raises BOT_GROUPS_BLOCKED (it takes
        no groups), USER_BOT (a channel has bots as administrators only), USER_ALREADY_PARTICIPANT,
        CHAT_ADMIN_REQUIRED (who gives rights must be allowed to)."""
        if not bot.joins_groups:
            raise Refusal(400, "BOT_GROUPS_BLOCKED")
        if rights is not None:
            if not self.may(chat, by, "promote_members"):
                raise Refusal(400, "CHAT_ADMIN_REQUIRED")
            self.promote(chat, bot, by=by, rights=rights)
            return
        if chat.kind == Kind.CHANNEL:
            raise Refusal(400, "USER_BOT")
        if chat.present(bot.id):
            raise Refusal(400, "USER_ALREADY_PARTICIPANT")
        if not chat.present(by.id):
            raise Refusal(400, "CHAT_ADMIN_REQUIRED")
        self.join(chat, bot, by=by)

    def set_anonymous(self, chat: Chat, owner: Person, anonymous: bool) -> None:
        """An owner hides himself; other administrators are hidden by their rights. Raises CHAT_ADMIN_REQUIRED."""
        if chat.owner_id != owner.id:
            raise Refusal(400, "CHAT_ADMIN_REQUIRED")
        me = self.member(chat, owner)
        self.set_member(chat, owner, replace(me, rights=replace(me.rights, anonymous=anonymous)), by=owner)

    def demote(self, chat: Chat, person: Person, *, by: Person) -> None:
        self.set_member(chat, person, replace(self.member(chat, person), status=Status.MEMBER, rights=Rights()), by=by)

    def leave(self, chat: Chat, person: Person) -> None:
        """Raises 400 USER_NOT_PARTICIPANT; an owner may not leave: 400 USER_CREATOR."""
        if not chat.present(person.id):
            raise Refusal(400, "USER_NOT_PARTICIPANT")
        if chat.owner_id == person.id:
            raise Refusal(400, "USER_CREATOR")
        self.set_member(chat, person, replace(self.member(chat, person), status=Status.LEFT, until=0), by=person)
        self.admin_log.add(chat, person, Action.LEFT)
        if chat.kind != Kind.CHANNEL:
            self.messages.service(chat, person, {"left_chat_member": person.id})

    def remove(self, chat: Chat, person: Person, *, by: Person, ban: bool = False) -> None:
        """Whatever `by` may; `sandbox.bans` knows the rules."""
        if ban:
            self.bans.put(chat, person, by=by)
        else:
            self.set_member(chat, person, replace(self.member(chat, person), status=Status.LEFT, until=0), by=by)

    def change_owner(self, chat: Chat, new: Person) -> None:
        """The old owner stays as an administrator; a group is told by a service message."""
        old = self.people[chat.owner_id or 0]
        self.set_member(
            chat, old, replace(self.member(chat, old), status=Status.ADMINISTRATOR, promoted_by=new.id), by=old
        )
        self.set_member(chat, new, replace(self.member(chat, new), status=Status.CREATOR), by=old)
        if chat.kind != Kind.CHANNEL:
            self.messages.service(chat, old, {"chat_owner_changed": {"new_owner": new.id}})

    def set_member(
        self,
        chat: Chat,
        person: Person,
        new: Member,
        *,
        by: Person,
        link: InviteLink | None = None,
        via_request: bool = False,
    ) -> None:
        """Makes him what `new` says, and tells. Raises CHAT_ID_INVALID where the group was upgraded."""
        if chat.migrated_to is not None:
            raise Refusal(400, "CHAT_ID_INVALID")
        old = self.member(chat, person)
        if chat.present(person.id) and new.status not in PRESENT and old.joined_by is not None:
            old.joined_by.left += 1
        chat.members[person.id] = new
        self.note("member.changed", by.id, chat.id, person=person.id, old=old.status.value, new=new.status.value)
        if chat.may_invite(person.id):
            self.invites.primary(chat, person)
        if old != new:
            self.tell(Moved(chat, person, old, new, by, self.now(), link, via_request))

    def may(self, chat: Chat, person: Person, right: str) -> bool:
        member = self.member(chat, person)
        return member.status == Status.CREATOR or (member.status in ADMINS and bool(getattr(member.rights, right)))

    def _new_chat(self, title: str, kind: Kind) -> Chat:
        number = len(self.chats) + 1
        chat_id = CHANNEL_BASE - (1_700_000_000 + number * 1_003 + secrets.randbelow(1_000))
        if kind == Kind.GROUP:
            chat_id = -(4_700_000 + number * 1_003 + secrets.randbelow(1_000))
        self.chats[chat_id] = Chat(id=chat_id, kind=kind, title=title, created=self.now())
        return self.chats[chat_id]

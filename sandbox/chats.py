"""What the world is made of: people, chats, who is what in them, and Telegram's refusals."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.invites import InviteLink
    from sandbox.messages import Message

CHANNEL_BASE = -1_000_000_000_000


class Refusal(Exception):
    """Telegram's refusal: an MTProto error code and name, such as 400 CHAT_ADMIN_REQUIRED."""

    def __init__(self, code: int, name: str) -> None:
        super().__init__(code, name)
        self.code = code
        self.name = name


class Status(StrEnum):
    CREATOR = "creator"
    ADMINISTRATOR = "administrator"
    MEMBER = "member"
    RESTRICTED = "restricted"
    LEFT = "left"
    KICKED = "kicked"


PRESENT = {Status.CREATOR, Status.ADMINISTRATOR, Status.MEMBER, Status.RESTRICTED}
ADMINS = {Status.CREATOR, Status.ADMINISTRATOR}


class Kind(StrEnum):
    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


@dataclass(slots=True)
class Person:
    """A person or a bot. Phones are digits without `+`; a bot has a token instead of a phone.

    `joins_groups` and `reads_all` (privacy mode off) are a bot's settings, `hides_forwards` a person's; `about`
    is the bio."""

    id: int
    first_name: str
    last_name: str = ""
    username: str | None = None
    phone: str | None = None
    login_code: str = ""
    password: str | None = None
    home_dc: int = 2
    is_bot: bool = False
    token: str | None = None
    joins_groups: bool = True
    reads_all: bool = False
    hides_forwards: bool = False
    about: str = ""
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(16), repr=False)  # behind its access hashes

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True)
class Rights:
    """The administrator rights the world's rules look at."""

    invite_users: bool = True
    delete_messages: bool = True
    restrict_members: bool = True
    promote_members: bool = False
    change_info: bool = True
    pin_messages: bool = True
    post_messages: bool = True  # channels only
    anonymous: bool = False


FULL_RIGHTS = Rights()


def rights_named(names: Iterable[str]) -> Rights:
    """Only the named ones, as an add-link's `admin=` or a ChatAdministratorRights object names them
    (`invite_users`, `can_invite_users`, `is_anonymous`). Names of rights the world does not keep are ignored."""
    bare = {name.removeprefix("can_").removeprefix("is_") for name in names}
    return Rights(**{right.name: right.name in bare for right in fields(Rights)})


@dataclass(frozen=True, slots=True)
class Topic:
    """Of a forum. `id` is the message that opened it; General is none of these."""

    id: int
    title: str


@dataclass(frozen=True, slots=True)
class Member:
    """`title` is the custom one an administrator bears. `until`, in Unix seconds, is when a ban ends or a
    paid membership was paid for; 0 is never. `banned_by` is who banned him."""

    person_id: int
    status: Status
    rights: Rights = FULL_RIGHTS
    joined: int = 0
    joined_by: InviteLink | None = None
    promoted_by: int | None = None
    title: str = ""
    until: int = 0
    banned_by: int = 0


@dataclass(slots=True)
class Chat:
    """A group, supergroup or channel under its marked id; a private dialog has `kind` PRIVATE and
    its two people as `members` (its id is then internal to the world).

    `linked_chat_id` is a channel's discussion group, or that group's channel; `signed` channels name who posts.
    `asks_approval`: whoever comes to a public group without a link must be let in.
    A basic group that was upgraded keeps its people and its history, and takes nothing new."""

    id: int
    kind: Kind
    title: str
    username: str | None = None
    created: int = 0
    members: dict[int, Member] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    last_message_id: int = 0
    is_forum: bool = False
    topics: dict[int, Topic] = field(default_factory=dict)
    signed: bool = False
    asks_approval: bool = False
    linked_chat_id: int | None = None
    migrated_to: int | None = None
    migrated_from: int | None = None
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(16), repr=False)  # behind its access hashes

    def present(self, person_id: int) -> bool:
        member = self.members.get(person_id)
        return member is not None and member.status in PRESENT

    def may_invite(self, person_id: int) -> bool:
        """The right every invite-link method asks for, held as an administrator."""
        member = self.members.get(person_id)
        if member is None:
            return False
        return member.status == Status.CREATOR or (member.status == Status.ADMINISTRATOR and member.rights.invite_users)

    def may_post(self, person_id: int) -> bool:
        """In a channel: the owner, and administrators with the right."""
        member = self.members.get(person_id)
        if member is None:
            return False
        return member.status == Status.CREATOR or (
            member.status == Status.ADMINISTRATOR and member.rights.post_messages
        )

    def is_anonymous(self, person_id: int) -> bool:
        """Whether what he writes here is written as the group. Supergroups only."""
        member = self.members.get(person_id)
        return (
            self.kind == Kind.SUPERGROUP and member is not None and member.status in ADMINS and member.rights.anonymous
        )

    @property
    def owner_id(self) -> int | None:
        return next((m.person_id for m in self.members.values() if m.status == Status.CREATOR), None)

    def admins(self) -> list[Member]:
        return [m for m in self.members.values() if m.status in ADMINS]


@dataclass(frozen=True, slots=True)
class Moved:
    """A member's state changed: joined, left, promoted, demoted, removed."""

    chat: Chat
    person: Person
    old: Member
    new: Member
    by: Person
    date: int
    link: InviteLink | None = None
    via_request: bool = False


@dataclass(frozen=True, slots=True)
class Upgraded:
    """The basic group `old` became the supergroup `new`, with its people and its links."""

    old: Chat
    new: Chat
    by: Person
    date: int


@dataclass(frozen=True, slots=True)
class Requested:
    """Someone asked to join: by an approval link, or a public chat without one."""

    chat: Chat
    person: Person
    link: InviteLink | None
    date: int
    about: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Whoever waits for approval in the chat changed."""

    chat: Chat

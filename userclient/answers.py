"""What Telegram answers the account, as the ledger's values. Its own objects come as `Any`: Telethon is
imported where calls are made, and not here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ledger.actions import Action, Did
from ledger.chats import Role, SeenChat, SeenPerson
from ledger.links import CutLink, SeenLink

PAGE = 100  # the most Telegram gives of a listing or of dialogs
CHANNELS = -1_000_000_000_000  # marked ids of supergroups and channels lie below


@dataclass(frozen=True, slots=True)
class FoundChat:
    """A basic group has no access hash. One that became a supergroup is `moved_to` that one's id, and
    the access hash opens that one."""

    seen: SeenChat
    role: Role
    access_hash: int | None
    moved_to: int | None = None


@dataclass(frozen=True, slots=True)
class Admins:
    """messages.getAdminsWithInvites: every admin with links, how many unrevoked and revoked ones each, `hashes`
    this account's way to each."""

    counts: dict[int, tuple[int, int]]
    people: tuple[SeenPerson, ...]
    hashes: dict[int, int]

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(self.counts)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of messages.getExportedChatInvites. `received` counts all that came, also what is no
    link; `masked` is True where Telegram cut a link short; `count` is Telegram's approximation."""

    links: tuple[SeenLink, ...]
    received: int
    masked: bool
    count: int
    people: tuple[SeenPerson, ...]
    hashes: dict[int, int]


@dataclass(frozen=True, slots=True)
class Terms:
    """All that an edit sets: `expires` in Unix seconds, None never; `limit` 0 is none. `paid`: only the title can
    be."""

    title: str
    expires: int | None
    limit: int
    approval: bool
    paid: bool = False


@dataclass(frozen=True, slots=True)
class Importer:
    """Who joined, or with `waiting` asks to, at that time; `about` is what he says of himself."""

    person_id: int
    at: int
    waiting: bool
    about: str
    approved_by: int | None

    def __repr__(self) -> str:
        return f"Importer({self.person_id})"


@dataclass(frozen=True, slots=True)
class Importers:
    """One page of messages.getChatInviteImporters; `count` is of all of them."""

    every: tuple[Importer, ...]
    count: int
    people: tuple[SeenPerson, ...]
    hashes: dict[int, int]


@dataclass(frozen=True, slots=True)
class LogPage:
    """One page of channels.getAdminLog, the newest first: `ids` of all events on it, and what of them is about links
    and joins by them."""

    ids: tuple[int, ...]
    actions: tuple[Action, ...]
    people: tuple[SeenPerson, ...]
    hashes: dict[int, int]


def person(user: Any) -> SeenPerson:
    """Of a user."""
    name = " ".join(part for part in (user.first_name, user.last_name) if part)
    return SeenPerson(user.id, name or user.username or "Deleted account", user.username, bool(user.bot))


def link_of(invite: Any) -> SeenLink:
    """Of a chatInviteExported whose link is whole."""
    return SeenLink(  # by place, which is a third of the time by name
        invite.link, invite.admin_id, bool(invite.permanent), bool(invite.request_needed), bool(invite.revoked),
        invite.title or "", _seconds(invite.date),
        _seconds(invite.start_date),  # misnamed: the time of the last edit
        _seconds(invite.expire_date), invite.usage_limit or 0, invite.usage or 0, invite.requested or 0,
        invite.subscription_pricing.amount if invite.subscription_pricing else 0,
    )  # fmt: skip


def action_of(event: Any) -> Action | None:
    """Of a channelAdminLogEvent; None for what is about no link, such as a join through the chat's own name."""
    what = event.action
    name = type(what).__name__.removeprefix("ChannelAdminLogEventAction")
    if name not in _DID:
        return None
    link = _logged(what.new_invite if name == "ExportedInviteEdit" else what.invite)
    by_request = name == "ParticipantJoinByRequest"
    if link is None and not by_request:
        return None
    approved_by = what.approved_by if by_request else None
    return Action(event.id, _seconds(event.date) or 0, event.user_id, _DID[name], link, by_request, approved_by)


_DID = {
    "ExportedInviteEdit": Did.EDITED,
    "ExportedInviteRevoke": Did.REVOKED,
    "ExportedInviteDelete": Did.DELETED,
    "ParticipantJoinByInvite": Did.JOINED,
    "ParticipantJoinByRequest": Did.JOINED,
}


def _logged(invite: Any) -> SeenLink | CutLink | None:
    """As the log shows a link: another maker's may be cut, and how many joined was so then."""
    if not hasattr(invite, "link"):
        return None  # a chatInvitePublicJoinRequests
    seen = link_of(invite)._replace(usage=None)
    if not invite.link.endswith("..."):
        return seen
    return CutLink(
        invite.link.removesuffix("..."), seen.creator_id, primary=seen.primary, approval=seen.approval,
        revoked=seen.revoked, title=seen.title, expires=seen.expires, limit=seen.limit,
    )  # fmt: skip


def importer(one: Any) -> Importer:
    return Importer(one.user_id, _seconds(one.date) or 0, bool(one.requested), one.about or "", one.approved_by)


def group(chat: Any) -> FoundChat:
    """Of a basic group."""
    return FoundChat(SeenChat(-chat.id, chat.title, "group"), _role(chat), None)


def moved(chat: Any) -> FoundChat:
    """Of a basic group that became a supergroup: as that."""
    new = chat.migrated_to
    seen = SeenChat(-chat.id, chat.title, "group")
    return FoundChat(seen, Role.UNKNOWN, new.access_hash, moved_to=CHANNELS - new.channel_id)


def channel(chat: Any) -> FoundChat:
    """Of a supergroup or channel."""
    names = [chat.username, *(name.username for name in chat.usernames or () if name.active)]
    username = next((name for name in names if name), None)
    kind = "channel" if chat.broadcast else "supergroup"
    return FoundChat(SeenChat(CHANNELS - chat.id, chat.title, kind, username), _role(chat), chat.access_hash)


def _role(chat: Any) -> Role:
    if chat.creator:
        return Role.OWNER
    if chat.admin_rights:
        return Role.ADMIN if chat.admin_rights.invite_users else Role.POWERLESS
    return Role.MEMBER


def _seconds(date: datetime | None) -> int | None:
    return None if date is None else int(date.timestamp())

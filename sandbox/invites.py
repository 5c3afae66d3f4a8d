"""Invite links as Telegram keeps them: who may make, see, change and use which.

Every rule raises `Refusal` with the error MTProto names; the Bot API face words it its own way.
"""

from __future__ import annotations

import secrets
import unicodedata
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.adminlog import Action, copied
from sandbox.chats import CHANNEL_BASE, Chat, Kind, Person, Refusal, Status
from sandbox.joiners import Joined

if TYPE_CHECKING:
    from sandbox.world import World

MAX_TITLE = 32
MAX_LIMIT = 99_999
PAGE_CAP, PAGE_DEFAULT = 100, 20
PERIOD = 2_592_000  # the one length of a subscription, in seconds
MAX_PRICE = 10_000  # Stars


@dataclass(slots=True, eq=False)
class InviteLink:
    """`link` is the whole URL; `date` of making and `edited` are Unix seconds. `usage` counts joins and never
    falls, `left` those of them who went again, `lapsed` those who paid no longer. A paid link has a
    `period` in seconds and a `price` in Stars."""

    chat_id: int
    creator_id: int
    link: str
    date: int
    serial: int
    title: str = ""
    expire_date: int = 0
    usage_limit: int = 0
    request_needed: bool = False
    permanent: bool = False
    revoked: bool = False
    edited: int = 0
    usage: int = 0
    left: int = 0
    lapsed: int = 0
    period: int = 0
    price: int = 0
    requested: dict[int, int] = field(default_factory=dict)  # who waits for approval, since when
    joined: dict[int, Joined] = field(default_factory=dict)  # by person, whoever left too

    @property
    def hash(self) -> str:
        return hash_of(self.link)

    @property
    def place(self) -> tuple[int, int]:
        return (self.date, self.serial)

    @property
    def cut(self) -> str:
        """As Telegram shows it to bots that did not make it: 8 characters and three dots."""
        return self.link[: -len(self.hash)] + self.hash[:8] + "..."


def hash_of(link: str) -> str:
    """What identifies a link: the end of `t.me/+...` and of the older `t.me/joinchat/...`."""
    return link.rpartition("/")[2].removeprefix("+")


def clean_title(title: str) -> str:
    """Names are cleaned and cut to 32 characters, never refused."""
    kept = "".join(
        " " if c.isspace() else c for c in title if c.isspace() or unicodedata.category(c) not in ("Cc", "Cs")
    )
    return " ".join(kept.split())[:MAX_TITLE].strip()


class Invites:
    def __init__(self, world: World) -> None:
        self._world = world
        self._by_hash: dict[str, InviteLink] = {}
        self._listings: dict[tuple[int, int, bool], list[InviteLink]] = defaultdict(list)  # oldest first, no primary
        self._primaries: dict[tuple[int, int], InviteLink] = {}
        self._serial = 0

    # making

    def export(
        self,
        chat: Chat,
        actor: Person,
        *,
        title: str = "",
        expire_date: int = 0,
        usage_limit: int = 0,
        request_needed: bool = False,
        legacy_revoke_permanent: bool = False,
        period: int = 0,
        price: int = 0,
    ) -> InviteLink:
        """messages.exportChatInvite; with `period` and `price` a paid link. Raises CHAT_ADMIN_REQUIRED,
        EXPIRE_DATE_INVALID, USAGE_LIMIT_INVALID (outside 1..99999, or together with approval),
        PRICING_CHAT_INVALID (not a channel; a price outside 1..10000 too, a guess), SUBSCRIPTION_PERIOD_INVALID."""
        self.demand_right(chat, actor)
        if legacy_revoke_permanent:
            old = self._primaries.get((chat.id, actor.id))
            if old:
                self._retire(old, by=actor)
            return self.primary(chat, actor)
        self._check(expire_date, usage_limit, request_needed)
        if period or price:
            _check_pricing(chat, period, price)
        link = self._make(chat, actor.id, permanent=False)
        link.period, link.price = period, price
        link.title = clean_title(title)
        link.expire_date, link.usage_limit, link.request_needed = expire_date, usage_limit, request_needed
        self._world.note("link.created", actor.id, chat.id, link=link.link, title=link.title)
        return link

    def primary(self, chat: Chat, actor: Person) -> InviteLink:
        """The one primary link of an administrator, made where he has none."""
        key = (chat.id, actor.id)
        if key not in self._primaries:
            self._primaries[key] = self._make(chat, actor.id, permanent=True)
            self._world.note("link.created", actor.id, chat.id, link=self._primaries[key].link, primary=True)
        return self._primaries[key]

    # changing

    def edit(
        self,
        chat: Chat,
        actor: Person,
        link: str,
        *,
        revoked: bool = False,
        title: str | None = None,
        expire_date: int | None = None,
        usage_limit: int | None = None,
        request_needed: bool | None = None,
    ) -> tuple[InviteLink, InviteLink | None]:
        """messages.editExportedChatInvite: None keeps, 0 and "" clear. Returns the link and, where a
        primary was revoked, the new primary. Raises CHAT_ADMIN_REQUIRED, 403 EDIT_BOT_INVITE_FORBIDDEN,
        INVITE_HASH_EXPIRED (unknown or revoked), CHAT_INVITE_PERMANENT, USAGE_LIMIT_INVALID,
        EXPIRE_DATE_INVALID. A limit and approval exclude each other: setting one alone clears the
        other, as official apps rely on; asking for both is refused. Of a paid link only the title changes:
        PRICING_CHAT_INVALID (that it is refused is known, the name is a guess)."""
        found = self.get(chat, actor, link)
        if found.creator_id != actor.id and self._world.people[found.creator_id].is_bot and not actor.is_bot:
            raise Refusal(403, "EDIT_BOT_INVITE_FORBIDDEN")
        if found.revoked:
            raise Refusal(400, "INVITE_HASH_EXPIRED")
        if revoked:
            self._retire(found, by=actor)
            creator = self._world.people[found.creator_id]
            return found, self.primary(chat, creator) if found.permanent and chat.may_invite(creator.id) else None
        if found.permanent:
            raise Refusal(400, "CHAT_INVITE_PERMANENT")
        if found.price and (expire_date is not None or usage_limit is not None or request_needed is not None):
            raise Refusal(400, "PRICING_CHAT_INVALID")
        limit, approval = usage_limit, request_needed
        if limit is None:
            limit = 0 if approval else found.usage_limit
        if approval is None:
            approval = found.request_needed and not limit
        self._check(expire_date or 0, limit, approval)
        before = copied(found)
        found.usage_limit, found.request_needed = limit, approval
        if title is not None:
            found.title = clean_title(title)
        if expire_date is not None:
            found.expire_date = expire_date
        found.edited = self._world.now()
        self._world.note("link.edited", actor.id, chat.id, link=found.link)
        self._world.admin_log.add(chat, actor, Action.EDITED, link=found, before=before)
        return found, None

    def delete(self, chat: Chat, actor: Person, link: str) -> None:
        """messages.deleteExportedChatInvite: takes a revoked link out of its listing for good. Raises
        CHAT_ADMIN_REQUIRED, INVITE_HASH_EXPIRED (unknown), INVITE_REVOKED_MISSING (not revoked). That an
        owner deletes a bot's revoked link is a guess."""
        found = self.get(chat, actor, link)
        if not found.revoked:
            raise Refusal(400, "INVITE_REVOKED_MISSING")
        self._drop(chat, actor, [found])

    def delete_revoked(self, chat: Chat, actor: Person, creator: Person) -> None:
        """messages.deleteRevokedExportedChatInvites: all revoked links of one maker. Raises
        CHAT_ADMIN_REQUIRED for another's where `actor` is not the owner."""
        self.demand_right(chat, actor)
        if creator.id != actor.id and chat.owner_id != actor.id:
            raise Refusal(400, "CHAT_ADMIN_REQUIRED")
        self._drop(chat, actor, list(self._listings[chat.id, creator.id, True]))

    def move(self, old: Chat, new: Chat) -> None:
        """All links of an upgraded group live on under the supergroup, with their makers and counts."""
        for link in self.every(old):
            link.chat_id = new.id
        for chat_id, creator, revoked in [key for key in self._listings if key[0] == old.id]:
            self._listings[new.id, creator, revoked] = self._listings.pop((chat_id, creator, revoked))
        for chat_id, creator in [key for key in self._primaries if key[0] == old.id]:
            self._primaries[new.id, creator] = self._primaries.pop((chat_id, creator))

    # reading

    def get(self, chat: Chat, actor: Person, link: str) -> InviteLink:
        """messages.getExportedChatInvite: his own, or anyone's for the owner. Raises CHAT_ADMIN_REQUIRED,
        INVITE_HASH_EXPIRED (unknown, or another chat's)."""
        self.demand_right(chat, actor)
        found = self._by_hash.get(hash_of(link))
        if found is None or found.chat_id != chat.id:
            raise Refusal(400, "INVITE_HASH_EXPIRED")
        if found.creator_id != actor.id and chat.owner_id != actor.id:
            raise Refusal(400, "CHAT_ADMIN_REQUIRED")
        return found

    def joiners(self, chat: Chat, actor: Person, link: str, *, lapsed: bool = False) -> list[Joined]:
        """messages.getChatInviteImporters of a link: who joined by it, whoever left again too (a guess), or
        only those whose paid membership ran out. Raises as `get`."""
        return [it for it in self.get(chat, actor, link).joined.values() if it.lapsed or not lapsed]

    def listing(
        self,
        chat: Chat,
        actor: Person,
        creator: Person,
        *,
        revoked: bool = False,
        offset_date: int | None = None,
        offset_link: str | None = None,
        limit: int = 0,
    ) -> tuple[int, list[InviteLink]]:
        """messages.getExportedChatInvites: the count of the whole listing and one page of it, the
        primary link first, then the newest. `limit` 0 means 20, the cap is 100. Raises
        CHAT_ADMIN_REQUIRED for another's listing where `actor` is not the owner."""
        self.demand_right(chat, actor)
        if creator.id != actor.id and chat.owner_id != actor.id:
            raise Refusal(400, "CHAT_ADMIN_REQUIRED")
        rows = self._listings[chat.id, creator.id, revoked]
        primary = None if revoked else self._primaries.get((chat.id, creator.id))
        total = len(rows) + (1 if primary else 0)
        size = min(limit, PAGE_CAP) if limit > 0 else PAGE_DEFAULT
        page: list[InviteLink] = []
        end = len(rows)
        if offset_link is None:
            page = [primary] if primary else []
        elif primary is None or offset_link != primary.link:
            last = self._by_hash.get(hash_of(offset_link))
            where = last.place if last else (offset_date or 0, 0)
            end = bisect_left(rows, where, key=lambda row: row.place)
        wanted = size - len(page)
        return total, [*page, *reversed(rows[max(0, end - wanted) : end])]

    def admins_with_invites(self, chat: Chat, actor: Person) -> list[tuple[int, int, int]]:
        """messages.getAdminsWithInvites, owner only: (creator, unrevoked, revoked) of each who has any."""
        if chat.owner_id != actor.id:
            raise Refusal(400, "CHAT_ADMIN_REQUIRED")
        counts: dict[int, list[int]] = defaultdict(lambda: [0, 0])
        for (chat_id, creator, revoked), rows in self._listings.items():
            if chat_id == chat.id and rows:
                counts[creator][revoked] += len(rows)
        for chat_id, creator in self._primaries:
            if chat_id == chat.id:
                counts[creator][0] += 1
        return [(creator, live, dead) for creator, (live, dead) in counts.items()]

    def every(self, chat: Chat) -> list[InviteLink]:
        """Every link of the chat, revoked ones too: what a complete ledger must hold."""
        return [link for link in self._by_hash.values() if link.chat_id == chat.id]

    # using

    def find(self, invite_hash: str) -> InviteLink:
        """messages.checkChatInvite's look-up. Raises INVITE_HASH_EMPTY, INVITE_HASH_INVALID and
        406 INVITE_HASH_EXPIRED (unknown, revoked, expired, used up)."""
        if not invite_hash:
            raise Refusal(400, "INVITE_HASH_EMPTY")
        if len(invite_hash) not in (16, 22):
            raise Refusal(400, "INVITE_HASH_INVALID")
        link = self._by_hash.get(invite_hash)
        if link is None or link.revoked or (link.expire_date and link.expire_date <= self._world.now()):
            raise Refusal(406, "INVITE_HASH_EXPIRED")
        taken = link.usage - (link.left if self._world.slots_reopen else 0)
        if link.usage_limit and taken >= link.usage_limit:
            raise Refusal(406, "INVITE_HASH_EXPIRED")
        return link

    def demand_welcome(self, chat: Chat, person: Person) -> None:
        """No link lets a banned person in: 406 CHANNEL_PRIVATE."""
        if self._world.member(chat, person).status == Status.KICKED:
            raise Refusal(406, "CHANNEL_PRIVATE")

    def use(self, person: Person, invite_hash: str, *, pays: bool = False) -> Chat:
        """messages.importChatInvite; `pays` the price of a paid link, for one period. Raises as `find`,
        USER_ALREADY_PARTICIPANT, 406 CHANNEL_PRIVATE for the banned, STARS_PAYMENT_REQUIRED, and
        INVITE_REQUEST_SENT, which is success on an approval link."""
        link = self.find(invite_hash)
        chat = self._world.chat(link.chat_id)
        if chat.present(person.id):
            raise Refusal(400, "USER_ALREADY_PARTICIPANT")
        self.demand_welcome(chat, person)
        if link.request_needed:
            self._world.requests.ask(chat, person, link)
            raise Refusal(400, "INVITE_REQUEST_SENT")
        if link.price:
            if not pays:
                raise Refusal(400, "STARS_PAYMENT_REQUIRED")
            self._world.note("link.paid", person.id, chat.id, link=link.link, price=link.price)
        self.admit(chat, person, link)
        return chat

    def admit(self, chat: Chat, person: Person, link: InviteLink, *, approver: Person | None = None) -> None:
        """Lets him in by the link, whatever its state: at once, or as `approver` said."""
        link.usage += 1
        link.joined[person.id] = Joined(person.id, self._world.now(), approver.id if approver else 0)
        self._world.note("link.used", person.id, chat.id, link=link.link)
        until = self._world.now() + link.period if link.period else 0
        self._world.join(chat, person, by=approver, link=link, approver=approver, until=until)

    def lapse(self, chat: Chat, person: Person) -> None:
        """His paid time ran out and he did not pay again: he is out. Raises USER_NOT_PARTICIPANT."""
        member = self._world.member(chat, person)
        link = member.joined_by
        if not member.until or link is None or not chat.present(person.id):
            raise Refusal(400, "USER_NOT_PARTICIPANT")
        link.lapsed += 1
        link.joined[person.id].lapsed = True
        self._world.note("link.lapsed", person.id, chat.id, link=link.link)
        self._world.leave(chat, person)

    # inside

    def _make(self, chat: Chat, creator_id: int, *, permanent: bool) -> InviteLink:
        self._serial += 1
        link = InviteLink(
            chat_id=chat.id,
            creator_id=creator_id,
            link=f"https://t.me/+{secrets.token_urlsafe(12)}",
            date=self._world.now(),
            serial=self._serial,
            permanent=permanent,
        )
        self._by_hash[link.hash] = link
        if not permanent:
            insort(self._listings[chat.id, creator_id, False], link, key=lambda row: row.place)
        return link

    def _retire(self, link: InviteLink, *, by: Person) -> None:
        link.revoked = True
        if link.permanent:
            del self._primaries[link.chat_id, link.creator_id]
        else:
            self._listings[link.chat_id, link.creator_id, False].remove(link)
        insort(self._listings[link.chat_id, link.creator_id, True], link, key=lambda row: row.place)
        self._world.note("link.revoked", by.id, link.chat_id, link=link.link)
        self._world.admin_log.add(self._world.chats[link.chat_id], by, Action.REVOKED, link=link)

    def _drop(self, chat: Chat, actor: Person, links: Iterable[InviteLink]) -> None:
        for link in links:
            del self._by_hash[link.hash]
            self._listings[chat.id, link.creator_id, True].remove(link)
            self._world.note("link.deleted", actor.id, chat.id, link=link.link)
            self._world.admin_log.add(chat, actor, Action.DELETED, link=link)

    def demand_right(self, chat: Chat, actor: Person) -> None:
        """The right to invite, as an administrator: CHAT_ADMIN_REQUIRED; CHANNEL_PRIVATE or CHAT_ID_INVALID
        for who is not in the chat, or where it was upgraded."""
        if not chat.present(actor.id) or chat.migrated_to is not None:
            raise Refusal(400, "CHANNEL_PRIVATE" if chat.id < CHANNEL_BASE else "CHAT_ID_INVALID")
        if not chat.may_invite(actor.id):
            raise Refusal(400, "CHAT_ADMIN_REQUIRED")

    def _check(self, expire_date: int, usage_limit: int, request_needed: bool) -> None:
        if expire_date and expire_date <= self._world.now():
            raise Refusal(400, "EXPIRE_DATE_INVALID")
        if usage_limit and (not 1 <= usage_limit <= MAX_LIMIT or request_needed):
            raise Refusal(400, "USAGE_LIMIT_INVALID")


def _check_pricing(chat: Chat, period: int, price: int) -> None:
    if chat.kind != Kind.CHANNEL or not 1 <= price <= MAX_PRICE:
        raise Refusal(400, "PRICING_CHAT_INVALID")
    if period != PERIOD:
        raise Refusal(400, "SUBSCRIPTION_PERIOD_INVALID")

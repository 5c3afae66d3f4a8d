"""A chat's recent actions, as its administrators read them: 48 hours, supergroups and channels only.

What happens to links and who comes by them; that a link was made is no action of Telegram's log.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from sandbox.chats import ADMINS, Chat, Kind, Person, Refusal

if TYPE_CHECKING:
    from sandbox.invites import InviteLink
    from sandbox.world import World

KEPT = 48 * 3600
PAGE_CAP = 100


class Action(StrEnum):
    EDITED = "edited"
    REVOKED = "revoked"
    DELETED = "deleted"
    JOINED = "joined"
    JOINED_BY_LINK = "joined by link"
    JOINED_BY_REQUEST = "joined by request"
    LEFT = "left"


INVITES = frozenset({Action.EDITED, Action.REVOKED, Action.DELETED})
JOINS = frozenset({Action.JOINED, Action.JOINED_BY_LINK, Action.JOINED_BY_REQUEST})
LEAVES = frozenset({Action.LEFT})


@dataclass(frozen=True, slots=True)
class Entry:
    """`link` as it was then (None: a public chat was asked without one), `before` as an edit found it."""

    id: int
    date: int
    by: int
    action: Action
    link: InviteLink | None = None
    before: InviteLink | None = None
    approved_by: int = 0


class AdminLog:
    def __init__(self, world: World) -> None:
        self._world = world
        self._entries: dict[int, list[Entry]] = {}
        self._last_id = 0

    def add(
        self,
        chat: Chat,
        by: Person,
        action: Action,
        *,
        link: InviteLink | None = None,
        before: InviteLink | None = None,
        approver: Person | None = None,
    ) -> None:
        if chat.kind not in (Kind.SUPERGROUP, Kind.CHANNEL):
            return
        self._last_id += 1
        now = self._world.now()
        kept = [entry for entry in self._entries.get(chat.id, []) if entry.date > now - KEPT]
        shown, approved_by = link and copied(link), approver.id if approver else 0
        kept.append(Entry(self._last_id, now, by.id, action, shown, before, approved_by))
        self._entries[chat.id] = kept

    def read(
        self,
        chat: Chat,
        actor: Person,
        *,
        actions: Collection[Action] = tuple(Action),
        by: Collection[int] | None = None,
        max_id: int = 0,
        min_id: int = 0,
        limit: int = PAGE_CAP,
    ) -> list[Entry]:
        """channels.getAdminLog: newest first, with ids between the two given (0: no bound), at most 100.
        Raises 406 CHANNEL_PRIVATE (not in the chat), 403 CHAT_ADMIN_REQUIRED."""
        if not chat.present(actor.id):
            raise Refusal(406, "CHANNEL_PRIVATE")
        if self._world.member(chat, actor).status not in ADMINS:
            raise Refusal(403, "CHAT_ADMIN_REQUIRED")
        since = self._world.now() - KEPT
        found = [
            entry
            for entry in reversed(self._entries.get(chat.id, []))
            if entry.date > since
            and entry.action in actions
            and (by is None or entry.by in by)
            and (not max_id or entry.id < max_id)
            and entry.id > min_id
        ]
        return found[: min(limit, PAGE_CAP) if limit > 0 else PAGE_CAP]

    def shows_whole(self, link: InviteLink, reader: Person) -> bool:
        """Its maker sees a link whole here; whether the owner does is unknown, so the world has a switch."""
        own = link.creator_id == reader.id
        owner = self._world.chats[link.chat_id].owner_id == reader.id
        return own or (owner and self._world.owner_sees_links_in_log)


def copied(link: InviteLink) -> InviteLink:
    """The link as it is now; later changes do not reach it."""
    return replace(link, requested=dict(link.requested), joined={})

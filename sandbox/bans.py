"""Bans: who may throw whom out, for how long, and the way back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sandbox.chats import ADMINS, Chat, Kind, Person, Refusal, Status

if TYPE_CHECKING:
    from sandbox.world import World

SHORTEST, LONGEST = 30, 366 * 86_400  # seconds; a ban shorter or longer than these is for ever


class Bans:
    def __init__(self, world: World) -> None:
        self._world = world

    def ban(self, chat: Chat, actor: Person, person: Person, *, until: int = 0) -> None:
        """Of anyone, in the chat or not, until a Unix time (0: for ever). A basic group keeps no bans: he is
        only removed. Raises USER_CREATOR (the owner), CHAT_ADMIN_REQUIRED, USER_ADMIN_INVALID."""
        self._demand(chat, actor, person)
        if chat.kind == Kind.GROUP:
            if not chat.present(person.id):
                raise Refusal(400, "USER_NOT_PARTICIPANT")
            self._world.remove(chat, person, by=actor)
        else:
            self.put(chat, person, by=actor, until=until)

    def unban(self, chat: Chat, actor: Person, person: Person, *, only_if_banned: bool = False) -> None:
        """Whoever is no longer banned may come back by himself; a member is removed, unless `only_if_banned`.
        Raises as `ban`."""
        self._demand(chat, actor, person)
        banned = self._world.member(chat, person).status == Status.KICKED
        if banned:
            self._world.note("member.unbanned", actor.id, chat.id, person=person.id)
        if banned or (chat.present(person.id) and not only_if_banned):
            self._world.remove(chat, person, by=actor)

    def put(self, chat: Chat, person: Person, *, by: Person, until: int = 0) -> None:
        """Whatever `by` may."""
        lasts = until - self._world.now()
        until = until if SHORTEST <= lasts <= LONGEST else 0
        self._world.note("member.banned", by.id, chat.id, person=person.id, until=until)
        banned = replace(self._world.member(chat, person), status=Status.KICKED, until=until, banned_by=by.id)
        self._world.set_member(chat, person, banned, by=by)
        self._world.requests.settle(chat, person)

    def _demand(self, chat: Chat, actor: Person, person: Person) -> None:
        standing = self._world.member(chat, person).status
        if standing == Status.CREATOR:
            raise Refusal(400, "USER_CREATOR")
        if not self._world.may(chat, actor, "restrict_members"):
            raise Refusal(400, "CHAT_ADMIN_REQUIRED")
        if standing in ADMINS:
            raise Refusal(400, "USER_ADMIN_INVALID")

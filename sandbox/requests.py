"""Join requests: who asks to be let in, by which link, and who may answer.

Telegram answers a request by its person, not by its link, so each person has one in a chat; asking again
changes nothing (likely so).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.chats import Chat, Person, Refusal, Requested, Waiting

if TYPE_CHECKING:
    from sandbox.invites import InviteLink
    from sandbox.world import World

MAY_WRITE = 300  # seconds in which a bot may write to who asked, unless he is answered sooner


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """`link` is None where a public chat was asked without one; `about` is the bio at that time."""

    person_id: int
    date: int
    link: InviteLink | None
    about: str = ""


class JoinRequests:
    def __init__(self, world: World) -> None:
        self._world = world
        self._waiting: dict[int, dict[int, JoinRequest]] = {}  # chat -> person -> the request

    # asking

    def ask(self, chat: Chat, person: Person, link: InviteLink | None) -> None:
        """Of a person whom the chat's rules let ask; that is for `Invites.use` and `World.enter` to know."""
        here = self._waiting.setdefault(chat.id, {})
        if person.id in here:
            return
        now = self._world.now()
        here[person.id] = JoinRequest(person.id, now, link, person.about)
        if link is not None:
            link.requested[person.id] = now
        self._world.note("link.requested", person.id, chat.id, link=link.link if link else None)
        self._world.tell(Requested(chat, person, link, now, person.about))
        self._world.tell(Waiting(chat))

    def withdraw(self, chat: Chat, person: Person) -> None:
        """Raises HIDE_REQUESTER_MISSING where he does not wait."""
        self._take(chat, person.id)
        self._world.note("request.withdrawn", person.id, chat.id, person=person.id)
        self._world.tell(Waiting(chat))

    def settle(self, chat: Chat, person: Person) -> None:
        """Who came in another way, or was banned, waits no longer."""
        if person.id in self._waiting.get(chat.id, {}):
            self._take(chat, person.id)
            self._world.tell(Waiting(chat))

    def move(self, old: Chat, new: Chat) -> None:
        """The requests of an upgraded group are its supergroup's."""
        if old.id in self._waiting:
            self._waiting[new.id] = self._waiting.pop(old.id)

    # reading

    def waiting(self, chat: Chat, link: InviteLink | None = None) -> list[JoinRequest]:
        """Latest first; with `link` those who came by it."""
        every = [it for it in self._waiting.get(chat.id, {}).values() if link is None or it.link is link]
        return sorted(every, key=lambda it: (it.date, it.person_id), reverse=True)

    def lets_write(self, bot: Person, person: Person) -> bool:
        """Whether `bot`, told of a request of his, may still write to `person` who never wrote to it."""
        since = self._world.clock() - MAY_WRITE
        return any(
            person.id in here and here[person.id].date > since and self._world.chats[chat_id].may_invite(bot.id)
            for chat_id, here in self._waiting.items()
        )

    # answering

    def hide(self, chat: Chat, actor: Person, person: Person, *, approved: bool) -> None:
        """messages.hideChatJoinRequest, for any administrator with the right. Raises CHAT_ADMIN_REQUIRED,
        USER_ALREADY_PARTICIPANT (approving who is in), HIDE_REQUESTER_MISSING (he does not wait)."""
        self._world.invites.demand_right(chat, actor)
        if approved and chat.present(person.id):
            raise Refusal(400, "USER_ALREADY_PARTICIPANT")
        self._answer(chat, actor, person.id, approved=approved)
        self._world.tell(Waiting(chat))

    def hide_all(self, chat: Chat, actor: Person, link: str | None, *, approved: bool) -> int:
        """messages.hideAllChatJoinRequests: of one link (its maker's, or any for the owner), or of the chat.
        Returns how many. Raises as `Invites.get`, and HIDE_REQUESTER_MISSING where nobody waits."""
        if link is None:
            self._world.invites.demand_right(chat, actor)
            found = self.waiting(chat)
        else:
            found = self.waiting(chat, self._world.invites.get(chat, actor, link))
        if not found:
            raise Refusal(400, "HIDE_REQUESTER_MISSING")
        for request in reversed(found):
            self._answer(chat, actor, request.person_id, approved=approved)
        self._world.tell(Waiting(chat))
        return len(found)

    def _answer(self, chat: Chat, actor: Person, person_id: int, *, approved: bool) -> None:
        request = self._take(chat, person_id)
        person = self._world.people[person_id]
        kind = "request.approved" if approved else "request.declined"
        link = request.link.link if request.link else None
        self._world.note(kind, actor.id, chat.id, person=person_id, link=link)
        if not approved:
            return
        if request.link is not None:
            self._world.invites.admit(chat, person, request.link, approver=actor)
        else:
            self._world.join(chat, person, by=actor, approver=actor)

    def _take(self, chat: Chat, person_id: int) -> JoinRequest:
        request = self._waiting.get(chat.id, {}).pop(person_id, None)
        if request is None:
            raise Refusal(400, "HIDE_REQUESTER_MISSING")
        if request.link is not None:
            request.link.requested.pop(person_id, None)
        return request

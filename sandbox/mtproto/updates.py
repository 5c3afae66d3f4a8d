"""What happens in the world, told to signed-in people as updates, each in its numbered sequence.

Supergroups and channels count by themselves, private chats and basic groups in their person's own
sequence. No backlog is kept: a client that was away is given the present state and no difference.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from telethon.tl import TLObject, functions, types

from sandbox.chats import Chat, Moved, Person, Upgraded, Waiting
from sandbox.messages import Deleted, Edited, Message, Posted
from sandbox.mtproto import entities, posts
from sandbox.mtproto.calls import Caller, answers
from sandbox.world import World


def sequence(viewer: Person, chat: Chat) -> int:
    """Whose sequence numbers what happens in a chat: the chat's own id or the viewer's."""
    return chat.id if chat.kind in entities.CHANNELS else viewer.id


def bundle(world: World, viewer: Person, updates: list[TLObject], about: list[Message]) -> types.Updates:
    """seq 0: the updates stand for themselves."""
    users, chats = posts.around(world, viewer, about)
    return types.Updates(updates=updates, users=users, chats=chats, date=world.now(), seq=0)


def news(world: World, viewer: Person, message: Message) -> TLObject:
    """The update that tells of a new message, numbered with the last number of its sequence."""
    if message.ephemeral_id is not None:
        return types.UpdateNewEphemeralMessage(posts.ephemeral(viewer, message))
    made = types.UpdateNewChannelMessage if message.chat.kind in entities.CHANNELS else types.UpdateNewMessage
    return made(posts.message(viewer, message), world.pts[sequence(viewer, message.chat)], 1)


class Announcer:
    """Subscribes to the world and pushes. `listening` names the people who have a live session that
    wants updates; nothing is built for anyone else. Bots are told by their Bot API face alone."""

    def __init__(self, world: World, push: Callable[[int, TLObject], None], listening: Callable[[], set[int]]) -> None:
        self._world = world
        self._push = push
        self._listening = listening
        world.subscribe(self._tell)

    def _tell(self, event: Any) -> None:
        match event:
            case Posted(message) | Edited(message) | Deleted(message):
                self._tell_message(event, message)
            case Moved(chat=chat, person=person) if person.id in self._listening() and not person.is_bot:
                number = entities.bare_id(chat)
                moved = types.UpdateChannel(number) if chat.kind in entities.CHANNELS else types.UpdateChat(number)
                shown = [entities.chat(self._world, person, chat)]
                self._push(person.id, types.Updates([moved], [], shown, self._world.now(), 0))
            case Waiting(chat=chat):
                self._tell_waiting(chat)
            case Upgraded(old=old, new=new):
                both = [types.UpdateChat(entities.bare_id(old)), types.UpdateChannel(entities.bare_id(new))]
                for person in map(self._world.people.__getitem__, self._listening() & set(new.members)):
                    if person.is_bot:
                        continue
                    shown = [entities.chat(self._world, person, chat) for chat in (old, new)]
                    self._push(person.id, types.Updates(both, [], shown, self._world.now(), 0))

    def _tell_waiting(self, chat: Chat) -> None:
        """How many wait and who came last; not by which link. Of no sequence."""
        waiting = [request.person_id for request in self._world.requests.waiting(chat)]
        for who in self._listening() & set(chat.members):
            viewer = self._world.people[who]
            if viewer.is_bot or not chat.may_invite(who):
                continue
            news = types.UpdatePendingJoinRequests(entities.peer(viewer, chat), len(waiting), waiting[:3])
            shown = entities.users(self._world, viewer, waiting[:3])
            chats = [entities.chat(self._world, viewer, chat)]
            self._push(who, types.Updates([news], shown, chats, self._world.now(), 0))

    def _tell_message(self, event: Posted | Edited | Deleted, message: Message) -> None:
        world, chat, listening = self._world, message.chat, self._listening()
        if message.ephemeral_id is not None:
            audience = [message.receiver_id or 0, message.sender_id]
        else:
            audience = [who for who in chat.members if chat.present(who)]
            for counted in {sequence(world.people[who], chat) for who in audience}:
                world.pts[counted] += 1
        for who in audience:
            viewer = world.people[who]
            if who in listening and not viewer.is_bot:
                self._push(who, bundle(world, viewer, [self._update(event, viewer, message)], [message]))

    def _update(self, event: Posted | Edited | Deleted, viewer: Person, message: Message) -> TLObject:
        chat = message.chat
        pts = self._world.pts[sequence(viewer, chat)]
        channel = chat.kind in entities.CHANNELS
        match event:
            case Posted():
                return news(self._world, viewer, message)
            case Edited() if message.ephemeral_id is not None:
                return types.UpdateEditEphemeralMessage(posts.ephemeral(viewer, message))
            case Edited():
                made = types.UpdateEditChannelMessage if channel else types.UpdateEditMessage
                return made(posts.message(viewer, message), pts, 1)
            case _ if message.ephemeral_id is not None:
                return types.UpdateDeleteEphemeralMessages(entities.peer(viewer, chat), [message.ephemeral_id])
            case _ if channel:
                return types.UpdateDeleteChannelMessages(entities.bare_id(chat), [message.id], pts, 1)
        return types.UpdateDeleteMessages([message.id], pts, 1)


def state(world: World, viewer: Person) -> types.updates.State:
    return types.updates.State(pts=world.pts[viewer.id], qts=0, date=world.now(), seq=1, unread_count=0)


@answers(functions.updates.GetStateRequest)
async def get_state(caller: Caller, request: functions.updates.GetStateRequest) -> types.updates.State:
    return state(caller.world, caller.user())


@answers(functions.updates.GetDifferenceRequest)
async def get_difference(caller: Caller, request: functions.updates.GetDifferenceRequest) -> TLObject:
    """No backlog: a client that is behind gets the present state with nothing in it."""
    me = caller.user()
    if request.pts == caller.world.pts[me.id]:
        return types.updates.DifferenceEmpty(caller.world.now(), 1)
    return types.updates.Difference([], [], [], [], [], state(caller.world, me))


@answers(functions.updates.GetChannelDifferenceRequest)
async def get_channel_difference(
    caller: Caller, request: functions.updates.GetChannelDifferenceRequest
) -> types.updates.ChannelDifferenceEmpty:
    chat = entities.find_chat(caller, request.channel)
    return types.updates.ChannelDifferenceEmpty(pts=caller.world.pts[chat.id], final=True, timeout=300)


@answers(functions.account.UpdateStatusRequest)
async def update_status(caller: Caller, request: functions.account.UpdateStatusRequest) -> bool:
    """Who is online is not kept."""
    caller.user()
    return True

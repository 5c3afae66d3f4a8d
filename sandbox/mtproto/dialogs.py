"""The list of a person's chats and private dialogs, newest first, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass

from telethon import utils
from telethon.tl import TLObject, functions, types

from sandbox.chats import Chat, Kind, Person
from sandbox.messages import Message
from sandbox.mtproto import entities, posts, updates
from sandbox.mtproto.calls import Caller, answers
from sandbox.mtproto.entities import find_peer, seconds
from sandbox.world import World

PAGE_CAP, PAGE_DEFAULT = 100, 20


@dataclass(frozen=True, slots=True)
class _Entry:
    chat: Chat
    peer_id: int  # marked, as the viewer sees it
    top: Message | None

    @property
    def place(self) -> tuple[int, int, int]:
        if self.top is None:
            return (self.chat.created, 0, self.peer_id)
        return (self.top.date, self.top.id, self.peer_id)


@answers(functions.messages.GetDialogsRequest)
async def get_dialogs(caller: Caller, request: functions.messages.GetDialogsRequest) -> TLObject:
    """What lies after (offset_date, offset_id, offset_peer), by the last message of each; `limit` 0
    means 20, the cap is 100. messages.dialogs where that is all there is. Folders and pins are not
    kept: `folder_id` 0 holds everything, any other folder nothing."""
    me = caller.human()
    every = [] if request.folder_id else _entries(caller.world, me)
    date, somewhere = seconds(request.offset_date), not isinstance(request.offset_peer, types.InputPeerEmpty)
    rest = every
    if date or request.offset_id or somewhere:
        peer_id = (
            utils.get_peer_id(entities.peer(me, find_peer(caller, request.offset_peer, past=True))) if somewhere else 0
        )
        place = (date, request.offset_id, peer_id)
        if not date:
            place = next((entry.place for entry in every if entry.peer_id == peer_id), place)
        rest = [entry for entry in every if entry.place < place]
    page = rest[: min(request.limit, PAGE_CAP) if request.limit > 0 else PAGE_DEFAULT]
    dialogs, messages, users, chats = _shown(caller.world, me, page)
    if len(page) == len(every):
        return types.messages.Dialogs(dialogs, messages, chats, users)
    return types.messages.DialogsSlice(len(every), dialogs, messages, chats, users)


@answers(functions.messages.GetPeerDialogsRequest)
async def get_peer_dialogs(
    caller: Caller, request: functions.messages.GetPeerDialogsRequest
) -> types.messages.PeerDialogs:
    """Raises PEER_ID_INVALID, CHANNEL_INVALID, CHANNEL_PRIVATE."""
    me = caller.human()
    asked = {
        utils.get_peer_id(entities.peer(me, find_peer(caller, given.peer, past=True)))
        for given in request.peers
        if isinstance(given, types.InputDialogPeer)
    }
    page = [entry for entry in _entries(caller.world, me) if entry.peer_id in asked]
    dialogs, messages, users, chats = _shown(caller.world, me, page)
    return types.messages.PeerDialogs(dialogs, messages, chats, users, updates.state(caller.world, me))


def _entries(world: World, me: Person) -> list[_Entry]:
    chats = [chat for chat in world.chats.values() if chat.present(me.id)]
    chats += [chat for key, chat in world.dialogs.items() if me.id in key and chat.messages]
    entries = [
        _Entry(chat, utils.get_peer_id(entities.peer(me, chat)), next(reversed(chat.messages.values()), None))
        for chat in chats
    ]
    return sorted(entries, key=lambda entry: entry.place, reverse=True)


def _shown(
    world: World, me: Person, page: list[_Entry]
) -> tuple[list[TLObject], list[TLObject], list[TLObject], list[TLObject]]:
    dialogs: list[TLObject] = [
        types.Dialog(
            peer=entities.peer(me, entry.chat),
            top_message=entry.top.id if entry.top else 0,
            read_inbox_max_id=0,
            read_outbox_max_id=0,
            unread_count=0,
            unread_mentions_count=0,
            unread_reactions_count=0,
            unread_poll_votes_count=0,
            notify_settings=types.PeerNotifySettings(),
            pts=world.pts[entry.chat.id] if entry.chat.kind in entities.CHANNELS else None,
        )
        for entry in page
    ]
    tops = [entry.top for entry in page if entry.top]
    users, _ = posts.around(world, me, tops)
    chats = [entities.chat(world, me, entry.chat) for entry in page if entry.chat.kind != Kind.PRIVATE]
    return dialogs, [posts.message(me, top) for top in tops], users, chats

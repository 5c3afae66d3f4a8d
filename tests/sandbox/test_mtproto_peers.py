"""Every MTProto method that takes a chat refuses the wrong ones alike."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio
from telethon import utils
from telethon.tl import TLObject, functions, types

from sandbox.chats import Person
from tests.sandbox.mtproto_club import Club

pytestmark = pytest.mark.asyncio(loop_scope="module")
f, c, e, u = functions.messages, functions.channels, functions.ephemeral, functions.updates
ME = types.InputUserSelf()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def club(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Club]:
    async with Club.open(tmp_path_factory.mktemp("telegram")) as club:
        yield club


Case = Callable[[Club], tuple[Person, TLObject]]
WRONG_CHANNELS: dict[str, Case] = {
    "CHANNEL_INVALID": lambda k: (k.max, k.peer(k.ann, k.chess)),  # the hash is Ann's
    "CHANNEL_PRIVATE": lambda k: (k.sue, k.peer(k.sue, k.chess)),
}
WRONG_PEERS: dict[str, Case] = {
    **WRONG_CHANNELS,
    "CHAT_ID_INVALID": lambda k: (k.sue, k.peer(k.sue, k.go)),
    "PEER_ID_INVALID": lambda k: (k.max, k.peer(k.ann, k.olga)),
}

OF_A_PEER: list[Callable[[TLObject], TLObject]] = [
    f.ExportChatInviteRequest,
    lambda peer: f.GetExportedChatInvitesRequest(peer, ME, 100),
    lambda peer: f.GetExportedChatInviteRequest(peer, "https://t.me/+aaaaaaaaaaaaaaaa"),
    lambda peer: f.EditExportedChatInviteRequest(peer, "https://t.me/+aaaaaaaaaaaaaaaa"),
    f.GetAdminsWithInvitesRequest,
    lambda peer: f.GetDialogsRequest(None, 0, peer, 10, 0),
    lambda peer: f.GetPeerDialogsRequest([types.InputDialogPeer(peer)]),
    lambda peer: f.SendMessageRequest(peer, "hi"),
    lambda peer: f.GetHistoryRequest(peer, 0, None, 0, 10, 0, 0, 0),
    lambda peer: f.GetBotCallbackAnswerRequest(peer, 1, data=b"x"),
    lambda peer: e.SendMessageRequest(ME, "/x", peer=peer),
    lambda peer: e.GetCallbackAnswerRequest(peer, 1, data=b"x"),
]
OF_A_CHANNEL: list[Callable[[TLObject], TLObject]] = [
    lambda channel: c.GetChannelsRequest([channel]),
    c.GetFullChannelRequest,
    lambda channel: c.GetParticipantsRequest(channel, types.ChannelParticipantsRecent(), 0, 9, 0),
    lambda channel: c.GetParticipantRequest(channel, types.InputPeerSelf()),
    c.JoinChannelRequest,
    c.LeaveChannelRequest,
    lambda channel: c.EditAdminRequest(channel, ME, types.ChatAdminRights(), rank=""),
    lambda channel: c.GetMessagesRequest(channel, [types.InputMessageID(1)]),
    lambda channel: u.GetChannelDifferenceRequest(channel, types.ChannelMessagesFilterEmpty(), 1, 100),
]


def named(make: Callable[[TLObject], TLObject]) -> str:
    return type(make(types.InputPeerChannel(1, 1))).__name__.removesuffix("Request")


@pytest.mark.parametrize("error", WRONG_PEERS)
@pytest.mark.parametrize("make", OF_A_PEER, ids=named)
async def test_a_wrong_peer_is_refused(club: Club, make: Callable[[TLObject], TLObject], error: str) -> None:
    person, peer = WRONG_PEERS[error](club)
    await club.refuses(person, make(peer), 400, error)


@pytest.mark.parametrize("error", WRONG_CHANNELS)
@pytest.mark.parametrize("make", OF_A_CHANNEL, ids=named)
async def test_a_wrong_channel_is_refused(club: Club, make: Callable[[TLObject], TLObject], error: str) -> None:
    person, peer = WRONG_CHANNELS[error](club)
    await club.refuses(person, make(utils.get_input_channel(peer)), 400, error)

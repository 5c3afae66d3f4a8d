"""A basic group that becomes a supergroup, and channels, as accounts see them over MTProto."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from telethon import events, functions, types, utils
from telethon.tl import TLObject

from sandbox.chats import Chat, Kind, Person
from sandbox.mtproto import entities
from tests.sandbox.mtproto_club import Club


@pytest.fixture
async def club(server_folder: Path) -> AsyncIterator[Club]:
    async with Club.open(server_folder) as opened:
        yield opened


def listing(club: Club, who: Person, chat: Chat, creator: Person, *, revoked: bool = False) -> TLObject:
    return functions.messages.GetExportedChatInvitesRequest(
        club.peer(who, chat), club.user(who, creator), limit=100, revoked=revoked
    )


async def upgraded(club: Club) -> tuple[types.Updates, Chat]:
    answer = await club.calls(club.olga, functions.messages.MigrateChatRequest(entities.bare_id(club.go)))
    [new] = [chat for chat in club.world.chats.values() if chat.migrated_from == club.go.id]
    return answer, new


@pytest.mark.fact("M-34")
async def test_the_owner_makes_a_supergroup_of_a_group(club: Club) -> None:
    answer, new = await upgraded(club)
    channel, old = answer.chats
    assert utils.get_peer_id(channel) == new.id
    assert (channel.megagroup, channel.creator, channel.title) == (True, True, "Go")
    assert (old.deactivated, old.migrated_to.channel_id, old.migrated_to.access_hash) == (
        True, channel.id, channel.access_hash,
    )  # fmt: skip
    full = (await club.calls(club.olga, functions.channels.GetFullChannelRequest(old.migrated_to))).full_chat
    assert full.migrated_from_chat_id == old.id


async def test_only_the_owner_may_and_only_once(club: Club) -> None:
    request = functions.messages.MigrateChatRequest(entities.bare_id(club.go))
    for who in (club.ann, club.max):
        await club.refuses(who, request, 403, "CHAT_ADMIN_REQUIRED")
    await club.refuses(club.bot, request, 400, "BOT_METHOD_INVALID")
    await club.refuses(club.olga, functions.messages.MigrateChatRequest(7), 400, "CHAT_ID_INVALID")
    await upgraded(club)
    await club.refuses(club.olga, request, 400, "CHAT_ID_INVALID")


@pytest.mark.fact("M-35")
async def test_links_live_on_under_the_supergroup(club: Club) -> None:
    made = club.world.invites.export(club.go, club.ann, title="Ann's")
    dead = club.world.invites.export(club.go, club.ann, title="Dead")
    club.world.invites.edit(club.go, club.ann, dead.link, revoked=True)
    club.world.invites.use(club.sue, made.hash)
    primary = club.world.invites.primary(club.go, club.ann).link
    before = {link.link: link.usage for link in club.world.invites.every(club.go)}
    _, new = await upgraded(club)
    live = await club.calls(club.olga, listing(club, club.olga, new, club.ann))
    gone = await club.calls(club.olga, listing(club, club.olga, new, club.ann, revoked=True))
    assert [(link.link, link.usage) for link in live.invites] == [(primary, None), (made.link, 1)]
    assert [link.link for link in gone.invites] == [dead.link]
    admins = await club.calls(club.olga, functions.messages.GetAdminsWithInvitesRequest(club.peer(club.olga, new)))
    assert sum(admin.invites_count + admin.revoked_invites_count for admin in admins.admins) == len(before)


@pytest.mark.fact("M-36")
async def test_the_old_group_takes_nothing_new_and_says_where_it_went(club: Club) -> None:
    old = club.peer(club.olga, club.go)
    friend = await club.calls(club.ann, functions.messages.GetDialogsRequest(None, 0, types.InputPeerEmpty(), 100, 0))
    assert not any(getattr(chat, "migrated_to", None) for chat in friend.chats)
    _, new = await upgraded(club)
    for request in (
        listing(club, club.olga, club.go, club.ann),
        functions.messages.GetAdminsWithInvitesRequest(old),
        functions.messages.ExportChatInviteRequest(old),
        functions.messages.SendMessageRequest(old, "hello", random_id=1),
    ):
        await club.refuses(club.olga, request, 400, "CHAT_ID_INVALID")
    dialogs = await club.calls(club.ann, functions.messages.GetDialogsRequest(None, 0, types.InputPeerEmpty(), 100, 0))
    seen = {utils.get_peer_id(chat): chat for chat in dialogs.chats}
    assert seen[club.go.id].migrated_to.channel_id == seen[new.id].id
    assert seen[new.id].access_hash == seen[club.go.id].migrated_to.access_hash
    tops = {utils.get_peer_id(message.peer_id): message for message in dialogs.messages}
    assert tops[club.go.id].action.channel_id == seen[new.id].id
    assert tops[new.id].action.chat_id == seen[club.go.id].id
    history = await club.calls(club.ann, functions.messages.GetHistoryRequest(old, 0, None, 0, 10, 0, 0, 0))
    assert isinstance(history.messages[0].action, types.MessageActionChatMigrateTo)


async def test_dialogs_are_paged_past_a_group_that_was(club: Club) -> None:
    await upgraded(club)
    place: tuple[Any, int, TLObject] = (None, 0, types.InputPeerEmpty())
    met: list[int] = []
    while True:
        page = await club.calls(club.olga, functions.messages.GetDialogsRequest(*place, limit=1, hash=0))
        if not page.dialogs:
            break
        peer_id = utils.get_peer_id(page.dialogs[0].peer)
        met.append(peer_id)
        shown = next(chat for chat in page.chats if utils.get_peer_id(chat) == peer_id)
        place = (page.messages[0].date, page.messages[0].id, utils.get_input_peer(shown))
    assert len(met) == len(set(met)) == 5


@pytest.mark.parametrize("kind", [Kind.CHANNEL, Kind.SUPERGROUP, Kind.GROUP])
async def test_the_anonymity_of_admins_changes_no_listing(club: Club, kind: Kind) -> None:
    chat = {Kind.CHANNEL: club.news, Kind.SUPERGROUP: club.chess, Kind.GROUP: club.go}[kind]
    club.world.invites.export(chat, club.ann, title="Ann's")
    before = await club.calls(club.olga, listing(club, club.olga, chat, club.ann))
    rights = replace(chat.members[club.ann.id].rights, anonymous=True)
    club.world.promote(chat, club.ann, by=club.olga, rights=rights)
    after = await club.calls(club.olga, listing(club, club.olga, chat, club.ann))
    assert [link.to_dict() for link in after.invites] == [link.to_dict() for link in before.invites]
    admins = await club.calls(club.olga, functions.messages.GetAdminsWithInvitesRequest(club.peer(club.olga, chat)))
    assert club.ann.id in [admin.admin_id for admin in admins.admins]


async def test_an_anonymous_admins_words_are_the_groups(club: Club) -> None:
    club.world.promote(
        club.chess, club.ann, by=club.olga, rights=replace(club.chess.members[club.ann.id].rights, anonymous=True)
    )
    club.world.messages.send(club.chess, club.ann, "from nobody", as_chat=club.chess)
    request = functions.messages.GetHistoryRequest(club.peer(club.max, club.chess), 0, None, 0, 1, 0, 0, 0)
    page = await club.calls(club.max, request)
    assert utils.get_peer_id(page.messages[0].from_id) == club.chess.id
    assert club.ann.id not in [user.id for user in page.users]


async def test_a_channel_and_its_discussion_group_stand_in_dialogs_and_are_read_alike(club: Club) -> None:
    club.world.link_discussion(club.news, club.chess, by=club.olga)
    club.world.messages.send(club.news, club.olga, "a post")
    dialogs = await club.calls(club.olga, functions.messages.GetDialogsRequest(None, 0, types.InputPeerEmpty(), 100, 0))
    shown = {utils.get_peer_id(chat): chat for chat in dialogs.chats}
    assert (shown[club.news.id].broadcast, shown[club.chess.id].megagroup) == (True, True)
    [top] = [m for m in dialogs.messages if utils.get_peer_id(m.peer_id) == club.chess.id]
    assert utils.get_peer_id(top.fwd_from.from_id) == club.news.id
    for chat in (club.news, club.chess):
        assert (await club.calls(club.olga, listing(club, club.olga, chat, club.olga))).count == 1


async def test_who_is_connected_is_told_of_both_chats(club: Club) -> None:
    told: list[Any] = []
    news = asyncio.Event()

    async def hear(update: Any) -> None:
        told.append(update)
        news.set()

    ann = await club.client(club.ann)
    ann.add_event_handler(hear, events.Raw((types.UpdateChat, types.UpdateChannel)))
    new = club.world.upgrade(club.go, club.olga)
    async with asyncio.timeout(30):
        while len(told) < 2:
            news.clear()
            await news.wait()
    assert {getattr(one, "chat_id", None) or one.channel_id for one in told} == {
        entities.bare_id(club.go), entities.bare_id(new),
    }  # fmt: skip

"""People, chats, dialogs and participants over MTProto, through the stock Telethon client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio
from telethon import utils
from telethon.errors import ChatAdminRequiredError
from telethon.tl import TLObject, functions, types

from sandbox.chats import Kind, Person, Rights
from tests.sandbox.mtproto_club import Club

pytestmark = pytest.mark.asyncio(loop_scope="module")
c, m = functions.channels, functions.messages


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def club(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Club]:
    async with Club.open(tmp_path_factory.mktemp("telegram")) as club:
        yield club


async def test_people_and_chats_are_found_by_username(club: Club) -> None:
    client = await club.client(club.sue)
    bot, park = await client.get_entity("door_test_bot"), await client.get_entity("park_square")
    assert (bot.id, bot.bot, bot.phone) == (club.bot.id, True, None)
    assert (park.title, park.megagroup, park.left) == ("Park", True, True)


@pytest.mark.fact("M-19")
async def test_an_access_hash_is_useless_to_another_account(club: Club) -> None:
    await club.refuses(club.ann, c.GetChannelsRequest([club.channel(club.max, club.chess)]), 400, "CHANNEL_INVALID")
    (unknown,) = await club.calls(club.ann, functions.users.GetUsersRequest([club.user(club.max, club.olga)]))
    assert isinstance(unknown, types.UserEmpty)


async def test_a_bot_may_leave_out_the_hash_of_what_it_shares_a_chat_with(club: Club) -> None:
    (max_,) = await club.calls(club.bot, functions.users.GetUsersRequest([types.InputUser(club.max.id, 0)]))
    assert max_.username == "max_lee"
    chess_id = utils.resolve_id(club.chess.id)[0]
    (chess,) = (await club.calls(club.bot, c.GetChannelsRequest([types.InputChannel(chess_id, 0)]))).chats
    assert chess.title == "Chess"


async def test_a_chat_shows_what_the_viewer_is_in_it(club: Club) -> None:
    seen = {}
    for viewer in (club.olga, club.ann, club.max):
        ask = c.GetChannelsRequest([club.channel(viewer, club.chess)])
        (seen[viewer.first_name],) = (await club.calls(viewer, ask)).chats
    assert [seen[name].creator for name in ("Olga", "Ann", "Max")] == [True, False, False]
    assert seen["Ann"].admin_rights.invite_users
    assert seen["Max"].admin_rights is None
    assert seen["Max"].participants_count == 6


async def test_dialogs_come_newest_first_and_in_pages_without_loss(club: Club) -> None:
    reader = club.world.add_person("Reader")
    for n in range(230):  # some in the same second, as in a busy account
        club.clock.now += n % 3
        club.world.join(club.world.add_chat(f"Room {n}", club.olga, kind=list(Kind)[1 + n % 3]), reader)
    club.world.messages.send(club.world.dialog(reader, club.bot), reader, "/start")
    dialogs = await (await club.client(reader)).get_dialogs()
    assert len(dialogs) == len({dialog.id for dialog in dialogs}) == dialogs.total == 231
    dates = [dialog.date for dialog in dialogs]
    assert dates == sorted(dates, reverse=True)
    assert await (await club.client(reader)).get_dialogs(folder=1) == []


async def test_dialogs_hold_the_chats_one_is_in_and_no_other(club: Club) -> None:
    dialogs = await (await club.client(club.max)).get_dialogs()
    assert {dialog.name for dialog in dialogs} >= {"Chess", "Go", "News", "Park"}
    bobs = await (await club.client(club.bob)).get_dialogs()
    assert bobs == []
    park = await club.calls(club.max, m.GetPeerDialogsRequest([types.InputDialogPeer(club.peer(club.max, club.park))]))
    assert [chat.title for chat in park.chats] == ["Park"]


@pytest.mark.fact("M-27")
async def test_marked_ids_are_those_of_the_bot_api(club: Club) -> None:
    dialogs = {dialog.name: dialog.id for dialog in await (await club.client(club.max)).get_dialogs()}
    assert {dialogs["Chess"], dialogs["Go"], dialogs["News"]} == {club.chess.id, club.go.id, club.news.id}


async def test_participants_are_given_by_filter_and_in_pages(club: Club) -> None:
    client = await club.client(club.max)
    chess = club.peer(club.max, club.chess)

    async def names(wanted: TLObject) -> list[str]:
        return [user.first_name for user in await client.get_participants(chess, filter=wanted)]

    assert await names(types.ChannelParticipantsAdmins()) == ["Olga", "Ann", "Door", "Gate", "Ben"]
    assert await names(types.ChannelParticipantsBots()) == ["Door", "Gate"]
    assert await names(types.ChannelParticipantsSearch("lee")) == ["Max"]
    assert await names(types.ChannelParticipantsBanned("")) == []
    out = types.ChannelParticipantsKicked("")
    kicked = await club.calls(club.ann, c.GetParticipantsRequest(club.channel(club.ann, club.chess), out, 0, 9, 0))
    assert [user.id for user in kicked.users] == [club.bob.id]
    page = await club.calls(
        club.max,
        c.GetParticipantsRequest(club.channel(club.max, club.chess), types.ChannelParticipantsRecent(), 1, 2, 0),
    )
    assert (page.count, [user.first_name for user in page.users]) == (6, ["Ann", "Door"])


async def test_one_participant_is_told_with_rights_and_by_whom(club: Club) -> None:
    client = await club.client(club.max)
    rights = await client.get_permissions(club.peer(club.max, club.chess), club.peer(club.max, club.ann))
    assert (rights.is_admin, rights.is_creator, rights.invite_users) == (True, False, True)
    mine = await client.get_permissions(club.peer(club.max, club.chess), "me")
    assert not mine.is_admin


async def test_a_basic_group_is_given_with_all_its_members(club: Club) -> None:
    full = await club.calls(club.max, m.GetFullChatRequest(-club.go.id))
    kinds = [type(p).__name__.removeprefix("ChatParticipant") for p in full.full_chat.participants.participants]
    assert kinds == ["Creator", "Admin", "Admin", "Admin", "Admin", ""]
    (go,) = (await club.calls(club.max, m.GetChatsRequest([-club.go.id]))).chats
    assert (go.title, go.participants_count) == ("Go", 6)


async def test_a_full_user_tells_a_bot_from_a_person(club: Club) -> None:
    full = await club.calls(club.max, functions.users.GetFullUserRequest(club.user(club.max, club.bot)))
    assert (full.full_user.bot_info.user_id, full.users[0].bot) == (club.bot.id, True)


async def test_people_come_and_go(club: Club) -> None:
    sue = await club.client(club.sue)
    await sue(c.JoinChannelRequest(club.channel(club.sue, club.park)))
    assert club.park.present(club.sue.id)
    await sue(c.LeaveChannelRequest(club.channel(club.sue, club.park)))
    assert not club.park.present(club.sue.id)
    club.world.join(club.go, club.sue)
    await sue(m.DeleteChatUserRequest(-club.go.id, types.InputUserSelf()))
    assert not club.go.present(club.sue.id)


async def test_the_owner_makes_and_unmakes_administrators(club: Club) -> None:
    guest = club.world.add_person("Guest")
    club.world.join(club.chess, guest)
    chess, user = club.channel(club.olga, club.chess), club.user(club.olga, guest)
    await club.calls(club.olga, c.EditAdminRequest(chess, user, types.ChatAdminRights(invite_users=True), rank=""))
    assert club.chess.may_invite(guest.id)
    assert not club.chess.members[guest.id].rights.delete_messages
    await club.calls(club.olga, c.EditAdminRequest(chess, user, types.ChatAdminRights(), rank=""))
    assert not club.chess.may_invite(guest.id)
    await club.calls(club.olga, m.DeleteChatUserRequest(-club.go.id, club.user(club.olga, club.max)))
    assert not club.go.present(club.max.id)
    club.world.join(club.go, club.max)


Given = Callable[[Club], tuple[Person, TLObject]]
RECENT = types.ChannelParticipantsRecent()
SOME = types.ChatAdminRights(invite_users=True)

ERRORS: list[tuple[str, int, str, Given]] = [
    ("a wrong username", 400, "USERNAME_INVALID",
     lambda k: (k.sue, functions.contacts.ResolveUsernameRequest("a b"))),
    ("nobody's username", 400, "USERNAME_NOT_OCCUPIED",
     lambda k: (k.sue, functions.contacts.ResolveUsernameRequest("nobody_at_all"))),
    ("a full user by another's hash", 400, "USER_ID_INVALID",
     lambda k: (k.sue, functions.users.GetFullUserRequest(k.user(k.max, k.ann)))),
    ("dialogs of a bot", 400, "BOT_METHOD_INVALID",
     lambda k: (k.bot, m.GetDialogsRequest(None, 0, types.InputPeerEmpty(), 10, 0))),
    ("dialogs by peer of a bot", 400, "BOT_METHOD_INVALID",
     lambda k: (k.bot, m.GetPeerDialogsRequest([types.InputDialogPeer(k.peer(k.bot, k.max))]))),
    ("a public chat as one banned", 400, "CHANNEL_PRIVATE",
     lambda k: (k.bob, c.GetChannelsRequest([k.channel(k.bob, k.park)]))),
    ("an empty channel", 400, "CHANNEL_INVALID", lambda k: (k.sue, c.GetChannelsRequest([types.InputChannelEmpty()]))),
    ("a group from outside", 400, "CHAT_ID_INVALID", lambda k: (k.sue, m.GetChatsRequest([-k.go.id]))),
    ("a full group from outside", 400, "CHAT_ID_INVALID", lambda k: (k.sue, m.GetFullChatRequest(-k.go.id))),
    ("participants of a channel as a reader", 400, "CHAT_ADMIN_REQUIRED",
     lambda k: (k.max, c.GetParticipantsRequest(k.channel(k.max, k.news), RECENT, 0, 9, 0))),
    ("the kicked as a member", 400, "CHAT_ADMIN_REQUIRED",
     lambda k: (k.max, c.GetParticipantsRequest(
         k.channel(k.max, k.chess), types.ChannelParticipantsKicked(""), 0, 9, 0))),
    ("a participant by another's hash of him", 400, "PARTICIPANT_ID_INVALID",
     lambda k: (k.max, c.GetParticipantRequest(k.channel(k.max, k.chess), k.peer(k.ann, k.olga)))),
    ("a participant who is none", 400, "USER_NOT_PARTICIPANT",
     lambda k: (k.max, c.GetParticipantRequest(k.channel(k.max, k.chess), k.peer(k.max, k.sue)))),
    ("another participant of a channel", 400, "CHAT_ADMIN_REQUIRED",
     lambda k: (k.max, c.GetParticipantRequest(k.channel(k.max, k.news), k.peer(k.max, k.ann)))),
    ("joining twice", 400, "USER_ALREADY_PARTICIPANT",
     lambda k: (k.max, c.JoinChannelRequest(k.channel(k.max, k.park)))),
    ("joining by a bot", 400, "BOT_METHOD_INVALID",
     lambda k: (k.bot, c.JoinChannelRequest(k.channel(k.bot, k.park)))),
    ("leaving where one is not", 400, "USER_NOT_PARTICIPANT",
     lambda k: (k.sue, c.LeaveChannelRequest(k.channel(k.sue, k.park)))),
    ("leaving as owner", 400, "USER_CREATOR", lambda k: (k.olga, c.LeaveChannelRequest(k.channel(k.olga, k.chess)))),
    ("leaving a group one is not in", 400, "CHAT_ID_INVALID",
     lambda k: (k.sue, m.DeleteChatUserRequest(-k.go.id, types.InputUserSelf()))),
    ("removing one unknown", 400, "USER_ID_INVALID",
     lambda k: (k.olga, m.DeleteChatUserRequest(-k.go.id, k.user(k.ann, k.max)))),
    ("removing one who is not there", 400, "USER_NOT_PARTICIPANT",
     lambda k: (k.olga, m.DeleteChatUserRequest(-k.go.id, k.user(k.olga, k.sue)))),
    ("removing the owner", 400, "USER_CREATOR",
     lambda k: (k.ann, m.DeleteChatUserRequest(-k.go.id, k.user(k.ann, k.olga)))),
    ("removing without the right", 400, "CHAT_ADMIN_REQUIRED",
     lambda k: (k.ben, m.DeleteChatUserRequest(-k.go.id, k.user(k.ben, k.max)))),
    ("promoting without the right", 400, "CHAT_ADMIN_REQUIRED",
     lambda k: (k.ann, c.EditAdminRequest(k.channel(k.ann, k.chess), k.user(k.ann, k.max), SOME, rank=""))),
    ("promoting one unknown", 400, "USER_ID_INVALID",
     lambda k: (k.olga, c.EditAdminRequest(k.channel(k.olga, k.chess), k.user(k.ann, k.max), SOME, rank=""))),
    ("promoting the owner", 400, "USER_CREATOR",
     lambda k: (k.olga, c.EditAdminRequest(k.channel(k.olga, k.chess), types.InputUserSelf(), SOME, rank=""))),
    ("demoting one who is not there", 400, "USER_NOT_PARTICIPANT",
     lambda k: (k.olga, c.EditAdminRequest(
         k.channel(k.olga, k.chess), k.user(k.olga, k.sue), types.ChatAdminRights(), rank=""))),
]  # fmt: skip


@pytest.mark.parametrize(("code", "name", "given"), [row[1:] for row in ERRORS], ids=[row[0] for row in ERRORS])
async def test_each_error_is_telegrams(club: Club, code: int, name: str, given: Given) -> None:
    person, request = given(club)
    await club.refuses(person, request, code, name)


async def test_who_is_removed_from_an_administrators_post_keeps_no_right(club: Club) -> None:
    guest = club.world.add_person("Guest")
    club.world.promote(club.chess, guest, by=club.olga, rights=Rights())
    await club.calls(guest, m.ExportChatInviteRequest(club.peer(guest, club.chess)))
    club.world.demote(club.chess, guest, by=club.olga)
    with pytest.raises(ChatAdminRequiredError):
        await club.calls(guest, m.ExportChatInviteRequest(club.peer(guest, club.chess)))

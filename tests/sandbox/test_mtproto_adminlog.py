"""What administrators read of the last 48 hours, through the stock Telethon client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from telethon.tl import TLObject, functions, types

from sandbox.chats import Chat, Kind, Person
from sandbox.people import Actor
from tests.sandbox.mtproto_club import DAY, Club

pytestmark = pytest.mark.asyncio(loop_scope="module")
LINKS = types.ChannelAdminLogEventsFilter(invites=True)
JOINS = types.ChannelAdminLogEventsFilter(join=True)
LEAVES = types.ChannelAdminLogEventsFilter(leave=True)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def club(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Club]:
    async with Club.open(tmp_path_factory.mktemp("telegram")) as club:
        yield club


@pytest_asyncio.fixture(loop_scope="module")
async def chat(club: Club) -> Chat:
    """A supergroup of its own for each test, with nothing in its log that is still kept."""
    chat = club.add_chat("Fresh", Kind.SUPERGROUP)
    club.clock.now += 3 * DAY
    return chat


def asks(club: Club, viewer: Person, chat: Chat, wanted: TLObject | None = LINKS, **options: Any) -> TLObject:
    given: dict[str, Any] = {"q": "", "max_id": 0, "min_id": 0, "limit": 100, "events_filter": wanted} | options
    return functions.channels.GetAdminLogRequest(club.channel(viewer, chat), **given)


def kinds(answer: Any) -> list[str]:
    return [type(event.action).__name__.removeprefix("ChannelAdminLogEventAction") for event in answer.events]


@pytest.mark.fact("M-46")
async def test_edits_revocations_and_deletions_are_there_newest_first_and_no_creation(club: Club, chat: Chat) -> None:
    invites, link = club.world.invites, club.world.invites.export(chat, club.ann, title="old")
    invites.edit(chat, club.ann, link.link, title="new")
    invites.edit(chat, club.olga, link.link, revoked=True)
    invites.delete(chat, club.ann, link.link)
    answer = await club.calls(club.ben, asks(club, club.ben, chat))
    assert kinds(answer) == ["ExportedInviteDelete", "ExportedInviteRevoke", "ExportedInviteEdit"]
    assert [event.user_id for event in answer.events] == [club.ann.id, club.olga.id, club.ann.id]
    edit = answer.events[2].action
    assert (edit.prev_invite.title, edit.new_invite.title, edit.new_invite.revoked) == ("old", "new", False)
    assert {user.id for user in answer.users} == {club.ann.id, club.olga.id}


@pytest.mark.fact("M-47")
async def test_who_came_by_a_link_or_was_let_in_is_there_with_link_and_approver(club: Club, chat: Chat) -> None:
    link = club.world.invites.export(chat, club.ann)
    asking = club.world.invites.export(chat, club.ann, request_needed=True)
    kim, lee = (Actor(club.world, club.world.add_person(name)) for name in ("Kim", "Lee"))
    await kim.joins(link)
    await lee.joins(asking)
    await Actor(club.world, club.olga).approves(lee.person, in_=chat)
    await kim.leaves(chat)
    let_in, came = (await club.calls(club.ann, asks(club, club.ann, chat, JOINS))).events
    assert (let_in.user_id, let_in.action.approved_by, let_in.action.invite.link) == (
        lee.person.id, club.olga.id, asking.link,
    )  # fmt: skip
    assert (came.user_id, came.action.invite.link, came.action.via_chatlist) == (kim.person.id, link.link, False)
    assert kinds(await club.calls(club.ann, asks(club, club.ann, chat, LEAVES))) == ["ParticipantLeave"]
    assert len((await club.calls(club.ann, asks(club, club.ann, chat, None))).events) == 3


@pytest.mark.fact("M-48")
async def test_links_of_others_are_cut_and_ones_own_are_not(club: Club, chat: Chat) -> None:
    link = club.world.invites.export(chat, club.ann, title="Ann's")
    club.world.invites.edit(chat, club.ann, link.link, revoked=True)

    async def seen(viewer: Person) -> str:
        (event,) = (await club.calls(viewer, asks(club, viewer, chat))).events
        assert (event.action.invite.title, event.action.invite.admin_id) == ("Ann's", club.ann.id)
        return str(event.action.invite.link)

    assert [await seen(viewer) for viewer in (club.ann, club.ben, club.olga)] == [link.link, link.cut, link.cut]
    club.world.owner_sees_links_in_log = True
    assert [await seen(viewer) for viewer in (club.ben, club.olga)] == [link.cut, link.link]
    club.world.owner_sees_links_in_log = False


@pytest.mark.fact("M-49")
async def test_it_keeps_48_hours_and_is_read_between_two_ids_a_hundred_at_once(club: Club, chat: Chat) -> None:
    link = club.world.invites.export(chat, club.ann)
    for number in range(103):
        club.world.invites.edit(chat, club.ann, link.link, title=str(number))
    first = (await club.calls(club.ann, asks(club, club.ann, chat, limit=500))).events
    assert len(first) == 100
    rest = (await club.calls(club.ann, asks(club, club.ann, chat, max_id=first[-1].id))).events
    assert [event.action.new_invite.title for event in rest] == ["2", "1", "0"]
    newer = (await club.calls(club.ann, asks(club, club.ann, chat, min_id=first[1].id))).events
    assert [event.id for event in newer] == [first[0].id]
    of_olga = asks(club, club.ann, chat, admins=[club.user(club.ann, club.olga)])
    assert (await club.calls(club.ann, of_olga)).events == []
    club.clock.now += 2 * DAY
    assert (await club.calls(club.ann, asks(club, club.ann, chat))).events == []


async def test_who_was_let_into_a_public_group_without_a_link_has_no_link_there(club: Club) -> None:
    park = club.add_chat("Meadow", Kind.SUPERGROUP, username="meadow_park")
    park.asks_approval = True
    kim = Actor(club.world, club.world.add_person("Kim"))
    assert not await kim.joins(park)
    await Actor(club.world, club.ann).approves(kim.person, in_=park)
    event = (await club.calls(club.ann, asks(club, club.ann, park, JOINS))).events[0]
    assert isinstance(event.action.invite, types.ChatInvitePublicJoinRequests)


Given = Callable[[Club, Chat], tuple[Person, TLObject]]
ERRORS: list[tuple[str, int, str, Given]] = [
    ("a member", 403, "CHAT_ADMIN_REQUIRED", lambda c, g: (c.max, asks(c, c.max, g))),
    ("from outside", 406, "CHANNEL_PRIVATE", lambda c, g: (c.sue, asks(c, c.sue, g))),
    ("from outside a public one", 406, "CHANNEL_PRIVATE", lambda c, g: (c.sue, asks(c, c.sue, c.park))),
    ("by another's hash", 400, "CHANNEL_INVALID", lambda c, g: (c.ann, functions.channels.GetAdminLogRequest(
        c.channel(c.max, g), "", 0, 0, 9))),
    ("a bot", 400, "BOT_METHOD_INVALID", lambda c, g: (c.bot, asks(c, c.bot, g))),
    ("acts of somebody unknown", 400, "USER_ID_INVALID",
     lambda c, g: (c.ann, asks(c, c.ann, g, admins=[c.user(c.max, c.olga)]))),
]  # fmt: skip


@pytest.mark.parametrize(("code", "name", "given"), [row[1:] for row in ERRORS], ids=[row[0] for row in ERRORS])
async def test_each_error_is_telegrams(club: Club, chat: Chat, code: int, name: str, given: Given) -> None:
    person, request = given(club, chat)
    await club.refuses(person, request, code, name)

"""Who joined, who asks and what is deleted over MTProto, through the stock Telethon client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from telethon import events, utils
from telethon.tl import TLObject, functions, types

from sandbox.chats import Chat, Kind, Person
from sandbox.invites import InviteLink
from sandbox.people import Actor
from tests.sandbox.mtproto_club import Club

pytestmark = pytest.mark.asyncio(loop_scope="module")
f = functions.messages
NOBODY = types.InputUserEmpty()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def club(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Club]:
    async with Club.open(tmp_path_factory.mktemp("telegram")) as club:
        yield club


@pytest_asyncio.fixture(loop_scope="module")
async def chat(club: Club) -> Chat:
    """A supergroup of its own for each test: Olga owns it, Ann and two bots may invite, Ben may not."""
    return club.add_chat("Fresh", club.chess.kind)


def makes(club: Club, chat: Chat, maker: Person, **options: Any) -> InviteLink:
    return club.world.invites.export(chat, maker, **options)


async def comes(club: Club, link: InviteLink, name: str, bio: str = "") -> Person:
    """A new person uses the link: joins, or asks to."""
    person = club.world.add_person(name)
    await Actor(club.world, person).joins(link, bio=bio)
    return person


def importers(club: Club, viewer: Person, chat: Chat, link: InviteLink | None = None, **options: Any) -> TLObject:
    given = {"offset_date": None, "offset_user": NOBODY, "limit": 100} | options
    return f.GetChatInviteImportersRequest(club.peer(viewer, chat), link=link.link if link else None, **given)


def hides(club: Club, who: Person, chat: Chat, person: Person, *, approved: bool) -> TLObject:
    return f.HideChatJoinRequestRequest(club.peer(who, chat), club.user(who, person), approved=approved)


def hides_all(club: Club, who: Person, chat: Chat, link: InviteLink | None, *, approved: bool) -> TLObject:
    return f.HideAllChatJoinRequestsRequest(club.peer(who, chat), approved=approved, link=link.link if link else None)


def deletes(club: Club, who: Person, chat: Chat, link: InviteLink) -> TLObject:
    return f.DeleteExportedChatInviteRequest(club.peer(who, chat), link.link)


def deletes_revoked(club: Club, who: Person, chat: Chat, maker: Person) -> TLObject:
    return f.DeleteRevokedExportedChatInvitesRequest(club.peer(who, chat), club.user(who, maker))


# who joined


@pytest.mark.fact("M-38")
@pytest.mark.parametrize("size", [1, 3, 100])
async def test_both_offsets_lead_through_joiners_of_one_second_without_loss(club: Club, chat: Chat, size: int) -> None:
    link = makes(club, chat, club.ann)
    people = []
    for number in range(7):
        club.clock.now += number % 3
        people.append((await comes(club, link, f"Guest {number}")).id)
    read: list[int] = []
    options: dict[str, Any] = {"limit": size}
    while page := (answer := await club.calls(club.ann, importers(club, club.ann, chat, link, **options))).importers:
        assert answer.count == 7
        read += [it.user_id for it in page]
        last = next(user for user in answer.users if user.id == page[-1].user_id)
        options |= {"offset_date": page[-1].date, "offset_user": types.InputUser(last.id, last.access_hash)}
    assert sorted(read) == sorted(people)
    assert len(read) == 7


async def test_a_page_of_joiners_holds_a_hundred_and_a_user_alone_does_not_advance(club: Club, chat: Chat) -> None:
    link = makes(club, chat, club.ann)
    for number in range(101):
        club.world.invites.admit(chat, club.world.add_person(f"Guest {number}"), link)
    sizes = {}
    for limit in (0, 30, 500):
        sizes[limit] = len((await club.calls(club.ann, importers(club, club.ann, chat, link, limit=limit))).importers)
    assert sizes == {0: 100, 30: 30, 500: 100}
    first = await club.calls(club.ann, importers(club, club.ann, chat, link, limit=1))
    user = types.InputUser(first.users[0].id, first.users[0].access_hash)
    again = await club.calls(club.ann, importers(club, club.ann, chat, link, limit=1, offset_user=user))
    assert again.importers[0].user_id == first.importers[0].user_id


@pytest.mark.fact("M-39")
async def test_who_joined_is_told_with_date_and_approver_to_maker_and_owner_also_after_he_left(
    club: Club, chat: Chat
) -> None:
    asking = makes(club, chat, club.ann, request_needed=True)
    guest = await comes(club, asking, "Guest")
    club.clock.now += 60
    await club.calls(club.olga, hides(club, club.olga, chat, guest, approved=True))
    club.world.leave(chat, guest)
    for viewer in (club.ann, club.olga):
        (it,) = (await club.calls(viewer, importers(club, viewer, chat, asking))).importers
        assert (it.user_id, it.approved_by, it.date.timestamp()) == (guest.id, club.olga.id, club.world.now())
        assert (it.requested, it.about) == (False, None)
    listed = (await club.calls(club.ann, f.GetExportedChatInviteRequest(club.peer(club.ann, chat), asking.link))).invite
    assert (listed.usage, listed.requested) == (1, None)


# who asks


@pytest.mark.fact("M-40")
async def test_any_administrator_with_the_right_sees_who_asks_with_his_bio(club: Club, chat: Chat) -> None:
    anns = makes(club, chat, club.ann, request_needed=True)
    olgas = makes(club, chat, club.olga, request_needed=True)
    kim = await comes(club, anns, "Kim", bio="plays the Dutch")
    club.clock.now += 1
    lee = await comes(club, olgas, "Lee")
    seen = (await club.calls(club.ann, importers(club, club.ann, chat, requested=True))).importers
    assert [(it.user_id, it.about, it.requested) for it in seen] == [
        (lee.id, None, True),
        (kim.id, "plays the Dutch", True),
    ]
    found = (await club.calls(club.ann, importers(club, club.ann, chat, requested=True, q="ki"))).importers
    assert [it.user_id for it in found] == [kim.id]
    own = (await club.calls(club.ann, importers(club, club.ann, chat, anns, requested=True))).importers
    assert [it.user_id for it in own] == [kim.id]


@pytest.mark.fact("M-41")
async def test_an_administrator_lets_in_or_turns_away_by_any_link(club: Club, chat: Chat) -> None:
    link = makes(club, chat, club.olga, request_needed=True)
    kim, lee = await comes(club, link, "Kim"), await comes(club, link, "Lee")
    await club.calls(club.ann, hides(club, club.ann, chat, kim, approved=True))
    await club.calls(club.bot, hides(club, club.bot, chat, lee, approved=False))
    assert (chat.present(kim.id), chat.present(lee.id)) == (True, False)
    assert (link.usage, link.requested) == (1, {})
    history = await club.calls(club.max, f.GetHistoryRequest(club.peer(club.max, chat), 0, None, 0, 1, 0, 0, 0))
    assert isinstance(history.messages[0].action, types.MessageActionChatJoinedByRequest)


@pytest.mark.fact("M-42")
async def test_all_requests_of_a_link_or_of_the_chat_are_answered_at_once(club: Club, chat: Chat) -> None:
    anns, olgas = (makes(club, chat, maker, request_needed=True) for maker in (club.ann, club.olga))
    mine = [await comes(club, anns, f"Mine {n}") for n in range(3)]
    hers = [await comes(club, olgas, f"Hers {n}") for n in range(2)]
    await club.calls(club.ann, hides_all(club, club.ann, chat, anns, approved=True))
    assert [chat.present(who.id) for who in mine + hers] == [True] * 3 + [False] * 2
    await club.calls(club.ann, hides_all(club, club.ann, chat, None, approved=False))
    assert club.world.requests.waiting(chat) == []


async def test_asking_twice_is_one_request_and_coming_in_otherwise_ends_it(club: Club, chat: Chat) -> None:
    first, second = (makes(club, chat, club.ann, request_needed=True) for _ in range(2))
    kim = await comes(club, first, "Kim")
    assert not await Actor(club.world, kim).joins(second)
    assert [it.link for it in club.world.requests.waiting(chat)] == [first]
    assert await Actor(club.world, kim).joins(makes(club, chat, club.ann))
    assert club.world.requests.waiting(chat) == []
    assert first.requested == {}


@pytest.mark.fact("M-43")
async def test_administrators_hear_how_many_wait_and_not_by_which_link(club: Club, chat: Chat) -> None:
    heard: asyncio.Queue[Any] = asyncio.Queue()

    async def hear(update: Any) -> None:
        if utils.get_peer_id(update.peer) == chat.id:
            heard.put_nowait(update)

    (await club.client(club.ann)).add_event_handler(hear, events.Raw(types.UpdatePendingJoinRequests))
    link = makes(club, chat, club.olga, request_needed=True)
    kim = await comes(club, link, "Kim")
    await Actor(club.world, kim).withdraws(chat)
    async with asyncio.timeout(30):
        told = [await heard.get(), await heard.get()]
    assert [(it.requests_pending, it.recent_requesters) for it in told] == [(1, [kim.id]), (0, [])]
    assert link.hash not in str([it.stringify() for it in told])


async def test_a_public_group_may_ask_approval_of_who_comes_without_a_link(club: Club) -> None:
    park = club.add_chat("Square", Kind.SUPERGROUP, username="square_park")
    channel = club.channel(club.olga, park)
    await club.calls(club.olga, functions.channels.ToggleJoinRequestRequest(channel, True))
    join = functions.channels.JoinChannelRequest(club.channel(club.sue, park))
    await club.refuses(club.sue, join, 400, "INVITE_REQUEST_SENT")
    await club.calls(club.ann, hides(club, club.ann, park, club.sue, approved=True))
    assert park.present(club.sue.id)


# deleting


@pytest.mark.fact("M-44")
async def test_a_deleted_link_is_gone_for_good(club: Club, chat: Chat) -> None:
    link, other = makes(club, chat, club.ann), makes(club, chat, club.ann)
    for each in (link, other):
        club.world.invites.edit(chat, club.ann, each.link, revoked=True)
    assert await club.calls(club.olga, deletes(club, club.olga, chat, link))
    revoked = f.GetExportedChatInvitesRequest(
        club.peer(club.ann, chat), club.user(club.ann, club.ann), 100, revoked=True
    )
    listed = await club.calls(club.ann, revoked)
    assert (listed.count, [it.link for it in listed.invites]) == (1, [other.link])
    await club.refuses(club.ann, deletes(club, club.ann, chat, link), 400, "INVITE_HASH_EXPIRED")
    assert [e.what["link"] for e in club.world.log.effects if e.kind == "link.deleted"][-1] == link.link


@pytest.mark.fact("M-45")
async def test_all_revoked_links_of_one_maker_are_deleted_and_no_others(club: Club, chat: Chat) -> None:
    kept = makes(club, chat, club.ann)
    for maker in (club.ann, club.ann, club.bot):
        club.world.invites.edit(chat, maker, makes(club, chat, maker).link, revoked=True)
    assert await club.calls(club.olga, deletes_revoked(club, club.olga, chat, club.ann))
    left = [(it.creator_id, it.revoked) for it in club.world.invites.every(chat) if it.revoked or it is kept]
    assert left == [(club.ann.id, False), (club.bot.id, True)]


Given = Callable[[Club, Chat], tuple[Person, TLObject]]
ERRORS: list[tuple[str, int, str, Given]] = [
    ("joiners of another's link", 400, "CHAT_ADMIN_REQUIRED",
     lambda c, g: (c.ann, importers(c, c.ann, g, makes(c, g, c.bot)))),
    ("joiners without the right", 400, "CHAT_ADMIN_REQUIRED",
     lambda c, g: (c.ben, importers(c, c.ben, g, makes(c, g, c.ann)))),
    ("joiners of a link of another chat", 400, "INVITE_HASH_EXPIRED",
     lambda c, g: (c.ann, importers(c, c.ann, g, makes(c, c.chess, c.ann)))),
    ("joiners after somebody unknown", 400, "USER_ID_INVALID",
     lambda c, g: (c.ann, importers(c, c.ann, g, makes(c, g, c.ann), offset_user=c.user(c.max, c.olga)))),
    ("joiners, by a bot", 400, "BOT_METHOD_INVALID",
     lambda c, g: (c.bot, importers(c, c.bot, g, makes(c, g, c.bot)))),
    ("waiting people without the right", 400, "CHAT_ADMIN_REQUIRED",
     lambda c, g: (c.ben, importers(c, c.ben, g, requested=True))),
    ("waiting people of another's link", 400, "CHAT_ADMIN_REQUIRED",
     lambda c, g: (c.ann, importers(c, c.ann, g, makes(c, g, c.bot), requested=True))),
    ("a search within a link", 400, "SEARCH_WITH_LINK_NOT_SUPPORTED",
     lambda c, g: (c.ann, importers(c, c.ann, g, makes(c, g, c.ann), requested=True, q="x"))),
    ("answering one who does not wait", 400, "HIDE_REQUESTER_MISSING",
     lambda c, g: (c.ann, hides(c, c.ann, g, c.sue, approved=False))),
    ("approving one who is in", 400, "USER_ALREADY_PARTICIPANT",
     lambda c, g: (c.ann, hides(c, c.ann, g, c.max, approved=True))),
    ("answering without the right", 400, "CHAT_ADMIN_REQUIRED",
     lambda c, g: (c.ben, hides(c, c.ben, g, c.sue, approved=True))),
    ("answering somebody unknown", 400, "USER_ID_INVALID",
     lambda c, g: (c.ann, f.HideChatJoinRequestRequest(c.peer(c.ann, g), c.user(c.max, c.sue)))),
    ("answering all where nobody waits", 400, "HIDE_REQUESTER_MISSING",
     lambda c, g: (c.ann, hides_all(c, c.ann, g, None, approved=True))),
    ("answering all of another's link", 400, "CHAT_ADMIN_REQUIRED",
     lambda c, g: (c.ann, hides_all(c, c.ann, g, makes(c, g, c.bot, request_needed=True), approved=True))),
    ("answering all of a link of another chat", 400, "INVITE_HASH_EXPIRED",
     lambda c, g: (c.ann, hides_all(c, c.ann, g, makes(c, c.chess, c.ann), approved=True))),
    ("answering all, by a bot", 400, "BOT_METHOD_INVALID",
     lambda c, g: (c.bot, hides_all(c, c.bot, g, None, approved=True))),
    ("deleting a link that is not revoked", 400, "INVITE_REVOKED_MISSING",
     lambda c, g: (c.ann, deletes(c, c.ann, g, makes(c, g, c.ann)))),
    ("deleting another's", 400, "CHAT_ADMIN_REQUIRED",
     lambda c, g: (c.ann, deletes(c, c.ann, g, makes(c, g, c.bot)))),
    ("deleting a link of another chat", 400, "INVITE_HASH_EXPIRED",
     lambda c, g: (c.ann, deletes(c, c.ann, g, makes(c, c.chess, c.ann)))),
    ("deleting, by a bot", 400, "BOT_METHOD_INVALID",
     lambda c, g: (c.bot, deletes(c, c.bot, g, makes(c, g, c.bot)))),
    ("deleting all of another", 400, "CHAT_ADMIN_REQUIRED",
     lambda c, g: (c.ann, deletes_revoked(c, c.ann, g, c.bot))),
    ("deleting all of somebody unknown", 400, "ADMIN_ID_INVALID",
     lambda c, g: (c.olga, f.DeleteRevokedExportedChatInvitesRequest(c.peer(c.olga, g), c.user(c.max, c.ann)))),
    ("deleting all, by a bot", 400, "BOT_METHOD_INVALID",
     lambda c, g: (c.bot, deletes_revoked(c, c.bot, g, c.bot))),
    ("approval in a group that is not public", 400, "CHAT_PUBLIC_REQUIRED",
     lambda c, g: (c.olga, functions.channels.ToggleJoinRequestRequest(c.channel(c.olga, g), True))),
    ("approval without the right", 400, "CHAT_ADMIN_REQUIRED",
     lambda c, g: (c.max, functions.channels.ToggleJoinRequestRequest(c.channel(c.max, c.park), True))),
]  # fmt: skip


@pytest.mark.parametrize(("code", "name", "given"), [row[1:] for row in ERRORS], ids=[row[0] for row in ERRORS])
async def test_each_error_is_telegrams(club: Club, chat: Chat, code: int, name: str, given: Given) -> None:
    person, request = given(club, chat)
    await club.refuses(person, request, code, name)


async def test_the_owner_deletes_a_bots_revoked_link(club: Club, chat: Chat) -> None:
    link = makes(club, chat, club.bot)
    club.world.invites.edit(chat, club.bot, link.link, revoked=True)
    assert await club.calls(club.olga, deletes(club, club.olga, chat, link))

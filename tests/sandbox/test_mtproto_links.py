"""The invite link methods over MTProto, through the stock Telethon client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from telethon import utils
from telethon.tl import functions, types

from sandbox.chats import Chat, Kind, Person
from sandbox.invites import InviteLink
from tests.sandbox.mtproto_club import DAY, Club

pytestmark = pytest.mark.asyncio(loop_scope="module")
f = functions.messages
UNSET = ("title", "expire_date", "usage_limit", "start_date", "requested")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def club(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Club]:
    async with Club.open(tmp_path_factory.mktemp("telegram")) as club:
        yield club


@pytest_asyncio.fixture(loop_scope="module")
async def chat(club: Club) -> Chat:
    """A supergroup of its own for each test: Olga owns it, Ann and two bots may invite, Ben may not."""
    return club.add_chat("Fresh", club.chess.kind)


def makes(club: Club, chat: Chat, maker: Person, count: int, **options: Any) -> list[InviteLink]:
    return [club.world.invites.export(chat, maker, title=f"n{n}", **options) for n in range(count)]


async def lists(club: Club, chat: Chat, viewer: Person, creator: Person, **options: Any) -> Any:
    options.setdefault("limit", 100)
    return await club.calls(
        viewer,
        f.GetExportedChatInvitesRequest(club.peer(viewer, chat), club.user(viewer, creator), **options),
    )


async def pages(club: Club, chat: Chat, creator: Person, limit: int, **options: Any) -> list[list[str]]:
    """Read as clients do: both offsets from the last link received, until a page is empty."""
    read: list[list[str]] = []
    while True:
        page = await lists(club, chat, club.olga, creator, limit=limit, **options)
        if not page.invites:
            return read
        read.append([invite.link for invite in page.invites])
        options |= {"offset_date": page.invites[-1].date, "offset_link": page.invites[-1].link}


# listing


@pytest.mark.fact("M-01")
async def test_only_the_owner_lists_the_links_of_others(club: Club, chat: Chat) -> None:
    (made,) = makes(club, chat, club.bot, 1)
    listed = await lists(club, chat, club.olga, club.bot)
    assert made.link in [invite.link for invite in listed.invites]
    own = await lists(club, chat, club.ann, club.ann)
    assert [invite.admin_id for invite in own.invites] == [club.ann.id]
    await club.refuses(
        club.ann,
        f.GetExportedChatInvitesRequest(club.peer(club.ann, chat), club.user(club.ann, club.bot), 100),
        400,
        "CHAT_ADMIN_REQUIRED",
    )


@pytest.mark.fact("M-02")
@pytest.mark.parametrize("size", [1, 7, 100])
async def test_both_offsets_lead_through_links_of_one_second_without_loss(club: Club, chat: Chat, size: int) -> None:
    made = makes(club, chat, club.ann, 15)
    primary = club.world.invites.primary(chat, club.ann)
    read = await pages(club, chat, club.ann, size)
    assert [link for page in read for link in page] == [primary.link, *(link.link for link in reversed(made))]
    assert {len(page) for page in read[:-1]} <= {size}


@pytest.mark.fact("M-03")
async def test_a_page_holds_at_most_100_and_20_where_the_client_names_no_limit(club: Club, chat: Chat) -> None:
    makes(club, chat, club.ann, 130)
    sizes = {limit: len((await lists(club, chat, club.olga, club.ann, limit=limit)).invites) for limit in (0, 30, 500)}
    assert sizes == {0: 20, 30: 30, 500: 100}


@pytest.mark.fact("M-04")
async def test_revoked_links_are_a_listing_of_their_own_and_counts_hold_for_each(club: Club, chat: Chat) -> None:
    live, dead = makes(club, chat, club.ann, 2)
    club.world.invites.edit(chat, club.ann, dead.link, revoked=True)
    unrevoked = await lists(club, chat, club.ann, club.ann)
    revoked = await lists(club, chat, club.ann, club.ann, revoked=True)
    assert (unrevoked.count, [i.link for i in unrevoked.invites][1:]) == (2, [live.link])
    assert (revoked.count, [(i.link, i.revoked) for i in revoked.invites]) == (1, [(dead.link, True)])


@pytest.mark.fact("M-05")
async def test_expired_and_full_links_stay_in_the_live_listing(club: Club, chat: Chat) -> None:
    (expired,) = makes(club, chat, club.ann, 1, expire_date=club.world.now() + 10)
    (full,) = makes(club, chat, club.ann, 1, usage_limit=1)
    club.world.invites.use(club.sue, full.hash)
    club.clock.now += 11
    listed = {i.link: i for i in (await lists(club, chat, club.olga, club.ann)).invites}
    assert listed[expired.link].expire_date.timestamp() < club.world.now()
    assert (listed[full.link].usage, listed[full.link].usage_limit) == (1, 1)


async def test_a_second_reading_of_an_offset_whose_link_is_gone_goes_on_by_its_date(club: Club, chat: Chat) -> None:
    (older,) = makes(club, chat, club.ann, 1)
    club.clock.now += 5
    makes(club, chat, club.ann, 1)
    page = await lists(club, chat, club.ann, club.ann, offset_date=club.world.now(), offset_link="https://t.me/+gone")
    assert [i.link for i in page.invites] == [older.link]


@pytest.mark.fact("M-06")
async def test_the_owner_sees_whole_links_and_how_many_each_administrator_has(club: Club, chat: Chat) -> None:
    first, _ = makes(club, chat, club.bot, 2)
    club.world.invites.edit(chat, club.bot, first.link, revoked=True)
    answer = await club.calls(club.olga, f.GetAdminsWithInvitesRequest(club.peer(club.olga, chat)))
    counts = {a.admin_id: (a.invites_count, a.revoked_invites_count) for a in answer.admins}
    assert counts[club.bot.id] == (2, 1)
    assert club.ben.id not in counts
    assert {user.id for user in answer.users} == set(counts)


# fields


@pytest.mark.fact("M-07")
async def test_the_fields_of_a_link_mean_what_telegram_means_by_them(club: Club, chat: Chat) -> None:
    made = await club.calls(club.ann, f.ExportChatInviteRequest(club.peer(club.ann, chat), title="A" * 40))
    assert made.title == "A" * 32
    assert (made.start_date, made.usage, made.revoked, made.permanent) == (None, None, False, False)
    club.clock.now += 60
    changed = (await club.calls(club.ann, club.edit(club.ann, chat, made.link, title="B"))).invite
    assert (changed.date, changed.start_date.timestamp()) == (made.date, club.world.now())
    assert len(changed.link.removeprefix("https://t.me/+")) == 16


@pytest.mark.fact("M-08")
async def test_zero_and_empty_clear_and_an_absent_field_keeps(club: Club, chat: Chat) -> None:
    later = club.world.now() + DAY
    peer = club.peer(club.ann, chat)
    made = await club.calls(club.ann, f.ExportChatInviteRequest(peer, title="T", expire_date=later, usage_limit=5))
    kept = (await club.calls(club.ann, club.edit(club.ann, chat, made.link, title="U"))).invite
    assert (kept.title, kept.usage_limit, kept.expire_date.timestamp()) == ("U", 5, later)
    bare = club.edit(club.ann, chat, made.link, title="", usage_limit=0, expire_date=0)
    cleared = (await club.calls(club.ann, bare)).invite
    assert (cleared.title, cleared.usage_limit, cleared.expire_date) == (None, None, None)


@pytest.mark.fact("M-09")
async def test_a_limit_and_approval_exclude_each_other(club: Club, chat: Chat) -> None:
    (made,) = makes(club, chat, club.ann, 1, usage_limit=5)
    asking = (await club.calls(club.ann, club.edit(club.ann, chat, made.link, request_needed=True))).invite
    assert (asking.request_needed, asking.usage_limit) == (True, None)
    limited = (await club.calls(club.ann, club.edit(club.ann, chat, made.link, usage_limit=7))).invite
    assert (limited.request_needed, limited.usage_limit) == (False, 7)


# primary links


@pytest.mark.fact("M-10")
async def test_each_administrator_with_the_right_has_one_primary_link(club: Club, chat: Chat) -> None:
    for admin in (club.olga, club.ann, club.bot):
        listed = await lists(club, chat, club.olga, admin)
        assert sum(bool(i.permanent and not i.revoked) for i in listed.invites) == 1
    assert (await lists(club, chat, club.olga, club.ben)).invites == []


@pytest.mark.fact("M-11")
async def test_a_renewed_primary_replaces_the_old_one_and_leaves_other_links(club: Club, chat: Chat) -> None:
    (other,) = makes(club, chat, club.ann, 1)
    old = club.world.invites.primary(chat, club.ann)
    new = await club.calls(club.ann, f.ExportChatInviteRequest(club.peer(club.ann, chat), legacy_revoke_permanent=True))
    assert new.permanent
    assert new.link != old.link
    assert old.revoked
    assert not other.revoked


@pytest.mark.fact("M-12")
async def test_a_revoked_primary_is_answered_with_its_successor(club: Club, chat: Chat) -> None:
    old = club.world.invites.primary(chat, club.ann)
    answer = await club.calls(club.ann, club.edit(club.ann, chat, old.link, revoked=True))
    assert isinstance(answer, types.messages.ExportedChatInviteReplaced)
    assert (answer.invite.link, answer.invite.revoked) == (old.link, True)
    assert answer.new_invite.permanent
    (ordinary,) = makes(club, chat, club.ann, 1)
    answer = await club.calls(club.olga, club.edit(club.olga, chat, ordinary.link, revoked=True))
    assert isinstance(answer, types.messages.ExportedChatInvite)


@pytest.mark.fact("M-13")
async def test_ones_own_primary_is_free_to_read_and_nobody_elses(club: Club, chat: Chat) -> None:
    for chat_kind in (chat, club.go):
        for admin in (club.ann, club.olga):
            ask = (
                functions.messages.GetFullChatRequest(-chat_kind.id)
                if chat_kind is club.go
                else functions.channels.GetFullChannelRequest(club.channel(admin, chat_kind))
            )
            full = (await club.calls(admin, ask)).full_chat
            assert full.exported_invite.link == club.world.invites.primary(chat_kind, admin).link
    for without_right in (club.ben, club.max):
        ask = functions.channels.GetFullChannelRequest(club.channel(without_right, chat))
        assert (await club.calls(without_right, ask)).full_chat.exported_invite is None


@pytest.mark.fact("M-26")
async def test_a_primary_link_has_no_name_end_limit_or_edit(club: Club, chat: Chat) -> None:
    primary = (await lists(club, chat, club.ann, club.ann)).invites[0]
    assert primary.permanent
    assert {getattr(primary, name) for name in UNSET} == {None}


@pytest.mark.fact("M-25")
@pytest.mark.parametrize("kind", [Kind.GROUP, Kind.SUPERGROUP, Kind.CHANNEL])
async def test_groups_supergroups_and_channels_all_have_links(club: Club, kind: Kind) -> None:
    chat = club.add_chat("Any", kind)
    made = await club.calls(club.ann, f.ExportChatInviteRequest(club.peer(club.ann, chat), title="in"))
    listed = await lists(club, chat, club.olga, club.ann)
    assert [i.link for i in listed.invites] == [club.world.invites.primary(chat, club.ann).link, made.link]
    joined = await club.calls(club.sue, f.ImportChatInviteRequest(made.link.rpartition("+")[2]))
    assert utils.get_peer_id(joined.updates.chats[0]) == chat.id


# changing and using


@pytest.mark.fact("M-14")
async def test_the_owner_revokes_a_persons_link_and_never_a_bots(club: Club, chat: Chat) -> None:
    (anns,) = makes(club, chat, club.ann, 1)
    (bots,) = makes(club, chat, club.bot, 1)
    await club.calls(club.olga, club.edit(club.olga, chat, anns.link, revoked=True))
    assert anns.revoked
    for change in ({"title": "X"}, {"revoked": True}):
        await club.refuses(club.olga, club.edit(club.olga, chat, bots.link, **change), 403, "EDIT_BOT_INVITE_FORBIDDEN")


@pytest.mark.fact("M-15")
async def test_a_bot_makes_and_edits_its_own_links_over_mtproto(club: Club, chat: Chat) -> None:
    made = await club.calls(club.bot, f.ExportChatInviteRequest(club.peer(club.bot, chat), title="door"))
    assert made.admin_id == club.bot.id
    changed = await club.calls(club.bot, club.edit(club.bot, chat, made.link, title="gate"))
    assert changed.invite.title == "gate"


@pytest.mark.fact("M-16")
async def test_a_join_is_counted_on_its_link_and_said_without_naming_the_link(club: Club, chat: Chat) -> None:
    (made,) = makes(club, chat, club.ann, 1)
    answer = await club.calls(club.sue, f.ImportChatInviteRequest(made.hash))
    assert isinstance(answer, types.messages.ChatInviteJoinResultOk)
    assert [c.title for c in answer.updates.chats] == ["Fresh"]
    assert made.usage == 1
    history = await club.calls(club.sue, functions.messages.GetHistoryRequest(
        club.peer(club.sue, chat), 0, None, 0, 10, 0, 0, 0))  # fmt: skip
    action = history.messages[0].action
    assert isinstance(action, types.MessageActionChatJoinedByLink)
    assert action.inviter_id == club.ann.id
    assert made.hash not in history.stringify()


@pytest.mark.fact("M-17")
async def test_an_approval_link_takes_a_request_and_says_so_as_an_error(club: Club, chat: Chat) -> None:
    (made,) = makes(club, chat, club.ann, 1, request_needed=True)
    await club.refuses(club.sue, f.ImportChatInviteRequest(made.hash), 400, "INVITE_REQUEST_SENT")
    assert not chat.present(club.sue.id)
    (invite,) = [i for i in (await lists(club, chat, club.ann, club.ann)).invites if i.request_needed]
    assert (invite.requested, invite.usage) == (1, None)
    full = await club.calls(club.ann, functions.channels.GetFullChannelRequest(club.channel(club.ann, chat)))
    assert (full.full_chat.requests_pending, full.full_chat.recent_requesters) == (1, [club.sue.id])


async def test_checking_a_link_tells_a_stranger_the_chat_and_a_member_that_he_is_in(club: Club, chat: Chat) -> None:
    (made,) = makes(club, chat, club.ann, 1, request_needed=True)
    seen = await club.calls(club.sue, f.CheckChatInviteRequest(made.hash))
    assert (seen.title, seen.megagroup, seen.request_needed, seen.participants_count) == ("Fresh", True, True, 6)
    assert isinstance(await club.calls(club.max, f.CheckChatInviteRequest(made.hash)), types.ChatInviteAlready)


async def test_one_link_is_read_by_its_maker_and_by_the_owner(club: Club, chat: Chat) -> None:
    (made,) = makes(club, chat, club.ann, 1)
    for reader in (club.ann, club.olga):
        answer = await club.calls(reader, f.GetExportedChatInviteRequest(club.peer(reader, chat), made.link))
        assert (answer.invite.link, [u.id for u in answer.users]) == (made.link, [club.ann.id])

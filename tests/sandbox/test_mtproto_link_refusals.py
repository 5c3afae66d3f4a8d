"""What the invite link methods refuse over MTProto, and to whom, through the stock Telethon client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from telethon.tl import TLObject, functions, types

from sandbox.chats import Chat, Person, Rights
from tests.sandbox.mtproto_club import DAY, Club

pytestmark = pytest.mark.asyncio(loop_scope="module")
f = functions.messages


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def club(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Club]:
    async with Club.open(tmp_path_factory.mktemp("telegram")) as club:
        yield club


@pytest_asyncio.fixture(loop_scope="module")
async def chat(club: Club) -> Chat:
    """A supergroup of its own for each test: Olga owns it, Ann and two bots may invite, Ben may not."""
    return club.add_chat("Fresh", club.chess.kind)


Given = Callable[[Club, Chat], tuple[Person, TLObject]]


def _of_ann(club: Club, chat: Chat, **options: Any) -> str:
    return club.world.invites.export(chat, club.ann, **options).link


def _primary(club: Club, chat: Chat) -> str:
    return club.world.invites.primary(chat, club.ann).link


def _revoked(club: Club, chat: Chat) -> str:
    link = _of_ann(club, chat)
    club.world.invites.edit(chat, club.ann, link, revoked=True)
    return link


def _hash(link: str) -> str:
    return link.rpartition("+")[2]


def _used_up(club: Club, chat: Chat) -> str:
    link = club.world.invites.export(chat, club.ann, usage_limit=1)
    club.world.invites.use(club.world.add_person("Guest"), link.hash)
    return link.hash


def _expired(club: Club, chat: Chat) -> str:
    link = club.world.invites.export(chat, club.ann, expire_date=club.world.now() + 1)
    club.clock.now += 2
    return link.hash


ERRORS: list[tuple[str, int, str, Given]] = [
    ("export with a past end", 400, "EXPIRE_DATE_INVALID",
     lambda c, g: (c.ann, f.ExportChatInviteRequest(c.peer(c.ann, g), expire_date=c.world.now() - 1))),
    ("export with too high a limit", 400, "USAGE_LIMIT_INVALID",
     lambda c, g: (c.ann, f.ExportChatInviteRequest(c.peer(c.ann, g), usage_limit=100_000))),
    ("export with limit and approval", 400, "USAGE_LIMIT_INVALID",
     lambda c, g: (c.ann, f.ExportChatInviteRequest(c.peer(c.ann, g), usage_limit=5, request_needed=True))),
    ("export of a paid link", 400, "PRICING_CHAT_INVALID",
     lambda c, g: (c.ann, f.ExportChatInviteRequest(
         c.peer(c.ann, g), subscription_pricing=types.StarsSubscriptionPricing(2_592_000, 100)))),
    ("listing of an unknown administrator", 400, "ADMIN_ID_INVALID",
     lambda c, g: (c.olga, f.GetExportedChatInvitesRequest(c.peer(c.olga, g), c.user(c.max, c.ann), 100))),
    ("reading another's", 400, "CHAT_ADMIN_REQUIRED",
     lambda c, g: (c.ann, f.GetExportedChatInviteRequest(
         c.peer(c.ann, g), c.world.invites.primary(g, c.olga).link))),
    ("reading a link of another chat", 400, "INVITE_HASH_EXPIRED",
     lambda c, g: (c.ann, f.GetExportedChatInviteRequest(c.peer(c.ann, g), _of_ann(c, c.chess)))),
    ("editing another's", 400, "CHAT_ADMIN_REQUIRED",
     lambda c, g: (c.bot, c.edit(c.bot, g, _of_ann(c, g), title="X"))),
    ("editing to limit and approval", 400, "USAGE_LIMIT_INVALID",
     lambda c, g: (c.ann, c.edit(c.ann, g, _of_ann(c, g), usage_limit=5, request_needed=True))),
    ("editing to a past end", 400, "EXPIRE_DATE_INVALID",
     lambda c, g: (c.ann, c.edit(c.ann, g, _of_ann(c, g), expire_date=c.world.now() - 1))),
    ("checking nothing", 400, "INVITE_HASH_EMPTY", lambda c, g: (c.sue, f.CheckChatInviteRequest(""))),
    ("checking a wrong hash", 400, "INVITE_HASH_INVALID", lambda c, g: (c.sue, f.CheckChatInviteRequest("abc"))),
    ("checking an unknown one", 406, "INVITE_HASH_EXPIRED", lambda c, g: (c.sue, f.CheckChatInviteRequest("a" * 16))),
    ("checking as one banned", 406, "CHANNEL_PRIVATE",
     lambda c, g: (c.bob, f.CheckChatInviteRequest(_hash(_of_ann(c, g))))),
    ("joining by nothing", 400, "INVITE_HASH_EMPTY", lambda c, g: (c.sue, f.ImportChatInviteRequest(""))),
    ("joining by a wrong hash", 400, "INVITE_HASH_INVALID", lambda c, g: (c.sue, f.ImportChatInviteRequest("abc"))),
    ("joining as member", 400, "USER_ALREADY_PARTICIPANT",
     lambda c, g: (c.max, f.ImportChatInviteRequest(_hash(_of_ann(c, g))))),
    ("joining as one banned", 406, "CHANNEL_PRIVATE",
     lambda c, g: (c.bob, f.ImportChatInviteRequest(_hash(_of_ann(c, g))))),
]  # fmt: skip


@pytest.mark.parametrize(("code", "name", "given"), [row[1:] for row in ERRORS], ids=[row[0] for row in ERRORS])
async def test_each_error_is_telegrams(club: Club, chat: Chat, code: int, name: str, given: Given) -> None:
    person, request = given(club, chat)
    await club.refuses(person, request, code, name)


METHODS_OF_THE_RIGHT: dict[str, Callable[[Club, Chat, Person], TLObject]] = {
    "exportChatInvite": lambda c, g, who: f.ExportChatInviteRequest(c.peer(who, g)),
    "getExportedChatInvites": lambda c, g, who: f.GetExportedChatInvitesRequest(c.peer(who, g), c.user(who, who), 9),
    "getExportedChatInvite": lambda c, g, who: f.GetExportedChatInviteRequest(c.peer(who, g), _of_ann(c, g)),
    "editExportedChatInvite": lambda c, g, who: c.edit(who, g, _of_ann(c, g), title="X"),
    "getAdminsWithInvites": lambda c, g, who: f.GetAdminsWithInvitesRequest(c.peer(who, g)),
}
METHODS_OF_PEOPLE: dict[str, Callable[[Club, Chat, Person], TLObject]] = {
    name: METHODS_OF_THE_RIGHT[name]
    for name in ("getExportedChatInvites", "getExportedChatInvite", "getAdminsWithInvites")
} | {
    "checkChatInvite": lambda c, g, who: f.CheckChatInviteRequest(_hash(_of_ann(c, g))),
    "importChatInvite": lambda c, g, who: f.ImportChatInviteRequest(_hash(_of_ann(c, g))),
}


@pytest.mark.fact("M-23")
@pytest.mark.parametrize("method", METHODS_OF_PEOPLE)
async def test_what_only_people_may_ask_is_refused_to_bots(club: Club, chat: Chat, method: str) -> None:
    await club.refuses(club.bot, METHODS_OF_PEOPLE[method](club, chat, club.bot), 400, "BOT_METHOD_INVALID")


@pytest.mark.fact("M-24")
@pytest.mark.parametrize("method", METHODS_OF_THE_RIGHT)
async def test_a_member_and_an_administrator_without_the_right_get_nothing(club: Club, chat: Chat, method: str) -> None:
    for who in (club.max, club.ben):
        await club.refuses(who, METHODS_OF_THE_RIGHT[method](club, chat, who), 400, "CHAT_ADMIN_REQUIRED")


@pytest.mark.fact("M-24")
async def test_who_lost_the_right_lists_not_even_his_own(club: Club, chat: Chat) -> None:
    club.world.promote(chat, club.ann, by=club.olga, rights=Rights(invite_users=False))
    asked = METHODS_OF_THE_RIGHT["getExportedChatInvites"](club, chat, club.ann)
    await club.refuses(club.ann, asked, 400, "CHAT_ADMIN_REQUIRED")


@pytest.mark.fact("M-06")
async def test_an_administrator_who_is_not_the_owner_counts_nobodys_links(club: Club, chat: Chat) -> None:
    await club.refuses(club.ann, f.GetAdminsWithInvitesRequest(club.peer(club.ann, chat)), 400, "CHAT_ADMIN_REQUIRED")


@pytest.mark.fact("M-28")
async def test_a_primary_link_cannot_be_edited(club: Club, chat: Chat) -> None:
    link = club.world.invites.primary(chat, club.ann).link
    for change in ({"expire_date": club.world.now() + DAY}, {"title": "X"}, {"usage_limit": 5}):
        await club.refuses(club.ann, club.edit(club.ann, chat, link, **change), 400, "CHAT_INVITE_PERMANENT")


@pytest.mark.fact("M-29")
async def test_a_revoked_link_stays_revoked(club: Club, chat: Chat) -> None:
    link = _revoked(club, chat)
    for change in ({"title": "X"}, {"expire_date": 0}, {"revoked": True}):
        await club.refuses(club.ann, club.edit(club.ann, chat, link, **change), 400, "INVITE_HASH_EXPIRED")


@pytest.mark.fact("M-18")
@pytest.mark.parametrize(
    "dead", [_expired, _used_up, lambda c, g: _hash(_revoked(c, g))], ids=["expired", "full", "revoked"]
)
async def test_nobody_joins_by_a_dead_link(club: Club, chat: Chat, dead: Callable[[Club, Chat], str]) -> None:
    await club.refuses(club.sue, f.ImportChatInviteRequest(dead(club, chat)), 406, "INVITE_HASH_EXPIRED")
    assert not chat.present(club.sue.id)

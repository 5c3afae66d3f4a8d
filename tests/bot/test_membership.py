"""Joins are counted once, by the link Telegram names; what people may do follows them at once."""

from __future__ import annotations

from typing import Any

from ledger.chats import Role
from ledger.links import Link
from ledger.listing import Query
from sandbox.chats import Kind
from tests.bot.conftest import Club, RunningBot


async def links_of(bot: RunningBot, club: Club) -> dict[int, Link]:
    """By creator, of those the book holds of the club."""
    return {link.creator_id: link for link in (await bot.ledger.links.page(Query(club.chat.id, None))).rows}


async def joined(bot: RunningBot, club: Club, creator_id: int, times: int) -> Link:
    async def counted() -> Any:
        link = (await links_of(bot, club)).get(creator_id)
        return link if link and link.joined == times else None

    link: Link = await bot.until(counted)
    return link


async def test_a_join_by_anothers_link_brings_that_link_into_the_book_cut(club: Club, bot: RunningBot) -> None:
    made = await club.ann.makes_link(club.chat, "Posters")
    await club.kim.joins(made)
    link = await joined(bot, club, club.ann.person.id, 1)
    assert (link.whole, link.title, link.creator, link.by_this_bot) == (False, "Posters", "Ann", False)


async def test_joins_are_counted_and_leavers_leave_them_counted(club: Club, bot: RunningBot) -> None:
    made = await club.ann.makes_link(club.chat, "Posters")
    for person in [club.kim.person, *(club.telegram.world.add_person(f"P{n}") for n in range(4))]:
        await club.telegram.person(person).joins(made)
    await joined(bot, club, club.ann.person.id, 5)
    await club.kim.leaves(club.chat)

    async def left() -> bool:
        return (await links_of(bot, club))[club.ann.person.id].leavers == 1

    await bot.until(left)
    assert (await links_of(bot, club))[club.ann.person.id].joined == 5


async def test_a_join_by_the_bots_own_primary_finds_its_whole_row(club: Club, bot: RunningBot) -> None:
    await club.kim.joins(club.telegram.world.invites.primary(club.chat, club.bot))
    link = await joined(bot, club, club.bot.id, 1)
    assert (link.whole, link.primary) == (True, True)


async def test_a_demoted_admin_is_refused_at_once(club: Club, bot: RunningBot) -> None:
    await club.ann.sends("/invites", to=club.bot)
    first = await club.ann.reads(in_=club.bot)
    await club.vera.demotes(club.ann.person, in_=club.chat)
    await club.called("getChatAdministrators", club.calls("getChatAdministrators") + 1)
    await club.ann.sends("/invites", to=club.bot)
    refusal = await club.ann.reads(in_=club.bot)
    assert refusal.text.splitlines()[0] != first.text.splitlines()[0]
    assert refusal.labels != first.labels


async def test_a_new_title_is_taken_over(club: Club, bot: RunningBot) -> None:
    club.chat.title = "Chess & Go"
    club.telegram.world.messages.service(club.chat, club.vera.person, {"new_chat_title": "Chess & Go"})

    async def renamed() -> bool:
        chat = await bot.ledger.chats.get(club.chat.id)
        return chat is not None and chat.title == "Chess & Go"

    assert await bot.until(renamed)


async def test_a_bot_thrown_out_is_outside_and_back_when_added(club: Club, bot: RunningBot) -> None:
    async def role_is(role: Role) -> bool:
        chat = await bot.ledger.chats.get(club.chat.id)
        return chat is not None and chat.bot_role == role

    await club.vera.removes(club.bot, from_=club.chat, ban=True)
    await bot.until(lambda: role_is(Role.OUTSIDE))
    await club.vera.promotes(club.bot, in_=club.chat)
    await bot.until(lambda: role_is(Role.ADMIN))
    assert (await links_of(bot, club))[club.bot.id].primary


async def test_a_group_that_becomes_a_supergroup_is_no_new_chat(club: Club, bot: RunningBot) -> None:
    await club.vera.starts(club.bot)
    await club.vera.reads(in_=club.bot)
    group = club.telegram.world.add_chat("Go club", club.vera.person, kind=Kind.GROUP)
    await bot.serves(club, group, owner=club.vera)
    after = await club.vera.upgrades(group)

    async def moved() -> bool:
        return await bot.ledger.chats.now(group.id) == after.id

    await bot.until(moved)
    await club.vera.sends("/chats", to=club.bot)
    assert "Which chat" in await club.vera.reads(in_=club.bot)
    assert [s for s in club.vera.sees(after) if s.message.sender_id == club.bot.id] == []
    assert {chat.title for chat in await bot.ledger.chats.every()} == {"Chess club", "Go club"}


async def test_whether_the_bot_may_write_first_is_known(club: Club, bot: RunningBot) -> None:
    async def is_open(wanted: bool) -> bool:
        return await bot.ledger.chats.private_open(club.ann.person.id) == wanted

    assert await is_open(False)
    await club.ann.starts(club.bot)
    await bot.until(lambda: is_open(True))
    await club.ann.blocks(club.bot)
    await bot.until(lambda: is_open(False))
    await club.ann.unblocks(club.bot)
    await bot.until(lambda: is_open(True))

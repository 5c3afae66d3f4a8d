"""The host claims the bot once, and no chat is served before his yes."""

from __future__ import annotations

from typing import Any

import pytest

from bot.callbacks import Hosting
from ledger.chats import Role, SeenChat, Served
from ledger.errands import Act
from ledger.links import Link
from ledger.listing import Query
from sandbox.chats import Rights
from sandbox.people import Actor
from tests.bot.conftest import Club, RunningBot, Start


async def claimed(club: Club, bot: RunningBot, who: Actor) -> None:
    await who.starts(club.bot, f"claim_{await bot.ledger.host.new_claim()}")
    await who.reads(in_=club.bot)
    await bot.rests()  # else a chat met meanwhile is asked about twice


async def test_a_claim_link_makes_its_opener_the_host_and_nobody_after_him(club: Club, start_bot: Start) -> None:
    bot = await start_bot()
    token = await bot.ledger.host.new_claim()
    await club.vera.starts(club.bot, f"claim_{token}")
    welcome = await club.vera.reads(in_=club.bot)
    await club.kim.starts(club.bot, f"claim_{token}")
    refusal = await club.kim.reads(in_=club.bot)
    assert refusal.text != welcome.text
    assert await bot.ledger.host.id() == club.vera.person.id


async def test_a_wrong_claim_makes_nobody_the_host(club: Club, start_bot: Start) -> None:
    bot = await start_bot()
    await bot.ledger.host.new_claim()
    for guess in ("claim_", "claim_x", "claim_" + "A" * 22):
        await club.kim.starts(club.bot, guess)
        await club.kim.reads(in_=club.bot)
    assert await bot.ledger.host.id() is None


async def test_a_chat_is_served_after_the_hosts_yes(club: Club, start_bot: Start) -> None:
    bot = await start_bot()
    await claimed(club, bot, club.kim)
    await club.vera.promotes(club.bot, in_=club.chat)
    question = await club.kim.reads(in_=club.bot, until="Chess club")
    assert "Vera" in question
    await club.kim.presses("Serve", in_=club.bot)
    await club.kim.reads(in_=club.bot)
    chat = await bot.ledger.chats.get(club.chat.id)
    assert (chat.served, chat.bot_role, chat.bot_deletes) == (Served.SERVED, Role.ADMIN, True)


async def test_the_hosts_no_makes_the_bot_leave(club: Club, start_bot: Start) -> None:
    bot = await start_bot()
    await claimed(club, bot, club.kim)
    await club.vera.promotes(club.bot, in_=club.chat)
    await club.kim.reads(in_=club.bot, until="Chess club")
    await club.kim.presses("Leave", in_=club.bot)
    await club.kim.reads(in_=club.bot)
    assert not club.chat.present(club.bot.id)
    assert (await bot.ledger.chats.get(club.chat.id)).served == Served.REFUSED


async def test_chats_that_wait_are_shown_to_whoever_becomes_the_host(club: Club, start_bot: Start) -> None:
    bot = await start_bot()
    await club.vera.promotes(club.bot, in_=club.chat)
    await bot.until(lambda: bot.ledger.chats.get(club.chat.id))
    await club.kim.starts(club.bot, f"claim_{await bot.ledger.host.new_claim()}")
    question = await club.kim.reads(in_=club.bot, until=lambda screen: "Leave" in " ".join(screen.labels))
    assert "Chess club" in question


async def test_the_hosts_list_of_chats_asks_again_about_those_that_wait(club: Club, bot: RunningBot) -> None:
    go = club.telegram.world.add_chat("Go club", club.kim.person)
    await bot.ledger.chats.saw(SeenChat(go.id, go.title, "supergroup"))
    await club.vera.sends("/chats", to=club.bot)
    assert (await club.vera.reads(in_=club.bot, until="‘Go club’ waits")).labels == ["Serve it", "Leave"]


async def test_only_the_host_answers_for_a_chat(club: Club, start_bot: Start) -> None:
    bot = await start_bot()
    await claimed(club, bot, club.kim)
    await club.vera.promotes(club.bot, in_=club.chat)
    question = await club.kim.reads(in_=club.bot, until="Chess club")
    await club.vera.starts(club.bot)
    answer = await club.vera.reads(in_=club.bot)
    forged = question.button("Serve")["callback_data"]
    await club.vera.sends_press(answer.message, forged)
    await club.vera.reads(in_=club.bot)
    assert (await bot.ledger.chats.get(club.chat.id)).served == Served.ASKED


async def test_the_new_host_sees_that_alerts_reach_him(club: Club, start_bot: Start) -> None:
    await claimed(club, await start_bot(), club.kim)
    await club.kim.presses("test alert", in_=club.bot)
    alert = await club.kim.reads(in_=club.bot, until="Nothing has happened")
    assert not alert.edited


async def test_only_the_host_has_the_hosts_test_alert(club: Club, start_bot: Start) -> None:
    await claimed(club, await start_bot(), club.kim)
    await club.vera.starts(club.bot)
    greeting = await club.vera.reads(in_=club.bot)
    await club.vera.sends_press(greeting.message, Hosting(act="test", chat=0).pack())
    assert "host" in await club.vera.reads(in_=club.bot)
    await club.kim.reads_nothing(in_=club.bot)


async def test_the_host_is_told_how_all_stands_where_no_chat_is_his_to_ask_about(club: Club, bot: RunningBot) -> None:
    await club.vera.sends("/invites", to=club.bot)
    await club.vera.reads(in_=club.bot, until="Chess club")
    await club.vera.removes(club.bot, from_=club.chat)
    await club.vera.sends("/status", to=club.bot)
    assert "For you as the host" in await club.vera.reads(in_=club.bot, until="Chats served: 1")


async def test_open_to_all_serves_at_once(club: Club, start_bot: Start) -> None:
    bot = await start_bot(open_to_all=True)
    await club.vera.promotes(club.bot, in_=club.chat)

    async def served() -> bool:
        chat = await bot.ledger.chats.get(club.chat.id)
        return chat is not None and chat.served == Served.SERVED

    assert await bot.until(served)


async def links_of(bot: RunningBot, club: Club) -> list[Link]:
    return list((await bot.ledger.links.page(Query(club.chat.id, None))).rows)


async def test_serving_begins_with_admins_the_bots_own_primary_and_a_sync(club: Club, start_bot: Start) -> None:
    bot = await start_bot(open_to_all=True)
    await club.vera.promotes(club.bot, in_=club.chat)
    errand = (await bot.until(bot.ledger.errands.open))[0]
    assert (errand.act, errand.chat_id) == (Act.SYNC, club.chat.id)
    own = [link for link in await links_of(bot, club) if link.creator_id == club.bot.id]
    assert [(link.primary, link.by_this_bot, link.whole) for link in own] == [(True, True, True)]


async def test_looking_never_makes_or_replaces_a_link(club: Club, start_bot: Start) -> None:
    before = [link.link for link in club.telegram.world.invites.every(club.chat)]
    bot = await start_bot(open_to_all=True)
    await club.vera.promotes(club.bot, in_=club.chat)
    await club.called("getChat")
    for rights in (Rights(pin_messages=False), Rights()):
        calls = club.calls("getChat")
        await club.vera.promotes(club.bot, in_=club.chat, rights=rights)
        await club.called("getChat", calls + 1)
    await bot.ends()
    primary = [link for link in club.telegram.world.invites.every(club.chat) if link.link not in before]
    assert [(link.creator_id, link.revoked) for link in primary] == [(club.bot.id, False)]
    assert not {"exportChatInviteLink", "createChatInviteLink"} & {c.method for c in club.telegram.log.calls}


@pytest.mark.parametrize(
    "rights", [Rights(invite_users=False), Rights(delete_messages=False), Rights(restrict_members=False)]
)
async def test_the_bots_own_rights_are_known(club: Club, start_bot: Start, rights: Rights) -> None:
    bot = await start_bot(open_to_all=True)
    await club.vera.promotes(club.bot, in_=club.chat, rights=rights)

    async def known() -> Any:
        chat = await bot.ledger.chats.get(club.chat.id)
        return chat if chat and chat.bot_role != Role.UNKNOWN else None

    chat = await bot.until(known)
    assert (chat.bot_role == Role.ADMIN, chat.bot_deletes) == (rights.invite_users, rights.delete_messages)
    assert chat.bot_restricts == rights.restrict_members

"""Questions asked in private: of which chat, by whom, and what starts there."""

from __future__ import annotations

from bot.callbacks import CardAct, CardPress, ChatPress, ConfirmPress, Hosting, ListPress, NewPress, Press, WhosePress
from bot.packing import BACK
from bot.start_links import Replay
from ledger.errands import Act, ErrandState
from ledger.links import SeenLink
from sandbox.chats import Chat
from sandbox.people import Actor
from tests.bot.conftest import Club, RunningBot
from tests.bot.swept import sweep


async def second_chat(club: Club, bot: RunningBot) -> Chat:
    """Ann owns it; the bot serves it."""
    chat = club.telegram.world.add_chat("Go club", club.ann.person)
    await bot.serves(club, chat, owner=club.ann)
    return chat


async def said_to(club: Club, who: Actor, typed: str) -> str:
    await who.sends(typed, to=club.bot)
    return str(await who.reads(in_=club.bot))


async def test_the_only_chat_there_is_is_meant(club: Club, bot: RunningBot) -> None:
    assert "Chess club" in await said_to(club, club.ann, "/invites")


async def test_of_several_chats_one_is_chosen_and_kept(club: Club, bot: RunningBot) -> None:
    await second_chat(club, bot)
    assert "Which chat?" in await said_to(club, club.ann, "/invites")
    await club.ann.presses("Go club", in_=club.bot)
    assert "Go club" in await club.ann.reads(in_=club.bot)
    assert (await said_to(club, club.ann, "/invites")).startswith("Go club")
    assert await bot.ledger.chats.chosen(club.ann.person.id) != club.chat.id
    assert "✓ Go club" in await said_to(club, club.ann, "/chats")


async def test_only_chats_where_one_may_ask_are_offered(club: Club, bot: RunningBot) -> None:
    await second_chat(club, bot)
    assert "Go club" not in await said_to(club, club.bob, "/chats")
    assert "No chat" in await said_to(club, club.max, "/chats")


async def test_a_forged_choice_of_a_chat_is_refused(club: Club, bot: RunningBot) -> None:
    other = await second_chat(club, bot)
    await said_to(club, club.bob, "/chats")
    await club.bob.sends_press(club.bob.sees(club.bot)[-1].message, ChatPress(chat=other.id).pack())
    assert "Only admins" in await club.bob.reads(in_=club.bot)
    assert await bot.ledger.chats.chosen(club.bob.person.id) != other.id


async def test_who_is_admin_of_one_chat_reads_nothing_of_another(club: Club, bot: RunningBot) -> None:
    other = (await second_chat(club, bot)).id
    link = await club.ann.makes_link(club.telegram.world.chat(other), "Secret posters")
    await bot.ledger.links.noticed(other, SeenLink(link.link, club.ann.person.id, primary=True, title=link.title))
    presses: list[Press] = [ListPress(chat=other), ListPress(chat=other, at=BACK), WhosePress(chat=other)]
    presses += [NewPress(chat=other), ChatPress(chat=other)]
    presses += [CardPress(act=act, chat=other, number=1) for act in CardAct]
    presses += [ConfirmPress(chat=other, number=1, person=club.bob.person.id, once="x" * 12)]
    presses += [Hosting(act=act, chat=other) for act in ("serve", "leave")]
    await said_to(club, club.bob, "/invites")
    await club.bob.asks("/invites", in_=club.chat, bot=club.bot)
    await club.bob.reads(in_=club.chat, until="Chess club")
    places = [club.bob.sees(where)[-1].message for where in (club.bot, club.chat)]
    for press in presses:
        for message in places:
            await club.bob.sends_press(message, press.pack())
    for what, number in (("list", 0), ("card", 1), ("status", 0)):
        await club.bob.starts(club.bot, Replay(what, other, number).payload())
    for handle in ("1", link.link, f"…{link.link[-3:]}"):
        await said_to(club, club.bob, f"/invite {handle}")
    await club.bob.sends("/help", to=club.bot)
    await club.bob.reads(in_=club.bot, until="How to ask")  # all before it is answered
    read = [view.text for view in club.telegram.log.views if view.person == club.bob.person.id]
    for said in ("Only admins", "Only the host", "No link …"):
        assert any(said in text for text in read)
    assert [text for text in read if "Secret" in text or "Go club" in text] == []
    assert await bot.ledger.links.reveals(other) == []


async def test_who_is_no_admin_of_his_chosen_chat_any_more_is_offered_his_others(club: Club, bot: RunningBot) -> None:
    await said_to(club, club.ann, "/invites")
    await second_chat(club, bot)
    await club.vera.demotes(club.ann.person, in_=club.chat)
    for _ in range(2):
        assert "[Go club]" in await said_to(club, club.ann, "/sync")


async def test_an_admins_slip_is_answered_each_time_a_strangers_once_an_hour(club: Club, bot: RunningBot) -> None:
    await said_to(club, club.ann, "/invites")
    for _ in range(2):
        assert "/help" in await said_to(club, club.ann, "/invits")
    assert "/help" in await said_to(club, club.kim, "hello?")
    await club.kim.sends("hello?", to=club.bot)
    await club.kim.reads_nothing(in_=club.bot)


async def test_a_start_link_asks_afresh_what_its_opener_may(club: Club, bot: RunningBot) -> None:
    other = await second_chat(club, bot)
    link = Replay("list", other.id).payload()
    await club.ann.starts(club.bot, link)
    assert "Go club" in await club.ann.reads(in_=club.bot)
    await club.bob.starts(club.bot, link)
    assert "Only admins" in await club.bob.reads(in_=club.bot)


async def test_start_links_bring_card_and_status(club: Club, bot: RunningBot) -> None:
    await said_to(club, club.ann, "/invite new Spring ads")
    for what, number, said in (("card", 1, "joined"), ("status", 0, "Bot: admin"), ("card", 99, "No link #99")):
        await club.ann.starts(club.bot, Replay(what, club.chat.id, number).payload())
        assert said in await club.ann.reads(in_=club.bot)


async def test_start_and_help_answer_anyone(club: Club, bot: RunningBot) -> None:
    assert "/chats" in await said_to(club, club.kim, "/start")
    assert "/invites" in await said_to(club, club.kim, "/help")
    assert "/chats" in await said_to(club, club.kim, "/start anything")


async def test_words_that_are_no_command_get_one_line(club: Club, bot: RunningBot) -> None:
    assert "/help" in await said_to(club, club.kim, "hello?")


async def test_a_sync_is_an_errand_and_its_end_is_told_where_it_was_asked(club: Club, bot: RunningBot) -> None:
    await sweep(club, bot)
    for errand in await bot.ledger.errands.open():
        await bot.ledger.errands.finish(errand.id, ErrandState.DONE)
    await club.ann.sends("/sync", to=club.bot)
    asked = await club.ann.reads(in_=club.bot)
    assert "asked" in asked

    async def taken() -> object:
        return await bot.ledger.errands.take()

    errand = await bot.until(taken)
    assert (errand.act, errand.chat_id) == (Act.SYNC, club.chat.id)
    result = {"links": 250, "new": 1, "changed": 2, "gone": 3, "readable": 5, "known": 5}
    await bot.ledger.errands.finish(errand.id, ErrandState.DONE, result=result)
    ended = await club.ann.reads(in_=club.bot, until="250 links · 1 new · 2 changed · 3 gone")
    assert ended.message is asked.message


async def test_a_sync_without_an_account_is_told_as_one(club: Club, bot: RunningBot) -> None:
    assert "no account is signed in" in await said_to(club, club.ann, "/sync")
    assert "New reading asked just now: waits for an account" in await said_to(club, club.ann, "/status")


async def test_status_tells_an_admin_of_the_chat_and_the_host_more(club: Club, bot: RunningBot) -> None:
    assert "host" not in await said_to(club, club.ann, "/status")
    told = await said_to(club, club.vera, "/status")
    assert "For you as the host" in told
    assert "Chats served: 1" in told

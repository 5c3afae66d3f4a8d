"""`/invites` as people ask it: pages, filters, whose."""

from __future__ import annotations

import pytest
from aiogram.types import Update

from bot.app import handler
from bot.asked import Way
from bot.callbacks import CardAct, CardPress, ListPress
from bot.meeting import Meeting
from sandbox.bot_api import answers as show
from sandbox.people import Screen
from tests.bot.conftest import Club, RunningBot
from tests.bot.desks import desk_beside
from tests.bot.swept import sweep


async def answer(club: Club, typed: str) -> Screen:
    await club.vera.sends(typed, to=club.bot)
    return await club.vera.reads(in_=club.bot)


def numbers(screen: Screen) -> list[int]:
    return [int(label) for label in screen.labels if label.isdigit()]


async def many_links(club: Club, bot: RunningBot, each: int = 12) -> None:
    for who in (club.vera, club.ann, club.bob):
        for n in range(each):
            link = await club.telegram.person(who.person).makes_link(club.chat, f"{who.name} {n}")
            link.usage = n % 3
    await sweep(club, bot)


async def test_pages_lead_through_every_link_once_and_back(club: Club, bot: RunningBot) -> None:
    await many_links(club, bot)
    screen = await answer(club, "/invites")
    forward, pages = numbers(screen), [numbers(screen)]
    while "▶" in screen.labels:
        await club.vera.presses("▶", on=screen)
        screen = await club.vera.reads(in_=club.bot)
        pages.append(numbers(screen))
        forward += numbers(screen)
    assert len(forward) == len(set(forward)) == len(club.telegram.world.invites.every(club.chat))
    while "◀" in screen.labels:
        await club.vera.presses("◀", on=screen)
        screen = await club.vera.reads(in_=club.bot)
        pages.append(numbers(screen))
    half = len(pages) // 2
    assert pages[half:] == pages[half::-1]


async def test_the_last_page_and_the_first_are_one_press(club: Club, bot: RunningBot) -> None:
    await many_links(club, bot)
    first = await answer(club, "/invites")
    await club.vera.presses("⏭", on=first)
    last = await club.vera.reads(in_=club.bot)
    assert "▶" not in last.labels
    await club.vera.presses("⏮", on=last)
    assert numbers(await club.vera.reads(in_=club.bot)) == numbers(first)


async def test_a_page_press_costs_two_calls_and_a_warm_question_one(club: Club, bot: RunningBot) -> None:
    await many_links(club, bot)
    screen = await answer(club, "/invites")
    log = club.telegram.log

    def calls() -> list[str]:
        return [call.method for call in log.calls if call.who == club.bot.id and call.method != "getUpdates"]

    before = len(calls())
    await club.vera.presses("▶", on=screen)
    await club.vera.reads(in_=club.bot)
    assert calls()[before:] == ["answerCallbackQuery", "editMessageText"]
    before = len(calls())
    await answer(club, "/invites")
    assert calls()[before:] == ["sendMessage"]


@pytest.mark.parametrize("way", [Way.PRIVATE, Way.EPHEMERAL])
async def test_a_warm_question_reads_two_statements_and_costs_one_call(club: Club, bot: RunningBot, way: Way) -> None:
    await many_links(club, bot)
    await club.vera.starts(club.bot)
    await club.vera.reads(in_=club.bot)
    if way == Way.EPHEMERAL:
        typed = await club.vera.asks("/invites", in_=club.chat, bot=club.bot)
        await club.vera.reads(in_=club.chat, until="live")
    else:
        typed = await club.vera.sends("/invites", to=club.bot)
        await club.vera.reads(in_=club.bot)
    told = {"message": show.message(club.telegram.world, typed, club.bot)}
    async with desk_beside(club, bot) as desk:
        handle = handler(desk, Meeting(desk))
        for update_id in (77, 78):
            read, sent = desk.ledger.statements, club.calls("sendMessage")
            others = len(club.telegram.log.calls) - club.calls("getUpdates")
            await handle(Update.model_validate({"update_id": update_id} | told), int(desk.clock()))
        assert desk.ledger.statements - read <= 2
        assert club.calls("sendMessage") - sent == 1
        assert len(club.telegram.log.calls) - club.calls("getUpdates") - others == 1


async def test_one_message_is_edited_for_all_pages_of_a_question(club: Club, bot: RunningBot) -> None:
    await many_links(club, bot)
    screen = await answer(club, "/invites")
    for button in ("▶", "Filter", "Mine", "New", "List", "Filter", "All", "Whose", "Ann", "Filter", "List"):
        await club.vera.presses(button, in_=club.bot)
        assert (await club.vera.reads(in_=club.bot)).message is screen.message


@pytest.mark.parametrize("typed", ["/invites", "/invites ann", "/invites mine", "/invites bob revoked"])
async def test_a_card_leads_back_to_its_page_of_its_question(club: Club, bot: RunningBot, typed: str) -> None:
    for link in [await club.bob.makes_link(club.chat, f"Old {n}") for n in range(12)]:
        await club.bob.revokes(link)
    await many_links(club, bot)
    first = await answer(club, typed)
    await club.vera.presses("▶", on=first)
    second = await club.vera.reads(in_=club.bot)
    assert not set(numbers(first)) & set(numbers(second))
    assert second.text.splitlines()[1] == first.text.splitlines()[1]  # whose, and how many
    await club.vera.presses(str(numbers(second)[0]), on=second)
    await club.vera.presses("List", on=await club.vera.reads(in_=club.bot))
    assert str(await club.vera.reads(in_=club.bot)) == str(second)


async def test_revoked_links_are_a_list_of_their_own(club: Club, bot: RunningBot) -> None:
    gone = await club.ann.makes_link(club.chat, "Old poster")
    await club.ann.revokes(gone)
    await sweep(club, bot)
    assert "Old poster" not in await answer(club, "/invites")
    assert "Old poster" in await answer(club, "/invites revoked")


@pytest.mark.parametrize("typed", ["/invites @bobby", "/invites bob", "/invites Bob"])
async def test_a_persons_links_are_asked_for_by_name(club: Club, bot: RunningBot, typed: str) -> None:
    club.bob.person.username = "bobby"
    await many_links(club, bot, each=2)
    screen = await answer(club, typed)
    assert "Bob 0" in screen
    assert "Ann 0" not in screen
    assert "links of Bob" in screen


async def test_mine_and_bots_are_lists(club: Club, bot: RunningBot) -> None:
    await many_links(club, bot, each=2)
    assert "Vera 0" in await answer(club, "/invites mine")
    assert "links of bots" in await answer(club, "/invites bots")


async def test_an_unknown_username_is_said_with_an_example(club: Club, bot: RunningBot) -> None:
    screen = await answer(club, "/invites @zorro")
    assert "@zorro" in screen
    assert "/invites mine" in screen


async def test_new_shows_how(club: Club, bot: RunningBot) -> None:
    await answer(club, "/invites")
    await club.vera.presses("New", in_=club.bot)
    assert "/invite new Spring ads 7d x10" in await club.vera.reads(in_=club.bot)


async def test_private_opens_the_list_in_private(club: Club, bot: RunningBot) -> None:
    await club.ann.asks("/invites revoked", in_=club.chat, bot=club.bot)
    await club.ann.reads(in_=club.chat, until="Chess club")
    await club.ann.presses("Private", in_=club.chat)
    assert "0 revoked" in await club.ann.reads(in_=club.bot, until="Chess club")


async def test_with_no_account_the_list_says_what_it_cannot_see(club: Club, bot: RunningBot) -> None:
    assert "this bot's links: whole · others: those used since" in await answer(club, "/invites")


async def test_a_button_that_names_another_chat_gains_nothing(club: Club, bot: RunningBot) -> None:
    world = club.telegram.world
    other = world.add_chat("Secret society", club.kim.person)
    world.promote(other, club.bot, by=club.kim.person)
    await club.ann.asks("/invites", in_=club.chat, bot=club.bot)
    screen = await club.ann.reads(in_=club.chat, until="Chess club")
    await club.ann.sends_press(screen.message, ListPress(chat=other.id).pack())
    assert "Secret" not in await club.ann.reads(in_=club.chat)


@pytest.mark.parametrize(
    "data",
    [
        "l",
        "l:x:a:0:0:f:0:0:1",
        "l:1:zzz:",
        "l:1:auj:a1",
        f"l:1:puj{'z' * 13}:",
        "f:1:auj",
        "a:1:x",
        "c:1:s",
        "?",
        "y:1:2:3:4:5",
        f"c:{9**30}:s:1",
        f"c:-1:s:{9**30}",
        "w:-1:0:-5",
        "h:1",
    ],
)
async def test_forged_button_data_does_nothing_and_says_so(club: Club, bot: RunningBot, data: str) -> None:
    screen = await answer(club, "/invites")
    assert "does not work" in (await club.vera.sends_press(screen.message, data)).text
    assert club.calls("editMessageText") == 0


@pytest.mark.parametrize("data", ["l:{}:a:0:0:f:0:0:1", "l:{}:p:77:1:a:12:9:3", "w:{}:0:2"])
async def test_a_list_button_of_an_earlier_version_asks_to_ask_anew(club: Club, bot: RunningBot, data: str) -> None:
    screen = await answer(club, "/invites")
    await club.vera.sends_press(screen.message, data.format(club.chat.id))
    assert "Ask anew: /invites" in await club.vera.reads(in_=club.bot)


@pytest.mark.parametrize("number", [0, -1, 99, 2**63 - 1, -(2**63)])
async def test_a_number_no_link_has_is_said_with_a_way_back(club: Club, bot: RunningBot, number: int) -> None:
    screen = await answer(club, "/invites")
    for act in CardAct:
        await club.vera.sends_press(screen.message, CardPress(act=act, chat=club.chat.id, number=number).pack())
        said = await club.vera.reads(in_=club.bot)
        assert f"No link #{number} in this chat" in said
        assert said.labels == ["◀ List"]
        await club.vera.presses("List", on=said)
        assert str(await club.vera.reads(in_=club.bot)) == str(screen)

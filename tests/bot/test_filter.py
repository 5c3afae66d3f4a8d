"""Which links a person asks to see: whose, which, in what order, with what words, and what is asked back."""

from __future__ import annotations

import pytest

from bot.callbacks import AskPress, FilterPress, ListPress, WhosePress
from bot.packing import pack, pack_place, unpack, unpack_place
from ledger.listing import Order, Position, Query, Shelf, Toward, Whose
from sandbox.people import Screen
from tests.bot.conftest import Club, RunningBot
from tests.bot.swept import number_of, sweep
from tests.bot.test_listing import answer, many_links, numbers

DAY = 86_400


async def pressed(club: Club, *buttons: str) -> Screen:
    for button in buttons:
        await club.vera.presses(button, in_=club.bot)
        screen = await club.vera.reads(in_=club.bot)
    return screen


def second_line(screen: Screen) -> str:
    return screen.text.splitlines()[1]


async def some_links(club: Club, bot: RunningBot) -> None:
    """Ann's Spring ads is full, Bob's Spring fair asks for approval and ends tomorrow, Vera's is unused."""
    now = int(bot.ledger.clock())
    ads = await club.ann.makes_link(club.chat, "Spring ads")
    fair = await club.bob.makes_link(club.chat, "Spring fair")
    await club.vera.makes_link(club.chat, "Summer")
    ads.usage_limit, ads.usage = 3, 3
    fair.request_needed, fair.expire_date, fair.usage = True, now + DAY, 1
    await sweep(club, bot)


async def test_the_filters_say_what_is_chosen_and_how_many_there_are(club: Club, bot: RunningBot) -> None:
    await some_links(club, bot)
    await answer(club, "/invites")
    screen = await pressed(club, "Filter")
    chosen = [label for label in screen.labels if "✓" in label]
    assert chosen[0] == "All ✓"
    assert chosen[1].startswith("Current ")
    assert chosen[2:] == ["Joins ✓"]
    assert {"Full 1", "Expiring 1", "Approval 1", "Bob 2", "Save as my default"} <= {*screen.labels}


@pytest.mark.parametrize(
    ("buttons", "line", "shown"),
    [
        (["Full"], "1 link · full", ["Spring ads"]),
        (["Approval"], "1 link · by approval", ["Spring fair"]),
        (["Expiring"], "1 link · expiring", ["Spring fair"]),
        (["Bob", "Approval"], "1 link of Bob · by approval", ["Spring fair"]),
        (["Mine", "Unused"], "2 links of yours · unused", ["Summer"]),
        (["Ends"], "links · soonest end first", ["Spring fair", "Spring ads"]),
    ],
)
async def test_a_filter_is_named_on_the_list_it_makes(
    club: Club, bot: RunningBot, buttons: list[str], line: str, shown: list[str]
) -> None:
    await some_links(club, bot)
    await answer(club, "/invites")
    screen = await pressed(club, "Filter", *buttons, "List")
    assert line in second_line(screen)
    places = [screen.text.index(title) for title in shown]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("/invites full", "1 link · full"),
        ("/invites mine unused", "2 links of yours · unused"),
        ("/invites bob approval", "1 link of Bob · by approval"),
        ("/invites all by new", "links · newest first"),
        ("/invites spring", "2 links · “spring”"),
        ("/invites ann spring", "1 link of Ann · “spring”"),
        ("/invites SPRING fair by ends", "1 link · soonest end first"),
        ("/invites primary", "primary"),
        ("/links full", "1 link · full"),
        ("/primary", "primary"),
    ],
)
async def test_what_is_typed_is_named_on_the_list(club: Club, bot: RunningBot, typed: str, line: str) -> None:
    await some_links(club, bot)
    assert line in second_line(await answer(club, typed))


async def test_a_name_is_a_persons_links_first_and_words_else(club: Club, bot: RunningBot) -> None:
    titled = await club.bob.makes_link(club.chat, "Ann of Green Gables")
    await some_links(club, bot)
    assert titled.title not in await answer(club, "/invites ann")
    assert titled.title in await answer(club, "/invites all ann")
    assert titled.title in await answer(club, "/invites gables")


async def test_pages_keep_the_words_that_were_searched(club: Club, bot: RunningBot) -> None:
    await many_links(club, bot)
    first = await answer(club, "/invites all ann by new")
    second = await pressed(club, "▶")
    assert second_line(first) == second_line(second)
    assert "“ann”" in second_line(second)
    assert not {*numbers(first)} & {*numbers(second)}


async def test_a_search_without_a_match_says_the_words_and_can_be_cleared(club: Club, bot: RunningBot) -> None:
    await some_links(club, bot)
    screen = await answer(club, "/invites zorro")
    assert "No link matches “zorro”." in screen
    assert "Spring ads" in await pressed(club, "Clear")
    assert "To make a link: /invite new Fair 7d" in await answer(club, "/invites new Fair 7d")


async def test_an_empty_filter_says_what_to_do(club: Club, bot: RunningBot) -> None:
    await some_links(club, bot)
    for typed in ("/invites paid", "/invites gone", "/invites mine full"):
        screen = await answer(club, typed)
        assert "/invites all" in screen
        assert "Chess club" in screen


@pytest.mark.fact("U-25")
@pytest.mark.parametrize("buttons", [[], ["Filter"], ["Filter", "Bob"]])
async def test_a_reply_with_words_searches_the_list_it_replies_to(
    club: Club, bot: RunningBot, buttons: list[str]
) -> None:
    await some_links(club, bot)
    screen = await answer(club, "/invites")
    if buttons:
        screen = await pressed(club, *buttons)
    await club.vera.sends("spring", to=club.bot, reply_to=screen.message)
    found = await club.vera.reads(in_=club.bot, until="“spring”")
    assert "Spring fair" in found
    assert ("Spring ads" in found) == ("Bob" not in buttons)


async def test_words_in_private_that_reply_to_no_list_are_no_search(club: Club, bot: RunningBot) -> None:
    await some_links(club, bot)
    await club.vera.sends("spring", to=club.bot)
    assert "I answer commands" in await club.vera.reads(in_=club.bot)


async def test_ones_own_list_is_what_invites_alone_shows(club: Club, bot: RunningBot) -> None:
    await some_links(club, bot)
    await answer(club, "/invites")
    saved = await pressed(club, "Filter", "Full", "Save as my default")
    assert "/invites all shows all" in saved
    own = await answer(club, "/invites")
    assert second_line(own) == "1 link · full · your default"
    assert "Summer" in await answer(club, "/invites all")
    await club.ann.sends("/invites", to=club.bot)
    assert "Summer" in await club.ann.reads(in_=club.bot)


async def test_a_list_of_ones_own_outlives_the_bot(club: Club, bot: RunningBot, start_bot: object) -> None:
    await some_links(club, bot)
    await answer(club, "/invites mine by new")
    await pressed(club, "Filter", "Save as my default")
    await bot.ends()
    await start_bot()  # type: ignore[operator]
    assert "2 links of yours · newest first\nyour default" in await answer(club, "/invites")


async def test_private_opens_the_filtered_list(club: Club, bot: RunningBot) -> None:
    await some_links(club, bot)
    await club.vera.asks("/invites bob approval", in_=club.chat, bot=club.bot)
    await club.vera.reads(in_=club.chat, until="Chess club")
    await club.vera.presses("Private", in_=club.chat)
    assert second_line(await club.vera.reads(in_=club.bot, until="Chess club")) == "1 link of Bob · by approval"


async def test_words_of_one_person_are_shown_to_no_other(club: Club, bot: RunningBot) -> None:
    await some_links(club, bot)
    await answer(club, "/invites zorro")
    await club.ann.sends("/invites", to=club.bot)
    screen = await club.ann.reads(in_=club.bot)
    for row in range(1, 4):
        ask = pack(Query(club.chat.id), row)
        for press in (ListPress(chat=club.chat.id, ask=ask), FilterPress(chat=club.chat.id, ask=ask)):
            await club.ann.sends_press(screen.message, press.pack())
            await club.ann.sends("/invites primary", to=club.bot)
            await club.ann.reads(in_=club.bot, until="primary")  # so the press was worked on
            assert "zorro" not in "".join(str(one) for one in club.ann.sees(club.bot))


async def test_a_choice_runs_its_line_and_a_doubled_press_does_so_once(club: Club, bot: RunningBot) -> None:
    screen = await answer(club, "/new Course 3m")
    assert screen.labels == ["3 minutes", "3 months", "◀ List"]
    button = screen.buttons[0][1]
    await club.vera.presses("3 months", on=screen)
    assert "‘Course’" in await club.vera.reads(in_=club.bot, until="Course")
    await club.vera.sends_press(screen.message, button["callback_data"])
    await answer(club, "/invites")
    made = [link.title for link in club.telegram.world.invites.every(club.chat) if link.creator_id == club.bot.id]
    assert made.count("Course") == 1


async def test_a_choice_is_for_who_was_asked_and_counts_his_rights_anew(club: Club, bot: RunningBot) -> None:
    await club.ann.sends("/invite new 10", to=club.bot)
    screen = await club.ann.reads(in_=club.bot, until="what is it")
    assert screen.labels == ["10 members", "10 days", "Name “10”", "◀ List"]
    mine = await answer(club, "/invites")
    button = screen.buttons[0][0]
    await club.vera.sends_press(mine.message, button["callback_data"])
    assert "too long ago" in await club.vera.reads(in_=club.bot)
    await club.vera.demotes(club.ann.person, in_=club.chat)
    await club.ann.presses("10 members", on=screen)
    assert "Only admins" in await club.ann.reads(in_=club.bot)
    assert club.calls("createChatInviteLink") == 0


async def test_a_question_about_a_pasted_link_keeps_no_key(club: Club, bot: RunningBot) -> None:
    """That no file holds the link is looked at after each test."""
    link = await club.bob.makes_link(club.chat, "Poster")
    await sweep(club, bot)
    assert (await answer(club, f"/invite {link.link} 3m")).labels[:2] == ["3 minutes", "3 months"]
    assert "is known in this chat" in await answer(club, "/invite t.me/+AbCdEfGhIjKlMnOp 3m")


async def test_cancel_takes_an_open_question_away(club: Club, bot: RunningBot) -> None:
    assert "No question is open" in await answer(club, "/cancel")
    asked = await answer(club, "/invite new Course 3m")
    assert "Cancelled." in await answer(club, "/cancel")
    await club.vera.sends_press(asked.message, ListPress(chat=club.chat.id).pack())
    assert club.calls("createChatInviteLink") == 0


async def test_cancel_leaves_a_list_alone_that_took_the_questions_place(club: Club, bot: RunningBot) -> None:
    asked = await answer(club, "/invite new Course 3m")
    await club.vera.presses("◀ List", on=asked)
    listed = await club.vera.reads(in_=club.bot, until="Chess club")
    assert "No question is open" in await answer(club, "/cancel")
    assert next(one for one in club.vera.sees(club.bot) if one.message is listed.message).text == listed.text


async def test_a_yes_after_cancel_is_asked_anew(club: Club, bot: RunningBot) -> None:
    await answer(club, "/invite new Poster")
    made = next(link for link in club.telegram.world.invites.every(club.chat) if link.title == "Poster")
    asked = await answer(club, f"/revoke {await number_of(club, bot, made)}")
    assert "Cancelled." in await answer(club, "/cancel")
    await club.vera.presses("Revoke", on=asked)
    assert "I ask anew" in await club.vera.reads(in_=club.bot)
    assert not made.revoked


QUERIES = [
    Query(-1_009_999_999_999, 7, whose, 5 if whose is Whose.PERSON else None, shelf, 10, order=order)
    for whose in Whose
    for shelf in Shelf
    for order in Order
]


def test_a_button_brings_the_very_question_and_place_back() -> None:
    for query in QUERIES:
        assert unpack(pack(query, 77), query.chat_id, 7) == (query, 77)
    for toward in Toward:
        place = Position(toward, 2**33, 3, 12)
        assert unpack_place(pack_place(place)) == place


def test_the_longest_question_fits_a_button() -> None:
    chat, person = -1_997_852_516_352, 2**40
    ask = pack(Query(chat, 7, Whose.PERSON, person, Shelf.GONE, order=Order.ENDS), 9_999_999)
    at = pack_place(Position(Toward.BEFORE, 2**33, 99_999_999, 9_999_999))
    presses = (ListPress(chat=chat, ask=ask, at=at), FilterPress(chat=chat, ask=ask, save=True),
               WhosePress(chat=chat, ask=ask, page=99_999), AskPress(chat=chat, row=2**62))  # fmt: skip
    assert max(len(press.pack().encode()) for press in presses) <= 64

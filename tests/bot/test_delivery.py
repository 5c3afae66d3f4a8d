"""Who can see an answer: the asker alone, on every server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Literal

import pytest
from aiogram import Bot
from aiogram.client.telegram import TelegramAPIServer
from aiogram.utils.formatting import Text

from bot.app import Wire
from bot.asked import Asked, Way
from bot.delivery import REVEAL_SECONDS, Delivery, SecretOutside
from bot.patience import Patience
from bot.screens.base import Button, Screen
from ledger.chats import ReplyPlace, SeenPerson
from ledger.errands import Place
from ledger.store import Ledger
from sandbox.faults import Fault, Kind
from sandbox.leaks import leaked_views
from sandbox.people import Actor
from tests.bot.conftest import Club, RunningBot
from tests.bot.swept import number_of, sweep
from tests.conftest import Clock
from tests.pictures import qr_in

ANSWER = "Chess club"
SECRET = Screen(Text("https://t.me/+AbCdEfGhIjKlMnOp"), secret=True)


async def test_an_ephemeral_command_is_answered_to_its_asker_alone(club: Club, bot: RunningBot) -> None:
    await club.ann.asks("/invites", in_=club.chat, bot=club.bot)
    answer = await club.ann.reads(in_=club.chat, until=ANSWER)
    assert answer.ephemeral
    for other in (club.vera, club.bob, club.max):
        await other.reads_nothing(in_=club.chat)


async def test_the_first_word_to_an_unproven_server_carries_no_data(club: Club, bot: RunningBot) -> None:
    await club.ann.asks("/invites", in_=club.chat, bot=club.bot)
    first = await club.ann.reads(in_=club.chat)
    assert (first.text, first.labels) == ("One moment…", [])
    assert ANSWER in await club.ann.reads(in_=club.chat)


async def test_a_proven_server_is_remembered_and_answers_in_one_call(club: Club, bot: RunningBot) -> None:
    await club.ann.asks("/invites", in_=club.chat, bot=club.bot)
    await club.ann.reads(in_=club.chat, until=ANSWER)
    assert (await bot.ledger.programs.server_ephemeral(bot.settings.bot_api_url))[0] is True
    before = len([call for call in club.telegram.log.calls if call.method != "getUpdates"])
    await club.ann.asks("/invites", in_=club.chat, bot=club.bot)
    assert ANSWER in await club.ann.reads(in_=club.chat)
    assert len([call for call in club.telegram.log.calls if call.method != "getUpdates"]) == before + 1


async def test_an_open_command_is_answered_to_its_asker_with_one_public_line(club: Club, bot: RunningBot) -> None:
    await club.ann.sends("/invites", to=club.chat)
    answer = await club.ann.reads(in_=club.chat, until=ANSWER)
    line = await club.max.reads(in_=club.chat, until="Answered privately")
    assert answer.ephemeral
    assert not line.ephemeral
    assert line.labels == ["Open in private"]


async def test_the_public_line_goes_after_a_minute(club: Club, bot: RunningBot, clock: Clock) -> None:
    await club.ann.sends("/invites", to=club.chat)
    await club.max.reads(in_=club.chat, until="Answered privately")
    await bot.until(bot.ledger.dues.next_at)
    clock.now += 59
    assert [s for s in club.max.sees(club.chat) if "Answered" in s]
    clock.now += 2
    await club.max.waits(lambda: not [s for s in club.max.sees(club.chat) if "Answered" in s], "the line to go")


async def test_open_in_private_brings_the_same_question(club: Club, bot: RunningBot) -> None:
    await club.ann.sends("/invites mine", to=club.chat)
    await club.ann.reads(in_=club.chat, until="Answered privately")
    await club.ann.presses("Open in private", in_=club.chat)
    assert "links of yours" in await club.ann.reads(in_=club.bot, until=ANSWER)


async def test_an_old_server_shows_nothing_to_others(club: Club, bot: RunningBot) -> None:
    club.telegram.bot_api.ephemeral = "old"
    await club.ann.starts(club.bot)
    await club.ann.reads(in_=club.bot)
    await club.ann.sends("/invites", to=club.chat)
    assert ANSWER in await club.ann.reads(in_=club.bot)
    await club.max.reads(in_=club.chat, until="Answered privately")
    seen = [view.text for view in club.telegram.log.views if view.person == club.max.person.id]
    assert [text for text in seen if "live" in text or "#" in text] == []
    assert (await bot.ledger.programs.server_ephemeral(bot.settings.bot_api_url))[0] is False
    assert not [s for s in club.max.sees(club.chat) if "One moment" in s]


async def test_an_old_server_is_tried_again_after_a_day(club: Club, bot: RunningBot, clock: Clock) -> None:
    club.telegram.bot_api.ephemeral = "old"
    await club.ann.starts(club.bot)
    await club.ann.reads(in_=club.bot)
    await club.ann.sends("/invites", to=club.chat)
    await club.ann.reads(in_=club.bot, until=ANSWER)
    club.telegram.bot_api.ephemeral = "new"
    await club.ann.sends("/invites", to=club.chat)
    await club.ann.reads(in_=club.bot, until=ANSWER)
    clock.now += 86_401
    await club.ann.sends("/invites", to=club.chat)
    assert (await club.ann.reads(in_=club.chat, until=ANSWER)).ephemeral


async def test_a_server_that_forgets_the_parameter_is_caught_at_once(club: Club, bot: RunningBot, clock: Clock) -> None:
    await club.ann.asks("/invites", in_=club.chat, bot=club.bot)
    await club.ann.reads(in_=club.chat, until=ANSWER)
    await club.ann.starts(club.bot)
    await club.ann.reads(in_=club.bot)
    club.telegram.bot_api.ephemeral = "old"
    clock.now += 86_401  # the proof is a day old: nothing but a word without data is risked
    await club.ann.sends("/invites", to=club.chat)
    await club.ann.reads(in_=club.bot, until=ANSWER)
    assert not [v for v in club.telegram.log.views if v.person == club.max.person.id and ANSWER in v.text]


async def test_what_an_old_server_showed_to_all_goes_as_soon_as_telegram_can_be_reached(
    club: Club, bot: RunningBot
) -> None:
    await club.ann.asks("/invites", in_=club.chat, bot=club.bot)
    await club.ann.reads(in_=club.chat, until=ANSWER)
    club.telegram.bot_api.ephemeral = "old"
    club.telegram.faults.plan(Fault(Kind.ERROR, "deleteMessage", 502, "Bad Gateway", times=4))
    await club.ann.sends("/invites", to=club.chat)
    shown = await club.max.reads(in_=club.chat, until=ANSWER)
    await club.max.waits(lambda: shown.message.deleted, "the message to go")
    assert (await bot.ledger.programs.server_ephemeral(bot.settings.bot_api_url))[0] is False


async def test_an_ephemeral_id_of_zero_proves_nothing(club: Club, bot: RunningBot) -> None:
    await club.ann.starts(club.bot)
    await club.ann.reads(in_=club.bot)
    lie = Fault(Kind.LIE, "sendMessage", change=lambda message: message | {"ephemeral_message_id": 0})
    club.telegram.faults.plan(lie)
    await club.ann.asks("/invites", in_=club.chat, bot=club.bot)
    assert ANSWER in await club.ann.reads(in_=club.bot)
    assert (await bot.ledger.programs.server_ephemeral(bot.settings.bot_api_url))[0] is False


async def test_where_ephemeral_is_refused_the_answer_comes_in_private(club: Club, bot: RunningBot) -> None:
    await club.ann.starts(club.bot)
    await club.ann.reads(in_=club.bot)
    club.telegram.bot_api.ephemeral = "refusing"
    await club.ann.sends("/invites", to=club.chat)
    assert ANSWER in await club.ann.reads(in_=club.bot)
    await club.max.reads(in_=club.chat, until="Answered privately")


async def test_what_comes_in_private_names_its_chat_and_has_no_button_to_where_it_stands(
    club: Club, bot: RunningBot
) -> None:
    await club.ann.starts(club.bot)
    await club.ann.reads(in_=club.bot)
    club.telegram.bot_api.ephemeral = "refusing"
    await club.ann.sends("/invites", to=club.chat)
    assert "Private" not in (await club.ann.reads(in_=club.bot, until=ANSWER)).labels
    await club.ann.sends("/invite new Spring", to=club.chat)
    assert "Chess club" in await club.ann.reads(in_=club.bot, until="Spring")


async def test_who_never_pressed_start_is_asked_to_and_then_reads_the_answer(club: Club, bot: RunningBot) -> None:
    club.telegram.bot_api.ephemeral = "refusing"
    await club.ann.sends("/invites", to=club.chat)
    line = await club.ann.reads(in_=club.chat, until="Press Start")
    assert ANSWER not in line
    await club.ann.presses("Open in private", in_=club.chat)
    assert ANSWER in await club.ann.reads(in_=club.bot)


async def test_the_start_link_of_another_opens_nothing(club: Club, bot: RunningBot) -> None:
    club.telegram.bot_api.ephemeral = "refusing"
    await club.ann.sends("/invites", to=club.chat)
    await club.max.reads(in_=club.chat, until="Press Start")
    await club.max.presses("Open in private", in_=club.chat)
    assert "Only admins" in await club.max.reads(in_=club.bot)


async def test_a_stranger_gets_one_line_an_hour_and_nothing_public(club: Club, bot: RunningBot, clock: Clock) -> None:
    await club.vera.asks("/invites", in_=club.chat, bot=club.bot)
    await club.vera.reads(in_=club.chat, until=ANSWER)
    for _ in range(3):
        await club.max.sends("/invites", to=club.chat)
    refusal = await club.max.reads(in_=club.chat)
    assert refusal.ephemeral
    assert "Only admins" in refusal
    await club.vera.asks("/invites", in_=club.chat, bot=club.bot)
    await club.vera.reads(in_=club.chat, until=ANSWER)
    assert len([s for s in club.max.sees(club.chat) if "Only admins" in s]) == 1
    clock.now += 3601
    await club.max.sends("/invites", to=club.chat)
    await club.max.reads(in_=club.chat, until="Only admins")
    for command in ("help", "start", "chats", "status"):
        await club.max.sends(f"/{command}@{club.bot.username}", to=club.chat)
    await club.vera.asks("/invites", in_=club.chat, bot=club.bot)
    await club.vera.reads(in_=club.chat, until=ANSWER)
    public = [s for s in club.bob.sees(club.chat) if s.message.sender_id == club.bot.id]
    assert public == []
    assert len([s for s in club.max.sees(club.chat) if s.message.sender_id == club.bot.id]) == 2


async def test_an_open_command_that_makes_or_tells_a_link_is_taken_away(club: Club, bot: RunningBot) -> None:
    made = await club.ann.makes_link(club.chat, "Posters")
    for telling in ("/invite new Spring ads 7d", f"/invite {made.link}"):
        message = await club.ann.sends(telling, to=club.chat)
        await club.ann.reads(in_=club.chat, until=lambda screen: screen.ephemeral and screen.text != "One moment…")
        assert message.deleted
    kept = await club.ann.sends("/invites", to=club.chat)
    await club.ann.reads(in_=club.chat, until="Answered privately")
    assert not kept.deleted


async def test_any_press_of_a_public_line_shows_nothing(club: Club, bot: RunningBot) -> None:
    await club.ann.sends("/invites", to=club.chat)
    line = await club.ann.reads(in_=club.chat, until="Answered privately")
    list_data = next(
        str(b["callback_data"])
        for s in club.ann.sees(club.chat)
        for row in s.buttons
        for b in row
        if "callback_data" in b
    )
    answer = await club.ann.sends_press(line.message, list_data)
    assert answer.show_alert
    assert line.message.text == "Answered privately."


@pytest.mark.parametrize("server", ["new", "old", "refusing"])
async def test_no_whole_link_reaches_anyone_but_who_pressed_for_it(
    club: Club, bot: RunningBot, server: Literal["new", "old", "refusing"]
) -> None:
    club.telegram.bot_api.ephemeral = server
    link = await club.ann.makes_link(club.chat, "Posters")
    await sweep(club, bot)
    await club.ann.starts(club.bot)
    number = await number_of(club, bot, link)
    for typed in ("/invites", f"/invite {link.link}", "/invite new Spring ads 7d", f"/invite {number}"):
        await club.ann.sends(typed, to=club.chat)
        await club.max.reads(in_=club.chat, until="Answered privately")
    place = club.chat if server == "new" else club.bot
    for button in ("Show", "Hide", "Copy"):
        await club.ann.presses(button, in_=place)
        await club.ann.reads(in_=place)
    await club.ann.presses("Copy the link", in_=place)
    assert club.ann.clipboard == link.link
    assert leaked_views(club.telegram.world, club.bot.id, qr_in) == []


# Delivery by itself


@pytest.fixture
async def delivery(club: Club, ledger: Ledger, clock: Clock) -> AsyncIterator[Delivery]:
    url = club.telegram.bot_api.url
    bot = Bot(str(club.bot.token), Wire(api=TelegramAPIServer.from_base(url)))
    bot.session.middleware(Patience((0.2,)))
    club.telegram.world.promote(club.chat, club.bot, by=club.vera.person)
    yield Delivery(bot, ledger, SeenPerson(club.bot.id, "Bot", club.bot.username, True), server=url, clock=clock)
    await bot.session.close()


def asked(club: Club, who: Actor, way: Way, place: Place | None = None) -> Asked:
    in_group = way in (Way.OPEN, Way.EPHEMERAL)
    here = club.chat.id if in_group else who.person.id
    return Asked(1, SeenPerson(who.person.id, who.name), way, here, in_group, "/invites", place)


@pytest.mark.parametrize("way", list(Way))
async def test_a_whole_link_is_never_the_answer_to_a_command(club: Club, delivery: Delivery, way: Way) -> None:
    with pytest.raises(SecretOutside):
        await delivery.show(SECRET, asked(club, club.ann, way, Place(club.ann.person.id, 1)))
    assert club.calls("sendMessage") == 0


async def test_a_whole_link_is_never_edited_into_a_message_that_all_can_read(club: Club, delivery: Delivery) -> None:
    public = Place(club.chat.id, 5)
    pressed = replace(asked(club, club.ann, Way.PRESS, public), here=club.chat.id, in_group=True)
    with pytest.raises(SecretOutside):
        await delivery.edit(public, SECRET)
    with pytest.raises(SecretOutside):
        await delivery.reveal(SECRET, pressed, chat_id=club.chat.id, number=1, name="x")
    assert club.calls("editMessageText") == 0


async def test_a_reveal_left_when_its_hiding_was_begun_is_not_hidden_over_the_next_screen(
    club: Club, delivery: Delivery, ledger: Ledger, clock: Clock
) -> None:
    await club.ann.starts(club.bot)
    place = await delivery.show(Screen(Text("card")), asked(club, club.ann, Way.PRIVATE))
    assert place is not None
    await delivery.reveal(SECRET, asked(club, club.ann, Way.PRESS, place), chat_id=club.chat.id, number=1, name="x")
    clock.now += REVEAL_SECONDS
    [due] = await ledger.dues.ready()
    await delivery.edit(place, Screen(Text("next")))
    await delivery.due(due)
    assert [screen.text for screen in club.ann.sees(club.bot)][-1] == "next"


async def test_the_next_screen_waits_for_a_hiding_that_is_under_way(
    club: Club, delivery: Delivery, ledger: Ledger, clock: Clock
) -> None:
    await club.ann.starts(club.bot)
    place = await delivery.show(Screen(Text("card")), asked(club, club.ann, Way.PRIVATE))
    assert place is not None
    await delivery.reveal(SECRET, asked(club, club.ann, Way.PRESS, place), chat_id=club.chat.id, number=1, name="x")
    clock.now += REVEAL_SECONDS
    [due] = await ledger.dues.ready()
    club.telegram.faults.plan(Fault(Kind.ERROR, "editMessageText", 502, "Bad Gateway"))
    hiding = asyncio.create_task(delivery.due(due))
    await club.called("editMessageText", 2)  # its first try is lost, the second is still to come
    await delivery.edit(place, Screen(Text("next")))
    await hiding
    assert [screen.text for screen in club.ann.sees(club.bot)][-1] == "next"


async def test_who_writes_as_the_group_gets_only_the_way_into_private(club: Club, delivery: Delivery) -> None:
    anonymous = replace(asked(club, club.ann, Way.OPEN), person=SeenPerson(1087968824, "Group"))
    assert await delivery.show(Screen(Text(ANSWER)), anonymous) is None
    line = await club.max.reads(in_=club.chat)
    assert line.text == "Press Start to read it."
    assert club.calls("sendMessage") == 1


async def test_an_edit_that_changes_nothing_is_success(club: Club, delivery: Delivery) -> None:
    await club.ann.starts(club.bot)
    place = await delivery.show(Screen(Text("same")), asked(club, club.ann, Way.PRIVATE))
    assert place is not None
    assert await delivery.edit(place, Screen(Text("same")))


async def test_an_edit_of_what_is_gone_is_no_error(club: Club, delivery: Delivery) -> None:
    await club.ann.starts(club.bot)
    assert not await delivery.edit(Place(club.ann.person.id, 9_999), Screen(Text("x")))
    assert not await delivery.edit(Place(club.chat.id, 0, club.ann.person.id, 77), Screen(Text("x")))
    await delivery.remove(Place(club.ann.person.id, 9_999))


async def test_a_press_too_old_to_answer_is_no_error(club: Club, delivery: Delivery) -> None:
    pressed = asked(club, club.ann, Way.PRESS, Place(club.ann.person.id, 1))
    assert await delivery.ack(replace(pressed, query_id="1234567"))


async def test_a_closed_private_chat_is_remembered(club: Club, delivery: Delivery, ledger: Ledger) -> None:
    await ledger.chats.saw_people([SeenPerson(club.kim.person.id, "Kim")])
    await ledger.chats.set_private_open(club.kim.person.id, True)
    assert not await delivery.tell(club.kim.person.id, Screen(Text("x")))
    assert not await ledger.chats.private_open(club.kim.person.id)


async def test_telegram_refusing_a_text_is_not_taken_for_a_closed_chat(club: Club, delivery: Delivery) -> None:
    club.telegram.faults.plan(Fault(Kind.ERROR, "sendMessage", 400, "Bad Request: message is too long"))
    await club.ann.starts(club.bot)
    with pytest.raises(Exception, match="too long"):
        await delivery.tell(club.ann.person.id, Screen(Text("x")))


async def test_names_of_any_kind_reach_telegram_unchanged(club: Club, delivery: Delivery) -> None:
    await club.ann.starts(club.bot)
    text = "<b>&amp; *x* _y_ `z` 👩‍👩‍👧 אבג"
    await delivery.show(Screen(Text(text), ((Button("b", data="x"),),)), asked(club, club.ann, Way.PRIVATE))
    assert (await club.ann.reads(in_=club.bot)).text == text


# Where a chat wants its answers in private


async def wants_private(club: Club, bot: RunningBot) -> None:
    await bot.ledger.chats.set_reply_place(club.chat.id, ReplyPlace.PRIVATE)
    await club.ann.starts(club.bot)
    await club.ann.reads(in_=club.bot)


async def test_a_chat_that_wants_it_is_answered_in_private(club: Club, bot: RunningBot) -> None:
    await wants_private(club, bot)
    await club.ann.sends("/invites", to=club.chat)
    assert ANSWER in await club.ann.reads(in_=club.bot)
    await club.max.reads(in_=club.chat, until="Answered privately")
    assert [screen for screen in club.ann.sees(club.chat) if ANSWER in screen] == []


async def test_there_an_ephemeral_command_tells_its_asker_alone_where_the_answer_is(
    club: Club, bot: RunningBot
) -> None:
    await wants_private(club, bot)
    await club.ann.asks("/invites", in_=club.chat, bot=club.bot)
    assert ANSWER in await club.ann.reads(in_=club.bot)
    line = await club.ann.reads(in_=club.chat, until="Answered privately")
    assert line.ephemeral
    await club.max.reads_nothing(in_=club.chat)


# What goes wrong on the way


async def test_a_press_is_answered_once_also_where_it_fails_afterwards(club: Club, bot: RunningBot) -> None:
    await club.ann.sends("/invites", to=club.bot)
    shown = await club.ann.reads(in_=club.bot)
    club.telegram.faults.plan(Fault(Kind.ERROR, "editMessageText", 400, "Bad Request: BUTTON_INVALID"))
    await club.ann.presses("1", on=shown)
    assert "Telegram refused" in await club.ann.reads(in_=club.bot)
    assert club.calls("answerCallbackQuery") == 1


async def test_a_bot_thrown_out_before_it_answers_tries_each_way_once(club: Club, bot: RunningBot) -> None:
    await club.ann.sends("/invites", to=club.bot)  # who may ask is known for a minute
    await club.ann.reads(in_=club.bot)
    kicked = Fault(Kind.ERROR, "sendMessage", 403, "Forbidden: bot was kicked from the supergroup chat", times=3)
    club.telegram.faults.plan(kicked)
    before = club.calls("sendMessage")
    await club.ann.asks("/invites", in_=club.chat, bot=club.bot)
    await club.called("sendMessage", before + 3)
    await club.ann.sends("/help", to=club.bot)
    assert "How to ask" in await club.ann.reads(in_=club.bot)
    assert club.calls("sendMessage") == before + 4


async def test_two_commands_in_one_second_have_each_its_answer_in_their_order(club: Club, bot: RunningBot) -> None:
    await club.ann.sends("/status", to=club.bot)
    club.telegram.world.messages.send(
        club.telegram.world.dialog(club.ann.person, club.bot), club.ann.person, "/invites"
    )
    first, second = [await club.ann.reads(in_=club.bot) for _ in range(2)]
    assert "Bot: admin" in first
    assert "live" in second
    assert first.message is not second.message
    assert club.calls("sendMessage") == 2

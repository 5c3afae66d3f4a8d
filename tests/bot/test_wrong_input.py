"""Every mistake gets one line of why and one right example, where the answer would have come."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from bot import grammar
from bot.callbacks import CardAct, CardPress, ConfirmPress, read_press
from bot.commands import rest
from bot.wishes import EditWish, NewLink, Question
from ledger.chats import Served
from ledger.settings import LedgerSettings
from sandbox.chats import Chat, Kind, Rights
from sandbox.people import Actor
from sandbox.screens import Screen
from tests.bot.conftest import Club
from tests.bot.turns import Turns, turns_of
from tests.conftest import Clock

TOO_LONG = ("a long name of thirty-three chars", "ж" * 33, "春" * 33, "ا" * 33, "👍" * 33, "e\u0301" * 17)


@pytest.fixture
async def turns(club: Club, ledger_settings: LedgerSettings, clock: Clock) -> AsyncIterator[Turns]:
    """The bot is an admin of the Chess club, which it serves; Ann asks about it in private."""
    async with turns_of(club, ledger_settings, clock) as made:
        await club.vera.promotes(club.bot, in_=club.chat)
        await made.serves(club.chat)
        await made.all_come()
        for who in (club.ann, club.max, club.kim):
            await says(made, who, "/start")
        yield made


async def says(turns: Turns, who: Actor, text: str, *, in_: Chat | None = None) -> Screen | None:
    """The one answer, in private or as an ephemeral message; None where there is none."""
    club = turns.club
    if in_ is None:
        await who.sends(text, to=club.bot)
    else:
        await who.asks(text, in_=in_, bot=club.bot)
    before = len(who.sees(in_ or club.bot))
    await turns.all_come()
    shown = who.sees(in_ or club.bot)
    assert len(shown) <= before + 1
    return shown[-1] if len(shown) > before else None


async def answered(turns: Turns, who: Actor, text: str, *, in_: Chat | None = None) -> Screen:
    answer = await says(turns, who, text, in_=in_)
    assert answer is not None
    return answer


async def presses(turns: Turns, who: Actor, screen: Screen, label: str) -> Screen:
    """The message pressed, as it is then."""
    await turns.presses(who, screen.message, str(screen.button(label)["callback_data"]))
    return next(one for one in who.sees(screen.message.chat) if one.message is screen.message)


def made(club: Club) -> int:
    mine = [effect for effect in club.telegram.log.effects if effect.by == club.bot.id]
    return sum(effect.kind == "link.created" and not effect.what.get("primary") for effect in mine)


WRONG = (
    ("/invite new Club x0", "would let nobody in"),
    ("/invite new Club x100000", "1 to 99,999"),
    ("/invite new Club ask x10", "does not go with approval"),
    ("/invite new Club 0d", "would"),
    ("/invite new Club 99999d", "ten years"),
    ("/invite new Club until yesterday", "past"),
    ("/invite new 7d", "needs a name"),
    *((f"/invite new {name}", "more than 32") for name in TOO_LONG),
    ("/invite {own} x0", "would let nobody in"),
    ("/invite {own} x100000", "1 to 99,999"),
    ("/invite {own} ask on x10", "not go with"),
    ("/invite {own} until yesterday", "past"),
    ("/invite {own} +99999d", "ten years"),
    *((f'/invite {{own}} "{name}"', "more than 32") for name in TOO_LONG),
    ("/invite {own} paid 100", "cannot be said here"),
    ("/invite new t.me/+AbCdEfGhIjKlMnOp", "cannot hold a full link"),
    ('/invite {own} "Club t.me/+AbCdEfGhIjKlMnOp"', "cannot hold a full link"),
    ("/invite {own} stats", "nothing I can do with a link"),
    ("/invite 99", "No link #99"),
    ("/invite 99 7d", "No link #99"),
    ("/invite revoke 99", "No link #99"),
    ("/invite 99 replace", "No link #99"),
    ("/invite …zz9", "No link …zz9"),
    ("/invites @nobody_here", "Nobody called"),
)


@pytest.mark.parametrize("where", ["in private", "in the group"])
async def test_each_mistake_gets_one_line_of_why_and_one_right_example(turns: Turns, where: str) -> None:
    club, group = turns.club, turns.club.chat if where == "in the group" else None
    await says(turns, club.ann, "/invite new Spring 7d", in_=group)
    own = (await turns.ledger.links.export(club.chat.id, every=True))[-1].number
    links = made(club)
    for typed, why in WRONG:
        answer = await answered(turns, club.ann, typed.format(own=own), in_=group)
        assert answer.ephemeral == (group is not None), typed
        assert why in answer, typed
        first, *others = answer.text.splitlines()
        assert len(others) <= 1, typed
        example = re.search(r"/invites?\b.*", others[0] if others else first)
        assert example is not None, typed
        assert right(example[0], turns), (typed, example[0])
        assert made(club) == links, typed


def right(line: str, turns: Turns) -> bool:
    """Whether the line is one that is understood; about a new link, or a change, whether it could be done."""
    if line.startswith("/invites"):
        grammar.read_invites(rest(line))
        return True
    wish = grammar.read_invite(rest(line), now=int(turns.desk.clock()), zone="UTC")
    if isinstance(wish, (NewLink, EditWish)):
        assert (wish.until or turns.desk.clock() + 1) > turns.desk.clock()
    return not isinstance(wish, Question)


@pytest.mark.parametrize(
    "name", ["ж" * 32, "春の 広告", "عرض الربيع", "👨‍👩‍👧", "Ask me anything", "12 monkeys", "Ω≈ç√"]
)
async def test_a_name_of_any_script_is_no_mistake(turns: Turns, name: str) -> None:
    await answered(turns, turns.club.ann, f"/invite new {name}")
    assert made(turns.club) == 1


async def test_a_revoke_of_a_revoked_link_says_so_on_its_card(turns: Turns) -> None:
    club = turns.club
    echo = await answered(turns, club.ann, "/invite new Spring")
    await presses(turns, club.ann, await presses(turns, club.ann, echo, "Undo"), "Revoke #")
    number = echo.text.partition("#")[2].split()[0]
    card = await answered(turns, club.ann, f"/revoke {number}")
    assert card.text.startswith(f"#{number} is revoked already.")
    assert card.labels[-1] == "◀ List"
    assert "Revoke" not in card.labels


async def another_chat(turns: Turns, *, owner: Actor) -> Chat:
    world = turns.club.telegram.world
    chat = world.add_chat("Go club", owner.person)
    world.promote(chat, turns.club.bot, by=owner.person)
    await turns.serves(chat)
    await turns.all_come()
    return chat


async def test_another_chats_link_or_number_is_unknown_here(turns: Turns) -> None:
    club = turns.club
    go = await another_chat(turns, owner=club.vera)
    for title in ("One", "Two", "Three"):
        await says(turns, club.vera, f"/invite new {title}", in_=go)
    theirs = (await turns.ledger.links.export(go.id, every=True))[-1]
    secret = await turns.ledger.links.secret(theirs.id)
    assert "No link" in await answered(turns, club.ann, f"/invite {theirs.number}", in_=club.chat)
    assert "No link" in await answered(turns, club.ann, f"/invite {secret}", in_=club.chat)
    data = CardPress(act=CardAct.REVOKE, chat=go.id, number=theirs.number).pack()
    shown = await answered(turns, club.ann, "/invites", in_=club.chat)
    await turns.presses(club.ann, shown.message, data)
    refused = club.ann.sees(club.chat)[-1]
    assert "not for you" in refused
    assert "Three" not in refused


@pytest.mark.parametrize("typed", ["/invites", "/invite new Club", "/invite 1 7d", "/sync"])
async def test_who_may_not_is_told_once_what_it_takes(turns: Turns, typed: str) -> None:
    club = turns.club
    await club.vera.promotes(club.bob.person, in_=club.chat, rights=Rights(invite_users=False))
    await turns.all_come()
    for who, why in ((club.max, "Only admins"), (club.bob, "right to invite people")):
        assert why in await answered(turns, who, typed, in_=club.chat)
        assert await says(turns, who, typed, in_=club.chat) is None
    assert made(club) == 0


@pytest.mark.parametrize("rights", [None, Rights(invite_users=False)])
async def test_a_bot_without_rights_says_where_they_are_given(turns: Turns, rights: Rights | None) -> None:
    club = turns.club
    if rights is None:
        await club.vera.demotes(club.bot, in_=club.chat)
    else:
        await club.vera.promotes(club.bot, in_=club.chat, rights=rights)
    await turns.all_come()
    answer = await answered(turns, club.ann, "/invite new Club")
    assert "Edit → Administrators" in answer
    assert len(answer.text.splitlines()) == 1


async def test_a_chat_never_read_says_what_is_known_and_how_to_make_a_link(turns: Turns) -> None:
    answer = await answered(turns, turns.club.ann, "/invites")
    assert "this bot's links: whole" in answer


async def test_an_unserved_chat_says_who_must_say_yes(turns: Turns) -> None:
    club = turns.club
    await turns.ledger.chats.serve(club.chat.id, Served.ASKED)
    turns.desk.access.forget(club.chat.id)
    assert "must say yes first" in await answered(turns, club.ann, "/invites", in_=club.chat)


async def test_without_a_chosen_chat_each_is_a_button(turns: Turns) -> None:
    club = turns.club
    go = await another_chat(turns, owner=club.vera)
    club.telegram.world.promote(go, club.bob.person, by=club.vera.person)
    await turns.all_come()
    answer = await answered(turns, club.bob, "/invite new Club")
    assert set(answer.labels[:2]) == {"Chess club", "Go club"}
    assert made(club) == 0
    assert "no chat where you are an admin" in await answered(turns, club.kim, "/invite new Club")


async def test_in_private_a_mistake_names_the_chat_it_is_about(turns: Turns) -> None:
    club = turns.club
    assert (await answered(turns, club.ann, "/invite 99")).text.startswith("Chess club: No link #99")
    assert (await answered(turns, club.ann, "/settings")).text.startswith("Chess club: ")
    assert (await answered(turns, club.ann, "/invite 99", in_=club.chat)).text.startswith("No link #99")
    await club.vera.removes(club.bot, from_=club.chat)
    await turns.all_come()
    assert (await answered(turns, club.ann, "/invites")).text.startswith("Chess club: I am not in")


async def test_a_way_stands_only_on_the_screen_of_who_may_go_it(turns: Turns) -> None:
    club, own = turns.club, turns.club.telegram.world.invites.primary(turns.club.chat, turns.club.bot)
    seen = await turns.ledger.links.find_by_link(club.chat.id, own.link)
    assert seen is not None
    for who, may in ((club.vera, True), (club.ann, False)):
        card = await answered(turns, who, f"/invite {seen.number} 7d", in_=club.chat)
        assert ("replace" in card) is may
        assert ("only for the owner" in card) is not may
        assert "by this bot" in card


async def test_what_is_refused_leads_to_that_links_card(turns: Turns) -> None:
    club = turns.club
    own = (await answered(turns, club.vera, "/invite new Spring", in_=club.chat)).text.partition("#")[2].split()[0]
    assert (await answered(turns, club.ann, f"/invite {own} 7d")).text.endswith(f"/invite {own}")


async def test_a_list_of_a_bot_without_rights_says_so_and_offers_no_new_link(turns: Turns) -> None:
    club = turns.club
    await club.vera.promotes(club.bot, in_=club.chat, rights=Rights(invite_users=False))
    await turns.all_come()
    answer = await answered(turns, club.ann, "/invites")
    assert "I may not invite people here" in answer
    assert not [label for label in answer.labels if "New" in label]


async def test_an_old_button_asks_again_and_does_nothing(turns: Turns) -> None:
    club = turns.club
    question = await presses(turns, club.ann, await answered(turns, club.ann, "/invite new Spring"), "Undo")
    turns.clock.now += 901
    again = await presses(turns, club.ann, question, "Revoke #")
    assert "too old or used already" in again
    turns.starts_anew()
    assert "too old or used already" in await presses(turns, club.ann, again, "Revoke #")
    assert not [effect for effect in club.telegram.log.effects if effect.kind == "link.revoked"]


async def test_a_press_that_waited_too_long_offers_itself_again(turns: Turns) -> None:
    club = turns.club
    echo = await answered(turns, club.ann, "/invite new Spring")
    club.telegram.world.messages.press(club.ann.person, echo.message, str(echo.button("Undo")["callback_data"]))
    [(_, raw)] = turns.queue.waiting
    turns.queue.waiting.clear()
    await turns.works_on(raw, received=int(turns.clock.now) - 301)
    stale = club.ann.sees(club.bot)[-1]
    assert "too long ago" in stale
    assert "cannot be undone" in await presses(turns, club.ann, stale, "Try again")


async def test_a_doubled_press_acts_once(turns: Turns) -> None:
    club = turns.club
    question = await presses(turns, club.ann, await answered(turns, club.ann, "/invite new Spring"), "Undo")
    for _ in range(3):
        await turns.presses(club.ann, question.message, str(question.button("Revoke #")["callback_data"]))
    assert len([effect for effect in club.telegram.log.effects if effect.kind == "link.revoked"]) == 1
    assert "revoked" in club.ann.sees(club.bot)[-1]


async def test_a_forwarded_screen_has_no_buttons_that_act(turns: Turns) -> None:
    club = turns.club
    shown = await answered(turns, club.ann, "/invites")
    given = await club.ann.forwards(shown.message, to=club.max.person)
    assert not [button for button in given.buttons if "callback_data" in button]


async def test_a_yes_pressed_by_someone_else_is_refused(turns: Turns) -> None:
    club = turns.club
    question = await presses(turns, club.ann, await answered(turns, club.ann, "/invite new Spring"), "Undo")
    data = str(question.button("Revoke #")["callback_data"])
    assert isinstance(read_press(data), ConfirmPress)
    shown = await answered(turns, club.vera, "/invites", in_=club.chat)
    await turns.presses(club.vera, shown.message, data)
    refused = club.vera.sees(club.chat)[-1]
    assert "maker and the owner" in refused
    assert refused.labels == ["◀ List"]


async def test_a_command_twice_in_a_second_is_answered_twice(turns: Turns) -> None:
    club = turns.club
    await club.ann.sends("/invite new Spring", to=club.bot)
    await club.ann.sends("/invite new Spring", to=club.bot)
    before = len(club.ann.sees(club.bot))
    await turns.all_come()
    first, second = club.ann.sees(club.bot)[before:]
    assert first.text != second.text
    assert made(club) == 2


async def test_a_command_in_a_channel_is_no_question(turns: Turns) -> None:
    club, world = turns.club, turns.club.telegram.world
    channel = world.add_chat("Chess news", club.vera.person, kind=Kind.CHANNEL)
    world.promote(channel, club.bot, by=club.vera.person)
    await turns.serves(channel)
    await turns.all_come()
    await club.vera.sends("/invite new Club", to=channel)
    await turns.all_come()
    assert [screen.text for screen in club.vera.sees(channel)] == ["/invite new Club"]
    assert made(club) == 0


async def test_a_bot_kicked_between_question_and_yes_says_so(turns: Turns) -> None:
    club = turns.club
    question = await presses(turns, club.ann, await answered(turns, club.ann, "/invite new Spring"), "Undo")
    await club.vera.removes(club.bot, from_=club.chat)
    assert "Add me again as an admin" in await presses(turns, club.ann, question, "Revoke #")

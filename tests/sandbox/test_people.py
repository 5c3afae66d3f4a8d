"""Actors: what people do and see, and how their waits end."""

from __future__ import annotations

import asyncio

import pytest

from sandbox.chats import Kind, Status
from sandbox.people import NothingCame
from sandbox.seed import LINKS, story_world, surface_world
from sandbox.world import World
from tests.sandbox.room import Clock, Room

KEYBOARD = {
    "inline_keyboard": [[{"text": "Revoke #1", "callback_data": "r:1"}, {"text": "Copy", "copy_text": {"text": "key"}}]]
}


async def test_a_reader_gets_each_new_screen_once_and_in_order(room: Room) -> None:
    await room.max.sends("/go", to=room.chat)
    message = room.world.messages.send(room.chat, room.bot, "one", keyboard=KEYBOARD)
    room.world.messages.edit(message, room.bot, "two")
    first = await room.max.reads(in_=room.chat)
    assert (first.text, first.labels, first.edited) == ("one", ["Revoke #1", "Copy"], False)
    second = await room.max.reads(in_=room.chat, until="two")
    assert second.edited
    await room.max.reads_nothing(in_=room.chat)
    room.world.messages.send(room.chat, room.bot, "three")
    with pytest.raises(AssertionError, match="Max saw “three”"):
        await room.max.reads_nothing(in_=room.chat)


async def test_what_came_before_the_question_is_no_answer_to_it(room: Room) -> None:
    room.world.messages.send(room.chat, room.bot, "old")
    await room.max.sends("/go", to=room.chat)
    with pytest.raises(NothingCame, match="Max did not see an answer; saw nothing"):
        await room.max.reads(in_=room.chat, within=0.01)


async def test_a_wait_in_vain_names_what_was_awaited_and_what_came(room: Room) -> None:
    room.world.messages.send(room.chat, room.bot, "something else")
    with pytest.raises(NothingCame, match=r"did not see “done”; saw \['something else'\]"):
        await room.max.reads(in_=room.chat, until="done", within=0.01)
    with pytest.raises(NothingCame, match="Max waited for the moon in vain"):
        await room.max.waits(lambda: False, "the moon", within=0.01)


async def test_a_press_brings_the_bots_answer(room: Room) -> None:
    room.world.messages.send(room.chat, room.bot, "card", keyboard=KEYBOARD)
    pressing = asyncio.create_task(room.max.presses("Revoke", in_=room.chat))
    await room.ann.waits(lambda: bool(room.world.log.effects[-1].kind == "button.pressed"), "the press")
    query = (await room.updates())[-1]["callback_query"]
    await room.gives("answerCallbackQuery", callback_query_id=query["id"], text="Done", show_alert=True)
    answer = await pressing
    assert (query["data"], answer.text, answer.show_alert, room.max.alerts) == ("r:1", "Done", True, ["Done"])
    assert room.world.log.views[-1].kind == "alert"
    assert await room.ask("answerCallbackQuery", callback_query_id=query["id"]) == (
        400,
        "Bad Request: query is too old and response timeout expired or query ID is invalid",
    )


async def test_an_unanswered_press_and_a_missing_button_are_named(room: Room) -> None:
    screen = room.world.messages.send(room.chat, room.bot, "card", keyboard=KEYBOARD)
    with pytest.raises(NothingCame, match="no bot answered the press of Max"):
        await room.max.presses("Revoke", within=0.01)
    with pytest.raises(NothingCame, match="Max sees no button “Delete”"):
        await room.max.presses("Delete", in_=screen.chat)


async def test_buttons_copy_and_open(room: Room) -> None:
    room.world.messages.send(room.chat, room.bot, "card", keyboard=KEYBOARD)
    assert (await room.max.presses("Copy")).copied == room.max.clipboard == "key"
    url = f"https://t.me/{room.bot.username}?start=x1"
    room.world.messages.send(
        room.chat, room.bot, "more", keyboard={"inline_keyboard": [[{"text": "Open", "url": url}]]}
    )
    await room.updates()
    await room.max.presses("Open")
    assert [update["message"]["text"] for update in await room.updates()] == ["/start x1"]


async def test_the_newest_of_two_equal_buttons_is_pressed(room: Room) -> None:
    older = room.world.messages.send(room.chat, room.bot, "older", keyboard=KEYBOARD)
    room.world.messages.send(room.chat, room.bot, "newer", keyboard=KEYBOARD)
    room.world.messages.edit(older, room.bot, "edited last", keyboard=KEYBOARD)
    with pytest.raises(NothingCame):
        await room.max.presses("Revoke", within=0.01)
    assert (await room.updates())[-1]["callback_query"]["message"]["text"] == "edited last"


async def test_a_button_that_is_named_wholly_is_meant_before_one_that_holds_the_name(room: Room) -> None:
    numbers = [{"text": text, "callback_data": text} for text in ("175", "17")]
    room.world.messages.send(room.chat, room.bot, "list", keyboard={"inline_keyboard": [numbers]})
    with pytest.raises(NothingCame):
        await room.max.presses("17", within=0.01)
    assert (await room.updates())[-1]["callback_query"]["data"] == "17"


async def test_a_stranger_sees_nothing_of_a_chat(room: Room) -> None:
    room.world.messages.send(room.chat, room.bot, "inside")
    assert room.sue.sees(room.chat) == []
    await room.sue.joins(await room.ann.makes_link(room.chat))
    assert [screen.text for screen in room.sue.sees(room.chat)] == ["inside"]


def test_the_story_has_every_kind_of_link_and_whom_it_names() -> None:
    clock = Clock()
    world = World(clock=clock)
    story = story_world(world)
    links, now = story.links, clock.now
    assert len(links) == LINKS == 250
    assert {link.creator_id for link in links} == {
        story.owner.id, *(admin.id for admin in story.admins), story.bot.id, story.other_bot.id,
    }  # fmt: skip
    for kind in (
        [link for link in links if link.revoked],
        [link for link in links if link.expire_date and link.expire_date < now],
        [link for link in links if link.usage_limit and link.usage >= link.usage_limit],
        [link for link in links if link.requested],
        [link for link in links if link.request_needed],
        [link for link in links if link.title],
    ):
        assert 10 < len(kind) < 200 or all(link.requested for link in kind)
    assert len([link for link in links if link.date == links[-1].date or link.date == int(now) - 20 * 86_400]) > 50
    assert world.clock is clock
    assert len(story.outsiders) >= 5
    assert not any(chat.present(who.id) for chat in world.chats.values() for who in story.outsiders)
    assert len([person for person in story.people if person.password]) == 1
    assert [person.first_name for person in story.people if person.home_dc != 2] == ["Pia"]
    assert world.member(story.chat, story.bot).status == Status.ADMINISTRATOR


async def test_of_several_reply_keyboards_only_the_last_stands(room: Room) -> None:
    for number in (1, 2):
        room.world.messages.send(room.chat, room.bot, f"keys {number}", keyboard={"keyboard": [[f"Key {number}"]]})
    with pytest.raises(NothingCame, match="sees no button “Key 1”"):
        await room.max.presses("Key 1")
    await room.max.presses("Key 2")
    assert room.chat.messages[room.chat.last_message_id].text == "Key 2"


async def test_a_supergroup_shows_what_was_said_before_its_upgrade_to_those_inside(room: Room) -> None:
    group = room.world.add_chat("Parents", room.olga.person, kind=Kind.GROUP)
    room.world.join(group, room.max.person)
    await room.olga.sends("before", to=group)
    new = await room.olga.upgrades(group)
    await room.olga.sends("after", to=new)
    assert [screen.text for screen in room.max.sees(new)] == ["before", "after"]
    await room.max.leaves(new)
    assert room.max.sees(new) == []


def test_the_surface_has_one_chat_of_each_kind_and_leaves_the_story_as_it_is() -> None:
    world = World(clock=Clock())
    surface = surface_world(world)
    story = surface.story
    assert (surface.basic.kind, surface.channel.kind) == (Kind.GROUP, Kind.CHANNEL)
    assert (surface.channel.linked_chat_id, surface.discussion.linked_chat_id) == (
        surface.discussion.id, surface.channel.id,
    )  # fmt: skip
    assert [topic.title for topic in surface.forum.topics.values()] == ["Openings", "Endgames"]
    assert surface.public.username
    assert world.invites.every(story.chat) == story.links
    for chat in list(world.chats.values())[1:]:
        assert chat.owner_id == story.owner.id
        assert chat.may_invite(story.bot.id)
        assert chat.may_invite(story.admins[0].id)
        assert len(world.invites.every(chat)) == 6
    assert world.member(surface.basic, story.member).status == Status.MEMBER

"""Which updates a bot is owed, what they say, and the rules of getUpdates."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiogram.types import Update

from sandbox.bot_api import BotApi
from sandbox.chats import Kind, Rights
from tests.sandbox.room import Room
from tests.sandbox.stock_aiogram import aiogram


def kinds(updates: list[dict[str, Any]]) -> list[str]:
    return [next(name for name in update if name != "update_id") for update in updates]


def texts(updates: list[dict[str, Any]]) -> list[str]:
    return [update["message"]["text"] for update in updates]


# getUpdates


async def test_an_update_is_owed_until_a_later_offset_confirms_it(room: Room) -> None:
    for text in ("a", "b", "c"):
        await room.ann.sends(text, to=room.bot)
    first = await room.gives("getUpdates", limit=1)
    assert texts(first) == ["a"]
    owed = await room.gives("getUpdates", offset=first[0]["update_id"])
    assert texts(owed) == ["a", "b", "c"]
    assert [update["update_id"] - owed[0]["update_id"] for update in owed] == [0, 1, 2]
    assert texts(await room.gives("getUpdates", offset=owed[1]["update_id"])) == ["b", "c"]
    assert texts(await room.gives("getUpdates")) == ["b", "c"]


async def test_a_negative_offset_forgets_all_before_it(room: Room) -> None:
    for text in ("a", "b", "c"):
        await room.ann.sends(text, to=room.bot)
    assert texts(await room.gives("getUpdates", offset=-1)) == ["c"]
    assert texts(await room.gives("getUpdates")) == ["c"]


@pytest.mark.fact("U-06")
async def test_at_most_a_hundred_come_at_once_and_a_poll_waits_no_longer_than_the_cap(room: Room) -> None:
    assert BotApi(room.world).longest_poll == 50
    room.api.longest_poll = 0
    assert await room.gives("getUpdates", timeout=1000) == []
    for number in range(101):
        await room.ann.sends(str(number), to=room.bot)
    assert len(await room.gives("getUpdates", limit=1000)) == 100


async def test_a_waiting_poll_ends_with_the_first_news(room: Room) -> None:
    poll = asyncio.create_task(room.gives("getUpdates", timeout=50))
    await room.ann.waits(lambda: room.api.updates.queue(room.bot).poll is not None, "the poll")
    await room.ann.sends("news", to=room.bot)
    assert texts(await poll) == ["news"]


@pytest.mark.fact("U-05")
async def test_updates_are_forgotten_after_a_day_and_presses_after_150_seconds(room: Room) -> None:
    posted = room.world.messages.send(room.chat, room.bot, "buttons")
    room.world.messages.press(room.max.person, posted, "go")
    await room.ann.sends("hi", to=room.bot)
    room.clock.now += 151
    assert kinds(await room.gives("getUpdates")) == ["message"]
    room.clock.now += 24 * 3600
    assert await room.gives("getUpdates") == []


@pytest.mark.fact("B-25")
async def test_a_second_poll_ends_the_first_with_a_conflict(room: Room) -> None:
    first = asyncio.create_task(room.ask("getUpdates", timeout=50))
    await room.ann.waits(lambda: room.api.updates.queue(room.bot).poll is not None, "the poll")
    second = asyncio.create_task(room.ask("getUpdates", timeout=50))
    status, why = await first
    assert (status, why.partition(";")[0]) == (409, "Conflict: terminated by other getUpdates request")
    await room.ann.sends("hi", to=room.bot)
    assert (await second)[0] == 200


@pytest.mark.fact("B-25")
async def test_polling_conflicts_with_a_webhook_until_it_is_deleted(room: Room) -> None:
    poll = asyncio.create_task(room.ask("getUpdates", timeout=50))
    await room.ann.waits(lambda: room.api.updates.queue(room.bot).poll is not None, "the poll")
    await room.gives("setWebhook", url="https://example.org/hook", allowed_updates=["message"])
    assert await poll == (409, "Conflict: terminated by setWebhook request")
    await room.ann.sends("hi", to=room.bot)
    async with aiogram(room.api, room.bot) as client:
        info = await client.get_webhook_info()
    assert (info.url, info.pending_update_count, info.allowed_updates) == ("https://example.org/hook", 1, ["message"])
    loop = asyncio.get_running_loop()
    asked = loop.time()
    status, why = await room.ask("getUpdates")
    assert (status, why.partition(" while")[0]) == (409, "Conflict: can't use getUpdates method")
    assert loop.time() - asked > 2.9  # a repeated conflict is told late, so that pollers do not spin
    await room.gives("deleteWebhook", drop_pending_updates=True)
    assert await room.gives("getUpdates") == []


# which kinds


@pytest.mark.fact("U-03")
async def test_chat_member_comes_only_when_named_and_the_choice_is_remembered(room: Room) -> None:
    async def moves() -> list[str]:
        room.world.join(room.chat, room.sue.person)
        await room.sue.leaves(room.chat)
        return kinds(await room.updates())

    joined = ["message", "message"]
    assert await moves() == joined
    await room.updates(None, "chat_member")
    assert await moves() == ["chat_member", "chat_member"]
    assert await moves() == ["chat_member", "chat_member"]
    await room.gives("getUpdates", allowed_updates=[])
    assert await moves() == joined
    await room.gives("getUpdates", allowed_updates=["chat_member"])
    await room.gives("getUpdates", allowed_updates=["no_such_kind"])
    assert await moves() == joined


@pytest.mark.fact("U-04")
async def test_membership_is_told_to_administrators_requests_to_those_who_may_invite_and_ones_own_always(
    room: Room,
) -> None:
    everything = ("chat_member", "my_chat_member", "chat_join_request")
    weak = room.world.add_bot("Weak", "weak_test_bot")
    room.world.promote(room.chat, weak, by=room.olga.person, rights=Rights(invite_users=False))
    for bot in (room.bot, room.plain_bot, weak):
        await room.updates(bot, *everything)
    await room.sue.joins(await room.ann.makes_link(room.chat, request_needed=True))
    await room.max.leaves(room.chat)
    await room.olga.promotes(room.plain_bot, in_=room.chat)
    assert kinds(await room.updates()) == ["chat_join_request", "chat_member", "chat_member"]
    assert kinds(await room.updates(weak)) == ["chat_member", "chat_member"]
    assert kinds(await room.updates(room.plain_bot)) == ["my_chat_member"]


@pytest.mark.fact("U-12")
async def test_privacy_mode_hides_what_is_not_meant_for_a_plain_bot(room: Room) -> None:
    posted = room.world.messages.send(room.chat, room.plain_bot, "I am here")
    await room.max.sends("/bare", to=room.chat)
    room.world.messages.send(room.chat, room.other_bot, "me too")
    await room.max.sends("hello", to=room.chat)
    await room.max.sends("/bare again", to=room.chat)
    await room.max.sends("/go@gate_test_bot", to=room.chat)
    await room.max.sends("/go@plain_test_bot", to=room.chat)
    await room.max.sends("yes", to=room.chat, reply_to=posted)
    await room.updates(room.bot)
    assert texts(await room.updates(room.plain_bot)) == ["/bare", "/go@plain_test_bot", "yes"]
    room.world.join(room.chat, room.sue.person)
    assert kinds(await room.updates(room.plain_bot)) == ["message"]


@pytest.mark.fact("U-12")
async def test_an_administrator_bot_gets_every_message_but_no_bots(room: Room) -> None:
    said = await room.max.sends("hello", to=room.chat)
    room.world.messages.send(room.chat, room.other_bot, "from a bot")
    await room.max.edits(said, "hello!")
    assert kinds(await room.updates()) == ["message", "edited_message"]


async def test_a_channel_post_has_no_author(room: Room) -> None:
    channel = room.world.add_chat("News", room.olga.person, kind=Kind.CHANNEL)
    room.world.promote(channel, room.bot, by=room.olga.person)
    await room.updates()
    await room.olga.sends("news", to=channel)
    post = (await room.updates())[0]["channel_post"]
    assert (post["sender_chat"]["id"], "from" in post) == (channel.id, False)


@pytest.mark.fact("U-13")
async def test_an_anonymous_administrators_message_names_the_group(room: Room) -> None:
    await room.olga.promotes(room.ann.person, in_=room.chat, rights=Rights(anonymous=True))
    await room.updates()
    await room.ann.sends("guess who", to=room.chat)
    message = (await room.updates())[0]["message"]
    assert (message["from"]["id"], message["sender_chat"]["id"]) == (1087968824, room.chat.id)


@pytest.mark.fact("U-14")
async def test_nothing_announces_a_new_link(room: Room) -> None:
    await room.updates(None, "chat_member", "my_chat_member", "message", "chat_join_request")
    link = await room.ann.makes_link(room.chat, "Secret")
    await room.ann.revokes(link)
    assert await room.updates() == []


# what they say


@pytest.mark.fact("U-01")
@pytest.mark.fact("U-02")
async def test_a_foreign_link_is_cut_in_updates_with_maker_and_name_told(room: Room) -> None:
    link = await room.ann.makes_link(room.chat, "Ann's")
    asking = await room.ann.makes_link(room.chat, request_needed=True)
    await room.updates(None, "chat_member", "chat_join_request")
    await room.sue.joins(asking)
    await room.sue.joins(link)
    request, joined = await room.updates()
    seen = joined["chat_member"]["invite_link"]
    assert seen["invite_link"] == link.link[: len("https://t.me/+") + 8] + "..."
    assert (seen["creator"]["id"], seen["name"]) == (room.ann.person.id, "Ann's")
    assert request["chat_join_request"]["invite_link"]["invite_link"] == asking.cut
    assert link.link not in str((request, joined))


@pytest.mark.fact("U-02")
async def test_the_bots_own_link_comes_whole(room: Room) -> None:
    link = room.world.invites.export(room.chat, room.bot)
    await room.updates(None, "chat_member")
    await room.sue.joins(link)
    assert (await room.updates())[0]["chat_member"]["invite_link"]["invite_link"] == link.link


@pytest.mark.fact("U-07")
@pytest.mark.fact("U-08")
@pytest.mark.fact("U-10")
async def test_a_join_names_its_link_only_if_there_was_one(room: Room) -> None:
    await room.updates(None, "chat_member")
    room.world.join(room.chat, room.sue.person, by=room.ann.person)
    await room.sue.leaves(room.chat)
    room.world.join(room.chat, room.sue.person, by=room.ann.person, approver=room.ann.person)
    added, left, approved = [update["chat_member"] for update in await room.updates()]
    assert (added["old_chat_member"]["status"], added["new_chat_member"]["status"]) == ("left", "member")
    assert (left["old_chat_member"]["status"], left["new_chat_member"]["status"]) == ("member", "left")
    assert [bool(change.get("via_join_request")) for change in (added, left, approved)] == [False, False, True]
    assert all("invite_link" not in change for change in (added, left, approved))


@pytest.mark.fact("U-09")
async def test_joins_of_a_public_chat_name_no_link(room: Room) -> None:
    room.chat.username = "chess_in_public"
    link = await room.ann.makes_link(room.chat)
    await room.updates(None, "chat_member")
    await room.sue.joins(link)
    assert "invite_link" not in (await room.updates())[0]["chat_member"]


@pytest.mark.fact("U-15")
async def test_an_ephemeral_command_and_a_press_on_an_ephemeral_message_reach_only_their_bot(room: Room) -> None:
    await room.max.asks("/secret", in_=room.chat, bot=room.bot)
    own = room.world.messages.send_ephemeral(room.chat, room.bot, room.max.person, "psst")
    room.world.messages.press(room.max.person, own, "go")
    command, press = await room.updates()
    assert command["message"]["message_id"] == 0
    assert command["message"]["ephemeral_message_id"]
    assert command["message"]["receiver_user"]["id"] == room.bot.id
    assert press["callback_query"]["message"]["ephemeral_message_id"] == own.ephemeral_id
    assert press["callback_query"]["chat_instance"]
    assert await room.updates(room.other_bot) == []
    room.api.ephemeral = "old"
    await room.max.asks("/secret", in_=room.chat, bot=room.bot)
    assert await room.updates() == []


@pytest.mark.fact("U-11")
async def test_aiogram_reads_every_kind_of_update(room: Room) -> None:
    members = ("my_chat_member", "chat_member", "chat_join_request")
    expected = ("message", "edited_message", "channel_post", "callback_query", *members)
    await room.updates(None, *expected)
    channel = room.world.add_chat("News", room.olga.person, kind=Kind.CHANNEL)
    await room.olga.promotes(room.bot, in_=channel)
    await room.olga.sends("news", to=channel)
    said = await room.max.sends("/go@door_test_bot see t.me/x", to=room.chat)
    await room.max.edits(said, "hello")
    await room.max.asks("/secret", in_=room.chat, bot=room.bot)
    room.world.messages.press(room.max.person, room.world.messages.send(room.chat, room.bot, "buttons"), "go")
    await room.sue.joins(await room.ann.makes_link(room.chat, request_needed=True))
    await room.sue.joins(await room.ann.makes_link(room.chat, "A", expire_date=2_000_000_000, usage_limit=2))
    await room.sue.leaves(room.chat)
    await room.olga.promotes(room.max.person, in_=room.chat)
    await room.olga.removes(room.max.person, from_=room.chat, ban=True)
    await room.ann.blocks(room.bot)
    await room.ann.unblocks(room.bot)
    async with aiogram(room.api, room.bot) as client:
        read = await client.get_updates()
    assert {update.event_type for update in read} == set(expected)
    requests = [update.chat_join_request for update in read if update.chat_join_request]
    assert [request.user_chat_id for request in requests] == [room.sue.person.id]
    assert all(isinstance(update, Update) for update in read)

"""Writing, reading, pressing and hearing of it over MTProto, through the stock Telethon client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from telethon import events
from telethon.tl import TLObject, functions, types

from sandbox.chats import Chat, Person
from sandbox.messages import Message, Pressed
from tests.sandbox.mtproto_club import Club

pytestmark = pytest.mark.asyncio(loop_scope="module")
m, e = functions.messages, functions.ephemeral


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def club(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Club]:
    async with Club.open(tmp_path_factory.mktemp("telegram")) as club:
        yield club


@pytest_asyncio.fixture(loop_scope="module")
async def heard(club: Club) -> AsyncIterator[asyncio.Queue[Any]]:
    """What Max's client is told, as Telethon's own events and as raw ephemeral updates."""
    client, queue = await club.client(club.max), asyncio.Queue[Any]()
    wanted = [events.NewMessage(), events.MessageEdited(), events.MessageDeleted(), events.ChatAction()]
    wanted += [
        events.Raw(
            (types.UpdateNewEphemeralMessage, types.UpdateEditEphemeralMessage, types.UpdateDeleteEphemeralMessages)
        )
    ]
    for kind in wanted:
        client.add_event_handler(queue.put, kind)
    yield queue
    client.remove_event_handler(queue.put)


async def next_of(queue: asyncio.Queue[Any], kind: Any) -> Any:
    async with asyncio.timeout(30):
        while not isinstance(found := await queue.get(), kind):
            pass
    return found


def posts(club: Club, chat: Chat, *texts: str, by: Person | None = None, **options: Any) -> list[Message]:
    return [club.world.messages.send(chat, by or club.bot, text, **options) for text in texts]


def with_button(club: Club, data: str = "act") -> Message:
    keyboard = {"inline_keyboard": [[{"text": "Go", "callback_data": data}]]}
    return posts(club, club.chess, "press me", keyboard=keyboard)[0]


@pytest_asyncio.fixture(loop_scope="module")
async def answering_bot(club: Club) -> AsyncIterator[list[str]]:
    """Answers each press of its buttons at once; holds the data pressed."""
    pressed: list[str] = []

    def answer(event: Any) -> None:
        if isinstance(event, Pressed):
            pressed.append(event.press.data)
            club.world.messages.answer(event.press.id, club.bot, text="Done", show_alert=True)

    club.world.subscribe(answer)
    yield pressed
    club.world.listeners.remove(answer)


# writing


async def test_a_command_reaches_the_bots_dialog_and_its_answer_is_read(club: Club) -> None:
    client = await club.client(club.sue)
    sent = await client.send_message("door_test_bot", "/start x")
    dialog = club.world.dialog(club.sue, club.bot)
    assert dialog.messages[sent.id].text == "/start x"
    assert dialog.messages[sent.id].entities == ({"type": "bot_command", "offset": 0, "length": 6},)
    posts(club, dialog, "Hello")
    latest = await client.get_messages("door_test_bot", limit=2)
    assert [(msg.text, msg.out, msg.sender_id) for msg in latest] == [
        ("Hello", False, club.bot.id),
        ("/start x", True, club.sue.id),
    ]


async def test_what_a_person_marks_and_replies_to_is_kept(club: Club) -> None:
    client, chess = await club.client(club.max), club.peer(club.max, club.chess)
    first = await client.send_message(chess, "one")
    text = "x **bold** [link](https://example.org) `code` @max_lee https://t.me/x"
    second = await client.send_message(chess, text, reply_to=first, parse_mode="md")
    kept = club.chess.messages[second.id]
    assert kept.reply_to == first.id
    assert [entity["type"] for entity in kept.entities] == ["bold", "text_link", "code", "mention", "url"]
    assert kept.entities[1]["url"] == "https://example.org"
    (read,) = await client.get_messages(chess, ids=[second.id])
    assert (await read.get_reply_message()).id == first.id
    assert read.text == "x **bold** [link](https://example.org) `code` @max_lee https://t.me/x"


async def test_a_call_repeated_after_a_lost_answer_posts_once(club: Club) -> None:
    request = m.SendMessageRequest(club.peer(club.max, club.chess), "once only", random_id=77)
    await club.calls(club.max, request)
    # Not over the wire: Telethon repeats what fails with 500, two seconds apart.
    assert await club.refusal(club.max, request) == (500, "RANDOM_ID_DUPLICATE")
    assert [msg.text for msg in club.chess.messages.values()].count("once only") == 1


# reading


async def test_a_history_is_read_from_any_place_in_either_direction(club: Club) -> None:
    chat = club.add_chat("History", club.chess.kind)
    ids = [message.id for message in posts(club, chat, *(f"line {n}" for n in range(130)))]
    client, peer = await club.client(club.max), club.peer(club.max, chat)
    club.clock.now += 60
    (late,) = posts(club, chat, "late")

    async def read(**options: Any) -> list[int]:
        return [message.id for message in await client.get_messages(peer, **options)]

    assert (await read(limit=2)) == [late.id, ids[-1]]
    assert (await read(limit=2, offset_id=ids[50])) == [ids[49], ids[48]]
    assert (await read(limit=2, min_id=ids[50], reverse=True)) == [ids[51], ids[52]]
    between = m.GetHistoryRequest(peer, ids[52], None, 0, 10, max_id=ids[51], min_id=ids[48], hash=0)
    assert [message.id for message in (await client(between)).messages] == [ids[50], ids[49]]
    assert (await read(limit=2, offset_date=club.world.now())) == [ids[-1], ids[-2]]
    assert len(await read(limit=None)) == len(chat.messages)


async def test_messages_are_read_by_id_and_missing_ones_are_empty(club: Club) -> None:
    client = await club.client(club.max)
    (there,) = posts(club, club.chess, "there")
    assert [x and x.text for x in await client.get_messages(club.peer(club.max, club.chess), ids=[there.id, 9999])] == [
        "there",
        None,
    ]
    (grouped,) = posts(club, club.go, "in the group")
    found = await club.calls(club.max, m.GetMessagesRequest([types.InputMessageID(grouped.id)]))
    assert found.messages[0].message == "in the group"


async def test_every_kind_of_button_and_entity_arrives(club: Club) -> None:
    keyboard = {
        "inline_keyboard": [
            [
                {"text": "Act", "callback_data": "a:1", "style": "danger"},
                {"text": "Site", "url": "https://example.org"},
            ],
            [{"text": "Copy", "copy_text": {"text": "t.me/+x"}}, {"text": "Off", "disabled": True}],
        ]
    }
    marks = [
        {"type": "pre", "offset": 0, "length": 1, "language": "py"},
        {"type": "text_mention", "offset": 1, "length": 1, "user": {"id": club.ann.id}},
        {"type": "expandable_blockquote", "offset": 2, "length": 1},
        {"type": "date_time", "offset": 3, "length": 1, "unix_time": 1_800_000_000, "date_time_format": "wDT"},
        {"type": "custom_emoji", "offset": 4, "length": 1, "custom_emoji_id": "5"},
    ]
    (sent,) = posts(club, club.chess, "abcdefgh", keyboard=keyboard, entities=marks)
    (read,) = await (await club.client(club.max)).get_messages(club.peer(club.max, club.chess), ids=[sent.id])
    act, site, copy, off = [button.button for row in read.buttons for button in row]
    assert (act.type.data, act.style.bg_danger) == (b"a:1", True)
    assert (site.type.url, copy.type.copy_text) == ("https://example.org", "t.me/+x")
    assert isinstance(off.type, types.InlineButtonTypeDisabled)
    pre, named, quote, when, emoji = read.entities
    assert (pre.language, named.user_id, quote.collapsed, emoji.document_id) == ("py", club.ann.id, True, 5)
    assert (when.date.timestamp(), when.day_of_week, when.long_date, when.long_time) == (1_800_000_000, *[True] * 3)


async def test_reply_keyboards_arrive_and_are_typed_from(club: Club) -> None:
    dialog = club.world.dialog(club.max, club.bot)
    posts(club, dialog, "/start", by=club.max)
    shown = [
        {"keyboard": [[{"text": "Yes"}]], "one_time_keyboard": True},
        {"remove_keyboard": True},
        {"force_reply": True, "input_field_placeholder": "words"},
    ]
    sent = [posts(club, dialog, "?", keyboard=keyboard)[0] for keyboard in shown]
    client = await club.client(club.max)
    asked, hidden, forced = await client.get_messages("door_test_bot", ids=[message.id for message in sent])
    assert isinstance(hidden.reply_markup, types.ReplyKeyboardHide)
    assert forced.reply_markup.placeholder == "words"
    assert (await asked.click(text="Yes")).text == "Yes"


# pressing


async def test_a_press_is_answered_by_the_bot(club: Club, answering_bot: list[str]) -> None:
    sent = with_button(club)
    (read,) = await (await club.client(club.max)).get_messages(club.peer(club.max, club.chess), ids=[sent.id])
    answer = await read.click(text="Go")
    assert (answer.message, answer.alert, answering_bot) == ("Done", True, ["act"])


async def test_a_press_on_an_ephemeral_message_is_answered_too(club: Club, answering_bot: list[str]) -> None:
    keyboard = {"inline_keyboard": [[{"text": "Go", "callback_data": "mine"}]]}
    shown = club.world.messages.send_ephemeral(club.chess, club.bot, club.max, "only you", keyboard=keyboard)
    ask = e.GetCallbackAnswerRequest(club.peer(club.max, club.chess), shown.ephemeral_id, data=b"mine")
    assert (await club.calls(club.max, ask)).message == "Done"
    assert answering_bot == ["mine"]


async def test_a_bot_that_stays_silent_costs_the_client_a_bounded_wait(club: Club) -> None:
    sent = with_button(club)
    club.world.press_patience, patience = 0.02, club.world.press_patience
    ask = m.GetBotCallbackAnswerRequest(club.peer(club.max, club.chess), sent.id, data=b"act")
    await club.refuses(club.max, ask, 400, "BOT_RESPONSE_TIMEOUT")
    club.world.press_patience = patience


# ephemeral


async def test_an_ephemeral_command_is_seen_by_the_bot_and_nobody_else(club: Club) -> None:
    request = e.SendMessageRequest(
        club.user(club.max, club.bot), "/invites", peer=club.peer(club.max, club.chess),
        entities=[types.MessageEntityBotCommand(0, 8)],
    )  # fmt: skip
    answer = await club.calls(club.max, request)
    (update,) = answer.updates
    assert update.message.entities == request.entities
    assert (update.message.message, update.message.out, update.message.receiver_id) == ("/invites", True, club.bot.id)
    history = await (await club.client(club.ann)).get_messages(club.peer(club.ann, club.chess), limit=50)
    assert "/invites" not in [message.text for message in history]


async def test_an_ephemeral_answer_is_told_changed_and_taken_away(club: Club, heard: asyncio.Queue[Any]) -> None:
    messages = club.world.messages
    shown = messages.send_ephemeral(club.chess, club.bot, club.max, "One moment")
    told = await next_of(heard, types.UpdateNewEphemeralMessage)
    assert (told.message.id, told.message.message) == (shown.ephemeral_id, "One moment")
    messages.send_ephemeral(club.chess, club.bot, club.ann, "not for Max")
    messages.edit(shown, club.bot, "Here")
    assert (await next_of(heard, types.UpdateEditEphemeralMessage)).message.message == "Here"
    messages.delete(shown, club.bot)
    assert (await next_of(heard, types.UpdateDeleteEphemeralMessages)).ids == [shown.ephemeral_id]


# hearing


@pytest.mark.fact("M-20")
async def test_news_edits_and_deletions_arrive_in_order_in_every_kind_of_chat(
    club: Club, heard: asyncio.Queue[Any]
) -> None:
    dialog = club.world.dialog(club.max, club.bot)
    posts(club, dialog, "/start", by=club.max)
    assert (await next_of(heard, events.NewMessage.Event)).out
    for chat in (club.chess, club.go, club.news, dialog):
        first, second = posts(club, chat, "first", "second")
        club.world.messages.edit(first, club.bot, "changed")
        club.world.messages.delete(second, club.bot)
        texts = [(await next_of(heard, events.NewMessage.Event)).text for _ in (first, second)]
        assert texts == ["first", "second"]
        assert (await next_of(heard, events.MessageEdited.Event)).text == "changed"
        assert (await next_of(heard, events.MessageDeleted.Event)).deleted_ids == [second.id]


@pytest.mark.fact("M-21")
async def test_a_join_by_link_is_heard_with_the_links_maker(club: Club, heard: asyncio.Queue[Any]) -> None:
    link = club.world.invites.export(club.chess, club.ann)
    guest = club.world.add_person("Guest")
    club.world.invites.use(guest, link.hash)
    action = await next_of(heard, events.ChatAction.Event)
    assert (action.user_joined, action.user_id) == (True, guest.id)
    assert action.action_message.action.inviter_id == club.ann.id
    club.world.leave(club.chess, guest)
    assert (await next_of(heard, events.ChatAction.Event)).user_left


@pytest.mark.fact("M-22")
async def test_nothing_announces_a_new_link(club: Club, heard: asyncio.Queue[Any]) -> None:
    everything: asyncio.Queue[Any] = asyncio.Queue()
    client = await club.client(club.ann)
    client.add_event_handler(everything.put, events.Raw())
    made = club.world.invites.export(club.chess, club.olga, title="quiet")
    posts(club, club.chess, "the next thing")
    first = await next_of(everything, TLObject)
    client.remove_event_handler(everything.put)
    assert first.message.message == "the next thing"
    assert made.hash not in first.stringify()


async def test_a_client_that_was_away_is_given_the_present_state_and_no_backlog(club: Club) -> None:
    state = await club.calls(club.max, functions.updates.GetStateRequest())
    nothing = await club.calls(club.max, functions.updates.GetDifferenceRequest(state.pts, state.date, state.qts))
    assert isinstance(nothing, types.updates.DifferenceEmpty)
    posts(club, club.go, "missed")
    behind = await club.calls(club.max, functions.updates.GetDifferenceRequest(state.pts, state.date, state.qts))
    assert (behind.new_messages, behind.state.pts) == ([], state.pts + 1)
    everything = types.ChannelMessagesFilterEmpty()
    ask = functions.updates.GetChannelDifferenceRequest(club.channel(club.max, club.chess), everything, 1, 100)
    assert (await club.calls(club.max, ask)).pts == club.world.pts[club.chess.id]
    assert await club.calls(club.max, functions.account.UpdateStatusRequest(offline=True))


# every error of every method

Given = Callable[[Club], tuple[Person, TLObject]]


def send(club: Club, who: Person, where: Chat | Person, text: str = "hi") -> TLObject:
    return m.SendMessageRequest(club.peer(who, where), text)


def ask(club: Club, who: Person, bot: Person, where: Chat | Person, text: str = "/x") -> TLObject:
    return e.SendMessageRequest(club.user(who, bot), text, peer=club.peer(who, where))


def blocking(club: Club) -> Person:
    club.world.blocked.add((club.sue.id, club.bot.id))
    return club.sue


def press(club: Club, who: Person, number: int, data: bytes | None = b"act") -> TLObject:
    return m.GetBotCallbackAnswerRequest(club.peer(who, club.chess), number, data=data)


def history(club: Club, who: Person, where: Chat | Person) -> TLObject:
    return m.GetHistoryRequest(club.peer(who, where), 0, None, 0, 10, 0, 0, 0)


ERRORS: list[tuple[str, int, str, Given]] = [
    ("writing nothing", 400, "MESSAGE_EMPTY", lambda k: (k.max, send(k, k.max, k.chess, " "))),
    ("writing too much", 400, "MESSAGE_TOO_LONG", lambda k: (k.max, send(k, k.max, k.chess, "x" * 4097))),
    ("writing in a channel", 403, "CHAT_WRITE_FORBIDDEN", lambda k: (k.max, send(k, k.max, k.news))),
    ("writing in a public chat from outside", 403, "CHAT_WRITE_FORBIDDEN", lambda k: (k.sue, send(k, k.sue, k.park))),
    ("a bot that writes first", 400, "USER_BOT_NOT_STARTED", lambda k: (k.bot, send(k, k.bot, k.olga))),
    ("a bot that was blocked", 400, "USER_IS_BLOCKED", lambda k: (k.bot, send(k, k.bot, blocking(k)))),
    ("asking nothing", 400, "MESSAGE_EMPTY", lambda k: (k.max, ask(k, k.max, k.bot, k.chess, ""))),
    ("asking a person", 400, "USER_NOT_PARTICIPANT", lambda k: (k.max, ask(k, k.max, k.ann, k.chess))),
    ("asking in private", 400, "CHAT_INVALID", lambda k: (k.max, ask(k, k.max, k.bot, k.bot))),
    ("asking one unknown", 400, "USER_ID_INVALID",
     lambda k: (k.max, e.SendMessageRequest(k.user(k.ann, k.bot), "/x", peer=k.peer(k.max, k.chess)))),
    ("reading as a bot", 400, "BOT_METHOD_INVALID", lambda k: (k.bot, history(k, k.bot, k.chess))),
    ("pressing without data", 400, "DATA_INVALID", lambda k: (k.max, press(k, k.max, with_button(k).id, None))),
    ("pressing too much data", 400, "DATA_INVALID", lambda k: (k.max, press(k, k.max, with_button(k).id, b"x" * 65))),
    ("pressing on nothing", 400, "MESSAGE_ID_INVALID", lambda k: (k.max, press(k, k.max, 99_999))),
    ("pressing on a person's message", 400, "MESSAGE_ID_INVALID",
     lambda k: (k.max, press(k, k.max, posts(k, k.chess, "mine", by=k.ann)[0].id))),
    ("pressing as a bot", 400, "BOT_METHOD_INVALID", lambda k: (k.bot, press(k, k.bot, with_button(k).id))),
    ("pressing what another alone can see", 400, "MESSAGE_ID_INVALID",
     lambda k: (k.max, e.GetCallbackAnswerRequest(
         k.peer(k.max, k.chess),
         k.world.messages.send_ephemeral(k.chess, k.bot, k.ann, "for Ann").ephemeral_id, data=b"act"))),
    ("pressing an ephemeral one without data", 400, "DATA_INVALID",
     lambda k: (k.max, e.GetCallbackAnswerRequest(
         k.peer(k.max, k.chess),
         k.world.messages.send_ephemeral(k.chess, k.bot, k.max, "for Max").ephemeral_id))),
    ("pressing an ephemeral one as a bot", 400, "BOT_METHOD_INVALID",
     lambda k: (k.bot, e.GetCallbackAnswerRequest(k.peer(k.bot, k.chess), 1, data=b"act"))),
]  # fmt: skip


@pytest.mark.parametrize(("code", "name", "given"), [row[1:] for row in ERRORS], ids=[row[0] for row in ERRORS])
async def test_each_error_is_telegrams(club: Club, code: int, name: str, given: Given) -> None:
    person, request = given(club)
    await club.refuses(person, request, code, name)

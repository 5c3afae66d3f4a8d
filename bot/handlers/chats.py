"""`/chats`: which chat a private question is about, kept per person. It is chosen by a button, by its name or
id, by a message forwarded from a channel, or with Telegram's own picker."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from aiogram import Router
from aiogram.types import (
    CallbackQuery,
    ChatAdministratorRights,
    KeyboardButton,
    KeyboardButtonRequestChat,
    Message,
    MessageOriginChannel,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)

from bot import screens
from bot.asked import Asked
from bot.callbacks import ChatPress, OtherChatPress
from bot.commands import IN_PRIVATE, Asks, Has, rest
from bot.desk import Desk
from bot.errors import NoInviteRight, NotAdmin, Unserved
from bot.handlers import entry
from bot.meeting import ask_about_waiting
from bot.screens.base import Screen
from bot.screens.words import say
from ledger.chats import Chat, Role, Served

KEPT_SECONDS = 10 * 60  # how long a command waits for its chat
GROUP, CHANNEL = 1, 2  # the ids of the two buttons of Telegram's picker
_USERNAME = re.compile(r"(?:(?:https?://)?t\.me/|@)([A-Za-z]\w{3,31})", re.ASCII)
_NAME = re.compile(r"\s*@\w{4,32}\s*")
_ID = re.compile(r"-[0-9]{1,18}")
# Only chats where the person may invite are offered.
RIGHTS = ChatAdministratorRights(
    is_anonymous=False, can_manage_chat=False, can_delete_messages=False, can_manage_video_chats=False,
    can_restrict_members=False, can_promote_members=False, can_change_info=False, can_invite_users=True,
    can_post_stories=False, can_edit_stories=False, can_delete_stories=False, can_send_welcome_messages=False,
)  # fmt: skip


async def chats(message: Message, asked: Asked, desk: Desk) -> None:
    """The host is asked again about chats that wait."""
    named = rest(asked.text)
    if named and not asked.in_group:
        await _choose_named(named, asked, desk)
        return
    every = await desk.access.chats_of(asked.person.id)
    chosen = asked.here if asked.in_group else await desk.ledger.chats.chosen(asked.person.id)
    links = {one.chat.id: one.links for one in (await desk.ledger.host.status()).chats}
    bot = (desk.me.username or "") if asked.in_group else None
    screen = screens.chats(every, chosen, links, bot_username=bot)
    await desk.delivery.show(replace(screen, quiet=asked.in_group and not every), asked)
    if not asked.in_group and await desk.access.host() == asked.person.id:
        await ask_about_waiting(desk)


async def choose(query: CallbackQuery, callback_data: ChatPress, asked: Asked, desk: Desk, **data: Any) -> None:
    """The command that lacked the choice is answered now, in the message that asked for it."""
    if not await desk.delivery.ack(asked):
        return
    chat, _ = await entry.by_number(asked, desk, callback_data.chat)
    await desk.access.choose(asked.person.id, chat.id)
    text, at = desk.without_chat.pop(asked.person.id, ("", 0.0))
    if text and desk.clock() - at <= KEPT_SECONDS:
        await entry.as_typed(query, replace(asked, text=text), data | {"desk": desk})
    else:
        await desk.delivery.show(screens.chosen(chat), asked)


async def other(query: CallbackQuery, asked: Asked, desk: Desk) -> None:
    """Telegram's picker stands under the text field, so it comes with a message of its own."""
    if asked.in_group:
        await desk.delivery.decline(asked)
    elif await desk.delivery.ack(asked):
        await desk.delivery.offer(asked.person.id, screens.other_chat(), _picker())


async def shared(message: Message, asked: Asked, desk: Desk) -> None:
    """Chosen with the picker; the keyboard goes once it has served."""
    given = message.chat_shared
    if given is None or given.request_id not in (GROUP, CHANNEL):
        return
    chat = await _choose(given.chat_id, asked, desk, channel=given.request_id == CHANNEL)
    if chat is not None:
        await desk.delivery.offer(asked.person.id, screens.chosen(chat, with_button=False), ReplyKeyboardRemove())


async def forwarded(message: Message, asked: Asked, desk: Desk) -> None:
    if isinstance(message.forward_origin, MessageOriginChannel):
        chat = await _choose(message.forward_origin.chat.id, asked, desk, channel=True)
        if chat is not None:
            await desk.delivery.show(screens.chosen(chat), asked)


async def named(message: Message, asked: Asked, desk: Desk) -> None:
    await _choose_named(asked.text.strip(), asked, desk)


async def _choose_named(text: str, asked: Asked, desk: Desk) -> None:
    """By `@username`, a public link or an id; else by how its title begins, among those he may ask about."""
    username = _USERNAME.fullmatch(text)
    if _ID.fullmatch(text):
        chat = await _choose(int(text), asked, desk)
    elif username is not None:
        known = await desk.ledger.chats.by_username(username[1])
        chat = await _choose(known.id if known is not None else None, asked, desk)
    else:
        every = await desk.access.chats_of(asked.person.id)
        found = [one for one in every if one.title.casefold().startswith(text.casefold())]
        if len(found) != 1:
            await desk.delivery.show(screens.chats(found or every, None, {}, bot_username=None), asked)
            return
        chat = found[0]
        await desk.access.choose(asked.person.id, chat.id)
    if chat is not None:
        await desk.delivery.show(screens.chosen(chat), asked)


async def _choose(chat_id: int | None, asked: Asked, desk: Desk, *, channel: bool | None = None) -> Chat | None:
    """The chat, chosen now; None where he was told why not and what to do. `channel` says what it is, where
    that is known."""
    try:
        known = await desk.ledger.chats.get(chat_id) if chat_id is not None else None
        if known is None or known.bot_role is Role.OUTSIDE or known.served is Served.REFUSED:
            kind = known.kind == "channel" if known is not None else channel
            await _tell(screens.add_me(desk.me.username or "", channel=kind), asked, desk)
            return None
        chat, _ = await entry.by_number(asked, desk, known.id, fresh=True)
    except (Unserved, NotAdmin, NoInviteRight) as problem:
        await _tell(screens.problem(problem), asked, desk)
        return None
    await desk.access.choose(asked.person.id, chat.id)
    return chat


async def _tell(screen: Screen, asked: Asked, desk: Desk) -> None:
    """To a stranger once an hour; to whoever asks about some chat each time."""
    known = await desk.ledger.chats.chosen(asked.person.id) is not None
    await desk.delivery.show(replace(screen, quiet=not known), asked)


def _picker() -> ReplyKeyboardMarkup:
    buttons = [
        KeyboardButton(
            text=say(words),
            request_chat=KeyboardButtonRequestChat(
                request_id=number, chat_is_channel=number == CHANNEL, user_administrator_rights=RIGHTS
            ),
        )
        for number, words in ((GROUP, "button-a-group"), (CHANNEL, "button-a-channel"))
    ]
    return ReplyKeyboardMarkup(keyboard=[[one] for one in buttons], resize_keyboard=True, one_time_keyboard=True)


def _is_a_name(message: Message) -> bool:
    return message.reply_to_message is None and _NAME.fullmatch(message.text or "") is not None


def register(routes: Router) -> None:
    routes.message.register(shared, IN_PRIVATE, Has(lambda message: message.chat_shared))
    routes.message.register(forwarded, IN_PRIVATE, Has(lambda message: message.forward_origin))
    routes.message.register(chats, Asks("chats"))
    routes.message.register(named, IN_PRIVATE, Has(_is_a_name))
    routes.callback_query.register(choose, ChatPress.filter())
    routes.callback_query.register(other, OtherChatPress.filter())

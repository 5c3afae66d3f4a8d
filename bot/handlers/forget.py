"""`/forget`: the owner takes one person out of what is kept of the chat."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot import screens
from bot.access import ANONYMOUS
from bot.asked import Asked
from bot.callbacks import ForgetPress
from bot.commands import Asks, rest
from bot.desk import Desk
from bot.handlers import entry
from bot.handlers.settings import demand_owner
from bot.wishes import Unclear
from ledger.chats import Chat

EXAMPLE = "/forget @kim"
MAX_ID = 2**52  # Telegram's own bound of a person's id


async def forget(message: Message, asked: Asked, desk: Desk) -> None:
    chat, asker = await entry.by_command(asked, desk, fresh=True)
    demand_owner(asker)
    person_id, name = await whom(message, asked, desk, example=EXAMPLE)
    await _ask(person_id, name, chat, asked, desk)


async def confirm(query: CallbackQuery, callback_data: ForgetPress, asked: Asked, desk: Desk) -> None:
    """A yes too old, used or another's asks again; the question then names the id."""
    if not await desk.delivery.ack(asked):
        return
    chat, asker = await entry.by_number(asked, desk, callback_data.chat, fresh=True)
    demand_owner(asker)
    person_id, now = callback_data.person, desk.clock()
    what = f"forget {person_id}"
    if not desk.confirmations.answer(callback_data.once, asked.person.id, chat.id, what, now=now):
        await _ask(person_id, str(person_id), chat, asked, desk)
        return
    gone = await desk.ledger.chats.forget(person_id, chat_id=chat.id)
    desk.access.forget(chat.id, person_id)
    await desk.delivery.show(screens.forgotten(chat, gone), asked)


async def _ask(person_id: int, name: str, chat: Chat, asked: Asked, desk: Desk) -> None:
    once = desk.confirmations.ask(asked.person.id, chat.id, f"forget {person_id}", now=desk.clock())
    traces = await desk.ledger.chats.traces(person_id, chat_id=chat.id)
    await desk.delivery.show(screens.asks_forget(chat, person_id, name, traces, once=once), asked)


async def whom(message: Message, asked: Asked, desk: Desk, *, example: str) -> tuple[int, str]:
    """The person meant and how the owner named them, which is all that is said of them: the ledger may
    know more from other chats. Raises Unclear."""
    for entity in message.entities or ():
        if entity.type == "text_mention" and entity.user is not None:
            return entity.user.id, entity.user.full_name
    text = rest(asked.text)
    replied = message.reply_to_message
    if not text and replied is not None and replied.from_user is not None and replied.sender_chat is None:
        return replied.from_user.id, replied.from_user.full_name
    for entity in message.entities or ():  # how an app mentions who has no username
        if entity.user is not None:
            return entity.user.id, entity.user.full_name
    if not text or " " in text:
        raise Unclear("whom", text, example)
    if text.isdecimal() and 0 < int(text) < MAX_ID and int(text) not in ANONYMOUS:
        return int(text), text
    person = await desk.ledger.chats.person_by_username(text.removeprefix("@"))
    if person is None:
        raise Unclear("unknown-whom", text[:33], example)
    return person.id, f"@{text.removeprefix('@')}"


def register(routes: Router) -> None:
    routes.message.register(forget, Asks("forget"))
    routes.callback_query.register(confirm, ForgetPress.filter())

"""Around every handler: who asks, where and how goes in; whatever went wrong comes out as one line."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog
from aiogram import BaseMiddleware
from aiogram.dispatcher.event.bases import CancelHandler, SkipHandler
from aiogram.exceptions import TelegramAPIError, TelegramRetryAfter
from aiogram.types import CallbackQuery, Message, TelegramObject, User

from bot import commands, moving, screens
from bot.asked import Asked, Way
from bot.callbacks import read_press
from bot.desk import Desk
from bot.errors import BotError, CannotSave, Failed, NoChatChosen, Stale, TelegramRefused, TelegramWaits, Unserved
from bot.meeting import Meeting, seen_person
from bot.recent import Recent
from ledger.chats import ReplyPlace
from ledger.errands import Place
from ledger.errors import ChatMoved, LedgerError

log = structlog.get_logger("bot.questions")

PRESS_LIVES = 5 * 60


def asked_by_message(message: Message, update_id: int, received: int, *, me: int) -> Asked | None:
    """The question in a message; None where nobody stands behind it. What was forwarded are another's words:
    they ask nothing. `me` is this bot's id."""
    if message.from_user is None:
        return None
    in_group = message.chat.type != "private"
    ephemeral = message.ephemeral_message_id is not None
    person = seen_person(message.from_user)
    way = Way.EPHEMERAL if ephemeral else Way.OPEN if in_group else Way.PRIVATE
    to = message.reply_to_message
    mine = to is not None and to.from_user is not None and to.from_user.id == me
    return Asked(
        update_id=update_id,
        person=person,
        way=way,
        here=message.chat.id,
        in_group=in_group,
        text=_with_ids(message) if message.forward_origin is None else "",
        place=Place(
            message.chat.id, message.message_id, person.id if ephemeral else None, message.ephemeral_message_id
        ),
        thread_id=message.message_thread_id if message.is_topic_message else None,
        received=received,
        edited=message.edit_date is not None,
        reply_to=Place(message.chat.id, to.message_id) if to is not None and mine else None,
        mentioned=tuple(seen_person(user) for _, _, user in _mentions(message)),
    )


def _mentions(message: Message) -> list[tuple[int, int, User]]:
    """Where in the text, counted in UTF-16, stands who has no username."""
    found = [one for one in message.entities or () if one.type == "text_mention" and one.user is not None]
    return [(one.offset, one.length, one.user) for one in found if one.user is not None]


def _with_ids(message: Message) -> str:
    whole = (message.text or "").encode("utf-16-le")
    for offset, length, user in reversed(_mentions(message)):
        before, after = whole[: 2 * offset], whole[2 * (offset + length) :]
        if before.decode("utf-16-le", errors="replace").casefold().endswith(("for ", "для ")):
            whole = before + f"@{user.id}".encode("utf-16-le") + after
    return whole.decode("utf-16-le", errors="replace")


def asked_by_press(query: CallbackQuery, update_id: int, received: int) -> Asked | None:
    """The question in a pressed button; None for one under a message sent inline, which we never do."""
    if query.message is None:
        return None
    whole = query.message if isinstance(query.message, Message) else None
    ephemeral_id = whole.ephemeral_message_id if whole is not None else None
    return Asked(
        update_id=update_id,
        person=seen_person(query.from_user),
        way=Way.PRESS,
        here=query.message.chat.id,
        in_group=query.message.chat.type != "private",
        text="",
        place=Place(
            query.message.chat.id,
            query.message.message_id if ephemeral_id is None else 0,
            query.from_user.id if ephemeral_id is not None else None,
            ephemeral_id,
        ),
        query_id=query.id,
        thread_id=whole.message_thread_id if whole is not None and whole.is_topic_message else None,
        received=received,
    )


class Questions(BaseMiddleware):
    """Puts `asked` before a handler, and words what it raises. A press that waited more than
    five minutes acts on nothing. An edited command is the command again, unless it did something that
    lasts: then only that is said."""

    def __init__(self, desk: Desk, meeting: Meeting) -> None:
        self._desk = desk
        self._meeting = meeting
        self._texts: Recent[Place, int] = Recent()

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        update_id, received = data["event_update"].update_id, data["received"]
        asked = None
        if isinstance(event, Message):
            asked = asked_by_message(event, update_id, received, me=self._desk.me.id)
            if asked is not None and not (asked.text or event.forward_origin or event.chat_shared):
                return None
            data["asks"] = commands.asks_for(event.text or "", in_private=event.chat.type == "private")
        elif isinstance(event, CallbackQuery):
            asked = asked_by_press(event, update_id, received)
        if asked is None or (self._is_old_news(asked) and asked.edited):
            return None
        try:
            try:
                return await self._run(handler, event, asked, data)
            except ChatMoved:  # what was asked of Telegram meanwhile told the new id
                return await self._run(handler, event, asked, data)
        except (SkipHandler, CancelHandler):
            raise
        except Exception as error:
            await self._answer(problem_of(error, update_id), data.get("asked", asked), event)
            return None

    async def _run(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        asked: Asked,
        data: dict[str, Any],
    ) -> Any:
        data["asked"] = asked = await self._where(asked)
        if asked.way != Way.PRESS:
            self._desk.without_chat.pop(asked.person.id, None)
        await self._meeting.person(asked)
        if asked.way == Way.PRESS and self._desk.clock() - asked.received > PRESS_LIVES:
            raise Stale
        if asked.edited and await self._acted(asked):
            return None
        return await handler(await self._under_its_new_id(event), data)

    def _is_old_news(self, asked: Asked) -> bool:
        """Whether this message said the same before: an edit may also only have drawn a link's preview."""
        if asked.place is None or asked.way == Way.PRESS:
            return False
        text = hash(asked.text)
        same = self._texts.get(asked.place) == text
        self._texts[asked.place] = text
        return same

    async def _where(self, asked: Asked) -> Asked:
        """The chat as it is now, and how it wants to be answered."""
        if not asked.in_group:
            return asked
        here = await moving.now(self._desk.ledger, asked.here)
        try:
            wants = (await self._desk.access.served_chat(here)).reply_place
        except Unserved:
            wants = ReplyPlace.HERE
        return replace(asked, here=here, in_private=wants == ReplyPlace.PRIVATE)

    async def _under_its_new_id(self, event: TelegramObject) -> TelegramObject:
        """A button pressed under a message of the group that a supergroup was."""
        press = read_press(event.data) if isinstance(event, CallbackQuery) else None
        if press is None or (chat := await moving.now(self._desk.ledger, press.chat)) == press.chat:
            return event
        assert isinstance(event, CallbackQuery)
        return event.model_copy(update={"data": press.model_copy(update={"chat": chat}).pack()})

    async def _acted(self, asked: Asked) -> bool:
        """Says what the command did before it was edited."""
        ledger, place = self._desk.ledger, asked.place
        if place is None or not place.message_id:
            return False
        intent = await ledger.intents.acted(place.chat_id, place.message_id)
        if intent is None or intent.state == "failed":
            return False
        link = await ledger.links.get(intent.link_id) if intent.link_id is not None else None
        await self._desk.delivery.show(screens.acted_already(intent, link), asked)
        return True

    async def _answer(self, problem: BotError, asked: Asked, event: TelegramObject) -> None:
        press = read_press(event.data) if isinstance(event, CallbackQuery) else None
        if press is not None and asked.in_group and press.chat != asked.here:
            press = None  # forged
        try:
            if asked.way == Way.PRESS:
                await self._desk.delivery.ack(asked)
            if isinstance(problem, NoChatChosen) and asked.text:
                self._desk.without_chat[asked.person.id] = asked.text, self._desk.clock()
            chat = await self._chosen(asked) if problem.of_chat else ""
            await self._desk.delivery.show(screens.problem(problem, press, chat=chat), asked)
        except TelegramAPIError as refusal:
            log.warning("an answer could not be given", update=asked.update_id, why=type(refusal).__name__)
        except Exception as error:
            problem_of(error, asked.update_id)

    async def _chosen(self, asked: Asked) -> str:
        """The title of the chat a command in private was about; empty for any other question."""
        if asked.way != Way.PRIVATE or not commands.of_chat(asked.text):
            return ""
        chosen = await self._desk.ledger.chats.chosen(asked.person.id)
        chat = await self._desk.ledger.chats.get(chosen) if chosen is not None else None
        return chat.title if chat is not None else ""


def problem_of(error: Exception, update_id: int) -> BotError:
    """The line for the person. What nobody foresaw is logged by kind and place, never with its text,
    which may hold a link, and gets a number that finds it in the log."""
    match error:
        case BotError():
            return error
        case TelegramRetryAfter():
            return TelegramWaits(error.retry_after)
        case TelegramAPIError():
            log.warning("Telegram refused", update=update_id, why=type(error).__name__, where=_where(error))
            return TelegramRefused()
        case LedgerError():
            log.error("the ledger cannot be written", update=update_id, why=type(error).__name__)
            return CannotSave()
    number = secrets.token_hex(3)
    log.error("a handler failed", number=number, update=update_id, why=type(error).__name__, where=_where(error))
    return Failed(number)


def _where(error: Exception) -> str:
    """The innermost frame of ours, as file and line."""
    place, frame = "", error.__traceback__
    while frame is not None:
        path = Path(frame.tb_frame.f_code.co_filename)
        if path.parent.name in ("bot", "handlers", "screens", "ledger", "store"):
            place = f"{path.parent.name}/{path.name}:{frame.tb_lineno}"
        frame = frame.tb_next
    return place

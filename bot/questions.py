"""Around every handler: who asks, where and how goes in; whatever went wrong comes out as one line."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import structlog
from aiogram import BaseMiddleware
from aiogram.dispatcher.event.bases import CancelHandler, SkipHandler
from aiogram.exceptions import TelegramAPIError, TelegramRetryAfter
from aiogram.types import CallbackQuery, Message, TelegramObject, User

from bot import screens
from bot.asked import Asked, Way
from bot.callbacks import read_press
from bot.desk import Desk
from bot.errors import BotError, CannotSave, Failed, Stale, TelegramRefused, TelegramWaits
from bot.meeting import Meeting
from ledger.chats import SeenPerson
from ledger.errands import Place
from ledger.errors import LedgerError

log = structlog.get_logger("bot.questions")

PRESS_LIVES = 5 * 60


def seen_person(user: User) -> SeenPerson:
    return SeenPerson(user.id, user.full_name, user.username, user.is_bot)


def asked_by_message(message: Message, update_id: int, received: int) -> Asked | None:
    """The question in a message; None where nobody stands behind it."""
    if message.from_user is None:
        return None
    in_group = message.chat.type != "private"
    ephemeral = message.ephemeral_message_id is not None
    person = seen_person(message.from_user)
    way = Way.EPHEMERAL if ephemeral else Way.OPEN if in_group else Way.PRIVATE
    return Asked(
        update_id=update_id,
        person=person,
        way=way,
        here=message.chat.id,
        in_group=in_group,
        text=message.text or "",
        place=Place(
            message.chat.id, message.message_id, person.id if ephemeral else None, message.ephemeral_message_id
        ),
        thread_id=message.message_thread_id if message.is_topic_message else None,
        received=received,
    )


def asked_by_press(query: CallbackQuery, update_id: int, received: int) -> Asked | None:
    """The question in a pressed button; None for one under a message sent inline, which we never do."""
    if query.message is None:
        return None
    ephemeral_id = query.message.ephemeral_message_id if isinstance(query.message, Message) else None
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
        received=received,
    )


class Questions(BaseMiddleware):
    """Puts `asked` before a handler, and words what it raises. A press that waited more than
    five minutes acts on nothing."""

    def __init__(self, desk: Desk, meeting: Meeting) -> None:
        self._desk = desk
        self._meeting = meeting

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        update_id = data["event_update"].update_id
        asked = None
        if isinstance(event, Message):
            asked = asked_by_message(event, update_id, data["received"])
        elif isinstance(event, CallbackQuery):
            asked = asked_by_press(event, update_id, data["received"])
        if asked is None or not (asked.text or asked.way == Way.PRESS):
            return None
        data["asked"] = asked
        try:
            await self._meeting.person(asked)
            if asked.way == Way.PRESS and self._desk.clock() - asked.received > PRESS_LIVES:
                raise Stale
            return await handler(event, data)
        except (SkipHandler, CancelHandler):
            raise
        except Exception as error:
            await self._answer(problem_of(error, update_id), asked, event)
            return None

    async def _answer(self, problem: BotError, asked: Asked, event: TelegramObject) -> None:
        press = read_press(event.data) if isinstance(event, CallbackQuery) else None
        if press is not None and asked.in_group and press.chat != asked.here:
            press = None  # forged
        try:
            if asked.way == Way.PRESS:
                await self._desk.delivery.ack(asked)
            await self._desk.delivery.show(screens.problem(problem, press), asked)
        except TelegramAPIError as refusal:
            log.warning("an answer could not be given", update=asked.update_id, why=type(refusal).__name__)
        except Exception as error:
            problem_of(error, asked.update_id)


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

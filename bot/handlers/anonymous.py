"""Commands typed as the group. They prove that some admin asks, not which one: one line for all of a
chat's bears a button a question, and the press of it proves who asks."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

import structlog
from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot import commands, grammar, moving, screens
from bot.access import ANONYMOUS
from bot.asked import Asked, Way
from bot.callbacks import ProvePress
from bot.commands import Has
from bot.desk import Desk
from bot.errors import BotError
from bot.handlers import entry
from bot.questions import problem_of
from bot.screens.words import say
from ledger.errands import Place

LINE_SECONDS = 10 * 60
QUESTIONS_AT_MOST = 3

log = structlog.get_logger("bot.anonymous")


@dataclass(slots=True)
class Question:
    """`id` is the update's. One that changes something, `once`, is run for one person: `taken` is the update
    of that press, so that the same press run again after a kill may go on."""

    id: int
    text: str = field(repr=False)
    at: int
    message_id: int
    once: bool
    taken: int | None = None


@dataclass(slots=True)
class Line:
    chat_id: int
    thread_id: int | None
    until: int
    place: Place | None = None
    due: int | None = None
    questions: list[Question] = field(default_factory=list)

    def open(self) -> list[tuple[int, str]]:
        return [(one.id, one.text) for one in self.questions if one.taken is None]


class Lines:
    """Each line lives in the ledger as the due row that takes it away."""

    def __init__(self) -> None:
        self._lines: dict[tuple[int, int | None], Line] | None = None

    async def ask(self, message: Message, asked: Asked, desk: Desk) -> None:
        """Puts the question on the chat's line, in the topic it was asked in. Raises Unserved."""
        await desk.access.served_chat(asked.here)
        await desk.delivery.take_away(asked)
        lines, now = await self._known(desk), int(desk.clock())
        for key in [key for key, line in lines.items() if line.until <= now]:
            del lines[key]
        line = lines.setdefault((asked.here, asked.thread_id), Line(asked.here, asked.thread_id, now))
        before = line.open()
        if not _put(line, asked, now):
            return
        line.until = now + LINE_SECONDS
        await _keep(line, desk)
        screen = screens.asked_as_group(asked.here, line.open())
        if line.place is not None and (line.open() == before or await desk.delivery.edit(line.place, screen)):
            return
        line.place = await desk.delivery.post(asked.here, screen, thread_id=asked.thread_id)
        await _keep(line, desk)

    async def prove(
        self, query: CallbackQuery, callback_data: ProvePress, asked: Asked, desk: Desk, **data: Any
    ) -> None:
        """Answers whoever may ask, him alone; the others read one line of why not."""
        line, question = await self._find(callback_data.question, asked, desk)
        if line is None or question is None:
            await desk.delivery.decline(asked, say("prove-old"))
            return
        try:
            await desk.access.admit(asked.here, asked.person.id, fresh=question.once)
        except BotError as problem:
            await desk.delivery.decline(asked, screens.problem(problem).text.render()[0])
            return
        if question.once and question.taken not in (None, asked.update_id):
            await desk.delivery.decline(asked, say("prove-taken"))
            return
        if question.once and question.taken is None:
            question.taken = asked.update_id
            await _keep(line, desk)
        proven = replace(asked, way=Way.PROVEN, text=question.text, place=None, thread_id=line.thread_id)
        try:
            await entry.as_typed(query, proven, data | {"desk": desk})
        except Exception as error:
            await desk.delivery.show(screens.problem(problem_of(error, asked.update_id)), proven)
        if question.once and line.place is not None:
            await _show_rest(line, line.place, desk)

    async def _find(self, question_id: int, asked: Asked, desk: Desk) -> tuple[Line | None, Question | None]:
        for line in (await self._known(desk)).values():
            if await moving.now(desk.ledger, line.chat_id) != asked.here:
                continue
            for one in line.questions:
                if one.id == question_id and one.at + LINE_SECONDS > desk.clock():
                    return line, one
        return None, None

    async def _known(self, desk: Desk) -> dict[tuple[int, int | None], Line]:
        """An earlier run's too."""
        if self._lines is None:
            found: dict[tuple[int, int | None], Line] = {}
            for due in await desk.ledger.dues.ready(int(desk.clock()) + LINE_SECONDS):
                if due.what == "line":
                    body = due.body
                    asks = [Question(**one) for one in body["questions"]]
                    line = Line(body["chat"], body["thread"], due.at, Place(**body["place"]), due.id, asks)
                    found[line.chat_id, line.thread_id] = line
            self._lines = found if self._lines is None else self._lines
        return self._lines


def _put(line: Line, asked: Asked, now: int) -> bool:
    """Whether there is something to show. An edited question takes the place of what it was, unless that was
    run; one that was asked before and changes nothing is not shown twice."""
    message_id = asked.place.message_id if asked.place is not None else 0
    before = next((one for one in line.questions if asked.edited and one.message_id == message_id), None)
    if before is not None and before.taken is not None:
        return False
    line.questions = [one for one in line.questions if one is not before and one.at + LINE_SECONDS > now]
    once = _changes_something(asked.text)
    same = next((one for one in line.questions if one.text == asked.text and not once), None)
    if same is not None:
        same.at = now
    else:
        line.questions.append(Question(asked.update_id, asked.text, now, message_id, once))
        line.questions = line.questions[-QUESTIONS_AT_MOST:]
    return True


def _changes_something(text: str) -> bool:
    """`/invite new …`, `/invite 12 7d`; every other command shows, or asks first."""
    typed = commands.typed(text)
    return typed is not None and typed.name == "invite" and grammar.changes(typed.rest)


async def _keep(line: Line, desk: Desk) -> None:
    """The row of the line as it is now, before the row of how it was goes."""
    if line.place is None:
        return
    body = {
        "place": asdict(line.place),
        "chat": line.chat_id,
        "thread": line.thread_id,
        "questions": [asdict(one) for one in line.questions],
    }
    old, line.due = line.due, await desk.ledger.dues.put(line.until, "line", body)
    if old is not None:
        await desk.ledger.dues.done(old)


async def _show_rest(line: Line, place: Place, desk: Desk) -> None:
    """What was run is on the line no more; an empty line goes."""
    if line.open():
        await desk.delivery.edit(place, screens.asked_as_group(line.chat_id, line.open()))
        return
    await desk.delivery.remove(place)
    line.place = None


def _as_the_group(message: Message) -> bool:
    return message.chat.type != "private" and message.from_user is not None and message.from_user.id in ANONYMOUS


def register(routes: Router) -> None:
    lines = Lines()
    routes.message.register(lines.ask, Has(_as_the_group))
    routes.callback_query.register(lines.prove, ProvePress.filter())

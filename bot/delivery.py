"""The only file that sends to people: it decides who can see an answer.

Ephemeral messages (Bot API 10.2 and later) are trusted only where proven: a server that does not know
the parameter ignores it and posts to all. So what is first sent to a server carries no data, every
answer must name its `ephemeral_message_id`, and one that does not is deleted at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict, replace

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramNotFound

from bot import commands, grammar
from bot.access import ANONYMOUS
from bot.asked import Asked, Way
from bot.recent import Recent
from bot.replaying import replay_of
from bot.screens import around
from bot.screens.base import Picture, Screen
from bot.screens.card import hidden
from bot.screens.picture import blank
from bot.screens.words import say
from bot.sending import Below, Sender
from bot.start_links import start_link
from ledger.chats import SeenPerson
from ledger.errands import Place
from ledger.inbox import Due
from ledger.store import Ledger

PUBLIC_LINE_SECONDS = 60
REVEAL_SECONDS = 10 * 60
STRANGER_SECONDS = 3600
PROOF_SECONDS = 86_400
NO_TEXT = "message text is empty"

log = structlog.get_logger("bot.delivery")


class SecretOutside(AssertionError):
    """A whole link was about to be put where others might read it. A fault of ours, never a person's."""


class Delivery:
    """`server` is the Bot API's address: whether it keeps ephemeral messages to one person is
    remembered under it, and tried again after a day."""

    def __init__(self, bot: Bot, ledger: Ledger, me: SeenPerson, *, server: str, clock: Callable[[], float]) -> None:
        self._sender = Sender(bot)
        self._ledger = ledger
        self._username = me.username or ""
        self._server = server
        self._clock = clock
        self._verdict: tuple[bool | None, int] | None = None
        self._strangers: Recent[int, float] = Recent()
        self._answers: Recent[Place, Place] = Recent()  # a command's message -> its answer
        self._reveals: dict[Place, int] | None = None  # the due rows that hide them
        self._hiding: dict[Place, asyncio.Event] = {}  # those under way

    async def show(self, screen: Screen, asked: Asked) -> Place | None:
        """Answers a question where only its asker can read it; returns where, None where the answer
        waits behind a start link or was kept back. An edited command's answer takes the place of the
        earlier one, while that stands. Raises SecretOutside: whole links go by `reveal`."""
        if screen.secret:
            raise SecretOutside
        if asked.way == Way.PRESS:
            return await self._after_press(screen, asked)
        if asked.way == Way.OPEN:
            await self.take_away(asked)
        if screen.quiet and not self._stranger_may_hear(asked.person.id):
            return None
        earlier = self._answers.get(asked.place) if asked.edited and asked.place is not None else None
        if earlier is not None and await self.edit(earlier, screen):
            return earlier
        place = await self._privately(screen, asked.here) if asked.way == Way.PRIVATE else None
        if asked.way != Way.PRIVATE:
            place = await self._in_group(screen, asked)
        if place is not None and asked.place is not None:
            self._answers[asked.place] = place
        return place

    async def reveal(self, screen: Screen, asked: Asked, *, chat_id: int, number: int, name: str) -> bool:
        """Shows a whole link by an edit of the private or ephemeral message pressed. In a private chat
        it is hidden again after ten minutes; an ephemeral message goes by itself, and its id may be
        another's by then. Raises SecretOutside where others can read that message."""
        place = _pressed(asked)
        if place is None:
            raise SecretOutside
        if place.ephemeral_id is not None:
            return await self.edit(place, screen)
        reveals = await self._shown()
        body = {"place": asdict(place), "chat_id": chat_id, "number": number, "name": name}
        due = await self._ledger.dues.put(int(self._clock()) + REVEAL_SECONDS, "hide", body)
        await self._leave(place)
        reveals[place] = due
        shown = await self._put(place, screen)
        if not shown:
            await self._leave(place)
        return shown

    async def reveal_picture(self, picture: Picture, asked: Asked) -> Place | None:
        """Shows a whole link as a message of its own beside the private or ephemeral one pressed: a blank picture
        comes first, so that its place is known and what is put there is taken away again after ten minutes,
        in private. In private too where the group's server keeps no picture to one person. Returns where,
        None where nowhere. Raises SecretOutside where others can read the message pressed."""
        if _pressed(asked) is None:
            raise SecretOutside
        place = await self._blank(asked.here, asked.person.id if asked.in_group else None, asked.thread_id)
        if place is None and asked.in_group:
            place = await self._blank(asked.person.id)
        if place is None:
            return None
        if place.ephemeral_id is None:
            reveals = await self._shown()
            due = await self._ledger.dues.put(int(self._clock()) + REVEAL_SECONDS, "picture", {"place": asdict(place)})
            reveals[place] = due
        if await self._sender.edit_picture(place, picture):
            return place
        await self._leave(place)
        return None

    async def hand_over(self, screen: Screen, asked: Asked, *, name: str, content: bytes) -> bool:
        """A file of whole links in the stead of the private message pressed, with the screen's text below it.
        Raises SecretOutside anywhere else: no group gets one, seen by one person or not."""
        place = _pressed(asked)
        if place is None or asked.in_group or place.chat_id != asked.person.id:
            raise SecretOutside
        await self._leave(place)
        return await self._sender.edit_file(place, name, content, screen.text)

    async def hide_picture(self, asked: Asked) -> None:
        """Takes away the picture whose button was pressed."""
        if (place := _pressed(asked)) is not None:
            await self._leave(place)
            await self._take_picture(place)

    async def show_rich(self, screen: Screen, asked: Asked) -> bool:
        """As `show` after a press, with the rich form of the screen; False where this server takes none, which
        is remembered for a day."""
        refused = await self._ledger.programs.server_without_rich(self._server)
        if self._clock() - refused < PROOF_SECONDS:
            return False
        try:
            await self.show(screen, asked)
        except TelegramBadRequest as refusal:
            log.info("rich message refused", why=type(refusal).__name__)
            if NO_TEXT in refusal.message.lower():  # an old server passed over what it does not know
                await self._ledger.programs.set_server_without_rich(self._server)
            return False
        return True

    async def edit(self, place: Place, screen: Screen) -> bool:
        """Puts another screen in a message's stead; False where the message or its reader is gone.
        What stands there already is success. Raises SecretOutside."""
        await self._leave(place)
        return await self._put(place, screen)

    async def _put(self, place: Place, screen: Screen) -> bool:
        if screen.secret and place.chat_id < 0 and place.ephemeral_id is None:
            raise SecretOutside
        return await self._sender.edit(place, screen)

    async def due(self, due: Due) -> None:
        """Carries out what was put off: `remove` a public line, take away the `line` below commands typed as
        the group, `hide` a reveal, take away a `picture`; these two only where the reveal was not left meanwhile."""
        place, reveals = Place(**due.body["place"]), await self._shown()
        if due.what in ("remove", "line"):
            await self.remove(place)
        elif reveals.get(place) == due.id:
            self._hiding[place] = over = asyncio.Event()
            try:
                if due.what == "hide":
                    await self._put(place, hidden(due.body["chat_id"], due.body["number"], due.body["name"]))
                else:
                    await self._take_picture(place)
                if reveals.get(place) == due.id:
                    del reveals[place]
            finally:
                del self._hiding[place]
                over.set()

    async def remove(self, place: Place) -> None:
        """Deletes a message; one that is gone, or that the bot may not delete, is left."""
        await self._sender.remove(place)

    async def post(
        self, chat_id: int, screen: Screen, *, thread_id: int | None = None, remove_after: int | None = None
    ) -> Place | None:
        """A line that all in the chat can read, None where the chat takes none; taken away again after so
        many seconds. Raises SecretOutside."""
        if screen.secret:
            raise SecretOutside
        try:
            sent = await self._sender.send(chat_id, screen, thread_id=thread_id)
        except (TelegramBadRequest, TelegramForbiddenError) as refusal:
            log.info("a public line was refused", chat=chat_id, why=type(refusal).__name__)
            return None
        place = Place(sent.chat_id, sent.message_id)
        if remove_after is not None:
            body = {"place": asdict(place)}
            await self._ledger.dues.put(int(self._clock()) + remove_after, "remove", body)
        return place

    async def take_away(self, asked: Asked) -> None:
        """Deletes an open command that tells the group a link, or that one is being made."""
        typed = commands.typed(asked.text)
        telling = typed is not None and typed.name == "invite" and grammar.makes_link(typed.rest)
        if asked.place is not None and (telling or grammar.holds_link(asked.text)):
            await self.remove(asked.place)

    async def offer(self, person_id: int, screen: Screen, below: Below) -> bool:
        """Writes to a person who asked in private, and sets or removes the keyboard under his text field."""
        return await self._privately(screen, person_id, below) is not None

    async def tell(self, person_id: int, screen: Screen) -> bool:
        """Writes to a person who asked nothing; False where his private chat is closed."""
        return await self._privately(screen, person_id) is not None

    async def ack(self, asked: Asked) -> bool:
        """Ends the spinner of a pressed button: the first call of every press. False, with an alert,
        where the pressed message is one that all can read: nothing may come of that press."""
        if _pressed(asked) is not None:
            await self._answer(asked, None)
            return True
        await self.decline(asked)
        return False

    async def decline(self, asked: Asked, line: str | None = None) -> None:
        """Ends the spinner of a button that does nothing for this person; `line` says why."""
        await self._answer(asked, line or around.not_here())

    async def _answer(self, asked: Asked, text: str | None) -> None:
        if asked.query_id is not None:
            await self._sender.answer(asked.query_id, text)

    # reveals

    async def _shown(self) -> dict[Place, int]:
        """Those on screens now; an earlier run's too, so that none is hidden over a later screen."""
        if self._reveals is None:
            pending = await self._ledger.dues.ready(int(self._clock()) + REVEAL_SECONDS)
            found = {Place(**due.body["place"]): due.id for due in pending if due.what in ("hide", "picture")}
            self._reveals = found if self._reveals is None else self._reveals
        return self._reveals

    async def _leave(self, place: Place) -> None:
        """Another screen takes a reveal's place: nothing is left to hide there. What is being hidden just then would
        come over it."""
        if (over := self._hiding.get(place)) is not None:
            await over.wait()
        if (due := (await self._shown()).pop(place, None)) is not None:
            await self._ledger.dues.done(due)

    async def _blank(self, chat_id: int, receiver_id: int | None = None, thread_id: int | None = None) -> Place | None:
        if receiver_id is not None and await self._proven() is False:
            return None
        try:
            sent = await self._sender.send_picture(
                chat_id, blank(self._username), receiver_id=receiver_id, thread_id=thread_id
            )
        except (TelegramBadRequest, TelegramForbiddenError, TelegramNotFound) as refusal:
            log.info("a picture was refused", chat=chat_id, why=type(refusal).__name__)
            return None
        place = Place(sent.chat.id, sent.message_id)
        if receiver_id is None:
            return place
        if sent.ephemeral_message_id:
            return Place(sent.chat.id, 0, receiver_id, sent.ephemeral_message_id)
        await self._prove(kept=False)
        await self._take_back(place)
        return None

    async def _take_picture(self, place: Place) -> None:
        """A message older than 48 hours cannot be deleted, but its picture can be another's."""
        if not await self._sender.remove(place):
            await self._sender.edit_picture(place, blank(self._username, was_shown=True))

    # ways

    async def _after_press(self, screen: Screen, asked: Asked) -> Place | None:
        """In the pressed message's stead. What stands in a group that became a supergroup cannot be edited
        any more: the answer comes in the new one."""
        place = _pressed(asked)
        if place is None:
            return None
        if await self.edit(place, screen):
            return place
        return await self._ephemerally(screen, asked) if place.chat_id != asked.here else None

    async def _in_group(self, screen: Screen, asked: Asked) -> Place | None:
        named = asked.person.id not in ANONYMOUS
        place = await self._ephemerally(screen, asked) if named and not asked.in_private else None
        if place is not None and asked.way != Way.OPEN:
            await self._answer(asked, None)
            return place
        if place is None and named:
            place = await self._privately(_without(screen, start_link(self._username, screen.replay)), asked.person.id)
        payload = screen.replay or replay_of(asked)
        if asked.query_id is not None:
            url = start_link(self._username, payload) if place is None else None
            text = say("answered-privately") if place is not None else None
            await self._sender.answer(asked.query_id, text, alert=False, url=url)
        elif not screen.quiet:
            await self._line(payload, asked, answered=place is not None)
        return place

    async def _ephemerally(self, screen: Screen, asked: Asked) -> Place | None:
        proven = await self._proven()
        if proven is False or (proven is None and screen.quiet and asked.way == Way.OPEN):
            return None
        first = screen if proven else around.one_moment()
        try:
            sent = await self._sender.send(
                asked.here,
                first,
                receiver_id=asked.person.id,
                thread_id=asked.thread_id,
                query_id=asked.query_id if asked.way == Way.PROVEN else None,
            )
        except (TelegramBadRequest, TelegramForbiddenError, TelegramNotFound) as refusal:
            log.info("ephemeral message refused", chat=asked.here, why=type(refusal).__name__)
            return None
        if not sent.ephemeral_message_id:
            await self._prove(kept=False)
            await self._take_back(Place(sent.chat_id, sent.message_id))
            return None
        place = Place(sent.chat_id, 0, asked.person.id, sent.ephemeral_message_id)
        if proven:
            return place
        if await self._proven() is None:  # another's first answer may have shown meanwhile that it is not so
            await self._prove(kept=True)
        return place if await self.edit(place, screen) else None

    async def _privately(self, screen: Screen, person_id: int, below: Below | None = None) -> Place | None:
        try:
            sent = await self._sender.send(person_id, screen, below=below)
        except (TelegramForbiddenError, TelegramBadRequest) as refusal:
            said = refusal.message.lower()
            if isinstance(refusal, TelegramBadRequest) and "chat not found" not in said and "not_started" not in said:
                raise
            await self._ledger.chats.set_private_open(person_id, False)
            return None
        return Place(sent.chat_id, sent.message_id)

    async def _line(self, payload: str, asked: Asked, *, answered: bool) -> None:
        """Where the answer is. All can read it, but where its question was for the bot alone."""
        line = (around.answered_privately if answered else around.press_start)(self._username, payload)
        if asked.way == Way.EPHEMERAL and asked.in_private and await self._ephemerally(line, asked) is not None:
            return
        await self.post(asked.here, line, thread_id=asked.thread_id, remove_after=PUBLIC_LINE_SECONDS)

    async def _take_back(self, place: Place) -> None:
        """Deletes what all can read: at once, or as soon as Telegram can be reached."""
        due = await self._ledger.dues.put(int(self._clock()), "remove", {"place": asdict(place)})
        await self.remove(place)
        await self._ledger.dues.done(due)

    # whom this server can be trusted to show what

    async def _proven(self) -> bool | None:
        if self._verdict is None:
            known = await self._ledger.programs.server_ephemeral(self._server)
            self._verdict = known if self._verdict is None else self._verdict
        kept, tried = self._verdict
        return kept if self._clock() - tried < PROOF_SECONDS else None

    async def _prove(self, *, kept: bool) -> None:
        await self._ledger.programs.set_server_ephemeral(self._server, kept)
        self._verdict = (kept, int(self._clock()))

    def _stranger_may_hear(self, person_id: int) -> bool:
        if self._clock() - self._strangers.get(person_id, -STRANGER_SECONDS) < STRANGER_SECONDS:
            return False
        self._strangers[person_id] = self._clock()
        return True


def _pressed(asked: Asked) -> Place | None:
    """The message pressed, where only its reader sees it; None for one that all can read. A client may
    send any data for any message of ours, the public line too."""
    place = asked.place
    if place is None or (asked.in_group and place.ephemeral_id is None):
        return None
    return place


def _without(screen: Screen, url: str) -> Screen:
    """The screen without the button that leads to where it stands."""
    rows = (tuple(button for button in row if button.url != url) for row in screen.keyboard)
    return replace(screen, keyboard=tuple(row for row in rows if row))

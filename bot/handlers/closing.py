"""Links for one join, or for one person: revoked once that has come, and told of where another came instead.

A member limit of 1 would open again when the member leaves, so the link is revoked. That it is to be is in the
book in the moment of the join; what could not be done then is done later, after a restart too.
"""

from __future__ import annotations

import structlog
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest

from bot import screens
from bot.desk import Desk
from bot.errors import BotError
from bot.handlers.card import ALREADY, whom_of
from bot.recent import Recent
from ledger.chats import SeenPerson
from ledger.links import UNREVOKED, Link

log = structlog.get_logger("bot.closing")

TRIED_AGAIN = 300  # seconds after Telegram refused


async def joined(link: Link, person: SeenPerson, desk: Desk) -> None:
    """After somebody joined by this link, which is as it is since then."""
    if link.closing:
        try:
            await close(link, desk)
        except TelegramAPIError as refusal:
            log.warning("a used link is still open", link=link.id, why=type(refusal).__name__)
    elif is_for_one(link) and link.state in UNREVOKED and person.id != link.for_person:
        await _tell_of_another(link, person, desk)


async def close(link: Link, desk: Desk) -> None:
    """Raises what Telegram answers, but for a link that is revoked already."""
    secret = await desk.ledger.links.secret(link.id)
    try:
        await desk.bot.revoke_chat_invite_link(link.chat_id, secret)
    except TelegramBadRequest as refusal:
        if ALREADY not in refusal.message:
            raise
    await desk.ledger.links.revoked(link.id, by=None, how="bot", why="once" if link.once else "for")


class Closing:
    """What was not closed in the moment it was used. One that Telegram refuses waits."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._waits: Recent[int, float] = Recent()

    async def run(self) -> None:
        for link in await self._desk.ledger.links.closing():
            if self._waits.get(link.id, 0) > self._desk.clock():
                continue
            self._waits[link.id] = self._desk.clock() + TRIED_AGAIN
            try:
                await close(link, self._desk)
            except TelegramAPIError as refusal:
                log.warning("a used link is still open", link=link.id, why=type(refusal).__name__)


def is_for_one(link: Link) -> bool:
    return link.for_person is not None or bool(link.for_name)


async def _tell_of_another(link: Link, person: SeenPerson, desk: Desk) -> None:
    """In private, to who asked for the link, while he may still ask."""
    if link.asked_by is None:
        return
    try:
        await desk.access.admit(link.chat_id, link.asked_by)
        chat = await desk.access.served_chat(link.chat_id)
        await desk.delivery.tell(link.asked_by, screens.came_instead(link, chat, await whom_of(link, desk), person))
    except (BotError, TelegramAPIError) as refusal:
        log.info("not told who came instead", link=link.id, why=type(refusal).__name__)

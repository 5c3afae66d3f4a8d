"""What must hold before the account changes anything: the host's leave, the caps, the asker's rights, the switch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ledger.chats import Chat, Served
from ledger.errands import READING, REVOKING, TIDYING, Act, Errand, Held, next_free
from ledger.errors import UnknownChat
from ledger.links import Link
from ledger.rights import DEEDS, Asker, Standing, may_ask, may_clear, may_have
from ledger.store import Ledger
from userclient.account import Account
from userclient.errors import Unreadable
from userclient.place import OUTSIDE, in_words
from userclient.settings import UserClientSettings

CHANGING = frozenset(Act) - READING
NOT_IN_CHAT = "not-in-chat"

_WORDS = {
    "EDIT_BOT_INVITE_FORBIDDEN": "only-that-bot",
    "CHAT_ADMIN_REQUIRED": "not-owner",
    "CHAT_INVITE_PERMANENT": "primary",
    "EXPIRE_DATE_INVALID": "past",
    "INVITE_HASH_EXPIRED": "no-such-link",
    "INVITE_REVOKED_MISSING": "not-revoked",
    "USER_CHANNELS_TOO_MUCH": "channels-too-much",
}


class Refusal(Exception):
    """The errand ends: it cannot or may not be done. One word of why."""


class Wait(Exception):
    """The errand stays open, and is held."""

    def __init__(self, why: Held, until: int | None = None) -> None:
        super().__init__(why)
        self.why, self.until = why, until


class Cancelled(Exception):
    """It was ended meanwhile: nothing may be sent."""


def off_switch(settings: UserClientSettings) -> Path:
    """While this file is there, the account changes nothing."""
    return settings.session_file.with_name("off")


class Leave:
    """For one errand, by one connection of the account."""

    def __init__(
        self, settings: UserClientSettings, ledger: Ledger, account: Account, errand: Errand, clock: Callable[[], float]
    ) -> None:
        self._settings, self._ledger, self._account, self._errand = settings, ledger, account, errand
        self._clock = clock

    async def demand_served(self) -> Chat:
        """What a reading needs. Raises Refusal."""
        chat = await self._ledger.chats.get(self._errand.chat_id)
        if chat is None:
            raise UnknownChat
        if chat.served != Served.SERVED:
            raise Refusal("not-served")
        return chat

    async def demand(self) -> None:
        """Raises Refusal, and Wait where the acting is switched off or capped."""
        chat = await self.demand_served()
        if self._settings.account_mode != "act":
            raise Refusal("read-only")
        if not chat.account_acts:
            raise Refusal("not-let")
        await self._demand_switch()
        if self._errand.act in REVOKING:
            free = next_free(await self._ledger.errands.revoked_at(), self._now())
            if free > self._now():
                raise Wait(Held.CAP, free)

    async def _demand_switch(self) -> None:
        if off_switch(self._settings).exists():
            await self._ledger.errands.switch(on=False, by_file=True)  # what it holds goes on by the book's word
            raise Wait(Held.OFF)
        if (await self._ledger.errands.power()).off_since is not None:
            raise Wait(Held.OFF)

    async def demand_right(self, chat_id: int, access_hash: int | None, link: Link | None) -> None:
        """The asker's rights, from Telegram now and from the book: a demoted admin's wish ends here."""
        person_id = self._errand.asked_by
        if person_id is None:
            raise Refusal("no-right")
        try:
            standings = await self._account.standings(chat_id, access_hash)
        except Unreadable as refusal:
            raise Refusal(word(refusal)) from None
        standing = standings.get(person_id, Standing.NOBODY)
        asker = Asker(person_id, chat_id, standing, grants=await self._ledger.chats.grants_of(chat_id, person_id))
        if self._errand.act == Act.CLEAR:
            whose = self._errand.about or 0
            may = may_clear(asker, whose, creator_is_bot=await self.is_bot(whose))
        elif link is None:
            may = may_ask(asker)
        else:
            may = may_have(
                asker, DEEDS[self._errand.act], link, maker_is_bot=await self.is_bot(link.creator_id),
                tidying=bool(self._errand.wish.get(TIDYING)),
            )  # fmt: skip
        if not may:
            raise Refusal("no-right")

    async def about_to_send(self) -> None:
        """The last moment: the switch once more, then it is in the book that it goes out. Raises Wait, Cancelled."""
        await self._demand_switch()
        if not await self._ledger.errands.sent(self._errand.id):
            raise Cancelled

    async def is_bot(self, person_id: int) -> bool:
        person = await self._ledger.chats.person(person_id)
        return person is not None and person.is_bot

    def _now(self) -> int:
        return int(self._clock())


def word(refusal: Unreadable) -> str:
    if refusal.reason in OUTSIDE:
        return NOT_IN_CHAT
    return _WORDS.get(refusal.reason) or in_words(refusal.reason)

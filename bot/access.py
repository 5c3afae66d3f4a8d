"""Who may ask for what, looked up from Telegram for the person who asks, never from a button.

The rules are pure functions of what Telegram said and what the book holds: see ledger.rights, which the account
asks too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import ChatMemberAdministrator, ChatMemberOwner

from bot import moving
from bot.errors import AnonymousAdmin, BotPowerless, NoChatChosen, NoInviteRight, NotAdmin, Unserved
from bot.recent import Recent
from ledger.chats import Chat, Grant, Served
from ledger.links import UNREVOKED, Link, State
from ledger.rights import NONE, Asker, Deed, Executor, Standing, executors, granted, is_own, may_ask, may_have

if TYPE_CHECKING:
    from bot.asked import Asked
    from ledger.store import Ledger

# Written "as the group": GroupAnonymousBot, and its twin on the test servers.
ANONYMOUS = frozenset({1087968824, 552888})
KEPT_SECONDS = 60

__all__ = [
    "ANONYMOUS",
    "Access",
    "Asker",
    "Executor",
    "Standing",
    "executors",
    "is_own",
    "may_ask",
    "may_change",
    "may_replace",
    "may_reveal",
    "may_revoke",
    "may_see_joiners",
    "may_settle",
]


def may_reveal(asker: Asker, link: Link) -> bool:
    """Whether the full link may be shown to the asker."""
    return may_have(asker, Deed.SEE, link)


def may_change(asker: Asker, link: Link) -> bool:
    """Whether this bot would edit the link for the asker: only links it made, and not its primary one."""
    if not link.by_this_bot or link.primary or link.state not in UNREVOKED:
        return False
    return may_have(asker, Deed.CHANGE, link)


def may_see_joiners(asker: Asker, link: Link) -> bool:
    """Whether who joined by the link may be shown to the asker."""
    return may_have(asker, Deed.JOINERS, link)


def may_revoke(asker: Asker, link: Link) -> bool:
    """The rule of `may_change`: revoking a primary link makes Telegram put a new one in its place, which is
    `may_replace`."""
    return may_change(asker, link)


def may_note(asker: Asker, link: Link) -> bool:
    """Whether the asker may write a note to the link: in the book alone, so whoever made it."""
    return (is_own(asker, link) and may_ask(asker)) or granted(asker, Grant.ACT)


def may_remove(asker: Asker, link: Link) -> bool:
    """Whether all who came by the link may be put out for the asker, who needs Telegram's right to ban besides."""
    return (is_own(asker, link) and may_ask(asker)) or granted(asker, Grant.ACT)


def may_rotate(asker: Asker, link: Link) -> bool:
    """Whether this bot would give the link a new key for the asker: one that lets nobody in cannot be made."""
    return may_change(asker, link) and link.state == State.LIVE


def may_replace(asker: Asker, link: Link) -> bool:
    """Whether this bot would put a new primary link of its own in this one's place."""
    return link.by_this_bot and link.primary and link.state == State.LIVE and granted(asker, Grant.ACT)


def may_clean(asker: Asker, link: Link, *, maker_is_bot: bool = False) -> bool:
    """Whether the link may be revoked for the asker in one confirmed go with others, whoever carries it out."""
    return may_have(asker, Deed.CHANGE, link, maker_is_bot=maker_is_bot, tidying=True)


def may_settle(asker: Asker) -> bool:
    """Whether the chat's settings, its erasing and its forgetting of people are the asker's."""
    return asker.standing == Standing.OWNER


class Access:
    """Looks up standings by getChatMember, and what the owner granted in the ledger, and keeps both for
    `KEPT_SECONDS`, or until a `chat_member` update tells otherwise. What changes something asks with
    `fresh=True`. The old id of a chat that became a supergroup leads to the chat it is now. What was looked up
    while something changed is answered with once, and not kept: the change may have come after it."""

    def __init__(self, bot: Bot, ledger: Ledger, *, clock: Callable[[], float]) -> None:
        self._bot = bot
        self._ledger = ledger
        self._clock = clock
        self._standings: Recent[tuple[int, int], tuple[float, Standing, frozenset[Grant]]] = Recent()
        self._chats: dict[int, tuple[float, Chat]] = {}
        self._chosen: dict[int, int] = {}
        self._host: int | None = None
        self._host_known = False
        self._changes = 0

    async def asker(self, chat_id: int, person_id: int, *, fresh: bool = False) -> Asker:
        """Raises AnonymousAdmin for who writes as the group, BotPowerless where the bot may not look."""
        if person_id in ANONYMOUS:
            raise AnonymousAdmin
        until, standing, grants = self._standings.get((chat_id, person_id), (0.0, Standing.NOBODY, NONE))
        if fresh or until <= self._clock():
            before = self._changes
            standing = await self._look_up(chat_id, person_id)
            now_id = await moving.now(self._ledger, chat_id)
            if now_id != chat_id:  # perhaps the look-up itself brought that to light
                return await self.asker(now_id, person_id, fresh=fresh)
            grants = NONE
            if standing == Standing.ADMIN:
                grants = await self._ledger.chats.grants_of(chat_id, person_id)
            if before == self._changes:
                self._standings[chat_id, person_id] = (self._clock() + KEPT_SECONDS, standing, grants)
            else:
                self._standings.pop((chat_id, person_id), None)
        return Asker(person_id, chat_id, standing, is_host=person_id == await self.host(), grants=grants)

    async def admit(self, chat_id: int, person_id: int, *, fresh: bool = False) -> Asker:
        """The asker, where he may ask for anything there. Raises Unserved, NotAdmin, NoInviteRight, and
        as `asker`."""
        chat = await self.served_chat(chat_id)
        asker = await self.asker(chat.id, person_id, fresh=fresh)
        if asker.standing == Standing.POWERLESS:
            raise NoInviteRight
        if not may_ask(asker):
            raise NotAdmin
        return asker

    async def host(self) -> int | None:
        """Only a claim changes it, and claims come through this program: see `forget_host`."""
        if self._host_known:
            return self._host
        before, host = self._changes, await self._ledger.host.id()
        if before == self._changes:
            self._host, self._host_known = host, True
        return host

    async def chat_for(self, asked: Asked) -> Chat:
        """The chat a question is about: in a group that group, in private the chosen one (the only
        one there is is chosen by itself). Raises Unserved, NoChatChosen."""
        if asked.in_group:
            return await self.served_chat(asked.here)
        before = self._changes
        chosen = self._chosen.get(asked.person.id) or await self._ledger.chats.chosen(asked.person.id)
        if chosen is not None:
            if before == self._changes:
                self._chosen[asked.person.id] = chosen
            return await self.served_chat(chosen)
        chats = await self.chats_of(asked.person.id)
        if len(chats) != 1:
            raise NoChatChosen(chats)
        await self.choose(asked.person.id, chats[0].id)
        return chats[0]

    async def served_chat(self, chat_id: int) -> Chat:
        """Raises Unserved."""
        until, chat = self._chats.get(chat_id, (0.0, None))
        if chat is None or until <= self._clock():
            before, chat = self._changes, await self._ledger.chats.get(chat_id)
            if chat is None or chat.served != Served.SERVED:
                raise Unserved
            if before == self._changes:
                self._chats[chat_id] = (self._clock() + KEPT_SECONDS, chat)
        return chat

    async def chats_of(self, person_id: int) -> list[Chat]:
        """The served chats this person may ask in."""
        found = []
        for chat in await self._ledger.chats.served():
            try:
                asker = await self.asker(chat.id, person_id)
            except BotPowerless:
                continue
            if may_ask(asker):
                found.append(chat)
        return found

    async def choose(self, person_id: int, chat_id: int) -> None:
        await self._ledger.chats.choose(person_id, chat_id)
        self._changes += 1
        self._chosen[person_id] = chat_id

    def forget(self, chat_id: int, person_id: int | None = None) -> None:
        """Ends what is kept of a chat, or of one person in it."""
        self._changes += 1
        for known in [known for known, (_, chat) in self._chats.items() if chat_id in (known, chat.id)]:
            del self._chats[known]
        if person_id is not None:
            self._chosen.pop(person_id, None)
        for key in [k for k in self._standings if k[0] == chat_id and person_id in (None, k[1])]:
            del self._standings[key]

    def forget_host(self) -> None:
        self._changes += 1
        self._host_known = False

    async def _look_up(self, chat_id: int, person_id: int) -> Standing:
        try:
            member = await self._bot.get_chat_member(chat_id, person_id)
        except TelegramForbiddenError:
            raise BotPowerless("present") from None
        except TelegramBadRequest as refusal:
            said = refusal.message.lower()
            if "user not found" in said or "participant_id_invalid" in said or "user_id_invalid" in said:
                return Standing.NOBODY
            raise BotPowerless("present" if "chat not found" in said else "admin") from None
        if isinstance(member, ChatMemberOwner):
            return Standing.OWNER
        if isinstance(member, ChatMemberAdministrator):
            return Standing.ADMIN if member.can_invite_users else Standing.POWERLESS
        return Standing.NOBODY

"""A chat as the account finds it: the way to it, what the account is there, and who has links."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

import structlog

from ledger.actions import Action
from ledger.chats import Role, SeenPerson
from ledger.errors import ChatMoved
from ledger.store import Ledger
from ledger.sweeps import Cursor
from userclient.account import Account
from userclient.answers import CHANNELS, PAGE, Admins, FoundChat, Page
from userclient.errors import AccountError, UnknownType, Unreadable

log = structlog.get_logger(__name__)

# Telegram's words for "not in this chat", or for an access hash that is another account's.
OUTSIDE = frozenset(
    {
        "CHANNEL_PRIVATE",
        "CHANNEL_INVALID",
        "CHANNEL_PUBLIC_GROUP_NA",
        "CHAT_ID_INVALID",
        "CHAT_FORBIDDEN",
        "PEER_ID_INVALID",
        "USER_NOT_PARTICIPANT",
    }
)

UNKNOWN_TYPE = "unknown-type"


class NotInChat(AccountError):
    """The account is not in this chat."""

    def __init__(self) -> None:
        super().__init__("the account is not in this chat")


@dataclass(frozen=True, slots=True)
class Unread:
    """A listing that could not be read, in one word; `asked` where Telegram said so."""

    reason: str
    asked: bool = True


async def resolve(account: Account, ledger: Ledger, chat_ids: Iterable[int]) -> dict[int, FoundChat]:
    """Looks chats up in the account's dialogs and records its place in each; absent ones are outside, and
    what became a supergroup goes on in the book as that. One walk for all of them."""
    wanted = set(chat_ids)
    found = await account.find(wanted)
    for chat_id in wanted:
        place = found.get(chat_id)
        if place and place.moved_to is not None:
            await ledger.chats.migrated(chat_id, place.moved_to)
            await ledger.chats.saw(replace(place.seen, id=place.moved_to, kind="supergroup"))
            await ledger.chats.account_place(place.moved_to, place.role, place.access_hash)
        elif place:
            await ledger.chats.saw(place.seen)
            await ledger.chats.account_place(chat_id, place.role, place.access_hash)
        elif await ledger.chats.get(chat_id):
            await ledger.chats.account_place(chat_id, Role.OUTSIDE)
    return found


class Place:
    """All that asks Telegram raises TryLater, Offline and SessionLost; NotInChat where the account is not in the
    chat, with that noted; ChatMoved where the chat has a new id."""

    def __init__(self, account: Account, ledger: Ledger, chat_id: int) -> None:
        self.account = account
        self.ledger = ledger
        self.chat_id = chat_id
        self.hash: int | None = None
        self.role = Role.UNKNOWN
        self._known_role = Role.UNKNOWN
        self._lowest = Role.MEMBER  # what it is where even its own links are refused
        self._named: set[int] = set()  # whose names and hashes were written

    async def read_log(self, since: int, *, most: int) -> tuple[list[Action], int, bool] | None:
        """What the admin log tells after the event `since`, oldest first; the last event's id; whether there was
        more than `most` pages hold. None where there is no such log for the account."""
        await self._look(again=False)
        actions: list[Action] = []
        last, before = since, 0
        for _ in range(most):
            try:
                page = await self.account.admin_log(self.chat_id, self.hash, since=since, before=before)
            except (Unreadable, UnknownType) as why:
                log.info("admin log not read", chat=self.chat_id, why=str(why))
                return None
            await self._meet(page.people, page.hashes)
            actions += page.actions
            last = max([last, *page.ids])
            if len(page.ids) < PAGE:
                return actions[::-1], last, False
            before = min(page.ids)
        return actions[::-1], last, True

    async def probe(self) -> Admins | None:
        """Who has links, and how many: told to the chat's owner alone, so the answer tells the account's role
        too. None where it is another's chat; whether it may list its own links shows when it does."""
        try:
            admins = await self._probe()
        except UnknownType:
            await self._nothing_readable([self.account.id], UNKNOWN_TYPE)
            raise
        if admins is not None:
            await self.ledger.chats.saw_people(admins.people, hashes=admins.hashes)
            self._named.update(person.id for person in admins.people)
            await self.ledger.chats.set_admins(self.chat_id, admins.ids, told_by="account")
        return admins

    async def fetch(self, cursor: Cursor) -> Page | Unread:
        """One page of a listing, or why there is none. Costs no call where it is known to be refused."""
        own = cursor.creator_id == self.account.id
        if not own and self.role != Role.OWNER:
            return Unread("not-owner", asked=False)
        if not own and cursor.account_hash is None:
            return Unread("no-access-hash", asked=False)
        creator = None if own else (cursor.creator_id, cursor.account_hash or 0)
        after = None
        if cursor.offset_date is not None and cursor.offset_link is not None:
            after = (cursor.offset_date, cursor.offset_link)
        try:
            page = await self.account.page(self.chat_id, self.hash, creator, revoked=cursor.revoked, after=after)
        except Unreadable as refusal:
            return await self._refused(refusal.reason, own=own)
        except UnknownType as error:
            log.warning("page not understood", chat=self.chat_id, creator=cursor.creator_id, why=str(error))
            return Unread(UNKNOWN_TYPE)
        return Unread("masked") if page.masked else page

    async def meet(self, page: Page) -> None:
        """Writes who stands on the page and was not written yet."""
        await self._meet(page.people, page.hashes)

    async def _meet(self, people: Sequence[SeenPerson], hashes: dict[int, int]) -> None:
        strangers = [person for person in people if person.id not in self._named]
        if strangers:
            await self.ledger.chats.saw_people(strangers, hashes=hashes)
            self._named.update(person.id for person in strangers)

    async def note(self) -> bool:
        """Writes what the account turned out to be here. Whether that is otherwise than known."""
        await self.ledger.chats.account_place(self.chat_id, self.role, self.hash)
        return self.role != self._known_role

    async def leave(self) -> NoReturn:
        """Nothing is readable any more; nothing is gone for it."""
        if await self.ledger.chats.get(self.chat_id):
            await self.ledger.chats.account_place(self.chat_id, Role.OUTSIDE)
            await self._nothing_readable([], "not-in-chat")
        raise NotInChat

    async def _probe(self) -> Admins | None:
        admins, known_role = None, await self._look(again=False)
        try:
            admins = await self._admins()
        except Unreadable as refusal:
            if refusal.reason not in OUTSIDE:
                raise
            # An access hash is one account's: one that another account left in the book opens nothing.
            known_role = await self._look(again=True)
            try:
                admins = await self._admins()
            except Unreadable:
                await self.leave()
        if admins is None and known_role == Role.OWNER and self.chat_id > CHANNELS:
            await self._look(again=True)  # no owner of it any more, perhaps as it is a supergroup now
        self.role = Role.OWNER if admins is not None else Role.ADMIN
        self._lowest = Role.POWERLESS if known_role == Role.POWERLESS else Role.MEMBER
        self._known_role = known_role
        return admins

    async def _admins(self) -> Admins | None:
        """None where the account is not the owner."""
        try:
            return await self.account.admins(self.chat_id, self.hash)
        except Unreadable as refusal:
            if refusal.reason in OUTSIDE:
                raise
            return None

    async def _look(self, *, again: bool) -> Role:
        """The account's role in the chat as last known, and its access hash where the chat has one."""
        chat = await self.ledger.chats.get(self.chat_id)
        if again or chat is None or (chat.account_hash is None and self.chat_id < CHANNELS):
            if self.chat_id not in await resolve(self.account, self.ledger, [self.chat_id]):
                await self.leave()
            chat = await self.ledger.chats.get(self.chat_id)
        assert chat is not None
        if chat.id != self.chat_id:
            raise ChatMoved(chat.id)
        self.hash = chat.account_hash
        return chat.account_role

    async def _refused(self, reason: str, *, own: bool) -> Unread:
        if reason in OUTSIDE:
            if self.chat_id > CHANNELS:
                await self._look(again=True)  # an upgraded group is refused so too
            await self.leave()
        if reason == "CHAT_ADMIN_REQUIRED":
            # The owner is refused nobody's links, an admin not his own: the role has changed meanwhile.
            self.role = Role.ADMIN if not own else self._lowest
        return Unread(in_words(reason))

    async def _nothing_readable(self, creators: list[int], reason: str) -> None:
        sweeps = self.ledger.sweeps
        await sweeps.begin(self.chat_id, creators)
        await sweeps.unreadable(self.chat_id, None, reason)
        await sweeps.finish(self.chat_id)


def in_words(reason: str) -> str:
    """CHAT_ADMIN_REQUIRED as the ledger keeps reasons: chat-admin-required."""
    return reason.lower().replace("_", "-")

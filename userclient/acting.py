"""What people asked the account to do, done one by one: read before it is sent, recorded before it is ended.

Telegram has no idempotency key. So the book says that an act goes out before it does (`sent_at`), and whatever
interrupts it then is settled by reading the link back, never by sending it blindly again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, cast

from ledger.errands import READING, REVOKING, Act, Errand, ErrandState, Held
from ledger.errors import NotWhole, UnknownChat, UnknownLink
from ledger.links import Link, SeenLink
from ledger.requests import RequestState
from ledger.rights import DEEDS, Deed
from ledger.store import Ledger
from userclient.account import CLOCK_BEARS, Account
from userclient.answers import CHANNELS, Importers, Terms
from userclient.errors import Offline, SessionLost, TryLater, UnknownType, Unreadable
from userclient.leave import CHANGING, NOT_IN_CHAT, Cancelled, Leave, Refusal, Wait, word
from userclient.place import UNKNOWN_TYPE, NotInChat, resolve
from userclient.reading import Progress, Reading, asking
from userclient.settings import UserClientSettings
from userclient.turns import Interrupted

Ended = tuple[ErrandState, str, dict[str, int]]

HOW = "account"
LATE = 35  # seconds a lost call may still take effect: more than the 30 s one is waited for
_WISHED = frozenset({"title", "expires", "limit", "approval"})
SENT_AT_MOST = 3  # times in one run, each read back and not seen, before an act is called unknown

# The acts that Telegram's wait for a method keeps from being done.
_USERS: Mapping[str, frozenset[Act]] = {
    "messages.getExportedChatInvite": frozenset({Act.EDIT, Act.REVOKE, Act.REPLACE, Act.DELETE}),
    "messages.editExportedChatInvite": frozenset({Act.EDIT, Act.REVOKE, Act.REPLACE}),
    "messages.deleteExportedChatInvite": frozenset({Act.DELETE}),
    "messages.deleteRevokedExportedChatInvites": frozenset({Act.CLEAR}),
    "messages.hideAllChatJoinRequests": frozenset({Act.APPROVE, Act.DECLINE}),
    "channels.getParticipants": CHANGING,
}


class Acting:
    """Carries out errands, by whichever connection of the account there is."""

    def __init__(self, settings: UserClientSettings, ledger: Ledger, *, clock: Callable[[], float]) -> None:
        self.settings, self.ledger, self.clock = settings, ledger, clock
        self.sent: Counter[int] = Counter()  # by errand: how often it was sent, refusals not counted
        self.read: dict[int, Progress] = {}  # by errand: how far a reading is

    async def carry_out(self, account: Account, errand: Errand, on_page: Callable[[], Awaitable[None]]) -> None:
        """Ends or holds it; `on_page` is awaited between two pages of a reading. Raises TryLater, Offline, SessionLost
        and Interrupted with it open."""
        errands, state, reason, result = self.ledger.errands, ErrandState.REFUSED, "", dict[str, int]()
        try:
            state, reason, result = await _One(self, account, errand, on_page).done()
        except Wait as wait:
            alike = REVOKING if wait.why == Held.CAP else CHANGING if wait.why == Held.OFF else ()
            await errands.hold(errand.id, wait.why, wait.until, acts=alike)
            return
        except TryLater as flood:
            self.sent.pop(errand.id, None)
            await errands.hold(
                errand.id, Held.FLOOD, flood.until, acts=_USERS.get(flood.method, ()), unsent=errand.sent_at is None
            )
            raise
        except (Offline, SessionLost, Interrupted):
            await errands.hold(errand.id, None)
            raise
        except (UnknownChat, UnknownLink, Cancelled):  # erased or cancelled meanwhile
            reason = "gone"
        except Refusal as why:
            reason = str(why)
        except NotInChat:
            reason = NOT_IN_CHAT
        except NotWhole:
            reason = "not-whole"
        except UnknownType:
            reason = UNKNOWN_TYPE
        await errands.finish(errand.id, state, reason=reason, result=result)
        self.sent.pop(errand.id, None)
        self.read.pop(errand.id, None)


class _One:
    """One errand, once gone at. `sent_at` of the errand: it was sent in an earlier go."""

    def __init__(
        self, acting: Acting, account: Account, errand: Errand, on_page: Callable[[], Awaitable[None]]
    ) -> None:
        self._acting, self._account, self._errand, self._on_page = acting, account, errand, on_page
        self._ledger = acting.ledger
        self._leave = Leave(acting.settings, acting.ledger, account, errand, acting.clock)
        self._chat_id, self._hash = errand.chat_id, cast("int | None", None)

    async def done(self) -> Ended:
        """The end, the word for it and its figures. Raises what Acting ends or holds it for."""
        if self._errand.act in READING:
            await self._leave.demand_served()
        elif self._errand.sent_at is None:
            await self._leave.demand()
        await self._place()
        try:
            return await self._go()
        except Refusal as why:
            if str(why) != NOT_IN_CHAT:
                raise
        # An access hash is one account's: one that another account left in the book opens nothing.
        await self._place(again=True)
        return await self._go()

    async def _go(self) -> Ended:
        match self._errand.act:
            case Act.EDIT | Act.REVOKE | Act.REPLACE | Act.DELETE:
                return await self._link(*await self._named())
            case Act.CLEAR:
                return await self._clear()
            case Act.JOINERS:
                link, secret = await self._named()
                return ErrandState.DONE, "", await self._reading().joiners(self._chat_id, self._hash, link.id, secret)
            case Act.WAITING:
                where = await self._named_or_chat()
                return ErrandState.DONE, "", await self._reading().waiting(self._chat_id, self._hash, *where)
        return await self._answer(*await self._named_or_chat())

    async def _named(self) -> tuple[Link, str]:
        link = await self._ledger.links.get(self._errand.link_id or 0)
        if link is None:
            raise UnknownLink
        return link, await self._ledger.links.secret(link.id)

    async def _named_or_chat(self) -> tuple[int | None, str | None]:
        """The link's id and secret; neither where all of the chat is meant."""
        if self._errand.link_id is None:
            return None, None
        link, secret = await self._named()
        return link.id, secret

    def _reading(self) -> Reading:
        progress = self._acting.read.setdefault(self._errand.id, Progress(self._now()))
        return Reading(self._account, self._ledger, self._errand, progress, self._on_page)

    # one link

    async def _link(self, link: Link, secret: str) -> Ended:
        if DEEDS[self._errand.act] == Deed.CHANGE and await self._leave.is_bot(link.creator_id):
            raise Refusal("only-that-bot")
        seen = await self._read(secret)
        if self._is_so(seen):
            sent = self._errand.sent_at is not None
            return await self._record(link, seen, None, by=self._errand.asked_by if sent else None, already=not sent)
        if not self._may_be_sent(link, seen):
            return ErrandState.UNKNOWN, "not-seen", {}
        if seen is None:
            raise Refusal("no-such-link")
        if seen.revoked != (self._errand.act == Act.DELETE):
            raise Refusal("not-revoked" if self._errand.act == Act.DELETE else "revoked")
        if self._errand.act != Act.DELETE and seen.primary != (self._errand.act == Act.REPLACE):
            raise Refusal("primary" if seen.primary else "not-primary")
        await self._leave.demand()
        await self._leave.demand_right(self._chat_id, self._hash, link)
        await self._ledger.links.edited(link.id, seen, by=None, how=HOW, update_id=None)
        new = None
        try:
            seen, new = await self._send(secret, seen)
        except Unreadable as refusal:
            if refusal.reason not in ("INVITE_HASH_EXPIRED", "INVITE_REVOKED_MISSING"):
                raise Refusal(word(refusal)) from None
            seen = await self._read(secret)
            if not self._is_so(seen):
                raise Refusal(word(refusal)) from None
        except UnknownType:
            raise Wait(Held.CHECKING, self._now() + LATE) from None
        return await self._record(link, seen, new, by=self._errand.asked_by, already=False)

    async def _read(self, secret: str) -> SeenLink | None:
        """The link as it is now; None where Telegram has none like it."""
        try:
            return await self._account.link(self._chat_id, self._hash, secret)
        except Unreadable as refusal:
            if refusal.reason == "INVITE_HASH_EXPIRED":
                return None
            raise Refusal(word(refusal)) from None

    def _is_so(self, seen: SeenLink | None) -> bool:
        """Whether the link is as wished already."""
        match self._errand.act:
            case Act.EDIT:
                return seen is not None and not seen.revoked and self._terms(seen) == _terms_of(seen)
            case Act.REVOKE | Act.REPLACE:
                return seen is not None and seen.revoked
        return seen is None

    def _terms(self, seen: SeenLink) -> Terms:
        """What was wished otherwise, and the rest as it is now: its maker may have changed that meanwhile."""
        now = _terms_of(seen)
        return replace(now, **{name: value for name, value in self._errand.wish.items() if name in _WISHED})

    def _may_be_sent(self, link: Link, seen: SeenLink | None) -> bool:
        """After a first sending that did not show: once it can take effect no more, again; but not for ever, and
        not over what somebody else made of the link meanwhile. Raises Wait."""
        if self._errand.sent_at is None:
            return True
        if self._now() < self._errand.sent_at + LATE:
            raise Wait(Held.CHECKING, self._errand.sent_at + LATE)
        if self._acting.sent[self._errand.id] >= SENT_AT_MOST:
            return False
        known = Terms(link.title, link.expires, link.limit, link.approval, bool(link.price))
        return self._errand.act != Act.EDIT or seen is None or seen.revoked or _terms_of(seen) == known

    async def _send(self, secret: str, seen: SeenLink) -> tuple[SeenLink | None, SeenLink | None]:
        """The link as Telegram answered it, and the primary link in its place, if it was one."""
        account, where = self._account, (self._chat_id, self._hash, secret)
        match self._errand.act:
            case Act.EDIT:
                return await account.edit(*where, self._terms(seen), self._about_to_send), None
            case Act.DELETE:
                await account.delete(*where, self._about_to_send)
                return None, None
        return await account.revoke(*where, self._about_to_send)

    async def _about_to_send(self) -> None:
        await self._leave.about_to_send()
        self._acting.sent[self._errand.id] += 1

    async def _record(
        self, link: Link, seen: SeenLink | None, new: SeenLink | None, *, by: int | None, already: bool
    ) -> Ended:
        """What Telegram says the link is now, in the book before the errand ends."""
        links, figures = self._ledger.links, {"already": int(already)}
        match self._errand.act:
            case Act.EDIT if seen is not None:
                await links.edited(link.id, seen, by=by, how=HOW, update_id=None)
            case Act.DELETE:
                await links.deleted(link.id, by=by, how=HOW)
            case _ if seen is not None:
                if self._errand.act == Act.REPLACE and new is None:
                    new = await self._standing_primary(link)
                if new is not None:
                    made = await links.replaced(self._chat_id, new, old=seen, by=by, how=HOW, update_id=None)
                    figures["number"] = made.number
                await links.revoked(link.id, by=by, how=HOW)
        return ErrandState.DONE, "", figures

    async def _standing_primary(self, link: Link) -> SeenLink | None:
        """The primary link that stands where this one was replaced, and nobody told by which; None where its maker
        has none, or it is not told."""
        try:
            page = await self._account.page(
                self._chat_id, self._hash, await self._creator(link.creator_id), revoked=False, after=None
            )
        except (Unreadable, Refusal):
            return None
        return next((one for one in page.links if one.primary and not one.revoked), None)

    # all revoked links of a creator, everybody who waits

    async def _clear(self) -> Ended:
        """Telegram lists them first: how many there are, and whether there are any. Without an answer it is not asked
        again while there are: they may have been revoked since, and nobody meant those."""
        whose = self._errand.about or 0
        creator = await self._creator(whose)
        count = await self._counted(
            self._account.page(self._chat_id, self._hash, creator, revoked=True, after=None)
        )  # fmt: skip
        deleted = 0

        async def recorded(by: int | None) -> None:
            nonlocal deleted
            deleted = await self._ledger.links.cleared(self._chat_id, whose, by=by, how=HOW)

        ended, reason, more = await self._all(
            count,
            lambda: self._account.clear(self._chat_id, self._hash, creator, self._leave.about_to_send),
            recorded,
            repeatable=False,
        )
        return ended, reason, more | {"n": max(count, deleted)}

    async def _answer(self, link_id: int | None, secret: str | None) -> Ended:
        """Everybody who waits. Who is still listed after it was not answered, and whoever asked later was not meant:
        without an answer it is asked again only where nobody did."""
        link = await self._ledger.links.get(link_id) if link_id is not None else None
        approved, sent = self._errand.act == Act.APPROVE, self._errand.sent_at
        state, requests = RequestState.APPROVED if approved else RequestState.DECLINED, self._ledger.requests
        page, began = await self._waiting(secret), self._now()
        meant, whole = page.count, len(page.every) == page.count
        if whole:
            if sent is None:  # else who is listed no more was answered, and not by nobody
                found = asking(self._chat_id, page.every)
                await self._ledger.chats.saw_people(page.people, hashes=page.hashes)
                await requests.read(self._chat_id, link_id, found, before=began - CLOCK_BEARS)
            meant = sum(sent is None or one.at <= sent for one in page.every)
        figures = {"already": 0, "n": 0}

        async def recorded(by: int | None) -> None:
            left = await self._waiting(secret) if meant else page
            listed = {one.person_id for one in left.every}
            figures["n"] = max(0, meant - left.count)
            if by is not None:
                done = await requests.answered(
                    self._chat_id, link_id, state, by=by, until=sent or began, but=listed
                )  # fmt: skip
                figures["n"] = max(figures["n"], done)

        ended, reason, more = await self._all(
            meant,
            lambda: self._account.answer_all(
                self._chat_id, self._hash, secret, self._leave.about_to_send, approved=approved
            ),
            recorded,
            link,
            repeatable=whole and meant == page.count,
        )
        return ended, reason, more | {"n": figures["n"]}

    async def _waiting(self, secret: str | None) -> Importers:
        try:
            return await self._account.importers(self._chat_id, self._hash, secret, waiting=True, after=None)
        except Unreadable as refusal:
            raise Refusal(word(refusal)) from None

    async def _counted(self, asked: Awaitable[Any]) -> int:
        try:
            page = await asked
        except Unreadable as refusal:
            raise Refusal(word(refusal)) from None
        return int(page.count)

    async def _all(
        self,
        count: int,
        send: Callable[[], Awaitable[None]],
        record: Callable[[int | None], Awaitable[object]],
        link: Link | None = None,
        *,
        repeatable: bool,
    ) -> Ended:
        """`repeatable`: sent once more it could reach nothing that was not meant."""
        sent, by = self._errand.sent_at, self._errand.asked_by
        if count:
            if sent is not None and self._now() < sent + LATE:
                raise Wait(Held.CHECKING, sent + LATE)
            if sent is not None and not repeatable:
                return ErrandState.UNKNOWN, "", {}
            await self._leave.demand()
            await self._leave.demand_right(self._chat_id, self._hash, link)
            try:
                await send()
            except Unreadable as refusal:
                if refusal.reason != "HIDE_REQUESTER_MISSING":
                    raise Refusal(word(refusal)) from None
            except UnknownType:
                raise Wait(Held.CHECKING, self._now() + LATE) from None
        await record(by if count or sent is not None else None)
        return ErrandState.DONE, "", {"already": int(not count and sent is None), "n": count}

    # the chat and its people

    async def _place(self, *, again: bool = False) -> None:
        """Where the chat is to be found. Raises NotInChat."""
        chat = await self._ledger.chats.get(self._chat_id)
        if chat is None:
            raise UnknownChat
        if chat.id < CHANNELS and (again or chat.account_hash is None):
            await resolve(self._account, self._ledger, [chat.id])
            chat = await self._ledger.chats.get(chat.id)
            if chat is None or chat.account_hash is None:
                raise NotInChat
        self._chat_id, self._hash = chat.id, chat.account_hash

    async def _creator(self, person_id: int) -> tuple[int, int] | None:
        """As the listing methods name him; None for the account itself."""
        if person_id == self._account.id:
            return None
        known = await self._ledger.chats.account_hash(person_id)
        if known is None:
            raise Refusal("no-access-hash")
        return person_id, known

    def _now(self) -> int:
        return int(self._acting.clock())


def _terms_of(seen: SeenLink) -> Terms:
    return Terms(seen.title, seen.expires, seen.limit, seen.approval, bool(seen.price))

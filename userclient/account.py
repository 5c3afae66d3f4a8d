"""The signed-in account: what it asks of Telegram and what Telegram's errors come to. With `wire` and `login` the
only file that imports Telethon."""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any

from telethon import errors, utils
from telethon.tl import TLRequest, functions, types

from ledger.chats import SeenPerson
from ledger.links import SeenLink
from ledger.rights import Standing
from userclient.answers import (
    CHANNELS,
    PAGE,
    Admins,
    FoundChat,
    Importers,
    LogPage,
    Page,
    Terms,
    action_of,
    channel,
    group,
    importer,
    link_of,
    moved,
    person,
)
from userclient.errors import (
    AccountError,
    NoAnswer,
    Offline,
    SessionLost,
    UnknownType,
    Unreadable,
    WrongClock,
)
from userclient.gate import Gate
from userclient.session import Session
from userclient.settings import UserClientSettings
from userclient.wire import LINKS_AND_JOINS, Forgetful, Reader, allowed, innermost, method_name

FROZEN = 3600  # seconds before a frozen account is asked for anything again: it is told no time
ADMINS = 200  # the most of them Telegram gives at once, more than a chat can have
CLOCK_BEARS = 20  # seconds; Telegram's messages are refused at 30
CLOCK_TRUSTED = 3600  # seconds until it is compared again

_ERROR_NAMES = {cls: name for name, cls in errors.rpc_errors_dict.items()}


class Account:
    """A connection of the account, made anew by each connect(). With ACCOUNT_MODE=read it changes nothing.

    Every method raises the errors of `userclient.errors`, nothing of Telethon's. A call that takes
    longer than `limit` seconds drops the connection (NoAnswer).
    """

    def __init__(
        self,
        settings: UserClientSettings,
        session: Session,
        gate: Gate,
        *,
        clock: Callable[[], float],
        limit: float = 30.0,
    ) -> None:
        self.id = session.account_id
        self.name = ""
        self._settings = settings
        self._session = session
        self._gate = gate
        self._clock = clock
        self._limit = limit
        self._allowed = allowed(settings.account_mode)
        self._client: Reader | None = None
        self._apart = self._compared = 0.0  # of the machine's clock: from its own time since start, and when

    @property
    def connected(self) -> bool:
        return self._client is not None and bool(self._client.is_connected())

    async def connect(self) -> None:
        """One attempt. Raises SessionLost, Offline, TryLater, WrongClock (more than 20 s apart)."""
        await self.disconnect()
        for method in ("help.getConfig", "users.getUsers"):
            await self._gate.enter(method)
        self._client = client = Reader(
            self._settings, Forgetful(self._session.string), self._allowed, request_retries=0, connection_retries=0
        )
        try:
            async with self._limited("help.getConfig"):
                await client.connect()
            if not isinstance(client.me, types.User) or client.me.id != self.id:
                raise SessionLost("OTHER_ACCOUNT")
            self.name = person(client.me).name
            await self.check_clock()
        except BaseException:
            await self.disconnect()
            raise

    @property
    def clock_in_doubt(self) -> bool:
        """Whether the clock was set since it was last compared with Telegram's, or that is an hour ago."""
        set_by = self._clock() - time.monotonic() - self._apart
        return abs(set_by) > CLOCK_BEARS / 2 or time.monotonic() - self._compared > CLOCK_TRUSTED

    async def check_clock(self) -> None:
        """Compares the clocks. Raises WrongClock, and the connection is given up."""
        self._compared = time.monotonic()
        self._apart = self._clock() - self._compared
        config = await self.call(functions.help.GetConfigRequest())
        ahead = round(self._clock() - config.date.timestamp())
        if abs(ahead) > CLOCK_BEARS:
            await self.disconnect()
            raise WrongClock(ahead)

    async def disconnect(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with suppress(Exception):
                await client.disconnect()
            # It may hold why the connection ended; left unread, asyncio prints that as a fault of ours.
            with suppress(Exception):
                await client.disconnected

    async def call(self, request: TLRequest, just_before: Callable[[], Awaitable[None]] | None = None) -> Any:
        """Sends one request through the gate; `just_before`, awaited once nothing is left to wait for, may still
        raise to stop it. Raises ForbiddenCall before anything is sent."""
        if self._client is None:
            raise Offline("there is no connection to Telegram")
        if self.clock_in_doubt:
            await self.check_clock()
        client = self._client
        client.check(request)
        method = method_name(type(innermost(request)))
        await self._gate.enter(method)
        if just_before is not None:
            await just_before()
        try:
            async with self._limited(method):
                return await client(request)
        except Offline:
            await self.disconnect()
            raise

    async def find(self, wanted: Collection[int]) -> dict[int, FoundChat]:
        """Those of the wanted chats that the account is in, or was until they became supergroups, from its
        dialogs, read until all are found. What else stands there, private texts too, is dropped unread."""
        found: dict[int, FoundChat] = {}
        date, message_id, peer = None, 0, types.InputPeerEmpty()
        while set(wanted) - set(found):
            request = functions.messages.GetDialogsRequest(
                offset_date=date, offset_id=message_id, offset_peer=peer, limit=PAGE, hash=0,
                exclude_pinned=date is not None,
            )  # fmt: skip
            page = await self.call(request)
            for chat in page.chats:
                if (place := _found(chat)) and place.seen.id in wanted:
                    found[place.seen.id] = place
            if not isinstance(page, types.messages.DialogsSlice) or len(page.dialogs) < PAGE:
                break
            last = _last_dialog(page)
            if last is None or last[1:] == (message_id, peer):
                break
            date, message_id, peer = last
        return found

    async def admins(self, chat_id: int, access_hash: int | None) -> Admins:
        """Every admin who has links. Only a chat's owner is told: Unreadable(CHAT_ADMIN_REQUIRED)."""
        answer = await self.call(functions.messages.GetAdminsWithInvitesRequest(_peer(chat_id, access_hash)))
        people, hashes = _people(answer.users)
        counts = {one.admin_id: (one.invites_count, one.revoked_invites_count) for one in answer.admins}
        return Admins(counts, people, hashes)

    async def page(
        self,
        chat_id: int,
        access_hash: int | None,
        creator: tuple[int, int] | None,
        *,
        revoked: bool,
        after: tuple[int, str] | None,
    ) -> Page:
        """At most 100 links of one creator (id and access hash; None: the account itself), from the
        one after `after` on (creation time and link of the last one received)."""
        date, link = after or (None, None)
        request = functions.messages.GetExportedChatInvitesRequest(
            peer=_peer(chat_id, access_hash),
            admin_id=types.InputUser(*creator) if creator else types.InputUserSelf(),
            limit=PAGE, revoked=revoked, offset_date=date, offset_link=link,
        )  # fmt: skip
        answer = await self.call(request)
        # A chatInvitePublicJoinRequests may stand among them; it has no fields at all.
        invites = [invite for invite in answer.invites if isinstance(invite, types.ChatInviteExported)]
        whole = tuple(link_of(invite) for invite in invites if not invite.link.endswith("..."))
        people, hashes = _people(answer.users)
        return Page(whole, len(answer.invites), len(whole) < len(invites), answer.count, people, hashes)

    async def link(self, chat_id: int, access_hash: int | None, link: str) -> SeenLink:
        """One link as it is now. Raises Unreadable: INVITE_HASH_EXPIRED for one that is not there."""
        request = functions.messages.GetExportedChatInviteRequest(_peer(chat_id, access_hash), link)
        return link_of((await self.call(request)).invite)

    async def edit(
        self, chat_id: int, access_hash: int | None, link: str, terms: Terms, before: Callable[[], Awaitable[None]]
    ) -> SeenLink:
        """Sets all four, as TDLib does for an ordinary link, so that nothing is reset by being left out; of a paid
        link the title alone. Raises Unreadable: EDIT_BOT_INVITE_FORBIDDEN, CHAT_INVITE_PERMANENT, …"""
        more: dict[str, Any] = {}
        if not terms.paid:
            more = {"expire_date": terms.expires or 0, "usage_limit": terms.limit, "request_needed": terms.approval}
        request = functions.messages.EditExportedChatInviteRequest(
            _peer(chat_id, access_hash), link, title=terms.title, **more
        )
        return link_of((await self.call(request, before)).invite)

    async def revoke(
        self, chat_id: int, access_hash: int | None, link: str, before: Callable[[], Awaitable[None]]
    ) -> tuple[SeenLink, SeenLink | None]:
        """The link, revoked, and where it was a primary one the new primary (messages.exportedChatInviteReplaced)."""
        request = functions.messages.EditExportedChatInviteRequest(_peer(chat_id, access_hash), link, revoked=True)
        answer = await self.call(request, before)
        new = getattr(answer, "new_invite", None)
        return link_of(answer.invite), None if new is None else link_of(new)

    async def delete(
        self, chat_id: int, access_hash: int | None, link: str, before: Callable[[], Awaitable[None]]
    ) -> None:
        """A revoked link. Raises Unreadable: INVITE_REVOKED_MISSING, INVITE_HASH_EXPIRED."""
        await self.call(
            functions.messages.DeleteExportedChatInviteRequest(_peer(chat_id, access_hash), link), before
        )  # fmt: skip

    async def clear(
        self, chat_id: int, access_hash: int | None, creator: tuple[int, int] | None,
        before: Callable[[], Awaitable[None]],
    ) -> None:  # fmt: skip
        """All revoked links of one creator (id and access hash; None: the account itself)."""
        admin = types.InputUser(*creator) if creator else types.InputUserSelf()
        request = functions.messages.DeleteRevokedExportedChatInvitesRequest(_peer(chat_id, access_hash), admin)
        await self.call(request, before)

    async def answer_all(
        self, chat_id: int, access_hash: int | None, link: str | None, before: Callable[[], Awaitable[None]], *,
        approved: bool,
    ) -> None:  # fmt: skip
        """Lets in, or turns away, everybody who waits by the link, or in the chat. Raises Unreadable:
        HIDE_REQUESTER_MISSING where nobody does, CHANNELS_TOO_MUCH, …"""
        request = functions.messages.HideAllChatJoinRequestsRequest(
            _peer(chat_id, access_hash), approved=approved or None, link=link
        )
        await self.call(request, before)

    async def importers(
        self, chat_id: int, access_hash: int | None, link: str | None, *, waiting: bool,
        after: tuple[int, int, int] | None,
    ) -> Importers:  # fmt: skip
        """At most 100 who joined by the link, or with `waiting` who wait (by the link, or in the chat), from the one
        after `after` on (time, id and access hash of the last one received), latest first."""
        date, *user = after or (0, 0, 0)
        request = functions.messages.GetChatInviteImportersRequest(
            _peer(chat_id, access_hash), offset_date=date, limit=PAGE, requested=waiting or None, link=link,
            offset_user=types.InputUser(*user) if after else types.InputUserEmpty(),
        )  # fmt: skip
        answer = await self.call(request)
        people, hashes = _people(answer.users)
        return Importers(tuple(map(importer, answer.importers)), answer.count, people, hashes)

    async def standings(self, chat_id: int, access_hash: int | None) -> dict[int, Standing]:
        """Of the owner and every admin, as Telegram has it now; an admin of a basic group has every right."""
        if chat_id > CHANNELS:
            full = (await self.call(functions.messages.GetFullChatRequest(-chat_id))).full_chat
            listed = getattr(full.participants, "participants", ())
        else:
            peer = types.InputChannel(CHANNELS - chat_id, access_hash or 0)
            request = functions.channels.GetParticipantsRequest(
                peer, types.ChannelParticipantsAdmins(), offset=0, limit=ADMINS, hash=0
            )
            listed = (await self.call(request)).participants
        return {one.user_id: standing for one in listed if (standing := _standing(one)) is not None}

    async def admin_log(self, chat_id: int, access_hash: int | None, *, since: int, before: int) -> LogPage:
        """At most 100 events of a supergroup's or channel's log, the newest first: of those after `since` and
        before `before` (ids; 0 is no bound) what is about links and joins. Any admin may ask; Telegram keeps 48 h.
        Raises Unreadable(CHAT_ADMIN_REQUIRED)."""
        request = functions.channels.GetAdminLogRequest(
            channel=types.InputChannel(CHANNELS - chat_id, access_hash or 0), q="", limit=PAGE,
            min_id=since, max_id=before, events_filter=LINKS_AND_JOINS,
        )  # fmt: skip
        answer = await self.call(request)
        actions = tuple(action for event in answer.events if (action := action_of(event)) is not None)
        people, hashes = _people(answer.users)
        return LogPage(tuple(event.id for event in answer.events), actions, people, hashes)

    @asynccontextmanager
    async def _limited(self, method: str) -> AsyncIterator[None]:
        """Bounds what is awaited within and turns Telethon's errors into ours."""
        try:
            async with asyncio.timeout(self._limit):
                yield
        except AccountError:
            raise
        except TimeoutError:
            raise NoAnswer("Telegram did not answer in time") from None
        except asyncio.CancelledError:
            # Telethon cancels what waits for an answer when it gives a connection up.
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise Offline("the connection to Telegram was lost") from None
        except errors.RPCError as error:
            raise await self._translated(error, method) from None
        except errors.AuthKeyNotFound:
            raise SessionLost("AUTH_KEY_NOT_FOUND") from None
        except (errors.TypeNotFoundError, BufferError, struct.error, UnicodeDecodeError) as error:
            if isinstance(error, errors.InvalidBufferError):
                raise Offline("the connection to Telegram broke down") from None
            raise UnknownType from None
        except (OSError, EOFError, errors.SecurityError, errors.BadMessageError) as error:
            raise Offline(f"no connection to Telegram ({type(error).__name__})") from None

    async def _translated(self, error: errors.RPCError, method: str) -> AccountError:
        if error.request is not None:
            method = method_name(type(innermost(error.request)))
        name = _ERROR_NAMES.get(type(error)) or str(error.message)
        match error:
            case errors.FloodError() if not hasattr(error, "seconds"):
                return await self._gate.flooded(method, FROZEN)
            case errors.FloodError():
                return await self._gate.flooded(method, error.seconds)
            case errors.UnauthorizedError() | errors.AuthKeyDuplicatedError():
                return SessionLost(name)
            case errors.ServerError() | errors.TimedOutError() | errors.RpcCallFailError():
                return Offline(f"Telegram has trouble of its own ({name})")
        return Unreadable(name)


def _peer(chat_id: int, access_hash: int | None) -> Any:
    if chat_id > CHANNELS:
        return types.InputPeerChat(-chat_id)
    return types.InputPeerChannel(CHANNELS - chat_id, access_hash or 0)


def _standing(participant: Any) -> Standing | None:
    match participant:
        case types.ChannelParticipantCreator() | types.ChatParticipantCreator():
            return Standing.OWNER
        case types.ChatParticipantAdmin():
            return Standing.ADMIN
        case types.ChannelParticipantAdmin():
            return Standing.ADMIN if participant.admin_rights.invite_users else Standing.POWERLESS
    return None


def _people(users: Collection[Any]) -> tuple[tuple[SeenPerson, ...], dict[int, int]]:
    """A `min` user's access hash does not open a listing."""
    known = [user for user in users if isinstance(user, types.User)]
    hashes = {user.id: user.access_hash for user in known if user.access_hash is not None and not user.min}
    return tuple(map(person, known)), hashes


def _found(chat: Any) -> FoundChat | None:
    """None for what is no chat the account is in: forbidden, left or deleted."""
    if isinstance(chat, types.Chat):
        if isinstance(chat.migrated_to, types.InputChannel):
            return moved(chat)
        return None if chat.left or chat.deactivated else group(chat)
    if isinstance(chat, types.Channel):
        return None if chat.left else channel(chat)
    return None


def _last_dialog(page: Any) -> tuple[datetime | None, int, Any] | None:
    """Where the next page of dialogs goes on: date, message and peer of the last one here."""
    entities = {utils.get_peer_id(entity): entity for entity in [*page.users, *page.chats]}
    messages = {
        (utils.get_peer_id(message.peer_id), message.id): message for message in page.messages if message.peer_id
    }
    for dialog in reversed(page.dialogs):
        peer_id = utils.get_peer_id(dialog.peer)
        message = messages.get((peer_id, dialog.top_message))
        if message is not None and getattr(message, "date", None) and peer_id in entities:
            return message.date, message.id, utils.get_input_peer(entities[peer_id])
    return None

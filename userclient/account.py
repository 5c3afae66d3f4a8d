"""The signed-in account on the wire. With `login` the only file that imports Telethon.

Every request, also those Telethon makes by itself, passes `Guarded._call`, where the allow-list stands.
"""

from __future__ import annotations

import asyncio
import logging
import struct
import time
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any

from telethon import TelegramClient, errors, utils
from telethon.crypto import rsa
from telethon.network import ConnectionTcpFull
from telethon.sessions import StringSession
from telethon.tl import TLRequest, functions, types

from ledger.chats import SeenPerson
from userclient.answers import CHANNELS, PAGE, Admins, FoundChat, Page, channel, group, link_of, moved, person
from userclient.errors import (
    AccountError,
    ForbiddenCall,
    NoAnswer,
    Offline,
    SessionLost,
    UnknownType,
    Unreadable,
    WrongClock,
)
from userclient.gate import Gate
from userclient.session import Session
from userclient.settings import BadSetting, UserClientSettings

FROZEN = 3600  # seconds before a frozen account is asked for anything again: it is told no time
CLOCK_BEARS = 20  # seconds; Telegram's messages are refused at 30
CLOCK_TRUSTED = 3600  # seconds until it is compared again

# Telethon's lines can hold raw pages of an answer and say nothing that its errors do not.
_SILENT = logging.getLogger("userclient.wire")
_SILENT.setLevel(logging.CRITICAL + 1)

_WRAPPERS = (
    functions.InvokeWithLayerRequest,
    functions.InitConnectionRequest,
    functions.InvokeWithoutUpdatesRequest,
)
_ERROR_NAMES = {cls: name for name, cls in errors.rpc_errors_dict.items()}

# What the account may ask, and the whole of it: tests hold the sandbox's log against this list.
READING = frozenset(
    {
        functions.help.GetConfigRequest,
        functions.users.GetUsersRequest,  # of itself only
        functions.messages.GetDialogsRequest,
        functions.messages.GetAdminsWithInvitesRequest,
        functions.messages.GetExportedChatInvitesRequest,
    }
)


def method_name(request: type[TLRequest]) -> str:
    """Telegram's own name: `messages.getExportedChatInvites`."""
    module = request.__module__.rsplit(".", 1)[-1]
    name = request.__name__.removesuffix("Request")
    name = name[0].lower() + name[1:]
    return name if module == "functions" else f"{module}.{name}"


def allowed_names() -> list[str]:
    """The allow-list as people read it; `ping` keeps the connection alive."""
    return sorted([*map(method_name, READING), "ping"])


class Guarded(TelegramClient):
    """A client that can send nothing outside `allowed` and acts on no updates; only a sign-in by QR
    receives any.

    Telethon's own connect() would read the account's updates (updates.getState, getDifference) for a
    signed-in session, again whenever a push leaves a gap, and private messages with them.
    """

    def __init__(
        self,
        settings: UserClientSettings,
        session: StringSession,
        allowed: Collection[type[TLRequest]],
        *,
        request_retries: int,
        connection_retries: int,
        receive_updates: bool = False,
    ) -> None:
        self._allowed = frozenset(allowed)
        self.me: types.User | None = None
        trust_server(settings)
        super().__init__(
            session,
            *settings.api(),
            connection=ConnectionTcpFull,
            connection_retries=connection_retries,
            retry_delay=0,
            request_retries=request_retries,
            auto_reconnect=False,
            flood_sleep_threshold=0,
            raise_last_call_error=True,
            receive_updates=receive_updates,
            device_model="Invite Ledger",
            base_logger=_SILENT,
        )

    def check(self, request: Any) -> None:
        """Raises ForbiddenCall."""
        for each in request if utils.is_list_like(request) else [request]:
            inner = innermost(each)
            itself = not isinstance(inner, functions.users.GetUsersRequest) or all(
                isinstance(one, types.InputUserSelf) for one in inner.id
            )
            if type(inner) not in self._allowed or not itself:
                raise ForbiddenCall(method_name(type(inner)))

    async def _call(self, sender: Any, request: Any, ordered: bool = False, flood_sleep_threshold: Any = None) -> Any:
        self.check(request)
        return await super()._call(sender, request, ordered=ordered)

    async def _on_login(self, user: types.User) -> types.User:
        self._authorized = True
        self.me = user
        return user

    async def _update_loop(self) -> None:
        while self.is_connected():
            await self._updates_queue.get()

    async def _create_exported_sender(self, dc_id: int) -> Any:
        raise ForbiddenCall("auth.exportAuthorization")  # it would send past _call


class _Reader(Guarded):
    async def get_me(self, input_peer: bool = False) -> Any:
        """Telethon's own swallows the 401 that says why a session ended."""
        [me] = await self(functions.users.GetUsersRequest([types.InputUserSelf()]))
        return me

    async def _switch_dc(self, new_dc: int) -> None:
        raise SessionLost("USER_MIGRATE")  # Telethon's own would throw the auth key away


class Forgetful(StringSession):
    """Keeps the key and the address only: no names, phones or hashes of who is met in dialogs."""

    def process_entities(self, tlo: Any) -> None:
        pass


def innermost(request: Any) -> Any:
    while isinstance(request, _WRAPPERS):
        request = request.query
    return request


def trust_server(settings: UserClientSettings) -> None:
    """Makes the key of a server that is not Telegram's known to Telethon, process-wide."""
    if settings.mtproto_public_key is None:
        return
    try:
        rsa.add_key(settings.mtproto_public_key.read_text(encoding="ascii"), old=False)
    except (OSError, ValueError):
        raise BadSetting("MTPROTO_PUBLIC_KEY must name a PEM file with the server's RSA public key") from None


class Account:
    """A connection of the account, made anew by each connect(). Reads; changes nothing.

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
        self._client: _Reader | None = None
        self._apart = self._compared = 0.0  # of the machine's clock: from its own time since start, and when

    @property
    def connected(self) -> bool:
        return self._client is not None and bool(self._client.is_connected())

    async def connect(self) -> None:
        """One attempt. Raises SessionLost, Offline, TryLater, WrongClock (more than 20 s apart)."""
        await self.disconnect()
        for method in ("help.getConfig", "users.getUsers"):
            await self._gate.enter(method)
        self._client = client = _Reader(
            self._settings, Forgetful(self._session.string), READING, request_retries=0, connection_retries=0
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

    async def call(self, request: TLRequest) -> Any:
        """Sends one request through the gate. Raises ForbiddenCall before anything is sent."""
        if self._client is None:
            raise Offline("there is no connection to Telegram")
        if self.clock_in_doubt:
            await self.check_clock()
        client = self._client
        client.check(request)
        method = method_name(type(innermost(request)))
        await self._gate.enter(method)
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
        return Admins(tuple(admin.admin_id for admin in answer.admins), people, hashes)

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

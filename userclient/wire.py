"""What may go over the account's wire, and the client that sends nothing else.

Every request, also those Telethon makes by itself, passes `Guarded._call`, where the allow-list stands.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from typing import Any

from telethon import TelegramClient, utils
from telethon.crypto import rsa
from telethon.network import ConnectionTcpFull
from telethon.sessions import StringSession
from telethon.tl import TLRequest, functions, types

from userclient.errors import ForbiddenCall, SessionLost
from userclient.settings import BadSetting, UserClientSettings

# Telethon's lines can hold raw pages of an answer and say nothing that its errors do not.
_SILENT = logging.getLogger("userclient.wire")
_SILENT.setLevel(logging.CRITICAL + 1)

_WRAPPERS = (
    functions.InvokeWithLayerRequest,
    functions.InitConnectionRequest,
    functions.InvokeWithoutUpdatesRequest,
)

# What the account may ask, and the whole of it: tests hold the sandbox's log against these lists.
READING = frozenset(
    {
        functions.help.GetConfigRequest,
        functions.users.GetUsersRequest,  # of itself only
        functions.messages.GetDialogsRequest,
        functions.messages.GetAdminsWithInvitesRequest,
        functions.messages.GetExportedChatInvitesRequest,
        functions.messages.GetExportedChatInviteRequest,
        functions.messages.GetChatInviteImportersRequest,
        functions.channels.GetAdminLogRequest,  # of links and joins only
    }
)
# With ACCOUNT_MODE=act also this. messages.exportChatInvite is not among it: a primary link is replaced by
# revoking it by name, which a repeat cannot do to the new one.
ACTING = frozenset(
    {
        functions.channels.GetParticipantsRequest,  # the admins only
        functions.messages.GetFullChatRequest,  # the same of a basic group
        functions.messages.EditExportedChatInviteRequest,
        functions.messages.DeleteExportedChatInviteRequest,
        functions.messages.DeleteRevokedExportedChatInvitesRequest,
        functions.messages.HideAllChatJoinRequestsRequest,
    }
)

LINKS_AND_JOINS = types.ChannelAdminLogEventsFilter(join=True, invites=True)

# Of some methods not every call is on the list.
_ONLY: Mapping[type[TLRequest], Callable[[Any], bool]] = {
    functions.users.GetUsersRequest: lambda asked: all(isinstance(one, types.InputUserSelf) for one in asked.id),
    functions.channels.GetAdminLogRequest: lambda asked: asked.events_filter == LINKS_AND_JOINS,
    functions.channels.GetParticipantsRequest: lambda asked: isinstance(asked.filter, types.ChannelParticipantsAdmins),
}


def allowed(mode: str) -> frozenset[type[TLRequest]]:
    """In ACCOUNT_MODE `read` or `act`."""
    return READING | ACTING if mode == "act" else READING


def method_name(request: type[TLRequest]) -> str:
    """Telegram's own name: `messages.getExportedChatInvites`."""
    module = request.__module__.rsplit(".", 1)[-1]
    name = request.__name__.removesuffix("Request")
    name = name[0].lower() + name[1:]
    return name if module == "functions" else f"{module}.{name}"


def allowed_names(mode: str = "read") -> list[str]:
    """The allow-list as people read it; `ping` keeps the connection alive."""
    return sorted([*map(method_name, allowed(mode)), "ping"])


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
            if type(inner) not in self._allowed or not _ONLY.get(type(inner), bool)(inner):
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


class Reader(Guarded):
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

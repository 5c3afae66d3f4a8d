"""A remote procedure call: read, unwrapped, met by a scripted fault or answered from the table."""

from __future__ import annotations

import contextlib
import logging
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from telethon.errors import TypeNotFoundError
from telethon.extensions import BinaryReader
from telethon.tl import TLObject, TLRequest, core, functions

from sandbox.chats import Refusal
from sandbox.faults import Kind
from sandbox.log import Call
from sandbox.mtproto.calls import METHODS, Caller, Handler, method_name
from sandbox.mtproto.messages import serialise
from sandbox.world import World

if TYPE_CHECKING:
    from sandbox.mtproto.session import Key

_log = logging.getLogger(__name__)

_GARBLED = struct.pack("<I", 0xDEADBEEF)  # a constructor no layer has

_WRAPPERS = (
    functions.InvokeWithLayerRequest,
    functions.InitConnectionRequest,
    functions.InvokeWithoutUpdatesRequest,
    functions.InvokeAfterMsgRequest,
    functions.InvokeAfterMsgsRequest,
    functions.InvokeWithTakeoutRequest,
    functions.InvokeWithMessagesRangeRequest,
)


class HangUp(Exception):
    """The scripted fault is a closed connection instead of an answer."""


class NoAnswer(Exception):
    """The scripted fault is silence."""


@dataclass(slots=True)
class Request:
    """A call without its wrappers, and what they said."""

    query: TLObject
    layer: int = 0
    without_updates: bool = False
    after: list[int] = field(default_factory=list)  # the messages it must wait for


def read_request(body: bytes) -> TLObject:
    """Raises 400 INPUT_CONSTRUCTOR_INVALID for what this layer does not know, INPUT_FETCH_ERROR for
    what is cut short."""
    try:
        return BinaryReader(body).tgread_object()
    except TypeNotFoundError as error:
        raise Refusal(400, "INPUT_CONSTRUCTOR_INVALID") from error
    except Exception as error:
        raise Refusal(400, "INPUT_FETCH_ERROR") from error


def unwrap(query: TLObject) -> Request:
    request = Request(query)
    while True:
        match request.query:
            case core.GzipPacked():
                request.query = read_request(request.query.data)
                continue
            case functions.InvokeWithLayerRequest():
                request.layer = request.query.layer
            case functions.InvokeWithoutUpdatesRequest():
                request.without_updates = True
            case functions.InvokeAfterMsgRequest():
                request.after.append(request.query.msg_id)
            case functions.InvokeAfterMsgsRequest():
                request.after.extend(request.query.msg_ids)
        if not isinstance(request.query, _WRAPPERS):
            return request
        request.query = request.query.query


class Answering:
    """Answers calls from METHODS and from `own`, the server's methods about itself."""

    def __init__(self, world: World, own: Mapping[type[TLRequest], Handler]) -> None:
        self._world = world
        self._own = own

    async def answer(self, key: Key, query: TLObject) -> bytes:
        """The result, serialised. Raises Refusal, HangUp or NoAnswer."""
        who = key.authorization.person_id
        method = method_name(query)
        fault = self._world.faults.take(method, who)
        key_id = f"{key.authorization.key_id:016x}"
        self._world.log.add(Call("mtproto", who, method, self._world.clock(), key_id, fault.kind if fault else ""))
        if fault is None:
            return await self._perform(key, query)
        match fault.kind:
            case Kind.FLOOD:
                raise Refusal(420, f"FLOOD_WAIT_{fault.value}")
            case Kind.ERROR:
                raise Refusal(fault.value, fault.name)
            case Kind.SILENCE:
                raise NoAnswer
            case Kind.GARBLE:
                return _GARBLED
            case Kind.LIE:
                return await self._perform(key, query, fault.change)
            case Kind.DROP_AFTER:
                with contextlib.suppress(Refusal):
                    await self._perform(key, query)
        raise HangUp

    async def _perform(self, key: Key, query: TLObject, change: Callable[[Any], Any] | None = None) -> bytes:
        if key.duplicated:
            raise Refusal(406, "AUTH_KEY_DUPLICATED")
        if not key.authorization.layer:
            raise Refusal(400, "CONNECTION_NOT_INITED")
        handler = self._own.get(type(query)) or METHODS.get(type(query))
        if handler is None:
            raise Refusal(400, "INPUT_METHOD_INVALID")
        if key.authorization.person_id is not None:
            key.ended = ""
        try:
            result = await handler(Caller(self._world, key.authorization, key.dc), query)
            # Serialised in here: a result that is no TL must not leave the client without an answer.
            return serialise(change(result) if change else result)
        except Refusal as refusal:
            if key.ended and refusal.name == "AUTH_KEY_UNREGISTERED":
                raise Refusal(401, key.ended) from refusal
            raise
        except Exception as error:
            _log.exception("%s failed", method_name(query))
            raise Refusal(500, "INTERNAL") from error

"""One session of an auth key: messages in, service answers and results out."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from telethon.tl import TLObject, TLRequest, functions, types

from sandbox.chats import Refusal
from sandbox.mtproto import messages, rpc
from sandbox.mtproto.calls import Authorization
from sandbox.mtproto.messages import BadMessage, Message, MessageIds, Packet

TOO_OLD, TOO_NEW = 300, 30  # seconds a client's message id may lie behind or ahead
_REMEMBERED = 4096  # message ids a session keeps to know a repeated one
_CONTAINER = 100  # messages to a container


class Line(Protocol):
    """The connection a session speaks through at the moment."""

    def send_packet(self, key: Key, packet: Packet) -> None: ...
    def hang_up(self) -> None: ...


@dataclass(slots=True, repr=False)
class Key:
    """An auth key of one data centre, with what the server decided about it from outside."""

    authorization: Authorization
    dc: int
    salt: int
    sessions: dict[int, Session] = field(default_factory=dict)
    ended: str = ""  # why its sign-in is over: SESSION_REVOKED, USER_DEACTIVATED...
    duplicated: bool = False


@dataclass(slots=True)
class Wire:
    """What all sessions of a server share. The clock is the machine's, not the world's: clients
    refuse messages whose id is 300 s behind or 30 s ahead of their own time."""

    clock: Callable[[], float]
    answering: rpc.Answering
    ids: MessageIds
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)


class Session:
    def __init__(self, wire: Wire, key: Key, session_id: int) -> None:
        self.line: Line | None = None
        self._wants_updates = False
        self._wire = wire
        self._key = key
        self._id = session_id
        self._opened = False
        self._content_sent = 0
        self._outbox: list[Message] = []
        self._seen: dict[int, None] = {}
        self._running: dict[int, asyncio.Task[bool]] = {}

    def receive(self, packet: Packet, line: Line) -> None:
        """Takes one packet; answers go to `line`, or to the one that a later packet came by."""
        self.line = line
        outer = packet.message
        if error := self._misfit(packet):
            self._refuse_message(outer, error)
            return
        try:
            inner = list(messages.unpack(outer))
        except BadMessage:
            self._refuse_message(outer, 64)
            return
        if inner and not self._opened:
            self._opened = True
            # Clients repeat whatever is older than first_msg_id: in a container that is not the outer id.
            first = min(m.id for m in inner)
            self._send(types.NewSessionCreated(first, secrets.randbits(63), self._key.salt), content=True)
        for message in inner:
            if message.id in self._seen:
                self._send(types.MsgsAck([message.id]))
                continue
            self._seen[message.id] = None
            if len(self._seen) > _REMEMBERED:
                del self._seen[next(iter(self._seen))]
            self._take(message)

    @property
    def listening(self) -> bool:
        """Whether it is connected and its last call was not wrapped in invokeWithoutUpdates."""
        return self.line is not None and self._wants_updates

    def push(self, updates: TLObject) -> None:
        self._queue(bytes(updates), content=True, answer=False)

    def flush(self) -> None:
        """Sends what waits, several messages as one container."""
        waiting, self._outbox = self._outbox, []
        for start in range(0, len(waiting), _CONTAINER):
            part = waiting[start : start + _CONTAINER]
            packed = messages.pack(part, self._wire.ids.answer(), self._content_sent * 2)
            if self.line:
                self.line.send_packet(self._key, Packet(self._key.salt, self._id, packed))

    def _misfit(self, packet: Packet) -> int:
        """The bad_msg_notification code of a packet that cannot be taken, or 0."""
        sent, now = packet.message.id >> 32, self._wire.clock()
        if packet.message.id % 4:
            return 18
        if sent < now - TOO_OLD:
            return 16
        if sent > now + TOO_NEW:
            return 17
        return 48 if packet.salt != self._key.salt else 0

    def _refuse_message(self, message: Message, code: int) -> None:
        if code == 48:
            self._send(types.BadServerSalt(message.id, message.seqno, code, self._key.salt))
        else:
            self._send(types.BadMsgNotification(message.id, message.seqno, code))

    def _take(self, message: Message) -> None:
        try:
            read = rpc.read_request(message.body)
        except Refusal as refusal:
            self._refuse(message.id, refusal)
            return
        match read:
            case functions.PingRequest() | functions.PingDelayDisconnectRequest():
                self._send(types.Pong(message.id, read.ping_id))
            case functions.GetFutureSaltsRequest():
                now = int(self._wire.clock())  # a key keeps one salt for good
                self._send(types.FutureSalts(message.id, now, [types.FutureSalt(now, now + 86400, self._key.salt)]))
            case functions.DestroySessionRequest():
                destroyed = (
                    types.DestroySessionOk
                    if self._key.sessions.pop(read.session_id, None)
                    else types.DestroySessionNone
                )
                self._send(destroyed(read.session_id))
            case functions.RpcDropAnswerRequest():
                self._answer(message.id, bytes(types.RpcAnswerUnknown()))
            case types.MsgsStateReq() | types.MsgResendReq():
                states = bytes(4 if m in self._seen else 1 for m in read.msg_ids)
                self._send(types.MsgsStateInfo(message.id, states))
            case TLRequest():
                self._serve(message.id, read)

    def _serve(self, message_id: int, wrapped: TLObject) -> None:
        """Calls run side by side, so that a slow or silent one holds up no other."""
        try:
            request = rpc.unwrap(wrapped)
        except Refusal as refusal:
            self._refuse(message_id, refusal)
            return
        self._wants_updates = not request.without_updates
        self._key.authorization.layer = request.layer or self._key.authorization.layer
        before = [self._running[m] for m in request.after if m in self._running]
        task = asyncio.create_task(self._run(message_id, request.query, before, self.line))
        self._running[message_id] = task
        self._wire.tasks.add(task)
        task.add_done_callback(self._wire.tasks.discard)
        task.add_done_callback(lambda _: self._running.pop(message_id, None))

    async def _run(self, message_id: int, query: TLObject, before: list[asyncio.Task[bool]], line: Line | None) -> bool:
        """Whether the call succeeded, for those that wait for it."""
        try:
            if not all(await asyncio.gather(*before)):
                raise Refusal(400, "MSG_WAIT_FAILED")
            result = await self._wire.answering.answer(self._key, query)
        except Refusal as refusal:
            self._refuse(message_id, refusal)
        except rpc.NoAnswer:
            pass
        except rpc.HangUp:
            if line:
                line.hang_up()
        else:
            self._answer(message_id, result)
            return True
        return False

    def _answer(self, request_id: int, result: bytes) -> None:
        self._queue(messages.rpc_result(request_id, result), content=True)

    def _refuse(self, request_id: int, refusal: Refusal) -> None:
        self._answer(request_id, bytes(types.RpcError(refusal.code, refusal.name)))

    def _send(self, message: TLObject, *, content: bool = False) -> None:
        self._queue(bytes(message), content=content)

    def _queue(self, body: bytes, *, content: bool, answer: bool = True) -> None:
        """What becomes ready in the same turn of the loop leaves together."""
        if not self._outbox:
            asyncio.get_running_loop().call_soon(self.flush)
        message_id = self._wire.ids.answer() if answer else self._wire.ids.own()
        # Content messages have odd numbers; Kurigram drops a repeated one.
        self._outbox.append(Message(message_id, self._content_sent * 2 + content, body))
        self._content_sent += content

"""One RPC as the methods see it, and the table of methods that answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from telethon.tl import TLObject, TLRequest

from sandbox.chats import Person, Refusal
from sandbox.world import World

Handler = Callable[["Caller", Any], Awaitable[Any]]
H = TypeVar("H", bound=Handler)

METHODS: dict[type[TLRequest], Handler] = {}


@dataclass(slots=True)
class Authorization:
    """What the server keeps per auth key, over connections: who signed in with it, and how."""

    key_id: int
    key: bytes = field(repr=False)
    person_id: int | None = None
    layer: int = 0
    half_signed_in: int | None = None  # passed the code, owes the password
    srp: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(slots=True)
class Caller:
    """Who calls: `person` is None until the key is signed in; a bot is a Person too."""

    world: World
    authorization: Authorization
    dc: int

    @property
    def person(self) -> Person | None:
        who = self.authorization.person_id
        return None if who is None else self.world.people[who]

    def user(self) -> Person:
        """The signed-in caller. Raises 401 AUTH_KEY_UNREGISTERED where there is none."""
        if self.person is None:
            raise Refusal(401, "AUTH_KEY_UNREGISTERED")
        return self.person

    def human(self) -> Person:
        """The signed-in caller, who must not be a bot: 400 BOT_METHOD_INVALID."""
        caller = self.user()
        if caller.is_bot:
            raise Refusal(400, "BOT_METHOD_INVALID")
        return caller


def answers(request: type[TLRequest]) -> Callable[[H], H]:
    """Registers the coroutine that answers one TL function; it returns a TLObject, bool, int or list."""

    def register(handler: H) -> H:
        assert request not in METHODS, request
        METHODS[request] = handler
        return handler

    return register


def method_name(request: TLObject) -> str:
    """Telegram's own name of a request: `messages.getExportedChatInvites`."""
    module = type(request).__module__.rsplit(".", 1)[-1]
    name = type(request).__name__.removesuffix("Request")
    name = name[0].lower() + name[1:]
    return name if module == "functions" else f"{module}.{name}"

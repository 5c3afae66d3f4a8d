"""One question: who asks, where, and the way it came."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ledger.chats import SeenPerson
from ledger.errands import Place


class Way(StrEnum):
    """How a question reached the bot; it decides how the answer may go back."""

    PRIVATE = "private"
    EPHEMERAL = "ephemeral"  # a command only its sender and the bot see
    OPEN = "open"  # an ordinary message in a group
    PRESS = "press"  # a button
    PROVEN = "proven"  # a command typed as the group; who presses the line below it proves who he is


@dataclass(frozen=True, slots=True)
class Asked:
    """`here` is the chat the message or the pressed button stands in, the person's own id in private;
    a group that became a supergroup goes by its new id. `place` is the message pressed, or the
    command's own; `text` is empty for a press. `received` is when intake stored the update, in Unix
    seconds. `edited`: the message was there before, with another text. `reply_to` is the message of
    this bot that it replies to. `in_private`: this chat wants its answers in the private chat. `mentioned`:
    people without a username whom it names; in `text` they are `@` and their id."""

    update_id: int
    person: SeenPerson
    way: Way
    here: int
    in_group: bool
    text: str
    place: Place | None
    query_id: str | None = None
    thread_id: int | None = None
    received: int = 0
    edited: bool = False
    reply_to: Place | None = None
    in_private: bool = False
    mentioned: tuple[SeenPerson, ...] = ()

    def __repr__(self) -> str:  # `text` may hold a whole link
        return f"Asked({self.update_id}, {self.way}, by {self.person.id}, in {self.here})"

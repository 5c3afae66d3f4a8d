"""What a person did wrong or cannot have now. Handlers raise these; screens word them.

`key` names the message in the locale files, `arguments` are what that message is filled with. None of
them holds a full link, a token or a person's text beyond what that person typed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from ledger.chats import Chat


class BotError(Exception):
    """Ends a question with one line of why and one right example. `passing`: the same may do later.
    `of_chat`: it is so in the chat that was asked about, so that chat is named."""

    key: ClassVar[str] = "problem-failed"
    passing: ClassVar[bool] = False
    of_chat: bool = False

    def __init__(self, **arguments: object) -> None:
        super().__init__(self.key)
        self.arguments = arguments


class NotAdmin(BotError):
    """The asker is no admin of the chat."""

    key = "problem-not-admin"
    of_chat = True


class NoInviteRight(BotError):
    """The asker is an admin without the right to invite."""

    key = "problem-no-invite-right"
    of_chat = True


class OwnerOnly(BotError):
    """The asker is an admin, not the owner."""

    key = "problem-owner-only"
    of_chat = True


class NotNamed(BotError):
    """The asker is an admin whom the owner has not named for this: "retire", or "remove" of another's link."""

    key = "problem-not-named"
    of_chat = True

    def __init__(self, act: str) -> None:
        super().__init__(act=act)


class AnonymousAdmin(BotError):
    """Written as the group itself: it proves some admin, not which one."""

    key = "problem-anonymous-admin"


class Unserved(BotError):
    """The host has not said yes to this chat."""

    key = "problem-unserved"
    of_chat = True


class NoChatChosen(BotError):
    """A private question without a chosen chat; `chats` are those this person may ask in."""

    key = "problem-no-chat-chosen"

    def __init__(self, chats: Sequence[Chat]) -> None:
        super().__init__(count=len(chats))
        self.chats = tuple(chats)


class UnknownNumber(BotError):
    """The chat has no link of that number."""

    key = "problem-unknown-number"
    of_chat = True

    def __init__(self, number: int) -> None:
        super().__init__(number=number)
        self.number = number


class UnknownPerson(BotError):
    """No creator of that name in this chat."""

    key = "problem-unknown-person"
    of_chat = True

    def __init__(self, name: str) -> None:
        super().__init__(name=name)


class NotYours(BotError):
    """The asker may see the link of that number, not do this to it. Without a number: another's question, or chat."""

    key = "problem-not-yours"
    of_chat = True

    def __init__(self, number: int | None = None) -> None:
        super().__init__(number="none" if number is None else str(number))


class WrongOption(BotError):
    """A word that cannot be right; `example` is one that is."""

    key = "problem-wrong-option"

    def __init__(self, text: str, example: str) -> None:
        super().__init__(text=text, example=example)
        self.text = text
        self.example = example


class BotPowerless(BotError):
    """The bot lacks a right in the chat: "invite", "restrict", "admin" or "present"."""

    key = "problem-bot-powerless"
    of_chat = True

    def __init__(self, right: str) -> None:
        super().__init__(right=right)
        self.right = right


class NoBanRight(BotError):
    """The asker is an admin without the right to ban users."""

    key = "problem-no-ban-right"
    of_chat = True


class NotHost(BotError):
    """Only the host may press this."""

    key = "problem-not-host"


class Stale(BotError):
    """A press or confirmation that came too late to be acted on."""

    key = "problem-stale"
    passing = True


class CannotSave(BotError):
    """The ledger is busy, full or read-only: nothing was done."""

    key = "problem-cannot-save"
    passing = True


class TelegramWaits(BotError):
    """Telegram asks the bot to wait longer than a person would."""

    key = "problem-telegram-waits"
    passing = True

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds=seconds)
        self.seconds = seconds


class TelegramRefused(BotError):
    """Telegram refused or could not be reached; nothing more is known."""

    key = "problem-telegram-refused"
    passing = True


class Failed(BotError):
    """A fault of ours; `number` finds it in the log."""

    key = "problem-failed"
    passing = True

    def __init__(self, number: str) -> None:
        super().__init__(number=number)
        self.number = number

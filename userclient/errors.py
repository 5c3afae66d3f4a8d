"""What can go wrong with the account. None of these ever holds a link, a phone, a key or a session."""

from __future__ import annotations


class AccountError(Exception):
    """The account cannot be used. The message is one line for the host."""


class ForbiddenCall(AccountError):
    """A call outside the allow-list; it was stopped here, nothing was sent."""

    def __init__(self, method: str) -> None:
        super().__init__(f"{method} is not on the account's list of allowed calls: nothing was sent")
        self.method = method


class TryLater(AccountError):
    """Telegram said FLOOD_WAIT for `method`: no call of it before `until` (Unix seconds)."""

    def __init__(self, method: str, until: int) -> None:
        super().__init__(f"Telegram makes the account wait before {method}")
        self.method = method
        self.until = until


_WHY_LOST = {
    "SESSION_REVOKED": "it was ended from another device",
    "SESSION_EXPIRED": "it was not used for too long",
    "AUTH_KEY_UNREGISTERED": "Telegram no longer knows it",
    "AUTH_KEY_NOT_FOUND": "Telegram no longer knows its key",
    "AUTH_KEY_DUPLICATED": "it was used in two places at once",
    "USER_DEACTIVATED": "Telegram has closed the account",
    "USER_DEACTIVATED_BAN": "Telegram has banned the account",
    "USER_MIGRATE": "the account moved to another data centre",
    "OTHER_ACCOUNT": "it is another account's",
}


class SessionLost(AccountError):
    """The session is over for good; `reason` is Telegram's name for it, such as SESSION_REVOKED."""

    def __init__(self, reason: str) -> None:
        why = f": {_WHY_LOST[reason]}" if reason in _WHY_LOST else ""
        super().__init__(f"the account's session is over ({reason}{why}); sign in again: python -m console login")
        self.reason = reason


class Unreadable(AccountError):
    """Telegram refused this one question; `reason` is its name for why, such as CHAT_ADMIN_REQUIRED."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Telegram answered {reason}")
        self.reason = reason


class UnknownType(AccountError):
    """An answer this version cannot read: Telegram's layer is newer."""

    def __init__(self) -> None:
        super().__init__("Telegram sent something this version cannot read: update Telethon")


class Offline(AccountError):
    """No connection, or Telegram has trouble of its own; what was asked may be asked again."""


class NoAnswer(Offline):
    """Telegram did not answer in time; the connection was dropped."""


class WrongClock(Offline):
    """This machine's clock and Telegram's differ by more than a session bears."""

    def __init__(self, ahead: int) -> None:
        side = "ahead of" if ahead > 0 else "behind"
        super().__init__(f"this machine's clock is {abs(ahead)} s {side} Telegram's: set it right")


class SessionFileError(AccountError):
    """The session file cannot be used as it is."""


class SessionHeld(AccountError):
    """Another program holds the session."""

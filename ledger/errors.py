"""What can go wrong with the ledger. A class's docstring is the line the host reads."""


class LedgerError(Exception):
    """The ledger cannot be used."""

    def __str__(self) -> str:
        return self.args[0] if self.args else (type(self).__doc__ or "")


class WrongKey(LedgerError):
    """LEDGER_KEY is not the key this ledger was written with. Nothing was changed: put the right key back."""


class BadKey(LedgerError):
    """LEDGER_KEY is not a key. `make setup` makes one; `python -m console key` prints a new one."""


class NoKey(BadKey):
    """LEDGER_KEY is not set (nor LEDGER_KEY_FILE): without it the ledger cannot be read. `make setup` makes one."""


class TooOpen(LedgerError):
    """A file that holds secrets can be read by others. Nothing was opened."""


class NotALedger(LedgerError):
    """LEDGER_URL names something that is not a ledger. Nothing was changed."""


class NewerLedger(LedgerError):
    """This ledger was written by a newer version of Invite Ledger. Update the programs; nothing was changed."""


class LedgerBusy(LedgerError):
    """Another program holds the ledger and does not let go."""


class CannotWrite(LedgerError):
    """The ledger cannot be written: the disk is full, failing or read-only. What was under way was not saved."""


class UnknownChat(LedgerError):
    """The ledger knows no such chat."""


class ChatMoved(UnknownChat):
    """This group became a supergroup: the ledger keeps it under its new id."""

    def __init__(self, new_id: int) -> None:
        super().__init__()
        self.new_id = new_id


class UnknownLink(LedgerError):
    """The ledger knows no such invite link in this chat."""


class NotWhole(LedgerError):
    """Only the first characters of this invite link are known: it was seen in a join, cut by Telegram."""

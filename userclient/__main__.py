"""`python -m userclient`: the account's program. Ends cleanly on SIGTERM and SIGINT."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys

from ledger import logs
from ledger.errors import LedgerError
from ledger.store import Ledger
from userclient.errands import UserClient
from userclient.errors import AccountError, SessionFileError
from userclient.settings import BadSetting, UserClientSettings, load

HOPELESS = 2  # the exit code where starting again helps nothing before the host has done something
GRACE = 2.0  # seconds for the page under way


async def serve(settings: UserClientSettings) -> None:
    """Until a signal comes. Raises LedgerError, AccountError and BadSetting."""
    ledger = await Ledger.open(settings)
    try:
        client = UserClient(settings, ledger)
        task = asyncio.create_task(client.run())
        stop = asyncio.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        client.stop()
        await asyncio.wait({task}, timeout=GRACE)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        if not task.cancelled() and (error := task.exception()):
            raise error
    finally:
        await ledger.close()


def main() -> int:
    gc.freeze()  # what is imported stays
    gc.set_threshold(10_000)  # a page is thousands of objects, all let go soon
    try:
        settings = load()
        try:
            logs.configure(settings.log_level, settings.log_format)
        except ValueError as error:
            raise BadSetting(str(error)) from None
        asyncio.run(serve(settings))
    except (LedgerError, AccountError, BadSetting) as error:
        print(f"userclient: {error}", file=sys.stderr)  # noqa: T201
        return HOPELESS if isinstance(error, BadSetting | SessionFileError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`python -m bot`: runs the bot until SIGTERM or SIGINT. Exit code 2: settings are wrong, a new start
does not help; 1: anything else."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import threading

from bot.settings import BotSettings, WrongSettings, read_settings
from ledger import logs
from ledger.errors import LedgerBusy, LedgerError

WRONG_SETTINGS = 2
LAST_RESORT_SECONDS = 28


def main() -> int:
    try:
        settings = read_settings()
        logs.configure(settings.log_level, settings.log_format)
    except (WrongSettings, ValueError) as error:
        return _complain(str(error), WRONG_SETTINGS)
    try:
        asyncio.run(_run(settings))
    except WrongSettings as error:
        return _complain(str(error), WRONG_SETTINGS)
    except LedgerError as error:
        return _complain(str(error), 1 if isinstance(error, LedgerBusy) else WRONG_SETTINGS)
    except KeyboardInterrupt:
        return 0
    except BaseException as error:
        return _complain(f"the bot ended: {_kinds(error)}", 1)
    return 0


async def _run(settings: BotSettings) -> None:
    gc.disable()  # what is imported stays: to look through it again and again takes a quarter of the start
    from bot import late_types  # noqa: F401, PLC0415 - before all else of aiogram; wrong settings are named before it
    from bot.app import run  # noqa: PLC0415

    gc.freeze()
    gc.set_threshold(10_000)
    gc.enable()

    stop = asyncio.Event()

    def end() -> None:
        stop.set()
        last_resort = threading.Timer(LAST_RESORT_SECONDS, os._exit, (1,))
        last_resort.daemon = True
        last_resort.start()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, end)
    await run(settings, stop=stop)


def _kinds(error: BaseException) -> str:
    """The kinds of errors, and never their texts: those may hold a link."""
    if isinstance(error, BaseExceptionGroup):
        return ", ".join(_kinds(inner) for inner in error.exceptions)
    where = error.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    place = f" at {os.path.basename(where.tb_frame.f_code.co_filename)}:{where.tb_lineno}" if where else ""
    return f"{type(error).__name__}{place}"


def _complain(line: str, code: int) -> int:
    sys.stderr.write(f"bot: {line}\n")
    return code


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # a thread that hangs in the database must not keep a dead program alive

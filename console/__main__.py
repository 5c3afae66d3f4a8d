"""What the host types: `python -m console COMMAND`. A command's imports stand inside it, so that a small
one starts fast."""

from __future__ import annotations

import gc
import os
import sys
import traceback
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Parameter, UnknownCommandError

from console.mistyped import Mistyped

ChatId = Annotated[int, Parameter(name="--chat", allow_leading_hyphen=True)]
Flag = Parameter(negative=())
Json = Annotated[bool, Parameter(name="--json", negative=())]

app = App(
    name="python -m console",
    help="Invite Ledger: the host's commands.",
    help_format="plaintext",
    version_flags=(),
    print_error=False,
    exit_on_error=False,
    result_action="return_value",
)

EXAMPLES = {
    "list": "python -m console list --chat -1001234567890 --json",
    "sync": "python -m console sync --chat -1001234567890",
    "sandbox": "python -m console sandbox --json --dir sandbox-data",
    "demo": "python -m console demo --break flood",
    "forget": "python -m console forget @ann",
    "backup": "python -m console backup ledger-copy.db",
}


@app.command
async def setup() -> int:
    """Prepare your own bot: keys, .env, token, add-links, claim link."""
    from console.setup import set_up

    return await set_up()


@app.command
async def doctor(*, as_json: Json = False) -> int:
    """Look at every precondition and name what to mend; changes nothing."""
    from console.doctor import show_findings

    _clean_libraries()
    return await show_findings(as_json=as_json)


@app.command
async def run() -> int:
    """Run bot and account until stopped."""
    from console.run import run

    return await run()


@app.command
async def claim() -> int:
    """Print a new one-time link; whoever opens it becomes the host."""
    from console.book import opened
    from console.claim import bot_of, new_claim_link

    async with opened() as ledger:
        print(await new_claim_link(ledger, await bot_of(ledger, None, within=1.0)))
    return 0


@app.command
async def login(*, qr: Annotated[bool, Flag] = False) -> int:
    """Sign the account in: yes, phone, code, password.

    Parameters
    ----------
    qr
        Yes, then a QR code to scan with another device, and the password if there is one.
    """
    from console import account

    _clean_libraries()
    return await account.login(qr=qr)


@app.command
async def logout() -> int:
    """Sign the account out and remove its session."""
    from console import account

    _clean_libraries()
    return await account.logout()


@app.command
async def sync(*, chat: ChatId | None = None, as_json: Json = False) -> int:
    """Read a chat's invite links now; without --chat, those of every served chat."""
    from console import account

    _clean_libraries()
    return await account.sync(chat, as_json=as_json)


@app.command
async def status(*, as_json: Json = False) -> int:
    """Tell how bot, account and ledger are."""
    from console.status import show_status

    return await show_status(as_json=as_json)


@app.command(name="list")
async def list_(
    *,
    chat: ChatId,
    every: Annotated[bool, Parameter(name="--all", negative=())] = False,
    show_links: Annotated[bool, Flag] = False,
    as_json: Json = False,
) -> int:
    """List a chat's unrevoked invite links, masked.

    Parameters
    ----------
    every
        Revoked and gone ones too.
    show_links
        Show full links. The ledger keeps a record of it.
    """
    from console.listing import show_links as show

    return await show(chat, every=every, whole=show_links, as_json=as_json)


@app.command
async def backup(file: Path, /) -> int:
    """Copy the ledger while the programs run.

    Parameters
    ----------
    file
        The copy's name; it must not stand yet.
    """
    from console.backup import copy_to

    return await copy_to(file)


@app.command
async def forget(who: str, /, *, yes: Annotated[bool, Flag] = False) -> int:
    """Take a person out of the ledger, in every chat.

    Parameters
    ----------
    who
        An id or @username.
    yes
        Do not ask.
    """
    from console.forgetting import forget as forget_person

    return await forget_person(who, yes=yes)


@app.command
def key() -> int:
    """Print a new key for LEDGER_KEY or SESSION_KEY."""
    from ledger.secrets import new_key

    print(new_key())
    return 0


@app.command
def sandbox(
    *,
    as_json: Json = False,
    folder: Annotated[Path | None, Parameter(name="--dir")] = None,
    bot_api_port: int = 0,
    mtproto_port: int = 0,
) -> int:
    """Run a small Telegram on loopback until stopped.

    Parameters
    ----------
    folder
        Where its world is kept, for the next start too; a temporary folder otherwise.
    """
    from sandbox.program import serve

    serve(folder, bot_api_port, mtproto_port, as_json=as_json)
    return 0


@app.command
async def demo(*, step: Annotated[str | None, Parameter(name="--break")] = None) -> int:
    """Play the whole story on the sandbox.

    Parameters
    ----------
    step
        Corrupt the answer that this step looks at: the demo must end there.
    """
    from console.demo import main

    return await main(step)


@app.command
def play() -> int:
    """Speak and press as the people of the demo's world.

    Lines also come from standard input; it ends with them.
    """
    from console.prompt import main

    _clean_libraries()
    return main()


def _clean_libraries() -> None:
    # Unconfigured, Python prints a library's warnings as they are.
    from ledger.logs import configure

    configure("ERROR")


def main(arguments: list[str] | None = None) -> int:
    """Runs one command. Whatever goes wrong ends in one line on standard error: exit code 2 for what was
    typed wrong, 1 for all else."""
    typed = sys.argv[1:] if arguments is None else arguments
    try:
        return int(app(typed or ["--help"]) or 0)
    except CycloptsError as error:
        return _complain(_usage(error, typed), 2)
    except Mistyped as error:
        return _complain(str(error), 2)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader went away: `… | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        return _complain(_line(error), 1)


def _usage(error: CycloptsError, typed: list[str]) -> str:
    why = " ".join(str(error).split()).partition(" Available commands:")[0]
    if isinstance(error, UnknownCommandError):
        return f"{why} All commands: python -m console --help"
    command = typed[0]
    return f"{why} Example: {EXAMPLES.get(command, f'python -m console {command}')}"


def _line(error: Exception) -> str:
    from pydantic import ValidationError

    if isinstance(error, ValidationError):
        first = error.errors(include_input=False, include_url=False)[0]
        name = "_".join(map(str, first["loc"])).upper()
        return f"{name} is wrong: {first['msg'].removeprefix('Value error, ')}. .env.example shows a right one."
    # Our own errors, and the system's, are worded for people.
    if type(error).__module__.partition(".")[0] in {"bot", "console", "ledger", "sandbox", "userclient"}:
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    place = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"A fault of ours: {type(error).__name__} in {place.name}, line {place.lineno} of {Path(place.filename).name}."
    )


def _complain(line: str, code: int) -> int:
    from ledger.logs import redact

    print(redact(line), file=sys.stderr)
    return code


if __name__ == "__main__":
    gc.set_threshold(50_000)  # what is imported stays: to look through it again and again takes a tenth of a start,
    # and what runs on (`run`, `play`) makes little that must be looked for
    sys.exit(main())

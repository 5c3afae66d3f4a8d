"""`console status`: how bot, account and ledger are."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from console.book import opened
from ledger.chats import AT_WORK, Account, AccountState, ChatStatus, Status
from ledger.store import Ledger
from ledger.sweeps import Ages
from userclient.schedule import Schedule, What
from userclient.settings import UserClientSettings, load

SILENT_AFTER = 60  # seconds; a program says a word every 20

ACCOUNT_WORDS = {
    AccountState.ABSENT: "not signed in: python -m console login",
    AccountState.STARTING: "starting",
    AccountState.READY: "ready",
    AccountState.WAITING: "Telegram makes it wait",
    AccountState.OFFLINE: "no connection",
    AccountState.LOST: "its session was ended: python -m console login",
    AccountState.STALE: "no word from the program: is `make run` running?",
}


BOT_WORDS = {
    "starting": "starting",
    "ready": "running",
    "offline": "no answer from Telegram",
    "conflict": "another program reads its updates: stop it, or have @BotFather revoke the token",
    "refused": "Telegram refuses BOT_TOKEN: ask @BotFather for the present one",
    "stopped": "stopped",
}
ENDED = frozenset({"refused", "stopped"})
NOTICE = "tell-host"  # as the bot names the row of a notice it could not deliver
END_OF_TIME = 1 << 62
APART = 900  # seconds between two readings before each is given its time


async def show_status(*, as_json: bool) -> int:
    async with opened() as ledger:
        status = await ledger.host.status()
        notices = await waiting_notices(ledger)
        ages = await ledger.checks.ages()
    settings = load()
    signed_in = settings.session_file.exists()
    queue = queue_of(status, settings, ages, time.time())
    if as_json:
        told = as_object(status, signed_in=signed_in, notices=notices, queue=queue)
        print(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        print_status(status, Console(), int(time.time()), signed_in=signed_in, notices=notices, queue=queue)
    return 0


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for the account: errands people `asked`, chats due for a `check` and for a `sweep`; and how many
    calls a second it makes at most."""

    asked: int
    check: int
    sweep: int
    calls_per_second: float


def queue_of(status: Status, settings: UserClientSettings, ages: Iterable[Ages], now: float) -> Queue:
    schedule = Schedule(check_every=settings.sync_every, sweep_every=settings.sweep_every)
    schedule.know(ages)
    waiting = schedule.waiting(now)
    asked = sum(each.open_errands for each in status.chats)
    return Queue(asked, waiting[What.CHECK], waiting[What.SWEEP], settings.calls_per_second)


async def waiting_notices(ledger: Ledger) -> int:
    """How many notices for the host wait until he opens a private chat with the bot."""
    return sum(due.what == NOTICE for due in await ledger.dues.ready(END_OF_TIME))


def as_object(
    status: Status, *, signed_in: bool, notices: int = 0, queue: Queue | None = None
) -> dict[str, Any]:  # fmt: skip
    """Times are Unix seconds; `host` is the host's id or null; `waits` maps a method to the end of its flood wait."""
    account = status.account
    return {
        "host": status.host_id,
        "bot": {
            "id": status.bot.id if status.bot else None,
            "username": status.bot.username if status.bot else None,
            "seen": status.bot_seen,
            "state": status.bot_state,
            "detail": status.bot_detail,
        },
        "notices": notices,
        "account": {
            "state": account.state.value,
            "signed_in": signed_in,
            "since": account.since,
            "until": account.until,
            "id": account.person_id,
            "name": account.name,
            "detail": account.detail,
            "calls": account.calls or {},
            "mode": status.power.mode,
            "off_since": status.power.off_since,
            "off_by_file": status.power.off_by_file,
        },
        "queue": asdict(queue) if queue else None,
        "waits": status.waits,
        "chats": [_chat_object(each) for each in status.chats],
        "inbox": {"waiting": status.inbox_waiting, "quarantined": status.inbox_quarantined},
        "links": status.links,
    }


def _chat_object(each: ChatStatus) -> dict[str, Any]:
    chat, coverage, progress = each.chat, each.coverage, each.progress
    return {
        "id": chat.id,
        "title": chat.title,
        "kind": chat.kind,
        "served": chat.served.value,
        "bot": chat.bot_role.value,
        "account": chat.account_role.value,
        "links": each.links,
        "coverage": {"readable": coverage.readable, "known": coverage.known} if coverage else None,
        "as_of": each.as_of,
        "checked": each.checked_at,
        "joins_read": each.log_read,
        "progress": {"ended": progress.ended, "listings": progress.listings, "links": progress.links}
        if progress
        else None,
        "unreadable_since": each.unreadable_since,
        "open_errands": each.open_errands,
        "account_acts": chat.account_acts,
    }


def _power_words(status: Status) -> str:
    power = status.power
    if power.mode != "act":
        return "it reads only (ACCOUNT_MODE=read)"
    if power.off_since is not None:
        return f"it may act, but was switched off {clock(power.off_since)}: /account on"
    if power.off_by_file:
        return "it may act, but a file `off` stands beside the session: remove it"
    chats = sum(each.chat.account_acts for each in status.chats)
    return f"it may act in {chats} of {len(status.chats)} chats (/account)"


def print_status(
    status: Status, console: Console, now: int, *, signed_in: bool, notices: int = 0, queue: Queue | None = None
) -> None:
    facts = Table.grid(padding=(0, 2))
    facts.add_row("host", "claimed" if status.host_id else "nobody yet: python -m console claim")
    facts.add_row("bot", escape(_bot_words(status, now)))
    if notices:
        facts.add_row("", f"{notices} notices for the host wait: press Start in its private chat")
    facts.add_row("account", escape(account_words(status.account, signed_in=signed_in)))
    facts.add_row("", escape(_power_words(status)))
    for method, until in sorted(status.waits.items()):
        facts.add_row("", f"{escape(method)}: not before {clock(until)}")
    if queue and signed_in:
        facts.add_row("reading", _queue_words(queue))
    if calls := status.account.calls:
        counted = (f"{method.rpartition('.')[2]} {count}" for method, count in sorted(calls.items()))
        facts.add_row("calls", escape(" · ".join(counted)))
    waiting = f"{status.inbox_waiting} updates waiting" if status.inbox_waiting else "nothing waiting"
    unread = f", {status.inbox_quarantined} not understood" if status.inbox_quarantined else ""
    facts.add_row("inbox", waiting + unread)
    console.print(facts)
    if not status.chats:
        console.print("\nNo chats yet: add the bot to a group as an admin.")
        return
    for each in status.chats:
        console.print()
        console.print(_chat_facts(each, at_work=status.account.state in AT_WORK))


def _queue_words(queue: Queue) -> str:
    waiting = [
        f"{n} {what}" for n, what in (
            (queue.asked, "asked for by people"), (queue.check, "to be asked what changed"),
            (queue.sweep, "to be read whole"),
        ) if n
    ]  # fmt: skip
    rate = f"{queue.calls_per_second:g} call{'s' if queue.calls_per_second != 1 else ''}"
    return f"{', '.join(waiting) or 'nothing waiting'} · at most {rate} a second"


def _chat_facts(each: ChatStatus, *, at_work: bool) -> Table:
    # Lines, not a table: in 80 columns a table would break the id, which is typed after --chat.
    chat = each.chat
    facts = Table.grid(padding=(0, 2))
    facts.add_row(str(chat.id), f"{escape(chat.title)} ({chat.served.value})")
    facts.add_row("", f"bot: {chat.bot_role.value} · account: {chat.account_role.value}")
    read = f" · {each.coverage.readable} of {each.coverage.known} admins readable" if each.coverage else ""
    facts.add_row("", f"{each.links} invite links{read}")
    facts.add_row("", f"read: {freshness_words(each, at_work=at_work)}")
    return facts


def _bot_words(status: Status, now: int) -> str:
    if status.bot is None:
        return "never started"
    name = f"@{status.bot.username}" if status.bot.username else str(status.bot.id)
    silent = status.bot_seen is None or now - status.bot_seen > SILENT_AFTER
    words = BOT_WORDS.get(status.bot_state, status.bot_state)
    ended = status.bot_state in ENDED
    if silent and not ended:
        return f"{name}, no word from the program: is `make run` running?"
    return " · ".join(part for part in (f"{name}, {words}", status.bot_detail) if part)


def account_words(account: Account, *, signed_in: bool) -> str:
    """`signed_in`: there is a session, which a program that is not running has not told the ledger."""
    words, detail = ACCOUNT_WORDS[account.state], account.detail
    if account.state in {AccountState.ABSENT, AccountState.LOST} and signed_in:
        words, detail = "signed in; `make run` sets it to work", ""
    elif account.state == AccountState.LOST and detail:
        words, detail = detail, ""  # it says the same, and why
    elif account.until:
        words += f" until {clock(account.until)}"
    elif account.state == AccountState.OFFLINE:
        words += f" since {clock(account.since)}"
    return " · ".join(part for part in (account.name, words, detail) if part)


def freshness_words(each: ChatStatus, *, at_work: bool) -> str:
    if each.progress:
        read = f"{each.progress.ended} of {each.progress.listings} listings"
        return f"reading: {read}" if at_work else f"{read} so far"
    if each.unreadable_since:
        return f"not readable since {clock(each.unreadable_since)}"
    if not each.as_of:
        return "never read"
    checked = max(each.as_of, each.checked_at or 0)
    whole = f" · each link {clock(each.as_of)}" if checked - each.as_of > APART else ""
    return clock(checked) + whole


def clock(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")

"""What `console doctor` reads in the ledger: how bot and account are, and how fresh each chat is."""

from __future__ import annotations

from collections.abc import Iterator

from console.check_files import holder
from console.findings import Finding, fine, left_open, wrong
from console.status import ACCOUNT_WORDS, BOT_WORDS, ENDED, SILENT_AFTER, account_words, clock
from ledger.chats import AccountState, ChatStatus, Served, Status
from userclient.settings import UserClientSettings

STALE_AFTER = 4  # times SYNC_EVERY without any reading


def programs(status: Status, notices: int, account: UserClientSettings | None, now: int) -> Iterator[Finding]:
    if status.host_id is None:
        yield wrong("host", "nobody opened the claim link yet", "python -m console claim")
    else:
        yield fine("host", "claimed")
    yield _bot(status, now)
    if notices:
        name = status.bot.username if status.bot else ""
        yield wrong("notices", f"{notices} wait for the host", f"open t.me/{name} and press Start, to be told")
    if account is not None and account.api_id is not None:
        yield _account(status, at_work=bool(holder(account.session_file)))
        for each in status.chats:
            if each.chat.served == Served.SERVED:
                yield from _chat(each, account, now)
    elif not status.chats:
        yield left_open("chats", "none yet", "add the bot to a group as an admin")


def _bot(status: Status, now: int) -> Finding:
    silent = status.bot_seen is None or now - status.bot_seen > SILENT_AFTER
    if status.bot_state in ENDED or silent:
        says = BOT_WORDS[status.bot_state] if status.bot_state in ENDED else "no word from it"
        return wrong("bot", says, "make run")
    if status.bot_state == "conflict":
        return wrong(
            "bot",
            "a second copy reads its updates",
            "end the other copy; if there is none of yours, have @BotFather revoke the token",
        )
    if status.bot_state == "offline":
        return wrong("bot", BOT_WORDS["offline"], "look at the network; it goes on by itself")
    if status.bot_detail:
        return wrong("bot", status.bot_detail, "timedatectl set-ntp true")
    return fine("bot", BOT_WORDS.get(status.bot_state, status.bot_state))


def _account(status: Status, *, at_work: bool) -> Finding:
    """`at_work`: a program holds the session. One that was killed could not say that it ended."""
    account = status.account
    says = account_words(account, signed_in=True)
    match account.state:
        case state if state != AccountState.LOST and not at_work:
            return wrong("account", "no program works with it", "make run")
        case AccountState.READY | AccountState.STARTING | AccountState.WAITING:
            return fine("account", says)
        case AccountState.LOST:
            return wrong("account", account.detail or ACCOUNT_WORDS[account.state], "python -m console login")
        case AccountState.OFFLINE:
            return wrong("account", says, "look at the network and the clock; it goes on by itself")
        case _:
            return wrong("account", "no word from it", "make run")


def _chat(each: ChatStatus, account: UserClientSettings, now: int) -> Iterator[Finding]:
    title, chat_id = each.chat.title, each.chat.id
    role = each.chat.account_role.value
    if each.unreadable_since:
        says = f"{title}: not readable since {clock(each.unreadable_since)} (the account: {role})"
        yield wrong("coverage", says, "let the owner's account be the one that is signed in", chat=chat_id)
        return
    if each.coverage is None or each.as_of is None:
        if each.progress:
            yield left_open("coverage", f"{title}: being read for the first time", chat=chat_id)
        else:
            mend = "python -m console sync; the account must be an admin there"
            yield left_open("coverage", f"{title}: never read (the account: {role})", mend, chat=chat_id)
        return
    says = f"{title}: {each.coverage.readable} of {each.coverage.known} admins readable"
    if each.coverage.readable < each.coverage.known:
        yield left_open("coverage", says, "only the owner's account reads them all", chat=chat_id)
    else:
        yield fine("coverage", says, chat=chat_id)
    checked = max(each.as_of, each.checked_at or 0)
    says = f"{title}: last read {clock(checked)}"
    if now - checked > STALE_AFTER * account.sync_every + SILENT_AFTER and each.progress is None:
        yield wrong("freshness", says, "make run; then python -m console status tells what it waits for", chat=chat_id)
    else:
        yield fine("freshness", says, chat=chat_id)

"""What the bot says on coming into a chat: one line to all, which follows the first reading, and a word in
private to whoever added it. No link and nobody's name is on the line."""

from __future__ import annotations

from aiogram.utils.formatting import Bold, Text, as_list

from bot.callbacks import ListPress
from bot.screens.base import Button, Rows, Screen, clean
from bot.screens.words import say, span
from bot.start_links import add_link
from ledger.chats import AT_WORK, AccountState, Chat, Freshness, Progress, Role
from ledger.listing import Listing

_UNSEEN = (Role.OUTSIDE, Role.MEMBER, Role.POWERLESS, Role.ADMIN)


def added_line(report: Listing, *, now: int, bot_username: str) -> Screen:
    """To all of a group, edited while its links are first read."""
    chat, fresh = report.chat, report.freshness
    lines: list[str | Text] = [Bold(say("added-hello"))]
    lines += _lacking(chat)
    lines += _account(fresh)
    if fresh.progress is not None and fresh.account.state in AT_WORK:
        lines.append(_reading(fresh.progress, now))
    else:
        lines.append(say("added-known", n=report.unrevoked))
    return Screen(as_list(*lines), _rights_button(chat, bot_username))


def added_privately(chat: Chat, *, bot_username: str) -> Screen:
    """To whoever added the bot to a chat that is served: what to do next."""
    lines: list[str | Text] = [Bold(say("added-served", chat=clean(chat.title)))]
    lines += _lacking(chat)
    lines.append(say("added-next-channel" if chat.kind == "channel" else "added-next"))
    start = Button(say("button-added-list"), ListPress(chat=chat.id).pack())
    return Screen(as_list(*lines), (*_rights_button(chat, bot_username), (start,)))


def added_waits(chat: Chat) -> Screen:
    """To whoever added the bot to a chat that is not served yet."""
    return Screen(Text(say("added-waits", chat=clean(chat.title))))


def lacks_rights(chat: Chat) -> bool:
    """Whether a right is missing that this bot uses there."""
    return bool(_lacking(chat))


def _lacking(chat: Chat) -> list[str | Text]:
    if chat.bot_role not in (Role.OWNER, Role.ADMIN):
        return [say("added-lacks-invite", admin="yes" if chat.bot_role == Role.POWERLESS else "no")]
    if chat.kind != "channel" and not chat.bot_deletes:
        return [say("added-lacks-delete")]
    return []


def _rights_button(chat: Chat, bot_username: str) -> Rows:
    if not _lacking(chat):
        return ()
    return ((Button(say("button-rights-give"), url=add_link(bot_username, channel=chat.kind == "channel")),),)


def _account(fresh: Freshness) -> list[str | Text]:
    """What keeps others' links from being read."""
    state = fresh.account.state
    if state in (AccountState.ABSENT, AccountState.LOST):
        return [say("added-no-account")]
    if fresh.account_role in _UNSEEN:
        return [say("added-account", role=fresh.account_role.value)]
    return []


def _reading(progress: Progress, now: int) -> str:
    """Each admin has two listings, of live links and of revoked ones."""
    ended, listings = progress.ended, progress.listings
    seconds = (now - progress.started) * (listings - ended) // ended if ended else 0
    figures = {"ended": ended // 2, "admins": (listings + 1) // 2}
    return say("added-reading-left", **figures, left=span(seconds)) if seconds else say("added-reading", **figures)

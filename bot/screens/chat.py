"""A chat as a whole: which one is asked about, its status, and the reading of its links anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aiogram.utils.formatting import Bold, Italic, Text, as_list

from bot.callbacks import CancelPress, ChatPress, OtherChatPress
from bot.screens.account import power_lines
from bot.screens.base import WIDTH, Button, Screen, clean, cut, rows_of
from bot.screens.linked import linked_button
from bot.screens.listing import account_trouble, back_to_list, freshness_lines, packed
from bot.screens.words import ago, moment, say
from bot.start_links import Replay, add_link, start_link
from ledger.chats import Account, AccountState, Chat, Progress, Served, Status
from ledger.errands import Errand, ErrandState
from ledger.listing import Listing

STATUS_CHATS = 20
CHATS_AT_MOST = 50  # on one keyboard; the others are chosen by name


def chats(every: Sequence[Chat], chosen: int | None, links: Mapping[int, int], *, bot_username: str | None) -> Screen:
    """The chats this person may ask about, the chosen one marked, with how many links each has. In a group,
    where only that group is asked about, a button leads to a private question: `bot_username` is given."""
    if not every:
        return Screen(Text(say("chats-none")), () if bot_username is not None else ((_another(),),))
    buttons = []
    for chat in every[:CHATS_AT_MOST]:
        words = "chat-button-chosen" if chat.id == chosen else "chat-button"
        count = links.get(chat.id, -1)
        label = say(words, title=cut(clean(chat.title), 22), links=f"· {count}" if count >= 0 else "")
        if bot_username is None:
            buttons.append(Button(label.strip(), ChatPress(chat=chat.id).pack()))
        else:
            buttons.append(Button(label.strip(), url=start_link(bot_username, Replay("list", chat.id).payload())))
    more = ((_another(),),) if bot_username is None else ()
    return Screen(Text(Bold(say("chats-title"))), (*rows_of(buttons, 1), *more))


def chosen(chat: Chat, *, with_button: bool = True) -> Screen:
    """Without the button where a keyboard under the text field goes with this message."""
    if not with_button:
        return Screen(as_list(say("chats-chosen", chat=clean(chat.title)), say("chats-chosen-next")))
    return Screen(Text(say("chats-chosen", chat=clean(chat.title))), ((back_to_list(chat.id),),))


def other_chat() -> Screen:
    return Screen(as_list(say("chats-other"), say("chats-other-ways")))


def add_me(bot_username: str, *, channel: bool | None) -> Screen:
    """A chat this bot is not in, or was told to leave: how to add it. `channel` is None where nobody knows
    what it is."""
    return Screen(Text(say("chats-not-in")), rows_of(add_buttons(bot_username, channel), 1))


def add_buttons(bot_username: str, channel: bool | None = None) -> list[Button]:
    """As `add_me`."""
    return [
        Button(say(words), url=add_link(bot_username, channel=kind))
        for kind, words in ((False, "button-add-group"), (True, "button-add-channel"))
        if channel in (None, kind)
    ]


def _another() -> Button:
    return Button(say("button-other-chat"), OtherChatPress(chat=0).pack())


def sync_open(chat: Chat, account: Account, now: int, progress: Progress | None = None) -> Screen:
    """While the reading is asked or, with `progress`, under way: the answer to who asked, and edited anew."""
    title, state = clean(chat.title), account.state
    signed_out = state in (AccountState.ABSENT, AccountState.LOST)
    if progress is not None:
        ended, listings, links = progress.ended, progress.listings, progress.links
        lines = [say("sync-doing", chat=title, ended=ended, listings=listings, links=links)]
    elif signed_out:
        lines = [say("sync-no-account", chat=title)]
    else:
        lines = [say("sync-asked", chat=title)]
    if state == AccountState.WAITING:
        lines.append(say("sync-waiting", until=moment(account.until or now, chat.time_zone, now)))
    elif progress is not None or not signed_out:
        lines += account_trouble(account, chat.time_zone, now)
    return Screen(as_list(*lines), replay=Replay("status", chat.id).payload())


def sync_ended(chat: Chat, errand: Errand, now: int) -> Screen:
    """The outcome, edited into the message that asked."""
    title, keyboard = clean(chat.title), ((back_to_list(chat.id),),)
    if errand.state == ErrandState.DONE:
        figures = {name: int(errand.result.get(name, 0)) for name in ("links", "new", "changed", "gone")}
        lines = [say("sync-done", chat=title), say("sync-figures", **figures)]
        if "known" in errand.result:
            readable, known = int(errand.result["readable"]), int(errand.result["known"])
            lines.append(say("sync-coverage", readable=readable, known=known))
        return Screen(as_list(*lines), keyboard)
    if errand.state == ErrandState.REFUSED:
        return Screen(Text(say("sync-refused", chat=title, reason=errand.reason)), keyboard)
    return Screen(Text(say("sync-unknown", chat=title)), keyboard)


def status(
    report: Listing,
    *,
    now: int,
    reading: Errand | None = None,
    hosts: Status | None = None,
    linked: Chat | None = None,
    acts: Sequence[tuple[str, Errand, bool]] = (),
) -> Screen:
    """What is known of one chat, and how fresh; `reading` is an open wish to read it anew; `hosts` adds
    what only the host is told; `linked` is its channel, or the group that discusses it. `acts` are what the account was
    asked to do and has not: the line of each, and whether the asker may cancel it."""
    chat, fresh = report.chat, report.freshness
    zone, account = chat.time_zone, fresh.account
    warned = [say("list-warned", n=report.warned)] if report.warned else []
    lines: list[str | Text] = [
        Bold(cut(clean(chat.title), WIDTH)),
        packed([say("status-links", n=report.live), *warned], indent=""),
        *(Italic(line) for line in freshness_lines(fresh, chat, now)),
        say("status-bot", role=chat.bot_role.value),
        say("status-account", state=account.state.value),
    ]
    if account.state != AccountState.ABSENT:
        lines[-1] = packed([str(lines[-1]), say("status-since", since=moment(account.since, zone, now))], indent="")
        lines.append(say("status-account-role", role=fresh.account_role.value))
    if fresh.as_of is not None:
        lines.append(say("status-swept", ago=ago(fresh.as_of, now)))
    if reading is not None:
        doing = reading.state == ErrandState.DOING and account.state == AccountState.READY
        state = "doing" if doing else account.state.value
        lines.append(say("status-asked", ago=ago(reading.asked_at, now), state=state))
    lines += [line for line, _, _ in acts]
    if hosts is not None:
        lines += _for_the_host(hosts, zone, now)
    more = ((linked_button(linked),),) if linked is not None else ()
    cancels = [_cancel(line, one) for line, one, may in acts if may]
    keyboard = (*rows_of(cancels, 1), *more, (back_to_list(chat.id),))
    return Screen(as_list(*lines), keyboard, replay=Replay("status", chat.id).payload())


def _cancel(line: str, errand: Errand) -> Button:
    label = say("button-cancel-act", line=line.partition(":")[0])
    return Button(cut(label, WIDTH - 2), CancelPress(chat=errand.chat_id, errand=errand.id).pack())


def host_status(hosts: Status, *, zone: str, now: int) -> Screen:
    """For a host who has no chat to ask about."""
    lines = [say("status-account", state=hosts.account.state.value), *_for_the_host(hosts, zone, now)]
    return Screen(as_list(*lines))


def _for_the_host(status: Status, zone: str, now: int) -> list[str | Text]:
    lines: list[str | Text] = [Text(), Bold(say("status-host"))]
    if status.account.name:
        lines.append(say("status-person", name=clean(status.account.name)))
    lines += power_lines(status.power, zone=zone, now=now)
    if status.account.detail and not status.waits:  # which say more exactly what it says
        lines.append(clean(status.account.detail))
    if status.bot_detail:
        lines.append(clean(status.bot_detail))
    lines.append(say("status-chats", n=sum(one.chat.served is Served.SERVED for one in status.chats)))
    for one in status.chats[:STATUS_CHATS]:
        parts = [cut(clean(one.chat.title), 20), say("list-links", n=one.links)]
        if one.coverage is not None:
            parts.append(f"{one.coverage.readable}/{one.coverage.known}")
        lines.append(packed(parts))
    lines += [
        say("status-wait", method=method.partition(".")[2], until=moment(until, zone, now))
        for method, until in status.waits.items()
    ]
    lines.append(say("status-calls", n=sum((status.account.calls or {}).values())))
    waiting = max(0, status.inbox_waiting - 1)  # without this very question
    lines.append(say("status-inbox", waiting=waiting, quarantined=status.inbox_quarantined))
    return lines

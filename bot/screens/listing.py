"""The list of a chat's invite links, the picker of whose, and how to make a new one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from aiogram.utils.formatting import Bold, Code, Italic, Text, as_list

from bot.callbacks import BACK, CardAct, CardPress, ListPress, NewPress, Replay, WhosePress, start_link
from bot.screens.base import WIDTH, Button, Rows, Screen, clean, columns, cut, rows_of
from bot.screens.words import ago, day, moment, say, span
from ledger.chats import AT_WORK, Account, AccountState, Chat, Freshness, Role
from ledger.links import Link, State
from ledger.listing import Creator, Listing, Position, Query, Shelf, Toward, Whose

INDENT = "    "
CREATORS_A_PAGE = 8


def listing(report: Listing, *, now: int, bot_username: str, in_group: bool) -> Screen:
    """Screen 1: two lines a link, a button for each number, pages, and the filters of this question."""
    query, chat = report.query, report.chat
    body: list[str | Text] = [_title(report)]
    if query.whose == Whose.MINE or (query.whose != Whose.ALL and report.rows):
        body.append(_whose_line(report))
    body += [Italic(line) for line in freshness_lines(report.freshness, chat, now)]
    body += [Text(), _empty_line(query)] if not report.rows else [Text()]
    for link in report.rows:
        body += [Text(row_title(link, query.viewer_id)), Text(line) if (line := row_figures(link, now)) else Text()]
    mine, revoked = query.whose == Whose.MINE, query.shelf == Shelf.REVOKED
    replay = Replay("list", chat.id, mine=mine, revoked=revoked).payload()
    return Screen(as_list(*body), _buttons(report, bot_username, replay, in_group=in_group), replay=replay)


def press_of(query: Query, position: Position, *, page: int) -> ListPress:
    """The button that brings `position` of this question."""
    return ListPress(
        chat=query.chat_id,
        whose=query.whose.value[0],
        person=query.person_id or 0,
        revoked=query.shelf == Shelf.REVOKED,
        kind=position.kind[0],
        joined=position.joined,
        id=position.id,
        page=page,
    )


def query_of(press: ListPress, viewer_id: int) -> Query:
    """The question a list button carries, asked by its presser."""
    kinds = {kind.value[0]: kind for kind in Toward}
    whose = {w.value[0]: w for w in Whose}.get(press.whose, Whose.ALL)
    return Query(
        press.chat,
        viewer_id,
        whose=whose,
        person_id=press.person or None,
        shelf=Shelf.REVOKED if press.revoked else Shelf.UNREVOKED,
        position=Position(kinds.get(press.kind, Toward.FIRST), press.joined, press.id, press.page),
    )


def whose(chat: Chat, creators: Sequence[Creator], *, revoked: bool, page: int) -> Screen:
    """The creators of links here, most links first, with their counts."""
    counted = [(c, c.revoked if revoked else c.unrevoked) for c in creators]
    shown = sorted(((c, n) for c, n in counted if n), key=lambda pair: -pair[1])
    start = max(0, page) * CREATORS_A_PAGE
    buttons = [
        Button(
            say("button-creator", name=cut(clean(creator.name), 20), n=n),
            ListPress(chat=chat.id, whose="p", person=creator.person_id, revoked=revoked).pack(),
        )
        for creator, n in shown[start : start + CREATORS_A_PAGE]
    ]
    turns = []
    if start > 0:
        turns.append(Button("◀", WhosePress(chat=chat.id, revoked=revoked, page=page - 1).pack()))
    if start + CREATORS_A_PAGE < len(shown):
        turns.append(Button("▶", WhosePress(chat=chat.id, revoked=revoked, page=page + 1).pack()))
    last = [
        Button(say("button-all"), ListPress(chat=chat.id, revoked=revoked).pack()),
        Button(say("button-mine"), ListPress(chat=chat.id, whose="m", revoked=revoked).pack()),
    ]
    bots = sum(n for c, n in shown if c.is_bot)
    if bots:
        last.append(Button(say("button-bots", n=bots), ListPress(chat=chat.id, whose="b", revoked=revoked).pack()))
    text = as_list(Bold(cut(clean(chat.title), WIDTH)), say("whose-title"))
    return Screen(text, (*rows_of(buttons, 2), *((tuple(turns),) if turns else ()), tuple(last)))


def new_how(chat: Chat) -> Screen:
    text = as_list(
        Bold(cut(clean(chat.title), WIDTH)), say("new-how"), Code(say("new-how-example")), Text(), say("new-how-rest")
    )
    return Screen(text, ((back_to_list(chat.id),),))


def back_to_list(chat_id: int) -> Button:
    """Brings back the page and the filters that stood there, or else the first page of all."""
    return Button(say("button-list"), ListPress(chat=chat_id, kind=BACK).pack())


def freshness_lines(fresh: Freshness, chat: Chat, now: int) -> list[str]:
    """What the figures are worth: how old, how whole, and what keeps them from being better."""
    zone, state = chat.time_zone, fresh.account.state
    lines: list[str] = []
    if fresh.progress is not None:
        words = "fresh-reading" if state in AT_WORK else "fresh-begun"
        lines.append(say(words, ended=fresh.progress.ended, listings=fresh.progress.listings))
    if fresh.as_of is not None and fresh.coverage is not None:
        readable, known = fresh.coverage.readable, fresh.coverage.known
        lines.append(say("fresh-as-of", ago=ago(fresh.as_of, now), readable=readable, known=known))
    elif fresh.as_of is not None:
        lines.append(say("fresh-as-of-plain", ago=ago(fresh.as_of, now)))
    elif state == AccountState.ABSENT or fresh.account_role in (Role.OUTSIDE, Role.MEMBER, Role.POWERLESS):
        since = fresh.watched_since
        lines.append(say("fresh-bot-only", day=day(since, zone, now)) if since else say("fresh-bot-only-new"))
    elif fresh.progress is None and state == AccountState.READY:
        lines.append(say("fresh-not-yet"))
    lines += account_lines(fresh, zone, now)
    if fresh.unreadable_since is not None:
        lines.append(say("fresh-unreadable", day=day(fresh.unreadable_since, zone, now)))
    if chat.public:
        lines.append(say("fresh-public"))
    return lines


def account_lines(fresh: Freshness, zone: str, now: int) -> list[str]:
    """What the account cannot do now, or never in this chat."""
    if fresh.account.state == AccountState.READY:
        told = {Role.OUTSIDE: "fresh-outside", Role.MEMBER: "fresh-not-admin", Role.POWERLESS: "fresh-not-admin",
                Role.ADMIN: "fresh-own-only"}  # fmt: skip
        return [say(told[fresh.account_role])] if fresh.account_role in told else []
    return account_trouble(fresh.account, zone, now)


def account_trouble(account: Account, zone: str, now: int) -> list[str]:
    """Why the account reads nothing now, and until or since when."""
    match account.state:
        case AccountState.WAITING:
            return [say("fresh-waiting", until=moment(account.until or now, zone, now))]
        case AccountState.OFFLINE | AccountState.STALE:
            return [say(f"fresh-{account.state}", since=moment(account.since, zone, now))]
        case AccountState.LOST:
            return [say("fresh-lost")]
    return []


def row_title(link: Link, viewer_id: int | None) -> str:
    """`#12 spring-ads ⚠ · Ann` in one line."""
    who = say("row-you") if link.whose == viewer_id else clean(link.asker or link.creator)
    start, warning = f"#{link.number} ", " ⚠" if link.warned else ""
    name = name_of(link)
    who = cut(who, max(6, WIDTH - columns(start + warning + name) - 3))
    return f"{start}{cut(name, WIDTH - columns(start + warning + who) - 3)}{warning} · {who}"


def name_of(link: Link) -> str:
    """Its title, else `primary`, else the end by which people know it."""
    if link.title:
        return clean(link.title)
    return say("row-primary") if link.primary else f"…{link.masked[-3:]}" if link.whole else link.masked


def row_figures(link: Link, now: int) -> str:
    """`84 joined · 16 places · 3 d`, indented, on as many lines as it takes."""
    parts = [say("row-joined", n=link.joined)]
    if link.state in (State.REVOKED, State.GONE):
        parts.append(say(f"row-{link.state}"))
        return packed(parts)
    if link.state == State.FULL:
        parts.append(say("row-full"))
    elif link.places is not None:
        parts.append(say("row-places", n=link.places))
    if link.state == State.EXPIRED:
        parts.append(say("row-expired"))
    elif link.expires:
        parts.append(span(link.expires - now))
    elif link.approval:
        parts.append(say("row-approval"))
    elif not link.limit:
        parts.append(say("row-no-limit" if link.primary else "row-never-ends"))
    if link.pending:
        parts.append(say("row-waiting", n=link.pending))
    return packed(parts)


def packed(parts: Iterable[str], *, indent: str = INDENT) -> str:
    """The parts joined by ` · `, broken where a phone's line ends."""
    lines: list[str] = []
    for part in parts:
        if lines and columns(f"{lines[-1]} · {part}") <= WIDTH:
            lines[-1] += f" · {part}"
        else:
            lines.append(indent + part)
    return "\n".join(lines)


def _title(report: Listing) -> Text:
    revoked = report.query.shelf == Shelf.REVOKED
    figures = " · " + say("list-revoked" if revoked else "list-live", n=report.total if revoked else report.live)
    if report.warned and not revoked:
        figures += " · " + say("list-warned", n=report.warned)
    return Text(Bold(cut(clean(report.chat.title), WIDTH - columns(figures))), figures)


def _whose_line(report: Listing) -> str:
    query = report.query
    if query.whose == Whose.MINE or (query.whose == Whose.PERSON and query.person_id == query.viewer_id):
        return say("list-of-you", n=report.total)
    if query.whose == Whose.BOTS:
        return say("list-of-bots", n=report.total)
    name = next((clean(r.asker if r.asked_by == query.person_id and r.asker else r.creator) for r in report.rows), "…")
    return cut(say("list-of", n=report.total, name=name), WIDTH)


def _empty_line(query: Query) -> str:
    if query.shelf == Shelf.REVOKED:
        return say("list-empty-revoked")
    return say({Whose.ALL: "list-empty", Whose.MINE: "list-empty-mine"}.get(query.whose, "list-empty-whose"))


def _buttons(report: Listing, bot_username: str, replay: str, *, in_group: bool) -> Rows:
    query, chat_id = report.query, report.chat.id
    numbers = [
        Button(str(link.number), CardPress(act=CardAct.CARD, chat=chat_id, number=link.number).pack())
        for link in report.rows
    ]
    revoked = query.shelf == Shelf.REVOKED
    filters = [
        Button(say("button-mine"), ListPress(chat=chat_id, whose="m", revoked=revoked).pack())
        if query.whose != Whose.MINE
        else Button(say("button-all"), ListPress(chat=chat_id, revoked=revoked).pack()),
        Button(say("button-whose"), WhosePress(chat=chat_id, revoked=revoked).pack()),
        Button(
            say("button-current" if revoked else "button-revoked"),
            press_of(replace(query, shelf=Shelf.UNREVOKED if revoked else Shelf.REVOKED), Position(), page=1).pack(),
        ),
    ]
    last = [Button(say("button-new"), NewPress(chat=chat_id).pack())]
    if in_group:
        last.append(Button(say("button-private"), url=start_link(bot_username, replay)))
    return (*rows_of(numbers, 5), *_turns(report), tuple(filters), tuple(last))


def _turns(report: Listing) -> Rows:
    """`⏮ ◀ 2/25 ▶ ⏭`; the middle one reads the same page anew."""
    if report.pages <= 1:
        return ()
    query, page, pages = report.query, report.page, report.pages
    turns = [Button(f"{page}/{pages}", press_of(query, query.position, page=page).pack())]
    if report.previous is not None:
        turns.insert(0, Button("◀", press_of(query, report.previous, page=page - 1).pack()))
        if page > 2:
            turns.insert(0, Button("⏮", press_of(query, Position(), page=1).pack()))
    if report.next is not None:
        turns.append(Button("▶", press_of(query, report.next, page=page + 1).pack()))
        if page < pages - 1:
            turns.append(Button("⏭", press_of(query, report.last or report.next, page=pages).pack()))
    return (tuple(turns),)

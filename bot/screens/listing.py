"""The list of a chat's invite links, the picker of whose, and how to make a new one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from aiogram.utils.formatting import Bold, Italic, Text, as_list

from bot.callbacks import CardAct, CardPress, ClearPress, FilterPress, ListPress, NewPress, TablePress, WhosePress
from bot.packing import BACK, pack, pack_place
from bot.screens.base import WIDTH, Button, Rows, Screen, clean, columns, cut, rows_of
from bot.screens.linked import linked_button
from bot.screens.words import ago, day, moment, say, span
from bot.start_links import Replay, start_link
from ledger.chats import AT_WORK, Account, AccountState, Chat, Freshness, Role
from ledger.links import Link, State
from ledger.listing import Creator, Listing, Order, Position, Query, Shelf, Whose

INDENT = "    "
CREATORS_A_PAGE = 8
APART = 900  # seconds between two readings of one screen before each is given its age
_POWERLESS = {Role.POWERLESS: "invite", Role.MEMBER: "admin"}


def listing(
    report: Listing,
    *,
    now: int,
    bot_username: str,
    in_group: bool,
    search: int = 0,
    person: str = "",
    own: bool = False,
    linked: Chat | None = None,
    no_tables: bool = False,
    clears: tuple[int, str, int] | None = None,
) -> Screen:
    """Screen 1: two lines a link, a button for each number, pages, and a way to the filters. `search` is the
    row that keeps the query's words, `person` the name of whom PERSON means; `own`: it is the asker's saved
    list; `linked` is the chat beside this one; `no_tables`: it was asked for as a table, in vain;
    `clears`: whose revoked links can be deleted together, by id and name, and how many."""
    query, chat = report.query, report.chat
    body: list[str | Text] = [title_of(report)]
    if no_tables:
        body.append(Italic(say("list-no-tables")))
    if line := asked_for(report, person, own=own):
        body.append(line)
    body += [Italic(line) for line in freshness_lines(report.freshness, chat, now)]
    if chat.bot_role in _POWERLESS:
        body.append(Italic(say("problem-bot-powerless", right=_POWERLESS[chat.bot_role])))
    body += [Text(), _empty_line(query)] if not report.rows else [Text()]
    for link in report.rows:
        body += [row_title(link, query.viewer_id), row_figures(link, now)]
    replay = listing_replay(query, search)
    keyboard = _buttons(report, bot_username, replay, search, in_group=in_group)
    if clears is not None:
        label = say("button-clear-all", name=cut(clean(clears[1]), 8), n=clears[2])
        keyboard = (*keyboard[:-1], (Button(label, ClearPress(chat=chat.id, whose=clears[0]).pack()),), keyboard[-1])
    if linked is not None:
        keyboard = ((linked_button(linked),), *keyboard)
    return Screen(as_list(*body), keyboard, replay=replay)


def listing_replay(query: Query, search: int) -> str:
    """The start payload of the first page of this question."""
    return Replay("list", query.chat_id, ask=pack(query, search)).payload()


def asked_for(report: Listing, person: str = "", *, own: bool = False) -> str:
    """What is filtered, in words: how many of whose links, which, in what order; empty where nothing is."""
    query, n = report.query, report.total
    if query.whose == Whose.MINE or (query.whose == Whose.PERSON and query.person_id == query.viewer_id):
        counted = say("list-of-you", n=n)
    elif query.whose == Whose.BOTS:
        counted = say("list-of-bots", n=n)
    elif query.whose == Whose.PERSON:
        counted = cut(say("list-of", n=n, name=clean(person)), WIDTH)
    else:
        counted = say("list-links", n=n)
    parts = [] if query.shelf == Shelf.UNREVOKED else [say("list-shelf", shelf=query.shelf.value)]
    if query.order != Order.JOINS:
        parts.append(say("list-order", order=query.order.value))
    if query.words:
        parts.append(cut(say("list-words", words=clean(query.words)), WIDTH))
    if own:
        parts.append(say("list-own"))
    return packed([counted, *parts], indent="") if parts or query.whose != Whose.ALL else ""


def press_of(
    query: Query, position: Position, search: int = 0, kind: type[ListPress | TablePress] = ListPress
) -> ListPress | TablePress:
    """The button that brings `position` of this question, in this form."""
    return kind(chat=query.chat_id, ask=pack(query, search), at=pack_place(position))


def whose(query: Query, chat: Chat, creators: Sequence[Creator], *, page: int, search: int = 0) -> Screen:
    """The creators of links here, most links first, with their counts; each leads to the list `query` is,
    of his links."""
    revoked = query.shelf == Shelf.REVOKED
    counted = [(c, c.revoked if revoked else c.unrevoked) for c in creators]
    shown = sorted(((c, n) for c, n in counted if n), key=lambda pair: -pair[1])
    start = max(0, page) * CREATORS_A_PAGE

    def of(whose: Whose, person_id: int | None = None) -> str:
        one = replace(query, whose=whose, person_id=person_id)
        return ListPress(chat=chat.id, ask=pack(one, search)).pack()

    buttons = [
        Button(say("button-creator", name=cut(clean(creator.name), 20), n=n), of(Whose.PERSON, creator.person_id))
        for creator, n in shown[start : start + CREATORS_A_PAGE]
    ]
    ask = pack(query, search)
    turns = []
    if start > 0:
        turns.append(Button("◀", WhosePress(chat=chat.id, ask=ask, page=page - 1).pack()))
    if start + CREATORS_A_PAGE < len(shown):
        turns.append(Button("▶", WhosePress(chat=chat.id, ask=ask, page=page + 1).pack()))
    last = [Button(say("button-all"), of(Whose.ALL)), Button(say("button-mine"), of(Whose.MINE))]
    bots = sum(n for c, n in shown if c.is_bot)
    if bots:
        last.append(Button(say("button-bots", n=bots), of(Whose.BOTS)))
    text = as_list(Bold(cut(clean(chat.title), WIDTH)), say("whose-title"))
    return Screen(text, (*rows_of(buttons, 2), *((tuple(turns),) if turns else ()), tuple(last)))


def back_to_list(chat_id: int) -> Button:
    """Brings back the page and the filters that stood there, or else the first page of all."""
    return Button(say("button-list"), ListPress(chat=chat_id, at=BACK).pack())


def freshness_lines(fresh: Freshness, chat: Chat, now: int) -> list[str]:
    """What the figures are worth: how old, how whole, and what keeps them from being better."""
    zone, state = chat.time_zone, fresh.account.state
    lines: list[str] = []
    if fresh.progress is not None:
        words = "fresh-reading" if state in AT_WORK else "fresh-begun"
        lines.append(say(words, ended=fresh.progress.ended, listings=fresh.progress.listings))
    links, joins = fresh.links_as_of, fresh.joins_as_of
    if links is not None and fresh.coverage is not None:
        readable, known = fresh.coverage.readable, fresh.coverage.known
        lines.append(say("fresh-as-of", ago=ago(links, now), readable=readable, known=known))
    elif links is not None:
        lines.append(say("fresh-as-of-plain", ago=ago(links, now)))
    elif state == AccountState.ABSENT or fresh.account_role in (Role.OUTSIDE, Role.MEMBER, Role.POWERLESS):
        since = fresh.watched_since
        lines.append(say("fresh-bot-only", day=day(since, zone, now)) if since else say("fresh-bot-only-new"))
    elif fresh.progress is None and state == AccountState.READY:
        lines.append(say("fresh-not-yet"))
    if links is not None and joins is not None and links - joins > APART and fresh.watched_since is None:
        lines.append(say("fresh-joins", ago=ago(joins, now)))
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


def title_of(report: Listing) -> Text:
    """The chat, and how many of its links are live and want a look."""
    shelf, figures = report.query.shelf, [say("list-live", n=report.live)]
    if report.unrevoked != report.live:
        figures = [say("list-live-of", n=report.live, all=report.unrevoked)]
    if shelf in (Shelf.REVOKED, Shelf.GONE):
        figures = [say(f"list-{shelf}", n=report.revoked if shelf == Shelf.REVOKED else report.gone)]
    elif report.warned:
        figures.append(say("list-warned", n=report.warned))
    said = "".join(f" · {figure}" for figure in figures)
    return Text(Bold(cut(clean(report.chat.title), WIDTH - columns(said))), said)


def _empty_line(query: Query) -> str:
    """Why nothing stands here, and what to do."""
    if query.words:
        words = clean(query.words)
        lines = [say("list-empty-words", words=cut(words, WIDTH))]
        if words.casefold().startswith("new "):  # meant for /invite, more often than not
            lines += ["", say("list-empty-new", example=f"/invite {words}")]
        return "\n".join(lines)
    if query.shelf == Shelf.UNREVOKED and query.whose in (Whose.ALL, Whose.MINE):
        return say("list-empty" if query.whose == Whose.ALL else "list-empty-mine")
    shelf = query.shelf.value if query.whose == Whose.ALL else "whose"
    return "\n".join((say("list-empty-shelf", shelf=shelf), "", say("list-empty-all")))


def _buttons(report: Listing, bot_username: str, replay: str, search: int, *, in_group: bool) -> Rows:
    query, chat_id = report.query, report.chat.id
    clear = ListPress(chat=chat_id, ask=pack(query))
    clears = ((Button(say("button-clear"), clear.pack()),),) if query.words and not report.rows else ()
    last = [Button(say("button-filter"), FilterPress(chat=chat_id, ask=pack(query, search)).pack())]
    if report.chat.bot_role not in _POWERLESS:
        last.insert(0, Button(say("button-new"), NewPress(chat=chat_id).pack()))
    if in_group:
        last.append(Button(say("button-private"), url=start_link(bot_username, replay)))
    return (*numbers_of(report), *turns_of(report, search), *clears, tuple(last))


def numbers_of(report: Listing) -> Rows:
    """A button for the card of each link."""
    return rows_of((_card_button(link.chat_id, link.number) for link in report.rows), 5)


@lru_cache(4096)
def _card_button(chat_id: int, number: int) -> Button:
    return Button(str(number), CardPress(act=CardAct.CARD, chat=chat_id, number=number).pack())


def turns_of(report: Listing, search: int, kind: type[ListPress | TablePress] = ListPress) -> Rows:
    """`⏮ ◀ 2/25 ▶ ⏭`; the middle one reads the same page anew."""
    if report.pages <= 1:
        return ()
    query, page, pages = report.query, report.page, report.pages
    here = replace(query.position, page=page)
    turns = [Button(f"{page}/{pages}", press_of(query, here, search, kind).pack())]
    if report.previous is not None:
        turns.insert(0, Button("◀", press_of(query, report.previous, search, kind).pack()))
        if page > 2:
            turns.insert(0, Button("⏮", press_of(query, Position(), search, kind).pack()))
    if report.next is not None:
        turns.append(Button("▶", press_of(query, report.next, search, kind).pack()))
        if page < pages - 1:
            turns.append(Button("⏭", press_of(query, report.last or report.next, search, kind).pack()))
    return (tuple(turns),)

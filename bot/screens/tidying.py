"""Tidying up: what looks dead and is chosen, the one question, and new links in the place of old ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial

from aiogram.utils.formatting import Bold, Italic, Text, as_list

from bot.callbacks import TidyAct, TidyPress
from bot.screens.base import WIDTH, Button, Rows, Screen, clean, columns, cut, rows_of, turns
from bot.screens.listing import back_to_list, freshness_lines, name_of, packed
from bot.screens.words import say
from ledger.batches import Batch, Item, ItemState
from ledger.chats import Chat, Freshness
from ledger.errands import ACTS_PER_HOUR
from ledger.links import Link
from ledger.tidying import Rule

A_PAGE = 10
MAKERS_NAMED, NUMBERS_KEPT = 4, 3  # of what is out of reach: makers, and links of each
RULES = tuple(Rule)


def page_of(items: Sequence[Item], page: int) -> Sequence[Item]:
    """Those on that page, from 0; of a page that is not there, on the last."""
    page = min(max(0, page), max(0, (len(items) - 1) // A_PAGE))
    return items[page * A_PAGE : (page + 1) * A_PAGE]


def tidy(
    batch: Batch, chat: Chat, items: Sequence[Item], links: Mapping[int, Link], *, fresh: Freshness, now: int, page: int
) -> Screen:  # fmt: skip
    """Screen 5: a dry run, with what its judgement is worth. `links` are those of the page shown; what is out of reach
    stands in the draft's wish."""
    shown = [(one, links[one.link_id]) for one in page_of(items, page) if one.link_id and one.link_id in links]
    lines: list[str | Text] = [Bold(cut(clean(chat.title), WIDTH))]
    lines += [Italic(line) for line in freshness_lines(fresh, chat, now)]
    lines.append(say("tidy-title", n=len(items)) if items else say("tidy-nothing"))
    by_rule = Counter(one.reason for one in items)
    if items:
        counted = [say("tidy-rule", rule=rule.value, n=by_rule[rule]) for rule in RULES if by_rule[rule]]
        lines += [packed(counted, indent=""), Text()]
    lines += [_line(item, link) for item, link in shown]
    lines += _beyond(batch)
    return Screen(as_list(*lines), _buttons(batch, items, shown, page))


def asks_tidy(batch: Batch, chat: Chat, links: Sequence[Link], *, once: str, again: bool = False) -> Screen:
    """The one question: how many exactly, and what nobody can undo. `again`: the yes that came counted no more, or
    was to others than these."""
    remaking, retiring = batch.what == "again", batch.what == "retire"
    head: list[str | Text] = [Italic(say("revoke-again"))] if again else []
    key = "remake" if remaking else "tidy"
    title = Bold(say(f"{key}-ask", n=len(links), chat=clean(chat.title)))
    lines = [*head, title, some(links), say(f"{key}-what", n=sum(one.joined for one in links))]
    if any(one.primary for one in links):
        lines.append(say("tidy-primary"))
    if by_account := sum(not one.by_this_bot for one in links):
        lines.append(Italic(say("tidy-account", n=by_account)))
    if by_account > ACTS_PER_HOUR:
        lines.append(Italic(say("tidy-slow", n=ACTS_PER_HOUR)))
    yes = _press(batch, TidyAct.AGAIN_YES if remaking else TidyAct.YES, once=once)
    no = _press(batch, TidyAct.CANCEL if remaking or retiring else TidyAct.PAGE)
    keyboard = ((Button(say(f"button-{key}-yes", n=len(links)), yes),), (Button(say("button-keep-them"), no),))
    return Screen(as_list(*lines), keyboard)


def some(links: Sequence[Link], most: int = 8) -> str:
    """So many of them by number and name, and how many more there are."""
    named = [cut(f"#{one.number} {name_of(one)}", 20) for one in links[:most]]
    if len(links) > most:
        named.append(say("many-more", n=len(links) - most))
    return packed(named, indent="")


def _line(item: Item, link: Link) -> str:
    mark = "☑" if item.state == ItemState.WAITING else "☐"
    if link.primary:
        return f"{mark} #{link.number} {say('row-primary')} {say('tidy-primary-mark')}"
    why = say("tidy-why", rule=item.reason, n=link.joined)
    name = cut(name_of(link), WIDTH - columns(f"{mark} #{link.number}  · {why}"))
    return f"{mark} #{link.number} {name} · {why}"


def _beyond(batch: Batch) -> list[str | Text]:
    """Who alone can revoke the others: Telegram lets nobody but a bot itself touch its links."""
    beyond = batch.wish.get("beyond", [])
    if not beyond:
        return []
    named = [_of_maker(**maker) for maker in beyond[:MAKERS_NAMED]]
    if more := sum(maker["n"] for maker in beyond[MAKERS_NAMED:]):
        named.append(say("many-more", n=more))
    lines: list[str | Text] = [Text(), say("tidy-beyond"), packed(named, indent="")]
    by_hand = [maker for maker in beyond if not maker["bot"]]
    if any(maker["n"] > bool(maker.get("primary")) for maker in by_hand):
        lines.append(Italic(say("tidy-beyond-people")))
    if primary := [maker["primary"] for maker in by_hand if maker.get("primary")]:
        lines.append(Italic(say("tidy-beyond-primary", n=len(primary), number=str(primary[0]))))
    if any(maker["bot"] for maker in beyond):
        lines.append(Italic(say("tidy-beyond-bots")))
    return lines


def _of_maker(name: str, bot: bool, n: int, numbers: Sequence[int], primary: int = 0) -> str:
    said = " ".join([*(f"#{number}" for number in numbers), *(["…"] if n > len(numbers) else [])])
    room = WIDTH - columns(say("tidy-beyond-maker", name="", n=n, numbers=said))
    whose = clean(name) if name else say("row-you")
    return say("tidy-beyond-maker", name=cut(whose, max(4, room)), n=n, numbers=said)


def _buttons(batch: Batch, items: Sequence[Item], shown: Sequence[tuple[Item, Link]], page: int) -> Rows:
    chosen = sum(one.state == ItemState.WAITING for one in items)
    numbers = [Button(str(link.number), _press(batch, TidyAct.ONE, link.id)) for _, link in shown]
    rules = []
    for place, rule in enumerate(RULES):
        of_rule = [one for one in items if one.reason == rule]
        if of_rule and len({one.reason for one in items}) > 1:
            mark = "☑" if any(one.state == ItemState.WAITING for one in of_rule) else "☐"
            rules.append(Button(f"{mark} {say('tidy-rule-name', rule=rule.value)}", _press(batch, TidyAct.RULE, place)))
    last = max(0, (len(items) - 1) // A_PAGE)
    page = min(max(0, page), last)
    pages = turns(page, last + 1, partial(_press, batch, TidyAct.PAGE))
    acts = (Button(say("button-tidy-yes", n=chosen), _press(batch, TidyAct.ASK)),) if chosen else ()
    last_row = (*acts, back_to_list(batch.chat_id))
    return (*rows_of(numbers, 5), *rows_of(rules, 2), *((pages,) if pages else ()), last_row)


def _press(batch: Batch, act: TidyAct, number: int = 0, *, once: str = "") -> str:
    return TidyPress(act=act, chat=batch.chat_id, row=batch.id, number=number, once=once).pack()

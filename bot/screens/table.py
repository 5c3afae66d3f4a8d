"""A page of the list as a table (Bot API 10.1), for who asked for it; the list says the same in plain words."""

from __future__ import annotations

from aiogram.types import (
    InputRichBlockParagraph,
    InputRichBlockTable,
    InputRichBlockUnion,
    RichBlockTableCell,
    RichTextCode,
)
from aiogram.utils.formatting import Bold, Code, Text, as_list

from bot.callbacks import FilterPress, TablePress
from bot.packing import pack
from bot.screens.base import Button, Screen, clean
from bot.screens.listing import freshness_lines, listing_replay, name_of, numbers_of, press_of, title_of, turns_of
from bot.screens.words import say, span
from ledger.links import Link, State
from ledger.listing import Listing

HEAD = ("number", "name", "by", "joined", "places", "ends", "link")


def table(report: Listing, *, now: int, search: int = 0) -> Screen:
    """Seven columns, a link a row, masked; `search` as of `listing`."""
    query, title = report.query, title_of(report).as_kwargs()["text"]
    fresh = freshness_lines(report.freshness, report.chat, now)
    rows = [_row(link, now, query.viewer_id) for link in report.rows]
    blocks: list[InputRichBlockUnion] = [
        InputRichBlockParagraph(text="\n".join([title, *fresh])),
        InputRichBlockTable(
            cells=[
                [_cell(say(f"table-{name}"), head=True) for name in HEAD],
                *([*map(_cell, row[:-1]), _cell(RichTextCode(text=row[-1]))] for row in rows),
            ],
            is_striped=True,
            is_compact=True,
        ),
    ]
    lines = [Text(" | ".join(row[:-1]), " | ", Code(row[-1])) for row in rows]
    plain = press_of(query, query.position, search)
    keyboard = (
        *numbers_of(report),
        *turns_of(report, search, TablePress),
        (
            Button(say("button-filter"), FilterPress(chat=report.chat.id, ask=pack(query, search)).pack()),
            Button(say("button-plain"), plain.pack()),
        ),
    )
    head = " | ".join(say(f"table-{name}") for name in HEAD)
    return Screen(
        as_list(Bold(title), *fresh, head, *lines), keyboard, replay=listing_replay(query, search), rich=tuple(blocks)
    )


def _row(link: Link, now: int, viewer_id: int | None) -> list[str]:
    who = say("row-you") if link.whose == viewer_id else clean(link.asker or link.creator)
    name = f"{name_of(link)} ⚠" if link.warned else name_of(link)
    return [f"#{link.number}", name, who, str(link.joined), _places(link), _ends(link, now), link.masked]


def _places(link: Link) -> str:
    if link.state == State.FULL:
        return say("row-full")
    if link.places is not None:
        return str(link.places)
    return say("row-approval" if link.approval else "row-no-limit")


def _ends(link: Link, now: int) -> str:
    if link.state in (State.REVOKED, State.GONE, State.EXPIRED):
        return say(f"row-{link.state}")
    return span(link.expires - now) if link.expires else say("row-never-ends")


def _cell(text: str | RichTextCode, *, head: bool = False) -> RichBlockTableCell:
    return RichBlockTableCell(align="left", valign="top", text=text, is_header=head or None)

"""`console list`: a chat's invite links, as the ledger holds them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from console.book import Refused, opened
from ledger.links import Link

HOW = "console"
WIDEST = 500  # columns


async def show_links(chat_id: int, *, every: bool, whole: bool, as_json: bool) -> int:
    """Prints unrevoked links, or with `every` all rows. With `whole` each full link shown is a reveal in the book."""
    async with opened() as ledger:
        chat = await ledger.chats.get(chat_id)
        if chat is None:
            known = ", ".join(str(each.id) for each in await ledger.chats.every()) or "none"
            raise Refused(f"The ledger knows no chat {chat_id}. Chats it knows: {known}.")
        links = await ledger.links.export(chat_id, every=every)
        revealed = await ledger.links.reveal_many([link.id for link in links], None, HOW) if whole else {}
    if as_json:
        print(json.dumps([as_row(link, revealed.get(link.id)) for link in links], ensure_ascii=False, indent=2))
    else:
        table, console = as_table(chat.title, links, revealed), Console()
        least = console.measure(table, options=console.options.update(width=WIDEST)).minimum
        Console(width=max(console.width, least)).print(table)
    return 0


def as_row(link: Link, revealed: str | None) -> dict[str, Any]:
    """Times are Unix seconds; `usage` counts as Telegram last said plus the joins seen since."""
    return {
        "number": link.number,
        "link": revealed or link.masked,
        "creator_id": link.creator_id,
        "creator": link.creator,
        "asked_by": link.asked_by,
        "primary": link.primary,
        "approval": link.approval,
        "title": link.title,
        "created": link.created,
        "edited": link.edited,
        "expires": link.expires,
        "limit": link.limit,
        "usage": link.joined,
        "pending": link.pending,
        "state": link.state.value,
        "first_seen": link.first_seen,
        "last_seen": link.last_seen,
    }


def as_table(title: str, links: list[Link], revealed: dict[int, str]) -> Table:
    table = Table(title=f"{escape(title)}: {len(links)} invite links", title_justify="left")
    for name in ("#", "link", "name", "by", "joined", "ends (UTC)", "state"):
        # A broken link cannot be copied: names give way, then the width does.
        narrow = name not in {"name", "by"}
        table.add_column(name, justify="right" if name in {"#", "joined"} else "left", overflow="fold", no_wrap=narrow)
    for link in links:
        table.add_row(
            str(link.number),
            escape(revealed.get(link.id, link.masked)),
            "primary" if link.primary else escape(link.title),
            escape(link.asker or link.creator),
            f"{link.joined}/{link.limit}" if link.limit else str(link.joined),
            day(link.expires),
            link.state.value + (" ⚠" if link.warned else ""),
        )
    return table


def day(at: int | None) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M") if at else ""

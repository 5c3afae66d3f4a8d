"""What could mean several things is asked: each meaning a button that stands for a whole line."""

from __future__ import annotations

from bot import grammar, screens
from bot.asked import Asked
from bot.desk import Desk
from bot.wishes import Question, Unclear
from ledger.chats import Chat


async def ask(question: Question, chat: Chat, asked: Asked, desk: Desk) -> None:
    """The lines are kept in the ledger, as no button holds one; a pasted link goes by its number there.
    Raises Unclear."""
    rows = []
    for choice in question.choices:
        line = await _without_key(choice.command, chat, desk)
        rows.append(await desk.ledger.links.search_id(chat.id, asked.person.id, line))
    place = await desk.delivery.show(screens.asks_meaning(question, chat, rows, now=int(desk.clock())), asked)
    if place is not None:
        desk.open_questions[asked.person.id] = place


async def _without_key(line: str, chat: Chat, desk: Desk) -> str:
    key = grammar.link_in(line)
    if key is None:
        return line
    link = await desk.ledger.links.find_by_link(chat.id, key)
    without = line.replace(key, str(link.number)) if link is not None else line
    if link is None or grammar.holds_link(without):
        raise Unclear("unknown-link", f"…{key[-3:]}", "/invite 12")
    return without

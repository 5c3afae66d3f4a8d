"""All who came by a link: who they are, and the one question before they are put out."""

from __future__ import annotations

from collections.abc import Sequence

from aiogram.utils.formatting import Bold, Italic, Text, as_list

from bot.callbacks import RemoveAct, RemovePress
from bot.screens.base import WIDTH, Button, Screen, clean, cut
from bot.screens.listing import back_to_list, name_of, packed
from bot.screens.words import date_and_time, say
from ledger.batches import Batch
from ledger.chats import Chat, SeenPerson
from ledger.links import Link, State

NAMED = 6


def came_by(
    batch: Batch, chat: Chat, link: Link, people: Sequence[SeenPerson], *, staying: int, since: int, now: int
) -> Screen:
    """`staying` are admins and bots among them; `since` is 0 for ever, else Unix seconds."""
    lines: list[str | Text] = [
        Bold(cut(clean(chat.title), WIDTH)),
        cut(f"#{link.number} {name_of(link)}", WIDTH),
        say("came-by", n=len(people)),
    ]
    if since:
        lines.append(say("came-since", when=date_and_time(since, chat.time_zone, now)))
    if people:
        named = [cut(clean(one.name.split(" ")[0], empty=str(one.id)), 12) for one in people[:NAMED]]
        if len(people) > NAMED:
            named.append(say("many-more", n=len(people) - NAMED))
        lines.append(packed(named, indent=""))
    if staying:
        lines.append(say("came-staying", n=staying))
    lines.append(Italic(say("came-known")))
    if not people:
        return Screen(as_list(*lines), ((back_to_list(chat.id),),))
    acts = [Button(say("button-remove", n=len(people)), _press(batch, RemoveAct.ASK))]
    if chat.kind != "group":  # which keeps no bans
        acts.append(Button(say("button-ban", n=len(people)), _press(batch, RemoveAct.ASK_BAN)))
    return Screen(as_list(*lines), (tuple(acts), (Button(say("button-keep-all"), _press(batch, RemoveAct.CANCEL)),)))


def asks_remove(batch: Batch, chat: Chat, link: Link, *, n: int, ban: bool, once: str, again: bool = False) -> Screen:
    """The one question; `again`: the yes that came was too old, or used already."""
    kind = "ban" if ban else "remove"
    head: list[str | Text] = [Italic(say("revoke-again"))] if again else []
    number, live = str(link.number), "yes" if link.state == State.LIVE else "no"
    title = Bold(say(f"{kind}-ask", n=n, number=number, chat=clean(chat.title)))
    lines = [*head, title, say(f"{kind}-what", number=number, live=live)]
    yes = _press(batch, RemoveAct.YES_BAN if ban else RemoveAct.YES, once=once)
    no = Button(say("button-keep-all"), _press(batch, RemoveAct.CANCEL))
    return Screen(as_list(*lines), ((Button(say(f"button-{kind}", n=n), yes),), (no,)))


def _press(batch: Batch, act: RemoveAct, *, once: str = "") -> str:
    return RemovePress(act=act, chat=batch.chat_id, row=batch.id, once=once).pack()

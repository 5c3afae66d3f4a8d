"""Before this bot goes, and after: which of its links work on, and who can end that."""

from __future__ import annotations

from collections.abc import Sequence

from aiogram.utils.formatting import Bold, Italic, Text, as_list

from bot.callbacks import TidyAct, TidyPress
from bot.screens.base import WIDTH, Button, Screen, clean, cut
from bot.screens.listing import back_to_list
from bot.screens.tidying import some
from bot.screens.words import say
from ledger.batches import Batch
from ledger.chats import Chat
from ledger.links import Link


def retire(batch: Batch, chat: Chat, links: Sequence[Link], *, able: bool) -> Screen:
    """This bot's unrevoked links. `able`: it may revoke them; else only giving it back its right helps."""
    lines: list[str | Text] = [Bold(cut(clean(chat.title), WIDTH)), say("retire-title", n=len(links))]
    if not links:
        return Screen(as_list(*lines), ((back_to_list(chat.id),),))
    lines += [some(links), say("retire-why" if able else "retire-unable")]
    if any(one.primary for one in links):
        lines.append(Italic(say("retire-primary")))
    asks = TidyPress(act=TidyAct.ASK, chat=chat.id, row=batch.id).pack()
    acts = (Button(say("button-retire", n=len(links)), asks),) if able else ()
    return Screen(as_list(*lines), ((*acts, back_to_list(chat.id)),))


def left_behind(chat: Chat, links: Sequence[Link], *, n: int) -> Screen:
    """Told unasked: this bot lost its rights, and `n` of its links work on; `links` are named to who may see them."""
    lines: list[str | Text] = [Bold(say("left-behind", chat=clean(chat.title), n=n))]
    if links:
        lines.append(some(links))
    return Screen(as_list(*lines, say("left-behind-how")))

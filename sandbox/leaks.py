"""Who came to see a whole invite link, and where one lies in the open: the scans every test can use."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sandbox.log import Log, View
from sandbox.world import World

_RUN = re.compile(r"[A-Za-z0-9_-]{8,}")  # what a hash is made of, as long as any or longer
FEW = 50


def leaked_views(world: World, bot_id: int, read: Callable[[bytes], str] | None = None) -> list[View]:
    """Views of this bot's messages that hold a whole link of the world and that anyone but the asker
    could have: one that stands in a group for all, or that reached somebody who pressed nothing under that
    very message. A picture is a message of its own, since no text can become one and a text again: its
    reader pressed somewhere.

    `read` gives the text that a picture's QR codes hold. Without it any picture may hold a link."""
    hashes = _hashes(world)
    pressed = _pressed(world.log)
    pressers = {person for person, *_ in pressed}

    def leaks(view: View) -> bool:
        if _holds(_everything(view), hashes):
            asked = _place(view) in pressed and view.kind != "alert"
        elif view.picture and (not read or _holds(read(view.picture), hashes)):
            asked = view.person in pressers
        else:
            return False
        return _for_all(view) or not asked

    return [view for view in world.log.views if view.by == bot_id and leaks(view)]


def whole_links_in(folder: Path, world: World) -> list[Path]:
    """The files below it that hold a whole link of the world, in any encoding that keeps its characters."""
    hashes = _hashes(world)
    files = (path for path in folder.rglob("*") if path.is_file())
    return [path for path in files if _holds(path.read_bytes().decode("latin-1"), hashes)]


def holds_whole_link(text: str, world: World) -> bool:
    return _holds(text, _hashes(world))


def _hashes(world: World) -> set[str]:
    return {link.hash for chat in world.chats.values() for link in world.invites.every(chat)}


def _for_all(view: View) -> bool:
    return view.chat_id < 0 and view.message_id != 0  # an ephemeral message has no message id


def _place(view: View) -> tuple[Any, ...]:
    return view.person, view.chat_id, view.message_id, view.ephemeral_id


def _pressed(log: Log) -> set[tuple[Any, ...]]:
    """Who pressed under which message."""
    presses = [effect for effect in log.effects if effect.kind == "button.pressed"]
    return {(each.by, each.chat_id, each.what["message"], each.what["ephemeral"]) for each in presses}


def _everything(view: View) -> str:
    return " ".join([view.text, *(str(value) for button in view.buttons for value in button.values())])


def _holds(text: str, hashes: set[str]) -> bool:
    """Of many each place where one could begin is looked up: to look for each of ten thousand hashes in each file takes
    a minute."""
    if len(hashes) < FEW:
        return any(each in text for each in hashes)
    sizes = {len(each) for each in hashes}
    runs = _RUN.findall(text)
    return any(run[at : at + size] in hashes for run in runs for size in sizes for at in range(len(run) - size + 1))

"""Links that open the bot: with a question for private, or to add it to a chat. They carry what buttons do, and no
more right: a payload holds at most 64 characters of A-Z a-z 0-9 _ -.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.packing import QUESTION, base36


@dataclass(frozen=True, slots=True)
class Replay:
    """A question a start link brings into private. `what`: list, card, draft, file, status; `ask` as of a ListPress;
    `number` of the card, or of the row that keeps the draft, or of the
    batch whose file it is."""

    what: str
    chat: int
    number: int = 0
    ask: str = ""

    def payload(self) -> str:
        number = str(self.number) if self.number else ""
        return "_".join(part for part in (self.what, base36(-self.chat), number, self.ask) if part)


_REPLAY = re.compile(rf"(list|card|draft|file|status)_([0-9a-z]{{1,11}})(?:_(\d{{1,9}}))?(?:_((?:{QUESTION})))?")


def read_replay(payload: str) -> Replay | None:
    """The question in a start payload, or None where it holds none of ours."""
    found = _REPLAY.fullmatch(payload)
    if found is None or (found[1] in ("card", "draft", "file")) != bool(found[3]):
        return None
    return Replay(found[1], -int(found[2], 36), int(found[3] or 0), found[4] or "")


def start_link(username: str, payload: str) -> str:
    """`https://t.me/<bot>?start=<payload>`."""
    return f"https://t.me/{username}?start={payload}"


def add_link(username: str, *, channel: bool = False) -> str:
    """`https://t.me/<bot>?startgroup&admin=…`: adds the bot to a chat, or makes it an admin there, with the
    rights it uses: inviting, and in groups deleting, for commands that tell a link to all."""
    return f"https://t.me/{username}?" + (
        "startchannel&admin=invite_users" if channel else "startgroup&admin=invite_users+delete_messages"
    )

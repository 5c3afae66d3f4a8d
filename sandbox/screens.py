"""What a person sees: messages as screens, with their buttons, and what a press brings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.media import Media
from sandbox.messages import Message


class NothingCame(AssertionError):
    """What was awaited did not come in time."""


@dataclass(frozen=True, slots=True)
class Screen:
    """One message as its reader saw it at one moment; a later edit makes another screen.

    `text` is a caption too, and a rich message as it reads. `buttons` holds the rows of the keyboard as
    given to the Bot API, be it inline or a reply keyboard."""

    message: Message
    text: str
    buttons: tuple[tuple[Mapping[str, Any], ...], ...] = ()
    edited: bool = False
    media: Media | None = None

    @property
    def photo(self) -> bytes:
        """The picture's file; empty where it shows none."""
        return self.media.content if self.media and self.media.kind == "photo" else b""

    @property
    def document(self) -> tuple[str, bytes] | None:
        """The name and content of the file it carries."""
        return (self.media.name, self.media.content) if self.media and self.media.kind == "document" else None

    @property
    def ephemeral(self) -> bool:
        return self.message.ephemeral_id is not None

    @property
    def replying(self) -> bool:
        """Whether its buttons are a reply keyboard: each writes a message."""
        return "keyboard" in (self.message.keyboard or {})

    @property
    def labels(self) -> list[str]:
        return [str(button["text"]) for row in self.buttons for button in row]

    @property
    def links(self) -> list[str]:
        """Every URL in it: in the text's entities and on buttons."""
        hidden = [str(entity["url"]) for entity in self.message.entities if entity.get("url")]
        return hidden + [str(button["url"]) for row in self.buttons for button in row if "url" in button]

    def button(self, label: str) -> Mapping[str, Any]:
        """The one whose text is `label` (17 is not 175), else the first that contains it. Raises NothingCame with
        those there are."""
        found = [button for row in self.buttons for button in row if label in str(button["text"])]
        if found:
            return next((button for button in found if button["text"] == label), found[0])
        raise NothingCame(f"no button “{label}” on “{self.text}”; there are {self.labels}")

    def __contains__(self, words: str) -> bool:
        return words in self.text

    def __str__(self) -> str:
        rows = [" ".join(f"[{button['text']}]" for button in row) for row in self.buttons]
        carried = [f"({self.media.kind} {self.media.name})"] if self.media else []
        return "\n".join([*carried, self.text, *rows])


@dataclass(frozen=True, slots=True)
class Answer:
    """What a press brought: the bot's toast or alert, a URL that opened, or a text that was copied."""

    text: str = ""
    show_alert: bool = False
    url: str = ""
    copied: str = ""


Wanted = str | Callable[[Screen], bool] | None


def screen_of(message: Message, *, edited: bool = False) -> Screen:
    return Screen(message, message.text, tuple(tuple(row) for row in message.rows), edited, message.media)


def fits(screen: Screen, wanted: Wanted) -> bool:
    if wanted is None:
        return True
    return wanted in screen.text if isinstance(wanted, str) else wanted(screen)

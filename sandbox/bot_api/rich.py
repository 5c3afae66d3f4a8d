"""`rich_message`, checked as Telegram documents it; the words of its refusals are guesses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox import rich
from sandbox.bot_api.calls import Call, refuse
from sandbox.bot_api.markup import button_of

MAX_BLOCKS, MAX_DEPTH, MAX_COLUMNS, MAX_BUTTONS = 500, 16, 20, 8
FORMS = ("html", "markdown", "blocks")


def rich_of(call: Call) -> tuple[tuple[dict[str, Any], ...], rich.Rendering]:
    """Its blocks, and what a person sees of them. The sandbox reads `blocks` alone, of text, tables and
    buttons. Raises `can't parse …`, `rich message …` for a bound it breaks, and as `keyboard_of` for its
    buttons."""
    given = call.nested("rich_message", "InputRichMessage JSON object")
    if given is None:
        raise refuse("rich message must be non-empty")
    used = [form for form in FORMS if given.get(form)]
    if len(used) != 1:
        raise refuse("exactly one of the fields html, markdown, and blocks must be used")
    if used != ["blocks"]:
        raise refuse(f"can't parse InputRichMessage: the sandbox reads no {used[0]}")
    try:
        seen = rich.Rendering(given["blocks"])
        for row in seen.rows:
            for button in row:
                _check(button, call)
    except ValueError as error:
        raise refuse(f"can't parse {error}") from None
    if seen.blocks > MAX_BLOCKS:
        raise refuse("rich message has too many blocks")
    if seen.depth > MAX_DEPTH:
        raise refuse("rich message is nested too deep")
    if seen.columns > MAX_COLUMNS:
        raise refuse("rich message has a table of too many columns")
    if any(not 1 <= len(row) <= MAX_BUTTONS for row in seen.rows):
        raise refuse("REPLY_MARKUP_TOO_LONG")
    return tuple(given["blocks"]), seen


def _check(button: Mapping[str, Any], call: Call) -> None:
    """As a keyboard's button; only a callback button may look like a link."""
    known = {**button, "text": rich.plain(button.get("text", ""))}
    if known.get("style") == "link" and "callback_data" in known:
        del known["style"]
    ephemeral = bool({"ephemeral_message_parameters", "receiver_user_id"} & call.arguments.keys())
    button_of(known, private=not call.text("chat_id").startswith(("-", "@")), ephemeral=ephemeral)

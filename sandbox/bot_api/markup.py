"""Text entities and keyboards, checked as Telegram checks them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from sandbox.bot_api.calls import Call, refuse
from sandbox.found import utf16

Json = dict[str, Any]

TAGS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "code": "code", "pre": "pre",
    "a": "text_link", "tg-spoiler": "spoiler", "blockquote": "blockquote",
}  # fmt: skip
ENTITIES = {
    "mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bold", "italic", "underline",
    "strikethrough", "spoiler", "blockquote", "expandable_blockquote", "code", "pre", "text_link", "text_mention",
    "custom_emoji", "date_time",
}  # fmt: skip
NEEDS = {"text_link": "url", "text_mention": "user", "custom_emoji": "custom_emoji_id", "date_time": "unix_time"}
ACTIONS = {
    "url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay", "disabled",
}  # fmt: skip


def text_of(call: Call, what: str = "text", listed: str = "entities") -> tuple[str, list[Json]]:
    """`text` with `entities`, or in parse_mode HTML; a caption under its own names. Raises `can't parse
    entities: …`, `unsupported parse_mode` (Markdown too: the sandbox reads none) and, per entity, the
    bounds it breaks."""
    text = call.text(what).replace("\r", "")
    mode = call.text("parse_mode").lower()
    if mode == "html":
        return _from_html(text)
    if mode not in ("", "none"):
        raise refuse("unsupported parse_mode")
    given = call.json(listed, "entities JSON object")
    if given is None:
        return text, []
    if not isinstance(given, list):
        raise refuse("can't parse entities: expected an Array of MessageEntity")
    return text, [_entity(text, entity) for entity in given]


def _entity(text: str, given: Any) -> Json:
    if not isinstance(given, dict) or str(given.get("type")) not in ENTITIES:
        raise refuse("can't parse entities: unsupported MessageEntity type specified")
    offset, length, kind = given.get("offset"), given.get("length"), given["type"]
    if not isinstance(offset, int) or not isinstance(length, int) or offset < 0 or length <= 0:
        raise refuse('can\'t parse entities: field "offset" or "length" is out of range')
    if kind in NEEDS and not given.get(NEEDS[kind]):
        raise refuse(f"can't parse entities: can't find field \"{NEEDS[kind]}\"")
    whole = utf16(text)
    if offset + length > whole:
        raise refuse(
            f"Entity beginning at UTF-16 offset {offset} ends after the end of the text at UTF-16 offset {whole}"
        )
    units = text.encode("utf-16-le")
    for edge in (offset, offset + length):
        if edge < whole and 0xDC <= units[2 * edge + 1] <= 0xDF:
            raise refuse(f"Entity beginning at UTF-16 offset {offset} ends in a middle of a UTF-16 symbol")
    return {key: value for key, value in given.items() if value is not None}


class _Html(HTMLParser):
    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.found: list[Json] = []
        self._open: list[tuple[str, Json]] = []
        self._lines = source.split("\n")
        self.feed(source)
        self.close()
        if self._open:
            raise refuse(f"can't parse entities: Can't find end tag corresponding to start tag \"{self._open[-1][0]}\"")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "span" and given.get("class") == "tg-spoiler":
            kind = "spoiler"
        elif tag in TAGS:
            kind = TAGS[tag]
        else:
            raise refuse(f'can\'t parse entities: Unsupported start tag "{tag}" at byte offset {self._where()}')
        entity: Json = {"type": kind, "offset": utf16(self.text)}
        if kind == "text_link":
            entity["url"] = given.get("href") or ""
        if kind == "blockquote" and "expandable" in given:
            entity["type"] = "expandable_blockquote"
        self._open.append((tag, entity))

    def handle_endtag(self, tag: str) -> None:
        if not self._open:
            raise refuse(f"can't parse entities: Unexpected end tag at byte offset {self._where()}")
        opened, entity = self._open.pop()
        if opened != tag:
            raise refuse(
                f"can't parse entities: Unmatched end tag at byte offset {self._where()}, expected"
                f' "</{opened}>", found "</{tag}>"'
            )
        entity["length"] = utf16(self.text) - entity["offset"]
        if entity["length"] and entity.get("url", " "):
            self.found.append(entity)

    def handle_data(self, data: str) -> None:
        self.text += data

    def _where(self) -> int:
        line, column = self.getpos()
        return sum(len(text.encode()) + 1 for text in self._lines[: line - 1]) + len(
            self._lines[line - 1][:column].encode()
        )


def _from_html(source: str) -> tuple[str, list[Json]]:
    if stray := re.search(r"<(?![a-zA-Z/])", source):  # the parser would let it, and comments, pass as text
        where = len(source[: stray.start()].encode())
        raise refuse(f'can\'t parse entities: Unsupported start tag "" at byte offset {where}')
    parsed = _Html(source)
    return parsed.text, sorted(parsed.found, key=lambda entity: (entity["offset"], -entity["length"]))


def keyboard_of(call: Call, *, private: bool, ephemeral: bool = False, inline_only: bool = False) -> Json | None:
    """`reply_markup`; None where there is none or it is empty. Raises BUTTON_DATA_INVALID (callback_data
    outside 1..64 bytes), BUTTON_URL_INVALID, BUTTON_COPY_TEXT_INVALID (outside 1..256 characters),
    BUTTON_TYPE_INVALID (not exactly one action, or one that has no place here) and
    REPLY_MARKUP_TOO_LONG (over 100 buttons or 8 a row)."""
    given = call.json("reply_markup", "reply keyboard markup JSON object")
    if given is None or given == {}:
        return None
    if not isinstance(given, dict):
        raise refuse("object expected as reply markup")
    if "inline_keyboard" not in given:
        if inline_only or not {"keyboard", "remove_keyboard", "force_reply"} & given.keys():
            raise refuse("inline keyboard expected")
        if ephemeral:
            raise refuse("BUTTON_TYPE_INVALID")
        return given | {"keyboard": _keys(given["keyboard"], private=private)} if "keyboard" in given else given
    rows = given["inline_keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise refuse('Field "inline_keyboard" must be of type Array of Arrays')
    kept = [[button_of(button, private=private, ephemeral=ephemeral) for button in row] for row in rows if row]
    if sum(map(len, kept)) > 100 or any(len(row) > 8 for row in kept):
        raise refuse("REPLY_MARKUP_TOO_LONG")
    return given | {"inline_keyboard": kept} if kept else None


def _keys(rows: Any, *, private: bool) -> list[list[Json]]:
    """The rows of a reply keyboard."""
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise refuse('Field "keyboard" must be of type Array of Arrays')
    return [[_key(key, private=private) for key in row] for row in rows if row]


def _key(given: Any, *, private: bool) -> Json:
    key: Any = {"text": given} if isinstance(given, str) else given
    if not isinstance(key, Mapping):
        raise refuse("can't parse keyboard button: KeyboardButton must be an Object")
    kept = {str(name): value for name, value in key.items() if value is not None}
    if not str(kept.get("text", "")).strip():
        raise refuse("keyboard button text must be non-empty")
    request = kept.get("request_chat")
    if request is not None:
        whole = isinstance(request, Mapping) and isinstance(request.get("request_id"), int)
        if not whole or not isinstance(request.get("chat_is_channel"), bool):
            raise refuse("can't parse keyboard button: KeyboardButtonRequestChat must be an Object")
        if not private:
            raise refuse("Chats can be requested in private chats only")
        kept["request_chat"] = {str(name): value for name, value in request.items() if value is not None}
    return kept


def button_of(given: Any, *, private: bool, ephemeral: bool) -> Json:
    """One button of an inline keyboard or a rich message; raises as `keyboard_of`."""
    if not isinstance(given, Mapping):
        raise refuse("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    button = {str(key): value for key, value in given.items() if value is not None}
    if not str(button.get("text", "")).strip():
        raise refuse("inline keyboard button text must be non-empty")
    actions = ACTIONS & button.keys()
    if not actions:
        raise refuse("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1 or ("web_app" in actions and not private) or ("login_url" in actions and ephemeral):
        raise refuse("BUTTON_TYPE_INVALID")
    if "callback_data" in button and not 1 <= len(str(button["callback_data"]).encode()) <= 64:
        raise refuse("BUTTON_DATA_INVALID")
    if "copy_text" in button:
        copied = button["copy_text"]
        if not isinstance(copied, Mapping) or not 1 <= len(str(copied.get("text", ""))) <= 256:
            raise refuse("BUTTON_COPY_TEXT_INVALID")
    if "url" in button:
        url = str(button["url"])
        if not re.fullmatch(r"(https?://|tg://)?[^\s/]+\S*", url) or ("://" not in url and "." not in url):
            raise refuse("BUTTON_URL_INVALID")
        button["url"] = url if "://" in url else f"http://{url}"
    if button.get("style", "primary") not in ("danger", "success", "primary"):
        raise refuse("can't parse inline keyboard button: invalid button style specified")
    return button

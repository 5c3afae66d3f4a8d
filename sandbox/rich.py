"""Rich messages (Bot API 10.1) as their reader sees them: the text, what stands behind it, the buttons within."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.found import utf16

Json = Mapping[str, Any]

MARKS = {"bold", "italic", "underline", "strikethrough", "spoiler", "code"}  # entities of the same name
PLAIN = {"subscript", "superscript", "marked", "mention", "hashtag", "cashtag", "bot_command", "email_address",
         "phone_number", "bank_card_number", "anchor_link", "reference", "reference_link"}  # fmt: skip
TEXTS = MARKS | PLAIN | {"url", "text_mention", "date_time", "button"}
BLOCKS = {"paragraph", "heading", "pre", "footer", "divider", "list", "blockquote", "expandable_blockquote",
          "pullquote", "table", "details", "buttons"}  # fmt: skip


class Rendering:
    """`blocks` as text: a line a block or table row, cells parted by " | ". `rows` are the buttons in it,
    `blocks` counts list items and table rows too, `depth` is that of nested blocks and texts.

    Raises ValueError, naming the unknown thing, for what is no rich message."""

    def __init__(self, blocks: Any) -> None:
        self.text = ""
        self.entities: list[dict[str, Any]] = []
        self.rows: list[list[Json]] = []
        self.blocks = self.depth = self.columns = 0
        self._each(blocks, 1)

    def _each(self, blocks: Any, depth: int) -> None:
        for block in _listed(blocks, "InputRichBlock"):
            self._block(_object(block, "InputRichBlock"), depth)

    def _block(self, block: Json, depth: int) -> None:
        kind = block.get("type")
        if kind not in BLOCKS:
            raise ValueError("InputRichBlock: unsupported type specified")
        self._count(depth)
        if kind == "table":
            self._table(block, depth)
        elif kind == "list":
            for item in _listed(block.get("items"), "InputRichBlockListItem"):
                self._count(depth + 1)
                self._each(_object(item, "InputRichBlockListItem").get("blocks"), depth + 1)
        elif kind == "buttons":
            self.rows.append(
                [_object(button, "RichMessageButton") for button in _listed(block.get("buttons"), "Array")]
            )
        elif kind != "divider":
            for name in ("summary", "text"):
                self._line(block.get(name), depth)
            self._each(block.get("blocks") or [], depth + 1)
            self._line(block.get("credit"), depth)

    def _table(self, block: Json, depth: int) -> None:
        for row in _listed(block.get("cells"), "Array of Array of RichBlockTableCell"):
            self._count(depth + 1)
            self._break()
            width = 0
            for cell in _listed(row, "Array of Array of RichBlockTableCell"):
                given = _object(cell, "RichBlockTableCell")
                if given.get("align") not in ("left", "center", "right") or (
                    given.get("valign") not in ("top", "middle", "bottom")
                ):
                    raise ValueError("RichBlockTableCell: unsupported alignment specified")
                self.text += " | " if width else ""
                width += int(given.get("colspan") or 1)
                if given.get("text") is not None:
                    self._rich(given["text"], depth + 1)
            self.columns = max(self.columns, width)
        self._line(block.get("caption"), depth)

    def _line(self, text: Any, depth: int) -> None:
        if text is not None:
            self._break()
            self._rich(text, depth)

    def _rich(self, text: Any, depth: int) -> None:
        self.depth = max(self.depth, depth)
        if isinstance(text, str):
            self.text += text
            return
        if isinstance(text, Sequence):
            for part in text:
                self._rich(part, depth)
            return
        given = _object(text, "RichText")
        kind = given.get("type")
        if kind not in TEXTS:
            raise ValueError("RichText: unsupported type specified")
        if kind == "button":
            button = _object(given.get("button"), "RichMessageButton")
            self.rows.append([button])
            self.text += f"[{plain(button.get('text', ''))}]"
            return
        start = utf16(self.text)
        self._rich(given.get("text", ""), depth + 1)
        entity: dict[str, Any] = {"type": kind, "offset": start, "length": utf16(self.text) - start}
        if kind == "url":
            entity |= {"type": "text_link", "url": str(given.get("url", ""))}
        elif kind in ("text_mention", "date_time"):
            entity |= {key: given[key] for key in ("user", "unix_time", "date_time_format") if key in given}
        if kind not in PLAIN and entity["length"]:
            self.entities.append(entity)

    def _count(self, depth: int) -> None:
        self.blocks += 1
        self.depth = max(self.depth, depth)

    def _break(self) -> None:
        self.text += "\n" if self.text else ""


def plain(text: Any) -> str:
    """A rich text without its formatting. Raises as Rendering."""
    return Rendering([{"type": "paragraph", "text": text}]).text


def rows_in(blocks: Any) -> list[list[Json]]:
    """The buttons in it, as an inline keyboard's rows."""
    return [[dict(button) | {"text": plain(button["text"])} for button in row] for row in Rendering(blocks).rows]


def _listed(given: Any, what: str) -> Sequence[Any]:
    if not isinstance(given, list):
        raise ValueError(f"{what}: expected an Array")
    return given


def _object(given: Any, what: str) -> Json:
    if not isinstance(given, Mapping):
        raise ValueError(f"{what}: expected an Object")
    return given

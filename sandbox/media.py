"""Pictures and documents that messages carry, and what a person reads in them."""

from __future__ import annotations

import struct
import zipfile
from dataclasses import dataclass, field
from io import BytesIO

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8"


@dataclass(frozen=True, slots=True)
class Media:
    """`kind` is "photo" or "document"; `width` and `height`, in pixels, are 0 for what is no picture."""

    kind: str
    file_id: str
    unique_id: str
    name: str
    mime: str
    content: bytes = field(repr=False)
    width: int = 0
    height: int = 0

    @property
    def picture(self) -> bytes:
        """Empty where it is none; a picture sent as a document is shown too."""
        return self.content if self.width else b""

    @property
    def words(self) -> str:
        """A document's name and all text in it, also in the files within an archive or a spreadsheet."""
        if self.kind != "document" or self.width:
            return ""
        return "\n".join([self.name, *(part.decode("utf-8", "replace") for part in _unpacked(self.content))])


def size_of(content: bytes) -> tuple[int, int]:
    """A PNG's or JPEG's width and height in pixels; (0, 0) for anything else."""
    if content.startswith(PNG) and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return int(width), int(height)
    at = 2
    while content.startswith(JPEG) and at + 9 <= len(content) and content[at] == 0xFF:
        mark, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if 0xC0 <= mark <= 0xCF and mark not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(content[at + 7 : at + 9], "big"), int.from_bytes(content[at + 5 : at + 7], "big")
        at += 2 + length
    return 0, 0


def _unpacked(content: bytes) -> list[bytes]:
    if not zipfile.is_zipfile(BytesIO(content)):
        return [content]
    with zipfile.ZipFile(BytesIO(content)) as packed:
        return [name.encode() + b"\n" + packed.read(name) for name in packed.namelist()]

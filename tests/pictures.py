"""Pictures as a camera reads them."""

from __future__ import annotations

from io import BytesIO

import segno
import zxingcpp
from PIL import Image


def qr_in(content: bytes) -> str:
    """The texts of all QR codes in a picture, a line each."""
    only = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    with Image.open(BytesIO(content)) as picture:
        found = zxingcpp.read_barcodes(picture.convert("L"), formats=only)
    return "\n".join(code.text for code in found)


def picture(*, width: int = 64, height: int = 64) -> bytes:
    """A grey PNG."""
    into = BytesIO()
    Image.new("L", (width, height), 128).save(into, "PNG")
    return into.getvalue()


def jpeg(*, width: int, height: int) -> bytes:
    into = BytesIO()
    Image.new("RGB", (width, height)).save(into, "JPEG")
    return into.getvalue()


def qr(text: str) -> bytes:
    into = BytesIO()
    segno.make(text, error="m").save(into, kind="png", scale=8, border=4)
    return into.getvalue()

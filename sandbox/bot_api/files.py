"""Files as the Bot API takes and gives them: uploads, file ids, downloads."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any

from sandbox.bot_api import answers as show
from sandbox.bot_api.calls import ApiError, Call, Upload, answers, refuse
from sandbox.media import Media, size_of

if TYPE_CHECKING:
    from sandbox.bot_api.face import BotApi

MB = 1024 * 1024
MAX_PHOTO, MAX_DOCUMENT, MAX_DOWNLOAD = 10 * MB, 50 * MB, 20 * MB


def file_of(call: Call, given: Any, kind: str) -> Media:
    """The file that an argument names: an upload (`attach://…` names another), or a file id this bot was
    given. The sandbox reaches no URL.

    Raises `there is no photo in the request` (or document), `file must be non-empty`, 413 `Request Entity Too
    Large`, IMAGE_PROCESS_FAILED, PHOTO_INVALID_DIMENSIONS, `file of size … is too big for a photo`, `wrong
    file identifier/HTTP URL specified`, `can't use file of type …`, `failed to get HTTP URL content`."""
    if isinstance(given, str) and given.startswith("attach://"):
        given = call.arguments.get(given.removeprefix("attach://"))
    if isinstance(given, Upload):
        return _received(call, given, kind)
    if not isinstance(given, str) or not given:
        raise refuse(f"there is no {kind} in the request")
    if given.startswith(("http://", "https://")):
        raise refuse("failed to get HTTP URL content")
    owner, known = call.face.files.get(given, (0, None))
    if known is None or owner != call.bot.id:
        raise refuse("wrong file identifier/HTTP URL specified")
    if known.kind != kind:
        raise refuse(f"can't use file of type {known.kind.title()} as {kind.title()}")
    return known


def path_of(file: Media) -> str:
    return f"{file.kind}s/{file.unique_id}"


@answers("getFile")
def get_file(call: Call) -> Any:
    owner, found = call.face.files.get(call.text("file_id"), (0, None))
    if found is None or owner != call.bot.id:
        raise refuse("invalid file_id")
    if len(found.content) > MAX_DOWNLOAD:
        raise refuse("file is too big")
    return show.file(found) | {"file_path": path_of(found)}


def _received(call: Call, given: Upload, kind: str) -> Media:
    size = len(given.content)
    if not size:
        raise refuse("file must be non-empty")
    if size > MAX_DOCUMENT:
        raise ApiError(413, "Request Entity Too Large")
    width, height = size_of(given.content)
    if kind == "photo":
        if size > MAX_PHOTO:
            raise refuse(f"file of size {size} bytes is too big for a photo; the maximum size is {MAX_PHOTO} bytes")
        if not width or not height:
            raise refuse("IMAGE_PROCESS_FAILED")
        if width + height > 10_000 or max(width, height) > 20 * min(width, height):
            raise refuse("PHOTO_INVALID_DIMENSIONS")
    return keep(call.face, call.bot.id, Media(
        kind, f"{kind}-{secrets.token_urlsafe(32)}", hashlib.sha256(given.content).hexdigest()[:16],
        given.name, given.mime, given.content, width, height,
    ))  # fmt: skip


def keep(face: BotApi, bot_id: int, file: Media) -> Media:
    face.files[file.file_id] = bot_id, file
    return file

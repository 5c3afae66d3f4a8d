"""aiogram with its types built at first use. Import this before anything else of aiogram.

At import aiogram builds every one of its types, some 450: four seconds of a processor and 100 MB at each start, for
the thirty a bot of ours meets. pydantic builds a type that is not complete when it is first used, but looks for its
names in the module it stands in, where aiogram has them for type checkers only. So the building at import is left
out, and the names aiogram gave for it are given at the first use.
"""

from __future__ import annotations

import sys
from typing import Any

from pydantic import BaseModel

_names: dict[str, Any] = {}
_build = BaseModel.__dict__["model_rebuild"]


def _later(cls: type[BaseModel], *, _types_namespace: dict[str, Any] | None = None, **_: Any) -> None:
    _names.update(_types_namespace or {})


def _now(cls: type[BaseModel], *, _types_namespace: dict[str, Any] | None = None, **more: Any) -> bool | None:
    built: bool | None = _build.__func__(cls, _types_namespace=_types_namespace or _names, **more)
    return built


if "aiogram" not in sys.modules:
    BaseModel.model_rebuild = classmethod(_later)  # type: ignore[assignment,arg-type]
    try:
        import aiogram.types
    finally:
        BaseModel.model_rebuild = _build  # type: ignore[method-assign]
    from aiogram.methods.base import Response, TelegramMethod

    for base in (aiogram.types.TelegramObject, TelegramMethod, Response):
        base.model_rebuild = classmethod(_now)  # type: ignore[assignment,arg-type]
    for first in (aiogram.types.Message, aiogram.types.Update):  # what the first question would wait for
        first.model_rebuild()

"""Who joined by which link, and the paging by which clients read such lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

IMPORTERS_CAP = 100


@dataclass(slots=True)
class Joined:
    """One person's last join by a link; it stays after he left. `approved_by` is 0 where nobody had to
    answer; `lapsed` where a paid membership ended because it was not paid again."""

    person_id: int
    date: int
    approved_by: int = 0
    lapsed: bool = False


class _Dated(Protocol):
    @property
    def person_id(self) -> int: ...
    @property
    def date(self) -> int: ...


R = TypeVar("R", bound=_Dated)


def page_of(rows: Sequence[R], offset_date: int, offset_user: int, limit: int) -> list[R]:
    """Latest first. The page starts after the row of both offsets; a user without a date does not
    advance, and a date without a user takes what is older. At most 100; `limit` 0 means so many too."""
    order = sorted(rows, key=_place, reverse=True)
    if offset_date:
        order = [row for row in order if _place(row) < (offset_date, offset_user)]
    return order[: min(limit, IMPORTERS_CAP) if limit > 0 else IMPORTERS_CAP]


def _place(row: _Dated) -> tuple[int, int]:
    return row.date, row.person_id

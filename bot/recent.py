"""What is remembered of the latest only: strangers must not grow the memory."""

from __future__ import annotations

from collections import OrderedDict
from typing import TypeVar

AT_MOST = 10_000
K = TypeVar("K")
V = TypeVar("V")


class Recent(OrderedDict[K, V]):
    """The `at_most` keys that were set last."""

    def __init__(self, at_most: int = AT_MOST) -> None:
        super().__init__()
        self._at_most = at_most

    def __setitem__(self, key: K, value: V) -> None:
        super().__setitem__(key, value)
        self.move_to_end(key)
        while len(self) > self._at_most:
            self.popitem(last=False)

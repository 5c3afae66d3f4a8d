"""How much is measured: sizes and runs, whole or quick."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench.books import Book, build


@dataclass(slots=True)
class Plan:
    """`folder` is a temporary one, and ends with the run. A quick run shows that the bench works, no more."""

    folder: Path
    quick: bool = False
    _books: dict[int, Book] = field(default_factory=dict)

    def pick(self, whole: int, quick: int) -> int:
        return quick if self.quick else whole

    @property
    def sandbox(self) -> Path:
        """Where each sandbox finds the key of the one before: making one takes seconds."""
        return self.folder / "sandbox"

    @property
    def sizes(self) -> Mapping[str, int]:
        """The three sizes of the goals, by name."""
        return {"small": self.pick(1_000, 100), "large": self.pick(100_000, 1_000), "huge": self.pick(1_000_000, 2_000)}

    async def book(self, links: int) -> Book:
        """A ledger of that size, made once in a run; only to be read."""
        if links not in self._books:
            self._books[links] = await build(self.folder / f"book-{links}", links)
        return self._books[links]

"""Statements of SQLAlchemy Core as sqlite3 takes them, and what they bring.

SQLAlchemy's own async engine would carry each of a statement's steps (cursor, execute, fetch, close) to the
connection's thread and back by itself; so Core only words the statements here, each once, and aiosqlite takes
them to its thread, one or a few at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import Executable
from sqlalchemy.dialects.sqlite import dialect
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.sql.compiler import SQLCompiler

Row = Mapping[str, Any]
Values = Mapping[str, Any]
T = TypeVar("T")


class _Compiler(SQLiteCompiler):
    def limit_clause(self, select: Any, **how: Any) -> str:
        """A LIMIT that is a number stands in the text: where one is bound, SQLite plans by it from 3.53 on (not in
        3.40), and so plans anew each time the statement is run, which takes four times as long as running it."""
        if select._simple_int_clause(select._limit_clause) and select._offset_clause is None:
            how |= {"literal_binds": True}
        return super().limit_clause(select, **how)  # type: ignore[no-untyped-call,no-any-return]


_DIALECT = dialect(paramstyle="qmark")
_DIALECT.statement_compiler = _Compiler
_KEPT = 1024  # worded statements; those built anew at each call pass through


@dataclass(frozen=True, slots=True)
class Worded:
    """The text of a statement, where in it which value goes, and what its columns are called. `lists` where some
    value it is run with is a list: its text hangs on how long that is."""

    compiled: SQLCompiler
    text: str
    places: tuple[str, ...]
    own: Values  # values it was built with
    lists: bool
    names: tuple[str, ...]  # of what it brings; none where it brings nothing
    readers: Sequence[tuple[int, Callable[[Any], Any]]]  # by column, where what SQLite keeps is not what we mean

    def with_one(self, values: Values) -> tuple[str, Sequence[Any]]:
        if self.lists:
            state = self.compiled.construct_expanded_state(dict(values))
            return state.statement, state.positional_parameters
        every = {**self.own, **values} if self.own else values
        return self.text, [every[name] for name in self.places]

    def with_many(self, values: Sequence[Values]) -> list[Any]:
        """What each of these puts in the places."""
        assert not self.lists
        every = [{**self.own, **one} for one in values] if self.own else values
        if len(self.places) == 1:
            return [(one[self.places[0]],) for one in every]
        return list(map(itemgetter(*self.places), every))

    def repeated(self, times: int) -> str:
        """An INSERT of so many rows at once; its text ends with what one row is."""
        lead, values, one = self.text.rpartition(" VALUES ")
        assert one[0] + one[-1] == "()"
        return lead + values + ", ".join([one] * times)

    def brought(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        if not self.readers:
            return rows
        found = []
        for row in rows:
            values = list(row)
            for at, read in self.readers:
                values[at] = read(values[at])
            found.append(tuple(values))
        return found


@lru_cache(_KEPT)
def worded(statement: Executable, given: tuple[str, ...]) -> Worded:
    """`given` are the names of the values it is run with."""
    compiled = cast("Any", statement).compile(dialect=_DIALECT, column_keys=list(given))
    columns = list(cast("Any", statement).exported_columns)
    readers = [column.type.dialect_impl(_DIALECT).result_processor(_DIALECT, None) for column in columns]
    lists = any(param.key in given for param in compiled.post_compile_params)
    text, places, own = compiled.string, compiled.positiontup, compiled.params
    if not lists:  # those it was built with are as long as they will be
        state = compiled.construct_expanded_state(dict.fromkeys(given))
        text, places, own = state.statement, state.positiontup, state.parameters
    return Worded(
        compiled, text, tuple(places), {name: value for name, value in own.items() if name not in given},
        lists, tuple(column.key for column in columns),
        [(at, read) for at, read in enumerate(readers) if read is not None],
    )  # fmt: skip


class Rows(Generic[T]):
    """Whole: nothing is left to fetch."""

    __slots__ = ("_rows",)

    def __init__(self, rows: list[T]) -> None:
        self._rows = rows

    def __iter__(self) -> Iterator[T]:
        return iter(self._rows)

    def all(self) -> list[T]:
        return self._rows

    def first(self) -> T | None:
        return self._rows[0] if self._rows else None

    def one(self) -> T:
        """Raises ValueError where there is none, or more."""
        (row,) = self._rows
        return row


class Answer(Rows[tuple[Any, ...]]):
    """What a statement brought, as tuples; `rowcount` is how many rows it changed."""

    __slots__ = ("_names", "rowcount")

    def __init__(self, rows: list[tuple[Any, ...]], names: Sequence[str], rowcount: int = -1) -> None:
        super().__init__(rows)
        self._names, self.rowcount = names, rowcount

    def mappings(self) -> Rows[Row]:
        return Rows([dict(zip(self._names, row, strict=True)) for row in self._rows])

    def scalars(self) -> Rows[Any]:
        return Rows([row[0] for row in self._rows])

    def scalar(self) -> Any:
        return self._rows[0][0] if self._rows else None

    def scalar_one(self) -> Any:
        return self.one()[0]

    def scalar_one_or_none(self) -> Any:
        return self.one()[0] if self._rows else None

"""Tables of one value a key, where the first value stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping, Sequence

    from fer_audit.database import Database

__all__ = ["KeyedTable", "has_table"]

V = TypeVar("V")

_CHUNK = 500  # SQLite takes 999 parameters a statement at least


@dataclass(frozen=True, slots=True)
class KeyedTable(Generic[V]):
    """One table of values by content key.

    Attributes:
        database: the file it is in.
        name: of the table.
        column: of the values.
        encode: from a key and its value to what SQLite keeps.
        decode: from what SQLite kept to the value; raises ValueError, which says what was read.
        definition: the statement that makes the table where it is missing; run at each writing and not with
            the file, so that a store of an earlier release gets the table without a new version. Empty for a
            table that every store has.
    """

    database: Database
    name: str
    column: str
    encode: Callable[[str, V], str | float | bytes]
    decode: Callable[[object], V]
    definition: str = ""

    def get(self, keys: Sequence[str]) -> dict[str, V]:
        """The stored values among these keys; none where there is no store, or no such table in it.

        Raises:
            StoreError: the store is broken, of a newer version, or no store.
        """
        found: dict[str, V] = {}
        with self.database.reading() as connection:
            if connection is None or (self.definition and not has_table(connection, self.name)):
                return found
            for start in range(0, len(keys), _CHUNK):
                chunk = keys[start : start + _CHUNK]
                marks = ",".join("?" * len(chunk))
                rows = connection.execute(
                    f"SELECT key, {self.column} FROM {self.name} WHERE key IN ({marks})",  # noqa: S608 - our names and question marks
                    chunk,
                )
                try:
                    found.update((key, self.decode(value)) for key, value in rows)
                except ValueError as error:
                    raise self.database.damaged(str(error)) from error
        return found

    def put(self, values: Mapping[str, V]) -> None:
        """Store values, all or none; when this returns they survive a kill.

        Raises:
            StoreError: a value cannot be stored, or the store cannot be written.
        """
        rows = [(key, self.encode(key, value)) for key, value in values.items()]
        if rows:
            with self.database.writing() as connection:
                if self.definition:
                    connection.execute(self.definition)
                connection.executemany(
                    f"INSERT INTO {self.name} (key, {self.column}) VALUES (?, ?) ON CONFLICT DO NOTHING",  # noqa: S608 - our names
                    rows,
                )


def has_table(connection: sqlite3.Connection, name: str) -> bool:
    """Whether the file has a table that an earlier release did not make."""
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (name,))
    return found.fetchone() is not None

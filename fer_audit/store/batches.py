"""Batches of questions that a vendor works off in hours: what a later process needs to fetch the answers."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_audit.errors import StoreError
from fer_audit.store.tables import has_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fer_audit.database import Database

__all__ = ["Batch", "Batches"]

_TABLE = (
    "CREATE TABLE IF NOT EXISTS batches (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, "
    "model TEXT NOT NULL, host TEXT NOT NULL, run TEXT NOT NULL, keys TEXT NOT NULL, "
    "reservation INTEGER, is_open INTEGER NOT NULL, submitted REAL NOT NULL)"
)
_COLUMNS = "number, id, model, host, run, keys, reservation, is_open, submitted"


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch of questions that was handed to a vendor.

    Attributes:
        number: of the row.
        id: the vendor's name for it; empty between the moment the batch was announced here and the moment the
            vendor's answer was stored, where a kill leaves it to be looked up by its `token`.
        model: short name of the model.
        host: of the endpoint it was handed to.
        run: the run that pays for it.
        keys: content keys of its questions.
        reservation: of the money set aside for it; None where nobody counts.
        is_open: its answers are still to be fetched.
        submitted: when it was announced, in seconds since 1970.
    """

    number: int
    id: str
    model: str
    host: str
    run: str
    keys: tuple[str, ...]
    reservation: int | None
    is_open: bool
    submitted: float

    @property
    def token(self) -> str:
        """Our own name for it, which travels with it: by this it is found where its id was not stored."""
        return f"fer-audit-{self.run}-{self.number}"


@dataclass(frozen=True, slots=True)
class Batches:
    """The table of batches."""

    database: Database

    def announce(
        self, *, model: str, host: str, run: str, keys: Sequence[str], reservation: int | None = None
    ) -> Batch:
        """Note a batch that is about to be handed over, before it is: a kill cannot lose it.

        Raises:
            StoreError: the store cannot be written.
        """
        now = time.time()
        with self.database.writing() as connection:
            connection.execute(_TABLE)
            cursor = connection.execute(
                "INSERT INTO batches (id, model, host, run, keys, reservation, is_open, submitted) "
                "VALUES ('', ?, ?, ?, ?, ?, 1, ?)",
                (model, host, run, json.dumps(list(keys)), reservation, now),
            )
            number = int(cursor.lastrowid or 0)
        return Batch(number, "", model, host, run, tuple(keys), reservation, is_open=True, submitted=now)

    def name(self, number: int, vendors_id: str) -> None:
        """Store the vendor's name of a batch."""
        self._update("UPDATE batches SET id = ? WHERE number = ?", vendors_id, number)

    def close(self, number: int) -> None:
        """Note that nothing more is to be fetched from a batch."""
        self._update("UPDATE batches SET is_open = ? WHERE number = ?", 0, number)

    def open_ones(self, model: str, host: str) -> tuple[Batch, ...]:
        """The batches of a model whose answers are still to be fetched, in the order of their announcement.

        Raises:
            StoreError: the store is broken, of a newer version, or no store.
        """
        with self.database.reading() as connection:
            if connection is None or not has_table(connection, "batches"):
                return ()
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM batches "  # noqa: S608 - names of this module
                "WHERE is_open = 1 AND model = ? AND host = ? ORDER BY number",
                (model, host),
            ).fetchall()
        return tuple(self._batch(*row) for row in rows)

    def _batch(  # noqa: PLR0917 - the columns, in their order
        self,
        number: int,
        name: str,
        model: str,
        host: str,
        run: str,
        keys: str,
        reservation: int | None,
        is_open: int,
        submitted: float,
    ) -> Batch:
        try:
            listed = tuple(str(key) for key in json.loads(keys))
        except (ValueError, TypeError) as error:
            raise self.database.damaged(f"the keys of a batch read {keys:.40}") from error
        return Batch(number, name, model, host, run, listed, reservation, bool(is_open), submitted)

    def _update(self, statement: str, value: str | int, number: int) -> None:
        with self.database.writing() as connection:
            if connection.execute(statement, (value, number)).rowcount != 1:
                raise StoreError(f"batch {number} is not in the store; was the store exchanged meanwhile?")

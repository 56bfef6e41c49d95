"""The store as others see it: answers, measurements, vectors, what was spent, and batches that are out."""

from __future__ import annotations

from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING

from fer_audit.database import Database
from fer_audit.store.batches import Batches
from fer_audit.store.encoding import (
    decode_answer,
    decode_number,
    decode_vector,
    encode_answer,
    encode_number,
    encode_vector,
)
from fer_audit.store.spending import Spending, Spent, StoredLedger
from fer_audit.store.tables import KeyedTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from fer_audit.records import Answer, Ledger

__all__ = ["PredictionStore"]

_MEASUREMENTS = (
    "CREATE TABLE IF NOT EXISTS measurements (key TEXT PRIMARY KEY, value REAL NOT NULL) WITHOUT ROWID"
)
_VECTORS = "CREATE TABLE IF NOT EXISTS vectors (key TEXT PRIMARY KEY, vector BLOB NOT NULL)"


class PredictionStore:
    """Answers by content key, in a folder that is made when the first answer is put.

    One object serves all threads of a process, and goes on serving in a forked child: each process opens a
    connection of its own.

    Args:
        path: the store's folder; it need not exist.

    Attributes:
        path: likewise.
        batches: batches of questions that a vendor is working off.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database = Database(path)
        self._answers = KeyedTable(self._database, "answers", "answer", encode_answer, decode_answer)
        self._measurements = KeyedTable(
            self._database, "measurements", "value", encode_number, decode_number, _MEASUREMENTS
        )
        self._vectors = KeyedTable(
            self._database, "vectors", "vector", encode_vector, decode_vector, _VECTORS
        )
        self._spending = Spending(self._database)
        self.batches = Batches(self._database)

    def get(self, keys: Sequence[str], /) -> Mapping[str, Answer]:
        """The stored answers among these keys; a store that does not exist holds none and is not made.

        Raises:
            StoreError: the store is broken, of a newer version, or no store.
        """
        return self._answers.get(keys)

    def put(self, answers: Mapping[str, Answer], /) -> None:
        """Store answers, all or none; when this returns they survive a kill.

        The first answer to a question stays: putting another under its key changes nothing.

        Raises:
            StoreError: an answer is an error or an absent image, and so none; or the store cannot be written.
        """
        self._answers.put(answers)

    def measurements(self, keys: Sequence[str], /) -> Mapping[str, float]:
        """The stored measurements among these keys.

        Raises:
            StoreError: the store is broken, of a newer version, or no store.
        """
        return self._measurements.get(keys)

    def put_measurements(self, values: Mapping[str, float], /) -> None:
        """Store finite numbers that were measured on pictures, all or none; the first under a key stays.

        Raises:
            StoreError: a number is not finite, or the store cannot be written.
        """
        self._measurements.put(values)

    def vectors(self, keys: Sequence[str], /) -> Mapping[str, NDArray[np.float32]]:
        """The stored vectors among these keys, each of shape (dimensions,).

        Raises:
            StoreError: the store is broken, of a newer version, or no store.
        """
        return self._vectors.get(keys)

    def put_vectors(self, vectors: Mapping[str, NDArray[np.float32]], /) -> None:
        """Store vectors, all or none; the first under a key stays.

        Raises:
            StoreError: one is no row of finite numbers, or the store cannot be written.
        """
        self._vectors.put(vectors)

    def ledger(self, run: str, model: str, max_usd: float | None = None) -> Ledger:
        """One model's account in a run; all processes of the run share its budget.

        What a killed process had reserved stays reserved in its run: nobody knows if it was charged.

        Args:
            run: a name that no other run has.
            model: short name of the model.
            max_usd: the most that the run may spend on all models together; None for no limit.

        Raises:
            ConfigurationError: the most is negative or no number.
        """
        return StoredLedger(self._spending, run, model, max_usd)

    def spent(self, run: str | None = None, *, model: str | None = None) -> Spent:
        """What asking cost: in one run, or in all that used this store; on one model, or on all.

        Raises:
            StoreError: the store is broken, of a newer version, or no store.
        """
        return self._spending.spent(run, model)

    def note_gathered(self, cell: str, images: int) -> None:
        """Note that this many images of a cell have their answer stored.

        Stored answers are never removed, so a smaller number than noted before changes nothing.

        Args:
            cell: fingerprint of the cell: model, dataset and images.
            images: how many of its images are stored.

        Raises:
            StoreError: the store cannot be written.
        """
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO gathered VALUES (?, ?) "
                "ON CONFLICT (cell) DO UPDATE SET images = max(images, excluded.images)",
                (cell, images),
            )

    def gathered(self, cell: str) -> int:
        """How many images of a cell are noted as stored; what a plan needs without opening any image.

        Raises:
            StoreError: the store is broken, of a newer version, or no store.
        """
        with self._database.reading() as connection:
            if connection is None:
                return 0
            row = connection.execute("SELECT images FROM gathered WHERE cell = ?", (cell,)).fetchone()
        return int(row[0]) if row else 0

    @contextmanager
    def exclusive(self, cell: str) -> Iterator[None]:
        """Hold a cell: another process or thread that wants it waits, and then finds the answers.

        A process that dies lets go.

        Raises:
            StoreError: the folder cannot be written.
        """
        with self._database.locked(sha256(cell.encode()).hexdigest()[:32]):
            yield

    def close(self) -> None:
        """Let go of the file; the next use opens it again."""
        self._database.close()

"""The prediction store: what a model answered is kept under what it was asked, and never asked again.

A folder with one SQLite file. Answers are JSON, each under a hash of the image and of everything else that it
depends on: a model, crop or label that changes makes another key, so nothing is ever out of date. Beside them
lies what was measured on pictures, under hashes of the same kind. SQLite's write-ahead log lets several
processes read and write at once, and a killed process loses nothing that `put` returned from. The log needs
shared memory: the folder must be on a local disk, not on a network share.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING

from fer_audit.database import Database
from fer_audit.errors import FerAuditError, StoreError
from fer_audit.records import Answer
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = ["PredictionStore", "key"]

_CHUNK = 500  # SQLite takes 999 parameters a statement at least
# Made when first needed and not with the file: a store of an earlier release gets it without a new version.
_MEASUREMENTS = (
    "CREATE TABLE IF NOT EXISTS measurements (key TEXT PRIMARY KEY, value REAL NOT NULL) WITHOUT ROWID"
)
_HAS_MEASUREMENTS = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'measurements'"
_NO_ANSWERS = (AnswerKind.ERROR, AnswerKind.ABSENT)


def key(parts: Mapping[str, str], image_digest: str) -> str:
    """The content key of one answer: a hash of the question, in hexadecimal.

    Args:
        parts: everything besides the image that the answer depends on, by name; their order does not matter.
        image_digest: hash of the image's bytes.

    >>> key({"weights": "ab", "crop": "0.1"}, "cd") == key({"crop": "0.1", "weights": "ab"}, "cd")
    True
    >>> key({"weights": "ab"}, "cd") == key({"weights": "a"}, "bcd")
    False
    """
    question = {"image": image_digest, "parts": dict(parts)}
    return sha256(json.dumps(question, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


class PredictionStore:
    """Answers by content key, in a folder that is made when the first answer is put.

    One object serves all threads of a process, and goes on serving in a forked child: each process opens a
    connection of its own.

    Args:
        path: the store's folder; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database = Database(path)

    def get(self, keys: Sequence[str], /) -> Mapping[str, Answer]:
        """The stored answers among these keys; a store that does not exist holds none and is not made.

        Raises:
            StoreError: the store is broken, of a newer version, or no store.
        """
        found: dict[str, Answer] = {}
        with self._database.reading() as connection:
            if connection is None:
                return found
            for start in range(0, len(keys), _CHUNK):
                chunk = keys[start : start + _CHUNK]
                marks = ",".join("?" * len(chunk))
                rows = connection.execute(
                    f"SELECT key, answer FROM answers WHERE key IN ({marks})",  # noqa: S608 - question marks
                    chunk,
                )
                found.update((name, self._decode(text)) for name, text in rows)
        return found

    def put(self, answers: Mapping[str, Answer], /) -> None:
        """Store answers, all or none; when this returns they survive a kill.

        The first answer to a question stays: putting another under its key changes nothing.

        Raises:
            StoreError: an answer is an error or an absent image, and so none; or the store cannot be written.
        """
        rows = [(name, _encode(name, answer)) for name, answer in answers.items()]
        if rows:
            with self._database.writing() as connection:
                connection.executemany("INSERT INTO answers VALUES (?, ?) ON CONFLICT DO NOTHING", rows)

    def measurements(self, keys: Sequence[str], /) -> Mapping[str, float]:
        """The stored measurements among these keys.

        Raises:
            StoreError: the store is broken, of a newer version, or no store.
        """
        found: dict[str, float] = {}
        with self._database.reading() as connection:
            if connection is None or not connection.execute(_HAS_MEASUREMENTS).fetchone():
                return found
            for start in range(0, len(keys), _CHUNK):
                chunk = keys[start : start + _CHUNK]
                marks = ",".join("?" * len(chunk))
                rows = connection.execute(
                    f"SELECT key, value FROM measurements WHERE key IN ({marks})",  # noqa: S608 - question marks
                    chunk,
                )
                found.update((name, float(value)) for name, value in rows)
        return found

    def put_measurements(self, values: Mapping[str, float], /) -> None:
        """Store finite numbers that were measured on pictures, all or none; the first under a key stays.

        Raises:
            StoreError: the store cannot be written.
        """
        if values:
            with self._database.writing() as connection:
                connection.execute(_MEASUREMENTS)
                connection.executemany(
                    "INSERT INTO measurements VALUES (?, ?) ON CONFLICT DO NOTHING", list(values.items())
                )

    def note_gathered(self, cell: str, images: int) -> None:
        """Note in the ledger that this many images of a cell have their answer stored.

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

    def _decode(self, text: str) -> Answer:
        try:
            fields = json.loads(text)
            scores = {str(label): float(score) for label, score in fields["scores"].items()}
            return Answer(AnswerKind(fields["kind"]), fields["label"], scores, fields["raw"])
        except (ValueError, KeyError, TypeError, AttributeError, FerAuditError) as error:
            raise self._database.damaged(f"an answer reads {text:.80}") from error


def _encode(name: str, answer: Answer) -> str:
    if answer.kind in _NO_ANSWERS:
        raise StoreError(
            f"an answer of kind {answer.kind.value!r} is none and is not stored (key {name:.12}); ask again"
        )
    scores = {label: float(score) for label, score in answer.scores.items()}
    fields = {"kind": answer.kind.value, "label": answer.label, "scores": scores, "raw": answer.raw}
    try:
        return json.dumps(fields, separators=(",", ":"), allow_nan=False)
    except ValueError as error:
        raise StoreError(
            f"an answer has a score that is no number and is not stored (key {name:.12}, scores {scores}); "
            "mend the model"
        ) from error

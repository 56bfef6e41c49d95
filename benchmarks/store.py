"""Answers put into the prediction store one by one, against a bare SQLite table and against diskcache.

Run it by itself: `python benchmarks/store.py`. It prints one line a peer: name, ours, peer, ratio, target,
and then what vectors of 512 numbers take. Each put is acknowledged: when it returns, a kill loses nothing.
The bare table has the same pages and log; what we are slower by is the answer's JSON, and a look if the file
is still there. A time here is wall time: waiting for the disk is part of it.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
import time
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
from measuring import Figure, readable

from fer_audit.records import Answer
from fer_audit.store import PredictionStore
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ANSWERS = 10_000
VECTORS = 10_000
DIMENSIONS = 512
TARGET = ">= 15,000 puts a second"
_LABELS = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
_ANSWER = Answer(AnswerKind.ANSWERED, "anger", dict.fromkeys(_LABELS, 1 / 7))
_TEXT = json.dumps({"kind": "answered", "label": "anger", "scores": dict(_ANSWER.scores), "raw": ""})

try:
    import diskcache
except ImportError:
    diskcache = None


def measure(answers: int, runs: int) -> list[Figure]:
    """Every side puts the same answers; all must be found again."""
    sides: dict[str, Callable[[Path, Sequence[str]], int]] = {"ours": _ours, "sqlite3": _sqlite}
    if diskcache is not None:
        sides["diskcache"] = _diskcache
    keys = _keys(answers)
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(runs):
        for name, side in sides.items():
            with tempfile.TemporaryDirectory() as folder:
                start = time.perf_counter()
                found = side(Path(folder), keys)
                taken[name].append(time.perf_counter() - start)
            np.testing.assert_equal(found, answers)
    ours = median(taken.pop("ours"))
    name = f"{answers / ours:,.0f} puts a second"
    return [Figure(name, ours, peer, median(times), TARGET) for peer, times in taken.items()]


def vectors(count: int) -> str:
    """What vectors take, in time and in the file."""
    keys = _keys(count)
    given = np.random.default_rng(0).normal(size=(count, DIMENSIONS)).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        store = PredictionStore(Path(folder))
        start = time.perf_counter()
        for first in range(0, count, 64):
            store.put_vectors(dict(zip(keys[first : first + 64], given[first : first + 64], strict=True)))
        middle = time.perf_counter()
        found = store.vectors(keys)
        end = time.perf_counter()
        store.close()
        size = sum(file.stat().st_size for file in Path(folder).iterdir())
    np.testing.assert_array_equal(np.stack([found[key] for key in keys]), given)
    return (
        f"{count:,} vectors of {DIMENSIONS}  put in {readable(middle - start)}  "
        f"got in {readable(end - middle)}  {size / count:,.0f} bytes each"
    )


def _keys(count: int) -> list[str]:
    return [sha256(str(number).encode()).hexdigest() for number in range(count)]


def _ours(folder: Path, keys: Sequence[str]) -> int:
    store = PredictionStore(folder)
    for key in keys:
        store.put({key: _ANSWER})
    found = len(store.get(keys))
    store.close()
    return found


def _sqlite(folder: Path, keys: Sequence[str]) -> int:
    with closing(sqlite3.connect(folder / "bare.sqlite", isolation_level=None)) as connection:
        for statement in ("page_size = 8192", "journal_mode = WAL", "synchronous = NORMAL"):
            connection.execute(f"PRAGMA {statement}")
        connection.execute("CREATE TABLE answers (key TEXT PRIMARY KEY, answer TEXT) WITHOUT ROWID")
        for key in keys:
            connection.execute("INSERT INTO answers VALUES (?, ?) ON CONFLICT DO NOTHING", (key, _TEXT))
        return sum(
            connection.execute("SELECT 1 FROM answers WHERE key = ?", (key,)).fetchone() is not None
            for key in keys
        )


def _diskcache(folder: Path, keys: Sequence[str]) -> int:
    with diskcache.Cache(folder, disk=diskcache.JSONDisk, disk_compress_level=0) as cache:
        for key in keys:
            cache.add(key, _TEXT)
        return sum(key in cache for key in keys)


def main() -> None:
    """Measure and print."""
    for figure in measure(ANSWERS, 5):
        print(figure)
    print(vectors(VECTORS))


if __name__ == "__main__":
    main()

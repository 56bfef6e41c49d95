"""Counting a Parquet file by person, slice, label and answer, against its bare decode, polars and duckdb.

Run it by itself: `python benchmarks/parquet.py [ROWS]`; ROWS is 1e7 by default, of 50,000 people. Needs the
group `benchmarks`; a peer that is not installed is left out. One line a peer: name, ours, peer, ratio,
target; and one for the memory that ours took at its peak.

Each side runs in a process of its own, after a small file has made it load what it needs. Times are processor
time of all threads: the decode alone uses as many as there are cores.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from measuring import Figure

BY = ("race", "gender", "age", "skin")
COLUMNS = ("identity", *BY, "expression", "predicted")
LABELS = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
PEOPLE = 50_000
ROW_GROUP = 1_000_000
TARGET = ">= 0.67 (at most 1.5 times the peer)"


@dataclass(frozen=True, slots=True)
class Run:
    """What one process took: processor seconds, peak memory in MiB, and the rows it saw."""

    seconds: float
    peak: float
    rows: int


def write(path: Path, rows: int, people: int) -> None:
    """A table of text columns with dictionaries, as this package writes its own."""
    generator = np.random.default_rng(0)
    names = pa.array([f"p{one:06d}" for one in range(people)])
    sizes = dict(zip(BY, (4, 2, 4, 10), strict=True))
    groups = {name: generator.integers(0, size, people) for name, size in sizes.items()}

    def column(codes: np.ndarray[tuple[int], np.dtype[np.int64]], words: pa.Array[Any]) -> Any:  # noqa: ANN401
        return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32), pa.int32()), words)

    def part(number: int) -> pa.Table:
        person, true = generator.integers(0, people, number), generator.integers(0, 7, number)
        answer = np.where(generator.random(number) < 0.85, true, generator.integers(0, 7, number))
        attributes = {
            name: column(codes[person], pa.array([f"{one}" for one in range(sizes[name])]))
            for name, codes in groups.items()
        }
        labels = pa.array(LABELS)
        shown = {"expression": column(true, labels), "predicted": column(answer, labels)}
        return pa.table({"identity": column(person, names), **attributes, **shown})

    with pq.ParquetWriter(path, part(1).schema, compression="snappy") as writer:
        for start in range(0, rows, ROW_GROUP):
            writer.write_table(part(min(ROW_GROUP, rows - start)))


def ours(path: Path) -> int:
    """The reader, to the counts that are judged."""
    from fer_audit import count_parquet  # noqa: PLC0415 - each process loads its own side only

    return int(count_parquet(path, "*".join(BY)).cells.sum())


def decode(path: Path) -> int:
    """Pyarrow reads the same columns in the same way, and nothing is done with them."""
    file = pq.ParquetFile(path, read_dictionary=list(COLUMNS))
    return sum(batch.num_rows for batch in file.iter_batches(batch_size=131_072, columns=list(COLUMNS)))


def polars(path: Path) -> int:
    """A lazy group-by, streamed."""
    import polars as pl  # noqa: PLC0415 - as above

    grouped = pl.scan_parquet(path).group_by(COLUMNS).agg(pl.len().alias("rows"))
    return int(grouped.collect(engine="streaming")["rows"].sum())


def duckdb(path: Path) -> int:
    """A group-by in SQL."""
    import duckdb as db  # noqa: PLC0415 - as above

    names = ", ".join(COLUMNS)
    query = f"SELECT sum(n) FROM (SELECT count(*) AS n FROM '{path}' GROUP BY {names})"  # noqa: S608
    return int(db.connect().execute(query).fetchall()[0][0])


SIDES = {"ours": ours, "decode": decode, "polars": polars, "duckdb": duckdb}


def child(side: str, small: Path, path: Path) -> None:
    """Run one side in this process and print what it took."""
    SIDES[side](small)
    start = time.process_time()
    rows = SIDES[side](path)
    taken = time.process_time() - start
    # Linux gives KiB, macOS bytes.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1024 if sys.platform != "darwin" else 1024**2
    )
    print(json.dumps({"seconds": taken, "peak": peak, "rows": rows}))


def run(side: str, small: Path, path: Path) -> Run:
    """One side in a process of its own."""
    command = [sys.executable, __file__, side, str(small), str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Run(**json.loads(done.stdout))


def measure(rows: int, runs: int, people: int = PEOPLE) -> tuple[list[Figure], float]:
    """Ours against every peer that is there, and our peak memory in MiB; all must see every row."""
    peers = ["decode", *(name for name in ("polars", "duckdb") if find_spec(name))]
    found: dict[str, list[Run]] = {side: [] for side in ("ours", *peers)}
    with tempfile.TemporaryDirectory() as folder:
        small, path = Path(folder) / "small.parquet", Path(folder) / "rows.parquet"
        write(small, 1000, 100)
        write(path, rows, people)
        for _ in range(runs):
            for side, taken in found.items():
                taken.append(run(side, small, path))
    wrong = [side for side, taken in found.items() if any(one.rows != rows for one in taken)]
    if wrong:
        raise SystemExit(f"not every row was seen by {', '.join(wrong)}")
    seconds = {side: median(one.seconds for one in taken) for side, taken in found.items()}
    name = f"counting a Parquet file, {rows:.0e} rows"
    figures = [Figure(name, seconds["ours"], peer, seconds[peer], TARGET) for peer in peers]
    return figures, max(one.peak for one in found["ours"])


def main() -> None:
    """Measure and print; or be one side."""
    if len(sys.argv) > 2:
        child(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
        return
    figures, peak = measure(int(float(sys.argv[1])) if len(sys.argv) > 1 else 10_000_000, 3)
    for figure in figures:
        print(figure)
    print(f"peak memory of counting  {peak:.0f} MiB  target < 400 MiB")


if __name__ == "__main__":
    main()

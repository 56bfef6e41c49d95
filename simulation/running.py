"""Runs cells in several processes and writes each down as soon as it is known."""

from __future__ import annotations

import random
import time
import warnings
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from itertools import zip_longest
from multiprocessing import get_context
from typing import TYPE_CHECKING

from tqdm import tqdm

from simulation.cells import count
from simulation.results import Measurement, append, read, standing

if TYPE_CHECKING:
    from collections.abc import Iterable
    from concurrent.futures import Future
    from pathlib import Path

    from simulation.cells import Cell

__all__ = ["measure", "run", "waiting"]

# Within a family cells are run in an order that has nothing to do with the grid, so that a part of them is a
# sample of it.
_ORDER = 2408
# Cells handed out ahead, so that no process waits and a stopped run forgets little.
_AHEAD = 2


def measure(cell: Cell, runs: int | None = None) -> Measurement:
    """Run one cell.

    Args:
        cell: what to run.
        runs: tables, the cell's own number if None.
    """
    start = time.process_time()
    events = count(cell, runs or cell.runs)
    seconds = round(time.process_time() - start, 2)
    return Measurement(cell.name, cell.definition, cell.code, runs or cell.runs, seconds, events)


def waiting(cells: Iterable[Cell], path: Path) -> tuple[Cell, ...]:
    """Cells that the results do not hold as they are defined now, or that other code answered.

    Families take turns, so that a run that is stopped has something to say of each.
    """
    missing = [known.cell for known in standing(cells, read(path)) if known.measured is None or known.stale]
    families: dict[str, list[Cell]] = {}
    for cell in missing:
        families.setdefault(cell.family, []).append(cell)
    for family in families.values():
        random.Random(_ORDER).shuffle(family)  # noqa: S311 - an order, not a secret
    turns = zip_longest(*families.values())
    return tuple(cell for turn in turns for cell in turn if cell is not None)


def run(cells: tuple[Cell, ...], path: Path, *, jobs: int, seconds: float | None = None) -> int:
    """Run cells and write them down; what is written stays when the run is stopped.

    Args:
        cells: what to run.
        path: the results file.
        jobs: processes.
        seconds: start no cell after so long; None to run all.

    Returns:
        How many cells were run.
    """
    until = None if seconds is None else time.monotonic() + seconds
    queue = iter(cells)
    done = 0
    # A fresh interpreter a process: results must not depend on what was imported or drawn before.
    with (
        ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_be_strict) as pool,
        tqdm(total=len(cells), unit="cell", smoothing=0.02) as bar,
    ):
        running: set[Future[Measurement]] = set()
        while True:
            while len(running) < jobs * _AHEAD and (until is None or time.monotonic() < until):
                cell = next(queue, None)
                if cell is None:
                    break
                running.add(pool.submit(measure, cell))
            if not running:
                return done
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                append(path, future.result())
                done += 1
                bar.update()


def _be_strict() -> None:
    """A warning in the engine is an error here, as it is in its tests."""
    warnings.simplefilter("error")

"""A cell: one world, one question, and how often each thing may happen."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import beta

from simulation.code import fingerprint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulation.questions import Property, Question
    from simulation.worlds import World

__all__ = ["RUNS", "Cell", "Limit", "Miss", "bounds", "count", "misses"]

RUNS = 4_000
"""Runs of a cell in the full form; permutation tests have a quarter."""

# One cell in a thousand that lies exactly on its limit is called a miss by luck.
_LEVEL = 0.001


@dataclass(frozen=True, slots=True)
class Limit:
    """How often something may happen, or must.

    Attributes:
        what: what happens in a run.
        at_most: the largest share of runs, or None.
        at_least: the smallest share of runs, or None.
    """

    what: Property
    at_most: float | None = None
    at_least: float | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One named measurement.

    Attributes:
        family: cells that are told of together.
        name: unique; the seed follows from it.
        world: what is true.
        question: what is asked.
        limits: what must hold; things without a limit are counted and published all the same.
        runs: tables in the full form.
    """

    family: str
    name: str
    world: World
    question: Question
    limits: tuple[Limit, ...]
    runs: int = RUNS

    @property
    def definition(self) -> str:
        """Twelve hexadecimal digits that change with the world, the question or the number of runs.

        Limits may be corrected without measuring anew.
        """
        written = repr((self.name, self.world, self.question, self.runs))
        return hashlib.sha256(written.encode()).hexdigest()[:12]

    @property
    def code(self) -> str:
        """Fingerprint of the code that answers the question."""
        return fingerprint(self.question.asks)

    @property
    def seed(self) -> int:
        """Fixed by the name, so that no cell can be given a luckier one."""
        return int.from_bytes(hashlib.sha256(self.name.encode()).digest()[:8], "big")


@dataclass(frozen=True, slots=True)
class Miss:
    """A limit that the runs exclude.

    Attributes:
        limit: what should have held.
        events: runs in which it happened.
        runs: all runs.
    """

    limit: Limit
    events: int
    runs: int

    @property
    def rate(self) -> float:
        """Share of the runs."""
        return self.events / self.runs


@dataclass(frozen=True, slots=True)
class Bounds:
    """A confidence interval of a probability."""

    lower: float
    upper: float


def count(cell: Cell, runs: int) -> Mapping[Property, int]:
    """Run a cell, and count in how many runs each thing happened."""
    generator = np.random.Generator(np.random.Philox(np.random.SeedSequence(cell.seed)))
    total: dict[Property, int] = {}
    done = 0
    while done < runs:
        batch = min(cell.question.batch, runs - done)
        for what, events in cell.question.count(cell.world, batch, generator).items():
            total[what] = total.get(what, 0) + events
        done += batch
    return total


def bounds(events: int, runs: int) -> Bounds:
    """The exact interval of a probability, 99.9 % on either side (Clopper and Pearson 1934).

    >>> round(bounds(0, 4000).upper, 4)
    0.0017
    """
    lower = float(beta.ppf(_LEVEL, events, runs - events + 1)) if events > 0 else 0.0
    upper = float(beta.ppf(1 - _LEVEL, events + 1, runs - events)) if events < runs else 1.0
    return Bounds(lower, upper)


def misses(limits: tuple[Limit, ...], events: Mapping[Property, int], runs: int) -> tuple[Miss, ...]:
    """Limits that what was counted excludes; a limit of 0 is missed by a single event.

    Raises:
        KeyError: a limit on something that was not counted.
    """
    found = []
    for limit in limits:
        number = events[limit.what]
        interval = bounds(number, runs)
        high = limit.at_most is not None and interval.lower > limit.at_most
        low = limit.at_least is not None and interval.upper < limit.at_least
        if high or low:
            found.append(Miss(limit, number, runs))
    return tuple(found)

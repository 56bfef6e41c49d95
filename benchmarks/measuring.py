"""How every benchmark measures: ours and the peer in turn, in one process, medians of several runs.

Times are processor time of the process, all its threads together: what else the machine does costs neither
side.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from fer_audit.records import Slicing
from fer_audit.stats.counts import NON_ANSWERS, Counts

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["Figure", "Pair", "alternate", "counts_of", "readable"]

A = TypeVar("A")
B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Figure:
    """One line: what was measured, ours against a peer.

    Attributes:
        name: what was done.
        ours: processor seconds.
        peer: the peer's name.
        peers: processor seconds of the peer.
        target: what the ratio should be, in words.
    """

    name: str
    ours: float
    peer: str
    peers: float
    target: str

    def __str__(self) -> str:
        ratio = self.peers / self.ours
        shown = f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.2f}"
        return (
            f"{self.name}  {readable(self.ours)}  {self.peer} {readable(self.peers)}  ratio {shown}  "
            f"target {self.target}"
        )


@dataclass(frozen=True, slots=True)
class Pair(Generic[A, B]):
    """What both sides took, in seconds, and what they found."""

    ours: float
    peers: float
    found: A
    expected: B


def readable(seconds: float) -> str:
    """A time in the unit that suits it."""
    return f"{seconds:.2f} s" if seconds >= 1 else f"{1000 * seconds:.3g} ms"


def alternate(ours: Callable[[], A], peer: Callable[[], B], runs: int) -> Pair[A, B]:
    """Run both sides in turn, once unmeasured where there is more than one run; medians of processor time."""
    mine, theirs = [], []
    for run in range(runs + (runs > 1)):
        start = time.process_time()
        found = ours()
        middle = time.process_time()
        expected = peer()
        end = time.process_time()
        if run or runs == 1:
            mine.append(middle - start)
            theirs.append(end - middle)
    return Pair(median(mine), median(theirs), found, expected)


def counts_of(
    level: NDArray[np.int64], right: NDArray[np.int64], images: NDArray[np.int64], slices: int
) -> Counts:
    """Counts of people who were shown one label and gave it, or another, in their answers.

    Args:
        level: shape (people,): slice of each person.
        right: shape (people,): images read correctly.
        images: shape (people,): images.
        slices: how many slices there are.
    """
    cells = np.zeros((len(level), 1, 2 + len(NON_ANSWERS)))
    cells[:, 0, 0], cells[:, 0, 1] = right, images - right
    return Counts(
        person=np.arange(len(level)),
        level=level,
        cells=cells,
        people=tuple(f"p{one}" for one in range(len(level))),
        levels=tuple(f"{one:03d}" for one in range(slices)),
        labels=("anger",),
        predicted=("anger", "fear"),
        slicing=Slicing("group"),
    )

"""Westfall and Young's step-down: p-values adjusted for everything that was looked at, and no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

__all__ = ["StepDown", "step_down"]

# Statistics that differ by less than this are the same table reached along another sum.
_TIE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class StepDown:
    """P-values of H comparisons.

    Attributes:
        p: shape (H,): of each by itself.
        adjusted: shape (H,): over the whole family.
        replicates: rearrangements behind them.
    """

    p: NDArray[np.float64]
    adjusted: NDArray[np.float64]
    replicates: int


def step_down(observed: NDArray[np.float64], blocks: Iterable[NDArray[np.float64]]) -> StepDown:
    """How often rearranged data look as unequal: each comparison by itself, and the largest of those left.

    The most unequal comparison is held against the largest of all, the second against the largest of all but
    the first, and so on, with p = (1 + number) / (rearrangements + 1) and never below the p before.

    Args:
        observed: shape (H,): statistics of the data, larger is more unequal.
        blocks: statistics of rearranged data, each of shape (block, H).

    Source: Westfall and Young (1993), Resampling-Based Multiple Testing, algorithm 4.1; Ge, Dudoit and Speed
    (2003), Test 12, 1-77, box 4, for counting the data as one of the rearrangements.

    >>> found = step_down(np.array([1.0, 3.0]), [np.array([[2.0, 1.0], [0.0, 4.0], [0.0, 1.0]])])
    >>> found.p.tolist(), found.adjusted.tolist()
    ([0.5, 0.5], [0.5, 0.5])
    """
    bar = observed - _TIE * np.maximum(1.0, np.abs(observed))
    rising = np.argsort(observed, kind="stable")
    alone, together, replicates = np.zeros(len(bar)), np.zeros(len(bar)), 0
    for block in blocks:
        alone += (block >= bar).sum(axis=0)
        largest = np.maximum.accumulate(block[:, rising], axis=1)
        together += (largest >= bar[rising]).sum(axis=0)
        replicates += len(block)
    adjusted = np.empty(len(bar))
    adjusted[rising[::-1]] = np.maximum.accumulate((1.0 + together[::-1]) / (replicates + 1.0))
    return StepDown((1.0 + alone) / (replicates + 1.0), adjusted, replicates)

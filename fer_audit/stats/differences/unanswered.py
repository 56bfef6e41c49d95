"""How much the images without an answer could hide: the gap if they all had been right, or all wrong.

A non-answer counts as wrong, which is one way to fill it in. Here each slice's non-answers are filled in the
way that widens a gap, and the way that narrows it: nothing that could have been answered lies outside.
Manski (2003), Partial Identification of Probability Distributions, chapter 1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.stats.differences.engine import compare

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally

__all__ = ["Extremes", "bound_unanswered"]


@dataclass(frozen=True, slots=True)
class Extremes:
    """The largest gap between any two slices, under the fillings that widen and that narrow each gap.

    Attributes:
        images: how many images got no answer.
        worst: the largest gap if all non-answers of one slice were right and all of another wrong.
        worst_lower: the largest FAIL bound of those gaps, simultaneous over the slices.
        worst_upper: the largest PASS bound of those gaps.
        best: the largest gap that remains however the non-answers are filled in.
    """

    images: float
    worst: float
    worst_lower: float
    worst_upper: float
    best: float


def bound_unanswered(tally: Tally, unanswered: NDArray[np.float64], settings: Settings) -> Extremes | None:
    """Judge every pair of slices with the non-answers of one side right and those of the other side wrong.

    The table is judged anew as if all non-answers of one slice had been right and those of all others wrong,
    and as if the reverse, slice after slice: so that the worst case is the verdict that such answers would
    have got, with the correlation within people that they would have shown.

    Args:
        tally: without replicate axes, non-answers counted as wrong.
        unanswered: shape (U, L): images without an answer.
        settings: error rate, floors and the fewest people.

    Returns:
        None where every image got an answer, or nothing can be compared.
    """
    slices = np.unique(tally.level[unanswered.any(axis=1)])
    if not len(slices):
        return None
    mine = tally.level == slices[:, None]
    right = np.concatenate([np.zeros_like(mine[:1]), mine, ~mine])
    found = compare(replace(tally, hits=tally.hits + unanswered * right[..., None]), settings)
    if not found.compared.any():
        return None
    gap = found.difference[:, found.compared]
    least, most = gap.min(axis=0), gap.max(axis=0)
    return Extremes(
        images=float(unanswered.sum()),
        worst=float(np.abs(gap).max()),
        worst_lower=float(found.lower[:, found.compared].max()),
        worst_upper=float(found.upper[:, found.compared].max()),
        # Some filling makes two slices equal where the ends of their range have different signs.
        best=float(np.maximum(np.maximum(least, -most), 0.0).max()),
    )

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

    from fer_audit.stats.differences.engine import Differences
    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally

__all__ = ["Extremes", "bound_unanswered"]

# Slices that are filled in; of more, those between which the widest gaps may come to be shown.
_MOST_FILLED = 16
# Numbers in one block of filled tables.
_BLOCK = 4_000_000


@dataclass(frozen=True, slots=True)
class Extremes:
    """The largest gap between any two slices, under the fillings that widen and that narrow each gap.

    Attributes:
        images: how many images got no answer.
        worst: the largest gap if all non-answers of one slice were right and all of another wrong.
        worst_lower: the largest FAIL bound of those gaps, simultaneous over the slices.
        best: the largest gap that remains however the non-answers are filled in.
    """

    images: float
    worst: float
    worst_lower: float
    best: float


def bound_unanswered(tally: Tally, unanswered: NDArray[np.float64], settings: Settings) -> Extremes | None:
    """Judge every pair of slices with the non-answers of one side right and those of the other side wrong.

    The table is judged anew as if all non-answers of one slice had been right and those of all others wrong,
    and as if the reverse, slice after slice: so that the worst case is the verdict that such answers would
    have got, with the correlation within people that they would have shown. Of more than 16 slices with
    non-answers those are filled in whose pairs come nearest to a FAIL, by the margins of the table as it is.

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
    base = compare(tally, settings, allowed=1.0)
    if not base.compared.any():
        return None
    if len(slices) > _MOST_FILLED:
        slices = _nearest(tally, unanswered, base, slices, settings)
    mine = tally.level == slices[:, None]
    right = np.concatenate([np.zeros_like(mine[:1]), mine, ~mine])
    gaps, worst = [], -1.0
    step = max(1, _BLOCK // tally.hits.size)
    for start in range(0, len(right), step):
        part = right[start : start + step, :, None]
        # How close the slices may be does not matter here, and looking for it would take most of the time.
        found = compare(replace(tally, hits=tally.hits + unanswered * part), settings, allowed=1.0)
        gaps.append(found.difference[:, found.compared])
        worst = max(worst, float(found.lower[:, found.compared].max()))
    gap = np.concatenate(gaps)
    least, most = gap.min(axis=0), gap.max(axis=0)
    return Extremes(
        images=float(unanswered.sum()),
        worst=float(np.abs(gap).max()),
        worst_lower=worst,
        # Some filling makes two slices equal where the ends of their range have different signs.
        best=float(np.maximum(np.maximum(least, -most), 0.0).max()),
    )


def _nearest(
    tally: Tally,
    unanswered: NDArray[np.float64],
    base: Differences,
    slices: NDArray[np.int64],
    settings: Settings,
) -> NDArray[np.int64]:
    """Slices of the pairs that come nearest to a FAIL if all of one is right and all of the other wrong."""
    full = compare(replace(tally, hits=tally.hits + unanswered), settings, allowed=1.0)
    widest = np.maximum(full.rate_first - base.rate_second, full.rate_second - base.rate_first)
    reach = np.where(base.compared, widest - (np.abs(base.difference) - base.lower), -np.inf)
    order = np.argsort(-reach, kind="stable")
    listed = np.stack([base.layout.first[order], base.layout.second[order]], axis=1).ravel()
    listed = listed[np.isin(listed, slices)]
    _, first = np.unique(listed, return_index=True)
    return np.sort(listed[np.sort(first)][:_MOST_FILLED])

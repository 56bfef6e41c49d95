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

_FEWEST_SLICES = 2


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

    Every slice with non-answers is entered twice, as judged and with its non-answers right; the engine then
    compares every version of a slice with every version of another. People keep their identity in both, so
    that slices that share people are compared within people as ever.

    Args:
        tally: without replicate axes, non-answers counted as wrong.
        unanswered: shape (U, L): images without an answer.
        settings: error rate, floors and the fewest people.

    Returns:
        None where every image got an answer, or nothing can be compared.
    """
    levels = len(tally.levels)
    filled = np.unique(tally.level[unanswered.any(axis=1)])
    if not len(filled):
        return None
    again = np.flatnonzero(np.isin(tally.level, filled))
    copy = levels + np.searchsorted(filled, tally.level[again])
    doubled = replace(
        tally,
        person=np.concatenate([tally.person, tally.person[again]]),
        level=np.concatenate([tally.level, copy]),
        hits=np.concatenate([tally.hits, tally.hits[again] + unanswered[again]]),
        images=np.concatenate([tally.images, tally.images[again]]),
        levels=(*tally.levels, *(f"{tally.levels[level]} (filled)" for level in filled)),
    )
    people = np.bincount(tally.level[(tally.images > 0).any(1)], minlength=levels)
    family = int((people >= settings.least_people).sum())
    if family < _FEWEST_SLICES:
        return None
    found = compare(doubled, settings, family=family)
    version_of = np.concatenate([np.arange(levels), filled])
    first, second = version_of[found.layout.first], version_of[found.layout.second]
    used = found.compared & (first != second)
    if not used.any():
        return None
    # As "lower level minus higher level", so that all versions of a pair lie on one scale.
    gap = np.where(first < second, found.difference, -found.difference)[used]
    name = (np.minimum(first, second) * levels + np.maximum(first, second))[used]
    pairs, pair = np.unique(name, return_inverse=True)
    least, most = np.full(len(pairs), np.inf), np.full(len(pairs), -np.inf)
    np.minimum.at(least, pair.ravel(), gap)
    np.maximum.at(most, pair.ravel(), gap)
    return Extremes(
        images=float(unanswered.sum()),
        worst=float(np.abs(gap).max()),
        worst_lower=float(found.lower[used].max()),
        worst_upper=float(found.upper[used].max()),
        # Some filling makes two slices equal where the ends of their range have different signs.
        best=float(np.maximum(np.maximum(least, -most), 0.0).max()),
    )

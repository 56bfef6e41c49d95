"""Compares every pair of slices and bounds each difference from both sides.

A pair is *apart* when nobody is in both slices, *shared* when the same people are in both (twins: their own
differences are tested), *partly shared* otherwise. The same functions judge one audit and thousands of
simulated ones: replicate axes lead, and what depends on the layout alone is done once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.stats.differences.intervals import difference_upper, difference_within
from fer_audit.stats.differences.layout import PairKind, lay_out
from fer_audit.stats.differences.moments import correlation, moments, spread
from fer_audit.stats.differences.twins import PairBounds, twin_bounds
from fer_audit.stats.quantiles import range_quantile, range_tail, student_quantile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.differences.layout import Block, Layout
    from fer_audit.stats.differences.moments import Moments
    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally

__all__ = ["Differences", "adjusted_p", "compare"]

# People whose differences are all equal leave a smaller error by rounding, and no other people do.
_NO_ERROR = 1e-9
# Bounds are floating-point sums: an estimate that equals the tolerance on paper does not exceed it.
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Differences:
    """Every pair of assessable slices with its difference and both bounds; P pairs.

    Bounds are those of the absolute difference; ``difference`` itself keeps its sign.

    Attributes:
        layout: the pairs, their labels and kinds; ``layout.first`` and ``layout.second`` name the levels.
        compared: shape (P,): False where no label is held by enough people in both slices.
        kind: shape (P,): position in ``list(PairKind)``.
        labels: shape (P, L): which labels are compared.
        people: shape (P, 2): people of the first and second slice who have any of them.
        images: shape (P, 2): their images.
        rate_first: shape (..., P): the measure in the first slice.
        rate_second: shape (..., P): the measure in the second.
        error: shape (..., P): standard error behind the FAIL bound.
        freedom: shape (..., P): its degrees of freedom.
        lower: shape (..., P): the bound that decides FAIL.
        upper: shape (..., P): the bound that decides PASS.
        alike: shape (..., P): pooled correlation within people over the labels compared.
    """

    layout: Layout
    compared: NDArray[np.bool_]
    kind: NDArray[np.int64]
    labels: NDArray[np.bool_]
    people: NDArray[np.int64]
    images: NDArray[np.float64]
    rate_first: NDArray[np.float64]
    rate_second: NDArray[np.float64]
    error: NDArray[np.float64]
    freedom: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    alike: NDArray[np.float64]

    @property
    def difference(self) -> NDArray[np.float64]:
        """Shape (..., P): first minus second, sign kept."""
        return self.rate_first - self.rate_second


def compare(
    tally: Tally, settings: Settings, *, family: int | None = None, allowed: float | None = None
) -> Differences:
    """Estimate and bound the difference of every pair of assessable slices.

    Args:
        tally: hits and images; ``hits`` may carry leading replicate axes.
        settings: error rate, floors and the fewest people.
        family: over how many slices the FAIL bound is simultaneous; the assessable ones if None.
        allowed: the one tolerance that ``upper`` will be held against; of people apart it then is this or 1,
            as the bound lies within or beyond, which takes a tenth of the time.

    Returns:
        Pairs that share no label are marked in ``compared`` and hold 0 and the widest bounds, -1 and 1.
    """
    layout = lay_out(tally, settings)
    slices = family or int(layout.assessable.sum())
    pairs, lead = len(layout.first), tally.hits.shape[:-2]
    found = Differences(
        layout=layout,
        compared=np.zeros(pairs, dtype=np.bool_),
        kind=np.zeros(pairs, dtype=np.int64),
        labels=np.zeros((pairs, len(tally.labels)), dtype=np.bool_),
        people=np.zeros((pairs, 2), dtype=np.int64),
        images=np.zeros((pairs, 2)),
        rate_first=np.zeros((*lead, pairs)),
        rate_second=np.zeros((*lead, pairs)),
        error=np.ones((*lead, pairs)),
        freedom=np.ones((*lead, pairs)),
        lower=np.full((*lead, pairs), -1.0),
        upper=np.ones((*lead, pairs)),
        alike=np.zeros((*lead, pairs)),
    )
    kinds = list(PairKind)
    alike: dict[bytes, NDArray[np.float64]] = {}
    for block in layout.blocks:
        if block.kind is PairKind.SHARED:
            bounds = twin_bounds(tally, block, layout, settings, alike)
        else:
            bounds = _unpaired(tally, block, layout, settings, allowed)
        at = block.pairs
        found.compared[at] = True
        found.kind[at] = kinds.index(block.kind)
        found.labels[np.ix_(at, block.labels)] = True
        found.people[at] = np.rint(bounds.people)
        found.images[at] = bounds.images
        found.rate_first[..., at] = bounds.rate_first
        found.rate_second[..., at] = bounds.rate_second
        found.error[..., at] = np.where(bounds.error < _NO_ERROR, 0.0, bounds.error)
        found.freedom[..., at] = bounds.freedom
        found.upper[..., at] = bounds.upper
        found.alike[..., at] = bounds.alike
        quantile = range_quantile(slices, bounds.freedom, settings.alpha) / np.sqrt(2.0)
        gap = np.abs(bounds.rate_first - bounds.rate_second)
        found.lower[..., at] = gap - quantile * found.error[..., at]
    return found


def adjusted_p(found: Differences, tolerance: float) -> NDArray[np.float64]:
    """p-value of "the difference is at most the tolerance", adjusted for all pairs of slices.

    Returns:
        Shape (..., P); 1 where the estimate does not exceed the tolerance, 0 where it does and nothing
        varies. A pair is beyond the tolerance by its FAIL bound exactly when this is below alpha.
    """
    slices = int(found.layout.assessable.sum())
    excess = np.abs(found.difference) - tolerance
    beyond = excess > _ROUNDING
    tail = np.where(beyond, 0.0, 1.0)
    open_ = beyond & (found.error > 0) & found.compared
    if not open_.any():
        return tail
    tail[open_] = range_tail(np.sqrt(2.0) * excess[open_] / found.error[open_], slices, found.freedom[open_])
    return tail


def _unpaired(
    tally: Tally, block: Block, layout: Layout, settings: Settings, allowed: float | None
) -> PairBounds:
    """Pairs that share nobody, or only some people."""
    eligible = layout.assessable & (layout.holders[:, block.labels] >= settings.least_people).all(1)
    slices = np.flatnonzero(eligible)
    found = moments(tally, slices, block.labels)
    alike = correlation(found)
    wide = spread(found, alike, settings)
    a = np.searchsorted(slices, layout.first[block.pairs])
    b = np.searchsorted(slices, layout.second[block.pairs])
    people = np.stack([found.people[a], found.people[b]], 1)
    if block.kind is PairKind.APART:
        left, right = wide.cautious[..., a] / people[:, 0], wide.cautious[..., b] / people[:, 1]
        variance = left + right
        # Satterthwaite, with the prior's degrees of freedom counted in.
        freedom = variance**2 / (left**2 / (people[:, 0] + 9) + right**2 / (people[:, 1] + 9))
    else:
        variance = np.stack([_union_variance(tally, found, i, j) for i, j in zip(a, b, strict=True)], -1)
        freedom = np.broadcast_to(people.min(1) - 1, variance.shape)
    sides = (found.rate[..., a], wide.size[..., a], found.rate[..., b], wide.size[..., b])
    quantile = student_quantile(1 - settings.alpha, people.sum(1) - 2)
    if allowed is None:
        upper = difference_upper(*sides, quantile)
    else:
        upper = np.where(difference_within(*sides, quantile, delta=allowed), allowed, 1.0)
    return PairBounds(
        rate_first=found.rate[..., a],
        rate_second=found.rate[..., b],
        people=people,
        images=np.stack([found.images[a], found.images[b]], 1),
        error=np.sqrt(variance),
        freedom=freedom,
        upper=upper,
        alike=np.broadcast_to(alike[..., None], variance.shape),
    )


def _union_variance(tally: Tally, found: Moments, a: np.int64, b: np.int64) -> NDArray[np.float64]:
    """Variance of a difference between slices that share people: the sum of squared influence values."""
    left, right = np.flatnonzero(found.owner == a), np.flatnonzero(found.owner == b)
    _, i, j = np.intersect1d(
        tally.person[found.units[left]], tally.person[found.units[right]], return_indices=True
    )
    from_a = (found.value[..., left] - found.rate[..., a, None]) / found.people[a]
    from_b = (found.value[..., right] - found.rate[..., b, None]) / found.people[b]
    total = (from_a**2).sum(-1) + (from_b**2).sum(-1) - 2 * (from_a[..., i] * from_b[..., j]).sum(-1)
    return np.asarray(np.maximum(total, 0))

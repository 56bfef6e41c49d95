"""Compares every pair of slices by the means of a score, and bounds each difference from both sides.

The counterpart for numbers of the engine for proportions: the same layout of pairs, the same person values,
the same kinds of bounds, but variances that people show instead of those that a rate implies.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.stats.differences.engine import Differences
from fer_audit.stats.differences.layout import PairKind, lay_out
from fer_audit.stats.differences.moments import moments
from fer_audit.stats.quantiles import range_quantile, student_quantile
from fer_audit.stats.scores.bounds import WIDEST, score_reach, score_upper
from fer_audit.stats.scores.spread import pool_variances

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.differences.layout import Block, Layout
    from fer_audit.stats.differences.moments import Moments
    from fer_audit.stats.scores.spread import Variances
    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally

__all__ = ["compare_scores"]

# People beyond which the fail floor itself, rather than the scarcity of people, sets the correlation.
_SCARCE = 1.2
# Scores that are all equal differ by rounding only.
_NO_VARIANCE = 1e-18


@dataclass(frozen=True, slots=True, eq=False)
class _Bounds:
    """Means of P pairs and what is known of their differences; shapes (..., P), people and images (P, 2)."""

    mean_first: NDArray[np.float64]
    mean_second: NDArray[np.float64]
    people: NDArray[np.float64]
    images: NDArray[np.float64]
    error: NDArray[np.float64]
    freedom: NDArray[np.float64]
    quantile: NDArray[np.float64]
    upper: NDArray[np.float64]


def compare_scores(tally: Tally, settings: Settings, *, family: int | None = None) -> Differences:
    """Estimate and bound the difference of every pair of assessable slices in the mean of a score.

    FAIL is simultaneous over the slices by the studentised range. Its variance is that of each slice drawn
    towards the pooled one where nobody is in both slices; else the sum of squared influence values, which for
    the same people is the variance of their differences. PASS is one-sided and takes the larger of a slice's
    own and the pooled variance, and the skewness of the scores; see :func:`score_upper`. Neither is ever so
    narrow that a few answers nobody gave yet would undo it.

    Args:
        tally: sums of scores and images; ``hits`` may carry leading replicate axes.
        settings: error rate, the floor of PASS and the fewest people.
        family: over how many slices the FAIL bound is simultaneous; the assessable ones if None.

    Returns:
        As of proportions, with means for rates; ``alike`` is 0, for sums of scores do not show how alike
        images of one person are. Pairs that share no label hold 0 and the widest bounds, -2 and 2.
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
        lower=np.full((*lead, pairs), -WIDEST),
        upper=np.full((*lead, pairs), WIDEST),
        alike=np.zeros((*lead, pairs)),
    )
    kinds = list(PairKind)
    for block in layout.blocks:
        bounds = _bound(tally, block, layout, settings, slices)
        at = block.pairs
        found.compared[at] = True
        found.kind[at] = kinds.index(block.kind)
        found.labels[np.ix_(at, block.labels)] = True
        found.people[at] = np.rint(bounds.people)
        found.images[at] = bounds.images
        found.rate_first[..., at] = bounds.mean_first
        found.rate_second[..., at] = bounds.mean_second
        found.error[..., at] = bounds.error
        found.freedom[..., at] = bounds.freedom
        found.upper[..., at] = bounds.upper
        gap = np.abs(bounds.mean_first - bounds.mean_second)
        found.lower[..., at] = gap - bounds.quantile * bounds.error
    return found


def _bound(tally: Tally, block: Block, layout: Layout, settings: Settings, family: int) -> _Bounds:
    if block.kind is PairKind.SHARED:
        levels = np.array([layout.first[block.pairs[0]], layout.second[block.pairs[0]]])
        found = moments(tally, levels, block.labels, held=block.held)
        a, b = np.array([0]), np.array([1])
    else:
        enough = (layout.holders[:, block.labels] >= settings.least_people).all(1)
        slices = np.flatnonzero(layout.assessable & enough)
        found = moments(tally, slices, block.labels)
        a = np.searchsorted(slices, layout.first[block.pairs])
        b = np.searchsorted(slices, layout.second[block.pairs])
    if block.kind is PairKind.APART:
        spread = _apart(found, a, b, settings)
    else:
        spread = _together(tally, found, a, b)
        if block.kind is PairKind.PARTLY_SHARED:
            # Those who are in one slice only vary as strangers do.
            larger = pool_variances(found, settings.pass_floor).larger / found.people
            spread = replace(spread, careful=np.maximum(spread.careful, larger[..., a] + larger[..., b]))
    of_fail = _unseen(found, np.maximum(settings.fail_floor, _SCARCE / found.people))
    of_pass = _unseen(found, np.full(len(found.people), settings.pass_floor))
    quantile = range_quantile(family, spread.freedom, settings.alpha) / np.sqrt(2.0)
    reach = score_reach(quantile, np.maximum(of_fail[a], of_fail[b]))
    return _Bounds(
        mean_first=found.rate[..., a],
        mean_second=found.rate[..., b],
        people=np.stack([found.people[a], found.people[b]], 1),
        images=np.stack([found.images[a], found.images[b]], 1),
        error=np.maximum(np.sqrt(spread.variance), reach / quantile),
        freedom=spread.freedom,
        quantile=quantile,
        upper=score_upper(
            found.rate[..., a] - found.rate[..., b],
            spread.careful,
            spread.tail,
            student_quantile(1 - settings.alpha, spread.decisive),
            np.maximum(of_pass[a], of_pass[b]),
        ),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Spread:
    """How differences of P pairs vary.

    Attributes:
        variance: shape (..., P): for FAIL.
        freedom: shape (..., P): its degrees of freedom.
        careful: shape (..., P): the variance for PASS.
        decisive: shape (P,): its degrees of freedom.
        tail: shape (..., P): third cumulant.
    """

    variance: NDArray[np.float64]
    freedom: NDArray[np.float64]
    careful: NDArray[np.float64]
    decisive: NDArray[np.float64]
    tail: NDArray[np.float64]


def _apart(found: Moments, a: NDArray[np.int64], b: NDArray[np.int64], settings: Settings) -> _Spread:
    """Nobody is in both slices: variances add up."""
    pooled = pool_variances(found, settings.pass_floor)
    weight = found.inflation / found.people
    moderated, larger = pooled.moderated * weight, pooled.larger * weight
    starts = np.searchsorted(found.owner, np.arange(len(found.slices)))
    cubes = (found.value - found.rate[..., found.owner]) ** 3
    # K pictures of one person weigh K times in the variance and K^2 times in the third cumulant.
    third = np.add.reduceat(cubes, starts, axis=-1) / found.people**3 * found.inflation**2
    return _Spread(
        variance=moderated[..., a] + moderated[..., b],
        freedom=_freedom(found, pooled, a, b),
        careful=larger[..., a] + larger[..., b],
        decisive=found.people[a] + found.people[b] - 2,
        tail=third[..., a] - third[..., b],
    )


def _together(tally: Tally, found: Moments, a: NDArray[np.int64], b: NDArray[np.int64]) -> _Spread:
    """Somebody is in both slices: every person's share in the difference is one number."""
    shifts = [_influence(tally, found, i, j) for i, j in zip(a, b, strict=True)]
    variance = np.stack([(shift**2).sum(-1) for shift in shifts], -1)
    fewer = np.minimum(found.people[a], found.people[b]) - 1
    return _Spread(
        variance=variance,
        freedom=np.broadcast_to(fewer, variance.shape),
        careful=variance,
        decisive=fewer,
        tail=np.stack([(shift**3).sum(-1) for shift in shifts], -1),
    )


def _freedom(
    found: Moments, spread: Variances, a: NDArray[np.int64], b: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Satterthwaite's degrees of freedom of V_a / G_a + V_b / G_b, each a sum of independent variances."""
    weight = spread.share / found.people[:, None]
    parts = (weight[a] + weight[b]) * found.variance[..., None, :]
    total = parts.sum(-1)
    varies = total > _NO_VARIANCE
    uncertain = (parts**2 / (found.people - 1)).sum(-1)
    least = found.people[np.stack([a, b])].min(0) - 1
    return np.asarray(np.where(varies, total**2 / np.where(varies, uncertain, 1), least))


def _influence(tally: Tally, found: Moments, a: np.int64, b: np.int64) -> NDArray[np.float64]:
    """Shape (..., people of either slice): what each person adds to the difference of the two means."""
    sides = [np.flatnonzero(found.owner == side) for side in (a, b)]
    people = np.unique(tally.person[found.units[np.concatenate(sides)]])
    shift = np.zeros((*found.value.shape[:-1], len(people)))
    for units, side, sign in zip(sides, (a, b), (1, -1), strict=True):
        place = np.searchsorted(people, tally.person[found.units[units]])
        shift[..., place] += (
            sign * (found.value[..., units] - found.rate[..., side, None]) / found.people[side]
        )
    return shift


def _unseen(found: Moments, alike: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shape (S,): variance that answers wrong with probability p give a mean, per unit of p (1 - p).

    Args:
        found: moments of the slices.
        alike: shape (S,): how alike images of one person are taken to be.
    """
    return np.asarray((1 + alike * (found.depth - 1)) / (found.depth * found.people) * found.inflation)

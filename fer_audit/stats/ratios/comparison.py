"""Compares every pair of slices by the ratio of their rates, and by the difference that goes with it.

A ratio alone misleads where both rates are small (3 in 1,000 against 1 in 1,000), a difference alone where
the ratio is the point; the claim is therefore "the ratio is at most R or the difference at most delta". The
same functions judge one audit and thousands of simulated ones: replicate axes lead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.stats.differences.engine import compare
from fer_audit.stats.quantiles import range_quantile, range_tail, student_quantile
from fer_audit.stats.ratios.evidence import lower_ratio, upper_ratio
from fer_audit.stats.ratios.inversion import smallest_kept
from fer_audit.stats.ratios.pairs import weigh_pairs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.differences.engine import Differences
    from fer_audit.stats.ratios.evidence import RatioEvidence
    from fer_audit.stats.ratios.pairs import Weighed
    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally

__all__ = ["RatioClaim", "Ratios", "compare_ratios", "undecided_pair"]

_DIFFERENCE_GRID = np.array([-1.0, 1.0])
# An event in fewer people than this is a story about them, not about their slice.
_EVENT_PEOPLE = 8
# Bounds are floating-point sums: one that equals the tolerance on paper must read as equal.
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class RatioClaim:
    """What is claimed of two slices: the ratio is at most R, or the difference at most delta.

    Attributes:
        at_most: R, above 1.
        difference: delta, in [0, 1).
    """

    at_most: float
    difference: float


@dataclass(frozen=True, slots=True, eq=False)
class Ratios:
    """Every pair of assessable slices with the ratio and the difference of their rates; P pairs.

    Ratio and difference are oriented: the slice with the larger rate over, or less, the other.

    Attributes:
        differences: pairs, labels, kinds, people and images, as for a gap; its rates and bounds do not count.
        rate_first: shape (..., P): rate of the first slice of each pair.
        rate_second: shape (..., P): rate of the second.
        hits: shape (..., P, 2): images with the event, in the first and in the second slice.
        alike: shape (..., P): estimated correlation within people.
        ratio: shape (..., P): infinity where the smaller rate is 0, 1 where both are.
        lower: shape (..., P): bound of the ratio that decides FAIL.
        upper: shape (..., P): bound of the ratio that decides PASS, whichever slice is on top.
        difference_lower: shape (..., P): bound of the difference that decides FAIL.
        difference_upper: shape (..., P): bound of the difference that decides PASS.
        event_people: shape (..., P): people with an event in the slice that has the larger rate.
        p: shape (..., P): p-value of the claim, adjusted for all pairs; below alpha exactly where both bounds
            that decide FAIL lie beyond their tolerances, however few people have an event.
        fails: shape (..., P): they do, and enough people have an event.
        passes: shape (..., P): one of the bounds that decide PASS lies within its tolerance.
    """

    differences: Differences
    rate_first: NDArray[np.float64]
    rate_second: NDArray[np.float64]
    hits: NDArray[np.float64]
    alike: NDArray[np.float64]
    ratio: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    difference_lower: NDArray[np.float64]
    difference_upper: NDArray[np.float64]
    event_people: NDArray[np.float64]
    p: NDArray[np.float64]
    fails: NDArray[np.bool_]
    passes: NDArray[np.bool_]

    @property
    def enough_events(self) -> NDArray[np.bool_]:
        """Shape (..., P): people enough have an event for a finding about their group."""
        return np.asarray(self.event_people >= _EVENT_PEOPLE)

    @property
    def difference(self) -> NDArray[np.float64]:
        """Shape (..., P): of the rates, never negative."""
        return np.abs(self.rate_first - self.rate_second)


def compare_ratios(
    tally: Tally, claim: RatioClaim, settings: Settings, *, family: int | None = None
) -> Ratios:
    """Bound the ratio and the difference of every pair of slices, and hold both against the claim.

    FAIL is simultaneous over the pairs and needs both bounds beyond their tolerances and an event in eight
    people; PASS is one-sided and needs one bound within. A ratio whose denominator may be 0 has no upper
    bound, so that two slices without events can pass by their difference only.

    Args:
        tally: hits and images; ``hits`` may carry leading replicate axes.
        claim: the two tolerances.
        settings: error rate, floors and the fewest people.
        family: over how many slices FAIL is simultaneous; the assessable ones if None.

    Source: Koopman (1984); Miettinen and Nurminen (1985); Rao and Scott (1992); see :mod:`.ratio_pairs`.
    """
    differences = compare(tally, settings, family=family)
    slices = family or int(differences.layout.assessable.sum())
    shape = differences.rate_first.shape
    found = Ratios(
        differences=differences,
        rate_first=np.zeros(shape),
        rate_second=np.zeros(shape),
        hits=np.zeros((*shape, 2)),
        alike=np.zeros(shape),
        ratio=np.ones(shape),
        lower=np.zeros(shape),
        upper=np.full(shape, np.inf),
        difference_lower=np.full(shape, -1.0),
        difference_upper=np.ones(shape),
        event_people=np.zeros(shape),
        p=np.ones(shape),
        fails=np.zeros(shape, dtype=np.bool_),
        passes=np.zeros(shape, dtype=np.bool_),
    )
    for weighed in weigh_pairs(tally, differences, settings):
        at = weighed.pairs
        found.rate_first[..., at] = weighed.rate_first
        found.rate_second[..., at] = weighed.rate_second
        found.hits[..., at, :] = weighed.hits
        found.alike[..., at] = weighed.alike
        found.event_people[..., at] = weighed.event_people
        found.ratio[..., at] = _quotient(weighed.rate_first, weighed.rate_second)
        _bound(found, weighed, claim, settings, slices)
    far = (found.lower > claim.at_most + _ROUNDING) & (found.difference_lower > claim.difference + _ROUNDING)
    near = (found.upper <= claim.at_most + _ROUNDING) | (
        found.difference_upper <= claim.difference + _ROUNDING
    )
    np.logical_and(far & found.enough_events, differences.compared, out=found.fails)
    np.logical_and(near, differences.compared, out=found.passes)
    return found


def undecided_pair(found: Ratios) -> int:
    """The pair that an undecided verdict hangs on, of one table without replicate axes.

    Where some estimates exceed both tolerances it is the one with the smallest p, which is nearest to FAIL;
    otherwise, of the pairs that do not pass, the one whose difference may be largest.
    """
    compared = found.differences.compared
    if (found.p[compared] < 1).any():
        return int(np.where(compared, found.p, np.inf).argmin())
    waiting = compared & ~found.passes if (compared & ~found.passes).any() else compared
    return int(np.where(waiting, found.difference_upper, -np.inf).argmax())


def _bound(found: Ratios, weighed: Weighed, claim: RatioClaim, settings: Settings, slices: int) -> None:
    """Fill in the bounds and p-values of these pairs."""
    at, shape = weighed.pairs, weighed.rate_first.shape
    lower, difference_lower = np.full(shape, np.inf), np.full(shape, np.inf)
    p = np.zeros(shape)
    for test in weighed.against:
        quantile = np.broadcast_to(range_quantile(slices, test.freedom, settings.alpha) / np.sqrt(2.0), shape)
        lower = np.minimum(lower, lower_ratio(test.evidence, quantile))
        difference_lower = np.minimum(difference_lower, _lower_difference(test.evidence, quantile))
        for score in (
            test.evidence.beyond(np.full(shape, claim.at_most)),
            test.evidence.apart(np.full(shape, claim.difference)),
        ):
            width = np.sqrt(2.0) * np.clip(score, 0.0, 1e3)
            p = np.maximum(p, range_tail(width, slices, np.broadcast_to(test.freedom, shape)))
    found.lower[..., at], found.difference_lower[..., at], found.p[..., at] = lower, difference_lower, p
    upper = np.ones(shape)
    for test in weighed.within:
        t = np.broadcast_to(student_quantile(1 - settings.alpha, test.freedom), shape)
        upper = np.maximum(upper, upper_ratio(test.evidence, t))
    found.upper[..., at] = np.where(np.minimum(weighed.rate_first, weighed.rate_second) > 0, upper, np.inf)
    found.difference_upper[..., at] = weighed.difference_upper


def _lower_difference(evidence: RatioEvidence, quantile: NDArray[np.float64]) -> NDArray[np.float64]:
    bound = smallest_kept(lambda delta: evidence.apart(delta) > quantile, _DIFFERENCE_GRID, quantile.shape)
    return np.clip(bound, -1.0, 1.0)


def _quotient(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    larger, smaller = np.maximum(first, second), np.minimum(first, second)
    ratio = np.where(smaller > 0, larger / np.where(smaller > 0, smaller, 1.0), np.inf)
    return np.where(larger > 0, ratio, 1.0)

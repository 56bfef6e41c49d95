"""Every pair of slices at equal covariates: adjusted differences with bounds from both sides.

Error comes from the jackknife over people. The bounds are never narrower than those of the engine around the
same difference: it knows what a dozen people of whom none was misread cannot show, the jackknife does not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.stats.differences.engine import compare
from fer_audit.stats.differences.intervals import difference_upper
from fer_audit.stats.differences.layout import PairKind
from fer_audit.stats.differences.moments import correlation, moments, spread
from fer_audit.stats.quantiles import range_quantile, student_quantile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.confounding.standardisation import Standardised
    from fer_audit.stats.differences.engine import Differences
    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally

__all__ = ["compare_adjusted", "jackknife"]

_NO_ERROR = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Jackknifed:
    """Standard error of adjusted differences; P pairs.

    Attributes:
        error: shape (P,).
        freedom: shape (P,): degrees of freedom.
    """

    error: NDArray[np.float64]
    freedom: NDArray[np.float64]


def compare_adjusted(tally: Tally, found: Standardised, settings: Settings) -> Differences:
    """Estimate and bound the adjusted difference of every pair of assessable slices.

    FAIL: simultaneous over the slices (studentised range), with the wider of two margins: that of the
    jackknife and that of the engine. PASS: the largest of the one-sided jackknife bound, the score bound of
    the engine at the adjusted rates (Miettinen and Nurminen 1985), and for people who are in both slices the
    engine's own margin around the adjusted difference.

    Args:
        tally: hits and images of the rows that the adjustment rests on, without replicate axes.
        found: adjusted rates over the same rows.
        settings: error rate, floors and the fewest people.
    """
    crude = compare(tally, settings)
    if not crude.compared.any():
        return crude
    first, second = crude.layout.first, crude.layout.second
    share = crude.labels / np.maximum(crude.labels.sum(axis=1, keepdims=True), 1)
    rate_first, rate_second = (
        np.where(crude.compared, (found.rates[side] * share).sum(-1), 0.0) for side in (first, second)
    )
    gap = np.abs(rate_first - rate_second)
    jackknifed = jackknife(found, crude, tally.inflation)
    slices = int(crude.layout.assessable.sum())
    alpha = settings.alpha
    margins = [
        range_quantile(slices, freedom, alpha) / np.sqrt(2.0) * error
        for error, freedom in (
            (jackknifed.error, jackknifed.freedom),
            (crude.error, crude.freedom),
        )
    ]
    wider = margins[0] >= margins[1]
    one_sided = gap + student_quantile(1 - alpha, jackknifed.freedom) * jackknifed.error
    scored = _score_upper(tally, crude, (rate_first, rate_second), jackknifed, settings)
    return replace(
        crude,
        rate_first=rate_first,
        rate_second=rate_second,
        error=np.where(wider, jackknifed.error, crude.error),
        freedom=np.where(wider, jackknifed.freedom, crude.freedom),
        lower=np.where(crude.compared, gap - np.maximum(*margins), -1.0),
        upper=np.where(crude.compared, np.minimum(np.maximum(one_sided, scored), 1.0), 1.0),
    )


def jackknife(found: Standardised, crude: Differences, inflation: float = 1.0) -> Jackknifed:
    """Standard errors and degrees of freedom of the adjusted difference of every pair.

    With one person left out at a time the squared changes are summed slice by slice, as the jackknife of
    stratified samples is (Shao and Tu 1995, The Jackknife and Bootstrap, section 6.2), and the degrees of
    freedom follow Satterthwaite. Where people are in several slices, or groups are left out, they are those
    of the smaller slice.

    Args:
        found: adjusted rates with and without people.
        crude: the pairs and their labels.
        inflation: factor on every variance.
    """
    first, second = crude.layout.first, crude.layout.second
    share = crude.labels / np.maximum(crude.labels.sum(axis=1, keepdims=True), 1)
    whole = ((found.rates[first] - found.rates[second]) * share).sum(-1)
    change = ((found.without[:, first] - found.without[:, second]) * share).sum(-1) - whole
    least = np.maximum(crude.people.min(axis=1) - 1.0, 1.0)
    if found.member is None:
        variance = (1 - 1 / len(change)) * (change**2).sum(0)
        freedom = np.minimum(least, len(change) - 1.0)
    else:
        people = np.maximum(found.people, 1)
        of = np.where(found.member, people, 0).max(axis=1)
        squares = (1 - 1 / np.maximum(of, 2))[:, None] * change**2
        variance = squares.sum(0)
        freedom = least
        if not (found.member.sum(axis=1) > 1).any():
            by_slice = found.member.T.astype(np.float64) @ squares
            noise = (by_slice**2 / np.maximum(people - 1, 1)[:, None]).sum(0)
            freedom = np.where(noise > 0, variance**2 / np.where(noise > 0, noise, 1), least)
    error = np.sqrt(variance * inflation)
    return Jackknifed(np.where(error < _NO_ERROR, 0.0, error), freedom)


def _score_upper(
    tally: Tally,
    crude: Differences,
    rates: tuple[NDArray[np.float64], NDArray[np.float64]],
    jackknifed: Jackknifed,
    settings: Settings,
) -> NDArray[np.float64]:
    """The engine's PASS bound, moved to the adjusted rates."""
    gap = np.abs(rates[0] - rates[1])
    upper = gap + crude.upper - np.abs(crude.difference)
    layout = crude.layout
    for block in layout.blocks:
        if block.kind is PairKind.SHARED:
            continue
        eligible = layout.assessable & (layout.holders[:, block.labels] >= settings.least_people).all(1)
        slices = np.flatnonzero(eligible)
        known = moments(tally, slices, block.labels)
        wide = spread(known, correlation(known), settings)
        a = np.searchsorted(slices, layout.first[block.pairs])
        b = np.searchsorted(slices, layout.second[block.pairs])
        # What the adjustment adds to the variance, slices that differ much in a covariate being compared
        # where few of either are.
        plain = wide.moderated[a] / known.people[a] + wide.moderated[b] / known.people[b]
        loss = np.maximum(1.0, jackknifed.error[block.pairs] ** 2 / np.maximum(plain, 1e-300))
        upper[block.pairs] = difference_upper(
            np.clip(rates[0][block.pairs], 0, 1),
            wide.size[a] / loss,
            np.clip(rates[1][block.pairs], 0, 1),
            wide.size[b] / loss,
            student_quantile(1 - settings.alpha, known.people[a] + known.people[b] - 2),
        )
    return np.asarray(upper)

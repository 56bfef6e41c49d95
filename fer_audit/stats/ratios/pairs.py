"""What each pair of slices has to say of a ratio, by the kind of pair and of measure.

*Apart*, a measure of one true label: counts over the design effect of their clustering within people.
*Apart*, another measure: the rate macro over labels and the number of images it is worth. *Shared*: each
person's own w = y_a - R y_b. *Partly shared*: the score test as for people apart and a t test on the
influence values of w, both of them, for the first overlooks that who does well in one slice may do badly in
the other, and the second underrates variances in small slices.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.stats.differences.intervals import difference_upper
from fer_audit.stats.differences.layout import PairKind
from fer_audit.stats.differences.moments import correlation, moments, spread
from fer_audit.stats.quantiles import student_quantile
from fer_audit.stats.ratios.clustering import count_slices, design_effect, pooled_icc
from fer_audit.stats.ratios.evidence import CountEvidence, PersonEvidence, person_evidence

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.differences.engine import Differences
    from fer_audit.stats.differences.layout import Block
    from fer_audit.stats.ratios.evidence import RatioEvidence
    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally

__all__ = ["OrientedTest", "Weighed", "weigh_pairs"]

# Rates that differ by less are equal: sums of the same numbers in another order.
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class OrientedTest:
    """One test that a decision has to get past.

    Attributes:
        evidence: with its a and b set.
        freedom: shape (P,): degrees of freedom.
    """

    evidence: RatioEvidence
    freedom: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """Evidence on some pairs of slices, P of them.

    Attributes:
        pairs: shape (P,): position in the layout's pairs.
        rate_first: shape (..., P).
        rate_second: shape (..., P).
        hits: shape (..., P, 2): images with the event, in the first and in the second slice.
        event_people: shape (..., P): people with an event in the slice with the larger rate.
        alike: shape (..., P): estimated correlation within people.
        against: the tests that FAIL needs, all of them.
        within: the tests that PASS needs of a / b, a having the larger rate, and of b / a.
        difference_upper: shape (..., P): bound of the difference that decides PASS.
    """

    pairs: NDArray[np.int64]
    rate_first: NDArray[np.float64]
    rate_second: NDArray[np.float64]
    hits: NDArray[np.float64]
    event_people: NDArray[np.float64]
    alike: NDArray[np.float64]
    against: tuple[OrientedTest, ...]
    within: tuple[OrientedTest, ...]
    difference_upper: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Slices:
    """Rates of all slices over one set of labels, and the images they are worth; S levels of the tally.

    Attributes:
        rate: shape (..., S).
        fail_size: shape (..., S): independent images, reckoned with the floor of FAIL.
        pass_size: shape (..., S): the same for PASS.
        people: shape (S,).
        influence: shape (..., U): what each unit adds to the error of its slice's rate.
        alike: shape (...,): correlation within people.
    """

    rate: NDArray[np.float64]
    fail_size: NDArray[np.float64]
    pass_size: NDArray[np.float64]
    people: NDArray[np.float64]
    influence: NDArray[np.float64]
    alike: NDArray[np.float64]


def weigh_pairs(tally: Tally, differences: Differences, settings: Settings) -> tuple[Weighed, ...]:
    """Collect the evidence on every pair that is compared, in as few groups as there are kinds of evidence.

    Args:
        tally: hits and images, with any replicate axes leading ``hits``.
        differences: the same tally compared by difference; names the pairs.
        settings: floors and the fewest people.
    """
    found = []
    twins = []
    known: dict[bytes, _Slices] = {}
    for block in differences.layout.blocks:
        if block.kind is PairKind.SHARED:
            twins.append(block)
            continue
        key = block.labels.tobytes()
        if key not in known:
            known[key] = _weigh_slices(tally, block, differences, settings)
        found.append(_strangers(tally, block, differences, known[key], settings))
    if twins:
        found.append(_same_people(tally, twins, differences, settings))
    return tuple(found)


def _weigh_slices(tally: Tally, block: Block, differences: Differences, settings: Settings) -> _Slices:
    if tally.conditional:
        return _weigh_counts(tally, settings)
    layout = differences.layout
    eligible = layout.assessable & (layout.holders[:, block.labels] >= settings.least_people).all(1)
    slices = np.flatnonzero(eligible)
    found = moments(tally, slices, block.labels)
    alike = correlation(found)
    lead, levels = found.rate.shape[:-1], len(tally.levels)

    def spread_out(values: NDArray[np.float64], empty: float) -> NDArray[np.float64]:
        out = np.full((*values.shape[:-1], levels), empty)
        out[..., slices] = values
        return out

    influence = np.zeros((*lead, len(tally.person)))
    influence[..., found.units] = (found.value - found.rate[..., found.owner]) / found.people[found.owner]
    milder = replace(settings, pass_floor=settings.fail_floor)
    return _Slices(
        rate=spread_out(found.rate, 0.0),
        fail_size=spread_out(spread(found, alike, milder).size, 1.0),
        pass_size=spread_out(spread(found, alike, settings).size, 1.0),
        people=spread_out(found.people, 1.0),
        influence=influence,
        alike=alike,
    )


def _weigh_counts(tally: Tally, settings: Settings) -> _Slices:
    images = tally.images[:, 0]
    counts = count_slices(tally.hits[..., 0], images, tally.level, len(tally.levels))
    alike = pooled_icc(counts)
    size = np.maximum(counts.images, 1.0)
    correction = np.sqrt(counts.people / np.maximum(counts.people - 1.0, 1.0))
    deviation = tally.hits[..., 0] - images * counts.rate[..., tally.level]
    return _Slices(
        rate=counts.rate,
        fail_size=size / (design_effect(counts, alike, settings.fail_floor) * tally.inflation),
        pass_size=size / (design_effect(counts, alike, settings.pass_floor) * tally.inflation),
        people=counts.people,
        influence=deviation * (correction / size)[tally.level],
        alike=alike,
    )


def _strangers(
    tally: Tally, block: Block, differences: Differences, slices: _Slices, settings: Settings
) -> Weighed:
    """Pairs that share nobody, or only some people."""
    s, t = differences.layout.first[block.pairs], differences.layout.second[block.pairs]
    first, second = slices.rate[..., s], slices.rate[..., t]
    sizes = slices.fail_size
    flipped = _second_on_top(first, second, sizes[..., s], sizes[..., t])
    freedom = slices.people[s] + slices.people[t] - 2.0
    counts = CountEvidence(
        rate_a=first,
        rate_b=second,
        fail_a=slices.fail_size[..., s],
        fail_b=slices.fail_size[..., t],
        pass_a=slices.pass_size[..., s],
        pass_b=slices.pass_size[..., t],
    )
    against = [OrientedTest(counts.oriented(flipped), freedom)]
    within = [*against, OrientedTest(counts.oriented(~flipped), freedom)]
    quantile = student_quantile(1 - settings.alpha, freedom)
    difference_high = difference_upper(first, counts.pass_a, second, counts.pass_b, quantile)
    if block.kind is PairKind.PARTLY_SHARED:
        union = _union_evidence(tally, slices, s, t)
        fewer = np.minimum(slices.people[s], slices.people[t]) - 1.0
        against.append(OrientedTest(union.oriented(flipped), fewer))
        within += [OrientedTest(union.oriented(turned), fewer) for turned in (flipped, ~flipped)]
        reach = student_quantile(1 - settings.alpha, fewer) * union.error
        difference_high = np.maximum(difference_high, np.minimum(np.abs(first - second) + reach, 1.0))
    return Weighed(
        pairs=block.pairs,
        rate_first=first,
        rate_second=second,
        hits=_hits(tally, block, s, t),
        event_people=_event_people(tally, block, np.where(flipped, t, s)),
        alike=np.broadcast_to(slices.alike[..., None], first.shape),
        against=tuple(against),
        within=tuple(within),
        difference_upper=difference_high,
    )


def _union_evidence(
    tally: Tally, slices: _Slices, first: NDArray[np.int64], second: NDArray[np.int64]
) -> PersonEvidence:
    """Influence values over everyone in either slice; floors are the business of the score test."""
    variances = (slices.influence**2) @ (tally.level[:, None] == np.arange(len(tally.levels)))
    covariance = np.zeros((*slices.rate.shape[:-1], len(first)))
    for column, (s, t) in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        here, there = np.flatnonzero(tally.level == s), np.flatnonzero(tally.level == t)
        _, i, j = np.intersect1d(tally.person[here], tally.person[there], return_indices=True)
        products = slices.influence[..., here[i]] * slices.influence[..., there[j]]
        covariance[..., column] = products.sum(axis=-1)
    none = np.zeros(len(first))
    return PersonEvidence(
        rate_a=slices.rate[..., first],
        rate_b=slices.rate[..., second],
        variance_a=variances[..., first],
        variance_b=variances[..., second],
        covariance=covariance,
        third=np.zeros((4, *covariance.shape)),
        people=slices.people[first] + slices.people[second],
        fail_scale=none,
        pass_scale=none,
    )


def _same_people(tally: Tally, blocks: list[Block], differences: Differences, settings: Settings) -> Weighed:
    """Pairs of slices that hold the same people."""
    layout = differences.layout
    pairs = np.concatenate([block.pairs for block in blocks])
    evidence, hits, event_people = [], [], []
    for block in blocks:
        levels = np.array([layout.first[block.pairs[0]], layout.second[block.pairs[0]]])
        found = moments(tally, levels, block.labels, held=block.held)
        order = np.lexsort((tally.person[found.units], found.owner))
        left, right = np.split(order, 2)
        one = person_evidence(
            found.value[..., left], found.value[..., right], float(found.depth.min()), settings
        )
        evidence.append(one)
        flipped = _second_on_top(one.rate_a, one.rate_b, one.variance_a, one.variance_b)
        more = np.where(flipped, levels[1], levels[0])
        hits.append(_hits(tally, block, levels[:1], levels[1:]))
        event_people.append(_event_people(tally, block, more))
    joined = _join(evidence)
    flipped = _second_on_top(joined.rate_a, joined.rate_b, joined.variance_a, joined.variance_b)
    freedom = joined.people - 1.0
    return Weighed(
        pairs=pairs,
        rate_first=joined.rate_a,
        rate_second=joined.rate_b,
        hits=np.concatenate(hits, axis=-2),
        event_people=np.concatenate(event_people, axis=-1),
        alike=differences.alike[..., pairs],
        against=(OrientedTest(joined.oriented(flipped), freedom),),
        within=tuple(OrientedTest(joined.oriented(turned), freedom) for turned in (flipped, ~flipped)),
        difference_upper=differences.upper[..., pairs],
    )


def _second_on_top(
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    tie_first: NDArray[np.float64],
    tie_second: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Which slice has the larger rate; equal rates are told apart by contents, for names must not matter."""
    tied = np.abs(first - second) < _ROUNDING
    return np.asarray(np.where(tied, tie_first < tie_second, first < second))


def _join(parts: list[PersonEvidence]) -> PersonEvidence:
    """One value for all pairs, so that their bounds are searched together."""
    return PersonEvidence(
        rate_a=np.concatenate([part.rate_a for part in parts], axis=-1),
        rate_b=np.concatenate([part.rate_b for part in parts], axis=-1),
        variance_a=np.concatenate([part.variance_a for part in parts], axis=-1),
        variance_b=np.concatenate([part.variance_b for part in parts], axis=-1),
        covariance=np.concatenate([part.covariance for part in parts], axis=-1),
        third=np.concatenate([part.third for part in parts], axis=-1),
        people=np.concatenate([part.people for part in parts]),
        fail_scale=np.concatenate([part.fail_scale for part in parts]),
        pass_scale=np.concatenate([part.pass_scale for part in parts]),
    )


def _hits(
    tally: Tally, block: Block, first: NDArray[np.int64], second: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Shape (..., P, 2): images with the event among the labels and people compared."""
    events = _events(tally, block).sum(axis=-1)
    member = (tally.level[:, None] == np.arange(len(tally.levels))).astype(float)
    total = events @ member
    return np.stack([total[..., first], total[..., second]], axis=-1)


def _event_people(tally: Tally, block: Block, more: NDArray[np.int64]) -> NDArray[np.float64]:
    """Shape (..., P): people with an event in one slice of each pair, which may differ by replicate."""
    has = (_events(tally, block).sum(axis=-1) > 0).astype(float)
    member = (tally.level[:, None] == np.arange(len(tally.levels))).astype(float)
    return np.take_along_axis(has @ member, np.asarray(more), axis=-1)


def _events(tally: Tally, block: Block) -> NDArray[np.float64]:
    events = tally.hits[..., block.labels]
    return events if block.held is None else np.where(block.held[:, block.labels], events, 0.0)

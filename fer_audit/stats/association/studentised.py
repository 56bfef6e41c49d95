"""The largest studentised difference between slices, for any number of rearrangements of the same people.

Everything that a rearrangement leaves alone (places, people, pairs) is prepared once; what it moves (a
unit's answers and images) is gathered block by block. Nothing here knows what the rearrangements mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.stats.association.variances import (
    SharedPair,
    find_shared_pairs,
    moderate_paired,
    moderate_variance,
    studentise,
)
from fer_audit.stats.differences.layout import lay_out

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally

__all__ = ["Contrasts", "largest_difference", "prepare_contrasts"]


@dataclass(frozen=True, slots=True, eq=False)
class Contrasts:
    """Pairs of slices compared over one set of labels; V places (units in these slices), S slices, P pairs.

    Attributes:
        units: shape (V,): unit of the tally in each place, by slice.
        labels: shape (L,): labels compared.
        slices: shape (S,): levels of the tally.
        owner: shape (V,): position in ``slices`` of each place.
        starts: shape (S,): first place of each slice.
        first: shape (P,): position in ``slices`` of one side of each pair.
        second: shape (P,): of the other.
        shared: the pairs that have people in common.
        answers: shape (V, K): share of a unit's images with the event, less the label's share over everyone;
            K is L, or 1 where everyone has all labels and a person is one number.
        has: shape (V, K): 1 where the unit has images of the label.
        thinness: shape (V, K): 1 / images, 0 without any; divided by L where labels are merged.
        rate: the measure over everyone, macro over the labels.
    """

    units: NDArray[np.int64]
    labels: NDArray[np.int64]
    slices: NDArray[np.int64]
    owner: NDArray[np.int64]
    starts: NDArray[np.int64]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    shared: tuple[SharedPair, ...]
    answers: NDArray[np.float64]
    has: NDArray[np.float64]
    thinness: NDArray[np.float64]
    rate: float

    @property
    def complete(self) -> bool:
        """Every unit has every label."""
        return bool((self.has == 1.0).all())


def prepare_contrasts(tally: Tally, settings: Settings) -> tuple[Contrasts, ...]:
    """Sort out which slices are compared over which labels; one entry a set of labels.

    Args:
        tally: without replicate axes.
        settings: for the fewest people.
    """
    layout = lay_out(tally, settings)
    grouped: dict[tuple[int, ...], list[int]] = {}
    for block in layout.blocks:
        grouped.setdefault(tuple(block.labels.tolist()), []).extend(block.pairs.tolist())
    return tuple(
        _prepare(tally, np.asarray(labels), layout.first[sorted(pairs)], layout.second[sorted(pairs)])
        for labels, pairs in sorted(grouped.items())
    )


def largest_difference(group: Contrasts, arrangement: NDArray[np.int64]) -> NDArray[np.float64]:
    """The largest |t| over the pairs of slices, rearrangement by rearrangement.

    t is the difference of two slices' rates, macro over labels, over its standard error. Slices without a
    common person: V_s / G_s + V_t / G_t, V being the slice's variance of person values drawn (with ten
    people's weight) towards what chance and the pooled correlation imply at the rate of everyone together.
    Slices that share people: the sum of squared influence values, drawn towards the variance that
    exchanging each person's levels would give.

    Args:
        group: slices compared over one set of labels.
        arrangement: shape (B, V): from which place the answers in each place are taken.

    Returns:
        shape (B,): 0 where nothing differs.
    """
    labels = group.answers.shape[1]
    answers = group.answers[arrangement]
    size = np.diff(np.append(group.starts, len(group.units))).astype(float)
    if group.complete:
        people = np.broadcast_to(size, (len(arrangement), len(size)))
        holders = people[..., None]
        rates = np.add.reduceat(answers, group.starts, axis=1) / holders
        deviation = answers - rates[:, group.owner]
        thin = group.thinness[arrangement]
    else:
        has = group.has[arrangement]
        people = np.maximum(np.add.reduceat(has.max(axis=2), group.starts, axis=1), 1.0)
        holders = np.maximum(np.add.reduceat(has, group.starts, axis=1), 1.0)
        rates = np.add.reduceat(answers, group.starts, axis=1) / holders
        deviation = answers - has * rates[:, group.owner]
        thin = group.thinness[arrangement] * ((people[..., None] / holders) ** 2)[:, group.owner]
    weight = people[..., None] / holders * np.sqrt(holders / np.maximum(holders - 1.0, 1.0)) / labels
    residual = np.sum(deviation * weight[:, group.owner], axis=2)
    own = np.add.reduceat(residual**2, group.starts, axis=1) / people
    depth = people * labels**2 / np.add.reduceat(thin.sum(axis=2), group.starts, axis=1)
    moderated = moderate_variance(own, depth, people, group.rate)

    s, t = group.first, group.second
    rate = rates.mean(axis=2)
    difference = rate[:, s] - rate[:, t]
    variance = moderated[:, s] / people[:, s] + moderated[:, t] / people[:, t]
    for pair in group.shared:
        i, j = s[pair.column], t[pair.column]
        common = np.sum(residual[:, pair.ours] * residual[:, pair.theirs], axis=1)
        union = own[:, i] / people[:, i] + own[:, j] / people[:, j]
        influence = union - 2.0 * common / (people[:, i] * people[:, j])
        fewer = np.minimum(people[:, i], people[:, j])
        variance[:, pair.column] = moderate_paired(influence, pair.expected, fewer)
    return np.asarray(np.max(studentise(difference, variance), axis=1))


def _prepare(
    tally: Tally, labels: NDArray[np.int64], first: NDArray[np.int64], second: NDArray[np.int64]
) -> Contrasts:
    slices = np.unique(np.concatenate([first, second]))
    units = np.flatnonzero(np.isin(tally.level, slices) & (tally.images[:, labels] > 0).any(axis=1))
    units = units[np.argsort(tally.level[units], kind="stable")]
    images = tally.images[np.ix_(units, labels)]
    has = images > 0
    inverse = has / np.where(has, images, 1.0)
    share = tally.hits[np.ix_(units, labels)] * inverse
    # Centred by label, sums of squares lose no digits and a label that nobody in a slice has reads 0.
    centre = share.sum(axis=0) / has.sum(axis=0)
    answers = np.where(has, share - centre, 0.0)
    if has.all():
        answers, has = answers.mean(axis=1, keepdims=True), has[:, :1]
        inverse = inverse.mean(axis=1, keepdims=True) / len(labels)
    owner = np.searchsorted(slices, tally.level[units])
    a, b = np.searchsorted(slices, first), np.searchsorted(slices, second)
    value = answers.sum(axis=1) / has.sum(axis=1)
    return Contrasts(
        units=units,
        labels=labels,
        slices=slices,
        owner=owner,
        starts=np.searchsorted(owner, np.arange(len(slices))),
        first=a,
        second=b,
        shared=find_shared_pairs(tally.person[units], owner, value[:, None], a, b),
        answers=answers,
        has=has.astype(np.float64),
        thinness=inverse,
        rate=float(centre.mean()),
    )

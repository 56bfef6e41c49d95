"""The largest studentised difference between slices, for any number of rearrangements of the same people.

Everything that a rearrangement leaves alone (places, people, pairs) is prepared once; what it moves (a
unit's answers and images) is gathered block by block. Nothing here knows what the rearrangements mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.stats.layout import lay_out

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.layout import Layout
    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally

__all__ = ["Contrasts", "largest_difference", "prepare_contrasts"]

# Weight of the pooled variance against a slice's own, and the least dispersion: as in the bounds of a gap.
_PRIOR_PEOPLE = 10.0
_LEAST_DISPERSION = 0.5
# Variances below this are rounding: nothing differs, or nothing was compared.
_NOTHING = 1e-15


@dataclass(frozen=True, slots=True, eq=False)
class _SharedPair:
    """Two slices with people in common.

    Attributes:
        column: position of the pair.
        ours: shape (C,): places of the common people in the first slice.
        theirs: shape (C,): their places in the second, in the same order.
        expected: variance of the difference if each person's levels were exchanged at random.
    """

    column: int
    ours: NDArray[np.int64]
    theirs: NDArray[np.int64]
    expected: float


@dataclass(frozen=True, slots=True, eq=False)
class Contrasts:
    """Pairs of slices compared over one set of labels; U units of the tally, V places, S slices, P pairs.

    Attributes:
        answers: shape (U, L): share of a unit's images with the event, less the label's share over everyone.
        has: shape (U, L): 1 where the unit has images of the label.
        thinness: shape (U, L): 1 / images, 0 without any; divided by L twice where labels are merged.
        rate: the measure over everyone, macro over the labels.
        places: shape (V,): units that stand in the slices compared, by slice.
        owner: shape (V,): slice of each place.
        starts: shape (S,): first place of each slice.
        first: shape (P,): one slice of each pair.
        second: shape (P,): the other.
        shared: the pairs that have people in common.
    """

    answers: NDArray[np.float64]
    has: NDArray[np.float64]
    thinness: NDArray[np.float64]
    rate: float
    places: NDArray[np.int64]
    owner: NDArray[np.int64]
    starts: NDArray[np.int64]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    shared: tuple[_SharedPair, ...]

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
        _prepare(tally, layout, np.asarray(labels), np.asarray(sorted(pairs)))
        for labels, pairs in sorted(grouped.items())
    )


def largest_difference(
    contrasts: tuple[Contrasts, ...], arrangement: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The largest |t| over all pairs of slices, rearrangement by rearrangement.

    t is the difference of two slices' rates, macro over labels, over its standard error. Slices without a
    common person: V_s / G_s + V_t / G_t, V being the slice's variance of person values drawn (with ten
    people's weight) towards what chance and the pooled correlation imply at the rate of everyone together. Slices
    that share people: the sum of squared influence values, drawn towards the variance that exchanging
    each person's levels would give.

    Args:
        contrasts: from :func:`prepare_contrasts`.
        arrangement: shape (B, U): whose answers stand in the place of each unit.

    Returns:
        shape (B,): 0 where nothing differs or nothing is compared.
    """
    largest = np.zeros(len(arrangement))
    for group in contrasts:
        np.maximum(largest, _largest_of(group, arrangement), out=largest)
    return largest


def _prepare(tally: Tally, layout: Layout, labels: NDArray[np.int64], pairs: NDArray[np.int64]) -> Contrasts:
    first, second = layout.first[pairs], layout.second[pairs]
    slices = np.unique(np.concatenate([first, second]))
    images = tally.images[:, labels]
    has = images > 0
    inverse = has / np.where(has, images, 1.0)
    share = tally.hits[:, labels] * inverse
    inside = np.isin(tally.level, slices)
    # Centred by label, sums of squares lose no digits and a label that nobody in a slice has reads 0.
    centre = share[inside].sum(axis=0) / np.maximum(has[inside].sum(axis=0), 1)
    answers = np.where(has, share - centre, 0.0)
    if has[inside].all():
        # Labels that everyone has merge into one number a person.
        answers, has = answers.mean(axis=1, keepdims=True), has[:, :1]
        inverse = inverse.mean(axis=1, keepdims=True) / len(labels)
    places = np.flatnonzero(inside & has.any(axis=1))
    places = places[np.argsort(tally.level[places], kind="stable")]
    owner = np.searchsorted(slices, tally.level[places])
    a, b = np.searchsorted(slices, first), np.searchsorted(slices, second)
    person = tally.person[places]
    value = answers[places].sum(axis=1) / np.maximum(has[places].sum(axis=1), 1)
    return Contrasts(
        answers=answers,
        has=has.astype(np.float64),
        thinness=inverse,
        rate=float(centre.mean()),
        places=places,
        owner=owner,
        starts=np.searchsorted(owner, np.arange(len(slices))),
        first=a,
        second=b,
        shared=_shared_pairs(person, owner, value, a, b),
    )


def _shared_pairs(
    person: NDArray[np.int64],
    owner: NDArray[np.int64],
    value: NDArray[np.float64],
    first: NDArray[np.int64],
    second: NDArray[np.int64],
) -> tuple[_SharedPair, ...]:
    """Pairs with people in common, and what exchanging levels within people does to their difference."""
    _, who, levels = np.unique(person, return_inverse=True, return_counts=True)
    if levels.max(initial=0) <= 1:
        return ()
    mean = np.bincount(who, value) / levels
    within = np.bincount(who, (value - mean[who]) ** 2) / levels
    alone = levels == 1
    between = float(np.var(mean[alone])) if alone.any() else 0.0
    # What one place adds to the variance of its slice's mean, times the slice's people squared.
    own = np.where(alone, between, within)[who]
    size = np.bincount(owner).astype(float)
    found = []
    for column, (s, t) in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        here, there = np.flatnonzero(owner == s), np.flatnonzero(owner == t)
        _, i, j = np.intersect1d(person[here], person[there], return_indices=True)
        if not len(i):
            continue
        ours, theirs = here[i], there[j]
        # Two of a person's K levels, exchanged at random, are correlated by -1 / (K - 1).
        opposed = np.sum(within[who[ours]] / (levels[who[ours]] - 1.0))
        expected = (
            np.sum(own[here]) / size[s] ** 2
            + np.sum(own[there]) / size[t] ** 2
            + 2.0 * opposed / (size[s] * size[t])
        )
        found.append(_SharedPair(column, ours, theirs, float(expected)))
    return tuple(found)


def _largest_of(group: Contrasts, arrangement: NDArray[np.int64]) -> NDArray[np.float64]:
    moved = arrangement[:, group.places]
    answers = group.answers[moved]
    labels = group.answers.shape[1]
    size = np.diff(np.append(group.starts, len(group.places))).astype(float)
    if group.complete:
        people = np.broadcast_to(size, (len(moved), len(size)))
        holders = people[..., None]
        rates = np.add.reduceat(answers, group.starts, axis=1) / holders
        deviation = answers - rates[:, group.owner]
        thin = group.thinness[moved]
    else:
        has = group.has[moved]
        people = np.maximum(np.add.reduceat(has.max(axis=2), group.starts, axis=1), 1.0)
        holders = np.maximum(np.add.reduceat(has, group.starts, axis=1), 1.0)
        rates = np.add.reduceat(answers, group.starts, axis=1) / holders
        deviation = answers - has * rates[:, group.owner]
        thin = group.thinness[moved] * ((people[..., None] / holders) ** 2)[:, group.owner]
    weight = people[..., None] / holders * np.sqrt(holders / np.maximum(holders - 1.0, 1.0)) / labels
    residual = np.sum(deviation * weight[:, group.owner], axis=2)
    own = np.add.reduceat(residual**2, group.starts, axis=1) / people
    depth = people * labels**2 / np.add.reduceat(thin.sum(axis=2), group.starts, axis=1)
    moderated = _moderated(own, depth, people, group.rate)

    s, t = group.first, group.second
    rate = rates.mean(axis=2)
    difference = rate[:, s] - rate[:, t]
    variance = moderated[:, s] / people[:, s] + moderated[:, t] / people[:, t]
    for pair in group.shared:
        i, j = s[pair.column], t[pair.column]
        common = np.sum(residual[:, pair.ours] * residual[:, pair.theirs], axis=1)
        influence = (
            own[:, i] / people[:, i] + own[:, j] / people[:, j] - 2.0 * common / (people[:, i] * people[:, j])
        )
        fewer = np.minimum(people[:, i], people[:, j])
        mixed = (_PRIOR_PEOPLE * pair.expected + (fewer - 1.0) * influence) / (_PRIOR_PEOPLE - 1.0 + fewer)
        variance[:, pair.column] = mixed
    decided = variance > _NOTHING
    studentised = np.abs(difference) / np.sqrt(np.where(decided, variance, 1.0))
    return np.asarray(np.max(np.where(decided, studentised, 0.0), axis=1, initial=0.0))


def _moderated(
    own: NDArray[np.float64], depth: NDArray[np.float64], people: NDArray[np.float64], rate: float
) -> NDArray[np.float64]:
    """A slice's variance of person values, drawn towards the one that pooling implies at a common rate."""
    chance = rate * (1.0 - rate) / depth
    usable = chance > _NOTHING
    replication = np.sum((people - 1.0) * (depth - 1.0), axis=1)
    excess = np.sum((people - 1.0) * np.where(usable, own / np.where(usable, chance, 1.0) - 1.0, 0.0), axis=1)
    repeated = replication > 1e-9  # noqa: PLR2004 - below it nobody has two images
    alike = np.clip(np.where(repeated, excess / np.where(repeated, replication, 1.0), 0.0), -1.0, 1.0)
    dispersion = np.maximum(_LEAST_DISPERSION, 1.0 + alike[:, None] * (depth - 1.0))
    return np.asarray(
        (_PRIOR_PEOPLE * dispersion * chance + (people - 1.0) * own) / (_PRIOR_PEOPLE - 1.0 + people)
    )

"""Means and variances over people, slice by slice: what every comparison of proportions rests on.

Each label counts the same whoever has it, so that slices with other mixtures of labels stay comparable, and
each person counts once however many images there are. Replicate axes lead throughout.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally

__all__ = ["Moments", "Spread", "correlation", "moments", "pooled_rate", "spread"]

# Prior degrees of freedom with which a slice's variance is drawn towards the pooled one.
_PRIOR = 10.0
# A pooled variance is never taken below half of what independent images would show.
_LEAST_DISPERSION = 0.5
# Below this sum of extra images no two images of one person exist, and their correlation is not defined.
_NO_REPLICATION = 1e-9
# People beyond which the fail floor itself, rather than the scarcity of people, sets the correlation.
_SCARCE = 1.2


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Rates of S slices over one set of labels, and the person values behind them.

    Attributes:
        slices: shape (S,): index into the tally's levels, ascending.
        labels: shape (L,): index into the tally's labels.
        units: shape (U,): index into the tally's units, ordered by slice.
        owner: shape (U,): position in ``slices`` of each unit.
        people: shape (S,): G_s, people with at least one of the labels.
        images: shape (S,): their images of these labels.
        depth: shape (S,): m_s, harmonic mean of images a person, below 1 where labels are sparse.
        rate: shape (..., S): mu_s, the measure averaged over people and then over labels.
        value: shape (..., U): z_i, what each person contributes; its mean over a slice is the rate.
        variance: shape (..., S): v_s, variance of the person values.
        chance: shape (..., S): b_s, the variance that independent images would show.
        inflation: factor on every variance, where it is not known who is in which picture.
    """

    slices: NDArray[np.int64]
    labels: NDArray[np.int64]
    units: NDArray[np.int64]
    owner: NDArray[np.int64]
    people: NDArray[np.float64]
    images: NDArray[np.float64]
    depth: NDArray[np.float64]
    rate: NDArray[np.float64]
    value: NDArray[np.float64]
    variance: NDArray[np.float64]
    chance: NDArray[np.float64]
    inflation: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """Variances and effective sizes that the bounds use, per slice.

    Attributes:
        dispersion: shape (..., S): phi_(s), pooled variance over chance, for this slice's images.
        moderated: shape (..., S): V_s, the slice's variance drawn towards the pooled one.
        cautious: shape (..., S): V_s of the FAIL bound, never below the floor at the pooled rate.
        size: shape (..., S): n_s of the PASS bound: how many independent images the slice is worth.
    """

    dispersion: NDArray[np.float64]
    moderated: NDArray[np.float64]
    cautious: NDArray[np.float64]
    size: NDArray[np.float64]


def moments(
    tally: Tally,
    slices: NDArray[np.int64],
    labels: NDArray[np.int64],
    *,
    held: NDArray[np.bool_] | None = None,
) -> Moments:
    """Rates, person values and variances of some slices over some labels.

    Args:
        tally: hits and images, with any replicate axes leading ``hits``.
        slices: shape (S,), ascending; in each of them every label is held by two people or more.
        labels: shape (L,).
        held: shape (U, labels of the tally): which cells take part; all that have images if None.
    """
    positions = np.full(len(tally.levels), -1)
    positions[slices] = np.arange(len(slices))
    owner = positions[tally.level]
    present = tally.images[:, labels] > 0
    if held is not None:
        present &= held[:, labels]
    units = np.flatnonzero(present.any(1) & (owner >= 0))
    units = units[np.argsort(owner[units], kind="stable")]
    owner, present = owner[units], present[units]
    starts = np.searchsorted(owner, np.arange(len(slices)))

    images = np.where(present, tally.images[np.ix_(units, labels)], 0.0)
    divisor = np.where(present, images, 1.0)
    hits = tally.hits[..., units, :][..., labels]
    answer = np.where(present, hits / divisor, 0.0)

    people = np.diff(np.append(starts, len(units))).astype(np.float64)
    holders = np.add.reduceat(present.astype(np.float64), starts, axis=0)
    share = people[:, None] / holders
    label_rate = np.add.reduceat(answer, starts, axis=-2) / holders
    rate = label_rate.mean(-1)
    weight = np.where(present, (share * np.sqrt(holders / (holders - 1)))[owner], 0.0) / len(labels)
    value = rate[..., owner] + ((answer - label_rate[..., owner, :]) * weight).sum(-1)
    variance = np.add.reduceat((value - rate[..., owner]) ** 2, starts, axis=-1) / people

    thinness = np.where(present, (share**2)[owner] / divisor, 0.0).sum(1) / len(labels) ** 2
    depth = people / np.add.reduceat(thinness, starts)
    smoothed = (people * rate + 0.5) / (people + 1)
    return Moments(
        slices=slices,
        labels=labels,
        units=units,
        owner=owner,
        people=people,
        images=np.add.reduceat(images.sum(1), starts),
        depth=depth,
        rate=rate,
        value=value,
        variance=variance,
        chance=smoothed * (1 - smoothed) / depth,
        inflation=tally.inflation,
    )


def correlation(found: Moments) -> NDArray[np.float64]:
    """How alike the images of one person are beyond chance, pooled over slices: r, within [-1, 1].

    Returns:
        Shape (...); 0 where nobody has two images.
    """
    weight = found.people - 1
    excess = (weight * (found.variance / found.chance - 1)).sum(-1)
    replication = float((weight * (found.depth - 1)).sum())
    if replication <= _NO_REPLICATION:
        return np.zeros_like(excess)
    return np.asarray(np.clip(excess / replication, -1, 1))


def pooled_rate(found: Moments) -> NDArray[np.float64]:
    """The rate over the people of all these slices, half a success and half a failure added.

    Returns:
        Shape (...).
    """
    return np.asarray(((found.people * found.rate).sum(-1) + 0.5) / (found.people.sum() + 1))


def spread(found: Moments, alike: NDArray[np.float64], settings: Settings) -> Spread:
    """Variances and effective sizes of every slice, given the pooled correlation within people.

    Args:
        found: the slices' moments.
        alike: shape (...): the correlation from :func:`correlation`.
        settings: the floors.
    """
    extra = found.depth - 1
    degrees = found.people - 1
    dispersion = np.maximum(_LEAST_DISPERSION, 1 + alike[..., None] * extra)
    ratio = (_PRIOR * dispersion + degrees * found.variance / found.chance) / (degrees + _PRIOR)
    pooled = pooled_rate(found)[..., None]
    reckoned = np.maximum(settings.fail_floor, _SCARCE / found.people)
    floor = np.maximum(dispersion, 1 + reckoned * extra) * pooled * (1 - pooled) / found.depth
    moderated = ratio * found.chance
    worst = np.maximum(np.maximum(dispersion, ratio), np.maximum(1.0, 1 + settings.pass_floor * extra))
    return Spread(
        dispersion=dispersion,
        moderated=moderated * found.inflation,
        cautious=np.maximum(moderated, floor) * found.inflation,
        size=found.people * found.depth / (worst * found.inflation),
    )

"""Variances that steady a permutation test: a slice's own, drawn towards what everyone together implies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SharedPair", "find_shared_pairs", "moderate_paired", "moderate_variance", "studentise"]

# Weight of the pooled variance against a slice's own, and the least dispersion: as in the bounds of a gap.
_PRIOR_PEOPLE = 10.0
_LEAST_DISPERSION = 0.5
# Variances below this are rounding: nothing differs, or nothing was compared.
_NOTHING = 1e-15


@dataclass(frozen=True, slots=True, eq=False)
class SharedPair:
    """Two slices with people in common; K values a place.

    Attributes:
        column: position of the pair.
        ours: shape (C,): places of the common people in the first slice.
        theirs: shape (C,): their places in the second, in the same order.
        expected: shape (K,): variance of the difference if each person's levels were exchanged at random.
    """

    column: int
    ours: NDArray[np.int64]
    theirs: NDArray[np.int64]
    expected: NDArray[np.float64]


def studentise(difference: NDArray[np.float64], variance: NDArray[np.float64]) -> NDArray[np.float64]:
    """|t|: a difference in its standard errors; 0 where nothing varies.

    >>> studentise(np.array([-0.2, 0.0]), np.array([0.01, 0.0])).tolist()
    [2.0, 0.0]
    """
    decided = variance > _NOTHING
    return np.asarray(np.where(decided, np.abs(difference) / np.sqrt(np.where(decided, variance, 1.0)), 0.0))


def find_shared_pairs(
    person: NDArray[np.int64],
    owner: NDArray[np.int64],
    value: NDArray[np.float64],
    first: NDArray[np.int64],
    second: NDArray[np.int64],
) -> tuple[SharedPair, ...]:
    """Pairs with people in common, and what exchanging levels within people does to their difference.

    Args:
        person: shape (V,): who is in each place.
        owner: shape (V,): slice of each place, from 0.
        value: shape (V, K): what is compared, place by place.
        first: shape (P,): one slice of each pair.
        second: shape (P,): the other.
    """
    _, who, levels = np.unique(person, return_inverse=True, return_counts=True)
    if levels.max(initial=0) <= 1:
        return ()
    order = np.argsort(who, kind="stable")
    starts = np.searchsorted(who[order], np.arange(len(levels)))
    mean = np.add.reduceat(value[order], starts) / levels[:, None]
    within = np.add.reduceat(((value - mean[who]) ** 2)[order], starts) / levels[:, None]
    alone = levels == 1
    between = mean[alone].var(axis=0) if alone.any() else np.zeros(value.shape[1])
    # What one place adds to the variance of its slice's mean, times the slice's people squared.
    own = np.where(alone[:, None], between, within)[who]
    size = np.bincount(owner).astype(float)
    found = []
    for column, (s, t) in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        here, there = np.flatnonzero(owner == s), np.flatnonzero(owner == t)
        _, i, j = np.intersect1d(person[here], person[there], return_indices=True)
        if not len(i):
            continue
        ours, theirs = here[i], there[j]
        # Two of a person's K levels, exchanged at random, are correlated by -1 / (K - 1).
        opposed = (within[who[ours]] / (levels[who[ours]] - 1.0)[:, None]).sum(axis=0)
        expected = (
            own[here].sum(axis=0) / size[s] ** 2
            + own[there].sum(axis=0) / size[t] ** 2
            + 2.0 * opposed / (size[s] * size[t])
        )
        found.append(SharedPair(column, ours, theirs, expected))
    return tuple(found)


def moderate_paired(
    own: NDArray[np.float64], expected: NDArray[np.float64], fewer: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Variance of a difference between slices that share people, drawn towards that of exchanging levels.

    Args:
        own: sum of squared influence values.
        expected: variance of the difference if each person's levels were exchanged at random; broadcasts.
        fewer: people of the smaller slice; broadcasts.

    >>> float(moderate_paired(np.array(3.0), np.array(1.0), np.array(11.0)))
    2.0
    """
    return np.asarray((_PRIOR_PEOPLE * expected + (fewer - 1.0) * own) / (_PRIOR_PEOPLE - 1.0 + fewer))


def moderate_variance(
    own: NDArray[np.float64],
    depth: NDArray[np.float64],
    people: NDArray[np.float64],
    rate: float | NDArray[np.float64],
) -> NDArray[np.float64]:
    """A slice's variance of person values, drawn towards the one that pooling implies at a common rate.

    Args:
        own: shape (..., S): variance of the person values of each slice.
        depth: shape (..., S): harmonic mean of images a person; broadcasts.
        people: shape (..., S): people of each slice; broadcasts.
        rate: the measure over everyone; broadcasts.
    """
    chance = rate * (1.0 - rate) / depth
    usable = chance > _NOTHING
    replication = np.sum((people - 1.0) * (depth - 1.0), axis=-1)
    excess = np.sum(
        (people - 1.0) * np.where(usable, own / np.where(usable, chance, 1.0) - 1.0, 0.0), axis=-1
    )
    repeated = replication > 1e-9  # noqa: PLR2004 - below it nobody has two images
    alike = np.clip(np.where(repeated, excess / np.where(repeated, replication, 1.0), 0.0), -1.0, 1.0)
    dispersion = np.maximum(_LEAST_DISPERSION, 1.0 + alike[..., None] * (depth - 1.0))
    return np.asarray(
        (_PRIOR_PEOPLE * dispersion * chance + (people - 1.0) * own) / (_PRIOR_PEOPLE - 1.0 + people)
    )

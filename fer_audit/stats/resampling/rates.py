"""People by the slices that they are in, and the rates of slices from sums over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.errors import ConfigurationError, DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.tally import Tally

__all__ = ["MOST_NUMBERS", "Company", "Images", "check_replicates", "companies", "images_of", "mean_rates"]

MOST_NUMBERS = 131_072
"""Random numbers drawn at a time: 1 MiB of them, which stays near the processor."""


@dataclass(frozen=True, slots=True, eq=False)
class Company:
    """G people who are in the same m slices.

    Attributes:
        slices: shape (m,): those slices.
        answer: shape (G, m, L): share of a person's images of a label in a slice on which the event happened;
            0 where there is none.
        held: shape (G, m, L): whether there is one.
    """

    slices: NDArray[np.int64]
    answer: NDArray[np.float64]
    held: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Images:
    """Images of each slice and label, and those on which the event happened; each of shape (S, L), int64."""

    hits: NDArray[np.int64]
    images: NDArray[np.int64]


def check_replicates(replicates: int) -> None:
    """Refuse numbers of replicates that are none.

    Raises:
        ConfigurationError: fewer than one.
    """
    if replicates < 1:
        raise ConfigurationError(f"{replicates} replicates cannot be drawn; ask for 1 or more, e.g. 1000")


def companies(tally: Tally) -> list[Company]:
    """Everybody with images, by the set of slices in which he has them.

    >>> from fer_audit.stats.tally import Tally
    >>> data = Tally(np.array([0, 1, 1]), np.array([0, 0, 1]), np.ones((3, 1)), np.ones((3, 1)),
    ...              ("a", "b"), ("anger",))
    >>> [(found.slices.tolist(), len(found.answer)) for found in companies(data)]
    [([0], 1), ([0, 1], 1)]
    """
    units = np.flatnonzero((tally.images > 0).any(axis=1))
    units = units[np.lexsort((tally.level[units], tally.person[units]))]
    _, first, number = np.unique(tally.person[units], return_index=True, return_counts=True)
    held = tally.images > 0
    answer = np.where(held, tally.hits / np.where(held, tally.images, 1.0), 0.0)
    found = []
    for many in np.unique(number).tolist():
        lines = units[first[number == many][:, None] + np.arange(many)]
        sets, member = np.unique(tally.level[lines], axis=0, return_inverse=True)
        for place, slices in enumerate(sets):
            chosen = lines[member.ravel() == place]
            found.append(Company(slices, answer[chosen], held[chosen]))
    return found


def images_of(tally: Tally) -> Images:
    """Images and hits of each slice and label.

    Raises:
        DataError: hits that are fractions, as averages over repeated questions are.
    """
    totals = []
    for table in (tally.hits, tally.images):
        total = np.zeros((len(tally.levels), len(tally.labels)))
        np.add.at(total, tally.level, table)
        totals.append(total)
    broken = np.flatnonzero((tally.hits != np.rint(tally.hits)).any(axis=1))
    if len(broken):
        raise DataError(
            f"{len(broken)} people have images that were answered differently when asked again, and an image "
            "is drawn as right or wrong; draw people instead (bootstrap_people, permute_people)"
        )
    return Images(np.rint(totals[0]).astype(np.int64), np.rint(totals[1]).astype(np.int64))


def mean_rates(total: NDArray[np.float64], number: NDArray[np.float64]) -> NDArray[np.float64]:
    """The rate of each slice: the mean over its labels of total / number.

    Args:
        total: shape (..., S, L): sums of answers, or hits.
        number: shape (..., S, L) or (S, L): people, or images; a label of which there are none takes no part.

    Returns:
        Shape (..., S); nan where a slice has no label at all.

    >>> mean_rates(np.array([[1.0, 0.0], [0.0, 0.0]]), np.array([[2.0, 0.0], [0.0, 0.0]])).tolist()
    [0.5, nan]
    """
    there = number > 0
    labels = there.sum(axis=-1, keepdims=True)
    # One product a label: where numbers are the same in all replicates, they are divided once.
    weight = np.where(there, 1.0 / np.where(there, number * np.maximum(labels, 1), 1.0), 0.0)
    rates = (total * weight).sum(axis=-1)
    return np.asarray(np.where(labels[..., 0] > 0, rates, np.nan))

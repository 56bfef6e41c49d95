"""Counts written as arrays, for tests that look at more than one measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fer_audit.records import Slicing
from fer_audit.stats.counts import NON_ANSWERS, Counts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def counts_from(
    person: Sequence[int] | NDArray[np.int64],
    level: Sequence[int] | NDArray[np.int64],
    responses: NDArray[np.float64] | NDArray[np.int64],
) -> Counts:
    """Counts of labels l0, l1, ...; the last of the responses is a refusal.

    ``responses`` has shape (units, labels, labels + 1).
    """
    labels = responses.shape[1]
    cells = np.zeros((len(responses), labels, labels + len(NON_ANSWERS)))
    cells[..., : labels + 1] = responses
    names = tuple(f"l{label}" for label in range(labels))
    return Counts(
        person=np.asarray(person, dtype=np.int64),
        level=np.asarray(level, dtype=np.int64),
        cells=cells,
        people=tuple(f"p{one}" for one in range(int(np.max(person, initial=-1)) + 1)),
        levels=tuple(f"s{one}" for one in range(int(np.max(level, initial=-1)) + 1)),
        labels=names,
        predicted=names,
        slicing=Slicing("group"),
    )


def random_counts(
    generator: np.random.Generator,
    sizes: Sequence[int],
    *,
    labels: int = 2,
    images: int = 3,
    accuracy: float = 0.6,
    alike: float = 0.2,
    twins: bool = False,
    missing: float = 0.0,
) -> Counts:
    """People whose errors are drawn alike in every slice; with twins everybody is in all slices."""
    level = np.repeat(np.arange(len(sizes)), sizes)
    person = np.concatenate([np.arange(size) for size in sizes]) if twins else np.arange(len(level))
    rates = np.full((labels, labels + 1), (1 - accuracy) / labels)
    rates[np.arange(labels), np.arange(labels)] = accuracy
    table = np.zeros((len(level), labels, labels + 1))
    for label, rate in enumerate(rates):
        own = generator.dirichlet(rate * (1 - alike) / alike, int(person.max()) + 1)[person]
        table[:, label] = generator.multinomial(images, own)
    table[generator.random(table.shape[:2]) < missing] = 0
    return counts_from(person, level, table)

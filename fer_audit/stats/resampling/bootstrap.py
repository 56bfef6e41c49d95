"""The bootstrap from counts: people, or images, drawn again with replacement.

Rows are never touched: equal people are drawn together as one type, by a multinomial over types, which is the
same distribution exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fer_audit.stats.resampling.rates import (
    MOST_NUMBERS,
    check_replicates,
    companies,
    images_of,
    mean_rates,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.counts import Counts
    from fer_audit.stats.measures import Measure

__all__ = ["bootstrap_images", "bootstrap_people"]

# A binomial draw takes as long as drawing this many people, or as looking up this many answers of theirs.
_PEOPLE_A_DRAW = 60


def bootstrap_people(
    counts: Counts, measure: Measure, *, replicates: int = 1000, seed: int | np.random.Generator
) -> NDArray[np.float64]:
    """The rates of all slices if as many people were drawn again, with all their images.

    Everybody is replaced by somebody who is in the same slices, so that slices keep their numbers of people,
    and people seen in several slices (twins) stay pairs.

    Args:
        counts: what was answered, e.g. ``Audit.counts``.
        measure: the rate, e.g. ``accuracy``: the mean over people, then over the labels a slice has.
        replicates: how often people are drawn.
        seed: a number or a generator; the same one gives the same draws.

    Returns:
        Shape (replicates, slices), in the order of ``counts.levels``; nan for a slice without images.

    Raises:
        ConfigurationError: no replicates.
        UnknownNameError: a label of the measure that nobody knows.

    Source: Davison and Hinkley (1997), Bootstrap Methods and their Application, section 3.8.
    """
    check_replicates(replicates)
    generator = np.random.default_rng(seed)
    tally = measure.tally(counts)
    shape = (replicates, len(tally.levels), len(tally.labels))
    total, holders = np.zeros(shape), np.zeros(shape)
    for group in companies(tally):
        people = len(group.answer)
        answers = group.answer.reshape(people, -1)
        held = group.held.reshape(people, -1)
        # Where everybody has the same labels, so has every draw.
        varies = bool((held != held[0]).any())
        values = np.concatenate([answers, held], axis=1) if varies else answers
        sums = _resampled_sums(values, replicates, generator).reshape(replicates, -1, *group.answer.shape[1:])
        total[:, group.slices] += sums[:, 0]
        holders[:, group.slices] += sums[:, 1] if varies else people * group.held[0]
    return mean_rates(total, holders)


def bootstrap_images(
    counts: Counts, measure: Measure, *, replicates: int = 1000, seed: int | np.random.Generator
) -> NDArray[np.float64]:
    """The rates of all slices if as many images were drawn again in each, as if no two showed one person.

    With several images a person it claims more than is known; it is what other tools do.

    Args:
        counts: what was answered.
        measure: the rate: of the images, then over the labels a slice has.
        replicates: how often images are drawn.
        seed: a number or a generator; the same one gives the same draws.

    Returns:
        Shape (replicates, slices), in the order of ``counts.levels``; nan for a slice without images.

    Raises:
        ConfigurationError: no replicates.
        DataError: images were asked about repeatedly and answered differently.
        UnknownNameError: a label of the measure that nobody knows.

    Source: Efron (1979), Annals of Statistics 7, 1.
    """
    check_replicates(replicates)
    generator = np.random.default_rng(seed)
    found = images_of(measure.tally(counts))
    slices, labels = found.images.shape
    hits, images = np.zeros((2, replicates, slices, labels))
    for place in range(slices):
        number = int(found.images[place].sum())
        if labels == 1:
            rate = found.hits[place, 0] / max(number, 1)
            hits[:, place, 0], images[:, place] = generator.binomial(number, rate, replicates), number
            continue
        kinds = np.concatenate([found.hits[place], found.images[place] - found.hits[place]])
        drawn = generator.multinomial(number, kinds / max(number, 1), replicates) if number else 0 * kinds
        hits[:, place] = drawn[..., :labels]
        images[:, place] = drawn[..., :labels] + drawn[..., labels:]
    return mean_rates(hits, images)


def _resampled_sums(
    values: NDArray[np.float64], replicates: int, generator: np.random.Generator
) -> NDArray[np.float64]:
    """Sums of values over people drawn with replacement, as many as there are.

    Args:
        values: shape (G, C): what each person adds.
        replicates: how often.
        generator: source of the draws.

    Returns:
        Shape (replicates, C).
    """
    people, columns = values.shape
    types, times = np.unique(values, axis=0, return_counts=True)
    by_type = len(types) * _PEOPLE_A_DRAW < people * (1 + columns)
    block = max(1, MOST_NUMBERS // (len(types) if by_type else people))
    sums = np.empty((replicates, columns))
    for start in range(0, replicates, block):
        part = sums[start : start + block]
        if by_type:
            part[:] = generator.multinomial(people, times / people, len(part)) @ types
            continue
        drawn = generator.integers(0, people, (len(part), people))
        for column in range(columns):
            part[:, column] = values[:, column].take(drawn).sum(axis=1)
    return sums

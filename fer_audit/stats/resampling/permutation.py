"""Permutations from counts: what slices show if the slice makes no difference.

People keep their answers and change their slices. Equal people are dealt out together as one type, by
hypergeometric draws, which is the same distribution exactly.
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
    from fer_audit.stats.resampling.rates import Company

__all__ = ["permute_images", "permute_people"]

# A hypergeometric draw costs as much as moving this many people.
_PEOPLE_A_DRAW = 8


def permute_people(
    counts: Counts, measure: Measure, *, replicates: int = 1000, seed: int | np.random.Generator
) -> NDArray[np.float64]:
    """The rates of all slices if people were dealt out to them at random, with all their images.

    Who is in one slice changes places with people of other slices who have the same labels. Who is in several
    keeps to himself: his own slices change places, where he has the same labels in all of them.

    Args:
        counts: what was answered, e.g. ``Audit.counts``.
        measure: the rate, e.g. ``accuracy``: the mean over people, then over the labels a slice has.
        replicates: how often people are dealt out.
        seed: a number or a generator; the same one gives the same draws.

    Returns:
        Shape (replicates, slices), in the order of ``counts.levels``; nan for a slice without images.

    Raises:
        ConfigurationError: no replicates.
        UnknownNameError: a label of the measure that nobody knows.

    Source: Pitman (1937), Supplement to the Journal of the Royal Statistical Society 4, 119.
    """
    check_replicates(replicates)
    generator = np.random.default_rng(seed)
    tally = measure.tally(counts)
    shape = (replicates, len(tally.levels), len(tally.labels))
    total, holders = np.zeros(shape), np.zeros(shape[1:])
    found = companies(tally)
    for group in found:
        np.add.at(holders, group.slices, group.held.sum(axis=0))
        if len(group.slices) > 1:
            total[:, group.slices] += _exchange_within(group, replicates, generator)
    alone = [group for group in found if len(group.slices) == 1]
    if alone:
        answer = np.concatenate([group.answer[:, 0] for group in alone])
        held = np.concatenate([group.held[:, 0] for group in alone])
        slice_ = np.concatenate([np.repeat(group.slices, len(group.answer)) for group in alone])
        _, kind = np.unique(held, axis=0, return_inverse=True)
        for one in range(int(kind.max()) + 1):
            chosen = kind.ravel() == one
            slices, sizes = np.unique(slice_[chosen], return_counts=True)
            order = np.argsort(slice_[chosen], kind="stable")
            total[:, slices] += _deal_out(answer[chosen][order], sizes, replicates, generator)
    return mean_rates(total, holders)


def permute_images(
    counts: Counts, measure: Measure, *, replicates: int = 1000, seed: int | np.random.Generator
) -> NDArray[np.float64]:
    """The rates of all slices if the images of a label were dealt out to them at random.

    It takes images as independent: with several images a person it finds differences that are none; it is
    what other tools do.

    Args:
        counts: what was answered.
        measure: the rate: of the images, then over the labels a slice has.
        replicates: how often images are dealt out.
        seed: a number or a generator; the same one gives the same draws.

    Returns:
        Shape (replicates, slices), in the order of ``counts.levels``; nan for a slice without images.

    Raises:
        ConfigurationError: no replicates.
        DataError: images were asked about repeatedly and answered differently.
        UnknownNameError: a label of the measure that nobody knows.
    """
    check_replicates(replicates)
    generator = np.random.default_rng(seed)
    found = images_of(measure.tally(counts))
    hits = np.zeros((replicates, *found.images.shape))
    for label, (right, images) in enumerate(zip(found.hits.T, found.images.T, strict=True)):
        hits[..., label] = generator.multivariate_hypergeometric(
            images, int(right.sum()), replicates, method="marginals"
        )
    return mean_rates(hits, found.images.astype(np.float64))


def _deal_out(
    values: NDArray[np.float64], sizes: NDArray[np.int64], replicates: int, generator: np.random.Generator
) -> NDArray[np.float64]:
    """Sums of values in slices of fixed sizes to which people are dealt out.

    Args:
        values: shape (G, C): what each person adds; those of one slice stand together.
        sizes: shape (S,): people of each slice; they add up to G.
        replicates: how often.
        generator: source of the draws.

    Returns:
        Shape (replicates, S, C).
    """
    types, times = np.unique(values, axis=0, return_counts=True)
    if len(sizes) == 1 or len(types) == 1:
        sums = np.add.reduceat(values, np.cumsum(sizes) - sizes, axis=0)
        return np.broadcast_to(sums, (replicates, *sums.shape))
    draws = (len(types) - 1) * (len(sizes) - 1)
    if draws * _PEOPLE_A_DRAW < len(values) * (1 + values.shape[1]):
        return _deal_out_types(types, times, sizes, replicates, generator)
    sums = np.empty((replicates, len(sizes), values.shape[1]))
    starts = np.cumsum(sizes) - sizes
    block = max(1, MOST_NUMBERS // values.size)
    for start in range(0, replicates, block):
        part = sums[start : start + block]
        places = np.broadcast_to(np.arange(len(values)), (len(part), len(values)))
        part[:] = np.add.reduceat(values[generator.permuted(places, axis=1)], starts, axis=1)
    return sums


def _deal_out_types(
    types: NDArray[np.float64],
    times: NDArray[np.int64],
    sizes: NDArray[np.int64],
    replicates: int,
    generator: np.random.Generator,
) -> NDArray[np.float64]:
    """The same by types: type after type takes some of the places that are left in each slice."""
    sums = np.zeros((replicates, len(sizes), types.shape[1]))
    places = np.tile(sizes, (replicates, 1))
    for kind, number in zip(types[:-1], times[:-1].tolist(), strict=True):
        left = np.full(replicates, number)
        others = places.sum(axis=1)
        for slice_ in range(len(sizes) - 1):
            others -= places[:, slice_]
            taken = generator.hypergeometric(places[:, slice_], others, left)
            places[:, slice_] -= taken
            left -= taken
            sums[:, slice_] += taken[:, None] * kind
        places[:, -1] -= left
        sums[:, -1] += left[:, None] * kind
    # The last type takes what is left.
    return np.asarray(sums + places[..., None] * types[-1])


def _exchange_within(group: Company, replicates: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """Sums by slice, shape (replicates, m, L), where each person's slices change places."""
    free = (group.held == group.held[:, :1]).all(axis=(1, 2))
    answer = group.answer[free]
    people, slices, labels = answer.shape
    sums = np.empty((replicates, slices, labels))
    block = max(1, MOST_NUMBERS // max(answer.size, 1))
    for start in range(0, replicates, block):
        part = sums[start : start + block]
        places = np.broadcast_to(np.arange(slices), (len(part), people, slices))
        drawn = generator.permuted(places, axis=2)
        part[:] = np.take_along_axis(answer[None], drawn[..., None], axis=2).sum(axis=1)
    return np.asarray(sums + group.answer[~free].sum(axis=0))

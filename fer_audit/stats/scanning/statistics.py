"""Studentised differences of every comparison of a scan at once, for any number of rearrangements.

One product of "who is where" with "what happened to whom" gives the sums of every slice, way of misreading
and rearrangement; only slices that share people need more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fer_audit.stats.association.variances import moderate_paired, moderate_variance, studentise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.scanning.family import Family, LabelScan

__all__ = ["absolute_t", "arrangements_a_block"]

# Numbers in one table of a block: enough for numpy, few enough for the processor's cache.
_BLOCK = 1_000_000


def arrangements_a_block(family: Family) -> int:
    """How many rearrangements are worked on together, so that no table of theirs grows large."""
    places, slices = len(family.owner), len(family.levels)
    widest = max(part.values.shape[1] for part in family.parts)
    shared = any(part.shared for part in family.parts)
    return max(1, _BLOCK // max(family.size, places * max(slices, widest if shared else 1)))


def absolute_t(family: Family, arrangement: NDArray[np.int64]) -> NDArray[np.float64]:
    """|t| of every comparison: label by label, way of misreading by way, pair by pair.

    t is the difference of two slices' rates over its standard error, each slice's variance being drawn (with
    ten people's weight) towards what chance and the pooled correlation imply at the rate of everyone
    together: what :func:`~fer_audit.stats.association.studentised.largest_difference` takes the maximum of.

    Args:
        family: what is compared.
        arrangement: shape (B, V): from which place the answers in each place are taken.

    Returns:
        shape (B, H): 0 where nothing differs.
    """
    blocks, places = arrangement.shape
    where = np.zeros((blocks, len(family.levels), places))
    where[np.arange(blocks)[:, None], family.owner, arrangement] = 1.0
    flat = where.reshape(-1, places)
    found = []
    for part in family.parts:
        about = np.stack([family.has[:, part.label], family.thinness[:, part.label]], axis=1)
        table = np.concatenate([part.values, part.values**2, about], axis=1)
        sums = (flat @ table).reshape(blocks, len(family.levels), -1)[:, part.slices]
        found.append(_part_t(family, part, arrangement, np.swapaxes(sums, 1, 2)).reshape(blocks, -1))
    return np.concatenate(found, axis=1)


def _part_t(
    family: Family, part: LabelScan, arrangement: NDArray[np.int64], sums: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Shape (B, C, P), from sums over slices of shape (B, 2 C + 2, S)."""
    ways = len(part.measures)
    # Where people with as many labels, not the same ones, change places, a slice may lose all who have this.
    people = np.maximum(sums[:, -2:-1], 1.0)
    depth = people / np.where(sums[:, -1:] > 0, sums[:, -1:], people)
    rate = sums[:, :ways] / people
    scatter = np.maximum(sums[:, ways : 2 * ways] - people * rate**2, 0.0)
    own = scatter / np.maximum(people - 1.0, 1.0)
    over_people = moderate_variance(own, depth, people, part.centre[:, None]) / people
    s, t = part.first, part.second
    variance = over_people[..., s] + over_people[..., t]
    if part.shared:
        columns = np.array([pair.column for pair in part.shared])
        i, j = s[columns], t[columns]
        common = _common(family, part, arrangement, rate)[..., i, j]
        widen = np.sqrt(people / np.maximum(people - 1.0, 1.0)) / people
        influence = (
            (own / people)[..., i] + (own / people)[..., j] - 2.0 * common * widen[..., i] * widen[..., j]
        )
        expected = np.stack([pair.expected for pair in part.shared], axis=-1)
        fewer = np.minimum(people[..., i], people[..., j])
        variance[..., columns] = moderate_paired(np.maximum(influence, 0.0), expected, fewer)
    return studentise(rate[..., s] - rate[..., t], variance)


def _common(
    family: Family, part: LabelScan, arrangement: NDArray[np.int64], rate: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Sums over people of the product of their deviations in two slices; shape (B, C, S, S)."""
    blocks, slices = len(arrangement), len(part.slices)
    position = np.full(len(family.levels), -1)
    position[part.slices] = np.arange(slices)
    _, who, times = np.unique(family.person, return_inverse=True, return_counts=True)
    places = np.flatnonzero((times[who] > 1) & (position[family.owner] >= 0))
    people, row = np.unique(who[places], return_inverse=True)
    column = position[family.owner[places]]
    taken = arrangement[:, places]
    here = family.has[taken, part.label][..., None]
    deviation = part.values[taken] - here * np.swapaxes(rate, 1, 2)[:, column]
    grid = np.zeros((blocks, part.values.shape[1], slices, len(people)))
    grid[:, :, column, row] = np.swapaxes(deviation, 1, 2)
    return grid @ np.swapaxes(grid, 2, 3)

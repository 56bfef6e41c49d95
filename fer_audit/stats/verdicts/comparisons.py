"""The comparisons of a verdict: every pair of slices by name, in built-in types."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fer_audit.results import Comparison

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.differences.engine import Differences
    from fer_audit.stats.tally import Tally

__all__ = ["list_comparisons"]


def list_comparisons(tally: Tally, found: Differences, p: NDArray[np.float64]) -> tuple[Comparison, ...]:
    """Every pair that could be compared, by name, oriented so that the estimate is not negative.

    Args:
        tally: one table, without replicate axes; it names slices and labels.
        found: its pairs.
        p: shape (P,): what each pair reports as its p.

    Returns:
        In the order of the pairs. Hundreds of slices make tens of thousands of them, so whole columns become
        lists at once and pairs over the same labels share one tuple of names.
    """
    pairs = np.flatnonzero(found.compared)
    rates = np.stack([found.rate_first, found.rate_second])[:, pairs]
    more = np.where(rates[0] >= rates[1], 0, 1)
    sides, place = np.stack([more, 1 - more]), np.arange(len(pairs))
    level = np.stack([found.layout.first, found.layout.second])[sides, pairs]
    value = rates[sides, place]
    people, images = found.people[pairs, sides], np.rint(found.images[pairs, sides]).astype(np.int64)
    names = np.array(tally.levels, dtype=np.object_)
    kinds = [""] * len(found.compared)
    labels: list[tuple[str, ...]] = [()] * len(found.compared)
    for block in found.layout.blocks:
        kind, common = str(block.kind), tuple(tally.labels[label] for label in block.labels.tolist())
        for pair in block.pairs.tolist():
            kinds[pair], labels[pair] = kind, common
    # One column a field of the comparison, in their order.
    columns = (
        names[level[0]],
        names[level[1]],
        value[0] - value[1],
        found.lower[pairs],
        found.upper[pairs],
        p[pairs],
        *value,
        *people,
        *images,
    )
    return tuple(
        map(
            Comparison,
            *(column.tolist() for column in columns),
            (kinds[pair] for pair in pairs.tolist()),
            (labels[pair] for pair in pairs.tolist()),
            found.alike[pairs].tolist(),
        )
    )

"""Bounds of every pair of slices that reach wordings which were not tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fer_audit.stats.wordings.clustering import Widened, widen
from fer_audit.stats.wordings.tables import cluster_pair

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.differences.engine import Differences
    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally
    from fer_audit.stats.wordings.tables import WordedTally

__all__ = ["held_by_pair", "reach_new_wordings"]


def held_by_pair(tally: Tally, found: Differences) -> dict[int, NDArray[np.bool_]]:
    """Which cells each compared pair rests on: of twins, labels count for people who have them twice.

    Returns:
        Position of the pair to shape (U, labels).
    """
    everything = tally.images > 0
    return {
        int(pair): everything if block.held is None else block.held
        for block in found.layout.blocks
        for pair in block.pairs
    }


def reach_new_wordings(
    tally: Tally, found: Differences, table: WordedTally, tolerance: float, settings: Settings
) -> Widened:
    """Widen both bounds of every pair by what wordings add to its variance.

    Args:
        tally: all wordings together, as they were compared.
        found: the comparison.
        table: the same, wording by wording; hits may carry replicate axes.
        tolerance: the largest difference allowed.
        settings: error rate.

    Returns:
        Of shape (..., P); pairs that are not compared keep their bounds.
    """
    slices = int(found.layout.assessable.sum())
    lower, upper = found.lower.copy(), found.upper.copy()
    p = np.ones_like(lower)
    for pair, held in held_by_pair(tally, found).items():
        levels = int(found.layout.first[pair]), int(found.layout.second[pair])
        variances = cluster_pair(table, levels, np.flatnonzero(found.labels[pair]), held)
        wide = widen(
            np.abs(found.difference[..., pair]),
            found.error[..., pair],
            found.upper[..., pair],
            variances.added,
            people=int(found.people[pair].min()),
            wordings=len(table.names),
            slices=slices,
            tolerance=tolerance,
            settings=settings,
        )
        lower[..., pair] = wide.lower
        upper[..., pair] = wide.upper
        p[..., pair] = wide.p
    return Widened(lower, upper, p)

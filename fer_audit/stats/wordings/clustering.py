"""Two-way clustering: what a difference owes to these people, and what to these wordings.

A claim about new people asked in new wordings has to reckon with both samples. Cameron, Gelbach and Miller
(2011), Journal of Business & Economic Statistics 29, 238-249.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.stats.quantiles import range_quantile, range_tail, student_quantile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.settings import Settings

__all__ = ["FEWEST_WORDINGS", "TwoWay", "Widened", "two_way", "widen"]

FEWEST_WORDINGS = 10
"""Wordings below which nothing is said about new ones: so few clusters give no variance to rely on."""

_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class TwoWay:
    """Variances of a sum of contributions, clustered in either way and in both.

    Attributes:
        people: shape (...): with people as clusters.
        wordings: shape (...): with wordings as clusters.
        both: shape (...): with each person in each wording as a cluster.
    """

    people: NDArray[np.float64]
    wordings: NDArray[np.float64]
    both: NDArray[np.float64]

    @property
    def total(self) -> NDArray[np.float64]:
        """V_people + V_wordings - V_both."""
        return self.people + self.wordings - self.both

    @property
    def added(self) -> NDArray[np.float64]:
        """What wordings add to the variance over people; 0 where they seem to take from it."""
        return np.maximum(self.wordings - self.both, 0.0)


def two_way(contributions: NDArray[np.float64], asked: NDArray[np.bool_]) -> TwoWay:
    """Cluster contributions by person, by wording and by both, each with its factor G / (G - 1).

    Args:
        contributions: shape (..., people, W): of each person in each wording to an estimate, centred.
        asked: shape (people, W): where there is a contribution at all.

    >>> table = np.array([[0.1, -0.1], [0.2, -0.2]])
    >>> found = two_way(table, np.ones((2, 2), dtype=bool))
    >>> float(found.people), round(float(found.wordings), 2), round(float(found.both), 4)
    (0.0, 0.36, 0.1333)
    """
    persons, wordings = int(asked.any(1).sum()), int(asked.any(0).sum())
    return TwoWay(
        people=_corrected((contributions.sum(-1) ** 2).sum(-1), persons),
        wordings=_corrected((contributions.sum(-2) ** 2).sum(-1), wordings),
        both=_corrected((contributions**2).sum((-2, -1)), int(asked.sum())),
    )


def _corrected(total: NDArray[np.float64], clusters: int) -> NDArray[np.float64]:
    return np.asarray(total * clusters / max(clusters - 1, 1))


@dataclass(frozen=True, slots=True, eq=False)
class Widened:
    """Bounds that reach new wordings.

    Attributes:
        lower: shape (...): decides FAIL.
        upper: shape (...): decides PASS.
        p: shape (...): of "the difference is at most the tolerance", adjusted for all pairs of slices.
    """

    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    p: NDArray[np.float64]


def widen(
    gap: NDArray[np.float64],
    error: NDArray[np.float64],
    upper: NDArray[np.float64],
    added: NDArray[np.float64],
    *,
    people: int,
    wordings: int,
    slices: int,
    tolerance: float,
    settings: Settings,
) -> Widened:
    """Both bounds of a difference, with the variance over wordings added and as few degrees of freedom.

    The bounds over people keep their floors: what they reach beyond the estimate is taken for a
    quantile times a standard error, and the variance of wordings joins that under the root. The degrees of
    freedom are min(G, W) - 1.

    Args:
        gap: shape (...): absolute difference.
        error: shape (...): standard error behind the FAIL bound over people.
        upper: shape (...): PASS bound over people.
        added: shape (...): variance that wordings add.
        people: of the smaller slice.
        wordings: how many.
        slices: over which FAIL is simultaneous.
        tolerance: the largest difference allowed.
        settings: error rate.
    """
    freedom = np.full(gap.shape, float(min(people, wordings) - 1))
    whole = np.sqrt(error**2 + added)
    quantile = range_quantile(slices, freedom, settings.alpha) / np.sqrt(2.0)
    t = student_quantile(1 - settings.alpha, freedom)
    own = np.maximum(upper - gap, 0.0) / student_quantile(1 - settings.alpha, 2 * people - 2)
    wide = np.minimum(gap + t * np.sqrt(own**2 + added), 1.0)
    excess = gap - tolerance
    beyond = excess > _ROUNDING
    tail = range_tail(np.sqrt(2.0) * excess / np.where(whole > 0, whole, 1.0), slices, freedom)
    return Widened(
        lower=gap - quantile * whole,
        upper=np.maximum(wide, upper),
        p=np.where(beyond, np.where(whole > 0, tail, 0.0), 1.0),
    )

"""How alike slices are in what is held fixed: means, shares and standardised mean differences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.confounding.factors import Factor
    from fer_audit.stats.confounding.observations import Observations

__all__ = ["Balance", "balance_of", "standardised_difference"]


@dataclass(frozen=True, slots=True, eq=False)
class Balance:
    """One covariate, or one stratum of a factor, slice by slice.

    Attributes:
        name: ``brightness``, or ``light = left``.
        mean: shape (S,): mean of the covariate, or share of the stratum; nan for a slice without rows.
        variance: shape (S,): its variance over images, each person counting once.
        share: whether ``mean`` is a share.
    """

    name: str
    mean: NDArray[np.float64]
    variance: NDArray[np.float64]
    share: bool


def standardised_difference(balance: Balance, first: int, second: int) -> float:
    """Difference of two slices in units of their pooled standard deviation; infinite where nothing varies.

    Austin (2009), Statistics in Medicine 28, 3083.

    >>> light = Balance("x", np.array([1.0, 0.0]), np.array([1.0, 1.0]), share=False)
    >>> standardised_difference(light, 0, 1)
    1.0
    """
    difference = float(balance.mean[first] - balance.mean[second])
    spread = float(np.sqrt((balance.variance[first] + balance.variance[second]) / 2))
    if spread > 0:
        return difference / spread
    return float(np.copysign(np.inf, difference)) if difference else difference


def balance_of(seen: Observations, factors: tuple[Factor, ...]) -> tuple[Balance, ...]:
    """Means and shares of every factor in every slice, each person of a slice counting the same.

    Args:
        seen: the rows that are compared.
        factors: what is held fixed, over the rows of the predictions.
    """
    slices = len(seen.levels)
    unit = seen.person * slices + seen.level
    _, place = np.unique(unit, return_inverse=True)
    weight = seen.share / np.bincount(place.ravel(), seen.share)[place.ravel()]
    total = np.bincount(seen.level, weight, slices).astype(np.float64)
    found = []
    for factor in factors:
        if factor.values is not None:
            found.append(
                _balance(factor.name, factor.values[seen.row], seen.level, weight, total, share=False)
            )
            continue
        codes = np.asarray(factor.codes)[seen.row]
        found += [
            _balance(f"{factor.name} = {name}", (codes == level) * 1.0, seen.level, weight, total, share=True)
            for level, name in enumerate(factor.levels)
        ]
    return tuple(found)


def _balance(
    name: str,
    values: NDArray[np.float64],
    level: NDArray[np.int64],
    weight: NDArray[np.float64],
    total: NDArray[np.float64],
    *,
    share: bool,
) -> Balance:
    slices = len(total)
    divisor = np.where(total > 0, total, np.nan)
    mean = np.bincount(level, weight * values, slices) / divisor
    variance = np.bincount(level, weight * (values - mean[level]) ** 2, slices) / divisor
    return Balance(name, mean, variance, share)

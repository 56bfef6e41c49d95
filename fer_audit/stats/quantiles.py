"""Quantiles and tail probabilities behind the bounds: Student's t and the studentised range.

The studentised range of k means is what makes the FAIL bound hold over all pairs of k slices at once (Tukey).
scipy integrates it adaptively, one value at a time; here its distribution for one k is tabulated once
and everything after that is vectorised, so that thousands of comparisons cost what one does.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.polynomial import chebyshev
from scipy.special import ndtr, stdtr, stdtrit

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["range_quantile", "range_tail", "student_quantile"]

_WIDEST = 18.0  # the range of hundreds of standard normals stays below this beyond double precision
_STEPS = 64  # table steps per unit of range: cubic Hermite error below 1e-10
_INNER = np.arange(-9.0, 10.0, 0.125)  # trapezoid nodes of the largest of k normals: exponentially exact
_OUTER = 96  # trapezoid nodes of the estimated standard deviation, on a log scale
_LARGEST_INVERSE = 0.25  # the interpolation in 1/df begins at 4 degrees of freedom
_CHEBYSHEV = 32


def student_quantile(probability: ArrayLike, df: ArrayLike) -> NDArray[np.float64]:
    """The value that Student's t stays below with this probability.

    >>> round(float(student_quantile(0.95, 14)), 4)
    1.7613
    """
    return np.asarray(stdtrit(np.asarray(df, dtype=np.float64), np.asarray(probability, dtype=np.float64)))


def range_quantile(slices: int, df: ArrayLike, alpha: float) -> NDArray[np.float64]:
    """The difference, in standard errors of a mean, that the range of k means exceeds with probability alpha.

    Args:
        slices: number of means, at least 2.
        df: degrees of freedom of the standard error, any shape.
        alpha: probability of exceeding.

    Returns:
        Same shape as ``df``; within 1e-8 of the exact quantile. Tukey (1953).

    >>> round(float(range_quantile(4, 30, 0.05)), 4)
    3.8454
    """
    freedom = np.asarray(df, dtype=np.float64)
    if slices == 2:  # noqa: PLR2004 - the range of two means is a t-test
        return np.asarray(np.sqrt(2.0) * stdtrit(freedom, 1 - alpha / 2))
    inverse = 1 / freedom
    few = inverse > _LARGEST_INVERSE
    out = chebyshev.chebval(
        np.where(few, 0.0, 2 * inverse / _LARGEST_INVERSE - 1), _quantile_series(slices, alpha)
    )
    if few.any():
        out = np.where(few, _solve_quantile(slices, freedom, alpha), out)
    return np.asarray(out)


def range_tail(value: ArrayLike, slices: int, df: ArrayLike) -> NDArray[np.float64]:
    """Probability that the studentised range of k means exceeds a value: the adjusted p of a comparison.

    Args:
        value: studentised range; anything not above 0 has probability 1.
        slices: number of means, at least 2.
        df: degrees of freedom, broadcast against ``value``.

    >>> round(float(range_tail(3.8454, 4, 30)), 4)
    0.05
    """
    q, freedom = np.broadcast_arrays(np.asarray(value, dtype=np.float64), np.asarray(df, dtype=np.float64))
    if slices == 2:  # noqa: PLR2004 - as above
        return np.asarray(np.where(q > 0, 2 * stdtr(freedom, -np.maximum(q, 0) / np.sqrt(2.0)), 1.0))
    tail = 1 - _distribution(slices, np.maximum(q, 0), freedom)
    return np.asarray(np.where(q > 0, np.clip(tail, 0, 1), 1.0))


@dataclass(frozen=True, slots=True, eq=False)
class _RangeTable:
    """Distribution of the range of k standard normals and its density on an even grid."""

    distribution: NDArray[np.float64]
    density: NDArray[np.float64]


@lru_cache(maxsize=128)
def _range_table(slices: int) -> _RangeTable:
    width = np.arange(0.0, _WIDEST + 1 / _STEPS, 1 / _STEPS)[:, None]
    step = _INNER[1] - _INNER[0]
    normal = np.exp(-(_INNER**2) / 2) / np.sqrt(2 * np.pi)
    shifted = _INNER - width
    inside = np.maximum(ndtr(_INNER) - ndtr(shifted), 0)
    rest = inside ** (slices - 2)
    other = np.exp(-(shifted**2) / 2) / np.sqrt(2 * np.pi)
    return _RangeTable(
        slices * step * (normal * rest * inside).sum(1),
        slices * (slices - 1) * step * (normal * rest * other).sum(1),
    )


def _range_distribution(slices: int, width: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cubic Hermite interpolation of the table."""
    table = _range_table(slices)
    place = np.minimum(width, _WIDEST) * _STEPS
    left = np.minimum(place.astype(np.int64), len(table.distribution) - 2)
    x = place - left
    low, high = table.distribution[left], table.distribution[left + 1]
    slope_low, slope_high = table.density[left] / _STEPS, table.density[left + 1] / _STEPS
    return np.asarray(
        low
        + x * (slope_low + x * (3 * (high - low) - 2 * slope_low - slope_high))
        + x**3 * (2 * (low - high) + slope_low + slope_high)
    )


def _distribution(slices: int, value: NDArray[np.float64], df: NDArray[np.float64]) -> NDArray[np.float64]:
    """Average the range's distribution over the estimated standard deviation, sqrt(chi2 / df)."""
    freedom = df[..., None]
    spread = 1 / np.sqrt(2 * freedom)
    left = -np.maximum(9 * spread, 34 / freedom)
    x = left + (np.minimum(9 * spread, 3.5) - left) * np.linspace(0, 1, _OUTER)
    log_density = freedom * (x - np.expm1(2 * x) / 2)
    weight = np.exp(log_density - log_density.max(-1, keepdims=True))
    weight /= weight.sum(-1, keepdims=True)
    return np.asarray((weight * _range_distribution(slices, value[..., None] * np.exp(x))).sum(-1))


def _solve_quantile(slices: int, df: NDArray[np.float64], alpha: float) -> NDArray[np.float64]:
    low, high = np.zeros_like(df), np.full_like(df, 1e5)
    for _ in range(70):
        middle = (low + high) / 2
        above = _distribution(slices, middle, df) > 1 - alpha
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return np.asarray((low + high) / 2)


@lru_cache(maxsize=256)
def _quantile_series(slices: int, alpha: float) -> NDArray[np.float64]:
    """Chebyshev coefficients of the quantile as a function of 1/df on (0, 1/4]."""

    def quantile(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return _solve_quantile(slices, 1 / ((x + 1) / 2 * _LARGEST_INVERSE), alpha)

    nodes = chebyshev.chebpts1(_CHEBYSHEV + 1)
    return np.asarray(chebyshev.chebfit(nodes, quantile(nodes), _CHEBYSHEV))

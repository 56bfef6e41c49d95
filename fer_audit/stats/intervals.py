"""Score intervals for a difference of two proportions, at sample sizes that need not be whole numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["difference_score", "difference_upper"]

_CONVERGED = 1e-13
_MOST_STEPS = 100
_FARTHEST = 40.0  # a z-score this size decides everything; it stands in for an infinite one


def difference_score(
    rate_a: ArrayLike, size_a: ArrayLike, rate_b: ArrayLike, size_b: ArrayLike, delta: ArrayLike
) -> NDArray[np.float64]:
    """How many standard errors the observed difference a - b lies above a true difference of delta.

    The standard error is that of the most likely pair of rates whose difference is delta (closed form), so
    it does not vanish where nothing went wrong by luck. Miettinen and Nurminen (1985), eq. 9 and appendix;
    Farrington and Manning (1990).

    Args:
        rate_a: observed proportion of the first group.
        size_a: its effective number of observations.
        rate_b: observed proportion of the second group.
        size_b: its effective number of observations.
        delta: the difference under test, within [-1, 1]; all five broadcast.

    Returns:
        The z-score; infinite where delta leaves no room for chance, 0 where delta is what was observed.

    >>> round(float(difference_score(0 / 40, 40, 3 / 28, 28, -0.3)), 4)
    2.2105
    """
    p_a, n_a, p_b, n_b, d = (np.asarray(x, dtype=np.float64) for x in (rate_a, size_a, rate_b, size_b, delta))
    total, hits_b = n_a + n_b, p_b * n_b
    hits = p_a * n_a + hits_b
    square = (n_a + 2 * n_b) * d - total - hits
    linear = (n_b * d - total - 2 * hits_b) * d + hits
    constant = hits_b * d * (1 - d)
    shift = square / (3 * total)
    q = shift**3 - linear * square / (6 * total**2) + constant / (2 * total)
    p = np.copysign(np.sqrt(np.maximum(shift**2 - linear / (3 * total), 0)), q)
    p = np.where(p == 0, 1e-100, p)
    angle = (np.pi + np.arccos(np.clip(q / p**3, -1, 1))) / 3
    null_b = np.clip(2 * p * np.cos(angle) - shift, np.maximum(0, -d), np.minimum(1, 1 - d))
    null_a = np.clip(null_b + d, 0, 1)
    variance = (null_a * (1 - null_a) / n_a + null_b * (1 - null_b) / n_b) * total / (total - 1)
    distance = p_a - p_b - d
    certain = np.where(np.abs(distance) < 1e-12, 0.0, np.copysign(np.inf, distance))  # noqa: PLR2004 - rounding
    return np.where(variance > 0, distance / np.sqrt(np.where(variance > 0, variance, 1)), certain)


def difference_upper(
    rate_a: ArrayLike, size_a: ArrayLike, rate_b: ArrayLike, size_b: ArrayLike, quantile: ArrayLike
) -> NDArray[np.float64]:
    """The smallest delta such that the data speak against a difference of +delta and against one of -delta.

    Args:
        rate_a: observed proportion of the first group.
        size_a: its effective number of observations.
        rate_b: observed proportion of the second group.
        size_b: its effective number of observations.
        quantile: how many standard errors count as speaking against, e.g. 1.645; all five broadcast.

    Returns:
        Within [|a - b|, 1].

    >>> round(float(difference_upper(1.0, 30, 1.0, 30, 1.645)), 4)
    0.0827
    """
    p_a, n_a, p_b, n_b, t = np.broadcast_arrays(
        *(np.asarray(x, dtype=np.float64) for x in (rate_a, size_a, rate_b, size_b, quantile))
    )
    start = np.abs(p_a - p_b)
    above = _crossing(p_a, n_a, p_b, n_b, quantile=t, start=start)
    below = _crossing(p_b, n_b, p_a, n_a, quantile=t, start=start)
    return np.maximum(above, below)


def _crossing(
    p_a: NDArray[np.float64],
    n_a: NDArray[np.float64],
    p_b: NDArray[np.float64],
    n_b: NDArray[np.float64],
    *,
    quantile: NDArray[np.float64],
    start: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Where the score falls to minus the quantile, between start and 1, by the Illinois method."""

    def excess(delta: NDArray[np.float64]) -> NDArray[np.float64]:
        score = difference_score(p_a, n_a, p_b, n_b, delta)
        return np.asarray(np.clip(score, -_FARTHEST, _FARTHEST) + quantile)

    low, high = np.array(start), np.ones_like(start)
    at_low, at_high = excess(low), np.minimum(excess(high), -1e-9)
    passed = at_low <= 0
    at_low = np.where(passed, 1.0, at_low)
    moved = np.zeros(start.shape)
    for step in range(_MOST_STEPS):
        done = (high - low < _CONVERGED) | passed
        if done.all():
            break
        secant = (low * at_high - high * at_low) / (at_high - at_low)
        halved = (low + high) / 2
        # Every third step halves the bracket, so that a flat score cannot stall the search.
        middle = halved if step % 3 == 2 else np.clip(secant, low, high)  # noqa: PLR2004 - every third
        value = excess(middle)
        right = value <= 0
        at_low = np.where(right, np.where(moved == 1, at_low / 2, at_low), value)
        at_high = np.where(
            right, np.where(value == 0, -1e-300, value), np.where(moved == -1, at_high / 2, at_high)
        )
        low, high = np.where(right, low, middle), np.where(right, middle, high)
        moved = np.where(right, 1, -1)
    return np.where(passed, start, high)

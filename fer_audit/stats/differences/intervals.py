"""Score intervals for a difference of two proportions, at sample sizes that need not be whole numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

__all__ = ["difference_score", "difference_upper", "difference_within"]

_CONVERGED = 1e-12
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
    0.084
    """
    given = np.broadcast_arrays(
        *(np.asarray(x, dtype=np.float64) for x in (rate_a, size_a, rate_b, size_b, quantile))
    )
    p_a, n_a, p_b, n_b, t = (x.ravel() for x in given)
    upper = _crossing(p_a, n_a, p_b, n_b, quantile=t, start=np.abs(p_a - p_b))
    # The bound on the other side is nearly always the tighter one: solve it only where it is not.
    wide = np.flatnonzero(difference_score(p_b, n_b, p_a, n_a, upper) > _CONVERGED - t)
    upper[wide] = _crossing(p_b[wide], n_b[wide], p_a[wide], n_a[wide], quantile=t[wide], start=upper[wide])
    return np.asarray(upper.reshape(given[0].shape))


def difference_within(
    rate_a: ArrayLike,
    size_a: ArrayLike,
    rate_b: ArrayLike,
    size_b: ArrayLike,
    quantile: ArrayLike,
    *,
    delta: float,
) -> NDArray[np.bool_]:
    """Whether :func:`difference_upper` is at most delta, found without looking for it.

    Args:
        rate_a: observed proportion of the first group.
        size_a: its effective number of observations.
        rate_b: observed proportion of the second group.
        size_b: its effective number of observations.
        quantile: how many standard errors count as speaking against.
        delta: the bound in question, within [0, 1].

    >>> bool(difference_within(1.0, 30, 1.0, 30, 1.645, delta=0.085))
    True
    >>> bool(difference_within(1.0, 30, 1.0, 30, 1.645, delta=0.083))
    False
    """
    gap = np.abs(np.asarray(rate_a, dtype=np.float64) - np.asarray(rate_b, dtype=np.float64))
    against = np.asarray(quantile, dtype=np.float64) - _CONVERGED
    above = difference_score(rate_a, size_a, rate_b, size_b, delta) <= -against
    below = difference_score(rate_b, size_b, rate_a, size_a, delta) <= -against
    return np.asarray((gap <= delta) & above & below | (delta >= 1))


def _crossing(
    p_a: NDArray[np.float64],
    n_a: NDArray[np.float64],
    p_b: NDArray[np.float64],
    n_b: NDArray[np.float64],
    *,
    quantile: NDArray[np.float64],
    start: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Where the score falls to minus the quantile, between start and 1; all of shape (N,)."""

    def excess(delta: NDArray[np.float64], at: NDArray[np.int64]) -> NDArray[np.float64]:
        score = difference_score(p_a[at], n_a[at], p_b[at], n_b[at], delta)
        return np.asarray(np.clip(score, -_FARTHEST, _FARTHEST) + quantile[at])

    everywhere = np.arange(len(start))
    root = np.array(start)
    open_ = np.flatnonzero((excess(start, everywhere) > 0) & (start < 1))
    root[open_] = _root(lambda delta, at: excess(delta, open_[at]), start[open_], np.ones(len(open_)))
    return root


def _root(
    function: Callable[[NDArray[np.float64], NDArray[np.int64]], NDArray[np.float64]],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Zero between a positive value at ``low`` and one not positive at ``high``; Chandrupatla (1997).

    Inverse quadratic steps where the last three points allow them, else halving; solved elements drop out.
    """
    root, at = np.array(high), np.arange(len(low))
    a, b = np.array(low), np.array(high)
    f_a, f_b = function(a, at), np.minimum(function(b, at), -1e-9)
    step = np.full(len(low), 0.5)
    for _ in range(_MOST_STEPS):
        if not len(at):
            break
        x = a + step * (b - a)
        f_x = function(x, at)
        same = (f_x > 0) == (f_a > 0)
        c, f_c = np.where(same, a, b), np.where(same, f_a, f_b)
        b, f_b = np.where(same, b, a), np.where(same, f_b, f_a)
        a, f_a = x, f_x
        root[at] = np.where(np.abs(f_a) < np.abs(f_b), a, b)
        width = np.abs(b - a)
        going = (width > _CONVERGED) & (f_a != 0)
        at, a, b, c, width = (v[going] for v in (at, a, b, c, width))
        f_a, f_b, f_c = f_a[going], f_b[going], f_c[going]
        place, rise = (a - b) / (c - b), (f_a - f_b) / (f_c - f_b)
        smooth = (rise**2 < place) & ((1 - rise) ** 2 < 1 - place)
        safe = np.where(smooth, f_c, f_a + f_b + 1)
        quadratic = f_a / (f_b - f_a) * safe / (f_b - safe) + (c - a) / (b - a) * f_a / (safe - f_a) * f_b / (
            safe - f_b
        )
        margin = _CONVERGED / 4 / width
        step = np.clip(np.where(smooth, quadratic, 0.5), margin, 1 - margin)
    return root

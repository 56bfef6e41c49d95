"""The score test for a ratio of two rates, as Koopman and Miettinen and Nurminen derived it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["ratio_score"]

# A distance below this is rounding: the rates have the very ratio that is asked about.
_ROUNDING = 1e-12


def ratio_score(
    hits_a: ArrayLike, images_a: ArrayLike, hits_b: ArrayLike, images_b: ArrayLike, ratio: ArrayLike
) -> NDArray[np.float64]:
    """How far two observed rates are from a given ratio, in standard errors under that ratio.

    The rates under the hypothesis p_a = R p_b are the maximum-likelihood ones, a root of a quadratic, so
    the statistic needs no continuity correction and is defined when one count is 0. The variance carries
    Miettinen and Nurminen's factor N / (N - 1); without it the square is Koopman's chi-square.
    Arguments broadcast; counts may be fractions (effective counts).

    Args:
        hits_a: events in a.
        images_a: trials in a, above 0.
        hits_b: events in b.
        images_b: trials in b, above 0.
        ratio: R, above 0.

    Returns:
        z, positive where a / b exceeds R; 0 where neither has an event, which says nothing of a ratio.

    Source: Koopman (1984), Biometrics 40, 513-517; Miettinen and Nurminen (1985), Statistics in
    Medicine 4, 213-226, equations 10 to 12.

    >>> round(float(ratio_score(10, 40, 10, 40, 1.0)), 12)
    0.0
    >>> bool(ratio_score(20, 40, 10, 40, 1.0) > 0)
    True
    """
    x_a, n_a, x_b, n_b, r = (np.asarray(v, dtype=float) for v in (hits_a, images_a, hits_b, images_b, ratio))
    total = n_a + n_b
    events = x_a + x_b
    linear = n_a * r + x_a + n_b + x_b * r
    # The smaller root, written so that nothing cancels; the discriminant is a sum of squares in disguise
    # and only rounding takes it below 0.
    root = np.sqrt(np.maximum(linear * linear - 4.0 * total * r * events, 0.0))
    p_b = np.clip(2.0 * events / (linear + root), 0.0, 1.0)
    p_a = np.clip(r * p_b, 0.0, 1.0)
    # Two images at least: with fewer the factor would change its sign, and nothing is decided anyway.
    correction = total / np.maximum(total - 1.0, 0.5)
    variance = (p_a * (1.0 - p_a) / n_a + r * r * p_b * (1.0 - p_b) / n_b) * correction
    distance = x_a / n_a - r * x_b / n_b
    decided = variance > 0.0
    certain = np.where(np.abs(distance) > _ROUNDING, np.copysign(np.inf, distance), 0.0)
    return np.where(decided, distance / np.sqrt(np.where(decided, variance, 1.0)), certain)

"""How far apart two mean scores may be: what people's spread, its skewness and unseen answers leave open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["WIDEST", "score_reach", "score_upper"]

WIDEST = 2.0
"""No two means of confidence minus right can be further apart."""

_NO_VARIANCE = 1e-18


def score_reach(quantile: ArrayLike, unseen: ArrayLike) -> NDArray[np.float64]:
    """How far beyond the tolerance a difference must lie that is made of answers nobody gave yet.

    Where hardly anything varies (one confidence throughout, nearly every answer right), the excess x over the
    tolerance may be no more than a share x of wrong answers that happened not to be given; it has to exceed
    its own standard error, sqrt(x (1 - x) unseen), by the quantile.

    Args:
        quantile: standard errors of the decision.
        unseen: variance of the difference per unit of x (1 - x).

    >>> score_reach(1.96, 0.05).round(3).item()
    0.161
    """
    c = np.asarray(quantile, dtype=np.float64) ** 2 * np.asarray(unseen, dtype=np.float64)
    return np.asarray(c / (1 + c))


def score_upper(
    gap: ArrayLike, variance: ArrayLike, tail: ArrayLike, quantile: ArrayLike, unseen: ArrayLike
) -> NDArray[np.float64]:
    """The smallest tolerance that the data show the difference to stay within, one-sided.

    A t bound with Johnson's skewness term (Johnson 1978, eq. 2.6; for two samples Cressie and Whitford 1986):
    scores with a long tail towards the gap hide how far it reaches. Below it lies a floor for images that
    were not sampled: a right answer turned wrong moves a score by up to 1, and such turns may make up the
    whole tolerance without one of them being seen, so that its variance is at least delta (1 - delta) times
    what one image in so many people weighs.

    Args:
        gap: difference of the means, sign kept.
        variance: of the difference.
        tail: its third cumulant, sign as the gap's.
        quantile: standard errors of the decision.
        unseen: variance of the difference per unit of delta (1 - delta); all five broadcast.

    Returns:
        Within [abs(gap), 2].

    >>> score_upper(0.0, 0.0, 0.0, 1.7, 0.0125).round(3).item(), score_upper(0.1, 0.01, 0, 1.7, 0).item()
    (0.035, 0.27)
    """
    size = np.abs(np.asarray(gap, dtype=np.float64))
    spread = np.asarray(variance, dtype=np.float64)
    third = np.asarray(tail, dtype=np.float64)
    t = np.asarray(quantile, dtype=np.float64)
    # Without a direction the tail may point either way.
    towards = np.where(size == 0, np.abs(third), third * np.sign(gap))
    varies = spread > _NO_VARIANCE
    skewness = np.where(varies, np.maximum(towards, 0) / np.where(varies, spread, 1), 0) * (1 + 2 * t**2) / 6
    studentised = size + t * np.sqrt(spread) + skewness
    # (delta - size)^2 >= t^2 unseen delta (1 - delta): the larger root of a quadratic in delta.
    c = t**2 * np.asarray(unseen, dtype=np.float64)
    floor = (2 * size + c + np.sqrt(np.maximum(c * (c + 4 * size * (1 - size)), 0))) / (2 * (1 + c))
    return np.asarray(np.minimum(np.maximum(studentised, floor), WIDEST))

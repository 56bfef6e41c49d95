"""Calibration error of one group, without the error that small numbers alone would show.

The usual expected calibration error adds up how far confidence and accuracy lie apart in bins of confidence.
Chance drives them apart in every bin, so that a perfect model has an error of about .065 with 160 images and
.012 with 5,000, and a small group looks worse than a large one. Squared, each bin's excess is its variance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Calibration", "calibration_error"]

_MOST_BINS = 10
# A bin's variance is that between people: it needs some.
_PEOPLE_A_BIN = 8


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a model's confidence is worth on some images.

    Attributes:
        people: who is in them.
        images: how many there are.
        confidence: its mean.
        accuracy: share of right answers.
        bins: of confidence, each with about as many images.
        squared: mean squared distance of confidence and accuracy over the bins, the part that chance
            explains taken away; may fall below 0.
    """

    people: int
    images: float
    confidence: float
    accuracy: float
    bins: int
    squared: float

    @property
    def error(self) -> float:
        """The square root of ``squared``; 0 where chance explains all."""
        return float(np.sqrt(max(self.squared, 0.0)))


def calibration_error(
    confidence: NDArray[np.float64],
    right: NDArray[np.float64],
    person: NDArray[np.int64],
    weight: NDArray[np.float64],
    *,
    inflation: float = 1.0,
) -> Calibration | None:
    """Squared calibration error over bins of equal mass, debiased by what people's images vary.

    With g_k the mean of confidence minus right in bin k, W_k its weight and W their sum,

        error^2 = sum_k (W_k / W) (g_k^2 - v_k),   v_k = G_k / (G_k - 1) sum_i e_ik^2 / W_k^2,

    e_ik being the sum of weight (confidence - right - g_k) over the images of person i in the bin, and G_k
    its people: each bin's squared bias (Ferro and Fricker 2012; Kumar, Liang and Ma 2019), with the variance
    of a mean of clusters in place of that of independent images. Equal confidences share a bin.

    Args:
        confidence: shape (N,): probability that each answer is right.
        right: shape (N,): 1 where it is, else 0.
        person: shape (N,): who is in the image.
        weight: shape (N,): what each row counts; rows of one image share a weight of 1.
        inflation: factor on every variance, where it is not known who is in which picture.

    Returns:
        None where fewer than two people are in the images.

    >>> sure = np.repeat([0.6, 0.9], 10)
    >>> found = calibration_error(sure, np.tile([1.0, 0.0], 10), np.arange(20), np.ones(20))
    >>> found.bins, round(found.squared, 4), round(found.error, 2)
    (2, 0.0572, 0.24)
    """
    people = len(np.unique(person))
    if people < 2:  # noqa: PLR2004 - one person has no variance
        return None
    bins = _bins(confidence, weight, people)
    gap, variance, mass = np.zeros((3, int(bins.max()) + 1))
    for k in range(len(mass)):
        rows = np.flatnonzero(bins == k)
        mass[k] = weight[rows].sum()
        excess = confidence[rows] - right[rows]
        gap[k] = (weight[rows] * excess).sum() / mass[k]
        _, who = np.unique(person[rows], return_inverse=True)
        residual = np.bincount(who.ravel(), weight[rows] * (excess - gap[k]))
        # Of one person nothing is known of how people differ, so that all he shows may be chance.
        variance[k] = gap[k] ** 2
        if len(residual) > 1:
            clusters = len(residual) / (len(residual) - 1)
            variance[k] = clusters * (residual**2).sum() / mass[k] ** 2 * inflation
    total = float(mass.sum())
    return Calibration(
        people=people,
        images=total,
        confidence=float((weight * confidence).sum() / total),
        accuracy=float((weight * right).sum() / total),
        bins=len(mass),
        squared=float((mass * (gap**2 - variance)).sum() / total),
    )


def _bins(confidence: NDArray[np.float64], weight: NDArray[np.float64], people: int) -> NDArray[np.int64]:
    """Shape (N,): bins in ascending order of confidence, as many as people allow, of about equal mass."""
    wanted = int(np.clip(people // _PEOPLE_A_BIN, 1, _MOST_BINS))
    place = np.unique(confidence, return_inverse=True)[1].ravel()
    mass = np.bincount(place, weight)
    # Each value belongs where its middle falls.
    middle = (np.cumsum(mass) - mass / 2) / mass.sum()
    _, numbered = np.unique(np.minimum((middle * wanted).astype(np.int64), wanted - 1), return_inverse=True)
    return np.asarray(numbered.ravel()[place])

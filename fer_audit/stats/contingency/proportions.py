"""The two-proportion z-test of textbooks, on counts of pictures: what is usually reported of a disparity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from fer_audit.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["TwoProportions", "two_proportions"]


@dataclass(frozen=True, slots=True, eq=False)
class TwoProportions:
    """What the test says of many pairs of groups.

    Attributes:
        z: shape (...): how many standard errors the first share lies above the second; 0 where the event
            happened on no picture of either group, or on all.
        p: shape (...): the two-sided p-value.
    """

    z: NDArray[np.float64]
    p: NDArray[np.float64]


def two_proportions(
    hits_a: ArrayLike, images_a: ArrayLike, hits_b: ArrayLike, images_b: ArrayLike
) -> TwoProportions:
    """Whether an event happened on a larger share of one group's pictures than of another's.

    It takes pictures as independent: with several pictures a person its p-values are too small, and the share
    of false alarms is not the one its level names. The variance is pooled, without continuity correction.

    Args:
        hits_a: pictures of the first group on which the event happened; all four broadcast.
        images_a: its pictures, one or more.
        hits_b: as ``hits_a`` of the second group.
        images_b: as ``images_a`` of the second group.

    Raises:
        DataError: no pictures, or more events than pictures.

    Source: Fleiss, Levin and Paik (2003), Statistical Methods for Rates and Proportions, section 3.1.

    >>> found = two_proportions(17, 40, 8, 29)
    >>> round(float(found.z), 2), round(float(found.p), 2)
    (1.27, 0.2)
    """
    k_a, n_a, k_b, n_b = (np.asarray(x, dtype=np.float64) for x in (hits_a, images_a, hits_b, images_b))
    for hits, images in ((k_a, n_a), (k_b, n_b)):
        if not (np.all(images > 0) and np.all((hits >= 0) & (hits <= images))):
            raise DataError(
                f"{hits.tolist()} of {images.tolist()} pictures are no shares: give counts of pictures, one "
                "or more, and no more events than pictures"
            )
    pooled = (k_a + k_b) / (n_a + n_b)
    variance = pooled * (1 - pooled) * (1 / n_a + 1 / n_b)
    apart = k_a / n_a - k_b / n_b
    z = np.where(variance > 0, apart / np.sqrt(np.where(variance > 0, variance, 1.0)), 0.0)
    return TwoProportions(np.asarray(z), np.asarray(2 * ndtr(-np.abs(z))))

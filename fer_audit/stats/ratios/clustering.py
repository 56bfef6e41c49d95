"""What the images of one person are worth: correlation within people, design effects, effective counts.

Ten images of one person say less than one image of each of ten people. The design effect is the factor by
which clustering inflates the variance of a slice's rate; dividing counts by it gives the number of
independent images that would be as informative.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SliceCounts", "count_slices", "design_effect", "pooled_icc"]

# Weight of the pooled design effect against a slice's own, in people: a slice of ten believes itself half.
_PRIOR_PEOPLE = 10.0
# A mean square below this is rounding: nobody differs from anybody.
_NOTHING = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class SliceCounts:
    """Counts of one event by slice, with what their clustering within people needs.

    S slices; leading axes are replicates.

    Attributes:
        hits: shape (..., S): images with the event.
        images: shape (S,): images.
        people: shape (S,): people who have at least one image.
        squares: shape (S,): sum over people of their images squared.
        between: shape (..., S): sum over people of images times (own rate minus slice rate) squared.
        within: shape (..., S): sum over people of images times own rate times (1 - own rate).
        spread: shape (..., S): sum over people of (hits minus images times slice rate) squared.
        event_people: shape (..., S): people with at least one event.
    """

    hits: NDArray[np.float64]
    images: NDArray[np.float64]
    people: NDArray[np.float64]
    squares: NDArray[np.float64]
    between: NDArray[np.float64]
    within: NDArray[np.float64]
    spread: NDArray[np.float64]
    event_people: NDArray[np.float64]

    @property
    def rate(self) -> NDArray[np.float64]:
        """Shape (..., S): events an image; 0 in a slice without images."""
        return self.hits / np.maximum(self.images, 1.0)


def count_slices(
    hits: NDArray[np.float64], images: NDArray[np.float64], level: NDArray[np.int64], slices: int
) -> SliceCounts:
    """Add up one label's counts by slice.

    Args:
        hits: shape (..., U): images with the event, by unit.
        images: shape (U,): images, by unit; units without any are left out of everything.
        level: shape (U,): slice of each unit.
        slices: how many slices there are.

    >>> counts = count_slices(np.array([1.0, 2.0]), np.array([2.0, 2.0]), np.array([0, 0]), 1)
    >>> float(counts.rate[0]), float(counts.between[0]), float(counts.within[0])
    (0.75, 0.25, 0.5)
    """
    member = (level[:, None] == np.arange(slices)).astype(float)
    has = images > 0
    total = images @ member
    summed = hits @ member
    own = hits / np.where(has, images, 1.0)
    rate = (summed / np.maximum(total, 1.0))[..., level]
    deviation = np.where(has, own - rate, 0.0)
    return SliceCounts(
        hits=summed,
        images=total,
        people=has @ member,
        squares=(images**2) @ member,
        between=(images * deviation**2) @ member,
        within=(images * own * (1.0 - own)) @ member,
        spread=((images * deviation) ** 2) @ member,
        event_people=(hits > 0) @ member,
    )


def pooled_icc(counts: SliceCounts) -> NDArray[np.float64]:
    """How alike two images of one person are beyond two of different people, pooled over all slices.

    The one-way analysis-of-variance estimator of the intraclass correlation with unequal numbers of images,
    slice means removed. Never below 0; 0 where nothing varies or nobody has two images.

    Returns:
        shape (...,): the correlation, in [0, 1].

    Source: Donner (1986), International Statistical Review 54, 67-82; Ridout, Demetrio and Firth (1999),
    Biometrics 55, 137-148, their rho_A with the degrees of freedom added over slices.

    >>> alike = count_slices(np.array([0.0, 2.0]), np.array([2.0, 2.0]), np.array([0, 0]), 1)
    >>> float(pooled_icc(alike))
    1.0
    """
    present = counts.people > 0
    df_between = np.sum(np.where(present, counts.people - 1.0, 0.0))
    df_within = np.sum(counts.images - counts.people)
    if df_between <= 0 or df_within <= 0:
        return np.zeros(counts.hits.shape[:-1])
    # The number of images a person that makes the expected mean squares come out right.
    shares = np.where(present, counts.squares / np.where(present, counts.images, 1.0), 0.0)
    size = np.sum(counts.images - shares) / df_between
    between = np.sum(counts.between, axis=-1) / df_between
    within = np.sum(counts.within, axis=-1) / df_within
    scale = between + (size - 1.0) * within
    varies = scale > _NOTHING
    ratio = (between - within) / np.where(varies, scale, 1.0)
    return np.clip(np.where(varies, ratio, 0.0), 0.0, 1.0)


def design_effect(counts: SliceCounts, icc: NDArray[np.float64], floor: float) -> NDArray[np.float64]:
    """How many times the variance of independent images a slice's rate has, never taken below a floor.

    d = 1 + (sum m^2 / sum m - 1) max(icc, floor) is what the pooled correlation implies; the slice's own
    dispersion w = [G / (G - 1)] sum (k - m p)^2 / [sum m p~ (1 - p~)] is weighed against it with G - 1 to
    ten people, and the larger of d and the mixture is used: a slice may look noisier than the rest, it may
    not talk the noise away.

    Args:
        counts: of one event, by slice.
        icc: shape (...,): pooled correlation within people.
        floor: the correlation assumed unless the data show more.

    Returns:
        shape (..., S): the design effect.

    Source: Rao and Scott (1992), Biometrics 48, 577-585, for dividing counts by the dispersion.

    >>> single = count_slices(np.array([0.0, 1.0]), np.array([1.0, 1.0]), np.array([0, 0]), 1)
    >>> bool(design_effect(single, np.array(0.0), 0.2)[0] >= 1.0)
    True
    """
    images = np.maximum(counts.images, 1.0)
    implied = 1.0 + (counts.squares / images - 1.0) * np.maximum(icc, floor)[..., None]
    # Half an event in one more person keeps the expected variance above 0 at rates of 0 and 1.
    rate = (counts.people * counts.rate + 0.5) / (counts.people + 1.0)
    expected = images * rate * (1.0 - rate)
    correction = counts.people / np.maximum(counts.people - 1.0, 1.0)
    own = correction * counts.spread / expected
    mixed = (_PRIOR_PEOPLE * implied + (counts.people - 1.0) * own) / (_PRIOR_PEOPLE - 1.0 + counts.people)
    return np.maximum(implied, mixed)

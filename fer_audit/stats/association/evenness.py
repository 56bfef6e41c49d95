"""Whether slices are alike in everything but their rates: only then does a permutation test keep its size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fer_audit.stats.association.permutation import Kept
from fer_audit.stats.differences.moments import correlation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.association.permutation import Strata
    from fer_audit.stats.differences.moments import Moments

__all__ = ["dispersion_ratio", "images_ratio", "is_uneven", "why_unequal"]

# Beyond these ratios slices differ in more than their rates, and a rearrangement no longer resembles them.
_LARGEST_IMAGES_RATIO = 2.0
_LARGEST_DISPERSION_RATIO = 4.0
# Where 20 people face 10 whose images correlate by .3 instead of .02, the test alone finds, 14 times in 100,
# what is not there: the small slice is noisier than what it is exchanged with. So it does, 7 times in 100,
# where 20 people of 3 images face 28 of 6. A gap's bounds allow for both, and beyond these ratios they have
# to confirm.
_EVEN_PEOPLE_RATIO = 1.5
_EVEN_IMAGES_RATIO = 1.25
_EVEN_DISPERSION_RATIO = 2.0
# Weight of the pooled dispersion against a slice's own, in people; as in the bounds of a gap.
_PRIOR_PEOPLE = 10.0
_LEAST_DISPERSION = 0.5
# A variance below this is rounding.
_NOTHING = 1e-12


def is_uneven(people: float, images: float, dispersion: float) -> bool:
    """One slice has many more people than another, more images of each, or looks much noisier.

    Args:
        people: largest over smallest number of people.
        images: largest over smallest number of images a person.
        dispersion: largest over smallest dispersion between people.

    >>> is_uneven(1.2, 1.0, 1.8), is_uneven(2.0, 1.0, 1.0)
    (False, True)
    """
    return people > _EVEN_PEOPLE_RATIO or images > _EVEN_IMAGES_RATIO or dispersion > _EVEN_DISPERSION_RATIO


def why_unequal(strata: Strata, images: float, dispersion: float) -> str:
    """Why slices are not exchangeable even if the group makes no difference; empty if they are.

    A permutation test of means keeps its size only between slices alike in everything else. Images a person
    are compared as counted, dispersions between people as estimated.

    Args:
        strata: who may change places.
        images: largest over smallest number of images a person.
        dispersion: largest over smallest dispersion between people.
    """
    if strata.kept is Kept.NOTHING:
        return "hardly anyone has as many labels as people of another slice, so these cannot be told apart"
    if images > _LARGEST_IMAGES_RATIO:
        return f"images a person differ between slices by a factor of {images:.1f}"
    if dispersion > _LARGEST_DISPERSION_RATIO:
        return f"dispersions between people differ between slices by a factor of {dispersion:.1f}"
    return ""


def images_ratio(images: NDArray[np.float64], owner: NDArray[np.int64]) -> float:
    """Largest over smallest mean number of images a person, as counted.

    Args:
        images: shape (V,): images of each unit.
        owner: shape (V,): its slice, from 0, none of them empty.

    >>> images_ratio(np.array([2.0, 4.0, 6.0]), np.array([0, 0, 1]))
    2.0
    """
    depth = np.bincount(owner, images) / np.bincount(owner)
    return float(depth.max() / depth.min())


def dispersion_ratio(found: Moments) -> NDArray[np.float64]:
    """Largest over smallest dispersion between people.

    The dispersion of a slice is the variance of its person values over what independent images would show at
    its own rate, drawn with ten people's weight towards the pooled one, so that eight people do not raise
    the alarm by luck. Where everything or nothing was an event it does not show, and the slice is left out.

    Args:
        found: of the slices compared, with any replicate axes leading.

    Returns:
        Shape (...): 1 where fewer than two slices show it.
    """
    chance = found.rate * (1.0 - found.rate) / found.depth
    shows = chance > _NOTHING
    pooled = np.maximum(_LEAST_DISPERSION, 1.0 + correlation(found)[..., None] * (found.depth - 1.0))
    degrees = found.people - 1.0
    own = found.variance / np.where(shows, chance, 1.0)
    dispersion = (_PRIOR_PEOPLE * pooled + degrees * own) / (_PRIOR_PEOPLE + degrees)
    largest = np.where(shows, dispersion, -np.inf).max(axis=-1)
    smallest = np.where(shows, dispersion, np.inf).min(axis=-1)
    compared = shows.sum(axis=-1) > 1
    return np.asarray(np.where(compared, largest, 1.0) / np.where(compared, smallest, 1.0))

"""How large a share of images is in every slice, bounded over people: a level, not a difference.

The bounds are those of Korn and Graubard (1998), Survey Methodology 24, 193: exact binomial bounds (Clopper
and Pearson 1934) at the number of independent images that a slice is worth, which counts for less the fewer
people it is estimated from. A Wald bound would end at the estimate where nobody was misread; these do not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import betainc, betaincinv, ndtri

from fer_audit.stats.differences.moments import correlation, moments, spread
from fer_audit.stats.quantiles import student_quantile

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally

__all__ = [
    "Levels",
    "everybody",
    "find_levels",
    "people_for_level",
    "share_lower",
    "share_upper",
    "with_floor",
]

# The correlation of two slices is overestimated for both or for neither, and a difference forgives that; a
# level does not. Reckoning with .2, as differences do, a true .3 lets a false PASS rise to .063.
_LEAST_CORRELATION = 0.3
_NONE = 1e-9
_POWER = 0.8
_MOST_PEOPLE = 3_000
_ROUNDS = 5


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """What the people of S slices say of the true share; replicate axes lead.

    Attributes:
        slices: shape (S,): index into the tally's levels, of those with a label that enough people have.
        labels: shape (S, L): the labels that enough people of the slice have; the share is a mean over them.
        people: shape (S,): who has at least one of them.
        images: shape (S,): theirs.
        size: shape (..., S): how many independent images they are worth.
        rate: shape (..., S): the measure, averaged over people and then over labels.
        lower: shape (..., S): one-sided bound of error rate alpha.
        upper: shape (..., S): one-sided bound, simultaneous over the slices (Bonferroni).
        p: shape (..., S): p-value of "the true share is the level asked about, or more", adjusted for the
            slices: at most alpha exactly where ``upper`` lies below that level.
    """

    slices: NDArray[np.int64]
    labels: NDArray[np.bool_]
    people: NDArray[np.int64]
    images: NDArray[np.float64]
    size: NDArray[np.float64]
    rate: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    p: NDArray[np.float64]


def with_floor(settings: Settings) -> Settings:
    """The settings with the least correlation between images of one person that a level reckons with.

    >>> from fer_audit.stats.settings import Settings
    >>> with_floor(Settings()).pass_floor, with_floor(Settings(pass_floor=1)).pass_floor
    (0.3, 1)
    """
    return replace(settings, pass_floor=max(settings.pass_floor, _LEAST_CORRELATION))


def find_levels(tally: Tally, level: float, settings: Settings) -> Levels:
    """Estimate and bound the share in every slice that enough people speak for.

    Args:
        tally: hits and images; ``hits`` may carry leading replicate axes.
        level: the share that is asked about.
        settings: error rate, floors and the fewest people; see :func:`with_floor`.
    """
    held = tally.images > 0
    holders = np.zeros((len(tally.levels), len(tally.labels)), dtype=np.int64)
    np.add.at(holders, tally.level, held)
    enough = holders >= settings.least_people
    chosen = np.flatnonzero(enough.any(1))
    shape = (*tally.hits.shape[:-2], len(chosen))
    people, images = np.zeros(len(chosen), dtype=np.int64), np.zeros(len(chosen))
    rate, size = np.zeros(shape), np.ones(shape)
    # Slices with the same labels tell each other how alike the images of one person are.
    patterns, member = np.unique(enough[chosen], axis=0, return_inverse=True)
    for index, pattern in enumerate(patterns):
        at = np.flatnonzero(member.ravel() == index)
        found = moments(tally, chosen[at], np.flatnonzero(pattern))
        people[at], images[at] = np.rint(found.people), found.images
        rate[..., at] = found.rate
        size[..., at] = spread(found, correlation(found), settings).size
    alpha = settings.alpha / max(len(chosen), 1)
    return Levels(
        slices=chosen,
        labels=enough[chosen],
        people=people,
        images=images,
        size=size,
        rate=rate,
        lower=share_lower(rate, size, people, settings.alpha),
        upper=share_upper(rate, size, people, alpha),
        p=np.minimum(1.0, _tail(rate, _worth(size, people, alpha), level) * len(chosen)),
    )


def everybody(tally: Tally) -> Tally:
    """The same images with everybody in one slice; who was in several is one person there.

    Args:
        tally: without replicate axes.
    """
    people, person = np.unique(tally.person, return_inverse=True)
    person = person.ravel()
    hits, images = np.zeros((2, len(people), len(tally.labels)))
    np.add.at(hits, person, tally.hits)
    np.add.at(images, person, tally.images)
    return replace(
        tally,
        person=np.arange(len(people)),
        level=np.zeros(len(people), dtype=np.int64),
        hits=hits,
        images=images,
        levels=("everybody",),
    )


def people_for_level(rate: float, worth: float, level: float, alpha: float) -> int | None:
    """How many people of a slice show with 80 % power on which side of the level they lie.

    By the formula for one proportion (Fleiss, Levin and Paik 2003, section 2.5), at their number of
    independent images a person.

    Args:
        rate: the true share that is assumed.
        worth: independent images a person.
        level: the share that is asked about.
        alpha: error rate of the bound.

    Returns:
        None where more than 3,000 would be needed.

    >>> people_for_level(0.95, 2.0, 0.9, 0.05)
    104
    """
    apart = abs(rate - level)
    if apart < _NONE:
        return None
    spread = ndtri(1 - alpha) * np.sqrt(level * (1 - level)) + ndtri(_POWER) * np.sqrt(rate * (1 - rate))
    # Exact bounds are those with a continuity correction.
    needed = ((spread / apart) ** 2 + 1 / apart) / worth
    people = needed
    for _ in range(_ROUNDS):
        # Fewer people make a wider t, and that takes more people.
        people = needed / float(_worth(1.0, max(people, 2.0), alpha))
    return int(np.ceil(people)) if people <= _MOST_PEOPLE else None


def share_lower(rate: ArrayLike, size: ArrayLike, people: ArrayLike, alpha: float) -> NDArray[np.float64]:
    """The largest share that the data speak against from above, with error rate alpha.

    Args:
        rate: observed share.
        size: how many independent images it is worth.
        people: how many people that number is estimated from; all three broadcast.
        alpha: probability that the bound lies above the truth.

    >>> round(float(share_lower(1.0, 30, 1_000_000, 0.05)), 4) == round(0.05 ** (1 / 30), 4)
    True
    """
    worth = _worth(size, people, alpha)
    hits = np.asarray(rate, dtype=np.float64) * worth
    some = hits > _NONE
    return np.where(some, betaincinv(np.where(some, hits, 1.0), worth - hits + 1, alpha), 0.0)


def share_upper(rate: ArrayLike, size: ArrayLike, people: ArrayLike, alpha: float) -> NDArray[np.float64]:
    """The smallest share that the data speak against from below; arguments as :func:`share_lower`.

    >>> round(float(share_upper(0.9, 40, 20, 0.05) + share_lower(0.1, 40, 20, 0.05)), 12)
    1.0
    """
    return np.asarray(1 - share_lower(1 - np.asarray(rate, dtype=np.float64), size, people, alpha))


def _worth(size: ArrayLike, people: ArrayLike, alpha: float) -> NDArray[np.float64]:
    """Independent images, fewer by the square of how much wider Student's t is than the normal."""
    wider = student_quantile(1 - alpha, np.asarray(people) - 1) / ndtri(1 - alpha)
    return np.asarray(np.asarray(size, dtype=np.float64) / wider**2)


def _tail(rate: NDArray[np.float64], worth: NDArray[np.float64], level: float) -> NDArray[np.float64]:
    """Probability of at most so many hits if the true share were the level."""
    misses = (1 - rate) * worth
    some = misses > _NONE
    return np.where(some, betainc(np.where(some, misses, 1.0), rate * worth + 1, 1 - level), 1.0)

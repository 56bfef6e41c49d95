"""Whether slices are alike enough for the p of a scan: it looks at many rates, and small errors add up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fer_audit.stats.association.evenness import is_uneven
from fer_audit.stats.differences.moments import correlation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.differences.moments import Moments

__all__ = ["dispersions", "inflation", "must_confirm"]

# Where 28 people face 20 whose images correlate by .3 instead of .02, a scan alone finds, 8 times in 100,
# what is not there; where 20 face 20, 6 times. A test of one rate bears more.
_EVEN_DISPERSION_RATIO = 1.5
_EVEN_INFLATION = 1.03
# Weight of the pooled dispersion against a slice's own, in people; as in the bounds of a gap.
_PRIOR_PEOPLE = 10.0
_LEAST_DISPERSION = 0.5
# A variance below this is rounding.
_NOTHING = 1e-12


def must_confirm(people: float, images: float, dispersion: float, inflated: float) -> bool:
    """The bounds of a gap have to confirm what rearranging people finds.

    Args:
        people: largest over smallest number of people.
        images: largest over smallest number of images a person.
        dispersion: largest over smallest dispersion between people.
        inflated: see :func:`inflation`.

    >>> must_confirm(1.2, 1.0, 1.4, 1.0), must_confirm(1.2, 1.0, 1.4, 1.04)
    (False, True)
    """
    beyond = dispersion > _EVEN_DISPERSION_RATIO or inflated > _EVEN_INFLATION
    return beyond or is_uneven(people, images, dispersion)


def inflation(people: NDArray[np.float64], dispersion: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much more a difference varies than after people are exchanged: where the smaller slice is noisier.

    A mean of G people varies by d / G. Exchanged with others, they get the average of both dispersions by
    people, so that for the pair the variances are as (G_t d_s + G_s d_t) to (G_s d_s + G_t d_t).

    Args:
        people: shape (S,): people of each slice.
        dispersion: shape (..., S): of each; nan where a slice shows none.

    Returns:
        Shape (...): of the pair where it is largest, and at least 1.

    Source: Romano (1990), Journal of the American Statistical Association 85, 686-692.

    >>> inflation(np.array([28.0, 20.0]), np.array([[1.0, 3.0], [3.0, 1.0]])).round(2).tolist()
    [1.18, 1.0]
    """
    s, t = np.triu_indices(len(people), 1)
    first, second = dispersion[..., s], dispersion[..., t]
    true = people[t] * first + people[s] * second
    exchanged = people[s] * first + people[t] * second
    ratio = np.where(np.isnan(true), 1.0, true / exchanged)
    return np.asarray(np.maximum(ratio, 1.0).max(axis=-1, initial=1.0))


def dispersions(found: Moments) -> NDArray[np.float64]:
    """Variance between people over what independent images would show, drawn towards the pooled one.

    As in :func:`fer_audit.stats.association.evenness.dispersion_ratio`, slice by slice.

    Returns:
        Shape (..., S): nan where everything or nothing was an event.
    """
    chance = found.rate * (1.0 - found.rate) / found.depth
    shows = chance > _NOTHING
    pooled = np.maximum(_LEAST_DISPERSION, 1.0 + correlation(found)[..., None] * (found.depth - 1.0))
    degrees = found.people - 1.0
    own = found.variance / np.where(shows, chance, 1.0)
    drawn = (_PRIOR_PEOPLE * pooled + degrees * own) / (_PRIOR_PEOPLE + degrees)
    return np.asarray(np.where(shows, drawn, np.nan))

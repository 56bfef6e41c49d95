"""How much slices really vary, once the noise of estimating each is taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fer_audit.stats.differences.moments import correlation, moments, spread

if TYPE_CHECKING:
    from fer_audit.stats.differences.layout import Layout
    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally

__all__ = ["corrected_spread"]

_FEWEST_SLICES = 2


def corrected_spread(tally: Tally, layout: Layout, settings: Settings) -> float | None:
    """Standard deviation of the true rates between slices: what is seen less what noise alone would show.

    The raw maximum gap grows with the number of slices even where all are equal; this does not.
    var(mu_s) - mean(SE_s^2) + mean covariance of slices that share people, never below 0.
    Lum, Zhang and Bower (2022), "De-biasing 'bias' measurement".

    Args:
        tally: one table, without replicate axes.
        layout: which slices can be assessed.
        settings: the fewest people, and the floors.

    Returns:
        None where fewer than two slices are assessable, or no label is held by enough people in all.
    """
    labels = np.flatnonzero((layout.holders[layout.assessable] >= settings.least_people).all(0))
    slices = np.flatnonzero(layout.assessable)
    if len(slices) < _FEWEST_SLICES or not len(labels):
        return None
    found = moments(tally, slices, labels)
    person = tally.person[found.units]
    people, place = np.unique(person, return_inverse=True)
    if len(people) == len(person):
        noise = float((spread(found, correlation(found), settings).moderated / found.people).mean())
    else:
        influence = (found.value - found.rate[found.owner]) / found.people[found.owner]
        own = float((influence**2).sum())
        together = float((np.bincount(place.ravel(), influence) ** 2).sum())
        noise = own / len(slices) - (together - own) / (len(slices) * (len(slices) - 1))
    return float(np.sqrt(max(0.0, float(found.rate.var(ddof=1)) - noise)))

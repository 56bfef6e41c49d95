"""The z-test that others report, as a table beside a verdict: images are independent there, people here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.results import Aside
from fer_audit.stats.contingency.proportions import two_proportions

if TYPE_CHECKING:
    from fer_audit.results import Verdict
    from fer_audit.stats.tally import Tally

__all__ = ["show_image_test"]

# As many as eight slices have pairs: race by gender in RADIATE.
_MOST_SHOWN = 28
_CUSTOMARY = 0.05
_TITLE = "Two-proportion z-test, images taken as independent"
_COLUMNS = ("higher", "its images", "lower", "its images", "z", "p")
_NOTE = (
    "As published disparities are tested: pooled variance, two-sided, no correction for the number of pairs. "
    "Images of one person resemble each other, so that its share of false alarms is not controlled; "
    "it decides nothing here."
)


def show_image_test(verdict: Verdict, tally: Tally) -> Verdict:
    """A verdict with the two-proportion z-test of every pair of slices as a table beside it.

    Args:
        verdict: of people; nothing of it changes but the tables beside it.
        tally: what it was judged on, whose images are counted here whoever is in them and whatever their
            label. Where no two slices have images there is no table.
    """
    slices = len(tally.levels)
    hits, images = np.zeros(slices), np.zeros(slices)
    np.add.at(hits, tally.level, tally.hits.sum(-1))
    np.add.at(images, tally.level, tally.images.sum(-1))
    seen = np.flatnonzero(images > 0)
    row, column = np.triu_indices(len(seen), 1)
    if not len(row):
        return verdict
    first, second = seen[row], seen[column]
    swapped = hits[first] / images[first] < hits[second] / images[second]
    more, less = np.where(swapped, second, first), np.where(swapped, first, second)
    found = two_proportions(hits[more], images[more], hits[less], images[less])
    order = np.lexsort((np.arange(len(more)), -found.z))
    rows = tuple(
        (
            tally.levels[more[pair]],
            f"{hits[more[pair]]:g} of {images[more[pair]]:g}",
            tally.levels[less[pair]],
            f"{hits[less[pair]]:g} of {images[less[pair]]:g}",
            f"{found.z[pair]:.2f}",
            f"{found.p[pair]:.2g}",
        )
        for pair in order[:_MOST_SHOWN].tolist()
    )
    below = int((found.p < _CUSTOMARY).sum())
    pairs = "1 pair" if len(more) == 1 else f"{len(more)} pairs"
    counted = f" p is below {_CUSTOMARY:g} in {below} of {pairs}"
    if len(more) > len(rows):
        counted += f"; the {len(rows)} with the smallest p are shown"
    aside = Aside(_TITLE, _COLUMNS, rows, f"{_NOTE}{counted}.", told=True)
    return replace(verdict, asides=(*verdict.asides, aside))

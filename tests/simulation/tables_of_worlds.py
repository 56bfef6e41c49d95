"""One table of a world as counts, so that it can be judged as predictions are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fer_audit.records import Slicing
from fer_audit.stats.counts import NON_ANSWERS, Counts

if TYPE_CHECKING:
    from fer_audit.stats.tally import Tally


def counts_of(tally: Tally, run: int) -> Counts:
    """A hit is the right label, a miss a label that is no true one."""
    labels = len(tally.labels)
    cells = np.zeros((len(tally.person), labels, labels + 1 + len(NON_ANSWERS)))
    cells[:, np.arange(labels), np.arange(labels)] = tally.hits[run]
    cells[:, :, labels] = tally.images - tally.hits[run]
    return Counts(
        person=tally.person,
        level=tally.level,
        cells=cells,
        people=tuple(map(str, range(int(tally.person.max()) + 1))),
        levels=tally.levels,
        labels=tally.labels,
        predicted=(*tally.labels, "other"),
        slicing=Slicing(("group",)),
    )

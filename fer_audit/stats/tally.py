"""Hits and images per person, level and label: the only thing that any method looks at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Tally"]


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """How often a measure's event happened, per unit and label.

    A unit is a person within a level: a person whose images all lie in one slice is one unit, a person
    photographed (or rendered) in several levels is one unit in each. U units, L labels.

    Attributes:
        person: shape (U,): code of the person; the same code in two units makes them paired.
        level: shape (U,): index into ``levels``.
        hits: shape (..., U, L): number of images (after averaging repeats) on which the event happened;
            leading axes are replicates of one layout, as simulation and permutation use them.
        images: shape (U, L): number of images; 0 where the person has no image of that label.
        levels: names of the slices.
        labels: names of the labels the measure averages over, in the dataset's order.
    """

    person: NDArray[np.int64]
    level: NDArray[np.int64]
    hits: NDArray[np.float64]
    images: NDArray[np.float64]
    levels: tuple[str, ...]
    labels: tuple[str, ...]

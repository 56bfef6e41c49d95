"""A model that reads every slice equally well: how often is it called biased, and how often cleared?"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from simulation.cells import Cell, Limit
from simulation.families.grids import (
    ALIKE,
    CORRELATED,
    PEOPLE,
    TOLERANCE,
    number,
    spell_images,
    spread_people,
)
from simulation.questions import AskGap, Property
from simulation.shapes import Strangers
from simulation.worlds import World

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ASKS", "NAME", "cells"]

NAME = "fair models"
ASKS = "All slices are read equally well. How often does `Gap(accuracy, at_most=0.10)` FAIL?"

_LIMITS = (
    Limit(Property.FAIL, at_most=0.05),
    Limit(Property.BOTH, at_most=0.0),
    Limit(Property.LOWER, at_most=0.05),
)


def cells() -> tuple[Cell, ...]:
    """Slices x people x images x accuracy x correlation, beta-binomial people."""
    return tuple(_cells())


def _cells() -> Iterator[Cell]:
    for slices, people, images, rate in product(
        (2, 4, 8), PEOPLE, ((1, 1), (2, 2), (16, 16), (2, 20)), (0.5, 0.85, 0.95, 0.99)
    ):
        # With one image a person nobody's images correlate.
        for kind in (ALIKE,) if images == (1, 1) else (ALIKE, CORRELATED[2]):
            sizes = spread_people(people, slices)
            shown = "/".join(map(str, people))
            yield Cell(
                NAME,
                f"fair: {slices} slices of {shown}, {spell_images(images)}, accuracy {number(rate)}, "
                f"{kind.name}",
                World(Strangers(sizes, images), (rate,) * slices, (kind.effect,)),
                AskGap(TOLERANCE),
                _LIMITS,
            )

"""A gap of exactly the tolerance between people of different slices: neither verdict may come often."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from simulation.cells import Cell
from simulation.families.grids import (
    ALIKE,
    CORRELATED,
    FEW_BAD,
    PEOPLE,
    PLANTS,
    TOLERANCE,
    edge_limits,
    number,
    spell_images,
    spread_people,
)
from simulation.questions import AskGap
from simulation.shapes import Strangers
from simulation.worlds import World

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ASKS", "NAME", "cells"]

NAME = "gap at the tolerance"
ASKS = (
    "The largest true gap is exactly the tolerance of .10, between different people. How often does "
    "`Gap(accuracy, at_most=0.10)` FAIL, and how often PASS?"
)

_IMAGES = ((1, 1), (2, 2), (16, 16), (2, 20))
_RATES = (0.5, 0.85, 0.95, 0.99)
# Where nearly everyone is read, a few who are not correlate beyond the assumption: another family.
_ROOM_FOR_FEW_BAD = 0.9
# Enough people that a gap of the tolerance could PASS by luck at an accuracy of one half.
_MANY = (150,)


def cells() -> tuple[Cell, ...]:
    """Slices x people x images x accuracy x how people differ x where the gap lies."""
    return tuple(_cells())


def _cells() -> Iterator[Cell]:
    for slices, people, images, rate in product((2, 4, 8), (*PEOPLE, _MANY), _IMAGES, _RATES):
        if people == _MANY and slices > 4:  # noqa: PLR2004 - eight such slices cost more than they tell
            continue
        kinds = (ALIKE,) if images == (1, 1) else (ALIKE, *CORRELATED)
        if images != (1, 1) and rate < _ROOM_FOR_FEW_BAD:
            kinds = (*kinds, FEW_BAD)
        sizes = spread_people(people, slices)
        shown = "/".join(map(str, people))
        low = round(rate - TOLERANCE, 9)
        for kind, plant in product(kinds, PLANTS[:1] if slices == 2 else PLANTS):  # noqa: PLR2004 - one pair
            yield Cell(
                NAME,
                f"gap: {slices} slices of {shown}, {spell_images(images)}, "
                f"accuracy {number(rate)}/{number(low)}, {kind.name}, {plant.name}",
                World(Strangers(sizes, images), plant.rates(rate, low, slices), (kind.effect,)),
                AskGap(TOLERANCE),
                edge_limits(),
            )

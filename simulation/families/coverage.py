"""Are the bounds that a report prints on the right side of the truth, wherever the truth lies?"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from simulation.cells import Cell, Limit
from simulation.families.grids import ALIKE, CORRELATED, PLANTS, number, spell_images, spread_people
from simulation.questions import AskGap, Property
from simulation.shapes import SamePeople, Strangers
from simulation.worlds import World

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ASKS", "NAME", "cells"]

NAME = "coverage of the bounds"
ASKS = (
    "True gaps from .02 to .3, none of them the tolerance. How often does the lower bound lie above the "
    "truth of some pair (simultaneously), how often the upper one below the truth of the widest pair?"
)

_LIMITS = (
    Limit(Property.LOWER, at_most=0.06),
    Limit(Property.UPPER, at_most=0.06),
    Limit(Property.BOTH, at_most=0.0),
)


def cells() -> tuple[Cell, ...]:
    """True gap x design x images x accuracy x correlation."""
    return (*_strangers(), *_twins())


def _strangers() -> Iterator[Cell]:
    for gap, slices, people, images, rate, kind in product(
        (0.02, 0.05, 0.15, 0.3),
        (2, 4),
        ((8,), (20,), (60, 8)),
        ((2, 2), (16, 16)),
        (0.6, 0.85, 0.99),
        (ALIKE, CORRELATED[2]),
    ):
        low = round(rate - gap, 9)
        yield Cell(
            NAME,
            f"coverage: {slices} slices of {'/'.join(map(str, people))}, {spell_images(images)}, "
            f"accuracy {number(rate)}/{number(low)}, {kind.name}",
            World(
                Strangers(spread_people(people, slices), images),
                PLANTS[1].rates(rate, low, slices),
                (kind.effect,),
            ),
            AskGap(0.1),
            _LIMITS,
        )


def _twins() -> Iterator[Cell]:
    for gap, people, (images, labels), rate, kind in product(
        (0.02, 0.05, 0.15, 0.3),
        (16, 48),
        ((16, 1), (1, 7)),
        (0.6, 0.85, 0.99),
        (CORRELATED[0], CORRELATED[2]),
    ):
        low = round(rate - gap, 9)
        yield Cell(
            NAME,
            f"coverage: twins, {people} people, {images} x {labels} labels, "
            f"accuracy {number(rate)}/{number(low)}, {kind.name}",
            World(SamePeople(people, 2, (images, images), labels), (rate, low), (kind.effect,), joined=0.7),
            AskGap(0.1),
            (Limit(Property.LOWER, at_most=0.06), Limit(Property.UPPER, at_most=0.065), _LIMITS[2]),
        )

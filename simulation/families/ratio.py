"""A ratio of rates on the edge of the claim, between different people."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from simulation.cells import Cell, Limit
from simulation.families.grids import (
    ALIKE,
    CORRELATED,
    FEW_BAD,
    UNCOVERED,
    number,
    spell_images,
    spread_people,
)
from simulation.questions import AskRatio, Property
from simulation.shapes import Strangers
from simulation.worlds import World

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ASKS", "CORNER", "EDGES", "NAME", "cells", "ratio_limits"]

NAME = "ratio at the edge"
ASKS = (
    "The truth lies on the edge of `Ratio(..., at_most=1.25, difference=0.05)`: a ratio of exactly 1.25 more "
    "than .05 apart, a difference of exactly .05 at a larger ratio, or both at the corner."
)

# Higher and lower rate: ratio 1.25, the corner, and a difference of .05.
EDGES = ((0.95, 0.76), (0.75, 0.6), (0.5, 0.4), (0.25, 0.2), (0.15, 0.1), (0.08, 0.03), (0.055, 0.005))
CORNER = (0.25, 0.2)
_KINDS = (ALIKE, CORRELATED[0], CORRELATED[2], CORRELATED[3])


def ratio_limits(edge: tuple[float, float], *, paired: bool = False) -> tuple[Limit, ...]:
    """At the corner both routes to PASS add, and the same people are known by one difference each.

    The bounds of the ratio alone have limits only where the ratio alone decides.
    """
    allowed = 0.065 if paired or edge == CORNER else 0.055
    limits = [
        Limit(Property.FAIL, at_most=0.055),
        Limit(Property.PASS, at_most=allowed),
        Limit(Property.BOTH, at_most=0.0),
        Limit(Property.LOWER, at_most=UNCOVERED),
        Limit(Property.UPPER, at_most=0.065 if paired else UNCOVERED),
    ]
    return tuple(limits)


def cells() -> tuple[Cell, ...]:
    """Slices x people x images x edge x how people differ; then accuracy over seven labels."""
    return tuple(_cells())


def _cells() -> Iterator[Cell]:
    for slices, people, images, edge in product(
        (2, 4),
        ((8,), (20,), (60,), (60, 8), (200,)),
        ((1, 1), (2, 2), (16, 16), (2, 20)),
        EDGES,
    ):
        high, low = edge
        kinds = (ALIKE,) if images == (1, 1) else _KINDS
        if images == (16, 16) and low > 0.3 and high < 0.9:  # noqa: PLR2004 - else it is beyond the assumption
            kinds = (*kinds, FEW_BAD)
        if people == (200,) and slices > 2:  # noqa: PLR2004 - one large design is enough
            continue
        middle = round((high * low) ** 0.5, 6)
        for kind in kinds:
            yield Cell(
                NAME,
                f"ratio: {slices} slices of {'/'.join(map(str, people))}, {spell_images(images)}, "
                f"rates {number(high)}/{number(low)}, {kind.name}",
                World(
                    Strangers(spread_people(people, slices), images),
                    (high, low, *(middle,) * (slices - 2)),
                    (kind.effect,),
                ),
                AskRatio(),
                ratio_limits(edge),
            )
    for people, edge, kind in product(((20, 20), (60, 60), (60, 10)), EDGES[:4], _KINDS[:3]):
        yield Cell(
            NAME,
            f"ratio: 2 slices of {'/'.join(map(str, people))}, 1 x 7 labels, "
            f"rates {number(edge[0])}/{number(edge[1])}, {kind.name}",
            World(Strangers(people, (1, 1), 7), edge, (kind.effect,)),
            AskRatio(),
            ratio_limits(edge),
        )

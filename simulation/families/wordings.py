"""Several wordings of one question: does a verdict hold for new ones?"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from simulation.cells import Cell, Limit
from simulation.effects import BetaPeople
from simulation.families.grids import TOLERANCE, edge_limits, number
from simulation.questions import Property
from simulation.shapes import SamePeople, Strangers
from simulation.wording import AskWordings
from simulation.worlds import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulation.shapes import Shape

__all__ = ["ASKS", "NAME", "cells"]

NAME = "wordings"
ASKS = (
    "Every picture is asked about in several wordings, each of which reads slices differently, and over all "
    "wordings there might be the gap is exactly .10. From ten wordings on people and wordings are both "
    "clusters; what people alone would give stands beside it. Five wordings make no claim about new ones, "
    "and the last rows show why."
)

_PUBLISHED = (Limit(Property.ONE_WAY_FAIL, at_most=1.0), Limit(Property.ONE_WAY_PASS, at_most=1.0))
_OUTSIDE = (Limit(Property.FAIL, at_most=1.0), Limit(Property.PASS, at_most=1.0))
_SHAPES: tuple[tuple[str, Shape], ...] = (
    ("2 slices of 20", Strangers((20, 20), (4, 4))),
    ("2 slices of 80", Strangers((80, 80), (4, 4))),
    ("2 slices of 300", Strangers((300, 300), (4, 4))),
    ("2 slices of 60/8", Strangers((60, 8), (4, 4))),
    ("4 slices of 40", Strangers((40,) * 4, (4, 4))),
    ("48 people at 2 levels", SamePeople(48, 2, (4, 4))),
)


def cells() -> tuple[Cell, ...]:
    """People x wordings x how much wordings matter; then too few wordings."""
    return (*_many(), *_few())


def _many() -> Iterator[Cell]:
    for (name, shape), wordings, spread in product(_SHAPES, (12, 24), (0.0, 0.05, 0.1)):
        paired = isinstance(shape, SamePeople)
        yield _cell(name, shape, wordings, spread, (*edge_limits(paired=paired), *_PUBLISHED))


def _few() -> Iterator[Cell]:
    for (name, shape), spread in product(_SHAPES[2:3] + _SHAPES[5:], (0.05, 0.1)):
        yield _cell(name, shape, 5, spread, _OUTSIDE)


def _cell(name: str, shape: Shape, wordings: int, spread: float, limits: tuple[Limit, ...]) -> Cell:
    middle = (0.7,) * (shape.slices - 2)
    return Cell(
        NAME,
        f"wordings: {wordings}, that move slices by {number(spread)}; {name}, accuracy .75/.65",
        World(shape, (0.75, 0.65, *middle), (BetaPeople(0.05),)),
        AskWordings(TOLERANCE, wordings, spread),
        limits,
    )

"""The power measured when the method was chosen: an engine that lost it would be safe and useless."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulation.cells import Cell, Limit
from simulation.effects import BetaPeople
from simulation.families.grids import TOLERANCE
from simulation.questions import AskGap, Property
from simulation.shapes import SamePeople, Strangers
from simulation.worlds import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulation.shapes import Shape

__all__ = ["ASKS", "NAME", "cells"]

NAME = "reference power"
ASKS = (
    "How often does a fair model PASS, and one with a gap of .20 FAIL, on datasets as there are? The limits "
    "are what was measured, by another implementation, when the method was chosen, less three points."
)

_ROOM = 0.03


@dataclass(frozen=True, slots=True)
class _Row:
    """A dataset, and the power once measured on it."""

    name: str
    shape: Shape
    rate: float
    alike: float
    passed: float
    failed: float
    same_luck: bool = False


_ROWS = (
    _Row("two genders of 55 and 54", Strangers((55, 54), (16, 16)), 0.95, 0.1, 1.00, 0.95),
    _Row("four races of 22, 39, 20 and 28", Strangers((22, 39, 20, 28), (16, 16)), 0.95, 0.1, 0.63, 0.63),
    _Row("20 against 20", Strangers((20, 20), (16, 16)), 0.95, 0.1, 0.75, 0.51),
    _Row(
        "eight race x gender slices",
        Strangers((11, 11, 20, 18, 10, 10, 15, 13), (16, 16)),
        0.95,
        0.1,
        0.0,
        0.13,
    ),
    _Row("twins, 48 x 2 levels, accuracy .5, icc .3", SamePeople(48, 2, (1, 1), 7), 0.5, 0.3, 0.83, 0.86),
    _Row("twins, 48 x 4 levels, accuracy .58, icc .1", SamePeople(48, 4, (1, 1), 7), 0.58, 0.1, 0.28, 0.79),
    _Row("twins, 48 x 4 levels, accuracy .58, icc .3", SamePeople(48, 4, (1, 1), 7), 0.58, 0.3, 0.50, 0.85),
    _Row("twins, 48 x 4 levels, accuracy .95, icc .1", SamePeople(48, 4, (1, 1), 7), 0.95, 0.1, 0.94, 0.81),
    _Row(
        "twins, 48 x 4 levels, accuracy .58, pictures share their luck",
        SamePeople(48, 4, (1, 1), 7),
        0.58,
        0.1,
        0.98,
        0.99,
        same_luck=True,
    ),
)


def cells() -> tuple[Cell, ...]:
    """Each row without a gap, and with one slice twice the tolerance below the others."""
    return tuple(_cells())


def _cells() -> Iterator[Cell]:
    for row in _ROWS:
        slices = row.shape.slices
        for name, gap, limit in (
            ("no gap", 0.0, Limit(Property.PASS, at_least=max(0.0, round(row.passed - _ROOM, 9)))),
            ("gap .2", 2 * TOLERANCE, Limit(Property.FAIL, at_least=round(row.failed - _ROOM, 9))),
        ):
            rates = (round(row.rate - gap, 9), *(row.rate,) * (slices - 1))
            yield Cell(
                NAME,
                f"reference: {row.name}, {name}",
                World(row.shape, rates, (BetaPeople(row.alike),), same_luck=row.same_luck),
                AskGap(TOLERANCE),
                (limit, Limit(Property.BOTH, at_most=0.0)),
            )

"""The number of people that an undecided verdict prints, and the power that it promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulation.cells import Cell, Limit
from simulation.effects import BetaPeople
from simulation.printed import AskPrintedPeople
from simulation.questions import Property
from simulation.shapes import SamePeople, Strangers
from simulation.worlds import World

if TYPE_CHECKING:
    from simulation.shapes import Shape

__all__ = ["ASKS", "NAME", "cells"]

NAME = "people needed"
ASKS = (
    "An undecided gap prints how many people a slice would decide it with 80 % power, were the truth as "
    "observed. Of tables drawn from that truth with that many people, how many are decided? (20 planned "
    "tables a cell, 200 runs each.)"
)

_LIMITS = (Limit(Property.DECIDED, at_most=0.87, at_least=0.75),)


@dataclass(frozen=True, slots=True)
class _Study:
    """A small study whose gap stays open."""

    name: str
    shape: Shape
    rates: tuple[float, ...]
    alike: float
    goal: Property


_FAIL, _PASS = Property.FAIL, Property.PASS
_STUDIES = (
    _Study("16/16, 16 images", Strangers((16, 16), (16, 16)), (0.9, 0.68), 0.1, _FAIL),
    _Study("12/12, 2 images", Strangers((12, 12), (2, 2)), (0.85, 0.6), 0.1, _FAIL),
    _Study("20/20, 1 x 7 labels", Strangers((20, 20), (1, 1), 7), (0.8, 0.62), 0.2, _FAIL),
    _Study("four of 16, 4 images", Strangers((16,) * 4, (4, 4)), (0.9, 0.8, 0.8, 0.65), 0.1, _FAIL),
    _Study("eight of 14, 16 images", Strangers((14,) * 8, (16, 16)), (0.9,) * 7 + (0.7,), 0.1, _FAIL),
    _Study("twins, 12 x 2 levels, 4 images", SamePeople(12, 2, (4, 4)), (0.8, 0.6), 0.2, _FAIL),
    _Study("twins, 12 x 4 levels, 7 labels", SamePeople(12, 4, (1, 1), 7), (0.8, 0.7, 0.7, 0.6), 0.2, _FAIL),
    _Study("16/16, 16 images", Strangers((16, 16), (16, 16)), (0.9, 0.88), 0.1, _PASS),
    _Study("20/20, 2 images", Strangers((20, 20), (2, 2)), (0.95, 0.93), 0.1, _PASS),
    _Study("20/20, 1 x 7 labels", Strangers((20, 20), (1, 1), 7), (0.8, 0.8), 0.2, _PASS),
    _Study("four of 20, 16 images", Strangers((20,) * 4, (16, 16)), (0.95,) * 4, 0.1, _PASS),
    _Study("eight of 20, 16 images", Strangers((20,) * 8, (16, 16)), (0.95,) * 8, 0.05, _PASS),
    _Study("twins, 12 x 2 levels, 4 images", SamePeople(12, 2, (4, 4)), (0.8, 0.78), 0.2, _PASS),
    _Study("twins, 12 x 4 levels, 7 labels", SamePeople(12, 4, (1, 1), 7), (0.8,) * 4, 0.2, _PASS),
)


def cells() -> tuple[Cell, ...]:
    """Studies that are nearer to FAIL, and such as are nearer to PASS."""
    return tuple(
        Cell(
            NAME,
            f"people needed: to {study.goal}, {study.name}",
            World(study.shape, study.rates, (BetaPeople(study.alike),)),
            AskPrintedPeople(0.1, study.goal),
            _LIMITS,
        )
        for study in _STUDIES
    )

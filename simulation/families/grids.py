"""The axes that families share: people, images, how people differ, where a gap lies, and the limits."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle, islice
from typing import TYPE_CHECKING

import numpy as np

from simulation.cells import Limit
from simulation.effects import Alike, BetaPeople, FewBad, LogitNormalPeople
from simulation.questions import Property

if TYPE_CHECKING:
    from simulation.effects import Effect

__all__ = [
    "ALIKE",
    "CORRELATED",
    "FEW_BAD",
    "PAIRED_SIZE",
    "PEOPLE",
    "PLANTS",
    "TOLERANCE",
    "Kind",
    "Plant",
    "edge_limits",
    "number",
    "spell_images",
    "spread_people",
]

TOLERANCE = 0.1
"""Tolerance of a gap wherever a family names no other."""

SIZE, PAIRED_SIZE = 0.055, 0.065
"""Largest share of wrong verdicts at the tolerance; that of PASS where the same people are compared."""

UNCOVERED = 0.06
"""Largest share of bounds on the wrong side of the truth."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How people differ, with the name that cells give it."""

    name: str
    effect: Effect


ALIKE = Kind("icc 0", Alike())
CORRELATED = (
    Kind("icc .05 beta", BetaPeople(0.05)),
    Kind("icc .05 logit-normal", LogitNormalPeople(0.05)),
    Kind("icc .2 beta", BetaPeople(0.2)),
    Kind("icc .2 logit-normal", LogitNormalPeople(0.2)),
)
FEW_BAD = Kind("1 in 20 people at .25", FewBad(0.05, 0.25))

PEOPLE: tuple[tuple[int, ...], ...] = ((8,), (10,), (20,), (40,), (60, 8))
"""People a slice, repeated over the slices."""


@dataclass(frozen=True, slots=True)
class Plant:
    """Where the largest gap lies: rates of S slices between a highest and a lowest one."""

    name: str

    def rates(self, high: float, low: float, slices: int) -> tuple[float, ...]:
        """Rates of the slices; with two of them every plant is the same.

        >>> Plant("ladder").rates(0.9, 0.8, 3)
        (0.9, 0.85, 0.8)
        >>> Plant("one pair").rates(0.9, 0.8, 4)
        (0.9, 0.8, 0.85, 0.85)
        """
        middle = round((high + low) / 2, 9)
        if self.name == "one pair":
            return (high, low, *(middle,) * (slices - 2))
        if self.name == "ladder":
            return tuple(round(float(rate), 9) for rate in np.linspace(high, low, slices))
        return tuple(islice(cycle((high, low)), slices))


PLANTS = (Plant("one pair"), Plant("ladder"), Plant("half against half"))


def spread_people(people: tuple[int, ...], slices: int) -> tuple[int, ...]:
    """A pattern of sizes over so many slices.

    >>> spread_people((60, 8), 4)
    (60, 8, 60, 8)
    """
    return tuple(islice(cycle(people), slices))


def edge_limits(*, paired: bool = False) -> tuple[Limit, ...]:
    """What holds where the truth equals the tolerance."""
    return (
        Limit(Property.FAIL, at_most=SIZE),
        Limit(Property.PASS, at_most=PAIRED_SIZE if paired else SIZE),
        Limit(Property.BOTH, at_most=0.0),
        Limit(Property.LOWER, at_most=UNCOVERED),
        Limit(Property.UPPER, at_most=PAIRED_SIZE if paired else UNCOVERED),
    )


def number(value: float) -> str:
    """A rate as cells spell it.

    >>> number(0.85), number(1.25)
    ('.85', '1.25')
    """
    return f"{value:g}".removeprefix("0") if 0 < value < 1 else f"{value:g}"


def spell_images(images: tuple[int, int]) -> str:
    """Numbers of images as cells spell them.

    >>> spell_images((2, 20)), spell_images((1, 1))
    ('2..20 images', '1 image')
    """
    low, high = images
    if low < high:
        return f"{low}..{high} images"
    return f"{low} image" if low == 1 else f"{low} images"

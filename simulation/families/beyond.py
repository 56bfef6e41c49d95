"""Outside the assumption: images of one person correlate by more than the .2 that PASS reckons with.

No estimate sees people who were not sampled. What happens then is published, with a limit of its own.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from fer_audit.stats.settings import Settings
from simulation.cells import Cell, Limit
from simulation.effects import Alike, BetaPeople, FewBad, LogitNormalPeople
from simulation.families.grids import PLANTS, TOLERANCE, number, spread_people
from simulation.questions import AskGap, Property
from simulation.shapes import SamePeople, Strangers
from simulation.worlds import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulation.effects import Effect

__all__ = ["ASKS", "NAME", "cells"]

NAME = "outside the assumption"
ASKS = (
    "Images of one person correlate by more than .2: strong differences between people, or a few people at "
    "chance in an otherwise perfect slice. The gap is exactly .10. How much too often does it PASS? (Rows "
    "with the floor set to 1 show what a team does that must exclude this.)"
)

_LIMITS = (
    Limit(Property.FAIL, at_most=0.055),
    Limit(Property.PASS, at_most=0.35),
    Limit(Property.BOTH, at_most=0.0),
)
_STRICT = (Limit(Property.FAIL, at_most=0.055), Limit(Property.PASS, at_most=0.055), _LIMITS[2])
_EFFECTS: tuple[Effect, ...] = (
    BetaPeople(0.35),
    BetaPeople(0.5),
    LogitNormalPeople(0.35),
    LogitNormalPeople(0.5),
    FewBad(0.05, 0.0),
)
_PEOPLE = (8, 12, 20, 26, 40, 60)


def cells() -> tuple[Cell, ...]:
    """A few bad people among strangers and twins, with both floors; then strong correlations."""
    return (*_bad_people(), *_strong())


def _bad_people() -> Iterator[Cell]:
    for people, chance, paired, floor in product(_PEOPLE, (0.0, 0.14), (False, True), (0.2, 1.0)):
        # A slice without errors against one whose errors are those of a few people alone.
        share = TOLERANCE / (1 - chance)
        shape = SamePeople(people, 2, (16, 16)) if paired else Strangers((people,) * 2, (16, 16))
        yield Cell(
            NAME,
            f"beyond: {'twins' if paired else 'strangers'}, {people} people, 16 images, perfect but for "
            f"{share:.0%} at {number(chance)}, floor {floor:g}",
            World(shape, (1.0, 0.9), (Alike(), FewBad(share, chance))),
            AskGap(TOLERANCE, Settings(pass_floor=floor)),
            _LIMITS if floor < 1 or paired else _STRICT,
        )


def _strong() -> Iterator[Cell]:
    for slices, people, images, rate, effect in product(
        (2, 4),
        ((8,), (20,), (40,), (60, 8)),
        (2, 16),
        (0.5, 0.85, 0.95),
        _EFFECTS,
    ):
        if isinstance(effect, FewBad) and rate < 0.9:  # noqa: PLR2004 - there it is within the assumption
            continue
        low = round(rate - TOLERANCE, 9)
        yield Cell(
            NAME,
            f"beyond: {slices} slices of {'/'.join(map(str, people))}, {images} images, "
            f"accuracy {number(rate)}/{number(low)}, {effect}",
            World(
                Strangers(spread_people(people, slices), (images, images)),
                PLANTS[0].rates(rate, low, slices),
                (effect,),
            ),
            AskGap(TOLERANCE),
            _LIMITS,
        )

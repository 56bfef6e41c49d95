"""A release that is worse than the last by exactly the margin, and how well a change of a gap is known."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from simulation.cells import Cell, Limit
from simulation.families.grids import (
    ALIKE,
    CORRELATED,
    FEW_BAD,
    edge_limits,
    number,
    spell_images,
    spread_people,
)
from simulation.questions import Property
from simulation.releases import AskChange, AskChangeOfGap, Twice
from simulation.shapes import Overlapping, SamePeople, Strangers
from simulation.worlds import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulation.families.grids import Kind
    from simulation.shapes import Shape

__all__ = ["ASKS", "NAME", "cells"]

NAME = "change between releases"
ASKS = (
    "A release is worse than the one before, for the same people and pictures, by exactly what "
    "`NoWorseThan(accuracy, overall=0.02, each=0.05)` allows: everybody, single slices, or both. How often "
    "does it FAIL, and how often PASS? How often does a release FAIL that is better by .05? And how often "
    "does the 95 % interval of the change of a gap (difference in differences) hold the truth?"
)

_EACH, _OVERALL = 0.05, 0.02
_BETTER = (Limit(Property.FAIL, at_most=0.05), *edge_limits()[2:])


@dataclass(frozen=True, slots=True)
class _Manner:
    """How people differ, how much of that stays, and whether both releases stumble over the same pictures."""

    name: str
    kind: Kind
    joined: float = 1.0
    same_luck: bool = False

    def world(self, shape: Shape, rate: float, drops: tuple[float, ...]) -> World:
        """Both releases; each slice falls by its drop."""
        return World(
            Twice(shape),
            (*(rate,) * len(drops), *(round(rate - drop, 9) for drop in drops)),
            (self.kind.effect,),
            joined=self.joined,
            same_luck=self.same_luck,
        )


_SINGLE = (_Manner("icc 0", ALIKE), _Manner("icc 0, same luck", ALIKE, same_luck=True))
_MANY = (
    _Manner("icc .05 beta, same luck", CORRELATED[0], same_luck=True),
    _Manner("icc .2 beta", CORRELATED[2]),
    _Manner("icc .2 beta, half of it stays", CORRELATED[2], joined=0.5),
    _Manner("icc .2 logit-normal, same luck", CORRELATED[3], same_luck=True),
    _Manner(FEW_BAD.name, FEW_BAD),
)
# Slices of equal size: .05 in one of two would be .025 for everybody, beyond the other margin.
_MET = (
    ("one of 4 slices worse by .05", (_EACH, 0.0, 0.0, 0.0)),
    ("both slices worse by .02", (_OVERALL, _OVERALL)),
    ("2 of 5 slices worse by .05 and all by .02", (_EACH, _EACH, 0.0, 0.0, 0.0)),
)


def cells() -> tuple[Cell, ...]:
    """Where the margin is met x people x images x accuracy x how people differ; then gaps."""
    return (*_at_margins(), *_better(), *_gaps())


def _at_margins() -> Iterator[Cell]:
    for (name, drops), people, images, rate in product(_MET, (20, 60, 150), ((1, 1), (16, 16)), (0.6, 0.95)):
        for manner in _SINGLE if images == (1, 1) else _MANY:
            # One picture of 20 people decides nothing, and in nearly perfect slices a few bad people
            # correlate beyond the assumption.
            if (images == (1, 1) and people == 20) or (manner.kind is FEW_BAD and rate > 0.9):  # noqa: PLR2004
                continue
            yield Cell(
                NAME,
                f"change: {name}, {people} people each, {spell_images(images)}, accuracy {number(rate)}, "
                f"{manner.name}",
                manner.world(Strangers((people,) * len(drops), images), rate, drops),
                AskChange(),
                edge_limits(),
            )


def _better() -> Iterator[Cell]:
    for people, images, rate in product(((8,), (20,), (60, 8)), ((1, 1), (2, 20)), (0.5, 0.85)):
        manner = _SINGLE[0] if images == (1, 1) else _MANY[2]
        yield Cell(
            NAME,
            f"change: 4 slices of {'/'.join(map(str, people))} better by .05, {spell_images(images)}, "
            f"accuracy {number(rate)}, {manner.name}",
            manner.world(Strangers(spread_people(people, 4), images), rate, (-_EACH,) * 4),
            AskChange(),
            _BETTER,
        )


def _gaps() -> Iterator[Cell]:
    shapes: tuple[tuple[str, Shape], ...] = (
        ("10 and 10 people, 16 images", Strangers((10, 10), (16, 16))),
        ("60 and 10 people, 16 images", Strangers((60, 10), (16, 16))),
        ("40 and 40 people, 1 image", Strangers((40, 40), (1, 1))),
        ("40 and 30 people, 1 image of 4 labels", Strangers((40, 30), (1, 1), 4)),
        ("the same 10 people, 16 images", SamePeople(10, 2, (16, 16))),
        ("the same 48 people, 1 image of 7 labels", SamePeople(48, 2, (1, 1), 7)),
        ("24 and 24 people, .5 shared, 2..20 images", Overlapping((24, 24), 0.5, (2, 20))),
    )
    for (name, shape), rate in product(shapes, (0.5, 0.85, 0.95)):
        for manner in _SINGLE[:1] if name.endswith("1 image") else _MANY[1:3]:
            yield Cell(
                NAME,
                f"change of a gap: {name}, accuracy {number(rate)}, wider by .05, {manner.name}",
                manner.world(shape, rate, (0.0, _EACH)),
                AskChangeOfGap(),
                (Limit(Property.COVERED, at_least=0.94),),
            )

"""The same people in every slice, and a gap of exactly the tolerance."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from simulation.cells import Cell
from simulation.effects import BetaPeople, LogitNormalPeople
from simulation.families.grids import (
    ALIKE,
    CORRELATED,
    FEW_BAD,
    PLANTS,
    TOLERANCE,
    Kind,
    edge_limits,
    number,
)
from simulation.questions import AskGap
from simulation.shapes import SamePeople
from simulation.worlds import World

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ASKS", "NAME", "cells"]

NAME = "twins"
ASKS = (
    "The same people are in all slices, as with a rendered attribute, and the largest true gap is exactly "
    ".10. How often does the gap FAIL, and how often PASS?"
)


@dataclass(frozen=True, slots=True)
class _Manner:
    """How a person's levels hang together.

    Attributes:
        name: as cells give it.
        kind: how people differ.
        joined: share of the person's effect that all levels have in common.
        same_luck: pictures of one face share their luck.
    """

    name: str
    kind: Kind
    joined: float = 1.0
    same_luck: bool = False


_MANNERS = (
    _Manner("", ALIKE),
    _Manner(", level effect fixed", CORRELATED[0]),
    _Manner(", level effect fixed", CORRELATED[2]),
    _Manner(", level effect fixed", CORRELATED[3]),
    _Manner(", level effect varying by person", CORRELATED[0], joined=0.5),
    _Manner(", level effect varying by person", Kind("icc .2 beta", BetaPeople(0.2)), joined=0.5),
    _Manner(
        ", level effect varying by person", Kind("icc .2 logit-normal", LogitNormalPeople(0.2)), joined=0.0
    ),
    _Manner(", pictures share their luck", CORRELATED[0], same_luck=True),
)
# Images of a label a person and level, and labels.
_PICTURES = ((1, 1), (16, 1), (1, 7))


def cells() -> tuple[Cell, ...]:
    """People x levels x pictures x accuracy x manner x where the gap lies."""
    return tuple(_cells())


def _cells() -> Iterator[Cell]:
    for people, levels, (images, labels), rate, manner in product(
        (8, 16, 48), (2, 4), _PICTURES, (0.5, 0.85, 0.95, 0.99), _MANNERS
    ):
        low = round(rate - TOLERANCE, 9)
        for plant in PLANTS[:1] if levels == 2 else (PLANTS[0], PLANTS[2]):  # noqa: PLR2004 - one pair
            yield Cell(
                NAME,
                f"twins: {people} people in {levels} levels, {images} x {labels} labels, "
                f"accuracy {number(rate)}/{number(low)}, {manner.kind.name}{manner.name}, {plant.name}",
                World(
                    SamePeople(people, levels, (images, images), labels),
                    plant.rates(rate, low, levels),
                    (manner.kind.effect,),
                    joined=manner.joined,
                    same_luck=manner.same_luck,
                ),
                AskGap(TOLERANCE),
                edge_limits(paired=True),
            )
    for people, rate, joined in product((8, 16, 48), (0.5, 0.85), (1.0, 0.5)):
        low = round(rate - TOLERANCE, 9)
        yield Cell(
            NAME,
            f"twins: {people} people in 2 levels, 16 x 1 labels, accuracy {number(rate)}/{number(low)}, "
            f"{FEW_BAD.name}, {'in both levels' if joined == 1 else 'mostly in both levels'}",
            World(SamePeople(people, 2, (16, 16)), (rate, low), (FEW_BAD.effect,), joined=joined),
            AskGap(TOLERANCE),
            edge_limits(paired=True),
        )

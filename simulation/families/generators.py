"""People and pictures as no other family draws them, at the tolerance of the main criteria."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from simulation.cells import Cell, Limit
from simulation.effects import BetaPeople
from simulation.families.grids import PLANTS, TOLERANCE, edge_limits, number, spread_people
from simulation.families.ratio import ratio_limits
from simulation.questions import AskAssociation, AskGap, AskRatio, Property
from simulation.shapes import SamePeople, Strangers
from simulation.unlike_people import HeavyTailed, LinkedWorld, TwoKinds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulation.effects import Effect
    from simulation.shapes import Shape

__all__ = ["ASKS", "NAME", "cells"]

NAME = "other generators"
ASKS = (
    "A method could fit the generators it was tried on. So people are drawn here as two kinds with nothing "
    "in between, or with heavy tails (Student's t on the log odds); pictures as frames of a film, each with "
    "the luck of the one before in three of ten cases; and people as hard to read in one label and easy in "
    "another. The truth lies exactly at the tolerance, and images of one person correlate by at most .2."
)


@dataclass(frozen=True, slots=True)
class _Manner:
    """How people differ and pictures hang together, and on how many pictures of how many labels."""

    name: str
    effect: Effect
    images: int = 16
    labels: int = 1
    chain: float = 0.0
    by_label: float = 0.0

    def world(self, shape: Shape, rates: tuple[float, ...]) -> LinkedWorld:
        """People of this manner."""
        return LinkedWorld(shape, rates, (self.effect,), chain=self.chain, by_label=self.by_label)

    def strangers(self, people: tuple[int, ...]) -> Strangers:
        """Different people with as many pictures as the manner wants."""
        return Strangers(people, (self.images, self.images), self.labels)

    @property
    def told(self) -> str:
        """Pictures and people in words."""
        return f"{self.images} x {self.labels} labels, {self.name}"


_MANNERS = (
    _Manner("icc .2, 1 in 10 people worse", TwoKinds(0.2, 0.1)),
    _Manner("icc .1, 3 in 10 people worse", TwoKinds(0.1, 0.3)),
    _Manner("icc .2 logit-t", HeavyTailed(0.2)),
    # Neighbours correlate by .37, all pairs of sixteen by .15 on average.
    _Manner("icc .1 beta, frames of a film", BetaPeople(0.1), chain=0.3),
    _Manner("icc .2 beta, half by label", BetaPeople(0.2), 2, 7, by_label=0.5),
    _Manner("icc .2 logit-t, all by label", HeavyTailed(0.2), 2, 7, by_label=1.0),
)


def cells() -> tuple[Cell, ...]:
    """Gaps between strangers and within people, ratios, and tests of no association."""
    return (*_gaps(), *_twins(), *_ratios(), *_associations())


def _gaps() -> Iterator[Cell]:
    designs = ((2, (10,)), (4, (20,)), (2, (60, 8)), (2, (150,)))
    for (slices, people), rate, manner in product(designs, (0.85, 0.95), _MANNERS):
        low = round(rate - TOLERANCE, 9)
        yield Cell(
            NAME,
            f"other: gap, {slices} slices of {'/'.join(map(str, people))}, {manner.told}, accuracy "
            f"{number(rate)}/{number(low)}",
            manner.world(manner.strangers(spread_people(people, slices)), PLANTS[2].rates(rate, low, slices)),
            AskGap(TOLERANCE),
            edge_limits(),
        )


def _twins() -> Iterator[Cell]:
    for people, rate, manner in product((16, 48), (0.85, 0.95), _MANNERS):
        low = round(rate - TOLERANCE, 9)
        yield Cell(
            NAME,
            f"other: gap, twins, {people} people in 2 levels, {manner.told}, accuracy {number(rate)}/"
            f"{number(low)}",
            manner.world(SamePeople(people, 2, (manner.images,) * 2, manner.labels), (rate, low)),
            AskGap(TOLERANCE),
            edge_limits(paired=True),
        )


def _ratios() -> Iterator[Cell]:
    # At these rates one person in ten cannot be so much worse that images correlate by .2.
    for people, edge, manner in product(
        ((20, 20), (60, 8), (200, 200)), ((0.75, 0.6), (0.25, 0.2)), _MANNERS[1:4]
    ):
        yield Cell(
            NAME,
            f"other: ratio, slices of {'/'.join(map(str, people))}, {manner.told}, rates {number(edge[0])}/"
            f"{number(edge[1])}",
            manner.world(manner.strangers(people), edge),
            AskRatio(),
            ratio_limits(edge),
        )


def _associations() -> Iterator[Cell]:
    for people, rate, manner in product(((20, 20), (28, 20, 22, 24)), (0.85,), _MANNERS):
        yield Cell(
            NAME,
            f"other: association, slices of {'/'.join(map(str, people))}, {manner.told}, accuracy "
            f"{number(rate)}",
            manner.world(manner.strangers(people), (rate,) * len(people)),
            AskAssociation(),
            (Limit(Property.DETECTED, at_most=0.055),),
            1_000,
        )

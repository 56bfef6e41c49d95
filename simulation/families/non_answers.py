"""Refusals that depend on the slice and on the picture: what a verdict on accuracy may not overlook."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from simulation.cells import Cell, Limit
from simulation.effects import BetaPeople
from simulation.families.grids import SIZE, number, spell_images, spread_people
from simulation.non_answers import AskNonAnswers, Refused
from simulation.questions import Property
from simulation.shapes import Strangers
from simulation.worlds import World

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ASKS", "NAME", "cells"]

NAME = "images without an answer"
ASKS = (
    "Some images are refused, which counts as wrong. Counted so, slices differ by exactly .10: how often "
    "does `Gap(accuracy, at_most=0.10)` FAIL, and how often PASS? And where right answers of the better "
    "slice are withheld, so that a gap of twice the tolerance looks like half of it, how often PASS? A PASS "
    "must never stand where the same table would FAIL had one slice's refusals been right and the others' "
    "wrong, or the reverse. (1,000 tables. Refusals that hide less than twice the tolerance can PASS: with "
    "60 people a slice, .15 looking like .05 often does.)"
)

_RUNS = 1_000
_ALIKE = BetaPeople(0.1)
_NEVER = Limit(Property.FILLED, at_most=0.0)
_AT_TOLERANCE = (
    Limit(Property.FAIL, at_most=SIZE),
    Limit(Property.PASS, at_most=SIZE),
    _NEVER,
)


@dataclass(frozen=True, slots=True)
class _Pattern:
    """Who is refused; of every two slices the first and the second differ.

    Attributes:
        name: in words.
        rates: of both kinds of slices, had everything been answered.
        right: shares of right answers that are withheld, of both.
        wrong: shares of wrong answers.
        touchy: share of people who get all refusals.
    """

    name: str
    rates: tuple[float, float]
    right: tuple[float, float]
    wrong: tuple[float, float] = (0.2, 0.2)
    touchy: float = 1.0

    def cell(self, people: tuple[int, ...], images: tuple[int, int], slices: int, *limits: Limit) -> Cell:
        """The pattern on people."""
        half = slices // 2
        refused = Refused(self.right * half, self.wrong * half, self.touchy)
        return Cell(
            NAME,
            f"refused: {self.name}, {slices} slices of {'/'.join(map(str, people))}, {spell_images(images)}, "
            f"accuracy {number(self.rates[0])}/{number(round(self.rates[1], 3))}",
            World(Strangers(spread_people(people, slices), images), self.rates * half, (_ALIKE,)),
            AskNonAnswers(refused),
            limits,
            _RUNS,
        )


_COUNTED = (
    _Pattern("only right answers of one slice", (0.9, 0.9), (0.0, 0.1 / 0.9), (0.0, 0.0)),
    _Pattern("only wrong answers", (0.9, 0.8), (0.0, 0.0), (0.5, 0.5)),
    _Pattern("alike in both, half of the people get all", (0.95, 0.755 / 0.9), (0.1, 0.1), touchy=0.5),
)
_HIDDEN = _Pattern("a gap of .20 looks like .05", (0.95, 0.75), (0.15 / 0.95, 0.0))
_HALF_HIDDEN = _Pattern("a gap of .15 looks like .05", (0.95, 0.8), (0.1 / 0.95, 0.0))


def cells() -> tuple[Cell, ...]:
    """Patterns x people x images."""
    return tuple(_cells())


def _cells() -> Iterator[Cell]:
    for pattern, (slices, people, images) in product(
        _COUNTED, ((2, (20,), (16, 16)), (2, (60, 8), (2, 2)), (2, (150,), (16, 16)), (4, (60,), (16, 16)))
    ):
        yield pattern.cell(people, images, slices, *_AT_TOLERANCE)
    for slices, people in ((2, (20,)), (2, (60,)), (2, (150,)), (4, (60,))):
        yield _HIDDEN.cell(people, (16, 16), slices, Limit(Property.PASS, at_most=SIZE), _NEVER)
        yield _HALF_HIDDEN.cell(people, (16, 16), slices, _NEVER)

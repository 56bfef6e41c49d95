"""`Flips`: answers that change with an attribute on exactly as many faces as allowed, and noisy models."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from simulation.cells import Cell, Limit
from simulation.effects import BetaPeople
from simulation.families.grids import ALIKE, CORRELATED, edge_limits, number
from simulation.flipping import AskFlips
from simulation.printed_flips import AskPrintedFlips
from simulation.questions import Property
from simulation.shapes import SamePeople
from simulation.worlds import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulation.families.grids import Kind

__all__ = ["ASKS", "NAME", "cells"]

NAME = "flips"
ASKS = (
    "With a level the answer changes on exactly 5 % of the faces more than by the model's own noise: how "
    "often does `Flips(at_most=0.05)` FAIL, and how often PASS? In the last rows the level changes nothing "
    "and the model contradicts itself: the raw flip rate FAILs, and the excess must not. Then the people "
    "that an undecided verdict asks for (20 planned tables a cell, 200 runs each)."
)

_TOLERANCE = 0.05
# Faces a label, and labels.
_FACES = ((1, 7), (4, 1))
_ANYTHING = Limit(Property.RAW, at_most=1.0)


def cells() -> tuple[Cell, ...]:
    """People x levels x faces, settled and noisy; at the tolerance, and without any effect."""
    return (*_at_tolerance(), *_without_effect(), *_people_needed())


@dataclass(frozen=True, slots=True)
class _Showing:
    """How often each picture is shown, and how noisy the model is.

    Attributes:
        times: how often.
        noise: how often an answer is a throw of the dice.
        kinds: how people differ in what moves their answers.
    """

    times: int
    noise: float
    kinds: tuple[Kind, ...] = (ALIKE,)


_SETTLED = (
    _Showing(1, 0.0, (ALIKE, CORRELATED[2], CORRELATED[3])),
    _Showing(2, 0.2, (ALIKE, CORRELATED[2])),
    _Showing(2, 0.5, (ALIKE, CORRELATED[2])),
)
_NOISY = (_Showing(2, 0.2), _Showing(2, 0.5))


def _at_tolerance() -> Iterator[Cell]:
    for (name, shape), showing in product(_shapes(), _SETTLED):
        rate = _TOLERANCE / (1 - showing.noise) ** 2
        for kind in showing.kinds:
            yield Cell(
                NAME,
                f"flips: {name}, {_spell(showing)}, {kind.name}, excess .05",
                World(shape, (*(0.0,) * (shape.slices - 1), rate), (kind.effect,)),
                AskFlips(_TOLERANCE, showing.noise, showing.times),
                (*edge_limits(paired=True), *((_ANYTHING,) if showing.times > 1 else ())),
            )


def _without_effect() -> Iterator[Cell]:
    for (name, shape), showing in product(_shapes(), _NOISY):
        limits = tuple(limit for limit in edge_limits(paired=True) if limit.what is not Property.PASS)
        yield Cell(
            NAME,
            f"flips: {name}, {_spell(showing)}, no effect",
            World(shape, (0.0,) * shape.slices),
            AskFlips(_TOLERANCE, showing.noise, showing.times),
            (*limits, _ANYTHING),
        )


def _people_needed() -> Iterator[Cell]:
    for goal, people, (faces, labels), moved in (
        (Property.FAIL, 16, (1, 7), 0.09),
        (Property.FAIL, 24, (4, 1), 0.12),
        (Property.PASS, 12, (1, 7), 0.015),
        (Property.PASS, 16, (4, 1), 0.01),
    ):
        yield Cell(
            NAME,
            f"flips: people needed to {goal}, {people} people at 2 levels, {faces} x {labels} labels, "
            f"excess {number(moved)}",
            World(SamePeople(people, 2, (faces, faces), labels), (0.0, moved), (BetaPeople(0.1),)),
            AskPrintedFlips(_TOLERANCE, goal),
            (Limit(Property.DECIDED, at_most=0.87, at_least=0.75),),
        )


def _shapes() -> tuple[tuple[str, SamePeople], ...]:
    return tuple(
        (
            f"{people} people at {levels} levels, {faces} x {labels} labels",
            SamePeople(people, levels, (faces, faces), labels),
        )
        for people, levels, (faces, labels) in product((8, 16, 48), (2, 4), _FACES)
    )


def _spell(showing: _Showing) -> str:
    return f"shown {'once' if showing.times == 1 else 'twice'}, noise {number(showing.noise)}"

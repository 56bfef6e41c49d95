"""The scan over every confusion: how often it finds what is not there, and whether it names what is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulation.cells import Cell, Limit
from simulation.confusions import Confusions
from simulation.effects import BetaPeople
from simulation.families.grids import ALIKE, CORRELATED, number, spell_images, spread_people
from simulation.questions import Property
from simulation.scans import AskScan
from simulation.shapes import Overlapping, SamePeople, Strangers
from simulation.worlds import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulation.shapes import Shape

__all__ = ["ASKS", "NAME", "cells"]

NAME = "scan"
ASKS = (
    "`Scan` looks at every way of misreading every label between every two slices. How often does it FAIL "
    "over a comparison whose rates are equal (family-wise error)? And where one slice's pictures of one "
    "label are taken for another label: is that found, and the slice named? (1,000 tables, 499 "
    "rearrangements each.)"
)

_RUNS = 1_000
_LABELS = 7
_RATE = 0.75
_SIZE = Limit(Property.FALSE_FINDING, at_most=0.06)
_NOISY = (0.02, 0.3)


def cells() -> tuple[Cell, ...]:
    """Strangers, unlike slices, shared people, missing labels; then planted confusions."""
    return (*_strangers(), *_unequal(), *_shared(), _lacking(), *_planted())


def _cell(
    name: str, world: World, confusions: Confusions | None = None, limits: tuple[Limit, ...] = (_SIZE,)
) -> Cell:
    return Cell(NAME, f"scan: {name}", world, AskScan(confusions or Confusions()), limits, _RUNS)


def _strangers() -> Iterator[Cell]:
    """Not the whole grid: every slice, size, number of images and correlation occurs, and the corners."""
    for slices, people, images, kind in (
        (2, (10,), (1, 1), CORRELATED[1]),
        (2, (20,), (2, 2), CORRELATED[3]),
        (2, (60, 10), (2, 2), CORRELATED[2]),
        (4, (20,), (1, 1), CORRELATED[2]),
        (4, (60, 10), (1, 1), ALIKE),
        (8, (10,), (2, 2), CORRELATED[2]),
        (8, (20,), (1, 1), ALIKE),
        (8, (60, 10), (1, 1), CORRELATED[0]),
    ):
        yield _cell(
            f"{slices} slices of {'/'.join(map(str, people))}, {spell_images(images)} of {_LABELS} labels, "
            f"accuracy {number(_RATE)}, {kind.name}",
            World(
                Strangers(spread_people(people, slices), images, _LABELS), (_RATE,) * slices, (kind.effect,)
            ),
        )


def _unequal() -> Iterator[Cell]:
    for people, images, labels, rate in (
        ((20, 20), 2, _LABELS, _RATE),
        ((28, 20), 2, _LABELS, _RATE),
        ((60, 10), 2, _LABELS, _RATE),
        ((28, 20), 8, 3, _RATE),
        ((20, 28), 8, 3, _RATE),
        ((28, 20), 16, 2, 0.93),
        ((20, 20), 16, 2, 0.93),
    ):
        yield _cell(
            f"slices of {'/'.join(map(str, people))}, {images} images of {labels} labels, accuracy "
            f"{number(rate)}, icc {number(_NOISY[0])}/{number(_NOISY[1])}",
            World(
                Strangers(people, (images, images), labels),
                (rate,) * 2,
                tuple(BetaPeople(alike) for alike in _NOISY),
            ),
        )


def _shared() -> Iterator[Cell]:
    for people, joined in ((24, 1.0), (48, 0.5)):
        yield _cell(
            f"the same {people} people in 4 levels, 1 image of {_LABELS} labels, accuracy {number(_RATE)}, "
            f"icc .2 beta, level effect {'fixed' if joined == 1 else 'varying by person'}",
            World(
                SamePeople(people, 4, (1, 1), _LABELS), (_RATE,) * 4, (CORRELATED[2].effect,), joined=joined
            ),
        )
    for opposed in (False, True):
        yield _cell(
            f".5 of 24/24 shared, 2 images of 4 labels, accuracy {number(_RATE)}, icc .2 beta"
            f"{', opposed' if opposed else ''}",
            World(
                Overlapping((24, 24), 0.5, (2, 2), 4),
                (_RATE,) * 2,
                (CORRELATED[2].effect,),
                opposed=opposed,
            ),
        )


def _lacking() -> Cell:
    return _cell(
        f"slices of 40/30, one lacks labels, 2 images of 4 labels, accuracy {number(_RATE)}, icc .2 beta",
        World(
            Strangers((40, 30), (2, 2), 4, ((1.0,) * 4, (0.4, 0.6, 0.9, 0.9))),
            (_RATE,) * 2,
            (CORRELATED[2].effect,),
            labels=(-0.1, -0.05, 0.05, 0.1),
        ),
    )


def _planted() -> Iterator[Cell]:
    """What is planted is to be named; everything else is to be left alone."""
    shapes: tuple[tuple[str, Shape, float], ...] = (
        ("2 slices of 120, 2 images of 7 labels", Strangers((120, 120), (2, 2), _LABELS), 0.15),
        ("4 slices of 30, 2 images of 7 labels", Strangers((30,) * 4, (2, 2), _LABELS), 0.3),
        ("the same 60 people in 2 levels, 1 image of 7 labels", SamePeople(60, 2, (1, 1), _LABELS), 0.3),
    )
    for name, shape, planted in shapes:
        yield _cell(
            f"{name}, accuracy {number(_RATE)}, icc .05 beta, one confusion up by {number(planted)}",
            World(shape, (_RATE,) * shape.slices, (CORRELATED[0].effect,)),
            Confusions(planted=planted),
            (_SIZE, Limit(Property.NAMED, at_least=0.8)),
        )

"""The permutation test of `NoAssociation`: its size where nothing is associated, its power elsewhere."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from simulation.cells import Cell, Limit
from simulation.effects import BetaPeople
from simulation.families.grids import ALIKE, CORRELATED, number, spell_images, spread_people
from simulation.questions import AskAssociation, Property
from simulation.shapes import Overlapping, SamePeople, Strangers, Uneven
from simulation.worlds import World

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ASKS", "NAME", "cells"]

NAME = "association"
ASKS = (
    "Nothing is associated with the slice. How often does the permutation test detect something at .05? "
    "(1,000 tables, 499 rearrangements each; in the last rows something is associated and must be found.)"
)

_RUNS = 1_000
_SIZE = (Limit(Property.DETECTED, at_most=0.055),)


def cells() -> tuple[Cell, ...]:
    """Strangers, unequal slices, shared people, missing labels; then planted associations."""
    return (*_strangers(), *_unequal(), *_uneven(), *_shared(), *_planted())


def _cell(name: str, world: World, limits: tuple[Limit, ...] = _SIZE) -> Cell:
    return Cell(NAME, f"association: {name}", world, AskAssociation(), limits, _RUNS)


def _strangers() -> Iterator[Cell]:
    for slices, people, images, rate in product(
        (2, 4, 8), ((8,), (20,), (60, 8)), ((1, 1), (2, 2), (16, 16), (2, 20)), (0.5, 0.95)
    ):
        for kind in (ALIKE,) if images == (1, 1) else (ALIKE, CORRELATED[3]):
            yield _cell(
                f"{slices} slices of {'/'.join(map(str, people))}, {spell_images(images)}, "
                f"accuracy {number(rate)}, {kind.name}",
                World(Strangers(spread_people(people, slices), images), (rate,) * slices, (kind.effect,)),
            )


def _unequal() -> Iterator[Cell]:
    for people, images, rate, order in product(
        ((20, 20), (60, 10), (28, 20)), ((4, 4), (16, 16)), (0.5, 0.85, 0.95), ((0.02, 0.3), (0.3, 0.02))
    ):
        yield _cell(
            f"slices of {'/'.join(map(str, people))}, {spell_images(images)}, accuracy {number(rate)}, "
            f"icc {number(order[0])}/{number(order[1])}",
            World(Strangers(people, images), (rate,) * 2, tuple(BetaPeople(alike) for alike in order)),
        )


def _uneven() -> Iterator[Cell]:
    for people, images, rate, order in product(
        ((20, 28), (40, 40)), ((3, 6), (8, 12)), (0.85, 0.95), ((0.3, 0.02), (0.02, 0.3), (0.1, 0.1))
    ):
        yield _cell(
            f"slices of {'/'.join(map(str, people))}, {'/'.join(map(str, images))} images, "
            f"accuracy {number(rate)}, icc {number(order[0])}/{number(order[1])}",
            World(Uneven(people, images), (rate,) * 2, tuple(BetaPeople(alike) for alike in order)),
        )


def _shared() -> tuple[Cell, ...]:
    found = [
        _cell(
            f"the same {people} people in {levels} levels, {images} x {labels} labels, accuracy "
            f"{number(rate)}, icc .2 beta, {'fixed' if joined == 1 else 'varying'}",
            World(
                SamePeople(people, levels, (images, images), labels),
                (rate,) * levels,
                (CORRELATED[2].effect,),
                joined=joined,
            ),
        )
        for people, levels, (images, labels), rate, joined in product(
            (8, 20), (2, 4), ((4, 1), (1, 7)), (0.5, 0.95), (1.0, 0.5)
        )
    ]
    found += [
        _cell(
            f"{number(share)} of {people[0]}/{people[1]} shared, 4 images, accuracy {number(rate)}, "
            f"icc .2 beta{', opposed' if opposed else ''}",
            World(Overlapping(people, share, (4, 4)), (rate,) * 2, (CORRELATED[2].effect,), opposed=opposed),
        )
        for people, share, rate, opposed in product(
            ((24, 24), (40, 20)), (0.25, 0.5), (0.5, 0.95), (False, True)
        )
    ]
    found += [
        _cell(
            f"{people[0]}/{people[1]} people, one slice lacks labels, accuracy {number(rate)}, {kind.name}",
            World(
                Strangers(people, (2, 2), 4, ((1.0,) * 4, (0.4, 0.6, 0.9, 0.9))),
                (rate,) * 2,
                (kind.effect,),
                labels=(-0.1, -0.05, 0.05, 0.1),
            ),
        )
        for people, rate, kind in product(((40, 30), (20, 20)), (0.6, 0.85), (ALIKE, CORRELATED[2]))
    ]
    return tuple(found)


def _planted() -> tuple[Cell, ...]:
    power = (Limit(Property.DETECTED, at_least=0.8),)
    alike = (BetaPeople(0.1),)
    return (
        _cell(
            "planted: 22/26/20/28 people, .6 against .8",
            World(Strangers((22, 26, 20, 28), (2, 2), 3), (0.6, 0.8, 0.8, 0.8), alike),
            power,
        ),
        _cell(
            "planted: 60/15 people, .9 against .55",
            World(Strangers((60, 15), (8, 8)), (0.9, 0.55), alike),
            power,
        ),
        _cell(
            "planted: the same 24 people, .75 against .6",
            World(SamePeople(24, 2, (8, 8)), (0.75, 0.6), (BetaPeople(0.2),)),
            power,
        ),
    )

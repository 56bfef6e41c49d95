"""Light differs between slices: what is said given the light, and what would be said without it."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from simulation.cells import Cell, Limit
from simulation.confounding import AskGiven, Light
from simulation.effects import Alike, BetaPeople
from simulation.families import beyond
from simulation.families.grids import TOLERANCE, edge_limits, number, spread_people
from simulation.questions import Property
from simulation.shapes import Strangers
from simulation.worlds import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulation.effects import Effect

__all__ = ["ASKS", "NAME", "OUTSIDE", "OUTSIDE_ASKS", "cells", "outside"]

NAME = "confounders"
ASKS = (
    "Pictures of some slices are darker, and dark faces are harder to read. `Gap(accuracy, at_most=0.10, "
    "given=...)` compares at equal light: how often does its adjusted comparison FAIL where light is all "
    "that differs, or where the gap at equal light is exactly .10, and how often does it PASS there? "
    "(1,000 tables each. Without the light the comparison must FAIL in at least half of the tables where "
    "light is all that differs at an accuracy of .6: that is what the adjustment is for.)"
)
OUTSIDE = f"{beyond.NAME}: light"
OUTSIDE_ASKS = (
    "The same where light acts by a step instead of along a parabola, or in one slice only: neither is in "
    "the regression that adjusts for it."
)

_RUNS = 1_000
_IMAGES = (4, 4)
_OUTSIDE = 0.35
# Near 1 the light takes too few points for a FAIL.
_ROOM = 0.8
_ALIKE: tuple[tuple[str, Effect], ...] = (("icc 0", Alike()), ("icc .2 beta", BetaPeople(0.2)))


def cells() -> tuple[Cell, ...]:
    """Only light, a gap at the tolerance beside light, and exact strata."""
    return (*_only_light(), *_at_the_tolerance(), *_strata())


def outside() -> tuple[Cell, ...]:
    """Effects of another shape than the regression has."""
    return tuple(_other_shapes())


def _cell(
    name: str,
    *,
    people: tuple[int, int],
    rates: tuple[float, float],
    effect: tuple[str, Effect],
    light: Light,
    limits: tuple[Limit, ...],
) -> Cell:
    slices, each = people
    high, low = rates
    middle = round((high + low) / 2, 9)
    accuracy = number(high) if high == low else f"{number(high)}/{number(low)}"
    return Cell(
        OUTSIDE if name.startswith("outside") else NAME,
        f"confounders: {name}, {slices} slices of {each}, accuracy {accuracy}, {effect[0]}",
        World(
            Strangers(spread_people((each,), slices), _IMAGES),
            (high, low, *(middle,) * (slices - 2)),
            (effect[1],),
        ),
        AskGiven(light, TOLERANCE),
        limits,
        _RUNS,
    )


def _only_limits(rate: float) -> tuple[Limit, ...]:
    """Given the light nothing differs; without it a FAIL is the rule where there is room for one."""
    found = (Limit(Property.FAIL, at_most=0.055), Limit(Property.BOTH, at_most=0.0))
    return (*found, Limit(Property.CRUDE_FAIL, at_least=0.5)) if rate < _ROOM else found


def _only_light() -> Iterator[Cell]:
    for rate, people in product((0.6, 0.85, 0.95), ((2, 60), (4, 30))):
        yield _cell(
            "only light",
            people=people,
            rates=(rate, rate),
            effect=_ALIKE[1],
            light=Light(1.5, 1.5),
            limits=_only_limits(rate),
        )


def _at_the_tolerance() -> Iterator[Cell]:
    for rate, people, effect in product((0.6, 0.85, 0.95), ((2, 12), (2, 30), (2, 60), (4, 12)), _ALIKE):
        yield _cell(
            "gap beside light",
            people=people,
            rates=(rate, round(rate - TOLERANCE, 9)),
            effect=effect,
            light=Light(1.0, 1.0),
            limits=edge_limits(),
        )


def _strata() -> Iterator[Cell]:
    light = Light(1.0, 1.5, bands=True)
    for rate, people, effect in product((0.6, 0.85, 0.95), ((2, 30), (4, 12)), _ALIKE):
        yield _cell(
            "gap within strata",
            people=people,
            rates=(rate, round(rate - TOLERANCE, 9)),
            effect=effect,
            light=light,
            limits=edge_limits(),
        )
    for rate in (0.6, 0.85):
        yield _cell(
            "only strata",
            people=(2, 60),
            rates=(rate, rate),
            effect=_ALIKE[1],
            light=Light(2.0, 2.5, bands=True),
            limits=_only_limits(rate),
        )


def _other_shapes() -> Iterator[Cell]:
    """The regression is straight and square in the light, and alike in every slice; here the truth is not."""
    limits = (
        Limit(Property.FAIL, at_most=_OUTSIDE),
        Limit(Property.PASS, at_most=_OUTSIDE),
        Limit(Property.BOTH, at_most=0.0),
    )
    for rate, (name, light) in product(
        (0.6, 0.85),
        (
            ("outside: a step in the dark", Light(1.0, 2.0, threshold=-0.5)),
            ("outside: light matters in one slice", Light(1.0, 1.0, only_odd=True)),
        ),
    ):
        yield _cell(
            name,
            people=(2, 60),
            rates=(rate, round(rate - TOLERANCE, 9)),
            effect=_ALIKE[1],
            light=light,
            limits=limits,
        )

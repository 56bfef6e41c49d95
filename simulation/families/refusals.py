"""Rare events against a tolerance of five points: refusals, blocked and unreadable answers."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from simulation.cells import Cell
from simulation.families.grids import (
    ALIKE,
    CORRELATED,
    PLANTS,
    edge_limits,
    number,
    spell_images,
    spread_people,
)
from simulation.questions import AskGap
from simulation.shapes import Strangers
from simulation.worlds import World

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ASKS", "NAME", "cells"]

NAME = "refusals"
ASKS = (
    "Refusals differ by exactly the tolerance: how often does `Gap(refusals, at_most=0.05)` FAIL, and how "
    "often PASS?"
)

_TOLERANCE = 0.05


def cells() -> tuple[Cell, ...]:
    """Slices x people x images x refusals x how people differ x where the gap lies."""
    return tuple(_cells())


def _cells() -> Iterator[Cell]:
    for slices, people, images, rate, kind in product(
        (2, 4),
        ((8,), (20,), (60,), (60, 8)),
        ((1, 1), (2, 2), (16, 16)),
        (0.055, 0.1, 0.3),
        (ALIKE, CORRELATED[0], CORRELATED[2], CORRELATED[3]),
    ):
        if images == (1, 1) and kind is not ALIKE:
            continue
        low = round(rate - _TOLERANCE, 9)
        for plant in PLANTS[:1] if slices == 2 else (PLANTS[0], PLANTS[2]):  # noqa: PLR2004 - one pair
            yield Cell(
                NAME,
                f"refusals: {slices} slices of {'/'.join(map(str, people))}, {spell_images(images)}, "
                f"refused {number(rate)}/{number(low)}, {kind.name}, {plant.name}",
                World(
                    Strangers(spread_people(people, slices), images),
                    plant.rates(rate, low, slices),
                    (kind.effect,),
                ),
                AskGap(_TOLERANCE),
                edge_limits(),
            )

"""Slices whose people differ by unlike amounts: one pooled correlation must not hide the noisier slice."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from simulation.cells import Cell
from simulation.effects import BetaPeople
from simulation.families.grids import (
    PEOPLE,
    PLANTS,
    TOLERANCE,
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

NAME = "unequal correlations"
ASKS = (
    "As above, but images of one person correlate by .02 in half of the slices and by .3 in the others. "
    "(.3 lies beyond the .2 that PASS assumes; the limits are those of the assumption all the same.)"
)


def cells() -> tuple[Cell, ...]:
    """Slices x people x images x accuracy x which slice is noisier x where the gap lies."""
    return tuple(_cells())


def _cells() -> Iterator[Cell]:
    orders = ((0.02, 0.3), (0.3, 0.02))
    images = ((2, 2), (16, 16), (2, 20))
    for slices, people, shot, rate, order in product(
        (2, 4, 8), PEOPLE, images, (0.5, 0.85, 0.95, 0.99), orders
    ):
        low = round(rate - TOLERANCE, 9)
        effects = tuple(BetaPeople(alike) for alike in order) * (slices // 2)
        for plant in PLANTS[:1] if slices == 2 else (PLANTS[0], PLANTS[2]):  # noqa: PLR2004 - one pair
            yield Cell(
                NAME,
                f"unequal: {slices} slices of {'/'.join(map(str, people))}, {spell_images(shot)}, "
                f"accuracy {number(rate)}/{number(low)}, icc {number(order[0])}/{number(order[1])}, "
                f"{plant.name}",
                World(
                    Strangers(spread_people(people, slices), shot),
                    plant.rates(rate, low, slices),
                    effects,
                ),
                AskGap(TOLERANCE),
                edge_limits(),
            )

"""A ratio on the edge of the claim between slices that share people: all of them, or some."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from simulation.cells import Cell
from simulation.families.grids import ALIKE, CORRELATED, number, spell_images
from simulation.families.ratio import EDGES, ratio_limits
from simulation.questions import AskRatio
from simulation.shapes import Overlapping, SamePeople
from simulation.worlds import World

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ASKS", "NAME", "cells"]

NAME = "ratio, shared people"
ASKS = (
    "The same edge of the claim, where all people are in both slices or some are; some of them do well in "
    "one slice and badly in the other (opposed)."
)


def cells() -> tuple[Cell, ...]:
    """Twins by people, images, edge and correlation; then shares of people, joined or opposed."""
    return tuple(_cells())


def _cells() -> Iterator[Cell]:
    for people, (images, labels), edge, kind, joined in product(
        (8, 16, 48, 100), ((4, 1), (16, 1), (1, 7)), EDGES, (CORRELATED[0], CORRELATED[2]), (1.0, 0.5)
    ):
        yield Cell(
            NAME,
            f"ratio, twins: {people} people, {images} x {labels} labels, "
            f"rates {number(edge[0])}/{number(edge[1])}, {kind.name}, "
            f"level effect {'fixed' if joined == 1 else 'varying by person'}",
            World(SamePeople(people, 2, (images, images), labels), edge, (kind.effect,), joined=joined),
            AskRatio(),
            ratio_limits(edge, paired=True),
        )
    for people, share, images, edge, kind, opposed in product(
        ((24, 24), (60, 24), (100, 100)),
        (0.25, 0.5, 0.75),
        ((2, 2), (16, 16)),
        EDGES[1:-1],
        (ALIKE, CORRELATED[2]),
        (False, True),
    ):
        if round(people[0] * share) > people[1] or (opposed and kind is ALIKE):
            continue
        yield Cell(
            NAME,
            f"ratio, overlap: slices of {'/'.join(map(str, people))}, {number(share)} shared, "
            f"{spell_images(images)}, rates {number(edge[0])}/{number(edge[1])}, {kind.name}"
            f"{', opposed' if opposed else ''}",
            World(Overlapping(people, share, images), edge, (kind.effect,), opposed=opposed),
            AskRatio(),
            ratio_limits(edge, paired=True),
        )

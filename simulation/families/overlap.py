"""Slices that share some people, and intersections of a within-person with a between-person attribute."""

from __future__ import annotations

from itertools import product

from simulation.cells import Cell
from simulation.families.grids import ALIKE, CORRELATED, TOLERANCE, edge_limits, number, spell_images
from simulation.questions import AskGap
from simulation.shapes import Crossed, Overlapping
from simulation.worlds import World

__all__ = ["ASKS", "NAME", "cells"]

NAME = "partly shared people"
ASKS = (
    "Some people are in both slices, or a within-person attribute is crossed with a between-person one "
    "(gender x skin tone of rendered faces). The largest true gap is exactly .10."
)


def cells() -> tuple[Cell, ...]:
    """Shares x people x images x accuracy x correlation, joined or opposed; then crossed designs."""
    return (*_overlapping(), *_crossed())


def _overlapping() -> tuple[Cell, ...]:
    found = []
    for people, share, images, rate, kind, opposed in product(
        ((24, 24), (60, 20), (20, 20, 20)),
        (0.25, 0.5, 0.75),
        ((2, 2), (16, 16)),
        (0.5, 0.85, 0.95),
        (ALIKE, CORRELATED[2]),
        (False, True),
    ):
        # The smaller slice must hold the people it shares; without effects there is nothing to oppose.
        if round(people[0] * share) > people[1] or (opposed and kind is ALIKE):
            continue
        low = round(rate - TOLERANCE, 9)
        rates = (rate, low, *(round((rate + low) / 2, 9),) * (len(people) - 2))
        found.append(
            Cell(
                NAME,
                f"overlap: slices of {'/'.join(map(str, people))}, {number(share)} shared, "
                f"{spell_images(images)}, accuracy {number(rate)}/{number(low)}, {kind.name}"
                f"{', opposed' if opposed else ''}",
                World(Overlapping(people, share, images), rates, (kind.effect,), opposed=opposed),
                AskGap(TOLERANCE),
                edge_limits(),
            )
        )
    return tuple(found)


def _crossed() -> tuple[Cell, ...]:
    found = []
    for people, levels, (images, labels), rate, kind, where in product(
        ((20, 20), (8, 24)),
        (2, 4),
        ((4, 1), (1, 7)),
        (0.5, 0.85, 0.95),
        CORRELATED[::2],
        ("within", "between"),
    ):
        low = round(rate - TOLERANCE, 9)
        middle = round((rate + low) / 2, 9)
        rates = [middle] * (2 * levels)
        # Slices 0 and 1 are levels of one group, 0 and ``levels`` one level of both groups.
        rates[0], rates[1 if where == "within" else levels] = rate, low
        found.append(
            Cell(
                NAME,
                f"crossed: {'/'.join(map(str, people))} people x {levels} levels, {images} x "
                f"{labels} labels, accuracy {number(rate)}/{number(low)}, {kind.name}, gap {where} people",
                World(Crossed(people, levels, (images, images), labels), tuple(rates), (kind.effect,)),
                AskGap(TOLERANCE),
                edge_limits(paired=True),
            )
        )
    return tuple(found)

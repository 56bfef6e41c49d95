"""Slices that have other labels: a mixture of expressions is neither a bias nor the absence of one."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from simulation.cells import Cell, Limit
from simulation.families.grids import ALIKE, CORRELATED, TOLERANCE, edge_limits
from simulation.questions import AskGap, Property
from simulation.shapes import Census, Strangers
from simulation.worlds import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulation.shapes import Shape

__all__ = ["ASKS", "FACE_PLACE", "NAME", "Dataset", "cells"]

NAME = "labels that slices lack"
ASKS = (
    "Labels are unequally hard and unequally available, as race is confounded with expression in Face-Place "
    "and in Chicago Face. How often is a fair model failed, a gap of the tolerance judged, and twice the "
    "tolerance passed?"
)


@dataclass(frozen=True, slots=True)
class Dataset:
    """A shape with the difficulty of its labels."""

    name: str
    shape: Shape
    labels: tuple[float, ...]

    @property
    def centred(self) -> tuple[float, ...]:
        """How far each label's rate lies from the mean over labels."""
        mean = sum(self.labels) / len(self.labels)
        return tuple(round(label - mean, 6) for label in self.labels)


# Images by race and label of three datasets (anger, disgust, fear, happiness, neutral, sadness, surprise; for
# Chicago Face anger, fear, happiness, neutral), derived from the percentages printed in arXiv 2408.14842. How
# many people Face-Place has by race is not published there: those numbers are an assumption.
_EASE = (-0.08, -0.1, -0.1, 0.1, 0.08, -0.05, 0.05)
FACE_PLACE = Dataset(
    "Face-Place",
    Census(
        (30, 24, 11, 60),
        (
            (1, 14, 5, 16, 116, 15, 10),
            (5, 18, 3, 16, 68, 9, 9),
            (0, 0, 0, 1, 43, 0, 0),
            (30, 111, 54, 110, 238, 108, 53),
        ),
        (1, 2, 1, 2, 4, 2, 1),
    ),
    _EASE,
)
"""Face-Place (Tarr): three of four races lack most expressions."""
_DATASETS = (
    Dataset(
        "Chicago Face",
        Census(
            (109, 197, 108, 183),
            ((0, 0, 0, 109), (82, 83, 164, 197), (0, 0, 0, 108), (72, 66, 143, 183)),
            (1, 1, 2, 1),
        ),
        (-0.08, -0.1, 0.1, 0.08),
    ),
    FACE_PLACE,
    Dataset(
        "RADIATE",
        Census(
            (22, 38, 20, 28),
            (
                (44, 44, 44, 65, 44, 43, 22),
                (76, 76, 74, 110, 76, 73, 38),
                (40, 38, 40, 57, 40, 39, 19),
                (55, 56, 56, 81, 56, 56, 26),
            ),
            (2, 2, 2, 3, 2, 2, 1),
        ),
        _EASE,
    ),
    Dataset(
        "two slices of 20, one with half of the labels",
        Strangers((20, 20), (1, 3), 7, ((1.0,) * 7, (0.5,) * 7)),
        _EASE,
    ),
    Dataset(
        "two slices of 40, opposite mixtures",
        Strangers((40, 40), (1, 2), 4, ((0.9, 0.9, 0.4, 0.4), (0.4, 0.4, 0.9, 0.9))),
        (-0.1, -0.1, 0.1, 0.1),
    ),
    Dataset(
        "four slices of 20, each with others",
        Strangers(
            (20,) * 4,
            (1, 2),
            4,
            ((0.9, 0.5, 0.7, 0.9), (0.5, 0.9, 0.9, 0.7), (0.7, 0.9, 0.5, 0.5), (0.9, 0.7, 0.9, 0.5)),
        ),
        (-0.1, -0.1, 0.1, 0.1),
    ),
)

_FAIR = (Limit(Property.FAIL, at_most=0.05), Limit(Property.BOTH, at_most=0.0))
_TWICE = (Limit(Property.PASS, at_most=0.055), Limit(Property.BOTH, at_most=0.0))


def cells() -> tuple[Cell, ...]:
    """Datasets x accuracy x correlation x no gap, a gap of the tolerance, twice the tolerance."""
    return tuple(_cells())


def _cells() -> Iterator[Cell]:
    for data, rate, kind in product(
        _DATASETS, (0.6, 0.85), (ALIKE, CORRELATED[0], CORRELATED[2], CORRELATED[3])
    ):
        for name, gap, limits in (
            ("no gap", 0.0, _FAIR),
            ("gap .1", TOLERANCE, edge_limits()),
            ("gap .2", 2 * TOLERANCE, _TWICE),
        ):
            low, slices = round(rate - gap, 9), data.shape.slices
            # In the census datasets Black and White people have the most labels in common.
            pair = (1, 3) if slices == 4 else (0, 1)  # noqa: PLR2004 - races
            rates = [round((rate + low) / 2, 9)] * slices
            rates[pair[1]], rates[pair[0]] = rate, low
            yield Cell(
                NAME,
                f"labels: {data.name}, accuracy {rate:g}, {kind.name}, {name}",
                World(data.shape, tuple(rates), (kind.effect,), labels=data.centred),
                AskGap(TOLERANCE),
                limits,
            )

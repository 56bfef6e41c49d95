"""Confidence that means less in one slice: a gap at the tolerance in overconfidence or Brier score."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, product
from typing import TYPE_CHECKING

from simulation.cells import Cell, Limit
from simulation.confidence import Confidences, People, Score, true_scores
from simulation.families.grids import edge_limits, number, spell_images, spread_people
from simulation.questions import Property
from simulation.scoring import AskPrintedScores, AskScores
from simulation.shapes import Overlapping, SamePeople, Strangers, Uneven
from simulation.worlds import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulation.shapes import Shape

__all__ = ["ASKS", "NAME", "cells"]

NAME = "calibration"
ASKS = (
    "Two slices are exactly .10 apart in confidence minus accuracy, or .05 in Brier score. How often does "
    "the gap FAIL, and how often PASS? (People differ in how far the model is right; slices may have other "
    "numbers of images a person. In the last rows images of one person correlate by more than PASS assumes, "
    "and the number of people that an undecided gap prints is tried out.)"
)


@dataclass(frozen=True, slots=True)
class _Setting:
    """A score and a model whose slices are the tolerance apart in it."""

    name: str
    score: Score
    sure: tuple[float, float]
    over: float
    tolerance: float


_SETTINGS = (
    _Setting("overconfidence, .5 to .8 sure", Score.OVERCONFIDENCE, (0.5, 0.8), 0.1, 0.1),
    _Setting("overconfidence, .9 to 1 sure", Score.OVERCONFIDENCE, (0.9, 1.0), 0.1, 0.1),
    _Setting("Brier, .5 to .8 sure", Score.BRIER, (0.5, 0.8), 0.05 / 0.3, 0.05),
    _Setting("Brier, .97 to 1 sure", Score.BRIER, (0.97, 1.0), 0.05 / 0.97, 0.05),
)
_KINDS = (People.ALIKE, People.EVEN, People.TAILED, People.FEW)
_IMAGES = ((1, 1), (2, 2), (16, 16), (2, 20))
_BEYOND = (Limit(Property.FAIL, at_most=0.055), Limit(Property.PASS, at_most=0.35))
_POWER = (Limit(Property.DECIDED, at_most=0.87, at_least=0.75),)


def cells() -> tuple[Cell, ...]:
    """Strangers, with unequal numbers of images too, twins, partly shared people; then the last rows."""
    return tuple(chain(_strangers(), _uneven(), _twins(), _overlap(), _far(), _printed()))


def _cell(
    setting: _Setting,
    shape: Shape,
    told: str,
    people: People,
    *,
    joined: float = 1.0,
    opposed: bool = False,
    limits: tuple[Limit, ...] | None = None,
) -> Cell:
    middle = setting.over / 2
    over = (0.0, setting.over, *(middle,) * (shape.slices - 2))
    world = World(shape, over, joined=joined, opposed=opposed)
    confidences = Confidences(setting.sure, people)
    means = true_scores(world, confidences, setting.score)
    tolerance = round(float(means[1] - means[0]), 12)
    how = ", opposed" if opposed else "" if joined == 1 else f", {number(joined)} joined"
    return Cell(
        NAME,
        f"{setting.name}: {told}, {people}{how}",
        world,
        AskScores(setting.score, confidences, tolerance),
        limits or edge_limits(paired=isinstance(shape, SamePeople)),
    )


def _strangers() -> Iterator[Cell]:
    two = product((2,), ((8,), (20,), (60,), (60, 8), (8, 60)), _IMAGES, _KINDS)
    more = product((4, 8), ((8,), (20,), (60, 8)), _IMAGES[1:], (People.TAILED,))
    for setting, (slices, people, images, kind) in product(_SETTINGS, (*two, *more)):
        told = f"{slices} slices of {'/'.join(map(str, people))}, {spell_images(images)}"
        yield _cell(setting, Strangers(spread_people(people, slices), images), told, kind)
    for setting, kind in product(_SETTINGS, _KINDS):
        told = "2 slices of 20, 1 x 7 labels"
        yield _cell(setting, Strangers((20, 20), (1, 1), 7), told, kind)


def _uneven() -> Iterator[Cell]:
    shapes = (
        ((20, 20), (2, 16)),
        ((20, 20), (16, 2)),
        ((60, 8), (2, 16)),
        ((60, 8), (16, 2)),
        ((60, 20), (2, 16)),
    )
    for setting, (people, images), kind in product(_SETTINGS, shapes, _KINDS):
        told = f"slices of {'/'.join(map(str, people))}, {'/'.join(map(str, images))} images"
        yield _cell(setting, Uneven(people, images), told, kind)
    for setting in _SETTINGS:
        told = "8 slices of 20, 2/16 images"
        yield _cell(setting, Uneven((20,) * 8, (2, 16) * 4), told, People.TAILED)


def _twins() -> Iterator[Cell]:
    shapes = (
        (SamePeople(people, levels, images, labels), f"{people} people in {levels} levels, {told}")
        for people, levels in ((8, 2), (16, 2), (48, 4))
        for images, labels, told in (
            ((2, 2), 1, "2 images"),
            ((16, 16), 1, "16 images"),
            ((1, 1), 7, "1 x 7 labels"),
        )
    )
    hundred = (SamePeople(100, 2, (1, 1)), "100 people in 2 levels, 1 image")
    for (shape, told), setting in product((*shapes, hundred), _SETTINGS):
        yield _cell(setting, shape, told, People.ALIKE)
        yield _cell(setting, shape, told, People.TAILED)
        yield _cell(setting, shape, told, People.TAILED, joined=0.5)
        yield _cell(setting, shape, told, People.TAILED, opposed=True)
        yield _cell(setting, shape, told, People.FEW, joined=0.5)


def _overlap() -> Iterator[Cell]:
    shapes = (
        (Overlapping((24, 24), 0.5, (16, 16)), "24/24, .5 shared, 16 images"),
        (Overlapping((60, 20), 0.25, (2, 2)), "60/20, .25 shared, 2 images"),
        (Overlapping((40, 40, 40), 0.5, (2, 2)), "40/40/40, .5 shared, 2 images"),
    )
    for (shape, told), setting in product(shapes, _SETTINGS):
        yield _cell(setting, shape, told, People.ALIKE)
        yield _cell(setting, shape, told, People.TAILED)
        yield _cell(setting, shape, told, People.TAILED, opposed=True)
        yield _cell(setting, shape, told, People.FEW, joined=0.5)


def _far() -> Iterator[Cell]:
    for setting in _SETTINGS:
        told = "2 slices of 20, 16 images"
        yield _cell(setting, Strangers((20, 20), (16, 16)), told, People.FAR, limits=_BEYOND)
        told = "24 people in 2 levels, 1 x 7 labels"
        yield _cell(setting, SamePeople(24, 2, (1, 1), 7), told, People.FAR, joined=0.5, limits=_BEYOND)


def _printed() -> Iterator[Cell]:
    studies = (
        (_SETTINGS[0], Strangers((16, 16), (16, 16)), "16/16, 16 images", (0.0, 0.2), Property.FAIL),
        (_SETTINGS[2], Strangers((16, 16), (4, 4)), "16/16, 4 images", (0.0, 0.4), Property.FAIL),
        (_SETTINGS[0], SamePeople(16, 2, (7, 7)), "16 in both, 7 images", (0.0, 0.22), Property.FAIL),
        (_SETTINGS[1], Strangers((20, 20), (2, 2)), "20/20, 2 images", (0.02, 0.02), Property.PASS),
        (_SETTINGS[2], Strangers((12,) * 4, (4, 4)), "four of 12, 4 images", (0.0,) * 4, Property.PASS),
        (_SETTINGS[3], SamePeople(12, 2, (4, 4)), "12 in both, 4 images", (0.01, 0.01), Property.PASS),
    )
    for setting, shape, told, over, goal in studies:
        yield Cell(
            NAME,
            f"{setting.name}: people needed to {goal}, {told}",
            World(shape, over),
            AskPrintedScores(
                setting.score, Confidences(setting.sure, People.TAILED), setting.tolerance, goal
            ),
            _POWER,
        )

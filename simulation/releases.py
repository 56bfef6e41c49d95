"""Two releases on the same people and pictures: what is said of the later one, and of how a gap changed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.stats.change.deterioration import change_of_gap, deteriorations
from fer_audit.stats.settings import Settings
from simulation.questions import Property
from simulation.shapes import Places
from simulation.worlds import draw

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from fer_audit.stats.tally import Tally
    from simulation.shapes import Shape
    from simulation.worlds import World

__all__ = ["AskChange", "AskChangeOfGap", "Releases", "Twice", "draw_releases"]

_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Twice:
    """Everybody's pictures shown to two releases: the slices of the earlier one, then those of this one.

    A world of such a shape says with ``joined`` how far people who are hard to read stay so, and with
    ``same_luck`` that both releases stumble over the same pictures.

    Attributes:
        shape: the dataset.

    >>> from simulation.shapes import Strangers
    >>> Twice(Strangers((1, 2), (3, 3))).place(np.random.default_rng(0)).level.tolist()
    [0, 1, 1, 2, 3, 3]
    """

    shape: Shape

    @property
    def slices(self) -> int:
        """Two for each slice of the dataset."""
        return 2 * self.shape.slices

    @property
    def labels(self) -> int:
        """Those of the dataset."""
        return self.shape.labels

    @property
    def shared(self) -> bool:
        """Everybody is seen by both releases."""
        return True

    def place(self, generator: np.random.Generator) -> Places:
        """The same people and images twice over."""
        once = self.shape.place(generator)
        return Places(
            np.concatenate([once.person, once.person]),
            np.concatenate([once.level, once.level + self.shape.slices]),
            np.concatenate([once.images, once.images]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Releases:
    """Answers of two releases about the same pictures."""

    before: Tally
    now: Tally


def draw_releases(world: World, runs: int, generator: np.random.Generator) -> Releases:
    """Tables of both releases; the world's shape is :class:`Twice`."""
    tally = draw(world, runs, generator)
    half = len(tally.person) // 2
    slices = len(tally.levels) // 2

    def cut(part: slice, first_level: int) -> Tally:
        return replace(
            tally,
            person=tally.person[part],
            level=tally.level[part] - first_level,
            hits=tally.hits[:, part],
            images=tally.images[part],
            levels=tally.levels[:slices],
        )

    return Releases(cut(slice(half), 0), cut(slice(half, None), slices))


@dataclass(frozen=True, slots=True)
class AskChange:
    """Is anybody read worse than before by more than a margin?

    Attributes:
        overall: margin of everybody together.
        each: margin of every slice.
        settings: error rate, floor and the fewest people.
        batch: tables a set of people and images.
    """

    overall: float = 0.02
    each: float = 0.05
    settings: Settings = field(default_factory=Settings)
    batch: int = 500

    @property
    def asks(self) -> tuple[str, ...]:
        """The comparison of two releases."""
        return ("fer_audit.stats.change.deterioration",)

    def count(self, world: World, runs: int, generator: np.random.Generator) -> Mapping[Property, int]:
        """FAIL, PASS, both, and bounds on the wrong side of the true deterioration.

        Lower bounds are simultaneous over the claims, so one on the wrong side is enough; of the upper bounds
        the one of the claim that is nearest to its margin, or farthest beyond it, must hold.
        """
        drawn = draw_releases(world, runs, generator)
        found = deteriorations(drawn.before, drawn.now, self.settings, rising_is_worse=False)
        names = {name: level for level, name in enumerate(drawn.now.levels)}
        drop = _drops(world)
        truth = np.array(
            [drop[names[item.name]] if item.name else _mean_drop(drawn.now, drop) for item in found]
        )
        margin = np.array([self.each if item.name else self.overall for item in found])
        lower = np.stack([item.lower for item in found], axis=-1)
        upper = np.stack([item.upper for item in found], axis=-1)
        failed = (lower > margin + _ROUNDING).any(-1)
        passed = (upper <= margin + _ROUNDING).all(-1)
        nearest = int((truth - margin).argmax())
        return {
            Property.FAIL: int(failed.sum()),
            Property.PASS: int(passed.sum()),
            Property.BOTH: int((failed & passed).sum()),
            Property.LOWER: int((lower > truth + _ROUNDING).any(-1).sum()),
            Property.UPPER: int((upper[:, nearest] < truth[nearest] - _ROUNDING).sum()),
        }


@dataclass(frozen=True, slots=True)
class AskChangeOfGap:
    """By how much did the gap between the first two slices change between two releases?

    Attributes:
        settings: for the fewest people.
        batch: tables a set of people and images.
    """

    settings: Settings = field(default_factory=Settings)
    batch: int = 500

    @property
    def asks(self) -> tuple[str, ...]:
        """The difference in differences."""
        return ("fer_audit.stats.change.deterioration",)

    def count(self, world: World, runs: int, generator: np.random.Generator) -> Mapping[Property, int]:
        """How often the two-sided 95 % interval holds the true change."""
        drawn = draw_releases(world, runs, generator)
        _, first, second, *_ = deteriorations(drawn.before, drawn.now, self.settings, rising_is_worse=False)
        found = change_of_gap(first, second)
        drop = _drops(world)
        truth = drop[1] - drop[0]
        covered = (found.lower <= truth + _ROUNDING) & (found.upper >= truth - _ROUNDING)
        return {Property.COVERED: int(covered.sum())}


def _drops(world: World) -> NDArray[np.float64]:
    """Shape (S,): how much worse every slice truly is read than before."""
    rates = np.array(world.rates)
    half = len(rates) // 2
    return np.asarray(np.round(rates[:half] - rates[half:], 9))


def _mean_drop(tally: Tally, drop: NDArray[np.float64]) -> float:
    """How much worse people are read on average; of a person in several slices every image counts alike."""
    _, who = np.unique(tally.person, return_inverse=True)
    images = tally.images.sum(axis=1)
    own = np.bincount(who, images * drop[tally.level]) / np.bincount(who, images)
    return float(own.mean())

"""Models that change their answers with an attribute, or by themselves, and what `Flips` says of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.stats.flips.excess import bound_excess, match_levels
from fer_audit.stats.flips.scenes import Scenes
from fer_audit.stats.settings import Settings
from fer_audit.stats.wordings.repeats import agreement
from simulation.effects import VALUES
from simulation.questions import Property

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from fer_audit.stats.flips.excess import Excess
    from simulation.worlds import World

__all__ = ["AskFlips", "draw_scenes", "true_excess"]

_ROUNDING = 1e-12
_RESPONSES = 7


@dataclass(frozen=True, slots=True)
class AskFlips:
    """Does the answer change with the level on more than so many faces?

    The rates of the world are shares of faces whose settled answer is another one at that level; only the
    last level may have one above 0, so that the truth of a pair is that share.

    Attributes:
        tolerance: the excess allowed.
        noise: how often an answer is a throw of the dice instead of the settled one.
        times: how often each picture is shown.
        settings: error rate, floor and the fewest people.
        batch: tables a set of faces.
    """

    tolerance: float
    noise: float = 0.0
    times: int = 1
    settings: Settings = field(default_factory=Settings)
    batch: int = 250

    @property
    def asks(self) -> tuple[str, ...]:
        """The bounds of the excess."""
        return ("fer_audit.stats.flips.excess",)

    def count(self, world: World, runs: int, generator: np.random.Generator) -> Mapping[Property, int]:
        """FAIL, PASS, both, bounds on the wrong side of the truth, and FAIL of the rate before noise."""
        scenes = draw_scenes(world, runs, generator, noise=self.noise, times=self.times)
        found = bound_excess(match_levels(scenes), self.settings)
        raw = bound_excess(
            match_levels(replace(scenes, measured=np.zeros_like(scenes.measured))), self.settings
        )
        truth = [true_excess(world, item, self.noise) for item in found]
        failed = _any_over(found, self.tolerance)
        passed = np.all([item.upper <= self.tolerance + _ROUNDING for item in found], axis=0)
        above = np.any(
            [item.lower > true + _ROUNDING for item, true in zip(found, truth, strict=True)], axis=0
        )
        widest = int(np.argmax(truth))
        below = found[widest].upper < truth[widest] - _ROUNDING
        return {
            Property.FAIL: int(failed.sum()),
            Property.PASS: int(passed.sum()),
            Property.BOTH: int((failed & passed).sum()),
            Property.LOWER: int(above.sum()),
            Property.UPPER: int(below.sum()),
            Property.RAW: int(_any_over(raw, self.tolerance).sum()),
        }


def true_excess(world: World, item: Excess, noise: float) -> float:
    """Half the squared distance of the answers' distributions: (1 - noise)^2 where an answer moves."""
    rates = world.rates
    return (1 - noise) ** 2 * max(rates[item.pair.first], rates[item.pair.second])


def draw_scenes(
    world: World, runs: int, generator: np.random.Generator, *, noise: float, times: int
) -> Scenes:
    """Answers about every face at every level, many times over."""
    shape = world.shape
    places = shape.place(generator)
    people, levels = int(places.person.max()) + 1, shape.slices
    number = int(places.images.max())
    person, label = (
        axis.reshape(-1)
        for axis in np.meshgrid(np.arange(people), np.repeat(np.arange(shape.labels), number), indexing="ij")
    )
    faces = len(person)
    settled = generator.integers(_RESPONSES, size=(runs, faces))
    rank = generator.integers(VALUES, size=(runs, people))
    counts = np.zeros((runs, levels, faces, _RESPONSES))
    for level, rate in enumerate(world.rates):
        mine = settled
        if rate > 0:
            # People who are read well by an effect are those who seldom change.
            steady = world.effects[0].abilities(1 - rate)[rank][:, person]
            moved = generator.random((runs, faces)) >= steady
            mine = np.where(moved, (settled + generator.integers(1, _RESPONSES, settled.shape)), settled)
            mine = mine % _RESPONSES
        for _ in range(times):
            thrown = generator.random((runs, faces)) < noise
            said = np.where(thrown, generator.integers(_RESPONSES, size=mine.shape), mine)
            counts[:, level] += said[..., None] == np.arange(_RESPONSES)
    answers: NDArray[np.float64] = counts.reshape(runs, levels * faces, _RESPONSES)
    return Scenes(
        person=person,
        label=label,
        face=np.arange(faces),
        scene=np.tile(np.arange(faces), levels),
        level=np.repeat(np.arange(levels), faces),
        share=answers / times,
        alike=agreement(answers),
        measured=np.full(levels * faces, times > 1),
        levels=tuple(f"s{level}" for level in range(levels)),
        labels=tuple(f"l{place}" for place in range(shape.labels)),
        responses=tuple(f"r{place}" for place in range(_RESPONSES)),
    )


def _any_over(found: tuple[Excess, ...], tolerance: float) -> NDArray[np.bool_]:
    return np.asarray(np.any([item.lower > tolerance + _ROUNDING for item in found], axis=0))

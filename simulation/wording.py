"""Questions in several wordings that read slices differently, and whether a verdict reaches new ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.stats.differences.engine import compare
from fer_audit.stats.settings import Settings
from fer_audit.stats.tally import Tally
from fer_audit.stats.wordings.clustering import FEWEST_WORDINGS
from fer_audit.stats.wordings.reach import reach_new_wordings
from fer_audit.stats.wordings.tables import WordedTally
from simulation.effects import VALUES
from simulation.questions import Property, over

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from simulation.worlds import World

__all__ = ["AskWordings", "draw_wordings"]

_ROUNDING = 1e-12
# Of two answers to one picture in two wordings so many share their luck.
_SAME_LUCK = 0.7


@dataclass(frozen=True, slots=True)
class AskWordings:
    """Do slices differ by more than a tolerance, in wordings like these?

    Attributes:
        tolerance: the largest gap allowed.
        wordings: how many are tried.
        spread: standard deviation over wordings of what a wording adds to each slice's rate.
        settings: error rate, floors and the fewest people.
        batch: tables a set of people and images.
    """

    tolerance: float
    wordings: int
    spread: float
    settings: Settings = field(default_factory=Settings)
    batch: int = 250

    @property
    def asks(self) -> tuple[str, ...]:
        """The engine of differences, and what wordings add to it."""
        return ("fer_audit.stats.differences.engine", "fer_audit.stats.wordings.reach")

    def count(self, world: World, runs: int, generator: np.random.Generator) -> Mapping[Property, int]:
        """FAIL and PASS as the verdict takes them, and with people as the only clusters."""
        table = draw_wordings(world, runs, generator, wordings=self.wordings, spread=self.spread)
        tally = Tally(
            person=table.person,
            level=table.level,
            hits=table.hits.sum(-1),
            images=table.images.sum(-1).round(),
            levels=tuple(f"s{level}" for level in range(world.shape.slices)),
            labels=("l0",),
            conditional=True,
        )
        found = compare(tally, self.settings)
        lower, upper = found.lower, found.upper
        if self.wordings >= FEWEST_WORDINGS:
            wide = reach_new_wordings(tally, found, table, self.tolerance, self.settings)
            lower, upper = wide.lower, wide.upper
        seen = found.compared
        failed = (lower[..., seen] > self.tolerance + _ROUNDING).any(-1)
        passed = (upper[..., seen] <= self.tolerance + _ROUNDING).all(-1)
        rates = np.array(world.rates)
        truth = np.abs(rates[found.layout.first] - rates[found.layout.second])
        widest = int(np.where(seen, truth, -1).argmax())
        alone = (found.upper[..., seen] <= self.tolerance + _ROUNDING).all(-1)
        return {
            Property.FAIL: int(failed.sum()),
            Property.PASS: int(passed.sum()),
            Property.BOTH: int((failed & passed).sum()),
            Property.LOWER: int((lower > truth + _ROUNDING)[..., seen].any(-1).sum()),
            Property.UPPER: int((upper[..., widest] < truth[widest] - _ROUNDING).sum()),
            Property.ONE_WAY_FAIL: int(over(found, self.tolerance).sum()),
            Property.ONE_WAY_PASS: int(alone.sum()),
        }


def draw_wordings(
    world: World, runs: int, generator: np.random.Generator, *, wordings: int, spread: float
) -> WordedTally:
    """Answers about every picture in every wording; of one label.

    A wording moves the rate of each slice by an amount of its own, normal with mean 0 and cut off at three
    standard deviations.
    """
    places = world.shape.place(generator)
    people, units = int(places.person.max()) + 1, len(places.person)
    rank = generator.integers(VALUES, size=(runs, people))[:, places.person]
    values = np.stack([world.effects[0].abilities(rate) for rate in world.rates])
    chance = values[places.level, rank]
    moved = np.clip(generator.standard_normal((runs, world.shape.slices, wordings)), -3, 3) * spread
    moved = moved[:, places.level]
    hits: NDArray[np.float64] = np.zeros((runs, units, wordings))
    for image in range(int(places.images.max())):
        common = generator.random((runs, units, 1))
        own = generator.random((runs, units, wordings))
        joined = generator.random((runs, units, wordings)) < np.sqrt(_SAME_LUCK)
        luck = np.where(joined, common, own)
        hits += (luck < chance[..., None] + moved) & (image < places.images)
    return WordedTally(
        person=places.person.astype(np.int64),
        level=places.level.astype(np.int64),
        hits=hits[:, :, None, :] / wordings,
        images=np.repeat(places.images[..., None] / wordings, wordings, axis=-1),
        names=tuple(f"w{wording}" for wording in range(wordings)),
    )

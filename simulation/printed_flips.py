"""The number of people that an undecided verdict about flips prints, put to the test.

The package plans by drawing the observed people again; here tables come from a beta distribution of people
with the excess and the correlation that were observed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from fer_audit.stats.flips.excess import bound_excess, match_levels
from fer_audit.stats.flips.study import plan_flips
from fer_audit.stats.settings import Settings
from simulation.effects import people_as_alike
from simulation.flipping import AskFlips, draw_scenes
from simulation.questions import Property
from simulation.shapes import SamePeople

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from fer_audit.stats.flips.excess import Excess
    from simulation.worlds import World

__all__ = ["AskPrintedFlips"]

_MOST_TABLES = 500


@dataclass(frozen=True, slots=True)
class AskPrintedFlips:
    """Power at the printed number of people; one planned table a batch.

    Attributes:
        tolerance: the excess allowed.
        goal: FAIL or PASS, which the planned tables must be nearer to.
        settings: error rate, floors and the fewest people.
        batch: tables drawn with one printed number.
    """

    tolerance: float
    goal: Property
    settings: Settings = field(default_factory=Settings)
    batch: int = 200

    @property
    def asks(self) -> tuple[str, ...]:
        """The plan, and the bounds it plans for."""
        return ("fer_audit.stats.flips.study",)

    def count(self, world: World, runs: int, generator: np.random.Generator) -> Mapping[Property, int]:
        """How many of the runs with the printed people reach the goal.

        Raises:
            ValueError: the world gives no tables that are undecided and near this goal.
        """
        for _ in range(_MOST_TABLES):
            scenes = draw_scenes(world, 1, generator, noise=0.0, times=1)
            scenes = replace(scenes, share=scenes.share[0], alike=scenes.alike[0])
            found = bound_excess(match_levels(scenes), self.settings)
            if not self._undecided(found[0]):
                continue
            plan = plan_flips(found, 0, self.tolerance, self.settings, criterion="simulation")
            if plan.people is not None:
                truth = _as_observed(found[0], world, plan.people)
                events = AskFlips(self.tolerance, settings=self.settings).count(truth, runs, generator)
                return {Property.DECIDED: events[self.goal]}
        raise ValueError(f"none of {_MOST_TABLES} tables of {world!r} is undecided and near {self.goal}")

    def _undecided(self, item: Excess) -> bool:
        decided = item.lower > self.tolerance or item.upper <= self.tolerance
        return not decided and bool(item.value > self.tolerance) == (self.goal is Property.FAIL)


def _as_observed(item: Excess, world: World, people: int) -> World:
    """The truth of a promise: the excess and the correlation as observed, faces as shown."""
    # Nobody is taken never to flip: half a face, in one person more.
    edge = 0.5 / (item.people + 1) / (item.faces / item.people)
    shape = world.shape
    if isinstance(shape, SamePeople):
        shape = replace(shape, people=people)
    return replace(
        world,
        shape=shape,
        rates=(0.0, max(float(item.value), edge)),
        effects=(people_as_alike(float(item.alike)),),
    )

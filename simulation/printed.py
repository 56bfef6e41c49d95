"""Does the number of people that an undecided verdict prints hold what it promises?

The promise reads "so many people a slice would FAIL (or PASS) this with 80 % power if the truth is as
observed". So a table is drawn and planned for, what it shows is taken for true, and tables with the printed
people are drawn from that truth by this package's generator.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.stats.differences.engine import compare
from fer_audit.stats.planning.gap import plan_gap
from fer_audit.stats.settings import Settings
from simulation.effects import people_as_alike
from simulation.questions import AskGap, Property
from simulation.shapes import SamePeople, Strangers
from simulation.worlds import World, draw

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fer_audit.stats.tally import Tally

__all__ = ["AskPrintedPeople"]

_MOST_TABLES = 200


@dataclass(frozen=True, slots=True)
class AskPrintedPeople:
    """Power at the printed number of people; one planned table a batch.

    Attributes:
        tolerance: the largest gap allowed.
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
        """The plan, and the engine it plans for."""
        return ("fer_audit.stats.planning.gap", "fer_audit.stats.differences.engine")

    def count(self, world: World, runs: int, generator: np.random.Generator) -> Mapping[Property, int]:
        """How many of the runs with the printed people reach the goal.

        Raises:
            ValueError: the world gives no tables that are undecided and near this goal.
        """
        for _ in range(_MOST_TABLES):
            table = draw(world, 1, generator)
            table = replace(table, hits=table.hits[0])
            if not self._undecided(table):
                continue
            plan = plan_gap(table, self.tolerance, self.settings)
            if plan.people:
                people = max(number for _, number in plan.people)
                truth = _as_observed(table, world, people, self.settings)
                events = AskGap(self.tolerance, self.settings).count(truth, runs, generator)
                return {Property.DECIDED: events[self.goal]}
        raise ValueError(f"none of {_MOST_TABLES} tables of {world!r} is undecided and near {self.goal}")

    def _undecided(self, table: Tally) -> bool:
        found = compare(table, self.settings)
        gap = float(np.abs(found.difference).max())
        decided = found.lower.max() > self.tolerance or found.upper.max() <= self.tolerance
        return not decided and (gap > self.tolerance) == (self.goal is Property.FAIL)


def _as_observed(table: Tally, world: World, people: int, settings: Settings) -> World:
    """The truth of a promise: rates and correlation as printed, images as photographed."""
    found = compare(table, settings)
    rates = np.zeros(world.shape.slices)
    rates[found.layout.first], rates[found.layout.second] = found.rate_first, found.rate_second
    # Nobody is taken to be read always or never: half a hit, or half a miss, in one person more.
    edge = 0.5 / (len(np.unique(table.person)) + 1)
    widest = int(np.abs(found.difference).argmax())
    shape = world.shape
    if isinstance(shape, Strangers):
        shape = replace(shape, people=(people,) * shape.slices)
    elif isinstance(shape, SamePeople):
        shape = replace(shape, people=people)
    return replace(
        world,
        shape=shape,
        rates=tuple(np.clip(rates, edge, 1 - edge).tolist()),
        effects=(people_as_alike(float(found.alike[widest])),),
    )

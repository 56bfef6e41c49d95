"""What is asked of confidences: do slices differ in a mean score, and how many people would decide it?"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.stats.planning.scores import plan_scores
from fer_audit.stats.scores.comparison import compare_scores
from fer_audit.stats.settings import Settings
from simulation.confidence import Confidences, Score, draw_scores, true_scores
from simulation.questions import Property, count_bounds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from fer_audit.stats.tally import Tally
    from simulation.worlds import World

__all__ = ["AskPrintedScores", "AskScores"]

# Bounds are floating-point sums: one that equals the tolerance on paper must read as equal.
_ROUNDING = 1e-12
_MOST_TABLES = 200


@dataclass(frozen=True, slots=True)
class AskScores:
    """Do slices differ in a mean score by more than a tolerance?

    Attributes:
        score: what is averaged.
        confidences: how sure the model is, and how people differ; the world's rates are the overconfidence
            of its slices.
        tolerance: the largest gap allowed.
        settings: error rate, floors and the fewest people.
        batch: tables a set of people and images.
    """

    score: Score
    confidences: Confidences
    tolerance: float
    settings: Settings = field(default_factory=Settings)
    batch: int = 500

    @property
    def asks(self) -> tuple[str, ...]:
        """The comparison of scores."""
        return ("fer_audit.stats.scores.comparison",)

    def count(self, world: World, runs: int, generator: np.random.Generator) -> Mapping[Property, int]:
        """FAIL, PASS, both at once, and bounds on the wrong side of the truth, as of rates."""
        table = draw_scores(world, self.confidences, self.score, runs, generator)
        found = compare_scores(table, self.settings)
        return count_bounds(found, true_scores(world, self.confidences, self.score), self.tolerance)


@dataclass(frozen=True, slots=True)
class AskPrintedScores:
    """Power at the printed number of people, were the people as observed; one planned table a batch.

    Attributes:
        score: what is averaged.
        confidences: how sure the model is, and how people differ.
        tolerance: the largest gap allowed.
        goal: FAIL or PASS, which the planned tables must be nearer to.
        settings: error rate, floors and the fewest people.
        batch: tables drawn with one printed number.
    """

    score: Score
    confidences: Confidences
    tolerance: float
    goal: Property
    settings: Settings = field(default_factory=Settings)
    batch: int = 200

    @property
    def asks(self) -> tuple[str, ...]:
        """The plan, and the comparison it plans for."""
        return ("fer_audit.stats.planning.scores", "fer_audit.stats.scores.comparison")

    def count(self, world: World, runs: int, generator: np.random.Generator) -> Mapping[Property, int]:
        """How many of the runs with the printed people reach the goal.

        Raises:
            ValueError: the world gives no tables that are undecided and near this goal.
        """
        for _ in range(_MOST_TABLES):
            drawn = draw_scores(world, self.confidences, self.score, 1, generator)
            table = replace(drawn, hits=drawn.hits[0])
            found = compare_scores(table, self.settings)
            beyond = bool((np.abs(found.difference) > self.tolerance).any())
            decided = found.lower.max() > self.tolerance or found.upper.max() <= self.tolerance
            if decided or beyond != (self.goal is Property.FAIL):
                continue
            plan = plan_scores(table, self.tolerance, self.settings)
            if not plan.people:
                continue
            asked = [table.levels.index(name) for name, _ in plan.people]
            again = _again(table, asked, plan.people[0][1], runs, generator)
            seen = compare_scores(again, self.settings, family=len(table.levels))
            reached = (
                (seen.lower > self.tolerance + _ROUNDING).any(-1)
                if beyond
                else (seen.upper <= self.tolerance + _ROUNDING).all(-1)
            )
            return {Property.DECIDED: int(reached.sum())}
        raise ValueError(f"none of {_MOST_TABLES} tables of {world} is undecided and nearer to {self.goal}")


def _again(table: Tally, asked: list[int], people: int, runs: int, generator: np.random.Generator) -> Tally:
    """So many people a slice, drawn from those of the slice, or of all slices where they are the same."""
    sides = [np.flatnonzero(table.level == level) for level in asked]
    same = len(np.unique(table.person)) < len(table.person)
    together = generator.integers(len(sides[0]), size=(runs, people))
    chosen: list[NDArray[np.int64]] = [
        side[together if same else generator.integers(len(side), size=(runs, people))] for side in sides
    ]
    # As variable as the people are by their sample variance, which drawing again would fall short of.
    scores = table.hits.copy()
    for side in sides:
        mean = scores[side].mean(axis=0)
        scores[side] = mean + (scores[side] - mean) * np.sqrt(len(side) / (len(side) - 1))
    units = np.arange(people)
    return replace(
        table,
        person=np.concatenate([units if same else units + people * place for place in range(len(sides))]),
        level=np.repeat(np.arange(len(sides)), people),
        hits=np.concatenate([scores[places] for places in chosen], axis=1),
        images=np.concatenate([table.images[side[np.zeros(people, dtype=np.int64)]] for side in sides]),
        levels=tuple(table.levels[level] for level in asked),
    )

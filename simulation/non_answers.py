"""Images without an answer: who is refused in a world where that depends on the slice and on the picture.

The world says how pictures would be read if all were answered; then some of the answers are withheld.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.results import Outcome
from fer_audit.stats.measures import accuracy
from fer_audit.stats.settings import Settings
from fer_audit.stats.verdicts.gap import judge_gap
from simulation.confusions import count_responses
from simulation.questions import Property
from simulation.worlds import draw

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from fer_audit.stats.counts import Counts
    from fer_audit.stats.tally import Tally
    from simulation.worlds import World

__all__ = ["AskNonAnswers", "Refused", "draw_unanswered"]


@dataclass(frozen=True, slots=True)
class Refused:
    """Shares of a slice's pictures that get no answer.

    Attributes:
        right: slice by slice, of the pictures that would be read right.
        wrong: of those that would be read wrong.
        touchy: share of people who get all refusals of their slice, so that refusals are people's; 1 for
            everybody alike.
    """

    right: tuple[float, ...]
    wrong: tuple[float, ...]
    touchy: float = 1.0

    def counted(self, rates: tuple[float, ...]) -> tuple[float, ...]:
        """True rates of "answered and right", as refusals that count as wrong leave them.

        >>> Refused((0.0, 0.1), (0.5, 0.5)).counted((0.8, 0.9))
        (0.8, 0.81)
        """
        return tuple(round(rate * (1 - share), 9) for rate, share in zip(rates, self.right, strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class _Unanswered:
    """Tables with refusals.

    Attributes:
        tally: pictures that would have been read right.
        right: shape (runs, U, L): of those, how many were refused.
        wrong: shape (runs, U, L): of the others, how many were refused.
    """

    tally: Tally
    right: NDArray[np.int64]
    wrong: NDArray[np.int64]


def draw_unanswered(world: World, refused: Refused, runs: int, generator: np.random.Generator) -> _Unanswered:
    """Draw what would be answered, and then what is not."""
    tally = draw(world, runs, generator)
    hits = tally.hits.astype(np.int64)
    misses = tally.images.astype(np.int64) - hits
    chosen = generator.random((runs, len(tally.person), 1)) < refused.touchy

    def withhold(pictures: NDArray[np.int64], shares: tuple[float, ...]) -> NDArray[np.int64]:
        share = np.array(shares)[tally.level, None] / refused.touchy
        return generator.binomial(pictures, np.where(chosen, share, 0.0))

    return _Unanswered(tally, withhold(hits, refused.right), withhold(misses, refused.wrong))


@dataclass(frozen=True, slots=True)
class AskNonAnswers:
    """Does a gap of accuracy exceed the tolerance, where some images get no answer?

    Attributes:
        refused: which images those are.
        tolerance: the largest gap allowed.
        settings: error rate, floors and the fewest people.
        batch: tables a set of people and images.
    """

    refused: Refused
    tolerance: float = 0.1
    settings: Settings = field(default_factory=Settings)
    batch: int = 100

    @property
    def asks(self) -> tuple[str, ...]:
        """The whole verdict of a gap."""
        return ("fer_audit.stats.verdicts.gap",)

    def count(self, world: World, runs: int, generator: np.random.Generator) -> Mapping[Property, int]:
        """Verdicts, and among them a PASS of a table that another answer to its refusals would FAIL."""
        drawn = draw_unanswered(world, self.refused, runs, generator)
        failed = passed = contradicted = 0
        for run in range(runs):
            counts = self._counts(drawn, run)
            outcome = judge_gap(
                counts, accuracy, self.tolerance, self.settings, criterion="simulation", plan=False
            ).outcome
            failed += outcome is Outcome.FAIL
            if outcome is Outcome.PASS:
                passed += 1
                contradicted += self._some_filling_fails(counts)
        return {Property.FAIL: failed, Property.PASS: passed, Property.FILLED: contradicted}

    def _counts(self, drawn: _Unanswered, run: int) -> Counts:
        tally = drawn.tally
        labels = len(tally.labels)
        right, wrong = drawn.right[run], drawn.wrong[run]
        table = np.zeros((*right.shape, labels + 2))
        table[:, np.arange(labels), np.arange(labels)] = tally.hits[run] - right
        table[..., labels] = tally.images - tally.hits[run] - wrong
        table[..., labels + 1] = right + wrong
        return count_responses(tally, table)

    def _some_filling_fails(self, counts: Counts) -> bool:
        """Enter right answers for the refusals of one slice and wrong ones for all others, or the reverse."""
        labels = np.arange(len(counts.labels))
        first = len(counts.predicted)
        refused = counts.cells[..., first:].sum(-1)
        mine = counts.level == np.arange(len(counts.levels))[:, None]
        for right in (*mine, *~mine):
            cells = counts.cells.copy()
            cells[..., first:] = 0.0
            cells[:, labels, labels] += refused * right[:, None]
            cells[..., first - 1] += refused * ~right[:, None]
            filled = replace(counts, cells=cells)
            verdict = judge_gap(
                filled, accuracy, self.tolerance, self.settings, criterion="simulation", plan=False
            )
            if verdict.outcome is Outcome.FAIL:
                return True
        return False

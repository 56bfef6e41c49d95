"""What is asked of every table of a world: the verdicts and bounds that an audit would give, counted.

Each question calls the functions that judge real predictions. Nothing about a method is repeated here but the
comparison of a bound with a tolerance, and a test holds that against the verdict itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

import numpy as np

from fer_audit.stats.association.assessment import assess_association
from fer_audit.stats.differences.engine import compare
from fer_audit.stats.ratios.comparison import RatioClaim, compare_ratios
from fer_audit.stats.settings import Settings
from simulation.worlds import draw

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from fer_audit.stats.differences.engine import Differences
    from simulation.worlds import World

__all__ = ["AskAssociation", "AskGap", "AskRatio", "Property", "Question", "count_bounds", "over"]

# Bounds are floating-point sums: one that equals the tolerance on paper must read as equal.
_ROUNDING = 1e-12


class Property(StrEnum):
    """What happened in a run."""

    FAIL = "FAIL"
    PASS = "PASS"  # noqa: S105 - a verdict
    BOTH = "FAIL and PASS"
    LOWER = "lower bound above the truth"
    UPPER = "upper bound below the truth"
    DETECTED = "association detected"
    DECIDED = "decided by the people printed"
    RAW = "FAIL of the raw flip rate"
    ONE_WAY_FAIL = "FAIL with people as the only clusters"
    ONE_WAY_PASS = "PASS with people as the only clusters"  # noqa: S105 - as above
    CRUDE_FAIL = "FAIL without control factors"
    FALSE_FINDING = "a confusion found that does not differ"
    NAMED = "the planted confusion found and named"
    COVERED = "difference in differences within its interval"
    FILLED = "PASS although some filling would FAIL"


class Question(Protocol):
    """Something to ask of a world."""

    @property
    def batch(self) -> int:
        """Tables that are drawn on one set of people and images."""
        ...

    @property
    def asks(self) -> tuple[str, ...]:
        """Modules whose code, and whatever they import, the answer depends on."""
        ...

    def count(self, world: World, runs: int, generator: np.random.Generator) -> Mapping[Property, int]:
        """In how many of these runs each thing happened."""
        ...


@dataclass(frozen=True, slots=True)
class AskGap:
    """Do slices differ by more than a tolerance?

    PASS is counted over the pairs that can be compared; a slice or pair that cannot be assessed would keep
    the verdict from passing, which makes errors rarer than counted here.

    Attributes:
        tolerance: the largest gap allowed.
        settings: error rate, floors and the fewest people.
        batch: tables a set of people and images.
    """

    tolerance: float
    settings: Settings = field(default_factory=Settings)
    batch: int = 500

    @property
    def asks(self) -> tuple[str, ...]:
        """The engine of differences."""
        return ("fer_audit.stats.differences.engine",)

    def count(self, world: World, runs: int, generator: np.random.Generator) -> Mapping[Property, int]:
        """FAIL, PASS, both at once, and bounds on the wrong side of the truth.

        A lower bound is on the wrong side if any pair's is, since they are simultaneous; an upper bound if
        that of the pair with the largest true gap is.
        """
        found = compare(draw(world, runs, generator), self.settings)
        return count_bounds(found, np.array(world.rates), self.tolerance)


@dataclass(frozen=True, slots=True)
class AskRatio:
    """Is one slice's rate more than so many times another's, and so many points above it?

    Attributes:
        claim: both tolerances.
        settings: error rate, floors and the fewest people.
        batch: tables a set of people and images.
    """

    claim: RatioClaim = field(default_factory=lambda: RatioClaim(at_most=1.25, difference=0.05))
    settings: Settings = field(default_factory=Settings)
    batch: int = 500

    @property
    def asks(self) -> tuple[str, ...]:
        """The comparison of ratios."""
        return ("fer_audit.stats.ratios.comparison",)

    def count(self, world: World, runs: int, generator: np.random.Generator) -> Mapping[Property, int]:
        """FAIL, PASS, both at once, and bounds of the ratio on the wrong side of the truth."""
        found = compare_ratios(draw(world, runs, generator), self.claim, self.settings)
        table = found.differences
        failed = found.fails.any(-1)
        passed = found.passes[..., table.compared].all(-1) & bool(table.compared.any())
        rates = world.table.mean(axis=1)
        first, second = rates[table.layout.first], rates[table.layout.second]
        # The bound speaks of the slice that looks higher over the other, whichever truly is.
        seen = np.where(found.rate_first >= found.rate_second, first / second, second / first)
        above = (found.lower > seen * (1 + _ROUNDING))[..., table.compared].any(-1)
        truth = np.maximum(first / second, second / first)
        widest = int(np.where(table.compared, truth, -1).argmax())
        below = found.upper[..., widest] < truth[widest] * (1 - _ROUNDING)
        return {
            Property.FAIL: int(failed.sum()),
            Property.PASS: int(passed.sum()),
            Property.BOTH: int((failed & passed).sum()),
            Property.LOWER: int(above.sum()),
            Property.UPPER: int(below.sum()),
        }


@dataclass(frozen=True, slots=True)
class AskAssociation:
    """Is the measure associated with the slice at all?

    Attributes:
        alpha: level of the test.
        rearrangements: of each table; an audit takes 9,999.
        settings: floors and the fewest people.
        batch: tables a set of people and images.
    """

    alpha: float = 0.05
    rearrangements: int = 499
    settings: Settings = field(default_factory=Settings)
    batch: int = 50

    @property
    def asks(self) -> tuple[str, ...]:
        """The permutation test."""
        return ("fer_audit.stats.association.assessment",)

    def count(self, world: World, runs: int, generator: np.random.Generator) -> Mapping[Property, int]:
        """Detected, table by table: a rearrangement has the replicate axis for itself."""
        tally = draw(world, runs, generator)
        tests = (
            assess_association(
                replace(tally, hits=hits),
                self.alpha,
                self.settings,
                criterion="simulation",
                version="simulation",
                replicates=self.rearrangements,
            )
            for hits in tally.hits
        )
        return {Property.DETECTED: sum(test.detected for test in tests)}


def count_bounds(found: Differences, truth: NDArray[np.float64], tolerance: float) -> Mapping[Property, int]:
    """In how many tables each thing happened: FAIL, PASS, both, bounds on the wrong side of the truth.

    Args:
        found: many tables of one layout.
        truth: shape (S,): what is true of each slice, over any set of labels.
        tolerance: the largest gap allowed.
    """
    failed = over(found, tolerance)
    passed = (found.upper[..., found.compared] <= tolerance + _ROUNDING).all(-1)
    passed &= bool(found.compared.any())
    true_gap = np.abs(truth[found.layout.first] - truth[found.layout.second])
    above = (found.lower > true_gap + _ROUNDING)[..., found.compared].any(-1)
    widest = int(np.where(found.compared, true_gap, -1).argmax())
    below = found.upper[..., widest] < true_gap[widest] - _ROUNDING
    return {
        Property.FAIL: int(failed.sum()),
        Property.PASS: int(passed.sum()),
        Property.BOTH: int((failed & passed).sum()),
        Property.LOWER: int(above.sum()),
        Property.UPPER: int(below.sum()),
    }


def over(found: Differences, tolerance: float) -> NDArray[np.bool_]:
    """Shape (...): some pair's lower bound lies above the tolerance, which is a FAIL."""
    return np.asarray((found.lower[..., found.compared] > tolerance + _ROUNDING).any(-1))

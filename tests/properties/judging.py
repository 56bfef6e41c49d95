"""Criteria as functions of counts and a tolerance, and what it means that two verdicts are the same."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.records import Slicing
from fer_audit.stats.measures import Measure, accuracy, misclassification, recall, refusals
from fer_audit.stats.ratios.comparison import RatioClaim
from fer_audit.stats.settings import Settings
from fer_audit.stats.verdicts.association import judge_association
from fer_audit.stats.verdicts.gap import judge_gap
from fer_audit.stats.verdicts.ratio import judge_ratio
from fer_audit.tables import Column

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from fer_audit.predictions import Predictions
    from fer_audit.results import Comparison, Verdict
    from fer_audit.stats.counts import Counts

GROUP = Slicing("group")
MEASURES = (accuracy, accuracy.answered, recall("anger"), misclassification("anger", "disgust"), refusals)
WIDEST_RATIO = 4.0


@dataclass(frozen=True)
class Demand:
    """A criterion without its tolerance; people needed are left out, which cost a second each."""

    name: str
    measure: Measure

    def __repr__(self) -> str:
        return f"{self.name} of {self.measure!r}"

    def __call__(self, counts: Counts, tolerance: float = 0.1) -> Verdict:
        """The verdict at a tolerance between 0 and 1; of a ratio it is a share of the way from 1 to 5."""
        settings = Settings()
        if self.name == "gap":
            return judge_gap(counts, self.measure, tolerance, settings, criterion="", plan=False)
        if self.name == "ratio":
            claim = RatioClaim(1 + WIDEST_RATIO * tolerance, tolerance / 2)
            return judge_ratio(counts, self.measure, claim, settings, criterion="", plan=False)
        return judge_association(
            counts, self.measure, alpha=0.05, margin=tolerance, settings=settings, criterion="", plan=False
        )


GAPS = [Demand("gap", measure) for measure in MEASURES]
RATIOS = [Demand("ratio", measure) for measure in MEASURES]
QUICK = [*GAPS, *RATIOS]
PERMUTED = [Demand("association", measure) for measure in (accuracy, recall("anger"))]


def bounds(pair: Comparison) -> tuple[float, ...]:
    """The numbers of a comparison."""
    beside = pair.difference or ()
    p = -1.0 if pair.p is None else pair.p
    return (pair.estimate, pair.lower, pair.upper, pair.correlation, p, *beside)


def assert_same(found: Verdict, expected: Verdict, names: Mapping[str, str] | None = None) -> None:
    """The same outcome and, but for rounding, the same bounds of the same pairs; slices may be renamed."""
    assert found.outcome is expected.outcome
    left = {
        frozenset((names or {}).get(level, level) for level in (pair.a, pair.b)): bounds(pair)
        for pair in found.comparisons
    }
    right = {frozenset((pair.a, pair.b)): bounds(pair) for pair in expected.comparisons}
    assert left.keys() == right.keys()
    for pair, values in left.items():
        np.testing.assert_allclose(values, right[pair], rtol=1e-9, atol=1e-9)
    for name in ("estimate", "lower", "upper"):
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), rtol=1e-9, atol=1e-9)


def shuffled(column: Column, order: NDArray[np.int64]) -> Column:
    """The same rows under other names: what was called by its old code now has another one."""
    return Column(np.append(order, -1)[column.codes].astype(np.int32), column.levels)


def other_people(table: Predictions, generator: np.random.Generator) -> Predictions:
    """The same table in which people have exchanged their names."""
    order = generator.permutation(len(table.identity.levels))
    return replace(table, identity=shuffled(table.identity, order))


def other_groups(table: Predictions, order: NDArray[np.int64]) -> Predictions:
    """The same table in which groups have exchanged their names."""
    return replace(table, attributes={"group": shuffled(table.attributes["group"], order)})


def same_data(table: Predictions, generator: np.random.Generator) -> tuple[Predictions, ...]:
    """Other names of people, other names of slices, another order of rows, and all of it three times."""
    rows, groups = np.arange(len(table)), len(table.attributes["group"].levels)
    everything = other_groups(other_people(table, generator), generator.permutation(groups))
    return (
        other_people(table, generator),
        other_groups(table, generator.permutation(groups)),
        table.take(generator.permutation(rows)),
        everything.take(generator.permutation(np.tile(rows, 3))),
    )

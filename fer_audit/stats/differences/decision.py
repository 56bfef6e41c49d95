"""Three verdicts: PASS needs evidence of closeness, FAIL evidence of distance, and the rest says so.

Nothing here is particular to one criterion: it turns bounds, and what could not be assessed, into an outcome.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.results import Outcome, Unassessable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.differences.layout import Layout
    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally

__all__ = ["Gaps", "list_gaps", "outcome_of"]

# Bounds are floating-point sums: a bound that equals the tolerance on paper must read as equal.
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Gaps:
    """What a verdict could not look at.

    Attributes:
        unassessable: slices and comparisons with too few people, each with the reason; they cap the verdict.
        labels_left_out: labels that enter none of the comparisons.
        labels_in_part: labels that enter some comparisons only, with how many of them.
    """

    unassessable: tuple[Unassessable, ...]
    labels_left_out: tuple[str, ...]
    labels_in_part: tuple[str, ...]


def outcome_of(lower: float, upper: float, tolerance: float, *, capped: bool) -> Outcome:
    """The verdict that the largest bounds allow.

    Args:
        lower: the largest bound that decides FAIL (nan if nothing was compared).
        upper: the largest bound that decides PASS.
        tolerance: what the criterion allows.
        capped: something could not be assessed, so that PASS would say too much. A FAIL stands: what was
            found in some slices is not undone by what is unknown of others.

    >>> outcome_of(0.02, 0.08, 0.1, capped=False)
    <Outcome.PASS: 'pass'>
    >>> outcome_of(0.02, 0.08, 0.1, capped=True)
    <Outcome.INCONCLUSIVE: 'inconclusive'>
    """
    if lower > tolerance + _ROUNDING:
        return Outcome.FAIL
    if upper <= tolerance + _ROUNDING and not capped:
        return Outcome.PASS
    return Outcome.INCONCLUSIVE


def list_gaps(tally: Tally, layout: Layout, labels: NDArray[np.bool_], settings: Settings) -> Gaps:
    """Name the slices, comparisons and labels that too few people speak for.

    Args:
        tally: for the names.
        layout: slices, pairs and how many people each has.
        labels: shape (P, L): labels compared by each pair; none of them means not assessable.
        settings: the fewest people.
    """
    least = settings.least_people
    found = [
        Unassessable(
            tally.levels[level],
            int(layout.people[level]),
            f"{layout.people[level]} people with images that count here; {least} are needed",
        )
        for level in np.flatnonzero(~layout.assessable)
    ]
    if not tally.levels:
        found.append(Unassessable("every slice", 0, "no image belongs to a slice"))
    for pair in np.flatnonzero(~labels.any(1)):
        first, second = int(layout.first[pair]), int(layout.second[pair])
        found.append(
            Unassessable(
                f"{tally.levels[first]} / {tally.levels[second]}",
                int(np.minimum(layout.holders[first], layout.holders[second]).max(initial=0)),
                f"no label is held by {least} people in both",
            )
        )
    times = labels.sum(0)
    pairs = int(labels.any(1).sum())
    return Gaps(
        tuple(found),
        tuple(name for name, n in zip(tally.labels, times, strict=True) if n == 0 and len(labels)),
        tuple(
            f"{name} in {n} of {pairs}" for name, n in zip(tally.labels, times, strict=True) if 0 < n < pairs
        ),
    )

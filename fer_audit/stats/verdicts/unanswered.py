"""Three analyses of non-answers beside a verdict: counted as wrong, left out, and as bad as they could be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.results import Aside
from fer_audit.stats.differences.engine import compare
from fer_audit.stats.differences.unanswered import bound_unanswered

if TYPE_CHECKING:
    from fer_audit.stats.counts import Counts
    from fer_audit.stats.differences.engine import Differences
    from fer_audit.stats.measures import Rate
    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally

__all__ = ["NonAnswers", "weigh_unanswered"]

_COLUMNS = ("images without an answer are", "largest gap", "at least", "at most")


@dataclass(frozen=True, slots=True)
class NonAnswers:
    """What non-answers may do to a verdict.

    Attributes:
        aside: the three analyses side by side.
        hides: why a PASS would say too much, as a clause; empty where it would not.
    """

    aside: Aside
    hides: str


def weigh_unanswered(
    counts: Counts, measure: Rate, found: Differences, tolerance: float, settings: Settings
) -> NonAnswers | None:
    """Compare the slices with non-answers counted as wrong, left out, and filled in as badly as possible.

    A PASS stands only where even the worst filling does not FAIL.

    Args:
        counts: images per person, slice, label and response.
        measure: the rate that is judged.
        found: its comparisons, non-answers counted as wrong.
        tolerance: the largest difference allowed.
        settings: error rate, floors and the fewest people.

    Returns:
        None where every image got an answer or the measure does not count non-answers as wrong.
    """
    missing = measure.unanswered(counts)
    if not missing.any():
        return None
    extremes = bound_unanswered(measure.tally(counts), missing, settings)
    if extremes is None:
        return None
    hides = ""
    if extremes.worst_lower > tolerance:
        hides = (
            f"{extremes.images:g} images got no answer, and had those of one slice been read right and those "
            f"of another wrong, a gap of at least {extremes.worst_lower:.3f} would be shown"
        )
    rows = (
        ("counted as wrong (decides)", *_row(found)),
        ("left out", *_answered(measure.answered.tally(counts), settings)),
        (
            "right in one slice, wrong in another (worst case)",
            f"{extremes.worst:.3f}",
            f"{extremes.worst_lower:.3f}",
            "",
        ),
        ("filled in so that gaps close (best case)", f"{extremes.best:.3f}", "", ""),
    )
    note = "PASS needs that the first does and that the worst case does not FAIL."
    return NonAnswers(Aside("Images without an answer", _COLUMNS, rows, note), hides)


def _answered(tally: Tally, settings: Settings) -> tuple[str, ...]:
    return _row(compare(tally, settings))


def _row(found: Differences) -> tuple[str, ...]:
    if not found.compared.any():
        return ("nothing comparable", "", "")
    values = (np.abs(found.difference), found.lower, found.upper)
    return tuple(f"{float(value[found.compared].max()):.3f}" for value in values)

"""What a criterion is judged on: the counts of one slicing, and rows and baseline where they are there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fer_audit.predictions import Predictions
    from fer_audit.stats.counts import Counts

__all__ = ["Evidence"]


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """One model's answers on one dataset, divided into slices one way.

    Almost every criterion looks at the counts alone. Wordings, control factors and calibration by rows need
    the predictions; a change needs an earlier run.

    Attributes:
        counts: images per person, slice, true label and response.
        predictions: the rows behind the counts; None where only counts were kept.
        baseline: the counts of an earlier release on the same pictures; None where none was named.
    """

    counts: Counts
    predictions: Predictions | None = None
    baseline: Counts | None = None

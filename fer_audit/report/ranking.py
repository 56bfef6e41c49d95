"""Which undecided verdicts a reader should look at first."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from fer_audit.report.comparisons import difference_allowed, largest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fer_audit.results import Comparison, Record, Verdict

__all__ = ["excess", "most_telling"]


def most_telling(records: Sequence[Record]) -> tuple[Record, ...]:
    """The records by what was observed, relative to what is allowed: what may be a FAIL comes first."""
    return tuple(sorted(records, key=lambda record: -excess(record.verdict)))


def excess(verdict: Verdict) -> float:
    """The largest observed difference as a multiple of what is allowed; 0 where nothing was compared.

    A ratio is measured on the logarithm. Where a difference is allowed beside it, both must be exceeded for
    a FAIL, so that the smaller of the two multiples counts.

    >>> from fer_audit.results import Outcome, Verdict
    >>> excess(Verdict("Gap(accuracy, at_most=0.1)", "accuracy", "difference", "race", Outcome.INCONCLUSIVE,
    ...                float("nan"), float("nan"), float("nan"), 0.1))
    0.0
    """
    if verdict.tolerance is None:
        # Without a margin only detection decides: the smaller p, the nearer.
        return 1 - verdict.p if verdict.p is not None and largest(verdict) is not None else 0.0
    return max((_excess(verdict, pair, verdict.tolerance) for pair in verdict.comparisons), default=0.0)


def _excess(verdict: Verdict, pair: Comparison, tolerance: float) -> float:
    if verdict.scale != "ratio":
        return pair.estimate / tolerance
    times = math.log(pair.estimate) / math.log(tolerance) if pair.estimate > 0 else 0.0
    allowed = difference_allowed(verdict)
    if pair.difference is None or not allowed:
        return times
    return min(times, pair.difference[0] / allowed)

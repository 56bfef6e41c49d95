"""How the comparisons of a verdict stand: which one decided, which are beyond the tolerance."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from fer_audit.results import Comparison, Kind, Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "deciding",
    "difference_allowed",
    "is_association",
    "joined",
    "largest",
    "people_by_level",
    "standing",
    "told_by_difference",
    "worst_first",
]

# Bounds are floating-point sums: one that equals the tolerance on paper reads as equal, as for the verdict.
_ROUNDING = 1e-12
_RANK = {Outcome.FAIL: 0, Outcome.INCONCLUSIVE: 1, Outcome.PASS: 2}


def is_association(verdict: Verdict) -> bool:
    """Whether the verdict comes from a test of independence, where a p-value and not a bound decides FAIL."""
    return verdict.kind in {Kind.ASSOCIATION, Kind.SCAN}


def joined(verdict: Verdict) -> str:
    """The word between the two groups of a comparison: one over the other, or of flips one and the other."""
    return "and" if verdict.kind is Kind.FLIPS else "over"


def difference_allowed(verdict: Verdict) -> float | None:
    """The difference that a ratio criterion allows beside the ratio."""
    return verdict.allowed_difference


def told_by_difference(verdict: Verdict, comparison: Comparison) -> bool:
    """Whether a ratio is told by the difference beside it, because it has no end or did not decide.

    A ratio to a rate of zero has no upper end and means nothing to a reader; and two small rates pass by how
    little they are apart, whatever their ratio.
    """
    if verdict.scale != "ratio" or comparison.difference is None:
        return False
    if not math.isfinite(comparison.upper):
        return True
    tolerance, allowed = verdict.tolerance, difference_allowed(verdict)
    if tolerance is None or allowed is None or comparison.upper <= tolerance + _ROUNDING:
        return False
    return comparison.difference[2] <= allowed + _ROUNDING


def standing(verdict: Verdict, comparison: Comparison) -> Outcome:
    """Where one comparison lies: beyond the tolerance, within it, or undecided.

    None is said to FAIL in a verdict that did not: a criterion may ask for more than its bounds. In a test of
    independence that failed, beyond means shown to differ at all.
    """
    tolerance = verdict.tolerance
    within = tolerance is not None and comparison.upper <= tolerance + _ROUNDING
    limit = 0.0 if is_association(verdict) or tolerance is None else tolerance
    beyond = comparison.lower > limit + _ROUNDING
    allowed = difference_allowed(verdict)
    if comparison.difference is not None and allowed is not None:
        _, lower, upper = comparison.difference
        within = within or upper <= allowed + _ROUNDING
        beyond = beyond and lower > allowed + _ROUNDING
    if beyond and verdict.outcome is Outcome.FAIL:
        return Outcome.FAIL
    return Outcome.PASS if within else Outcome.INCONCLUSIVE


def worst_first(verdict: Verdict) -> tuple[Comparison, ...]:
    """The comparisons in the order a reader needs them: beyond the tolerance, undecided, within.

    Those of a scan come in the order of their p-values already.
    """
    if verdict.kind is Kind.SCAN:
        return verdict.comparisons

    def order(comparison: Comparison) -> tuple[int, float, float, str, str]:
        where = standing(verdict, comparison)
        bound = comparison.lower if where is Outcome.FAIL else comparison.upper
        return (_RANK[where], -bound, -comparison.estimate, comparison.a, comparison.b)

    return tuple(sorted(verdict.comparisons, key=order))


def largest(verdict: Verdict) -> Comparison | None:
    """The comparison with the largest estimate: what was observed, decided or not."""
    return max(verdict.comparisons, key=lambda c: (c.estimate, *_apart(c), c.lower), default=None)


def deciding(verdict: Verdict) -> Comparison | None:
    """The one comparison a sentence is about: the surest over the tolerance, the least sure within it.

    For an undecided verdict the pair whose people would decide it, where that is known.
    """
    if not verdict.comparisons:
        return None
    if verdict.outcome is Outcome.PASS:
        return max(verdict.comparisons, key=lambda c: (c.upper, *_apart(c)[::-1]))
    if verdict.kind is Kind.SCAN:
        return verdict.comparisons[0]
    if verdict.outcome is Outcome.FAIL and is_association(verdict):
        # The p-value is that of the largest difference in its standard errors: the surest, not the widest.
        return max(verdict.comparisons, key=lambda c: (c.lower, c.estimate))
    if verdict.outcome is Outcome.FAIL:
        return worst_first(verdict)[0]
    open_ones = [c for c in verdict.comparisons if standing(verdict, c) is not Outcome.PASS]
    asked = [c for c in open_ones if {c.a, c.b} == set(verdict.people_needed)]
    return max(asked or open_ones or verdict.comparisons, key=lambda c: (c.estimate, *_apart(c), c.upper))


def _apart(comparison: Comparison) -> tuple[float, float]:
    """Difference and its upper bound beside a ratio, which order the ratios that have no end."""
    if comparison.difference is None:
        return (0.0, 0.0)
    estimate, _, upper = comparison.difference
    return (estimate, upper)


def people_by_level(verdict: Verdict) -> Mapping[str, int]:
    """How many people each compared slice rests on (the most over its comparisons)."""
    found: dict[str, int] = {}
    for comparison in verdict.comparisons:
        for level, count in ((comparison.a, comparison.people_a), (comparison.b, comparison.people_b)):
            found[level] = max(found.get(level, 0), count)
    return found

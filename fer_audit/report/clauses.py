"""The parts that sentences, tables and terminal lines share: the pair, its size, its bounds, its people."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_audit.report.comparisons import (
    difference_allowed,
    is_association,
    standing,
    told_by_difference,
)
from fer_audit.report.names import group, level_words, shortened
from fer_audit.report.phrases import Quantity, phrase
from fer_audit.report.quantities import (
    apart,
    at_least,
    at_most,
    number,
    people,
    plural,
    points,
    probability,
    times,
    units,
)
from fer_audit.report.remarks import worded
from fer_audit.results import Comparison, Kind, Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "NAMED",
    "Interval",
    "allowed",
    "allowed_briefly",
    "compared",
    "demand",
    "given",
    "interval",
    "listing",
    "missing",
    "needed",
    "reason",
    "seen",
    "seen_briefly",
    "size",
    "subject",
    "sure",
]

_ALIKE = 1e-9
_TOO_NEAR = "with any practical number of people"  # how the statistics note it
_IF_AS_OBSERVED = " with 80 % power, if the truth is as observed"

NAMED = 3
"""How many names a sentence lists before it counts the others."""


@dataclass(frozen=True, slots=True)
class Interval:
    """The bounds of one comparison as they are printed, never overstated.

    Attributes:
        low: the lower bound, rounded down.
        high: the upper bound, rounded up; empty where there is none.
        unit: `` points`` or `` times``, or nothing for plain numbers.
        is_reversed: whether it reaches beyond equality to the other side.
    """

    low: str
    high: str
    unit: str
    is_reversed: bool


def demand(verdict: Verdict) -> str:
    """The criterion without its slicing, in plain words where it is one of those known here."""
    what = phrase(verdict.measure).noun
    if is_association(verdict):
        margin = f", within {allowed(verdict)}" if verdict.tolerance is not None else ""
        return f"{what} independent of the group{margin}{given(verdict)}"
    if verdict.kind is Kind.FLIPS:
        return f"{what}, at most {allowed(verdict)} beyond noise"
    if verdict.kind in {Kind.GAP, Kind.RATIO}:
        return f"{what}, at most {allowed(verdict)} apart{given(verdict)}"
    return shortened(verdict.criterion, 120)


def subject(verdict: Verdict) -> str:
    """What is compared between which groups, as a heading."""
    joined = "independent of" if is_association(verdict) else "by"
    return f"{phrase(verdict.measure).noun} {joined} {shortened(verdict.slicing, 80)}{given(verdict)}"


def given(verdict: Verdict) -> str:
    """What is held fixed while groups are compared, as the end of a phrase; nothing where nothing is."""
    if verdict.adjustment is None:
        return ""
    return f", given {listing(shortened(name, 40) for name in verdict.adjustment.given)}"


def allowed(verdict: Verdict) -> str:
    """What the criterion allows, in its own unit."""
    if verdict.tolerance is None:
        return "no margin given"
    if verdict.scale == "ratio":
        difference = difference_allowed(verdict)
        return times(verdict.tolerance) + (f" or {points(difference)}" if difference is not None else "")
    if verdict.scale == "score":
        return number(verdict.tolerance, 4)
    # A tolerance of 2.5 points must not be printed as 2.
    value = number(100 * verdict.tolerance, 2)
    return f"{value} point" if value == "1" else f"{value} points"


def allowed_briefly(verdict: Verdict, comparison: Comparison) -> str:
    """What the bound of one comparison is held against, in its unit; nothing where no margin was given."""
    if verdict.tolerance is None:
        return ""
    if told_by_difference(verdict, comparison):
        return f", allowed {number(100 * (difference_allowed(verdict) or 0), 2)}"
    if verdict.scale == "difference":
        return f", allowed {number(100 * verdict.tolerance, 2)}"
    return f", allowed {number(verdict.tolerance, 2 if verdict.scale == 'ratio' else 4)}"


def compared(verdict: Verdict, pair: Comparison) -> str:
    """The pair in words: what is done more often with whose faces, at which two rates, how far apart."""
    what = phrase(pair.measure or verdict.measure)
    first, second = group(verdict.slicing, pair.a), group(verdict.slicing, pair.b)
    told = what.comparison(first, second, pair.value_a, pair.value_b)
    return f"{told}{',' if what.quantity is Quantity.SHARE else ':'} {size(verdict, pair)}"


def size(verdict: Verdict, comparison: Comparison) -> str:
    """How far apart two groups are, in the criterion's own unit."""
    if verdict.kind is Kind.FLIPS:
        return f"an excess of {points(comparison.estimate)}"
    if verdict.scale != "ratio":
        return f"{apart(comparison.estimate, verdict.scale)} apart"
    if comparison.value_b == 0:
        return "some against none" if comparison.value_a > 0 else "none in either"
    if math.isclose(comparison.estimate, 1, abs_tol=_ALIKE):
        return "the same rate"
    told = f"{times(comparison.estimate)} the rate"
    return "nearly the same rate" if told == "1 times the rate" else told


def sure(verdict: Verdict, comparison: Comparison) -> str:
    """The bound that matters: at least so much beyond the tolerance, at most so much within it, else both.

    A test of independence that is not passed by its bounds is decided by its p-value.
    """
    p = comparison.p if comparison.measure else verdict.p
    if is_association(verdict) and verdict.outcome is not Outcome.PASS and p is not None:
        return probability(p)
    where = standing(verdict, comparison)
    bounds = interval(verdict, comparison)
    # A ratio told by its difference names the unit, since its estimate is no number of points.
    unit = " points apart" if told_by_difference(verdict, comparison) else ""
    if where is Outcome.FAIL:
        return f"at least {bounds.low}{unit}"
    if where is Outcome.PASS:
        return f"at most {bounds.high}{unit}"
    return f"{bounds.low} to {bounds.high}{unit}" if bounds.high else f"{bounds.low} or more"


def interval(verdict: Verdict, comparison: Comparison) -> Interval:
    """The bounds a reader is told: those of the difference where a ratio has no end or did not decide."""
    if comparison.difference is not None and told_by_difference(verdict, comparison):
        _, lower, upper = comparison.difference
        limit = difference_allowed(verdict)
        low = at_least(lower, limit)
        return Interval(low, at_most(upper, limit), " points", is_reversed=low.startswith("−"))
    low = at_least(comparison.lower, verdict.tolerance, scale=verdict.scale)
    high = at_most(comparison.upper, verdict.tolerance, scale=verdict.scale)
    ends = high if math.isfinite(comparison.upper) else ""
    reverse = comparison.lower < 1 if verdict.scale == "ratio" else low.startswith("−")
    return Interval(low, ends, units(verdict.scale), is_reversed=reverse)


def seen(comparison: Comparison, unit: str = "person") -> str:
    """How many people a comparison rests on, and whether they are the same ones on both sides."""
    if comparison.kind == "shared":
        return f"{people(comparison.people_a, unit)} seen in both"
    both = f"{people(comparison.people_a, unit)} against {comparison.people_b:,}"
    return f"{both}, some in both" if comparison.kind == "partly shared" else both


def seen_briefly(comparison: Comparison) -> str:
    """The same for a table whose heading names the unit."""
    if comparison.kind == "shared":
        return f"{comparison.people_a:,} in both"
    both = f"{comparison.people_a:,} against {comparison.people_b:,}"
    return f"{both}, some in both" if comparison.kind == "partly shared" else both


def needed(verdict: Verdict, unit: str) -> str:
    """Sentences on what would decide an open verdict, and on what these data could have shown.

    Both are statements of power: 80 % of the time, and for the first only if the truth is as observed.
    """
    told = ""
    counts = set(verdict.people_needed.values())
    levels = [level_words(verdict.slicing, level) for level in verdict.people_needed]
    if not counts and any(_TOO_NEAR in note for note in verdict.notes):
        # The statistics give no number above 3,000 a group: it would be a formula's, and not to be had.
        told = (
            f" No practical number of {plural(unit)} would decide it if the truth is as observed, "
            "too near to what is allowed."
        )
    elif len(counts) == 1:
        everyone = {level for c in verdict.comparisons for level in (c.a, c.b)} == set(verdict.people_needed)
        where = "each group" if everyone else listing(levels)
        told = f" About {people(counts.pop(), unit)} in {where} would decide it{_IF_AS_OBSERVED}."
    elif counts:
        wanted = listing(
            f"{count:,} in {level}"
            for level, count in zip(levels, verdict.people_needed.values(), strict=True)
        )
        told = f" About so many {plural(unit)} would decide it{_IF_AS_OBSERVED}: {wanted}."
    if verdict.detectable is not None:
        worth = (
            f"a ratio of {times(verdict.detectable)}"
            if verdict.scale == "ratio"
            else f"a difference of {apart(verdict.detectable, verdict.scale)}"
        )
        told += f" These data had 80 % power to show {worth}."
    return told


def missing(verdict: Verdict, unit: str = "person") -> str:
    """A sentence on the slices and comparisons that could not be judged, or nothing."""
    if not verdict.not_assessable:
        return ""
    named = listing(
        f"{shortened(entry.name)} ({shortened(worded(entry.reason, verdict, unit), 90)})"
        for entry in verdict.not_assessable
    )
    return f" Not assessable: {named}."


def missing_briefly(verdict: Verdict) -> str:
    """Who could not be judged, by name, as the end of a line; or nothing."""
    if not verdict.not_assessable:
        return ""
    return f"; not assessable: {listing(shortened(entry.name) for entry in verdict.not_assessable)}"


def reason(verdict: Verdict, unit: str = "person") -> str:
    """The verdict's own clause as a sentence, or nothing."""
    clause = shortened(worded(verdict.reason, verdict, unit), 240).rstrip(".")
    return f" {clause[:1].upper()}{clause[1:]}." if clause else ""


def listing(words: Iterable[str]) -> str:
    """Some names in a row, the first three where there are more.

    >>> listing(["a", "b"]), listing("abcde")
    ('a and b', 'a, b, c and 2 more')
    """
    items = list(words)
    if len(items) > NAMED:
        return f"{', '.join(items[:NAMED])} and {len(items) - NAMED} more"
    return " and ".join(filter(None, (", ".join(items[:-1]), *items[-1:])))

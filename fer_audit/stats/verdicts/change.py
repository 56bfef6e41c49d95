"""The verdict of a release against an earlier one: no group may be read worse by more than a margin."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtr

from fer_audit.results import Aside, Comparison, Kind, Outcome, Unassessable, Verdict
from fer_audit.stats.change.deterioration import change_of_gap, deteriorations
from fer_audit.stats.differences.layout import PairKind
from fer_audit.stats.measures import Event
from fer_audit.stats.planning.change import plan_change
from fer_audit.stats.verdicts.rounding import at_least, at_most

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fer_audit.stats.change.deterioration import Deterioration
    from fer_audit.stats.counts import Counts
    from fer_audit.stats.measures import Measure
    from fer_audit.stats.planning.change import ChangePlan
    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally

__all__ = ["judge_change"]

_ROUNDING = 1e-12
_MOST_SHOWN = 12
_ERRORS = frozenset({Event.MISCLASSIFICATION, Event.REFUSALS})


def judge_change(
    counts: Counts,
    baseline: Counts,
    measure: Measure,
    *,
    overall: float,
    each: float,
    settings: Settings,
    criterion: str,
) -> Verdict:
    """Judge "nobody is read worse than before": everybody by at most one margin, each slice by another.

    A non-inferiority test. PASS: every upper bound of the deterioration is at most its margin. FAIL: some
    simultaneous lower bound exceeds its margin. An improvement never fails.

    Args:
        counts: this release.
        baseline: the earlier release, over the same people, levels and labels.
        measure: the rate that is compared; of misclassification and refusals a rise is the deterioration.
        overall: margin of everybody together.
        each: margin of every slice.
        settings: error rate, floor and the fewest people.
        criterion: the demand as written.

    Returns:
        Estimate, bounds and comparisons are those of the slices; everybody together stands in the table
        beside the verdict, and in its reason where that claim decides.

    Raises:
        UnknownNameError: a label of the measure that is neither the data's nor an expression.
    """
    now, before = measure.tally(counts), measure.tally(baseline)
    found = deteriorations(before, now, settings, rising_is_worse=measure.event in _ERRORS)
    claims = tuple(_Claim(item, each if item.name else overall) for item in found)
    slices = [claim.found for claim in claims if claim.found.name]
    unseen = _unassessable(now, found, settings)
    plan, open_ = None, None
    if any(claim.fails for claim in claims):
        outcome = Outcome.FAIL
    elif slices and all(claim.passes for claim in claims) and not unseen:
        outcome = Outcome.PASS
    else:
        outcome = Outcome.INCONCLUSIVE
        open_ = _open_claim(claims)
        if open_ is not None:
            plan = plan_change(
                before, now, open_.found, open_.margin, settings, claims=len(claims), criterion=criterion
            )
    largest = [
        max((float(value) for value in values), default=float("nan"))
        for values in (
            [item.worse for item in slices],
            [item.lower for item in slices],
            [item.upper for item in slices],
        )
    ]
    return Verdict(
        criterion=criterion,
        kind=Kind.CHANGE,
        measure=repr(measure),
        scale="difference",
        slicing=counts.slicing.name,
        outcome=outcome,
        estimate=largest[0],
        lower=largest[1],
        upper=largest[2],
        tolerance=each,
        p=min((claim.p(len(claims)) for claim in claims), default=None),
        comparisons=tuple(_comparison(now, claim, len(claims)) for claim in claims if claim.found.name),
        people_needed={} if plan is None or open_ is None else _needed(open_, plan, slices),
        not_assessable=unseen,
        excluded=counts.slicing.without,
        reason=_reason(claims, outcome, unseen),
        notes=(
            settings.note,
            "each person is compared with himself; what is bounded is how much worse he is read than before",
            "FAIL is simultaneous over everybody and all groups (Bonferroni)",
            *(() if plan is None else (plan.note,)),
        ),
        asides=(_claims_table(claims), *_gap_table(slices)),
    )


@dataclass(frozen=True, slots=True)
class _Claim:
    """One deterioration and its margin."""

    found: Deterioration
    margin: float

    @property
    def who(self) -> str:
        return self.found.name or "everybody"

    @property
    def fails(self) -> bool:
        return float(self.found.lower) > self.margin + _ROUNDING

    def p(self, claims: int) -> float:
        """p-value of "no worse than the margin", adjusted for all claims: at most alpha where it FAILs."""
        excess = float(self.found.worse) - self.margin
        error = float(self.found.error)
        if excess <= _ROUNDING or not error:
            return 0.0 if excess > _ROUNDING else 1.0
        return min(1.0, claims * float(stdtr(self.found.people - 1.0, -excess / error)))

    @property
    def passes(self) -> bool:
        return float(self.found.upper) <= self.margin + _ROUNDING


def _open_claim(claims: Sequence[_Claim]) -> _Claim | None:
    """The claim that is nearest to a FAIL where one is seen beyond its margin, else farthest from a PASS."""
    beyond = [claim for claim in claims if float(claim.found.worse) > claim.margin]
    if beyond:
        return max(beyond, key=lambda c: float(c.found.lower) - c.margin)
    open_ = [claim for claim in claims if not claim.passes]
    return max(open_, key=lambda c: float(c.found.upper) - c.margin, default=None)


def _needed(claim: _Claim, plan: ChangePlan, slices: Sequence[Deterioration]) -> dict[str, int]:
    """People by slice: those of the slice that decides, or everybody in the proportions seen."""
    if plan.people is None:
        return {}
    if claim.found.name:
        return {claim.found.name: plan.people}
    return {item.name: math.ceil(plan.people * item.people / claim.found.people) for item in slices}


def _comparison(now: Tally, claim: _Claim, claims: int) -> Comparison:
    """Then against now, oriented so that a deterioration is positive, and an improvement negative."""
    item = claim.found
    then, this = (f"{item.name} before", float(item.before)), (f"{item.name} now", float(item.now))
    (a, value_a), (b, value_b) = (this, then) if item.rising_is_worse else (then, this)
    return Comparison(
        a=a,
        b=b,
        estimate=float(item.worse),
        lower=float(item.lower),
        upper=float(item.upper),
        p=claim.p(claims),
        value_a=value_a,
        value_b=value_b,
        people_a=item.people,
        people_b=item.people,
        images_a=round(item.images),
        images_b=round(item.images),
        kind=PairKind.SHARED.value,
        labels=tuple(name for name, on in zip(now.labels, item.labels, strict=True) if on),
        correlation=0.0,
    )


def _unassessable(now: Tally, found: Sequence[Deterioration], settings: Settings) -> tuple[Unassessable, ...]:
    seen = {item.name for item in found}
    held = np.asarray((now.images > 0).any(axis=1))
    return tuple(
        Unassessable(
            name,
            int(held[now.level == level].sum()),
            f"no label is held by {settings.least_people} people who were seen both times",
        )
        for level, name in enumerate(now.levels)
        if name not in seen
    )


def _reason(claims: Sequence[_Claim], outcome: Outcome, unseen: Sequence[Unassessable]) -> str:
    """One clause that says why the outcome is what it is."""
    if not claims:
        return "too few people were seen both times to compare anything"
    if outcome is Outcome.FAIL:
        worst = max((claim for claim in claims if claim.fails), key=lambda c: float(c.found.lower) - c.margin)
        reach = at_least(float(worst.found.lower), 3, worst.margin)
        return f"{_told(worst)}: worse by at least {reach}, above {worst.margin:g}"
    widest = max(claims, key=lambda c: float(c.found.upper) - c.margin)
    reach = at_most(float(widest.found.upper), 3, widest.margin)
    if outcome is Outcome.PASS:
        return f"nobody is worse by more than the margin; nearest to it {_told(widest)}: at most {reach}"
    if widest.passes:
        names = ", ".join(item.name for item in unseen)
        return f"what could be compared is no worse than allowed, but too few people speak for {names}"
    return f"{_told(widest)}: may be worse by up to {reach} and is not shown to exceed {widest.margin:g}"


def _told(claim: _Claim) -> str:
    return f"{claim.who} {float(claim.found.before):.3f} before, {float(claim.found.now):.3f} now"


def _claims_table(claims: Sequence[_Claim]) -> Aside:
    rows = tuple(
        (
            claim.who,
            f"{float(claim.found.before):.3f}",
            f"{float(claim.found.now):.3f}",
            f"{float(claim.found.worse):+.3f}",
            f"{float(claim.found.lower):+.3f}",
            f"{float(claim.found.upper):+.3f}",
            f"{claim.margin:g}",
        )
        for claim in claims
    )
    columns = ("who", "before", "now", "worse by", "at least", "at most", "allowed")
    return Aside("Against the baseline", columns, rows, "A negative number is an improvement.")


def _gap_table(slices: Sequence[Deterioration]) -> tuple[Aside, ...]:
    """How each gap between two slices changed: difference in differences, people compared with themselves."""
    found = [change_of_gap(first, second) for first, second in combinations(slices, 2)]
    found.sort(key=lambda item: -abs(float(item.estimate)))
    if not found:
        return ()
    rows = tuple(
        (
            f"{item.first} / {item.second}",
            f"{float(item.before):+.3f}",
            f"{float(item.now):+.3f}",
            f"{float(item.estimate):+.3f}",
            f"{float(item.lower):+.3f} to {float(item.upper):+.3f}",
        )
        for item in found[:_MOST_SHOWN]
    )
    note = "Pairwise 95 % intervals by Student's t over people, for information: no verdict rests on them."
    if len(found) > _MOST_SHOWN:
        note += f" {len(found) - _MOST_SHOWN} smaller changes are left out."
    return (Aside("How gaps changed", ("gap", "before", "now", "change", "between"), rows, note),)

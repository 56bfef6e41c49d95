"""The verdict of a significance test: is the measure associated with the group, and is that negligible?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.results import Kind, Outcome, Verdict
from fer_audit.stats.association.assessment import assess_association
from fer_audit.stats.differences.decision import list_gaps
from fer_audit.stats.differences.engine import compare
from fer_audit.stats.planning.control import control_association
from fer_audit.stats.planning.gap import plan_gap
from fer_audit.stats.planning.search import MOST_PEOPLE
from fer_audit.stats.verdicts.comparisons import list_comparisons
from fer_audit.stats.verdicts.remarks import list_remarks, nothing_compared, remark_blindness
from fer_audit.stats.verdicts.rounding import at_most, p_value
from fer_audit.stats.verdicts.unanswered import weigh_unanswered

if TYPE_CHECKING:
    from fer_audit.stats.association.assessment import Association
    from fer_audit.stats.counts import Counts
    from fer_audit.stats.differences.decision import Gaps
    from fer_audit.stats.differences.engine import Differences
    from fer_audit.stats.measures import Rate
    from fer_audit.stats.planning.gap import Plan
    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally

__all__ = ["judge_association"]

# Part of the seed: raised when another draw would be made of the same data.
_VERSION = "association-2"
_ROUNDING = 1e-12
_UNCONFIRMED = "bounds that let each slice have its own dispersion do not exclude that they are equal"


def judge_association(
    counts: Counts,
    measure: Rate,
    *,
    alpha: float,
    margin: float | None,
    settings: Settings,
    criterion: str,
    plan: bool = True,
) -> Verdict:
    """Judge "which slice a person belongs to makes no difference to the measure".

    PASS: every difference is shown to be at most the margin, by the bounds of a gap; without a margin there
    is no PASS, for "not significant" never means fair. FAIL: detected (p at most alpha) and not shown
    negligible. INCONCLUSIVE otherwise, and where slices differ so much in images a person or in dispersion
    that the permutation test would lose its size (:mod:`fer_audit.stats.association.assessment`).

    Args:
        counts: images per person, slice, label and response.
        measure: the rate that is compared.
        alpha: level of the test.
        margin: the difference that is negligible, or None.
        settings: floors and the fewest people.
        criterion: the demand as written; names the verdict and seeds the rearrangements.
        plan: also find, where the verdict is inconclusive, how many people would decide it, and where it is
            no FAIL, say so if the criterion would not notice twice its margin here.

    Raises:
        UnknownNameError: a label of the measure that is neither the data's nor an expression.
    """
    tally = measure.tally(counts)
    found = compare(tally, settings)
    gaps = list_gaps(tally, found.layout, found.labels, settings)
    test = assess_association(tally, alpha, settings, criterion=criterion, version=_VERSION)
    estimate, lower, upper = (
        float(values[found.compared].max()) if found.compared.any() else float("nan")
        for values in (np.abs(found.difference), found.lower, found.upper)
    )
    negligible = margin is not None and upper <= margin + _ROUNDING
    open_answers = weigh_unanswered(counts, measure, found, 0.0 if margin is None else margin, settings)
    hides = open_answers.hides if open_answers is not None and negligible else ""
    # Pictures of one person may be taken for several people: exchanging them tells nothing of people.
    confirmed = counts.inflation == 1 or bool((found.lower[found.compared] > 0).any())
    if negligible:
        outcome = Outcome.INCONCLUSIVE if gaps.unassessable or hides else Outcome.PASS
    else:
        outcome = Outcome.FAIL if test.detected and confirmed else Outcome.INCONCLUSIVE
    undecided = outcome is Outcome.INCONCLUSIVE and not hides
    needed = _plan(tally, found, margin, settings) if plan and undecided else None
    control = None
    if plan and margin is not None and outcome is not Outcome.FAIL and found.compared.any():
        control = control_association(tally, alpha, margin, settings)
    comparisons = list_comparisons(tally, found, np.ones(len(found.compared)))
    return Verdict(
        criterion=criterion,
        kind=Kind.ASSOCIATION,
        measure=repr(measure),
        scale="difference",
        slicing=counts.slicing.name,
        outcome=outcome,
        estimate=estimate,
        lower=lower,
        upper=upper,
        tolerance=margin,
        p=test.p if test.replicates else None,
        # The p belongs to all pairs together.
        comparisons=tuple(replace(comparison, p=None) for comparison in comparisons),
        people_needed=dict(needed.people) if needed else {},
        detectable=needed.detectable if needed else None,
        not_assessable=gaps.unassessable,
        labels_left_out=gaps.labels_left_out,
        excluded=counts.slicing.without,
        reason=hides
        or _reason(tally, found, test, gaps, outcome, alpha=alpha, margin=margin, negligible=negligible),
        asides=() if open_answers is None else (open_answers.aside,),
        notes=(
            *list_remarks(counts, gaps, settings),
            *_rearranged(test),
            *(needed.notes if needed else ()),
            *remark_blindness(control),
        ),
    )


def _reason(
    tally: Tally,
    found: Differences,
    test: Association,
    gaps: Gaps,
    outcome: Outcome,
    *,
    alpha: float,
    margin: float | None,
    negligible: bool,
) -> str:
    """One clause that says why the outcome is what it is."""
    if not found.compared.any():
        assessable = np.flatnonzero(found.layout.assessable)
        return nothing_compared(tuple(tally.levels[level] for level in assessable))
    if outcome is Outcome.PASS:
        widest = float(found.upper[found.compared].max())
        tolerance = widest if margin is None else margin
        return f"no two slices are more than {at_most(widest, 3, tolerance)} apart, within {tolerance:g}"
    if negligible:
        names = ", ".join(item.name for item in gaps.unassessable)
        return f"what could be compared is within {margin:g}, but too few people speak for {names}"
    p = f"p = {p_value(test.p, alpha)} at {alpha:g}"
    unshown = "" if margin is None else f", and not shown to be within {margin:g}"
    if outcome is Outcome.FAIL:
        return f"an association is detected, {p}{unshown}"
    if test.unequal or test.unconfirmed:
        return f"{p}, which decides nothing: {test.unequal or _UNCONFIRMED}"
    why = "; without a margin a test can detect, never clear" if margin is None else unshown
    return f"no association is detected, {p}{why}"


def _rearranged(test: Association) -> tuple[str, ...]:
    if not test.replicates:
        return ()
    who = "; ".join(test.rearranged)
    return (
        f"p from {test.replicates:,} rearrangements of people among each other. {who}",
        *(f"the p does not speak of the pairs compared over {pairs}" for pairs in test.set_aside),
    )


def _plan(tally: Tally, found: Differences, margin: float | None, settings: Settings) -> Plan:
    """People to show the margin where the estimates lie within it, else people to detect what is seen."""
    seen = float(np.abs(found.difference[found.compared]).max()) if found.compared.any() else 0.0
    # Detection is a FAIL at tolerance 0, to which the bounds of a gap come close.
    detection = plan_gap(tally, 0.0, settings)
    if margin is not None and seen < margin:
        closeness = plan_gap(tally, margin, settings)
        return replace(closeness, detectable=detection.detectable)
    truth = (
        f"at a true difference of {seen:.3f}, as observed, the association would be detected with 80 % power"
    )
    if not found.compared.any():
        note = "nothing was compared, so that nothing is known of a difference that people could detect"
    elif seen < _ROUNDING:
        note = "nothing differs, so no number of people would detect it"
    elif not detection.people:
        note = f"{truth} only by more than {MOST_PEOPLE:,} people a slice, which is no practical number"
    else:
        people = max(number for _, number in detection.people)
        note = (
            f"{truth} by approximately {people} people a slice (by the bounds of a gap); what was observed "
            "is an estimate, and another truth takes another number"
        )
    return replace(detection, notes=(note,))

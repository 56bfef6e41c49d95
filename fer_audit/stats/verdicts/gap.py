"""The verdict of a maximum gap: no two slices may differ by more than the tolerance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fer_audit.results import Kind, Outcome, Verdict
from fer_audit.stats.differences.decision import list_gaps, outcome_of
from fer_audit.stats.differences.engine import adjusted_p, compare
from fer_audit.stats.differences.variation import corrected_spread
from fer_audit.stats.planning.control import control_power
from fer_audit.stats.planning.gap import plan_gap
from fer_audit.stats.planning.scores import control_scores, plan_scores
from fer_audit.stats.scores.comparison import compare_scores
from fer_audit.stats.verdicts.comparisons import list_comparisons
from fer_audit.stats.verdicts.remarks import list_remarks, nothing_compared, remark_blindness
from fer_audit.stats.verdicts.rounding import at_least, at_most
from fer_audit.stats.verdicts.unanswered import weigh_unanswered

if TYPE_CHECKING:
    from fer_audit.stats.counts import Counts
    from fer_audit.stats.differences.decision import Gaps
    from fer_audit.stats.differences.engine import Differences
    from fer_audit.stats.measures import Rate
    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally

__all__ = ["explain_gap", "judge_gap"]


def judge_gap(
    counts: Counts,
    measure: Rate,
    tolerance: float,
    settings: Settings,
    *,
    criterion: str,
    plan: bool = True,
) -> Verdict:
    """Judge whether a measure differs by more than the tolerance between any two slices.

    Args:
        counts: images per person, slice, label and response.
        measure: the rate or score that is compared.
        tolerance: the largest difference allowed, between 0 and 1.
        settings: error rate, floors and the fewest people.
        criterion: the demand as written, for the verdict.
        plan: also find, where the verdict is inconclusive, how many people would decide it, and where it
            is no FAIL, say so if the criterion would not notice twice its tolerance (about a second).

    Raises:
        UnknownNameError: a label of the measure that is neither the data's nor an expression.
        ConfigurationError: a score of answers none of which has a confidence.
    """
    tally = measure.tally(counts)
    found = (compare if measure.is_proportion else compare_scores)(tally, settings)
    gaps = list_gaps(tally, found.layout, found.labels, settings)
    estimate, lower, upper = (
        float(values[found.compared].max()) if found.compared.any() else float("nan")
        for values in (np.abs(found.difference), found.lower, found.upper)
    )
    outcome = outcome_of(lower, upper, tolerance, capped=bool(gaps.unassessable))
    open_answers = weigh_unanswered(counts, measure, found, tolerance, settings)
    hides = open_answers.hides if open_answers is not None and outcome is Outcome.PASS else ""
    outcome = Outcome.INCONCLUSIVE if hides else outcome
    p = adjusted_p(found, tolerance)
    undecided = outcome is Outcome.INCONCLUSIVE and not hides
    needed, control = None, None
    if plan and undecided:
        needed = (plan_gap if measure.is_proportion else plan_scores)(tally, tolerance, settings)
    if plan and outcome is not Outcome.FAIL and found.compared.any():
        control = (control_power if measure.is_proportion else control_scores)(tally, tolerance, settings)
    return Verdict(
        criterion=criterion,
        kind=Kind.GAP,
        measure=repr(measure),
        scale=measure.scale,
        slicing=counts.slicing.name,
        outcome=outcome,
        estimate=estimate,
        lower=lower,
        upper=upper,
        tolerance=tolerance,
        p=float(p[found.compared].min()) if found.compared.any() else None,
        comparisons=list_comparisons(tally, found, p),
        people_needed=dict(needed.people) if needed else {},
        detectable=needed.detectable if needed else None,
        not_assessable=gaps.unassessable,
        labels_left_out=gaps.labels_left_out,
        excluded=counts.slicing.without,
        reason=hides or explain_gap(tally, found, outcome, tolerance, gaps),
        notes=(
            *list_remarks(counts, gaps, settings),
            *(_notes(tally, found, settings) if measure.is_proportion else _score_notes(counts, tally)),
            *(needed.notes if needed else ()),
            *remark_blindness(control),
        ),
        asides=() if open_answers is None else (open_answers.aside,),
    )


def _describe(tally: Tally, found: Differences, pair: int) -> str:
    first, second = tally.levels[found.layout.first[pair]], tally.levels[found.layout.second[pair]]
    rates = float(found.rate_first[pair]), float(found.rate_second[pair])
    if rates[0] < rates[1]:
        first, second, rates = second, first, (rates[1], rates[0])
    return f"{first} {rates[0]:.3f} against {second} {rates[1]:.3f}"


def explain_gap(tally: Tally, found: Differences, outcome: Outcome, tolerance: float, gaps: Gaps) -> str:
    """One clause that says why the outcome is what it is.

    Args:
        tally: for the names.
        found: the comparisons.
        outcome: what follows from them.
        tolerance: the largest difference allowed.
        gaps: what could not be compared.
    """
    if not found.compared.any():
        assessable = np.flatnonzero(found.layout.assessable)
        return nothing_compared(tuple(tally.levels[level] for level in assessable))
    low = np.where(found.compared, found.lower, -np.inf)
    high = np.where(found.compared, found.upper, -np.inf)
    if outcome is Outcome.FAIL:
        worst = int(low.argmax())
        reach = at_least(float(low[worst]), 3, tolerance)
        return f"{_describe(tally, found, worst)}: at least {reach} apart, above {tolerance:g}"
    worst = int(high.argmax())
    reach = at_most(float(high[worst]), 3, tolerance)
    if outcome is Outcome.PASS:
        return f"no two slices are more than {reach} apart, within {tolerance:g}"
    if high[worst] <= tolerance:
        names = ", ".join(item.name for item in gaps.unassessable)
        return f"what could be compared is within {tolerance:g}, but too few people speak for {names}"
    return (
        f"{_describe(tally, found, worst)}: the difference may be up to {reach} and "
        f"is not shown to exceed {tolerance:g}"
    )


def _notes(tally: Tally, found: Differences, settings: Settings) -> tuple[str, ...]:
    if not found.compared.any():
        return ()
    deciding = int(np.where(found.compared, found.upper, -np.inf).argmax())
    notes = [f"correlation between images of one person: {found.alike[deciding]:.2f}"]
    spread = corrected_spread(tally, found.layout, settings)
    if spread is not None:
        notes.append(f"standard deviation between slices, corrected for noise (Lum): {spread:.3f}")
    return tuple(notes)


def _score_notes(counts: Counts, tally: Tally) -> tuple[str, ...]:
    silent = int(np.rint(counts.cells.sum() - tally.images.sum()))
    notes = ["the bounds rest on how much people vary, slices lending each other what they show of it"]
    if silent:
        notes.append(f"{silent} images got no answer with a confidence and take no part")
    return tuple(notes)

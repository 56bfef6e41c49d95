"""The verdict of a ratio of rates: no slice may have more than R times, and delta above, another's rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fer_audit.results import Comparison, Kind, Outcome, Verdict
from fer_audit.stats.differences.decision import list_gaps
from fer_audit.stats.differences.layout import PairKind
from fer_audit.stats.planning.control import control_power
from fer_audit.stats.planning.ratio import plan_ratio
from fer_audit.stats.ratios.comparison import compare_ratios, undecided_pair
from fer_audit.stats.verdicts.remarks import list_remarks, nothing_compared, remark_blindness
from fer_audit.stats.verdicts.rounding import at_least, at_most

if TYPE_CHECKING:
    from fer_audit.stats.counts import Counts
    from fer_audit.stats.differences.decision import Gaps
    from fer_audit.stats.measures import Measure
    from fer_audit.stats.ratios.comparison import RatioClaim, Ratios
    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally

__all__ = ["judge_ratio"]


def judge_ratio(
    counts: Counts,
    measure: Measure,
    claim: RatioClaim,
    settings: Settings,
    *,
    criterion: str,
    plan: bool = True,
) -> Verdict:
    """Judge "the ratio is at most R or the difference at most delta" for every pair of slices.

    Args:
        counts: images per person, slice, label and response.
        measure: the rate that is compared.
        claim: R and delta.
        settings: error rate, floors and the fewest people.
        criterion: the demand as written, for the verdict.
        plan: also find, where the verdict is inconclusive, how many people would decide it, and where it
            is no FAIL, say so if the criterion would not notice twice its tolerance (about a second).

    Returns:
        On the ratio scale; ``estimate`` and ``upper`` are infinite where the smaller rate is 0. Estimate
        and bounds are the largest over the pairs; a verdict may PASS by differences with a large ratio. A
        pair that cannot FAIL, for too few people have the event, has no p.

    Raises:
        UnknownNameError: a label of the measure that is neither the data's nor an expression.
    """
    tally = measure.tally(counts)
    found = compare_ratios(tally, claim, settings)
    layout, compared = found.differences.layout, found.differences.compared
    gaps = list_gaps(tally, layout, found.differences.labels, settings)
    outcome = _outcome(found, gaps)
    estimate, lower, upper = (
        float(values[compared].max()) if compared.any() else float("nan")
        for values in (found.ratio, found.lower, found.upper)
    )
    tested = compared & found.enough_events
    needed = plan_ratio(tally, claim, settings) if plan and outcome is Outcome.INCONCLUSIVE else None
    control = None
    if plan and outcome is not Outcome.FAIL and compared.any():
        control = control_power(tally, claim, settings)
    return Verdict(
        criterion=criterion,
        kind=Kind.RATIO,
        allowed_difference=claim.difference,
        measure=repr(measure),
        scale="ratio",
        slicing=counts.slicing.name,
        outcome=outcome,
        estimate=estimate,
        lower=lower,
        upper=upper,
        tolerance=claim.at_most,
        p=float(found.p[tested].min()) if tested.any() else None,
        comparisons=tuple(_comparison(tally, found, int(pair)) for pair in np.flatnonzero(compared)),
        people_needed=dict(needed.people) if needed else {},
        detectable=needed.detectable if needed else None,
        not_assessable=gaps.unassessable,
        labels_left_out=gaps.labels_left_out,
        excluded=counts.slicing.without,
        reason=_reason(tally, found, claim, outcome, gaps),
        notes=(
            *list_remarks(counts, gaps, settings),
            f"PASS also where two slices are at most {claim.difference:g} apart, whatever their ratio",
            *(_counted(tally, found, outcome) if compared.any() else ()),
            *_untested(found),
            *(needed.notes if needed else ()),
            *remark_blindness(control),
        ),
    )


def _outcome(found: Ratios, gaps: Gaps) -> Outcome:
    if found.fails.any():
        return Outcome.FAIL
    compared = found.differences.compared
    if compared.any() and found.passes[compared].all() and not gaps.unassessable:
        return Outcome.PASS
    return Outcome.INCONCLUSIVE


def _comparison(tally: Tally, found: Ratios, pair: int) -> Comparison:
    table = found.differences
    levels = tally.levels[table.layout.first[pair]], tally.levels[table.layout.second[pair]]
    rates = float(found.rate_first[pair]), float(found.rate_second[pair])
    more, less = (0, 1) if rates[0] >= rates[1] else (1, 0)
    people, images = table.people[pair], np.rint(table.images[pair]).astype(np.int64)
    return Comparison(
        a=levels[more],
        b=levels[less],
        estimate=float(found.ratio[pair]),
        lower=float(found.lower[pair]),
        upper=float(found.upper[pair]),
        p=float(found.p[pair]) if found.enough_events[pair] else None,
        value_a=rates[more],
        value_b=rates[less],
        people_a=int(people[more]),
        people_b=int(people[less]),
        images_a=int(images[more]),
        images_b=int(images[less]),
        kind=str(list(PairKind)[table.kind[pair]]),
        labels=tuple(name for name, on in zip(tally.labels, table.labels[pair], strict=True) if on),
        correlation=float(found.alike[pair]),
        difference=(
            float(found.difference[pair]),
            float(found.difference_lower[pair]),
            float(found.difference_upper[pair]),
        ),
    )


def _deciding(found: Ratios, outcome: Outcome) -> int:
    """The pair to speak of: the clearest failure, the least clear pass, or what keeps the verdict open."""
    compared = found.differences.compared
    if outcome is Outcome.FAIL:
        return int(np.where(found.fails, found.lower, -np.inf).argmax())
    if outcome is Outcome.PASS:
        return int(np.where(compared, found.difference_upper, -np.inf).argmax())
    return undecided_pair(found)


def _reason(tally: Tally, found: Ratios, claim: RatioClaim, outcome: Outcome, gaps: Gaps) -> str:
    """One clause that says why the outcome is what it is."""
    table = found.differences
    if not table.compared.any():
        assessable = np.flatnonzero(table.layout.assessable)
        return nothing_compared(tuple(tally.levels[level] for level in assessable))
    if outcome is Outcome.PASS:
        return f"no two slices are more than {claim.at_most:g} times and {claim.difference:g} apart"
    pair = _deciding(found, outcome)
    shown = _comparison(tally, found, pair)
    who = f"{shown.a} {shown.value_a:.3f} against {shown.b} {shown.value_b:.3f}"
    if outcome is Outcome.FAIL:
        ratio = at_least(shown.lower, 2, claim.at_most)
        apart = at_least(float(found.difference_lower[pair]), 3, claim.difference)
        return (
            f"{who}: at least {ratio} times, above {claim.at_most:g}, "
            f"and at least {apart} apart, above {claim.difference:g}"
        )
    if found.passes[table.compared].all():
        names = ", ".join(item.name for item in gaps.unassessable)
        return f"what could be compared is within the tolerances, but too few people speak for {names}"
    if shown.lower > claim.at_most and found.difference_lower[pair] > claim.difference:
        return (
            f"{who}: both bounds lie beyond their tolerances, but only {found.event_people[pair]:.0f} people "
            f"of {shown.a} have the event; a finding about a group needs 8"
        )
    highest = shown.upper
    reach = (
        "has no upper bound" if np.isinf(highest) else f"may be up to {at_most(highest, 2, claim.at_most)}"
    )
    return f"{who}: the ratio {reach} and is not shown to exceed {claim.at_most:g}"


def _untested(found: Ratios) -> tuple[str, ...]:
    compared = found.differences.compared
    pairs = int((compared & ~found.enough_events).sum())
    if not pairs:
        return ()
    return (
        f"no p is given and no FAIL possible in {pairs} of {compared.sum()} pairs: fewer than 8 people of "
        "the slice with the larger rate have the event",
    )


def _counted(tally: Tally, found: Ratios, outcome: Outcome) -> tuple[str, ...]:
    """The plain counts of the pair that decides: the figure that headlines quote, beside the rates."""
    pair = _deciding(found, outcome)
    shown = _comparison(tally, found, pair)
    more, less = found.hits[pair]
    if shown.a != tally.levels[found.differences.layout.first[pair]]:
        more, less = less, more
    if more == 0:
        times = "no event in either"
    elif less == 0:
        times = "no finite ratio"
    else:
        times = f"{more / less:.2f} times as many events, {shown.estimate:.2f} times the rate"
    return (
        (f"{shown.a} {more:g} of {shown.images_a} images, {shown.b} {less:g} of {shown.images_b}: {times}"),
        f"correlation between images of one person: {shown.correlation:.2f}",
    )

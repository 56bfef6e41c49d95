"""The verdict of a maximum gap between slices at equal covariates, by g-computation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.results import Kind, Verdict
from fer_audit.stats.confounding.adjustment import compare_adjusted
from fer_audit.stats.confounding.observations import only_compared, tally_of
from fer_audit.stats.confounding.standardisation import MOST_DELETED, standardise
from fer_audit.stats.differences.decision import list_gaps, outcome_of
from fer_audit.stats.differences.engine import adjusted_p
from fer_audit.stats.verdicts.comparisons import list_comparisons
from fer_audit.stats.verdicts.gap import explain_gap
from fer_audit.stats.verdicts.identities import judge_unknown
from fer_audit.stats.verdicts.remarks import list_remarks

if TYPE_CHECKING:
    from fer_audit.stats.confounding.observations import Observations
    from fer_audit.stats.confounding.standardisation import Standardised
    from fer_audit.stats.counts import Counts
    from fer_audit.stats.measures import Measure
    from fer_audit.stats.settings import Settings

__all__ = ["judge_gap_adjusted"]


def judge_gap_adjusted(
    counts: Counts,
    seen: Observations,
    measure: Measure,
    tolerance: float,
    settings: Settings,
    *,
    criterion: str,
) -> Verdict:
    """Judge whether adjusted rates differ by more than the tolerance between any two slices.

    Args:
        counts: of all rows, for what is told of the slicing.
        seen: the rows of the measure, with what they are adjusted for.
        measure: the rate that is compared.
        tolerance: the largest difference allowed.
        settings: error rate, floors and the fewest people.
        criterion: the demand as written.
    """
    standardised = standardise(only_compared(seen, settings.least_people))
    return judge_unknown(
        lambda known, _plan: _judge(
            known,
            seen,
            standardised,
            measure=measure,
            tolerance=tolerance,
            settings=settings,
            criterion=criterion,
        ),
        counts,
    )


def _judge(
    counts: Counts,
    seen: Observations,
    standardised: Standardised,
    *,
    measure: Measure,
    tolerance: float,
    settings: Settings,
    criterion: str,
) -> Verdict:
    tally = replace(tally_of(seen), inflation=counts.inflation)
    found = compare_adjusted(tally, standardised, settings)
    gaps = list_gaps(tally, found.layout, found.labels, settings)
    estimate, lower, upper = (
        float(values[found.compared].max()) if found.compared.any() else float("nan")
        for values in (np.abs(found.difference), found.lower, found.upper)
    )
    outcome = outcome_of(lower, upper, tolerance, capped=bool(gaps.unassessable))
    p = adjusted_p(found, tolerance)
    return Verdict(
        criterion=criterion,
        kind=Kind.GAP,
        measure=repr(measure),
        scale="difference",
        slicing=counts.slicing.name,
        outcome=outcome,
        estimate=estimate,
        lower=lower,
        upper=upper,
        tolerance=tolerance,
        p=float(p[found.compared].min()) if found.compared.any() else None,
        comparisons=list_comparisons(tally, found, p),
        not_assessable=gaps.unassessable,
        labels_left_out=gaps.labels_left_out,
        excluded=counts.slicing.without,
        reason=explain_gap(tally, found, outcome, tolerance, gaps),
        notes=(*list_remarks(counts, gaps, settings), *_how(standardised)),
    )


def _how(standardised: Standardised) -> tuple[str, ...]:
    refits = len(standardised.without)
    grouped = standardised.member is None
    left_out = f"one of {MOST_DELETED} groups of people" if grouped else "one person"
    return (
        "rates are adjusted by g-computation: a logistic regression on slice, label and covariates (linear "
        "and squared) predicts every image as if it were of each slice, and the predictions are averaged "
        f"over everybody; errors by {refits} refits that each leave out {left_out}",
        "this assumes that covariates act alike in every slice (on the log odds), that each slice has people "
        "at the covariates of the others, and that nothing else that differs between slices matters",
        "no number of people is given for an adjusted difference",
    )

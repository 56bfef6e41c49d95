"""Verdicts with control factors: the same demand as observed and at equal light, pose, blur or age.

A difference that goes away once slices are compared at equal light is not shown to come from the group, and
one that appears only then was hidden. Neither number alone may decide: PASS and FAIL need both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.errors import ConfigurationError
from fer_audit.results import Adjustment, Outcome
from fer_audit.stats.confounding.balance import balance_of
from fer_audit.stats.confounding.factors import find_factors, strata_of_rows
from fer_audit.stats.confounding.observations import eligible_rows, observe
from fer_audit.stats.confounding.strata import stratify
from fer_audit.stats.slicing import cut
from fer_audit.stats.verdicts.adjusted import judge_gap_adjusted
from fer_audit.stats.verdicts.association import judge_association
from fer_audit.stats.verdicts.controls import (
    MEDIATOR,
    balance_table,
    deciding,
    far_apart,
    mantel_haenszel_table,
    side_by_side,
)
from fer_audit.stats.verdicts.gap import judge_gap
from fer_audit.stats.verdicts.identities import judge_unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from fer_audit.predictions import Predictions
    from fer_audit.results import Verdict
    from fer_audit.stats.confounding.factors import Factor
    from fer_audit.stats.counts import Counts
    from fer_audit.stats.evidence import Evidence
    from fer_audit.stats.measures import Measure, Rate
    from fer_audit.stats.settings import Settings

__all__ = ["judge_association_given", "judge_gap_given"]

# Up to this share of a slice's rows may lack a control factor, as may lack an answer.
_MOST_UNKNOWN = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class _Demand:
    """What is judged: a measure, what is held fixed, and the rows."""

    measure: Measure
    given: tuple[str, ...]
    factors: tuple[Factor, ...]
    evidence: Evidence
    predictions: Predictions
    settings: Settings

    @property
    def names(self) -> str:
        return " and ".join(filter(None, (", ".join(self.given[:-1]), self.given[-1])))


def judge_gap_given(
    evidence: Evidence,
    given: tuple[str, ...],
    measure: Measure,
    tolerance: float,
    settings: Settings,
    *,
    criterion: str,
) -> Verdict:
    """Judge whether a measure differs by more than the tolerance, as observed and given control factors.

    Attributes with few levels make exact strata; a covariate is adjusted for by g-computation, and then so
    is everything given beside it.

    Args:
        evidence: counts and rows.
        given: names of attributes and covariates.
        measure: the rate that is compared.
        tolerance: the largest difference allowed, between 0 and 1.
        settings: error rate, floors and the fewest people.
        criterion: the demand as written.

    Raises:
        UnknownNameError: an unknown factor, or label of the measure.
        ConfigurationError: no rows, or a factor that is part of the slicing.
    """
    demand = _demand(evidence, given, measure, settings, criterion)

    def judge(rate: Rate) -> Callable[[Counts, bool], Verdict]:
        return lambda counts, plan: judge_gap(
            counts, rate, tolerance, settings, criterion=criterion, plan=plan and rate is not measure
        )

    crude = judge_unknown(judge(measure), evidence.counts)
    if any(factor.values is not None for factor in demand.factors):
        adjusted = judge_gap_adjusted(
            evidence.counts,
            observe(demand.predictions, evidence.counts.slicing, measure, demand.factors),
            measure,
            tolerance,
            settings,
            criterion=criterion,
        )
        return _together(demand, crude, adjusted)
    return _within_strata(demand, crude, judge)


def judge_association_given(
    evidence: Evidence,
    given: tuple[str, ...],
    measure: Measure,
    *,
    alpha: float,
    margin: float | None,
    settings: Settings,
    criterion: str,
) -> Verdict:
    """Judge "the slice makes no difference to the measure", as observed and within exact strata.

    Args:
        evidence: counts and rows.
        given: names of attributes with few levels.
        measure: the rate that is compared.
        alpha: level of the test.
        margin: the difference that is negligible, or None.
        settings: floors and the fewest people.
        criterion: the demand as written.

    Raises:
        UnknownNameError: an unknown factor, or label of the measure.
        ConfigurationError: no rows, a covariate, or a factor that is part of the slicing.
    """
    demand = _demand(evidence, given, measure, settings, criterion)
    continuous = [factor.name for factor in demand.factors if factor.values is not None]
    if continuous:
        raise ConfigurationError(
            f"{criterion}: {continuous[0]!r} is a number for every image, and people can be exchanged only "
            "within strata; put it into bands (an attribute of a few levels), or adjust for it by "
            f"Gap({measure!r}, at_most=..., given={continuous[0]!r})"
        )

    def judge(rate: Rate) -> Callable[[Counts, bool], Verdict]:
        return lambda counts, plan: judge_association(
            counts,
            rate,
            alpha=alpha,
            margin=margin,
            settings=settings,
            criterion=criterion,
            plan=plan and rate is not measure,
        )

    return _within_strata(demand, judge_unknown(judge(measure), evidence.counts), judge)


def _demand(
    evidence: Evidence, given: tuple[str, ...], measure: Measure, settings: Settings, criterion: str
) -> _Demand:
    if evidence.predictions is None:
        raise ConfigurationError(
            f"{criterion} looks at rows, and only counts were kept; judge it where the predictions are"
        )
    factors = find_factors(evidence.predictions, given, evidence.counts.slicing)
    return _Demand(measure, given, factors, evidence, evidence.predictions, settings)


def _within_strata(
    demand: _Demand, crude: Verdict, judge: Callable[[Rate], Callable[[Counts, bool], Verdict]]
) -> Verdict:
    counts = demand.evidence.counts
    strata = strata_of_rows(demand.factors, len(demand.predictions))
    stratified = stratify(demand.predictions, counts.slicing, demand.measure, strata)
    adjusted = judge_unknown(judge(stratified), counts)
    found = _together(demand, crude, adjusted)
    table = mantel_haenszel_table(stratified.tally(counts), deciding(adjusted), demand.settings.alpha)
    how = (
        f"given {demand.names}: slices are compared only within the {len(strata.levels)} strata that were "
        "seen, each with the same weight; this assumes that nothing else that differs between slices matters"
    )
    return replace(found, asides=(*found.asides, *table), notes=(*found.notes, how))


def _together(demand: _Demand, crude: Verdict, adjusted: Verdict) -> Verdict:
    """One verdict of two: theirs where they agree; estimate, bounds and comparisons are the adjusted ones."""
    outcome, reason = adjusted.outcome, adjusted.reason
    unknown = _unknown(demand)
    if unknown.too_many:
        outcome, reason = Outcome.INCONCLUSIVE, unknown.too_many
    elif not adjusted.comparisons:
        outcome, reason = Outcome.INCONCLUSIVE, f"not assessable given {demand.names}: {adjusted.reason}"
    elif crude.outcome is not adjusted.outcome:
        outcome = Outcome.INCONCLUSIVE
        reason = (
            f"confounded: the crude verdict is {crude.outcome.name}, the one given {demand.names} "
            f"{adjusted.outcome.name}: {adjusted.reason}"
        )
    slicing = demand.evidence.counts.slicing
    seen = observe(demand.predictions, slicing, demand.measure, demand.factors)
    balance = balance_of(seen, demand.factors)
    # Within exact strata nothing is extrapolated: what has no counterpart is left out.
    is_modelled = any(factor.values is not None for factor in demand.factors)
    extrapolated = far_apart(balance, seen.levels, adjusted) if is_modelled else ()
    chances = [p for p in (crude.p, adjusted.p) if p is not None]
    return replace(
        adjusted,
        outcome=outcome,
        reason=reason,
        # A FAIL needs both tests, so that the larger p is the p of the demand.
        p=max(chances) if len(chances) > 1 else None,
        notes=(*adjusted.notes, *unknown.notes, *extrapolated, MEDIATOR),
        asides=(
            side_by_side(crude, adjusted, demand.names),
            balance_table(balance, seen.levels, deciding(adjusted)),
            *adjusted.asides,
        ),
        adjustment=Adjustment(demand.given, crude.outcome, adjusted.outcome),
    )


@dataclass(frozen=True, slots=True)
class _Unknown:
    """Rows left out because a control factor is unknown: notes, and why nothing can be decided."""

    notes: tuple[str, ...]
    too_many: str


def _unknown(demand: _Demand) -> _Unknown:
    """Rows without a factor are rarely like the others: a face that no detector finds has no pose."""
    slicing = demand.evidence.counts.slicing
    rows = eligible_rows(demand.predictions, slicing, demand.measure)
    known = np.ones(len(rows), dtype=np.bool_)
    for factor in demand.factors:
        known &= factor.known
    left_out = rows & ~known
    if not left_out.any():
        return _Unknown((), "")
    slices = cut(demand.predictions, slicing)
    total = np.bincount(slices.codes[rows], minlength=len(slices.levels))
    lost = np.bincount(slices.codes[left_out], minlength=len(slices.levels))
    worst = int((lost / np.maximum(total, 1)).argmax())
    note = (
        f"{int(left_out.sum())} of {int(rows.sum())} rows are left out of the adjusted analysis because "
        f"{demand.names} is unknown there"
    )
    if lost[worst] <= _MOST_UNKNOWN * total[worst]:
        return _Unknown((note,), "")
    return _Unknown(
        (note,),
        f"{demand.names} is unknown for {lost[worst]} of {total[worst]} rows of "
        f"{slicing.name} = {slices.levels[worst]} (at most {_MOST_UNKNOWN:.0%} may be), and such rows are "
        "rarely like the others: complete it, or leave those pictures out everywhere",
    )

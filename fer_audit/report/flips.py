"""Counterfactual pairs in words: a comparison is of two levels of one face, and of no two groups' rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fer_audit.report.clauses import allowed, interval, missing, needed, reason, seen
from fer_audit.report.comparisons import largest, standing
from fer_audit.report.names import level_words, shortened
from fer_audit.report.quantities import at_least, at_most, confidence, people, percent, points
from fer_audit.results import Outcome

if TYPE_CHECKING:
    from fer_audit.results import Comparison, Record, Verdict

__all__ = ["flips_sentence"]


def flips_sentence(record: Record, pair: Comparison, unit: str, alpha: float) -> str:
    """One verdict about changed answers in a short paragraph.

    Args:
        record: the verdict and where it was demanded.
        pair: the comparison it is about.
        unit: what one observation is: a person, or a rendered identity.
        alpha: the error rate of the bounds, for "95 % sure".
    """
    verdict = record.verdict
    model = shortened(record.model)
    scene = f"On {shortened(verdict.slicing)}, {model}"
    told = f"{scene} changes its answer on {_rates(verdict, pair)}"
    limit = f"Allowed: {allowed(verdict)}."
    if verdict.outcome is Outcome.FAIL:
        bound = at_least(pair.lower, verdict.tolerance)
        return (
            f"{told}: an excess of {points(pair.estimate)} ({confidence(alpha)} sure of at least {bound}), "
            f"{seen(pair, unit)}. {limit} FAIL."
        )
    if verdict.outcome is Outcome.PASS:
        most = largest(verdict) or pair
        bound = at_most(verdict.upper, verdict.tolerance)
        return (
            f"{scene} seldom changes its answer when only the level does: on at most {bound} points more of "
            f"the faces than when nothing does ({confidence(alpha)} sure). Most change seen: on "
            f"{_rates(verdict, most)}. {people(most.people_a, unit).capitalize()}. {limit} PASS."
        )
    if all(standing(verdict, c) is Outcome.PASS for c in verdict.comparisons):
        why = missing(verdict, unit) or reason(verdict, unit)
        return (
            f"{scene} changes its answer within the allowed {allowed(verdict)} wherever levels could be "
            f"compared ({confidence(alpha)} sure), but not everything demanded could be judged.{why} "
            "INCONCLUSIVE."
        )
    bounds = interval(verdict, pair)
    return (
        f"{told}: an excess of {points(pair.estimate)} in these data ({seen(pair, unit)}), but anything from "
        f"{bounds.low} to {bounds.high}{bounds.unit} agrees with them. {limit}{needed(verdict, unit)}"
        f"{missing(verdict, unit)} INCONCLUSIVE."
    )


def _rates(verdict: Verdict, pair: Comparison) -> str:
    """How many faces change, and of identical pictures how many where some do."""
    change = f"{level_words(verdict.slicing, pair.a)} becomes {shortened(pair.b)}"
    told = f"{percent(pair.value_a)} of the faces when {change}"
    if any(comparison.value_b > 0 for comparison in verdict.comparisons):
        told += f", and on {percent(pair.value_b)} of identical pictures"
    return told

"""A verdict in plain words, for the person who decides about a release.

Each sentence says who, what, how large, how sure and how many people. "At least" is the bound that decides
FAIL, simultaneous over the comparisons; "at most" is the bound that decides PASS; both are rounded away from
the stronger claim. The text is plain: whoever puts it into HTML or Markdown escapes it.
"""

from __future__ import annotations

from dataclasses import replace
from textwrap import wrap
from typing import TYPE_CHECKING

from fer_audit.report.clauses import (
    allowed,
    allowed_briefly,
    compared,
    given,
    interval,
    missing,
    missing_briefly,
    needed,
    reason,
    seen,
    seen_briefly,
    size,
    subject,
    sure,
)
from fer_audit.report.comparisons import (
    deciding,
    difference_allowed,
    is_association,
    joined,
    largest,
    people_by_level,
    standing,
    told_by_difference,
    worst_first,
)
from fer_audit.report.flips import flips_sentence
from fer_audit.report.names import group, shortened
from fer_audit.report.phrases import confusion_of, phrase
from fer_audit.report.quantities import (
    at_least,
    at_most,
    confidence,
    people,
    plural,
    probability,
    units,
)
from fer_audit.results import Comparison, Kind, Outcome, Record, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fer_audit.results import Adjustment

__all__ = ["brief", "sentence", "short", "table"]

_ROWS = 5
# Crude against adjusted, and the balance: what a verdict with control factors cannot be read without.
_ASIDES = 2


def sentence(record: Record, unit: str = "person", *, alpha: float = 0.05) -> str:
    """One verdict in one short paragraph that a release manager can act on.

    Args:
        record: the verdict and where it was demanded.
        unit: what one observation is: a person, or a rendered identity.
        alpha: the error rate of the bounds, for "95 % sure".
    """
    verdict = record.verdict
    pair = deciding(verdict)
    if pair is None:
        return (
            f"{_scene(record)}, no two groups could be compared for {shortened(record.model)}."
            f"{reason(verdict, unit)}{missing(verdict, unit)} This says nothing about fairness. INCONCLUSIVE."
        )
    if verdict.kind is Kind.FLIPS or (is_association(verdict) and not _is_disputed(verdict)):
        tell = flips_sentence if verdict.kind is Kind.FLIPS else _association
        return tell(record, pair, unit, alpha)
    if verdict.outcome is Outcome.FAIL:
        return _fail(record, pair, unit, alpha)
    if verdict.outcome is Outcome.PASS:
        return _pass(record, pair, unit, alpha)
    return _open(record, pair, unit, alpha)


def short(record: Record, *, with_cell: bool = True) -> str:
    """One verdict in one line: what, where, who over whom, how large, how sure, what is allowed, how many.

    Groups and comparisons that could not be judged are named, so that nobody takes them for judged.

    Args:
        record: the verdict and where it was demanded.
        with_cell: name model and dataset; a run of one cell has said them already.
    """
    verdict = record.verdict
    pair = deciding(verdict)
    if pair is None:
        return brief(record, with_cell=with_cell)
    bound = f"{_sure(verdict, pair)}{allowed_briefly(verdict, pair)}{_dispute(verdict)}"
    told = f"{_who(verdict, pair)}, {_size(verdict, pair)} ({bound}); {seen_briefly(pair)}"
    return f"{_where(record, with_cell=with_cell)}: {told}{missing_briefly(verdict)}"


def brief(record: Record, *, with_cell: bool = True) -> str:
    """An undecided verdict in fewer words: what, where, how large, between which bounds, what is allowed.

    Args:
        record: the verdict and where it was demanded.
        with_cell: name model and dataset; a run of one cell has said them already.
    """
    verdict = record.verdict
    where = _where(record, with_cell=with_cell)
    pair = deciding(verdict)
    if pair is None:
        return f"{where}: nothing comparable"
    bound = f"{_sure(verdict, pair)}{allowed_briefly(verdict, pair)}{_dispute(verdict)}"
    return f"{where}: {_size(verdict, pair)} ({bound}){missing_briefly(verdict)}"


def table(record: Record, unit: str = "person", *, alpha: float = 0.05) -> str:
    """One verdict as the plain-text table under a test: who, how large, how sure, how many people.

    The worst comparisons come first; how many more there are is said.
    """
    verdict = record.verdict
    head = f"{verdict.criterion} by {verdict.slicing}, {record.model} on {record.dataset}"
    told = wrap(sentence(record, unit, alpha=alpha), 96)
    lines = [f"{verdict.outcome.upper()}  {shortened(head, 110)}", "", *told]
    shown = worst_first(verdict)[:_ROWS]
    if shown:
        rows = [("who", "how large", "how sure", f"how many {plural(unit)}")]
        rows += [(_who(verdict, c), size(verdict, c), sure(verdict, c), seen_briefly(c)) for c in shown]
        lines += ["", *_columns(rows)]
    rest = len(verdict.comparisons) - len(shown)
    if rest:
        lines.append(f"and {rest} more {'comparison' if rest == 1 else 'comparisons'}, none worse")
    if verdict.adjustment is not None:
        for aside in verdict.asides[:_ASIDES]:
            lines += ["", aside.title, *_columns([aside.columns, *aside.rows])]
    return "\n".join(lines)


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    rows = [[shortened(cell, 40) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def _scene(record: Record) -> str:
    verdict = record.verdict
    return f"On {shortened(verdict.slicing)}{given(verdict)}{phrase(verdict.measure).aside}"


def _where(record: Record, *, with_cell: bool) -> str:
    cell = f", {record.model} on {record.dataset}" if with_cell else ""
    return shortened(f"{subject(record.verdict)}{cell}", 90)


def _size(verdict: Verdict, pair: Comparison) -> str:
    return size(verdict, pair).removesuffix(" apart")


def _sure(verdict: Verdict, pair: Comparison) -> str:
    return sure(verdict, pair).removesuffix(" apart")


def _who(verdict: Verdict, pair: Comparison) -> str:
    return f"{confusion_of(pair)}{shortened(pair.a, 28)} {joined(verdict)} {shortened(pair.b, 28)}"


def _fail(record: Record, pair: Comparison, unit: str, alpha: float) -> str:
    verdict = record.verdict
    least = at_least(pair.lower, verdict.tolerance, scale=verdict.scale)
    bound = f"at least {least}"
    if verdict.scale == "ratio":
        bound += " times"
        if pair.difference is not None:
            bound += f" and {at_least(pair.difference[1], difference_allowed(verdict))} points apart"
    return (
        f"{_scene(record)}, {shortened(record.model)} {compared(verdict, pair)} ({confidence(alpha)} sure of "
        f"{bound}), {seen(pair, unit)}. Allowed: {allowed(verdict)}. FAIL."
    )


def _pass(record: Record, pair: Comparison, unit: str, alpha: float) -> str:
    verdict = record.verdict
    top = largest(verdict) or pair
    groups = people_by_level(verdict)
    if verdict.scale == "ratio" and all(told_by_difference(verdict, c) for c in verdict.comparisons):
        apart = max(c.difference[2] for c in verdict.comparisons if c.difference is not None)
        bound = f"no two are more than {at_most(apart, difference_allowed(verdict))} points apart"
    elif verdict.scale == "ratio":
        bound = f"no two are further apart than the allowed {allowed(verdict)}"
    else:
        most = at_most(verdict.upper, verdict.tolerance, scale=verdict.scale)
        bound = f"no two are more than {most}{units(verdict.scale)} apart"
    everywhere = "both groups" if len(groups) == 2 else f"all {len(groups)} groups"  # noqa: PLR2004 - both
    fewest, crowded = min(groups.values()), max(groups.values())
    crowd = people(crowded, unit) if fewest == crowded else f"{fewest:,} to {people(crowded, unit)}"
    return (
        f"{_scene(record)}, {shortened(record.model)} {phrase(verdict.measure).alike(everywhere)}: "
        f"{bound} ({confidence(alpha)} sure). "
        f"{_largest_seen(verdict, top, everywhere)} {crowd} a group. "
        f"Allowed: {allowed(verdict)}. PASS."
    )


def _largest_seen(verdict: Verdict, top: Comparison, everywhere: str) -> str:
    what = phrase(verdict.measure)
    first, second = what.value(top.value_a), what.value(top.value_b)
    if len({value for c in verdict.comparisons for value in (c.value_a, c.value_b)}) == 1:
        return f"No difference was seen: {first} in {everywhere}."
    return (
        f"Largest difference seen: {size(verdict, top)}, {first} for {group(verdict.slicing, top.a)} "
        f"against {second} for {group(verdict.slicing, top.b)}."
    )


def _open(record: Record, pair: Comparison, unit: str, alpha: float) -> str:
    verdict = record.verdict
    if _is_disputed(verdict):
        return _disputed(record, pair, unit)
    if all(standing(verdict, c) is Outcome.PASS for c in verdict.comparisons):
        return _capped(record, unit, alpha)
    return _inconclusive(record, pair, unit)


def _capped(record: Record, unit: str, alpha: float) -> str:
    """Everything that could be compared is within the tolerance, and yet the demand is not met."""
    verdict = record.verdict
    count = len(verdict.comparisons)
    made = f"the {count} comparisons made are" if count > 1 else "the one comparison made is"
    why = missing(verdict, unit) or reason(verdict, unit)
    return (
        f"{_scene(record)}, for {shortened(record.model)} {made} within the allowed {allowed(verdict)} "
        f"({confidence(alpha)} sure), but not everything demanded could be judged.{why} INCONCLUSIVE."
    )


def _is_disputed(verdict: Verdict) -> bool:
    """Whether crude and adjusted verdicts differ, or something else keeps both from deciding."""
    adjustment = verdict.adjustment
    if adjustment is None:
        return False
    return adjustment.confounded or verdict.outcome is not adjustment.adjusted


def _disputed(record: Record, pair: Comparison, unit: str) -> str:
    """A verdict with control factors that stays open although the adjusted comparison may be decided."""
    verdict = record.verdict
    bounds = interval(verdict, pair)
    reverse = " (the other way round)" if bounds.is_reversed else ""
    adjustment = verdict.adjustment
    why = reason(verdict, unit)
    if adjustment is not None and adjustment.confounded:
        what = given(verdict).removeprefix(", given ")
        why = (
            f" Confounded: without {what} the verdict is {adjustment.crude.name}, given {what} "
            f"{adjustment.adjusted.name}{_meaning(adjustment, what)}."
        )
    return (
        f"{_scene(record)}, {shortened(record.model)} {compared(verdict, pair)} ({seen(pair, unit)}), and "
        f"anything from {bounds.low}{reverse} to {bounds.high} points agrees with these data.{why} "
        f"Allowed: {allowed(verdict)}.{needed(verdict, unit)}{missing(verdict, unit)} INCONCLUSIVE."
    )


def _meaning(adjustment: Adjustment, what: str) -> str:
    if adjustment.crude is Outcome.FAIL:
        return f", so that the difference may come from {what} and not from the group"
    if adjustment.adjusted is Outcome.FAIL:
        return f", so that {what} may hide a difference between the groups, or stand for them"
    return ", and only one of the two shows that the groups are alike"


def _dispute(verdict: Verdict) -> str:
    adjustment = verdict.adjustment
    if adjustment is None or not adjustment.confounded:
        return ""
    return f", confounded: crude {adjustment.crude.name}, adjusted {adjustment.adjusted.name}"


def _inconclusive(record: Record, pair: Comparison, unit: str) -> str:
    verdict = record.verdict
    bounds = interval(verdict, pair)
    reverse = " (the other way round)" if bounds.is_reversed else ""
    reach = f"from {bounds.low}{reverse} to {bounds.high}{bounds.unit}"
    if not bounds.high:
        reach = f"from {bounds.low}{reverse}{bounds.unit} upwards"
    observed = f"{_scene(record)}, {shortened(record.model)} {compared(verdict, pair)} in these data"
    if _is_beyond(verdict, pair):
        told = (
            f"{observed}, and anything {reach} agrees with them: beyond what is allowed, but seen in too few "
            f"of the {people(pair.people_a, unit)} for a FAIL."
        )
    else:
        told = f"{observed} ({seen(pair, unit)}), but anything {reach} agrees with them."
    return f"{told} Allowed: {allowed(verdict)}.{needed(verdict, unit)}{missing(verdict, unit)} INCONCLUSIVE."


def _is_beyond(verdict: Verdict, pair: Comparison) -> bool:
    """Whether one comparison of an undecided ratio lies beyond both tolerances and yet is no finding."""
    return verdict.scale == "ratio" and standing(replace(verdict, outcome=Outcome.FAIL), pair) is Outcome.FAIL


def _shuffled(pair: Comparison, unit: str) -> str:
    """What the permutation behind the p-value shuffles."""
    if pair.kind == "apart":
        return f"{plural(unit)} are dealt to the groups"
    return f"each {unit}'s own pictures are dealt to the groups"


def _association(record: Record, pair: Comparison, unit: str, alpha: float) -> str:
    verdict = record.verdict
    model = shortened(record.model)
    chance = probability(verdict.p) if verdict.p is not None else "no p-value"
    if verdict.outcome is Outcome.PASS:
        upper = at_most(verdict.upper, verdict.tolerance)
        return (
            f"{_scene(record)}, {model} {phrase(verdict.measure).alike('every group')}: "
            f"any dependence is within {upper} points ({confidence(alpha)} sure). "
            f"Allowed: {allowed(verdict)}. PASS."
        )
    observed = f"{_scene(record)}, {model} {compared(verdict, pair)}, {seen(pair, unit)}."
    if verdict.outcome is Outcome.FAIL:
        margin = (
            f" It is not shown to stay within {allowed(verdict)}." if verdict.tolerance is not None else ""
        )
        rare = "differences between groups as sure as these are rare"
        if verdict.kind is Kind.SCAN:
            rare = "a difference as sure as this, of any confusion between any two groups, is rare"
        return (
            f"{observed} When {_shuffled(pair, unit)} by chance, {rare} ({chance}): the outcome depends on "
            f"the group.{margin} FAIL."
        )
    why = reason(verdict, unit)
    margin = f" Allowed: {allowed(verdict)}." if verdict.tolerance is not None else ""
    return (
        f"{observed} The test does not establish a dependence on the group ({chance}), nor rule one out: "
        f"differences up to {at_most(verdict.upper, verdict.tolerance)} points agree with these data. "
        f"Not significant does not mean fair.{why}{margin}{missing(verdict, unit)} INCONCLUSIVE."
    )

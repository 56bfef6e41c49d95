"""A verdict in plain words, for the person who decides about a release.

Each sentence says who, what, how large, how sure and how many people. "At least" is the bound that decides
FAIL, simultaneous over the comparisons; "at most" is the bound that decides PASS; both are rounded away from
the stronger claim. The text is plain: whoever puts it into HTML or Markdown escapes it.
"""

from __future__ import annotations

from dataclasses import replace
from textwrap import wrap

from fer_audit.report.clauses import (
    allowed,
    allowed_briefly,
    compared,
    interval,
    missing,
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
    largest,
    people_by_level,
    standing,
    told_by_difference,
    worst_first,
)
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

__all__ = ["brief", "sentence", "short", "table"]

_ROWS = 5


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
    if is_association(verdict):
        return _association(record, pair, unit, alpha)
    if verdict.outcome is Outcome.FAIL:
        return _fail(record, pair, unit, alpha)
    if verdict.outcome is Outcome.PASS:
        return _pass(record, pair, unit, alpha)
    if all(standing(verdict, c) is Outcome.PASS for c in verdict.comparisons):
        return _capped(record, unit, alpha)
    return _inconclusive(record, pair, unit)


def short(record: Record, *, with_cell: bool = True) -> str:
    """One verdict in one line: what, where, who over whom, how large, how sure, what is allowed, how many.

    Args:
        record: the verdict and where it was demanded.
        with_cell: name model and dataset; a run of one cell has said them already.
    """
    verdict = record.verdict
    pair = deciding(verdict)
    if pair is None:
        return brief(record, with_cell=with_cell)
    bound = f"{_sure(verdict, pair)}{allowed_briefly(verdict, pair)}"
    told = f"{_who(pair)}, {_size(verdict, pair)} ({bound}); {seen_briefly(pair)}"
    return f"{_where(record, with_cell=with_cell)}: {told}"


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
    bound = f"{_sure(verdict, pair)}{allowed_briefly(verdict, pair)}"
    return f"{where}: {_size(verdict, pair)} ({bound})"


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
        rows += [(_who(c), size(verdict, c), sure(verdict, c), seen_briefly(c)) for c in shown]
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        lines += ["", *("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)]
    rest = len(verdict.comparisons) - len(shown)
    if rest:
        lines.append(f"and {rest} more {'comparison' if rest == 1 else 'comparisons'}, none worse")
    return "\n".join(lines)


def _scene(record: Record) -> str:
    return f"On {shortened(record.verdict.slicing)}{phrase(record.verdict.measure).aside}"


def _where(record: Record, *, with_cell: bool) -> str:
    cell = f", {record.model} on {record.dataset}" if with_cell else ""
    return shortened(f"{subject(record.verdict)}{cell}", 90)


def _size(verdict: Verdict, pair: Comparison) -> str:
    return size(verdict, pair).removesuffix(" apart")


def _sure(verdict: Verdict, pair: Comparison) -> str:
    return sure(verdict, pair).removesuffix(" apart")


def _who(pair: Comparison) -> str:
    return f"{confusion_of(pair)}{shortened(pair.a, 28)} over {shortened(pair.b, 28)}"


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

"""A verdict in plain words, for the person who decides about a release.

Each sentence says who, what, how large, how sure and how many people. "At least" is the bound that decides
FAIL, simultaneous over the comparisons; "at most" is the bound that decides PASS; both are rounded away from
the stronger claim. The text is plain: whoever puts it into HTML or Markdown escapes it.
"""

from __future__ import annotations

from textwrap import wrap

from fer_audit.report.clauses import (
    allowed,
    compared,
    missing,
    needed,
    reason,
    seen,
    seen_briefly,
    size,
    sure,
)
from fer_audit.report.comparisons import (
    deciding,
    difference_allowed,
    is_association,
    largest,
    people_by_level,
    standing,
    worst_first,
)
from fer_audit.report.names import group, shortened
from fer_audit.report.phrases import phrase
from fer_audit.report.quantities import (
    at_least,
    at_most,
    confidence,
    people,
    percent,
    plural,
    probability,
)
from fer_audit.results import CellResult, Comparison, Outcome, Record

__all__ = ["sentence", "short", "table"]

_ROWS = 5


def sentence(record: Record, cell: CellResult | None = None, *, alpha: float = 0.05) -> str:
    """One verdict in one short paragraph that a release manager can act on.

    Args:
        record: the verdict and where it was demanded.
        cell: the cell it is about; it says whether the faces are people or rendered identities.
        alpha: the error rate of the bounds, for "95 % sure".
    """
    verdict = record.verdict
    unit = cell.unit if cell is not None else "person"
    pair = deciding(verdict)
    if pair is None:
        return (
            f"{_scene(record)}, no two groups could be compared for {shortened(record.model)}."
            f"{reason(verdict)}{missing(verdict)} This says nothing about fairness. INCONCLUSIVE."
        )
    if is_association(verdict):
        return _association(record, pair, unit, alpha)
    if verdict.outcome is Outcome.FAIL:
        return _fail(record, pair, unit, alpha)
    if verdict.outcome is Outcome.PASS:
        return _pass(record, pair, unit, alpha)
    if all(standing(verdict, c) is Outcome.PASS for c in verdict.comparisons):
        return _capped(record, alpha)
    return _inconclusive(record, pair, unit)


def short(record: Record, cell: CellResult | None = None, *, with_cell: bool = True) -> str:
    """One verdict in one line: what, where, who over whom, how large, how sure, what is allowed.

    Args:
        record: the verdict and where it was demanded.
        cell: the cell it is about, for its unit.
        with_cell: name model and dataset; a run of one cell has said them already.
    """
    verdict = record.verdict
    where = f"{verdict.measure} by {verdict.slicing}"
    if with_cell:
        where += f", {record.model} on {record.dataset}"
    pair = deciding(verdict)
    if pair is None:
        return f"{shortened(where, 80)}: nothing comparable"
    bound = f"{sure(verdict, pair)}, allowed {allowed(verdict)}"
    unit = cell.unit if cell is not None else "person"
    return f"{shortened(where, 80)}: {_who(pair)}, {size(verdict, pair)} ({bound}); {seen(pair, unit)}"


def table(record: Record, cell: CellResult | None = None, *, alpha: float = 0.05) -> str:
    """One verdict as the plain-text table under a test: who, how large, how sure, how many people.

    The worst comparisons come first; how many more there are is said.
    """
    verdict = record.verdict
    unit = cell.unit if cell is not None else "person"
    head = f"{verdict.criterion} by {verdict.slicing}, {record.model} on {record.dataset}"
    told = wrap(sentence(record, cell, alpha=alpha), 96)
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


def _who(pair: Comparison) -> str:
    return f"{shortened(pair.a, 28)} over {shortened(pair.b, 28)}"


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
    if verdict.scale == "ratio":
        bound = f"no two are further apart than the allowed {allowed(verdict)}"
    else:
        bound = f"no two are more than {at_most(verdict.upper, verdict.tolerance)} points apart"
    everywhere = "both groups" if len(groups) == 2 else f"all {len(groups)} groups"  # noqa: PLR2004 - both
    least, most = min(groups.values()), max(groups.values())
    crowd = people(most, unit) if least == most else f"{least:,} to {people(most, unit)}"
    first, second = percent(top.value_a), percent(top.value_b)
    return (
        f"{_scene(record)}, {shortened(record.model)} {phrase(verdict.measure).does('faces')} "
        f"at a like rate in {everywhere}: {bound} ({confidence(alpha)} sure). "
        f"Largest difference seen: {size(verdict, top)}, {first} for {group(verdict.slicing, top.a)} "
        f"against {second} for {group(verdict.slicing, top.b)}. {crowd} a group. "
        f"Allowed: {allowed(verdict)}. PASS."
    )


def _capped(record: Record, alpha: float) -> str:
    """Everything that could be compared is within the tolerance, and yet the demand is not met."""
    verdict = record.verdict
    count = len(verdict.comparisons)
    made = f"the {count} comparisons made are" if count > 1 else "the one comparison made is"
    why = missing(verdict) or reason(verdict)
    return (
        f"{_scene(record)}, for {shortened(record.model)} {made} within the allowed {allowed(verdict)} "
        f"({confidence(alpha)} sure), but not everything demanded could be judged.{why} INCONCLUSIVE."
    )


def _inconclusive(record: Record, pair: Comparison, unit: str) -> str:
    verdict = record.verdict
    ratio = verdict.scale == "ratio"
    low = at_least(pair.lower, verdict.tolerance, scale=verdict.scale)
    high = at_most(pair.upper, verdict.tolerance, scale=verdict.scale)
    reverse = " (the other way round)" if pair.lower < (1 if ratio else 0) else ""
    return (
        f"{_scene(record)}, {shortened(record.model)} {compared(verdict, pair)} in these data "
        f"({seen(pair, unit)}), but anything from {low}{reverse} to {high} {'times' if ratio else 'points'} "
        f"agrees with them. Allowed: {allowed(verdict)}.{needed(verdict, unit)}{missing(verdict)} "
        "INCONCLUSIVE."
    )


def _association(record: Record, pair: Comparison, unit: str, alpha: float) -> str:
    verdict = record.verdict
    model = shortened(record.model)
    chance = probability(verdict.p) if verdict.p is not None else "no p-value"
    if verdict.outcome is Outcome.PASS:
        upper = at_most(verdict.upper, verdict.tolerance)
        return (
            f"{_scene(record)}, {model} {phrase(verdict.measure).does('faces')} at a like rate "
            f"in every group: any dependence is within {upper} points ({confidence(alpha)} sure). "
            f"Allowed: {allowed(verdict)}. PASS."
        )
    observed = f"{_scene(record)}, {model} {compared(verdict, pair)}, {seen(pair, unit)}."
    if verdict.outcome is Outcome.FAIL:
        margin = (
            f" It is not shown to stay within {allowed(verdict)}." if verdict.tolerance is not None else ""
        )
        return (
            f"{observed} When people are dealt to the groups by chance, a difference this large is rare "
            f"({chance}): the outcome depends on the group.{margin} FAIL."
        )
    # A small p that does not FAIL has a reason of its own.
    why = reason(verdict) if verdict.p is None or verdict.p <= alpha else ""
    margin = f" Allowed: {allowed(verdict)}." if verdict.tolerance is not None else ""
    return (
        f"{observed} No dependence on the group is established ({chance}) and none is ruled out: "
        f"differences up to {at_most(verdict.upper, verdict.tolerance)} points agree with these data. "
        f"Not significant does not mean fair.{why}{margin}{missing(verdict)} INCONCLUSIVE."
    )

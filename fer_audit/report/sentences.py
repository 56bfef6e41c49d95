"""A verdict in plain words, for the person who decides about a release.

Each sentence says who, what, how large, how sure and how many people. "At least" is the bound that decides
FAIL, simultaneous over the comparisons; "at most" is the bound that decides PASS; both are rounded away from
the stronger claim. The text is plain: whoever puts it into HTML or Markdown escapes it.
"""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

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
from fer_audit.report.phrases import Phrase, phrase
from fer_audit.report.quantities import (
    at_least,
    at_most,
    confidence,
    number,
    people,
    percent,
    points,
    probability,
    times,
)
from fer_audit.results import CellResult, Comparison, Outcome, Record, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["allowed", "seen", "sentence", "short", "table"]

_NAMED = 3
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
    if not verdict.comparisons:
        return _nothing_compared(record, unit)
    if is_association(verdict):
        return _association(record, unit, alpha)
    if verdict.outcome is Outcome.FAIL:
        return _fail(record, unit, alpha)
    if verdict.outcome is Outcome.PASS:
        return _pass(record, unit, alpha)
    return _inconclusive(record, unit, alpha)


def short(record: Record, cell: CellResult | None = None) -> str:
    """One verdict in one line: where, who against whom, how large, how sure, what is allowed."""
    verdict = record.verdict
    unit = cell.unit if cell is not None else "person"
    head = f"{verdict.measure} by {verdict.slicing}, {record.model} on {record.dataset}"
    where = shortened(head, 80)
    chosen = largest(verdict) if verdict.outcome is Outcome.INCONCLUSIVE else deciding(verdict)
    if chosen is None:
        return f"{where}: nothing comparable"
    pair = f"{shortened(chosen.a, 24)} over {shortened(chosen.b, 24)}"
    line = f"{where}: {pair} by {_size(verdict, chosen)}"
    if is_association(verdict):
        line += f", {probability(verdict.p)}" if verdict.p is not None else ""
    else:
        line += f" ({_sure(verdict, chosen)}), allowed {allowed(verdict)}"
    return f"{line}; {seen(chosen, unit)}"


def table(record: Record, cell: CellResult | None = None, *, alpha: float = 0.05) -> str:
    """One verdict as the plain-text table under a test: who, how large, how sure, how many people.

    The worst comparisons come first; how many more there are is said.
    """
    verdict = record.verdict
    unit = cell.unit if cell is not None else "person"
    told = wrap(sentence(record, cell, alpha=alpha), 96)
    head = f"{verdict.criterion} by {verdict.slicing}, {record.model} on {record.dataset}"
    lines = [f"{verdict.outcome.upper()}  {shortened(head, 110)}", "", *told]
    shown = worst_first(verdict)[:_ROWS]
    if shown:
        rows = [("who", "how large", "how sure", "how many people", "")]
        rows += [
            (
                f"{shortened(c.a, 28)} over {shortened(c.b, 28)}",
                _size(verdict, c),
                _sure(verdict, c),
                seen(c, unit),
                standing(verdict, c).upper() if standing(verdict, c) is Outcome.FAIL else "",
            )
            for c in shown
        ]
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        lines += ["", *("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)]
    rest = len(verdict.comparisons) - len(shown)
    if rest:
        lines.append(f"and {rest} more comparisons, none of them worse")
    lines += [
        f"not assessable: {shortened(u.name)} ({people(u.people, unit)}: {shortened(u.reason, 90)})"
        for u in verdict.not_assessable[:_ROWS]
    ]
    return "\n".join(lines)


def seen(comparison: Comparison, unit: str = "person") -> str:
    """How many people a comparison rests on, and whether they are the same ones on both sides."""
    if comparison.kind == "shared":
        return f"{people(comparison.people_a, unit)} seen in both"
    both = f"{people(comparison.people_a, unit)} against {comparison.people_b:,}"
    return f"{both}, some in both" if comparison.kind == "partly shared" else both


def allowed(verdict: Verdict) -> str:
    """What the criterion allows, in its own unit."""
    if verdict.tolerance is None:
        return "no margin given"
    if verdict.scale == "ratio":
        difference = difference_allowed(verdict)
        return times(verdict.tolerance) + (f" or {points(difference)}" if difference is not None else "")
    # A tolerance of 2.5 points must not be printed as 2.
    value = 100 * verdict.tolerance
    return f"{number(value, 2)} point" if value == 1 else f"{number(value, 2)} points"


def _fail(record: Record, unit: str, alpha: float) -> str:
    verdict = record.verdict
    worst = deciding(verdict)
    assert worst is not None  # noqa: S101 - the caller has comparisons
    lower = at_least(worst.lower, verdict.tolerance, scale=verdict.scale)
    if verdict.scale == "ratio":
        sure = f"{confidence(alpha)} sure of at least {lower} times"
        if worst.difference is not None:
            floor = at_least(worst.difference[1], difference_allowed(verdict))
            sure += f" and {floor} points apart"
    else:
        sure = f"{confidence(alpha)} sure of at least {lower}"
    return (
        f"{_opening(record)} {_compared(verdict, worst)} ({sure}), {seen(worst, unit)}. "
        f"Allowed: {allowed(verdict)}. FAIL."
    )


def _pass(record: Record, unit: str, alpha: float) -> str:
    verdict = record.verdict
    what = phrase(verdict.measure)
    top = largest(verdict)
    assert top is not None  # noqa: S101 - the caller has comparisons
    groups = people_by_level(verdict)
    if verdict.scale == "ratio":
        bound = f"no two are further apart than the allowed {allowed(verdict)} ({confidence(alpha)} sure)"
    else:
        upper = at_most(verdict.upper, verdict.tolerance)
        bound = f"no two are more than {upper} points apart ({confidence(alpha)} sure)"
    least, most = min(groups.values()), max(groups.values())
    size = people(most, unit) if least == most else f"{least:,} to {people(most, unit)}"
    return (
        f"{_opening(record)} {what.does('faces')} at a like rate in all {len(groups)} groups: {bound}. "
        f"The largest difference seen is {_size(verdict, top)}: "
        f"{percent(top.value_a)} of {_of(verdict, top.a)} against {percent(top.value_b)} of "
        f"{_of(verdict, top.b)}. {size} a group. Allowed: {allowed(verdict)}. PASS."
    )


def _inconclusive(record: Record, unit: str, alpha: float) -> str:
    verdict = record.verdict
    pair = deciding(verdict)
    assert pair is not None  # noqa: S101 - the caller has comparisons
    missing = _missing(verdict, unit)
    if all(standing(verdict, c) is Outcome.PASS for c in verdict.comparisons):
        count = len(verdict.comparisons)
        made = "the one comparison that could be made is" if count == 1 else (
            f"the {count} comparisons that could be made are"
        )
        why = missing or (f" {_capital(verdict.reason)}." if verdict.reason else "")
        return (
            f"{_opening(record, 'for')}: {made} within the allowed {allowed(verdict)} "
            f"({confidence(alpha)} sure), but that is not the whole demand.{why} INCONCLUSIVE."
        )
    unit_word = " times" if verdict.scale == "ratio" else " points"
    low = at_least(pair.lower, None, scale=verdict.scale)
    high = at_most(pair.upper, verdict.tolerance, scale=verdict.scale)
    reverse = pair.lower < (1 if verdict.scale == "ratio" else 0)
    span = f"from {low}{' (the other way round)' if reverse else ''} to {high}{unit_word}"
    return (
        f"{_opening(record)} {_compared(verdict, pair)} in these data ({seen(pair, unit)}), but anything "
        f"{span} agrees with them. Allowed: {allowed(verdict)}.{_needed(verdict, unit)}"
        f"{missing} INCONCLUSIVE."
    )


def _association(record: Record, unit: str, alpha: float) -> str:
    verdict = record.verdict
    top = deciding(verdict)
    assert top is not None  # noqa: S101 - the caller has comparisons
    chance = probability(verdict.p) if verdict.p is not None else "no p-value"
    observed = f"{_compared(verdict, top)}, {seen(top, unit)}"
    if verdict.outcome is Outcome.FAIL:
        margin = f", and not shown to stay within {allowed(verdict)}" if verdict.tolerance is not None else ""
        return (
            f"{_opening(record)} depends on the group: {observed}; a difference this large is rare when "
            f"people are dealt to groups by chance ({chance}){margin}. FAIL."
        ).replace(f"{shortened(record.model)} depends", f"the answer of {shortened(record.model)} depends", 1)
    if verdict.outcome is Outcome.PASS:
        upper = at_most(verdict.upper, verdict.tolerance)
        return (
            f"{_opening(record)} {phrase(verdict.measure).does('faces')} at a like rate in every group: any "
            f"dependence is within {upper} points ({confidence(alpha)} sure). Allowed: {allowed(verdict)}. PASS."
        )
    why = f" {_capital(verdict.reason)}." if verdict.reason else ""
    return (
        f"{_opening(record)} {observed}. No dependence on the group is established ({chance}), and none is "
        f"ruled out: not significant does not mean fair.{why}{_missing(verdict, unit)} INCONCLUSIVE."
    )


def _nothing_compared(record: Record, unit: str) -> str:
    why = f" {_capital(record.verdict.reason)}." if record.verdict.reason else ""
    return (
        f"{_opening(record, 'for')}: no two groups could be compared.{why}"
        f"{_missing(record.verdict, unit)} This says nothing about fairness. INCONCLUSIVE."
    )


def _opening(record: Record, before: str = "") -> str:
    aside = phrase(record.verdict.measure).aside
    model = " ".join(filter(None, (before, shortened(record.model))))
    return f"On {shortened(record.verdict.slicing)}{aside}, {model}" if not before else (
        f"On {shortened(record.verdict.slicing)}{aside} {model}"
    )


def _compared(verdict: Verdict, pair: Comparison) -> str:
    """The pair in words: what is done more often with whose faces, at which two rates, how far apart."""
    what: Phrase = phrase(verdict.measure)
    first, second = group(verdict.slicing, pair.a), group(verdict.slicing, pair.b)
    if what.event.kind == "other":
        rates = f"{number(pair.value_a, 3)} against {number(pair.value_b, 3)}"
        return f"{what.does(first)} than on {second}: {rates}, {_size(verdict, pair)}"
    rates = f"{percent(pair.value_a)} against {percent(pair.value_b)}"
    return f"{what.does(first)} more often than {_second(what, second)}: {rates}, {_size(verdict, pair)}"


def _second(what: Phrase, faces: str) -> str:
    if what.event.kind == "unanswered":
        return f"for {faces}"
    return f"in {faces}" if what.template.endswith("in {faces}") else faces


def _of(verdict: Verdict, level: str) -> str:
    return group(verdict.slicing, level)


def _size(verdict: Verdict, comparison: Comparison) -> str:
    """How far apart two groups are, in the criterion's own unit."""
    if verdict.scale == "ratio":
        if comparison.value_b == 0 and comparison.value_a > 0:
            return "some against none"
        return f"{times(comparison.estimate)} the rate"
    if phrase(verdict.measure).event.kind == "other":
        return f"{number(comparison.estimate, 3)} apart"
    return f"{points(comparison.estimate)} apart"


def _sure(verdict: Verdict, comparison: Comparison) -> str:
    """The bound that matters: at least so much for a FAIL, at most so much for a PASS, else both."""
    where = standing(verdict, comparison)
    low = at_least(comparison.lower, verdict.tolerance, scale=verdict.scale)
    high = at_most(comparison.upper, verdict.tolerance, scale=verdict.scale)
    if where is Outcome.FAIL:
        return f"at least {low}"
    return f"at most {high}" if where is Outcome.PASS else f"{low} to {high}"


def _needed(verdict: Verdict, unit: str) -> str:
    told = ""
    if verdict.people_needed:
        wanted = _listing(
            f"{people(count, unit)} in {shortened(level)}" for level, count in verdict.people_needed.items()
        )
        told = f" About {wanted} would decide it."
    if verdict.detectable is not None and verdict.scale == "difference":
        told += f" These data would have shown a difference of {points(verdict.detectable)}."
    elif verdict.detectable is not None:
        told += f" These data would have shown a ratio of {times(verdict.detectable)}."
    return told


def _missing(verdict: Verdict, unit: str) -> str:
    if not verdict.not_assessable:
        return ""
    named = _listing(
        f"{shortened(u.name)} ({people(u.people, unit)}: {shortened(u.reason, 90)})"
        for u in verdict.not_assessable
    )
    return f" Not assessable: {named}."


def _listing(words: Iterable[str]) -> str:
    items = list(words)
    if len(items) > _NAMED:
        return f"{', '.join(items[:_NAMED])} and {len(items) - _NAMED} more"
    return " and ".join(filter(None, (", ".join(items[:-1]), items[-1])))


def _capital(text: str) -> str:
    clean = shortened(text, 200).rstrip(".")
    return clean[:1].upper() + clean[1:]
